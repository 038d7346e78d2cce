//! Moving covariances, windows over several axes, exponential weights: against pandas 2.3, xarray 2025 and numbagg 0.9.6, and
//! against the formulas for any chunks.

use graticule_array::{Array, Chunk, Decay, Excess, Result, Runtime, WindowSide};
use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;

const NAN: f64 = f64::NAN;

const X: [f64; 12] = [NAN, 1.5, 2.5, NAN, -3.0, 4.0, NAN, NAN, 7.25, 1.0, 0.5, 2.0];
const Y: [f64; 12] = [2.0, NAN, 1.0, 3.0, 0.5, -2.0, 4.0, NAN, 6.0, 1.0, -1.5, 3.0];

fn line(values: &[f64], chunk: usize) -> Array {
    Array::from_array(ndarray::arr1(values), chunk).unwrap()
}

fn same(got: &[f64], expected: &[f64], tolerance: f64) -> bool {
    let scale = expected.iter().filter(|x| x.is_finite()).fold(1.0f64, |scale, x| scale.max(x.abs()));
    let close =
        |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= tolerance * scale;
    got.len() == expected.len() && got.iter().zip(expected).all(close)
}

fn exponential(
    x: &Array,
    y: &Array,
    axis: isize,
    statistic: &str,
    decay: Decay,
    min_weight: f64,
) -> Result<Array> {
    let rolling = x.rolling_exp(axis, decay)?.min_weight(min_weight);
    match statistic {
        "mean" => rolling.mean(),
        "sum" => rolling.sum(),
        "count" => rolling.count(),
        "var" => rolling.var(),
        "std" => rolling.std(),
        "cov" => rolling.cov(y),
        _ => rolling.corr(y),
    }
}

#[test]
#[rustfmt::skip]
#[expect(clippy::approx_constant, reason = "the root of a half as numbagg rounds it")]
fn exponential_statistics_are_those_of_numbagg() -> Result<()> {
    let recorded: [(&str, f64, [f64; 12]); 14] = [
        ("mean", 0.0, [NAN, 1.5, 2.088235294117647, 2.088235294117647, -0.6876704855428261, 1.365533704174149, 1.365533704174149, 1.3655337041741489, 4.665660116270325, 3.035153370873071, 2.0501383874565273, 2.0322420752985244]),
        ("sum", 0.0, [NAN, 1.5, 3.55, 2.485, -1.2605000000000002, 3.11765, 2.182355, 1.5276484999999997, 8.31935395, 6.823547765, 5.276483435499999, 5.693538404849999]),
        ("count", 0.0, [0.0, 1.0, 1.7, 1.19, 1.833, 2.2831, 1.59817, 1.118719, 1.7831033, 2.24817231, 2.573720617, 2.8016044319]),
        ("var", 0.0, [NAN, NAN, 0.49999999999999944, 0.49999999999999933, 10.956436612824277, 13.34024680424146, 13.340246804241458, 13.34024680424146, 20.061652439926593, 14.961911125177876, 10.66635742391331, 6.590277826593417]),
        ("std", 0.0, [NAN, NAN, 0.7071067811865471, 0.707106781186547, 3.3100508474680983, 3.6524302600106493, 3.6524302600106493, 3.6524302600106493, 4.479023603412533, 3.8680629680988745, 3.2659389804332397, 2.5671536429659634]),
        ("cov", 0.0, [NAN, NAN, NAN, NAN, 1.3750000000000002, -5.11777141298418, -5.117771412984179, -5.117771412984178, 13.91485682955679, 9.846805297681728, 8.695317609593173, 5.273529079599017]),
        ("corr", 0.0, [NAN, NAN, NAN, NAN, 1.0, -0.7359619653464803, -0.7359619653464803, -0.7359619653464803, 0.6826862829848596, 0.7455450944434592, 0.797352633898669, 0.7132167918631652]),
        ("mean", 0.6, [NAN, NAN, NAN, NAN, NAN, 1.365533704174149, NAN, NAN, NAN, 3.035153370873071, 2.0501383874565273, 2.0322420752985244]),
        ("sum", 0.6, [NAN, NAN, NAN, NAN, NAN, 3.11765, NAN, NAN, NAN, 6.823547765, 5.276483435499999, 5.693538404849999]),
        ("count", 0.6, [NAN, NAN, NAN, NAN, NAN, 2.2831, NAN, NAN, NAN, 2.24817231, 2.573720617, 2.8016044319]),
        ("var", 0.6, [NAN, NAN, NAN, NAN, NAN, 13.34024680424146, NAN, NAN, NAN, 14.961911125177876, 10.66635742391331, 6.590277826593417]),
        ("std", 0.6, [NAN, NAN, NAN, NAN, NAN, 3.6524302600106493, NAN, NAN, NAN, 3.8680629680988745, 3.2659389804332397, 2.5671536429659634]),
        ("cov", 0.6, [NAN, NAN, NAN, NAN, NAN, -5.11777141298418, NAN, NAN, NAN, 9.846805297681728, 8.695317609593173, 5.273529079599017]),
        ("corr", 0.6, [NAN, NAN, NAN, NAN, NAN, -0.7359619653464803, NAN, NAN, NAN, 0.7455450944434592, 0.797352633898669, 0.7132167918631652]),
    ];
    for (statistic, min_weight, expected) in recorded {
        for chunk in [12, 5, 1] {
            let (x, y) = (line(&X, chunk), line(&Y, 4));
            let got = exponential(&x, &y, 0, statistic, Decay::Alpha(0.3), min_weight)?.compute()?.to_f64();
            assert!(same(&got, &expected, 1e-14), "{statistic} {min_weight} {chunk}: {got:?}");
        }
    }
    Ok(())
}

#[test]
fn decays_are_given_in_four_ways() -> Result<()> {
    let x = line(&[1.0, 2.0, 4.0, 8.0], 4);
    let mean = |decay| x.rolling_exp(0, decay)?.mean()?.compute();
    let expected = mean(Decay::Alpha(0.25))?;
    assert_eq!(mean(Decay::Span(7.0))?, expected);
    assert_eq!(mean(Decay::Com(3.0))?, expected);
    let halved = mean(Decay::Halflife(1.0))?.to_f64();
    assert!(same(&halved, &mean(Decay::Alpha(0.5))?.to_f64(), 1e-15));
    for decay in [
        Decay::Span(0.5),
        Decay::Com(-1.0),
        Decay::Halflife(0.0),
        Decay::Alpha(0.0),
        Decay::Alpha(1.5),
        Decay::Span(NAN),
    ] {
        assert!(x.rolling_exp(0, decay).is_err(), "{decay:?}");
    }
    assert!(x.rolling_exp(0, Decay::Alpha(0.5))?.min_weight(2.0).mean().is_err());
    assert!(x.rolling_exp(1, Decay::Alpha(0.5)).is_err());
    Ok(())
}

#[test]
fn infinite_values_and_weights_that_leave_nothing_are_those_of_numbagg() -> Result<()> {
    let inf = f64::INFINITY;
    let x = [1.0, 2.0, inf, 3.0, NAN, 4.0];
    for chunk in [6, 2, 1] {
        let of = |x: &[f64], statistic: &str, alpha: f64| -> Result<Vec<f64>> {
            let (x, y) = (line(x, chunk), line(&x.iter().rev().copied().collect::<Vec<_>>(), chunk));
            Ok(exponential(&x, &y, 0, statistic, Decay::Alpha(alpha), 0.0)?.compute()?.to_f64())
        };
        assert!(same(&of(&x, "mean", 0.5)?, &[1.0, 5.0 / 3.0, inf, inf, inf, inf], 1e-15));
        assert!(same(&of(&x, "sum", 0.5)?, &[1.0, 2.5, inf, inf, inf, inf], 0.0));
        assert!(same(&of(&x, "var", 0.5)?, &[NAN, 0.5, NAN, NAN, NAN, NAN], 1e-15));
        assert!(same(&of(&x, "cov", 0.5)?, &[NAN; 6], 0.0));
        assert!(same(&of(&x, "corr", 0.5)?, &[NAN; 6], 0.0));
        let x = [1.0, 2.0, NAN, 3.0];
        assert!(same(&of(&x, "mean", 1.0)?, &[1.0, 2.0, NAN, 3.0], 0.0));
        assert!(same(&of(&x, "sum", 1.0)?, &[1.0, 2.0, 0.0, 3.0], 0.0));
        assert!(same(&of(&x, "count", 1.0)?, &[1.0, 1.0, 0.0, 1.0], 0.0));
        assert!(same(&of(&x, "var", 1.0)?, &[NAN; 4], 0.0));
    }
    Ok(())
}

#[test]
fn variances_and_covariances_keep_their_digits_far_from_zero() -> Result<()> {
    let near: Vec<f64> = (0..500).map(|i| f64::from(i * 37 % 101)).collect();
    let far: Vec<f64> = near.iter().map(|x| x + 1e9).collect();
    let other: Vec<f64> = (0..500).map(|i| 1e9 + f64::from(i * 53 % 97)).collect();
    let low: Vec<f64> = other.iter().map(|x| x - 1e9).collect();
    for chunk in [500, 60] {
        let of = |x: &[f64], y: &[f64]| -> Result<Vec<Vec<f64>>> {
            let (x, y) = (line(x, chunk), line(y, chunk));
            let (exponential, rolling) = (x.rolling_exp(0, Decay::Alpha(0.1))?, x.rolling(0, 30)?);
            let results = [
                exponential.var()?,
                exponential.cov(&y)?,
                exponential.corr(&y)?,
                rolling.cov(&y, 1)?,
                rolling.corr(&y)?,
            ];
            results.iter().map(|result| Ok(result.compute()?.to_f64())).collect()
        };
        for (far, near) in of(&far, &other)?.iter().zip(of(&near, &low)?) {
            assert!(same(far, &near, 1e-9), "{chunk}");
        }
    }
    Ok(())
}

#[test]
fn moving_covariances_are_those_of_pandas() -> Result<()> {
    let cov = [
        NAN,
        NAN,
        NAN,
        NAN,
        1.375,
        -3.208333333333333,
        -3.208333333333333,
        -8.75,
        10.8125,
        8.041666666666666,
        13.854166666666668,
        8.968750000000002,
    ];
    let centered = [
        NAN,
        NAN,
        NAN,
        0.6875,
        -2.138888888888889,
        -4.375,
        -4.375,
        6.5,
        7.8125,
        9.236111111111112,
        6.726562500000001,
        1.1111111111111132,
    ];
    let corr = [
        NAN,
        NAN,
        NAN,
        NAN,
        NAN,
        -0.5416092592900015,
        -0.5416092592900015,
        -0.5416092592900015,
        0.5043667473136355,
        0.5077079249943317,
        0.7182854793022047,
        0.9105973386808242,
    ];
    for chunk in [12, 4, 1] {
        let (x, y) = (line(&X, chunk), line(&Y, 7));
        let rolling = |size| Ok::<_, graticule_array::Error>(x.rolling(0, size)?.min_periods(2));
        assert!(same(&rolling(5)?.cov(&y, 1)?.compute()?.to_f64(), &cov, 1e-14));
        assert!(same(&rolling(4)?.center(true).cov(&y, 0)?.compute()?.to_f64(), &centered, 1e-14));
        assert!(same(&rolling(6)?.min_periods(3).corr(&y)?.compute()?.to_f64(), &corr, 1e-14));
    }
    Ok(())
}

const G: [f64; 20] = [
    0.0,
    1.0,
    2.8284271247461903,
    5.196152422706632,
    1.0,
    4.180339887498949,
    0.6969384566990691,
    NAN,
    1.6274169979695223,
    6.0,
    3.6227766016837926,
    1.4828726939093997,
    6.569219381653056,
    4.872166581031863,
    3.3832034148351795,
    2.0947501931112527,
    1.0,
    0.09279563550022374,
    6.367532368147138,
    5.819079927272796,
];

fn grid(chunks: [usize; 2]) -> Array {
    Array::from_array(ArrayD::from_shape_vec(IxDyn(&[4, 5]), G.to_vec()).unwrap(), chunks).unwrap()
}

#[test]
#[rustfmt::skip]
fn windows_over_several_axes_are_those_of_xarray() -> Result<()> {
    let var = [NAN, NAN, 1.3714606389452912, 2.950773776855135, 2.950773776855135, NAN, 2.581341150911514, 2.360620649007958, 2.67490883224618, 3.838137659105719, NAN, 2.092418863540917, 4.32886311997508, 5.144344947763387, 3.233736770407422, NAN, 0.9749405400008222, 4.509904487864725, 6.898402084750701, 5.052784693966346];
    let std = [NAN, 1.4342910996091194, 2.1038442587992825, 2.1038442587992825, NAN, 1.855205703207963, 1.71778223627442, 1.8285611940287163, 2.1903588915705456, 2.5083672115021303, 1.6702969251167759, 2.326172586023842, 2.5358294865199893, 2.0105150989259637, 1.8944504877721382, 1.1401406579896607, 2.3263459298732143, 2.877165706333377, 2.4623853542367438, 1.3067226433006887];
    let median = [NAN, NAN, 1.0, 2.8284271247461903, 2.8284271247461903, NAN, 0.8484692283495345, 1.0, 1.6274169979695223, 2.8284271247461903, NAN, 2.552824647796596, 3.6227766016837926, 1.6274169979695223, 4.872166581031863, NAN, 1.7888114435103262, 1.7888114435103262, 3.177519637470631, 5.345623254152329];
    let sum = [NAN, 3.8284271247461903, 9.024579547452822, 9.024579547452822, NAN, 5.877278344198018, 8.705705468944208, 11.348935002121413, 16.651996545422342, 13.823569420676154, 9.98292763979121, 16.552147021444267, 15.24861411126291, 22.45200637548962, 15.882786993836564, 8.200399488704445, 14.862414505857725, 20.38458666024168, 27.103997308440256, 20.441982291286976];
    for chunks in [[4, 5], [1, 2], [3, 5]] {
        let rolling = grid(chunks).rolling_axes(&[(0, 2), (1, 3)])?.min_periods(3);
        let centered = rolling.clone().center(true);
        for (got, expected) in [(rolling.var(0)?, var), (centered.std(1)?, std), (rolling.median()?, median), (centered.sum()?, sum)] {
            assert!(same(&got.compute()?.to_f64(), &expected, 1e-14), "{chunks:?}");
        }
        assert_eq!(rolling.construct()?.shape(), [4, 5, 2, 3]);
    }
    let x = grid([4, 5]);
    assert!(x.rolling_axes(&[(0, 2), (0, 3)]).is_err());
    assert!(x.rolling_axes(&[(0, 0)]).is_err());
    assert!(x.rolling_axes(&[(0, 2)])?.min_periods(3).mean().is_err());
    Ok(())
}

#[test]
fn blocks_have_medians_and_can_be_looked_at() -> Result<()> {
    let padded = [
        0.8484692283495345,
        2.8284271247461903,
        3.5,
        1.7888114435103262,
        5.6198494745895005,
        4.601141671053988,
    ];
    let trimmed = [0.8484692283495345, 2.8284271247461903, 1.7888114435103262, 5.6198494745895005];
    for chunks in [[4, 5], [1, 2], [3, 4]] {
        let blocks = grid(chunks).coarsen(&[(0, 2), (1, 2)])?;
        assert!(same(&blocks.clone().excess(Excess::Pad).median()?.compute()?.to_f64(), &padded, 0.0));
        assert!(same(&blocks.clone().excess(Excess::Trim).median()?.compute()?.to_f64(), &trimmed, 0.0));
        assert!(blocks.median().is_err());
        let lines =
            grid(chunks).coarsen(&[(1, 2)])?.excess(Excess::Pad).side(WindowSide::Right).construct()?;
        assert_eq!(lines.shape(), [4, 3, 2]);
        let expected: Vec<f64> =
            G.chunks(5).flat_map(|row| std::iter::once(&NAN).chain(row).copied()).collect();
        assert!(same(&lines.compute()?.to_f64(), &expected, 0.0));
    }
    let whole = Array::arange(6)?.coarsen(&[])?.median()?.compute()?;
    assert_eq!(whole.to_f64(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    Ok(())
}

/// The statistic of values with weights, by its formula.
fn weighted(pairs: &[(f64, f64, f64)], statistic: &str) -> f64 {
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(w, x, y)| w * of(*x, *y)).sum::<f64>();
    let weights = sum(&|_, _| 1.0);
    let (mx, my) = (sum(&|x, _| x) / weights, sum(&|_, y| y) / weights);
    let unbiased = weights - pairs.iter().map(|(w, ..)| w * w).sum::<f64>() / weights;
    let (xx, yy, xy) =
        (sum(&|x, _| (x - mx).powi(2)), sum(&|_, y| (y - my).powi(2)), sum(&|x, y| (x - mx) * (y - my)));
    let enough = |value: f64| if pairs.len() > 1 { value } else { NAN };
    match statistic {
        "count" => weights,
        _ if pairs.is_empty() => NAN,
        "mean" => mx,
        "sum" => mx * weights,
        "var" => enough(xx / unbiased),
        "std" => enough((xx / unbiased).sqrt()),
        "cov" => enough(xy / unbiased),
        _ if xx * yy > 0.0 => enough(xy / (xx * yy).sqrt()),
        _ => NAN,
    }
}

fn values(shape: &[usize], seed: usize) -> ArrayD<f64> {
    let mut at = seed;
    ArrayD::from_shape_simple_fn(shape, move || {
        at = (at * 7919 + 13) % 10_007;
        if at.is_multiple_of(7) { NAN } else { (at % 1000) as f64 / 8.0 }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn exponential_statistics_follow_their_formulas_for_any_chunks(
        shape in prop::collection::vec(0..30usize, 1..4),
        chunk in prop::collection::vec(1..20usize, 3),
        axis in 0..3usize,
        alpha in prop::sample::select(vec![0.05, 0.5, 1.0]),
        seed in 0..1000usize,
    ) {
        let axis = axis % shape.len();
        let chunks: Vec<usize> = shape.iter().zip(&chunk).map(|(len, chunk)| (*chunk).min((*len).max(1))).collect();
        let (x, y) = (values(&shape, seed), values(&shape, seed + 1));
        let array = |values: &ArrayD<f64>| Array::from_array(values.clone(), chunks.clone()).unwrap();
        for statistic in ["mean", "sum", "count", "var", "std", "cov", "corr"] {
            let lazy = exponential(&array(&x), &array(&y), axis as isize, statistic, Decay::Alpha(alpha), 0.0).unwrap();
            let results: Vec<Chunk> =
                [1, 3].iter().map(|n| Runtime::builder().threads(*n).build().compute(&lazy).unwrap()).collect();
            let bits = |chunk: &Chunk| chunk.to_f64().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&results[0]), bits(&results[1]));
            let mut expected = ArrayD::zeros(IxDyn(&shape));
            for ((x, y), mut out) in x.lanes(Axis(axis)).into_iter().zip(y.lanes(Axis(axis))).zip(expected.lanes_mut(Axis(axis))) {
                for i in 0..out.len() {
                    let both = statistic == "cov" || statistic == "corr";
                    let pairs: Vec<(f64, f64, f64)> = (0..=i)
                        .filter(|k| !(x[*k].is_nan() || both && y[*k].is_nan()))
                        .map(|k| ((1.0 - alpha).powi((i - k) as i32), x[k], if both { y[k] } else { 0.0 }))
                        .collect();
                    out[i] = weighted(&pairs, statistic);
                }
            }
            if alpha < 1.0 {
                let expected: Vec<f64> = expected.iter().copied().collect();
                prop_assert!(same(&results[0].to_f64(), &expected, 1e-10), "{} {:?} {:?}", statistic, results[0].to_f64(), expected);
            }
        }
    }

    #[test]
    fn moving_covariances_follow_their_formulas_for_any_chunks(
        shape in prop::collection::vec(0..25usize, 1..4),
        chunk in prop::collection::vec(1..20usize, 3),
        axis in 0..3usize,
        size in 1..9usize,
        center in any::<bool>(),
        seed in 0..1000usize,
    ) {
        let axis = axis % shape.len();
        let least = size.div_ceil(2).min(shape[axis].max(1));
        let chunks: Vec<usize> = shape.iter().zip(&chunk).map(|(len, chunk)| (*chunk).min((*len).max(1))).collect();
        let (x, y) = (values(&shape, seed), values(&shape, seed + 1));
        let array = |values: &ArrayD<f64>| Array::from_array(values.clone(), chunks.clone()).unwrap();
        let rolling = array(&x).rolling(axis as isize, size).unwrap().center(center).min_periods(least);
        for (lazy, name) in [(rolling.cov(&array(&y), 1).unwrap(), "cov"), (rolling.corr(&array(&y)).unwrap(), "corr")] {
            let got = Runtime::builder().threads(3).build().compute(&lazy).unwrap();
            let whole = Array::from_array(x.clone(), shape.iter().map(|len| (*len).max(1)).collect::<Vec<_>>()).unwrap();
            let rolling = whole.rolling(axis as isize, size).unwrap().center(center).min_periods(least);
            let alone = if name == "cov" { rolling.cov(&array(&y), 1) } else { rolling.corr(&array(&y)) };
            let bits = |chunk: &Chunk| chunk.to_f64().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&got), bits(&alone.unwrap().compute().unwrap()));
            let mut expected = ArrayD::zeros(IxDyn(&shape));
            for ((x, y), mut out) in x.lanes(Axis(axis)).into_iter().zip(y.lanes(Axis(axis))).zip(expected.lanes_mut(Axis(axis))) {
                for i in 0..out.len() {
                    let end = if center { i + size - 1 - size / 2 } else { i } as i64;
                    let pairs: Vec<(f64, f64, f64)> = (end + 1 - size as i64..=end)
                        .filter_map(|k| usize::try_from(k).ok().filter(|k| *k < x.len()))
                        .filter(|k| !x[*k].is_nan() && !y[*k].is_nan())
                        .map(|k| (1.0, x[k], y[k]))
                        .collect();
                    out[i] = if pairs.len() < least { NAN } else { weighted(&pairs, name) };
                }
            }
            let expected: Vec<f64> = expected.iter().copied().collect();
            prop_assert!(same(&got.to_f64(), &expected, 1e-11), "{} {:?} {:?}", name, got.to_f64(), expected);
        }
    }
}
