//! All groups of a file, side by side or as a tree.

use std::collections::VecDeque;
use std::path::Path;

use graticule_dataset::{DataTree, Dataset};
use indexmap::IndexMap;

use crate::backend::Request;
use crate::error::{Error, Result};
use crate::open::{OpenOptions, found, log_warnings};

/// A group that contains itself would have no end: deeper ones, and more, are not followed.
const DEEPEST: usize = 100;
const MOST: usize = 10_000;

/// Opens all groups of a netCDF-4 file as a lazy tree.
///
/// ```no_run
/// let tree = graticule_io::open_datatree("models.nc")?;
/// println!("{:?}", tree.get("coarse/ssh")?.shape());
/// # Ok::<(), graticule_io::Error>(())
/// ```
///
/// # Errors
/// As [`OpenOptions::open_tree`].
pub fn open_datatree(path: impl AsRef<Path>) -> Result<DataTree> {
    OpenOptions::new().open_tree(path)
}

/// Opens all groups of a netCDF-4 file as lazy datasets by path, also such as do not fit into a tree because a dimension has
/// another length in an inner group.
///
/// # Errors
/// As [`OpenOptions::open_groups`].
pub fn open_groups(path: impl AsRef<Path>) -> Result<IndexMap<String, Dataset>> {
    OpenOptions::new().open_groups(path)
}

impl OpenOptions {
    /// Opens all groups of one file as a tree; with [`OpenOptions::group`], that group and those inside it.
    /// [`OpenOptions::preprocess`] is for files, not for groups, and does nothing here.
    ///
    /// # Errors
    /// As [`OpenOptions::open`] for each group, and [`graticule_dataset::Error::Unaligned`] where a dimension has other
    /// labels or another length than in a group around it: [`OpenOptions::open_groups`] opens such files.
    pub fn open_tree(&self, path: impl AsRef<Path>) -> Result<DataTree> {
        Ok(DataTree::from_dict(self.open_groups(path)?)?)
    }

    /// Opens all groups of one file by path, each as [`OpenOptions::open`] would; the group itself is `/`.
    ///
    /// # Errors
    /// As [`OpenOptions::open`] for each group; [`Error::Unsupported`] for groups that contain each other.
    pub fn open_groups(&self, path: impl AsRef<Path>) -> Result<IndexMap<String, Dataset>> {
        let path = path.as_ref();
        let file = found(path)?;
        let top = self.request.group.trim_end_matches('/');
        let mut groups = IndexMap::new();
        let mut warnings = Vec::new();
        let mut queue = VecDeque::from([String::from("/")]);
        while let Some(group) = queue.pop_front() {
            if groups.len() >= MOST || group.matches('/').count() > DEEPEST {
                let problem =
                    format!("there are more than {MOST} groups or more than {DEEPEST} inside each other");
                let hint = "if one contains itself, open groups one by one with `group`";
                return Err(Error::unsupported(path, format!("group {group:?}"), problem, hint));
            }
            let request = Request { group: format!("{top}{group}"), ..self.request.clone() };
            let (opened, inside) = self.open_group(&file, &request)?;
            queue.extend(inside.into_iter().map(|name| format!("{}/{name}", group.trim_end_matches('/'))));
            warnings.extend(opened.warnings);
            groups.insert(group, opened.dataset);
        }
        log_warnings(&warnings);
        self.rechunked_groups(groups)
    }

    /// Each group in the chunks that were asked for along the dimensions that it has.
    fn rechunked_groups(&self, groups: IndexMap<String, Dataset>) -> Result<IndexMap<String, Dataset>> {
        let dims: Vec<Vec<String>> =
            groups.values().map(|dataset| dataset.dims().iter().map(ToString::to_string).collect()).collect();
        if let Some((dim, size)) =
            self.chunks.iter().find(|(dim, _)| !dims.iter().flatten().any(|d| d == dim))
        {
            return Err(Error::Argument {
                argument: "chunks",
                value: format!("{dim}: {size}"),
                hint: "no group has such a dimension".into(),
            });
        }
        let rechunked = groups.into_iter().zip(dims).map(|((path, dataset), dims)| {
            let here = self.chunks.iter().filter(|(dim, _)| dims.contains(dim)).cloned();
            Ok((path, self.clone().chunks(here).rechunked(dataset)?))
        });
        rechunked.collect()
    }
}
