//! Values between labels.

use graticule::array::s;
use graticule::dataset::{Interp, InterpMethod, Result};
use graticule::prelude::*;

use super::Operations;
use super::case::{Case, values};
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("interp_linear", |c| Ok(c.da.interp(c.x(), x_labels(c))?.into())),
    ("interp_linear_2d", |c| {
        let y_labels = c.numbers(["y0", "yn", "y1"]);
        Ok(c.da.interp_dims([(c.y(), y_labels), (c.x(), x_labels(c))])?.into())
    }),
    ("interp_nearest", |c| Ok(c.da.interp_with([(c.x(), x_labels(c))], InterpMethod::Nearest)?.into())),
    ("interp_cubic_1d", |c| Ok(c.da.interp_with([(c.x(), x_labels(c))], InterpMethod::Cubic)?.into())),
    ("interp_outside_nan", |c| Ok(c.da.interp(c.x(), [-1e4, c.number("xn"), 1e4])?.into())),
    ("interp_extrapolate", |c| {
        let labels = [-1e3, c.number("xn"), 1e3];
        let options = Interp::new(InterpMethod::Linear).extrapolate();
        Ok(c.along(&[c.x()])?.interp_with([(c.x(), labels)], options)?.into())
    }),
    ("interp_pointwise", |c| {
        let along = |names| values("p", c.numbers(names));
        let (y, x) = (along(["y0", "yn"])?, along(["x0", "x1"])?);
        Ok(c.da.interp_dims([(c.y(), &y), (c.x(), &x)])?.into())
    }),
    ("interp_time", interp_time),
    ("interp_like", |c| {
        let half = c.da.isel(c.y(), s![..;2])?.isel(c.x(), s![..;2])?;
        let moved = (half.coord(c.x())? + 0.25)?;
        let like = half.assign_coords([(c.x(), moved.variable().clone())])?;
        Ok(c.da.interp_like(&like)?.into())
    }),
];

fn x_labels(c: &Case) -> Vec<f64> {
    c.numbers(["x0", "xn", "x1"])
}

fn interp_time(c: &Case) -> Result<Answer> {
    let later = Scalar::Timedelta(36 * 3600, TimeUnit::Second);
    let times = c.times()?.isel(c.t(), 0..3)?.binary(graticule::array::Binary::Add, later)?;
    Ok(c.da.interp(c.t(), &times)?.into())
}
