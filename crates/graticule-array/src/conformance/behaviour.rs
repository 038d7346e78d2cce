//! The checks of the suite.

use std::sync::Arc;

use crate::array::Array;
use crate::chunk::Chunk;
use crate::conformance::Problem;
use crate::conformance::cases::{Case, cases, stored};
use crate::conformance::data::{PANIC, PANICS_AT, numbers, on_blocks};
use crate::conformance::witness::{Kept, Told, Witness};
use crate::error::{Error, Result};
use crate::exec::{CancelHandle, Cancellation, Executor, Threads};
use crate::expr::Expr;
use crate::grid::ChunkGrid;
use crate::observe::Observer;
use crate::plan::{Plan, Resources};
use crate::sink::ChunkSink;
use crate::source::digest;

type Checked<T = usize> = std::result::Result<T, Problem>;

type Dyn<'a> = &'a (dyn Executor + Sync);

/// What plans of the suite may use, where nothing else is said.
fn resources() -> Resources {
    Resources { threads: 4, memory_limit: 1 << 30, spill_dir: None }
}

fn exprs(arrays: &[Array]) -> Vec<Expr> {
    arrays.iter().map(|array| array.expr().clone()).collect()
}

fn plan_of(arrays: &[Array]) -> Result<Plan> {
    Plan::new(&exprs(arrays), &resources())
}

/// Runs a plan, told to a witness, under a handle.
fn run(executor: Dyn<'_>, plan: &Plan, witness: &Arc<Witness>, handle: &CancelHandle) -> Result<Vec<Chunk>> {
    executor.run(plan, &[Arc::clone(witness) as Arc<dyn Observer>], &Cancellation::new([handle]))
}

fn run_alone(executor: Dyn<'_>, plan: &Plan) -> Result<Vec<Chunk>> {
    executor.run(plan, &[], &Cancellation::default())
}

/// The first result that is not the same to the bit.
fn difference(got: &[Chunk], wanted: &[Chunk]) -> Option<String> {
    if got.len() != wanted.len() {
        return Some(format!("{} results came where {} were asked for", got.len(), wanted.len()));
    }
    let differs = |(got, wanted): &(&Chunk, &Chunk)| {
        got.dtype() != wanted.dtype() || got.shape() != wanted.shape() || digest(got) != digest(wanted)
    };
    let number = got.iter().zip(wanted).position(|pair| differs(&pair))?;
    Some(format!("result {number} has other bits, another shape or another dtype than on one thread"))
}

/// Runs a plan and compares its results with those of one thread.
fn compare(executor: Dyn<'_>, name: &str, plan: &Plan) -> Checked<()> {
    let failed = |error: Error| Problem::new(name, error.to_string());
    let wanted = run_alone(&Threads::new(1), plan).map_err(failed)?;
    let got = run_alone(executor, plan).map_err(failed)?;
    difference(&got, &wanted).map_or(Ok(()), |problem| Err(Problem::new(name, problem)))
}

pub(super) fn same_bits(executor: Dyn<'_>) -> Checked {
    let cases = cases()?;
    for (name, arrays) in &cases {
        compare(executor, name, &plan_of(arrays)?)?;
    }
    Ok(cases.len())
}

pub(super) fn sinks(executor: Dyn<'_>) -> Checked {
    let mut plans = 0;
    let beside = numbers("float64 120x90 17x23 stored")?.nanmax(0)?;
    for (name, array, chunks) in stored()? {
        let grid = chunks.resolve(array.shape(), array.dtype())?;
        // Alone, beside a result, and twice.
        for (results, times) in [(vec![], 1), (vec![beside.clone()], 1), (vec![array.clone()], 2)] {
            let (plan, kept) = into_sinks(&results, &array, &grid, times)?;
            let failed = |error: Error| Problem::new(name, error.to_string());
            let got = run_alone(executor, &plan).map_err(failed)?;
            let (plan, values) = into_sinks(&results, &array, &grid, times)?;
            let wanted = run_alone(&Threads::new(1), &plan)?;
            let mut problem = difference(&got, &wanted);
            for (kept, values) in kept.iter().zip(values) {
                let differs = || difference(&[kept.values()], &[values.values()]);
                problem = problem.or_else(|| kept.problem()).or_else(differs);
            }
            if let Some(problem) = problem {
                return Err(Problem::new(name, problem));
            }
            plans += 1;
        }
    }
    Ok(plans)
}

/// A plan of some results and of an array that goes to so many sinks, and the sinks.
fn into_sinks(
    results: &[Array],
    array: &Array,
    grid: &ChunkGrid,
    times: usize,
) -> Result<(Plan, Vec<Arc<Kept>>)> {
    let kept: Vec<Arc<Kept>> =
        (0..times).map(|_| Arc::new(Kept::new(array.dtype(), grid.clone(), false))).collect();
    let sink = |kept: &Arc<Kept>| Arc::clone(kept) as Arc<dyn ChunkSink>;
    let stored: Vec<_> = kept.iter().map(|kept| (array.expr().clone(), sink(kept))).collect();
    Ok((Plan::with_sinks(&exprs(results), &stored, &resources())?, kept))
}

pub(super) fn failing_sink(executor: Dyn<'_>) -> Checked {
    let array = numbers("float64 120x90 17x23 stored")?;
    let sink = Arc::new(Kept::new(array.dtype(), array.chunks().clone(), true));
    let plan = Plan::with_sinks(&[], &[(array.expr().clone(), sink)], &resources())?;
    let witness = Arc::new(Witness::default());
    match run(executor, &plan, &witness, &CancelHandle::default()) {
        Err(error) if matches!(root(&error), Error::Write { .. }) => {}
        other => return Err(Problem::new("a full sink", unexpected(&other, "what the sink said"))),
    }
    let problem = witness.problem(&plan, false);
    problem.map_or(Ok(1), |problem| Err(Problem::new("a full sink", problem)))
}

/// What was met, below the nodes and chunks in which it was.
fn root(error: &Error) -> &Error {
    match error {
        Error::Task { cause, .. } => root(cause),
        error => error,
    }
}

fn unexpected(got: &Result<Vec<Chunk>>, wanted: &str) -> String {
    match got {
        Ok(results) => format!("it gave {} results instead of {wanted}", results.len()),
        Err(error) => format!("it failed with `{error}` instead of {wanted}"),
    }
}

pub(super) fn failing_source(executor: Dyn<'_>) -> Checked {
    let broken = numbers("float64 400 10 broken13")?;
    let cases: [Case; 3] = [
        ("a map", vec![(&broken * 2.0)?]),
        ("a sum", vec![broken.sum(())?]),
        ("beside others", vec![numbers("float64 400 10 stored")?.nansum(())?, broken.max(())?]),
    ];
    for (name, arrays) in &cases {
        let plan = plan_of(arrays)?;
        let witness = Arc::new(Witness::default());
        let got = run(executor, &plan, &witness, &CancelHandle::default());
        let names = |wanted: &str, given: &str| wanted.split(", ").any(|one| one == given);
        let is_right = match &got {
            Err(Error::Task { node, chunk, cause }) => {
                let label = arrays.last().map(|array| array.expr().label()).unwrap_or_default();
                names(node, &label) && chunk == &[13] && matches!(root(cause), Error::Read { .. })
            }
            _ => false,
        };
        if !is_right {
            return Err(Problem::new(
                *name,
                unexpected(&got, "the failure of a source in chunk [13] of its node"),
            ));
        }
        if let Some(problem) = witness.problem(&plan, false) {
            return Err(Problem::new(*name, problem));
        }
        // What failed leaves nothing behind.
        compare(executor, "after a failure", &plan_of(&[numbers("float64 400 10 stored")?.nansum(())?])?)?;
    }
    Ok(2 * cases.len())
}

pub(super) fn panicking_function(executor: Dyn<'_>) -> Checked {
    let blocks = on_blocks("panics", &numbers("float64 400 10 stored")?)?;
    let plan = plan_of(&[blocks.sum(())?])?;
    let got = run_alone(executor, &plan);
    let is_right = match &got {
        Err(Error::Task { chunk, cause, .. }) => {
            let said = matches!(root(cause), Error::Panicked { message } if message.contains(PANIC));
            said && chunk == &[PANICS_AT]
        }
        _ => false,
    };
    if !is_right {
        return Err(Problem::new("a panic", unexpected(&got, "a panic in chunk [5]")));
    }
    compare(executor, "after a panic", &plan_of(&[numbers("float64 400 10 stored")?.nansum(())?])?)?;
    Ok(2)
}

pub(super) fn cancelling(executor: Dyn<'_>) -> Checked {
    let plan = plan_of(&[numbers("float64 4000 10 stored")?.nansum(())?])?;
    let handle = CancelHandle::default();
    handle.cancel();
    let got = run_alone_under(executor, &plan, &handle);
    if !got.as_ref().is_err_and(Error::is_cancelled) {
        return Err(Problem::new("before the run", unexpected(&got, "being cancelled")));
    }
    let handle = CancelHandle::default();
    let witness = Arc::new(Witness::cancelling_after(3, handle.clone()));
    let got = run(executor, &plan, &witness, &handle);
    if !got.as_ref().is_err_and(Error::is_cancelled) {
        return Err(Problem::new("after three tasks", unexpected(&got, "being cancelled")));
    }
    let started = witness.told().iter().filter(|told| matches!(told, Told::TaskStarted { .. })).count();
    let all: usize = plan.tasks().iter().sum();
    if started >= all {
        return Err(Problem::new("after three tasks", format!("all {all} tasks were started")));
    }
    if let Some(problem) = witness.problem(&plan, false) {
        return Err(Problem::new("after three tasks", problem));
    }
    compare(executor, "after being cancelled", &plan)?;
    Ok(3)
}

fn run_alone_under(executor: Dyn<'_>, plan: &Plan, handle: &CancelHandle) -> Result<Vec<Chunk>> {
    executor.run(plan, &[], &Cancellation::new([handle]))
}

pub(super) fn events(executor: Dyn<'_>) -> Checked {
    let cases = cases()?;
    for (name, arrays) in &cases {
        let plan = plan_of(arrays)?;
        let witnesses = [Arc::new(Witness::default()), Arc::new(Witness::default())];
        let observers: Vec<Arc<dyn Observer>> =
            witnesses.iter().map(|witness| Arc::clone(witness) as Arc<dyn Observer>).collect();
        executor.run(&plan, &observers, &Cancellation::default())?;
        for witness in &witnesses {
            if let Some(problem) = witness.problem(&plan, true) {
                return Err(Problem::new(*name, problem));
            }
        }
    }
    Ok(cases.len())
}

pub(super) fn little_memory(executor: Dyn<'_>) -> Checked {
    let x = on_blocks("half", &numbers("float64 600x500 60x500 stored")?)?;
    let columns = on_blocks("half", &x.rechunk((600, 50))?)?;
    let roots = exprs(&[columns.nansum(0)?, columns.nanmax(1)?]);
    let ample = Plan::new(&roots, &resources())?;
    let folder = tempfile::tempdir().map_err(|error| Problem::new("a folder", error.to_string()))?;
    let limits = Resources { threads: 4, memory_limit: ample.peak_bytes() * 2 / 3, spill_dir: None };
    let on_disk = Resources { spill_dir: Some(folder.path().into()), ..limits.clone() };
    let fewer = Resources { memory_limit: ample.peak_bytes() / 2, ..on_disk.clone() };
    let mut plans = 1;
    compare(executor, "ample memory", &ample)?;
    for (name, resources) in [("no disk", limits), ("on disk", on_disk), ("fewer threads", fewer)] {
        // What does not fit at all is the plan's business.
        let Ok(plan) = Plan::new(&roots, &resources) else { continue };
        compare(executor, name, &plan)?;
        plans += 1;
    }
    if plans < 3 {
        return Err(Problem::new("little memory", "no plan with a folder on disk could be made"));
    }
    Ok(plans)
}

/// How many threads run plans at once, and how often each runs all.
const AT_ONCE: usize = 4;
const ROUNDS: usize = 3;

pub(super) fn at_once(executor: Dyn<'_>) -> Checked {
    let cases = cases()?;
    let planned: Vec<(&str, Plan, Vec<Chunk>)> = cases
        .iter()
        .map(|(name, arrays)| {
            let plan = plan_of(arrays)?;
            let wanted = run_alone(&Threads::new(1), &plan)?;
            Ok((*name, plan, wanted))
        })
        .collect::<Result<_>>()?;
    let planned = &planned;
    let work = |start: usize| -> Checked<()> {
        for (name, plan, wanted) in planned.iter().cycle().skip(start).take(planned.len() * ROUNDS) {
            let got = run_alone(executor, plan).map_err(|error| Problem::new(*name, error.to_string()))?;
            if let Some(problem) = difference(&got, wanted) {
                return Err(Problem::new(*name, problem));
            }
        }
        Ok(())
    };
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|number| scope.spawn(move || work(7 * number))).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_panic| Err(Problem::new("any", "the executor panicked")))
        })
    })?;
    Ok(planned.len() * ROUNDS * AT_ONCE)
}
