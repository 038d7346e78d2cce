//! Graticule's half of the side-by-side: one workload in a fresh process.
//!
//! ```text
//! cargo run --release --example compare -- WORKLOAD [--data DIR] [--threads N] [--limit SIZE] [--explain]
//! cargo run --release --example compare -- engine
//! cargo run --release --example compare -- labels
//! ```
//!
//! Prints one line of JSON as `peer.py` does; `run.py` measures both. `--limit` keeps what does not fit on disk, in the
//! folder for temporary files. `--explain` prints the plan instead. `engine` measures what the engine costs beside the
//! work itself, `labels` what labels cost beside the engine.

mod labels;

use std::error::Error;
use std::time::Instant;

use graticule::prelude::*;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { workload, data, explain } = arguments()?;
    if workload == "engine" {
        println!("{}", engine()?);
        return Ok(());
    }
    if workload == "labels" {
        println!("{}", labels::labels()?);
        return Ok(());
    }
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
        "peak_bytes": peak_bytes(),
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
    /// The size, the mean, the least and the greatest of an array.
    Extent(Array),
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
        "tiny_chunks" => Task::Scalar((tiny_chunks()? + 1.0)?.sum(())?),
        "virtual_variance" => {
            // 8 GB that are nowhere: the products of a map and a series.
            let map = scattered(1_000_000, 7_919, 1_000_003);
            let map =
                Array::from_array(ndarray::Array2::from_shape_vec((1_000, 1_000), map)?, (1_000, 1_000))?;
            let x = (&map * column(scattered(1_000, 389, 1_009), 10)?)?;
            Task::Extent((&x - x.mean(0)?)?.square()?.mean(0)?)
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
        "climatology" => Task::Summaries(vec![year()?.get("adt")?.groupby("time.month")?.mean()?]),
        "climatology_std" => Task::Summaries(vec![climatology_std(&year()?)?]),
        "monthly" => Task::Summaries(vec![year()?.get("adt")?.resample("time", "MS")?.mean()?]),
        "rolling" => Task::Summaries(vec![year()?.get("adt")?.rolling("time", 30).mean()?.max("time")?]),
        "weighted" => {
            let ds = year()?;
            let weighted = ds.get("adt")?.weighted(&ds.coord("lat")?.deg2rad()?.cos()?)?;
            Task::Summaries(vec![weighted.mean(["lat", "lon"])?, weighted.std(["lat", "lon"])?])
        }
        "all_three" => {
            let ds = year()?;
            Task::Summaries(vec![ds.get("adt")?.mean("time")?, variance(&ds)?, weighted(&ds)?])
        }
        "quantile" => {
            let map = scattered(200_000, 7_919, 1_000_003);
            let map = Array::from_array(ndarray::Array2::from_shape_vec((200, 1_000), map)?, (200, 1_000))?;
            let x = (&map - column(scattered(1_000, 389, 1_009), 100)?)?.square()?;
            Task::Extent(x.quantile(0.9, 0, graticule::array::QuantileMethod::Linear)?)
        }
        other => return Err(format!("unknown workload {other}").into()),
    })
}

/// Chunks of 100 numbers, none of which can be guessed from a constant.
fn tiny_chunks() -> Result<Array, graticule::array::Error> {
    Array::linspace(0.0, 1.0, 10_000_000)?.rechunk(100)
}

/// `step * i % prime / prime` for the first `len` numbers: scattered over [0, 1), the same bits in every language.
fn scattered(len: u64, step: u64, prime: u64) -> Vec<f64> {
    (0..len).map(|i| (step * i % prime) as f64 / prime as f64).collect()
}

/// A series along the first of three axes, in chunks.
fn column(values: Vec<f64>, chunk: usize) -> Result<Array, Box<dyn Error>> {
    let len = values.len();
    Ok(Array::from_array(ndarray::Array3::from_shape_vec((len, 1, 1), values)?, (chunk, 1, 1))?)
}

/// What the engine costs beside the work: planning a million chunks, adding two arrays of ten, a chunk of 100 numbers.
fn engine() -> Result<serde_json::Value, Box<dyn Error>> {
    let seconds = |repeats: u32, work: &dyn Fn() -> Result<(), graticule::array::Error>| {
        let start = Instant::now();
        (0..repeats).try_for_each(|_| work()).map(|()| start.elapsed().as_secs_f64() / f64::from(repeats))
    };
    let sorted = |samples: usize, repeats: u32, work: &dyn Fn() -> Result<(), graticule::array::Error>| {
        let mut times = (0..samples).map(|_| seconds(repeats, work)).collect::<Result<Vec<_>, _>>()?;
        times.sort_by(f64::total_cmp);
        Ok::<_, graticule::array::Error>((times[0], times[samples / 2]))
    };
    let (_, plan) = sorted(11, 1, &|| {
        let x = Array::random_uniform(0.0, 1.0, 1, (1_000_000, 1_000), (1_000, 1))?;
        let y = (&x * x.slice(s![..;-1, ..;-1])?)?.mean(0)?;
        Runtime::current().plan(&[&y]).map(|_| ())
    })?;
    let ten = || Array::from_array(ndarray::Array1::from_elem(10, 1.5), 10);
    let (a, b) = (ten()?, ten()?);
    let (add_min, add) = sorted(101, 1_000, &|| (&a + &b)?.compute().map(|_| ()))?;
    let tiny = (tiny_chunks()? + 1.0)?.sum(())?;
    let (_, tiny) = sorted(11, 1, &|| tiny.compute().map(|_| ()))?;
    Ok(json!({
        "workload": "engine",
        "plan_ms": plan * 1e3,
        "add_us": add * 1e6,
        "add_us_min": add_min * 1e6,
        "chunk_ns": tiny * 1e9 / 1e5,
    }))
}

fn anomaly(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    let ssh = ds.get("adt")?;
    Ok((&ssh - ssh.mean("time")?)?)
}

fn variance(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    Ok(anomaly(ds)?.pow(2)?.mean(["lon", "time"])?)
}

/// How much the days of each place differ from their month's mean.
fn climatology_std(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    let months = ds.get("adt")?.groupby("time.month")?;
    Ok((&months - months.mean()?)?.std("time")?)
}

fn weighted(ds: &Dataset) -> Result<DataArray, Box<dyn Error>> {
    let weight = ds.coord("lat")?.deg2rad()?.cos()?;
    let weight = (&weight / weight.mean("lat")?)?;
    Ok((anomaly(ds)? * weight)?.mean(["lon", "lat"])?)
}

impl Task {
    fn arrays(&self) -> Vec<&Array> {
        match self {
            Self::Scalar(array) | Self::SizeAndMean(array) | Self::Extent(array) | Self::Histogram(array) => {
                vec![array]
            }
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
            Self::Extent(array) => summary(array.compute()?.view::<f64>()?.iter().copied())[..4].to_vec(),
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
                    numbers.extend(summary(array.view::<f64>()?.iter().copied()));
                }
                numbers
            }
        })
    }
}

/// How many values are not NaN, and of those in C order: mean, least, greatest, first, last.
fn summary(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let (mut count, mut sum, mut least, mut greatest) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    let (mut first, mut last) = (f64::NAN, f64::NAN);
    for value in values.filter(|value| !value.is_nan()) {
        if count == 0.0 {
            first = value;
        }
        last = value;
        count += 1.0;
        sum += value;
        least = least.min(value);
        greatest = greatest.max(value);
    }
    vec![count, sum / count, least, greatest, first, last]
}

struct Arguments {
    workload: String,
    data: String,
    explain: bool,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let (mut workload, mut data, mut explain) = (None, "data-fixtures/aviso-2015".to_owned(), false);
    let mut runtime = Runtime::builder();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--data" => data = args.next().ok_or("--data needs a folder")?,
            "--explain" => explain = true,
            "--threads" => runtime = runtime.threads(args.next().ok_or("--threads needs a number")?.parse()?),
            "--limit" => {
                let limit = args.next().ok_or("--limit needs a size")?;
                let folder = std::env::temp_dir().join("graticule-compare");
                runtime = runtime.memory_limit(&limit)?.spill_dir(folder)?;
            }
            _ => workload = Some(arg),
        }
    }
    runtime.build().install();
    Ok(Arguments { workload: workload.ok_or("name a workload")?, data, explain })
}

/// The most resident memory so far: what takes a few milliseconds ends before anybody can look at it from outside.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
