//! Differences, derivatives, integrals and weighted means, against numpy.

use graticule_array::{Array, Result, Spacing};

use crate::golden::{Case, Precision, cases};

fn spacing(case: &Case) -> Spacing {
    if case.argument("spacing").is_array() {
        case.numbers("spacing").into()
    } else {
        case.number("spacing").into()
    }
}

fn computed(case: &Case, inputs: &[Array]) -> Result<Array> {
    let x = &inputs[0];
    let axis = || case.int("axis");
    let n = || case.int("n") as usize;
    match case.op() {
        "diff" => x.diff(n(), axis()),
        "diff_with" => {
            x.diff_with(n(), axis(), Some(case.number("prepend").into()), Some((&inputs[1]).into()))
        }
        "ediff1d" => x.ediff1d(None, None),
        "ediff1d_with" => x.ediff1d(Some(5.into()), Some(6.into())),
        "gradient" => x.gradient(spacing(case), axis(), case.int("order") as usize),
        "trapezoid" => x.trapezoid(spacing(case), axis()),
        "cross" => x.cross(&inputs[1], axis()),
        "ptp" if case.has("axes") => x.ptp(case.ints("axes")),
        "ptp" => x.ptp(()),
        "average" if case.has("axes") => x.average(case.ints("axes"), &inputs[1]),
        "average" => x.average((), &inputs[1]),
        other => panic!("no operation {other}"),
    }
}

#[test]
fn calculus_gives_what_numpy_gives() {
    for case in cases(include_str!("golden/calculus.json")) {
        let precision = match case.op() {
            "diff" | "diff_with" | "ediff1d" | "ediff1d_with" | "cross" | "ptp" => Precision::Exact,
            "gradient" if !case.argument("spacing").is_array() => Precision::Exact,
            // Sums in another order; in float32 numpy adds up in float32.
            _ => Precision::Ulps(16.0),
        };
        case.check(precision, |inputs| Ok(vec![computed(&case, inputs)?]));
    }
}

#[test]
fn an_even_axis_given_by_coordinates_does_not_touch_the_point_itself() -> Result<()> {
    let x = Array::from_array(ndarray::arr1(&[0.0, f64::NAN, 4.0]), "auto")?;
    let y = x.gradient(vec![0.0, 2.0, 4.0], 0, 1)?.compute()?.to_f64();
    assert!(y[0].is_nan() && y[2].is_nan());
    assert_eq!(y[1], 1.0);
    Ok(())
}

#[test]
fn what_has_no_derivative_is_refused_with_a_hint() -> Result<()> {
    let x = Array::ones((2, 3), "auto")?;
    for error in [
        x.gradient(1.0, 0, 2),
        x.gradient(1.0, 0, 3),
        x.gradient(vec![1.0], 0, 1),
        x.gradient(1.0, 2, 1),
        x.trapezoid(vec![1.0], 0),
        x.ediff1d(None, None),
        x.cross(&x, 0),
        x.average(0, &Array::ones(3, "auto")?),
        x.average((), &Array::ones(3, "auto")?),
    ] {
        assert!(error.is_err(), "{error:?}");
    }
    assert_eq!(Array::ones(0, "auto")?.trapezoid(1.0, 0)?.compute()?.item::<f64>()?, 0.0);
    Ok(())
}

#[test]
fn sums_of_small_integers_do_not_wrap_in_an_integral() -> Result<()> {
    let x = Array::from_array(ndarray::arr1(&[200u8, 200, 200]), "auto")?;
    assert_eq!(x.trapezoid(1.0, 0)?.compute()?.item::<f64>()?, 400.0);
    Ok(())
}

#[test]
fn a_gradient_keeps_the_chunks() -> Result<()> {
    let x = Array::ones((20, 6), (4, 6))?;
    assert_eq!(x.gradient(1.0, 0, 2)?.chunks(), x.chunks());
    Ok(())
}

#[test]
fn moments_and_traces() -> Result<()> {
    // ((x - x.mean(1, keepdims=True)) ** 3).mean(1) of np.arange(12).reshape(3, 4) ** 2, and its traces.
    let x = Array::arange(12)?.square()?;
    let x = Array::vstack(&x.split(3, 0)?)?;
    let moments = x.moment(3, 1)?.compute()?.to_f64();
    for (moment, expected) in moments.iter().zip([27.0, 363.0, 1083.0]) {
        assert!((moment - expected).abs() < 1e-9 * expected, "{moments:?}");
    }
    assert_eq!(x.trace(0, 0, 1)?.compute()?.item::<i64>()?, 125);
    assert_eq!(x.trace(1, 0, 1)?.compute()?.item::<i64>()?, 158);
    assert_eq!(x.count_nonzero(())?.compute()?.item::<i64>()?, 11);
    assert!(x.outer(&x).is_err());
    Ok(())
}
