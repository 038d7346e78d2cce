//! Shapes beyond counting, and chunks that do not fit: errors, not panics.

use graticule_array::{Array, Chunks, Indexing, PadMode, Result, Sides, einsum};

/// Half of what can be counted.
const HALF: usize = 1 << 63;

/// Nearly as many elements as can be addressed.
const MOST: usize = 1 << 56;

/// An operation, and what it gave.
type Asked = (&'static str, Result<Vec<Array>>);

/// What can be asked of an array so long that two of its axes cannot be counted.
fn beyond() -> Result<Vec<Asked>> {
    let long = Array::ones(1usize << 40, 1 << 20)?;
    let column = Array::ones((1usize << 40, 1), (1 << 20, 1))?;
    let rows = Array::ones((1usize << 20, 1, 1 << 10), (1, 1, 1 << 10))?;
    let row = long.expand_dims(0)?;
    let far = isize::MAX as usize;
    let one = |array: Result<Array>| array.map(|array| vec![array]);
    Ok(vec![
        ("ones", one(Array::ones((HALF, 2), (1, 1)))),
        ("zeros", one(Array::zeros((1 << 22, 1 << 22, 1 << 22), (1, 1, 1)))),
        ("full", one(Array::full(1, (usize::MAX, usize::MAX), "auto"))),
        ("full of too many bytes", one(Array::ones(1usize << 62, 1 << 20))),
        ("arange", one(Array::arange(usize::MAX))),
        ("arange_step", one(Array::arange_step(i64::MIN, i64::MAX, 1))),
        ("arange_float", one(Array::arange_float(0.0, 1e300, 1e-300))),
        ("linspace", one(Array::linspace(0.0, 1.0, usize::MAX))),
        ("eye", one(Array::eye((HALF, 3), 0, (1, 1)))),
        ("tri", one(Array::tri((HALF, 3), 0, (1, 1)))),
        ("indices", one(Array::indices((1 << 40, 1 << 40), (1, 1)))),
        ("from_fn", one(Array::from_fn((1 << 40, 1 << 40), (1, 1), |at| at.len() as f64))),
        ("random_uniform", one(Array::random_uniform(0.0, 1.0, 1, (1 << 40, 1 << 40), (1, 1)))),
        ("random_integers", one(Array::random_integers(0..9, 1, (1 << 40, 1 << 40), (1, 1)))),
        ("random_choice", one(Array::random_choice(3, None, 1, (1 << 40, 1 << 40), (1, 1)))),
        ("random_permutation", one(Array::random_permutation(usize::MAX, 1, 1 << 20))),
        ("broadcast_to", one(long.broadcast_to((1 << 40, 1 << 40)))),
        ("broadcast_arrays", Array::broadcast_arrays(&[long.expand_dims(1)?, row.clone()])),
        ("arithmetic", one(long.expand_dims(1)? + &row)),
        ("reshape", one(long.reshape(&[1 << 62, 1 << 42]))),
        ("reshape to -1", one(long.reshape(&[1 << 62, 1 << 62, -1]))),
        ("tile", one(long.tile(&[1 << 40, 1]))),
        ("tile long", one(long.tile(&[usize::MAX]))),
        ("repeat", one(long.repeat(usize::MAX, 0))),
        ("repeat_each", one(Array::ones(2, 2)?.repeat_each(&[usize::MAX, usize::MAX], 0))),
        ("concatenate", one(Array::concatenate(&vec![Array::ones(MOST, 1 << 50)?; 40], 0))),
        ("stack", one(Array::stack(&vec![Array::ones(MOST, 1 << 50)?; 40], 0))),
        ("append", one(Array::ones(MOST, 1 << 50)?.append(&Array::ones(MOST, 1 << 50)?, 0))),
        ("pad", one(long.pad(&[(usize::MAX, 1)], &PadMode::constant(0.0)))),
        ("pad both", one(long.pad(&[(far, far)], &PadMode::Edge))),
        ("pad wrapped", one(long.pad(&[(far, far)], &PadMode::Wrap))),
        ("pad ramp", one(long.pad(&[(far, far)], &PadMode::LinearRamp(Sides::All(0.0))))),
        ("outer", one(long.outer(&long))),
        ("tensordot", one(long.tensordot(&long, 0))),
        ("einsum", one(einsum("i,j->ij", &[&long, &long]))),
        ("einsum over three", one(einsum("i,j,k->ijk", &[&long, &long, &long]))),
        ("matmul", one(column.matmul(&rows))),
        ("meshgrid", Array::meshgrid(&[long.clone(), long.clone()], Indexing::Ij)),
        ("diag", one(long.diag(0))),
        ("sliding_window_view", one(long.sliding_window_view(1 << 39, 0))),
        (
            "histogramdd",
            long.histogram2d(&long, (1 << 24, (0.0, 1.0)), (1 << 24, (0.0, 1.0)), None).map(|_| Vec::new()),
        ),
        ("unravel_index", Array::arange(3)?.unravel_index((1 << 40, 1 << 40))),
        ("ravel_multi_index", one(Array::ravel_multi_index(&vec![Array::arange(3)?; 2], (1 << 40, 1 << 40)))),
        ("rfft", one(long.rfft(0, Some(usize::MAX), graticule_array::FourierNorm::Backward))),
        (
            "random without replacement",
            one(Array::random_choice_without_replacement(9, 1, (1 << 40, 1 << 40), (1, 1))),
        ),
    ])
}

#[test]
fn shapes_beyond_counting_are_refused_by_whatever_would_make_them() {
    let accepted: Vec<String> = beyond()
        .unwrap()
        .into_iter()
        .filter_map(|(name, result)| Some(format!("{name}: {:?}", result.ok()?.first().map(Array::shape))))
        .collect();
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
}

#[test]
fn chunks_that_do_not_fit_say_what_would() {
    let x = Array::ones((6, 4), (2, 2)).unwrap();
    let wrong: Vec<Chunks> = vec![
        3.into(),
        (1, 2, 3).into(),
        vec![vec![3, 3], vec![2, 3]].into(),
        vec![vec![3, 3]].into(),
        vec![vec![usize::MAX, 7], vec![4]].into(),
        vec![vec![], vec![4]].into(),
        "many".into(),
        "".into(),
        "-3MiB".into(),
        "64MB please".into(),
    ];
    let texts = wrong.into_iter().map(|chunks| {
        let shown = format!("{chunks:?}");
        let text = x.rechunk(chunks.clone()).unwrap_err().to_string();
        // Whoever takes chunks says the same of them.
        assert_eq!(Array::ones((6, 4), chunks.clone()).unwrap_err().to_string(), text);
        assert_eq!(Array::random_uniform(0.0, 1.0, 1, (6, 4), chunks).unwrap_err().to_string(), text);
        format!("{shown}\n    {text}\n")
    });
    insta::assert_snapshot!(texts.collect::<String>());
    let error = x.rechunk_axes(&[(2, 1)]).unwrap_err().to_string();
    assert!(error.contains("axis 2 does not exist"), "{error}");
}
