//! Labels of several arrays, arithmetic, order of labels.

use graticule::array::{DType, Unary};
use graticule::dataset::{By, Join, Method, Reindex, Result, align};
use graticule::prelude::*;
use serde_json::json;

use super::Operations;
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("reindex_nearest", |c| {
        let labels = Reindex::to(c.numbers(["x0", "xn", "x1"])).method(Method::Nearest);
        Ok(c.da.reindex(c.x(), labels)?.into())
    }),
    ("reindex_exact_fill", |c| {
        let labels = c.da.coord(c.x())?.isel(c.x(), 0..2)?.variable().values()?;
        let labels = labels.to_f64().into_iter().chain([-12345.0]).collect::<Vec<f64>>();
        Ok(c.da.reindex(c.x(), Reindex::to(labels).fill_value(-1))?.into())
    }),
    ("reindex_like", |c| Ok(c.da.isel(c.y(), 1..)?.reindex_like(&c.da)?.into())),
    ("sortby_desc", |c| Ok(c.da.sortby(By::from(c.x()).descending())?.into())),
    ("sortby_values", |c| {
        let line = c.along(&[c.first()])?;
        Ok(line.sortby(&line)?.into())
    }),
    ("align_inner", |c| {
        let (a, b) = (c.da.isel(c.first(), 0..3)?, c.da.isel(c.first(), 1..)?);
        aligned(&a, &b, Join::Inner)
    }),
    ("align_outer", |c| {
        let (a, b) = (c.da.isel(c.first(), 0..2)?, c.da.isel(c.first(), 1..3)?);
        aligned(&a, &b, Join::Outer)
    }),
    ("align_exact_error", |c| {
        let (a, b) = (c.da.isel(c.first(), 0..2)?, c.da.isel(c.first(), 1..3)?);
        aligned(&a, &b, Join::Exact)
    }),
    ("arith_inner_join", |c| {
        let b = c.da.isel(c.first(), 1..4)?;
        Ok((&c.da.isel(c.first(), 0..3)? + b.joined(Join::Inner))?.into())
    }),
    ("arith_outer_join", |c| {
        let b = c.da.isel(c.first(), 1..3)?;
        Ok((&c.da.isel(c.first(), 0..2)? + b.joined(Join::Outer))?.into())
    }),
    ("broadcast_arith", |c| {
        let line = c.others(&[c.first()]);
        let line = line.into_iter().try_fold(c.da.clone(), |da, dim| da.isel_drop(dim, 0))?;
        Ok((c.da.mean(c.first())? * line)?.into())
    }),
    ("broadcast_like", |c| Ok(c.da.isel_drop(c.first(), 0)?.broadcast_like(&c.da)?.into())),
    ("ufuncs", |c| {
        let size = c.da.abs()?;
        let decay = (-&(&size / 300.0)?)?.exp()?;
        let sum = (size.sqrt()? + decay)?;
        let sum = ((sum + size.ufunc(Unary::Log1p))? + c.da.sin())?;
        Ok((sum + c.da.arctan2(2.0))?.into())
    }),
    ("power_mod_floordiv", |c| {
        let square = c.da.astype(DType::F64)?.pow(2)?;
        Ok((((&c.da % 7)? + c.da.floor_div(7))? + (square / 1e4))?.into())
    }),
    ("comparisons", |c| {
        let middle = c.da.ge(c.da.mean(()))?.and_(c.da.ne_(c.da.max(())))?;
        Ok(middle.or_(c.da.eq_(c.da.min(())))?.into())
    }),
    ("float32_roundtrip", |c| Ok(c.da.astype(DType::F32)?.mean(())?.into())),
    ("equals_identical", |c| {
        let (copy, renamed) = (c.da.clone(), c.da.clone().with_name("zz"));
        let answers = [
            c.da.equals(&copy)?,
            c.da.identical(&renamed)?,
            c.da.equals(&(&c.da + 1)?)?,
            c.da.broadcast_equals(&c.da)?,
        ];
        Ok(Answer::List(answers.map(|answer| Answer::Scalar(answer.into())).into()))
    }),
    ("to_dict_head", |c| {
        let head = c.da.head(2)?;
        let dims: Vec<String> = head.dims().iter().map(|dim| format!("'{dim}'")).collect();
        let comma = if dims.len() == 1 { "," } else { "" };
        Ok(Answer::Scalar(json!(format!("({}{comma})", dims.join(", ")))))
    }),
];

fn aligned(a: &DataArray, b: &DataArray, join: Join) -> Result<Answer> {
    Ok(Answer::List(align(&[a, b], join)?.into_iter().map(Into::into).collect()))
}
