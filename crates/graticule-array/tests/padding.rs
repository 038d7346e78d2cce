//! Padding, against numpy.

use graticule_array::{Array, DType, PadMode, Result, Sides};
use serde_json::Value;

use crate::golden::{Case, Precision, cases};

fn pairs<T>(value: &Value, convert: impl Fn(&Value) -> T) -> Vec<(T, T)> {
    value.as_array().unwrap().iter().map(|pair| (convert(&pair[0]), convert(&pair[1]))).collect()
}

fn size(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn mode(case: &Case) -> PadMode {
    let lens = || match (case.has("length"), case.has("lengths")) {
        (true, _) => Some(Sides::All(size(case.argument("length")))),
        (_, true) => Some(Sides::Each(pairs(case.argument("lengths"), size))),
        _ => None,
    };
    match case.text("mode") {
        "constant" if case.has("value") => PadMode::constant(case.int("value") as i64),
        "constant" => {
            PadMode::Constant(Sides::Each(pairs(case.argument("values"), |v| v.as_i64().unwrap().into())))
        }
        "linear_ramp" => {
            PadMode::LinearRamp(Sides::Each(pairs(case.argument("values"), |v| v.as_f64().unwrap())))
        }
        "edge" => PadMode::Edge,
        "wrap" => PadMode::Wrap,
        "reflect" => PadMode::Reflect { odd: case.flag("odd") },
        "symmetric" => PadMode::Symmetric { odd: case.flag("odd") },
        "maximum" => PadMode::Maximum(lens()),
        "minimum" => PadMode::Minimum(lens()),
        "mean" => PadMode::Mean(lens()),
        other => panic!("no mode {other}"),
    }
}

#[test]
fn pads_are_numpys_in_every_mode() {
    for case in cases(include_str!("golden/pads.json")) {
        let widths = pairs(case.argument("widths"), size);
        // numpy multiplies ramps in another order where some of them are level, and sums means pairwise.
        case.check(Precision::Ulps(4.0), |inputs| Ok(vec![inputs[0].pad(&widths, &mode(&case))?]));
    }
}

#[test]
fn pads_are_chunks_of_their_own() -> Result<()> {
    let x = Array::ones((6, 4), (2, 4))?;
    let sizes = |mode: PadMode| -> Result<Vec<usize>> {
        Ok(x.pad(&[(3, 2), (0, 0)], &mode)?.chunks().axes()[0].sizes().collect())
    };
    for mode in [PadMode::constant(0), PadMode::Edge, PadMode::Empty, PadMode::Mean(None)] {
        assert_eq!(sizes(mode)?, [3, 2, 2, 2, 2]);
    }
    assert_eq!(sizes(PadMode::Wrap)?, [1, 2, 2, 2, 2, 2]);
    Ok(())
}

#[test]
fn what_cannot_be_padded_is_refused_with_a_hint() -> Result<()> {
    let x = Array::ones((2, 3), "auto")?.astype(DType::I8)?;
    let widths = [(1, 1), (0, 0)];
    assert!(x.pad(&widths[..1], &PadMode::Edge).is_err());
    for mode in [
        PadMode::Median(Some(Sides::All(0))),
        PadMode::constant(300),
        PadMode::constant(f64::NAN),
        PadMode::Maximum(Some(Sides::All(0))),
        PadMode::LinearRamp(Sides::Each(vec![(0.0, 0.0)])),
    ] {
        assert!(x.pad(&widths, &mode).is_err(), "{mode:?}");
    }
    let empty = Array::ones((0, 3), "auto")?;
    assert!(empty.pad(&widths, &PadMode::Wrap).unwrap_err().to_string().contains("empty"));
    assert!(x.pad(&[(1 << 40, 0), (0, 0)], &PadMode::Wrap).is_err());
    assert!(x.pad(&[(usize::MAX, 1), (0, 0)], &PadMode::constant(0)).is_err());
    assert!(x.pad(&[(usize::MAX, 1), (0, 0)], &PadMode::Symmetric { odd: true }).is_err());
    let flags = Array::ones(3, "auto")?.astype(DType::Bool)?;
    assert!(flags.pad(&[(1, 1)], &PadMode::Reflect { odd: true }).is_err());
    assert_eq!(flags.pad(&[(1, 1)], &PadMode::Edge)?.compute()?.as_slice::<bool>()?, [true; 5]);
    Ok(())
}
