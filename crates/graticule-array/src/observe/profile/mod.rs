//! A recording of what was computed, as a page that can be kept and sent.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::observe::event::Registration;
use crate::observe::process::{MemorySample, Sampler};
use crate::observe::record::{Recorder, RunRecord};

const PAGE: &str = include_str!("page.html");

/// What stands in the page for a text, and the text.
const PARTS: [(&str, &str); 6] = [
    ("/* theme.css */", include_str!("../page/theme.css")),
    ("/* page.css */", include_str!("page.css")),
    ("/* common.js */", include_str!("../page/common.js")),
    ("/* charts.js */", include_str!("../page/charts.js")),
    ("/* timeline.js */", include_str!("timeline.js")),
    ("/* page.js */", include_str!("page.js")),
];

/// What stands in the page for the recording.
const DATA: &str = "/* data */";

/// Where the memory of a short run is to be seen, it is looked at often; of long ones fewer samples are kept.
const EVERY: Duration = Duration::from_millis(5);

/// Records every computation of the process while this value lives.
///
/// ```
/// use graticule_array::{Array, Profile};
/// let folder = std::env::temp_dir().join(format!("graticule-profile-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let profile = Profile::start();
/// Array::random_uniform(0.0, 1.0, 7, (1_000, 1_000), (100, 1_000))?.mean(0)?.compute()?;
/// let recorded = profile.finish();
/// assert_eq!(recorded.runs[0].tasks.len(), 10);
/// recorded.save(folder.join("profile.html"))?; // open it in a browser, or send it
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug)]
pub struct Profile {
    origin: Instant,
    began: SystemTime,
    recorder: Arc<Recorder>,
    sampler: Sampler,
    _registration: Registration,
}

impl Profile {
    /// Records from now on.
    pub fn start() -> Self {
        let origin = Instant::now();
        let recorder = Arc::new(Recorder::new(origin));
        Self {
            origin,
            began: SystemTime::now(),
            sampler: Sampler::start(origin, EVERY),
            _registration: Registration::new(Arc::clone(&recorder) as Arc<_>),
            recorder,
        }
    }

    /// What was recorded until now.
    pub fn finish(self) -> ProfileReport {
        let began = self.began.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        ProfileReport {
            began: began.as_secs_f64(),
            seconds: self.origin.elapsed().as_secs_f64(),
            memory: self.sampler.samples(self.origin),
            runs: self.recorder.runs(),
            unwritten_runs: self.recorder.unwritten_runs(),
        }
    }
}

/// What was computed while a [`Profile`] recorded. Times of runs are seconds since it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileReport {
    /// When it began, in seconds since 1970.
    pub began: f64,
    /// How long it recorded, in seconds.
    pub seconds: f64,
    /// The memory of the process meanwhile.
    pub memory: Vec<MemorySample>,
    /// The computations, in the order in which they started.
    pub runs: Vec<RunRecord>,
    /// Computations after the first thousand, of which nothing was recorded.
    pub unwritten_runs: usize,
}

/// What a page is given.
#[derive(Serialize)]
struct Shown<'a> {
    recording: &'a ProfileReport,
    /// The text of the plan of each run.
    texts: Vec<String>,
}

impl ProfileReport {
    /// The recording as JSON.
    pub fn to_json(&self) -> String {
        // Writing numbers and texts as JSON cannot fail: no map has keys that are not texts.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The recording as a page that needs nothing else: the tasks of each thread over time, memory beside prediction
    /// and limit, where the time went, how fast data were read, and the plans.
    pub fn to_html(&self) -> String {
        let page = PARTS.iter().fold(PAGE.to_owned(), |page, (mark, text)| page.replacen(mark, text, 1));
        let texts = self.runs.iter().map(|run| run.plan.to_string()).collect();
        let shown = serde_json::to_string(&Shown { recording: self, texts }).unwrap_or_default();
        // No text of a plan may end the element that the recording stands in.
        page.replacen(DATA, &shown.replace('<', "\\u003c"), 1)
    }

    /// Writes the page into a file: all of it, or nothing where that fails.
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let refused = |error| Error::Write { path: path.display().to_string(), cause: Arc::new(error) };
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let written = std::fs::write(&partial, self.to_html()).and_then(|()| std::fs::rename(&partial, path));
        written.map_err(|error| {
            // What cannot be removed was not written either.
            let _ = std::fs::remove_file(&partial);
            refused(error)
        })
    }
}
