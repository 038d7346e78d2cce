//! What a plan says about itself.

use graticule_array::{Array, Result, Runtime, optimize, s};

fn plan(arrays: &[&Array]) -> String {
    let runtime = Runtime::builder().threads(2).memory_limit("4GiB").unwrap().build();
    runtime.plan(arrays).unwrap().explain()
}

fn optimized(array: &Array) -> String {
    Array::from_expr(optimize(array.expr()).unwrap()).tree()
}

#[test]
fn the_tree_of_an_expression() -> Result<()> {
    let big = Array::ones((200_000, 4_000), (1_000, 1_000))?;
    let mean = (&big * big.slice(s![..;-1, ..;-1])?)?.mean(())?;
    insta::assert_snapshot!(mean.tree());
    Ok(())
}

#[test]
fn an_anomaly_is_two_passes_and_shares_the_second() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 1, (365, 720, 1440), (1, 720, 1440))?;
    let anomaly = (&x - x.nanmean(0)?)?;
    let variance = anomaly.pow(2)?.nanmean([0, 2])?;
    let series = anomaly.nanmean([1, 2])?;
    insta::assert_snapshot!(plan(&[&variance, &series]));
    Ok(())
}

#[test]
fn maps_become_one() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 1, (100, 100), (10, 100))?;
    let y = ((&x * 2.0)? + 1)?.cos()?.pow(2)?;
    insta::assert_snapshot!(optimized(&y));
    Ok(())
}

#[test]
fn a_selection_moves_to_the_sources() -> Result<()> {
    let a = Array::random_uniform(0.0, 1.0, 1, (100, 100), (10, 100))?;
    let b = Array::random_uniform(0.0, 1.0, 2, (50, 100), (10, 100))?;
    let joined = (Array::concatenate(&[a, b], 0)? + 1.0)?.mean(1)?;
    insta::assert_snapshot!(optimized(&joined.slice(s![20..40])?));
    Ok(())
}

#[test]
fn a_smaller_map_is_computed_once_before_it_is_stretched() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 1, (100, 200), (10, 200))?;
    let weight = Array::linspace(-1.0, 1.0, 200)?.cos()?;
    insta::assert_snapshot!(plan(&[&(&x * (&weight / weight.mean(())?)?)?.mean(())?]));
    Ok(())
}

#[test]
fn an_expression_is_built_in_microseconds() -> Result<()> {
    let start = std::time::Instant::now();
    for _ in 0..100 {
        Array::ones((200_000, 4_000), (1_000, 1_000))?;
    }
    // Generous for a debug build on a busy machine: a graph with a node a chunk would take far longer.
    assert!(start.elapsed().as_micros() / 100 < 1_000, "{:?}", start.elapsed() / 100);
    Ok(())
}

#[test]
fn drawings_are_written_without_another_program() -> Result<()> {
    let big = Array::ones((2_000, 400), (100, 100))?;
    let mean = (&big * big.slice(s![..;-1, ..;-1])?)?.mean(())?;
    let folder = std::env::temp_dir().join(format!("graticule-draw-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    mean.visualize(folder.join("graph.svg"))?;
    mean.visualize(folder.join("graph.dot"))?;
    let svg = std::fs::read_to_string(folder.join("graph.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("select [::-1, ::-1]"));
    let dot = std::fs::read_to_string(folder.join("graph.dot")).unwrap();
    assert_eq!(dot.matches("->").count(), 4);
    assert!(mean.visualize(folder.join("graph.gif")).is_err());
    assert!(
        mean.visualize(folder.join("no/such/folder.svg")).unwrap_err().to_string().contains("folder.svg")
    );
    std::fs::remove_dir_all(folder).unwrap();
    Ok(())
}

#[test]
fn what_must_wait_for_a_result_takes_along_what_need_not() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 1, (100, 60, 90), (1, 60, 90))?;
    let weight = Array::linspace(-1.0, 1.0, 60)?.cos()?;
    let weight = (&weight / weight.mean(())?)?.expand_dims(1)?;
    // The first could run at once, the second only after the weights: one pass serves both.
    let text = plan(&[&x.var([0, 2], 0)?, &(&x * weight)?.mean([1, 2])?]);
    assert_eq!(text.matches("(100, 60, 90) in 100 chunks").count(), 1, "{text}");
    Ok(())
}

#[test]
fn a_selection_from_a_selection_is_one() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 1, (100, 60), (100, 60))?;
    let twice = x.slice(s![10..90;2, ..;-1])?.slice(s![5, 1..10])?;
    insta::assert_snapshot!(optimized(&twice));
    Ok(())
}

#[test]
fn what_changes_nothing_is_dropped() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 1, (100, 60), (10, 60))?;
    let same = x.transpose()?.transpose()?.rechunk((5, 60))?.rechunk((10, 60))?;
    insta::assert_snapshot!(optimized(&same.slice(s![..;-1, ..])?.slice(s![..;-1, ..])?));
    Ok(())
}

#[test]
fn a_selection_goes_through_transpositions_and_folds() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 1, (100, 60, 30), (10, 60, 30))?;
    let y = x.permute(&[2, 0, 1])?.sum(2)?;
    insta::assert_snapshot!(optimized(&y.slice(s![3, 20..30])?));
    Ok(())
}
