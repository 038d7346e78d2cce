//! What several passes read: kept in memory as it was read, or read again, and why.

use graticule_array::{Array, ReadCost, Result, Runtime};

use crate::supply::{Reads, Supply};

/// 40 blocks of 20 by 50 integers, 160 kB in all.
fn supply() -> Supply {
    Supply::new(&[800, 50], &[20, 50])
        .integers()
        .read_cost(ReadCost::Decoded)
        .value(|position| (position * 7919 % 1013) as f64)
}

/// The mean of what is above the mean, in each column: two passes.
fn excess(x: &Array) -> Result<Array> {
    (x - x.mean(0)?)?.maximum(0.0)?.mean(0)
}

fn runtime(limit: &str) -> Runtime {
    Runtime::builder().threads(2).memory_limit(limit).unwrap().build()
}

/// How often each block is read.
fn times(reads: &Reads) -> Vec<usize> {
    let mut times: Vec<usize> = reads.take().into_values().collect();
    times.sort_unstable();
    times.dedup();
    times
}

#[test]
fn blocks_of_little_data_are_read_once_for_two_passes() -> Result<()> {
    let (x, reads) = supply().named("small").counted();
    let runtime = runtime("64MiB");
    let plan = runtime.plan(&[&excess(&x)?])?;
    insta::assert_snapshot!(plan.explain());
    let kept = runtime.compute(&excess(&x)?)?;
    assert_eq!(times(&reads), [1]);

    let (x, reads) = supply().read_cost(ReadCost::Free).counted();
    let again = runtime.compute(&excess(&x)?)?;
    assert_eq!(times(&reads), [2]);
    assert_eq!(kept, again);
    Ok(())
}

#[test]
fn data_that_are_much_beside_the_limit_are_read_again() -> Result<()> {
    let (x, reads) = supply().counted();
    let runtime = runtime("4MiB");
    let plan = runtime.plan(&[&excess(&x)?])?;
    assert!(
        plan.explain().contains("read 1 source again: 156 KiB is more than 1/32 of the limit"),
        "{}",
        plan.explain()
    );
    runtime.compute(&excess(&x)?)?;
    assert_eq!(times(&reads), [2]);
    Ok(())
}

#[test]
fn what_comes_over_a_network_may_take_more_room() -> Result<()> {
    let (x, reads) = supply().read_cost(ReadCost::Fetched).counted();
    let runtime = runtime("4MiB");
    let plan = runtime.plan(&[&excess(&x)?])?;
    assert!(plan.peak_bytes() <= 4 << 20);
    runtime.compute(&excess(&x)?)?;
    assert_eq!(times(&reads), [1]);
    Ok(())
}

#[test]
fn only_the_part_that_is_read_counts() -> Result<()> {
    let (x, reads) = supply().read_cost(ReadCost::Fetched).counted();
    let part = x.slice(graticule_array::s![..100, ..])?;
    let runtime = runtime("600KiB");
    let plan = runtime.plan(&[&excess(&part)?])?;
    assert!(plan.explain().contains("keep 1 source as read, 19.5 KiB"), "{}", plan.explain());
    runtime.compute(&excess(&part)?)?;
    assert_eq!(times(&reads), [1]);
    Ok(())
}

#[test]
fn nothing_is_kept_for_one_pass() -> Result<()> {
    let (x, _) = supply().counted();
    let plan = runtime("64MiB").plan(&[&x.mean(0)?, &x.std(0, 0)?])?;
    assert!(!plan.explain().contains("as read"), "{}", plan.explain());
    Ok(())
}

#[test]
fn a_plan_that_keeps_blocks_says_how_much_memory_that_takes() -> Result<()> {
    let peak = |cost| -> Result<usize> {
        let (x, _) = supply().read_cost(cost).counted();
        Ok(runtime("64MiB").plan(&[&excess(&x)?])?.peak_bytes())
    };
    assert_eq!(peak(ReadCost::Decoded)? - peak(ReadCost::Free)?, 800 * 50 * 4);
    Ok(())
}

#[test]
fn what_a_run_takes_is_what_its_plan_said() -> Result<()> {
    let (x, _) = supply().counted();
    let runtime = runtime("64MiB");
    let analysis = runtime.analyze(&[&excess(&x)?])?;
    let report = analysis.report();
    for (planned, measured) in report.plan.stages.iter().zip(&report.stages) {
        assert_eq!(planned.blocks(), measured.blocks_read as u64);
        assert_eq!(planned.decoded_bytes(), measured.bytes_read as u64);
    }
    assert_eq!(report.plan.times_read, Some(1.0));
    Ok(())
}
