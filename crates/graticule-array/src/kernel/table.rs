//! Looking elements up in a table.

use crate::function::{Members, Side, Table};
use crate::kernel::lane::{Lane, Values};
use crate::scalar::Float;

/// What a table gives for each element of a tile.
pub(crate) fn lookup(table: &Table, tile: Values<'_>, out: &mut Lane) {
    match (table, tile, out) {
        (Table::Position { edges, side }, Values::F64(v), Lane::I64(out)) => {
            out.iter_mut().zip(v).for_each(|(out, &x)| *out = position(edges, *side, x) as i64);
        }
        (Table::Line { xs, ys, left, right }, Values::F64(v), Lane::F64(out)) => {
            let line = Line { xs, ys, left: left.get(), right: right.get() };
            out.iter_mut().zip(v).for_each(|(out, &x)| *out = line.at(x));
        }
        (Table::Member(Members::Floats(values)), Values::F64(v), Lane::Bool(out)) => {
            let found = |x: f64| values.binary_search_by(|value| value.get().total_cmp(&x)).is_ok();
            // Both zeros are equal, but not the same number.
            out.iter_mut().zip(v).for_each(|(out, &x)| *out = found(x) || (x == 0.0 && found(-x)));
        }
        (Table::Member(Members::Signed(values)), Values::I64(v), Lane::Bool(out)) => {
            out.iter_mut().zip(v).for_each(|(out, x)| *out = values.binary_search(x).is_ok());
        }
        (Table::Member(Members::Unsigned(values)), Values::U64(v), Lane::Bool(out)) => {
            out.iter_mut().zip(v).for_each(|(out, x)| *out = values.binary_search(x).is_ok());
        }
        (Table::Member(Members::Texts(values)), Values::Str(v), Lane::Bool(out)) => {
            out.iter_mut().zip(v).for_each(|(out, x)| *out = values.binary_search(x).is_ok());
        }
        (table, tile, out) => debug_assert!(false, "{table} of {tile:?} into {out:?}"),
    }
}

/// How many edges are before `x`, where NaN is after all numbers.
fn position(edges: &[Float], side: Side, x: f64) -> usize {
    edges.partition_point(|edge| {
        let edge = edge.get();
        match side {
            Side::Left => edge < x || (x.is_nan() && !edge.is_nan()),
            Side::Right => edge <= x || x.is_nan(),
        }
    })
}

/// A line through points, evaluated as numpy's `interp` does.
struct Line<'a> {
    xs: &'a [Float],
    ys: &'a [Float],
    left: f64,
    right: f64,
}

impl Line<'_> {
    fn at(&self, x: f64) -> f64 {
        let last = self.xs.len() - 1;
        let point = |i: usize| (self.xs[i].get(), self.ys[i].get());
        if x.is_nan() {
            return x;
        }
        let after = position(self.xs, Side::Right, x);
        if after == 0 {
            return self.left;
        }
        let (x0, y0) = point(after - 1);
        if after - 1 == last {
            return if x > x0 { self.right } else { y0 };
        }
        // At a point its value counts, even beside one that is infinite.
        if x == x0 {
            return y0;
        }
        let (x1, y1) = point(after);
        let slope = (y1 - y0) / (x1 - x0);
        let from_left = slope * (x - x0) + y0;
        if !from_left.is_nan() {
            return from_left;
        }
        let from_right = slope * (x - x1) + y1;
        if from_right.is_nan() && y0 == y1 { y0 } else { from_right }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_after_all_edges() {
        let edges: Vec<Float> = [0.0, 1.0, 1.0, f64::NAN].map(Float::new).to_vec();
        let at = |side, x| position(&edges, side, x);
        assert_eq!([at(Side::Left, 1.0), at(Side::Right, 1.0)], [1, 3]);
        assert_eq!([at(Side::Left, f64::NAN), at(Side::Right, f64::NAN)], [3, 4]);
        assert_eq!([at(Side::Left, -1.0), at(Side::Right, f64::INFINITY)], [0, 3]);
    }

    #[test]
    fn both_zeros_are_members_where_one_is() {
        let table = Table::Member(Members::Floats([Float::new(-0.0)].into()));
        let mut out = Lane::Bool(vec![false; 3]);
        lookup(&table, Values::F64(&[0.0, -0.0, f64::NAN]), &mut out);
        assert!(matches!(out, Lane::Bool(v) if v == [true, true, false]));
    }
}
