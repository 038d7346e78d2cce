//! A block as nested lists, cut in the middle where it is large.

use graticule_array::{Buffer, Chunk, DType};

use super::WIDTH;
use crate::calendar::Calendar;
use crate::index::label_text;

/// Blocks with more elements than this show only their borders.
const WHOLE: usize = 200;

/// Of longer texts the middle lines are left out, as in xarray.
const LINES: usize = 200;

/// Blocks of so many axes that more than these would be shown are not shown as nested lists.
const MOST: usize = 4096;

/// `array([[0.0, 1.0], [2.0, 3.0]])`, one row a line.
pub(super) fn array(chunk: &Chunk, calendar: Calendar) -> String {
    let edge = match chunk.shape().len() {
        _ if chunk.len() <= WHOLE => usize::MAX,
        0..=2 => 3,
        3 => 2,
        _ => 1,
    };
    let shown_of = |&len: &usize| len.min(edge.saturating_mul(2));
    if chunk.shape().iter().map(shown_of).fold(1usize, usize::saturating_mul) > MOST {
        return format!("{} axes: {}", chunk.shape().len(), super::values::flat(chunk, WIDTH, calendar));
    }
    let strides = strides(chunk.shape());
    let mut shown = Vec::new();
    let item = |position| item(chunk, position, calendar);
    collect(chunk.shape(), &strides, &item, edge, (0, 0), &mut shown);
    // As in numpy, texts are not aligned.
    let is_text = chunk.dtype() == DType::Str;
    let width = shown.iter().map(|text| if is_text { 0 } else { text.chars().count() }).max().unwrap_or(0);
    let mut items = shown.into_iter();
    let body = nested(chunk.shape(), edge, 0, width, &mut items);
    limited(match chunk.dtype() {
        DType::F64 | DType::I64 | DType::Bool => format!("array({body})"),
        dtype => format!("array({body}, dtype={dtype})"),
    })
}

/// The first and the last lines of a long text.
fn limited(text: String) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.len().checked_sub(LINES) {
        None | Some(0) => text,
        Some(_) => {
            let first = lines.iter().take(LINES / 2);
            let last = lines.iter().skip(lines.len() - LINES / 2);
            first.chain(&["..."]).chain(last).copied().collect::<Vec<_>>().join("\n")
        }
    }
}

fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The positions of an axis that are shown: all, or both ends. `None` stands for those left out.
fn shown_positions(len: usize, edge: usize) -> Vec<Option<usize>> {
    if edge.checked_mul(2).is_none_or(|both| len <= both) {
        return (0..len).map(Some).collect();
    }
    let front = (0..edge).map(Some);
    front.chain([None]).chain((len - edge..len).map(Some)).collect()
}

/// The texts of the elements shown, in order.
fn collect(
    shape: &[usize],
    strides: &[usize],
    item: &impl Fn(usize) -> String,
    edge: usize,
    (axis, offset): (usize, usize),
    texts: &mut Vec<String>,
) {
    let (Some(&len), Some(&stride)) = (shape.get(axis), strides.get(axis)) else {
        texts.push(item(offset));
        return;
    };
    for position in shown_positions(len, edge).into_iter().flatten() {
        collect(shape, strides, item, edge, (axis + 1, offset + position * stride), texts);
    }
}

fn nested(
    shape: &[usize],
    edge: usize,
    axis: usize,
    width: usize,
    items: &mut impl Iterator<Item = String>,
) -> String {
    // The opening `array(` and one bracket for each axis around.
    let indent = " ".repeat("array(".len() + axis + 1);
    let Some(&len) = shape.get(axis) else { return items.next().unwrap_or_default() };
    let parts = shown_positions(len, edge).into_iter().map(|position| match position {
        Some(_) => nested(shape, edge, axis + 1, width, items),
        None => "...".into(),
    });
    if axis + 1 < shape.len() {
        let blank = "\n".repeat(shape.len() - axis - 1);
        return format!("[{}]", parts.collect::<Vec<_>>().join(&format!(",{blank}{indent}")));
    }
    let mut text = String::from("[");
    let mut column = indent.len();
    let count = parts.len();
    for (i, part) in parts.enumerate() {
        let part = if part == "..." { part } else { format!("{part:>width$}") };
        if i > 0 && column + part.chars().count() + 2 > WIDTH {
            text = text.trim_end().into();
            text.push_str(&format!("\n{indent}"));
            column = indent.len();
        }
        column += part.chars().count() + 2;
        text.push_str(&part);
        if i + 1 < count {
            text.push_str(", ");
        }
    }
    text + "]"
}

/// One element: floats with up to eight significant digits.
fn item(chunk: &Chunk, position: usize, calendar: Calendar) -> String {
    match chunk.buffer() {
        Buffer::F64(values) => values.get(position).map(|&x| float(x)).unwrap_or_default(),
        Buffer::F32(values) => values.get(position).map(|&x| float_32(x)).unwrap_or_default(),
        Buffer::Str(values) => values.get(position).map(|text| format!("'{text}'")).unwrap_or_default(),
        _ if chunk.dtype().is_time() => format!("'{}'", label_text(chunk, position, calendar)),
        _ => label_text(chunk, position, calendar),
    }
}

fn float(value: f64) -> String {
    let rounded: f64 = format!("{value:.7e}").parse().unwrap_or(value);
    format!("{rounded:?}").to_lowercase()
}

fn float_32(value: f32) -> String {
    format!("{value:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Calendar = Calendar::ProlepticGregorian;

    #[test]
    fn rows_are_aligned() {
        let chunk = Chunk::new(vec![2, 3], vec![0.0, 1.5, -2.0, 3.0, f64::NAN, 10.25]).unwrap();
        assert_eq!(array(&chunk, PLAIN), "array([[  0.0,   1.5,  -2.0],\n       [  3.0,   nan, 10.25]])");
        assert_eq!(array(&Chunk::new(vec![], vec![5.5]).unwrap(), PLAIN), "array(5.5)");
        let texts = vec!["a".into(), "long".into()] as Vec<std::sync::Arc<str>>;
        assert_eq!(array(&Chunk::new(vec![2], texts).unwrap(), PLAIN), "array(['a', 'long'], dtype=str)");
        assert_eq!(
            array(&Chunk::new(vec![0], Vec::<f32>::new()).unwrap(), PLAIN),
            "array([], dtype=float32)"
        );
    }

    #[test]
    fn a_large_block_shows_its_borders() {
        let chunk = Chunk::new(vec![300], (0..300i64).collect::<Vec<_>>()).unwrap();
        assert_eq!(array(&chunk, PLAIN), "array([  0,   1,   2, ..., 297, 298, 299])");
        let chunk = Chunk::new(vec![20, 20], vec![1i64; 400]).unwrap();
        let text = array(&chunk, PLAIN);
        assert_eq!(text.lines().count(), 7, "{text}");
        assert!(text.contains("[1, 1, 1, ..., 1, 1, 1],\n       ...,\n"), "{text}");
    }

    #[test]
    fn a_block_of_many_axes_is_not_too_long_to_read() {
        let text = array(&Chunk::new(vec![3; 8], vec![1i64; 6561]).unwrap(), PLAIN);
        assert_eq!(text.lines().count(), 201, "{text}");
        let text = array(&Chunk::new(vec![2; 16], vec![1i64; 1 << 16]).unwrap(), PLAIN);
        assert!(text.starts_with("16 axes: 1 1 1") && text.lines().count() == 1, "{text}");
    }
}
