//! Slopes at points, from which cubics between the points follow.

/// The derivatives at points by the method of scipy's `PchipInterpolator`: weighted harmonic means of the slopes on both
/// sides (Fritsch & Butland 1984), so that a cubic rises or falls where its ends do.
pub(super) fn pchip(x: &[f64], y: &[f64]) -> Vec<f64> {
    let widths: Vec<f64> = x.iter().zip(x.iter().skip(1)).map(|(a, b)| b - a).collect();
    let slopes = slopes(x, y);
    if let [slope] = slopes[..] {
        return vec![slope; 2];
    }
    let last = slopes.len() - 1;
    let mut derivatives = vec![end(widths[0], widths[1], slopes[0], slopes[1])];
    for i in 0..last {
        let (h0, h1, m0, m1) = (widths[i], widths[i + 1], slopes[i], slopes[i + 1]);
        let (w0, w1) = (2.0 * h1 + h0, h1 + 2.0 * h0);
        derivatives.push(match (m0 * m1).is_nan() {
            true => f64::NAN,
            false if m0 == 0.0 || m1 == 0.0 || m0.signum() != m1.signum() => 0.0,
            false => (w0 + w1) / (w0 / m0 + w1 / m1),
        });
    }
    derivatives.push(end(widths[last], widths[last - 1], slopes[last], slopes[last - 1]));
    derivatives
}

/// The derivative at an end, from the two intervals next to it.
fn end(h0: f64, h1: f64, m0: f64, m1: f64) -> f64 {
    let derivative = ((2.0 * h0 + h1) * m0 - h0 * m1) / (h0 + h1);
    let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
    if derivative.is_nan() {
        f64::NAN
    } else if sign(derivative) != sign(m0) {
        0.0
    } else if sign(m0) != sign(m1) && derivative.abs() > 3.0 * m0.abs() {
        3.0 * m0
    } else {
        derivative
    }
}

/// The derivatives at points by the method of Akima (1970), or with `modified` by MATLAB's `makima`: means of the slopes on
/// both sides, of which that counts more whose neighbours on its side are more alike.
pub(super) fn akima(x: &[f64], y: &[f64], modified: bool) -> Vec<f64> {
    let slopes = slopes(x, y);
    if let [slope] = slopes[..] {
        return vec![slope; 2];
    }
    // Two more at each end, on parabolas.
    let n = slopes.len();
    let before = 2.0 * slopes[0] - slopes[1];
    let after = 2.0 * slopes[n - 1] - slopes[n - 2];
    let first = [2.0 * before - slopes[0], before];
    let last = [after, 2.0 * after - slopes[n - 1]];
    let m = [&first, &slopes[..], &last].concat();
    let difference = |a: f64, b: f64| (a - b).abs() + if modified { 0.5 * (a + b).abs() } else { 0.0 };
    let weights: Vec<(f64, f64)> =
        m.windows(4).map(|m| (difference(m[3], m[2]), difference(m[1], m[0]))).collect();
    let largest = weights.iter().map(|(a, b)| a + b).fold(f64::NEG_INFINITY, f64::max);
    let derivative = |(m, (left, right)): (&[f64], &(f64, f64))| match left + right {
        total if total.is_nan() => f64::NAN,
        total if total > 1e-9 * largest => m[1] + right / total * (m[2] - m[1]),
        // Flat on either side: no weight says more than another.
        _ => 0.5 * (m[3] + m[0]),
    };
    m.windows(4).zip(&weights).map(derivative).collect()
}

fn slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let points = || x.iter().zip(y);
    points().zip(points().skip(1)).map(|((x0, y0), (x1, y1))| (y1 - y0) / (x1 - x0)).collect()
}
