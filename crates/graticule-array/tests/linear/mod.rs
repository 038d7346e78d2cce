//! Sums of products, decompositions, covariances and Fourier transforms, against numpy's answers and definitions.

mod decompositions;
mod fourier;
mod products;

use std::sync::Arc;

use graticule_array::{Array, Chunk, FourierNorm, Result, Runtime, s};
use ndarray::{Array2, ArrayD, IxDyn};

/// The numbers `((37 i + 11) mod 101) / 8 - 6`, as the script that asked numpy made them.
pub(crate) fn numbers(shape: &[usize]) -> ArrayD<f64> {
    with_step(shape, 37)
}

pub(crate) fn with_step(shape: &[usize], step: usize) -> ArrayD<f64> {
    let len = shape.iter().product::<usize>();
    let values = (0..len).map(|i| ((i * step + 11) % 101) as f64 / 8.0 - 6.0);
    ArrayD::from_shape_vec(IxDyn(shape), values.collect()).unwrap()
}

pub(crate) fn chunked(values: &ArrayD<f64>, chunks: &[usize]) -> Array {
    Array::from_array(values.clone(), chunks).unwrap()
}

pub(crate) fn close(array: &Array, expected: &[f64], tolerance: f64) {
    let values = array.compute().unwrap().to_f64();
    assert_eq!(values.len(), expected.len(), "{:?}", array.shape());
    for (i, (x, y)) in values.iter().zip(expected).enumerate() {
        let same = (x - y).abs() <= tolerance || (x.is_nan() && y.is_nan()) || x == y;
        assert!(same, "element {i} is {x}, not {y}");
    }
}

pub(crate) fn matrix(array: &Array) -> Array2<f64> {
    array.to_ndarray::<f64>().unwrap().into_dimensionality().unwrap()
}

pub(crate) fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |m, x| if x.is_nan() { x } else { m.max(x.abs()) })
}

pub(crate) fn off_identity(q: &Array2<f64>) -> f64 {
    largest(q.t().dot(q) - Array2::<f64>::eye(q.ncols()))
}

#[test]
fn results_are_the_same_bits_for_any_number_of_threads() {
    let x = Array::random_normal(0.0, 1.0, 1, (130, 700), (50, 60)).unwrap();
    let y = Array::random_normal(0.0, 1.0, 2, (700, 90), (100, 40)).unwrap();
    let z = x.matmul(&y).unwrap();
    let cov = x.cov(true, 1).unwrap();
    let (u, s, vt) = y.svd().unwrap();
    let spectrum = x.rfft(0, None, FourierNorm::Backward).unwrap();
    let all = [&z, &cov, &u, &s, &vt, &spectrum];
    let one = Runtime::builder().threads(1).build().compute_all(&all).unwrap();
    for threads in 2..5 {
        let many = Runtime::builder().threads(threads).build().compute_all(&all).unwrap();
        assert!(one.iter().zip(&many).all(|(a, b)| a == b), "{threads} threads");
    }
    let expected = matrix(&x).dot(&matrix(&y));
    close(&z, expected.as_slice().unwrap(), 1e-11);
}

#[test]
fn plans_make_what_several_factors_need_once() {
    let memory = Arc::new(Chunk::from(numbers(&[400, 300])));
    let grid = graticule_array::ChunkGrid::regular(&[400, 300], &[100, 100]);
    let x = Array::from_memory(memory, grid).unwrap();
    let runtime = Runtime::builder().threads(2).build();
    let text = runtime.plan(&[&x.matmul(&x.transpose().unwrap()).unwrap()]).unwrap().explain();
    assert!(text.starts_with("1 stage") && !text.contains("keep"), "{text}");
    // The triangles are needed for both factors and made once; the data in memory are looked at twice.
    let (q, r) = x.qr().unwrap();
    let text = runtime.plan(&[&q, &r]).unwrap().explain();
    assert_eq!(text.matches("qr: R of chunks\n  into   kept").count(), 2, "{text}");
    assert!(text.starts_with("4 stages") && !text.contains("disk"), "{text}");
    // Numbers that are drawn are drawn again for U, and the small decomposition is made once for all three.
    let (u, s, vt) = Array::random_normal(0.0, 1.0, 1, (4000, 20), (500, 20)).unwrap().svd().unwrap();
    let text = runtime.plan(&[&u, &s, &vt]).unwrap().explain();
    assert_eq!(text.matches("-> svd\n").count(), 1, "{text}");
}

#[test]
fn functions_along_an_axis_get_each_row() -> Result<()> {
    let x = chunked(&numbers(&[5, 6, 3]), &[2, 2, 2]);
    for axis in 0..3 {
        let reversed = x.apply_along_axis("reverse", axis, x.shape()[axis as usize], |row: &[f64]| {
            Ok(row.iter().rev().copied().collect::<Vec<f64>>())
        })?;
        let mut selection = [s![..;-1, .., ..], s![.., ..;-1, ..], s![.., .., ..;-1]];
        let expected = x.slice(std::mem::replace(&mut selection[axis as usize], s![.., .., ..]))?;
        assert_eq!(reversed.compute()?, expected.compute()?);
    }
    let counts = x.apply_along_axis("count", 1, 1, |row: &[f64]| Ok(vec![row.len() as i64]))?;
    assert_eq!((counts.shape(), counts.sum(())?.compute()?.item::<i64>()?), (&[5, 1, 3][..], 90));
    assert!(x.apply_along_axis("ints", 0, 1, |row: &[i64]| Ok(row.to_vec())).is_err());
    let wrong = x.apply_along_axis("wrong", 0, 1, |row: &[f64]| Ok(row.to_vec()))?;
    assert!(wrong.compute().unwrap_err().to_string().contains("announced to give 1"));
    Ok(())
}
