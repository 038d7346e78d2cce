//! The first half of the lecture: lazy arrays in chunks, computed in parallel in little memory.
//!
//! ```text
//! cargo run --release --example chunked_arrays [-- --small] [--out DIR]
//! ```
//!
//! `--small` does the same on arrays that fit a laptop's patience in a debug build. The pictures go to DIR,
//! by default `pictures/chunked_arrays`.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use graticule::array::Plan;
use graticule::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let (small, out) = arguments()?;
    std::fs::create_dir_all(&out)?;

    // An array is a description: nothing is computed when it is made, however large it is.
    let shape = (1_000, 4_000);
    let ones = Array::ones(shape, shape)?;
    println!("one chunk:   {ones}");
    let ones = Array::ones(shape, (1_000, 1_000))?;
    println!("four chunks: {ones}");

    // compute() gives the values.
    println!("\n{}\n", ones.compute()?);
    ones.visualize(out.join("ones.svg"))?;

    // A sum is a description, too. This is its tree, and a drawing of it.
    let sum = ones.sum(())?;
    print!("{}", sum.tree());
    sum.visualize(out.join("sum.svg"))?;
    println!("sum = {}\n", sum.compute()?);

    let fancy = (&ones * ones.slice(s![..;-1, ..;-1])?)?.mean(())?;
    print!("{}", fancy.tree());
    fancy.visualize(out.join("fancy.svg"))?;
    println!("mean = {}\n", fancy.compute()?);

    // 6.4 GB, far more than is ever in memory at once. That a mean of products of ones is 1 is seen before anything runs.
    let rows = if small { 20_000 } else { 200_000 };
    let start = Instant::now();
    let big = Array::ones((rows, 4_000), (1_000, 1_000))?;
    println!("{big}: {} built in {:?}", graticule::array::bytes::format(big.nbytes()), start.elapsed());
    let mean = (&big * big.slice(s![..;-1, ..;-1])?)?.mean(())?;
    print!("{}", mean.explain()?);
    let mean = timed("(big * big[::-1, ::-1]).mean()", &mean)?;
    println!("mean = {mean}\n");

    let reduction = big.cos()?.square()?.mean(0)?;
    let reduction = timed("(cos(big) ** 2).mean(axis=0)", &reduction)?;
    let columns: Vec<f64> = (0..reduction.len()).map(|i| i as f64).collect();
    Figure::line(columns, reduction.to_f64())
        .title("(cos(big) ** 2).mean(axis=0)")
        .x_label("column")
        .y_label("mean")
        .y_limits(0.0, 0.5)
        .save(out.join("cos_squared.png"))?;

    // The same work on numbers that have to be made: nothing here can be guessed from a constant.
    let random = Array::random_uniform(0.0, 1.0, 42, (rows, 4_000), (1_000, 1_000))?;
    let mean = (&random * random.slice(s![..;-1, ..;-1])?)?.mean(())?;
    println!("mean of products of random numbers = {}\n", timed("the same with random numbers", &mean)?);

    let count = if small { 20_000_000 } else { 200_000_000 };
    let normal = Array::random_normal(0.0, 1.0, 0, count, 10_000_000)?;
    let (bins, range) = (100, (-5.0, 5.0));
    let histogram =
        timed(&format!("a histogram of {count} normal numbers"), &normal.histogram(bins, range)?)?;
    let width = (range.1 - range.0) / bins as f64;
    let edges: Vec<f64> = (0..=bins).map(|i| range.0 + width * i as f64).collect();
    Figure::histogram_from_counts(histogram.to_f64(), edges)
        .title(format!("{count} numbers from the normal distribution"))
        .x_label("value")
        .y_label("count")
        .save(out.join("histogram.png"))?;

    println!("pictures are in {}", out.display());
    Ok(())
}

/// Computes an array under a progress bar and says how long it took.
fn timed(what: &str, array: &Array) -> Result<graticule::Chunk, Box<dyn Error>> {
    let plan: Plan = Runtime::current().plan(&[array])?;
    let start = Instant::now();
    let _bar = ProgressBar::start();
    let result = array.compute()?;
    let memory = graticule::array::bytes::format(plan.peak_bytes());
    println!("{what}: {:.2?}, planned memory {memory}", start.elapsed());
    Ok(result)
}

fn arguments() -> Result<(bool, PathBuf), Box<dyn Error>> {
    let (mut small, mut out) = (false, PathBuf::from("pictures/chunked_arrays"));
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--small" => small = true,
            "--out" => out = args.next().ok_or("--out needs a folder")?.into(),
            other => return Err(format!("unknown argument {other}; known are --small and --out DIR").into()),
        }
    }
    Ok((small, out))
}
