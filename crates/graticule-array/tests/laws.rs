//! Laws that hold for any array, checked against ndarray on random programs: what is selected, joined and
//! reshaped lazily is what the same steps give on an array in memory.

use graticule_array::{Array, PadMode, Runtime};
use ndarray::{ArrayD, Axis, IxDyn, Slice, concatenate};
use proptest::prelude::*;

/// One step of a random program. Numbers are taken modulo what is there.
#[derive(Debug, Clone)]
enum Move {
    Slice { axis: usize, start: usize, len: usize, step: isize },
    Index { axis: usize, at: usize },
    Take { axis: usize, positions: Vec<usize> },
    Transpose,
    Expand { axis: usize },
    Rechunk { size: usize },
    Double,
    AddMirror { axis: usize },
    JoinSelf { axis: usize },
    Roll { axis: usize, shift: isize },
    Repeat { axis: usize, times: usize },
    Pad { axis: usize, before: usize, after: usize, mode: usize },
    Diff { axis: usize },
    Triangle { k: isize },
    SubtractMean { axis: usize },
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        (0..4usize, 0..8usize, 1..8usize, prop_oneof![-3isize..0, 1isize..4])
            .prop_map(|(axis, start, len, step)| Move::Slice { axis, start, len, step }),
        (0..4usize, 0..8usize).prop_map(|(axis, at)| Move::Index { axis, at }),
        (0..4usize, prop::collection::vec(0..8usize, 1..5))
            .prop_map(|(axis, positions)| Move::Take { axis, positions }),
        Just(Move::Transpose),
        (0..4usize).prop_map(|axis| Move::Expand { axis }),
        (1..5usize).prop_map(|size| Move::Rechunk { size }),
        Just(Move::Double),
        (0..4usize).prop_map(|axis| Move::AddMirror { axis }),
        (0..4usize).prop_map(|axis| Move::JoinSelf { axis }),
        (0..4usize, -9isize..9).prop_map(|(axis, shift)| Move::Roll { axis, shift }),
        (0..4usize, 1..3usize).prop_map(|(axis, times)| Move::Repeat { axis, times }),
        (0..4usize, 0..7usize, 0..7usize, 0..4usize).prop_map(|(axis, before, after, mode)| Move::Pad {
            axis,
            before,
            after,
            mode
        }),
        (0..4usize).prop_map(|axis| Move::Diff { axis }),
        (-3isize..3).prop_map(|k| Move::Triangle { k }),
        (0..4usize).prop_map(|axis| Move::SubtractMean { axis }),
    ]
}

/// The same step on a lazy array and on one in memory.
fn step(lazy: Array, eager: ArrayD<f64>, step: &Move) -> (Array, ArrayD<f64>) {
    let ndim = eager.ndim();
    if ndim == 0 && !matches!(step, Move::Expand { .. } | Move::Double) {
        return (lazy, eager);
    }
    match step {
        Move::Slice { axis, start, len, step } => {
            let axis = axis % ndim;
            let n = eager.len_of(Axis(axis));
            let start = start % n;
            let stride = step.unsigned_abs();
            let room = if *step > 0 { (n - 1 - start) / stride } else { start / stride } + 1;
            let len = (*len).min(room);
            let positions: Vec<usize> =
                (0..len).map(|i| (start as isize + step * i as isize) as usize).collect();
            (
                lazy.stride_axis(axis as isize, start, *step, len).unwrap(),
                eager.select(Axis(axis), &positions),
            )
        }
        Move::Index { axis, at } => {
            let axis = axis % ndim;
            let at = at % eager.len_of(Axis(axis));
            (lazy.index_axis(axis as isize, at as isize).unwrap(), eager.index_axis_move(Axis(axis), at))
        }
        Move::Take { axis, positions } => {
            let axis = axis % ndim;
            let n = eager.len_of(Axis(axis));
            let positions: Vec<usize> = positions.iter().map(|p| p % n).collect();
            let signed: Vec<isize> = positions.iter().map(|&p| p as isize).collect();
            (lazy.take(axis as isize, &signed).unwrap(), eager.select(Axis(axis), &positions))
        }
        Move::Transpose => (lazy.transpose().unwrap(), eager.reversed_axes()),
        Move::Expand { axis } if ndim < 4 => {
            let axis = axis % (ndim + 1);
            (lazy.expand_dims(axis as isize).unwrap(), eager.insert_axis(Axis(axis)))
        }
        Move::Expand { .. } => (lazy, eager),
        Move::Rechunk { size } => (lazy.rechunk(vec![*size; ndim]).unwrap(), eager),
        Move::Double => ((&lazy + &lazy).unwrap(), &eager + &eager),
        Move::AddMirror { axis } => {
            let axis = axis % ndim;
            let n = eager.len_of(Axis(axis));
            let mirror = lazy.stride_axis(axis as isize, n - 1, -1, n).unwrap();
            let mut reversed = eager.clone();
            reversed.invert_axis(Axis(axis));
            ((&lazy + mirror).unwrap(), &eager + &reversed)
        }
        Move::JoinSelf { axis } if eager.len() < 2000 => {
            let axis = axis % ndim;
            let part = eager.slice_axis(Axis(axis), Slice::from(..1)).to_owned();
            let lazy_part = lazy.stride_axis(axis as isize, 0, 1, 1).unwrap();
            let joined = concatenate(Axis(axis), &[eager.view(), part.view(), eager.view()]).unwrap();
            (Array::concatenate(&[lazy.clone(), lazy_part, lazy], axis as isize).unwrap(), joined)
        }
        Move::JoinSelf { .. } => (lazy, eager),
        Move::Roll { axis, shift } => {
            let axis = axis % ndim;
            let n = eager.len_of(Axis(axis)) as isize;
            let positions: Vec<usize> = (0..n).map(|i| (i - shift).rem_euclid(n) as usize).collect();
            (lazy.roll(*shift, axis as isize).unwrap(), eager.select(Axis(axis), &positions))
        }
        Move::Repeat { axis, times } if eager.len() < 2000 => {
            let axis = axis % ndim;
            let positions: Vec<usize> = (0..eager.len_of(Axis(axis)) * times).map(|i| i / times).collect();
            (lazy.repeat(*times, axis as isize).unwrap(), eager.select(Axis(axis), &positions))
        }
        Move::Pad { axis, before, after, mode } if eager.len() < 2000 => {
            let axis = axis % ndim;
            let n = eager.len_of(Axis(axis)) as isize;
            let (mode, source): (PadMode, fn(isize, isize) -> isize) = match mode {
                0 => (PadMode::Edge, |i, n| i.clamp(0, n - 1)),
                1 => (PadMode::Wrap, isize::rem_euclid),
                2 => (PadMode::Symmetric { odd: false }, |i, n| {
                    let i = i.rem_euclid(2 * n);
                    i.min(2 * n - 1 - i)
                }),
                _ => (PadMode::Reflect { odd: false }, |i, n| {
                    let period = 2 * (n - 1).max(1);
                    let i = i.rem_euclid(period);
                    i.min(period - i).min(n - 1)
                }),
            };
            let range = -(*before as isize)..n + *after as isize;
            let positions: Vec<usize> = range.map(|i| source(i, n) as usize).collect();
            let mut widths = vec![(0, 0); ndim];
            widths[axis] = (*before, *after);
            (lazy.pad(&widths, &mode).unwrap(), eager.select(Axis(axis), &positions))
        }
        Move::Repeat { .. } | Move::Pad { .. } => (lazy, eager),
        Move::Diff { axis } if eager.len_of(Axis(axis % ndim)) > 1 => {
            let axis = axis % ndim;
            let (after, before) = (Slice::from(1..), Slice::from(..-1));
            let difference = &eager.slice_axis(Axis(axis), after) - &eager.slice_axis(Axis(axis), before);
            (lazy.diff(1, axis as isize).unwrap(), difference)
        }
        Move::Diff { .. } => (lazy, eager),
        Move::Triangle { k } if ndim >= 2 => {
            let mut triangle = eager;
            for (index, x) in triangle.indexed_iter_mut() {
                if index[ndim - 1] as isize - index[ndim - 2] as isize > *k {
                    *x = 0.0;
                }
            }
            (lazy.tril(*k).unwrap(), triangle)
        }
        Move::Triangle { .. } => (lazy, eager),
        Move::SubtractMean { axis } => {
            let axis = axis % ndim;
            let mean = lazy.mean(axis as isize).unwrap().expand_dims(axis as isize).unwrap();
            let eager_mean = eager.mean_axis(Axis(axis)).unwrap().insert_axis(Axis(axis));
            ((&lazy - mean).unwrap(), &eager - &eager_mean)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_lazy_program_gives_what_the_eager_one_gives(
        shape in prop::collection::vec(1..7usize, 1..4),
        chunk in prop::collection::vec(1..5usize, 3),
        program in prop::collection::vec(moves(), 1..7),
    ) {
        let size: usize = shape.iter().product();
        let values: Vec<f64> = (0..size).map(|i| ((i * 37) % 101) as f64).collect();
        let mut eager = ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap();
        let chunk: Vec<usize> = chunk[..shape.len()].to_vec();
        let mut lazy = Array::from_array(eager.clone(), chunk).unwrap();
        for each in &program {
            (lazy, eager) = step(lazy, eager, each);
        }
        prop_assert_eq!(lazy.shape(), eager.shape());
        let runtime = Runtime::builder().threads(2).build();
        let computed = runtime.compute(&lazy).unwrap().to_ndarray::<f64>().unwrap();
        let off = computed.iter().zip(&eager).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        prop_assert!(off < 1e-9, "off by {} in\n{}", off, lazy.tree());
    }

    #[test]
    fn a_reduction_does_not_depend_on_how_it_is_cut(
        shape in prop::collection::vec(1..9usize, 3),
        chunk in prop::collection::vec(1..9usize, 3),
        axes in prop::sample::subsequence(vec![0isize, 1, 2], 1..=3),
        seed in any::<u64>(),
    ) {
        let whole = Array::random_normal(3.0, 2.0, seed, shape.clone(), shape.clone()).unwrap();
        let cut = Array::random_normal(3.0, 2.0, seed, shape.clone(), chunk).unwrap();
        for (a, b) in [
            (whole.sum(axes.clone()), cut.sum(axes.clone())),
            (whole.var(axes.clone(), 0), cut.var(axes.clone(), 0)),
            (whole.argmax(axes.clone()), cut.argmax(axes.clone())),
            (whole.min(axes.clone()), cut.min(axes.clone())),
        ] {
            let (a, b) = (a.unwrap().compute().unwrap().to_f64(), b.unwrap().compute().unwrap().to_f64());
            for (a, b) in a.iter().zip(&b) {
                prop_assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{} {}", a, b);
            }
        }
    }

    #[test]
    fn random_numbers_belong_to_their_position(
        start in 0..50usize, len in 1..50usize, step in prop_oneof![Just(-1isize), Just(1), Just(3)],
    ) {
        let whole = Array::random_normal(0.0, 1.0, 9, 200, 17).unwrap();
        let all = whole.compute().unwrap().to_f64();
        let start = if step < 0 { start + 100 } else { start };
        let part = whole.stride_axis(0, start, step, len).unwrap().compute().unwrap().to_f64();
        for (i, x) in part.iter().enumerate() {
            prop_assert_eq!(*x, all[(start as isize + step * i as isize) as usize]);
        }
    }
}
