//! Several arrays as one.

use graticule::dataset::{CombineOptions, combine_by_coords};
use graticule::prelude::*;

use super::Operations;
use super::case::joined;

pub(super) const OPERATIONS: Operations = &[
    ("concat_split", |c| {
        Ok(joined(&[c.da.isel(c.first(), 0..2)?, c.da.isel(c.first(), 2..)?], c.first())?.into())
    }),
    ("concat_new_dim", |c| {
        let both = joined(&[c.da.clone(), (&c.da * 2)?], "scale")?;
        Ok(both.assign_coords([("scale", Variable::from_vec("scale", vec![1.5, 2.5])?)])?.into())
    }),
    ("combine_by_coords_shuffled", |c| {
        let named = |da: DataArray| {
            Ok::<_, graticule::dataset::Error>((String::new(), da.with_name("q").to_dataset()?))
        };
        let pieces = [named(c.da.isel(c.x(), 1..)?)?, named(c.da.isel(c.x(), 0..1)?)?];
        Ok(combine_by_coords(&pieces, &CombineOptions::default())?.into())
    }),
];
