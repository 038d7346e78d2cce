//! The plans of the suite: together they have every kind of node and of stage.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::conformance::data::{numbers, on_blocks};
use crate::error::Result;
use crate::grid::Chunks;

/// A plan: its name, and what it computes.
pub(super) type Case = (&'static str, Vec<Array>);

/// All plans.
pub(super) fn cases() -> Result<Vec<Case>> {
    let x = numbers("float64 120x90 17x23 stored")?;
    let single = numbers("float32 120x90 40x90 stored")?;
    let ints = numbers("int32 120x90 17x90 stored")?;
    let bytes = numbers("uint8 5000 130 stored")?;
    let flags = numbers("bool 120x90 60x45 stored")?;
    let times = numbers("datetime64 300 7 stored")?;
    let memory = numbers("float64 120x90 17x23 memory")?;
    let nothing = numbers("float64 0x90 5x23 stored")?;
    let noise = Array::random_normal(0.0, 1.0, 3, (120, 90), (30, 90))?;
    let skip = |kind| Aggregation { kind, skipna: true };
    let codes = (bytes.astype(crate::dtype::DType::I64)? - 8)?;
    let columns = on_blocks("half", &x)?.rechunk((120, 5))?;
    Ok(vec![
        ("no results", vec![]),
        ("a map of two sources", vec![((&x + &single)? * 0.5)?]),
        ("a map of one number over many", vec![(&x - x.nanmean(0)?)?]),
        ("a sum", vec![x.nansum(())?]),
        ("sums along an axis", vec![x.sum(0)?, single.sum(1)?, ints.sum(0)?]),
        ("two passes", vec![(&x - x.nanmean(0)?)?.pow(2)?.nanmean(())?]),
        (
            "several results of one source",
            vec![x.nanmean(0)?, x.nanstd((), 0)?, x.nanmax(1)?, x.nanargmin(0)?, (&x * 2.0)?],
        ),
        ("one result asked for twice", vec![x.nansum(0)?, x.nansum(0)?, (&x + 1.0)?, (&x + 1.0)?]),
        ("what is in memory already", vec![memory.clone(), memory.nansum(())?, memory.clone()]),
        ("conditions", vec![flags.choose(&x, -1.0)?, flags.any(0)?, flags.all(1)?]),
        ("texts of bits", vec![bytes.bitwise_count()?.max(())?, (&ints % 7)?.mean(1)?]),
        ("times", vec![times.max(())?, times.nanmin(())?, (&times - times.min(())?)?]),
        ("moves", vec![x.transpose()?.slice(ndarray::s![3..;-2, 5..70;3])?, x.index_axis(0, -1)?]),
        ("a join", vec![Array::concatenate(&[x.clone(), nothing.clone(), noise.clone()], 0)?]),
        ("other chunks", vec![x.rechunk((11, 90))?.nansum(1)?, x.rechunk((120, 7))?]),
        (
            "groups",
            vec![bytes.group_reduce(skip(Statistic::Mean), 0, &codes, 248)?, codes.bincount(248, None)?],
        ),
        (
            "histograms",
            vec![x.histogram(40, (-1500.0, 1500.0))?, x.histogram_edges(&[-9.0, 0.0, 1.0, 99.0])?],
        ),
        ("pairs", vec![x.covariance(&noise, 0, 1, true)?, x.correlation(&noise, (), true)?]),
        ("exact sums", vec![single.nansum_exact(())?, x.nanmean_exact(0)?]),
        ("moments", vec![noise.skew(0)?, noise.kurtosis(())?, noise.var(1, 1)?]),
        ("random numbers", vec![noise.clone(), Array::random_poisson(4.0, 9, 3000, 700)?]),
        ("functions on blocks", vec![on_blocks("half", &x)?.nansum(0)?, columns.nanmean(0)?, columns]),
        ("nothing", vec![nothing.sum(0)?, nothing.sum(())?, nothing.mean(1)?, (&nothing * 2.0)?]),
        ("single numbers", vec![Array::full(3, Vec::new(), "auto")?, Array::arange(1)?.index_axis(0, 0)?]),
        ("ranges", vec![Array::linspace(0.0, 1.0, 4001)?.rechunk(13)?, Array::arange_step(7, -9000, -2)?]),
        ("many small chunks", vec![numbers("float64 6000 1 stored")?.nansum(())?]),
        ("a lookup", vec![x.digitize(&[-10.0, 0.0, 10.0], false)?, ints.isin([1, 2, 3])?.sum(())?]),
    ])
}

/// What goes to a sink, and how that is cut.
pub(super) fn stored() -> Result<Vec<(&'static str, Array, Chunks)>> {
    let x = numbers("float64 120x90 17x23 stored")?;
    Ok(vec![
        ("in its own chunks", (&x + 1.0)?, (17, 23).into()),
        ("in larger chunks", x.clone(), (50, 50).into()),
        ("in smaller chunks", x.transpose()?, (7, 11).into()),
        ("a reduction", x.nansum(0)?, 10.into()),
        ("a single number", x.nansum(())?, Vec::<usize>::new().into()),
        ("nothing", numbers("float64 0x90 5x23 stored")?, (5, 23).into()),
    ])
}
