//! Folding values into the states of their groups.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::kernel::lane::{Access, Values};
use crate::kernel::state::{Cells, State};

/// Where the codes of a tile are.
pub(crate) enum Codes<'a> {
    /// In a table along one axis of the domain.
    Table(Arc<[i64]>, Access),
    /// Among the values of the tile.
    Tile(&'a [i64]),
}

/// The states of the groups that a chunk meets, and where values belong in them.
pub(crate) struct Groups<'a, 'b> {
    /// The states, by the groups that each holds, increasing. Cells of a state: group by group, the kept axes in each.
    pub(crate) states: &'b mut [(Range<usize>, &'a mut State)],
    /// How many groups there are.
    pub(crate) groups: usize,
    /// Cells of one group.
    pub(crate) kept: usize,
    /// The cell of each value within its group, and its position among the folded values.
    pub(crate) cells: &'b Cells,
}

impl Groups<'_, '_> {
    /// Folds the values of a tile in.
    pub(crate) fn fold(
        &mut self,
        values: Values<'_>,
        second: Option<Values<'_>>,
        codes: &Codes<'_>,
        dims: &[usize],
    ) -> Result<()> {
        let len = dims.last().copied().unwrap_or(1);
        let starts = |access: &Access| {
            let mut starts = Vec::new();
            access.rows(dims, |_, at| starts.push(at));
            starts
        };
        let positions = starts(&self.cells.position);
        let along = match codes {
            Codes::Table(_, access) => starts(access),
            Codes::Tile(_) => Vec::new(),
        };
        let mut rows = Vec::with_capacity(positions.len());
        self.cells.cell.rows(dims, |offset, at| rows.push((offset, at)));
        for (number, &(offset, at)) in rows.iter().enumerate() {
            let row = offset..offset + len;
            let (values, second) = (values.part(row.clone()), second.map(|second| second.part(row.clone())));
            let place = Place { at, position: positions[number], len };
            match codes {
                Codes::Table(table, access) if access.inner() == 0 => {
                    self.same(values, second, table[along[number] as usize], place)?;
                }
                Codes::Table(table, access) => {
                    let (start, step) = (along[number], access.inner());
                    self.each(values, second, |i| table[(start + i as isize * step) as usize], place)?;
                }
                Codes::Tile(codes) => {
                    let codes = &codes[row];
                    match codes.first() {
                        Some(first) if codes.iter().all(|code| code == first) => {
                            self.same(values, second, *first, place)?;
                        }
                        _ => self.each(values, second, |i| codes[i], place)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// A row of one group.
    fn same(
        &mut self,
        values: Values<'_>,
        second: Option<Values<'_>>,
        code: i64,
        place: Place,
    ) -> Result<()> {
        let Some(group) = self.group(code)? else { return Ok(()) };
        let (kept, inner, step) = (self.kept, self.cells.cell.inner(), self.cells.position.inner());
        let number = self.states.partition_point(|(groups, _)| groups.end <= group);
        if let Some((groups, state)) =
            self.states.get_mut(number).filter(|(groups, _)| groups.contains(&group))
        {
            let first = ((group - groups.start) * kept) as isize;
            let cells = Cells {
                cell: Access { start: first + place.at, strides: vec![inner] },
                position: Access { start: place.position, strides: vec![step] },
            };
            state.fold(values, second, &[place.len], &cells);
        }
        Ok(())
    }

    /// A row of several groups.
    fn each(
        &mut self,
        values: Values<'_>,
        second: Option<Values<'_>>,
        code: impl Fn(usize) -> i64,
        place: Place,
    ) -> Result<()> {
        for i in 0..place.len {
            self.group(code(i))?;
        }
        let (kept, inner, step) = (self.kept as isize, self.cells.cell.inner(), self.cells.position.inner());
        for (groups, state) in self.states.iter_mut() {
            let (first, end) = (groups.start as i64, groups.end as i64);
            let cell = |i: usize| {
                let code = code(i);
                let inside = code >= first && code < end;
                inside.then(|| ((code - first) as isize * kept + place.at + i as isize * inner) as usize)
            };
            state.each(values, second, cell, |i| (place.position + i as isize * step) as i64);
        }
        Ok(())
    }

    /// The group of a code; none where it is negative.
    fn group(&self, code: i64) -> Result<Option<usize>> {
        match usize::try_from(code) {
            Ok(group) if group < self.groups => Ok(Some(group)),
            Ok(_) => {
                let hint =
                    format!("there are {} groups, counted from 0; negative codes are left out", self.groups);
                Err(Error::argument("code", code, hint))
            }
            Err(_) => Ok(None),
        }
    }
}

/// Where a row belongs.
#[derive(Clone, Copy)]
struct Place {
    at: isize,
    position: isize,
    len: usize,
}
