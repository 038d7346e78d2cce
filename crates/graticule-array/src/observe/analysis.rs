//! A run beside its plan: what was predicted, and what it took.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::bytes;
use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::observe::event::Observer;
use crate::observe::process::{MemorySample, Sampler};
use crate::observe::record::{Recorder, RunRecord, StageRecord};
use crate::plan::{PlanReport, StageReport};

/// Results and what computing them took. From [`crate::Runtime::analyze`] and [`crate::Array::explain_analyze`].
#[derive(Debug, Clone)]
pub struct Analysis {
    results: Vec<Chunk>,
    report: AnalyzeReport,
}

impl Analysis {
    /// The results, in the order asked for.
    pub fn results(&self) -> &[Chunk] {
        &self.results
    }

    /// The results, without the report.
    pub fn into_results(self) -> Vec<Chunk> {
        self.results
    }

    /// What was predicted beside what was measured: text by `Display`, data by serde.
    pub fn report(&self) -> &AnalyzeReport {
        &self.report
    }
}

/// What a run took, beside what its plan predicted.
///
/// `Display` gives it as text, one table a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalyzeReport {
    /// What was planned.
    pub plan: PlanReport,
    /// What the stages took, in the order of the plan.
    pub stages: Vec<StageMeasured>,
    /// Seconds from the start of the first stage to the end.
    pub seconds: f64,
    /// CPU seconds of the process meanwhile, where the system says.
    pub cpu_seconds: Option<f64>,
    /// The most by which the resident memory of the process was above what it was at the start, in bytes, where the
    /// system says. It was sampled every two milliseconds. Memory that earlier computations left to the allocator is
    /// used again without showing here, and whatever else the process did does show.
    pub peak_bytes: Option<usize>,
}

/// What one stage took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageMeasured {
    /// Tasks that ran.
    pub tasks: usize,
    /// Bytes that sources delivered, decoded.
    pub bytes_read: usize,
    /// Blocks that sources delivered.
    pub blocks_read: usize,
    /// Seconds from its start to its end.
    pub seconds: f64,
    /// CPU seconds of the process meanwhile, where the system says.
    pub cpu_seconds: Option<f64>,
    /// Seconds of all threads together that tasks waited for sources: reading and decoding.
    pub reading_seconds: f64,
    /// Seconds of the longest task.
    pub longest_task_seconds: f64,
    /// As [`AnalyzeReport::peak_bytes`], during this stage.
    pub peak_bytes: Option<usize>,
}

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(2);

/// Watches one run.
#[derive(Debug)]
pub(crate) struct Measurement {
    origin: Instant,
    recorder: Arc<Recorder>,
    sampler: Sampler,
}

impl Measurement {
    pub(crate) fn start() -> Self {
        let origin = Instant::now();
        Self { origin, recorder: Arc::new(Recorder::new(origin)), sampler: Sampler::start(origin, EVERY) }
    }

    /// Who has to be told what happens.
    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.recorder) as Arc<dyn Observer>
    }

    /// What the run took.
    pub(crate) fn finish(self, plan: PlanReport, results: Vec<Chunk>) -> Result<Analysis> {
        let samples = self.sampler.samples(self.origin);
        let runs = self.recorder.runs();
        let run = runs.first().ok_or_else(|| Error::defect("a run told nobody that it started"))?;
        Ok(Analysis { results, report: AnalyzeReport::new(plan, run, &samples) })
    }
}

impl AnalyzeReport {
    fn new(plan: PlanReport, run: &RunRecord, samples: &[MemorySample]) -> Self {
        let end = run.finished.unwrap_or(run.started);
        let peak = |from: f64, to: f64| {
            // Of a stage that is over before memory was looked at, the next sample tells.
            let until = samples.iter().find(|sample| sample.at >= to).map_or(to, |sample| sample.at);
            let within = samples.iter().filter(|sample| sample.at >= from && sample.at <= until);
            let most = within.map(|sample| sample.bytes).max()?;
            Some(most.saturating_sub(run.memory_before?))
        };
        let measured = |stage: &StageRecord| {
            let from = stage.started.unwrap_or(end);
            let to = stage.finished.unwrap_or(end);
            StageMeasured {
                tasks: stage.tasks,
                bytes_read: stage.bytes_read,
                blocks_read: stage.blocks_read,
                seconds: to - from,
                cpu_seconds: stage.cpu,
                reading_seconds: stage.reading,
                longest_task_seconds: stage.longest,
                peak_bytes: peak(from, to),
            }
        };
        let stages: Vec<StageMeasured> = run.stages.iter().map(measured).collect();
        Self {
            seconds: end - run.started,
            cpu_seconds: stages.iter().map(|stage| stage.cpu_seconds).sum(),
            peak_bytes: peak(run.started, end),
            plan,
            stages,
        }
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        // Writing numbers and texts as JSON cannot fail: no map has keys that are not texts.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// What is not known.
const UNKNOWN: &str = "-";

impl fmt::Display for AnalyzeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = self.stages.iter().map(|stage| stage.bytes_read).sum();
        let predicted: u64 = self.plan.stages.iter().map(StageReport::decoded_bytes).sum();
        let threads = self.plan.threads;
        writeln!(
            f,
            "{} on {threads} thread{} ({} of CPU time), read {} (predicted {}), memory {} (predicted at most {}, limit {})",
            seconds(self.seconds),
            if threads == 1 { "" } else { "s" },
            self.cpu_seconds.map_or(UNKNOWN.into(), seconds),
            bytes::format(read),
            size(predicted),
            self.peak_bytes.map_or(UNKNOWN.into(), bytes::format),
            bytes::format(self.plan.peak_bytes),
            bytes::format(self.plan.limit_bytes),
        )?;
        for (number, (planned, measured)) in self.plan.stages.iter().zip(&self.stages).enumerate() {
            writeln!(f, "stage {}: {}", number + 1, planned.name)?;
            table(f, planned, measured)?;
        }
        Ok(())
    }
}

fn table(f: &mut fmt::Formatter<'_>, planned: &StageReport, measured: &StageMeasured) -> fmt::Result {
    let rows: [(&str, String, String); 8] = [
        ("", "predicted".into(), "measured".into()),
        ("tasks", planned.tasks.to_string(), measured.tasks.to_string()),
        ("blocks read", planned.blocks().to_string(), measured.blocks_read.to_string()),
        ("bytes read", size(planned.decoded_bytes()), bytes::format(measured.bytes_read)),
        (
            "memory",
            bytes::format(planned.memory.total_bytes),
            measured.peak_bytes.map_or(UNKNOWN.into(), bytes::format),
        ),
        ("time", String::new(), seconds(measured.seconds)),
        ("CPU time", String::new(), measured.cpu_seconds.map_or(UNKNOWN.into(), seconds)),
        ("longest task", String::new(), seconds(measured.longest_task_seconds)),
    ];
    for (what, planned, measured) in &rows {
        writeln!(f, "  {what:<14} {planned:>10} {measured:>10}")?;
    }
    if measured.blocks_read > 0 {
        let reading = seconds(measured.reading_seconds);
        writeln!(f, "  {:<14} {:>10} {reading:>10}  of all threads together", "reading", "")?;
    }
    Ok(())
}

fn size(bytes: u64) -> String {
    bytes::format(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// Seconds as people write them: `830 µs`, `12.3 ms`, `4.56 s`, `2 min 05 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds {
        _ if seconds < 0.000_999_5 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 0.099_95 => format!("{:.1} ms", seconds * 1e3),
        _ if seconds < 0.999_5 => format!("{:.0} ms", seconds * 1e3),
        _ if seconds < 9.995 => format!("{seconds:.2} s"),
        _ if seconds < 99.95 => format!("{seconds:.1} s"),
        _ if seconds < 5999.5 => {
            let whole = seconds.round() as u64;
            format!("{} min {:02} s", whole / 60, whole % 60)
        }
        _ => {
            let minutes = (seconds / 60.0).round() as u64;
            format!("{} h {:02} min", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_a_fitting_unit() {
        let texts: Vec<String> =
            [0.0, 0.000_83, 0.012_34, 0.5, 4.561, 83.2, 125.0, 5999.6].into_iter().map(seconds).collect();
        assert_eq!(
            texts,
            ["0 µs", "830 µs", "12.3 ms", "500 ms", "4.56 s", "83.2 s", "2 min 05 s", "1 h 40 min"]
        );
    }
}
