//! Values as short text.

use graticule_array::{Buffer, Chunk};

use crate::calendar::Calendar;
use crate::index::label_text;

/// Bytes in decimal units without decimals, as in xarray: `30MB`.
pub(super) fn size(bytes: usize) -> String {
    let mut value = bytes as f64;
    let mut units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
    let mut unit = units.next().unwrap_or("B");
    while value >= 1000.0 {
        let Some(next) = units.next() else { break };
        value /= 1000.0;
        unit = next;
    }
    format!("{value:.0}{unit}")
}

/// The first and the last values of a block, as many as fit a width.
pub(super) fn flat(chunk: &Chunk, width: usize, calendar: Calendar) -> String {
    let len = chunk.len();
    let most = len.max(1).min(width.div_ceil(2).max(1));
    let front: Vec<String> = (0..len.min(most.div_ceil(2))).map(|i| item(chunk, i, calendar)).collect();
    let back: Vec<String> = (len.saturating_sub(most / 2)..len).map(|i| item(chunk, i, calendar)).collect();
    let mut count = len;
    let mut between = if count <= 1 { "" } else { " " };
    // Items are counted from both ends in turn, so that the middle is what is left out.
    let back_first = back.iter().rev().map(Some).chain(std::iter::repeat(None));
    let in_turn = front.iter().zip(back_first).flat_map(|(a, b)| std::iter::once(a).chain(b));
    let ends: Vec<usize> = in_turn
        .scan(0, |total, text| {
            *total += text.chars().count() + 1;
            Some(*total - 1)
        })
        .collect();
    if len > 2 && (most < len || ends.iter().any(|&end| end > width)) {
        between = " ... ";
        let fit = ends.iter().position(|&end| end + between.len() - 1 > width).unwrap_or(0);
        count = len.min(fit.max(2));
    }
    let shown_front = count.div_ceil(2);
    let shown_back = count - shown_front;
    let front: Vec<&str> = front.iter().take(shown_front).map(String::as_str).collect();
    let back: Vec<&str> =
        back.iter().skip(back.len().saturating_sub(shown_back)).map(String::as_str).collect();
    let text = if back.is_empty() {
        front.join(" ")
    } else {
        format!("{}{between}{}", front.join(" "), back.join(" "))
    };
    super::truncated(&text, width)
}

/// One value: floats with four digits, dates as ISO text, texts in quotes.
fn item(chunk: &Chunk, position: usize, calendar: Calendar) -> String {
    match chunk.buffer() {
        Buffer::F32(values) => values.get(position).map(|&x| compact(f64::from(x))).unwrap_or_default(),
        Buffer::F64(values) => values.get(position).map(|&x| compact(x)).unwrap_or_default(),
        Buffer::Str(values) => values.get(position).map(|text| format!("'{text}'")).unwrap_or_default(),
        _ => label_text(chunk, position, calendar),
    }
}

/// A float with four significant digits, as Python's `format(x, ".4")` writes it.
pub(super) fn compact(value: f64) -> String {
    const DIGITS: i32 = 4;
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let scientific = format!("{value:.*e}", DIGITS as usize - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    if !(-4..DIGITS - 1).contains(&exponent) && value != 0.0 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    let decimals = (DIGITS - 1 - exponent).max(0) as usize;
    let text = trimmed(&format!("{value:.decimals$}"));
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Calendar = Calendar::ProlepticGregorian;

    #[test]
    fn floats_read_as_in_python() {
        for (value, text) in [
            (0.0, "0.0"),
            (10.0, "10.0"),
            (-88.75, "-88.75"),
            (1e6, "1e+06"),
            (999.9, "999.9"),
            (1000.0, "1e+03"),
            (1234.0, "1.234e+03"),
            (12345.6, "1.235e+04"),
            (123.456, "123.5"),
            (0.1, "0.1"),
            (0.00012345, "0.0001234"),
            (1.2345e-5, "1.234e-05"),
            (100.0, "100.0"),
            (99995.0, "1e+05"),
            (999.96, "1e+03"),
            (5e-324, "4.941e-324"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(compact(value), text);
        }
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(size(0), "0B");
        assert_eq!(size(2_920), "3kB");
        assert_eq!(size(123_456_789), "123MB");
    }

    #[test]
    fn a_long_block_shows_both_ends() {
        let values: Vec<f64> = (0..72).map(|i| -88.75 + 2.5 * f64::from(i)).collect();
        let chunk = Chunk::new(vec![72], values).unwrap();
        // As xarray prints it after `  * lat      (lat) float64 576B `.
        assert_eq!(flat(&chunk, 48, PLAIN), "-88.75 -86.25 -83.75 ... 83.75 86.25 88.75");
        assert_eq!(flat(&Chunk::new(vec![0], Vec::<f64>::new()).unwrap(), 40, PLAIN), "");
        assert_eq!(flat(&Chunk::new(vec![2], vec![1i64, 2]).unwrap(), 40, PLAIN), "1 2");
        assert_eq!(flat(&Chunk::new(vec![3], vec![1i64, 2, 3]).unwrap(), 40, PLAIN), "1 2 3");
    }
}
