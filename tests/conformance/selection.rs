//! By label and by position.

use graticule::array::s;
use graticule::dataset::{Method, Positions, Result, Sel};
use graticule::prelude::DataArray;

use super::Operations;
use super::case::{Case, joined, values};
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("sel_nearest_y", |c| Ok(c.da.sel(c.y(), Sel::nearest(c.number("yn")))?.into())),
    ("sel_nearest_yx", |c| {
        let at_y = c.da.sel(c.y(), Sel::nearest(c.number("yn")))?;
        Ok(at_y.sel(c.x(), Sel::nearest(c.number("xn")))?.into())
    }),
    ("sel_slice_y", |c| Ok(c.da.sel(c.y(), c.number("y0")..=c.number("y1"))?.into())),
    ("sel_slice_yx", |c| {
        let band = c.da.sel(c.y(), c.number("y0")..=c.number("y1"))?;
        Ok(band.sel(c.x(), c.number("x0")..=c.number("x1"))?.into())
    }),
    ("sel_slice_y_wrong_order_is_empty", |c| Ok(c.da.sel(c.y(), c.number("y1")..=c.number("y0"))?.into())),
    ("sel_list_nearest", |c| {
        let labels = Sel::from(c.numbers(["x0", "xn", "x1"])).method(Method::Nearest);
        Ok(c.da.sel(c.x(), labels)?.into())
    }),
    ("sel_pad_method", sel_pad_method),
    ("sel_missing_label_error", |c| Ok(c.da.sel(c.x(), c.number("xn") + 1e-3)?.into())),
    ("sel_tolerance_error", |c| Ok(c.da.sel(c.x(), Sel::nearest(c.number("xn")).tolerance(1e-9))?.into())),
    ("sel_time_slice", |c| Ok(c.da.sel(c.t(), c.text("t0")..=c.text("t1"))?.into())),
    ("sel_time_partial_year", |c| Ok(c.da.sel(c.t(), c.text("year"))?.into())),
    ("sel_time_nearest", |c| {
        let label = c.times()?.isel(c.t(), c.size(c.t()) / 3)?.scalar()?;
        Ok(c.da.sel(c.t(), Sel::nearest(label))?.into())
    }),
    ("isel_ints", |c| Ok(c.along(&[c.last()])?.into())),
    ("isel_negative_and_slice", |c| Ok(c.da.isel(c.first(), -1)?.isel(c.last(), s![..;-2])?.into())),
    ("isel_array_orthogonal", |c| {
        Ok(c.da.isel_dims([(c.last(), vec![2, 0, 1]), (c.dim(-2), vec![1, 0])])?.into())
    }),
    ("isel_pointwise", isel_pointwise),
    ("sel_pointwise_nearest", |c| {
        let along = |names| values("p", c.numbers(names));
        let (y, x) = (along(["y0", "yn", "y1"])?, along(["x0", "xn", "x1"])?);
        let nearest = |labels| Sel::from(labels).method(Method::Nearest);
        Ok(c.da.sel_dims([(c.y(), nearest(&y)), (c.x(), nearest(&x))])?.into())
    }),
    ("getitem_mixed", |c| Ok(c.da.isel(c.last(), 0..2)?.into())),
    ("head_tail_thin", head_tail_thin),
];

fn sel_pad_method(c: &Case) -> Result<Answer> {
    let label = c.number("xn");
    let rises =
        c.da.coords()
            .index(c.x())
            .is_some_and(|index| matches!(index.order(), graticule::dataset::Order::Increasing));
    Ok(c.da.sel(c.x(), if rises { Sel::pad(label) } else { Sel::backfill(label) })?.into())
}

fn isel_pointwise(c: &Case) -> Result<Answer> {
    let points = |positions: Vec<i64>| -> Result<Positions> {
        let variable = graticule::Variable::from_vec("p", positions)?;
        Ok(Positions::from(&DataArray::new(None, variable, [])?))
    };
    let (last, before) = (points(vec![0, 1, 2])?, points(vec![0, 1, 0])?);
    Ok(c.da.isel_dims([(c.last(), last), (c.dim(-2), before)])?.into())
}

fn head_tail_thin(c: &Case) -> Result<Answer> {
    let dim = c.first();
    let first_of = |da: &DataArray| da.isel_drop(dim, 0);
    let pieces = [first_of(&c.da)?, first_of(&c.da.tail([(dim, 1)])?)?, first_of(&c.da.thin([(dim, 2)])?)?];
    Ok(joined(&pieces, "k")?.into())
}
