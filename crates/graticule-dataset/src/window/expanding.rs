//! Windows that reach from the start of a dimension to each element.

use graticule_array::{Array, Casting, DType, Decay, Statistic, WindowStatistic};

use super::rolling::Window;
use crate::error::Result;

/// A statistic of windows along an axis, of at least `least` values.
pub(super) fn moving(
    data: &Array,
    axis: usize,
    window: &Window,
    statistic: &WindowStatistic,
    least: usize,
) -> Result<Array> {
    let len = data.shape().get(axis).copied().unwrap_or(0);
    let reaches_back = window.size >= len && !window.center;
    if let (true, WindowStatistic::Of(statistic)) = (reaches_back, statistic)
        && let Some(result) = expanding(data, axis as isize, statistic, least)?
    {
        return Ok(result);
    }
    let windows = data.rolling(axis as isize, window.size)?.center(window.center).min_periods(least);
    Ok(windows.reduce(statistic.clone())?)
}

/// A statistic of all values so far, where a fold along the axis gives it with the accuracy of each window by itself: its time
/// and memory do not grow with the length of the windows.
fn expanding(data: &Array, axis: isize, statistic: &Statistic, least: usize) -> Result<Option<Array>> {
    if !data.dtype().is_numeric() || data.dtype() == DType::Bool {
        return Ok(None);
    }
    let dtype = data.dtype().to_float();
    let data = data.astype(DType::F64)?;
    let present = data.isnan()?.logical_not()?;
    let count = present.cumsum(axis)?.astype(DType::F64)?;
    let result = match statistic {
        Statistic::Count => count.clone(),
        Statistic::Sum => data.nancumsum(axis)?,
        Statistic::Mean => (data.nancumsum(axis)? / &count)?,
        Statistic::Prod => data.nancumprod(axis)?,
        Statistic::Min => present.choose(&data, f64::INFINITY)?.cummin(axis)?,
        Statistic::Max => present.choose(&data, f64::NEG_INFINITY)?.cummax(axis)?,
        Statistic::Var { ddof } => variance(&data, axis, &count, *ddof)?,
        Statistic::Std { ddof } => variance(&data, axis, &count, *ddof)?.sqrt()?,
        _ => return Ok(None),
    };
    let result = count.greater_equal(least as f64)?.choose(&result, f64::NAN)?;
    Ok(Some(result.astype_with(dtype, Casting::Wrap)?))
}

/// The variance of all values so far with a divisor of their number less `ddof`.
fn variance(data: &Array, axis: isize, count: &Array, ddof: usize) -> Result<Array> {
    let unbiased = data.rolling_exp(axis, Decay::Never)?.var()?;
    // Of one value the squares add up to 0, or to NaN where it is infinite.
    let nothing = (data.nancumsum(axis)? * 0.0)?;
    let squares = count.equal(1.0)?.choose(nothing, (unbiased * (count - 1.0)?)?)?;
    let divisor = (count - ddof as f64)?;
    Ok(divisor.greater(0.0)?.choose((squares / &divisor)?, f64::NAN)?)
}
