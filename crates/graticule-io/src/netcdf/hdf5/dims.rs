//! The dimensions of a netCDF-4 file: HDF5 datasets that serve as scales for the axes of others.

use hdf5_reader::{Attribute, Dataset, Datatype};

use crate::backend::RawDim;

/// The name of a scale that is no variable starts like this.
const NOT_A_VARIABLE: &str = "This is a netCDF dimension but not a netCDF variable";
/// Before the name of a variable that is called like a dimension but is not its coordinate.
const NOT_A_COORDINATE: &str = "_nc4_non_coord_";

/// A dataset with its attributes, which are asked for several times.
pub(super) struct Object {
    pub(super) dataset: Dataset,
    pub(super) attributes: Vec<Attribute>,
}

impl Object {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.attribute(name).and_then(|attribute| attribute.read_string().ok())
    }

    fn is_scale(&self) -> bool {
        self.text("CLASS").is_some_and(|class| class == "DIMENSION_SCALE")
    }

    /// Whether this is a variable, not only the length of a dimension.
    pub(super) fn is_variable(&self) -> bool {
        !(self.is_scale() && self.text("NAME").is_some_and(|name| name.starts_with(NOT_A_VARIABLE)))
    }

    /// The name of the variable.
    pub(super) fn name(&self) -> &str {
        let name = self.dataset.name();
        name.strip_prefix(NOT_A_COORDINATE).unwrap_or(name)
    }

    /// Whether an axis may grow.
    fn is_unlimited(&self, axis: usize) -> bool {
        self.dataset.max_dims().and_then(|dims| dims.get(axis)) == Some(&u64::MAX)
    }

    fn ids(&self, name: &str) -> Vec<i32> {
        self.attribute(name).and_then(|attribute| attribute.read_1d::<i32>().ok()).unwrap_or_default()
    }
}

/// A dimension that is visible in a group.
#[derive(Debug, Clone)]
struct Dim {
    dim: RawDim,
    /// Where the scale's header is; none for dimensions without a scale.
    address: Option<u64>,
    /// netCDF's number of the dimension.
    id: Option<i32>,
}

/// The dimensions of a group and those around it.
#[derive(Debug, Default)]
pub(super) struct Dims {
    /// The innermost group comes last.
    known: Vec<Dim>,
    /// Where the dimensions of the innermost group start.
    own: usize,
}

impl Dims {
    /// Enters a group: its scales are dimensions, visible in it and below.
    pub(super) fn enter(&mut self, objects: &[Object]) {
        self.own = self.known.len();
        let mut scales: Vec<Dim> = Vec::new();
        for object in objects.iter().filter(|object| object.is_scale()) {
            let name = object.dataset.name().to_owned();
            let len = object.dataset.shape().first().copied().unwrap_or(1);
            let unlimited = object.is_unlimited(0);
            scales.push(Dim {
                dim: RawDim { name, len: usize::try_from(len).unwrap_or(usize::MAX), unlimited },
                address: Some(object.dataset.address()),
                id: object.ids("_Netcdf4Dimid").first().copied(),
            });
        }
        // netCDF's order is that of its numbers; scales without one keep the order of the file.
        if scales.iter().all(|scale| scale.id.is_some()) {
            scales.sort_by_key(|scale| scale.id);
        }
        self.known.extend(scales);
        for object in objects {
            self.grow(object);
        }
    }

    /// An unlimited dimension is as long as the longest variable along it.
    fn grow(&mut self, object: &Object) {
        let shape = object.dataset.shape().to_vec();
        for (axis, found) in self.scales(object).into_iter().enumerate() {
            let Some(dim) = found.and_then(|at| self.known.get_mut(at)).filter(|dim| dim.dim.unlimited)
            else {
                continue;
            };
            let len = shape.get(axis).copied().unwrap_or(0);
            dim.dim.len = dim.dim.len.max(usize::try_from(len).unwrap_or(usize::MAX));
        }
    }

    /// The dimensions of the innermost group.
    pub(super) fn own(&self) -> Vec<RawDim> {
        self.known[self.own..].iter().map(|dim| dim.dim.clone()).collect()
    }

    /// The dimension of each axis of a variable. Axes without one get or share an invented one.
    pub(super) fn of(&mut self, object: &Object) -> Vec<RawDim> {
        let shape = object.dataset.shape().to_vec();
        let mut dims: Vec<RawDim> = Vec::with_capacity(shape.len());
        for (axis, scale) in self.scales(object).into_iter().enumerate() {
            let dim = match scale.and_then(|at| self.known.get(at)) {
                Some(dim) => dim.dim.clone(),
                None => self.invent(object, axis, shape[axis], &dims),
            };
            dims.push(dim);
        }
        dims
    }

    /// Which known dimension belongs to each axis.
    fn scales(&self, object: &Object) -> Vec<Option<usize>> {
        let rank = object.dataset.ndim();
        let ids = object.ids("_Netcdf4Coordinates");
        if ids.len() == rank && rank > 0 {
            let found: Vec<Option<usize>> =
                ids.iter().map(|&id| self.find(|dim| dim.id == Some(id))).collect();
            if found.iter().all(Option::is_some) {
                return found;
            }
        }
        if object.is_scale() && rank > 0 {
            let address = object.dataset.address();
            let mut found = vec![None; rank];
            found[0] = self.find(|dim| dim.address == Some(address));
            return found;
        }
        self.attached(object)
            .into_iter()
            .map(|address| self.find(|dim| dim.address.is_some() && dim.address == address))
            .collect()
    }

    fn find(&self, is_it: impl Fn(&Dim) -> bool) -> Option<usize> {
        self.known.iter().rposition(is_it)
    }

    /// The address of the scale that is attached to each axis.
    fn attached(&self, object: &Object) -> Vec<Option<u64>> {
        let rank = object.dataset.ndim();
        let none = vec![None; rank];
        let Some(list) = object.attribute("DIMENSION_LIST") else { return none };
        let Datatype::VarLen { base, .. } = &list.datatype else { return none };
        let Datatype::Reference { size, .. } = **base else { return none };
        let width = object.dataset.vlen_reference_size();
        let mut addresses: Vec<Option<u64>> = (list.raw_data.chunks_exact(width).take(rank))
            .map(|references| {
                let found =
                    object.dataset.resolve_vlen_reference_bytes(references, usize::from(size)).ok()?;
                // Several scales may be attached to an axis; the first names it.
                let first = found.get(..usize::from(size).min(8))?;
                Some(first.iter().rev().fold(0, |address, &byte| address << 8 | u64::from(byte)))
            })
            .collect();
        addresses.resize(rank, None);
        addresses
    }

    /// As netCDF does for HDF5 files without scales: any dimension of the group with the same length, else
    /// `phony_dim_N`. A variable has no dimension twice.
    fn invent(&mut self, object: &Object, axis: usize, len: u64, taken: &[RawDim]) -> RawDim {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let unlimited = object.is_unlimited(axis);
        let fits = |dim: &&Dim| dim.dim.len == len && !taken.iter().any(|other| other.name == dim.dim.name);
        if let Some(dim) = self.known[self.own..].iter().find(fits) {
            return dim.dim.clone();
        }
        let dim = RawDim { name: format!("phony_dim_{}", self.known.len()), len, unlimited };
        self.known.push(Dim { dim: dim.clone(), address: None, id: None });
        dim
    }
}
