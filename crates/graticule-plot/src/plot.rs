//! From a labeled array to a figure: axes from its coordinates, labels from its names and units.

use graticule_array::{Array, Chunk, DType};
use graticule_dataset::{Attrs, Calendar, DataArray, Dim, Over};

use crate::axis::Scale;
use crate::error::{Error, Result};
use crate::figure::Figure;

/// Pictures of a labeled array.
pub trait Plot {
    /// The picture that suits the number of dimensions: of one a line, of two a map with a colour bar, of
    /// more a histogram of all values. Dimensions of length 1 do not count. What is lazy is computed.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// use graticule_plot::{Content, Plot};
    /// let lat = Variable::from_vec("lat", vec![-60.0, 0.0, 60.0])?;
    /// let ssh = Variable::from_vec("lat", vec![-0.5, 0.8, 0.1])?;
    /// let ssh = DataArray::new(Some("ssh"), ssh, [("lat".to_string(), lat)])?;
    /// let figure = ssh.plot()?;
    /// assert!(matches!(figure.content, Content::Lines(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] when the values cannot be computed or are text.
    fn plot(&self) -> Result<Figure>;
}

impl Plot for DataArray {
    fn plot(&self) -> Result<Figure> {
        let array = self.squeeze(Over::from(())).map_err(data)?;
        if array.dtype() == DType::Str {
            let source = graticule_array::Error::Dtype {
                operation: "plotting".into(),
                dtype: DType::Str,
                hint: "only numbers and times can be drawn".into(),
            };
            return Err(data(source.into()));
        }
        let label = label(array.name().unwrap_or_default(), array.variable().attrs());
        let figure = match array.dims() {
            [x] => {
                let (values, axis) = (numbers(array.variable().data())?, Positions::of(&array, x)?);
                Figure::line(axis.values, values).x_label(axis.label).x_scale(axis.scale).y_label(label)
            }
            [y, x] => {
                let values = numbers(array.variable().data())?;
                let (x, y) = (Positions::of(&array, x)?, Positions::of(&array, y)?);
                let (x_scale, y_scale) = (x.scale, y.scale);
                let figure = Figure::mesh(x.values, y.values, values).x_label(x.label).y_label(y.label);
                figure.x_scale(x_scale).y_scale(y_scale).color_label(label)
            }
            _ => histogram(array.variable().data())?.x_label(label).y_label("count"),
        };
        Ok(figure.title(title(&array)))
    }
}

/// Where the elements of a dimension stand on an axis: at their coordinate, or at 0, 1, 2, …
struct Positions {
    values: Vec<f64>,
    label: String,
    scale: Scale,
}

impl Positions {
    fn of(array: &DataArray, dim: &Dim) -> Result<Self> {
        let name = dim.as_str();
        match array.coords().get(name) {
            Some(coord) if coord.dtype() != DType::Str => {
                let label = label(name, coord.attrs());
                // The ticks of a time axis are dates of the civil calendar: others are drawn by their year.
                if coord.calendar().is_some_and(|calendar| calendar != Calendar::ProlepticGregorian) {
                    let years = array.coord(name).and_then(|time| time.dt()?.decimal_year()).map_err(data)?;
                    return Ok(Self { values: numbers(years.data())?, label, scale: Scale::Linear });
                }
                let is_date = matches!(coord.dtype(), DType::Datetime(_));
                let scale = if is_date { Scale::Time } else { Scale::Auto };
                let values = coord.values().map_err(data)?;
                Ok(Self { values: seconds_or_numbers(&values), label, scale })
            }
            _ => {
                let len = array.size(name).map_err(data)?;
                let values = (0..len).map(|i| i as f64).collect();
                Ok(Self { values, label: name.to_owned(), scale: Scale::Linear })
            }
        }
    }
}

/// The most values that are drawn one by one: far more than any picture has room for.
const MAX_DRAWN: usize = 100_000_000;

/// Bins of a histogram of very many values.
const BINS: usize = 100;

/// A histogram that is counted chunk by chunk: the values are never in memory together.
fn histogram(values: &Array) -> Result<Figure> {
    let engine = |error: graticule_array::Error| data(error.into());
    let values = values.astype(DType::F64).map_err(engine)?;
    let finite = values.isfinite().and_then(|finite| finite.choose(&values, f64::NAN)).map_err(engine)?;
    let range = [finite.nanmin(()).map_err(engine)?, finite.nanmax(()).map_err(engine)?];
    let range = graticule_array::compute_all(&range).map_err(engine)?;
    let [low, high] = [0, 1].map(|i| range.get(i).and_then(|x| x.get(0)).map_or(f64::NAN, |x| x.to_f64()));
    if low.is_nan() || high.is_nan() {
        return Ok(Figure::histogram(&[]));
    }
    // As numpy does where all values are one.
    let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
    let counts = finite.histogram(BINS, (low, high)).and_then(|counts| counts.compute()).map_err(engine)?;
    let width = (high - low) / BINS as f64;
    let edges: Vec<f64> = (0..=BINS).map(|i| if i == BINS { high } else { low + width * i as f64 }).collect();
    Ok(Figure::histogram_from_counts(counts.to_f64(), edges))
}

fn numbers(values: &Array) -> Result<Vec<f64>> {
    if values.size() > MAX_DRAWN {
        let source = graticule_array::Error::Argument {
            argument: "values to draw",
            value: values.size().to_string(),
            hint: format!("at most {MAX_DRAWN} are drawn; take every n-th with isel and a step, or a part"),
        };
        return Err(data(source.into()));
    }
    let chunk = values.compute().map_err(|source| data(source.into()))?;
    Ok(seconds_or_numbers(&chunk))
}

/// Times become seconds, which is what a time axis counts.
fn seconds_or_numbers(chunk: &Chunk) -> Vec<f64> {
    let mut values = chunk.to_f64();
    if let DType::Datetime(unit) = chunk.dtype() {
        let per_second = unit.per_second() as f64;
        values.iter_mut().for_each(|t| *t /= per_second);
    }
    values
}

/// The long name, or the standard name, or the name, with the units.
fn label(name: &str, attrs: &Attrs) -> String {
    let text = |key: &str| attrs.get(key).and_then(|attr| attr.as_str()).filter(|text| !text.is_empty());
    let standard = text("standard_name").map(|name| name.replace('_', " "));
    let long = text("long_name").map(str::to_owned).or(standard).unwrap_or_else(|| name.to_owned());
    match text("units") {
        Some(units) if units != "1" => format!("{long} [{units}]"),
        _ => long,
    }
}

/// What was selected to get here: the coordinates that have a single value.
fn title(array: &DataArray) -> String {
    let parts = array.coords().iter().filter(|(_, coord)| coord.ndim() == 0);
    let parts: Vec<String> = parts
        .filter_map(|(name, coord)| {
            let chunk = coord.resident()?;
            let text = match (chunk.dtype(), chunk.as_slice::<i64>()) {
                (DType::Datetime(unit), Ok(&[t])) => {
                    graticule_dataset::time::format_in(t, unit, coord.calendar().unwrap_or_default())
                }
                _ => chunk.get(0)?.to_string(),
            };
            Some(format!("{name} = {text}"))
        })
        .collect();
    parts.join(", ")
}

fn data(cause: graticule_dataset::Error) -> Error {
    Error::Data { cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Content;
    use graticule_array::{Buffer, TimeUnit};
    use graticule_dataset::Variable;

    fn cube() -> DataArray {
        let data = Array::arange(24).unwrap();
        let data = Array::stack(&[data.clone(), data], 0).unwrap();
        let hours: Vec<i64> = (0..24).map(|hour| hour * 3_600_000).collect();
        let unit = DType::Datetime(TimeUnit::Millisecond);
        let hours = Chunk::from_buffer(vec![24], unit, Buffer::I64(hours)).unwrap();
        let mut level = Variable::from_vec("level", vec![10.0, 20.0]).unwrap();
        level.attrs_mut().insert("units".into(), "m".into());
        let variable = Variable::new(["level", "time"], data).unwrap();
        let time = Variable::from_chunk(["time"], hours).unwrap();
        DataArray::new(Some("t"), variable, [("level".to_owned(), level), ("time".to_owned(), time)]).unwrap()
    }

    #[test]
    fn the_picture_follows_the_number_of_dimensions() {
        let map = cube().plot().unwrap();
        assert!(matches!(map.content, Content::Mesh(_)));
        assert_eq!(map.y_axis.label, "level [m]");
        let line = cube().isel("level", 1).unwrap().plot().unwrap();
        let Content::Lines(lines) = &line.content else { panic!("{:?}", line.content) };
        assert_eq!(lines[0].x[2], 7200.0);
        assert_eq!(line.title, "level = 20");
        let more = cube().expand_dims("run").unwrap();
        assert!(matches!(more.plot().unwrap().content, Content::Mesh(_)));
    }

    #[test]
    fn more_dimensions_are_counted_without_holding_them() {
        let big = Array::random_normal(0.0, 1.0, 1, (40, 500, 500), (1, 500, 500)).unwrap();
        let cube = DataArray::new(None, Variable::new(["t", "y", "x"], big).unwrap(), []).unwrap();
        let figure = cube.plot().unwrap();
        let Content::Histogram(histogram) = &figure.content else { panic!("{:?}", figure.content) };
        assert_eq!(histogram.counts.iter().sum::<f64>(), 1e7);
        let gone = Array::full(f64::NAN, (2, 2, 2), (2, 2, 2)).unwrap();
        let gone = DataArray::new(None, Variable::new(["t", "y", "x"], gone).unwrap(), []).unwrap();
        gone.plot().unwrap().to_svg().unwrap();
        let wide = Array::zeros((20_000, 20_000), (1_000, 1_000)).unwrap();
        let wide = DataArray::new(None, Variable::new(["y", "x"], wide).unwrap(), []).unwrap();
        assert!(wide.plot().unwrap_err().to_string().contains("every n-th"));
    }

    #[test]
    fn times_stand_on_a_time_axis() {
        let line = cube().isel("level", 0).unwrap().plot().unwrap();
        assert_eq!(line.x_axis.resolved_scale(), Scale::Time);
    }
}
