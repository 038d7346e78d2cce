//! Stopping computations.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use graticule_array::{Array, CancelHandle, Outcome, Profile, Result, Runtime};

use crate::supply::scripted;

/// An array that takes a minute to read, and how many of its blocks were.
fn slow(name: &str) -> (Array, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    let array = scripted(name, 6_000, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(10));
        Ok(())
    });
    (array, reads)
}

fn wait_for(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(20), "nothing happened");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn one_of_two_computations_is_stopped_and_the_other_goes_on() -> Result<()> {
    let runtime = Runtime::builder().threads(2).build();
    let handle = CancelHandle::new();
    let (x, reads) = slow("stopped");
    let profile = Profile::start();
    std::thread::scope(|scope| {
        let stopped = scope.spawn(|| runtime.with_cancel(&handle).compute(&x.sum(())?));
        wait_for(|| reads.load(Ordering::SeqCst) > 3);
        handle.cancel();
        // A reset right afterwards does not bring back to life what was stopped.
        handle.reset();
        let start = Instant::now();
        assert!(stopped.join().unwrap().unwrap_err().is_cancelled());
        assert!(start.elapsed() < Duration::from_secs(5));
        Ok::<(), graticule_array::Error>(())
    })?;
    assert!(reads.load(Ordering::SeqCst) < 1_000);
    let runs = profile.finish().runs;
    let run = runs.iter().find(|run| run.plan.to_string().contains("stopped")).unwrap();
    assert_eq!(run.outcome, Some(Outcome::Cancelled));
    // The runtime itself, and the handle after its reset, compute on.
    let one = Array::arange(10)?.sum(())?;
    assert_eq!(runtime.compute(&one)?.item::<i64>()?, 45);
    assert_eq!(runtime.with_cancel(&handle).compute(&one)?.item::<i64>()?, 45);
    Ok(())
}

#[test]
fn the_handle_of_a_runtime_stops_its_clones_and_can_be_reset() -> Result<()> {
    let added = CancelHandle::new();
    let runtime = Runtime::builder().threads(1).cancel(&added).build();
    let one = Array::arange(10)?.sum(())?;
    for handle in [runtime.cancel_handle(), added] {
        handle.cancel();
        assert!(handle.is_cancelled());
        assert!(runtime.clone().compute(&one).unwrap_err().is_cancelled());
        handle.reset();
        assert_eq!(runtime.compute(&one)?.item::<i64>()?, 45);
    }
    Ok(())
}
