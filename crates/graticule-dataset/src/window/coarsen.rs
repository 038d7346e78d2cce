//! Blocks of neighbours that become one element each.

use graticule_array::{Aggregation, Array, Excess, PadMode, WindowSide};

use crate::align::{able_to_miss, missing_value};
use crate::attrs::Encoding;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::ops::{Fold, Reduction, of_nothing, only, reshaped};
use crate::variable::Variable;

/// Blocks of neighbouring elements, made by [`Labeled::coarsen`], before it is said what is computed of them.
#[derive(Clone)]
pub struct Coarsen<V> {
    obj: Labeled<V>,
    windows: Vec<Window>,
    boundary: Excess,
    coord_func: Reduction,
    coord_funcs: Vec<(String, Reduction)>,
}

#[derive(Debug, Clone)]
struct Window {
    dim: Dim,
    size: usize,
    side: WindowSide,
}

impl<V: DataVars> Labeled<V> {
    /// Blocks of `size` neighbours along a dimension, which become one element each. [`Coarsen::and`] adds other dimensions.
    ///
    /// ```
    /// use graticule_array::{Array, Excess};
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["lat", "lon"], Array::ones((6, 9), "auto")?)?;
    /// let coarse = DataArray::new(None, data, [])?.coarsen("lat", 2).and("lon", 4).boundary(Excess::Trim).sum()?;
    /// assert_eq!((coarse.shape(), coarse.max(())?.item()?), (&[3, 2][..], 8.0));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn coarsen(&self, dim: impl AsRef<str>, size: usize) -> Coarsen<V> {
        Coarsen {
            obj: self.clone(),
            windows: vec![Window { dim: Dim::new(dim), size, side: WindowSide::Left }],
            boundary: Excess::Exact,
            coord_func: Reduction::mean(),
            coord_funcs: Vec::new(),
        }
    }
}

macro_rules! statistics {
    ($($name:ident $doc:literal)+) => {
        impl<V: DataVars> Coarsen<V> {$(
            #[doc = $doc]
            ///
            /// Missing values are left out; [`Coarsen::reduce`] has options.
            ///
            /// # Errors
            /// As [`Coarsen::reduce`].
            pub fn $name(&self) -> Result<Labeled<V>> {
                self.reduce(Reduction::$name())
            }
        )+}
    };
}

statistics! {
    sum "The sum of each block; 0 where all values are missing."
    prod "The product of each block; 1 where all values are missing."
    mean "The arithmetic mean of each block."
    var "The variance of each block with divisor `n`."
    std "The standard deviation of each block with divisor `n`."
    min "The smallest value of each block."
    max "The largest value of each block."
    median "The middle value of each block, or the mean of the two."
    any "Whether any value of each block is true (not zero)."
    all "Whether all values of each block are true (not zero)."
    count "How many values of each block are not missing."
}

impl<V: DataVars> Coarsen<V> {
    /// These blocks along another dimension too.
    pub fn and(mut self, dim: impl AsRef<str>, size: usize) -> Self {
        let side = self.windows.first().map_or(WindowSide::Left, |window| window.side);
        self.windows.push(Window { dim: Dim::new(dim), size, side });
        self
    }

    /// What happens to elements that do not fill a block: it is an error that there are any (the default), they are left
    /// out, or a block that lacks some is filled up with missing values, for which integers become floats.
    pub fn boundary(mut self, boundary: Excess) -> Self {
        self.boundary = boundary;
        self
    }

    /// At which end of all dimensions the blocks start; what does not fill one is at the other.
    pub fn side(mut self, side: WindowSide) -> Self {
        for window in &mut self.windows {
            window.side = side;
        }
        self
    }

    /// The same along one dimension.
    pub fn side_along(mut self, dim: &str, side: WindowSide) -> Self {
        for window in self.windows.iter_mut().filter(|window| window.dim == dim) {
            window.side = side;
        }
        self
    }

    /// What becomes of coordinates along the dimensions: their mean by default. The mean of times is exact.
    pub fn coord_func(mut self, reduction: Reduction) -> Self {
        self.coord_func = reduction;
        self
    }

    /// What becomes of one coordinate.
    pub fn coord_func_of(mut self, coord: impl Into<String>, reduction: Reduction) -> Self {
        self.coord_funcs.push((coord.into(), reduction));
        self
    }

    /// A statistic of each block.
    ///
    /// Variables of a dataset without the dimensions stay as they are; those the statistic is not defined for are left out.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] for blocks without elements, for a
    /// dimension that is no multiple of its blocks unless [`Coarsen::boundary`] says what to do, and for a coordinate of
    /// texts, which has no mean.
    pub fn reduce(&self, reduction: Reduction) -> Result<Labeled<V>> {
        self.check()?;
        let vars = only(&self.obj.vars, |variable| {
            self.blocks(variable).is_empty() || reduction.is_defined(variable.dtype())
        });
        let mut vars = vars.map(|variable| {
            let mut variable = self.reduced(variable, &reduction)?;
            if !reduction.keeps_attrs() {
                variable.attrs_mut().clear();
            }
            Ok(variable)
        })?;
        if !reduction.keeps_attrs() {
            vars.attrs_mut().clear();
        }
        let coords = self.obj.coords.mapped(|name, variable| {
            if self.blocks(variable).is_empty() {
                return Ok(Some(variable.clone()));
            }
            let own = self.coord_funcs.iter().rev().find(|(coord, _)| coord == name);
            let function = own.map_or(&self.coord_func, |(_, function)| function);
            if !function.is_defined(variable.dtype()) {
                let hint = format!("it is not defined for texts; drop {name:?} by drop_vars before");
                return Err(Error::argument("coord_func", format!("of coordinate {name:?}"), hint));
            }
            self.reduced(variable, function).map(Some)
        })?;
        Ok(Labeled::from_parts(vars, coords))
    }

    fn reduced(&self, variable: &Variable, reduction: &Reduction) -> Result<Variable> {
        let blocks = self.blocks(variable);
        if blocks.is_empty() {
            return Ok(variable.clone());
        }
        let whole = self.whole(variable, &blocks)?;
        let data = reduction.fold(&whole, &Blocks { sizes: &blocks })?;
        let variable = variable.with_dims_and_data(variable.dims().to_vec(), data)?;
        Ok(variable.with_encoding(Encoding::new()))
    }

    /// The axes of a variable that are coarsened, with the sizes of blocks.
    fn blocks(&self, variable: &Variable) -> Vec<(usize, usize)> {
        self.windows.iter().filter_map(|window| Some((variable.axis(&window.dim)?, window.size))).collect()
    }

    fn check(&self) -> Result<()> {
        for (i, window) in self.windows.iter().enumerate() {
            let len = self.obj.size(&window.dim)?;
            if window.size == 0 {
                return Err(Error::argument("size", 0, "use blocks of at least one element"));
            }
            if self.windows.iter().take(i).any(|other| other.dim == window.dim) {
                return Err(Error::argument("dim", format!("{:?}", window.dim), "name each dimension once"));
            }
            if self.boundary == Excess::Exact && len % window.size != 0 {
                let hint = format!(
                    "dimension {:?} of length {len} is no multiple of it; leave the rest out by boundary(Excess::Trim), or \
                     fill up by boundary(Excess::Pad)",
                    window.dim
                );
                return Err(Error::argument("size", window.size, hint));
            }
        }
        Ok(())
    }

    /// The data with whole blocks only: cut off or filled up at the side that is asked for.
    fn whole(&self, variable: &Variable, blocks: &[(usize, usize)]) -> Result<Array> {
        let mut data = variable.data().clone();
        let mut widths = vec![(0, 0); data.ndim()];
        for &(axis, size) in blocks {
            let len = data.shape().get(axis).copied().unwrap_or(0);
            let rest = len % size;
            let dim = variable.dims().get(axis);
            let right = self.windows.iter().any(|w| Some(&w.dim) == dim && w.side == WindowSide::Right);
            match self.boundary {
                _ if rest == 0 => {}
                Excess::Exact => {}
                Excess::Trim => {
                    let start = if right && len > rest { rest } else { 0 };
                    data = data.stride_axis(axis as isize, start, 1, len - rest)?;
                }
                Excess::Pad => {
                    if let Some(width) = widths.get_mut(axis) {
                        *width = if right { (size - rest, 0) } else { (0, size - rest) };
                    }
                }
            }
        }
        if widths.iter().any(|&width| width != (0, 0)) {
            data = able_to_miss(data)?;
            data = data.pad(&widths, &PadMode::constant(missing_value(data.dtype())))?;
        }
        Ok(data)
    }

    /// Each dimension as two: the blocks, and the elements in a block. Coordinates along it get both, so that an index becomes
    /// a coordinate with two dimensions.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["time"], Array::arange(24)?)?, [])?;
    /// let table = x.coarsen("time", 12).construct([("time", ["year", "month"])])?;
    /// assert_eq!((table.dims()[0].as_str(), table.shape()), ("year", &[2, 12][..]));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when not every dimension has names, and as [`Coarsen::reduce`].
    pub fn construct<'a>(
        &self,
        names: impl IntoIterator<Item = (&'a str, [&'a str; 2])>,
    ) -> Result<Labeled<V>> {
        self.check()?;
        let names: Vec<(Dim, [Dim; 2])> = names
            .into_iter()
            .map(|(dim, [block, inner])| (dim.into(), [block.into(), inner.into()]))
            .collect();
        let missing = self.windows.iter().find(|window| !names.iter().any(|(dim, _)| *dim == window.dim));
        if let Some(window) = missing {
            let hint = "give two new names for it";
            return Err(Error::argument("names", format!("none for {:?}", window.dim), hint));
        }
        if let Some((dim, _)) =
            names.iter().find(|(dim, _)| !self.windows.iter().any(|window| window.dim == *dim))
        {
            let hint = "it is not coarsened; name only dimensions that are";
            return Err(Error::argument("names", format!("{dim:?}"), hint));
        }
        let split = |variable: &Variable| {
            let blocks = self.blocks(variable);
            if blocks.is_empty() {
                return Ok(variable.clone());
            }
            let whole = self.whole(variable, &blocks)?;
            let (mut dims, mut shape) = (Vec::new(), Vec::new());
            for (axis, (dim, &len)) in variable.dims().iter().zip(whole.shape()).enumerate() {
                let new = names.iter().find(|(name, _)| name == dim);
                match (new, blocks.iter().find(|(coarsened, _)| *coarsened == axis)) {
                    (Some((_, [block, inner])), Some(&(_, size))) => {
                        dims.extend([block.clone(), inner.clone()]);
                        shape.extend([len / size, size]);
                    }
                    _ => {
                        dims.push(dim.clone());
                        shape.push(len);
                    }
                }
            }
            Ok(variable.with_dims_and_data(dims, reshaped(&whole, &shape)?)?.with_encoding(Encoding::new()))
        };
        let vars = self.obj.vars.map(split)?;
        let mut coords = Coords::default();
        for (name, variable) in self.obj.coords.iter() {
            coords.insert(name.into(), split(variable)?)?;
        }
        coords.inherit_levels(&self.obj.coords)?;
        Ok(Labeled::from_parts(vars, coords))
    }
}

/// Whole blocks along some axes.
struct Blocks<'a> {
    sizes: &'a [(usize, usize)],
}

impl Fold for Blocks<'_> {
    fn statistic(&self, data: &Array, aggregation: Aggregation) -> graticule_array::Result<Array> {
        let windows: Vec<(isize, usize)> =
            self.sizes.iter().map(|&(axis, size)| (axis as isize, size)).collect();
        data.coarsen(&windows)?.skipna(aggregation.skipna).reduce(aggregation.kind)
    }

    fn median(&self, data: &Array, skipna: bool) -> graticule_array::Result<Array> {
        let (mut shape, mut inner) = (Vec::new(), Vec::new());
        for (axis, &len) in data.shape().iter().enumerate() {
            match self.sizes.iter().find(|(coarsened, _)| *coarsened == axis) {
                Some(&(_, size)) => {
                    inner.push(shape.len() + 1);
                    shape.extend([len / size, size]);
                }
                None => shape.push(len),
            }
        }
        let data = reshaped(data, &shape)?;
        match skipna {
            _ if data.size() == 0 => of_nothing(&data, &inner),
            true => data.nanmedian(inner.as_slice()),
            false => data.median(inner.as_slice()),
        }
    }
}
