//! What goes wrong while computing, and what must not go wrong then.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graticule_array::{
    Array, Chunk, ChunkGrid, ChunkSink, ChunkSource, DType, Error, Result, Runtime, SourceSpec,
};

/// Ones in chunks, of which one cannot be read.
#[derive(Debug)]
struct Failing {
    grid: ChunkGrid,
    fails_at: usize,
    reads: AtomicUsize,
}

impl ChunkSource for Failing {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "failing".into(), config: format!("{} {:p}", self.fails_at, self) }
    }

    fn label(&self) -> String {
        "failing".into()
    }

    fn dtype(&self) -> DType {
        DType::F64
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.fails_at {
            let cause = std::io::Error::other("the disk is gone");
            return Err(Error::Read { what: "failing".into(), cause: Arc::new(cause) });
        }
        let shape: Vec<usize> = self.grid.region(index).iter().map(ExactSizeIterator::len).collect();
        *out = Chunk::new(shape.clone(), vec![1.0; shape.iter().product()])?;
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

#[test]
fn a_read_that_fails_is_reported_wherever_it_happens_and_the_runtime_goes_on() {
    for fails_at in 0..20 {
        let grid = ChunkGrid::regular(&[2000], &[100]);
        let source = Arc::new(Failing { grid, fails_at, reads: AtomicUsize::new(0) });
        let x = Array::from_source(source).unwrap();
        let error = (&x * 2.0).unwrap().sum(()).unwrap().compute().unwrap_err().to_string();
        assert!(error.contains("the disk is gone"), "{error}");
        // The read that failed was one; now all are there.
        assert_eq!(x.sum(()).unwrap().compute().unwrap().item::<f64>().unwrap(), 2000.0);
    }
}

/// Takes three chunks, then is full.
#[derive(Debug)]
struct Full {
    grid: ChunkGrid,
    taken: AtomicUsize,
}

impl ChunkSink for Full {
    fn label(&self) -> String {
        "a full disk".into()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn write(&self, _: &[Range<usize>], _: &Chunk) -> Result<()> {
        if self.taken.fetch_add(1, Ordering::Relaxed) < 3 {
            return Ok(());
        }
        let cause = std::io::Error::from(std::io::ErrorKind::StorageFull);
        Err(Error::Write { path: "a full disk".into(), cause: Arc::new(cause) })
    }

    fn scratch_bytes(&self) -> usize {
        0
    }
}

#[test]
fn a_sink_that_is_full_stops_the_run_with_its_reason() {
    let x = Array::random_uniform(0.0, 1.0, 1, 100_000, 1_000).unwrap();
    let sink = Arc::new(Full { grid: ChunkGrid::regular(&[100_000], &[1_000]), taken: AtomicUsize::new(0) });
    let error = x.store(sink).unwrap_err().to_string();
    assert!(error.contains("a full disk"), "{error}");
}

#[test]
fn cancelling_at_any_moment_leaves_no_thread_waiting() {
    let slow = Array::random_normal(0.0, 1.0, 1, (400, 1000), (10, 1000)).unwrap();
    let slow = slow.map_blocks("same", DType::F64, |block| Ok(block.clone())).unwrap();
    let work = (&slow - slow.mean(()).unwrap()).unwrap().std(0, 0).unwrap();
    let mut cancelled = 0;
    for round in 0..1000u64 {
        let runtime = Runtime::builder().threads(3).build();
        let handle = runtime.cancel_handle();
        let wait = Duration::from_micros(round * 37 % 4_000);
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(wait);
            handle.cancel();
        });
        match runtime.compute(&work) {
            Ok(_) => {}
            Err(error) => {
                assert!(error.is_cancelled(), "{error}");
                cancelled += 1;
            }
        }
        canceller.join().unwrap();
    }
    assert!(cancelled > 0);
    assert!(work.compute().is_ok());
}

#[test]
fn a_function_on_blocks_may_compute_arrays_itself() {
    let x = Array::ones((40, 40), (10, 10)).unwrap();
    let nested = x
        .map_blocks("nested", DType::F64, |block| {
            let inner = Array::from_chunk(block.clone())?.mean(())?.compute()?.item::<f64>()?;
            Chunk::new(block.shape().to_vec(), vec![inner; block.len()])
        })
        .unwrap();
    let runtime = Runtime::builder().threads(2).memory_limit("8MiB").unwrap().build();
    assert_eq!(runtime.compute(&nested.sum(()).unwrap()).unwrap().item::<f64>().unwrap(), 1600.0);
}

#[test]
fn threads_that_compute_at_once_share_one_limit() {
    let runtime = Runtime::builder().threads(2).memory_limit("4MiB").unwrap().build();
    let x = Array::random_uniform(0.0, 1.0, 1, (1000, 1000), (50, 1000)).unwrap();
    let expected = x.mean(()).unwrap().compute().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(runtime.compute(&x.mean(()).unwrap()).unwrap(), expected);
                }
            });
        }
    });
}

#[test]
fn a_full_or_missing_spill_folder_is_an_error_that_names_it() {
    let error = Runtime::builder().spill_dir("/proc/nowhere").unwrap_err().to_string();
    assert!(error.contains("/proc/nowhere"), "{error}");
    // /dev/full would need a file of a name; a folder that is removed under way is met when the file is made.
    let folder = std::env::temp_dir().join(format!("graticule-gone-{}", std::process::id()));
    let runtime = Runtime::builder().threads(1).memory_limit("6MiB").unwrap();
    let runtime = runtime.spill_dir(&folder).unwrap().build();
    std::fs::remove_dir(&folder).unwrap();
    let x = Array::random_uniform(0.0, 1.0, 3, (1000, 1000), (100, 1000)).unwrap();
    let x = x.map_blocks("same", DType::F64, |block| Ok(block.clone())).unwrap();
    let columns = x.rechunk((1000, 100)).unwrap().map_blocks("same", DType::F64, |b| Ok(b.clone())).unwrap();
    let error = runtime.compute(&columns.sum(0).unwrap()).unwrap_err().to_string();
    assert!(error.contains("graticule-gone") && error.contains("spill_dir"), "{error}");
}

#[test]
fn shapes_beyond_counting_and_axes_of_nothing_do_not_panic() {
    assert!(Array::ones((usize::MAX, 2), (1, 1)).is_err());
    assert!(Array::ones((1 << 40, 1 << 40), (1, 1)).is_err());
    let nothing = Array::ones((0, 5), (1, 5)).unwrap();
    assert_eq!(nothing.sum(()).unwrap().compute().unwrap().item::<f64>().unwrap(), 0.0);
    assert!(nothing.mean(()).unwrap().compute().unwrap().item::<f64>().unwrap().is_nan());
    assert_eq!(nothing.sum(1).unwrap().compute().unwrap().shape(), [0]);
    assert!(nothing.max(0).is_err());
    assert_eq!(
        nothing.map_blocks("id", DType::F64, |b| Ok(b.clone())).unwrap().compute().unwrap().shape(),
        [0, 5]
    );
}
