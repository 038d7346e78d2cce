//! What the machine can do: rates that no program for it can exceed by much.
//!
//! ```text
//! cargo run --release --example limits
//! ```
//!
//! Prints one line of JSON: for one thread and for two, elements or bytes a second of all threads together. Each rate is
//! the best of several passes, of a loop that does the named work and nothing else, in AVX-512 or AVX2 where the
//! processor has them. `run.py` divides the work of a workload by them.
//!
//! - `read`, `copy`, `triad`: bytes a second over arrays that no cache holds, as in STREAM (McCalpin 1995): bytes read and
//!   bytes written are counted, what the processor reads in order to write is not.
//! - `cos_libm`: cosines of numbers below 1 by the standard library; `cos`: by a polynomial over vectors, within 2e-16.
//! - `uniform`: 53-bit numbers of xoshiro256++ (Blackman & Vigna 2021), eight streams side by side, added up and never
//!   stored: the fastest good generator we know. `uniform_philox`: the same of Philox4x32-10, whose numbers are functions
//!   of their position, which a parallel library needs.
//! - `multiply_add`: `s += x * y` of numbers in the first cache. `count`: into 100 bins, of numbers in the first cache.
//! - `select`: elements a second when the 901st of 1000 numbers is found by the standard library's selection.

#![expect(clippy::needless_range_loop, reason = "vectors are written as loops over lanes")]

use std::error::Error;
use std::hint::black_box;
use std::thread;
use std::time::Instant;

use multiversion::multiversion;
use serde_json::{Map, Value, json};

/// Elements of a large array: 256 MB of doubles in all threads together.
const LARGE: usize = 32 << 20;
/// Elements of a small array: 16 KiB, half of a first cache.
const SMALL: usize = 2048;
const PASSES: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let mut all = Map::new();
    for threads in [1, 2] {
        let rates = json!({
            "read": bandwidth(threads, 8.0, |a, _, _| { black_box(sum(a)); }),
            "copy": bandwidth(threads, 16.0, |a, b, _| b.copy_from_slice(a)),
            "triad": bandwidth(threads, 24.0, |a, b, c| triad(a, b, c)),
            "cos_libm": rate(threads, |x| { black_box(x.iter().map(|x| x.cos()).sum::<f64>()); }),
            "cos": rate(threads, |x| { black_box(sum_of_cosines(x)); }),
            "uniform": rate(threads, |x| { black_box(xoshiro(x[0].to_bits() | 1)); }),
            "uniform_philox": rate(threads, |x| { black_box(philox(x[0].to_bits() as u32)); }),
            "multiply_add": rate(threads, |x| { black_box(dot(x, black_box(x))); }),
            "count": rate(threads, |x| { black_box(count(x)); }),
            "select": rate(threads, select),
        });
        all.insert(threads.to_string(), rates);
    }
    println!("{}", Value::Object(all));
    Ok(())
}

/// Runs some work in several threads at once, several times: the seconds of the fastest pass.
fn best<S: Send>(states: &mut [S], work: impl Fn(&mut S) + Sync) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..PASSES {
        let start = Instant::now();
        thread::scope(|scope| {
            for state in &mut *states {
                let work = &work;
                scope.spawn(move || work(state));
            }
        });
        least = least.min(start.elapsed().as_secs_f64());
    }
    least
}

/// Bytes a second of work on three large arrays a thread, which moves `bytes` for each element.
fn bandwidth(threads: usize, bytes: f64, work: impl Fn(&[f64], &mut [f64], &mut [f64]) + Sync) -> f64 {
    let len = LARGE / threads;
    let mut states: Vec<[Vec<f64>; 3]> =
        (0..threads).map(|_| [vec![1.0; len], vec![2.0; len], vec![3.0; len]]).collect();
    let seconds = best(&mut states, |[a, b, c]| work(a, b, c));
    bytes * (len * threads) as f64 / seconds
}

/// Elements a second of work on numbers of [0, 1) in the first cache.
fn rate(threads: usize, work: impl Fn(&[f64]) + Sync) -> f64 {
    const REPEATS: usize = 2_000;
    let numbers: Vec<f64> = (0..SMALL).map(|i| (389 * i % 2053) as f64 / 2053.0).collect();
    let mut states = vec![numbers; threads];
    let seconds = best(&mut states, |numbers| (0..REPEATS).for_each(|_| work(black_box(numbers))));
    (SMALL * REPEATS * threads) as f64 / seconds
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn sum(values: &[f64]) -> f64 {
    let mut sums = [0.0; 32];
    for block in values.as_chunks::<32>().0 {
        for (sum, x) in sums.iter_mut().zip(block) {
            *sum += x;
        }
    }
    sums.iter().sum()
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn triad(a: &[f64], b: &mut [f64], c: &[f64]) {
    for ((b, a), c) in b.iter_mut().zip(a).zip(c) {
        *b = a + 3.0 * c;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 32];
    for (x, y) in x.as_chunks::<32>().0.iter().zip(y.as_chunks::<32>().0) {
        for i in 0..32 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum()
}

/// Taylor's series to the 18th power: for `|x| < 1` what is left out is below 5e-19.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn sum_of_cosines(values: &[f64]) -> f64 {
    let mut sums = [0.0; 16];
    for block in values.as_chunks::<16>().0 {
        for (sum, &x) in sums.iter_mut().zip(block) {
            *sum += cosine(x);
        }
    }
    sums.iter().sum()
}

#[inline(always)]
fn cosine(x: f64) -> f64 {
    const FACTORS: [f64; 10] = {
        let mut factors = [1.0; 10];
        let mut i = 1;
        while i < 10 {
            factors[i] = -factors[i - 1] / ((2 * i - 1) * (2 * i)) as f64;
            i += 1;
        }
        factors
    };
    let square = x * x;
    FACTORS.iter().rev().fold(0.0, |value, factor| value * square + factor)
}

/// The sum of [`SMALL`] numbers of xoshiro256++ in [0, 1).
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn xoshiro(seed: u64) -> f64 {
    const WIDTH: usize = 16;
    let mut state = [[0u64; WIDTH]; 4];
    for (i, word) in state.iter_mut().flatten().enumerate() {
        *word = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(i as u64 * 0xD134_2543_DE82_EF95);
    }
    let mut sums = [0.0; WIDTH];
    for _ in 0..SMALL / WIDTH {
        for i in 0..WIDTH {
            let [a, b, c, d] = [state[0][i], state[1][i], state[2][i], state[3][i]];
            let bits = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
            let (c, d) = (c ^ a, d ^ b);
            state[0][i] = a ^ d;
            state[1][i] = b ^ c;
            state[2][i] = c ^ (b << 17);
            state[3][i] = d.rotate_left(45);
            sums[i] += unit(bits);
        }
    }
    sums.iter().sum()
}

/// 52 bits as a number in [0, 1), without a conversion of integers, which not all vector units have.
#[inline(always)]
fn unit(bits: u64) -> f64 {
    f64::from_bits((bits >> 12) | 1.0_f64.to_bits()) - 1.0
}

/// The sum of [`SMALL`] numbers of Philox4x32-10 (Salmon et al. 2011) in [0, 1), two from a counter.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn philox(seed: u32) -> f64 {
    const WIDTH: usize = 16;
    let mut sums = [0.0; WIDTH];
    for block in 0..SMALL / (2 * WIDTH) {
        // 32-bit words in 64-bit lanes, whose products then are one instruction.
        let mut words = [[0u64; WIDTH]; 4];
        for (i, word) in words[0].iter_mut().enumerate() {
            *word = (block * WIDTH + i) as u64;
        }
        let mut key = [seed, !seed];
        for _ in 0..10 {
            for i in 0..WIDTH {
                let [a, b, c, d] = [words[0][i], words[1][i], words[2][i], words[3][i]];
                let (left, right) = (a * 0xD251_1F53, c * 0xCD9E_8D57);
                words[0][i] = (right >> 32) ^ b ^ u64::from(key[0]);
                words[1][i] = right & 0xFFFF_FFFF;
                words[2][i] = (left >> 32) ^ d ^ u64::from(key[1]);
                words[3][i] = left & 0xFFFF_FFFF;
            }
            key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
        }
        for i in 0..WIDTH {
            sums[i] += unit(words[0][i] << 32 | words[1][i]) + unit(words[2][i] << 32 | words[3][i]);
        }
    }
    sums.iter().sum()
}

/// Counts numbers of [0, 1) into 100 bins, in four tables in turn, so that no count waits for the one before.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2+fma"))]
fn count(values: &[f64]) -> u32 {
    let mut counts = [[0u32; 128]; 4];
    for block in values.as_chunks::<8>().0 {
        let bins = block.map(|x| (x * 100.0) as i32);
        for (i, bin) in bins.iter().enumerate() {
            counts[i % 4][(bin & 127) as usize] += 1;
        }
    }
    counts.iter().map(|table| table[50]).sum()
}

/// Finds the 901st of each 1000 numbers.
fn select(values: &[f64]) {
    let mut line = [0.0; 1024];
    for part in values.chunks(1024) {
        let line = &mut line[..part.len()];
        line.copy_from_slice(part);
        black_box(line.select_nth_unstable_by(part.len() * 9 / 10, f64::total_cmp).1);
    }
}
