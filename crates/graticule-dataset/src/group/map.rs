//! Groups one by one: iteration, and functions of each.

use graticule_array::Scalar;

use super::grouped::GroupBy;
use super::join::joined;
use crate::align::able_to_miss;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};
use crate::ops::reshaped;
use crate::select::Pick;
use crate::variable::Variable;

impl<V: DataVars> GroupBy<V> {
    /// The labels of the groups that have members, one for each key, and the positions of the members. Where keys have several
    /// dimensions, positions count over all of them in C order.
    ///
    /// ```
    /// use graticule_array::{Array, Scalar};
    /// use graticule_dataset::{DataArray, Variable};
    /// let kind = Variable::from_vec("x", vec![2i64, 1, 2])?;
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(3)?)?, [("kind".into(), kind)])?;
    /// let groups = x.groupby("kind")?.groups();
    /// assert_eq!(groups, [(vec![Scalar::Int(1)], vec![1]), (vec![Scalar::Int(2)], vec![0, 2])]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn groups(&self) -> Vec<(Vec<Scalar>, Vec<usize>)> {
        let members = self.members().into_iter().enumerate().filter(|(_, positions)| !positions.is_empty());
        members.map(|(group, positions)| (self.label(group), positions)).collect()
    }

    /// The groups that have members one by one: their labels, one for each key, and their data. Dimensions of a key with
    /// several are stacked to one.
    ///
    /// # Errors
    /// What selecting the members can meet.
    pub fn iter(&self) -> Result<impl Iterator<Item = Result<(Vec<Scalar>, Labeled<V>)>> + '_> {
        let (flat, dim) = self.flat()?;
        let members = self.members().into_iter().enumerate().filter(|(_, positions)| !positions.is_empty());
        Ok(members.map(move |(group, positions)| {
            Ok((self.label(group), flat.pick(&dim, &Pick::of_positions(positions))?))
        }))
    }

    /// A function of each group, and the results put together.
    ///
    /// Where results keep the dimension that was grouped, they come back in the order of the data; members of no group are
    /// left out. Where they lack it, there is a dimension of groups in its place. Results are built lazily, but each group
    /// is an expression of its own: a statistic by [`GroupBy::reduce`] costs less.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let kind = Variable::from_vec("x", vec![2i64, 1, 2])?;
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(3)?)?, [("kind".into(), kind)])?;
    /// let centred = x.groupby("kind")?.map(|group| group - group.mean(()))?;
    /// assert_eq!(centred.values::<f64>()?.into_raw_vec_and_offset().0, [-1.0, 0.0, 1.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the function gives; [`crate::Error::Argument`] for results of other variables or dimensions in some groups.
    pub fn map(&self, mut function: impl FnMut(&Labeled<V>) -> Result<Labeled<V>>) -> Result<Labeled<V>> {
        let (flat, dim) = self.flat()?;
        let members = self.members();
        let mut parts = Vec::with_capacity(members.len());
        for positions in members.iter().filter(|positions| !positions.is_empty()) {
            parts.push(function(&flat.pick(&dim, &Pick::of_positions(positions.clone()))?)?);
        }
        if parts.iter().any(|part| part.size(&dim).is_ok()) {
            let together = joined(&parts, &dim)?;
            return self.in_order(together, &dim, &members);
        }
        self.by_group(joined(&parts, &Dim::new(MEMBER))?, &members)
    }

    /// What was computed of the members in the order of the data.
    fn in_order(&self, together: Labeled<V>, dim: &Dim, members: &[Vec<usize>]) -> Result<Labeled<V>> {
        let order: Vec<usize> = members.iter().flatten().copied().collect();
        if together.size(dim)? != order.len() {
            // The function took or added positions, so there is no order to come back to.
            return Ok(together);
        }
        let mut place: Vec<i64> = vec![-1; self.codes.len()];
        for (at, &position) in order.iter().enumerate() {
            if let Some(place) = place.get_mut(position) {
                *place = at as i64;
            }
        }
        if let [_] = self.dims.as_slice() {
            let kept = place.iter().filter_map(|&at| usize::try_from(at).ok()).collect();
            return together.pick(dim, &Pick::of_positions(kept));
        }
        let sizes = self.obj.sizes();
        let shape: Vec<usize> = self.dims.iter().filter_map(|dim| sizes.get(dim).copied()).collect();
        let unstacked = |variable: &Variable| {
            let Some(axis) = variable.axis(dim) else { return Ok(variable.clone()) };
            let data = match place.contains(&-1) {
                true => able_to_miss(variable.data().clone())?,
                false => variable.data().clone(),
            };
            let data = data.group_broadcast(axis as isize, &place)?;
            let (mut dims, mut whole) = (variable.dims().to_vec(), data.shape().to_vec());
            dims.splice(axis..=axis, self.dims.iter().cloned());
            whole.splice(axis..=axis, shape.iter().copied());
            variable.with_dims_and_data(dims, reshaped(&data, &whole)?)
        };
        let vars = together.vars.map(unstacked)?;
        let mut coords = self.obj.coords.filtered(|_, variable| self.is_grouped(variable));
        for (name, variable) in together.coords.iter().filter(|(_, variable)| variable.axis(dim).is_none()) {
            coords.insert(name.into(), variable.clone())?;
        }
        coords.inherit_levels(&together.coords)?;
        Ok(Labeled::from_parts(vars, coords))
    }

    /// One result for each group that has members, as dimensions of groups; others are missing.
    fn by_group(&self, together: Labeled<V>, members: &[Vec<usize>]) -> Result<Labeled<V>> {
        let mut next = 0..;
        let place: Vec<i64> = members
            .iter()
            .map(|positions| if positions.is_empty() { -1 } else { next.next().unwrap_or(-1) })
            .collect();
        let original = self.obj.vars.dims();
        let grouped = |variable: &Variable| {
            let Some(axis) = variable.axis(MEMBER) else { return Ok(variable.clone()) };
            let data = variable.data();
            let data = match place.contains(&-1) {
                true => able_to_miss(data.clone())?.group_broadcast(axis as isize, &place)?,
                false => data.clone(),
            };
            let (mut dims, mut shape) = (variable.dims().to_vec(), data.shape().to_vec());
            dims.splice(axis..=axis, self.factors.iter().map(|factor| factor.name.clone()));
            shape.splice(axis..=axis, self.factors.iter().map(|factor| factor.groups));
            self.ordered(variable.with_dims_and_data(dims, reshaped(&data, &shape)?)?, &original)
        };
        let mut vars = together.vars.map(grouped)?;
        vars.retain(|name| !self.factors.iter().any(|factor| factor.name == name));
        let coords =
            together.coords.filtered(|name, _| !self.factors.iter().any(|factor| factor.name == name));
        let coords = coords.mapped(|_, variable| Ok(Some(grouped(variable)?)))?;
        Ok(Labeled::from_parts(vars, self.with_labels(coords)?))
    }

    /// The data with the dimensions of the keys as one, and its name.
    fn flat(&self) -> Result<(Labeled<V>, Dim)> {
        if let [dim] = self.dims.as_slice() {
            return Ok((self.obj.clone(), dim.clone()));
        }
        let dim =
            Dim::new(format!("stacked_{}", self.dims.iter().map(Dim::as_str).collect::<Vec<_>>().join("_")));
        let stacked = |variable: &Variable| {
            if !self.is_grouped(variable) {
                return Ok(variable.clone());
            }
            let wide = self.with_all_dims(variable)?;
            let kept = || wide.dims().iter().filter(|dim| !self.dims.contains(dim));
            let last = wide.transpose(kept().chain(&self.dims))?;
            let others = kept().count();
            let mut shape: Vec<usize> = last.shape().iter().take(others).copied().collect();
            shape.push(last.shape().iter().skip(others).product());
            let dims = kept().cloned().chain([dim.clone()]).collect();
            wide.with_dims_and_data(dims, reshaped(last.data(), &shape)?)
        };
        let vars = self.obj.vars.map(stacked)?;
        let mut coords = Coords::default();
        for (name, variable) in self.obj.coords.iter() {
            coords.insert(name.into(), stacked(variable)?)?;
        }
        coords.inherit_levels(&self.obj.coords)?;
        Ok((Labeled::from_parts(vars, coords), dim))
    }
}

/// The dimension of results before they get those of the groups. No name that anybody gives.
const MEMBER: &str = "\u{0}group";
