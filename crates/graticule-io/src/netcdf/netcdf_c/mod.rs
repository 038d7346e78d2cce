//! Any netCDF file through the C library, for what pure Rust does not read: szip, zstd and other filters.
//!
//! The library takes one call at a time, whatever the number of threads. Files that are not to be trusted are not for
//! it: some damaged ones end the process.

mod calls;
mod handle;
mod source;

use std::sync::Arc;

use graticule_array::{ChunkSource, DType};
use graticule_dataset::{Attr, Attrs};
use netcdf::AttributeValue;
use netcdf::types::{EnumTypeValues, FloatType, IntType, NcVariableType};

use self::handle::{Handle, caught};
use self::source::CSource;
use super::{Classic, HIDDEN, Hdf5, contiguous_grid, grouped_grid};
use crate::backend::{Backend, RawDim, RawGroup, RawKind, RawVariable, Request, Truncated};
use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::limits;
use crate::text::attribute_text;
use crate::unreadable::Unreadable;

/// Files of all versions of netCDF, and HDF5, read by the C library `libnetcdf`. Needs the feature `netcdf-c`.
///
/// The default backends are faster, run on all cores and stay safe on damaged files. This one reads
/// what only the library can, such as chunks behind a filter that it has or finds in `HDF5_PLUGIN_PATH`:
///
/// ```no_run
/// use graticule_io::{NetcdfC, OpenOptions};
/// let ds = OpenOptions::new().backend(NetcdfC).open("compressed_with_zstd.nc")?;
/// # Ok::<(), graticule_io::Error>(())
/// ```
///
/// One call runs at a time in the whole process, and a few files stay open until their datasets are gone. A
/// truncated file is an error, and [`Truncated::Missing`] is refused: the library does not tell what it lacks.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetcdfC;

impl Backend for NetcdfC {
    fn name(&self) -> &'static str {
        "netCDF (C library)"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        Hdf5.recognises(head) || Classic.recognises(head)
    }

    fn open(&self, file: &Arc<DataFile>, request: &Request) -> Result<RawGroup> {
        if request.truncated == Truncated::Missing {
            return Err(Error::Argument {
                argument: "truncated",
                value: "Missing".into(),
                hint: "the C library does not tell what is missing; leave the option `backend` out".into(),
            });
        }
        let mut magic = [0; 4];
        file.read_at(&mut magic, 0)?;
        if Classic.recognises(&magic) {
            // The library gives zeros for what a truncated classic file lacks. Our own parser notices.
            Classic.open(file, &Request::default())?;
        }
        let handle = Arc::new(Handle::new(file));
        let names: Vec<&str> = request.group.split('/').filter(|name| !name.is_empty()).collect();
        let found = handle.with(|library| {
            let mut group: Option<netcdf::Group<'_>> = None;
            let mut path = String::new();
            for name in names {
                let inner = format!("{path}/{name}");
                // A path for the crate does not start at the root.
                let Some(next) = library.group(&inner[1..])? else {
                    let beside = group.map_or_else(
                        || library.groups().map(group_names).unwrap_or_default(),
                        |group| group_names(group.groups()),
                    );
                    return Ok(Err(beside.iter().map(|name| format!("{path}/{name}")).collect()));
                };
                path = inner;
                group = Some(next);
            }
            Ok(Ok(contents(&handle, library, group.as_ref(), &path)))
        });
        let found = found.map_err(|problem| Error::corrupt(file.path(), "the file", problem))?;
        found.map_err(|groups| Error::UnknownGroup {
            path: file.path().to_owned(),
            group: request.group.clone(),
            groups,
        })
    }
}

fn group_names<'f>(groups: impl Iterator<Item = netcdf::Group<'f>>) -> Vec<String> {
    groups.map(|group| group.name()).collect()
}

/// What is in a group; in the root if there is none.
fn contents(
    handle: &Arc<Handle>,
    library: &netcdf::File,
    group: Option<&netcdf::Group<'_>>,
    path: &str,
) -> RawGroup {
    let (dims, attributes, variables, groups): (Vec<_>, Vec<_>, Vec<_>, _) = match group {
        None => (
            library.dimensions().collect(),
            library.attributes().collect(),
            library.variables().collect(),
            library.groups().map(group_names).unwrap_or_default(),
        ),
        Some(group) => (
            group.dimensions().collect(),
            group.attributes().collect(),
            group.variables().collect(),
            group_names(group.groups()),
        ),
    };
    let dim = |dim: &netcdf::Dimension<'_>| RawDim {
        name: dim.name(),
        len: dim.len(),
        unlimited: dim.is_unlimited(),
    };
    RawGroup {
        dims: dims.iter().map(dim).collect(),
        attrs: visible(attributes),
        variables: variables.iter().map(|variable| raw_variable(handle, variable, path)).collect(),
        groups,
        warnings: Vec::new(),
    }
}

fn raw_variable(handle: &Arc<Handle>, variable: &netcdf::Variable<'_>, group: &str) -> RawVariable {
    let name = variable.name();
    let path = format!("{group}/{name}");
    let shape: Vec<usize> = variable.dimensions().iter().map(netcdf::Dimension::len).collect();
    let mut encoding = Attrs::new();
    let mut kind = RawKind::Text;
    let source = caught(|| Ok(variable.vartype())).and_then(|vartype| element(&vartype)).and_then(
        |(dtype, of_kind)| {
            if limits::elements(shape.iter().map(|&len| len as u64)).is_none() {
                return Err("it is larger than any memory".into());
            }
            let chunk = caught(|| variable.chunking())?;
            encoding.insert("dtype".into(), dtype.to_string().into());
            encoding.insert("contiguous".into(), chunk.is_none().into());
            let grid = match chunk.filter(|chunk| !chunk.contains(&0)) {
                Some(chunk) => {
                    let sizes: Vec<i64> = chunk.iter().map(|&size| size as i64).collect();
                    encoding.insert("chunksizes".into(), sizes.into());
                    grouped_grid(&shape, &chunk, dtype.size())
                }
                None => contiguous_grid(&shape, dtype.size()),
            };
            kind = of_kind;
            Ok(CSource::new(handle, &path, dtype, &shape, grid))
        },
    );
    let source: Arc<dyn ChunkSource> = match source {
        Ok(source) => Arc::new(source),
        Err(problem) => {
            let hint = "only numbers, characters and text have a counterpart here";
            let error = Error::unsupported(handle.file().path(), format!("variable {path:?}"), problem, hint);
            Arc::new(Unreadable::new(handle.file(), &path, &shape, error))
        }
    };
    let attrs = caught(|| Ok(visible(variable.attributes().collect()))).unwrap_or_default();
    let dims = variable.dimensions().iter().map(netcdf::Dimension::name).collect();
    RawVariable { name, dims, kind, source, attrs, encoding }
}

/// The elements of a type in memory, or what is in the way.
fn element(vartype: &NcVariableType) -> Result<(DType, RawKind), String> {
    macro_rules! integer {
        ($of:ident, $value:expr, $($dtype:ident)+) => { match $value { $($of::$dtype { .. } => DType::$dtype,)+ } };
    }
    let dtype = match vartype {
        NcVariableType::Char => return Ok((DType::U8, RawKind::Char)),
        NcVariableType::String => return Ok((DType::Str, RawKind::Text)),
        NcVariableType::Float(FloatType::F32) => DType::F32,
        NcVariableType::Float(FloatType::F64) => DType::F64,
        NcVariableType::Int(of) => integer!(IntType, of, U8 U16 U32 U64 I8 I16 I32 I64),
        // An enumeration is read as the integers it names.
        NcVariableType::Enum(of) => integer!(EnumTypeValues, of.fieldvalues, U8 U16 U32 U64 I8 I16 I32 I64),
        NcVariableType::Compound(of) => return Err(format!("its elements are compounds ({})", of.name)),
        NcVariableType::Opaque(of) => return Err(format!("its elements are opaque blocks ({})", of.name)),
        NcVariableType::Vlen(of) => {
            return Err(format!("its elements are sequences of variable length ({})", of.name));
        }
    };
    Ok((dtype, RawKind::Number))
}

/// Attributes that have a counterpart; the others are left out, as are those that only the format needs.
fn visible(attributes: Vec<netcdf::Attribute<'_>>) -> Attrs {
    let one = |attribute: netcdf::Attribute<'_>| {
        caught(|| Ok((attribute.name().to_owned(), attribute.value()?))).ok()
    };
    let shown = attributes.into_iter().filter_map(one).filter(|(name, _)| !HIDDEN.contains(&name.as_str()));
    shown.map(|(name, value)| (name, attr(value))).collect()
}

fn attr(value: AttributeValue) -> Attr {
    macro_rules! convert {
        ($($number:ident)+) => {
            match value {
                $(AttributeValue::$number(value) => value.into(),)+
                AttributeValue::Str(text) => attribute_text(text.as_bytes()).into(),
                AttributeValue::Strs(texts) => match texts.as_slice() {
                    [] => "".into(),
                    [text] => text.as_str().into(),
                    _ => texts.into(),
                },
            }
        };
    }
    convert!(Uchar Uchars Schar Schars Ushort Ushorts Short Shorts Uint Uints Int Ints
             Ulonglong Ulonglongs Longlong Longlongs Float Floats Double Doubles)
}
