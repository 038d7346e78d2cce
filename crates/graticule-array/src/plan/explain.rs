//! The plan as text.

use std::fmt;

use crate::bytes;
use crate::grid::ChunkGrid;
use crate::plan::report::{FusedReport, JobReport, MemoryReport, PlanReport, ReadReport, StageReport};

/// The text of [`crate::Array::explain`].
impl fmt::Display for PlanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, {}, at most {} of memory (limit {}) on {}",
            counted(self.stages.len(), "stage"),
            times_read(self.times_read),
            bytes::format(self.peak_bytes),
            bytes::format(self.limit_bytes),
            counted(self.threads, "thread"),
        )?;
        self.stages.iter().enumerate().try_for_each(|(number, stage)| explain_stage(f, number, stage))
    }
}

fn explain_stage(f: &mut fmt::Formatter<'_>, number: usize, stage: &StageReport) -> fmt::Result {
    writeln!(
        f,
        "stage {}: {} in {} of {}, {}",
        number + 1,
        ChunkGrid::single(&stage.shape),
        counted(stage.chunks, "chunk"),
        stage.chunk_shape,
        counted(stage.tasks, "task"),
    )?;
    for line in &stage.strategy {
        writeln!(f, "  how    {line}")?;
    }
    for read in &stage.reads {
        writeln!(f, "  read   {read}")?;
    }
    for JobReport { fused, into, shape, dtype } in &stage.jobs {
        let parts: Vec<String> = fused.iter().map(ToString::to_string).collect();
        writeln!(f, "  fuse   {}", parts.join(" -> "))?;
        writeln!(f, "  into   {into} -> {} {dtype}", ChunkGrid::single(shape))?;
    }
    writeln!(f, "  memory {}", stage.memory)
}

impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sources, decoded) = (counted(self.sources, "source"), size(self.decoded_bytes));
        write!(f, "{}: {sources}, ", self.driver)?;
        if self.found_bytes > 0 {
            write!(f, "{} found in memory", size(self.found_bytes))?;
            if self.decoded_bytes == 0 {
                return Ok(());
            }
            write!(f, ", ")?;
        }
        write!(f, "{decoded}")?;
        if let Some(stored) = self.stored_bytes {
            write!(f, " from {} stored", size(stored))?;
        }
        let times = self.decoded_bytes as f64 / self.once_bytes.max(1) as f64;
        if times >= 1.05 { write!(f, ", every block {times:.1} times") } else { Ok(()) }
    }
}

/// In brackets is what earlier stages computed.
impl fmt::Display for FusedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.earlier { write!(f, "[{}]", self.label) } else { f.write_str(&self.label) }
    }
}

impl fmt::Display for MemoryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} x {} blocks and tiles + {} x {} states + {} merging + {} results = {}",
            self.running,
            bytes::format(self.thread_bytes),
            self.window,
            bytes::format(self.task_bytes),
            bytes::format(self.merged_bytes),
            bytes::format(self.results_bytes),
            bytes::format(self.total_bytes),
        )
    }
}

fn times_read(times: Option<f64>) -> String {
    match times {
        None => "reads nothing".into(),
        Some(times) if times < 1.05 => "reads its data once".into(),
        Some(times) if (times - times.round()).abs() < 0.05 => format!("reads its data {times:.0} times"),
        Some(times) => format!("reads its data {times:.1} times"),
    }
}

fn size(bytes: u64) -> String {
    bytes::format(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// `1 stage`, `2 stages`.
fn counted(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}
