//! The one error of the engine: what happened, what would have been possible, what to do.

use std::sync::Arc;

use crate::dtype::DType;

/// Everything that can go wrong when an array expression is built, planned or run.
///
/// The text of an error includes that of its cause, so `source()` gives nothing more.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that cannot be broadcast, joined or reinterpreted together.
    #[error("{operation}: shapes {left:?} and {right:?} do not fit together; {hint}")]
    Shape {
        /// The operation that was asked for.
        operation: String,
        /// The shape on the left, or the shape wanted.
        left: Vec<usize>,
        /// The shape on the right, or the shape given.
        right: Vec<usize>,
        /// What would have been accepted.
        hint: String,
    },
    /// An axis number the array does not have.
    #[error("axis {axis} does not exist: the array has {ndim} axes, so use {}", axis_range(*ndim))]
    Axis {
        /// The axis asked for.
        axis: isize,
        /// How many axes there are.
        ndim: usize,
    },
    /// An index outside an axis.
    #[error("index {index} is outside axis {axis} of length {len}; {}", index_range(*len))]
    Index {
        /// The index asked for.
        index: isize,
        /// The axis it was asked for on.
        axis: usize,
        /// The length of that axis.
        len: usize,
    },
    /// A chunk specification that does not describe the array.
    #[error("chunks do not fit: {problem}; {hint}")]
    Chunks {
        /// What does not fit.
        problem: String,
        /// What would have been accepted.
        hint: String,
    },
    /// An operation that is not defined for a dtype.
    #[error("{operation} is not defined for {dtype}; {hint}")]
    Dtype {
        /// The operation that was asked for.
        operation: String,
        /// The dtype it was asked for on.
        dtype: DType,
        /// What to do instead.
        hint: String,
    },
    /// An argument outside its domain.
    #[error("{argument} = {value} is not possible: {hint}")]
    Argument {
        /// The name of the argument.
        argument: &'static str,
        /// The value that was given.
        value: String,
        /// What would have been accepted.
        hint: String,
    },
    /// The plan cannot be run inside the memory limit. Nothing has been read.
    #[error(
        "the plan needs {} but the memory limit is {}; the largest part is {node} with {}. \
         Set memory_limit to at least {}, use smaller chunks, or compute fewer results at once",
        crate::bytes::format(*needed_bytes), crate::bytes::format(*limit_bytes),
        crate::bytes::format(*node_bytes), crate::bytes::format_exact(*needed_bytes)
    )]
    Memory {
        /// The node that needs most.
        node: String,
        /// What that node needs.
        node_bytes: usize,
        /// The smallest limit under which the plan runs.
        needed_bytes: usize,
        /// The limit that was set.
        limit_bytes: usize,
    },
    /// A task failed while the plan ran.
    #[error("{node} failed at chunk {chunk:?}: {cause}")]
    Task {
        /// The node of the expression that the task was computing.
        node: String,
        /// The chunk of that node.
        chunk: Vec<usize>,
        /// Why.
        cause: Box<Self>,
    },
    /// A source could not deliver a chunk.
    #[error("reading {what}: {cause}")]
    Read {
        /// The source, as it names itself.
        what: String,
        /// Why it could not be read.
        cause: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A picture or a report could not be written.
    #[error("cannot write {path}: {cause}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        cause: Arc<std::io::Error>,
    },
    /// An intermediate result could not be kept on disk.
    #[error("keeping {} in {folder}: {cause}. {}", spilled(*wanted_bytes), spill_hint(*wanted_bytes))]
    Spill {
        /// The folder for intermediate results.
        folder: String,
        /// How many bytes the result has; 0 where the folder is only tried.
        wanted_bytes: u64,
        /// Why.
        cause: Arc<std::io::Error>,
    },
    /// Code that was called while computing panicked.
    #[error("it panicked: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// Something inside that must not happen.
    #[error("{what}, which is a defect of graticule: please report it")]
    Defect {
        /// What was met.
        what: String,
    },
    /// The run was cancelled.
    #[error("the computation was cancelled before it finished")]
    Cancelled,
}

/// The result of building, planning or running an array expression.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the plan was refused because of the memory limit.
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Memory { .. })
    }

    /// Whether the run was stopped by its cancellation handle.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled => true,
            Self::Task { cause, .. } => cause.is_cancelled(),
            _ => false,
        }
    }

    pub(crate) fn defect(what: impl Into<String>) -> Self {
        Self::Defect { what: what.into() }
    }

    pub(crate) fn argument(
        argument: &'static str,
        value: impl std::fmt::Display,
        hint: impl Into<String>,
    ) -> Self {
        Self::Argument { argument, value: value.to_string(), hint: hint.into() }
    }
}

fn spilled(wanted_bytes: u64) -> String {
    match wanted_bytes {
        0 => "intermediate results".into(),
        bytes => {
            let bytes = crate::bytes::format(usize::try_from(bytes).unwrap_or(usize::MAX));
            format!("an intermediate result of {bytes}")
        }
    }
}

fn spill_hint(wanted_bytes: u64) -> &'static str {
    match wanted_bytes {
        0 => "Choose another folder with spill_dir",
        _ => {
            "Make room there, choose another folder with spill_dir, or raise memory_limit so that it is kept in memory"
        }
    }
}

fn axis_range(ndim: usize) -> String {
    match ndim {
        0 => "no axis".into(),
        n => format!("-{n} to {}", n - 1),
    }
}

fn index_range(len: usize) -> String {
    match len {
        0 => "the axis is empty".into(),
        n => format!("use -{n} to {}", n - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_would_have_been_possible() {
        let axis = Error::Axis { axis: 3, ndim: 2 };
        assert_eq!(axis.to_string(), "axis 3 does not exist: the array has 2 axes, so use -2 to 1");
        let index = Error::Index { index: 9, axis: 0, len: 4 };
        assert_eq!(index.to_string(), "index 9 is outside axis 0 of length 4; use -4 to 3");
    }

    #[test]
    fn cancellation_is_seen_through_the_task_that_met_it() {
        let error = Error::Task { node: "sum".into(), chunk: vec![0], cause: Box::new(Error::Cancelled) };
        assert!(error.is_cancelled());
    }
}
