//! Every family of operations over about ten times as many bytes as may be used.

use graticule_array::{
    Aggregation, Array, Boundary, Chunk, DType, Decay, Depth, FourierNorm, PadMode, QuantileMethod, Result,
    Side, Statistic, s,
};

use crate::measure::Case;
use crate::supply::made;

/// Days, and places in two directions: 77 MB.
const SHAPE: [usize; 3] = [800, 120, 100];

/// Where a computation goes.
enum To {
    Memory(Vec<Array>),
    /// A sink that takes chunks of this shape.
    Sink(Array, Vec<usize>),
}

use To::{Memory, Sink};

pub(crate) fn cases() -> Result<Vec<Case>> {
    let mut cases = folded()?;
    cases.extend(along_axes()?);
    cases.extend(moved()?);
    cases.extend(products_and_draws()?);
    let case = |(name, input, to)| {
        let case = match to {
            Memory(results) => Case::computed(name, results),
            Sink(array, chunks) => Case::stored(name, array, &chunks),
        };
        Case { input, limit: input / 10 + (input / 10) / 8, slack: 4, ..case }
    };
    Ok(cases.into_iter().map(case).collect())
}

type Cases = Vec<(&'static str, usize, To)>;

fn bytes(array: &Array) -> usize {
    array.size() * array.dtype().size()
}

/// Chunks of a few days.
fn days() -> Result<Array> {
    made(&SHAPE, &[4, 120, 100])
}

/// Chunks that are about as long in every direction, for what looks along an axis that is cut.
fn cubes() -> Result<Array> {
    made(&SHAPE, &[16, 30, 25])
}

/// Numbers of groups, one for each day.
fn groups(of: impl Fn(i64) -> i64) -> Result<Array> {
    let codes: Vec<i64> = (0..SHAPE[0] as i64).map(of).collect();
    Array::from_chunk(Chunk::new(vec![SHAPE[0], 1, 1], codes)?)
}

fn folded() -> Result<Cases> {
    let x = days()?;
    let input = bytes(&x);
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    let months = groups(|day| day / 30 % 12)?;
    let computed = (&groups(|day| day / 30 % 12)? + 0i64)?;
    let blocks = groups(|day| day / 4)?;
    let seasons = groups(|day| day / 90 % 4)?;
    let spread = Aggregation { kind: Statistic::Var { ddof: 1 }, skipna: true };
    let whole = (&x * 12.0)?.floor()?.astype(DType::I64)?;
    let weights = (&x + 1.0)?;
    Ok(vec![
        ("elementwise and mean", input, Memory(vec![((&x * 2.0)? + x.sin()?)?.mean(())?])),
        ("mean over days", input, Memory(vec![(&x * 2.0)?.mean(0)?])),
        ("mean over places", input, Memory(vec![x.mean([1, 2])?])),
        ("several results", input, Memory(vec![x.mean(0)?, x.max([1, 2])?, x.std((), 0)?, x.min(())?])),
        ("var", input, Memory(vec![x.var(0, 1)?])),
        ("nanvar", input, Memory(vec![x.nanvar(0, 1)?])),
        ("argmax", input, Memory(vec![x.argmax(0)?])),
        ("variance about the mean", input, Memory(vec![(&x - x.mean(0)?)?.pow(2)?.mean(0)?])),
        ("groups by table", input, Memory(vec![x.group_reduce(mean.clone(), 0, &months, 12)?])),
        ("groups by computed codes", input, Memory(vec![x.group_reduce(mean.clone(), 0, &computed, 12)?])),
        ("variances of groups", input, Memory(vec![x.group_reduce(spread, 0, &seasons, 4)?])),
        ("groups of neighbours", input, Memory(vec![x.group_reduce(mean, [0, 1], &blocks, 200)?])),
        ("exact mean", input, Memory(vec![x.mean_exact(())?])),
        ("histogram", input, Memory(vec![x.histogram(1000, (0.0, 1.0))?])),
        ("histogram weighted", input, Memory(vec![x.histogram_weighted((1000, (0.0, 1.0)), &weights)?])),
        ("bincount", input, Memory(vec![whole.bincount(12, None)?])),
        ("bincount weighted", input, Memory(vec![whole.bincount(12, Some(&weights))?])),
    ])
}

fn along_axes() -> Result<Cases> {
    let x = cubes()?;
    let input = bytes(&x);
    let gaps = x.less(0.3)?.choose(f64::NAN, &x)?;
    let pencils = vec![800, 8, 15];
    let whole = x.rechunk(pencils.clone())?;
    // What is over all axes is counted by bits beyond 64 MiB; less is taken whole.
    let large = made(&[3100, 120, 100], &[4, 120, 100])?;
    let depth = Depth::new().axis(0, 1, 1, Boundary::Periodic).axis(1, 2, 2, Boundary::Reflect);
    Ok(vec![
        ("cumsum along the cut axis", input, Sink(x.cumsum(0)?, vec![16, 30, 25])),
        ("cumsum along a whole axis", input, Memory(vec![x.cumsum(1)?.sum(0)?])),
        ("cummax", input, Memory(vec![x.cummax(0)?.sum(0)?])),
        ("ffill", input, Memory(vec![gaps.ffill(0, None)?.sum(0)?])),
        ("bfill to a limit", input, Memory(vec![gaps.bfill(0, Some(3))?.nanmean(0)?])),
        ("rolling mean", input, Sink(x.rolling(0, 7)?.mean()?, vec![16, 30, 25])),
        ("rolling std", input, Memory(vec![x.rolling(0, 30)?.std(0)?.nanmean(0)?])),
        ("rolling median", input, Memory(vec![x.rolling(0, 9)?.median()?.nanmean(0)?])),
        ("rolling mean within chunks", input, Memory(vec![x.rolling(2, 9)?.mean()?.nanmean(0)?])),
        ("rolling cov", input, Memory(vec![x.rolling(0, 7)?.cov(&gaps, 1)?.nanmean(0)?])),
        ("rolling over axes", input, Memory(vec![x.rolling_axes(&[(1, 2), (2, 3)])?.var(1)?.nanmean(0)?])),
        ("exponential mean", input, Memory(vec![gaps.rolling_exp(0, Decay::Span(9.0))?.mean()?.nanmean(0)?])),
        (
            "exponential corr",
            input,
            Memory(vec![x.rolling_exp(0, Decay::Span(9.0))?.corr(&gaps)?.nanmean(0)?]),
        ),
        ("coarsen median", input, Memory(vec![x.coarsen(&[(0, 4), (1, 4)])?.median()?.sum(0)?])),
        ("coarsen", input, Sink(x.coarsen(&[(0, 5), (1, 4), (2, 2)])?.mean()?, vec![4, 10, 25])),
        ("coarsen std", input, Memory(vec![x.coarsen(&[(0, 10), (1, 4)])?.std(0)?.mean(0)?])),
        (
            "map_overlap",
            input,
            Memory(vec![x.map_overlap("same", DType::F64, &depth, |b| Ok(b.clone()))?.sum(0)?]),
        ),
        ("sort", input, Sink(whole.sort(0)?, pencils.clone())),
        ("sort whole lines", input, Memory(vec![x.sort(2)?.sum(0)?])),
        ("argsort", input, Memory(vec![whole.argsort(0)?.sum(0)?])),
        ("rank", input, Memory(vec![x.rank(1)?.sum(0)?])),
        ("topk", input, Memory(vec![whole.topk(3, 0)?])),
        ("argtopk", input, Memory(vec![whole.argtopk(-3, 0)?])),
        (
            "quantiles along the cut axis",
            input,
            Memory(vec![whole.quantile([0.1, 0.9], 0, QuantileMethod::Linear)?]),
        ),
        ("median of whole lines", input, Memory(vec![x.median(2)?.sum(0)?])),
        ("global median", bytes(&large), Memory(vec![large.median(())?])),
        (
            "global quantiles",
            bytes(&large),
            Memory(vec![large.quantile([0.1, 0.5], (), QuantileMethod::Linear)?]),
        ),
        ("diff", input, Memory(vec![x.diff(1, 0)?.sum(0)?])),
        ("gradient", input, Memory(vec![x.gradient(1.0, 0, 1)?.sum(0)?])),
    ])
}

fn moved() -> Result<Cases> {
    let x = days()?;
    let input = bytes(&x);
    let doubled = |array: &Array| {
        array.map_blocks("double", DType::F64, |block| {
            Chunk::new(block.shape().to_vec(), block.as_slice::<f64>()?.iter().map(|v| v * 2.0).collect())
        })
    };
    let pencils = doubled(&x)?.rechunk((800, 8, 15))?;
    // Day after day from far apart.
    let single = made(&SHAPE, &[1, 120, 100])?;
    let shuffle: Vec<isize> = (0..800).map(|i| i * 153 % 800).collect();
    let points: Vec<isize> = (0..2_000).map(|i| i * 97 % 100).collect();
    let edges = Array::linspace(0.0, 1.0, 10_000)?.persist()?;
    let between: Vec<isize> = (0..1500).map(|i| i / 2).collect();
    let scattered: Vec<isize> = (0..2_000).map(|i| i * 4_799).collect();
    let nearest = x.argmax(2)?.expand_dims(2)?;
    Ok(vec![
        ("map_blocks", input, Memory(vec![doubled(&x)?.sum(0)?])),
        ("map_blocks twice", input, Memory(vec![doubled(&doubled(&x)?)?.sum(0)?])),
        ("rechunk to pencils, to a sink", input, Sink(pencils.clone(), vec![800, 8, 15])),
        ("rechunk to pencils, then blocks", input, Memory(vec![doubled(&pencils)?.sum(0)?])),
        ("store", input, Sink((&x * 2.0)?, vec![4, 120, 100])),
        ("store in other chunks", input, Sink((&x * 2.0)?, vec![40, 30, 50])),
        ("take shuffled", input, Sink(single.take(0, &shuffle)?, vec![1, 120, 100])),
        ("take and sum", input, Memory(vec![single.take(0, &shuffle)?.sum(0)?])),
        (
            "vindex",
            input,
            Memory(vec![x.vindex(&[(..).into(), points.clone().into(), points.into()])?.sum(1)?]),
        ),
        ("take_linear", input, Memory(vec![x.take_linear(0, &between, &[0.25; 1500])?.sum(0)?])),
        ("put", input, Memory(vec![x.put(&scattered, 1.0)?.sum(0)?])),
        ("take_along_axis", input, Memory(vec![x.take_along_axis(&nearest, 2)?.sum(0)?])),
        ("reshape", input, Sink(x.reshape(&[-1, 100])?, vec![480, 100])),
        ("reshape across chunks", input, Memory(vec![x.rechunk((4, 60, 50))?.reshape(&[-1, 50])?.sum(0)?])),
        ("transpose", input, Sink(x.transpose()?, vec![100, 120, 4])),
        (
            "pad",
            input,
            Sink(x.pad(&[(3, 3), (2, 2), (0, 0)], &PadMode::Reflect { odd: false })?, vec![4, 124, 100]),
        ),
        (
            "pad with means",
            input,
            Memory(vec![x.pad(&[(3, 3), (0, 0), (1, 1)], &PadMode::Mean(None))?.sum(0)?]),
        ),
        ("roll", input, Memory(vec![x.roll(17, 0)?.roll(5, 2)?.sum(0)?])),
        ("stack", input, Memory(vec![Array::stack(&[x.clone(), (&x + 1.0)?], 0)?.sum(1)?])),
        ("concatenate", input, Sink(Array::concatenate(&[x.clone(), x.clone()], 1)?, vec![4, 240, 100])),
        ("assign", input, Memory(vec![x.assign(s![3..300;2, .., ..;-3], 1.0)?.sum(0)?])),
        ("searchsorted", input, Memory(vec![edges.searchsorted(&x, Side::Left)?.sum(0)?])),
        ("isin", input, Memory(vec![x.floor()?.isin([0.0, 1.0])?.sum(())?])),
        ("flip and add", input, Memory(vec![(&x + x.flip([0, 2])?)?.sum(0)?])),
    ])
}

fn products_and_draws() -> Result<Cases> {
    let x = days()?;
    let input = bytes(&x);
    let weights = made(&[100, 60], &[100, 60])?;
    let flat = made(&[8000, 1200], &[100, 1200])?;
    let few = made(&[1200, 50], &[1200, 50])?;
    let tall = made(&[960_000, 10], &[4_000, 10])?;
    let lines = made(&SHAPE, &[6, 120, 100])?;
    let drawn = [320_000, 30];
    let chunks = [3_200, 30];
    Ok(vec![
        ("tensordot", input, Memory(vec![x.tensordot(&weights, ([2], [0]))?.sum(0)?])),
        ("matmul", bytes(&flat), Memory(vec![flat.matmul(&few)?.sum(0)?])),
        (
            "matmul over the cut axis",
            bytes(&flat),
            Memory(vec![flat.transpose()?.matmul(&flat.slice(s![.., ..40])?)?]),
        ),
        (
            "gufunc",
            input,
            Memory(
                Array::apply_gufunc(
                    "sums",
                    "(i)->(),()",
                    &[&x],
                    &[],
                    |lines: &[ndarray::ArrayViewD<'_, f64>]| {
                        Ok(vec![
                            ndarray::arr0(lines[0].sum()).into_dyn(),
                            ndarray::arr0(lines[0].len() as f64).into_dyn(),
                        ])
                    },
                )?
                .iter()
                .map(|output| output.sum(0))
                .collect::<Result<_>>()?,
            ),
        ),
        ("covariance of columns", bytes(&tall), Memory(vec![tall.cov(false, 1)?])),
        ("qr", bytes(&tall), Memory(vec![tall.qr()?.1])),
        ("qr with its vectors", bytes(&tall), Sink(tall.qr()?.0, vec![4_000, 10])),
        ("svd", bytes(&tall), Memory(vec![tall.svd()?.1])),
        ("rfft along a whole axis", input, Memory(vec![lines.rfft(2, None, FourierNorm::Backward)?.sum(0)?])),
        ("rfft along the cut axis", input, Memory(vec![x.rfft(0, None, FourierNorm::Backward)?.sum(0)?])),
        ("normal", bytes(&tall), Memory(vec![Array::random_normal(0.0, 1.0, 1, drawn, chunks)?.mean(0)?])),
        ("gamma", bytes(&tall), Memory(vec![Array::random_gamma(2.0, 1.0, 1, drawn, chunks)?.mean(0)?])),
        ("poisson", bytes(&tall), Memory(vec![Array::random_poisson(4.0, 1, drawn, chunks)?.mean(0)?])),
        ("binomial", bytes(&tall), Memory(vec![Array::random_binomial(90, 0.3, 1, drawn, chunks)?.mean(0)?])),
        ("beta", bytes(&tall), Memory(vec![Array::random_beta(0.5, 2.0, 1, drawn, chunks)?.mean(0)?])),
        ("integers", bytes(&tall), Sink(Array::random_integers(0..9, 1, drawn, chunks)?, chunks.to_vec())),
        (
            "choice by probability",
            bytes(&tall),
            Memory(vec![Array::random_choice(3, Some(&[0.2, 0.3, 0.5]), 1, drawn, chunks)?.mean(0)?]),
        ),
        ("permutation", bytes(&tall), Memory(vec![Array::random_permutation(9_600_000, 1, 48_000)?.max(0)?])),
    ])
}
