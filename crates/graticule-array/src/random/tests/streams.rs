//! The generator, uniform and normal numbers.

use super::{correlation, kolmogorov, mean, normal_cdf};
use crate::random::normal::{AREA, Layer, Normal, TAIL, ZIGGURAT, normal_one, signed_mantissa};
use crate::random::philox::{key, philox, philox_lane, round_keys};
use crate::random::stream;
use crate::random::uniform::{Uniform, uniform_one};
use crate::random::{Draw, domain};

fn fill_uniform(seed: u64, first: u64, out: &mut [f64], low: f64, high: f64) {
    Uniform::new(low, high).fill(seed, first, 1, out);
}

fn fill_normal(seed: u64, first: u64, out: &mut [f64], mean: f64, std: f64) {
    Normal::new(mean, std).fill(seed, first, 1, out);
}

fn uniforms(seed: u64, first: u64, len: usize) -> Vec<f64> {
    let mut out = vec![f64::NAN; len];
    fill_uniform(seed, first, &mut out, 0.0, 1.0);
    out
}

fn normals(seed: u64, first: u64, len: usize) -> Vec<f64> {
    let mut out = vec![f64::NAN; len];
    fill_normal(seed, first, &mut out, 0.0, 1.0);
    out
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn philox_matches_the_known_answers_of_random123() {
    let cases = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, answer) in cases {
        assert_eq!(philox(counter, key), answer);
    }
}

#[test]
fn lanes_agree_with_the_plain_generator() {
    let seed = 0x0123_4567_89ab_cdef;
    let keys = round_keys(key(seed));
    for block in [0, 1, 0xffff_ffff, 0x1_0000_0000, 0x7654_3210_fedc_ba98] {
        let expected = philox([block as u32, (block >> 32) as u32, 0, 7], key(seed));
        let [lane] = philox_lane([block], block >> 32, 7, &keys);
        assert_eq!(lane.map(|word| word as u32), expected);
    }
    // Around the carry into the second counter word as well.
    for first in [0, 1, (1 << 36) - 1001, (5 << 36) - 1000, (1 << 36) - 1, 1 << 36] {
        let map = Uniform::new(0.0, 1.0);
        let expected: Vec<f64> = (0..2000).map(|k| uniform_one(key(seed), first + k, map)).collect();
        assert_eq!(bits(&uniforms(seed, first, 2000)), bits(&expected));
        let map = Normal::new(0.0, 1.0);
        let expected: Vec<f64> = (0..2000).map(|k| normal_one(key(seed), first + k, map)).collect();
        assert_eq!(bits(&normals(seed, first, 2000)), bits(&expected));
    }
}

#[test]
fn values_are_those_of_the_definition() {
    // The generator of the elements 2, 6, 10, … of the block of 128 that is number 3, and its third number.
    let [a, b] = [28, 29].map(|position| philox([position, 0, 0, domain::UNIFORM], key(42)));
    let mut s = [(a[0], a[1]), (a[2], a[3]), (b[0], b[1]), (b[2], b[3])]
        .map(|(lo, hi)| u64::from(hi) << 32 | u64::from(lo));
    let mut word = 0;
    for _ in 0..3 {
        // xoshiro256++ as its authors write it.
        word = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
    }
    let unit = |bits: u64| (bits >> 11) as f64 / 9_007_199_254_740_992.0;
    assert_eq!(uniforms(42, 3 * 128 + 10, 1), [unit(word)]);
    assert_eq!(uniforms(42, 3 * 128 + 9, 3)[1], unit(word));
    for bits in [0, u64::MAX, 1 << 63, u64::MAX >> 1, 1 << 43 | 0x800] {
        assert_eq!(Uniform::new(0.0, 1.0).map::<false>(bits), unit(bits));
    }
}

/// Fixed values: a change of these is a change of every random array ever made.
#[test]
fn streams_are_frozen() {
    let hash = |values: Vec<f64>| {
        bits(&values).iter().fold(0u64, |h, b| (h ^ b).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29))
    };
    let now = (bits(&uniforms(0, 0, 4)), bits(&normals(0, 0, 4)));
    let hashes = [hash(uniforms(9, 5, 100_000)), hash(normals(9, 5, 100_000))];
    assert_eq!((now, hashes), ((FROZEN_UNIFORM.into(), FROZEN_NORMAL.into()), FROZEN_HASHES));
}

#[test]
fn a_fill_does_not_depend_on_how_it_is_split() {
    for whole in [uniforms, normals] {
        let all = whole(7, 100, 1000);
        for cuts in [vec![1], vec![333], vec![2, 3, 500, 501], vec![256, 512], (0..1000).step_by(7).collect()]
        {
            let mut start = 0;
            let mut joined = Vec::new();
            for end in cuts.into_iter().chain([1000]) {
                joined.extend(whole(7, 100 + start as u64, end - start));
                start = end;
            }
            assert_eq!(bits(&joined), bits(&all));
        }
    }
}

#[test]
fn strides_pick_the_same_elements() {
    let (all, all_normal) = (uniforms(7, 0, 5000), normals(7, 0, 5000));
    for (first, stride) in
        [(0, 1), (1, 1), (999, -1), (1000, -1), (0, 2), (4001, -4), (3, 7), (5, 0), (4900, -8)]
    {
        for len in [0, 1, 2, 5, 600] {
            let mut uniform = vec![f64::NAN; len];
            let mut normal = vec![f64::NAN; len];
            Uniform::new(0.0, 1.0).fill(7, first, stride, &mut uniform);
            Normal::new(0.0, 1.0).fill(7, first, stride, &mut normal);
            for k in 0..len {
                let element = first as i64 + k as i64 * stride;
                assert_eq!(uniform[k].to_bits(), all[element as usize].to_bits());
                assert_eq!(normal[k].to_bits(), all_normal[element as usize].to_bits());
            }
        }
    }
}

#[test]
fn uniforms_stay_in_their_interval() {
    for (low, high) in [(0.0, 1.0), (1.0, 1.0 + f64::EPSILON), (-3.0, 5.0), (1e15, 1e15 + 1.0), (2.0, 2.0)] {
        let mut out = vec![0.0; 20_000];
        fill_uniform(1, 3, &mut out, low, high);
        assert!(out.iter().all(|v| *v >= low && (*v < high || low == high)), "{low} {high}");
    }
    let mut out = vec![0.0; 20_000];
    fill_uniform(1, 3, &mut out, f64::NAN, 1.0);
    assert!(out.iter().all(|v| v.is_nan()));
    let map = Uniform::new(1.0, 4.0);
    assert_eq!(map.map::<false>(u64::MAX), 4.0f64.next_down());
}

#[test]
fn uniforms_are_uniform() {
    let n = 1_000_000;
    let values = uniforms(2024, 0, n);
    let m = mean(values.iter().copied());
    let var = mean(values.iter().map(|v| (v - 0.5).powi(2)));
    assert!((m - 0.5).abs() < 4.0 * (1.0f64 / 12.0 / n as f64).sqrt(), "{m}");
    assert!((var - 1.0 / 12.0).abs() < 4.0 * (1.0f64 / 180.0 / n as f64).sqrt(), "{var}");
    // 256 cells of several bytes of the mantissa: chi-square with 255 degrees of freedom.
    for scale in [1.0, 256.0, 65536.0, 4_294_967_296.0, 35_184_372_088_832.0] {
        let mut cells = [0u32; 256];
        for v in &values {
            cells[((v * scale).fract() * 256.0) as usize] += 1;
        }
        let expected = n as f64 / 256.0;
        let chi2: f64 = cells.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
        assert!((175.0..345.0).contains(&chi2), "{scale} {chi2}");
    }
    let k = kolmogorov(values, |v| v);
    assert!(k < 1.95, "{k}");
}

#[test]
fn normals_are_normal() {
    let n = 1_000_000;
    let values = normals(2024, 0, n);
    let root = (n as f64).sqrt();
    let moment = |p: i32| mean(values.iter().map(|v| v.powi(p)));
    assert!(moment(1).abs() < 4.0 / root, "{}", moment(1));
    assert!((moment(2) - 1.0).abs() < 4.0 * 2f64.sqrt() / root, "{}", moment(2));
    assert!(moment(3).abs() < 4.0 * 15f64.sqrt() / root, "{}", moment(3));
    assert!((moment(4) - 3.0).abs() < 4.0 * 96f64.sqrt() / root, "{}", moment(4));
    let k = kolmogorov(values, normal_cdf);
    assert!(k < 1.95, "{k}");
    let mut scaled = vec![0.0; 1000];
    fill_normal(2024, 17, &mut scaled, 10.0, 2.0);
    let plain = normals(2024, 17, 1000);
    assert!(scaled.iter().zip(plain).all(|(s, z)| *s == 10.0 + 2.0 * z));
}

#[test]
fn every_region_of_the_normal_has_its_share() {
    let n = 5_000_000u64;
    // Cells of equal width, the open ones beyond 3.6 (inside the tail's start), 4 and 4.5.
    let edges: Vec<f64> = (-36..=36).map(|i| f64::from(i) / 10.0).collect();
    let mut cells = vec![0u64; edges.len() + 1];
    let (mut beyond4, mut beyond45, mut beyond_tail) = (0u64, 0u64, 0u64);
    let mut out = vec![0.0; 10_000];
    for start in (0..n).step_by(out.len()) {
        fill_normal(99, start, &mut out, 0.0, 1.0);
        for z in &out {
            cells[edges.partition_point(|e| e <= z)] += 1;
            beyond4 += u64::from(z.abs() > 4.0);
            beyond45 += u64::from(z.abs() > 4.5);
            beyond_tail += u64::from(z.abs() > TAIL);
        }
    }
    let n = n as f64;
    let mut chi2 = 0.0;
    for (i, count) in cells.iter().enumerate() {
        let below = if i == 0 { 0.0 } else { normal_cdf(edges[i - 1]) };
        let above = if i == edges.len() { 1.0 } else { normal_cdf(edges[i]) };
        let expected = n * (above - below);
        chi2 += (*count as f64 - expected).powi(2) / expected;
    }
    // 73 degrees of freedom.
    assert!((35.0..125.0).contains(&chi2), "{chi2}");
    for (count, limit) in [(beyond4, 4.0), (beyond45, 4.5), (beyond_tail, TAIL)] {
        let expected = 2.0 * n * normal_cdf(-limit);
        assert!((count as f64 - expected).abs() < 4.0 * expected.sqrt(), "{limit} {count} {expected}");
    }
}

#[test]
fn layers_have_equal_areas_and_close_at_the_top() {
    let ziggurat = &*ZIGGURAT;
    let unit = 4_503_599_627_370_496.0;
    for i in 1..256 {
        let width = ziggurat.layers[i].width * unit;
        let area = width * (ziggurat.density[i + 1] - ziggurat.density[i]);
        assert!((area / AREA - 1.0).abs() < 1e-11, "{i} {area}");
        assert!(ziggurat.layers[i - 1].inner == width);
    }
    assert_eq!(ziggurat.layers[255].inner, 0.0);
    let tail = (std::f64::consts::TAU).sqrt() * normal_cdf(-TAIL);
    assert!(((TAIL * ziggurat.density[1] + tail) / AREA - 1.0).abs() < 1e-12);
    assert!((ziggurat.layers[0].width * unit * ziggurat.density[1] / AREA - 1.0).abs() < 1e-12);
}

#[test]
fn every_layer_is_drawn_and_retried() {
    // Layers of the first draws, and how many of each need a retry.
    let ziggurat = &*ZIGGURAT;
    let n = 1_000_000u64;
    let (mut drawn, mut retried) = ([0u32; 256], [0u32; 256]);
    for element in 0..n {
        let bits = stream::word(key(5), element, domain::NORMAL);
        let layer = (bits & 255) as usize;
        let Layer { width, inner } = ziggurat.layers[layer];
        drawn[layer] += 1;
        retried[layer] += u32::from((signed_mantissa(bits) * width).abs() >= inner);
    }
    for layer in 0..256 {
        let Layer { width, inner } = ziggurat.layers[layer];
        let expected = f64::from(drawn[layer]) * (1.0 - inner / (width * 4_503_599_627_370_496.0));
        let deviation = (f64::from(retried[layer]) - expected).abs();
        assert!(deviation < 5.0 * expected.sqrt() + 1.0, "{layer} {} {expected}", retried[layer]);
        assert!((3600..4240).contains(&drawn[layer]), "{layer} {}", drawn[layer]);
    }
}

#[test]
fn neighbours_seeds_and_distributions_are_uncorrelated() {
    let n = 1_000_000;
    let limit = 4.5 / (n as f64).sqrt();
    for draw in [uniforms, normals] {
        let base = draw(1, 0, n + 2000);
        let squares: Vec<f64> = base.iter().map(|v| v * v).collect();
        for lag in [1, 2, 3, 4, 7, 8, 64, 128, 256, 1024] {
            let r = correlation(&base[..n], &base[lag..lag + n]);
            assert!(r.abs() < limit, "lag {lag}: {r}");
            let r = correlation(&squares[..n], &squares[lag..lag + n]);
            assert!(r.abs() < limit, "squares, lag {lag}: {r}");
        }
        for seed in [0, 2, 3, 1 << 32, (1 << 32) + 1, u64::MAX] {
            let r = correlation(&base[..n], &draw(seed, 0, n));
            assert!(r.abs() < limit, "seed {seed}: {r}");
        }
    }
    let r = correlation(&uniforms(1, 0, n), &normals(1, 0, n));
    assert!(r.abs() < limit, "{r}");
}

const FROZEN_UNIFORM: [u64; 4] =
    [0x3fd6_fd6b_0f11_a756, 0x3fe4_e2e2_9028_2b44, 0x3fd7_3856_fe99_9102, 0x3fb7_e80f_4b2e_d090];
const FROZEN_NORMAL: [u64; 4] =
    [0x3fa3_adfe_655b_c4c2, 0xbf8f_7400_d608_d13f, 0x3fe4_e373_42e9_af43, 0xbff1_b274_577f_1152];
const FROZEN_HASHES: [u64; 2] = [0x3124_1a90_e014_d3c9, 0x8ca8_97e9_44de_afad];
