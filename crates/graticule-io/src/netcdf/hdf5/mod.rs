//! netCDF-4 and other HDF5 files.
//!
//! The crate `hdf5-reader` parses object headers and chunk indexes; the data are read here.

mod attributes;
mod dims;
mod element;
mod filters;
mod guard;
mod header;
mod index;
mod legacy;
mod source;
mod variable;

use std::sync::Arc;

use hdf5_reader::group::Group;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::{Dataset, Hdf5File};

use self::dims::{Dims, Object};
use self::guard::{PooledStorage, guarded};
use crate::backend::{Backend, RawGroup, Request, Truncated, Warning};
use crate::error::{Error, Result};
use crate::file::DataFile;

/// netCDF-4 files, and HDF5 files as far as netCDF understands them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hdf5;

const MAGIC: &[u8; 8] = b"\x89HDF\r\n\x1a\n";

/// A file while it is being opened.
struct Opening<'a> {
    file: &'a Arc<DataFile>,
    storage: Arc<PooledStorage>,
    h5: Hdf5File,
    /// The file ends early and its end is to be read as missing.
    cut_short: bool,
    warnings: Vec<Warning>,
}

impl Backend for Hdf5 {
    fn name(&self) -> &'static str {
        "netCDF-4"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        // A user block of 512 bytes or a power of two times that may come first.
        let at = |start: usize| head.get(start..).is_some_and(|rest| rest.starts_with(MAGIC));
        at(0)
            || std::iter::successors(Some(512), |start| Some(start * 2))
                .take_while(|&start| start < head.len())
                .any(at)
    }

    fn open(&self, file: &Arc<DataFile>, request: &Request) -> Result<RawGroup> {
        let options =
            || hdf5_reader::OpenOptions { chunk_cache_bytes: 0, chunk_cache_slots: 1, ..Default::default() };
        let storage = Arc::new(PooledStorage::new(file));
        let shared: Arc<PooledStorage> = Arc::clone(&storage);
        let h5 = guarded(file, "its superblock", || Hdf5File::from_storage_with_options(shared, options()))?;
        let mut opening = Opening { file, storage, h5, cut_short: false, warnings: Vec::new() };
        opening.check_end(request.truncated)?;
        let mut dims = Dims::default();
        let mut group = guarded(file, "its root group", || opening.h5.root_group())?;
        let mut path = String::new();
        let mut members = opening.members(&group, &path)?;
        dims.enter(&members.objects);
        for name in request.group.split('/').filter(|name| !name.is_empty()) {
            let Some(inner) = members.groups.iter().find(|group| group.name() == name) else {
                return Err(Error::UnknownGroup {
                    path: file.path().to_owned(),
                    group: request.group.clone(),
                    groups: members.groups.iter().map(|group| format!("{path}/{}", group.name())).collect(),
                });
            };
            group = inner.clone();
            path = format!("{path}/{name}");
            members = opening.members(&group, &path)?;
            dims.enter(&members.objects);
        }
        let attributes = match guarded(file, &format!("group {path:?}"), || group.attributes()) {
            Ok(mut attributes) => {
                header::sort(&opening.h5, group.address(), &mut attributes);
                attributes
            }
            Err(error) => {
                opening.warnings.push(Warning {
                    path: file.path().to_owned(),
                    what: format!("group {:?}", if path.is_empty() { "/" } else { &path }),
                    message: format!("its attributes cannot be read: {error}"),
                });
                Vec::new()
            }
        };
        let attrs = attributes::visible(&attributes, |reference| {
            guarded(file, "an attribute", || group.resolve_vlen_reference_bytes(reference, 1)).ok()
        });
        let mut variables = Vec::with_capacity(members.objects.len());
        for object in members.objects.into_iter().filter(Object::is_variable) {
            variables.push(opening.variable(object, &path, &mut dims)?);
        }
        for (name, error) in members.broken {
            opening.warnings.push(Warning {
                path: file.path().to_owned(),
                what: format!("variable {name:?}"),
                message: format!("it cannot be read: {error}"),
            });
            variables.push(opening.broken(&name, &path, error));
        }
        opening.storage.forget();
        Ok(RawGroup {
            dims: dims.own(),
            attrs,
            variables,
            groups: members.groups.iter().map(|group| group.name().to_owned()).collect(),
            warnings: opening.warnings,
        })
    }
}

/// What is in a group.
struct Members {
    groups: Vec<Group>,
    objects: Vec<Object>,
    /// Datasets whose headers cannot be understood, with the reason.
    broken: Vec<(String, Error)>,
}

impl Opening<'_> {
    /// The superblock says where the file ended when it was closed.
    fn check_end(&mut self, truncated: Truncated) -> Result<()> {
        let superblock = self.h5.superblock();
        let end = superblock.eof_address;
        let undefined = hdf5_reader::io::Cursor::is_undefined_offset(end, superblock.offset_size);
        let actual = self.file.len();
        if undefined || end <= actual {
            return Ok(());
        }
        if truncated == Truncated::Error {
            return Err(Error::Truncated {
                path: self.file.path().to_owned(),
                what: "its superblock says that the whole file".into(),
                needed_bytes: end,
                actual_bytes: actual,
            });
        }
        self.cut_short = true;
        self.warnings.push(Warning {
            path: self.file.path().to_owned(),
            what: String::new(),
            message: format!("the file has {actual} of {end} bytes; what is not there is read as missing"),
        });
        Ok(())
    }

    fn members(&self, group: &Group, path: &str) -> Result<Members> {
        let what = format!("group {:?}", if path.is_empty() { "/" } else { path });
        let object = |dataset: Dataset| {
            let mut attributes = dataset.attributes();
            header::sort(&self.h5, dataset.address(), &mut attributes);
            Object { attributes, dataset }
        };
        let all = guarded(self.file, &what, || {
            let (groups, datasets) = group.members()?;
            Ok((groups, datasets.into_iter().map(object).collect()))
        });
        if let Ok((groups, objects)) = all {
            let mut members = Members { groups, objects, broken: Vec::new() };
            self.sort(group, &mut members);
            return Ok(members);
        }
        // One object that cannot be understood must not hide the others.
        let (group_names, dataset_names) = guarded(self.file, &what, || group.member_names())?;
        let mut members = Members { groups: Vec::new(), objects: Vec::new(), broken: Vec::new() };
        for name in group_names {
            members.groups.extend(guarded(self.file, &what, || group.group(&name)));
        }
        for name in dataset_names {
            match guarded(self.file, &format!("variable {name:?}"), || group.dataset(&name).map(object)) {
                Ok(object) => members.objects.push(object),
                Err(error) => members.broken.push((name, error)),
            }
        }
        self.sort(group, &mut members);
        Ok(members)
    }

    /// A group that does not remember in which order its members were made has them in order of their names.
    fn sort(&self, group: &Group, members: &mut Members) {
        let header = guarded(self.file, "a group", || self.h5.get_or_parse_header(group.address()));
        let is_tracked = header.is_ok_and(|header| {
            let tracked = |message: &HdfMessage| matches!(message, HdfMessage::LinkInfo(info) if info.creation_order_tracked);
            header.messages.iter().any(tracked)
        });
        if !is_tracked {
            members.groups.sort_by(|a, b| a.name().cmp(b.name()));
            members.objects.sort_by(|a, b| a.dataset.name().cmp(b.dataset.name()));
        }
    }
}
