//! Values for labels that an array has nothing for.

use graticule_array::{Array, Chunk, DType, NAT, Scalar};
use indexmap::IndexMap;

use super::Taken;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::select::Pick;
use crate::variable::Variable;

/// What stands where there is nothing: missing values, unless something is given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fill {
    pub(crate) default: Option<Scalar>,
    pub(crate) by_name: IndexMap<String, Scalar>,
}

impl Fill {
    /// The value for a variable.
    pub(crate) fn of(&self, name: Option<&str>) -> Option<&Scalar> {
        name.and_then(|name| self.by_name.get(name)).or(self.default.as_ref())
    }
}

impl Variable {
    /// The elements along a dimension taken from elsewhere; the variable itself where it lacks the dimension.
    ///
    /// A coordinate takes what fits: texts are empty where there is nothing, and a number is none for times.
    pub(crate) fn taken(
        &self,
        dim: &Dim,
        taken: &Taken,
        fill: Option<&Scalar>,
        is_coord: bool,
    ) -> Result<Self> {
        let positions = match taken {
            Taken::Whole(pick) => return self.pick(dim, pick),
            Taken::Gaps(positions) => positions,
        };
        if self.axis(dim).is_none() {
            return Ok(self.clone());
        }
        let fill = match (fill, self.dtype()) {
            (Some(value), dtype) if is_coord && value.dtype().is_numeric() != dtype.is_numeric() => {
                fill_of_coord(dtype)
            }
            (Some(value), _) => Some(value.clone()),
            (None, dtype) if is_coord => fill_of_coord(dtype),
            (None, _) => None,
        };
        let filled = self.filled(dim, positions, fill.as_ref())?;
        // Short vectors stay in memory.
        if self.resident().is_some() && self.ndim() == 1 { filled.persist() } else { Ok(filled) }
    }

    fn filled(&self, dim: &Dim, positions: &[Option<usize>], fill: Option<&Scalar>) -> Result<Self> {
        let (data, value) = match fill {
            None if self.dtype() == DType::Str => {
                let hint = "texts have no missing value; give one with fill_value, such as an empty text";
                return Err(Error::argument("fill_value", "none", hint));
            }
            Some(value) => (self.data().clone(), value.clone()),
            None => {
                let data = able_to_miss(self.data().clone())?;
                let missing = missing_value(data.dtype());
                (data, missing)
            }
        };
        let source = self.with_data(data)?;
        if self.size(dim) == Some(0) {
            let shape: Vec<usize> =
                self.sizes().map(|(d, len)| if d == *dim { positions.len() } else { len }).collect();
            // The dtype is what elements and value have together.
            let nowhere = Array::full(false, source.shape(), "auto")?;
            let dtype = nowhere.choose(source.data(), value.clone())?.dtype();
            return source.with_data(Array::full(value, shape, "auto")?.astype(dtype)?);
        }
        // A gap repeats the position before it, so that positions in order stay so.
        let mut last = positions.iter().flatten().next().copied().unwrap_or(0);
        let near = positions.iter().map(|position| {
            last = position.unwrap_or(last);
            last
        });
        let picked = source.pick(dim, &Pick::of_positions(near.collect()))?;
        let there =
            Chunk::new(vec![positions.len()], positions.iter().map(Option::is_some).collect::<Vec<bool>>())?;
        let there = Self::from_chunk([dim], there)?.arranged(picked.dims())?;
        picked.with_data(there.choose(picked.data(), value)?)
    }
}

fn fill_of_coord(dtype: DType) -> Option<Scalar> {
    match dtype {
        DType::Str => Some("".into()),
        _ => None,
    }
}

/// Data whose dtype has a missing value, as in xarray: small integers as float32, others as float64.
pub(crate) fn able_to_miss(data: Array) -> graticule_array::Result<Array> {
    match data.dtype() {
        DType::I8 | DType::I16 | DType::U8 | DType::U16 => data.astype(DType::F32),
        dtype if dtype.is_numeric() && !dtype.is_float() => data.astype(DType::F64),
        _ => Ok(data),
    }
}

/// The missing value of a dtype that has one.
pub(crate) fn missing_value(dtype: DType) -> Scalar {
    match dtype {
        DType::Datetime(unit) => Scalar::Datetime(NAT, unit),
        DType::Timedelta(unit) => Scalar::Timedelta(NAT, unit),
        _ => f64::NAN.into(),
    }
}
