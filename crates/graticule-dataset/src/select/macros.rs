//! Selections of several dimensions as one writes keyword arguments.

/// The data at labels of several dimensions, as [`sel_dims`](crate::Labeled::sel_dims): `sel!(ssh, time = "2015-03", lat =
/// -30.0..=30.0)`. Names that are no identifiers stand in quotes.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Sel, Variable, isel, sel};
/// let lat = Variable::from_vec("lat", vec![-45.0, 0.0, 45.0])?;
/// let lon = Variable::from_vec("lon", vec![0.0, 120.0, 240.0])?;
/// let map = Variable::new(["lat", "lon"], Array::ones((3, 3), "auto")?)?;
/// let map = DataArray::new(None, map, [("lat".into(), lat), ("lon".into(), lon)])?;
/// assert_eq!(sel!(map, lat = -10.0..=50.0, lon = Sel::nearest(100.0))?.shape(), [2]);
/// assert_eq!(isel!(map, lat = -1, "lon" = [0, 2])?.shape(), [2]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`Labeled::sel_dims`](crate::Labeled::sel_dims).
#[macro_export]
macro_rules! sel {
    ($data:expr, $($dim:tt = $labels:expr),+ $(,)?) => {
        ($data).sel_dims([$(($crate::__dim!($dim), $crate::Sel::from($labels))),+])
    };
}

/// The data at positions of several dimensions, as [`isel_dims`](crate::Labeled::isel_dims): `isel!(ssh, time = -1, lat =
/// s![..10])`. See [`sel!`](crate::sel).
///
/// # Errors
/// As [`Labeled::isel_dims`](crate::Labeled::isel_dims).
#[macro_export]
macro_rules! isel {
    ($data:expr, $($dim:tt = $positions:expr),+ $(,)?) => {
        ($data).isel_dims([$(($crate::__dim!($dim), $crate::Positions::from($positions))),+])
    };
}

/// The name of a dimension, with or without quotes.
#[doc(hidden)]
#[macro_export]
macro_rules! __dim {
    ($name:literal) => {
        $name
    };
    ($name:ident) => {
        stringify!($name)
    };
}
