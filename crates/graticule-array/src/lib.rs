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
pub use blockwise::{BlockFn, BlockInfo, Blockwise, Custom};
pub use chunk::{Buffer, Chunk, Element};
pub use dtype::{DType, NAT, TimeUnit};
pub use error::{Error, Result};
pub use exec::{CancelHandle, Executor, Threads};
pub use expr::{AxisSelect, Distribution, Expr, Formula, Node, NodeId, Op, Reshape, Step, to_dot, to_svg};
pub use expr::{OpenSource, Registry, StoredExpr};
pub use function::{Binary, Casting, Members, Side, Table, Unary};
pub use grid::{AUTO_CHUNK_BYTES, AxisChunks, ChunkGrid, Chunks, IntoShape};
pub use ndarray::s;
pub use observe::{Event, Observer, ProgressBar};
pub use ops::{Argument, Axes, Bins, Block, Histogram, Indexing, PadMode, Sides, Spacing, blockwise};
pub use optimize::{Rule, optimize};
pub use plan::{Plan, Resources, StoredPlan};
pub use runtime::{Runtime, RuntimeBuilder};
pub use scalar::{Float, Scalar};
pub use sink::ChunkSink;
pub use source::{ChunkSource, SourceRef, SourceSpec};
