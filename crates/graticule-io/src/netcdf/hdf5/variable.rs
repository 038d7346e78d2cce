//! From a dataset of HDF5 to a variable with a source.

use std::sync::{Arc, OnceLock};

use graticule_array::{ChunkGrid, DType};
use graticule_dataset::{Attr, Attrs};
use hdf5_reader::Datatype;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::layout::DataLayout;

use super::Opening;
use super::attributes;
use super::dims::{Dims, Object};
use super::element::Element;
use super::filters::Filters;
use super::guard::guarded;
use super::index::ChunkLayout;
use super::legacy;
use super::source::{Hdf5Source, Storage};
use crate::backend::{RawKind, RawVariable, Warning};
use crate::error::{Error, Result};
use crate::limits;
use crate::netcdf::{contiguous_grid, fill, grouped_grid};
use crate::unreadable::Unreadable;

/// What the object header says about the data.
#[derive(Default)]
struct Stored {
    layout: Option<DataLayout>,
    filters: Filters,
    fill: Vec<u8>,
    external: bool,
}

impl Opening<'_> {
    pub(super) fn variable(&mut self, object: Object, group: &str, dims: &mut Dims) -> Result<RawVariable> {
        let name = object.name().to_owned();
        let path = format!("{group}/{name}");
        let what = format!("variable {path:?}");
        let element = Element::of(object.dataset.dtype());
        let dims = dims.of(&object);
        let shape: Vec<usize> = dims.iter().map(|dim| dim.len).collect();
        let dims: Vec<String> = dims.into_iter().map(|dim| dim.name).collect();
        let mut attrs = attributes::visible(&object.attributes, |reference| {
            guarded(self.file, &what, || object.dataset.resolve_vlen_reference_bytes(reference, 1)).ok()
        });
        let kind = match element {
            Element::Number { .. } | Element::Half { .. } => RawKind::Number,
            Element::Char => RawKind::Char,
            Element::FixedText { .. } | Element::VariableText | Element::Unsupported(_) => RawKind::Text,
        };
        let mut encoding = Attrs::new();
        let source = self.source(object, element, shape.clone(), path, &mut attrs, &mut encoding);
        let source: Arc<dyn graticule_array::ChunkSource> = match source {
            Ok(source) => {
                if let (true, Storage::Chunked(layout)) = (self.cut_short, &source.storage) {
                    let end = source.index(layout).map_or(u64::MAX, super::index::Index::end);
                    if end > self.file.len() {
                        self.warnings.push(Warning {
                            path: self.file.path().to_owned(),
                            what: what.clone(),
                            message: "some or all of its chunks are not there and are read as missing".into(),
                        });
                    }
                }
                Arc::new(source)
            }
            Err(error) => Arc::new(Unreadable::new(self.file, &name, &shape, error)),
        };
        Ok(RawVariable { name, dims, kind, source, attrs, encoding })
    }

    /// A dataset that cannot be understood is a variable that cannot be read.
    pub(super) fn broken(&self, name: &str, group: &str, error: Error) -> RawVariable {
        let path = format!("{group}/{name}");
        RawVariable {
            name: name.to_owned(),
            dims: Vec::new(),
            kind: RawKind::Text,
            source: Arc::new(Unreadable::new(self.file, &path, &[], error)),
            attrs: Attrs::new(),
            encoding: Attrs::new(),
        }
    }

    fn source(
        &self,
        object: Object,
        element: Element,
        shape: Vec<usize>,
        path: String,
        attrs: &mut Attrs,
        encoding: &mut Attrs,
    ) -> Result<Hdf5Source> {
        let file = self.file;
        let what = format!("variable {path:?}");
        if let Element::Unsupported(problem) = &element {
            let hint = "only numbers, characters and text have a counterpart here";
            return Err(Error::unsupported(file.path(), what, format!("its elements are {problem}"), hint));
        }
        let element_bytes = guarded(file, &what, || object.dataset.raw_element_size())?;
        let stored = self.stored(&object, element_bytes, &what)?;
        if stored.external {
            let problem = "its data are in other files";
            return Err(Error::unsupported(
                file.path(),
                what,
                problem,
                "put them into the file with h5repack",
            ));
        }
        let stored_shape = to_usize(object.dataset.shape());
        let (Some(stored_shape), Some(_)) = (stored_shape, total_bytes(&shape, element_bytes)) else {
            return Err(Error::corrupt(file.path(), what, "it is larger than any memory"));
        };
        if object.dataset.ndim() == 0 && guarded(file, &what, || object.dataset.num_elements())? == 0 {
            let problem = "it is a null dataspace, which has no elements";
            return Err(Error::unsupported(file.path(), what, problem, "leave it out with drop_variables"));
        }
        let missing = self.cut_short.then(|| {
            let mut bytes = match element {
                Element::Number { dtype, .. } => fill::missing_bytes(dtype, attrs),
                Element::Half { .. } => 0x7e00u16.to_ne_bytes().to_vec(),
                Element::Char
                | Element::FixedText { .. }
                | Element::VariableText
                | Element::Unsupported(_) => Vec::new(),
            };
            element.reorder(&mut bytes);
            bytes
        });
        encoding.insert("dtype".into(), dtype_name(object.dataset.dtype(), element.dtype()).into());
        let mut layout = stored.layout;
        if layout.as_ref().is_some_and(legacy::is_suspicious) {
            layout = legacy::layout(&self.h5, object.dataset.address()).or(layout);
        }
        let (storage, grid) =
            self.storage(&object, layout, stored.filters, &shape, &stored_shape, element_bytes, &what)?;
        describe(&storage, encoding);
        let source = Hdf5Source {
            file: Arc::clone(file),
            metadata: Arc::clone(&self.storage),
            h5: self.h5.clone(),
            dataset: object.dataset,
            name: path,
            element,
            element_bytes,
            shape,
            stored_shape,
            grid,
            storage,
            fill: stored.fill,
            missing,
            index: OnceLock::new(),
        };
        // Rare, so that its second look at the header does not matter; others are looked at when they are read.
        if matches!(source.element, Element::Half { .. }) {
            source.check_layout()?;
        }
        Ok(source)
    }

    fn stored(&self, object: &Object, element_bytes: usize, what: &str) -> Result<Stored> {
        let header = guarded(self.file, what, || self.h5.get_or_parse_header(object.dataset.address()))?;
        let mut stored = Stored::default();
        for message in &header.messages {
            match message {
                HdfMessage::DataLayout(message) => stored.layout = Some(message.layout.clone()),
                HdfMessage::FilterPipeline(message) => {
                    stored.filters = Filters::new(&message.filters, element_bytes)
                }
                HdfMessage::ExternalFiles(_) => stored.external = true,
                HdfMessage::FillValue(message) => {
                    let value = message.value.as_ref().filter(|value| value.len() == element_bytes);
                    stored.fill = value.cloned().unwrap_or_default();
                }
                _ => {}
            }
        }
        Ok(stored)
    }

    #[expect(clippy::too_many_arguments, reason = "each is one independent fact about the variable")]
    fn storage(
        &self,
        object: &Object,
        layout: Option<DataLayout>,
        filters: Filters,
        shape: &[usize],
        stored_shape: &[usize],
        element_bytes: usize,
        what: &str,
    ) -> Result<(Storage, ChunkGrid)> {
        let file = self.file;
        let corrupt = |problem: String| Error::corrupt(file.path(), what, problem);
        let superblock = self.h5.superblock();
        let bytes =
            total_bytes(stored_shape, element_bytes).ok_or_else(|| corrupt("it is too large".into()))?;
        match layout {
            None => Err(corrupt("it has no data layout".into())),
            Some(DataLayout::Compact { data }) => {
                Ok((Storage::Compact(data), contiguous_grid(shape, element_bytes)))
            }
            Some(DataLayout::Contiguous { address, size }) => {
                let grid = contiguous_grid(shape, element_bytes);
                if hdf5_reader::io::Cursor::is_undefined_offset(address, superblock.offset_size) || bytes == 0
                {
                    return Ok((Storage::Unwritten, grid));
                }
                let address = address.checked_add(superblock.base_address);
                match address.filter(|at| at.checked_add(bytes).is_some()) {
                    Some(address) if size >= bytes || size == 0 => {
                        Ok((Storage::Contiguous { address }, grid))
                    }
                    Some(_) => Err(corrupt(format!("its {bytes} bytes are stored in {size}"))),
                    None => Err(corrupt("its address is impossible".into())),
                }
            }
            Some(DataLayout::Chunked { address, dims, chunk_indexing, .. }) => {
                let rank = stored_shape.len();
                let chunk: Vec<usize> = dims.iter().take(rank).map(|&len| len as usize).collect();
                if chunk.len() != rank || chunk.contains(&0) || rank == 0 {
                    return Err(corrupt(format!(
                        "chunks of shape {dims:?} for a variable of shape {stored_shape:?}"
                    )));
                }
                let chunk_bytes =
                    total_bytes(&chunk, element_bytes).filter(|&bytes| bytes <= u64::from(u32::MAX));
                let Some(chunk_bytes) = chunk_bytes else {
                    return Err(corrupt(format!("chunks of shape {chunk:?} are larger than HDF5 allows")));
                };
                if !limits::can_hold(file.len(), chunk_bytes) {
                    let problem =
                        format!("a chunk of {chunk_bytes} bytes cannot be in a file of {}", file.len());
                    return Err(corrupt(problem));
                }
                let layout = ChunkLayout {
                    index_address: address,
                    indexing: chunk_indexing,
                    shape: stored_shape.to_vec(),
                    max_shape: object.dataset.max_dims().map(<[u64]>::to_vec),
                    chunk_bytes: chunk_bytes as usize,
                    element_bytes,
                    filters,
                    chunk,
                };
                let grid = grouped_grid(shape, &layout.chunk, element_bytes);
                Ok((Storage::Chunked(layout), grid))
            }
        }
    }
}

fn to_usize(shape: &[u64]) -> Option<Vec<usize>> {
    shape.iter().map(|&len| usize::try_from(len).ok()).collect()
}

/// The bytes of all elements, where memory could hold them.
fn total_bytes(shape: &[usize], element_bytes: usize) -> Option<u64> {
    let count = limits::elements(shape.iter().map(|&len| len as u64))?;
    let count = if shape.contains(&0) { 0 } else { count };
    count.checked_mul(element_bytes as u64).filter(|&bytes| bytes <= i64::MAX as u64)
}

/// numpy's name of what is stored, where that differs from what is delivered.
fn dtype_name(datatype: &Datatype, dtype: DType) -> String {
    match datatype {
        Datatype::FloatingPoint { size: 2, .. } => "float16".into(),
        _ => dtype.to_string(),
    }
}

/// How the variable is stored, in the words of xarray's encoding.
fn describe(storage: &Storage, encoding: &mut Attrs) {
    let Storage::Chunked(layout) = storage else {
        encoding.insert("contiguous".into(), Attr::from(true));
        return;
    };
    let sizes: Vec<i64> = layout.chunk.iter().map(|&size| size as i64).collect();
    encoding.insert("contiguous".into(), Attr::from(false));
    encoding.insert("chunksizes".into(), Attr::from(sizes));
    encoding.insert("zlib".into(), Attr::from(layout.filters.has_deflate()));
    encoding.insert("shuffle".into(), Attr::from(layout.filters.has_shuffle()));
    encoding.insert("fletcher32".into(), Attr::from(layout.filters.has_checksum()));
}
