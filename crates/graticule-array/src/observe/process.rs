//! What the process takes: memory and CPU time, as the kernel counts them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::observe::event::spawn;

/// What the process took at one moment. On systems without `/proc` nobody says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// Resident memory, in bytes.
    pub(crate) memory: usize,
    /// CPU time of all threads since the process began, in seconds.
    pub(crate) cpu: f64,
}

/// What the process takes now, where the system says.
pub(crate) fn usage() -> Option<Usage> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    parse_stat(&text, auxiliary(AT_PAGESZ).unwrap_or(4096), auxiliary(AT_CLKTCK).unwrap_or(100))
}

/// Keys of the auxiliary vector: <https://man7.org/linux/man-pages/man3/getauxval.3.html>.
const AT_PAGESZ: usize = 6;
const AT_CLKTCK: usize = 17;

/// A value that the kernel gave the process at its start.
fn auxiliary(key: usize) -> Option<usize> {
    use std::sync::OnceLock;
    static VECTOR: OnceLock<Vec<usize>> = OnceLock::new();
    let vector = VECTOR.get_or_init(|| {
        let bytes = std::fs::read("/proc/self/auxv").unwrap_or_default();
        let words = bytes.chunks_exact(size_of::<usize>());
        words.filter_map(|word| word.try_into().ok()).map(usize::from_ne_bytes).collect()
    });
    vector.chunks_exact(2).find(|pair| pair.first() == Some(&key)).and_then(|pair| pair.get(1)).copied()
}

/// Reads `/proc/self/stat`: <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>. The name of the program
/// may contain anything, so fields are counted from the parenthesis that closes it.
fn parse_stat(text: &str, page: usize, ticks: usize) -> Option<Usage> {
    let (_, rest) = text.rsplit_once(')')?;
    let field = |number: usize| rest.split_whitespace().nth(number - 3)?.parse::<u64>().ok();
    let (user, system, pages) = (field(14)?, field(15)?, field(24)?);
    let memory = usize::try_from(pages).ok()?.checked_mul(page)?;
    Some(Usage { memory, cpu: (user + system) as f64 / ticks.max(1) as f64 })
}

/// The memory of the process at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MemorySample {
    /// Seconds since sampling began.
    pub at: f64,
    /// Resident memory of the process, in bytes.
    pub bytes: usize,
}

/// Samples that are kept. Where there are more, every second one is forgotten.
const SAMPLES: usize = 4096;

/// Looks at the memory of the process again and again, in a thread of its own, until it is dropped.
#[derive(Debug)]
pub(crate) struct Sampler {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    stopped: Condvar,
}

#[derive(Debug)]
struct State {
    stop: bool,
    samples: Vec<MemorySample>,
    every: Duration,
}

impl Sampler {
    /// Samples every so often; times are counted from `origin`. Without `/proc` there are no samples.
    pub(crate) fn start(origin: Instant, every: Duration) -> Self {
        let state = State { stop: false, samples: Vec::new(), every };
        let shared = Arc::new(Shared { state: Mutex::new(state), stopped: Condvar::new() });
        let sample = {
            let shared = Arc::clone(&shared);
            move || {
                let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
                while !state.stop {
                    let Some(usage) = usage() else { return };
                    state.take(MemorySample { at: origin.elapsed().as_secs_f64(), bytes: usage.memory });
                    let every = state.every;
                    state =
                        shared.stopped.wait_timeout(state, every).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        };
        // Without a thread there are no samples, as without /proc.
        Self { shared, thread: spawn("sampler", sample).ok() }
    }

    /// The samples until now, and one of this moment.
    pub(crate) fn samples(&self, origin: Instant) -> Vec<MemorySample> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(usage) = usage() {
            state.take(MemorySample { at: origin.elapsed().as_secs_f64(), bytes: usage.memory });
        }
        state.samples.clone()
    }
}

impl State {
    fn take(&mut self, sample: MemorySample) {
        if self.samples.len() >= SAMPLES {
            // The larger of two neighbours stays, so that no peak is forgotten.
            let pairs = self.samples.chunks(2);
            let kept = pairs.filter_map(|pair| pair.iter().copied().max_by_key(|sample| sample.bytes));
            self.samples = kept.collect();
            self.every *= 2;
        }
        self.samples.push(sample);
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.shared.stopped.notify_all();
        if let Some(thread) = self.thread.take() {
            // A sampler that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_does_not_shift_the_fields() {
        let text = "7 (a) b ) R 1 1 1 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 2 0 99 1000000 300 18446744073709551615";
        let usage = parse_stat(text, 4096, 100).unwrap();
        assert_eq!((usage.memory, usage.cpu), (300 * 4096, 2.0));
        assert_eq!(parse_stat("7 (a) R 1", 4096, 100), None);
        assert_eq!(parse_stat("", 4096, 100), None);
    }

    #[test]
    fn samples_are_thinned_but_their_peak_stays() {
        let mut state = State { stop: false, samples: Vec::new(), every: Duration::from_millis(1) };
        for i in 0..20_000 {
            state.take(MemorySample {
                at: f64::from(i),
                bytes: if i == 777 { 5000 } else { i as usize % 1000 },
            });
        }
        assert!(state.samples.len() <= SAMPLES && state.every > Duration::from_millis(1));
        assert!(state.samples.iter().any(|sample| sample.bytes == 5000));
        assert!(state.samples.is_sorted_by(|a, b| a.at < b.at));
    }
}
