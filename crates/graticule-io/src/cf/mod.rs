//! What stored numbers mean, by the CF conventions and as xarray reads them.
//!
//! Each coder is a function from a variable to a variable. Their order matters: text first, then the sign of
//! integers, times, masks and scales, truth values.

mod boolean;
mod coordinates;
mod mask_scale;
mod strings;
mod time;
mod unsigned;

use std::collections::HashSet;
use std::sync::Arc;

use graticule_array::{Array, ChunkSource, DType};
use graticule_dataset::{Attr, Attrs, Calendar, Dataset, Variable};
use indexmap::IndexMap;

pub use coordinates::DecodeCoords;

use crate::backend::{RawGroup, RawKind, RawVariable, Warning};
use crate::error::Result;
use crate::file::DataFile;
use crate::load::load;

/// What to decode. By default, what xarray decodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decode {
    /// `_FillValue` and `missing_value` become NaN; `scale_factor`, `add_offset` and `_Unsigned` are applied.
    pub mask_and_scale: bool,
    /// Numbers with units such as `days since 1950-01-01` become datetime64.
    pub times: bool,
    /// Which variables become coordinates beside those named like their dimension.
    pub coords: DecodeCoords,
    /// Character arrays become text.
    pub strings: bool,
}

impl Decode {
    /// Everything that xarray decodes by default.
    pub const ALL: Self =
        Self { mask_and_scale: true, times: true, coords: DecodeCoords::Coordinates, strings: true };
    /// Nothing: numbers and attributes as they are stored.
    pub const NOTHING: Self =
        Self { mask_and_scale: false, times: false, coords: DecodeCoords::Nothing, strings: false };
}

impl Default for Decode {
    fn default() -> Self {
        Self::ALL
    }
}

/// A variable on its way through the coders.
struct Pending {
    name: String,
    dims: Vec<String>,
    kind: RawKind,
    data: Data,
    attrs: Attrs,
    encoding: Attrs,
    /// That of times.
    calendar: Calendar,
}

/// The elements of a variable: a source as long as nothing was computed from it.
enum Data {
    Source(Arc<dyn ChunkSource>),
    Array(Array),
}

impl Pending {
    fn new(raw: RawVariable) -> Self {
        let RawVariable { name, dims, kind, source, attrs, encoding } = raw;
        Self { name, dims, kind, data: Data::Source(source), attrs, encoding, calendar: Calendar::default() }
    }

    fn dtype(&self) -> DType {
        match &self.data {
            Data::Source(source) => source.dtype(),
            Data::Array(array) => array.dtype(),
        }
    }

    fn array(&self) -> Result<Array> {
        match &self.data {
            Data::Source(source) => Ok(Array::from_source(Arc::clone(source))?),
            Data::Array(array) => Ok(array.clone()),
        }
    }

    /// Moves an attribute to the encoding, where it can be found when the variable is written again.
    fn take(&mut self, name: &str) -> Option<Attr> {
        let attr = self.attrs.shift_remove(name)?;
        self.encoding.insert(name.to_owned(), attr.clone());
        Some(attr)
    }

    fn is_index(&self) -> bool {
        matches!(self.dims.as_slice(), [dim] if *dim == self.name)
    }
}

/// What coders need to know beside the variable.
struct Context<'a> {
    file: &'a DataFile,
    decode: Decode,
    warnings: Vec<Warning>,
}

impl Context<'_> {
    fn warn(&mut self, variable: &str, message: String) {
        self.warnings.push(Warning {
            path: self.file.path().to_owned(),
            what: format!("variable {variable:?}"),
            message,
        });
    }

    /// An attribute that cannot be applied.
    fn undecodable(&self, variable: &str, problem: String, option: &str) -> crate::Error {
        crate::Error::Decode {
            path: self.file.path().to_owned(),
            variable: variable.to_owned(),
            problem,
            hint: format!(
                "open the file with {option}(false), or leave the variable out with drop_variables"
            ),
        }
    }
}

/// A group as a dataset. Index coordinates are read; nothing else is.
pub(crate) fn decode(
    file: &DataFile,
    mut group: RawGroup,
    decode: Decode,
) -> Result<(Dataset, Vec<Warning>)> {
    let mut context = Context { file, decode, warnings: std::mem::take(&mut group.warnings) };
    if decode.times {
        time::share_with_bounds(&mut group.variables);
    }
    let joinable = strings::joinable_dims(&group.variables);
    let mut decoded: IndexMap<String, Pending> = IndexMap::with_capacity(group.variables.len());
    for mut raw in group.variables {
        let join = decode.strings && raw.dims.last().is_some_and(|dim| joinable.contains(dim));
        distinct_dims(&mut raw, &mut context);
        let mut variable = Pending::new(raw);
        // It says how the variable was stored, as chunks and filters do: xarray never shows it as an attribute.
        variable.take("least_significant_digit");
        strings::decode(&mut variable, join);
        if decode.mask_and_scale {
            unsigned::decode(&mut variable);
        }
        if decode.times {
            time::decode_durations(&mut variable, &context)?;
            time::decode(&mut variable, &mut context)?;
        }
        if decode.mask_and_scale {
            mask_scale::decode(&mut variable, &context)?;
        }
        boolean::decode(&mut variable)?;
        decoded.insert(variable.name.clone(), variable);
    }
    let coords = coordinates::find(&mut decoded, &mut group.attrs, decode.coords);
    let dims: HashSet<String> = decoded.values().flat_map(|variable| variable.dims.iter().cloned()).collect();
    let mut data_vars = Vec::with_capacity(decoded.len());
    let mut coord_vars = Vec::new();
    for (name, variable) in decoded {
        // As in xarray, whatever is called like a dimension, even where it lies along others.
        let is_coord = coords.contains(&name) || dims.contains(&name);
        let variable = finish(variable, file)?;
        if is_coord { coord_vars.push((name, variable)) } else { data_vars.push((name, variable)) }
    }
    let mut dataset = Dataset::new(data_vars, coord_vars, group.attrs)?;
    let encoding = dataset.encoding_mut();
    encoding.insert("source".into(), file.path().display().to_string().into());
    let unlimited = group.dims.iter().filter(|dim| dim.unlimited).map(|dim| dim.name.clone());
    encoding.insert("unlimited_dims".into(), Attr::Strs(unlimited.collect()));
    Ok((dataset, context.warnings))
}

/// netCDF lets a variable have a dimension twice, as a covariance does; names of axes must differ here.
fn distinct_dims(variable: &mut RawVariable, context: &mut Context<'_>) {
    for axis in 1..variable.dims.len() {
        let (before, after) = variable.dims.split_at_mut(axis);
        let Some(dim) = after.first_mut().filter(|dim| before.contains(dim)) else { continue };
        let renamed = (2..).map(|n| format!("{dim}_{n}")).find(|name| !before.contains(name));
        let message = format!("it has dimension {dim:?} twice: its axis {axis} is renamed");
        *dim = renamed.unwrap_or_default();
        context.warn(&variable.name, message);
    }
}

fn finish(variable: Pending, file: &DataFile) -> Result<Variable> {
    let array = match &variable.data {
        // Labels are needed at once, and reading them here costs less than a plan for each.
        Data::Source(source) if variable.is_index() => {
            Array::from_chunk(load(file, &variable.name, source)?)?
        }
        Data::Array(array) if variable.is_index() && array.resident().is_none() => {
            check_size(file, &variable.name, array)?;
            array.clone()
        }
        Data::Source(_) | Data::Array(_) => variable.array()?,
    };
    let times = Variable::new(&variable.dims, array)?.with_calendar(variable.calendar);
    Ok(times.with_attrs(variable.attrs).with_encoding(variable.encoding))
}

/// The engine will read this one; it does not know how much the file can hold.
fn check_size(file: &DataFile, name: &str, array: &Array) -> Result<()> {
    if crate::limits::can_hold(file.len(), array.nbytes() as u64) {
        return Ok(());
    }
    let problem = format!("its {} bytes cannot be in a file of {}", array.nbytes(), file.len());
    Err(crate::Error::corrupt(file.path(), format!("variable {name:?}"), problem))
}
