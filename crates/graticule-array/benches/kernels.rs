//! What the inner loops cost for each element: `cargo bench -p graticule-array --bench kernels`.
//!
//! One thread, float64 in memory, 2000 rows of 2000 in chunks of 250 rows; a row in eight has a NaN in seven.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use divan::Bencher;
use divan::counter::ItemsCount;
use graticule_array::{Aggregation, Array, DType, Result, Runtime, Statistic};

const ROWS: usize = 2_000;
const COLUMNS: usize = 2_000;

fn main() {
    Runtime::builder().threads(1).build().install();
    divan::main();
}

/// Numbers from -5 to 5, scattered.
fn numbers(missing: bool) -> Array {
    let value = |(row, column): (usize, usize)| {
        if missing && row % 8 == 0 && column % 7 == 0 {
            f64::NAN
        } else {
            ((row * COLUMNS + column) * 7_919 % 1_000_003) as f64 / 100_000.3 - 5.0
        }
    };
    Array::from_array(ndarray::Array2::from_shape_fn((ROWS, COLUMNS), value), (250, COLUMNS)).unwrap()
}

/// Measures the computation of an expression of `x`.
fn measure(bencher: Bencher<'_, '_>, x: &Array, expression: impl Fn(&Array) -> Result<Array>) {
    let y = expression(x).unwrap();
    bencher.counter(ItemsCount::new(ROWS * COLUMNS)).bench_local(|| y.compute().unwrap());
}

macro_rules! kernels {
    ($($name:ident($missing:expr): $expression:expr;)+) => {$(
        #[divan::bench(sample_count = 20)]
        fn $name(bencher: Bencher<'_, '_>) {
            measure(bencher, &numbers($missing), $expression);
        }
    )+};
}

kernels! {
    sum(false): |x| x.sum(());
    sum_axis_0(false): |x| x.sum(0);
    sum_axis_1(false): |x| x.sum(1);
    mean(false): |x| x.mean(());
    mean_axis_0(false): |x| x.mean(0);
    mean_axis_1(false): |x| x.mean(1);
    nanmean(true): |x| x.nanmean(());
    nanmean_axis_0(true): |x| x.nanmean(0);
    var(false): |x| x.var((), 0);
    var_axis_0(false): |x| x.var(0, 0);
    nanvar(true): |x| x.nanvar((), 0);
    nanvar_axis_0(true): |x| x.nanvar(0, 0);
    max(false): |x| x.max(());
    max_axis_0(false): |x| x.max(0);
    nanmax(true): |x| x.nanmax(());
    argmax(false): |x| x.argmax(());
    histogram(false): |x| x.histogram(100, (-5.0, 5.0));
    mean_by_month(false): |x| x.group_reduce(mean_of_group(), 0, &months()?, 12);
    var_by_month(false): |x| x.group_reduce(
        Aggregation { kind: Statistic::Var { ddof: 0 }, skipna: false }, 0, &months()?, 12
    );
    chain(false): |x| ((x * 2.0)? + x)?.mean(());
    cos_sum(false): |x| x.cos()?.sum(());
    exp_sum(false): |x| x.exp()?.sum(());
    sqrt_sum(false): |x| x.abs()?.sqrt()?.sum(());
    add(false): |x| x + x;
    float32(false): |x| x.astype(DType::F32);
    transpose(false): |x| (x + 1.0)?.permute(&[1, 0]);
    cumsum_axis_0(false): |x| x.cumsum(0);
    cumsum_axis_1(false): |x| x.cumsum(1);
    ffill(true): |x| x.ffill(1, None);
}

fn mean_of_group() -> Aggregation {
    Aggregation { kind: Statistic::Mean, skipna: false }
}

/// The month of each row, as of days, twelve times 30 a year.
fn months() -> Result<Array> {
    let month = |(row, _): (usize, usize)| (row / 30 % 12) as i64;
    Array::from_array(ndarray::Array2::from_shape_fn((ROWS, 1), month), (250, 1))
}
