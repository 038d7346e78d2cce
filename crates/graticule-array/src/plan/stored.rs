//! A plan as data: what it is made from, to be made again elsewhere, and a fingerprint to see that it was.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::error::{Error, Result};
use crate::expr::{Expr, Registry, StoredNodes};
use crate::grid::ChunkGrid;
use crate::plan::known::Placement;
use crate::plan::{Job, Output, Plan, Resources, Stage};
use crate::sink::ChunkSink;

/// A plan in a form that serde can write and read: the expressions and the resources that it was made from.
///
/// Planning is a function of these alone, so a process of the same build that opens this has the very same plan: the
/// same stages, the same tasks, the same bits. [`Plan::fingerprint`] tells whether it has.
///
/// Sinks do not travel. The plan is opened with others in their place, which are cut as they were.
///
/// ```
/// use graticule_array::{Array, Plan, Registry, Runtime, StoredPlan};
/// let x = Array::random_uniform(0.0, 1.0, 42, (100, 100), (10, 100))?;
/// let plan = Runtime::builder().threads(2).build().plan(&[&x.mean(0)?, &x.std((), 0)?])?;
/// let again = StoredPlan::from(&plan).open(&Registry::default(), &[])?;
/// assert_eq!(again.fingerprint(), plan.fingerprint());
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPlan {
    nodes: StoredNodes,
    /// The positions of what is computed among the nodes.
    roots: Vec<usize>,
    /// The positions of what goes to sinks, and how each sink is cut.
    stored: Vec<(usize, ChunkGrid)>,
    allowed: Resources,
}

impl From<&Plan> for StoredPlan {
    fn from(plan: &Plan) -> Self {
        let (nodes, mut roots) = StoredNodes::of(plan.roots.iter().chain(&plan.stored));
        let stored = roots.split_off(plan.roots.len().min(roots.len()));
        let grids = plan.sinks.iter().map(|sink| sink.grid().clone());
        Self { nodes, roots, stored: stored.into_iter().zip(grids).collect(), allowed: plan.allowed.clone() }
    }
}

impl StoredPlan {
    /// The plan, with its sources opened again and other sinks in the place of its own.
    ///
    /// # Errors
    /// As [`crate::StoredExpr::open`] and [`Plan::with_sinks`]; [`Error::Argument`] when there is another number of
    /// sinks, or one is cut in another way.
    pub fn open(&self, registry: &Registry, sinks: &[Arc<dyn ChunkSink>]) -> Result<Plan> {
        if sinks.len() != self.stored.len() {
            let hint = format!("the plan was made with {}", self.stored.len());
            return Err(Error::argument("sinks", sinks.len(), hint));
        }
        let exprs = self.nodes.open(registry)?;
        let at = |position: usize| -> Result<Expr> {
            let hint = "a result of a plan is one of its nodes";
            exprs.get(position).cloned().ok_or_else(|| Error::argument("stored result", position, hint))
        };
        let roots = self.roots.iter().map(|&root| at(root)).collect::<Result<Vec<_>>>()?;
        let stored = self.stored.iter().zip(sinks).map(|((position, grid), sink)| {
            if sink.grid() == grid {
                return Ok((at(*position)?, Arc::clone(sink)));
            }
            let hint = format!("the plan was made for one that is cut into {grid}");
            Err(Error::argument("sink", format!("{} in chunks {}", sink.label(), sink.grid()), hint))
        });
        Plan::with_sinks(&roots, &stored.collect::<Result<Vec<_>>>()?, &self.allowed)
    }
}

impl Plan {
    /// A digest of what the plan does: its stages with their tasks, what each computes and where it is kept, and how
    /// many threads there are at most. Equal for equal plans of the same build of this crate.
    pub fn fingerprint(&self) -> u128 {
        let mut hasher = SipHasher13::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        self.resources.threads.hash(&mut hasher);
        self.peak_bytes.hash(&mut hasher);
        for stage in &self.stages {
            hash_stage(stage, &mut hasher);
        }
        self.retained.bytes().hash(&mut hasher);
        for output in &self.outputs {
            match output {
                Output::Slot(id) => (0, id).hash(&mut hasher),
                Output::Memory(chunk) => (1, chunk.shape()).hash(&mut hasher),
                Output::Sink => 2.hash(&mut hasher),
            }
        }
        let digest = hasher.finish128();
        (u128::from(digest.h1) << 64) | u128::from(digest.h2)
    }
}

fn hash_stage(stage: &Stage, hasher: &mut impl Hasher) {
    (stage.tasks(), stage.chunks_per_task(), &stage.grid, &stage.frees).hash(hasher);
    for job in &stage.jobs {
        let Job { expr, grid, fold, result, placement, kept: _ } = job;
        (expr.id(), grid, result.id(), stage.is_main(job)).hash(hasher);
        match placement {
            Placement::Memory => 0.hash(hasher),
            Placement::Scratch(blocks) => (1, blocks).hash(hasher),
            Placement::Sink(number) => (2, number).hash(hasher),
        }
        let Some(fold) = fold else { continue };
        (&fold.aggregation, &fold.axes, fold.second.as_ref().map(Expr::id)).hash(hasher);
        if let Some((codes, grouping)) = &fold.codes {
            let is_known = grouping.table.is_some();
            (codes.id(), grouping.groups, grouping.position, is_known, &grouping.cohorts).hash(hasher);
        }
    }
}
