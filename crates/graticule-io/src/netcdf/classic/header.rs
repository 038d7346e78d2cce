//! The header of a classic file: dimensions, attributes and where each variable lies.
//!
//! The format is described in "The NetCDF Classic Format Specification" by Unidata.

use std::collections::HashSet;

use graticule_array::DType;
use graticule_dataset::{Attr, Attrs};

use super::cursor::Cursor;
use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::netcdf::bytes;
use crate::text::attribute_text;

/// The types of the format. Characters have their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Char,
    Number(DType),
}

impl Type {
    fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            1 => Self::Number(DType::I8),
            2 => Self::Char,
            3 => Self::Number(DType::I16),
            4 => Self::Number(DType::I32),
            5 => Self::Number(DType::F32),
            6 => Self::Number(DType::F64),
            7 => Self::Number(DType::U8),
            8 => Self::Number(DType::U16),
            9 => Self::Number(DType::U32),
            10 => Self::Number(DType::I64),
            11 => Self::Number(DType::U64),
            _ => return None,
        })
    }

    pub(super) fn dtype(self) -> DType {
        match self {
            Self::Char => DType::U8,
            Self::Number(dtype) => dtype,
        }
    }
}

#[derive(Debug)]
pub(super) struct Dim {
    pub(super) name: String,
    /// None for the record dimension.
    pub(super) len: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Var {
    pub(super) name: String,
    pub(super) dims: Vec<usize>,
    pub(super) attrs: Attrs,
    pub(super) kind: Type,
    /// Where the first element is.
    pub(super) begin: u64,
}

#[derive(Debug)]
pub(super) struct Header {
    /// None where a writer that streamed did not know.
    pub(super) records: Option<u64>,
    pub(super) dims: Vec<Dim>,
    pub(super) attrs: Attrs,
    pub(super) vars: Vec<Var>,
}

const ABSENT: u32 = 0;
const DIMENSIONS: u32 = 10;
const VARIABLES: u32 = 11;
const ATTRIBUTES: u32 = 12;

impl Header {
    pub(super) fn read(file: &DataFile) -> Result<Self> {
        let mut cursor = Cursor::new(file);
        let magic = cursor.bytes(4)?.to_vec();
        cursor.version = match magic.as_slice() {
            [b'C', b'D', b'F', version @ (1 | 2 | 5)] => *version,
            _ => {
                return Err(Error::corrupt(
                    file.path(),
                    "the header",
                    "it does not start with CDF 1, 2 or 5",
                ));
            }
        };
        let records = cursor.size()?;
        let streaming = if cursor.version == 5 { u64::MAX } else { u64::from(u32::MAX) };
        let dims = read_dims(&mut cursor)?;
        let attrs = read_attrs(&mut cursor)?;
        let vars = read_vars(&mut cursor, dims.len())?;
        Ok(Self { records: (records != streaming).then_some(records), dims, attrs, vars })
    }
}

/// The number of entries of a list. Each takes at least `entry_bytes`, so more than fit the file is refused
/// before room is made for them.
fn read_list(cursor: &mut Cursor<'_>, tag: u32, what: &str, entry_bytes: u64) -> Result<usize> {
    let found = cursor.u32()?;
    let count = cursor.size()?;
    if found != tag && !(found == ABSENT && count == 0) {
        let problem = format!("a list of {what} starts with tag {found} instead of {tag}");
        return Err(cursor.corrupt(problem));
    }
    cursor.check_count(count, entry_bytes, what)
}

fn read_dims(cursor: &mut Cursor<'_>) -> Result<Vec<Dim>> {
    let count = read_list(cursor, DIMENSIONS, "dimensions", 8)?;
    let mut dims: Vec<Dim> = Vec::with_capacity(count);
    let mut names = HashSet::with_capacity(count);
    let mut unlimited = false;
    for _ in 0..count {
        let name = cursor.name()?;
        let len = cursor.size()?;
        if len == 0 && std::mem::replace(&mut unlimited, true) {
            return Err(cursor.corrupt(format!("dimension {name:?} is the second that is unlimited")));
        }
        if !names.insert(name.clone()) {
            return Err(cursor.corrupt(format!("there are two dimensions {name:?}")));
        }
        dims.push(Dim { name, len: (len > 0).then_some(len) });
    }
    Ok(dims)
}

fn read_attrs(cursor: &mut Cursor<'_>) -> Result<Attrs> {
    let count = read_list(cursor, ATTRIBUTES, "attributes", 12)?;
    let mut attrs = Attrs::with_capacity(count);
    for _ in 0..count {
        let name = cursor.name()?;
        let kind = read_type(cursor)?;
        let count = cursor.size()?;
        let size = kind.dtype().size();
        let count = cursor.check_count(count, size as u64, "attribute values")?;
        let mut values = cursor.padded(count * size)?.to_vec();
        let attr = match kind {
            Type::Char => Attr::Str(attribute_text(&values)),
            Type::Number(dtype) => {
                if cfg!(target_endian = "little") {
                    bytes::swap(&mut values, size);
                }
                let Some(values) = bytes::chunk_from_bytes(dtype, &values) else { continue };
                match values.get(0) {
                    Some(value) if values.len() == 1 => Attr::Number(value, dtype),
                    _ => Attr::Numbers(values),
                }
            }
        };
        attrs.insert(name, attr);
    }
    Ok(attrs)
}

fn read_type(cursor: &mut Cursor<'_>) -> Result<Type> {
    let code = cursor.u32()?;
    Type::from_code(code).ok_or_else(|| cursor.corrupt(format!("there is no type {code}")))
}

fn read_vars(cursor: &mut Cursor<'_>, dim_count: usize) -> Result<Vec<Var>> {
    let count = read_list(cursor, VARIABLES, "variables", 28)?;
    let mut vars: Vec<Var> = Vec::with_capacity(count);
    let mut names = HashSet::with_capacity(count);
    for _ in 0..count {
        let name = cursor.name()?;
        let rank = cursor.size()?;
        let id_bytes = if cursor.version == 5 { 8 } else { 4 };
        let rank = cursor.check_count(rank, id_bytes, "dimensions of a variable")?;
        let mut dims = Vec::with_capacity(rank);
        for _ in 0..rank {
            let id = cursor.size()?;
            match usize::try_from(id) {
                Ok(id) if id < dim_count => dims.push(id),
                _ => {
                    return Err(
                        cursor.corrupt(format!("variable {name:?} has dimension {id} of {dim_count}"))
                    );
                }
            }
        }
        let attrs = read_attrs(cursor)?;
        let kind = read_type(cursor)?;
        // The size is redundant, and wrong in files with variables above 4 GiB: it is computed instead.
        cursor.size()?;
        let begin = if cursor.version == 1 { u64::from(cursor.u32()?) } else { cursor.u64()? };
        if !names.insert(name.clone()) {
            return Err(cursor.corrupt(format!("there are two variables {name:?}")));
        }
        vars.push(Var { name, dims, attrs, kind, begin });
    }
    Ok(vars)
}
