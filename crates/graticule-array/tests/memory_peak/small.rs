//! Families that need an axis whole, or collect from far apart, over ten times as much as a small limit allows, in the
//! chunks of files: a map a day. Nothing is cut to suit the limit beforehand.

use graticule_array::{
    Aggregation, Array, Boundary, Chunk, DType, Depth, FourierNorm, QuantileMethod, Result, Statistic, s,
};

use crate::measure::Case;
use crate::supply::made;

/// What one thread has, and two have twice.
pub(crate) const LIMIT: usize = 32 << 20;

/// What twice the limit has room for on one thread without pieces, and not on two.
pub(crate) const ALONE: [&str; 3] = ["take_along_axis of as many", "cumsum", "ffill"];

/// Days, and places in two directions: 336 MB.
const SHAPE: [usize; 3] = [1000, 210, 200];

pub(crate) fn cases() -> Result<Vec<Case>> {
    let x = made(&SHAPE, &[1, 210, 200])?;
    let input = x.size() * x.dtype().size();
    let gaps = x.less(0.3)?.choose(f64::NAN, &x)?;
    let shuffle: Vec<isize> = (0..1000).map(|i| i * 153 % 1000).collect();
    let points: Vec<isize> = (0..5_000).map(|i| i * 97 % 200).collect();
    let latest = x.argmax(0)?.expand_dims(0)?;
    let depth = Depth::new().axis(0, 1, 1, Boundary::Periodic).axis(1, 2, 2, Boundary::Reflect);
    let pairs: Vec<i64> = (0..1000).map(|day| day / 20).collect();
    let pairs = Array::from_chunk(Chunk::new(vec![1000, 1, 1], pairs)?)?;
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    let stored = Case::stored;
    let cases = vec![
        stored("sort", x.sort(0)?, &[1000, 1, 200]),
        Case::computed("argsort of float32", vec![x.astype(DType::F32)?.argsort(0)?.sum(0)?]),
        Case::computed("rank", vec![x.rank(0)?.nanmax(0)?]),
        Case::computed("topk", vec![x.topk(3, 0)?]),
        Case::computed("median over days", vec![x.median(0)?]),
        Case::computed("quantiles", vec![x.quantile([0.1, 0.9], 0, QuantileMethod::Linear)?]),
        Case::computed("median of everything", vec![x.median(())?]),
        Case::computed("median of 20 MB", vec![x.slice(s![..60, .., ..])?.median(())?]),
        stored("take shuffled", x.take(0, &shuffle)?, &[1, 210, 200]),
        Case::computed(
            "vindex",
            vec![x.vindex(&[(..).into(), points.clone().into(), points.into()])?.sum(1)?],
        ),
        Case::computed("take_along_axis", vec![x.take_along_axis(&latest, 0)?]),
        Case::computed("take_along_axis of as many", vec![x.take_along_axis(&x.argsort(0)?, 0)?.sum(0)?]),
        stored("cumsum", x.cumsum(0)?, &[1, 210, 200]),
        Case::computed("ffill", vec![gaps.ffill(0, None)?.sum(0)?]),
        stored("rolling mean of a month", x.rolling(0, 30)?.mean()?, &[1, 210, 200]),
        Case::computed("rolling median of a week", vec![x.rolling(0, 7)?.median()?.nanmean(0)?]),
        stored("coarsen to months", x.coarsen(&[(0, 40)])?.mean()?, &[1, 210, 200]),
        Case::computed(
            "map_overlap",
            vec![x.map_overlap("same", DType::F64, &depth, |b| Ok(b.clone()))?.sum(0)?],
        ),
        Case::computed("rfft", vec![x.rfft(0, None, FourierNorm::Backward)?.sum(0)?]),
        stored("reshape", x.reshape(&[-1, 200])?, &[210, 200]),
        stored("groups of neighbours", x.group_reduce(mean, 0, &pairs, 50)?, &[1, 210, 200]),
        Case::computed("gradient", vec![x.gradient(1.0, 0, 1)?.sum(0)?]),
    ];
    Ok(cases.into_iter().map(|case| Case { input, limit: LIMIT, slack: 4, ..case }).collect())
}
