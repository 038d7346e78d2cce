//! The elements of the window around each element, along a new last axis.

use serde::{Deserialize, Serialize};

use crate::blockwise::window::{halo, valid_chunks};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};

/// The window of each element, along a new last axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sliding {
    /// The axis along which windows slide.
    pub(crate) axis: usize,
    /// The number of elements of a window.
    pub(crate) size: usize,
    /// How many of them lie before the element that the window belongs to. Nothing for windows that lie inside the axis
    /// and belong to their first element; otherwise there are as many windows as elements, and what lies outside is
    /// missing.
    pub(crate) behind: Option<usize>,
}

impl Sliding {
    fn behind(&self) -> usize {
        self.behind.unwrap_or(0)
    }
}

impl Kernel for Sliding {
    fn label(&self) -> String {
        format!("windows of {} along axis {}", self.size, self.axis)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [input] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "windows slide over exactly one array"));
        };
        if self.axis >= input.ndim() {
            return Err(Error::Axis { axis: self.axis as isize, ndim: input.ndim() });
        }
        if self.size == 0 || self.behind() >= self.size || self.size > isize::MAX as usize / 64 {
            return Err(Error::argument("window", self.size, "use a window of at least one element"));
        }
        let mut axes = input.grid.axes().to_vec();
        if self.behind.is_none() {
            axes[self.axis] = valid_chunks(&axes[self.axis], self.size)?;
        } else if !input.dtype.has_missing() {
            return Err(Error::Dtype {
                operation: self.label(),
                dtype: input.dtype,
                hint: "nothing can stand outside the array; cast it to float64 first".into(),
            });
        }
        axes.push(AxisChunks::regular(self.size, self.size));
        Ok((input.dtype, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let mut region = grid.region(index);
        region.pop();
        let range = &mut region[self.axis];
        let ahead = self.size - 1 - self.behind();
        *range = halo(range, self.behind(), ahead, inputs[0].len(self.axis));
        vec![Part { input: 0, region }]
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let mut shape = grid.max_chunk();
        shape.pop();
        let len = &mut shape[self.axis];
        *len = len.saturating_add(self.size - 1).min(inputs[0].len(self.axis));
        vec![(0, shape)]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        self.size == 1 || grid.axes()[self.axis].count() <= 1
    }

    fn cut_along(&self, ndim: usize) -> Vec<usize> {
        // The windows are along the last axis.
        (0..ndim.saturating_sub(1)).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [values] = parts else { return Err(Error::defect("windows without their values")) };
        let rows = target.parts[target.first].region[self.axis].clone();
        let windows = &target.region[self.axis];
        let inner: usize = values.shape()[self.axis + 1..].iter().product();
        let outer: usize = values.shape()[..self.axis].iter().product();
        macro_rules! copy {
            ($(($variant:ident, $missing:expr))+) => {
                match (values.buffer(), out.buffer_mut()) {
                    $((Buffer::$variant(from), Buffer::$variant(to)) => {
                        let mut to = to.chunks_exact_mut(self.size);
                        for block in 0..outer {
                            for start in windows.clone() {
                                for offset in 0..inner {
                                    let Some(to) = to.next() else { return Ok(()) };
                                    // Before the first element this wraps around, to what is not in the rows either.
                                    let first = start.wrapping_sub(self.behind());
                                    for (i, to) in to.iter_mut().enumerate() {
                                        let at = first.wrapping_add(i);
                                        *to = if rows.contains(&at) {
                                            from[(block * rows.len() + at - rows.start) * inner + offset].clone()
                                        } else {
                                            $missing
                                        };
                                    }
                                }
                            }
                        }
                    })+
                    (from, to) => debug_assert!(false, "copying {from:?} into {to:?}"),
                }
            };
        }
        copy!((Bool, false)(I8, 0)(I16, 0)(I32, 0)(I64, NAT)(U8, 0)(U16, 0)(U32, 0)(U64, 0)(F32, f32::NAN)(
            F64,
            f64::NAN
        )(Str, "".into()));
        Ok(())
    }
}
