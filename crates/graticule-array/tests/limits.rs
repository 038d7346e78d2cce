//! The memory limit: plans that do not fit are refused before anything is read.

use graticule_array::{Array, Result, Runtime, s};

#[test]
fn six_gigabytes_are_averaged_in_little_memory() -> Result<()> {
    let big = Array::random_uniform(0.0, 1.0, 1, (200_000, 4_000), (1_000, 1_000))?;
    let mean = (&big * big.slice(s![..;-1, ..;-1])?)?.mean(())?;
    let runtime = Runtime::builder().threads(2).memory_limit("200MB")?.build();
    assert!(runtime.plan(&[&mean])?.peak_bytes() < 10 << 20);
    Ok(())
}

#[test]
fn a_limit_too_small_is_refused_with_the_smallest_that_works() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 1, (100, 1000, 1000), (1, 1000, 1000))?;
    let mean = x.mean(0)?;
    let small = Runtime::builder().threads(4).memory_limit("20MB")?.build();
    let error = small.compute(&mean).unwrap_err();
    assert!(error.is_memory());
    let message = error.to_string();
    let needed = message.split("memory_limit to at least ").nth(1).and_then(|rest| rest.split(',').next());
    let enough = Runtime::builder().threads(4).memory_limit(needed.unwrap())?.build();
    assert_eq!(enough.plan(&[&mean])?.threads(), 1);
    assert_eq!(enough.compute(&mean)?.shape(), [1000, 1000]);
    Ok(())
}

#[test]
fn a_long_chain_of_operations_is_computed_or_refused_but_never_overflows() -> Result<()> {
    // In memory, since of constants everything would be known.
    let mut x = Array::zeros(10, 5)?.persist()?;
    for _ in 0..5_000 {
        x = (&x + 1.0)?;
    }
    assert_eq!(x.compute()?.to_f64(), [5_000.0; 10]);
    let mut y = Array::zeros((3, 3), (2, 2))?.persist()?;
    for _ in 0..450 {
        y = (y.transpose()? + 1.0)?;
    }
    assert_eq!(y.compute()?.to_f64(), [450.0; 9]);
    for _ in 0..5_000 {
        y = (y.transpose()? + 1.0)?;
    }
    let error = y.compute().unwrap_err();
    assert!(error.to_string().contains("persist"), "{error}");
    Ok(())
}

#[test]
fn a_plan_takes_fewer_threads_before_it_gives_up() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 1, (100, 500, 1000), (1, 500, 1000))?;
    let mean = x.mean(0)?;
    let all = Runtime::builder().threads(8).build().plan(&[&mean])?;
    let limit = format!("{} B", all.peak_bytes() * 2 / 3);
    let fewer = Runtime::builder().threads(8).memory_limit(&limit)?.build().plan(&[&mean])?;
    assert!(fewer.threads() < 8 && fewer.threads() > 1);
    Ok(())
}

#[test]
fn planning_does_not_take_longer_than_the_expression_is_large() -> Result<()> {
    let mut x = Array::random_uniform(0.0, 1.0, 1, (8, 8), (3, 3))?;
    for _ in 0..100 {
        x = (&x + x.transpose()?)?;
    }
    let start = std::time::Instant::now();
    let peak = Runtime::builder().threads(1).build().plan(&[&x])?.peak_bytes();
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    assert!(peak < 64 << 20, "{peak}");
    Ok(())
}

#[test]
fn sizes_beyond_counting_are_refused_when_the_array_is_described() -> Result<()> {
    assert!(Array::arange(1)?.broadcast_to((1 << 40, 1 << 40)).is_err());
    let long = Array::arange(1 << 33)?;
    assert!((long.expand_dims(1)? * long.expand_dims(0)?).is_err());
    let wide = Array::ones(1usize << 56, 1 << 50)?;
    assert!(Array::concatenate(&vec![wide; 64], 0).is_err());
    let error = Array::ones(1usize << 40, 1)?.slice(s![1..;2]).unwrap_err();
    assert!(error.to_string().contains("rechunk"), "{error}");
    Ok(())
}

#[test]
fn results_that_are_copied_count_too() -> Result<()> {
    let x = Array::random_uniform(0.0, 1.0, 1, 1_000_000, 1_000_000)?.persist()?;
    let runtime = Runtime::builder().memory_limit("9MB")?.build();
    assert!(runtime.compute(&x).is_ok());
    assert!(runtime.compute_all(&[&x, &x]).unwrap_err().is_memory());
    Ok(())
}
