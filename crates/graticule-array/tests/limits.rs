//! The memory limit: plans that do not fit are refused before anything is read.

use graticule_array::{Array, Boundary, DType, Depth, FourierNorm, QuantileMethod, Result, Runtime, s};

#[test]
fn six_gigabytes_are_averaged_in_little_memory() -> Result<()> {
    let big = Array::ones((200_000, 4_000), (1_000, 1_000))?;
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
    let mut x = Array::zeros(10, 5)?;
    for _ in 0..5_000 {
        x = (&x + 1.0)?;
    }
    assert_eq!(x.compute()?.to_f64(), [5_000.0; 10]);
    let mut y = Array::zeros((3, 3), (2, 2))?;
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
fn blocks_are_computed_in_pieces_where_memory_is_short() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 1, (40, 200, 300), (1, 200, 300))?;
    let blocks = x.map_blocks("same", DType::F64, |block| Ok(block.clone()))?;
    let gaps = blocks.greater(0.0)?.choose(f64::NAN, &blocks)?;
    let shuffle: Vec<isize> = (0..40).map(|i| i * 23 % 40).collect();
    let depth = Depth::new().axis(0, 1, 1, Boundary::Periodic);
    let families = [
        ("sort", blocks.sort(0)?),
        ("argsort", blocks.argsort(0)?),
        ("rank", gaps.rank(0)?),
        ("quantile", blocks.quantile([0.2, 0.7], 0, QuantileMethod::Linear)?),
        ("cumsum", blocks.cumsum(0)?),
        ("ffill", gaps.ffill(0, Some(3))?),
        ("rolling", blocks.rolling(0, 9)?.mean()?),
        ("windows as an axis", blocks.sliding_window_view(5, 0)?),
        ("coarsen", blocks.coarsen(&[(0, 10)])?.std(0)?),
        ("take", blocks.take(0, &shuffle)?),
        ("take_along_axis", blocks.take_along_axis(&blocks.argsort(0)?, 0)?),
        ("rfft", blocks.rfft(0, None, FourierNorm::Backward)?),
        ("ifft", blocks.fft(0, None, FourierNorm::Backward)?.ifft(0, None, FourierNorm::Backward)?),
        ("map_overlap", blocks.map_overlap("same", DType::F64, &depth, |b| Ok(b.clone()))?),
    ];
    let folder = tempfile::tempdir().unwrap();
    let roomy = Runtime::builder().threads(1).build();
    let mut fitted = Vec::new();
    for (name, array) in families {
        // Largest values are the same whatever is folded together.
        let result = array.nanmax(0)?;
        let expected = roomy.compute(&result)?.to_f64();
        // From what is enough without pieces down to what is not enough at all.
        let enough = roomy.plan(&[&result])?.peak_bytes();
        for part in 1..6 {
            let limit = format!("{} B", enough * (6 - part) / 6);
            let small = Runtime::builder().threads(2).memory_limit(&limit)?.spill_dir(folder.path())?.build();
            match small.compute(&result) {
                Ok(found) => {
                    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&found.to_f64()), bits(&expected), "{name} in {limit}");
                    fitted.push(name);
                }
                Err(error) => assert!(error.is_memory(), "{name} in {limit}: {error}"),
            }
        }
    }
    fitted.dedup();
    assert!(fitted.len() >= 12, "{fitted:?}");
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
