//! A function of the user's on blocks: `map_blocks` and `blockwise`.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};

/// Which block of the result a function is called for.
#[derive(Debug, Clone, Copy)]
pub struct BlockInfo<'a> {
    /// The number of the block along each axis.
    pub index: &'a [usize],
    /// The elements of the result that it covers.
    pub region: &'a [Range<usize>],
}

/// A function on blocks: from one block of each input to the block of the result.
pub type BlockFn = dyn Fn(BlockInfo<'_>, &[&Chunk]) -> Result<Chunk> + Send + Sync;

/// A user's function, with what the engine has to know about it.
///
/// Axes are named by letters: axes of inputs and of the result that have the same name are cut and walked together. An
/// input's axis whose name the result does not have is given whole to every call. An axis of one element goes with
/// every block of the others.
#[derive(Clone, Serialize, Deserialize)]
pub struct Custom {
    /// The name under which the function is registered, or what to call it in plans.
    name: String,
    /// Settings of a registered function, in a form of its own.
    config: String,
    /// The names of the axes of each input.
    pub(crate) inputs: Vec<Vec<char>>,
    /// The names of the axes of the result.
    pub(crate) output: Vec<char>,
    /// Chunks of axes of the result that differ from those of the inputs, or that no input has.
    pub(crate) chunks: BTreeMap<char, AxisChunks>,
    /// The dtype of the result.
    dtype: DType,
    /// Bytes that one call needs beside its blocks.
    scratch_bytes: usize,
    /// The function; absent in what was read from storage and is not opened yet.
    #[serde(skip)]
    function: Option<Function>,
    /// Closures are told apart by number; registered functions by name and settings.
    #[serde(with = "no_closure")]
    closure: Option<u64>,
}

/// A closure cannot be stored: to say so is better than to store what nobody can run.
mod no_closure {
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(closure: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        match closure {
            None => serializer.serialize_bool(false),
            Some(_) => Err(ser::Error::custom(
                "a closure cannot be stored or sent to another process; use a registered function",
            )),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        match bool::deserialize(deserializer)? {
            false => Ok(None),
            true => Err(de::Error::custom("a closure was stored")),
        }
    }
}

#[derive(Clone)]
struct Function(Arc<BlockFn>);

/// The most bytes that a call can be said to need: bytes of many such calls can still be added up.
const MAX_SCRATCH: usize = 1 << 46;

static CLOSURES: AtomicU64 = AtomicU64::new(0);

impl Custom {
    /// A closure, which runs in this process only.
    pub fn closure(name: &str, dtype: DType, function: Arc<BlockFn>) -> Self {
        let number = CLOSURES.fetch_add(1, Ordering::Relaxed);
        Self { closure: Some(number), ..Self::registered(name, "", dtype, function) }
    }

    /// A function that can be found again by its name and settings, so that plans with it can travel.
    pub fn registered(name: &str, config: &str, dtype: DType, function: Arc<BlockFn>) -> Self {
        Self {
            name: name.into(),
            config: config.into(),
            inputs: Vec::new(),
            output: Vec::new(),
            chunks: BTreeMap::new(),
            dtype,
            scratch_bytes: 0,
            function: Some(Function(function)),
            closure: None,
        }
    }

    /// Names the axes of the inputs and of the result, as in `"ij,jk->ik"`.
    ///
    /// # Errors
    /// [`Error::Argument`] when the text has no arrow or a name stands twice in one array.
    pub fn axes(self, text: &str) -> Result<Self> {
        let hint = "write the names of the axes of each input, an arrow, and those of the result, as in \"ij,jk->ik\"";
        let bad = || Error::argument("axes", format!("{text:?}"), hint);
        let (inputs, output) = text.split_once("->").ok_or_else(bad)?;
        let names = |part: &str| -> Result<Vec<char>> {
            let names: Vec<char> = part.trim().chars().collect();
            let distinct =
                names.iter().enumerate().all(|(i, name)| name.is_alphabetic() && !names[..i].contains(name));
            distinct.then_some(names).ok_or_else(bad)
        };
        let inputs = match inputs.trim() {
            "" => Vec::new(),
            inputs => inputs.split(',').map(names).collect::<Result<_>>()?,
        };
        Ok(Self { inputs, output: names(output)?, ..self })
    }

    /// Gives the chunks of an axis of the result that differ from those of the inputs, or that no input has. Where an
    /// input has the axis, there must be as many chunks.
    pub fn chunks(mut self, axis: char, chunks: AxisChunks) -> Self {
        self.chunks.insert(axis, chunks);
        self
    }

    /// Says how many bytes one call needs beside its blocks and its result, so that the memory limit holds.
    pub fn scratch(self, bytes: usize) -> Self {
        Self { scratch_bytes: bytes, ..self }
    }

    /// Whether the function is a closure, which other processes cannot run.
    pub fn is_closure(&self) -> bool {
        self.closure.is_some()
    }

    /// The same with the function that a registry has under its name.
    pub(crate) fn open(&self, registry: &BlockRegistry) -> Result<Self> {
        let Some(make) = registry.functions.get(&self.name) else {
            let known: Vec<&str> = registry.functions.keys().map(String::as_str).collect();
            let hint = match known.as_slice() {
                [] => "no function is registered; closures cannot be sent to other processes".to_owned(),
                known => format!("registered are {}", known.join(", ")),
            };
            return Err(Error::argument("function", format!("{:?}", self.name), hint));
        };
        Ok(Self { function: Some(Function(make(&self.config)?)), ..self.clone() })
    }

    /// The chunks of an input's axis of this name; of several the finest.
    fn axis<'a>(&self, name: char, inputs: &[Operand<'a>]) -> Option<&'a AxisChunks> {
        let named =
            self.inputs.iter().zip(inputs).flat_map(|(names, input)| names.iter().zip(input.grid.axes()));
        named
            .filter(|(n, _)| **n == name)
            .map(|(_, chunks)| chunks)
            .max_by_key(|chunks| (chunks.len(), chunks.count()))
    }
}

impl Kernel for Custom {
    fn label(&self) -> String {
        if self.config.is_empty() { self.name.clone() } else { format!("{}({})", self.name, self.config) }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        if self.scratch_bytes > MAX_SCRATCH {
            let hint = format!("no machine has more than {MAX_SCRATCH}");
            return Err(Error::argument("scratch bytes", self.scratch_bytes, hint));
        }
        for names in self.inputs.iter().chain([&self.output]) {
            if names.iter().enumerate().any(|(i, name)| names[..i].contains(name)) {
                return Err(Error::argument("axis names", format!("{names:?}"), "name each axis once"));
            }
        }
        if inputs.len() != self.inputs.len() {
            let hint = format!("the function was described with {} inputs", self.inputs.len());
            return Err(Error::argument("inputs", inputs.len(), hint));
        }
        for (names, input) in self.inputs.iter().zip(inputs) {
            if names.len() != input.ndim() {
                let hint = format!("name each of the {} axes of the input", input.ndim());
                return Err(Error::argument("axis names", format!("{names:?}"), hint));
            }
            for (&name, chunks) in names.iter().zip(input.grid.axes()) {
                let Some(finest) = self.axis(name, inputs) else { continue };
                // An axis of one element goes with every block of the others.
                if chunks.len() != 1 && chunks != finest && self.output.contains(&name) {
                    return Err(Error::Chunks {
                        problem: format!(
                            "{} needs equal chunks along a shared axis, but they are {chunks} and {finest}",
                            self.label()
                        ),
                        hint: "rechunk the inputs to the same chunks first".into(),
                    });
                }
            }
        }
        let axes = self.output.iter().map(|name| {
            let of_inputs = self.axis(*name, inputs);
            match (self.chunks.get(name), of_inputs) {
                (Some(own), Some(theirs)) if own.count() != theirs.count() => Err(Error::Chunks {
                    problem: format!("{} blocks become {}", theirs.count(), own.count()),
                    hint: "each block gives one block, whose size may differ".into(),
                }),
                (Some(own), _) => Ok(own.clone()),
                (None, Some(theirs)) => Ok(theirs.clone()),
                (None, None) => {
                    Err(Error::argument("output axis", name, "give the chunks of axes that no input has"))
                }
            }
        });
        Ok((self.dtype, ChunkGrid::new(axes.collect::<Result<_>>()?)))
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let region = |names: &[char], input: &Operand<'_>| -> Vec<Range<usize>> {
            let axes = names.iter().zip(input.grid.axes());
            axes.map(|(name, chunks)| match self.output.iter().position(|n| n == name) {
                Some(axis) if chunks.len() != 1 => chunks.range(index[axis]),
                _ => 0..chunks.len(),
            })
            .collect()
        };
        let parts = self.inputs.iter().zip(inputs).enumerate();
        parts.map(|(input, (names, operand))| Part { input, region: region(names, operand) }).collect()
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let shape = |names: &[char], input: &Operand<'_>| {
            let axes = names.iter().zip(input.grid.axes());
            axes.map(
                |(name, chunks)| if self.output.contains(name) { chunks.max_size() } else { chunks.len() },
            )
            .collect()
        };
        let parts = self.inputs.iter().zip(inputs).enumerate();
        parts.map(|(input, (names, operand))| (input, shape(names, operand))).collect()
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        // The function gives a block of its own, which then takes the place of the engine's.
        let block: usize = grid.max_chunk().iter().product();
        self.scratch_bytes + block * self.dtype.size()
    }

    fn is_disjoint(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> bool {
        // An input that lacks an axis of the result is given again for every block along it.
        self.inputs.iter().zip(inputs).all(|(names, input)| {
            self.output.iter().all(|name| {
                let axis = names.iter().position(|n| n == name);
                axis.is_some_and(|axis| input.len(axis) != 1)
                    || self.axis(*name, inputs).is_none_or(|a| a.count() <= 1)
            })
        })
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let Some(Function(function)) = &self.function else {
            let hint = "it was stored and is not open; use StoredExpr::open";
            return Err(Error::argument("function", self.label(), hint));
        };
        let blocks: Vec<&Chunk> = parts.iter().collect();
        let result = function(BlockInfo { index: target.index, region: target.region }, &blocks)?;
        let shape: Vec<usize> = target.region.iter().map(ExactSizeIterator::len).collect();
        if result.shape() != shape || result.dtype() != self.dtype || !result.is_consistent() {
            return Err(Error::Shape {
                operation: format!(
                    "{} gave {} where {} was announced",
                    self.label(),
                    result.dtype(),
                    self.dtype
                ),
                left: shape,
                right: result.shape().to_vec(),
                hint: "the function must give the dtype and the chunks that were announced for it".into(),
            });
        }
        *out = result;
        Ok(())
    }
}

/// Makes a function on blocks from its settings.
type MakeBlockFn = dyn Fn(&str) -> Result<Arc<BlockFn>> + Send + Sync;

/// Functions on blocks that can be found by name.
#[derive(Default)]
pub(crate) struct BlockRegistry {
    functions: BTreeMap<String, Box<MakeBlockFn>>,
}

impl BlockRegistry {
    /// Adds a function; `make` gets the settings.
    pub(crate) fn insert(
        &mut self,
        name: String,
        make: impl Fn(&str) -> Result<Arc<BlockFn>> + Send + Sync + 'static,
    ) {
        self.functions.insert(name, Box::new(make));
    }
}

impl fmt::Debug for BlockRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.functions.keys()).finish()
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Custom {
    /// All that makes two functions equal.
    #[expect(clippy::type_complexity, reason = "it is the list of the fields")]
    fn key(
        &self,
    ) -> (&str, &str, &[Vec<char>], &[char], &BTreeMap<char, AxisChunks>, DType, usize, Option<u64>) {
        (
            &self.name,
            &self.config,
            &self.inputs,
            &self.output,
            &self.chunks,
            self.dtype,
            self.scratch_bytes,
            self.closure,
        )
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Custom {}

impl Hash for Custom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
