//! What several tests need: a source that does as it is told, somebody who listens, a process of one's own.

use std::fmt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use graticule_array::{Array, Chunk, ChunkGrid, ChunkSource, DType, Event, Observer, Result, SourceSpec};

/// What is done when a block is read.
pub(crate) type OnRead = dyn Fn(usize) -> Result<()> + Send + Sync;

/// Zeros, and something that happens when a block of them is read.
struct Scripted {
    name: String,
    grid: ChunkGrid,
    on_read: Box<OnRead>,
}

/// A vector of float64 zeros in blocks of 100, with something that happens at each.
pub(crate) fn scripted(
    name: &str,
    blocks: usize,
    on_read: impl Fn(usize) -> Result<()> + Send + Sync + 'static,
) -> Array {
    let grid = ChunkGrid::regular(&[blocks * 100], &[100]);
    Array::from_source(Arc::new(Scripted { name: name.into(), grid, on_read: Box::new(on_read) })).unwrap()
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl ChunkSource for Scripted {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "scripted".into(), config: self.name.clone() }
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn dtype(&self) -> DType {
        DType::F64
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        (self.on_read)(index[0])?;
        out.reset(DType::F64, &[100]);
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        Some(self.grid.count() as u64 * 400)
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

/// Keeps all events.
#[derive(Debug, Default)]
pub(crate) struct Events(std::sync::Mutex<Vec<Event>>);

impl Events {
    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Events {
    fn on_event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Starts a test of this binary, one that is ignored otherwise, in a process of its own.
pub(crate) fn start(test: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
