//! Line plots, maps and histograms as PNG and SVG pictures.
//!
//! A [`Figure`] is plain data: numbers, labels and a few choices. It is laid out once into lines, text and
//! images, which are then written as SVG or painted as PNG, so both files show the same picture. Fonts are
//! built in and text is drawn as outlines: nothing needs to be installed where a picture is made or shown.
//!
//! ```
//! use graticule_plot::Figure;
//!
//! let lat: Vec<f64> = (-90..=90).map(f64::from).collect();
//! let insolation: Vec<f64> = lat.iter().map(|lat| 1361.0 / 4.0 * lat.to_radians().cos()).collect();
//! let figure = Figure::line(lat, insolation)
//!     .title("Insolation at equinox")
//!     .x_label("latitude [degrees_north]")
//!     .y_label("insolation [W m-2]");
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("insolation.png");
//! figure.save(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod axis;
mod colorbar;
mod colormap;
mod content;
mod error;
mod figure;
mod font;
mod histogram;
mod label;
mod layout;
mod legend;
mod mesh;
mod norm;
mod plot;
mod render;
mod save;
mod scene;
mod ticks;
mod time_ticks;
mod trace;

pub use axis::{Axis, Scale};
pub use colormap::{Colormap, Rgb};
pub use error::{Error, Result};
pub use figure::{Content, Figure, Series};
pub use histogram::Histogram;
pub use mesh::{Mesh, infer_edges};
pub use norm::{ColorOptions, Norm};
pub use plot::Plot;
