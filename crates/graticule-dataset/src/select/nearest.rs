//! The nearest points of a grid whose latitudes and longitudes are two-dimensional, on the sphere.

use graticule_array::Array;
use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

use super::points::Points;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::variable::Variable;

/// The mean radius of the Earth in metres (IUGG).
const EARTH_RADIUS: f64 = 6_371_008.8;

/// Places on the Earth to look for, in degrees, for [`Labeled::sel_nearest`].
#[derive(Debug, Clone)]
pub struct Nearest {
    lat: DataArray,
    lon: DataArray,
    max_distance: Option<f64>,
}

impl Nearest {
    /// Places by arrays of their latitudes and longitudes, which have the same dimensions.
    pub fn to(lat: &DataArray, lon: &DataArray) -> Self {
        Self { lat: lat.clone(), lon: lon.clone(), max_distance: None }
    }

    /// One place.
    ///
    /// # Errors
    /// None today; the signature leaves room for places that are none.
    pub fn to_point(lat: f64, lon: f64) -> Result<Self> {
        let point = |value: f64| DataArray::new(None, Variable::scalar(value)?, []);
        Ok(Self::to(&point(lat)?, &point(lon)?))
    }

    /// The largest distance accepted between a place and the point that is taken for it, in metres.
    pub fn max_distance(mut self, metres: f64) -> Self {
        self.max_distance = Some(metres);
        self
    }
}

/// A point on the unit sphere with its position in the grid.
type Point = GeomWithData<[f64; 3], usize>;

impl<V: DataVars> Labeled<V> {
    /// The data at the points of a grid that are nearest to some places, where the coordinates `lat` and `lon` of the
    /// grid have one and the same dimensions, such as those of a curvilinear ocean grid or of a swath. Distances are
    /// those on a sphere, so poles and the dateline are nothing special. Points whose coordinates are missing are
    /// left out.
    ///
    /// The result has the dimensions of the places in place of those of the grid, the coordinates of the points that
    /// were taken, and a coordinate `distance` in metres. Both coordinates of the grid are computed. xarray has no
    /// such selection.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Nearest, Variable};
    /// let grid = |values| Variable::new(["y", "x"], Array::from_array(values, (2, 2))?);
    /// let lat = grid(ndarray::arr2(&[[10.0, 11.0], [50.0, 51.0]]))?;
    /// let lon = grid(ndarray::arr2(&[[179.0, -179.0], [178.0, -178.0]]))?;
    /// let sst = grid(ndarray::arr2(&[[25.0, 26.0], [12.0, 13.0]]))?;
    /// let sst = DataArray::new(Some("sst"), sst, [("lat".into(), lat), ("lon".into(), lon)])?;
    /// let there = sst.sel_nearest("lat", "lon", &Nearest::to_point(11.2, 180.0)?.max_distance(200e3))?;
    /// assert_eq!(there.item()?, 26.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] for coordinates that are not there, [`Error::Dims`] when their dimensions differ or
    /// those of the places do, [`Error::Argument`] for a place that is none, [`Error::Label`] when the nearest
    /// point is beyond the largest distance.
    pub fn sel_nearest(&self, lat: &str, lon: &str, places: &Nearest) -> Result<Self> {
        let (grid_lat, grid_lon) = (self.coord(lat)?, self.coord(lon)?);
        let dims = same_dims(&grid_lat, &grid_lon, "the coordinates of the grid")?;
        let place_dims = same_dims(&places.lat, &places.lon, "the latitudes and longitudes of the places")?;
        let tree = RTree::bulk_load(points(&grid_lat, &grid_lon)?);
        let (lats, lons) =
            (places.lat.variable().values()?.to_f64(), places.lon.variable().values()?.to_f64());
        let mut positions = Vec::with_capacity(lats.len());
        let mut distances = Vec::with_capacity(lats.len());
        for (&place_lat, &place_lon) in lats.iter().zip(&lons) {
            if !place_lat.is_finite() || !place_lon.is_finite() || place_lat.abs() > 90.0 {
                let hint = "latitudes are degrees from -90 to 90, longitudes finite degrees";
                return Err(Error::argument("places", format!("({place_lat}, {place_lon})"), hint));
            }
            let place = on_sphere(place_lat, place_lon);
            let label = format!("({place_lat}, {place_lon})");
            let missing = |hint: String| Err(Error::Label { dim: Dim::new(lat), label: label.clone(), hint });
            let Some(point) = tree.nearest_neighbor(place) else {
                return missing("no point of the grid has coordinates".into());
            };
            // The angle over the chord between two points of the unit sphere.
            let chord = point.distance_2(&place).sqrt();
            let distance = 2.0 * (chord / 2.0).min(1.0).asin() * EARTH_RADIUS;
            if places.max_distance.is_some_and(|max| distance > max) {
                return missing(format!(
                    "the nearest point is {distance:.0} m away, beyond the largest distance"
                ));
            }
            positions.push(point.data);
            distances.push(distance);
        }
        let mut points = Vec::with_capacity(dims.len());
        let mut stride = 1;
        for (dim, &len) in dims.iter().zip(grid_lat.shape()).rev() {
            let along: Vec<usize> = positions.iter().map(|position| position / stride % len).collect();
            points.push(Points::new(dim.clone(), &place_dims, places.lat.shape(), along));
            stride *= len;
        }
        points.reverse();
        let mut selected =
            self.pick_points(&points, &[places.lat.coords.clone(), places.lon.coords.clone()])?;
        let distance = ndarray::ArrayD::from_shape_vec(ndarray::IxDyn(places.lat.shape()), distances)
            .map_err(|error| Error::argument("places", error, "give a latitude and a longitude for each"))?;
        let distance = Variable::new(&place_dims, Array::from_array(distance, "auto")?)?;
        let metres = [
            ("units".to_owned(), "m".into()),
            ("long_name".to_owned(), "distance to the wanted place".into()),
        ];
        if selected.vars.holds("distance") || selected.coords.contains("distance") {
            let problem = "the distances are a coordinate of this name; rename what has it".into();
            return Err(Error::DuplicateName { name: "distance".into(), problem });
        }
        selected.coords.insert("distance".into(), distance.with_attrs(metres.into_iter().collect()))?;
        Ok(selected)
    }
}

fn same_dims(lat: &DataArray, lon: &DataArray, what: &str) -> Result<Vec<Dim>> {
    if lat.dims() == lon.dims() && lat.shape() == lon.shape() {
        return Ok(lat.dims().to_vec());
    }
    let dims = crate::error::listed(lon.dims());
    Err(Error::Dims {
        dims: lat.dims().to_vec(),
        shape: lon.shape().to_vec(),
        problem: format!(
            "{what} must have the same dimensions, but one has ({dims}); on a grid of two axes use sel_dims"
        ),
    })
}

/// The points of a grid that have coordinates.
fn points(lat: &DataArray, lon: &DataArray) -> Result<Vec<Point>> {
    let (lats, lons) = (lat.variable().values()?.to_f64(), lon.variable().values()?.to_f64());
    let points =
        lats.iter().zip(&lons).enumerate().filter(|(_, (lat, lon))| lat.is_finite() && lon.is_finite());
    Ok(points.map(|(position, (&lat, &lon))| Point::new(on_sphere(lat, lon), position)).collect())
}

fn on_sphere(lat: f64, lon: f64) -> [f64; 3] {
    let (lat, lon) = (lat.to_radians(), lon.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}
