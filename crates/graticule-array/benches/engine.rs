//! What the engine costs beside the work itself: `cargo bench -p graticule-array`.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use divan::{Bencher, black_box};
use graticule_array::{Array, Plan, Resources, s};

fn main() {
    divan::main();
}

/// Two arrays of ten numbers are added at once.
#[divan::bench]
fn add_ten(bencher: Bencher<'_, '_>) {
    let ten = || Array::from_array(ndarray::Array1::from_elem(10, 1.5), 10).unwrap();
    let (a, b) = (ten(), ten());
    bencher.bench_local(|| (black_box(&a) + black_box(&b)).unwrap().compute().unwrap());
}

/// The expression alone.
#[divan::bench]
fn describe_add_ten(bencher: Bencher<'_, '_>) {
    let ten = || Array::from_array(ndarray::Array1::from_elem(10, 1.5), 10).unwrap();
    let (a, b) = (ten(), ten());
    bencher.bench_local(|| (black_box(&a) + black_box(&b)).unwrap());
}

/// A plan over 10^6 chunks.
#[divan::bench]
fn plan_a_million_chunks(bencher: Bencher<'_, '_>) {
    let resources = Resources { threads: 2, memory_limit: 4 << 30, spill_dir: None };
    bencher.bench_local(|| {
        let x = Array::random_uniform(0.0, 1.0, 1, (1_000_000, 1_000), (1_000, 1)).unwrap();
        let y = (&x * x.slice(s![..;-1, ..;-1]).unwrap()).unwrap().mean(0).unwrap();
        Plan::new(&[y.expr().clone()], &resources).unwrap()
    });
}

/// 10^5 chunks of 100 numbers: what each chunk costs.
#[divan::bench(sample_count = 20)]
fn sum_of_tiny_chunks(bencher: Bencher<'_, '_>) {
    let x = Array::linspace(0.0, 1.0, 10_000_000).unwrap().rechunk(100).unwrap();
    let y = (&x + 1.0).unwrap().sum(()).unwrap();
    bencher.bench_local(|| y.compute().unwrap());
}
