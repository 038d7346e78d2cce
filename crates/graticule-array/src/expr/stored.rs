//! An expression as data: to be kept, compared, or sent to another process.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blockwise::{BlockFn, BlockRegistry, Blockwise};
use crate::error::{Error, Result};
use crate::expr::children::postorder;
use crate::expr::{Expr, NodeId, Op};
use crate::source::{ChunkSource, SourceRef, SourceSpec};

/// An expression in a form that serde can write and read. Sources are only named; [`StoredExpr::open`] finds them
/// again through a [`Registry`].
///
/// ```
/// use graticule_array::{Array, Registry, StoredExpr};
/// let x = Array::random_uniform(0.0, 1.0, 42, (100, 100), (10, 100))?;
/// let stored = StoredExpr::from(x.mean(0)?.expr());
/// let again = Array::from_expr(stored.open(&Registry::default())?);
/// assert_eq!(again, x.mean(0)?);
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredExpr {
    /// The last is the result.
    nodes: StoredNodes,
}

/// Every node of some expressions once, after the nodes that it uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct StoredNodes(Vec<StoredNode>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredNode {
    op: Op,
    /// Positions of earlier nodes.
    inputs: Vec<usize>,
}

impl From<&Expr> for StoredExpr {
    fn from(expr: &Expr) -> Self {
        Self { nodes: StoredNodes::of([expr]).0 }
    }
}

impl StoredNodes {
    /// The nodes of some expressions, and the positions of the expressions among them.
    pub(crate) fn of<'a>(exprs: impl IntoIterator<Item = &'a Expr> + Clone) -> (Self, Vec<usize>) {
        let mut positions: HashMap<NodeId, usize> = HashMap::new();
        let nodes = postorder(exprs.clone()).into_iter().enumerate().map(|(position, node)| {
            positions.insert(node.id(), position);
            let inputs = node.inputs().iter().filter_map(|input| positions.get(&input.id()).copied());
            StoredNode { op: node.op().clone(), inputs: inputs.collect() }
        });
        let nodes = Self(nodes.collect());
        let roots = exprs.into_iter().filter_map(|expr| positions.get(&expr.id()).copied());
        (nodes, roots.collect())
    }

    /// The nodes as expressions, with their sources opened again.
    pub(crate) fn open(&self, registry: &Registry) -> Result<Vec<Expr>> {
        let mut opened: Vec<Expr> = Vec::with_capacity(self.0.len());
        for node in &self.0 {
            let op = match &node.op {
                Op::Source(stored) => Op::Source(registry.open(stored)?),
                Op::Blockwise(Blockwise::Custom(stored)) => {
                    Op::Blockwise(Blockwise::Custom(stored.open(&registry.functions)?))
                }
                op => op.clone(),
            };
            let inputs = node.inputs.iter().map(|&input| {
                let hint = "a node uses only nodes before it";
                opened.get(input).cloned().ok_or_else(|| Error::argument("stored input", input, hint))
            });
            opened.push(Expr::new(op, inputs.collect::<Result<_>>()?)?);
        }
        Ok(opened)
    }
}

impl StoredExpr {
    /// The expression, with its sources opened again.
    ///
    /// # Errors
    /// [`Error::Argument`] for a source whose driver is not registered, or that is not what it was; what opening
    /// and describing can meet, where what was stored is not an expression.
    pub fn open(&self, registry: &Registry) -> Result<Expr> {
        self.nodes
            .open(registry)?
            .pop()
            .ok_or_else(|| Error::argument("stored expression", "empty", "it has at least one node"))
    }
}

/// Opens a source from its spec.
pub type OpenSource = dyn Fn(&SourceSpec) -> Result<Arc<dyn ChunkSource>> + Send + Sync;

/// How sources are found again from their specs: one way for each driver.
#[derive(Default)]
pub struct Registry {
    drivers: BTreeMap<String, Box<OpenSource>>,
    functions: BlockRegistry,
}

impl Registry {
    /// The registry with a way to open the sources of a driver.
    pub fn with(
        mut self,
        driver: impl Into<String>,
        open: impl Fn(&SourceSpec) -> Result<Arc<dyn ChunkSource>> + Send + Sync + 'static,
    ) -> Self {
        self.drivers.insert(driver.into(), Box::new(open));
        self
    }

    /// The registry with a function on blocks, made from its settings by `make`.
    pub fn with_function(
        mut self,
        name: impl Into<String>,
        make: impl Fn(&str) -> Result<Arc<BlockFn>> + Send + Sync + 'static,
    ) -> Self {
        self.functions.insert(name.into(), make);
        self
    }

    fn open(&self, stored: &SourceRef) -> Result<SourceRef> {
        let spec = stored.spec();
        let Some(open) = self.drivers.get(&spec.driver) else {
            let known: Vec<&str> = self.drivers.keys().map(String::as_str).collect();
            let hint = match known.as_slice() {
                [] => "no driver is registered".to_owned(),
                known => format!("registered are {}", known.join(", ")),
            };
            return Err(Error::argument("driver", format!("{:?}", spec.driver), hint));
        };
        let opened = SourceRef::new(open(spec)?);
        if opened == *stored && opened.source().dtype() == stored.source().dtype() {
            return Ok(opened);
        }
        let hint = "what was opened has another spec, dtype or other chunks than what was stored";
        Err(Error::argument("source", stored.source().label(), hint))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("drivers", &self.drivers.keys())
            .field("functions", &self.functions)
            .finish()
    }
}
