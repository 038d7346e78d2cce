//! The data that operations are judged on: how they are opened, and what an operation may ask of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use graticule::array::DType;
use graticule::dataset::{CombineOptions, Compat, ConcatVars, Result, concat_with};
use graticule::prelude::*;
use serde_json::Value;

/// One array with the parameters of its operations.
pub(super) struct Case {
    pub(super) da: DataArray,
    params: BTreeMap<String, String>,
    quantiles: RefCell<BTreeMap<u64, f64>>,
}

impl Case {
    /// Opens the data of a golden file, whose `open` and `da` are Python.
    pub(super) fn open(golden: &Value, data: &Path) -> Self {
        let text = |key: &str| golden[key].as_str().unwrap().to_owned();
        let params: BTreeMap<String, String> = serde_json::from_value(golden["params"].clone()).unwrap();
        let da = taken(&opened(&text("open"), data), &text("da"));
        // In memory, so that nothing is read twice, but in several chunks along each dimension.
        let thirds: Vec<(String, usize)> =
            da.sizes().iter().map(|(dim, len)| (dim.to_string(), len.div_ceil(3))).collect();
        let da = da.compute().unwrap().chunk(thirds).unwrap();
        Self { da, params, quantiles: RefCell::default() }
    }

    /// The value of a parameter that names a dimension or is a text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_else(|| panic!("no parameter {name}"))
    }

    /// The dimension of time, of south to north, of west to east.
    pub(super) fn t(&self) -> &str {
        self.text("T")
    }

    pub(super) fn y(&self) -> &str {
        self.text("Y")
    }

    pub(super) fn x(&self) -> &str {
        self.text("X")
    }

    /// The value of a parameter that is a number.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap()
    }

    pub(super) fn numbers<const N: usize>(&self, names: [&str; N]) -> Vec<f64> {
        names.iter().map(|name| self.number(name)).collect()
    }

    /// The name of a dimension by its place, from the end if negative.
    pub(super) fn dim(&self, place: isize) -> &str {
        let dims = self.da.dims();
        dims[place.rem_euclid(dims.len() as isize) as usize].as_str()
    }

    pub(super) fn first(&self) -> &str {
        self.dim(0)
    }

    pub(super) fn last(&self) -> &str {
        self.dim(-1)
    }

    pub(super) fn size(&self, dim: &str) -> usize {
        self.da.size(dim).unwrap()
    }

    /// The dimensions that are not among some.
    pub(super) fn others<'a>(&'a self, dims: &[&str]) -> Vec<&'a str> {
        self.da.dims().iter().map(|dim| dim.as_str()).filter(|dim| !dims.contains(dim)).collect()
    }

    /// The data at the first place of all dimensions but some.
    pub(super) fn along(&self, dims: &[&str]) -> Result<DataArray> {
        self.others(dims).into_iter().try_fold(self.da.clone(), |da, dim| da.isel(dim, 0))
    }

    /// The times of the data.
    pub(super) fn times(&self) -> Result<DataArray> {
        self.da.coord(self.t())
    }

    /// The weights of latitudes.
    pub(super) fn cos_lat(&self) -> Result<DataArray> {
        self.da.coord(self.y())?.deg2rad()?.cos()
    }

    /// A quantile of all values.
    pub(super) fn quantile(&self, q: f64) -> Result<f64> {
        if let Some(known) = self.quantiles.borrow().get(&q.to_bits()) {
            return Ok(*known);
        }
        let value = self.da.quantile(q, ())?.item()?;
        self.quantiles.borrow_mut().insert(q.to_bits(), value);
        Ok(value)
    }

    /// Where the data are above a quantile of all values, and missing elsewhere.
    pub(super) fn above(&self, q: f64) -> Result<DataArray> {
        self.da.where_(self.da.gt(self.quantile(q)?))
    }

    /// Whether the data exceed their mean.
    pub(super) fn above_mean(&self) -> Result<DataArray> {
        self.da.gt(self.da.mean(())?.item()?)
    }

    /// Whether any value is missing.
    pub(super) fn has_missing(&self) -> Result<bool> {
        Ok(self.da.isnull()?.any(())?.item()? != 0.0)
    }
}

/// Arrays one after another along a dimension, which may be new: xarray's `concat` of arrays of one name.
pub(super) fn joined(arrays: &[DataArray], dim: &str) -> Result<DataArray> {
    concat_with(arrays, dim, &CombineOptions::from(Compat::Override).coords(ConcatVars::Minimal))
}

/// Values along a dimension without labels.
pub(super) fn values(dim: &str, values: Vec<f64>) -> Result<DataArray> {
    DataArray::new(None, Variable::from_vec(dim, values)?, [])
}

/// What stands in the first quotes of a text.
fn quoted(text: &str) -> &str {
    text.split('"').nth(1).unwrap()
}

fn opened(open: &str, data: &Path) -> Dataset {
    let path = data.join(quoted(open));
    match open.split_once('(').unwrap().0 {
        "xr.open_dataset" => open_dataset(path).unwrap(),
        "xr.open_mfdataset" => {
            let mut options = OpenOptions::new();
            if open.contains("compat=\"override\"") {
                options = options.compat(Compat::Override);
            }
            options.open_many(path.display().to_string()).unwrap()
        }
        other => panic!("no function {other} to open {open}"),
    }
}

/// The array that a chain such as `ds.TS.isel(time=slice(0,10))` takes out of a dataset.
fn taken(ds: &Dataset, chain: &str) -> DataArray {
    let mut parts: Vec<String> = vec![String::new()];
    let mut depth = 0;
    for c in chain.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        match (c, depth) {
            ('.', 0) => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
    }
    let mut steps = parts.iter().map(String::as_str);
    let mut da = match steps.next().unwrap() {
        "ds" => ds.get(steps.next().unwrap()).unwrap(),
        indexed => ds.get(quoted(indexed)).unwrap(),
    };
    for step in steps {
        let (method, arguments) = step.trim_end_matches(')').split_once('(').unwrap();
        match method {
            "load" | "compute" => {}
            "squeeze" => da = da.squeeze(()).unwrap(),
            "isel" => da = selected(da, arguments),
            "astype" => {
                da = da.astype(if arguments.contains("f4") { DType::F32 } else { DType::F64 }).unwrap();
            }
            other => panic!("no method {other} in {chain}"),
        }
    }
    da
}

/// `isel` with arguments such as `member_id=slice(0,5),time=3`.
fn selected(mut da: DataArray, arguments: &str) -> DataArray {
    for (at, _) in arguments.match_indices('=') {
        let dim = arguments[..at].rsplit([',', ' ']).next().unwrap();
        let value = &arguments[at + 1..];
        let position = |text: &str| text.trim().parse::<isize>().unwrap();
        da = match value.strip_prefix("slice(") {
            Some(slice) => {
                let (start, rest) = slice.split_once(',').unwrap();
                let end = rest.split([',', ')']).next().unwrap();
                let start = if start.trim() == "None" { 0 } else { position(start) };
                match end.trim() {
                    "None" | "" => da.isel(dim, start..),
                    end => da.isel(dim, start..position(end)),
                }
            }
            None => da.isel(dim, position(value.split(',').next().unwrap())),
        }
        .unwrap();
    }
    da
}
