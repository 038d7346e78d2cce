//! numpy's recorded answers (`scripts/golden_arrays.py`), and the comparison with them.

use graticule_array::{Array, Buffer, Chunk, DType, Result};
use serde_json::Value;

/// One recorded case.
pub(crate) struct Case(Value);

/// The cases of a recorded file.
pub(crate) fn cases(text: &str) -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(!cases.is_empty());
    cases.into_iter().map(Case).collect()
}

/// How exactly an answer has to be met.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Precision {
    /// To the bit; NaN meets NaN.
    Exact,
    /// To so many units in the last place of the result's dtype, relative to its largest finite number.
    Ulps(f64),
}

impl Case {
    pub(crate) fn op(&self) -> &str {
        self.0["op"].as_str().unwrap()
    }

    pub(crate) fn argument(&self, name: &str) -> &Value {
        &self.0[name]
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0[name].as_bool().unwrap()
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        number(&self.0[name])
    }

    pub(crate) fn int(&self, name: &str) -> isize {
        self.0[name].as_i64().unwrap() as isize
    }

    pub(crate) fn ints(&self, name: &str) -> Vec<isize> {
        list(&self.0[name]).iter().map(|v| v.as_i64().unwrap() as isize).collect()
    }

    pub(crate) fn sizes(&self, name: &str) -> Vec<usize> {
        list(&self.0[name]).iter().map(|v| v.as_u64().unwrap() as usize).collect()
    }

    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        list(&self.0[name]).iter().map(number).collect()
    }

    /// The input arrays in chunks of the given size.
    pub(crate) fn inputs(&self, chunk: usize) -> Vec<Array> {
        list(&self.0["inputs"]).iter().map(|value| array(value, chunk)).collect()
    }

    /// What numpy gave, or the error that it gave instead.
    pub(crate) fn answers(&self) -> Result<Vec<Array>, &str> {
        match self.0["error"].as_str() {
            Some(error) => Err(error),
            None => Ok(list(&self.0["results"]).iter().map(|value| array(value, 0)).collect()),
        }
    }

    /// Runs the case with its inputs cut in several ways, and compares with what numpy gave; also a part of
    /// each result, which is selected before it is computed.
    pub(crate) fn check(&self, precision: Precision, run: impl Fn(&[Array]) -> Result<Vec<Array>>) {
        for chunk in [2, 0] {
            let results = run(&self.inputs(chunk)).unwrap_or_else(|error| panic!("{}: {error}", self.0));
            let expected = list(&self.0["results"]);
            assert_eq!(results.len(), expected.len(), "{}", self.0);
            for (result, expected) in results.iter().zip(expected) {
                let expected = array(expected, 0);
                let text = self.0.to_string();
                let context = || format!("in chunks of {chunk}: {text:.2000}\n{}", result.tree());
                assert_eq!(result.shape(), expected.shape(), "{}", context());
                assert_eq!(result.dtype(), expected.dtype(), "{}", context());
                compare(result, &expected, precision, &context);
                compare(&odd_part(result), &odd_part(&expected), precision, &context);
            }
        }
    }
}

/// Every other element from behind along the last axis, without the first row of the others.
fn odd_part(array: &Array) -> Array {
    let mut part = array.clone();
    for axis in 0..array.ndim() {
        let len = array.shape()[axis];
        part = if axis + 1 == array.ndim() {
            part.stride_axis(axis as isize, len.saturating_sub(1), -2, len.div_ceil(2)).unwrap()
        } else {
            part.stride_axis(axis as isize, len.min(1), 1, len.saturating_sub(1)).unwrap()
        };
    }
    part
}

fn compare(result: &Array, expected: &Array, precision: Precision, context: &dyn Fn() -> String) {
    let (result, expected) = (result.compute().unwrap(), expected.compute().unwrap());
    assert_eq!(result.shape(), expected.shape(), "{}", context());
    let is_float = result.dtype().is_float();
    if !is_float {
        assert_eq!(result.buffer(), expected.buffer(), "{}", context());
        return;
    }
    let epsilon = if result.dtype() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    for (&a, &b) in result.to_f64().iter().zip(&expected.to_f64()) {
        let off = (a - b).abs();
        let is_met = match precision {
            _ if a.is_nan() || b.is_nan() => a.is_nan() && b.is_nan(),
            Precision::Exact => a.to_bits() == b.to_bits(),
            Precision::Ulps(ulps) => a == b || off <= ulps * epsilon * b.abs(),
        };
        assert!(is_met, "{a} is not {b} {}", context());
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some(text) => text.parse().unwrap(),
        None => value.as_f64().unwrap(),
    }
}

fn array(value: &Value, chunk: usize) -> Array {
    let shape: Vec<usize> = list(&value["shape"]).iter().map(|v| v.as_u64().unwrap() as usize).collect();
    let values = list(&value["values"]);
    fn ints<T: TryFrom<i64>>(values: &[Value]) -> Vec<T> {
        values.iter().map(|v| T::try_from(v.as_i64().unwrap()).ok().unwrap()).collect()
    }
    let (dtype, buffer) = match value["dtype"].as_str().unwrap() {
        "bool" => (DType::Bool, Buffer::Bool(values.iter().map(|v| v.as_bool().unwrap()).collect())),
        "int8" => (DType::I8, Buffer::I8(ints(values))),
        "int16" => (DType::I16, Buffer::I16(ints(values))),
        "int32" => (DType::I32, Buffer::I32(ints(values))),
        "int64" => (DType::I64, Buffer::I64(ints(values))),
        "uint8" => (DType::U8, Buffer::U8(ints(values))),
        "uint64" => (DType::U64, Buffer::U64(values.iter().map(|v| v.as_u64().unwrap()).collect())),
        "float32" => (DType::F32, Buffer::F32(values.iter().map(|v| number(v) as f32).collect())),
        "float64" => (DType::F64, Buffer::F64(values.iter().map(number).collect())),
        other => panic!("no {other} was recorded"),
    };
    let array = Array::from_chunk(Chunk::from_buffer(shape, dtype, buffer).unwrap()).unwrap();
    array.rechunk(vec![chunk; array.ndim()]).unwrap()
}
