//! Where and within what limits arrays are computed.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::bytes;
use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::exec::admission::Admission;
use crate::exec::{CancelHandle, Cancellation, Executor, Threads, small};
use crate::expr::Expr;
use crate::observe::{self, Analysis, Measurement, Observer};
use crate::plan::{Plan, Resources};
use crate::sink::ChunkSink;

/// Threads, a memory limit and who is told about progress.
///
/// ```
/// use graticule_array::{Array, Runtime};
/// let runtime = Runtime::builder().threads(2).memory_limit("200MiB")?.build();
/// let x = Array::random_uniform(0.0, 1.0, 1, (10_000, 1_000), (1_000, 1_000))?;
/// let mean = runtime.compute(&x.mean(())?)?.item::<f64>()?;
/// assert!((mean - 0.5).abs() < 1e-3);
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Runtime {
    resources: Resources,
    /// The limit as all computations of this runtime and its clones share it.
    admission: Arc<Admission>,
    observers: Vec<Arc<dyn Observer>>,
    /// What stops computations: the runtime's own handle first.
    cancel: Vec<CancelHandle>,
}

/// Settings for a [`Runtime`].
#[derive(Debug, Clone, Default)]
pub struct RuntimeBuilder {
    threads: Option<usize>,
    memory_limit: Option<usize>,
    spill_dir: Option<Arc<Path>>,
    observers: Vec<Arc<dyn Observer>>,
    cancel: Vec<CancelHandle>,
}

impl RuntimeBuilder {
    /// How many threads compute. Default: what the machine has. At least 1.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// The most memory that computations may take together, such as `"2GiB"`: one begins when it fits beside those that
    /// are running. Default: 3/4 of what the machine, or the control group that the process runs in, has.
    ///
    /// # Errors
    /// [`crate::Error::Argument`] when the text is no size.
    pub fn memory_limit(mut self, size: &str) -> Result<Self> {
        self.memory_limit = Some(bytes::parse(size)?);
        Ok(self)
    }

    /// A folder for intermediate results that do not fit into memory, which is made where it is not there. Default:
    /// none, so that a plan that would need one is refused. Files in it have no names, so nothing is left when the
    /// process ends, however it ends.
    ///
    /// # Errors
    /// [`crate::Error::Spill`] when the folder cannot be made or written to.
    pub fn spill_dir(mut self, folder: impl AsRef<Path>) -> Result<Self> {
        let folder: Arc<Path> = folder.as_ref().into();
        let failed = |cause: std::io::Error| Error::Spill {
            folder: folder.display().to_string(),
            wanted_bytes: 0,
            cause: Arc::new(cause),
        };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        tempfile::tempfile_in(&folder).map_err(failed)?;
        self.spill_dir = Some(folder);
        Ok(self)
    }

    /// Someone who is told what happens.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observers.push(observer);
        self
    }

    /// A handle that stops what the runtime computes, beside its own.
    pub fn cancel(mut self, handle: &CancelHandle) -> Self {
        self.cancel.push(handle.clone());
        self
    }

    /// The runtime.
    pub fn build(self) -> Runtime {
        let threads = || std::thread::available_parallelism().map_or(1, usize::from);
        let memory_limit = self.memory_limit.unwrap_or_else(|| available_memory() / 4 * 3);
        Runtime {
            resources: Resources {
                threads: self.threads.unwrap_or_else(threads),
                memory_limit,
                spill_dir: self.spill_dir,
            },
            admission: Admission::new(memory_limit),
            observers: self.observers,
            cancel: std::iter::once(CancelHandle::new()).chain(self.cancel).collect(),
        }
    }
}

/// A limit below which even little work is planned, so that it is refused where it does not fit.
const SMALL_BYTES: usize = 4 << 20;

fn installed() -> &'static Mutex<Runtime> {
    static INSTALLED: OnceLock<Mutex<Runtime>> = OnceLock::new();
    INSTALLED.get_or_init(|| Mutex::new(Runtime::builder().build()))
}

impl Runtime {
    /// Settings to choose from.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// The runtime that [`Array::compute`](crate::Array::compute) uses: the one installed last, or the defaults.
    pub fn current() -> Self {
        installed().lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes this the runtime that [`Array::compute`](crate::Array::compute) uses, in every thread of the process.
    pub fn install(self) {
        *installed().lock().unwrap_or_else(PoisonError::into_inner) = self;
    }

    /// How many threads compute.
    pub fn threads(&self) -> usize {
        self.resources.threads
    }

    /// The most memory that a computation may take, in bytes.
    pub fn memory_limit_bytes(&self) -> usize {
        self.resources.memory_limit
    }

    /// The same with another memory limit.
    pub(crate) fn within(&self, memory_limit: usize) -> Self {
        Self { resources: Resources { memory_limit, ..self.resources.clone() }, ..self.clone() }
    }

    /// The runtime's own handle: it stops everything that this runtime and its clones compute.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.first().cloned().unwrap_or_default()
    }

    /// The same runtime, whose computations `handle` stops as well: a handle for each computation, say.
    pub fn with_cancel(&self, handle: &CancelHandle) -> Self {
        let mut runtime = self.clone();
        runtime.cancel.push(handle.clone());
        runtime
    }

    /// Plans some expressions for this runtime.
    pub(crate) fn plan_exprs(&self, roots: &[Expr]) -> Result<Plan> {
        Plan::new(roots, &self.resources)
    }

    /// Plans and computes some expressions.
    pub(crate) fn compute_exprs(&self, roots: &[Expr]) -> Result<Vec<Chunk>> {
        // Who listens is told of every run; otherwise little work is done without one.
        let may_be_little = self.observers.is_empty() && self.resources.memory_limit >= SMALL_BYTES;
        Cancellation::new(&self.cancel).check()?;
        if let ([root], true) = (roots, may_be_little)
            && let Some(result) = small::evaluate(root)
        {
            return result.map(|chunk| vec![chunk]).map_err(|cause| Error::Task {
                node: root.label(),
                chunk: vec![0; root.ndim()],
                cause: Box::new(cause),
            });
        }
        self.run(&self.plan_exprs(roots)?, None)
    }

    /// Plans and computes some expressions into sinks.
    pub(crate) fn store_exprs(&self, stored: &[(Expr, Arc<dyn ChunkSink>)]) -> Result<()> {
        let plan = Plan::with_sinks(&[], stored, &self.resources)?;
        self.run(&plan, None).map(|_| ())
    }

    /// Plans and computes some expressions, and measures it.
    pub(crate) fn analyze_exprs(&self, roots: &[Expr]) -> Result<Analysis> {
        let plan = self.plan_exprs(roots)?;
        let report = plan.report().clone();
        let measurement = Measurement::start();
        let results = self.run(&plan, Some(measurement.observer()))?;
        measurement.finish(report, results)
    }

    fn run(&self, plan: &Plan, also: Option<Arc<dyn Observer>>) -> Result<Vec<Chunk>> {
        let cancel = Cancellation::new(&self.cancel);
        let _permit = self.admission.enter(plan.peak_bytes(), &cancel)?;
        let observers: Vec<_> =
            self.observers.iter().cloned().chain(observe::registered()).chain(also).collect();
        Threads::new(self.resources.threads).run(plan, &observers, &cancel)
    }
}

/// Bytes of memory the process may use: the machine's, or its control group's where that is less.
fn available_memory() -> usize {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib * 1024)
    });
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok()?.trim().parse().ok())
        .min();
    let machine = machine.unwrap_or(4 << 30);
    group.map_or(machine, |group: usize| group.min(machine))
}
