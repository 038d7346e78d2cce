//! Many files as one dataset.

use graticule_dataset::{CombineOptions, ConcatOptions, Dataset, combine_by_coords, concat_named};
use rayon::prelude::*;

use crate::error::Result;
use crate::open::{OpenOptions, Opened, log_warnings};
use crate::paths::IntoPaths;

/// Opens many netCDF files as one lazy dataset, in the order of their coordinates.
///
/// ```no_run
/// let ds = graticule_io::open_mfdataset("aviso_2015/*.nc")?;
/// let mean = ds.get("adt")?;
/// # Ok::<(), graticule_io::Error>(())
/// ```
///
/// # Errors
/// As [`OpenOptions::open_many`].
pub fn open_mfdataset(paths: impl IntoPaths) -> Result<Dataset> {
    OpenOptions::new().open_many(paths)
}

impl OpenOptions {
    /// Opens many files as one dataset.
    ///
    /// # Errors
    /// [`crate::Error::NoFiles`] when a pattern matches nothing, what [`OpenOptions::open`] can meet for any of the
    /// files, and [`graticule_dataset::Error::Combine`], which names the files that do not fit together.
    pub fn open_many(&self, paths: impl IntoPaths) -> Result<Dataset> {
        Ok(self.open_many_reporting(paths)?.dataset)
    }

    /// Opens many files as one dataset and tells what was met. [`OpenOptions::open_many`] only logs it.
    ///
    /// # Errors
    /// As [`OpenOptions::open_many`].
    pub fn open_many_reporting(&self, paths: impl IntoPaths) -> Result<Opened> {
        let paths = paths.into_paths()?;
        let opened: Vec<Result<Opened>> = paths.par_iter().map(|path| self.open_one(path)).collect();
        let mut named = Vec::with_capacity(paths.len());
        let mut warnings = Vec::new();
        for (path, opened) in paths.iter().zip(opened) {
            let Opened { dataset, warnings: more } = opened?;
            named.push((path.display().to_string(), dataset));
            warnings.extend(more);
        }
        let dataset = self.combined(&named)?;
        let dataset = self.rechunked(dataset)?;
        log_warnings(&warnings);
        Ok(Opened { dataset, warnings })
    }

    fn combined(&self, datasets: &[(String, Dataset)]) -> Result<Dataset> {
        let options = CombineOptions { dim: None, compat: self.compat, join: self.join };
        let Some(dim) = &self.concat_dim else {
            return Ok(combine_by_coords(datasets, &options)?);
        };
        if datasets.iter().all(|(_, dataset)| dataset.coords().is_index(dim)) {
            let options = CombineOptions { dim: Some(dim.clone()), ..options };
            return Ok(combine_by_coords(datasets, &options)?);
        }
        let options = ConcatOptions { compat: self.compat, join: self.join };
        Ok(concat_named(datasets, dim, &options)?)
    }
}
