use graticule_array::{Array, Buffer, Chunk, DType, TimeUnit};
use graticule_dataset::{Attrs, DataArray, Dataset, Variable};

/// Midnights, `days` of them, from a day after 1970-01-01.
pub(crate) fn days(first: i64, days: i64) -> Variable {
    let nanos: Vec<i64> = (first..first + days).map(|day| day * 86_400_000_000_000).collect();
    let dtype = DType::Datetime(TimeUnit::Nanosecond);
    let chunk = Chunk::from_buffer(vec![nanos.len()], dtype, Buffer::I64(nanos)).unwrap();
    Variable::from_chunk(["time"], chunk).unwrap()
}

/// 2015-01-01 in days after 1970-01-01.
pub(crate) const DAY_2015: i64 = 16_436;

pub(crate) fn attrs(pairs: &[(&str, &str)]) -> Attrs {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect()
}

/// A year of daily maps of 2.5 degrees: values count up, chunks are maps.
pub(crate) fn year() -> Dataset {
    let (times, lats, lons) = (365usize, 72usize, 144usize);
    let data =
        ndarray::Array3::from_shape_fn((times, lats, lons), |(t, y, x)| (t * 10_000 + y * 144 + x) as f64);
    let lazy = (&Array::from_array(data, (1, lats, lons)).unwrap() * 1.0).unwrap();
    let adt = Variable::new(["time", "lat", "lon"], lazy)
        .unwrap()
        .with_attrs(attrs(&[("units", "m"), ("long_name", "Absolute dynamic topography")]));
    let lat: Vec<f64> = (0..72).map(|i| -88.75 + 2.5 * f64::from(i)).collect();
    let lon: Vec<f64> = (0..144).map(|i| 1.25 + 2.5 * f64::from(i)).collect();
    let coords = [
        ("time".to_owned(), days(DAY_2015, 365)),
        ("lat".to_owned(), Variable::from_vec("lat", lat).unwrap()),
        ("lon".to_owned(), Variable::from_vec("lon", lon).unwrap()),
    ];
    let title = attrs(&[("title", "Sea level, gridded")]);
    Dataset::new([("adt".to_owned(), adt)], coords, title).unwrap()
}

/// A small named array over x = labels.
pub(crate) fn on(name: &str, labels: Vec<f64>, values: Vec<f64>) -> DataArray {
    let data = Variable::from_vec("x", values).unwrap();
    DataArray::new(Some(name), data, [("x".to_owned(), Variable::from_vec("x", labels).unwrap())]).unwrap()
}

/// The values as floats in order.
pub(crate) fn values(array: &DataArray) -> Vec<f64> {
    array.variable().values().unwrap().to_f64()
}
