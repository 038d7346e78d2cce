//! What labels cost: small operations on labeled arrays of 10 by 10, and the same without labels, computed.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use graticule::prelude::*;
use serde_json::{Map, Value, json};

/// Calls whose time is one sample.
const REPEATS: u32 = 500;

/// Samples, of which the middle one counts.
const SAMPLES: usize = 41;

type Work<'a> = dyn Fn() -> Result<(), Box<dyn Error>> + 'a;

/// For each operation the microseconds with labels and without.
pub(crate) fn labels() -> Result<Value, Box<dyn Error>> {
    let grid = |start: f64| ndarray::Array2::from_shape_fn((10, 10), |(i, j)| start + (10 * i + j) as f64);
    let array = |start| Array::from_array(grid(start), (10, 10));
    let (a, b) = (array(0.0)?, array(0.5)?);
    let coord = |name, step: f64| Variable::from_vec(name, (0..10).map(|i| f64::from(i) * step).collect());
    let coords = [("lat".to_owned(), coord("lat", 1.0)?), ("lon".to_owned(), coord("lon", 2.0)?)];
    let labeled = |data: &Array| {
        DataArray::new(Some("x"), Variable::new(["lat", "lon"], data.clone())?, coords.clone())
    };
    let (x, y) = (labeled(&a)?, labeled(&b)?);

    let bare = |array: Result<Array, graticule::array::Error>| -> Result<(), Box<dyn Error>> {
        black_box(array?.compute()?);
        Ok(())
    };
    let full = |array: Result<DataArray, graticule::dataset::Error>| -> Result<(), Box<dyn Error>> {
        black_box(array?.compute()?);
        Ok(())
    };
    let works: [(&str, Box<Work<'_>>, Box<Work<'_>>); 6] = [
        ("a + b", Box::new(|| full(&x + &y)), Box::new(|| bare(&a + &b))),
        ("cos(a)", Box::new(|| full(x.cos())), Box::new(|| bare(a.cos()))),
        ("mean over lat", Box::new(|| full(x.mean("lat"))), Box::new(|| bare(a.mean(0)))),
        ("isel of lat", Box::new(|| full(x.isel("lat", 2..7))), Box::new(|| bare(a.slice(s![2..7, ..])))),
        ("sel of lat", Box::new(|| full(x.sel("lat", 3.0))), Box::new(|| bare(a.index_axis(0, 3)))),
        (
            "sel of lon, nearest",
            Box::new(|| full(x.sel("lon", Sel::nearest(3.2)))),
            Box::new(|| bare(a.index_axis(1, 2))),
        ),
    ];
    let mut costs = Map::new();
    for (name, labeled, bare) in &works {
        costs.insert((*name).to_owned(), json!([median_us(labeled)?, median_us(bare)?]));
    }
    Ok(Value::Object(costs))
}

fn median_us(work: &Work<'_>) -> Result<f64, Box<dyn Error>> {
    let mut samples = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let start = Instant::now();
        (0..REPEATS).try_for_each(|_| work())?;
        samples.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATS));
    }
    samples.sort_by(f64::total_cmp);
    Ok(samples[SAMPLES / 2])
}
