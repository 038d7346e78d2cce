//! Elements moved in ways that slices cannot say: listed positions, points, masks, reshapes, assignments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use graticule_array::{
    Array, Chunk, ChunkGrid, ChunkSource, DType, Element, Registry, Result, Runtime, SourceSpec, StoredExpr,
    Vindex, s,
};
use ndarray::{ArrayD, Axis, IxDyn, SliceInfoElem};
use proptest::prelude::*;

/// A source of the numbers 0, 1, … in C order, that counts how often each block is read.
#[derive(Debug)]
struct Counted {
    grid: ChunkGrid,
    name: usize,
    reads: Mutex<BTreeMap<Vec<usize>, usize>>,
}

static NAMES: AtomicUsize = AtomicUsize::new(0);

impl Counted {
    fn new(shape: &[usize], chunk: &[usize]) -> Arc<Self> {
        let name = NAMES.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { grid: ChunkGrid::regular(shape, chunk), name, reads: Mutex::default() })
    }

    fn array(self: &Arc<Self>) -> Array {
        Array::from_source(Arc::clone(self) as Arc<dyn ChunkSource>).unwrap()
    }

    fn take_reads(&self) -> BTreeMap<Vec<usize>, usize> {
        std::mem::take(&mut self.reads.lock().unwrap())
    }
}

impl ChunkSource for Counted {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "counted".into(), config: self.name.to_string() }
    }

    fn label(&self) -> String {
        "counted".into()
    }

    fn dtype(&self) -> DType {
        DType::F64
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        *self.reads.lock().unwrap().entry(index.to_vec()).or_insert(0) += 1;
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        let whole = self.grid.shape();
        out.reset(DType::F64, &shape);
        let row = shape.last().copied().unwrap_or(1).max(1);
        let values = f64::slice_mut(out.buffer_mut()).unwrap();
        for (number, row_values) in values.chunks_exact_mut(row).enumerate() {
            // The position of the row's first element, worked out from the last axis to the first.
            let (mut rest, mut stride, mut first) = (number * row, 1, 0);
            for (axis, range) in region.iter().enumerate().rev() {
                first += (range.start + rest % shape[axis]) * stride;
                rest /= shape[axis];
                stride *= whole[axis];
            }
            for (i, value) in row_values.iter_mut().enumerate() {
                *value = (first + i) as f64;
            }
        }
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

/// The numbers 0, 1, … in memory.
fn numbers(shape: &[usize]) -> ArrayD<f64> {
    let size: usize = shape.iter().product();
    ArrayD::from_shape_vec(IxDyn(shape), (0..size).map(|i| i as f64).collect()).unwrap()
}

fn computed(array: &Array, threads: usize) -> ArrayD<f64> {
    let runtime = Runtime::builder().threads(threads).build();
    runtime.compute(array).unwrap().to_ndarray::<f64>().unwrap()
}

fn signed(positions: &[usize]) -> Vec<isize> {
    positions.iter().map(|&position| position as isize).collect()
}

/// A permutation of `0..n` without a pattern that slices could follow.
fn shuffled(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut state = 1u64;
    for i in (1..n).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(i, (state >> 33) as usize % (i + 1));
    }
    order
}

/// Up to three axes, some of them empty, with their chunks.
fn shape_and_chunk() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    prop::collection::vec((0..8usize, 1..5usize), 1..4).prop_map(|axes| axes.into_iter().unzip())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_positions_are_taken_as_from_memory(
        (shape, chunk) in shape_and_chunk(),
        axis in 0..3usize,
        positions in prop::collection::vec(-40..40isize, 0..60),
        threads in 1..5usize,
    ) {
        let axis = axis % shape.len();
        let n = shape[axis] as isize;
        let positions: Vec<isize> =
            if n == 0 { Vec::new() } else { positions.iter().map(|p| p % n).collect() };
        let wrapped: Vec<usize> = positions.iter().map(|&p| p.rem_euclid(n.max(1)) as usize).collect();
        let x = Counted::new(&shape, &chunk).array();
        let taken = x.take(axis as isize, &positions).unwrap();
        let expected = numbers(&shape).select(Axis(axis), &wrapped);
        prop_assert_eq!(&computed(&taken, threads), &expected);
        // A selection of what was taken, and arithmetic around it.
        let doubled = (&(&x + 1.0).unwrap().take(axis as isize, &positions).unwrap() * 2.0).unwrap();
        let backwards = vec![SliceInfoElem::Slice { start: 0, end: None, step: -1 }; shape.len()];
        let part = computed(&doubled.slice(&backwards).unwrap(), threads);
        let expected = (&expected + 1.0) * 2.0;
        prop_assert_eq!(part, expected.slice_each_axis(|_| ndarray::Slice::new(0, None, -1)).to_owned());
    }

    #[test]
    fn points_are_taken_as_from_memory(
        (shape, chunk) in shape_and_chunk(),
        on in prop::collection::vec(any::<bool>(), 3),
        points in prop::collection::vec(prop::collection::vec(-40..40isize, 3), 0..40),
        two_axes in any::<bool>(),
        threads in 1..5usize,
    ) {
        let x = Counted::new(&shape, &chunk).array();
        let eager = numbers(&shape);
        let count = if two_axes { points.len() / 2 * 2 } else { points.len() };
        let points_shape = if two_axes { vec![2, count / 2] } else { vec![count] };
        let empty = (0..shape.len()).any(|axis| on[axis] && shape[axis] == 0);
        let (count, points_shape) = if empty { (0, vec![0]) } else { (count, points_shape) };
        let at = |point: usize, axis: usize| points[point][axis].rem_euclid(shape[axis] as isize) as usize;
        let axes: Vec<Vindex> = (0..shape.len()).map(|axis| if on[axis] {
            let coordinates = (0..count).map(|point| points[point][axis] % shape[axis] as isize).collect();
            Vindex::Points(ArrayD::from_shape_vec(IxDyn(&points_shape), coordinates).unwrap())
        } else {
            (..).into()
        }).collect();
        let taken = x.vindex(&axes).unwrap();
        if !(0..shape.len()).any(|axis| on[axis]) {
            prop_assert_eq!(computed(&taken, threads), eager);
            return Ok(());
        }
        let kept: Vec<usize> = (0..shape.len()).filter(|&axis| !on[axis]).collect();
        let result: Vec<usize> =
            points_shape.iter().copied().chain(kept.iter().map(|&axis| shape[axis])).collect();
        let expected = ArrayD::from_shape_fn(IxDyn(&result), |index| {
            let lead = points_shape.len();
            let point = (0..lead).fold(0, |flat, i| flat * points_shape[i] + index[i]);
            let whole: Vec<usize> = (0..shape.len()).map(|axis| match kept.iter().position(|&k| k == axis) {
                Some(i) => index[lead + i],
                None => at(point, axis),
            }).collect();
            eager[&whole[..]]
        });
        prop_assert_eq!(computed(&taken, threads), expected);
    }

    #[test]
    fn a_reshape_keeps_the_order_and_can_be_undone(
        (shape, chunk) in shape_and_chunk(),
        factors in prop::collection::vec(1..7usize, 0..4),
        ones in prop::collection::vec(0..4usize, 0..3),
        threads in 1..5usize,
    ) {
        // Any shape of as many elements: factors that divide what is left, then the rest.
        let size: usize = shape.iter().product();
        let (mut target, mut rest) = (Vec::new(), size);
        for factor in factors {
            if rest % factor == 0 && size > 0 {
                target.push(factor);
                rest /= factor;
            }
        }
        target.push(rest);
        for one in ones {
            target.insert(one % (target.len() + 1), 1);
        }
        let x = Counted::new(&shape, &chunk).array();
        let reshaped = x.reshape(&signed(&target)).unwrap();
        prop_assert_eq!(computed(&reshaped, threads), numbers(&target));
        let back = reshaped.reshape(&signed(&shape)).unwrap();
        prop_assert_eq!(computed(&back, threads), numbers(&shape));
        prop_assert_eq!(computed(&x.ravel().unwrap(), threads), numbers(&[size]));
    }

    #[test]
    fn masks_take_what_they_hold_for(
        (shape, chunk) in shape_and_chunk(),
        picks in prop::collection::vec(any::<bool>(), 512),
        lead in 1..4usize,
        threads in 1..5usize,
    ) {
        let lead = lead.min(shape.len());
        let x = Counted::new(&shape, &chunk).array();
        let eager = numbers(&shape);
        let rows: usize = shape[..lead].iter().product();
        let mask = ArrayD::from_shape_vec(IxDyn(&shape[..lead]), picks[..rows].to_vec()).unwrap();
        let lazy = Array::from_array(mask, &chunk[..lead]).unwrap();
        let held: Vec<usize> = (0..rows).filter(|&row| picks[row]).collect();
        let whole = eager.to_shape(IxDyn(&[&[rows], &shape[lead..]].concat())).unwrap().to_owned();
        prop_assert_eq!(computed(&x.mask(&lazy).unwrap(), threads), whole.select(Axis(0), &held));
        let flat: Vec<i64> = held.iter().map(|&row| row as i64).collect();
        let found = lazy.flatnonzero().unwrap().compute().unwrap();
        prop_assert_eq!(found.as_slice::<i64>().unwrap(), &flat[..]);
        prop_assert_eq!(lazy.count_nonzero(()).unwrap().compute().unwrap().item::<i64>().unwrap(), flat.len() as i64);
        let line: Vec<bool> = picks[..shape[0]].to_vec();
        let held: Vec<usize> = (0..shape[0]).filter(|&row| line[row]).collect();
        let line = Array::from_array(ndarray::Array1::from(line), 3).unwrap();
        prop_assert_eq!(computed(&x.compress(&line, 0).unwrap(), threads), eager.select(Axis(0), &held));
    }

    #[test]
    fn what_is_assigned_is_what_an_assignment_in_place_leaves(
        (shape, chunk) in shape_and_chunk(),
        parts in prop::collection::vec((0..8usize, 0..8usize, prop_oneof![-3..0isize, 1..4isize]), 3),
        threads in 1..5usize,
    ) {
        let slices: Vec<SliceInfoElem> = shape.iter().zip(&parts).map(|(&len, &(a, b, step))| {
            let (a, b) = (a.min(len), b.min(len));
            SliceInfoElem::Slice { start: a.min(b) as isize, end: Some(a.max(b) as isize), step }
        }).collect();
        let mut eager = numbers(&shape);
        let mut part = eager.slice_each_axis_mut(|axis| match slices[axis.axis.index()] {
            SliceInfoElem::Slice { start, end, step } => ndarray::Slice::new(start, end, step),
            _ => unreachable!(),
        });
        let values = -numbers(part.shape()) - 1.0;
        part.assign(&values);
        let x = Counted::new(&shape, &chunk).array();
        let values = Array::from_array(values, vec![2; shape.len()]).unwrap();
        prop_assert_eq!(computed(&x.assign(&slices, &values).unwrap(), threads), eager);
    }

    #[test]
    fn positions_along_an_axis_are_taken_as_from_memory(
        (shape, chunk) in shape_and_chunk(),
        axis in 0..3usize,
        long in 0..9usize,
        seed in 0..1000usize,
        threads in 1..5usize,
    ) {
        let axis = axis % shape.len();
        let mut wanted = shape.clone();
        wanted[axis] = if shape[axis] == 0 { 0 } else { long };
        let n = shape[axis].max(1);
        let position = |flat: usize| (flat * 7 + seed) % n;
        let flat = numbers(&wanted).mapv(|x| x as usize);
        let indices = flat.mapv(|flat| position(flat) as i64 - if flat % 2 == 0 { n as i64 } else { 0 });
        let x = Counted::new(&shape, &chunk).array();
        let lazy = Array::from_array(indices, vec![2; shape.len()]).unwrap();
        let taken = x.take_along_axis(&lazy, axis as isize).unwrap();
        let eager = numbers(&shape);
        let expected = ArrayD::from_shape_fn(IxDyn(&wanted), |index| {
            let mut at: Vec<usize> = (0..shape.len()).map(|i| index[i]).collect();
            let number = at.iter().zip(&wanted).fold(0, |flat, (i, len)| flat * len + i);
            at[axis] = position(number);
            eager[&at[..]]
        });
        prop_assert_eq!(computed(&taken, threads), expected);
    }
}

#[test]
fn points_over_many_chunks_read_each_chunk_once() {
    // 100 000 points over 10 000 chunks.
    let source = Counted::new(&[800, 800], &[8, 8]);
    let order = shuffled(640_000);
    let points = &order[..100_000];
    let (rows, columns): (Vec<isize>, Vec<isize>) =
        points.iter().map(|&p| ((p / 800) as isize, (p % 800) as isize)).unzip();
    let taken = source.array().vindex(&[rows.into(), columns.into()]).unwrap();
    assert_eq!(taken.npartitions(), 1);
    let values = computed(&taken, 2);
    assert!(values.iter().zip(points).all(|(value, &point)| *value == point as f64));
    let reads = source.take_reads();
    let chunks: BTreeSet<usize> = points.iter().map(|p| p / 800 / 8 * 100 + p % 800 / 8).collect();
    assert_eq!((reads.len(), reads.values().max()), (chunks.len(), Some(&1)));
}

#[test]
fn positions_that_go_through_the_axis_keep_its_cuts_and_read_it_once() {
    let source = Counted::new(&[1000, 3], &[10, 3]);
    // Every position whose square ends in 1, 4 or 9: no slices.
    let positions: Vec<usize> = (0..1000).filter(|p| [1, 4, 9].contains(&(p * p % 10))).collect();
    let taken = source.array().take(0, &signed(&positions)).unwrap();
    assert_eq!(taken.chunks().axes()[0].max_size(), 6);
    assert_eq!(computed(&taken, 2), numbers(&[1000, 3]).select(Axis(0), &positions));
    assert_eq!(source.take_reads().values().max(), Some(&1));
    // A few of many chunks are put together, up to the size of one.
    let few: Vec<usize> = (0..1000).filter(|p| [3, 4, 6].contains(&(p % 100))).collect();
    assert_eq!(source.array().take(0, &signed(&few)).unwrap().chunks().counts(), [4, 1]);
}

#[test]
fn a_shuffle_reads_once_and_keeps_what_it_took_in_memory_or_on_disk() {
    // 64 MiB in 100 chunks, shuffled into 8: each would need every chunk.
    let source = Counted::new(&[2000, 4096], &[20, 4096]);
    let order = shuffled(2000);
    let taken = source.array().take(0, &signed(&order)).unwrap();
    assert_eq!(taken.npartitions(), 8);
    let sums = taken.index_axis(1, 7).unwrap();
    assert_eq!(computed(&sums, 2).iter().map(|x| (x / 4096.0) as usize).collect::<Vec<_>>(), order);
    source.take_reads();

    let total = (taken.sum(1).unwrap() * Array::arange(2000)).unwrap();
    let wide = Runtime::builder().threads(2).memory_limit("1GiB").unwrap().build();
    let text = wide.plan(&[&total]).unwrap().explain();
    assert!(text.contains("take 2000 along axis 0") && text.contains(": its blocks"), "{text}");
    let expected = wide.compute(&total).unwrap();
    assert_eq!(source.take_reads().values().max(), Some(&1));

    let narrow = Runtime::builder().threads(1).memory_limit("50MiB").unwrap();
    let narrow = narrow.spill_dir(std::env::temp_dir().join("graticule-shuffle-test")).unwrap().build();
    let text = narrow.plan(&[&total]).unwrap().explain();
    assert!(text.contains("kept on disk") && !text.contains("scratch: 1 source, 64 MiB, every"), "{text}");
    assert_eq!(narrow.compute(&total).unwrap(), expected);
    assert_eq!(source.take_reads().values().max(), Some(&1));

    // What is computed below it is computed once, and not kept as well.
    let mapped = source.array().map_blocks("same", DType::F64, |block| Ok(block.clone())).unwrap();
    let shuffled = mapped.take(0, &signed(&order)).unwrap().sum(1).unwrap();
    let text = wide.plan(&[&shuffled]).unwrap().explain();
    assert_eq!(text.matches("  how    keep ").count(), 1, "{text}");
}

#[test]
fn points_follow_the_rule_of_numpy_and_dask() {
    // Recorded from numpy 2.4 and dask: x[[[0], [-1]], 1:3, [4, 0, 2]] of arange(60).reshape(3, 4, 5).
    let x = Array::from_array(numbers(&[3, 4, 5]), (2, 2, 3)).unwrap();
    let i = ndarray::arr2(&[[0isize], [-1]]).into_dyn();
    let y = x.vindex(&[i.into(), (1..3).into(), [4, 0, 2].into()]).unwrap();
    assert_eq!(y.shape(), [2, 3, 2]);
    let recorded = [9.0, 14.0, 5.0, 10.0, 7.0, 12.0, 49.0, 54.0, 45.0, 50.0, 47.0, 52.0];
    assert_eq!(y.compute().unwrap().as_slice::<f64>().unwrap(), recorded);
    // dask's vindex puts points first even where numpy, for neighbouring arrays, would not.
    let y = x.vindex(&[(..).into(), [0, 3].into(), [1, -1].into()]).unwrap();
    assert_eq!(y.shape(), [2, 3]);
    assert_eq!(y.compute().unwrap().as_slice::<f64>().unwrap(), [1.0, 21.0, 41.0, 19.0, 39.0, 59.0]);
    let point = x.vindex(&[1.into(), 2.into(), 3.into()]).unwrap();
    assert_eq!(point.compute().unwrap().item::<f64>().unwrap(), 33.0);
}

#[test]
fn reshaped_chunks_follow_the_cuts_of_the_first_axis() {
    let sizes = |x: &Array, axis: usize| x.chunks().axes()[axis].sizes().collect::<Vec<_>>();
    let x = Counted::new(&[100, 100], &[10, 100]).array().reshape(&[10, 10, 100]).unwrap();
    assert_eq!(x.chunks().counts(), [10, 1, 1]);
    let merged = Counted::new(&[10, 6, 4], &[5, 3, 2]).array().reshape(&[60, 4]).unwrap();
    assert_eq!((sizes(&merged, 0), sizes(&merged, 1)), (vec![30, 30], vec![2, 2]));
    let split = Array::arange(24).unwrap().rechunk(5).unwrap().reshape(&[4, 6]).unwrap();
    assert_eq!(sizes(&split, 0), [1, 1, 1, 1]);
    // Axes of length 1 come and go as selections, not as copies.
    let x = Array::ones((3, 4), (2, 2)).unwrap().reshape(&[1, 3, 1, 4]).unwrap();
    assert!(!x.tree().contains("reshape"), "{}", x.tree());
}

#[test]
fn a_large_reshape_reads_each_chunk_once_where_rows_fit() {
    let source = Counted::new(&[600, 500], &[60, 50]);
    let x = source.array().ravel().unwrap();
    assert_eq!(computed(&x.sum(()).unwrap(), 2).sum(), (0..300_000).sum::<usize>() as f64);
    assert_eq!(source.take_reads().values().max(), Some(&1));
}

#[test]
fn positions_and_shapes_that_are_not_there_are_named() {
    let x = Array::ones((5, 4), (2, 2)).unwrap();
    let text = |result: Result<Array>| result.unwrap_err().to_string();
    assert_eq!(text(x.take(0, &[0, 7])), "index 7 is outside axis 0 of length 5; use -5 to 4");
    assert_eq!(
        text(x.vindex(&[[0, 1].into(), [0, -5].into()])),
        "index -5 is outside axis 1 of length 4; use -4 to 3"
    );
    assert!(text(x.vindex(&[[0, 1].into(), [0, 1, 2].into()])).contains("broadcast"));
    assert!(text(x.reshape(&[3, -1])).contains("cannot be worked out for 20 elements"));
    assert!(text(x.reshape(&[21])).contains("the shape must have 20 elements"));
    assert!(x.reshape(&[-1, -1]).is_err() && x.reshape(&[-2]).is_err());
    assert!(text(x.compress(&Array::ones(5, 5).unwrap(), 0)).contains("compare first"));
    assert!(x.compress(&x.isnan().unwrap(), 0).is_err());
    assert!(x.mask(&x.isnan().unwrap().transpose().unwrap()).is_err());
    assert!(x.assign(s![0..6, ..], 1.0).is_err() && x.assign(s![.., .., 0], 1.0).is_err());
    assert!(x.assign(s![0..2, 0..2], Array::ones((3, 2), (3, 2)).unwrap()).is_err());
    let whole = Array::arange(3).unwrap();
    assert!(text(whole.assign(s![0], f64::NAN)).contains("does not fit"));
    let far = Array::from_array(ndarray::arr2(&[[9i64, 0, 0, 0]]), (1, 4)).unwrap();
    let error = text(x.take_along_axis(&far, 0).unwrap().persist());
    assert!(error.contains("index 9 is outside axis 0 of length 5"), "{error}");
    assert!(x.block_at(&[3, 0]).is_err() && x.block_at(&[0]).is_err());
    assert!(x.repeat_each(&[1, 2], 0).is_err() && x.repeat_each(&[usize::MAX], 0).is_err());
}

#[test]
fn arrays_without_elements_go_everywhere() {
    let empty = Array::ones((0, 3), (1, 2)).unwrap();
    assert_eq!(empty.reshape(&[3, 0, 5]).unwrap().compute().unwrap().shape(), [3, 0, 5]);
    assert_eq!(empty.reshape(&[-1]).unwrap().compute().unwrap().shape(), [0]);
    assert!(empty.reshape(&[0, -1]).is_err());
    assert_eq!(empty.take(1, &[2, 0, 2, 1]).unwrap().compute().unwrap().shape(), [0, 4]);
    assert_eq!(empty.take(0, &[]).unwrap().compute().unwrap().shape(), [0, 3]);
    assert_eq!(empty.argwhere().unwrap().compute().unwrap().shape(), [0, 2]);
    assert_eq!(empty.assign(s![.., 0], 2.0).unwrap().compute().unwrap().shape(), [0, 3]);
    assert_eq!(empty.mask(&empty.isnan().unwrap()).unwrap().compute().unwrap().shape(), [0]);
    assert_eq!(empty.iter_blocks().len(), 0);
    let nothing: Vec<isize> = Vec::new();
    assert_eq!(empty.vindex(&[nothing.into()]).unwrap().compute().unwrap().shape(), [0, 3]);
    let scalar = Array::ones([], []).unwrap();
    assert_eq!(scalar.argwhere().unwrap().compute().unwrap().shape(), [1, 0]);
    assert_eq!(scalar.reshape(&[1, 1]).unwrap().compute().unwrap().shape(), [1, 1]);
    assert_eq!(scalar.extract(&scalar).unwrap().compute().unwrap().shape(), [1]);
}

#[test]
fn indices_choose_and_convert_as_in_numpy() {
    // Recorded from numpy 2.4.
    let ints = |array: &Array| array.compute().unwrap().as_slice::<i64>().unwrap().to_vec();
    let index = |values: &[i64]| Array::from_array(ndarray::Array1::from(values.to_vec()), 2).unwrap();
    let choices: Vec<Array> = (0..4).map(|i| (Array::arange(4).unwrap() + i * 10).unwrap()).collect();
    assert_eq!(ints(&index(&[2, 3, 1, 0]).choose_from(&choices).unwrap()), [20, 31, 12, 3]);
    let beyond = index(&[0, 4]).choose_from(&[index(&[1, 1]), index(&[2, 2])]).unwrap();
    let error = beyond.compute().unwrap_err().to_string();
    assert!(error.contains("index = 4 is not possible: choose: use 0 to 1"), "{error}");

    let at = index(&[22, 41, 37]).unravel_index((7, 6)).unwrap();
    assert_eq!((ints(&at[0]), ints(&at[1])), (vec![3, 6, 6], vec![4, 5, 1]));
    assert_eq!(ints(&Array::ravel_multi_index(&at, (7, 6)).unwrap()), [22, 41, 37]);
    assert!(index(&[42]).unravel_index((7, 6)).unwrap()[0].compute().is_err());
    assert!(Array::ravel_multi_index(&[index(&[0]), index(&[-1])], (7, 6)).unwrap().compute().is_err());

    let nan = Array::from_array(ndarray::arr2(&[[0.0, f64::NAN], [2.0, 0.0]]), (1, 1)).unwrap();
    assert_eq!(ints(&nan.argwhere().unwrap()), [0, 1, 1, 0]);
    assert_eq!(nan.nonzero().unwrap().iter().map(ints).collect::<Vec<_>>(), [[0, 1], [1, 0]]);
    let table = Array::from_array(ndarray::arr2(&[[1i64, 2], [3, 4]]), (1, 2)).unwrap();
    assert_eq!(ints(&table.repeat_each(&[1, 2], 0).unwrap()), [1, 2, 3, 4, 3, 4]);
    assert_eq!(ints(&table.repeat_each(&[2], 1).unwrap()), [1, 1, 2, 2, 3, 3, 4, 4]);
}

#[test]
fn all_dtypes_are_moved_to_the_bit() {
    let odd = f64::from_bits(0x7ff8_dead_beef_0001);
    let floats = Array::from_array(ndarray::arr1(&[odd, -0.0, f64::INFINITY, 1.5]), 2).unwrap();
    let order = [3isize, 0, 2, 1, 0, 3, 2, 0, 1, 3, 1, 0, 2, 1, 3, 0, 2, 0, 1, 2, 0, 3, 1];
    let taken = floats.take(0, &order).unwrap().compute().unwrap();
    let expected = [odd, -0.0, f64::INFINITY, 1.5];
    for (value, &from) in taken.as_slice::<f64>().unwrap().iter().zip(&order) {
        assert_eq!(value.to_bits(), expected[from as usize].to_bits());
    }
    let text: Vec<Arc<str>> = ["a", "b", "c", "d"].map(Arc::from).to_vec();
    let text = Array::from_array(ndarray::Array1::from(text), 3).unwrap();
    let table = text.take(0, &order[..20]).unwrap().reshape(&[4, 5]).unwrap().compute().unwrap();
    assert_eq!(table.get(0), Some("d".into()));
    let small = text.assign(s![1..3], text.slice(s![2..4]).unwrap()).unwrap().compute().unwrap();
    assert_eq!(small.get(1), Some("c".into()));
    let flags = Array::from_array(ndarray::arr1(&[true, false, false, true]), 1).unwrap();
    let both = flags.assign_where(&flags, false).unwrap().count_nonzero(()).unwrap();
    assert_eq!(both.compute().unwrap().item::<i64>().unwrap(), 0);
    let bytes = Array::from_array(ndarray::arr2(&[[1u8, 2, 3], [4, 5, 6]]), (1, 2)).unwrap();
    assert_eq!(
        bytes.reshape(&[3, 2]).unwrap().compute().unwrap().as_slice::<u8>().unwrap(),
        [1, 2, 3, 4, 5, 6]
    );
}

#[test]
fn a_stored_gather_is_the_same_when_it_is_opened() {
    let x = Array::random_uniform(0.0, 1.0, 4, (60, 50), (7, 50)).unwrap();
    let y =
        x.take(0, &signed(&shuffled(60))).unwrap().reshape(&[3000]).unwrap().assign(s![5..9], 0.0).unwrap();
    let text = serde_json::to_string(&StoredExpr::from(y.expr())).unwrap();
    let again: StoredExpr = serde_json::from_str(&text).unwrap();
    let again = Array::from_expr(again.open(&Registry::default()).unwrap());
    assert_eq!(again, y);
    assert_eq!(again.compute().unwrap(), y.compute().unwrap());
}

#[test]
fn a_selection_beside_the_positions_is_read_before_they_are_taken() {
    let source = Counted::new(&[100, 40], &[10, 4]);
    let positions = shuffled(100);
    let column = source.array().take(0, &signed(&positions)).unwrap().slice(s![.., 5..6]).unwrap();
    let values = computed(&column, 1);
    assert!(values.iter().zip(&positions).all(|(value, &p)| *value == (p * 40 + 5) as f64));
    assert!(source.take_reads().keys().all(|index| index[1] == 1));
}
