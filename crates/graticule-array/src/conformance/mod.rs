//! What every [`Executor`] has to do, as checks that an implementation runs in its own tests.
//!
//! ```
//! use graticule_array::{Threads, conformance};
//! let report = conformance::check(&Threads::new(2))?;
//! assert!(report.plans > 50);
//! # Ok::<(), conformance::Failure>(())
//! ```
//!
//! An executor that sends plans to other processes needs the sources and functions of the suite there: those of
//! [`registry`].

mod behaviour;
mod cases;
mod data;
mod witness;

use std::fmt;

use crate::error::Error;
use crate::exec::Executor;

pub use data::registry;

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The names of the checks, in the order they were made.
    pub checks: Vec<&'static str>,
    /// How many plans were run.
    pub plans: usize,
}

/// What an executor did wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The name of the check.
    pub check: &'static str,
    /// The plan that was run.
    pub case: String,
    /// What happened and what should have.
    pub problem: String,
}

/// `several results: mean and std: result 1 has other bits than on one thread`
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.check, self.case, self.problem)
    }
}

impl std::error::Error for Failure {}

/// A problem with a case, before it is known which check found it.
#[derive(Debug)]
struct Problem {
    case: String,
    problem: String,
}

impl Problem {
    fn new(case: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { case: case.into(), problem: problem.into() }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::new("preparing", error.to_string())
    }
}

/// Runs some plans, and says how many.
type Check = fn(&(dyn Executor + Sync)) -> Result<usize, Problem>;

const CHECKS: [(&str, Check); 9] = [
    ("the same bits as on one thread", behaviour::same_bits),
    ("sinks are given every region once", behaviour::sinks),
    ("a failing sink ends the run", behaviour::failing_sink),
    ("errors name the node and the chunk", behaviour::failing_source),
    ("a panic is an error", behaviour::panicking_function),
    ("cancelling", behaviour::cancelling),
    ("observers are told in order", behaviour::events),
    ("plans with little memory", behaviour::little_memory),
    ("several threads at once", behaviour::at_once),
];

/// Checks that an executor does what [`Executor`] promises. Takes some seconds.
///
/// # Errors
/// The first check that fails, and the plan that it failed for.
pub fn check(executor: &(dyn Executor + Sync)) -> Result<Report, Failure> {
    let mut report = Report { checks: Vec::new(), plans: 0 };
    for (name, run) in CHECKS {
        let plans =
            run(executor).map_err(|Problem { case, problem }| Failure { check: name, case, problem })?;
        report.checks.push(name);
        report.plans += plans;
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chunk::Chunk;
    use crate::error::Result;
    use crate::exec::{Cancellation, Threads};
    use crate::observe::Observer;
    use crate::plan::{Plan, StoredPlan};

    #[test]
    fn threads_pass_whatever_their_number() {
        for threads in [1, 2, 5] {
            let report =
                check(&Threads::new(threads)).unwrap_or_else(|failure| panic!("{threads}: {failure}"));
            assert_eq!(report.checks.len(), CHECKS.len());
        }
    }

    /// Runs what a plan says after it was written and read.
    struct ThroughText;

    impl Executor for ThroughText {
        fn run(
            &self,
            plan: &Plan,
            observers: &[Arc<dyn Observer>],
            cancel: &Cancellation,
        ) -> Result<Vec<Chunk>> {
            let text = serde_json::to_string(&StoredPlan::from(plan)).unwrap();
            let stored: StoredPlan = serde_json::from_str(&text).unwrap();
            let again = stored.open(&registry(), plan.sinks())?;
            assert_eq!(again.fingerprint(), plan.fingerprint());
            Threads::new(2).run(&again, observers, cancel)
        }
    }

    #[test]
    fn plans_that_travelled_as_text_pass() {
        check(&ThroughText).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Does one thing wrong.
    struct Wrong(Fault);

    #[derive(Debug, Clone, Copy)]
    enum Fault {
        Order,
        Rounding,
        Silence,
        Deafness,
        NamelessErrors,
        RunsTwice,
    }

    impl Executor for Wrong {
        fn run(
            &self,
            plan: &Plan,
            observers: &[Arc<dyn Observer>],
            cancel: &Cancellation,
        ) -> Result<Vec<Chunk>> {
            let threads = Threads::new(2);
            match self.0 {
                Fault::Order => {
                    threads.run(plan, observers, cancel).map(|results| results.into_iter().rev().collect())
                }
                Fault::Rounding => {
                    let mut results = threads.run(plan, observers, cancel)?;
                    for result in &mut results {
                        if let crate::chunk::Buffer::F64(values) = result.buffer_mut() {
                            values.iter_mut().for_each(|x| *x = x.next_up());
                        }
                    }
                    Ok(results)
                }
                Fault::Silence => threads.run(plan, &[], cancel),
                Fault::Deafness => threads.run(plan, observers, &Cancellation::default()),
                Fault::NamelessErrors => threads.run(plan, observers, cancel).map_err(|error| match error {
                    Error::Task { cause, .. } => *cause,
                    error => error,
                }),
                Fault::RunsTwice => {
                    threads.run(plan, &[], cancel)?;
                    threads.run(plan, observers, cancel)
                }
            }
        }
    }

    #[test]
    fn executors_that_do_one_thing_wrong_are_found_out() {
        for (fault, found_by) in [
            (Fault::Order, "the same bits as on one thread"),
            (Fault::Rounding, "the same bits as on one thread"),
            (Fault::Silence, "a failing sink ends the run"),
            (Fault::Deafness, "cancelling"),
            (Fault::NamelessErrors, "errors name the node and the chunk"),
            (Fault::RunsTwice, "sinks are given every region once"),
        ] {
            let failure = check(&Wrong(fault)).expect_err("it does one thing wrong");
            assert_eq!(failure.check, found_by, "{fault:?}: {failure}");
        }
    }
}
