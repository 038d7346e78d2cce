//! Functions of the user's: on blocks of bare values with named core dimensions, and on labeled blocks.

use std::sync::Arc;

use graticule_array::{AxisChunks, BlockInfo, Chunk, Custom, DType, Element, blockwise};
use ndarray::{ArrayD, ArrayViewD, Axis};

use super::chunks::Cuts;
use super::pairs::{merged_coords, named_as};
use crate::align::{Join, align};
use crate::attrs::Encoding;
use crate::coords::Coords;
use crate::dims::{Dim, dims_from};
use crate::error::{Error, Result};
use crate::labeled::DataArray;
use crate::select::Pick;
use crate::variable::Variable;

/// A function on bare arrays, lifted to labeled ones: xarray's `apply_ufunc` with `dask="parallelized"`.
///
/// Each input may have core dimensions, which the function sees whole, as its last axes in the order given. All other
/// dimensions are loop dimensions: they are aligned by their labels and broadcast by name, come first in the same order
/// for every input (of length 1 where an input lacks one), and are worked on in blocks.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{ApplyUfunc, DataArray, Variable};
/// let data = Variable::new(["time", "x"], Array::linspace(0.0, 11.0, 12)?.reshape(&[4, 3])?)?;
/// let da = DataArray::new(None, data, [])?;
/// // How far the values of each place lie apart.
/// let range = ApplyUfunc::new("range").input_core_dims([["time"]]).apply::<f64, f64>(&[&da], |blocks| {
///     let range = |row: ndarray::ArrayView1<f64>| {
///         row.fold(f64::MIN, |a, b| a.max(*b)) - row.fold(f64::MAX, |a, b| a.min(*b))
///     };
///     Ok(blocks[0].map_axis(ndarray::Axis(blocks[0].ndim() - 1), range))
/// })?;
/// assert_eq!(range.values::<f64>()?.into_raw_vec_and_offset().0, [9.0, 9.0, 9.0]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ApplyUfunc {
    name: String,
    input_core_dims: Vec<Vec<Dim>>,
    output_core_dims: Vec<(Dim, usize)>,
    keep_attrs: bool,
    scratch: usize,
}

/// A result of a user's function, with the engine's error.
type Applied<T> = graticule_array::Result<T>;

impl ApplyUfunc {
    /// A function under a name, which plans and errors show.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            input_core_dims: Vec::new(),
            output_core_dims: Vec::new(),
            keep_attrs: true,
            scratch: 0,
        }
    }

    /// The core dimensions of each input, in order. Inputs that are not mentioned have none.
    pub fn input_core_dims<D: AsRef<str>>(
        mut self,
        dims: impl IntoIterator<Item = impl IntoIterator<Item = D>>,
    ) -> Self {
        self.input_core_dims = dims.into_iter().map(dims_from).collect();
        self
    }

    /// The last dimensions of the result, with their lengths. One that an input has with the same length keeps its
    /// coordinates.
    pub fn output_core_dims(mut self, dims: impl IntoIterator<Item = (impl AsRef<str>, usize)>) -> Self {
        self.output_core_dims = dims.into_iter().map(|(dim, len)| (Dim::new(dim), len)).collect();
        self
    }

    /// Whether the result has the attributes of the first input, which is the default.
    pub fn keep_attrs(mut self, keep_attrs: bool) -> Self {
        self.keep_attrs = keep_attrs;
        self
    }

    /// Bytes that one call needs beside its blocks, so that the memory limit holds.
    pub fn scratch(mut self, bytes: usize) -> Self {
        self.scratch = bytes;
        self
    }

    /// Calls the function on blocks. It gets a view of each input and gives an array with the loop axes and then the
    /// output's core axes. It runs on several threads at once.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for core dimensions that an input lacks, [`Error::Alignment`] when labels differ,
    /// [`graticule_array::Error::Dtype`] for inputs of another dtype than the function takes. While computing, what the
    /// function gives, and [`graticule_array::Error::Shape`] when its result has another shape.
    pub fn apply<T: Element, U: Element>(
        &self,
        arrays: &[&DataArray],
        function: impl Fn(&[ArrayViewD<'_, T>]) -> Applied<ArrayD<U>> + Send + Sync + 'static,
    ) -> Result<DataArray> {
        let Some(first) = arrays.first() else {
            return Err(Error::argument("arrays", "none", "give at least one array"));
        };
        let aligned = align(arrays, Join::Exact)?;
        for array in &aligned {
            // Refuses a function of another type now, rather than while computing.
            Chunk::empty(array.dtype()).as_slice::<T>()?;
        }
        let plan = self.plan(&aligned)?;
        let missing = plan.missing.clone();
        let on_blocks = move |_: BlockInfo<'_>, blocks: &[&Chunk]| -> Applied<Chunk> {
            let views = blocks.iter().zip(&missing).map(|(block, missing)| {
                let mut view = block.view::<T>()?;
                for &axis in missing {
                    view = view.insert_axis(Axis(axis));
                }
                Ok(view)
            });
            Ok(Chunk::from(function(&views.collect::<Applied<Vec<_>>>()?)?))
        };
        let mut custom = Custom::closure(&self.name, U::DTYPE, Arc::new(on_blocks)).axes(&plan.text)?;
        for (letter, chunks) in plan.chunks {
            custom = custom.chunks(letter, chunks);
        }
        let inputs: Vec<&graticule_array::Array> = plan.inputs.iter().map(Variable::data).collect();
        let data = blockwise(custom.scratch(self.scratch), &inputs)?;
        let mut variable =
            first.variable().with_dims_and_data(plan.dims, data)?.with_encoding(Encoding::new());
        if !self.keep_attrs {
            variable.attrs_mut().clear();
        }
        let fits = |coord: &Variable| coord.sizes().all(|(dim, len)| variable.size(&dim) == Some(len));
        let coords = merged_coords(&aligned)?.filtered(|_, coord| fits(coord));
        named_as(first, variable, coords)
    }

    /// Calls the function once for each position of the loop dimensions: xarray's `vectorize=True`. It gets a view of
    /// the core dimensions of each input, and gives an array of the output's core dimensions.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{ApplyUfunc, DataArray, Variable};
    /// let data = Variable::new(["x", "time"], Array::linspace(0.0, 11.0, 12)?.reshape(&[3, 4])?)?;
    /// let da = DataArray::new(None, data, [])?;
    /// let sum = ApplyUfunc::new("sum").input_core_dims([["time"]]);
    /// let sum = sum.vectorize::<f64, f64>(&[&da], |rows| Ok(ndarray::arr0(rows[0].sum()).into_dyn()))?;
    /// assert_eq!(sum.values::<f64>()?.into_raw_vec_and_offset().0, [6.0, 22.0, 38.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ApplyUfunc::apply`].
    pub fn vectorize<T: Element, U: Element>(
        &self,
        arrays: &[&DataArray],
        function: impl Fn(&[ArrayViewD<'_, T>]) -> Applied<ArrayD<U>> + Send + Sync + 'static,
    ) -> Result<DataArray> {
        let lens: Vec<usize> = self.output_core_dims.iter().map(|(_, len)| *len).collect();
        let core: Vec<usize> = (0..arrays.len()).map(|i| self.core_of(i).len()).collect();
        self.apply(arrays, move |blocks| {
            let loops: Vec<&[usize]> =
                blocks.iter().zip(&core).map(|(block, core)| split(block.shape(), *core).0).collect();
            let shape = broadcast(&loops);
            let mut values: Vec<U> = Vec::new();
            for place in ndarray::indices(shape.as_slice()) {
                let views: Vec<ArrayViewD<'_, T>> = blocks
                    .iter()
                    .zip(&loops)
                    .map(|(block, lens)| {
                        let mut view = block.view();
                        for (at, len) in ndarray::Dimension::slice(&place).iter().zip(*lens) {
                            view = view.index_axis_move(Axis(0), if *len == 1 { 0 } else { *at });
                        }
                        view
                    })
                    .collect();
                let result = function(&views)?;
                if result.shape() != lens.as_slice() {
                    return Err(graticule_array::Error::Shape {
                        operation: "the result of the function".into(),
                        left: lens.clone(),
                        right: result.shape().to_vec(),
                        hint: "give an array of the output's core dimensions".into(),
                    });
                }
                values.extend(result.iter().cloned());
            }
            let whole: Vec<usize> = shape.iter().chain(&lens).copied().collect();
            Chunk::new(whole, values)?.to_ndarray::<U>()
        })
    }

    fn core_of(&self, input: usize) -> &[Dim] {
        self.input_core_dims.get(input).map_or(&[], Vec::as_slice)
    }

    /// Arranges the inputs and names their axes.
    fn plan(&self, arrays: &[DataArray]) -> Result<Layout> {
        let mut loops: Vec<Dim> = Vec::new();
        for (i, array) in arrays.iter().enumerate() {
            let core = self.core_of(i);
            if let Some(unknown) = core.iter().find(|dim| !array.dims().contains(dim)) {
                return Err(Error::unknown_dim(unknown, array.dims().to_vec()));
            }
            for dim in array.dims().iter().filter(|dim| !core.contains(dim)) {
                if !loops.contains(dim) {
                    loops.push(dim.clone());
                }
            }
        }
        let is_core = |dim: &Dim| self.input_core_dims.iter().flatten().any(|core| core == dim);
        if let Some(both) = loops.iter().find(|dim| is_core(dim)) {
            let hint = "it is a core dimension of one input and not of another; name it for all that have it";
            return Err(Error::argument("input_core_dims", format!("{:?}", &**both), hint));
        }
        let variables: Vec<&Variable> = arrays.iter().map(DataArray::variable).collect();
        // Lengths must agree.
        super::operand::union(&variables.iter().take(3).copied().collect::<Vec<_>>())?;
        let mut cuts = Cuts::of(&variables);
        self.input_core_dims.iter().flatten().for_each(|dim| cuts.whole(dim));
        let mut letters = Letters::default();
        let mut layout = Layout::default();
        let mut texts = Vec::new();
        for (i, variable) in variables.iter().enumerate() {
            let own = |dim: &&Dim| variable.axis(dim).is_some();
            let order: Vec<&Dim> = loops.iter().filter(own).chain(self.core_of(i)).collect();
            let input = cuts.apply(&variable.transpose(&order)?)?;
            texts.push(order.iter().map(|dim| letters.of(dim)).collect::<Result<String>>()?);
            layout
                .missing
                .push((0..loops.len()).filter(|&axis| loops.get(axis).is_some_and(|d| !own(&d))).collect());
            layout.inputs.push(input);
        }
        let mut output = loops.iter().map(|dim| letters.of(dim)).collect::<Result<String>>()?;
        for (_, len) in &self.output_core_dims {
            let letter = letters.fresh()?;
            output.push(letter);
            layout.chunks.push((letter, AxisChunks::regular(*len, 0)));
        }
        layout.text = format!("{}->{output}", texts.join(","));
        layout.dims = loops;
        layout.dims.extend(self.output_core_dims.iter().map(|(dim, _)| dim.clone()));
        Ok(layout)
    }
}

/// How the inputs of a function are cut and walked together.
#[derive(Default)]
struct Layout {
    inputs: Vec<Variable>,
    /// For each input the loop axes that it lacks.
    missing: Vec<Vec<usize>>,
    text: String,
    chunks: Vec<(char, AxisChunks)>,
    dims: Vec<Dim>,
}

/// A letter for each axis.
#[derive(Default)]
struct Letters(Vec<Option<Dim>>);

impl Letters {
    fn of(&mut self, dim: &Dim) -> Result<char> {
        match self.0.iter().position(|known| known.as_ref() == Some(dim)) {
            Some(i) => letter(i),
            None => {
                self.0.push(Some(dim.clone()));
                letter(self.0.len() - 1)
            }
        }
    }

    fn fresh(&mut self) -> Result<char> {
        self.0.push(None);
        letter(self.0.len() - 1)
    }
}

fn letter(i: usize) -> Result<char> {
    let too_many = || Error::argument("dimensions", i + 1, "a function can be applied to up to 52");
    ('a'..='z').chain('A'..='Z').nth(i).ok_or_else(too_many)
}

/// The loop lengths and the core lengths of a shape.
fn split(shape: &[usize], core: usize) -> (&[usize], &[usize]) {
    shape.split_at(shape.len().saturating_sub(core))
}

fn broadcast(shapes: &[&[usize]]) -> Vec<usize> {
    let ndim = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let len = |axis: usize| {
        let lens = shapes.iter().filter_map(|shape| shape.get(axis)).copied();
        lens.fold(1, |a, b| if a == 1 { b } else { a })
    };
    (0..ndim).map(len).collect()
}

impl DataArray {
    /// Calls a function on each block as a labeled array, with the part of the coordinates that belongs to it: xarray's
    /// `map_blocks`. It gives an array of the same dimensions and shape, of the dtype that is announced; coordinates,
    /// name and attributes stay those of the whole array.
    ///
    /// Coordinates that are not in memory are left out of the blocks: [`crate::Labeled::load`] them first if the
    /// function needs them. It runs on several threads at once.
    ///
    /// ```
    /// use graticule_array::{Array, DType};
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = Variable::from_vec("x", vec![1.0, 2.0, 3.0, 4.0])?;
    /// let data = Variable::new(["x"], Array::ones(4, 2)?)?;
    /// let da = DataArray::new(None, data, [("x".into(), x)])?;
    /// let scaled = da.map_blocks("scaled", DType::F64, |block| block * block.coord("x")?)?;
    /// assert_eq!(scaled.variable().values()?.as_slice::<f64>()?, [1.0, 2.0, 3.0, 4.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// None here; while computing, what the function gives, and [`graticule_array::Error::Shape`] when its block has
    /// another shape or dtype.
    pub fn map_blocks(
        &self,
        name: &str,
        dtype: DType,
        function: impl Fn(&Self) -> Result<Self> + Send + Sync + 'static,
    ) -> Result<Self> {
        let template = self
            .variable()
            .with_data(graticule_array::Array::zeros(vec![0; self.variable().ndim()], "auto")?)?;
        let coords = self.coords().filtered(|_, coord| coord.resident().is_some());
        let own_name = self.name().map(str::to_owned);
        let label = name.to_owned();
        let on_blocks = move |info: BlockInfo<'_>, blocks: &[&Chunk]| -> Applied<Chunk> {
            let run = || -> Result<Chunk> {
                let Some(block) = blocks.first() else {
                    return Err(Error::argument("blocks", "none", "there is one"));
                };
                let part = block_of(&template, own_name.as_deref(), &coords, info, block)?;
                let result = function(&part)?;
                let dims = result.dims();
                if dims != part.dims() {
                    let hint = format!("it has to keep the dimensions {}", crate::error::listed(part.dims()));
                    return Err(Error::argument("result", crate::error::listed(dims), hint));
                }
                Ok(result.variable().values()?.as_ref().clone())
            };
            run().map_err(|error| match error {
                Error::Array(error) => error,
                other => graticule_array::Error::Argument {
                    argument: "function",
                    value: label.clone(),
                    hint: other.to_string(),
                },
            })
        };
        let axes: String = (0..self.variable().ndim()).map(letter).collect::<Result<_>>()?;
        let custom = Custom::closure(name, dtype, Arc::new(on_blocks)).axes(&format!("{axes}->{axes}"))?;
        let variable = self.variable().apply(|data| blockwise(custom, &[data]))?;
        named_as(self, variable, self.coords().clone())
    }
}

/// One block with its labels.
fn block_of(
    template: &Variable,
    name: Option<&str>,
    coords: &Coords,
    info: BlockInfo<'_>,
    block: &Chunk,
) -> Result<DataArray> {
    let variable = template.with_data(graticule_array::Array::from_chunk(block.clone())?)?;
    let mut part = DataArray::new(name, variable, [])?;
    part.coords = coords.mapped(|_, coord| {
        let mut coord = coord.clone();
        for (dim, range) in template.dims().iter().zip(info.region) {
            coord = coord.pick(dim, &Pick::Stride { start: range.start, step: 1, len: range.len() })?;
        }
        Ok(Some(coord))
    })?;
    Ok(part)
}
