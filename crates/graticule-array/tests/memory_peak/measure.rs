//! Planned and measured peaks of one computation.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graticule_array::{Array, ChunkSink, Executor, Expr, Plan, Resources, Result, Threads, bytes};
use peak_alloc::PeakAlloc;

use crate::supply::Emptied;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most that was ever allocated, since each measurement starts the count anew.
static MOST: AtomicUsize = AtomicUsize::new(0);

pub(crate) const HEADER: &str =
    "family                                     input      limit    planned   measured  planned/measured";

/// Below this a plan need not be near to what is measured: threads and bookkeeping have a part in both.
const TINY: usize = 1 << 20;

/// A computation.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Bytes that go in, as numbers.
    pub(crate) input: usize,
    /// The memory limit.
    pub(crate) limit: usize,
    pub(crate) results: Vec<Array>,
    /// Arrays that go to a sink, and how what is written is cut.
    pub(crate) stored: Vec<(Array, Arc<dyn ChunkSink>)>,
    /// How many times its measured peak a plan may state.
    pub(crate) slack: usize,
}

impl Case {
    /// Results that are kept in memory.
    pub(crate) fn computed(name: &'static str, results: Vec<Array>) -> Self {
        Self { name, input: 0, limit: 0, results, stored: Vec::new(), slack: 16 }
    }

    /// An array that goes to a sink which takes it in `chunks`.
    pub(crate) fn stored(name: &'static str, array: Array, chunks: &[usize]) -> Self {
        let sink: Arc<dyn ChunkSink> = Arc::new(Emptied::new(array.shape(), chunks));
        Self { name, input: 0, limit: 0, results: Vec::new(), stored: vec![(array, sink)], slack: 4 }
    }
}

pub(crate) struct Limits {
    pub(crate) threads: usize,
    pub(crate) memory: usize,
    pub(crate) folder: Option<Arc<Path>>,
}

impl Limits {
    pub(crate) fn of(memory: usize, folder: Option<&Path>) -> Self {
        Self { threads: 2, memory, folder: folder.map(Arc::from) }
    }
}

/// Plans and runs; says what was not as planned.
pub(crate) fn check(case: &Case, limits: &Limits) -> Option<String> {
    let fail = |what: String| Some(format!("{}: {what}", case.name));
    match peaks(case, limits) {
        Err(error) => {
            println!("{:<36} {error}", case.name);
            fail(error.to_string())
        }
        Ok((planned, measured)) => {
            println!(
                "{:<36} {:>11} {:>10} {:>10} {:>10} {:>6.2}",
                case.name,
                bytes::format(case.input),
                bytes::format(limits.memory),
                bytes::format(planned),
                bytes::format(measured),
                planned as f64 / measured as f64,
            );
            if measured > planned {
                return fail(format!("measured {measured}, above the {planned} planned"));
            }
            if planned > limits.memory {
                return fail(format!("planned {planned}, above the limit of {}", limits.memory));
            }
            if planned > case.slack * measured.max(TINY) {
                return fail(format!("planned {planned}, far above the {measured} measured"));
            }
            None
        }
    }
}

/// Plans, and says where the plan uses fewer threads.
pub(crate) fn check_threads(case: &Case, limits: &Limits, fewest: usize) -> Option<String> {
    match plan(case, limits) {
        Err(error) => Some(format!("{}: {error}", case.name)),
        Ok(plan) if plan.threads() < fewest => {
            Some(format!("{}: only {} of {} threads", case.name, plan.threads(), limits.threads))
        }
        Ok(_) => None,
    }
}

fn plan(case: &Case, limits: &Limits) -> Result<Plan> {
    let resources =
        Resources { threads: limits.threads, memory_limit: limits.memory, spill_dir: limits.folder.clone() };
    let roots: Vec<Expr> = case.results.iter().map(|array| array.expr().clone()).collect();
    let stored: Vec<(Expr, Arc<dyn ChunkSink>)> =
        case.stored.iter().map(|(array, sink)| (array.expr().clone(), Arc::clone(sink))).collect();
    Plan::with_sinks(&roots, &stored, &resources)
}

fn peaks(case: &Case, limits: &Limits) -> Result<(usize, usize)> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let plan = plan(case, limits)?;
    let results = Threads::new(limits.threads).run(&plan, &[], &Default::default())?;
    let peak = MEMORY.peak_usage();
    MOST.fetch_max(peak, Ordering::Relaxed);
    drop(results);
    Ok((plan.peak_bytes(), peak - before))
}

/// The most bytes that were allocated at a time.
pub(crate) fn most_allocated() -> usize {
    MOST.load(Ordering::Relaxed)
}

/// The most bytes of the process that were in the machine's memory at a time, where the system says it.
pub(crate) fn most_resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}
