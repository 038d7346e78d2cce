//! netCDF-3: the classic format (CDF-1), with 64-bit offsets (CDF-2) and with 64-bit data (CDF-5).

mod cursor;
mod header;
mod source;

use std::sync::Arc;

use self::header::{Header, Type, Var};
use self::source::{ClassicSource, Extent};
use super::{contiguous_grid, fill, record_grid};
use crate::backend::{Backend, RawDim, RawGroup, RawKind, RawVariable, Request, Truncated, Warning};
use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::limits;

/// netCDF-3 files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Classic;

impl Backend for Classic {
    fn name(&self) -> &'static str {
        "netCDF-3"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        matches!(head, [b'C', b'D', b'F', 1 | 2 | 5, ..])
    }

    fn open(&self, file: &Arc<DataFile>, request: &Request) -> Result<RawGroup> {
        let header = Header::read(file)?;
        if !request.group.trim_matches('/').is_empty() {
            return Err(Error::UnknownGroup {
                path: file.path().to_owned(),
                group: request.group.clone(),
                groups: vec!["/".into()],
            });
        }
        let records = Records::new(file, &header)?;
        let mut group = RawGroup { attrs: header.attrs.clone(), ..RawGroup::default() };
        for dim in &header.dims {
            let len = match dim.len {
                Some(len) => checked_len(file, &dim.name, len)?,
                None => records.count,
            };
            group.dims.push(RawDim { name: dim.name.clone(), len, unlimited: dim.len.is_none() });
        }
        let mut cut_short: Vec<&str> = Vec::new();
        let mut needed = 0;
        for var in &header.vars {
            let shape: Vec<usize> = var.dims.iter().map(|&id| group.dims[id].len).collect();
            if limits::elements(shape.iter().map(|&len| len as u64)).is_none() {
                return Err(too_large(file, &var.name));
            }
            let extent = records.extent(file, var, &header, &shape)?;
            let end = extent.end(var.begin, &shape).ok_or_else(|| too_large(file, &var.name))?;
            needed = end.max(needed);
            if end > file.len() {
                cut_short.push(&var.name);
            }
            group.variables.push(variable(
                file,
                var,
                &header,
                shape,
                extent,
                end > file.len(),
                request.truncated,
            ));
        }
        if let Some(first) = cut_short.first() {
            if request.truncated == Truncated::Error {
                return Err(Error::Truncated {
                    path: file.path().to_owned(),
                    what: match cut_short.len() {
                        1 => format!("variable {first:?}"),
                        more => format!("variable {first:?} (and {} more)", more - 1),
                    },
                    needed_bytes: needed,
                    actual_bytes: file.len(),
                });
            }
            group.warnings.push(Warning {
                path: file.path().to_owned(),
                what: cut_short.join(", "),
                message: format!(
                    "the file has {} of {needed} bytes; what is not there is read as missing",
                    file.len()
                ),
            });
        }
        Ok(group)
    }
}

fn variable(
    file: &Arc<DataFile>,
    var: &Var,
    header: &Header,
    shape: Vec<usize>,
    extent: Extent,
    cut_short: bool,
    truncated: Truncated,
) -> RawVariable {
    let dtype = var.kind.dtype();
    let mut attrs = var.attrs.clone();
    let missing = match truncated {
        Truncated::Missing if cut_short && var.kind == Type::Char => Some(vec![0]),
        Truncated::Missing if cut_short => Some(fill::missing_bytes(dtype, &mut attrs)),
        Truncated::Missing | Truncated::Error => None,
    };
    let grid = match extent {
        Extent::Whole { .. } => contiguous_grid(&shape, dtype.size()),
        Extent::Records { .. } => record_grid(&shape, dtype.size()),
    };
    RawVariable {
        name: var.name.clone(),
        dims: var.dims.iter().filter_map(|&id| header.dims.get(id)).map(|dim| dim.name.clone()).collect(),
        kind: if var.kind == Type::Char { RawKind::Char } else { RawKind::Number },
        source: Arc::new(ClassicSource::new(
            file,
            &var.name,
            dtype,
            (shape, grid),
            (var.begin, extent),
            missing,
        )),
        attrs,
        encoding: [("dtype".to_owned(), var.kind.dtype().to_string().into())].into_iter().collect(),
    }
}

/// How the records of all record variables are interleaved.
struct Records {
    count: usize,
    /// From one record to the next.
    stride: u64,
}

impl Records {
    fn new(file: &DataFile, header: &Header) -> Result<Self> {
        let is_record = |var: &&Var| var.dims.first().is_some_and(|&id| header.dims[id].len.is_none());
        let mut stride = 0u64;
        let mut begin = u64::MAX;
        let mut lone = 0;
        let mut number = 0;
        for var in header.vars.iter().filter(is_record) {
            let bytes = record_bytes(var, header).ok_or_else(|| too_large(file, &var.name))?;
            stride =
                stride.checked_add(bytes.next_multiple_of(4)).ok_or_else(|| too_large(file, &var.name))?;
            begin = begin.min(var.begin);
            lone = bytes;
            number += 1;
        }
        // A lone record variable is not padded between its records.
        if number == 1 {
            stride = lone;
        }
        let count = match header.records {
            Some(count) => count,
            None if stride > 0 => file.len().saturating_sub(begin) / stride,
            None => 0,
        };
        Ok(Self { count: checked_len(file, "records", count)?, stride })
    }

    fn extent(&self, file: &DataFile, var: &Var, header: &Header, shape: &[usize]) -> Result<Extent> {
        let records_at = var.dims.iter().position(|&id| header.dims[id].len.is_none());
        let fixed = if records_at.is_some() { shape.get(1..).unwrap_or_default() } else { shape };
        let bytes = product(fixed.iter().map(|&len| len as u64), var.kind.dtype().size());
        let bytes = bytes.ok_or_else(|| too_large(file, &var.name))?;
        match records_at {
            None => Ok(Extent::Whole { bytes }),
            Some(0) => Ok(Extent::Records { record_bytes: bytes, stride: self.stride }),
            Some(_) => Err(Error::corrupt(
                file.path(),
                format!("variable {:?}", var.name),
                "the unlimited dimension is not its first",
            )),
        }
    }
}

fn record_bytes(var: &Var, header: &Header) -> Option<u64> {
    product(var.dims.iter().skip(1).map(|&id| header.dims[id].len.unwrap_or(0)), var.kind.dtype().size())
}

fn product(mut lens: impl Iterator<Item = u64>, element_bytes: usize) -> Option<u64> {
    lens.try_fold(element_bytes as u64, u64::checked_mul).filter(|&bytes| bytes <= i64::MAX as u64)
}

fn too_large(file: &DataFile, name: &str) -> Error {
    Error::corrupt(file.path(), format!("variable {name:?}"), "it is larger than any file can be")
}

fn checked_len(file: &DataFile, name: &str, len: u64) -> Result<usize> {
    usize::try_from(len).ok().filter(|&len| len <= isize::MAX as usize).ok_or_else(|| {
        Error::corrupt(
            file.path(),
            format!("dimension {name:?}"),
            format!("a length of {len} is beyond any memory"),
        )
    })
}
