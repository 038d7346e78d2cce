//! What goes wrong while computing, and what must not go wrong then.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graticule_array::{Array, Chunk, ChunkGrid, ChunkSink, DType, Error, Result, Runtime};

use crate::spill::open_in;
use crate::supply::{Supply, unreadable};
use crate::support::start;

/// A vector of 2000 ones in 20 blocks, whose read of that number fails.
fn failing(fails_at: usize) -> Array {
    let ones = Supply::new(&[2000], &[100]).value(|_| 1.0);
    let failing = ones.on_read(move |before, _| match before == fails_at {
        true => Err(unreadable("failing", "the disk is gone")),
        false => Ok(()),
    });
    failing.array()
}

#[test]
fn a_read_that_fails_is_reported_wherever_it_happens_and_the_runtime_goes_on() {
    type Work = fn(&Array) -> Result<Array>;
    // With the number of blocks that each reads; of the last no running sum needs the total.
    let works: [(&str, usize, Work); 6] = [
        ("map", 20, |x| x * 2.0),
        ("reduction", 20, |x| (x * 2.0)?.sum(())),
        ("two passes", 40, |x| (x - x.mean(())?)?.max(())),
        ("scan", 39, |x| x.cumsum(0)),
        ("sort", 20, |x| x.rechunk(2000)?.sort(0)),
        ("function", 20, |x| x.map_blocks("same", DType::F64, |block| Ok(block.clone()))),
    ];
    for threads in [1, 3] {
        let runtime = Runtime::builder().threads(threads).build();
        for (name, reads, work) in &works {
            for fails_at in 0..*reads {
                let x = failing(fails_at);
                let error = runtime.compute(&work(&x).unwrap()).unwrap_err().to_string();
                assert!(
                    error.contains("failed at chunk [")
                        && error.ends_with("reading failing: the disk is gone"),
                    "{name}: {error}"
                );
                // The read that failed was one; now all are there.
                assert_eq!(x.sum(()).unwrap().compute().unwrap().item::<f64>().unwrap(), 2000.0);
            }
            // Beyond the last read nothing fails.
            assert!(runtime.compute(&work(&failing(*reads)).unwrap()).is_ok(), "{name}");
        }
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
fn a_function_that_panics_harms_only_its_own_computation() {
    let runtime = Runtime::builder().threads(3).memory_limit("64MiB").unwrap().build();
    let x = Array::arange(2000).unwrap().rechunk(100).unwrap();
    let good = (&x * 2).unwrap().sum(()).unwrap();
    let panics = |payload: fn()| {
        let bad = x.map_blocks("fragile", DType::I64, move |block| {
            if block.get(0) == Some(700.into()) {
                payload();
            }
            Ok(block.clone())
        });
        bad.unwrap().sum(()).unwrap()
    };
    let payloads: [(fn(), &str); 3] = [
        (|| panic!("out of luck"), "out of luck"),
        (|| panic!("out of {}", 7), "out of 7"),
        (|| std::panic::panic_any(7u8), "without a message"),
    ];
    for (payload, said) in payloads {
        let bad = panics(payload);
        // Together with another result, and beside another computation.
        assert!(runtime.compute_all(&[&good, &bad]).is_err());
        std::thread::scope(|scope| {
            let beside: Vec<_> = (0..3).map(|_| scope.spawn(|| runtime.compute(&good).unwrap())).collect();
            for _ in 0..5 {
                let error = runtime.compute(&bad).unwrap_err().to_string();
                let wanted =
                    format!("sum failed at chunk [7]: fragile failed at chunk [7]: it panicked: {said}");
                assert_eq!(error, wanted);
            }
            for result in beside {
                assert_eq!(result.join().unwrap().item::<i64>().unwrap(), 1999 * 2000);
            }
        });
        assert_eq!(runtime.compute(&good).unwrap().item::<i64>().unwrap(), 1999 * 2000);
    }
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

/// Takes everything, and counts it.
#[derive(Debug)]
struct Counter {
    grid: ChunkGrid,
    taken: AtomicUsize,
}

impl ChunkSink for Counter {
    fn label(&self) -> String {
        "counter".into()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn write(&self, _: &[Range<usize>], _: &Chunk) -> Result<()> {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }
}

#[test]
fn cancellations_while_results_go_to_disk_or_to_a_sink_leave_no_file_no_thread_and_no_memory() {
    // In a process of its own, in which nothing else opens files or takes memory.
    let output = start("faults::cancels_again_and_again").wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "a program for another test"]
fn cancels_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::builder().threads(3).memory_limit("4MiB").unwrap();
    let runtime = runtime.spill_dir(folder.path()).unwrap().build();
    let same = |x: &Array| x.map_blocks("same", DType::F64, |block| Ok(block.clone())).unwrap();
    let rows = same(&Array::random_uniform(0.0, 1.0, 3, (400, 1000), (20, 1000)).unwrap());
    let turned = same(&rows.rechunk((400, 50)).unwrap());
    assert!(runtime.plan(&[&turned.sum(0).unwrap()]).unwrap().explain().contains("kept on disk"));
    let status = |key: &str| -> Option<usize> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        status.lines().find(|line| line.starts_with(key))?.split_whitespace().nth(1)?.parse().ok()
    };
    let start = std::time::Instant::now();
    runtime.compute(&turned.sum(0).unwrap()).unwrap();
    let whole = start.elapsed();
    let (mut cancelled, mut finished, mut resident) = ([0; 2], 0, None);
    for round in 0..300u32 {
        let handle = runtime.cancel_handle();
        // Moments all over the computation, and a few after its end.
        let wait = whole * (round * 37 % 300) / 270;
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(wait);
            handle.cancel();
        });
        let sink = Arc::new(Counter { grid: turned.chunks().clone(), taken: AtomicUsize::new(0) });
        let to_sink = round % 2 == 0;
        let result = match to_sink {
            true => runtime.store_all(&[(&turned, Arc::clone(&sink) as Arc<dyn ChunkSink>)]),
            false => runtime.compute(&turned.sum(0).unwrap()).map(|_| ()),
        };
        let taken = sink.taken.load(Ordering::Relaxed);
        match result {
            Ok(()) => {
                finished += 1;
                assert_eq!(taken, if to_sink { 20 } else { 0 });
            }
            Err(error) => {
                assert!(error.is_cancelled(), "{error}");
                cancelled[usize::from(to_sink)] += 1;
            }
        }
        canceller.join().unwrap();
        assert_eq!(sink.taken.load(Ordering::Relaxed), taken, "a sink was written after the end");
        assert_eq!(open_in(folder.path()), Vec::<std::path::PathBuf>::new());
        runtime.cancel_handle().reset();
        if round == 50 {
            resident = status("VmRSS:");
        }
    }
    assert!(cancelled[0] > 30 && cancelled[1] > 30, "{cancelled:?} were cancelled, {finished} not");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // The test's own thread and that of the harness.
    assert!(status("Threads:").is_none_or(|threads| threads <= 2));
    if let (Some(before), Some(after)) = (resident, status("VmRSS:")) {
        assert!(after < before + (16 << 10), "{before} KiB became {after} KiB");
    }
    assert!(runtime.compute(&turned.sum(0).unwrap()).is_ok());
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
