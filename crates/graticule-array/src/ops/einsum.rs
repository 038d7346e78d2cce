//! Einstein's notation for sums of products.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::ops::contract::Named;

/// Names of the axes that an ellipsis stands for are above those of letters, counted from the last axis.
const ELLIPSIS: usize = 1 << 32;

/// Sums of products in Einstein's notation, as `numpy.einsum`: each array's axes are named by letters, products are
/// summed over the letters that the result does not have.
///
/// Without `->` the result has the letters that appear once, in alphabetical order. `...` stands for the axes that are
/// not named, which are broadcast. A letter twice in one array takes its diagonal. Several arrays are contracted two
/// at a time, those first whose product is smallest, and an axis that one array alone has and that is summed over is
/// so before the product: beyond rounding that matters only where infinities meet. See [`Array::tensordot`] for dtypes and accuracy.
///
/// ```
/// use graticule_array::{Array, einsum};
/// let x = Array::ones((4, 5), (2, 5))?;
/// let y = Array::ones((5, 6), (5, 3))?;
/// assert_eq!(einsum("ij,jk->ki", &[&x, &y])?.shape(), [6, 4]);
/// assert_eq!(einsum("ij,ij,i->", &[&x, &x, &x.sum(1)?])?.compute()?.item::<f64>()?, 100.0);
/// # Ok::<(), graticule_array::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] when the text does not fit the arrays, [`Error::Shape`] when axes of one letter differ in length,
/// [`Error::Dtype`] for text and times.
pub fn einsum(subscripts: &str, arrays: &[&Array]) -> Result<Array> {
    let text: String = subscripts.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = match text.split_once("->") {
        Some((inputs, output)) => (inputs.to_owned(), Some(output.to_owned())),
        None => (text, None),
    };
    let inputs: Vec<&str> = inputs.split(',').collect();
    if inputs.len() != arrays.len() || arrays.is_empty() {
        let hint = format!("name the axes of each of the {} arrays, separated by commas", arrays.len());
        return Err(wrong(subscripts, &hint));
    }
    let mut operands = Vec::new();
    let mut all: Vec<usize> = Vec::new();
    for (number, (names, array)) in inputs.iter().zip(arrays).enumerate() {
        let names = axis_names(subscripts, names, Some(array.ndim()))?;
        if names.len() != array.ndim() {
            let hint = format!("array {number} has {} axes, but {} are named", array.ndim(), names.len());
            return Err(wrong(subscripts, &hint));
        }
        all.extend(&names);
        operands.push(without_repeats(array, names)?);
    }
    let broadcast =
        all.iter().filter(|name| **name >= ELLIPSIS).map(|name| name - ELLIPSIS + 1).max().unwrap_or(0);
    let kept = match output {
        Some(output) => axis_names(subscripts, &output, None)?
            .into_iter()
            .flat_map(|name| if name == ELLIPSIS { unnamed(broadcast) } else { vec![name] })
            .collect(),
        None => {
            let mut once: Vec<usize> = all.iter().copied().filter(|name| *name < ELLIPSIS).collect();
            once.retain(|name| all.iter().filter(|other| *other == name).count() == 1);
            once.sort_unstable();
            [unnamed(broadcast), once].concat()
        }
    };
    let twice = kept.iter().enumerate().any(|(i, name)| kept[..i].contains(name));
    if twice || kept.iter().any(|name| !all.contains(name)) {
        return Err(wrong(subscripts, "the result can only have letters of the arrays, each once"));
    }
    if (0..broadcast).any(|axis| !kept.contains(&(ELLIPSIS + axis))) {
        return Err(wrong(
            subscripts,
            "the result must have the axes that `...` stands for: write `...` there too",
        ));
    }
    Named::contract(operands, &kept)
}

fn wrong(subscripts: &str, hint: &str) -> Error {
    Error::argument("subscripts", format!("{subscripts:?}"), hint)
}

/// The names of the axes that an ellipsis stands for: the last axis has the lowest, so that axes are aligned there.
fn unnamed(count: usize) -> Vec<usize> {
    (0..count).rev().map(|axis| ELLIPSIS + axis).collect()
}

/// The axes that a text names. Of an array with `ndim` axes an ellipsis stands for those that are not named, of the
/// result it stays a mark.
fn axis_names(subscripts: &str, text: &str, ndim: Option<usize>) -> Result<Vec<usize>> {
    let (before, after) = match text.split_once("...") {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    };
    let letters = before.chars().chain(after.unwrap_or_default().chars());
    if let Some(other) = letters.clone().find(|c| !c.is_ascii_alphabetic()) {
        return Err(wrong(
            subscripts,
            &format!("{other:?} is not a letter; axes are named a to z and A to Z"),
        ));
    }
    let named = letters.count();
    let names = |part: &str| part.chars().map(|c| c as usize).collect::<Vec<_>>();
    let middle = match (after, ndim) {
        (None, _) => Vec::new(),
        (Some(_), None) => vec![ELLIPSIS],
        (Some(_), Some(ndim)) => unnamed(ndim.saturating_sub(named)),
    };
    Ok([names(before), middle, names(after.unwrap_or_default())].concat())
}

/// The array with the diagonal in place of axes that have one name.
fn without_repeats(array: &Array, names: Vec<usize>) -> Result<Named> {
    let (mut array, mut names) = (array.clone(), names);
    while let Some((first, second)) =
        (1..names.len()).find_map(|j| Some((names[..j].iter().position(|name| *name == names[j])?, j)))
    {
        if array.shape()[first] != array.shape()[second] {
            return Err(Error::Shape {
                operation: "the diagonal of two axes with one letter".into(),
                left: array.shape().to_vec(),
                right: vec![array.shape()[first], array.shape()[second]],
                hint: "they must have equal lengths".into(),
            });
        }
        array = array.diagonal(0, first as isize, second as isize)?;
        let name = names.remove(second);
        names.remove(first);
        names.push(name);
    }
    Ok(Named::new(&array, names))
}
