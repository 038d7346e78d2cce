//! Chunks that several variables have together.

use graticule_array::Chunks;
use indexmap::IndexMap;

use crate::dims::Dim;
use crate::error::Result;
use crate::variable::Variable;

/// For each dimension the ends of chunks, of all variables together.
pub(super) struct Cuts(IndexMap<Dim, Vec<usize>>);

impl Cuts {
    pub(super) fn of(variables: &[&Variable]) -> Self {
        let mut cuts: IndexMap<Dim, Vec<usize>> = IndexMap::new();
        for variable in variables {
            for (dim, chunks) in variable.dims().iter().zip(variable.data().chunks().axes()) {
                let ends = (0..chunks.count()).map(|i| chunks.range(i).end);
                cuts.entry(dim.clone()).or_default().extend(ends);
            }
        }
        for ends in cuts.values_mut() {
            ends.sort_unstable();
            ends.dedup();
        }
        Self(cuts)
    }

    /// Takes the cuts of a dimension away.
    pub(super) fn whole(&mut self, dim: &Dim) {
        if let Some(ends) = self.0.get_mut(dim) {
            ends.drain(..ends.len().saturating_sub(1));
        }
    }

    /// The lengths of the chunks along a dimension.
    pub(super) fn sizes(&self, dim: &Dim) -> Vec<usize> {
        let ends = self.0.get(dim).map_or(&[][..], Vec::as_slice);
        let starts = std::iter::once(&0).chain(ends);
        ends.iter().zip(starts).map(|(end, start)| end - start).collect()
    }

    pub(super) fn apply(&self, variable: &Variable) -> Result<Variable> {
        let sizes: Vec<Vec<usize>> = variable.dims().iter().map(|dim| self.sizes(dim)).collect();
        let own = variable.data().chunks().axes().iter();
        if own.zip(&sizes).all(|(own, sizes)| own.sizes().eq(sizes.iter().copied())) {
            return Ok(variable.clone());
        }
        variable.map(|data| data.rechunk(Chunks::Sizes(sizes)))
    }
}
