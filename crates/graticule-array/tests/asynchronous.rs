//! Computing inside of an asynchronous program. `compute` blocks its thread, as a file does: nothing else is promised, and
//! nothing else is needed to be called from a task.

use std::sync::Arc;
use std::time::Duration;

use graticule_array::{Array, DType, Error, Result, Runtime};
use tokio::runtime::Builder;

/// Some work in two passes, with functions on blocks.
fn work() -> Result<Array> {
    let x = Array::random_normal(0.0, 1.0, 1, (400, 100), (10, 100))?;
    let x = x.map_blocks("same", DType::F64, |block| Ok(block.clone()))?;
    (&x - x.mean(0)?)?.std((), 0)
}

/// Fails where a computation does not come to its end.
fn in_time(run: impl FnOnce() + Send + 'static) {
    let (done, wait) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        run();
        done.send(()).unwrap();
    });
    let waited = wait.recv_timeout(Duration::from_secs(60));
    assert!(waited != Err(std::sync::mpsc::RecvTimeoutError::Timeout), "it hangs");
    thread.join().unwrap();
}

#[test]
fn arrays_are_computed_in_a_program_of_one_thread() {
    in_time(|| {
        let program = Builder::new_current_thread().build().unwrap();
        let wanted = work().unwrap().compute().unwrap();
        let computed = program.block_on(async {
            let other = tokio::spawn(async { work()?.compute() });
            let own = work()?.compute()?;
            assert_eq!(other.await.unwrap()?, own);
            Ok::<_, Error>(own)
        });
        assert_eq!(computed.unwrap(), wanted);
    });
}

#[test]
fn tasks_of_a_program_of_several_threads_compute_at_once_within_one_limit() {
    in_time(|| {
        let program = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let wanted = work().unwrap().compute().unwrap();
        let runtime = Arc::new(Runtime::builder().threads(2).memory_limit("4MiB").unwrap().build());
        program.block_on(async {
            // More than there are threads: those that wait for memory wait on threads of the program.
            let tasks: Vec<_> = (0..8)
                .map(|i| {
                    let runtime = Arc::clone(&runtime);
                    match i % 2 {
                        0 => tokio::spawn(async move { runtime.compute(&work()?) }),
                        _ => tokio::task::spawn_blocking(move || runtime.compute(&work()?)),
                    }
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap(), wanted);
            }
        });
    });
}

#[test]
fn functions_on_blocks_may_wait_for_the_program() {
    in_time(|| {
        let program = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let handle = program.handle().clone();
        let x = Array::ones((40, 10), (10, 10)).unwrap();
        let asked = x.map_blocks("asked", DType::F64, move |block| {
            let block = block.clone();
            // In a thread of the program this would panic; the threads that compute are none.
            match tokio::runtime::Handle::try_current() {
                Ok(_) => Ok(block),
                Err(_) => Ok(handle.block_on(async move { tokio::spawn(async { block }).await.unwrap() })),
            }
        });
        let runtime = Runtime::builder().threads(2).build();
        let sum = program.block_on(async { runtime.compute(&asked?.sum(())?) }).unwrap();
        assert_eq!(sum.item::<f64>().unwrap(), 400.0);
    });
}
