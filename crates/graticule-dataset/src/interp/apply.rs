//! Values at wanted labels as expressions of the engine.

use graticule_array::{Array, Casting, Chunk, DType, NAT, Scalar, Vindex};
use indexmap::IndexMap;
use ndarray::{ArrayD, IxDyn};

use super::curve::{Curve, Tie, Touch};
use super::method::{Beyond, Interp, InterpMethod};
use super::stencil::{Stencil, needed, outside};
use super::target::{Axis, laid_out};
use crate::attrs::Encoding;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::ops::reshaped;
use crate::select::Pick;
use crate::variable::Variable;

/// What stands between values of a dtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    Numbers,
    /// Whole counts of a unit.
    Times,
    /// Nothing: the nearest value is taken.
    Nothing,
}

fn between(dtype: DType) -> Between {
    match dtype {
        dtype if dtype.is_time() => Between::Times,
        DType::Bool | DType::Str => Between::Nothing,
        _ => Between::Numbers,
    }
}

/// Whether there are values between those of a variable.
pub(super) fn has_between(variable: &Variable) -> bool {
    between(variable.dtype()) != Between::Nothing
}

impl Variable {
    /// The values at the labels that are wanted along those axes that the variable has.
    pub(super) fn interpolated(&self, axes: &[Axis], options: &Interp) -> Result<Self> {
        let own: Vec<&Axis> = axes.iter().filter(|axis| self.axis(&axis.along).is_some()).collect();
        if own.is_empty() {
            return Ok(self.clone());
        }
        let mut order: Vec<Dim> = Vec::new();
        for dim in self.dims() {
            let axis = own.iter().find(|axis| axis.along == *dim);
            let dims = axis.map_or(std::slice::from_ref(dim), |axis| axis.dims());
            order.extend(dims.iter().filter(|dim| !order.contains(dim)).cloned().collect::<Vec<_>>());
        }
        let mut result = self.clone();
        let is_joint = options.method.is_weighted() || !has_between(self);
        for group in groups(&own) {
            match group.as_slice() {
                several @ [_, _, ..] if is_joint => result = result.at_points(several, options)?,
                // From the last dimension to the first, as scipy does.
                group => {
                    let number = |axis: &&Axis| result.axis(&axis.along);
                    let mut group = group.to_vec();
                    group.sort_by_key(|axis| std::cmp::Reverse(number(axis)));
                    for axis in group {
                        result = result.along_axis(axis, options)?;
                    }
                }
            }
        }
        let result = result.transpose(order)?.with_encoding(Encoding::new());
        // Short vectors stay in memory.
        if self.resident().is_some() && self.ndim() == 1 { result.persist() } else { Ok(result) }
    }

    /// Along one axis.
    fn along_axis(&self, axis: &Axis, options: &Interp) -> Result<Self> {
        let is_shared = |dim: &Dim| *dim != axis.along && self.axis(dim).is_some();
        if axis.dims().iter().any(is_shared) {
            return self.at_points(&[axis], options);
        }
        let touch = if self.ndim() == 1 { self.touch(axis, options) } else { Touch::Before };
        let (source, stencil) = self.prepared(axis, options, touch, &[])?;
        let number = source.axis(&axis.along).unwrap_or(0) as isize;
        let (width, len) = (stencil.width.max(1), axis.at.len());
        let positions: Vec<isize> = stencil.positions.iter().map(|&position| position as isize).collect();
        let all = gathered(source.data(), number, &positions, width)?;
        let part = |i: usize| all.stride_axis(number, i.min(width * len), width as isize, len);
        let parts = (0..width).map(part).collect::<graticule_array::Result<Vec<Array>>>()?;
        let along = std::slice::from_ref(&axis.along);
        let weight = |i: usize| stencil.weights.iter().skip(i).step_by(width).copied().collect();
        let weights = (0..width).map(|i| laid_out(along, &[len], weight(i)));
        let sum = Sum {
            dims: source.dims().to_vec(),
            parts,
            weights: weights.collect::<Result<_>>()?,
            values: stencil.values,
        };
        let dtype = self.result_dtype(options.method, &[axis]);
        let instead = Instead::new(&stencil.instead, along, &[len])?;
        let line = self.finished(&sum, dtype, instead.as_ref())?;
        line.unfolded(axis)
    }

    /// Along several axes whose wanted labels lie together on the same dimensions, or on one that the variable has.
    fn at_points(&self, group: &[&Axis], options: &Interp) -> Result<Self> {
        let mut sizes: IndexMap<Dim, usize> = IndexMap::new();
        for axis in group {
            sizes.extend(axis.wanted.sizes());
        }
        let dims: Vec<Dim> = sizes.keys().cloned().collect();
        let unneeded = outside(group, options.beyond);
        let mut source = self.clone();
        let mut stencils = Vec::new();
        for axis in group {
            let touch = if group.len() > 1 { Touch::Behind } else { self.touch(axis, options) };
            let (prepared, stencil) = source.prepared(axis, options, touch, &unneeded)?;
            source = prepared;
            stencils.push(stencil);
        }
        // Every combination of one neighbour along each axis, along a first axis of the points.
        let corners: usize = stencils.iter().map(|stencil| stencil.width).product();
        let corner = |corner: usize, at: usize| {
            let behind: usize = stencils.iter().skip(at + 1).map(|stencil| stencil.width).product();
            (corner / behind.max(1)) % stencils.get(at).map_or(1, |stencil| stencil.width)
        };
        let mut points = IndexMap::new();
        let mut weights = vec![laid_out(&[], &[], vec![1.0])?; corners];
        for (at, (axis, stencil)) in group.iter().zip(&stencils).enumerate() {
            let own = IxDyn(axis.wanted.shape());
            let mut layers = Vec::with_capacity(corners);
            for (number, weight) in weights.iter_mut().enumerate() {
                let side = corner(number, at);
                let positions =
                    stencil.positions.iter().skip(side).step_by(stencil.width).map(|&p| p as isize);
                layers.push(spread(own.clone(), positions.collect(), axis.dims(), &dims)?);
                if stencil.width > 1 {
                    let own = stencil.weights.iter().skip(side).step_by(stencil.width).copied().collect();
                    let own = laid_out(axis.dims(), axis.wanted.shape(), own)?;
                    *weight = weight.binary(graticule_array::Binary::Multiply, &own)?;
                }
            }
            points.insert(axis.along.clone(), stacked(&layers)?);
        }
        for dim in source.dims().iter().filter(|dim| sizes.contains_key(*dim)) {
            // A dimension of the wanted labels that the data have goes with them.
            if !points.contains_key(dim) {
                let len = source.size(dim).unwrap_or(0);
                let positions =
                    spread(IxDyn(&[len]), (0..len as isize).collect(), std::slice::from_ref(dim), &dims)?;
                points.insert(dim.clone(), stacked(&[positions])?);
            }
        }
        let axes =
            source.dims().iter().map(|dim| points.get(dim).cloned().map_or(Vindex::from(..), Vindex::Points));
        let picked = source.data().vindex(&axes.collect::<Vec<_>>())?;
        let kept = source.dims().iter().filter(|dim| !points.contains_key(*dim));
        let result_dims: Vec<Dim> = dims.iter().chain(kept).cloned().collect();
        let parts = (0..corners).map(|corner| picked.index_axis(0, corner as isize));
        let parts = parts.collect::<graticule_array::Result<Vec<Array>>>()?;
        let values = match stencils.as_slice() {
            [stencil] => stencil.values,
            _ => corners,
        };
        let sum = Sum { dims: result_dims, parts, weights, values };
        let mut instead: Option<Instead> = None;
        for (axis, stencil) in group.iter().zip(&stencils) {
            let own = Instead::new(&stencil.instead, axis.dims(), axis.wanted.shape())?;
            instead = match (instead, own) {
                (Some(a), Some(b)) => Some(a.or(&b)?),
                (a, b) => a.or(b),
            };
        }
        self.finished(&sum, self.result_dtype(options.method, group), instead.as_ref())
    }

    /// The coefficients along an axis, and which of them are needed for the labels that are wanted.
    fn prepared(
        &self,
        axis: &Axis,
        options: &Interp,
        touch: Touch,
        unneeded: &[bool],
    ) -> Result<(Self, Stencil)> {
        if !has_between(self) {
            let curve = Curve::nearest(axis.places.clone(), Tie::Upper);
            if axis.at.iter().any(|at| at.is_nan()) {
                let hint = format!("{} has no value between others, so none is nearest to it", self.dtype());
                return Err(Error::argument("labels", format!("a missing one along {:?}", axis.along), hint));
            }
            let mut stencil = Stencil::new(&curve, axis, Beyond::Extrapolated, &[]);
            stencil.in_order_of(axis);
            return Ok((self.clone(), stencil));
        }
        let least = options.method.least();
        if axis.places.len() < least {
            let hint =
                format!("it needs at least {least} labels, and {:?} has {}", axis.along, axis.places.len());
            return Err(Error::argument("method", format!("{:?}", options.method), hint));
        }
        let needed = needed(options.method, axis, options);
        let curve =
            Curve::new(options.method, axis.places.get(needed.clone()).unwrap_or_default().to_vec(), touch);
        let Some(len) = curve.coefficients_len() else {
            let mut stencil = Stencil::new(&curve, axis, options.beyond, unneeded);
            stencil.in_order_of(axis);
            return Ok((self.clone(), stencil));
        };
        // What lies outside of all labels lies outside of the needed ones too, and nothing else that is wanted does.
        let stencil = Stencil::new(&curve, axis, options.beyond, unneeded);
        let positions = axis.order.get(needed).unwrap_or_default().to_vec();
        let rising = self.pick(&axis.along, &Pick::of_positions(positions))?;
        let number = rising.axis(&axis.along).unwrap_or(0) as isize;
        let name = format!("{:?}", options.method).to_lowercase();
        let numbers = match self.dtype() {
            DType::Datetime(_) | DType::Timedelta(_) => counts(rising.data())?,
            _ => rising.data().astype(DType::F64)?,
        };
        let data = if numbers.size() == 0 {
            let shape = numbers.shape().iter().enumerate();
            let shape: Vec<usize> =
                shape.map(|(i, &own)| if i as isize == number { len } else { own }).collect();
            Array::full(f64::NAN, shape, "auto")?
        } else {
            numbers
                .apply_along_axis(&name, number, len, move |values: &[f64]| Ok(curve.coefficients(values)))?
        };
        Ok((rising.with_data(data)?, stencil))
    }

    /// On which line a label itself is in xarray, where one dimension is interpolated of lines that are worked on by
    /// themselves: `numpy.interp` takes those of float64.
    fn touch(&self, axis: &Axis, options: &Interp) -> Touch {
        let is_wide = matches!(axis.dtype, DType::F64 | DType::I64) || axis.dtype.is_time();
        let is_numpy = is_wide && self.dtype() != DType::F32 && options.beyond != Beyond::Extrapolated;
        if is_numpy { Touch::Alone } else { Touch::Before }
    }

    /// The dtype of results, as numpy promotes values, labels and wanted labels.
    fn result_dtype(&self, method: InterpMethod, group: &[&Axis]) -> DType {
        let is_narrow = |dtype: DType| dtype == DType::F32 || (dtype.is_numeric() && dtype.size() <= 2);
        let is_single = |axis: &&Axis| is_narrow(axis.dtype) && axis.wanted.dtype() == DType::F32;
        match (between(self.dtype()), method) {
            (Between::Times | Between::Nothing, _) => self.dtype(),
            (Between::Numbers, InterpMethod::Nearest) => self.dtype().to_float(),
            (Between::Numbers, InterpMethod::Linear)
                if self.dtype() == DType::F32 && group.len() == 1 && group.iter().all(is_single) =>
            {
                DType::F32
            }
            (Between::Numbers, _) => DType::F64,
        }
    }

    /// Parts put together, in a dtype, with other values in some places.
    fn finished(&self, sum: &Sum, dtype: DType, instead: Option<&Instead>) -> Result<Self> {
        let data = match between(self.dtype()) {
            _ if sum.parts.len() == 1 => sum.only()?.astype(dtype)?,
            Between::Times => sum.of_times(dtype)?,
            Between::Numbers | Between::Nothing => sum.of_numbers()?.astype_with(dtype, Casting::Wrap)?,
        };
        let data = match instead {
            None => data,
            Some(instead) => instead.put_into(&data, &sum.dims)?,
        };
        self.with_dims_and_data(sum.dims.clone(), data)
    }

    /// The dimensions of the wanted labels in place of the one along which they are in C order.
    fn unfolded(&self, axis: &Axis) -> Result<Self> {
        let Some(number) = self.axis(&axis.along) else { return Ok(self.clone()) };
        let mut dims = self.dims().to_vec();
        dims.splice(number..=number, axis.dims().iter().cloned());
        let data = match axis.wanted.shape() {
            [_] => self.data().clone(),
            [] => self.data().index_axis(number as isize, 0)?,
            several => {
                let mut shape = self.shape().to_vec();
                shape.splice(number..=number, several.iter().copied());
                reshaped(self.data(), &shape)?
            }
        };
        self.with_dims_and_data(dims, data)
    }
}

impl Stencil {
    /// Positions among the labels in rising order as positions in the data.
    fn in_order_of(&mut self, axis: &Axis) {
        for position in &mut self.positions {
            *position = axis.order.get(*position).copied().unwrap_or(0);
        }
    }
}

/// Axes whose wanted labels share dimensions, together.
fn groups<'a>(axes: &[&'a Axis]) -> Vec<Vec<&'a Axis>> {
    let mut groups: Vec<Vec<&Axis>> = Vec::new();
    for &axis in axes {
        let meets = |group: &Vec<&Axis>| {
            group.iter().any(|other| axis.dims().iter().any(|dim| other.dims().contains(dim)))
        };
        let (mut met, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(meets);
        met.push(vec![axis]);
        groups = others;
        groups.push(met.concat());
    }
    groups
}

/// Parts of values with their weights.
struct Sum {
    dims: Vec<Dim>,
    parts: Vec<Array>,
    weights: Vec<Variable>,
    /// How many parts have weights that add up to 1.
    values: usize,
}

impl Sum {
    fn only(&self) -> Result<&Array> {
        let none = || Error::argument("method", "no neighbours", "use another method");
        self.parts.first().ok_or_else(none)
    }

    /// The weighted sum of numbers. Where all parts are equal, it is exactly that number.
    fn of_numbers(&self) -> Result<Array> {
        let base = self.only()?.astype(DType::F64)?;
        let mut sum = base.clone();
        for (i, (part, weight)) in self.parts.iter().zip(&self.weights).enumerate().skip(1) {
            let part = part.astype(DType::F64)?;
            let part = if i < self.values { (&part - &base)? } else { part };
            sum = (&sum + (part * weight.arranged(&self.dims)?)?)?;
        }
        Ok(sum)
    }

    /// The weighted sum of times, exact but for the rounding of the distance from the first part; or of counts of a unit.
    fn of_times(&self, dtype: DType) -> Result<Array> {
        let base = self.only()?;
        let (DType::Datetime(unit) | DType::Timedelta(unit)) = dtype else { return Ok(base.clone()) };
        let duration = DType::Timedelta(unit);
        let whole = |numbers: &Array, dtype: DType| {
            let is_missing = numbers.isnan()?;
            let counts = is_missing.choose(0.0, numbers.round()?)?.astype(DType::I64)?;
            is_missing.choose(Scalar::Int(NAT), counts)?.astype(dtype)
        };
        if !base.dtype().is_time() {
            return Ok(whole(&self.of_numbers()?, dtype)?);
        }
        let mut distance: Option<Array> = None;
        for (part, weight) in self.parts.iter().zip(&self.weights).skip(1) {
            let step = (counts(&(part - base)?)? * weight.arranged(&self.dims)?)?;
            distance = Some(match distance {
                None => step,
                Some(sum) => (sum + step)?,
            });
        }
        match distance {
            None => Ok(base.clone()),
            Some(distance) => Ok((base + whole(&distance, duration)?)?),
        }
    }
}

/// Times or durations as float64, NaN for NaT.
fn counts(times: &Array) -> graticule_array::Result<Array> {
    let counts = times.astype_with(DType::I64, Casting::Wrap)?.astype(DType::F64)?;
    times.isnan()?.choose(f64::NAN, counts)
}

/// Values that stand in place of those between known ones.
struct Instead {
    is_there: Variable,
    value: Variable,
}

impl Instead {
    fn new(instead: &[Option<f64>], dims: &[Dim], shape: &[usize]) -> Result<Option<Self>> {
        if instead.iter().all(Option::is_none) {
            return Ok(None);
        }
        let there = Chunk::new(shape.to_vec(), instead.iter().map(Option::is_some).collect::<Vec<bool>>())?;
        let values = instead.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        Ok(Some(Self { is_there: Variable::from_chunk(dims, there)?, value: laid_out(dims, shape, values)? }))
    }

    /// Another's values where there are none of these.
    fn or(self, other: &Self) -> Result<Self> {
        let dims = crate::ops::union(&[&self.is_there, &other.is_there])?;
        let [own, value, theirs, their_value] =
            [&self.is_there, &self.value, &other.is_there, &other.value].map(|part| part.arranged(&dims));
        let (own, theirs) = (own?, theirs?);
        let value = own.choose(value?, their_value?)?;
        let is_there = own.logical_or(&theirs)?;
        Ok(Self {
            is_there: Variable::new(&dims, is_there.broadcast_to(value.shape().to_vec())?)?,
            value: Variable::new(&dims, value)?,
        })
    }

    fn put_into(&self, data: &Array, dims: &[Dim]) -> Result<Array> {
        let is_there = self.is_there.arranged(dims)?;
        match data.dtype() {
            // A number is no time.
            DType::Datetime(unit) => Ok(is_there.choose(Scalar::Datetime(NAT, unit), data)?),
            DType::Timedelta(unit) => Ok(is_there.choose(Scalar::Timedelta(NAT, unit), data)?),
            dtype => {
                let value = self.value.arranged(dims)?.astype_with(dtype, Casting::Wrap)?;
                Ok(is_there.choose(value, data)?)
            }
        }
    }
}

/// So few positions are in one chunk along their axis: `take` would make slices of them, and chunks of each.
const FEW: usize = 64;

/// The elements at positions along an axis.
fn gathered(data: &Array, axis: isize, positions: &[isize], width: usize) -> graticule_array::Result<Array> {
    if width == 1 || positions.len() > FEW {
        return data.take(axis, positions);
    }
    let points = |other: isize| if other == axis { positions.into() } else { Vindex::from(..) };
    let ndim = data.ndim() as isize;
    let picked = data.vindex(&(0..ndim).map(points).collect::<Vec<_>>())?;
    let order: Vec<isize> = (0..ndim)
        .map(|other| {
            if other < axis {
                other + 1
            } else if other == axis {
                0
            } else {
                other
            }
        })
        .collect();
    picked.permute(&order)
}

/// Positions with their axes in the order of `dims`, of length 1 where they have none.
fn spread(own: IxDyn, positions: Vec<isize>, own_dims: &[Dim], dims: &[Dim]) -> Result<ArrayD<isize>> {
    let misfit =
        |error: ndarray::ShapeError| Error::argument("labels", error, "give as many as their shape holds");
    let positions = ArrayD::from_shape_vec(own, positions).map_err(misfit)?;
    let order: Vec<usize> =
        dims.iter().filter_map(|dim| own_dims.iter().position(|own| own == dim)).collect();
    let mut positions = positions.permuted_axes(IxDyn(&order));
    for (axis, dim) in dims.iter().enumerate() {
        if !own_dims.contains(dim) {
            positions.insert_axis_inplace(ndarray::Axis(axis));
        }
    }
    Ok(positions)
}

/// Layers along a new first axis.
fn stacked(layers: &[ArrayD<isize>]) -> Result<ArrayD<isize>> {
    let views: Vec<_> = layers.iter().map(|layer| layer.view()).collect();
    ndarray::stack(ndarray::Axis(0), &views)
        .map_err(|error| Error::argument("labels", error, "give as many as their shape holds"))
}
