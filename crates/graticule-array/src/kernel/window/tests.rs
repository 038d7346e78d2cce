use super::*;

fn naive(values: &[f64], start: i64, size: usize) -> Vec<f64> {
    let inside = |at: i64| usize::try_from(at).ok().and_then(|at| values.get(at)).copied();
    (start..start + size as i64).filter_map(inside).filter(|x| !x.is_nan()).collect()
}

fn run<F>(values: &[f64], size: usize, ahead: usize, inner: usize, least: f64) -> Vec<f64>
where
    F: Fold<1, Value = f64, Out = f64> + Fold<LANES, Value = f64, Out = f64>,
{
    let len = values.len() / inner;
    let mut out = vec![0.0; values.len()];
    let span = Span { size, input: 0..len, ends: ahead..len + ahead };
    let rule = Rule { least, ddof: 0.0, root: false };
    slide::<F, _, _>((values, &mut out), (|x| x, |x| x), Layout { outer: 1, inner }, &span, rule);
    out
}

/// Values that are all different and not in order, with a gap and an outlier.
fn wild(len: usize) -> Vec<f64> {
    let mut values: Vec<f64> = (0..len).map(|i| ((i * 7919) % 1009) as f64 / 8.0).collect();
    for (at, x) in [(3, f64::NAN), (4, f64::NAN), (17, 1e16), (40, f64::INFINITY)] {
        if at < len {
            values[at] = x;
        }
    }
    values
}

#[test]
fn each_window_has_the_values_that_are_in_it() {
    for len in [1, 2, 5, 50, 700] {
        for size in [1, 2, 3, 7, 20, 64, 800] {
            for ahead in [0, size / 2, size - 1] {
                let values = wild(len);
                let sums = run::<Sums<f64, f64>>(&values, size, ahead, 1, 1.0);
                let mins = run::<Extremes<f64, f64, false>>(&values, size, ahead, 1, 1.0);
                let vars = run::<Moments>(&values, size, ahead, 1, 1.0);
                let first = run::<Argextremes<f64, true>>(&values, size, ahead, 1, 1.0);
                for i in 0..len {
                    let start = i as i64 + ahead as i64 + 1 - size as i64;
                    let window = naive(&values, start, size);
                    if window.is_empty() {
                        assert!(
                            sums[i].is_nan() && mins[i].is_nan() && vars[i].is_nan() && first[i].is_nan()
                        );
                        continue;
                    }
                    let sum: f64 = window.iter().sum();
                    assert!(
                        sums[i] == sum || (sums[i] / sum - 1.0).abs() < 1e-14,
                        "{len} {size} {ahead} {i}"
                    );
                    assert_eq!(mins[i], window.iter().copied().fold(f64::INFINITY, f64::min));
                    let largest = window.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    assert_eq!(values[(start + first[i] as i64) as usize], largest);
                    let mean = sum / window.len() as f64;
                    let var =
                        window.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / window.len() as f64;
                    let same = (vars[i].is_nan() && var.is_nan()) || (vars[i] - var).abs() <= 1e-11 * var;
                    assert!(same, "{len} {size} {ahead} {i}: {} {var}", vars[i]);
                }
            }
        }
    }
}

#[test]
fn lanes_side_by_side_and_segments_give_the_bits_of_one_lane() {
    let len = 1000;
    let values = wild(len);
    for size in [1, 3, 7, 31, 365] {
        let alone = run::<Moments>(&values, size, size / 2, 1, 1.0);
        for inner in [3, 16, 37] {
            let side_by_side: Vec<f64> = values.iter().flat_map(|x| std::iter::repeat_n(*x, inner)).collect();
            let together = run::<Moments>(&side_by_side, size, size / 2, inner, 1.0);
            for (i, row) in together.chunks(inner).enumerate() {
                assert!(row.iter().all(|x| x.to_bits() == alone[i].to_bits()), "{size} {inner} {i}");
            }
        }
        // The same windows of a part of the axis.
        let mut out = vec![0.0; 100];
        let ends = 500 + size / 2..600 + size / 2;
        let span = Span { size, input: (ends.start + 1).saturating_sub(size)..ends.end.min(len), ends };
        let rule = Rule { least: 1.0, ddof: 0.0, root: false };
        let part = &values[span.input.clone()];
        slide::<Moments, _, _>((part, &mut out), (|x| x, |x| x), Layout { outer: 1, inner: 1 }, &span, rule);
        assert!(out.iter().zip(&alone[500..]).all(|(a, b)| a.to_bits() == b.to_bits()), "{size}");
    }
}

#[test]
fn a_huge_value_leaves_no_trace() {
    let mut values = vec![0.1; 100];
    values[10] = 1e16;
    let sums = run::<Sums<f64, f64>>(&values, 5, 0, 1, 5.0);
    let vars = run::<Moments>(&values, 5, 0, 1, 5.0);
    for i in 15..100 {
        assert!((sums[i] - 0.5).abs() < 2e-16 && vars[i] == 0.0, "{i}: {} {}", sums[i], vars[i]);
    }
}
