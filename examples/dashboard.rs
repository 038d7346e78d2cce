//! Some computations to look at: on the live page while they run, and in a profile afterwards.
//!
//! ```text
//! cargo run --release --example dashboard [-- --address 127.0.0.1:8787] [--size N] [--stay SECONDS] [--out DIR]
//! ```
//!
//! Open the address in a browser. One of the computations fails and one is cancelled, on purpose. With `--stay` the page
//! can be looked at for a while afterwards. The profile goes to DIR, by default `pictures/dashboard`.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use graticule::array::{
    CancelHandle, ChunkGrid, ChunkSource, Dashboard, Error as ArrayError, Profile, SourceSpec, compute_all,
};
use graticule::prelude::{Array, DType, ProgressBar, Runtime};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_arguments()?;
    std::fs::create_dir_all(&options.out)?;
    let dashboard = Dashboard::serve(&options.address)?;
    println!("see {}", dashboard.url());
    sleep(Duration::from_secs(options.stay.min(4)));

    let profile = Profile::start();
    let bar = ProgressBar::start();
    Runtime::builder().memory_limit("2GiB")?.build().with_cancel(&CancelHandle::on_ctrl_c()?).install();

    // A year of daily maps behind a slow connection, and what is unusual about each day.
    let days = 24 * options.size;
    let ssh = Remote::array("ssh", days, None)?;
    ssh.mean(0)?.compute()?;
    let anomaly = (&ssh - ssh.mean(0)?)?;
    compute_all([&anomaly.pow(2)?.mean([0, 2])?, &anomaly.mean([1, 2])?, &ssh.max(0)?])?;

    // Much arithmetic, nothing to read; and two computations at once.
    let noise = Array::random_normal(0.0, 1.0, 42, (40 * options.size, 500, 1000), (1, 500, 1000))?;
    let score = ((&noise - noise.mean(0)?)? / noise.std(0, 0)?)?;
    let spread = score.cos()?.pow(2)?.std([1, 2], 0)?;
    let other = Remote::array("sst", days / 2, None)?.std(0, 0)?;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| other.compute());
        let spread = spread.compute();
        (spread, other.join())
    })
    .0?;

    // Something that is stopped, and something that goes wrong.
    let stop = CancelHandle::new();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(|| {
            sleep(Duration::from_millis(700));
            stop.cancel();
        });
        Runtime::current().with_cancel(&stop).compute(&noise.histogram(100, (-5.0, 5.0))?)
    });
    println!("{}", stopped.map_or_else(|error| error.to_string(), |_| "it was faster than its end".into()));
    let broken = Remote::array("ssh of a broken disk", days, Some(days / 3))?.mean(0)?.compute();
    println!("{}", broken.map_or_else(|error| error.to_string(), |_| "nothing failed".into()));

    drop(bar);
    let path = options.out.join("profile.html");
    profile.finish().save(&path)?;
    println!("the profile is {}", path.display());
    sleep(Duration::from_secs(options.stay));
    Ok(())
}

/// Daily maps that take a while to arrive.
#[derive(Debug)]
struct Remote {
    name: &'static str,
    grid: ChunkGrid,
    broken: Option<usize>,
}

impl Remote {
    fn array(name: &'static str, days: usize, broken: Option<usize>) -> Result<Array, ArrayError> {
        let grid = ChunkGrid::regular(&[days, 360, 720], &[1, 360, 720]);
        Array::from_source(Arc::new(Self { name, grid, broken }))
    }
}

impl ChunkSource for Remote {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "remote".into(), config: self.name.into() }
    }

    fn label(&self) -> String {
        format!("{} of each day", self.name)
    }

    fn dtype(&self) -> DType {
        DType::F32
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut graticule::Chunk) -> Result<(), ArrayError> {
        let day = index.first().copied().unwrap_or(0);
        if self.broken.is_some_and(|broken| day >= broken) {
            let cause: Box<dyn Error + Send + Sync> = "the disk is on fire".into();
            return Err(ArrayError::Read { what: self.label(), cause: cause.into() });
        }
        // The connection is faster at some times than at others.
        let wave = (day as f64 / 40.0).sin() + 1.3;
        sleep(Duration::from_secs_f64(0.012 * wave));
        out.reset(DType::F32, &[1, 360, 720]);
        if let graticule::array::Buffer::F32(values) = out.buffer_mut() {
            for (i, value) in values.iter_mut().enumerate() {
                *value = (i as f32 * 0.01 + day as f32).sin();
            }
        }
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        Some(self.grid.count() as u64 * 360 * 720 * 2)
    }

    fn resident(&self) -> Option<&Arc<graticule::Chunk>> {
        None
    }
}

struct Options {
    address: String,
    size: usize,
    stay: u64,
    out: PathBuf,
}

impl Options {
    fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let mut options =
            Self { address: "127.0.0.1:8787".into(), size: 16, stay: 0, out: "pictures/dashboard".into() };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            match arg.as_str() {
                "--address" => options.address = value()?,
                "--size" => options.size = value()?.parse()?,
                "--stay" => options.stay = value()?.parse()?,
                "--out" => options.out = value()?.into(),
                other => {
                    let known = "--address, --size, --stay and --out";
                    return Err(format!("unknown argument {other}; known are {known}").into());
                }
            }
        }
        Ok(options)
    }
}
