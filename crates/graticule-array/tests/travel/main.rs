//! Expressions and plans travel as text: a fresh process computes the same bits, and a text that was damaged on the way
//! is an error.
//!
//! The test is a program of its own, since it runs itself again as the other process. It lists and runs its tests as
//! the usual harness does, as far as `cargo test` and `cargo nextest` ask.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod cases;
mod damage;
mod journey;
mod numbers;

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const TESTS: [(&str, fn()); 7] = [
    ("every_expression_gives_the_same_bits_in_a_fresh_process", journey::expressions),
    ("a_plan_is_the_very_same_in_a_fresh_process", journey::plans),
    ("all_kinds_of_nodes_and_statistics_travel", cases::are_complete),
    ("a_closure_is_refused_with_what_to_do", journey::closure),
    ("what_the_other_process_does_not_know_is_named", journey::unknown),
    ("what_no_method_makes_is_refused", damage::particular),
    ("a_damaged_text_is_an_error_or_another_expression", damage::never_panics),
];

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // Settings of output and threads do not matter here, nor do their values, which are no names of tests.
    for setting in ["--format", "--color", "--test-threads"] {
        while let Some(at) = arguments.iter().position(|argument| argument == setting) {
            arguments.drain(at..(at + 2).min(arguments.len()));
        }
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has(journey::CHILD) {
        return journey::answer();
    }
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|name| !name.starts_with("--")).collect();
    let is_chosen = |test: &str| {
        let matches = |name: &&str| if has("--exact") { test == *name } else { test.contains(name) };
        !has("--ignored") && (names.is_empty() || names.iter().any(matches))
    };
    let chosen = TESTS.iter().filter(|(name, _)| is_chosen(name));
    for (name, test) in chosen {
        if has("--list") {
            println!("{name}: test");
            continue;
        }
        test();
        println!("test {name} ... ok");
    }
}
