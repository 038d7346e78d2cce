//! Lazy chunked n-dimensional arrays, computed in parallel inside a memory limit.
//!
//! ```text
//! Array ──► Expr ──optimize──► Expr ──Plan::new──► Plan ──Executor::run──► Chunk
//!           one node an        rewritten           stages of               in memory
//!           operation          by rules            fused scans
//! ```
//!
//! [`Array`] is a handle on an expression. [`Array::explain`] shows the plan, [`Array::compute`] runs it.
//!
//! ```
//! use graticule_array::{Array, s};
//! let x = Array::random_normal(0.0, 1.0, 42, (2_000, 400), (100, 100))?;
//! let y = (&x * x.slice(s![..;-1, ..;-1])?)?.mean(())?;
//! assert!(y.compute()?.item::<f64>()?.abs() < 0.01);
//! # Ok::<(), graticule_array::Error>(())
//! ```

mod aggregation;
mod array;
mod blockwise;
pub mod bytes;
mod chunk;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod dtype;
mod error;
mod exec;
mod expr;
mod function;
mod grid;
mod kernel;
mod observe;
mod ops;
mod optimize;
mod plan;
mod random;
mod runtime;
mod scalar;
mod sink;
mod source;

pub use aggregation::{Aggregation, Statistic};
pub use array::{Array, compute_all, persist_all, store_all};
pub use blockwise::{AxisGroups, GroupPass, GroupScan};
pub use blockwise::{BlockFn, BlockInfo, Blockwise, Custom};
pub use blockwise::{
    Boundary, Coarsen, Contract, Diagonal, Fourier, FourierNorm, FourierTransform, Halo, Overlap, Qr,
    Sliding, SmallMatrix, Trim, Window, WindowStatistic, Windows,
};
pub use blockwise::{
    Cumulative, Exponential, ExponentialStatistic, Pass, Quantile, RadixCount, RadixFinish, RadixPick, Scan,
    SearchSorted, Sort, TopK,
};
pub use chunk::{Buffer, Chunk, Element};
pub use dtype::{DType, NAT, TimeUnit};
pub use error::{Error, Result};
pub use exec::{CancelHandle, Cancellation, Executor, Threads};
pub use expr::{AxisSelect, Distribution, Expr, Formula, Node, NodeId, Op, Reshape, Step, to_dot, to_svg};
pub use expr::{OpenSource, Registry, StoredExpr};
pub use function::{Binary, Casting, Members, Side, Table, Unary};
pub use grid::{AUTO_CHUNK_BYTES, AxisChunks, ChunkGrid, Chunks, IntoShape};
pub use kernel::quantile::QuantileMethod;
pub use ndarray::s;
pub use observe::{
    Analysis, AnalyzeReport, Dashboard, Event, MemorySample, Observer, Outcome, Profile, ProfileReport,
    ProgressBar, RunId, RunRecord, StageMeasured, StageRecord, TaskRecord,
};
pub use ops::{
    Argument, Axes, Bins, Block, Coarsening, ContractAxes, Decay, Depth, Excess, Histogram, Indexing,
    PadMode, Points, Rolling, RollingAxes, RollingExp, Sides, Spacing, Unique, Vindex, WindowSide, blockwise,
    einsum,
};
pub use optimize::{Rule, optimize};
pub use plan::{
    FusedReport, GraphNode, JobReport, MemoryReport, NodeKind, Plan, PlanGraph, PlanReport, ReadReport,
    Resources, StageReport, StoredPlan,
};
pub use runtime::{Runtime, RuntimeBuilder};
pub use scalar::{Float, Scalar};
pub use sink::ChunkSink;
pub use source::{ChunkSource, ReadCost, SourceRef, SourceSpec};
