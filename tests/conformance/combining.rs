//! Several arrays as one.

use graticule::dataset::{
    CombineOptions, Compat, ConcatDim, Join, Result, combine_by_coords, combine_nested, concat, merge_with,
};
use graticule::prelude::*;

use super::Operations;
use super::case::Case;
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("concat_split", |c| {
        Ok(concat(&[c.da.isel(c.first(), 0..2)?, c.da.isel(c.first(), 2..)?], c.first())?.into())
    }),
    ("concat_new_dim", |c| {
        Ok(concat(&[c.da.clone(), (&c.da * 2)?], ConcatDim::labels("scale", [1.5, 2.5]))?.into())
    }),
    ("merge_two", |c| {
        let later = (&c.da * 2)?.with_name("b").isel(c.first(), 1..)?;
        let options = CombineOptions::from(Join::Outer).compat(Compat::NoConflicts);
        Ok(merge_with(&[c.da.clone().with_name("a"), later], options)?.into())
    }),
    ("merge_conflict_error", |c| {
        let other = (&c.da + 1)?.with_name("a");
        Ok(merge_with(&[c.da.clone().with_name("a"), other], Compat::NoConflicts)?.into())
    }),
    ("combine_by_coords_shuffled", |c| {
        let part = |da: DataArray| da.with_name("q").to_dataset();
        Ok(combine_by_coords(&[part(c.da.isel(c.x(), 1..)?)?, part(c.da.isel(c.x(), 0..1)?)?])?.into())
    }),
    ("combine_nested_2d", combine_nested_2d),
];

fn combine_nested_2d(c: &Case) -> Result<Answer> {
    let row =
        |row: DataArray| Ok::<_, graticule::dataset::Error>([row.isel(c.x(), 0..1)?, row.isel(c.x(), 1..)?]);
    let tiles = [row(c.da.isel(c.y(), 0..1)?)?, row(c.da.isel(c.y(), 1..)?)?];
    Ok(combine_nested(tiles, [c.y(), c.x()])?.into())
}
