//! A progress bar on the terminal.

use std::sync::{Arc, Mutex, PoisonError};

use crate::bytes;
use crate::observe::{Event, Observer, register, unregister};

/// A progress bar for every computation while this value lives. Quiet when the output is not a terminal.
///
/// ```
/// use graticule_array::{Array, ProgressBar};
/// let _bar = ProgressBar::start();
/// let mean = Array::random_uniform(0.0, 1.0, 7, (1_000, 1_000), (100, 1_000))?.mean(())?.compute()?;
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug)]
pub struct ProgressBar {
    observer: Arc<dyn Observer>,
}

impl ProgressBar {
    /// Shows a bar from now on, until the value is dropped.
    pub fn start() -> Self {
        let observer: Arc<dyn Observer> = Arc::new(Bar::default());
        register(Arc::clone(&observer));
        Self { observer }
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        unregister(&self.observer);
    }
}

#[derive(Debug, Default)]
struct Bar {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bar: Option<indicatif::ProgressBar>,
    bytes: usize,
}

impl Observer for Bar {
    fn on_event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::PlanStarted { tasks, .. } => {
                let bar = indicatif::ProgressBar::new(*tasks as u64);
                let style = "{bar:40} {percent:>3}% {msg} [{elapsed} elapsed, {eta} left]";
                if let Ok(style) = indicatif::ProgressStyle::with_template(style) {
                    bar.set_style(style);
                }
                *state = State { bar: Some(bar), bytes: 0 };
            }
            Event::StageStarted { .. } | Event::TaskStarted { .. } => {}
            Event::TaskFinished { bytes_read, .. } => {
                state.bytes += bytes_read;
                let bytes = state.bytes;
                if let Some(bar) = &state.bar {
                    if bytes > 0 {
                        bar.set_message(format!("read {}", bytes::format(bytes)));
                    }
                    bar.inc(1);
                }
            }
            Event::PlanFinished { succeeded } => match state.bar.take() {
                Some(bar) if *succeeded => bar.finish(),
                Some(bar) => bar.abandon(),
                None => {}
            },
        }
    }
}
