//! Discrete Fourier transforms of many rows of numbers.

use std::cell::RefCell;
use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlanner};

use crate::kernel::gemm::Real;

/// What is transformed into what. Complex numbers are pairs along a last axis: real part, imaginary part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Real numbers into the frequencies that are not negative.
    RealToHalf,
    /// Real numbers into all frequencies.
    RealToFull,
    /// Complex numbers into all frequencies.
    Forward,
    /// All frequencies into complex numbers.
    Inverse,
    /// The frequencies that are not negative into real numbers.
    HalfToReal,
}

/// How the rows to transform lie in memory: `outer` times `len` times `inner`, transformed along the middle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) outer: usize,
    pub(crate) inner: usize,
    /// Elements of a row that is given.
    pub(crate) given: usize,
    /// The number of points of the transform: rows are cut to it or filled with zeros.
    pub(crate) points: usize,
}

/// Rows that are gathered at a time, so that elements that lie beside each other in memory are used together.
const GATHERED: usize = 16;

/// Plans are kept for as many points together, so that transforms of several lengths do not plan again and again.
const KEPT_POINTS: usize = 1 << 14;

/// The bytes that a transform takes: gathered rows, and its plan with tables and scratch. Of all lengths to 20 000 and of
/// longer ones, for complex and real numbers, plans took at most 56 bytes a point where the length has small factors only,
/// and 186 where it has a large one: that is done as a convolution of a longer transform, whose tables are made beside
/// each other. Of lengths below 64 none took more than 5 KiB. Plans that are kept for other lengths were counted there.
pub(crate) fn bytes(points: usize) -> usize {
    let plan = if has_small_factors(points) { 64 } else { 192 };
    (gathered(points) * 32 + plan).saturating_mul(points).saturating_add(8 << 10)
}

/// Whether a length is a product of lengths whose transforms need no convolution.
fn has_small_factors(points: usize) -> bool {
    let rest = [2, 3, 5, 7].into_iter().fold(points.max(1), |mut rest, factor| {
        while rest.is_multiple_of(factor) {
            rest /= factor;
        }
        rest
    });
    rest == 1
}

fn gathered(points: usize) -> usize {
    (KEPT_POINTS / points.max(1)).clamp(1, GATHERED)
}

#[derive(Clone)]
enum Plan {
    Complex(Arc<dyn Fft<f64>>),
    RealToHalf(Arc<dyn RealToComplex<f64>>),
    HalfToReal(Arc<dyn ComplexToReal<f64>>),
}

thread_local! {
    /// The plans that this thread used last.
    static PLANS: RefCell<Vec<(Kind, usize, Plan)>> = const { RefCell::new(Vec::new()) };
}

fn plan(kind: Kind, points: usize) -> Plan {
    PLANS.with_borrow_mut(|plans| {
        let kind = if kind == Kind::RealToFull { Kind::RealToHalf } else { kind };
        if let Some((_, _, plan)) = plans.iter().find(|(k, p, _)| (*k, *p) == (kind, points)) {
            return plan.clone();
        }
        while !plans.is_empty() && plans.iter().map(|(_, p, _)| p).sum::<usize>() + points > KEPT_POINTS {
            plans.remove(0);
        }
        let plan = match kind {
            Kind::RealToHalf | Kind::RealToFull => {
                Plan::RealToHalf(RealFftPlanner::new().plan_fft_forward(points))
            }
            Kind::HalfToReal => Plan::HalfToReal(RealFftPlanner::new().plan_fft_inverse(points)),
            Kind::Forward => Plan::Complex(FftPlanner::new().plan_fft_forward(points)),
            Kind::Inverse => Plan::Complex(FftPlanner::new().plan_fft_inverse(points)),
        };
        plans.push((kind, points, plan.clone()));
        plan
    })
}

/// Transforms all rows and multiplies the results by `scale`. Works in float64, whatever the numbers are.
pub(crate) fn transform<T: Real>(kind: Kind, rows: Rows, scale: f64, from: &[T], out: &mut [T]) {
    let Rows { outer, inner, given, points } = rows;
    let plan = plan(kind, points);
    let half = points / 2 + 1;
    let width = gathered(points).min(inner.max(1));
    let mut work = Work::new(&plan, points, width);
    let used = match kind {
        Kind::RealToHalf | Kind::RealToFull | Kind::Forward | Kind::Inverse => given.min(points),
        Kind::HalfToReal => given.min(half),
    };
    for o in 0..outer {
        for first in (0..inner).step_by(width) {
            let width = width.min(inner - first);
            let at = |i: usize, len: usize, j: usize| (o * len + i) * inner + first + j;
            let complex = |index: usize| Complex64::new(from[2 * index].into(), from[2 * index + 1].into());
            match &plan {
                Plan::Complex(fft) => {
                    let rows = &mut work.complex[..width * points];
                    rows.fill(Complex64::ZERO);
                    for i in 0..used {
                        for j in 0..width {
                            rows[j * points + i] = complex(at(i, given, j));
                        }
                    }
                    fft.process_with_scratch(rows, &mut work.scratch);
                    for i in 0..points {
                        for j in 0..width {
                            store(out, at(i, points, j), rows[j * points + i], scale);
                        }
                    }
                }
                Plan::RealToHalf(fft) => {
                    let rows = &mut work.real[..width * points];
                    rows.fill(0.0);
                    for i in 0..used {
                        for j in 0..width {
                            rows[j * points + i] = from[at(i, given, j)].into();
                        }
                    }
                    for (row, spectrum) in
                        rows.chunks_exact_mut(points).zip(work.complex.chunks_exact_mut(half))
                    {
                        // Its only errors are about lengths, which are those of the plan.
                        let done = fft.process_with_scratch(row, spectrum, &mut work.scratch);
                        debug_assert!(done.is_ok());
                    }
                    let len = if kind == Kind::RealToFull { points } else { half };
                    for i in 0..len {
                        for j in 0..width {
                            let spectrum = &work.complex[j * half..(j + 1) * half];
                            // Frequencies that are negative mirror those that are not.
                            let value = if i < half { spectrum[i] } else { spectrum[points - i].conj() };
                            store(out, at(i, len, j), value, scale);
                        }
                    }
                }
                Plan::HalfToReal(fft) => {
                    work.complex.fill(Complex64::ZERO);
                    for i in 0..used {
                        for j in 0..width {
                            work.complex[j * half + i] = complex(at(i, given, j));
                        }
                    }
                    let rows = &mut work.real[..width * points];
                    for (row, spectrum) in
                        rows.chunks_exact_mut(points).zip(work.complex.chunks_exact_mut(half))
                    {
                        // What is real has no imaginary part at the ends; numpy too takes none from there.
                        spectrum[0].im = 0.0;
                        if points % 2 == 0 {
                            spectrum[half - 1].im = 0.0;
                        }
                        let done = fft.process_with_scratch(spectrum, row, &mut work.scratch);
                        debug_assert!(done.is_ok());
                    }
                    for i in 0..points {
                        for j in 0..width {
                            out[at(i, points, j)] = T::round(rows[j * points + i] * scale);
                        }
                    }
                }
            }
        }
    }
}

fn store<T: Real>(out: &mut [T], index: usize, value: Complex64, scale: f64) {
    out[2 * index] = T::round(value.re * scale);
    out[2 * index + 1] = T::round(value.im * scale);
}

/// Buffers for some rows at a time.
struct Work {
    real: Vec<f64>,
    complex: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl Work {
    fn new(plan: &Plan, points: usize, width: usize) -> Self {
        let (real, complex, scratch) = match plan {
            Plan::Complex(fft) => (0, points, fft.get_inplace_scratch_len()),
            Plan::RealToHalf(fft) => (points, points / 2 + 1, fft.get_scratch_len()),
            Plan::HalfToReal(fft) => (points, points / 2 + 1, fft.get_scratch_len()),
        };
        Self {
            real: vec![0.0; real * width],
            complex: vec![Complex64::ZERO; complex * width],
            scratch: vec![Complex64::ZERO; scratch],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition.
    fn naive(row: &[Complex64], points: usize, sign: f64) -> Vec<Complex64> {
        let term = |k: usize, i: usize| {
            let angle = sign * std::f64::consts::TAU * ((k * i) % points) as f64 / points as f64;
            row.get(i).copied().unwrap_or_default() * Complex64::from_polar(1.0, angle)
        };
        (0..points).map(|k| (0..points).map(|i| term(k, i)).sum()).collect()
    }

    #[test]
    fn transforms_of_any_length_are_those_of_the_definition() {
        for (points, given, inner) in
            [(1, 1, 1), (2, 3, 2), (7, 7, 20), (12, 5, 3), (45, 45, 1), (67, 70, 17)]
        {
            let real: Vec<f64> = (0..2 * given * inner).map(|i| (i as f64 * 0.9).sin()).collect();
            let rows = Rows { outer: 2, inner, given, points };
            let row = |o: usize, j: usize| -> Vec<Complex64> {
                let at = |i: usize| real[(o * given + i) * inner + j].into();
                (0..given.min(points)).map(at).collect()
            };
            for (kind, len) in [(Kind::RealToHalf, points / 2 + 1), (Kind::RealToFull, points)] {
                let mut out = vec![f64::NAN; 2 * len * inner * 2];
                transform(kind, rows, 1.0, &real, &mut out);
                for (o, j) in [(0, 0), (1, inner - 1)] {
                    for (k, expected) in naive(&row(o, j), points, -1.0).iter().take(len).enumerate() {
                        let at = 2 * ((o * len + k) * inner + j);
                        let got = Complex64::new(out[at], out[at + 1]);
                        assert!((got - expected).norm() < 1e-12, "{kind:?} {points}");
                    }
                }
            }
        }
    }

    #[test]
    fn transforms_there_and_back_give_what_was_given() {
        for points in [1, 2, 9, 16, 31, 1009] {
            let complex: Vec<f64> = (0..2 * points).map(|i| (i as f64 * 0.9).sin()).collect();
            let rows = Rows { outer: 1, inner: 1, given: points, points };
            let (mut there, mut back) = (vec![0.0; 2 * points], vec![0.0; 2 * points]);
            transform(Kind::Forward, rows, 1.0, &complex, &mut there);
            transform(Kind::Inverse, rows, 1.0 / points as f64, &there, &mut back);
            assert!(back.iter().zip(&complex).all(|(x, y)| (x - y).abs() < 1e-14), "{points}");
            let real = &complex[..points];
            let half = points / 2 + 1;
            let (mut there, mut back) = (vec![0.0; 2 * half], vec![0.0; points]);
            transform(Kind::RealToHalf, rows, 1.0, real, &mut there);
            transform(Kind::HalfToReal, Rows { given: half, ..rows }, 1.0 / points as f64, &there, &mut back);
            assert!(back.iter().zip(real).all(|(x, y)| (x - y).abs() < 1e-14), "{points}");
        }
    }
}
