//! What travels: every kind of node, every statistic, every dtype, in several chunks.

use std::collections::{BTreeSet, HashSet};

use graticule_array::{
    Aggregation, Array, AxisChunks, Casting, Custom, DType, Decay, Expr, Op, Result, Scalar, Side, Statistic,
    TimeUnit, blockwise, s,
};

use crate::numbers::{TIME, in_memory, numbers, outer, positions, times};

fn statistics() -> Vec<Statistic> {
    vec![
        Statistic::Sum,
        Statistic::Prod,
        Statistic::Mean,
        Statistic::Var { ddof: 1 },
        Statistic::Std { ddof: 0 },
        Statistic::Min,
        Statistic::Max,
        Statistic::Argmin,
        Statistic::Argmax,
        Statistic::Any,
        Statistic::All,
        Statistic::Count,
        Statistic::First,
        Statistic::Last,
        Statistic::Skew,
        Statistic::Kurtosis,
        Statistic::ExactSum,
        Statistic::ExactMean,
    ]
}

const DTYPES: [DType; 14] = [
    DType::Bool,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::U8,
    DType::U16,
    DType::U32,
    DType::U64,
    DType::F32,
    DType::F64,
    TIME,
    DType::Timedelta(TimeUnit::Nanosecond),
    DType::Str,
];

/// All expressions, each with a name.
pub(crate) fn cases() -> Vec<(String, Array)> {
    made().unwrap()
}

fn made() -> Result<Vec<(String, Array)>> {
    let mut cases: Vec<(String, Array)> = Vec::new();
    let mut add = |name: &str, array: Array| cases.push((name.into(), array));
    for dtype in DTYPES {
        let x = numbers(dtype, &[&[3, 3, 1], &[4, 5]]);
        let y = in_memory(dtype, &[&[2, 5], &[9]]);
        add(&format!("{dtype} as they are"), x.slice(s![..;-1, 2..])?);
        add(&format!("{dtype} counted"), x.count(0)?);
        add(&format!("{dtype} compared"), x.equal(&y)?);
        if dtype != DType::Str {
            add(&format!("{dtype} extremes"), Array::stack(&[x.nanmin(0)?, y.nanmax(0)?], 0)?);
        }
        if dtype.is_numeric() {
            add(&format!("{dtype} in a formula"), ((&x * 0.25)?.sin()? + y.astype(DType::F64)?.sqrt()?)?);
        }
    }
    let chunkings: [&[&[usize]]; 4] =
        [&[&[12], &[10]], &[&[5, 5, 2], &[3, 3, 3, 1]], &[&[1; 12], &[10]], &[&[7, 2, 3], &[1, 9]]];
    for (number, chunks) in chunkings.iter().enumerate() {
        for dtype in [DType::F64, DType::F32, DType::I32] {
            let x = numbers(dtype, chunks);
            for kind in statistics() {
                let name = format!("{kind} of {dtype}, chunks {number}");
                let aggregation = Aggregation { kind, skipna: number % 2 == 0 };
                if matches!(aggregation.kind, Statistic::Any | Statistic::All) {
                    add(&name, x.less(0)?.reduce(aggregation, 1, false)?);
                    continue;
                }
                add(&name, x.reduce(aggregation, (number % 2) as isize, number == 3)?);
            }
            add(&format!("histogram of {dtype}, chunks {number}"), x.histogram(9, (-70.0, 70.0))?);
            add(
                &format!("edges of {dtype}, chunks {number}"),
                x.histogram_edges(&[-70.0, 0.5, 1.0, f64::INFINITY])?,
            );
            let y = numbers(dtype, &[&[12], &[4, 6]]);
            add(&format!("cov of {dtype}, chunks {number}"), x.covariance(&(&y * &y)?, 0, 1, true)?);
            add(&format!("corr of {dtype}, chunks {number}"), x.correlation(&(&y * &y)?, (), true)?);
            let codes = (in_memory(DType::I64, &[&[12], &[1]]).remainder(4)? - 1)?;
            for kind in [Statistic::Mean, Statistic::Var { ddof: 1 }, Statistic::First] {
                let name = format!("groups, {kind} of {dtype}, chunks {number}");
                add(&name, x.group_reduce(Aggregation { kind, skipna: true }, 0, &codes, 3)?);
            }
        }
    }
    let x = numbers(DType::F64, &[&[5, 5, 2], &[3, 3, 3, 1]]);
    let ints = numbers(DType::I16, &[&[6, 6], &[10]]);
    add("anomalies", ((&x - x.nanmean(0)?)? / x.nanstd(0, 0)?)?);
    add("moves", x.transpose()?.expand_dims(1)?.broadcast_to((10, 3, 12))?.slice(s![2, .., 1..;3])?);
    add("a join", Array::concatenate(&[x.clone(), (&x * 2.0)?, ints.astype(DType::F64)?], 1)?);
    add("other chunks", x.rechunk((4, 7))?.sum(1)?);
    add("a full array", Array::full(Scalar::Datetime(5, TimeUnit::Second), (3, 2), (2, 2))?);
    add("a text", Array::full("ä\"\\", 3, 2)?);
    add("not a number", Array::full(f64::NAN, 3, 2)?);
    add("minus nothing", (Array::full(-0.0, 3, 2)? + 0.0)?);
    add("a range", Array::arange_step(10, -9, -3)?);
    add("a line", Array::linspace(0.1, 0.7, 13)?.rechunk(4)?);
    add("uniform", Array::random_uniform(0.0, 1.0, 1, 99, 10)?);
    add("normal", Array::random_normal(0.0, 1.0, u64::MAX, (9, 11), (2, 3))?);
    add("lognormal", Array::random_lognormal(0.0, 1.0, 3, 99, 10)?);
    add("exponential", Array::random_exponential(2.0, 4, 99, 10)?);
    add("gamma", Array::random_gamma(0.5, 2.0, 5, 99, 10)?);
    add("poisson", Array::random_poisson(3.5, 6, 99, 10)?);
    add("integers", Array::random_integers(-5..5, 7, 99, 10)?);
    add("binomial", Array::random_binomial(40, 0.4, 9, 99, 10)?);
    add("multinomial", Array::random_multinomial(9, &[0.25, 0.75], 9, 99, 10)?);
    add("negative binomial", Array::random_negative_binomial(2.5, 0.4, 9, 99, 10)?);
    add("hypergeometric", Array::random_hypergeometric(40, 60, 30, 9, 99, 10)?);
    add("noncentral chi-square", Array::random_noncentral_chisquare(2.5, 4.0, 9, 99, 10)?);
    add("von Mises", Array::random_vonmises(0.5, 4.0, 9, 99, 10)?);
    add("zipf", Array::random_zipf(2.5, 9, 99, 10)?);
    add("put", x.put(&[3, 99, -1], 7.0)?);
    add("exponential weights", x.rolling_exp(0, Decay::Halflife(3.0))?.corr(&(&x * 2.0)?)?);
    add("moving covariance", x.rolling(0, 4)?.min_periods(2).cov(&(&x * 2.0)?, 1)?);
    add("permutation", Array::random_permutation(99, 8, 10)?);
    add("digitize", x.digitize(&[-50.0, 0.0, 50.0], true)?);
    let edges = Array::linspace(-50.0, 50.0, 3)?;
    add("searchsorted", edges.searchsorted(&x, Side::Left)?);
    add("isin", ints.isin([1, 2, 3, -7])?);
    add("isin texts", numbers(DType::Str, &[&[4, 4]]).isin(["text 1", "text 2"])?);
    add("interp", x.interp(&[-10.0, 0.0, 10.0], &[1.0, 2.0, 0.0], None, Some(f64::NAN))?);
    add("unpacked", ints.mask_scale(DType::F32, vec![Scalar::Int(-7)], Some(0.01), Some(273.15))?);
    add("cast", (&ints * 300)?.astype_with(DType::U8, Casting::Wrap)?);
    add("conditions", x.less(0.0)?.choose(&x, &ints)?);
    add("times", (numbers(TIME, &[&[5, 4]]) - numbers(TIME, &[&[9]]).min(())?)?);
    let factor = Custom::registered("times", "2.5", DType::F64, times("2.5")?).axes("ij->ij")?;
    let products = Custom::registered("outer", "", DType::F64, outer()).axes("i,j->ij")?.scratch(5000);
    let (a, b) = (numbers(DType::F64, &[&[4, 4, 4]]), numbers(DType::F32, &[&[5, 2]]));
    add("a function on blocks", blockwise(factor, &[&x])?.nansum(0)?);
    add("a function of two", blockwise(products, &[&a, &b])?.rechunk((12, 3))?);
    let known = in_memory(DType::I64, &[&[12], &[1]]);
    let mean = Aggregation { kind: Statistic::Mean, skipna: true };
    add("groups that are known before", x.group_reduce(mean, 0, &known, 501)?);
    add("bincount", known.bincount(501, None)?);
    add("a sum of random numbers", Array::random_normal(0.0, 1.0, 1, (60, 30), (7, 30))?.sum(())?);
    add("a sum of one number", (Array::ones((60, 30), (60, 7))? + Array::ones(30, 5)?)?.sum(1)?);
    add("a sum of a range", Array::arange(1000)?.rechunk(33)?.broadcast_to((4, 1000))?.std((), 0)?);
    let made = Custom::registered("positions", "", DType::F64, positions()).axes("->b")?;
    let made = made.chunks('b', AxisChunks::from_sizes(&[5, 3, 4]));
    add("blocks from nothing", blockwise(made, &[])?.rechunk(12)?.max(())?);
    add("nothing", numbers(DType::F64, &[&[], &[3, 3]]).sum(1)?);
    add("of nothing", numbers(DType::F64, &[&[], &[3, 3]]).mean(0)?);
    Ok(cases)
}

/// The name of a kind of node: a new kind does not compile until it is given a name, and then has to travel.
fn kind(op: &Op) -> &'static str {
    match op {
        Op::Source(_) => "source",
        Op::Full { .. } => "full",
        Op::Range { .. } => "range",
        Op::Random { .. } => "random",
        Op::Map(_) => "map",
        Op::Select(_) => "select",
        Op::Reshape(_) => "reshape",
        Op::Join { .. } => "join",
        Op::Reduce { .. } => "reduce",
        Op::Group { .. } => "group",
        Op::Rechunk(_) => "rechunk",
        Op::Blockwise(_) => "blockwise",
    }
}

pub(crate) fn are_complete() {
    let (mut kinds, mut found) = (BTreeSet::new(), HashSet::new());
    let mut stack: Vec<Expr> = cases().iter().map(|(_, array)| array.expr().clone()).collect();
    while let Some(expr) = stack.pop() {
        kinds.insert(kind(expr.op()));
        if let Op::Reduce { aggregation, .. } | Op::Group { aggregation, .. } = expr.op() {
            found.insert(std::mem::discriminant(&aggregation.kind));
        }
        stack.extend(expr.inputs().iter().cloned());
    }
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    // Those of `statistics`, and histogram, cov and corr.
    assert_eq!(found.len(), statistics().len() + 3);
}
