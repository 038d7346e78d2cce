//! Running sums and their like along an axis, group by group.
//!
//! As in [`crate::blockwise::scan`], three nodes share the work where the axis is cut: totals, carries and values. A block
//! has a total for each of its groups that goes on in a later block, and gets a carry for each that began in an earlier one.
//! So what is carried is as much as the groups ask for: a state for each group and block where months are in every block,
//! one for each border where years follow each other.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::blockwise::scan::{Cumulative, Work, with_fold};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk, Element};
use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::group_scan::{Link, Members, NO_GROUP, Out, STRIP, States, fold, merge};
use crate::kernel::scan::{Fold, Lanes};

/// The groups along an axis that is cut into chunks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub struct AxisGroups {
    listed: Listed,
    /// Stands for `listed` where nodes are compared and hashed: the list may be long.
    digest: u128,
    links: Arc<Links>,
}

/// Groups along an axis as they are stored.
#[derive(Debug, Clone, Hash, Serialize, Deserialize)]
#[serde(rename = "AxisGroups")]
struct Listed {
    /// The group of each element; a negative one is none.
    codes: Arc<[i64]>,
    /// The chunks along the axis.
    cuts: AxisChunks,
}

/// What goes from block to block. States are numbered twice: as they are made, by the block that has the total, and as they
/// are used, by the block that gets the carry.
#[derive(Debug)]
struct Links {
    blocks: Vec<Block>,
    /// The group of each element, numbered within its block.
    members: Vec<u32>,
    /// The states as they are used.
    links: Vec<Link>,
    /// The blocks that have totals.
    makers: Vec<usize>,
}

/// The groups of a block and their states.
#[derive(Debug, Default)]
struct Block {
    groups: usize,
    /// The groups that have carries, and the numbers of these.
    carried: Vec<u32>,
    carries: Range<usize>,
    /// The groups that have totals, and the numbers of these.
    open: Vec<u32>,
    totals: Range<usize>,
}

impl Links {
    fn new(codes: &[i64], cuts: &AxisChunks) -> Self {
        let mut blocks: Vec<Block> = Vec::with_capacity(cuts.count());
        let mut members = Vec::with_capacity(codes.len());
        let mut links: Vec<Link> = Vec::new();
        // Of each group, the block that met it last, its number there, and the state that it got there.
        let mut last: HashMap<i64, (usize, u32, Option<usize>)> = HashMap::new();
        let mut made: Vec<(usize, u32)> = Vec::new();
        for block in 0..cuts.count() {
            let mut numbers: HashMap<i64, u32> = HashMap::new();
            let mut here = Block { carries: links.len()..links.len(), ..Block::default() };
            for &code in &codes[cuts.range(block)] {
                if code < 0 {
                    members.push(NO_GROUP);
                    continue;
                }
                let next = numbers.len() as u32;
                let number = *numbers.entry(code).or_insert_with(|| {
                    let mut state = None;
                    if let Some(&(maker, group, before)) = last.get(&code) {
                        state = Some(links.len());
                        links.push(Link { total: made.len(), before });
                        made.push((maker, group));
                        here.carried.push(next);
                    }
                    last.insert(code, (block, next, state));
                    next
                });
                members.push(number);
            }
            here.groups = numbers.len();
            here.carries.end = links.len();
            blocks.push(here);
        }
        let mut order: Vec<usize> = (0..made.len()).collect();
        order.sort_unstable_by_key(|&state| made[state]);
        let mut makers = Vec::new();
        for (total, &state) in order.iter().enumerate() {
            let (maker, group) = made[state];
            links[state].total = total;
            let block = &mut blocks[maker];
            if block.open.is_empty() {
                makers.push(maker);
                block.totals = total..total;
            }
            block.open.push(group);
            block.totals.end = total + 1;
        }
        Self { blocks, members, links, makers }
    }
}

impl AxisGroups {
    /// The groups that `codes` say along an axis that is cut as `cuts` say. A negative code is no group.
    ///
    /// # Errors
    /// [`Error::Argument`] when there is not one code for each element.
    pub(crate) fn new(codes: Arc<[i64]>, cuts: AxisChunks) -> Result<Self> {
        Self::try_from(Listed { codes, cuts })
    }

    /// How many states go from block to block.
    pub(crate) fn states(&self) -> usize {
        self.links.links.len()
    }

    fn block(&self, number: usize) -> &Block {
        &self.links.blocks[number]
    }
}

impl TryFrom<Listed> for AxisGroups {
    type Error = Error;

    fn try_from(listed: Listed) -> Result<Self> {
        if listed.codes.len() != listed.cuts.len() {
            let hint = format!("give one for each of the {} elements of the axis", listed.cuts.len());
            return Err(Error::argument("codes", format!("{} of them", listed.codes.len()), hint));
        }
        let mut hasher = SipHasher13::new();
        listed.hash(&mut hasher);
        let hash = hasher.finish128();
        let digest = (u128::from(hash.h1) << 64) | u128::from(hash.h2);
        let links = Arc::new(Links::new(&listed.codes, &listed.cuts));
        Ok(Self { listed, digest, links })
    }
}

impl From<AxisGroups> for Listed {
    fn from(groups: AxisGroups) -> Self {
        groups.listed
    }
}

impl PartialEq for AxisGroups {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for AxisGroups {}

impl Hash for AxisGroups {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

/// Which part of the work a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupPass {
    /// Of an array, the states of the groups after each block that go on in later ones.
    Totals,
    /// Of totals that are in one block along the axis, the states after all blocks up to each.
    Carries,
    /// Of an array and, where groups go on from block to block, of carries, the values.
    Values,
}

/// A fold along an axis, group by group, of which every intermediate value is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GroupScan {
    /// What is accumulated.
    pub function: Cumulative,
    /// Along which axis.
    pub axis: usize,
    /// The groups along it.
    pub groups: AxisGroups,
    /// The part of the work.
    pub pass: GroupPass,
}

impl GroupScan {
    fn with_axis(&self, grid: &ChunkGrid, chunks: AxisChunks) -> ChunkGrid {
        let mut axes = grid.axes().to_vec();
        axes[self.axis] = chunks;
        ChunkGrid::new(axes)
    }

    fn chunks_error(&self, problem: String) -> Error {
        let hint = format!("use the method for {} by group, which sees to that", self.function);
        Error::Chunks { problem, hint }
    }

    fn refuse_dtype(&self, dtype: DType, hint: String) -> Error {
        Error::Dtype { operation: format!("{} by group", self.function), dtype, hint }
    }

    /// The most groups that are folded at once.
    fn most_groups(&self) -> usize {
        self.groups.links.blocks.iter().map(|block| block.groups).max().unwrap_or(0)
    }
}

impl Kernel for GroupScan {
    fn label(&self) -> String {
        let Self { function, axis, pass, .. } = self;
        match pass {
            GroupPass::Totals => format!("totals of {function} by group along axis {axis}"),
            GroupPass::Carries => format!("carries of {function} by group along axis {axis}"),
            GroupPass::Values => format!("{function} by group along axis {axis}"),
        }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let Some(x) = inputs.first() else {
            return Err(Error::argument("inputs", 0, "accumulate an array, with or without carries"));
        };
        if self.axis >= x.ndim() {
            return Err(Error::Axis { axis: self.axis as isize, ndim: x.ndim() });
        }
        let along = &x.grid.axes()[self.axis];
        if let (GroupPass::Carries, [totals]) = (self.pass, inputs) {
            let (words, dtype) = self.function.state(totals.dtype);
            if along.count() > 1 || along.len() != words * self.groups.states() || totals.dtype != dtype {
                return Err(self.chunks_error(format!("totals are {} in {along}", totals.dtype)));
            }
            return Ok((totals.dtype, totals.grid.clone()));
        }
        let argument = self.function.argument(x.dtype)?;
        if argument != x.dtype {
            return Err(self.refuse_dtype(x.dtype, format!("cast to {argument} first")));
        }
        if !x.dtype.has_missing() && self.groups.listed.codes.iter().any(|&code| code < 0) {
            let hint =
                "elements without a group become missing: cast to float64 first, which has missing values";
            return Err(self.refuse_dtype(x.dtype, hint.into()));
        }
        if *along != self.groups.listed.cuts {
            return Err(
                self.chunks_error(format!("groups are known in {}, not in {along}", self.groups.listed.cuts))
            );
        }
        let (words, dtype) = self.function.state(x.dtype);
        match (self.pass, inputs) {
            (GroupPass::Totals, [x]) => {
                let sizes =
                    self.groups.links.makers.iter().map(|&block| words * self.groups.block(block).open.len());
                let sizes: Vec<usize> = sizes.collect();
                Ok((dtype, self.with_axis(x.grid, AxisChunks::from_sizes(&sizes))))
            }
            (GroupPass::Values, [x]) if self.groups.states() == 0 => Ok((x.dtype, x.grid.clone())),
            (GroupPass::Values, [x, carries]) => {
                let states = words * self.groups.states();
                let shape = self.with_axis(x.grid, AxisChunks::regular(states, states)).shape();
                if carries.dtype != dtype || carries.grid.shape() != shape {
                    return Err(self.chunks_error(format!("carries are {}", carries.grid)));
                }
                Ok((x.dtype, x.grid.clone()))
            }
            (GroupPass::Totals | GroupPass::Carries | GroupPass::Values, _) => {
                Err(self.chunks_error(format!("{} inputs for an axis of {along}", inputs.len())))
            }
        }
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let part = |input: usize, along: Range<usize>| {
            let mut region = grid.region(index);
            region[self.axis] = along;
            Part { input, region }
        };
        let number = index[self.axis];
        let own = |block: usize| part(0, inputs[0].grid.axes()[self.axis].range(block));
        match self.pass {
            GroupPass::Totals => vec![own(self.groups.links.makers[number])],
            GroupPass::Carries => vec![own(number)],
            GroupPass::Values => {
                let (words, _) = self.function.state(inputs[0].dtype);
                let Range { start, end } = self.groups.block(number).carries;
                let carries = (start < end).then(|| part(1, start * words..end * words));
                std::iter::once(own(number)).chain(carries).collect()
            }
        }
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let part = |input: usize, len: usize| {
            let mut shape = grid.max_chunk();
            shape[self.axis] = len;
            (input, shape)
        };
        let own = part(0, inputs[0].grid.axes()[self.axis].max_size());
        match inputs {
            [x, _] => {
                let most = self.groups.links.blocks.iter().map(|block| block.carried.len()).max();
                vec![own, part(1, most.unwrap_or(0) * self.function.state(x.dtype).0)]
            }
            _ => vec![own],
        }
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        if self.pass == GroupPass::Carries {
            return 0;
        }
        let (words, dtype) = self.function.state(inputs[0].dtype);
        let inner: usize = grid.max_chunk()[self.axis + 1..].iter().product();
        self.most_groups() * words * inner.min(STRIP) * dtype.size()
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn has_own_pass(&self) -> bool {
        self.pass == GroupPass::Totals
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let number = target.index[self.axis];
        let block = match self.pass {
            GroupPass::Totals => self.groups.links.makers[number],
            GroupPass::Carries | GroupPass::Values => number,
        };
        if self.pass == GroupPass::Values {
            self.mark_missing(block, out)?;
        }
        with_fold(self.function, target.inputs[0].dtype, BlockWork { scan: self, block, parts, out })
    }
}

impl GroupScan {
    /// Writes missing values where elements belong to no group.
    fn mark_missing(&self, block: usize, out: &mut Chunk) -> Result<()> {
        let members = &self.groups.links.members[self.groups.listed.cuts.range(block)];
        if !members.contains(&NO_GROUP) {
            return Ok(());
        }
        match out.buffer_mut() {
            Buffer::F32(v) => v.fill(f32::NAN),
            Buffer::F64(v) => v.fill(f64::NAN),
            Buffer::I64(v) => v.fill(NAT),
            _ => return Err(Error::defect("elements without a group in a dtype without missing values")),
        }
        Ok(())
    }
}

/// A block that is to be computed, waiting for the fold that its dtype takes.
struct BlockWork<'a> {
    scan: &'a GroupScan,
    block: usize,
    parts: &'a [Chunk],
    out: &'a mut Chunk,
}

impl Work for BlockWork<'_> {
    fn run<const W: usize, F: Fold<W>>(self, of: F) -> Result<()>
    where
        F::Item: Element,
        F::Word: Element,
    {
        let Self { scan, block, parts, out } = self;
        let lost = || Error::defect(format!("{} got parts of another dtype", scan.label()));
        let x = parts.first().ok_or_else(lost)?;
        let lanes = Lanes::along(x.shape(), scan.axis);
        let links = &scan.groups.links;
        if scan.pass == GroupPass::Carries {
            let totals = F::Word::slice(x.buffer()).ok_or_else(lost)?;
            let out = F::Word::slice_mut(out.buffer_mut()).ok_or_else(lost)?;
            merge(of, totals, lanes, &links.links, out);
            return Ok(());
        }
        let own = scan.groups.block(block);
        let x = F::Item::slice(x.buffer()).ok_or_else(lost)?;
        let group = &links.members[scan.groups.listed.cuts.range(block)];
        let members = Members { group, groups: own.groups };
        let mut carried: States<'_, F::Word> = States { groups: &[], words: &[] };
        if let Some(carry) = parts.get(1) {
            carried =
                States { groups: &own.carried, words: F::Word::slice(carry.buffer()).ok_or_else(lost)? };
        }
        let mut out = match scan.pass {
            GroupPass::Totals => {
                let words = F::Word::slice_mut(out.buffer_mut()).ok_or_else(lost)?;
                Out::States { groups: &own.open, words }
            }
            GroupPass::Carries | GroupPass::Values => {
                Out::Values(F::Item::slice_mut(out.buffer_mut()).ok_or_else(lost)?)
            }
        };
        fold(of, x, lanes, members, carried, &mut out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(codes: &[i64], chunk: usize) -> AxisGroups {
        AxisGroups::new(codes.into(), AxisChunks::regular(codes.len(), chunk)).unwrap()
    }

    #[test]
    fn only_groups_that_go_on_are_carried() {
        // Years follow each other; the second lies on a border.
        let years = groups(&[0, 0, 0, 1, 1, 1, 2, 2], 4);
        assert_eq!(years.states(), 1);
        assert_eq!((years.block(0).open.as_slice(), years.block(1).carried.as_slice()), (&[1][..], &[0][..]));
        assert_eq!(groups(&[0, 0, 1, 1, -1, -1], 2).states(), 0);
        // Months come again: from the first block into the second, from there into the third.
        let months = groups(&[0, 1, 0, 1, -1, 1], 2);
        let links = [
            Link { total: 0, before: None },
            Link { total: 1, before: None },
            Link { total: 2, before: Some(1) },
        ];
        assert_eq!(months.links.links, links);
        assert_eq!(months.links.makers, [0, 1]);
        assert_eq!(months.links.members, [0, 1, 0, 1, NO_GROUP, 0]);
    }

    #[test]
    fn long_codes_are_compared_by_their_digest() {
        let same = groups(&[0, 1, 0], 2);
        assert_eq!(same, AxisGroups::try_from(Listed::from(same.clone())).unwrap());
        assert_ne!(same, groups(&[0, 1, 1], 2));
        assert_ne!(same, groups(&[0, 1, 0], 3));
        assert!(AxisGroups::new([0, 1].into(), AxisChunks::regular(3, 3)).is_err());
    }
}
