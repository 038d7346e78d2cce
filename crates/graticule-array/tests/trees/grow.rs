//! Random expressions, grown move by move.

use std::sync::Arc;

use graticule_array::{
    Aggregation, Array, AxisChunks, Binary, Buffer, Casting, Chunk, ChunkGrid, DType, Excess, QuantileMethod,
    Result, Scalar, Side, Statistic, Unary, WindowSide,
};
use proptest::prelude::*;

use super::blocks::Blocks;
use super::deviations::{anomalies, centred};
use super::methods::{Kind, Method};

/// One move: what is done, and numbers that say how, taken modulo what is possible.
#[derive(Debug, Clone)]
pub(super) struct Move {
    kind: u8,
    picks: [u16; 8],
}

pub(super) fn moves(most: usize) -> impl Strategy<Value = Vec<Move>> {
    let one = (any::<u8>(), any::<[u16; 8]>()).prop_map(|(kind, picks)| Move { kind, picks });
    prop::collection::vec(one, 2..most)
}

/// The numbers of a move, one after another.
pub(super) struct Picks<'a> {
    picks: &'a [u16],
    used: usize,
}

impl Picks<'_> {
    pub(super) fn below(&mut self, n: usize) -> usize {
        let round = self.used / self.picks.len();
        let pick = self.picks[self.used % self.picks.len()].rotate_left(3 * round as u32);
        self.used += 1;
        usize::from(pick) % n.max(1)
    }

    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    pub(super) fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 1
    }

    pub(super) fn axes(&mut self, ndim: usize) -> Vec<isize> {
        let mask = self.below(1 << ndim.min(4));
        (0..ndim).filter(|axis| mask & (1 << axis) != 0).map(|axis| axis as isize).collect()
    }
}

/// Larger arrays and more axes would not show more.
const MAX_SIZE: usize = 1500;
const MAX_NDIM: usize = 4;

/// What was made of which arrays by a method that has nodes of its own.
pub(super) struct Note {
    pub(super) method: Method,
    pub(super) inputs: Vec<Array>,
    pub(super) result: Array,
}

/// Arrays, each of which may be made of those before it.
#[derive(Default)]
pub(super) struct Grown {
    pub(super) pool: Vec<Array>,
    /// In the order in which they were made.
    pub(super) notes: Vec<Note>,
}

/// Makes the moves, and gives all arrays on the way. A move that is impossible is left out.
pub(super) fn grow(moves: &[Move]) -> Grown {
    let mut tree = Grown::default();
    for step in moves {
        let mut picks = Picks { picks: &step.picks, used: 0 };
        let (made, note) = match step.kind % 64 {
            _ if tree.pool.is_empty() => (leaf(&mut picks), None),
            kind @ 0..32 => (grown(kind, &mut picks, &tree.pool), None),
            kind @ 32..36 => match anomalies(kind, &mut picks, &tree.pool) {
                Ok((made, note)) => (Ok(made), Some(note)),
                Err(error) => (Err(error), None),
            },
            _ => {
                let (method, inputs) = method(&mut picks, &tree.pool);
                let made = method.call(&inputs);
                let note = made.clone().ok().map(|result| Note { method, inputs, result });
                (made, note)
            }
        };
        if let Ok(array) = made
            && array.size() <= MAX_SIZE
            && array.ndim() <= MAX_NDIM
        {
            tree.notes.extend(note);
            tree.pool.push(array);
        }
    }
    tree
}

/// A method, and what it is called on.
fn method(picks: &mut Picks<'_>, pool: &[Array]) -> (Method, Vec<Array>) {
    let last = pool.len() - 1;
    let x = if picks.below(4) == 0 { picks.one(pool) } else { pool[last].clone() };
    // What has no axes has nothing to be done along.
    let x = if x.ndim() == 0 { x.expand_dims(0).unwrap() } else { x };
    let axis = picks.below(x.ndim());
    let len = x.shape()[axis];
    let size = 1 + picks.below(5.min(len.max(1)));
    let kind = |picks: &mut Picks<'_>| picks.one(&[Kind::Sum, Kind::Min, Kind::Max, Kind::Count]);
    // Few groups that come again, some positions without any where something can be missing.
    let codes = |picks: &mut Picks<'_>, x: &Array| -> Vec<i64> {
        let none = i64::from(x.dtype().is_float() && picks.chance(3));
        let (groups, runs) = (1 + picks.below(4) as i64, 1 + picks.below(7) as i64);
        (0..len as i64).map(|i| (i / runs * 3 + i) % (groups + none) - none).collect()
    };
    let method = match picks.below(26) {
        0 | 1 => Method::CumSum { axis, skipna: picks.chance(2) },
        2 => Method::CumExtreme { axis, largest: picks.chance(2) },
        3 | 4 => {
            Method::Fill { axis, limit: picks.one(&[None, Some(1), Some(2)]), backwards: picks.chance(2) }
        }
        5 => Method::Sort { axis },
        6 => Method::Argsort { axis },
        7 => Method::TopK { axis, k: picks.one(&[1, 2, -1, -3]), positions: picks.chance(2) },
        8 => Method::Quantile {
            axis,
            q: picks.one(&[0.0, 0.3, 0.5, 0.75, 1.0]),
            method: picks.one(&[QuantileMethod::Lower, QuantileMethod::Higher, QuantileMethod::Nearest]),
            skipna: picks.chance(2),
        },
        9 => Method::Median { axis, skipna: picks.chance(2) },
        // So many that they are not made slices.
        10 | 11 if len > 0 => {
            let (count, step) = (picks.one(&[5, 17, 40]), 1 + picks.below(11));
            let start = picks.below(len);
            let at = |i: usize| (start + i * step + i * i / 3) % len;
            Method::Take { axis, positions: (0..count).map(at).collect() }
        }
        12 if x.ndim() > 1 && x.shape()[0] > 0 && x.shape()[1] > 0 => {
            let (a, b) = (picks.below(7), picks.below(7));
            let point = |i: usize| ((i * a + b) % x.shape()[0], (i * b + i / 2) % x.shape()[1]);
            Method::Vindex { points: (0..picks.below(9)).map(point).collect() }
        }
        13 | 14 => {
            let mut shape = vec![x.size()];
            // Divisors one after another.
            for _ in 0..picks.below(3) {
                let rest = shape.pop().unwrap_or(1);
                let by = picks.one(&[2, 3, 4, 5, 6, 7]);
                shape.extend(if rest % by == 0 { vec![by, rest / by] } else { vec![rest] });
            }
            let turn = picks.below(2) % shape.len();
            shape.rotate_left(turn);
            Method::Reshape { shape }
        }
        15 | 16 => {
            let (center, valid) = (picks.chance(2), picks.chance(4));
            let min_periods = 1 + picks.below(size);
            Method::Rolling { axis, size, center, min_periods, valid, kind: kind(picks) }
        }
        17 => Method::Windows { axis, size },
        18 => {
            let (excess, side) = (picks.one(&[Excess::Trim, Excess::Pad]), picks.chance(2));
            let side = if side { WindowSide::Right } else { WindowSide::Left };
            Method::Coarsen { axis, size, excess, side, kind: kind(picks) }
        }
        19 => match picks.below(4) {
            0 => Method::Diff { axis, n: 1 + picks.below(2) },
            1 => Method::Roll { axis, shift: picks.below(9) as isize - 4 },
            2 => Method::Flip { axis },
            _ if len == 0 => Method::Flip { axis },
            3 if picks.chance(2) => Method::PadEdge { axis, before: picks.below(4), after: picks.below(4) },
            _ => Method::PadWrap { axis, before: picks.below(9), after: picks.below(4) },
        },
        20 => {
            let order = x.argsort(axis as isize).and_then(|order| order.flip(axis as isize));
            return match order {
                Ok(order) => (Method::TakeAlong { axis }, vec![x, order]),
                Err(_) => (Method::Sort { axis }, vec![x]),
            };
        }
        21 => {
            let edges = Array::linspace(-2.0, 2.0, 1 + picks.below(6))
                .and_then(|edges| edges.unary(Unary::Rint)?.rechunk(1 + picks.below(4)));
            let side = picks.one(&[Side::Left, Side::Right]);
            return (Method::SearchSorted { side }, vec![edges.unwrap(), x]);
        }
        22 => {
            let fits = |y: &&Array| y.ndim() > 0 && y.ndim() <= 2 && y.shape()[0] == x.shape()[x.ndim() - 1];
            let fitting: Vec<Array> = pool.iter().filter(fits).cloned().collect();
            if x.ndim() <= 2 && !fitting.is_empty() {
                return (Method::Matmul, vec![x, picks.one(&fitting)]);
            }
            Method::Flip { axis }
        }
        23 => {
            let fits = |y: &&Array| y.ndim() > 0 && y.shape()[0] == x.shape()[0];
            let fitting: Vec<Array> = pool.iter().filter(fits).cloned().collect();
            if !fitting.is_empty() {
                return (Method::Tensordot, vec![x, picks.one(&fitting)]);
            }
            Method::Flip { axis }
        }
        24 => Method::GroupCumSum { axis, skipna: picks.chance(2), codes: codes(picks, &x) },
        25 => {
            Method::GroupFill { axis, limit: picks.one(&[None, Some(1), Some(2)]), codes: codes(picks, &x) }
        }
        _ => Method::Sort { axis },
    };
    (method, vec![x])
}

fn grown(kind: u8, picks: &mut Picks<'_>, pool: &[Array]) -> Result<Array> {
    // The newest most often, so that trees become deep.
    let last = pool.len() - 1;
    let x = if picks.below(4) == 0 { picks.one(pool) } else { pool[last].clone() };
    let axis = picks.below(x.ndim()) as isize;
    let len = x.shape().get(axis as usize).copied().unwrap_or(1);
    match kind % 32 {
        0 | 1 => leaf(picks),
        2 | 3 => unary(picks, &x),
        4 | 5 => x.binary(function(picks), scalar(picks)),
        6 => x.binary(function(picks), picks.one(pool)),
        7 => picks.one(pool).binary(function(picks), &x),
        8 => x.less(1)?.choose(&x, scalar(picks)),
        9 => picks.one(pool).choose(&x, picks.one(pool)),
        10 => match picks.below(6) {
            0 => x.astype_with(picks.one(&[DType::I32, DType::I64]), Casting::Saturate),
            1 => x.digitize(&[-1.0, 0.0, 0.5, 2.0], picks.chance(2)),
            2 => x.isin([1.0, 0.5, -3.0, 0.0]),
            _ => convert(picks, &x),
        },
        11..=13 => {
            let step: isize = picks.one(&[1, 1, 1, 2, 3, -1, -2]);
            let start = picks.below(len);
            let room =
                if step > 0 { (len.max(1) - 1 - start) / step as usize } else { start / step.unsigned_abs() };
            let taken = if len == 0 { 0 } else { picks.below(room + 2) };
            x.stride_axis(axis, start, step, taken)
        }
        14 => x.index_axis(axis, picks.below(len) as isize),
        15 => {
            let positions: Vec<isize> = (0..picks.below(5)).map(|_| picks.below(len) as isize).collect();
            x.take(axis, &positions)
        }
        16 => {
            let mut order: Vec<isize> = (0..x.ndim() as isize).collect();
            order.rotate_left(picks.below(x.ndim()));
            if picks.chance(2) && order.len() > 1 {
                order.swap(0, 1);
            }
            x.permute(&order)
        }
        17 => x.expand_dims(picks.below(x.ndim() + 1) as isize),
        18 => {
            let mut shape: Vec<usize> =
                x.shape().iter().map(|&len| if len == 1 { picks.below(4) } else { len }).collect();
            if picks.chance(3) {
                shape.insert(0, picks.below(3));
            }
            x.broadcast_to(shape)
        }
        19 => {
            let alike: Vec<Array> = pool
                .iter()
                .filter(|y| {
                    y.ndim() == x.ndim()
                        && (0..x.ndim()).all(|i| i as isize == axis || y.shape()[i] == x.shape()[i])
                })
                .cloned()
                .collect();
            let other = picks.one(&alike);
            Array::concatenate(&[x.clone(), other, x], axis)
        }
        20 => {
            let mirrored = x.stride_axis(axis, len.max(1) - 1, -1, len)?;
            Array::stack(&[x.clone(), mirrored], picks.below(x.ndim() + 1) as isize)
        }
        21..=23 => {
            let axes = picks.axes(x.ndim());
            let keepdims = picks.chance(3);
            x.reduce(aggregation(picks), axes, keepdims)
        }
        24 => {
            let axes = picks.axes(x.ndim());
            x.covariance(&picks.one(pool), axes, picks.below(2), picks.chance(2))
        }
        25 => group(picks, &x),
        26 => {
            let sizes: Vec<usize> = x.shape().iter().map(|_| picks.below(5)).collect();
            x.rechunk(sizes)
        }
        27 => turned(&x),
        28 => {
            let missing: Vec<Scalar> = if picks.chance(2) { vec![2.into()] } else { Vec::new() };
            let scale = picks.one(&[None, Some(0.5), Some(0.01)]);
            let offset = picks.one(&[None, Some(1.0), Some(0.1)]);
            x.mask_scale(picks.one(&[DType::F32, DType::F64]), missing, scale, offset)
        }
        _ => centred(picks, &x, pool),
    }
}

fn unary(picks: &mut Picks<'_>, x: &Array) -> Result<Array> {
    x.unary(picks.one(&[
        Unary::Negative,
        Unary::Absolute,
        Unary::Sign,
        Unary::Square,
        Unary::Sqrt,
        Unary::Floor,
        Unary::Rint,
        Unary::Isnan,
        Unary::Isfinite,
        Unary::LogicalNot,
        Unary::Cos,
        Unary::Negative,
    ]))
}

fn function(picks: &mut Picks<'_>) -> Binary {
    picks.one(&[
        Binary::Add,
        Binary::Add,
        Binary::Subtract,
        Binary::Subtract,
        Binary::Multiply,
        Binary::Multiply,
        Binary::Divide,
        Binary::Maximum,
        Binary::Minimum,
        Binary::Fmax,
        Binary::Fmin,
        Binary::Less,
        Binary::GreaterEqual,
        Binary::Equal,
        Binary::NotEqual,
        Binary::LogicalAnd,
        Binary::LogicalXor,
    ])
}

fn scalar(picks: &mut Picks<'_>) -> Scalar {
    picks.one(&[
        0.into(),
        1.into(),
        0.0.into(),
        1.0.into(),
        (-0.0).into(),
        (-1.0).into(),
        2.into(),
        0.5.into(),
        0.1.into(),
        (-3).into(),
        f64::NAN.into(),
        true.into(),
    ])
}

/// A cast that no value stands against.
fn convert(picks: &mut Picks<'_>, x: &Array) -> Result<Array> {
    let to = picks.one(&[DType::F64, DType::F32, DType::I64, DType::I32, DType::Bool]);
    match (x.dtype(), to) {
        (DType::F32 | DType::F64, DType::I32 | DType::I64) => {
            x.isnan()?.choose(0, x)?.clip(-1000.0, 1000.0)?.astype(to)
        }
        (DType::I64, DType::I32) => x.clip(-1_000_000, 1_000_000)?.astype(to),
        // Numbers beyond float32 become infinite, as the interpreter has it.
        (DType::F64, DType::F32) => x.astype_with(to, Casting::Wrap),
        _ => x.astype(to),
    }
}

fn aggregation(picks: &mut Picks<'_>) -> Aggregation {
    use Statistic::{
        All, Any, Argmax, Argmin, Count, ExactMean, ExactSum, First, Kurtosis, Last, Max, Mean, Min, Prod,
        Skew, Std, Sum, Var,
    };
    let ddof = picks.below(2);
    let histogram = Statistic::Histogram {
        bins: 4,
        low: graticule_array::Float::new(-4.0),
        high: graticule_array::Float::new(4.0),
    };
    let kind = picks.one(&[
        Sum,
        Sum,
        Mean,
        Mean,
        Var { ddof },
        Std { ddof },
        Min,
        Max,
        Prod,
        Argmin,
        Argmax,
        Any,
        All,
        Count,
        First,
        Last,
        Skew,
        Kurtosis,
        ExactSum,
        ExactMean,
        histogram,
    ]);
    Aggregation { kind, skipna: picks.chance(2) }
}

/// Codes along one axis or for every element, in memory or computed.
fn group(picks: &mut Picks<'_>, x: &Array) -> Result<Array> {
    let groups = 1 + picks.below(4);
    let along = picks.below(x.ndim() + 1);
    let shape: Vec<usize> = (0..x.ndim())
        .map(|axis| if along == axis || along == x.ndim() { x.shape()[axis] } else { 1 })
        .collect();
    let (a, b) = (picks.below(7), picks.below(5));
    let codes: Vec<i64> =
        (0..shape.iter().product()).map(|i: usize| ((i * a + b) % (groups + 1)) as i64 - 1).collect();
    let codes = Array::from_chunk(Chunk::new(shape, codes)?)?;
    let codes = match picks.below(4) {
        0 => (&codes + 0)?,
        // Codes that are made of the values themselves.
        1 => (x.digitize(&[-1.0, 0.5, 1.5], true)?.minimum(groups as i64)? - 1)?,
        _ => codes,
    };
    let axes = picks.axes(x.ndim());
    x.group_reduce(aggregation(picks), axes, &codes, groups)
}

/// Each block reversed along its last axis: what depends on the chunks.
fn turned(x: &Array) -> Result<Array> {
    let x = x.astype(DType::F64)?;
    if x.ndim() == 0 {
        return Ok(x);
    }
    // The same function every time, so that equal trees are equal.
    static TURN: std::sync::OnceLock<graticule_array::Custom> = std::sync::OnceLock::new();
    let turn = TURN.get_or_init(|| {
        graticule_array::Custom::closure(
            "turned",
            DType::F64,
            Arc::new(|_, blocks| {
                let mut block = blocks[0].to_ndarray::<f64>()?;
                let last = ndarray::Axis(block.ndim() - 1);
                block.invert_axis(last);
                Ok(Chunk::from(block))
            }),
        )
    });
    let names: String = ('a'..='z').take(x.ndim()).collect();
    graticule_array::blockwise(turn.clone().axes(&format!("{names}->{names}"))?, &[&x])
}

fn leaf(picks: &mut Picks<'_>) -> Result<Array> {
    let ndim = picks.one(&[0, 1, 2, 2, 3]);
    let lens = [1, 2, 3, 4, 5, 6, 7, 0];
    let mut shape: Vec<usize> =
        (0..ndim).map(|_| lens[if picks.below(20) == 0 { 7 } else { picks.below(7) }]).collect();
    // Long enough that operations along the axis go from chunk to chunk.
    if ndim > 0 && picks.chance(4) {
        shape[picks.below(ndim)] = picks.one(&[18, 33, 50]);
        shape.truncate(2);
    }
    let axes = shape.iter().map(|&len| match picks.below(3) {
        0 => AxisChunks::regular(len, 0),
        1 if len > 7 && picks.chance(2) => AxisChunks::regular(len, 16),
        1 => AxisChunks::regular(len, 1 + picks.below(4)),
        _ => {
            let first = picks.below(len + 1);
            AxisChunks::from_sizes(&[first, len - first])
        }
    });
    let grid = ChunkGrid::new(axes.collect());
    let sizes: Vec<Vec<usize>> = grid.axes().iter().map(|axis| axis.sizes().collect()).collect();
    match picks.below(12) {
        0 => Array::full(scalar(picks), shape, sizes),
        1 => Array::arange_step(picks.below(5) as i64 - 2, 9, 1 + picks.below(3) as i64),
        2 => Array::linspace(-1.0, picks.below(3) as f64, picks.below(8)),
        3 => Array::random_normal(1.0, 2.0, picks.below(4) as u64, shape, sizes),
        4 => Array::random_integers(0..5, picks.below(4) as u64, shape, sizes),
        kind => {
            let data = data(picks, &shape)?;
            match kind {
                5..=7 => Array::from_memory(Arc::new(data), grid),
                _ => Array::from_source(Arc::new(Blocks::new(data, grid))),
            }
        }
    }
}

fn data(picks: &mut Picks<'_>, shape: &[usize]) -> Result<Chunk> {
    let (seed, kind) = (picks.below(1000), picks.below(9));
    let number = |i: usize| ((i * 7919 + seed * 104_729) % 1009) as i64;
    let len = shape.iter().product();
    let float = |i: usize| match (number(i) % 11, kind) {
        (10, 1 | 2) => f64::NAN,
        (9, 2) => -0.0,
        (8, 2) => f64::INFINITY,
        (n, 3) => 1e8 + n as f64 / 8.0,
        (n, 4) => n as f64 / 7.0,
        (n, _) => (n - 5) as f64 / 2.0,
    };
    let buffer = match kind {
        0..=4 if seed % 4 == 0 => {
            return Chunk::new(shape.to_vec(), (0..len).map(|i| float(i) as f32).collect());
        }
        0..=4 => Buffer::F64((0..len).map(float).collect()),
        5 | 6 => return Chunk::new(shape.to_vec(), (0..len).map(|i| number(i) % 9 - 3).collect()),
        7 => return Chunk::new(shape.to_vec(), (0..len).map(|i| number(i) as i32 % 9 - 3).collect()),
        _ => return Chunk::new(shape.to_vec(), (0..len).map(|i| number(i) % 3 == 0).collect()),
    };
    Chunk::from_buffer(shape.to_vec(), DType::F64, buffer)
}
