//! Elements and axes moved about, against numpy.

use graticule_array::{Array, Block, Indexing, PadMode, Result, s};

use crate::golden::{Case, Precision, cases};
use crate::sources::counting;

fn moved(case: &Case, inputs: &[Array]) -> Result<Vec<Array>> {
    let x = inputs.first();
    let x = || x.unwrap();
    let axis = || case.int("axis");
    let pair = || {
        let axes = case.ints("axes");
        (axes[0], axes[1])
    };
    let k = || case.int("k");
    let one = match case.op() {
        "flip" if case.has("axes") => x().flip(case.ints("axes")),
        "flip" => x().flip(()),
        "roll" => x().roll(case.int("shift"), axis()),
        "rot90" => x().rot90(case.int("times"), pair()),
        "swapaxes" => x().swapaxes(pair().0, pair().1),
        "moveaxis" => x().moveaxis(&case.ints("axes"), &case.ints("places")),
        "squeeze" if case.has("axes") => x().squeeze(case.ints("axes")),
        "squeeze" => x().squeeze(()),
        "atleast_1d" => x().atleast_1d(),
        "atleast_2d" => x().atleast_2d(),
        "atleast_3d" => x().atleast_3d(),
        "stack" => Array::stack(inputs, axis()),
        "vstack" => Array::vstack(inputs),
        "hstack" => Array::hstack(inputs),
        "dstack" => Array::dstack(inputs),
        "append" => x().append(&inputs[1], axis()),
        "tile" => x().tile(&case.sizes("reps")),
        "repeat" => x().repeat(case.int("times") as usize, axis()),
        "delete" => x().delete(&case.ints("at"), axis()),
        "insert" => x().insert(&case.ints("at"), &inputs[1], axis()),
        "insert_number" => x().insert(&case.ints("at"), case.int("value") as i64, axis()),
        "diagonal" => x().diagonal(k(), pair().0, pair().1),
        "diag" => x().diag(k()),
        "tril" => x().tril(k()),
        "triu" => x().triu(k()),
        "eye" => Array::eye(case.sizes("shape"), k(), (2, 3)),
        "tri" => Array::tri(case.sizes("shape"), k(), (2, 3)),
        "indices" => Array::indices(case.sizes("shape"), "auto"),
        "block" => Array::block([[&inputs[0], &inputs[1]], [&inputs[2], &inputs[3]]]),
        "array_split" => return x().array_split(case.int("parts") as usize, axis()),
        "split_at" => return x().split_at(&case.ints("at"), axis()),
        "broadcast_arrays" => return Array::broadcast_arrays(inputs),
        "meshgrid" if case.text("indexing") == "xy" => return Array::meshgrid(inputs, Indexing::Xy),
        "meshgrid" => return Array::meshgrid(inputs, Indexing::Ij),
        other => panic!("no operation {other}"),
    };
    Ok(vec![one?])
}

#[test]
fn moves_give_what_numpy_gives() {
    for case in cases(include_str!("golden/moves.json")) {
        case.check(Precision::Exact, |inputs| moved(&case, inputs));
    }
}

#[test]
fn what_is_not_there_is_refused_with_a_hint() -> Result<()> {
    let x = Array::ones((2, 3), "auto")?;
    for error in [
        x.squeeze(0),
        x.rot90(1, (0, -2)),
        x.moveaxis(&[0, 0], &[0, 1]),
        x.moveaxis(&[0], &[0, 1]),
        x.diagonal(0, 1, 1),
        x.delete(&[3], 1),
        x.insert(&[4], 0.0, 1),
        x.insert(&[0], &Array::ones((5, 1), "auto")?, 1),
        x.tile(&[70_000]),
        Array::arange(3)?.tril(0),
        Array::eye(3, 0, "auto"),
        Array::block(Vec::<Block>::new()),
        Array::block([Block::from(&x), Block::from([&x])]),
        Array::meshgrid(std::slice::from_ref(&x), Indexing::Ij).map(|mut grid| grid.remove(0)),
        x.split(2, 1).map(|mut parts| parts.remove(0)),
        x.fliplr()?.index_axis(0, 0)?.fliplr(),
    ] {
        assert!(error.is_err(), "{error:?}");
    }
    let error = Array::arange(3)?.astype(graticule_array::DType::U8)?.insert(&[0], 300, 0).unwrap_err();
    assert!(error.to_string().contains("300"), "{error}");
    Ok(())
}

#[test]
fn empty_axes_go_through_everything() -> Result<()> {
    type Operation = fn(&Array) -> Result<Array>;
    let operations: [(Operation, &[usize]); 18] = [
        (|x| x.flip(()), &[0, 3]),
        (|x| x.roll(1, 0)?.roll(1, 1), &[0, 3]),
        (|x| x.rot90(1, (0, 1)), &[3, 0]),
        (|x| x.gradient(1.0, 1, 2), &[0, 3]),
        (|x| x.gradient(vec![1.0, 2.0, 4.0], 1, 1), &[0, 3]),
        (|x| x.diff(1, 1), &[0, 2]),
        (|x| x.trapezoid(1.0, 0), &[3]),
        (|x| x.pad(&[(0, 0), (1, 2)], &PadMode::Mean(None)), &[0, 6]),
        (|x| x.pad(&[(0, 0), (1, 2)], &PadMode::Reflect { odd: true }), &[0, 6]),
        (|x| x.pad(&[(2, 0), (1, 2)], &PadMode::Empty), &[2, 6]),
        (|x| x.diagonal(0, 0, 1), &[0]),
        (|x| x.triu(0), &[0, 3]),
        (|x| x.cross(x, 1), &[0, 3]),
        (|x| x.average(0, x), &[3]),
        (|x| x.digitize(&[0.0], false), &[0, 3]),
        (|x| x.isclose(x, 1e-5, 1e-8, true), &[0, 3]),
        (|x| x.insert(&[1], x.slice(s![.., ..1])?, 1), &[0, 4]),
        (|x| Array::block([[x, x]]), &[0, 6]),
    ];
    let x = Array::ones((0, 3), "auto")?;
    for (number, (operation, shape)) in operations.iter().enumerate() {
        let result = operation(&x)?;
        assert_eq!(result.compute()?.shape(), *shape, "operation {number}");
    }
    assert!(!Array::ones(0, "auto")?.array_equal(&x, true)?.compute()?.item::<bool>()?);
    assert!(x.array_equal(&x, false)?.compute()?.item::<bool>()?);
    Ok(())
}

#[test]
fn several_axes_are_rolled_one_after_another() -> Result<()> {
    let x = Array::indices((3, 4), (2, 2))?.index_axis(0, 1)?;
    let rolled = x.roll(1, 0)?.roll(-1, 1)?;
    assert_eq!(rolled.compute()?.as_slice::<i64>()?, [1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0]);
    Ok(())
}

#[test]
fn chunks_stay_those_of_the_array() -> Result<()> {
    let x = Array::ones((6, 4), (2, 4))?;
    assert_eq!(x.repeat(3, 0)?.chunks().to_string(), "(6, 4)");
    assert_eq!(x.tile(&[2, 1])?.chunks().to_string(), "(2, 4)");
    assert_eq!(x.tril(0)?.chunks(), x.chunks());
    assert_eq!(x.diagonal(0, 0, 1)?.chunks().to_string(), "(2,)");
    let grid = Array::meshgrid(&[Array::ones(9, 3)?, Array::ones(8, 4)?], Indexing::Ij)?;
    assert_eq!(grid[0].chunks().to_string(), "(3, 4)");
    assert_eq!(grid[1].chunks(), grid[0].chunks());
    assert_eq!(Array::indices((9, 8), (3, 4))?.chunks().to_string(), "(1, 3, 4)");
    let unified = Array::unify_chunks(&[x.clone(), Array::ones(4, 1)?, Array::ones((6, 1), (1, 1))?])?;
    let texts: Vec<String> = unified.iter().map(|array| array.chunks().to_string()).collect();
    assert_eq!(texts, ["(1, 1)", "(1,)", "(1, 1)"]);
    Ok(())
}

#[test]
fn arrays_like_others_have_their_shape_dtype_and_chunks() -> Result<()> {
    let x = Array::ones((6, 4), (2, 4))?.astype(graticule_array::DType::I16)?;
    for (like, value) in
        [(x.full_like(7)?, 7), (x.ones_like()?, 1), (x.zeros_like()?, 0), (x.empty_like()?, 0)]
    {
        assert_eq!((like.dtype(), like.chunks()), (x.dtype(), x.chunks()));
        assert_eq!(like.compute()?.as_slice::<i16>()?, [value; 24]);
    }
    assert!(x.full_like(40_000).is_err() && x.full_like(0.5).is_err());
    let text = Array::from_array(ndarray::arr1(&[std::sync::Arc::<str>::from("a")]), "auto")?;
    assert!(text.ones_like().is_err());
    assert_eq!(text.zeros_like()?.compute()?.get(0), Some("".into()));
    Ok(())
}

#[test]
fn ranges_of_floats_are_numpys() -> Result<()> {
    // np.arange(0.1, 0.8, 0.1) and others.
    let range = |start, stop, step| Array::arange_float(start, stop, step)?.compute().map(|x| x.to_f64());
    assert_eq!(range(0.1, 0.8, 0.1)?, [0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6, 0.7000000000000001]);
    assert_eq!(range(1.0, 1.3, 0.1)?, [1.0, 1.1, 1.2000000000000002, 1.3000000000000003]);
    assert_eq!(range(2.0, 0.0, -0.75)?, [2.0, 1.25, 0.5]);
    assert_eq!(range(2.0, 3.0, -0.75)?.len(), 0);
    assert!(Array::arange_float(0.0, 1.0, 0.0).is_err());
    assert!(Array::arange_float(0.0, f64::INFINITY, 1.0).is_err());
    assert!(Array::arange_float(0.0, 1e300, 1.0).is_err());
    Ok(())
}

/// How many blocks of ten out of a hundred are read for a part of a moved array, and its first and last element.
fn reads(moved: impl Fn(Array) -> Result<Array>, start: usize, len: usize) -> Result<(usize, i64, i64)> {
    let (x, reads) = counting("moved", 1000, 10);
    let part = moved(x)?.stride_axis(0, start, 1, len)?.astype(graticule_array::DType::I64)?.compute()?;
    let values = part.as_slice::<i64>()?;
    Ok((reads.count(), values[0], values[len - 1]))
}

#[test]
fn of_moved_elements_only_the_selected_are_read() -> Result<()> {
    assert_eq!(reads(|x| x.flip(()), 0, 5)?, (1, 999, 995));
    assert_eq!(reads(|x| x.roll(37, 0), 30, 10)?, (2, 993, 2));
    assert_eq!(reads(|x| x.tile(&[3]), 995, 10)?, (2, 995, 4));
    assert_eq!(reads(|x| x.repeat(2, 0), 5, 10)?, (1, 2, 7));
    assert_eq!(reads(|x| x.delete(&[5, 7], 0), 3, 5)?, (1, 3, 9));
    assert_eq!(reads(|x| x.insert(&[5], -1, 0), 5, 3)?, (1, -1, 6));
    assert_eq!(reads(|x| x.diff(2, 0), 500, 5)?, (1, 0, 0));
    assert_eq!(reads(|x| x.pad(&[(20, 20)], &PadMode::constant(7)), 0, 20)?, (0, 7, 7));
    assert_eq!(reads(|x| x.pad(&[(20, 20)], &PadMode::Edge), 1020, 20)?, (1, 999, 999));
    assert_eq!(reads(|x| x.pad(&[(20, 20)], &PadMode::Reflect { odd: false }), 0, 10)?, (2, 20, 11));
    assert_eq!(reads(|x| x.pad(&[(20, 20)], &PadMode::Wrap), 1030, 5)?, (1, 10, 14));
    assert_eq!(reads(|x| Array::block([&x.flip(())?, &x]), 995, 10)?, (1, 4, 4));
    assert_eq!(
        reads(|x| x.expand_dims(1)?.pad(&[(0, 0), (1, 1)], &PadMode::Edge)?.index_axis(1, 0), 10, 10)?,
        (1, 10, 19)
    );
    assert_eq!(reads(|x| x.repeat(2, 0)?.tile(&[2, 1])?.diagonal(500, 0, 1), 0, 2)?, (1, 250, 250));
    Ok(())
}

#[test]
fn of_stacked_arrays_only_the_selected_are_read() -> Result<()> {
    let (a, a_reads) = counting("stacked a", 100, 10);
    let (b, b_reads) = counting("stacked b", 100, 10);
    let stacked = Array::stack(&[a, b], 1)?;
    assert_eq!(stacked.slice(s![25..30, 1])?.compute()?.as_slice::<i32>()?, [25, 26, 27, 28, 29]);
    assert_eq!((a_reads.count(), b_reads.count()), (0, 1));
    Ok(())
}

#[test]
fn a_rolled_array_reads_again_only_the_block_that_is_torn() -> Result<()> {
    let (x, reads) = counting("rolled", 1000, 10);
    let rolled = x.roll(37, 0)?.compute()?;
    assert_eq!(rolled.as_slice::<i32>()?[36..39], [999, 0, 1]);
    assert_eq!(reads.count(), 101);
    Ok(())
}
