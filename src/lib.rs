//! Labeled multidimensional arrays for Rust: lazy, chunked, parallel, in bounded memory.
//!
//! What xarray and dask.array are to Python. Open a year of netCDF files as one [`Dataset`], write the
//! analysis by dimension name, and compute only what is asked for, on all cores, inside a memory limit.
//!
//! ```
//! use graticule::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let pictures = std::env::temp_dir().join(format!("graticule-front-page-{}", std::process::id()));
//! # std::fs::create_dir_all(&pictures)?;
//! # std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
//! let ds = open_mfdataset("data-fixtures/aviso-2015/*.nc")?;
//! let ssh = ds.get("adt")?;
//! let anomaly = (&ssh - ssh.mean("time")?)?;
//! let variance = anomaly.pow(2)?.mean(["lon", "time"])?;
//! println!("{}", variance.explain()?);
//! variance.plot()?.save(pictures.join("variance.png"))?;
//! # std::fs::remove_dir_all(pictures)?;
//! # Ok(())
//! # }
//! ```
//!
//! This crate only gathers: [`mod@array`] is the engine of lazy chunked arrays, [`dataset`] the labels, [`io`] the
//! files, [`plot`] the pictures.

pub use graticule_array as array;
pub use graticule_dataset as dataset;
pub use graticule_io as io;
pub use graticule_plot as plot;

pub use graticule_array::{Array, Chunk, DType, Dashboard, Profile, ProgressBar, Runtime};
pub use graticule_dataset::{DataArray, DataTree, Dataset, Variable};
pub use graticule_io::{OpenOptions, open_dataset, open_datatree, open_mfdataset};
pub use graticule_plot::{Figure, Plot};

/// What most programs need: `use graticule::prelude::*;`
pub mod prelude {
    pub use graticule_array::{Array, DType, ProgressBar, Runtime, Scalar, TimeUnit, s};
    pub use graticule_dataset::{
        DataArray, DataTree, Dataset, Reduction, Sel, Variable, compute_all, isel, sel,
    };
    pub use graticule_io::{OpenOptions, open_dataset, open_datatree, open_mfdataset};
    pub use graticule_plot::{Figure, Plot};
}

/// The code of README.md, which has to compile and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
