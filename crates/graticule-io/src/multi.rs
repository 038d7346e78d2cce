//! Many files as one dataset.

use std::path::{Path, PathBuf};

use graticule_dataset::combine::{CombineReport, combine_by_coords_reporting, report};
use graticule_dataset::{
    CombineOptions, Dataset, Disagreement, DisagreementKind, Nested, NestedDim, Policy, combine_nested_with,
    concat_with,
};
use rayon::prelude::*;

use crate::backend::Warning;
use crate::error::{Error, Result};
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

/// The dataset of a file with the name that messages call it by.
type Named = (String, Dataset);

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
        let Files { whole, broken, mut warnings, .. } = self.open_all(&paths.into_paths()?);
        for (found, error) in broken {
            if found.policy == Policy::Error {
                return Err(error);
            }
            warnings.push(warning(&found));
        }
        let dataset = self.combined(&whole, &mut warnings)?;
        self.finished(dataset, warnings)
    }

    /// Opens files in lists of lists as one dataset, each level of lists joined along its own dimension in the order
    /// given; `None` in place of a dimension merges the variables of different files.
    ///
    /// ```no_run
    /// use graticule_io::OpenOptions;
    /// let tiles = [["nw.nc", "ne.nc"], ["sw.nc", "se.nc"]];
    /// let ds = OpenOptions::new().open_nested(tiles, ["lat", "lon"])?;
    /// # Ok::<(), graticule_io::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`OpenOptions::open_many`], and those of [`graticule_dataset::combine_nested`].
    pub fn open_nested<P: AsRef<Path>>(
        &self,
        paths: impl Into<Nested<P>>,
        dims: impl IntoIterator<Item = impl Into<NestedDim>>,
    ) -> Result<Dataset> {
        let (paths, numbers) = paths.into().flattened();
        let paths: Vec<PathBuf> = paths.iter().map(|path| path.as_ref().to_owned()).collect();
        let Files { whole, broken, warnings, .. } = self.open_all(&paths);
        // A list with a hole is no list of tiles.
        if let Some((_, error)) = broken.into_iter().next() {
            return Err(error);
        }
        let absent = || Error::NoFiles { pattern: String::new(), hint: "the list of files is empty".into() };
        let nested = numbers.try_map(&mut |number| whole.get(number).cloned().ok_or_else(absent))?;
        let dataset = combine_nested_with(nested, dims, &self.combine)?;
        Ok(self.finished(dataset, warnings)?.dataset)
    }

    /// What files that are to be opened as one dataset disagree about, those that cannot be opened among it. Nothing
    /// is combined. Beside coordinates, only variables that should be the same in all files are read, to compare them;
    /// [`Compat::Override`](graticule_dataset::Compat) spares that.
    ///
    /// ```no_run
    /// use graticule_io::OpenOptions;
    /// println!("{}", OpenOptions::new().report("2015/*.nc")?);
    /// # Ok::<(), graticule_io::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::NoFiles`] when a pattern matches nothing, and what comparing values can meet.
    pub fn report(&self, paths: impl IntoPaths) -> Result<CombineReport> {
        let paths = paths.into_paths()?;
        let Files { whole, numbers, broken, .. } = self.open_all(&paths);
        let mut report = report(&whole, &self.combine_options())?;
        for found in &mut report.disagreements {
            found.number = numbers.get(found.number).copied().unwrap_or(found.number);
        }
        report.sources = paths.iter().map(|path| path.display().to_string()).collect();
        report.disagreements.extend(broken.into_iter().map(|(found, _)| found));
        Ok(report)
    }

    /// Every file.
    fn open_all(&self, paths: &[PathBuf]) -> Files {
        let opened: Vec<Result<Opened>> = paths.par_iter().map(|path| self.open_one(path)).collect();
        let mut files = Files::default();
        for (number, (path, opened)) in paths.iter().zip(opened).enumerate() {
            let source = path.display().to_string();
            match opened {
                Ok(Opened { dataset, warnings }) => {
                    files.whole.push((source, dataset));
                    files.numbers.push(number);
                    files.warnings.extend(warnings);
                }
                Err(error) => {
                    let kind = match error.is_truncated() {
                        true => DisagreementKind::Truncated,
                        false => DisagreementKind::Unreadable,
                    };
                    let found = Disagreement {
                        kind,
                        policy: self.combine.policy_of(kind),
                        what: error.to_string(),
                        source,
                        number,
                        variable: String::new(),
                        largest: None,
                    };
                    files.broken.push((found, error));
                }
            }
        }
        files
    }

    fn finished(&self, dataset: Dataset, warnings: Vec<Warning>) -> Result<Opened> {
        let dataset = self.rechunked(dataset)?;
        log_warnings(&warnings);
        Ok(Opened { dataset, warnings })
    }

    fn combine_options(&self) -> CombineOptions {
        match &self.concat_dim {
            Some(dim) => self.combine.clone().along(dim),
            None => self.combine.clone(),
        }
    }

    fn combined(&self, datasets: &[Named], warnings: &mut Vec<Warning>) -> Result<Dataset> {
        if let Some(dim) = &self.concat_dim {
            let has_labels = datasets.iter().all(|(_, dataset)| dataset.coords().is_index(dim));
            if self.in_given_order || !has_labels {
                return Ok(concat_with(datasets, dim, &self.combine)?);
            }
        }
        let (report, result) = combine_by_coords_reporting(datasets, &self.combine_options());
        // How numbers were packed changes none of them.
        let accepted = report.accepted().filter(|found| found.kind != DisagreementKind::Packing);
        warnings.extend(accepted.map(warning));
        Ok(result?)
    }
}

/// What many files are.
#[derive(Default)]
struct Files {
    whole: Vec<Named>,
    /// Which of the files those are.
    numbers: Vec<usize>,
    /// Those that cannot be opened.
    broken: Vec<(Disagreement, Error)>,
    warnings: Vec<Warning>,
}

fn warning(found: &Disagreement) -> Warning {
    let message = match found.policy {
        Policy::Drop if found.variable.is_empty() => format!("left out: {}", found.what),
        _ => found.what.clone(),
    };
    Warning { path: found.source.clone().into(), what: found.variable.clone(), message }
}
