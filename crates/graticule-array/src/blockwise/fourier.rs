//! Discrete Fourier transforms along an axis that is in one chunk.

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::fourier::{Kind, Rows, bytes, transform};

/// How transforms are scaled, under numpy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum FourierNorm {
    /// The inverse transform is divided by the number of points.
    #[default]
    Backward,
    /// Both are divided by its square root.
    Ortho,
    /// The forward transform is divided by it.
    Forward,
}

/// The transforms. Complex arrays have a last axis of length 2: real part, imaginary part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are numpy's functions of these names")]
pub enum FourierTransform {
    Rfft,
    /// `fft` of real numbers.
    FftOfReal,
    Fft,
    Ifft,
    Irfft,
}

/// A discrete Fourier transform along one axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fourier {
    pub(crate) transform: FourierTransform,
    /// The axis; that of parts of complex numbers is never meant.
    pub(crate) axis: usize,
    /// The number of points: the input is cut to it, or filled with zeros.
    pub(crate) points: usize,
    pub(crate) norm: FourierNorm,
}

impl FourierTransform {
    fn kind(self) -> Kind {
        match self {
            Self::Rfft => Kind::RealToHalf,
            Self::FftOfReal => Kind::RealToFull,
            Self::Fft => Kind::Forward,
            Self::Ifft => Kind::Inverse,
            Self::Irfft => Kind::HalfToReal,
        }
    }

    /// Whether the input and the result have a last axis for the parts of complex numbers.
    fn is_complex(self) -> (bool, bool) {
        match self {
            Self::Rfft | Self::FftOfReal => (false, true),
            Self::Fft | Self::Ifft => (true, true),
            Self::Irfft => (true, false),
        }
    }

    fn is_forward(self) -> bool {
        match self {
            Self::Rfft | Self::FftOfReal | Self::Fft => true,
            Self::Ifft | Self::Irfft => false,
        }
    }
}

impl Fourier {
    fn scale(&self) -> f64 {
        let points = self.points as f64;
        match (self.norm, self.transform.is_forward()) {
            (FourierNorm::Backward, true) | (FourierNorm::Forward, false) => 1.0,
            (FourierNorm::Backward, false) | (FourierNorm::Forward, true) => 1.0 / points,
            (FourierNorm::Ortho, _) => 1.0 / points.sqrt(),
        }
    }
}

impl Kernel for Fourier {
    fn label(&self) -> String {
        let name = match self.transform {
            FourierTransform::Rfft => "rfft",
            FourierTransform::FftOfReal | FourierTransform::Fft => "fft",
            FourierTransform::Ifft => "ifft",
            FourierTransform::Irfft => "irfft",
        };
        format!("{name} of {} points along axis {}", self.points, self.axis)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [input] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "a transform is one of one array"));
        };
        if !input.dtype.is_float() {
            return Err(Error::Dtype {
                operation: self.label(),
                dtype: input.dtype,
                hint: "cast to float64 first".into(),
            });
        }
        let (from_complex, to_complex) = self.transform.is_complex();
        let mut axes = input.grid.axes().to_vec();
        if from_complex {
            let parts = axes.pop();
            if parts.is_none_or(|parts| parts.len() != 2 || parts.count() != 1) {
                let hint =
                    "complex numbers have a last axis of length 2 in one chunk: real part, imaginary part";
                return Err(Error::argument("shape", format!("{:?}", input.grid.shape()), hint));
            }
        }
        let ndim = axes.len();
        let Some(along) = axes.get_mut(self.axis) else {
            return Err(Error::Axis { axis: self.axis as isize, ndim });
        };
        if along.count() > 1 {
            return Err(Error::Chunks {
                problem: format!("the axis to transform is cut into {along}"),
                hint: "rechunk so that it is in one chunk".into(),
            });
        }
        if self.points == 0 {
            return Err(Error::argument("n", 0, "a transform has at least one point"));
        }
        let len = if self.transform == FourierTransform::Rfft { self.points / 2 + 1 } else { self.points };
        *along = AxisChunks::regular(len, len);
        axes.extend(to_complex.then(|| AxisChunks::regular(2, 2)));
        Ok((input.dtype, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let axes = inputs[0].grid.axes().iter().enumerate();
        let region = axes.map(|(axis, chunks)| {
            // The axis of parts is whole, and so is that of the transform, which may be empty.
            let is_last = axis + 1 == inputs[0].ndim() && self.transform.is_complex().0;
            if axis == self.axis || is_last { 0..chunks.len() } else { chunks.range(index[axis]) }
        });
        vec![Part { input: 0, region: region.collect() }]
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, inputs[0].grid.max_chunk())]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        bytes(self.points)
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn cut_along(&self, ndim: usize) -> Vec<usize> {
        let (_, to_complex) = self.transform.is_complex();
        (0..ndim - usize::from(to_complex)).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, _: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let from = parts.first().ok_or_else(|| Error::defect("a transform was given no block"))?;
        let (from_complex, _) = self.transform.is_complex();
        let end = from.shape().len() - usize::from(from_complex);
        let rows = Rows {
            outer: from.shape()[..self.axis].iter().product(),
            inner: from.shape()[self.axis + 1..end].iter().product(),
            given: from.shape()[self.axis],
            points: self.points,
        };
        let (kind, scale) = (self.transform.kind(), self.scale());
        match (from.buffer(), out.buffer_mut()) {
            (Buffer::F64(from), Buffer::F64(out)) => transform(kind, rows, scale, from, out),
            (Buffer::F32(from), Buffer::F32(out)) => transform(kind, rows, scale, from, out),
            _ => return Err(Error::defect("a transform was given a block of another dtype")),
        }
        Ok(())
    }
}
