//! What runs stays below the bound that its plan states. A binary of its own with one test, since it counts
//! every allocation of the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use graticule_array::{Array, Result, Runtime, bytes, s};

/// Counts the bytes that are allocated, and the most there were.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "a global allocator is unsafe by its trait")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs a computation and gives its planned and its measured peak.
fn peaks(runtime: &Runtime, arrays: &[&Array]) -> Result<(usize, usize)> {
    let planned = runtime.plan(arrays)?.peak_bytes();
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let results = runtime.compute_all(arrays)?;
    let measured = PEAK.load(Ordering::Relaxed) - before;
    drop(results);
    Ok((planned, measured))
}

#[test]
fn what_runs_stays_below_its_bound() -> Result<()> {
    let runtime = Runtime::builder().threads(2).build();
    let x = Array::random_normal(0.0, 1.0, 1, (365, 180, 360), (1, 180, 360))?;
    let memory = x.slice(s![..50, .., ..])?.persist()?;
    let anomaly = (&x - x.mean(0)?)?;
    let mirrored = (&x * x.slice(s![..;-1, ..;-1, ..])?)?;
    let cases: Vec<(&str, Vec<Array>)> = vec![
        ("mean of everything", vec![mirrored.mean(())?]),
        ("mean over time", vec![x.mean(0)?]),
        ("std over time", vec![x.std(0, 0)?]),
        ("anomaly variance", vec![anomaly.pow(2)?.mean([0, 2])?]),
        ("three at once", vec![x.mean(0)?, anomaly.pow(2)?.mean([0, 2])?, anomaly.mean([1, 2])?]),
        ("histogram", vec![x.histogram(100, (-5.0, 5.0))?]),
        ("kept values", vec![(&memory * 2.0)?]),
        ("argmax of what is in memory", vec![memory.argmax(0)?]),
        ("rechunked", vec![memory.rechunk((50, 30, 30))?.sum(0)?]),
    ];
    for (name, arrays) in &cases {
        let arrays: Vec<&Array> = arrays.iter().collect();
        let (planned, measured) = peaks(&runtime, &arrays)?;
        println!("{name}: planned {}, measured {}", bytes::format(planned), bytes::format(measured));
        assert!(measured <= planned, "{name}: planned {planned}, measured {measured}");
        assert!(planned < 16 * measured.max(1 << 20), "{name}: planned {planned}, measured {measured}");
    }
    Ok(())
}
