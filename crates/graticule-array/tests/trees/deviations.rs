//! Values less a mean, of all or of their group, in the ways in which people write them, and what is made of them.

use graticule_array::{Aggregation, Array, Chunk, DType, Result, Statistic};

use super::grow::{Note, Picks};
use super::methods::Method;

/// Deviations from a mean, written in one of the ways in which people write them, and often what is made of them.
pub(super) fn centred(picks: &mut Picks<'_>, x: &Array, pool: &[Array]) -> Result<Array> {
    let axes = picks.axes(x.ndim());
    let skipna = picks.chance(2);
    let keepdims = picks.chance(2);
    let deviation = |x: &Array| -> Result<Array> {
        let mean = Aggregation { kind: Statistic::Mean, skipna };
        let mut mean = x.reduce(mean, axes.clone(), keepdims)?;
        if !keepdims {
            for &axis in &axes {
                mean = mean.expand_dims(axis)?;
            }
        }
        x - &mean
    };
    let x = if picks.chance(4) { x.astype(DType::F64)? } else { x.clone() };
    // Of infinite values the one pass gives NaN, where two may give infinity.
    let finite = |x: &Array| -> Result<Array> {
        if x.dtype().is_float() { x.isfinite()?.choose(x, f64::NAN) } else { Ok(x.clone()) }
    };
    let x = finite(&x)?;
    let d = deviation(&x)?;
    let product = match picks.below(6) {
        0 => return Ok(d),
        1 => d.square()?,
        2 => (&d * &d)?,
        3 => (&d * deviation(&finite(&picks.one(pool))?)?)?,
        4 => (&d * (&d * 2.0)?)?,
        _ => d.pow(2)?,
    };
    let outer = match picks.below(4) {
        0 => picks.axes(x.ndim()),
        1 => Vec::new(),
        _ => axes.clone(),
    };
    let kind = picks.one(&[Statistic::Mean, Statistic::Mean, Statistic::Sum]);
    let outer_skipna = if picks.below(6) == 0 { !skipna } else { skipna };
    let reduced = product.reduce(Aggregation { kind, skipna: outer_skipna }, outer, picks.chance(4))?;
    if picks.chance(3) { reduced.sqrt() } else { Ok(reduced) }
}

/// Values less the means of their groups along an axis, and often what is made of them; and how the means got to the
/// values.
pub(super) fn anomalies(kind: u8, picks: &mut Picks<'_>, pool: &[Array]) -> Result<(Array, Note)> {
    let last = pool.len() - 1;
    let x = if picks.below(4) == 0 { picks.one(pool) } else { pool[last].clone() };
    let x = if x.ndim() == 0 { x.expand_dims(0)? } else { x.clone() };
    // Of infinite values the one pass gives NaN, where two may give infinity.
    let x = if x.dtype().is_float() { x.isfinite()?.choose(&x, f64::NAN)? } else { x };
    let axis = picks.below(x.ndim());
    let (groups, none) = (1 + picks.below(4), usize::from(picks.chance(3)));
    let (a, b) = (1 + picks.below(6), picks.below(5));
    let len = x.shape()[axis];
    let codes: Vec<i64> = (0..len).map(|i| ((i * a + b) % (groups + none)) as i64 - none as i64).collect();
    let shape: Vec<usize> = (0..x.ndim()).map(|own| if own == axis { len } else { 1 }).collect();
    let by = Array::from_chunk(Chunk::new(shape, codes.clone())?)?;
    let skipna = picks.chance(2);
    let mean = Aggregation { kind: Statistic::Mean, skipna };
    // Over one axis, or over that and those behind it.
    let behind: Vec<isize> = (axis as isize..x.ndim() as isize).collect();
    let axes = if picks.chance(3) { behind } else { vec![axis as isize] };
    let mut means = x.group_reduce(mean, axes.clone(), &by, groups)?;
    for &folded in &axes[1..] {
        means = means.expand_dims(folded)?;
    }
    let spread = means.group_broadcast(axis as isize, &codes)?;
    let d = (&x - &spread)?;
    let note = Note { method: Method::GroupBroadcast { axis, codes }, inputs: vec![means], result: spread };
    let ddof = picks.below(2);
    let (square, of_square) = (d.square()?, picks.one(&[Statistic::Mean, Statistic::Sum]));
    let of_deviation = picks.one(&[Statistic::Var { ddof }, Statistic::Std { ddof }]);
    let (folded, statistic) = match picks.below(5) {
        0 => return Ok((d, note)),
        1 => (d, of_deviation),
        2 => ((&d * &d)?, of_square),
        _ => (square, of_square),
    };
    let outer = match picks.below(4) {
        0 => picks.axes(x.ndim()),
        1 => (0..x.ndim() as isize).collect(),
        _ => axes,
    };
    let skipna = if picks.below(6) == 0 { !skipna } else { skipna };
    let aggregation = Aggregation { kind: statistic, skipna };
    let result = match kind % 2 {
        0 => folded.reduce(aggregation, outer, picks.chance(3))?,
        _ => folded.group_reduce(aggregation, outer, &by, groups)?,
    };
    Ok((result, note))
}
