//! Functions with core axes on arrays with any others: numpy's generalized ufuncs.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn};

use crate::array::Array;
use crate::blockwise::{BlockInfo, Custom};
use crate::chunk::{Chunk, Element};
use crate::error::{Error, Result};
use crate::grid::AxisChunks;
use crate::grid::ChunkGrid;
use crate::ops::blockwise;
use crate::ops::whole::whole_along;

/// A signature such as `(i,j),(j)->(i),()`: the names of the core axes of each input and of each output.
struct Signature {
    inputs: Vec<Vec<String>>,
    outputs: Vec<Vec<String>>,
}

impl Signature {
    fn parse(text: &str) -> Result<Self> {
        let hint = "write the core axes of each input and of each output in parentheses, as in \"(i,j),(j)->(i),()\"";
        let bad = || Error::argument("signature", format!("{text:?}"), hint);
        let side = |text: &str| -> Option<Vec<Vec<String>>> {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            if text.is_empty() {
                return Some(Vec::new());
            }
            let inner = text.strip_prefix('(')?.strip_suffix(')')?;
            inner.split("),(").map(names).collect()
        };
        let (inputs, outputs) = text.split_once("->").ok_or_else(bad)?;
        let (inputs, outputs) = (side(inputs).ok_or_else(bad)?, side(outputs).ok_or_else(bad)?);
        if inputs.is_empty() || outputs.is_empty() { Err(bad()) } else { Ok(Self { inputs, outputs }) }
    }
}

/// The names of one pair of parentheses, each once.
fn names(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let names: Vec<String> = text.split(',').map(str::to_owned).collect();
    let is_name = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let distinct = names.iter().enumerate().all(|(i, name)| is_name(name) && !names[..i].contains(name));
    distinct.then_some(names)
}

/// How the function finds what it is called with in a block.
struct Loops {
    /// The shape of the core axes of each input.
    cores: Vec<Vec<usize>>,
    /// The shape of each output of one call.
    outputs: Vec<Vec<usize>>,
}

impl Array {
    /// Calls a function on what lies along the core axes of arrays, wherever the others are: `dask.array.apply_gufunc`
    /// with `vectorize`.
    ///
    /// The signature names the core axes, which are the last ones of each input: `"(i),(i)->()"` is a function of two lines
    /// of equal length that gives one number. The other axes broadcast. The function is called with the core part of each
    /// input, once for each position on the other axes, and gives the core part of each output; `sizes` says how long core
    /// axes are that only outputs have. All inputs are of one type, and so are all outputs: cast before and after.
    ///
    /// Core axes are brought into one chunk, for which the other axes may be cut finer. The function runs on several threads
    /// at once. A panic in it becomes an error that names the block. The outputs are parts of one node: computed together,
    /// with [`crate::compute_all`], they take one call for each position.
    ///
    /// ```
    /// use graticule_array::{Array, compute_all};
    /// let x = Array::from_array(ndarray::arr2(&[[1.0, 5.0, 3.0], [2.0, 2.0, 8.0]]), (1, 2))?;
    /// let range = Array::apply_gufunc("range", "(i)->(),(two)", &[&x], &[("two", 2)], |lines: &[ndarray::ArrayViewD<'_, f64>]| {
    ///     let (low, high) = lines[0].iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
    ///     Ok(vec![ndarray::arr0(high - low).into_dyn(), ndarray::arr1(&[low, high]).into_dyn()])
    /// })?;
    /// let [width, ends] = compute_all(&range)?.try_into().unwrap();
    /// assert_eq!(width.as_slice::<f64>()?, [4.0, 6.0]);
    /// assert_eq!(ends.as_slice::<f64>()?, [1.0, 5.0, 2.0, 8.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a signature that does not fit the arrays or has core axes of unknown length, and more than 25
    /// axes; [`Error::Shape`] when core axes of one name differ or others do not broadcast; [`Error::Dtype`] when the
    /// elements are of another type than the function takes; while computing, what the function gives, and
    /// [`Error::Shape`] when its outputs have other shapes than was announced.
    pub fn apply_gufunc<T: Element, U: Element>(
        name: &str,
        signature: &str,
        inputs: &[&Self],
        sizes: &[(&str, usize)],
        function: impl Fn(&[ArrayViewD<'_, T>]) -> Result<Vec<ArrayD<U>>> + Send + Sync + 'static,
    ) -> Result<Vec<Self>> {
        let parsed = Signature::parse(signature)?;
        if parsed.inputs.len() != inputs.len() {
            let hint = format!("it names {} inputs, and {} are given", parsed.inputs.len(), inputs.len());
            return Err(Error::argument("signature", format!("{signature:?}"), hint));
        }
        let mut lens: BTreeMap<&str, usize> = sizes.iter().copied().collect();
        let mut loops: Vec<Self> = Vec::with_capacity(inputs.len());
        for (input, core) in inputs.iter().zip(&parsed.inputs) {
            // Refuses a function of another type now, rather than while computing.
            Chunk::empty(input.dtype()).as_slice::<T>()?;
            let Some(outer) = input.ndim().checked_sub(core.len()) else {
                let hint = format!("an array of {} axes has no {} core axes", input.ndim(), core.len());
                return Err(Error::argument("signature", format!("{signature:?}"), hint));
            };
            for (core, &len) in core.iter().zip(&input.shape()[outer..]) {
                let known = *lens.entry(core).or_insert(len);
                if known != len {
                    return Err(Error::Shape {
                        operation: format!("core axis {core} of {signature:?}"),
                        left: vec![known],
                        right: vec![len],
                        hint: "core axes of one name have one length".into(),
                    });
                }
            }
            loops.push(whole_along(input, &(outer..input.ndim()).collect::<Vec<_>>())?);
        }
        let outer = OuterAxes::of(&loops, &parsed.inputs)?;
        let cores = |of: &[Vec<String>]| -> Result<Vec<Vec<usize>>> {
            let len = |name: &String| {
                let hint = format!("say how long the core axis {name} is");
                lens.get(name.as_str())
                    .copied()
                    .ok_or_else(|| Error::argument("sizes", format!("{sizes:?}"), hint))
            };
            of.iter().map(|core| core.iter().map(len).collect()).collect()
        };
        let calls = Loops { cores: cores(&parsed.inputs)?, outputs: cores(&parsed.outputs)? };
        let outputs = calls.outputs.clone();
        let packed: usize = outputs.iter().map(|shape| shape.iter().product::<usize>()).sum();

        // Of the inputs the other axes are a, b, … and core axes A, B, …; the outputs lie one after another along z.
        let letters: Vec<char> = ('a'..='y').take(outer.chunks.len()).collect();
        if letters.len() < outer.chunks.len() || parsed.inputs.iter().any(|core| core.len() > 26) {
            return Err(Error::argument(
                "axes",
                outer.chunks.len(),
                "a function can be applied to up to 25 axes",
            ));
        }
        let mut arrays = Vec::new();
        let mut texts = Vec::new();
        for (array, core) in loops.iter().zip(&parsed.inputs) {
            let own = array.ndim() - core.len();
            let named = letters[letters.len() - own..].iter().copied();
            texts.push(named.chain(('A'..='Z').take(core.len())).collect::<String>());
            arrays.push(outer.align(array, own)?);
        }
        let text = format!("{}->{}z", texts.join(","), letters.iter().collect::<String>());
        let on_blocks = move |block: BlockInfo<'_>, blocks: &[&Chunk]| calls.run(block, blocks, &function);
        let custom = Custom::closure(name, U::DTYPE, Arc::new(on_blocks))
            .axes(&text)?
            .chunks('z', AxisChunks::regular(packed, packed));
        let all = blockwise(custom, &arrays.iter().collect::<Vec<_>>())?;
        let mut start = 0;
        outputs
            .iter()
            .map(|core| {
                let len: usize = core.iter().product();
                let part = all.part(all.ndim() - 1, start..start + len)?;
                start += len;
                let shape = all.shape()[..all.ndim() - 1].iter().chain(core).copied();
                if core.len() == 1 { Ok(part) } else { part.reshape_to(shape.collect()) }
            })
            .collect()
    }
}

/// The axes that are not core axes, after broadcasting.
struct OuterAxes {
    chunks: Vec<AxisChunks>,
}

impl OuterAxes {
    /// Along each axis, aligned at the last, the chunks of the array that is cut finest there.
    fn of(arrays: &[Array], cores: &[Vec<String>]) -> Result<Self> {
        let mut chunks: Vec<AxisChunks> = Vec::new();
        for (array, core) in arrays.iter().zip(cores) {
            let own = &array.chunks().axes()[..array.ndim() - core.len()];
            for _ in chunks.len()..own.len() {
                chunks.insert(0, AxisChunks::regular(1, 1));
            }
            let skipped = chunks.len() - own.len();
            for (common, own) in chunks[skipped..].iter_mut().zip(own) {
                match (common.len(), own.len()) {
                    (a, b) if a == b && own.count() > common.count() => *common = own.clone(),
                    (a, b) if a == b || b == 1 => {}
                    (1, _) => *common = own.clone(),
                    (a, b) => {
                        return Err(Error::Shape {
                            operation: "apply_gufunc".into(),
                            left: vec![a],
                            right: vec![b],
                            hint: "axes that are not core axes have one length, or 1 to be stretched".into(),
                        });
                    }
                }
            }
        }
        Ok(Self { chunks })
    }

    /// The array in these chunks, where its first `own` axes are not stretched.
    fn align(&self, array: &Array, own: usize) -> Result<Array> {
        let mut axes = array.chunks().axes().to_vec();
        for (axis, common) in axes[..own].iter_mut().zip(&self.chunks[self.chunks.len() - own..]) {
            if axis.len() == common.len() {
                *axis = common.clone();
            }
        }
        array.with_grid(ChunkGrid::new(axes))
    }
}

impl Loops {
    /// Calls the function for each position of a block.
    fn run<T: Element, U: Element>(
        &self,
        block: BlockInfo<'_>,
        blocks: &[&Chunk],
        function: &impl Fn(&[ArrayViewD<'_, T>]) -> Result<Vec<ArrayD<U>>>,
    ) -> Result<Chunk> {
        let shape: Vec<usize> = block.region.iter().map(ExactSizeIterator::len).collect();
        let outer = &shape[..shape.len().saturating_sub(1)];
        let values = blocks.iter().map(|block| block.as_slice::<T>()).collect::<Result<Vec<_>>>()?;
        let mut packed: Vec<U> = Vec::with_capacity(shape.iter().product());
        let mut at = vec![0; outer.len()];
        for _ in 0..outer.iter().product() {
            let mut views = Vec::with_capacity(blocks.len());
            for ((block, values), core) in blocks.iter().zip(&values).zip(&self.cores) {
                let own = &block.shape()[..block.shape().len() - core.len()];
                let position = own.iter().zip(&at[at.len() - own.len()..]);
                let number =
                    position.fold(0, |number, (&len, &at)| number * len + if len == 1 { 0 } else { at });
                let len: usize = core.iter().product();
                let part = &values[number * len..(number + 1) * len];
                let view = ArrayViewD::from_shape(IxDyn(core), part);
                views.push(view.map_err(|error| Error::defect(format!("the core of a block: {error}")))?);
            }
            let results = function(&views)?;
            let shapes: Vec<&[usize]> = results.iter().map(|result| result.shape()).collect();
            if shapes != self.outputs {
                return Err(Error::Shape {
                    operation: format!(
                        "a function announced {} outputs and gave {}",
                        self.outputs.len(),
                        shapes.len()
                    ),
                    left: self.outputs.concat(),
                    right: shapes.concat(),
                    hint: "it must give one array for each output, of the shape of its core axes".into(),
                });
            }
            packed.extend(results.iter().flat_map(|result| result.iter().cloned()));
            for (at, len) in at.iter_mut().zip(outer).rev() {
                *at += 1;
                if *at < *len {
                    break;
                }
                *at = 0;
            }
        }
        Chunk::new(shape, packed)
    }
}
