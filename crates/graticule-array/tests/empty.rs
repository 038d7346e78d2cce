//! Every operation on arrays without elements: numpy's answer where there is one, and an error where numpy has one.

use graticule_array::{
    Array, Axes, Bins, Chunk, DType, FourierNorm, Indexing, PadMode, QuantileMethod, Result, Runtime, Side,
    Unary, einsum, s,
};

use crate::golden::{Case, cases};

/// Over which axes: `all`, or the number of one.
fn axes(text: &str) -> Axes {
    text.parse::<isize>().map_or(().into(), Axes::from)
}

/// A reduction by its recorded name.
pub(crate) fn fold(name: &str, x: &Array, over: &str) -> Option<Result<Array>> {
    let over = axes(over);
    Some(match name {
        "sum" => x.sum(over),
        "prod" => x.prod(over),
        "mean" => x.mean(over),
        "min" => x.min(over),
        "max" => x.max(over),
        "argmin" => x.argmin(over),
        "argmax" => x.argmax(over),
        "any" => x.any(over),
        "all" => x.all(over),
        "median" => x.median(over),
        "ptp" => x.ptp(over),
        "count_nonzero" => x.count_nonzero(over),
        "nansum" => x.nansum(over),
        "nanprod" => x.nanprod(over),
        "nanmean" => x.nanmean(over),
        "nanmin" => x.nanmin(over),
        "nanmax" => x.nanmax(over),
        "nanargmin" => x.nanargmin(over),
        "nanargmax" => x.nanargmax(over),
        "nanmedian" => x.nanmedian(over),
        "var0" => x.var(over, 0),
        "var1" => x.var(over, 1),
        "std0" => x.std(over, 0),
        "std1" => x.std(over, 1),
        "nanvar0" => x.nanvar(over, 0),
        "nanvar1" => x.nanvar(over, 1),
        "nanstd0" => x.nanstd(over, 0),
        "nanstd1" => x.nanstd(over, 1),
        "quantile" => x.quantile(0.25, over, QuantileMethod::Linear),
        "nanquantile" => x.nanquantile(0.25, over, QuantileMethod::Linear),
        "quantiles" => x.quantile([0.25, 0.5], over, QuantileMethod::Linear),
        "nanquantiles" => x.nanquantile([0.25, 0.5], over, QuantileMethod::Linear),
        "average" => x.average(over, &Array::ones(x.shape(), "auto").unwrap()),
        "flip" => x.flip(over),
        _ => return None,
    })
}

/// What is done along an axis.
fn along(name: &str, x: &Array, axis: isize) -> Option<Result<Vec<Array>>> {
    let len = *x.shape().get(usize::try_from(axis).ok()?)?;
    let one = match name {
        "cumsum" => x.cumsum(axis),
        "cumprod" => x.cumprod(axis),
        "nancumsum" => x.nancumsum(axis),
        "nancumprod" => x.nancumprod(axis),
        "cummax" => x.cummax(axis),
        "cummin" => x.cummin(axis),
        "diff" => x.diff(1, axis),
        "diff2" => x.diff(2, axis),
        "gradient" => x.gradient(1.0, axis, 1),
        "trapezoid" => x.trapezoid(1.0, axis),
        "roll" => x.roll(2, axis),
        "repeat" => x.repeat(2, axis),
        "repeat none" => x.repeat(0, axis),
        "repeat_each" => x.repeat_each(&vec![2; len], axis),
        "take none" => x.take(axis, &[]),
        "take first" => x.take(axis, &[0]),
        "index" => x.index_axis(axis, 0),
        "delete none" => x.delete(&[], axis),
        "delete first" => x.delete(&[0], axis),
        "insert" => x.insert(&[0], value(x, 7), axis),
        "concatenate" => Array::concatenate(&[x.clone(), x.clone()], axis),
        "stack" => Array::stack(&[x.clone(), x.clone()], axis),
        "append" => x.append(x, axis),
        "expand_dims" => x.expand_dims(axis),
        "sort" => x.sort(axis),
        "argsort" => x.argsort(axis),
        "take_along_axis" => {
            x.zeros_like().and_then(|x| x.astype(DType::I64)).and_then(|i| x.take_along_axis(&i, axis))
        }
        "compress" => Array::full(true, len, "auto").and_then(|mask| x.compress(&mask, axis)),
        "sliding" => x.sliding_window_view(2, axis),
        "rfft" => x.rfft(axis, None, FourierNorm::Backward),
        "fft" => x.fft(axis, None, FourierNorm::Backward),
        "fftshift" => x.fftshift(&[axis]),
        "cross" => x.cross(x, axis),
        "apply_along_axis" => x.astype(DType::F64).and_then(|x| {
            x.apply_along_axis("first", axis, len.min(1), |line: &[f64]| {
                Ok(line.iter().take(1).map(|x| 2.0 * x).collect::<Vec<f64>>())
            })
        }),
        "split" => return Some(x.split(1, axis)),
        "array_split" => return Some(x.array_split(3, axis)),
        "split_at" => return Some(x.split_at(&[0, 1], axis)),
        _ => return None,
    };
    Some(one.map(|array| vec![array]))
}

/// A number as one of the array's dtype.
fn value(x: &Array, number: i64) -> graticule_array::Scalar {
    if x.dtype() == DType::Bool { (number != 0).into() } else { number.into() }
}

fn between(name: &str, a: &Array, b: &Array) -> Option<Result<Array>> {
    Some(match name {
        "add" => a + b,
        "subtract" => a - b,
        "multiply" => a * b,
        "divide" => a / b,
        "floor_divide" => a.floor_divide(b),
        "remainder" => a.remainder(b),
        "equal" => a.equal(b),
        "less" => a.less(b),
        "maximum" => a.maximum(b),
        "fmin" => a.fmin(b),
        "arctan2" => a.arctan2(b),
        "hypot" => a.hypot(b),
        "logical_and" => a.logical_and(b),
        "power" => a.pow(b),
        _ => return None,
    })
}

fn elementwise(name: &str, x: &Array) -> Option<Result<Array>> {
    Some(match name {
        "absolute" => x.abs(),
        "sign" => x.sign(),
        "square" => x.square(),
        "sqrt" => x.sqrt(),
        "exp" => x.exp(),
        "log" => x.ln(),
        "sin" => x.sin(),
        "floor" => x.floor(),
        "negative" => x.unary(Unary::Negative),
        "isnan" => x.isnan(),
        "isfinite" => x.isfinite(),
        "signbit" => x.signbit(),
        "logical_not" => x.logical_not(),
        "where" => x.greater(0).and_then(|mask| mask.choose(x, value(x, 0))),
        "clip" => x.clip(value(x, 0), value(x, 1)),
        "astype" => x.astype(DType::F32),
        "isclose" => x.isclose(x, 1e-5, 1e-8, false),
        "allclose" => x.allclose(x, 1e-5, 1e-8, false),
        "array_equal" => x.array_equal(x, false),
        "array_equal other" => x.array_equal(&ones(x, &vec![1; x.ndim()]), false),
        "nan_to_num" => x.nan_to_num(0.0, None, None),
        "select" => x.greater(0).and_then(|m| Array::select(&[m], &[x.into()], value(x, 0))),
        "piecewise" => {
            x.greater(0).and_then(|m| x.piecewise(&[m], &[value(x, 1).into(), value(x, 0).into()]))
        }
        "around" => x.around(1),
        "digitize" => x.digitize(&[0.0, 1.0], false),
        "interp" => x.interp(&[0.0, 1.0], &[0.0, 1.0], None, None),
        "isin" => x.isin([1]),
        "isin none" => x.isin([0i64; 0]),
        "assign" => x.assign(s![..], value(x, 7)),
        "assign_where" => x.greater(0).and_then(|mask| x.assign_where(&mask, value(x, 7))),
        "add row" => x + row(x, *x.shape().last()?),
        "add two rows" => x + ones(x, &[&[2], &vec![1; x.ndim()][..]].concat()),
        "add other" => x + row(x, 5),
        _ => return None,
    })
}

fn ones(x: &Array, shape: &[usize]) -> Array {
    Array::ones(shape, "auto").unwrap().astype(x.dtype()).unwrap()
}

fn row(x: &Array, len: usize) -> Array {
    ones(x, &[len])
}

/// What is done with shapes, positions and masks.
fn moved(name: &str, x: &Array) -> Option<Result<Vec<Array>>> {
    let pair = [x.clone(), x.clone()];
    let mask = || x.greater(0);
    let one = match name {
        "transpose" => x.transpose(),
        "ravel" => x.ravel(),
        "reshape -1" => x.reshape(&[-1]),
        "reshape 0 7" => x.reshape(&[0, 7]),
        "reshape 7 0 -1" => x.reshape(&[7, 0, -1]),
        "reshape -1 7" => x.reshape(&[-1, 7]),
        "reshape 1" => x.reshape(&[1]),
        "squeeze" => x.squeeze(()),
        "atleast_3d" => x.atleast_3d(),
        "broadcast_to" => x.broadcast_to([&[2], x.shape()].concat()),
        "tile" => x.tile(&[2, 3]),
        "tile none" => x.tile(&[0]),
        "vstack" => Array::vstack(&pair),
        "hstack" => Array::hstack(&pair),
        "dstack" => Array::dstack(&pair),
        "block" => Array::block([x, x]),
        "mask" => mask().and_then(|mask| x.mask(&mask)),
        "extract" => mask().and_then(|mask| x.extract(&mask)),
        "argwhere" => x.argwhere(),
        "nonzero" => return Some(x.nonzero()),
        "flatnonzero" => x.flatnonzero(),
        "unique" => x.unique().and_then(|unique| Array::from_chunk(unique.values)),
        "diagonal" => x.diagonal(0, 0, 1),
        "trace" => x.trace(0, 0, 1),
        "tril" => x.tril(0),
        "triu" => x.triu(0),
        "diag" => x.diag(0),
        "rot90" => x.rot90(1, (0, 1)),
        "ediff1d" => x.ediff1d(None, None),
        "meshgrid" => {
            let two = Array::from_array(ndarray::arr1(&[1i64, 2]), "auto").unwrap();
            return Some(Array::meshgrid(&[x.clone(), two], Indexing::Xy));
        }
        "unravel_index" => return Some(x.astype(DType::I64).and_then(|x| x.unravel_index((2, 3)))),
        "ravel_multi_index" => {
            x.astype(DType::I64).and_then(|x| Array::ravel_multi_index(&[x.clone(), x], (2, 3)))
        }
        "choose" => x.astype(DType::I64).and_then(|at| at.choose_from(&pair)),
        "divmod" => {
            return Some(x.divmod(ones(x, &vec![1; x.ndim()])).map(|(quotient, rest)| vec![quotient, rest]));
        }
        _ => return None,
    };
    Some(one.map(|array| vec![array]))
}

/// Counts and products.
fn counted(name: &str, x: &Array) -> Option<Result<Vec<Array>>> {
    let edges = || Bins::from([0.0, 1.0, 3.0]);
    let two = Array::from_array(ndarray::arr1(&[1i64, 2]), "auto").unwrap();
    let floats = || x.astype(DType::F64);
    let last = (x.ndim() > 1).then_some(());
    let swapped = || last.map_or(Ok(x.clone()), |()| x.swapaxes(-1, -2));
    let one = match name {
        "searchsorted" => {
            let sorted = Array::from_array(ndarray::arr1(&[1.0, 2.0]), "auto").unwrap();
            sorted.searchsorted(x, Side::Left)
        }
        "searchsorted in none" => {
            let wanted = Array::from_array(ndarray::arr1(&[1.0, 2.0]), "auto").unwrap();
            x.ravel().and_then(|x| x.searchsorted(&wanted, Side::Left))
        }
        "histogram" => x.histogram(3, (0.0, 1.0)),
        "histogram edges" => x.histogram_edges(&[0.0, 1.0, 3.0]),
        "histogram weights" => x.histogram_weighted(edges(), &Array::ones(x.shape(), "auto").unwrap()),
        "histogram density" => x.histogram_over(edges(), None).and_then(|histogram| histogram.density()),
        "histogram2d" => x
            .ravel()
            .and_then(|x| x.histogram2d(&x, edges(), [0.0, 1.0], None))
            .map(|histogram| histogram.counts),
        "tensordot 1" => x.transpose().and_then(|other| x.tensordot(&other, 1)),
        "tensordot 0" => x.tensordot(&row(x, 2), 0),
        "matmul" => swapped().and_then(|other| x.matmul(&other)),
        "matmul back" => swapped().and_then(|other| other.matmul(x)),
        "dot" => x.transpose().and_then(|other| x.dot(&other)),
        "inner" => x.inner(x),
        "vdot" => x.vdot(x),
        "outer" => x.outer(&two),
        "outer none" => two.outer(x),
        "einsum sum" => floats().and_then(|x| einsum("...i->...", &[&x])),
        "einsum outer" => floats().and_then(|x| einsum("...i,j->...ij", &[&x, &row(&x, 2)])),
        "cov" => x.cov(true, 1),
        "corrcoef" => x.corrcoef(true),
        "bincount" => x.ravel().and_then(|x| x.astype(DType::I64)).and_then(|x| x.bincount(3, None)),
        "linalg qr" => return Some(floats().and_then(|x| x.qr()).map(|(q, r)| vec![q, r])),
        "linalg svd" => return Some(floats().and_then(|x| x.svd()).map(|(u, s, v)| vec![u, s, v])),
        "linalg inv" => floats().and_then(|x| x.inv()),
        "linalg cholesky" => floats().and_then(|x| x.cholesky()),
        "linalg solve" => floats().and_then(|x| x.solve(&ones(&x, x.shape()))),
        _ => return None,
    };
    Some(one.map(|array| vec![array]))
}

fn padded(name: &str, x: &Array) -> Option<Result<Array>> {
    let (mode, place) = name.strip_prefix("pad ")?.split_once(' ')?;
    let mode = match mode {
        "constant" => PadMode::constant(value(x, 0)),
        "empty" => PadMode::Empty,
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect { odd: false },
        "symmetric" => PadMode::Symmetric { odd: false },
        "wrap" => PadMode::Wrap,
        "linear_ramp" => PadMode::LinearRamp(0.0.into()),
        "maximum" => PadMode::Maximum(None),
        "minimum" => PadMode::Minimum(None),
        "mean" => PadMode::Mean(None),
        _ => return None,
    };
    let mut widths = vec![(0, 0); x.ndim()];
    match place {
        "first" => widths[0] = (1, 2),
        "last" => widths[x.ndim() - 1] = (1, 2),
        _ => {}
    }
    Some(x.pad(&widths, &mode))
}

/// The operation of a case, on an array.
fn run(op: &str, x: &Array) -> Option<Result<Vec<Array>>> {
    let single = |one: Result<Array>| one.map(|array| vec![array]);
    let one = || ones(x, &vec![1; x.ndim()]);
    if let Some((name, axis)) = op.rsplit_once(' ') {
        if let Some(folded) = fold(name, x, axis) {
            return Some(single(folded));
        }
        if let Some(result) = axis.parse().ok().and_then(|axis| along(name, x, axis)) {
            return Some(result);
        }
    }
    let pair = match op.strip_prefix("one ") {
        Some(name) => between(name, &one(), x),
        None => match op.strip_suffix(" one") {
            Some(name) => between(name, x, &one()),
            None => between(op, x, x),
        },
    };
    let array = pair.or_else(|| elementwise(op, x)).or_else(|| padded(op, x));
    array.map(single).or_else(|| moved(op, x)).or_else(|| counted(op, x))
}

/// Computes at once where that is possible, and by a plan.
fn computed(arrays: &[Array]) -> Result<Vec<Chunk>> {
    let planned = Runtime::builder().threads(2).memory_limit("2MiB")?.build();
    let by_plan = planned.compute_all(&arrays.iter().collect::<Vec<_>>())?;
    for (array, by_plan) in arrays.iter().zip(&by_plan) {
        let same = array.compute()?;
        assert_eq!((same.dtype(), same.shape()), (by_plan.dtype(), by_plan.shape()), "{}", array.tree());
        assert_eq!((array.dtype(), array.shape()), (by_plan.dtype(), by_plan.shape()), "{}", array.tree());
    }
    Ok(by_plan)
}

/// How an answer is another than numpy's.
#[derive(Clone, Copy, PartialEq)]
enum Apart {
    /// An error where numpy has an answer.
    Refused,
    /// An answer where numpy has an error.
    Answered,
    /// Another dtype.
    Wider,
}

/// On purpose apart from numpy: beginnings of operations, and the dtype where it is only that.
const APART: &[(&str, Option<DType>, Apart, &str)] = &[
    ("average ", None, Apart::Answered, "NaN where weights add up to zero, which lazy weights tell too late"),
    (
        "apply_along_axis ",
        None,
        Apart::Answered,
        "the length of the result is given, not found out by a call",
    ),
    ("tril", None, Apart::Refused, "numpy makes a matrix of a vector, whose rows are all the vector"),
    ("triu", None, Apart::Refused, "as tril"),
    ("take first ", None, Apart::Refused, "numpy looks at positions only where the result has elements"),
    ("cross ", None, Apart::Refused, "numpy is giving up vectors of two components"),
    ("linalg qr", None, Apart::Refused, "a matrix, not a stack of matrices"),
    ("linalg svd", None, Apart::Refused, "as qr"),
    ("tensordot ", Some(DType::I32), Apart::Wider, "sums of integers have 64 bits"),
    ("matmul", Some(DType::I32), Apart::Wider, "as tensordot"),
    ("dot", Some(DType::I32), Apart::Wider, "as tensordot"),
    ("inner", Some(DType::I32), Apart::Wider, "as tensordot"),
    ("vdot", Some(DType::I32), Apart::Wider, "as tensordot"),
    ("square", Some(DType::Bool), Apart::Refused, "no arithmetic on booleans but sums and products"),
    ("floor_divide", Some(DType::Bool), Apart::Refused, "as square"),
    ("one floor_divide", Some(DType::Bool), Apart::Refused, "as square"),
    ("remainder", Some(DType::Bool), Apart::Refused, "as square"),
    ("one remainder", Some(DType::Bool), Apart::Refused, "as square"),
    ("power", Some(DType::Bool), Apart::Refused, "as square"),
    ("one power", Some(DType::Bool), Apart::Refused, "as square"),
    ("divmod", Some(DType::Bool), Apart::Refused, "as square"),
    ("gradient ", Some(DType::Bool), Apart::Answered, "booleans become float64 first"),
    ("quantile", Some(DType::Bool), Apart::Answered, "booleans become float64 first"),
    ("nanquantile", Some(DType::Bool), Apart::Answered, "booleans become float64 first"),
    ("ediff1d", Some(DType::Bool), Apart::Answered, "whether neighbours differ, as diff"),
];

fn is_on_purpose(case: &Case, dtype: DType, apart: Apart) -> bool {
    APART.iter().any(|(name, only, how, _)| {
        case.op().starts_with(name) && only.is_none_or(|only| only == dtype) && *how == apart
    })
}

/// What is wrong with an answer.
fn mistake(case: &Case) -> Option<String> {
    let x = case.inputs(2).remove(0);
    let run = || run(case.op(), &x).map(|result| result.and_then(|arrays| computed(&arrays)));
    let got = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    let got = match got {
        Err(_) => return Some("it panics".into()),
        Ok(None) => return Some("it was not tried".into()),
        Ok(Some(got)) => got,
    };
    let wanted = case.answers();
    let (got, wanted) = match (got, wanted) {
        (Err(_), Err(_)) => return None,
        (Err(_), Ok(_)) if is_on_purpose(case, x.dtype(), Apart::Refused) => return None,
        (Err(error), Ok(_)) => return Some(format!("error, but numpy has an answer: {error}")),
        (Ok(_), Err(_)) if is_on_purpose(case, x.dtype(), Apart::Answered) => return None,
        (Ok(got), Err(error)) => {
            let shapes: Vec<&[usize]> = got.iter().map(Chunk::shape).collect();
            return Some(format!("{shapes:?}, but numpy says {error}"));
        }
        (Ok(got), Ok(wanted)) => (got, wanted),
    };
    if got.len() != wanted.len() {
        return Some(format!("{} instead of {} arrays", got.len(), wanted.len()));
    }
    got.iter().zip(&wanted).find_map(|(got, wanted)| {
        let other_dtype = got.dtype() != wanted.dtype() && !is_on_purpose(case, x.dtype(), Apart::Wider);
        if other_dtype || got.shape() != wanted.shape() {
            let (a, b) = ((got.dtype(), got.shape()), (wanted.dtype(), wanted.shape()));
            return Some(format!("{a:?} instead of {b:?}"));
        }
        let (a, b) = (got.to_f64(), wanted.compute().unwrap().to_f64());
        let same = a.iter().zip(&b).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
        (!same).then(|| format!("{a:?} instead of {b:?}"))
    })
}

#[test]
fn operations_on_nothing_are_numpys() {
    let mut mistakes = Vec::new();
    for case in cases(include_str!("golden/empty.json")) {
        let x = case.inputs(0).remove(0);
        if let Some(mistake) = mistake(&case) {
            mistakes.push(format!("{} of {} {:?}: {mistake}", case.op(), x.dtype(), x.shape()));
        }
    }
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}
