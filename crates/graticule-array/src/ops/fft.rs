//! Discrete Fourier transforms, with numpy's names and signs.
//!
//! There is no complex dtype: a complex array has a last axis of length 2, the real part and the imaginary part. Axes
//! of complex arrays are counted without it. Whether an array is complex cannot be seen from its shape, so each method
//! says what it takes.

use crate::array::Array;
use crate::blockwise::{Blockwise, Fourier, FourierNorm, FourierTransform};
use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::function::Binary;
use crate::ops::normalize_axis;

impl Array {
    /// The Fourier transform of a real array along an axis, `numpy.fft.rfft`: a complex array (with a last axis of
    /// length 2) of the `n / 2 + 1` frequencies that are not negative.
    ///
    /// `n` points are transformed, by default as many as there are; the array is cut to them, or filled with zeros. The
    /// axis is brought into one chunk, for which the other axes may be cut finer. float32 is transformed in float64 and
    /// rounded at the end; a processor with fused multiply-add may round differently from one without.
    ///
    /// ```
    /// use graticule_array::{Array, FourierNorm};
    /// let wave = (Array::arange(8)? * (std::f64::consts::TAU / 8.0))?.cos()?;
    /// let spectrum = wave.rfft(-1, None, FourierNorm::Backward)?;
    /// assert_eq!(spectrum.shape(), [5, 2]);
    /// let magnitude = spectrum.complex_abs()?.compute()?;
    /// assert!((magnitude.as_slice::<f64>()?[1] - 4.0).abs() < 1e-14);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for no points, [`Error::Dtype`] for text and
    /// times.
    pub fn rfft(&self, axis: isize, n: Option<usize>, norm: FourierNorm) -> Result<Self> {
        fourier(self, FourierTransform::Rfft, axis, n, norm)
    }

    /// The Fourier transform of a real array along an axis, `numpy.fft.fft`: a complex array of all frequencies, in the
    /// order of [`Array::fftfreq`]. See [`Array::rfft`].
    ///
    /// # Errors
    /// As [`Array::rfft`].
    pub fn fft(&self, axis: isize, n: Option<usize>, norm: FourierNorm) -> Result<Self> {
        fourier(self, FourierTransform::FftOfReal, axis, n, norm)
    }

    /// The Fourier transform of a complex array along an axis, `numpy.fft.fft`. See [`Array::rfft`].
    ///
    /// # Errors
    /// As [`Array::rfft`]; [`Error::Argument`] when the last axis does not have length 2.
    pub fn fft_complex(&self, axis: isize, n: Option<usize>, norm: FourierNorm) -> Result<Self> {
        fourier(self, FourierTransform::Fft, axis, n, norm)
    }

    /// The inverse Fourier transform of a complex array along an axis, `numpy.fft.ifft`: a complex array.
    ///
    /// # Errors
    /// As [`Array::fft_complex`].
    pub fn ifft(&self, axis: isize, n: Option<usize>, norm: FourierNorm) -> Result<Self> {
        fourier(self, FourierTransform::Ifft, axis, n, norm)
    }

    /// The inverse of [`Array::rfft`], `numpy.fft.irfft`: a real array of `n` points, by default `2 (m - 1)` for `m`
    /// frequencies; give `n` where it is odd.
    ///
    /// # Errors
    /// As [`Array::fft_complex`].
    pub fn irfft(&self, axis: isize, n: Option<usize>, norm: FourierNorm) -> Result<Self> {
        fourier(self, FourierTransform::Irfft, axis, n, norm)
    }

    /// The Fourier transform of a real array along several axes, `numpy.fft.rfftn` (and `rfft2`): the last of them keeps
    /// the frequencies that are not negative.
    ///
    /// # Errors
    /// As [`Array::rfft`]; [`Error::Argument`] for no axes.
    pub fn rfftn(&self, axes: &[isize], norm: FourierNorm) -> Result<Self> {
        let (last, rest) = last_axis(axes)?;
        rest.iter()
            .rev()
            .try_fold(self.rfft(last, None, norm)?, |array, &axis| array.fft_complex(axis, None, norm))
    }

    /// The Fourier transform of a real array along several axes, `numpy.fft.fftn` (and `fft2`).
    ///
    /// # Errors
    /// As [`Array::rfftn`].
    pub fn fftn(&self, axes: &[isize], norm: FourierNorm) -> Result<Self> {
        let (last, rest) = last_axis(axes)?;
        rest.iter()
            .rev()
            .try_fold(self.fft(last, None, norm)?, |array, &axis| array.fft_complex(axis, None, norm))
    }

    /// The inverse Fourier transform of a complex array along several axes, `numpy.fft.ifftn` (and `ifft2`).
    ///
    /// # Errors
    /// As [`Array::fft_complex`]; [`Error::Argument`] for no axes.
    pub fn ifftn(&self, axes: &[isize], norm: FourierNorm) -> Result<Self> {
        last_axis(axes)?;
        axes.iter().rev().try_fold(self.clone(), |array, &axis| array.ifft(axis, None, norm))
    }

    /// The inverse of [`Array::rfftn`], `numpy.fft.irfftn` (and `irfft2`): a real array, with `n` points along the last
    /// of the axes.
    ///
    /// # Errors
    /// As [`Array::ifftn`].
    pub fn irfftn(&self, axes: &[isize], n: Option<usize>, norm: FourierNorm) -> Result<Self> {
        let (last, rest) = last_axis(axes)?;
        let inner = rest.iter().try_fold(self.clone(), |array, &axis| array.ifft(axis, None, norm))?;
        inner.irfft(last, n, norm)
    }

    /// The frequencies of a transform of `n` points at distance `d`, in cycles per unit of `d`, as `numpy.fft.fftfreq`:
    /// those that are not negative, then the negative ones.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let frequencies = Array::fftfreq(4, 0.5)?.compute()?;
    /// assert_eq!(frequencies.as_slice::<f64>()?, [0.0, 0.5, -1.0, -0.5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for no points or a distance of 0.
    pub fn fftfreq(n: usize, d: f64) -> Result<Self> {
        let step = frequency_step(n, d)?;
        let below = (0..n.div_ceil(2)).map(|i| i as f64 * step);
        let negative = (1..=n / 2).rev().map(|i| -(i as f64) * step);
        Self::from_chunk(Chunk::new(vec![n], below.chain(negative).collect())?)
    }

    /// The `n / 2 + 1` frequencies of [`Array::rfft`] of `n` points at distance `d`, as `numpy.fft.rfftfreq`.
    ///
    /// # Errors
    /// As [`Array::fftfreq`].
    pub fn rfftfreq(n: usize, d: f64) -> Result<Self> {
        let step = frequency_step(n, d)?;
        let values = (0..=n / 2).map(|i| i as f64 * step);
        Self::from_chunk(Chunk::new(vec![n / 2 + 1], values.collect())?)
    }

    /// The elements turned around along some axes so that frequency 0, which comes first, comes to the middle, as
    /// `numpy.fft.fftshift`. Axes are counted as those of a real array: of a complex one, name none that is the last.
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn fftshift(&self, axes: &[isize]) -> Result<Self> {
        axes.iter().try_fold(self.clone(), |array, &axis| {
            let len = array.shape()[normalize_axis(axis, array.ndim())?];
            turned(&array, axis, len.div_ceil(2))
        })
    }

    /// The inverse of [`Array::fftshift`].
    ///
    /// # Errors
    /// As [`Array::fftshift`].
    pub fn ifftshift(&self, axes: &[isize]) -> Result<Self> {
        axes.iter().try_fold(self.clone(), |array, &axis| {
            let len = array.shape()[normalize_axis(axis, array.ndim())?];
            turned(&array, axis, len / 2)
        })
    }

    /// A complex array from its real and its imaginary part: they become the last axis.
    ///
    /// # Errors
    /// [`Error::Shape`] when the shapes differ.
    pub fn complex(real: &Self, imaginary: &Self) -> Result<Self> {
        let stacked = Self::stack(&[real.clone(), imaginary.clone()], -1)?;
        stacked.whole_along(&[stacked.ndim() - 1])
    }

    /// The real part of a complex array.
    ///
    /// # Errors
    /// [`Error::Argument`] when the last axis does not have length 2.
    pub fn real(&self) -> Result<Self> {
        complex_axes(self)?;
        self.index_axis(-1, 0)
    }

    /// The imaginary part of a complex array.
    ///
    /// # Errors
    /// [`Error::Argument`] when the last axis does not have length 2.
    pub fn imag(&self) -> Result<Self> {
        complex_axes(self)?;
        self.index_axis(-1, 1)
    }

    /// The absolute values of a complex array.
    ///
    /// # Errors
    /// [`Error::Argument`] when the last axis does not have length 2.
    pub fn complex_abs(&self) -> Result<Self> {
        self.real()?.binary(Binary::Hypot, self.imag()?)
    }

    /// The angles of a complex array, in radians from -π to π, as `numpy.angle`.
    ///
    /// # Errors
    /// [`Error::Argument`] when the last axis does not have length 2.
    pub fn angle(&self) -> Result<Self> {
        self.imag()?.binary(Binary::Arctan2, self.real()?)
    }
}

/// How many axes a complex array has, that of its parts not counted.
fn complex_axes(array: &Array) -> Result<usize> {
    match array.shape() {
        [axes @ .., 2] => Ok(axes.len()),
        shape => {
            let hint = "complex arrays have a last axis of length 2: real part, imaginary part";
            Err(Error::argument("shape", format!("{shape:?}"), hint))
        }
    }
}

fn last_axis(axes: &[isize]) -> Result<(isize, &[isize])> {
    let (last, rest) =
        axes.split_last().ok_or_else(|| Error::argument("axes", "[]", "name at least one axis"))?;
    Ok((*last, rest))
}

fn fourier(
    array: &Array,
    transform: FourierTransform,
    axis: isize,
    n: Option<usize>,
    norm: FourierNorm,
) -> Result<Array> {
    let (axis, mut whole) = match transform {
        FourierTransform::Rfft | FourierTransform::FftOfReal => {
            (normalize_axis(axis, array.ndim())?, Vec::new())
        }
        FourierTransform::Fft | FourierTransform::Ifft | FourierTransform::Irfft => {
            let axes = complex_axes(array)?;
            (normalize_axis(axis, axes)?, vec![axes])
        }
    };
    whole.push(axis);
    let given = array.shape()[axis];
    let points = n.unwrap_or(match transform {
        FourierTransform::Irfft => 2 * given.saturating_sub(1),
        FourierTransform::Rfft
        | FourierTransform::FftOfReal
        | FourierTransform::Fft
        | FourierTransform::Ifft => given,
    });
    let dtype = array.dtype();
    if !dtype.is_numeric() {
        let hint = "convert to numbers first";
        return Err(Error::Dtype { operation: "a Fourier transform".into(), dtype, hint: hint.into() });
    }
    let input = array.astype(dtype.to_float())?;
    // Real and imaginary parts, of what is given or of what is made.
    let line = given.max(points).saturating_mul(2 * input.dtype().size());
    let input = input.whole_lines(&whole, line)?;
    let op = Op::Blockwise(Blockwise::Fourier(Fourier { transform, axis, points, norm }));
    Ok(Array::from_expr(Expr::new(op, vec![input.expr().clone()])?))
}

fn frequency_step(n: usize, d: f64) -> Result<f64> {
    if n == 0 {
        return Err(Error::argument("n", 0, "a transform has at least one point"));
    }
    if d == 0.0 || !d.is_finite() {
        return Err(Error::argument("d", d, "the distance of points is a number other than 0"));
    }
    Ok(1.0 / (n as f64 * d))
}

/// The elements of an axis from `start` on, then those before.
fn turned(array: &Array, axis: isize, start: usize) -> Result<Array> {
    let len = array.shape()[normalize_axis(axis, array.ndim())?];
    if start == 0 || start >= len {
        return Ok(array.clone());
    }
    let (front, back) =
        (array.stride_axis(axis, 0, 1, start)?, array.stride_axis(axis, start, 1, len - start)?);
    Array::concatenate(&[back, front], axis)
}
