//! Along one dimension: sums so far, differences, derivatives, integrals.

use graticule::dataset::{Along, Diff};

use super::Operations;

pub(super) const OPERATIONS: Operations = &[
    ("cumsum_dim0", |c| Ok(c.da.cumsum(c.first())?.into())),
    ("cumprod_small", |c| Ok((1 + (&c.da * 1e-4)?)?.cumprod(c.first())?.into())),
    ("diff_dim0", |c| Ok(c.da.diff(c.first(), 1)?.into())),
    ("diff_n2_lower", |c| match c.size(c.first()) > 2 {
        true => Ok(c.da.diff(c.first(), Diff::lower(2))?.into()),
        false => Ok(c.da.clone().into()),
    }),
    ("roll", |c| Ok(c.da.roll([(c.last(), 2)])?.into())),
    ("roll_coords", |c| Ok(c.da.roll_coords([(c.last(), 2)])?.into())),
    ("differentiate", |c| Ok(c.da.differentiate(c.x())?.into())),
    ("integrate", |c| Ok(c.da.integrate(c.x())?.into())),
    ("cumulative_integrate", |c| Ok(c.da.cumulative_integrate(c.x())?.into())),
    ("differentiate_time", |c| Ok(c.da.differentiate(Along::coord(c.t()).datetime_unit("D"))?.into())),
    ("rank", |c| Ok(c.along(&[c.first()])?.rank(c.first())?.into())),
];
