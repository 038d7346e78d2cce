//! The second half of the lecture: a year of sea-surface height from satellites.
//!
//! ```text
//! cargo run --release --example aviso_ssh [-- DIR] [--out PICTURES]
//! ```
//!
//! Without DIR it reads `data-fixtures/aviso-2015`, a synthetic year on a coarse grid that comes with the
//! repository. The pictures go to `pictures/aviso_ssh` unless `--out` names another folder.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use graticule::array::bytes;
use graticule::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let (data, out) = arguments()?;
    std::fs::create_dir_all(&out)?;

    // One day.
    let first = first_file(&data)?;
    let ds_first = open_dataset(&first)?;
    println!("{ds_first}\n");
    println!("one day: {}", bytes::format(ds_first.nbytes()));

    // The whole year as one dataset. Only the headers are read.
    let start = Instant::now();
    let ds = open_mfdataset(format!("{}/*.nc", data.display()))?;
    println!("the year: {}, opened in {:.2?}\n", bytes::format(ds.nbytes()), start.elapsed());
    println!("{ds}\n");

    let ssh = ds.get("adt")?;
    println!("{ssh}\n");
    ssh.isel("time", 0)?.plot()?.save(out.join("day_0.png"))?;

    // The mean over the year, computed and kept.
    let _bar = ProgressBar::start();
    let ssh_mean = ssh.mean("time")?.compute()?;
    println!("{ssh_mean}\n");
    ssh_mean.plot()?.title("mean of 2015").save(out.join("time_mean.png"))?;

    // The variance of the anomaly, by latitude.
    let anomaly = (&ssh - &ssh_mean)?;
    let variance = anomaly.pow(2)?.mean(["lon", "time"])?;

    // The anomaly of each day, weighted by the area that a cell stands for.
    let weight = ds.coord("lat")?.deg2rad()?.cos()?;
    let weight = (&weight / weight.mean("lat")?)?;
    let series = (&anomaly * &weight)?.mean(["lon", "lat"])?;

    // What both of them will do, before they do it: one pass over the files serves the two.
    print!("{}", Runtime::current().plan(&[variance.data(), series.data()])?.explain());
    let results = compute_all([&variance, &series])?;
    let [variance, series] = results.as_slice() else { return Err("two results were asked for".into()) };
    println!("\n{variance}\n\n{series}\n");
    variance
        .plot()?
        .title("variance of the sea-surface height anomaly")
        .y_label("variance [m2]")
        .save(out.join("anomaly_variance.png"))?;
    series
        .plot()?
        .title("global mean anomaly")
        .y_label("anomaly [m]")
        .save(out.join("weighted_anomaly.png"))?;

    println!("pictures are in {}", out.display());
    Ok(())
}

fn first_file(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "nc"));
    paths.into_iter().min().ok_or_else(|| format!("no .nc file in {}", folder.display()).into())
}

fn arguments() -> Result<(PathBuf, PathBuf), Box<dyn Error>> {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-fixtures/aviso-2015");
    let (mut data, mut out) = (bundled, PathBuf::from("pictures/aviso_ssh"));
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--out" => out = args.next().ok_or("--out needs a folder")?.into(),
            flag if flag.starts_with('-') => {
                return Err(format!("unknown argument {flag}; known are DIR and --out PICTURES").into());
            }
            folder => data = folder.into(),
        }
    }
    Ok((data, out))
}
