//! Selecting along several dimensions at once: pointwise where the arrays of positions share a dimension.

use graticule_array::{Array, Chunk, Vindex};
use indexmap::IndexMap;
use ndarray::{ArrayD, IxDyn};

use super::label::Indexed;
use super::position::{Pick, Positions, positions_in};
use super::sel::{Labels, Sel};
use crate::coords::Coords;
use crate::dims::{Dim, unify_sizes};
use crate::error::{Error, Result};
use crate::index::labels_equal;
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::variable::Variable;

/// Positions along one dimension, laid out along dimensions of their own.
#[derive(Debug, Clone)]
pub(super) struct Points {
    along: Dim,
    dims: Vec<Dim>,
    shape: Vec<usize>,
    positions: Vec<usize>,
}

impl<V: DataVars> Labeled<V> {
    /// The data at positions of several dimensions: `isel` of all of them at once.
    ///
    /// Arrays of positions that share a dimension are taken pointwise, one element for each position of that
    /// dimension; arrays on different dimensions are taken orthogonally, as lists are. The dimensions of the arrays
    /// stand where the first dimension that they select stood, and their coordinates are attached.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let map = Array::from_array(ndarray::arr2(&[[0i64, 1, 2], [3, 4, 5]]), (1, 3))?;
    /// let map = DataArray::new(None, Variable::new(["lat", "lon"], map)?, [])?;
    /// let along = |positions: Vec<i64>| DataArray::new(None, Variable::from_vec("station", positions)?, []);
    /// let (lat, lon) = (along(vec![0, 1, 1])?, along(vec![2, 0, -1])?);
    /// let stations = map.isel_dims([("lat", &lat), ("lon", &lon)])?;
    /// assert_eq!(stations.dims(), ["station"]);
    /// assert_eq!(stations.values::<i64>()?.into_raw_vec_and_offset().0, [2, 3, 5]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::isel`]; [`Error::SizeConflict`] where arrays give one dimension different lengths, and
    /// [`Error::Alignment`] where their labels differ from each other or from those of the data.
    pub fn isel_dims(
        &self,
        positions: impl IntoIterator<Item = (impl AsRef<str>, impl Into<Positions>)>,
    ) -> Result<Self> {
        let mut result = self.clone();
        let mut points = Vec::new();
        let mut attached = Vec::new();
        let mut named: Vec<Dim> = Vec::new();
        for (dim, positions) in positions {
            let dim = Dim::new(dim);
            let len = self.size(&dim)?;
            once(&mut named, &dim)?;
            match positions.into() {
                Positions::Array(array) => {
                    let (selected, coords) = points_of(&dim, len, *array)?;
                    points.push(selected);
                    attached.push(coords);
                }
                positions => result = result.pick(&dim, &positions.resolve(&dim, len)?)?,
            }
        }
        result.pick_points(&points, &attached)
    }

    /// The data at labels of several dimensions: `sel` of all of them at once, pointwise where arrays of labels share
    /// a dimension, as [`Labeled::isel_dims`]. The labels that were found are coordinates of the result.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Method, Sel, Variable};
    /// let map = Array::from_array(ndarray::arr2(&[[0i64, 1, 2], [3, 4, 5]]), (1, 3))?;
    /// let lat = Variable::from_vec("lat", vec![-45.0, 45.0])?;
    /// let lon = Variable::from_vec("lon", vec![0.0, 120.0, 240.0])?;
    /// let map = Variable::new(["lat", "lon"], map)?;
    /// let map = DataArray::new(None, map, [("lat".into(), lat), ("lon".into(), lon)])?;
    /// let along = |degrees: Vec<f64>| DataArray::new(None, Variable::from_vec("ship", degrees)?, []);
    /// let (lats, lons) = (along(vec![-40.0, 30.0])?, along(vec![10.0, 200.0])?);
    /// let nearest = |labels| Sel::from(labels).method(Method::Nearest);
    /// let track = map.sel_dims([("lat", nearest(&lats)), ("lon", nearest(&lons))])?;
    /// assert_eq!(track.values::<i64>()?.into_raw_vec_and_offset().0, [0, 5]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::sel`] and [`Labeled::isel_dims`].
    pub fn sel_dims(
        &self,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl Into<Sel>)>,
    ) -> Result<Self> {
        let mut result = self.clone();
        let mut points = Vec::new();
        let mut attached = Vec::new();
        let mut named: Vec<Dim> = Vec::new();
        for (name, labels) in labels {
            let (name, sel) = (name.as_ref(), labels.into());
            once(&mut named, &Dim::new(name))?;
            let Labels::Array(array) = &sel.labels else {
                result = result.sel(name, sel)?;
                continue;
            };
            match self.indexed(name)? {
                Indexed::Whole(along, index) => {
                    let positions = sel.positions_of(&index, array.variable())?;
                    let dims = array.dims().to_vec();
                    points.push(Points { along, dims, shape: array.shape().to_vec(), positions });
                    // Labels that were looked for are not those that were found.
                    attached.push(array.coords.filtered(|coord, _| coord != name));
                }
                Indexed::Level(along, _) => {
                    return Err(Error::Unindexed {
                        dim: along,
                        problem: "has an index of several levels, which arrays of labels do not select by"
                            .into(),
                        hint: "unstack it first, or make one level its index".into(),
                    });
                }
            }
        }
        result.pick_points(&points, &attached)
    }

    /// The data at positions laid out along dimensions of their own, with the coordinates of these.
    pub(super) fn pick_points(&self, points: &[Points], attached: &[Coords]) -> Result<Self> {
        if points.is_empty() {
            return Ok(self.clone());
        }
        let mut sizes = IndexMap::new();
        for point in points {
            let owner = format!("the positions along {:?}", point.along);
            unify_sizes(&mut sizes, &owner, point.dims.iter().cloned().zip(point.shape.iter().copied()))?;
        }
        for (dim, len) in self.sizes() {
            let is_selected = points.iter().any(|point| point.along == dim);
            if !is_selected {
                unify_sizes(&mut sizes, "the data", [(dim, len)])?;
            }
        }
        let vars = self.vars.map(|variable| variable.pick_points(points))?;
        let mut coords = self.coords.mapped(|_, variable| Ok(Some(variable.pick_points(points)?)))?;
        for indexer in attached {
            for (name, variable) in indexer.iter() {
                if !self.vars.holds(name) {
                    attach(&mut coords, name, variable, indexer)?;
                }
            }
            coords.adopt_levels(indexer)?;
        }
        Ok(Self::from_parts(vars, coords))
    }
}

fn once(named: &mut Vec<Dim>, dim: &Dim) -> Result<()> {
    if named.contains(dim) {
        let problem = "the selection names it twice; put the two into one".into();
        return Err(Error::DuplicateName { name: dim.to_string(), problem });
    }
    named.push(dim.clone());
    Ok(())
}

/// A coordinate of an array of positions, beside the data that it selected.
pub(crate) fn attach(coords: &mut Coords, name: &str, variable: &Variable, indexer: &Coords) -> Result<()> {
    match coords.get(name) {
        None => coords.insert(name.into(), variable.clone()),
        Some(own) => {
            let (Some(a), Some(b)) = (own.resident(), variable.resident()) else { return Ok(()) };
            let are_indexes = coords.is_index(name) && indexer.is_index(name);
            if are_indexes {
                own.check_calendar(variable, &format!("selecting by an array with labels of {name:?}"))?;
            }
            if are_indexes && !labels_equal(a, b) {
                return Err(Error::Alignment {
                    dim: name.into(),
                    difference: crate::index::difference(a, b, own.calendar().unwrap_or_default()),
                    hint:
                        "the array that selects has this coordinate too; drop it there, or select by labels"
                            .into(),
                });
            }
            Ok(())
        }
    }
}

/// The positions that an array of integers or bools means, and the coordinates that belong to them.
fn points_of(dim: &Dim, len: usize, array: DataArray) -> Result<(Points, Coords)> {
    let values = array.variable().values()?;
    let positions = positions_in(&values, dim)?;
    let is_mask = matches!(positions, Positions::Mask(_));
    if is_mask && array.dims() != [dim.clone()] {
        let dims = crate::error::listed(array.dims());
        let hint = format!(
            "a mask for {dim:?} has that dimension and no other; to mask over several, use where_drop"
        );
        return Err(Error::argument("positions", format!("a mask along ({dims})"), hint));
    }
    let positions = positions.resolve(dim, len)?.positions();
    let array = if is_mask { array.pick(dim, &Pick::of_positions(positions.clone()))? } else { array };
    let (dims, shape) = (array.dims().to_vec(), array.shape().to_vec());
    Ok((Points { along: dim.clone(), dims, shape, positions }, array.coords))
}

impl Variable {
    /// The elements at points of those of the dimensions that the variable has.
    fn pick_points(&self, points: &[Points]) -> Result<Self> {
        let mut own: Vec<Points> =
            points.iter().filter(|point| self.axis(&point.along).is_some()).cloned().collect();
        if own.is_empty() {
            return Ok(self.clone());
        }
        // A dimension of the points that the variable has already goes with them.
        for (dim, len) in self.sizes() {
            let is_shared = own.iter().any(|point| point.dims.contains(&dim));
            if is_shared && !own.iter().any(|point| point.along == dim) {
                let positions = (0..len).collect();
                own.push(Points { along: dim.clone(), dims: vec![dim], shape: vec![len], positions });
            }
        }
        let mut order: Vec<Dim> = Vec::new();
        for dim in self.dims() {
            let point = own.iter().find(|point| point.along == *dim);
            let dims = point.map_or(std::slice::from_ref(dim), |point| point.dims.as_slice());
            order.extend(dims.iter().filter(|dim| !order.contains(dim)).cloned().collect::<Vec<_>>());
        }
        let mut result = self.clone();
        while let Some(first) = own.pop() {
            let mut group = vec![first];
            while let Some(next) = own.iter().position(|point| group.iter().any(|other| point.meets(other))) {
                group.push(own.swap_remove(next));
            }
            result = match group.as_slice() {
                [point] => result.pick_one(point)?,
                several => result.pick_together(several)?,
            };
        }
        result.transpose(order)
    }

    /// The elements at positions of one dimension.
    fn pick_one(&self, points: &Points) -> Result<Self> {
        if let ([], [position]) = (points.dims.as_slice(), points.positions.as_slice()) {
            return self.pick(&points.along, &Pick::One(*position));
        }
        let picked = self.pick(&points.along, &Pick::of_positions(points.positions.clone()))?;
        let Some(axis) = picked.axis(&points.along) else { return Ok(picked) };
        let mut dims = picked.dims().to_vec();
        dims.splice(axis..=axis, points.dims.iter().cloned());
        if points.shape.len() == 1 {
            return picked.with_dims_and_data(dims, picked.data().clone());
        }
        let mut shape = picked.shape().to_vec();
        shape.splice(axis..=axis, points.shape.iter().copied());
        let data = match picked.resident() {
            Some(chunk) if picked.ndim() == 1 => {
                Array::from_chunk(Chunk::from_buffer(shape, chunk.dtype(), chunk.buffer().clone())?)?
            }
            _ => {
                let shape: Vec<isize> = shape.into_iter().map(|len| len as isize).collect();
                picked.data().reshape(&shape)?
            }
        };
        picked.with_dims_and_data(dims, data)
    }

    /// The elements at points of several dimensions that share dimensions of theirs.
    fn pick_together(&self, group: &[Points]) -> Result<Self> {
        let mut sizes: IndexMap<Dim, usize> = IndexMap::new();
        for points in group {
            sizes.extend(points.dims.iter().cloned().zip(points.shape.iter().copied()));
        }
        let axes = self.dims().iter().map(|dim| match group.iter().find(|points| points.along == *dim) {
            None => Ok(Vindex::from(..)),
            Some(points) => points.laid_out(&sizes).map(Vindex::Points),
        });
        let data = self.data().vindex(&axes.collect::<Result<Vec<_>>>()?)?;
        let kept = self.dims().iter().filter(|dim| !group.iter().any(|points| points.along == **dim));
        let dims = sizes.keys().chain(kept).cloned().collect();
        self.with_dims_and_data(dims, data)
    }
}

impl Points {
    pub(super) fn new(along: Dim, dims: &[Dim], shape: &[usize], positions: Vec<usize>) -> Self {
        Self { along, dims: dims.to_vec(), shape: shape.to_vec(), positions }
    }

    fn meets(&self, other: &Self) -> bool {
        self.dims.iter().any(|dim| other.dims.contains(dim))
    }

    /// The positions with their axes in the order of `sizes`, of length 1 where they have none.
    fn laid_out(&self, sizes: &IndexMap<Dim, usize>) -> Result<ArrayD<isize>> {
        let positions: Vec<isize> = self.positions.iter().map(|&position| position as isize).collect();
        let axis = |dim: &Dim| self.dims.iter().position(|own| own == dim);
        let order: Vec<usize> = sizes.keys().filter_map(axis).collect();
        let shape: Vec<usize> =
            sizes.iter().map(|(dim, &len)| if axis(dim).is_some() { len } else { 1 }).collect();
        let own = ArrayD::from_shape_vec(IxDyn(&self.shape), positions);
        let laid = own.map(|own| own.permuted_axes(IxDyn(&order)).as_standard_layout().into_owned());
        let laid = laid.and_then(|laid| laid.into_shape_with_order(IxDyn(&shape)));
        laid.map_err(|error| Error::argument("positions", error, "give as many positions as the shape holds"))
    }
}
