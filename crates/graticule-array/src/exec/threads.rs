//! threads
use std::sync::Arc;
use crate::chunk::Chunk;
use crate::error::Result;
use crate::exec::{CancelHandle, Executor};
use crate::observe::Observer;
use crate::plan::Plan;
/// t
#[derive(Debug)]
pub struct Threads { threads: usize }
impl Threads { /// n
    pub fn new(threads: usize) -> Self { Self { threads } } }
impl Executor for Threads {
    fn run(&self, _plan: &Plan, _o: &[Arc<dyn Observer>], cancel: &CancelHandle) -> Result<Vec<Chunk>> {
        cancel.check()?; let _ = self.threads; Ok(vec![])
    }
}
