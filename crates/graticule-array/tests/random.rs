//! Random arrays through the engine: dtypes, parameters, and numbers that belong to their position.

use graticule_array::{
    Array, Buffer, DType, Distribution, Expr, Float, Op, Registry, Result, Runtime, StoredExpr, s,
};

/// One array of each distribution.
fn arrays(shape: (usize, usize), chunks: (usize, usize)) -> Result<Vec<Array>> {
    let n = shape.0 * shape.1;
    Ok(vec![
        Array::random_uniform(-1.0, 3.0, 7, shape, chunks)?,
        Array::random_normal(1.0, 2.0, 7, shape, chunks)?,
        Array::random_lognormal(0.0, 0.5, 7, shape, chunks)?,
        Array::random_exponential(3.0, 7, shape, chunks)?,
        Array::random_gamma(0.3, 2.0, 7, shape, chunks)?,
        Array::random_gamma(20.0, 2.0, 7, shape, chunks)?,
        Array::random_poisson(0.5, 7, shape, chunks)?,
        Array::random_poisson(1e4, 7, shape, chunks)?,
        Array::random_integers(0..3, 7, shape, chunks)?,
        Array::random_integers(.., 7, shape, chunks)?,
        Array::random_choice(5, None, 7, shape, chunks)?,
        Array::random_choice(3, Some(&[0.2, 0.3, 0.5]), 7, shape, chunks)?,
        Array::random_choice_without_replacement(n, 7, shape, chunks)?,
        Array::random_choice_without_replacement(2 * n + 3000, 7, shape, chunks)?,
    ])
}

#[test]
fn random_numbers_do_not_depend_on_chunks_threads_or_selections() -> Result<()> {
    let shape = (60, 50);
    let whole: Vec<Array> = arrays(shape, shape)?.iter().map(Array::persist).collect::<Result<_>>()?;
    let reference: Vec<Buffer> =
        whole.iter().map(|x| Ok(x.compute()?.buffer().clone())).collect::<Result<_>>()?;
    for (chunks, threads) in [((60, 50), 1), ((7, 50), 2), ((60, 9), 4), ((11, 13), 3)] {
        let runtime = Runtime::builder().threads(threads).build();
        for ((x, whole), expected) in arrays(shape, chunks)?.iter().zip(&whole).zip(&reference) {
            let label = x.expr().label();
            assert_eq!(runtime.compute(x)?.buffer(), expected, "{label}, {chunks:?}");
            let pick = |x: &Array| x.slice(s![..;-1, 3..7])?.transpose();
            assert_eq!(runtime.compute(&pick(x)?)?, runtime.compute(&pick(whole)?)?, "{label}, {chunks:?}");
            let pick = |x: &Array| x.slice(s![5..40;3, 49]);
            assert_eq!(runtime.compute(&pick(x)?)?, runtime.compute(&pick(whole)?)?, "{label}, {chunks:?}");
        }
    }
    Ok(())
}

#[test]
fn dtypes_are_those_of_the_distribution() -> Result<()> {
    let dtypes: Vec<DType> = arrays((4, 4), (2, 2))?.iter().map(Array::dtype).collect();
    assert_eq!(dtypes[..6], [DType::F64; 6]);
    assert_eq!(dtypes[6..], [DType::I64; 8]);
    Ok(())
}

#[test]
fn empty_arrays_have_random_numbers_too() -> Result<()> {
    for x in arrays((0, 5), (1, 5))? {
        assert_eq!(x.compute()?.shape(), [0, 5]);
    }
    assert_eq!(Array::random_permutation(0, 1, 1)?.compute()?.shape(), [0]);
    assert_eq!(Array::random_permutation(1, 1, 1)?.compute()?.as_slice::<i64>()?, [0]);
    Ok(())
}

#[test]
fn a_permutation_holds_every_number_once() -> Result<()> {
    for n in [2usize, 3, 7, 64, 1000, 4097, 100_000] {
        let x = Array::random_permutation(n, 3, n.div_ceil(3))?;
        let mut values = x.compute()?.as_slice::<i64>()?.to_vec();
        assert!(n < 8 || !values.is_sorted());
        values.sort_unstable();
        assert!(values.into_iter().eq(0..n as i64), "{n}");
    }
    let chosen = Array::random_choice_without_replacement(100_000, 3, 50, 7)?.compute()?;
    let first = Array::random_permutation(100_000, 3, 999)?.slice(s![..50])?.compute()?;
    assert_eq!(chosen, first);
    Ok(())
}

#[test]
fn labels_name_the_distribution_and_its_parameters() -> Result<()> {
    let labels: Vec<String> = arrays((4, 4), (2, 2))?.iter().map(|x| x.expr().label()).collect();
    insta::assert_snapshot!(labels.join("\n"));
    let many = Array::random_choice(8, Some(&[0.125; 8]), 1, 4, 4)?;
    assert_eq!(
        many.expr().label(),
        "random choice of 8 with probabilities [0.125, 0.125, 0.125, 0.125, …] seed 1"
    );
    Ok(())
}

#[test]
fn impossible_parameters_are_refused_with_what_would_be_possible() {
    let nan = f64::NAN;
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    let errors = [
        Array::random_exponential(-1.0, 1, 3, 3),
        Array::random_exponential(nan, 1, 3, 3),
        Array::random_gamma(-0.1, 1.0, 1, 3, 3),
        Array::random_gamma(1.0, f64::INFINITY, 1, 3, 3),
        Array::random_lognormal(0.0, -1.0, 1, 3, 3),
        Array::random_poisson(-1.0, 1, 3, 3),
        Array::random_poisson(nan, 1, 3, 3),
        Array::random_poisson(9.3e18, 1, 3, 3),
        Array::random_integers(3..3, 1, 3, 3),
        Array::random_integers(3..=2, 1, 3, 3),
        Array::random_choice(0, None, 1, 3, 3),
        Array::random_choice(3, Some(&[0.5, 0.5]), 1, 3, 3),
        Array::random_choice(2, Some(&[1.5, -0.5]), 1, 3, 3),
        Array::random_choice(2, Some(&[nan, 1.0]), 1, 3, 3),
        Array::random_choice(2, Some(&[0.5, 0.5 + 2e-8]), 1, 3, 3),
        Array::random_choice(0, Some(&[]), 1, 3, 3),
        Array::random_choice_without_replacement(5, 1, (2, 3), 3),
    ];
    let texts: Vec<String> = errors.into_iter().map(|error| error.unwrap_err().to_string()).collect();
    insta::assert_snapshot!(texts.join("\n"));
    assert!(Array::random_choice(2, Some(&[0.5, 0.5 + 5e-9]), 1, 3, 3).is_ok());
    assert!(Array::random_poisson(9.22e18, 1, 3, 3).is_ok());
}

#[test]
fn expressions_with_impossible_parameters_are_refused_wherever_they_come_from() -> Result<()> {
    let grid = Array::zeros(10, 5)?.chunks().clone();
    for distribution in [
        Distribution::Permutation { n: 9 },
        Distribution::Permutation { n: u64::MAX },
        Distribution::Integers { low: 1, high: 0 },
        Distribution::Choice { cumulative: [].into() },
        Distribution::Choice { cumulative: [0.5, 0.2, 1.0].map(Float::new).into() },
        Distribution::Choice { cumulative: [f64::NAN, 1.0].map(Float::new).into() },
        Distribution::Choice { cumulative: [0.2, 0.5].map(Float::new).into() },
        Distribution::Uniform { low: Float::new(f64::NAN), high: Float::new(1.0) },
    ] {
        let op = Op::Random { distribution, seed: 1, grid: grid.clone() };
        assert!(Expr::new(op, Vec::new()).is_err());
    }
    Ok(())
}

#[test]
fn random_arrays_are_the_same_when_they_are_stored_and_opened_again() -> Result<()> {
    for x in arrays((4, 4), (2, 2))? {
        let text = serde_json::to_string(&StoredExpr::from(x.expr())).unwrap();
        let stored: StoredExpr = serde_json::from_str(&text).unwrap();
        assert_eq!(Array::from_expr(stored.open(&Registry::default())?), x);
    }
    Ok(())
}

#[test]
fn choices_follow_probabilities_that_are_given_with_rounding_errors() -> Result<()> {
    let p = [0.1; 10];
    let x = Array::random_choice(10, Some(&p), 1, 100_000, 10_000)?;
    let counts = x.histogram(10, (-0.5, 9.5))?.compute()?.to_f64();
    assert!(counts.iter().all(|c| (c - 10_000.0).abs() < 5.0 * 95.0), "{counts:?}");
    // Nothing is chosen that has no probability, at either end.
    let x = Array::random_choice(4, Some(&[0.0, 0.3, 0.7, 0.0]), 1, 100_000, 10_000)?;
    assert_eq!(x.min(())?.compute()?.item::<i64>()?, 1);
    assert_eq!(x.max(())?.compute()?.item::<i64>()?, 2);
    Ok(())
}

/// Fixed values: a change of these is a change of every random array ever made.
#[test]
fn streams_are_frozen() -> Result<()> {
    let mut lines = Vec::new();
    for x in arrays((60, 50), (60, 50))? {
        let values = x.compute()?;
        let shown = [0, 1, 2, 2999].map(|i| values.get(i).unwrap().to_string());
        lines.push(format!("{}: {}", x.expr().label(), shown.join(" ")));
    }
    insta::assert_snapshot!(lines.join("\n"));
    Ok(())
}
