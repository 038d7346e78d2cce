//! Dimensions in another order, together and apart; names.

use graticule::dataset::{Keep, NewDims, Result};
use graticule::prelude::*;

use super::Operations;
use super::case::Case;
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("transpose_reverse", |c| Ok(c.da.transpose(c.da.dims().iter().rev())?.into())),
    ("expand_squeeze", |c| Ok(c.da.expand_dims(NewDims::labels("k", [10i64, 20]))?.isel("k", 1)?.into())),
    ("stack_unstack", |c| Ok(c.da.stack("z", [c.dim(-2), c.last()])?.unstack("z")?.into())),
    ("stack_mean_std", |c| Ok(c.da.stack("z", [c.dim(-2), c.last()])?.std("z")?.into())),
    ("stack_dropna_unstack", stack_dropna_unstack),
    ("assign_coords_wraplon", |c| {
        let turned = (((c.da.coord(c.x())? + 180)? % 360)? - 180)?;
        Ok(c.da.assign_coords([(c.x(), turned.variable().clone())])?.sortby(c.x())?.into())
    }),
    ("swap_dims_rename", |c| {
        let positions = Variable::from_vec(c.y(), (0..c.size(c.y()) as i64).collect())?;
        let with_k = c.da.assign_coords([("k", positions)])?;
        Ok(with_k.swap_dims([(c.y(), "k")])?.rename([("k", "kk")])?.into())
    }),
    ("drop_duplicates", |c| Ok(c.da.isel(c.x(), [0, 0, 1, 1])?.drop_duplicates(c.x(), Keep::First)?.into())),
    ("drop_sel_isel", |c| {
        let first = c.da.coord(c.x())?.isel(c.x(), 0)?.scalar()?;
        Ok(c.da.drop_sel(c.x(), first)?.drop_isel(c.x(), 0)?.into())
    }),
    ("to_dataset_dim", to_dataset_dim),
];

fn to_dataset_dim(c: &Case) -> Result<Answer> {
    let dim = c.first();
    let has_numbers =
        c.da.coord(dim).is_ok_and(|coord| coord.dtype().is_integer() || coord.dtype().is_float());
    if !has_numbers {
        return Ok(c.da.clone().with_name("v").to_dataset()?.into());
    }
    let others: Vec<&str> = c.da.coords().names().filter(|name| *name != dim).collect();
    Ok(c.da.isel(dim, 0..2)?.drop_vars(others)?.to_dataset_dim(dim)?.into())
}

fn stack_dropna_unstack(c: &Case) -> Result<Answer> {
    let plane = c.along(&[c.dim(-2), c.last()])?;
    if plane.notnull()?.any(())?.item()? == 0.0 {
        return Ok(c.da.clone().into());
    }
    Ok(plane.stack("z", [c.dim(-2), c.last()])?.dropna("z")?.unstack("z")?.into())
}
