//! Graticule's half of the side-by-side: one workload in a fresh process.
//!
//! ```text
//! cargo run --release --example compare -- WORKLOAD [--data DIR] [--explain]
//! ```
//!
//! Prints one line of JSON as `peer.py` does; `run.py` measures both. `--explain` prints the plan instead.

use std::error::Error;
use std::time::Instant;

use graticule::prelude::*;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let (workload, data, explain) = arguments()?;
    let start = Instant::now();
    let task = task(&workload, &data)?;
    let open_s = start.elapsed().as_secs_f64();
    if explain {
        print!("{}", Runtime::current().plan(&task.arrays())?.explain());
        return Ok(());
    }
    let start = Instant::now();
    let result = task.run()?;
    let compute_s = start.elapsed().as_secs_f64();
    let line = json!({
        "workload": workload, "import_s": 0.0, "open_s": open_s, "compute_s": compute_s, "result": result,
    });
    println!("{line}");
    Ok(())
}

/// What is computed, and which numbers stand for the result.
enum Task {
    /// The mean of an array without axes.
    Scalar(Array),
    /// The size and the mean of an array.
    SizeAndMean(Array),
    /// The moments of a histogram of 100 bins over [-5, 5].
    Histogram(Array),
    /// Nothing: the numbers are known when the files are open.
    Known(Vec<f64>),
    /// Six numbers for each of some labeled arrays.
    Summaries(Vec<DataArray>),
}

fn task(workload: &str, data: &str) -> Result<Task, Box<dyn Error>> {
    let random = || Array::random_uniform(0.0, 1.0, 42, (200_000, 4_000), (1_000, 1_000));
    let year = || open_mfdataset(format!("{data}/*.nc"));
    Ok(match workload {
        "product_mean" => {
            let x = random()?;
            Task::Scalar((&x * x.slice(s![..;-1, ..;-1])?)?.mean(())?)
        }
        "cos_mean" => Task::SizeAndMean(random()?.cos()?.square()?.mean(0)?),
        "histogram" => {
            let x = Array::random_normal(0.0, 1.0, 42, 200_000_000, 10_000_000)?;
            Task::Histogram(x.histogram(100, (-5.0, 5.0))?)
        }
        "rechunk" => {
            // 6 GB in maps of one time each, asked for in columns of all times.
            let maps = Array::random_uniform(0.0, 1.0, 42, (730, 720, 1440), (1, 720, 1440))?;
            let maps = maps.map_blocks("maps", DType::F64, |block| Ok(block.clone()))?;
            let columns =
                maps.rechunk((730, 72, 144))?.map_blocks("columns", DType::F64, |b| Ok(b.clone()))?;
            Task::SizeAndMean(columns.max(0)?)
        }
        "open_year" => {
            let ssh = year()?.get("adt")?;
            let mut known: Vec<f64> = ssh.shape().iter().map(|&len| len as f64).collect();
            known.push(ssh.nbytes() as f64);
            Task::Known(known)
        }
        "time_mean" => Task::Summaries(vec![year()?.get("adt")?.mean("time")?]),
        "anomaly_variance" => Task::Summaries(vec![variance(&year()?)?]),
        "weighted_anomaly" => Task::Summaries(vec![weighted(&year()?)?]),
        "all_three" => {
            let ds = year()?;
            Task::Summaries(vec![ds.get("adt")?.mean("time")?, variance(&ds)?, weighted(&ds)?])
        }
        other => return Err(format!("unknown workload {other}").into()),
    })
}

fn anomaly(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    let ssh = ds.get("adt")?;
    Ok((&ssh - ssh.mean("time")?)?)
}

fn variance(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    Ok(anomaly(ds)?.pow(2)?.mean(["lon", "time"])?)
}

fn weighted(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    let weight = ds.coord("lat")?.deg2rad()?.cos()?;
    let weight = (&weight / weight.mean("lat")?)?;
    Ok((anomaly(ds)? * weight)?.mean(["lon", "lat"])?)
}

impl Task {
    fn arrays(&self) -> Vec<&Array> {
        match self {
            Self::Scalar(array) | Self::SizeAndMean(array) | Self::Histogram(array) => vec![array],
            Self::Known(_) => Vec::new(),
            Self::Summaries(arrays) => arrays.iter().map(DataArray::data).collect(),
        }
    }

    fn run(&self) -> Result<Vec<f64>, Box<dyn Error>> {
        Ok(match self {
            Self::Scalar(array) => vec![array.compute()?.item::<f64>()?],
            Self::SizeAndMean(array) => {
                let values = array.compute()?.to_f64();
                vec![values.len() as f64, values.iter().sum::<f64>() / values.len() as f64]
            }
            Self::Histogram(array) => {
                let counts = array.compute()?.to_f64();
                let centre = |i: usize| -5.0 + 0.1 * (i as f64 + 0.5);
                let total: f64 = counts.iter().sum();
                let weighted = |f: &dyn Fn(f64) -> f64| {
                    counts.iter().enumerate().map(|(i, n)| n * f(centre(i))).sum::<f64>() / total
                };
                let mean = weighted(&|x| x);
                vec![total, mean, weighted(&|x| (x - mean) * (x - mean))]
            }
            Self::Known(numbers) => numbers.clone(),
            Self::Summaries(arrays) => {
                let mut numbers = Vec::new();
                for array in compute_all(arrays)? {
                    numbers.extend(summary(&array.data().compute()?.to_f64()));
                }
                numbers
            }
        })
    }
}

/// How many values are not NaN, and of those in C order: mean, least, greatest, first, last.
fn summary(values: &[f64]) -> Vec<f64> {
    let valid: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    let count = valid.len() as f64;
    let least = valid.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = valid.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ends = [valid.first(), valid.last()].map(|x| x.copied().unwrap_or(f64::NAN));
    vec![count, valid.iter().sum::<f64>() / count, least, greatest, ends[0], ends[1]]
}

fn arguments() -> Result<(String, String, bool), Box<dyn Error>> {
    let (mut workload, mut data, mut explain) = (None, "data-fixtures/aviso-2015".to_owned(), false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--data" => data = args.next().ok_or("--data needs a folder")?,
            "--explain" => explain = true,
            "--limit" => {
                let limit = args.next().ok_or("--limit needs a size")?;
                let folder = std::env::temp_dir().join("graticule-compare");
                Runtime::builder().memory_limit(&limit)?.spill_dir(folder)?.build().install();
            }
            _ => workload = Some(arg),
        }
    }
    Ok((workload.ok_or("name a workload")?, data, explain))
}
