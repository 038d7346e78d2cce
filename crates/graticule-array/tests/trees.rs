//! Random expressions over all kinds of nodes, against a naive interpreter: what is optimized, planned and computed in
//! parallel is what the nodes say, one after another. `GRATICULE_TREES` says how many expressions are tried.

#![expect(clippy::panic, reason = "a test stops at the first surprise")]

mod blocks;
mod deviations;
mod grow;
mod lines;
mod methods;
mod naive;
mod statistic;
mod value;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use graticule_array::{Array, Chunk, Error, Result, Runtime, optimize};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use grow::{Grown, Move, grow, moves};
use naive::{evaluate, noted, vals};
use value::Val;

/// How many expressions are tried, by both tests together.
fn trees() -> u32 {
    std::env::var("GRATICULE_TREES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

fn runtimes() -> &'static [Runtime; 2] {
    static RUNTIMES: OnceLock<[Runtime; 2]> = OnceLock::new();
    RUNTIMES.get_or_init(|| THREADS.map(|threads| Runtime::builder().threads(threads).build()))
}

const THREADS: [usize; 2] = [1, 3];

/// The smallest limit under which a single thread computes something: what an error says is enough.
fn least_memory(results: &[&Array]) -> Result<usize> {
    match little(1, 1)?.plan(results) {
        Err(Error::Memory { needed_bytes, .. }) => Ok(needed_bytes),
        planned => planned.map(|plan| plan.peak_bytes()),
    }
}

/// A runtime with a limit, that keeps on disk what does not fit into it.
fn little(threads: usize, bytes: usize) -> Result<Runtime> {
    let builder = Runtime::builder().threads(threads).spill_dir(std::env::temp_dir())?;
    Ok(builder.memory_limit(&bytes.to_string())?.build())
}

/// The first place where values are not what they can be.
fn difference<'a>(wanted: impl IntoIterator<Item = &'a Val>, got: &[Val]) -> Option<String> {
    let wrong = wanted.into_iter().zip(got).enumerate().find(|(_, (wanted, got))| !wanted.allows(**got));
    wrong.map(|(i, (wanted, got))| format!("element {i} is {got:?} instead of {wanted:?}"))
}

fn check(moves: &[Move]) -> Result<(), TestCaseError> {
    let Grown { pool, notes } = grow(moves);
    let Some(last) = pool.last() else { return Ok(()) };
    // What is computed together shares work, so an array on the way is asked for too.
    let results = [last, &pool[pool.len() / 2]];
    let mut known = noted(&notes);
    // Every third in as little memory as there can be, with what does not fit into it on disk.
    let is_little = moves.len().is_multiple_of(3);
    let runtimes = match least_memory(&results) {
        Ok(bytes) if is_little => THREADS.map(|threads| little(threads, bytes).unwrap()),
        _ => runtimes().clone(),
    };
    let computed = runtimes.each_ref().map(|runtime| runtime.compute_all(&results));
    let told = || results.map(Array::tree).join("and\n");
    for (number, array) in results.iter().enumerate() {
        let wanted = evaluate(array.expr(), &mut known);
        let optimized = optimize(array.expr()).unwrap();
        prop_assert_eq!((optimized.dtype(), optimized.grid()), (array.dtype(), array.chunks()));
        let rewritten: Vec<Val> = evaluate(&optimized, &mut known).iter().copied().collect();
        if let Some(what) = difference(wanted.iter(), &rewritten) {
            let after = Array::from_expr(optimized).tree();
            prop_assert!(false, "optimized, {}\n{}\nwas\n{}", what, after, array.tree());
        }
        let mut chunks: Vec<&Chunk> = Vec::new();
        for computed in &computed {
            match computed {
                Ok(computed) => chunks.push(&computed[number]),
                Err(error) => prop_assert!(false, "{}\n{}", error, told()),
            }
        }
        for chunk in &chunks {
            prop_assert_eq!((chunk.dtype(), chunk.shape()), (array.dtype(), array.shape()));
            if let Some(what) = difference(wanted.iter(), &vals(chunk)) {
                prop_assert!(false, "result {}: {}\n{}", number, what, told());
            }
        }
        let bits = |chunk: &Chunk| chunk.to_f64().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert!(bits(chunks[0]) == bits(chunks[1]), "threads change bits\n{}", told());
    }
    Ok(())
}

fn run(cases: u32, most: usize) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(&moves(most), |moves| check(&moves)) {
        panic!("{error}");
    }
}

#[test]
fn small_trees_are_computed_as_their_nodes_say() {
    run(trees() / 2, 8);
}

#[test]
fn larger_trees_are_computed_as_their_nodes_say() {
    run(trees() - trees() / 2, 20);
}

#[test]
fn trees_hold_every_kind_of_node_and_values_that_are_known() {
    let mut runner = TestRunner::deterministic();
    let (mut kinds, mut known, mut unknown) = (BTreeSet::new(), 0usize, 0usize);
    for _ in 0..1_000 {
        let Grown { pool, notes } = grow(&moves(20).new_tree(&mut runner).unwrap().current());
        let mut values = noted(&notes);
        for array in &pool {
            let kind = format!("{:?}", array.expr().op());
            let end = kind.find(|c: char| !c.is_alphanumeric()).unwrap_or(kind.len());
            kinds.insert(kind[..end].to_owned());
            for value in evaluate(array.expr(), &mut values).iter() {
                *if *value == Val::Unknown { &mut unknown } else { &mut known } += 1;
            }
        }
    }
    let all = [
        "Blockwise",
        "Full",
        "Group",
        "Join",
        "Map",
        "Random",
        "Range",
        "Rechunk",
        "Reduce",
        "Reshape",
        "Select",
        "Source",
    ];
    assert!(kinds.iter().map(String::as_str).eq(all), "{kinds:?}");
    assert!(unknown * 5 < known, "{unknown} values of {} are not known", known + unknown);
}
