//! Sorting, ranks, the largest and smallest, distinct values: against the same done naively on arrays in memory.

use std::cmp::Ordering;
use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, DType, Runtime, Side, TimeUnit, s};
use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;

const NAT: i64 = i64::MIN;

/// numpy's order: NaN last.
fn order(a: &f64, b: &f64) -> Ordering {
    a.is_nan().cmp(&b.is_nan()).then(a.partial_cmp(b).unwrap_or(Ordering::Equal))
}

/// Each line along an axis made into another.
fn each_line<T: Clone + Default>(
    x: &ArrayD<f64>,
    axis: usize,
    len: usize,
    f: impl Fn(&[f64]) -> Vec<T>,
) -> ArrayD<T> {
    let mut shape = x.shape().to_vec();
    shape[axis] = len;
    let mut out = ArrayD::default(IxDyn(&shape));
    for (from, mut to) in x.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
        for (to, value) in to.iter_mut().zip(f(&from.to_vec())) {
            *to = value;
        }
    }
    out
}

fn positions(line: &[f64], largest: bool) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..line.len()).collect();
    positions.sort_by(|&a, &b| match largest {
        true => order(&line[b], &line[a]),
        false => order(&line[a], &line[b]),
    });
    positions
}

fn ranks(line: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let below = line.iter().filter(|y| *y < x).count();
        let equal = line.iter().filter(|y| *y == x).count();
        below as f64 + (equal + 1) as f64 / 2.0
    };
    line.iter().map(|x| if x.is_nan() { f64::NAN } else { rank(x) }).collect()
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

/// Values with many ties, both zeros, infinities, and NaN.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3..4i32).prop_map(f64::from),
        1 => prop::sample::select(vec![f64::NAN, -0.0, f64::INFINITY, f64::NEG_INFINITY]),
        2 => -1e3..1e3f64,
    ]
}

fn array() -> impl Strategy<Value = (ArrayD<f64>, Vec<usize>)> {
    (prop::collection::vec(0..7usize, 1..4), prop::collection::vec(1..5usize, 3)).prop_flat_map(
        |(shape, chunk)| {
            let size = shape.iter().product::<usize>();
            let chunk = chunk[..shape.len()].to_vec();
            (prop::collection::vec(value(), size), Just(shape), Just(chunk)).prop_map(
                |(values, shape, chunk)| (ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap(), chunk),
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lines_are_ordered_as_they_are_in_memory(
        (x, chunk) in array(), axis in 0..3usize, k in -4..5isize, threads in 1..4usize,
    ) {
        let axis = axis % x.ndim();
        let n = x.len_of(Axis(axis));
        let lazy = Array::from_array(x.clone(), chunk).unwrap();
        let runtime = Runtime::builder().threads(threads).build();
        let count = k.unsigned_abs().min(n);
        let sorted = |line: &[f64]| { let mut line = line.to_vec(); line.sort_by(order); line };
        let floats = [
            (lazy.sort(axis as isize), each_line(&x, axis, n, sorted)),
            (lazy.rank(axis as isize), each_line(&x, axis, n, ranks)),
            (lazy.topk(k, axis as isize), each_line(&x, axis, count, |line| {
                positions(line, k > 0).into_iter().take(count).map(|i| line[i]).collect()
            })),
        ];
        for (lazy, expected) in floats {
            let computed = runtime.compute(&lazy.unwrap()).unwrap();
            prop_assert_eq!(computed.shape(), expected.shape());
            let expected: Vec<f64> = expected.iter().copied().collect();
            let computed = computed.to_f64();
            prop_assert!(same(&computed, &expected), "{:?} {:?}", computed, expected);
        }
        let integers = [
            (lazy.argsort(axis as isize), each_line(&x, axis, n, |line| positions(line, false))),
            (lazy.argtopk(k, axis as isize), each_line(&x, axis, count, |line| {
                positions(line, k > 0).into_iter().take(count).collect()
            })),
        ];
        for (lazy, expected) in integers {
            let computed = runtime.compute(&lazy.unwrap()).unwrap();
            prop_assert_eq!(computed.shape(), expected.shape());
            let expected: Vec<i64> = expected.iter().map(|&i| i as i64).collect();
            prop_assert_eq!(computed.as_slice::<i64>().unwrap(), expected);
        }
    }

    #[test]
    fn distinct_values_are_those_of_a_sorted_copy((x, chunk) in array(), threads in 1..4usize) {
        let lazy = Array::from_array(x.clone(), chunk).unwrap();
        let unique = Runtime::builder().threads(threads).build().unique(&lazy).unwrap();
        let mut sorted: Vec<f64> = x.iter().copied().collect();
        sorted.sort_by(order);
        let groups: Vec<&[f64]> = sorted.chunk_by(|a, b| order(a, b).is_eq()).collect();
        let values: Vec<f64> = groups.iter().map(|group| group[0]).collect();
        prop_assert!(same(&unique.values.to_f64(), &values));
        let counts: Vec<i64> = groups.iter().map(|group| group.len() as i64).collect();
        prop_assert_eq!(unique.counts.as_slice::<i64>().unwrap(), counts);
        let inverse = unique.inverse.compute().unwrap();
        prop_assert_eq!(inverse.shape(), x.shape());
        let again: Vec<f64> =
            inverse.as_slice::<i64>().unwrap().iter().map(|&at| values[at as usize]).collect();
        let all: Vec<f64> = x.iter().copied().collect();
        prop_assert!(same(&again, &all));
    }

    #[test]
    fn values_belong_where_a_linear_search_puts_them(
        (x, chunk) in array(), mut edges in prop::collection::vec(value(), 0..9),
    ) {
        edges.sort_by(order);
        let sorted = Array::from_chunk(Chunk::new(vec![edges.len()], edges.clone()).unwrap()).unwrap();
        let lazy = Array::from_array(x.clone(), chunk).unwrap();
        for (side, before) in [(Side::Left, Ordering::Greater), (Side::Right, Ordering::Equal)] {
            let computed = sorted.searchsorted(&lazy, side).unwrap().compute().unwrap();
            let expected: Vec<i64> = x.iter()
                .map(|x| edges.iter().filter(|edge| order(x, edge) >= before).count() as i64)
                .collect();
            prop_assert_eq!(computed.as_slice::<i64>().unwrap(), expected);
        }
    }
}

#[test]
fn every_dtype_can_be_ordered() {
    let sorted = |dtype, buffer: Buffer| {
        let chunk = Chunk::from_buffer(vec![buffer.len()], dtype, buffer).unwrap();
        let x = Array::from_chunk(chunk).unwrap().rechunk(2).unwrap();
        let (best, at) = (x.topk(2, 0).unwrap(), x.argtopk(-1, 0).unwrap());
        let unique = x.unique().unwrap();
        assert_eq!(unique.values.dtype(), dtype);
        assert_eq!(best.dtype(), dtype);
        (
            x.sort(0).unwrap().compute().unwrap().buffer().clone(),
            best.compute().unwrap().buffer().clone(),
            at.compute().unwrap().item::<i64>().unwrap(),
            unique.values.buffer().clone(),
        )
    };
    macro_rules! numbers {
        ($($variant:ident $t:ty),+) => {$(
            assert_eq!(
                sorted(DType::$variant, Buffer::$variant(vec![9, <$t>::MIN, <$t>::MAX, 9])),
                (
                    Buffer::$variant(vec![<$t>::MIN, 9, 9, <$t>::MAX]),
                    Buffer::$variant(vec![<$t>::MAX, 9]),
                    1,
                    Buffer::$variant(vec![<$t>::MIN, 9, <$t>::MAX]),
                )
            );
        )+};
    }
    numbers!(I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64);
    assert_eq!(
        sorted(DType::Bool, Buffer::Bool(vec![true, false, true])),
        (
            Buffer::Bool(vec![false, true, true]),
            Buffer::Bool(vec![true; 2]),
            1,
            Buffer::Bool(vec![false, true])
        )
    );
    // NaT is last, and the largest, whatever its count is.
    assert_eq!(
        sorted(DType::Datetime(TimeUnit::Second), Buffer::I64(vec![5, NAT, -7, NAT, i64::MAX])),
        (
            Buffer::I64(vec![-7, 5, i64::MAX, NAT, NAT]),
            Buffer::I64(vec![NAT, NAT]),
            2,
            Buffer::I64(vec![-7, 5, i64::MAX, NAT])
        )
    );
    let text = |words: &[&str]| Buffer::Str(words.iter().map(|&word| Arc::from(word)).collect());
    assert_eq!(
        sorted(DType::Str, text(&["pear", "apple", "pear", "Zoe"])),
        (
            text(&["Zoe", "apple", "pear", "pear"]),
            text(&["pear", "pear"]),
            3,
            text(&["Zoe", "apple", "pear"])
        )
    );
}

#[test]
fn a_selection_is_made_before_sorting() {
    let x = Array::random_uniform(0.0, 1.0, 5, (100, 1000), (10, 100)).unwrap();
    let some = x.sort(0).unwrap().slice(s![10..12, 3..5]).unwrap();
    let plan = Runtime::builder().build().plan(&[&some]).unwrap().explain();
    assert!(plan.contains("sort along axis 0"), "{plan}");
    let columns = x.slice(s![.., 3..5]).unwrap().sort(0).unwrap().slice(s![10..12, ..]).unwrap();
    assert_eq!(some.compute().unwrap(), columns.compute().unwrap());
    assert!(Runtime::builder().build().plan(&[&some]).unwrap().peak_bytes() < 1 << 20);
}

#[test]
fn the_best_of_a_cut_axis_need_no_more_than_a_chunk() {
    let x = Array::random_uniform(0.0, 1.0, 5, 10_000_000, 100_000).unwrap();
    let plan = |x: &Array| Runtime::builder().threads(1).build().plan(&[x]).unwrap().peak_bytes();
    assert!(plan(&x.topk(10, 0).unwrap()) < 16 << 20);
    assert!(plan(&x.argtopk(10, 0).unwrap()) < 16 << 20);
}

#[test]
fn what_is_not_sorted_is_refused() {
    let x = Array::from_array(ndarray::arr1(&[1.0, 3.0, 2.0]), 3).unwrap();
    let error = x.searchsorted(&x, Side::Left).unwrap().compute().unwrap_err().to_string();
    assert!(error.contains("those at 1 and 2") && error.contains("sort them first"), "{error}");
    let flat = x.expand_dims(0).unwrap();
    assert!(flat.searchsorted(&x, Side::Left).is_err());
}

#[test]
fn distinct_values_that_do_not_fit_are_an_error_that_says_what_to_do() {
    let x = Array::random_uniform(0.0, 1.0, 5, 2_000_000, 10_000).unwrap();
    let runtime = Runtime::builder().threads(2).memory_limit("16MiB").unwrap().build();
    let error = runtime.unique(&x).unwrap_err().to_string();
    assert!(error.contains("distinct values") && error.contains("bin the values first"), "{error}");
    let few = (&x * 100.0).unwrap().floor().unwrap();
    let unique = runtime.unique(&few).unwrap();
    assert_eq!(unique.values.len(), 100);
    assert_eq!(unique.counts.as_slice::<i64>().unwrap().iter().sum::<i64>(), 2_000_000);
    assert_eq!(few.nunique().unwrap(), 100);
}
