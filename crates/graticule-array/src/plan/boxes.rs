//! Cutting a chunk of the domain into boxes, at the borders of stored blocks and the seams of joins.

use std::collections::HashSet;
use std::ops::Range;

use crate::expr::{Expr, NodeId, Op};
use crate::grid::ChunkGrid;
use crate::plan::axis_map::{AxisMap, identity, input_maps, shifted};
use crate::plan::known::{Known, Placement};

/// Cuts a region of the domain into boxes that see one block of every source.
pub(crate) fn boxes(exprs: &[&Expr], slots: &Known, region: &[Range<usize>]) -> Boxes {
    let mut cuts = Cuts { slots, cuts: vec![Vec::new(); region.len()], seen: HashSet::new() };
    for expr in exprs {
        cuts.collect(expr, &identity(region.len()), region);
    }
    let borders = region.iter().zip(cuts.cuts).map(|(range, mut cuts)| {
        cuts.extend([range.start, range.end]);
        cuts.sort_unstable();
        cuts.dedup();
        if range.is_empty() {
            cuts.push(range.end);
        }
        cuts
    });
    Boxes { borders: borders.collect(), next: Some(vec![0; region.len()]) }
}

/// The boxes of a region, in C order. They are made one by one: where a region is cut on several axes, there are as many as
/// the products of the cuts.
pub(crate) struct Boxes {
    /// For each axis, where its pieces begin, and the end of the last.
    borders: Vec<Vec<usize>>,
    /// The number of the next box's piece on each axis.
    next: Option<Vec<usize>>,
}

impl Iterator for Boxes {
    type Item = Vec<Range<usize>>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.next.as_mut()?;
        let part = self.borders.iter().zip(&*at).map(|(borders, &i)| borders[i]..borders[i + 1]).collect();
        let mut is_last = true;
        for (at, borders) in at.iter_mut().zip(&self.borders).rev() {
            if *at + 2 < borders.len() {
                *at += 1;
                is_last = false;
                break;
            }
            *at = 0;
        }
        if is_last {
            self.next = None;
        }
        Some(part)
    }
}

struct Cuts<'a> {
    slots: &'a Known,
    cuts: Vec<Vec<usize>>,
    seen: HashSet<(NodeId, Vec<AxisMap>, Vec<Range<usize>>)>,
}

impl Cuts<'_> {
    fn collect(&mut self, expr: &Expr, maps: &[AxisMap], region: &[Range<usize>]) {
        if region.iter().any(Range::is_empty) {
            return;
        }
        match self.slots.get(&expr.id()) {
            Some(Placement::Memory) => return,
            Some(Placement::Scratch(grid)) => return self.cut_at_blocks(maps, region, grid),
            Some(Placement::Sink(_)) | None => {}
        }
        // A node that is used twice under one map would give the same cuts again.
        if !expr.inputs().is_empty() && !self.seen.insert((expr.id(), maps.to_vec(), region.to_vec())) {
            return;
        }
        match expr.op() {
            Op::Full { .. } | Op::Range { .. } | Op::Random { .. } | Op::Reduce { .. } | Op::Group { .. } => {
            }
            Op::Source(source) => {
                if source.source().resident().is_none() {
                    self.cut_at_blocks(maps, region, source.source().grid());
                }
            }
            Op::Blockwise(_) => self.cut_at_blocks(maps, region, expr.grid()),
            Op::Map(_) | Op::Select(_) | Op::Reshape(_) | Op::Rechunk(_) => {
                for input in expr.inputs() {
                    self.collect(input, &input_maps(expr, input, maps), region);
                }
            }
            Op::Join { axis } => {
                let map = maps[*axis];
                self.cut_at(map, region, |low, high| {
                    let seams = expr.seams().iter().copied();
                    seams.skip(expr.join_input_at(low) + 1).take_while(|&seam| seam <= high).collect()
                });
                let Some((low, high)) = positions(map, region) else { return };
                for number in expr.join_input_at(low)..=expr.join_input_at(high) {
                    let (seam, input) = (expr.seams()[number], &expr.inputs()[number]);
                    let end = seam + input.shape()[*axis];
                    if let Some(part) = preimage(map, seam..end, region) {
                        self.collect(input, &shifted(maps, *axis, seam), &part);
                    }
                }
            }
        }
    }

    /// Notes where the borders of blocks fall inside the region.
    fn cut_at_blocks(&mut self, maps: &[AxisMap], region: &[Range<usize>], grid: &ChunkGrid) {
        for (map, chunks) in maps.iter().zip(grid.axes()) {
            if chunks.count() > 1 {
                self.cut_at(*map, region, |low, high| {
                    (chunks.find(low) + 1..=chunks.find(high))
                        .map(|chunk| chunks.range(chunk).start)
                        .collect()
                });
            }
        }
    }

    /// Notes where borders fall inside the region. `borders` gives those between two positions.
    fn cut_at(
        &mut self,
        map: AxisMap,
        region: &[Range<usize>],
        borders: impl Fn(usize, usize) -> Vec<usize>,
    ) {
        let (AxisMap::Along { axis, start, step }, Some((low, high))) = (map, positions(map, region)) else {
            return;
        };
        for border in borders(low, high) {
            let border = border as isize;
            let cut = if step > 0 {
                (border - start).div_euclid(step) + isize::from((border - start).rem_euclid(step) != 0)
            } else {
                // The first element whose position is before the border.
                (start - border).div_euclid(-step) + 1
            };
            let cut = cut as usize;
            if cut > region[axis].start && cut < region[axis].end {
                self.cuts[axis].push(cut);
            }
        }
    }
}

/// The first and the last position that the elements of a region have.
fn positions(map: AxisMap, region: &[Range<usize>]) -> Option<(usize, usize)> {
    match map {
        AxisMap::Fixed(i) => Some((i, i)),
        AxisMap::Along { axis, start, step } => {
            let range = &region[axis];
            if range.is_empty() {
                return None;
            }
            let at = |i: usize| start + step * i as isize;
            let (first, last) = (at(range.start), at(range.end - 1));
            Some((first.min(last).max(0) as usize, first.max(last).max(0) as usize))
        }
    }
}

/// The part of a region whose positions under `map` lie in `range`.
fn preimage(map: AxisMap, range: Range<usize>, region: &[Range<usize>]) -> Option<Vec<Range<usize>>> {
    let mut region = region.to_vec();
    match map {
        AxisMap::Fixed(i) => return range.contains(&i).then_some(region),
        AxisMap::Along { axis, start, step } => {
            let inside = |i: usize| {
                let position = start + step * i as isize;
                position >= range.start as isize && position < range.end as isize
            };
            if range.is_empty() {
                return None;
            }
            let whole = region[axis].clone();
            // Positions are monotonic, so the part is one interval: find its ends.
            let (near, far) =
                if step >= 0 { (range.start, range.end - 1) } else { (range.end - 1, range.start) };
            let index = |position: usize, round_up: bool| {
                let distance = (position as isize - start) * step.signum();
                let stride = step.abs().max(1);
                distance.div_euclid(stride) + isize::from(round_up && distance.rem_euclid(stride) != 0)
            };
            let first = index(near, true).max(whole.start as isize);
            let end = (index(far, false) + 1).min(whole.end as isize);
            if first >= end || !inside(first as usize) {
                return None;
            }
            region[axis] = first as usize..end as usize;
        }
    }
    Some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_come_in_c_order_and_one_at_a_time() {
        let boxes = Boxes { borders: vec![vec![0, 2, 5], vec![1, 4]], next: Some(vec![0, 0]) };
        assert_eq!(boxes.collect::<Vec<_>>(), [[0..2, 1..4], [2..5, 1..4]]);
        assert_eq!(Boxes { borders: Vec::new(), next: Some(Vec::new()) }.count(), 1);
        let many = vec![(0..=1_000_000).collect::<Vec<_>>(), (0..=1_000_000).collect()];
        let last = Boxes { borders: many, next: Some(vec![999_999, 999_998]) }.last();
        assert_eq!(last, Some(vec![999_999..1_000_000, 999_999..1_000_000]));
    }

    #[test]
    fn a_region_without_elements_is_one_box() {
        let x = Expr::new(
            Op::Full {
                value: 0.0.into(),
                dtype: crate::dtype::DType::F64,
                grid: ChunkGrid::regular(&[0, 3], &[1, 2]),
            },
            Vec::new(),
        )
        .unwrap();
        let boxes: Vec<_> = boxes(&[&x], &Known::new(), &[0..0, 0..3]).collect();
        assert_eq!(boxes, [[0..0, 0..3]]);
    }
}
