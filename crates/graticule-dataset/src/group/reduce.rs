//! Statistics of groups.

use graticule_array::{Aggregation, Array, DType, Statistic};

use super::grouped::{GroupBy, members};
use crate::align::{able_to_miss, missing_value};
use crate::attrs::Encoding;
use crate::dims::Dim;
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};
use crate::ops::{Fold, QUANTILE, Quantile, Reduction, of_nothing, only, reshaped};
use crate::variable::Variable;

macro_rules! statistics {
    ($($name:ident $doc:literal)+) => {
        impl<V: DataVars> GroupBy<V> {$(
            #[doc = $doc]
            ///
            /// Missing values are left out; [`GroupBy::reduce`] has options.
            ///
            /// # Errors
            /// As [`GroupBy::reduce`].
            pub fn $name(&self) -> Result<Labeled<V>> {
                self.reduce(Reduction::$name())
            }
        )+}
    };
}

statistics! {
    sum "The sum of each group; 0 where all values of a group are missing."
    prod "The product of each group; 1 where all values of a group are missing."
    mean "The arithmetic mean of each group."
    var "The variance of each group with divisor `n`."
    std "The standard deviation of each group with divisor `n`."
    min "The smallest value of each group."
    max "The largest value of each group."
    median "The middle value of each group, or the mean of the two; float32 of float32, unlike [`Labeled::median`]."
    argmin "The position of the first smallest value of each group."
    argmax "The position of the first largest value of each group."
    any "Whether any value of each group is true (not zero)."
    all "Whether all values of each group are true (not zero)."
    count "How many values of each group are not missing."
    first "The first value of each group that is not missing."
    last "The last value of each group that is not missing."
}

impl<V: DataVars> GroupBy<V> {
    /// A statistic of each group.
    ///
    /// The groups stand in the place of the dimension that was grouped; where keys have several dimensions, at the end. Other
    /// coordinates along these dimensions vanish. Variables of a dataset without such a dimension stay as they are.
    ///
    /// Groups without members (empty bins, spans of time without data, combinations that do not occur) have missing
    /// results; integers become float64 for that. As in xarray, sums and counts of groups all of whose values are missing
    /// are then missing too, and 0 where there are no such groups: `Reduction::sum().min_count(1)` makes that the same for
    /// all data.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Reduction, Variable};
    /// let kind = Variable::from_vec("x", vec![1i64, 1, 2])?;
    /// let x = DataArray::new(None, Variable::new(["x"], Array::linspace(1.0, 3.0, 3)?)?, [("kind".into(), kind)])?;
    /// let std = x.groupby("kind")?.reduce(Reduction::var().ddof(1))?;
    /// assert_eq!(std.isel("kind", 0)?.item()?, 0.5);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::UnknownDim`] for a dimension to reduce that is not there, and what the engine refuses, such as the mean
    /// of texts.
    pub fn reduce(&self, reduction: Reduction) -> Result<Labeled<V>> {
        let over = self.folded()?;
        let least = reduction.least().max(usize::from(self.has_empty()));
        let vars = self.labelless(|variable| reduction.is_defined(variable.dtype()));
        let mut vars = vars.map(|variable| self.reduced(variable, &reduction, least, &over))?;
        if !reduction.keeps_attrs() {
            vars.attrs_mut().clear();
        }
        let coords =
            self.obj.coords.filtered(|_, variable| !variable.dims().iter().any(|dim| over.contains(dim)));
        Ok(Labeled::from_parts(vars, self.with_labels(coords)?))
    }

    /// Quantiles of each group, float64 of numbers. Several quantiles are a new last dimension `quantile`.
    ///
    /// Each group is put in order by itself, so the data are read about once, but the members of a group have to fit into
    /// memory for the cells that are computed at a time.
    ///
    /// # Errors
    /// As [`Labeled::quantile`] and [`GroupBy::reduce`].
    pub fn quantile(&self, q: impl Into<Quantile>) -> Result<Labeled<V>> {
        let (quantile, over) = (q.into(), self.folded()?);
        let vars = self.labelless(|variable| !matches!(variable.dtype(), DType::Str | DType::Bool));
        let vars = vars.map(|variable| {
            if !self.is_grouped(variable) {
                return Ok(variable.clone());
            }
            let wide = self.with_all_dims(variable)?;
            let data =
                if wide.dtype().is_time() { wide.data().clone() } else { wide.data().astype(DType::F64)? };
            let groups = self.fold(&wide, &over)?;
            let quantiles = groups.each(&data, quantile.len(), |values| quantile.along_last(values))?;
            let more = quantile.len().map(|_| Dim::new(QUANTILE));
            let grouped = self.unfolded(&wide, &over, groups.place(), quantiles, more)?;
            self.ordered(grouped.with_encoding(Encoding::new()), variable.dims())
        })?;
        let coords = self.obj.coords.filtered(|name, variable| {
            name != QUANTILE && !variable.dims().iter().any(|dim| over.contains(dim))
        });
        let mut coords = self.with_labels(coords)?;
        coords.insert(QUANTILE.into(), quantile.labels()?)?;
        Ok(Labeled::from_parts(vars, coords))
    }

    /// The data variables that a statistic is made of: not those that become labels of the groups.
    fn labelless(&self, is_defined: impl Fn(&Variable) -> bool) -> V {
        let mut vars = only(&self.obj.vars, is_defined);
        vars.retain(|name| !self.factors.iter().any(|factor| factor.name == name));
        vars
    }

    /// All dimensions that reductions fold.
    fn folded(&self) -> Result<Vec<Dim>> {
        let mut over = self.dims.clone();
        if let Some(more) = &self.over {
            for dim in more.resolve(&self.obj.all_dims())? {
                if !over.contains(&dim) {
                    over.push(dim);
                }
            }
        }
        Ok(over)
    }

    /// Whether a variable has a dimension of a key.
    pub(super) fn is_grouped(&self, variable: &Variable) -> bool {
        self.dims.iter().any(|dim| variable.axis(dim).is_some())
    }

    fn reduced(
        &self,
        variable: &Variable,
        reduction: &Reduction,
        least: usize,
        over: &[Dim],
    ) -> Result<Variable> {
        if !self.is_grouped(variable) {
            let has_more = over.iter().any(|dim| variable.axis(dim).is_some());
            return if has_more { reduction.apply(variable, over) } else { Ok(variable.clone()) };
        }
        let wide = self.with_all_dims(variable)?;
        let groups = self.fold(&wide, over)?;
        let data = wide.data();
        let mut reduced = reduction.of_any_count().fold(data, &groups)?;
        if reduction.is_median() && data.dtype() == DType::F32 {
            reduced = reduced.astype(DType::F32)?;
        }
        if least > 0 {
            let count = groups.statistic(data, Aggregation { kind: Statistic::Count, skipna: true })?;
            let reduced_or_missing = able_to_miss(reduced)?;
            let missing = missing_value(reduced_or_missing.dtype());
            reduced = count.greater_equal(least as i64)?.choose(&reduced_or_missing, missing)?;
        }
        let mut grouped =
            self.unfolded(&wide, over, groups.place(), reduced, None)?.with_encoding(Encoding::new());
        if !reduction.keeps_attrs() {
            grouped.attrs_mut().clear();
        }
        self.ordered(grouped, variable.dims())
    }

    /// A variable of what was folded: the other dimensions, at `place` the axis of groups, which becomes one for each key, and
    /// at the end `more`.
    fn unfolded(
        &self,
        variable: &Variable,
        over: &[Dim],
        place: usize,
        data: Array,
        more: Option<Dim>,
    ) -> Result<Variable> {
        let mut dims: Vec<Dim> = variable.dims().iter().filter(|dim| !over.contains(dim)).cloned().collect();
        dims.splice(place..place, self.factors.iter().map(|factor| factor.name.clone()));
        dims.extend(more);
        let mut shape = data.shape().to_vec();
        shape.splice(place..=place, self.factors.iter().map(|factor| factor.groups));
        let data = if shape == data.shape() { data } else { reshaped(&data, &shape)? };
        variable.with_dims_and_data(dims, data)
    }

    /// The groups along the axes of a variable that has all dimensions of the keys.
    fn fold(&self, variable: &Variable, over: &[Dim]) -> Result<Groups> {
        let axes: Vec<usize> = over.iter().filter_map(|dim| variable.axis(dim)).collect();
        let codes = match self.dims.as_slice() {
            // Made as it is wanted, so that a plan can see that it is in memory.
            [dim] => {
                let mut shape = vec![1; variable.ndim()];
                if let Some(len) = variable.axis(dim).and_then(|axis| shape.get_mut(axis)) {
                    *len = self.codes.len();
                }
                Array::from_chunk(graticule_array::Chunk::new(shape, self.codes.clone())?)?
            }
            _ => self.code_variable()?.arranged(variable.dims())?,
        };
        Ok(Groups { axes, codes, groups: self.groups })
    }
}

/// Groups of the elements along some axes. What is folded has an axis of them where the first of these was.
pub(super) struct Groups {
    axes: Vec<usize>,
    /// The number of the group of each element; broadcasts against the data.
    codes: Array,
    groups: usize,
}

impl Fold for Groups {
    fn statistic(&self, data: &Array, aggregation: Aggregation) -> graticule_array::Result<Array> {
        data.group_reduce(aggregation, self.axes.as_slice(), &self.codes, self.groups)
    }

    fn median(&self, data: &Array, skipna: bool) -> graticule_array::Result<Array> {
        self.each(data, None, |values| if skipna { values.nanmedian(-1) } else { values.median(-1) })
    }
}

impl Groups {
    /// Where the axis of groups is: all axes before the first that is folded stay.
    fn place(&self) -> usize {
        self.axes.iter().min().copied().unwrap_or(0)
    }

    /// A function of the values of each group, which lie along the last axis. It folds that axis; where it gives `len` values
    /// for each, these are its first axis, and the last one of all here.
    pub(super) fn each(
        &self,
        data: &Array,
        len: Option<usize>,
        f: impl Fn(&Array) -> graticule_array::Result<Array>,
    ) -> graticule_array::Result<Array> {
        let axes: Vec<isize> = self.axes.iter().map(|&axis| axis as isize).collect();
        let last: Vec<isize> = (-(axes.len() as isize)..0).collect();
        let kept = data.ndim() - axes.len();
        let flat = |array: &Array| -> graticule_array::Result<Array> {
            let moved = array.moveaxis(&axes, &last)?;
            if axes.len() == 1 {
                return Ok(moved);
            }
            let mut shape: Vec<usize> = moved.shape().iter().take(kept).copied().collect();
            shape.push(moved.shape().iter().skip(kept).product());
            reshaped(&moved, &shape)
        };
        // Codes vary along folded axes only: one row of them is all there is.
        let shape = data.shape().iter().enumerate();
        let shape: Vec<usize> =
            shape.map(|(axis, &n)| if self.axes.contains(&axis) { n } else { 1 }).collect();
        let codes = flat(&self.codes.broadcast_to(shape)?)?.compute()?;
        let values = flat(data)?;
        let results = members(codes.as_slice::<i64>()?, self.groups).into_iter().map(|positions| {
            if positions.is_empty() {
                let nothing = of_nothing(&values, &[kept])?;
                return match len {
                    Some(len) => Array::stack(&vec![nothing; len], -1),
                    None => Ok(nothing),
                };
            }
            let positions: Vec<isize> = positions.into_iter().map(|position| position as isize).collect();
            let result = f(&values.take(kept as isize, &positions)?)?;
            if len.is_some() { result.moveaxis(&[0], &[-1]) } else { Ok(result) }
        });
        Array::stack(&results.collect::<graticule_array::Result<Vec<_>>>()?, self.place() as isize)
    }
}
