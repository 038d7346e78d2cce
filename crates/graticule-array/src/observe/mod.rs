//! What happens during a run, as events. The progress bar, reports, pages and tests all listen to the same ones.

mod analysis;
mod dashboard;
mod event;
mod process;
mod profile;
mod progress;
mod record;
#[cfg(feature = "tracing")]
mod trace;

pub(crate) use analysis::Measurement;
pub use analysis::{Analysis, AnalyzeReport, StageMeasured};
pub use dashboard::Dashboard;
pub(crate) use event::registered;
pub use event::{Event, Observer, Outcome, RunId};
pub use process::MemorySample;
pub use profile::{Profile, ProfileReport};
pub use progress::ProgressBar;
pub use record::{RunRecord, StageRecord, TaskRecord};
