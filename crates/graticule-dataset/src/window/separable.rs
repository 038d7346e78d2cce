//! Statistics of windows along several dimensions that can be computed one dimension after another.

use graticule_array::{Array, DType, Statistic, WindowStatistic};

use super::expanding::moving;
use super::rolling::Window;
use crate::align::{able_to_miss, missing_value};
use crate::error::Result;
use crate::variable::Variable;

/// The statistic, where sums of sums or extremes of extremes give it; each takes the same time however large windows are.
pub(super) fn separable(
    variable: &Variable,
    windows: &[&Window],
    statistic: &WindowStatistic,
    least: usize,
) -> Result<Option<Array>> {
    let WindowStatistic::Of(statistic) = statistic else { return Ok(None) };
    let data = able_to_miss(variable.data().clone())?;
    if data.dtype().is_time() || !data.dtype().is_float() {
        return Ok(None);
    }
    let each = |data: &Array, kind: Statistic| -> Result<Array> {
        let mut result = data.clone();
        for window in windows {
            let axis = variable.axis(&window.dim).unwrap_or(0);
            result = moving(&result, axis, window, &WindowStatistic::Of(kind.clone()), 1)?;
        }
        Ok(result)
    };
    let present = data.isnan()?.logical_not()?;
    let count = each(&present.astype(DType::F64)?, Statistic::Sum)?;
    let sum = || each(&present.choose(&data, 0.0)?, Statistic::Sum);
    let result = match statistic {
        Statistic::Count => count.clone(),
        Statistic::Sum => sum()?,
        Statistic::Mean => (sum()? / &count.astype(data.dtype())?)?,
        Statistic::Prod => each(&present.choose(&data, 1.0)?, Statistic::Prod)?,
        Statistic::Min | Statistic::Max => each(&data, statistic.clone())?,
        _ => return Ok(None),
    };
    let missing = missing_value(result.dtype());
    Ok(Some(count.greater_equal(least as f64)?.choose(&result, missing)?))
}
