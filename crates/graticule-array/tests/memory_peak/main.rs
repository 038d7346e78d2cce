//! What runs stays below the bound that its plan states, and below the limit that is set: for every family of operations
//! over ten times as many bytes as it may use, both in small chunks and in those that files have. A binary of its own with one test, since it counts every allocation of the
//! process. `--nocapture` shows a line for each case.

mod limited;
mod measure;
mod small;
mod supply;
mod unlimited;

use graticule_array::{Result, Runtime};
use measure::Limits;

/// What a process may hold beside what it allocates: its code, stacks, and what the allocator keeps of what was freed.
const RESIDENT_BEYOND_PEAK: usize = 128 << 20;

#[test]
fn what_runs_stays_below_its_bound() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    println!("{}", measure::HEADER);
    for case in limited::cases()? {
        let limits = Limits::of(case.limit, Some(folder.path()));
        wrong.extend(measure::check(&case, &limits));
    }
    println!("one thread, in chunks that were not made for the limit:");
    for case in small::cases()? {
        let alone = Limits { threads: 1, memory: small::LIMIT, folder: Some(folder.path().into()) };
        wrong.extend(measure::check(&case, &alone));
        let two = Limits { threads: 2, memory: 2 * small::LIMIT, ..alone };
        // What fits on one thread is not computed in pieces so that two can.
        let fewest = if small::ALONE.contains(&case.name) { 1 } else { 2 };
        wrong.extend(measure::check_threads(&case, &two, fewest));
    }
    let roomy = Limits { threads: 2, memory: Runtime::builder().build().memory_limit_bytes(), folder: None };
    for case in unlimited::cases()? {
        wrong.extend(measure::check(&case, &roomy));
    }
    if let Some(resident) = measure::most_resident() {
        let allocated = measure::most_allocated();
        println!("resident at most {resident} bytes, allocated at most {allocated}");
        if resident > allocated + RESIDENT_BEYOND_PEAK {
            wrong.push(format!("{resident} bytes were resident, {allocated} allocated"));
        }
    }
    assert!(wrong.is_empty(), "{} of these are not as planned:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
