//! Runs as spans of the crate `tracing`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use graticule_array::{Result, Runtime};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::supply::scripted;

/// A span: its name, its parent and its fields.
type Seen = (String, Option<u64>, String);

#[derive(Debug, Clone, Default)]
struct Spans(Arc<Mutex<BTreeMap<u64, Seen>>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        let id = spans.len() as u64 + 1;
        let mut fields = String::new();
        span.record(&mut Fields(&mut fields));
        spans.insert(id, (span.metadata().name().into(), span.parent().map(Id::into_u64), fields));
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        if let Some((_, _, fields)) = self.0.lock().unwrap().get_mut(&span.into_u64()) {
            values.record(&mut Fields(fields));
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn a_run_is_a_span_with_its_stages_and_their_tasks_below() -> Result<()> {
    let x = scripted("traced", 10, |_| Ok(()));
    let runtime = Runtime::builder().threads(1).build();
    let spans = Spans::default();
    tracing::subscriber::with_default(spans.clone(), || runtime.compute(&(&x - x.mean(0)?)?.std((), 0)?))?;
    let spans = spans.0.lock().unwrap().clone();
    let named = |name: &str| spans.iter().filter(|(_, span)| span.0 == name).collect::<Vec<_>>();
    let (plans, stages, tasks) = (named("plan"), named("stage"), named("task"));
    assert_eq!((plans.len(), stages.len(), tasks.len()), (1, 2, 20));
    let (plan, (_, _, fields)) = plans[0];
    assert!(fields.contains("stages=2") && fields.contains("outcome=\"succeeded\""), "{fields}");
    assert!(stages.iter().all(|(_, (_, parent, _))| *parent == Some(*plan)));
    for (_, (_, parent, fields)) in tasks {
        assert!(stages.iter().any(|(stage, _)| Some(**stage) == *parent));
        assert!(fields.contains("bytes_read=800") && fields.contains("blocks_read=1"), "{fields}");
    }
    Ok(())
}
