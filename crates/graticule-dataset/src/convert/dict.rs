//! Small arrays and datasets through serde, in the form of xarray's `to_dict`.
//!
//! Numbers that JSON lacks are null (NaN, NaT) and the texts `"Infinity"` and `"-Infinity"`; dates are ISO texts and
//! durations counts of their unit. `dtype` and `shape` stand beside the values, so that they come back as they were; where
//! a text lacks them, as xarray's does, they are taken from the values.

use std::sync::Arc;

use graticule_array::{Buffer, Chunk, DType, NAT, Scalar, TimeUnit};
use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::attrs::{Attr, Attrs};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, Dataset};
use crate::time::{PartialDate, TIME_UNITS, format, nanos_per};
use crate::variable::Variable;

impl Serialize for Variable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_variable(self, &mut map)?;
        map.end()
    }
}

impl Serialize for DataArray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_variable(self.variable(), &mut map)?;
        let coords: IndexMap<&str, &Variable> = self.coords().iter().collect();
        map.serialize_entry("coords", &coords)?;
        map.serialize_entry("name", &self.name())?;
        map.end()
    }
}

impl Serialize for Dataset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let coords: IndexMap<&str, &Variable> = self.coords().iter().collect();
        let dims: IndexMap<String, usize> =
            self.sizes().into_iter().map(|(dim, len)| (dim.to_string(), len)).collect();
        map.serialize_entry("coords", &coords)?;
        map.serialize_entry("attrs", &AttrsOut(self.attrs()))?;
        map.serialize_entry("dims", &dims)?;
        map.serialize_entry("data_vars", self.data_vars())?;
        map.end()
    }
}

fn write_variable<M: SerializeMap>(variable: &Variable, map: &mut M) -> Result<(), M::Error> {
    let values = variable.values().map_err(M::Error::custom)?;
    let dims: Vec<&str> = variable.dims().iter().map(AsRef::as_ref).collect();
    map.serialize_entry("dims", &dims)?;
    map.serialize_entry("attrs", &AttrsOut(variable.attrs()))?;
    map.serialize_entry("dtype", &values.dtype().to_string())?;
    map.serialize_entry("shape", values.shape())?;
    map.serialize_entry("data", &Nested { values: &values, shape: values.shape(), start: 0 })
}

/// A part of a block as lists in lists.
struct Nested<'a> {
    values: &'a Chunk,
    shape: &'a [usize],
    start: usize,
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((len, inner)) = self.shape.split_first() else {
            return write_value(self.values, self.start, serializer);
        };
        let step: usize = inner.iter().product();
        let mut list = serializer.serialize_seq(Some(*len))?;
        for i in 0..*len {
            list.serialize_element(&Nested {
                values: self.values,
                shape: inner,
                start: self.start + i * step,
            })?;
        }
        list.end()
    }
}

fn write_value<S: Serializer>(values: &Chunk, at: usize, serializer: S) -> Result<S::Ok, S::Error> {
    if let Buffer::F32(floats) = values.buffer() {
        // As short as they are, and not as the float64 of the same value.
        return match floats.get(at).copied() {
            Some(x) if x.is_finite() => serializer.serialize_f32(x),
            x => write_float(x.map_or(f64::NAN, f64::from), serializer),
        };
    }
    match values.get(at) {
        Some(Scalar::Bool(b)) => serializer.serialize_bool(b),
        Some(Scalar::Int(i)) => serializer.serialize_i64(i),
        Some(Scalar::UInt(u)) => serializer.serialize_u64(u),
        Some(Scalar::Float(x)) => write_float(x.get(), serializer),
        Some(Scalar::Datetime(NAT, _) | Scalar::Timedelta(NAT, _)) | None => serializer.serialize_none(),
        Some(Scalar::Datetime(count, unit)) => serializer.serialize_str(&format(count, unit)),
        Some(Scalar::Timedelta(count, _)) => serializer.serialize_i64(count),
        Some(Scalar::Str(text)) => serializer.serialize_str(&text),
    }
}

fn write_float<S: Serializer>(x: f64, serializer: S) -> Result<S::Ok, S::Error> {
    match x {
        x if x.is_nan() => serializer.serialize_none(),
        f64::INFINITY => serializer.serialize_str("Infinity"),
        f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
        x => serializer.serialize_f64(x),
    }
}

/// Attributes as plain values.
struct AttrsOut<'a>(&'a Attrs);

impl Serialize for AttrsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            match value {
                Attr::Str(text) => map.serialize_entry(key, text)?,
                Attr::Strs(texts) => map.serialize_entry(key, texts)?,
                Attr::Number(number, _) => {
                    let number = Chunk::from_scalar(number);
                    map.serialize_entry(key, &Nested { values: &number, shape: &[], start: 0 })?;
                }
                Attr::Numbers(numbers) => {
                    map.serialize_entry(key, &Nested { values: numbers, shape: numbers.shape(), start: 0 })?;
                }
            }
        }
        map.end()
    }
}

/// Values as they stand in a text.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Tree {
    List(Vec<Self>),
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(String),
    Missing(()),
}

#[derive(serde::Deserialize)]
struct StoredVariable {
    dims: Vec<String>,
    #[serde(default)]
    attrs: IndexMap<String, Tree>,
    dtype: Option<String>,
    shape: Option<Vec<usize>>,
    data: Tree,
}

#[derive(serde::Deserialize)]
struct StoredArray {
    #[serde(flatten)]
    variable: StoredVariable,
    #[serde(default)]
    coords: IndexMap<String, StoredVariable>,
    name: Option<String>,
}

#[derive(serde::Deserialize)]
struct StoredDataset {
    #[serde(default)]
    coords: IndexMap<String, StoredVariable>,
    #[serde(default)]
    attrs: IndexMap<String, Tree>,
    data_vars: IndexMap<String, StoredVariable>,
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StoredVariable::deserialize(deserializer)?.open().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for DataArray {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredArray { variable, coords, name } = StoredArray::deserialize(deserializer)?;
        let open = || Self::new(name.as_deref(), variable.open()?, opened(coords)?);
        open().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Dataset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredDataset { coords, attrs, data_vars } = StoredDataset::deserialize(deserializer)?;
        let open = || Self::new(opened(data_vars)?, opened(coords)?, open_attrs(attrs)?);
        open().map_err(D::Error::custom)
    }
}

fn opened(variables: IndexMap<String, StoredVariable>) -> Result<Vec<(String, Variable)>> {
    variables.into_iter().map(|(name, variable)| Ok((name, variable.open()?))).collect()
}

impl StoredVariable {
    fn open(self) -> Result<Variable> {
        let mut inferred = Vec::new();
        let mut leaves = Vec::new();
        flatten(self.data, 0, &mut inferred, &mut leaves)?;
        let dtype = match &self.dtype {
            Some(name) => dtype_of(name)?,
            None => infer(&leaves),
        };
        let shape = self.shape.unwrap_or(inferred);
        let values = Chunk::from_buffer(shape, dtype, buffer(dtype, &leaves)?)?;
        Ok(Variable::from_chunk(&self.dims, values)?.with_attrs(open_attrs(self.attrs)?))
    }
}

fn wrong(value: impl std::fmt::Display, hint: &str) -> Error {
    Error::argument("data", value, hint)
}

/// The values of lists in lists in order, and the lengths of the lists.
fn flatten(tree: Tree, depth: usize, shape: &mut Vec<usize>, leaves: &mut Vec<Tree>) -> Result<()> {
    match tree {
        Tree::List(items) => {
            match shape.get(depth) {
                None if leaves.is_empty() => shape.push(items.len()),
                Some(len) if *len == items.len() => {}
                _ => {
                    return Err(wrong(
                        format!("lists of different lengths at depth {depth}"),
                        "make them equal",
                    ));
                }
            }
            items.into_iter().try_for_each(|item| flatten(item, depth + 1, shape, leaves))
        }
        leaf if depth == shape.len() => {
            leaves.push(leaf);
            Ok(())
        }
        _ => Err(wrong(format!("a value at depth {depth}"), "values stand at the same depth of lists")),
    }
}

fn dtype_of(name: &str) -> Result<DType> {
    use DType::{Bool, F32, F64, I8, I16, I32, I64, Str, U8, U16, U32, U64};
    let plain = [Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, Str];
    let times = TIME_UNITS.into_iter().flat_map(|unit| [DType::Datetime(unit), DType::Timedelta(unit)]);
    let known: Vec<DType> = plain.into_iter().chain(times).collect();
    known.iter().find(|dtype| dtype.to_string() == name).copied().ok_or_else(|| {
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        Error::argument("dtype", format!("{name:?}"), format!("known are {}", names.join(", ")))
    })
}

fn infer(leaves: &[Tree]) -> DType {
    let any = |is: fn(&Tree) -> bool| leaves.iter().any(is);
    if any(|leaf| matches!(leaf, Tree::Text(text) if infinity(text).is_none())) {
        DType::Str
    } else if leaves.is_empty()
        || any(|leaf| matches!(leaf, Tree::Float(_) | Tree::Missing(()) | Tree::Text(_)))
    {
        DType::F64
    } else if any(|leaf| matches!(leaf, Tree::UInt(_))) {
        DType::U64
    } else if any(|leaf| matches!(leaf, Tree::Int(_))) {
        DType::I64
    } else {
        DType::Bool
    }
}

fn infinity(text: &str) -> Option<f64> {
    match text {
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    }
}

/// The leaves as values of a dtype, each of which must be able to be one.
fn buffer(dtype: DType, leaves: &[Tree]) -> Result<Buffer> {
    fn all<T>(leaves: &[Tree], dtype: DType, read: impl Fn(&Tree) -> Option<T>) -> Result<Vec<T>> {
        let read = |leaf: &Tree| {
            read(leaf).ok_or_else(|| wrong(leaf, &format!("{dtype} is wanted; give another dtype or value")))
        };
        leaves.iter().map(read).collect()
    }
    macro_rules! integers {
        ($variant:ident $t:ty) => {
            Buffer::$variant(all(leaves, dtype, |leaf| match leaf {
                Tree::Int(i) => <$t>::try_from(*i).ok(),
                Tree::UInt(u) => <$t>::try_from(*u).ok(),
                _ => None,
            })?)
        };
    }
    let float = |leaf: &Tree| match leaf {
        Tree::Float(x) => Some(*x),
        Tree::Int(i) => Some(*i as f64),
        Tree::UInt(u) => Some(*u as f64),
        Tree::Missing(()) => Some(f64::NAN),
        Tree::Text(text) => infinity(text),
        Tree::Bool(_) | Tree::List(_) => None,
    };
    Ok(match dtype {
        DType::Bool => Buffer::Bool(all(leaves, dtype, |leaf| match leaf {
            Tree::Bool(b) => Some(*b),
            _ => None,
        })?),
        DType::I8 => integers!(I8 i8),
        DType::I16 => integers!(I16 i16),
        DType::I32 => integers!(I32 i32),
        DType::I64 => integers!(I64 i64),
        DType::U8 => integers!(U8 u8),
        DType::U16 => integers!(U16 u16),
        DType::U32 => integers!(U32 u32),
        DType::U64 => integers!(U64 u64),
        DType::F32 => Buffer::F32(all(leaves, dtype, |leaf| float(leaf).map(|x| x as f32))?),
        DType::F64 => Buffer::F64(all(leaves, dtype, float)?),
        DType::Str => Buffer::Str(all(leaves, dtype, |leaf| match leaf {
            Tree::Text(text) => Some(Arc::from(text.as_str())),
            _ => None,
        })?),
        DType::Datetime(unit) => Buffer::I64(all(leaves, dtype, |leaf| match leaf {
            Tree::Missing(()) => Some(NAT),
            Tree::Int(count) => Some(*count),
            Tree::Text(text) => date(text, unit),
            _ => None,
        })?),
        DType::Timedelta(_) => Buffer::I64(all(leaves, dtype, |leaf| match leaf {
            Tree::Missing(()) => Some(NAT),
            Tree::Int(count) => Some(*count),
            _ => None,
        })?),
    })
}

fn date(text: &str, unit: TimeUnit) -> Option<i64> {
    let nanos = PartialDate::parse(text).ok()?.start_nanos();
    let step = nanos_per(unit);
    if nanos % step == 0 { i64::try_from(nanos / step).ok() } else { None }
}

impl std::fmt::Display for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::List(_) => f.write_str("a list"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(i) => write!(f, "{i}"),
            Self::UInt(u) => write!(f, "{u}"),
            Self::Float(x) => write!(f, "{x}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Missing(()) => f.write_str("null"),
        }
    }
}

fn open_attrs(attrs: IndexMap<String, Tree>) -> Result<Attrs> {
    attrs.into_iter().map(|(key, tree)| Ok((key, open_attr(tree)?))).collect()
}

fn open_attr(tree: Tree) -> Result<Attr> {
    Ok(match tree {
        Tree::Text(text) => Attr::Str(text),
        Tree::Bool(b) => b.into(),
        Tree::Int(i) => i.into(),
        Tree::UInt(u) => u.into(),
        Tree::Float(x) => x.into(),
        Tree::Missing(()) => f64::NAN.into(),
        Tree::List(items) => {
            let dtype = infer(&items);
            let values = Chunk::from_buffer(vec![items.len()], dtype, buffer(dtype, &items)?)?;
            match values.buffer() {
                Buffer::Str(texts) => Attr::Strs(texts.iter().map(ToString::to_string).collect()),
                _ => Attr::Numbers(values),
            }
        }
    })
}
