//! Permutations: bijections, and all equally likely as far as can be seen.

use super::{check_independence, chi_square, draw, kolmogorov};
use crate::random::Draw;
use crate::random::permutation::{Permutation, feistel};

fn permutation(n: u64, seed: u64) -> Vec<i64> {
    draw(&Permutation::new(n), seed, 0, n as usize)
}

fn is_bijection(values: &[i64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.into_iter().eq(0..values.len() as i64)
}

#[test]
fn permutations_hold_every_number_once() {
    for n in (0..70).chain([127, 128, 129, 1000, 1023, 1024, 1025, 1500, 2047, 2048, 2049, 4097, 65_537]) {
        for seed in [0, 1, u64::MAX] {
            assert!(is_bijection(&permutation(n, seed)), "{n} {seed}");
            assert!(is_bijection(&feistel(n, seed)), "cipher, {n} {seed}");
        }
    }
    assert!(is_bijection(&permutation(1_000_000, 5)));
}

/// The number of a permutation among all of its length.
fn rank(p: &[i64]) -> usize {
    p.iter().enumerate().fold(0, |rank, (i, v)| {
        let smaller = p[i + 1..].iter().filter(|w| *w < v).count();
        rank * (p.len() - i) + smaller
    })
}

#[test]
fn all_permutations_of_a_few_are_equally_likely() {
    for n in [2, 3, 4, 5] {
        let all: usize = (1..=n as usize).product();
        let mut counts = vec![0; all];
        for seed in 0..100_000 {
            counts[rank(&permutation(n, seed))] += 1;
        }
        let z = chi_square(&counts, &vec![1.0 / all as f64; all]);
        assert!(z.abs() < 3.5, "{n}: {counts:?}");
    }
}

#[test]
fn an_element_goes_everywhere_equally_often() {
    for n in [7, 64, 200, 1025, 1400, 2048] {
        // The first two elements, a middle one, the last; and the sums of two, which tell their dependence.
        let elements = [0, 1, n / 2, n - 1];
        let mut counts = vec![vec![0; n as usize]; 7];
        for seed in 0..40_000 {
            let at = elements.map(|element| draw(&Permutation::new(n), seed, element, 1)[0] as usize);
            for (count, at) in counts.iter_mut().zip(at) {
                count[at] += 1;
            }
            for (count, [a, b]) in counts[4..].iter_mut().zip([[0, 1], [0, 2], [1, 3]]) {
                // Differences of two that are never equal: 1 to n - 1, equally likely.
                count[(at[a] + n as usize - at[b]) % n as usize] += 1;
            }
        }
        for (which, count) in counts.iter().enumerate() {
            let cells = &count[usize::from(which >= 4)..];
            let z = chi_square(cells, &vec![1.0 / cells.len() as f64; cells.len()]);
            assert!(z.abs() < 4.0, "{n}, {which}: {z}");
            assert!(which < 4 || count[0] == 0);
        }
    }
}

#[test]
fn even_and_odd_permutations_are_equally_likely() {
    let is_odd = |p: &[i64]| {
        let mut seen = vec![false; p.len()];
        let mut cycles = 0;
        for start in 0..p.len() {
            cycles += usize::from(!seen[start]);
            let mut at = start;
            while !std::mem::replace(&mut seen[at], true) {
                at = p[at] as usize;
            }
        }
        (p.len() - cycles) % 2 == 1
    };
    for n in [16, 1024, 2048] {
        let odd = (0..2000).filter(|seed| is_odd(&feistel(n, *seed))).count();
        assert!((910..1090).contains(&odd), "{n}: {odd}");
    }
}

#[test]
fn fixed_points_and_ascents_are_those_of_random_permutations() {
    for n in [1000, 1025, 3000, 4096] {
        let (mut fixed, mut ascents) = (0.0, 0.0);
        let seeds = 2000;
        for seed in 0..seeds {
            let p = permutation(n, seed);
            fixed += p.iter().enumerate().filter(|(i, v)| *i as i64 == **v).count() as f64;
            ascents += p.windows(2).filter(|w| w[0] < w[1]).count() as f64;
        }
        // Fixed points are Poisson with the mean 1; ascents have the variance (n + 1) / 12.
        let seeds = seeds as f64;
        assert!((fixed - seeds).abs() < 4.0 * seeds.sqrt(), "{n}: {fixed}");
        let expected = seeds * (n - 1) as f64 / 2.0;
        let error = (seeds * (n + 1) as f64 / 12.0).sqrt();
        assert!((ascents - expected).abs() < 4.0 * error, "{n}: {ascents} {expected}");
    }
}

#[test]
fn the_first_of_many_are_a_fair_choice() {
    for n in [1_000_000u64, (1 << 40) + 1, i64::MAX as u64] {
        let values = draw(&Permutation::new(n), 9, 0, 200_000);
        let k = kolmogorov(values.iter().map(|v| *v as f64 / n as f64).collect(), |x| x);
        assert!(k < 1.95, "{n}: {k}");
        let mut sorted = values;
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 200_000);
    }
    check_independence(|seed, len| {
        let values = draw(&Permutation::new(1 << 40), seed, 0, len);
        values.into_iter().map(|v| v as f64).collect()
    });
}

#[test]
fn numbers_belong_to_their_position() {
    for n in [1000, 3000] {
        let all = permutation(n, 7);
        for (first, stride) in [(0, 1), (999, -1), (0, 2), (901, -3), (5, 0)] {
            for len in [0, 1, 2, 5, 300] {
                let mut part = vec![-1; len];
                Permutation::new(n).fill(7, first, stride, &mut part);
                for (k, value) in part.iter().enumerate() {
                    assert_eq!(*value, all[(first as i64 + k as i64 * stride) as usize]);
                }
            }
        }
    }
}
