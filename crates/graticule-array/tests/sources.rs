//! Sources that are read chunk by chunk: what is read, how often, and what their failures look like.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graticule_array::{Array, Buffer, ChunkSource, Error, Event, Observer, Result, Runtime, SourceSpec, s};

use crate::supply::{Reads, Supply, unreadable};

/// A vector of the int32 0, 1, …
pub(crate) fn counting(name: &str, len: usize, chunk: usize) -> (Array, Reads) {
    Supply::new(&[len], &[chunk]).named(name).integers().counted()
}

#[test]
fn results_that_share_a_source_read_it_once() -> Result<()> {
    let (x, reads) = counting("shared", 1000, 10);
    let results = graticule_array::compute_all([&x.sum(())?, &x.max(())?, &(&x * 2)?.mean(())?])?;
    assert_eq!(results[0].item::<i64>()?, 499_500);
    assert_eq!(results[1].item::<i32>()?, 999);
    assert_eq!(results[2].item::<f64>()?, 999.0);
    assert_eq!(reads.count(), 100);
    Ok(())
}

#[test]
fn a_selection_reads_only_what_it_needs() -> Result<()> {
    let (x, reads) = counting("selected", 1000, 10);
    let y = ((&x + 1)? * 2)?.slice(s![95..105])?;
    assert_eq!(y.compute()?.as_slice::<i32>()?[0], 192);
    assert_eq!(reads.count(), 2);
    Ok(())
}

#[test]
fn of_a_join_only_the_selected_inputs_are_read() -> Result<()> {
    let (a, a_reads) = counting("a", 100, 10);
    let (b, b_reads) = counting("b", 100, 10);
    let joined = Array::concatenate(&[a, b], 0)?;
    assert_eq!(joined.slice(s![120..130;-1])?.compute()?.as_slice::<i32>()?[0], 29);
    assert_eq!((a_reads.count(), b_reads.count()), (0, 1));
    Ok(())
}

#[test]
fn arrays_that_are_cut_differently_meet() -> Result<()> {
    let (a, _) = counting("cut by 7", 1000, 7);
    let (b, _) = counting("cut by 64", 1000, 64);
    let mirrored = b.slice(s![..;-1])?;
    let sum = (&a + &mirrored)?;
    assert!(sum.compute()?.as_slice::<i32>()?.iter().all(|&x| x == 999));
    let shifted = (a.slice(s![1..])? - a.slice(s![..-1])?)?;
    assert!(shifted.compute()?.as_slice::<i32>()?.iter().all(|&x| x == 1));
    Ok(())
}

#[test]
fn a_failing_source_names_the_node_and_the_chunk() -> Result<()> {
    for threads in [1, 4] {
        let broken = Supply::new(&[1000], &[10]).named("broken").integers();
        let x = broken.on_read(|_, index| match index {
            [42] => Err(unreadable("broken", "the disk is on fire")),
            _ => Ok(()),
        });
        let x = x.array();
        let runtime = Runtime::builder().threads(threads).build();
        let error = runtime.compute(&x.sum(())?).unwrap_err();
        assert!(
            matches!(&error, Error::Task { node, chunk, .. } if node == "sum" && chunk == &[42]),
            "{error:?}"
        );
        assert_eq!(error.to_string(), "sum failed at chunk [42]: reading broken: the disk is on fire");
    }
    Ok(())
}

/// Cancels after some tasks.
#[derive(Debug, Default)]
struct Canceller {
    seen: AtomicUsize,
    handle: std::sync::Mutex<Option<graticule_array::CancelHandle>>,
}

impl Observer for Canceller {
    fn on_event(&self, event: &Event) {
        let finished = matches!(event, Event::TaskFinished { .. });
        if finished
            && self.seen.fetch_add(1, Ordering::Relaxed) == 3
            && let Some(handle) = self.handle.lock().unwrap().as_ref()
        {
            handle.cancel();
        }
    }
}

#[test]
fn a_cancelled_computation_stops_soon() -> Result<()> {
    let (x, reads) = counting("cancelled", 100_000, 10);
    let canceller = Arc::new(Canceller::default());
    let runtime = Runtime::builder().threads(2).observer(Arc::clone(&canceller) as Arc<dyn Observer>).build();
    *canceller.handle.lock().unwrap() = Some(runtime.cancel_handle());
    let error = runtime.compute(&x.sum(())?).unwrap_err();
    assert!(error.is_cancelled());
    assert!(reads.count() < 5_000);
    Ok(())
}

#[test]
fn the_same_data_in_other_chunks_is_another_array() -> Result<()> {
    let data = ndarray::Array1::from_iter(0..10i64);
    let a = Array::from_array(data.clone(), 3)?;
    let b = Array::from_array(data, 5)?;
    assert_ne!(a, b);
    let both = Array::stack(&[a.clone(), b.clone(), (&a + &b)?], 0)?;
    assert_eq!(both.sum(())?.compute()?.item::<i64>()?, 4 * 45);
    Ok(())
}

#[test]
fn an_empty_part_joins_with_others() -> Result<()> {
    let (a, _) = counting("full part", 10, 3);
    let joined = Array::concatenate(&[a.slice(s![..0])?, a.clone(), a.slice(s![4..4])?], 0)?;
    assert_eq!(joined.compute()?.as_slice::<i32>()?.len(), 10);
    assert_eq!(joined.slice(s![..;-1])?.compute()?.as_slice::<i32>()?[0], 9);
    Ok(())
}

#[test]
fn a_source_that_delivers_too_little_is_an_error() -> Result<()> {
    let x = Supply::new(&[100], &[10]).spoiled(|index, block| {
        if let ([3], Buffer::F64(values)) = (index, block.buffer_mut()) {
            values.truncate(5);
        }
    });
    let x = x.array();
    let error = x.sum(())?.compute().unwrap_err();
    assert!(error.to_string().contains("another shape, dtype or number of values"), "{error}");
    Ok(())
}

#[test]
fn blocks_that_would_be_read_again_and_again_are_kept_and_explain_says_why() -> Result<()> {
    let (x, reads) = counting("read again", 1000, 100);
    let pencils = x.expand_dims(0)?.broadcast_to((50, 1000))?.rechunk((1, 1000))?.sum(1)?;
    let text = pencils.explain()?;
    assert!(text.contains(": blocks of supply would be read 50.0 times each"), "{text}");
    pencils.compute()?;
    assert_eq!(reads.count(), 10);
    Ok(())
}

#[test]
fn blocks_are_read_again_where_neither_memory_nor_disk_can_keep_them() -> Result<()> {
    let (x, reads) = counting("no room", 1_000_000, 10_000);
    let pencils = x.expand_dims(0)?.broadcast_to((10, 1_000_000))?.rechunk((1, 1_000_000))?.sum(1)?;
    let runtime = graticule_array::Runtime::builder().threads(1).memory_limit("2MiB")?.build();
    let text = runtime.plan(&[&pencils])?.explain();
    assert!(text.contains("every block 10.0 times"), "{text}");
    runtime.compute(&pencils)?;
    assert_eq!(reads.count(), 1000);
    Ok(())
}

#[test]
fn an_expression_travels_as_text_and_gives_the_same_bits() -> Result<()> {
    use graticule_array::{Registry, StoredExpr};
    let (x, _) = counting("travels", 1000, 10);
    let noise = Array::random_normal(0.0, 0.1, 7, 1000, 64)?;
    let y = ((&x - x.mean(())?)?.pow(2)? * (&noise + 0.1)?)?.slice(s![3..;2])?;
    let text = serde_json::to_string(&StoredExpr::from(y.expr())).unwrap();
    let stored: StoredExpr = serde_json::from_str(&text).unwrap();

    let reopen = |spec: &SourceSpec| -> Result<Arc<dyn ChunkSource>> {
        assert_eq!(spec.config, "travels");
        Ok(Supply::new(&[1000], &[10]).named("travels").integers().source())
    };
    let again = Array::from_expr(stored.open(&Registry::default().with("supply", reopen))?);
    assert_eq!(again, y);
    let bits = |array: &Array| -> Result<Vec<u64>> {
        Ok(array.compute()?.to_f64().iter().map(|x| x.to_bits()).collect())
    };
    assert_eq!(bits(&again)?, bits(&y)?);

    let error = stored.open(&Registry::default()).unwrap_err().to_string();
    assert!(error.contains("supply") && error.contains("no driver is registered"), "{error}");
    let rechunked = |_: &SourceSpec| -> Result<Arc<dyn ChunkSource>> {
        Ok(Supply::new(&[1000], &[11]).named("travels").integers().source())
    };
    assert!(stored.open(&Registry::default().with("supply", rechunked)).is_err());
    // A text that refers to what is not there is an error.
    for (from, to) in [
        ("\"inputs\":[0]", "\"inputs\":[99]"),
        ("\"start\":3", "\"start\":3000"),
        ("\"axes\":[0]", "\"axes\":[7]"),
        ("\"Binary\":[\"Subtract\",1,2]", "\"Binary\":[\"Subtract\",1,9]"),
        ("\"Input\":1", "\"Input\":5"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from} is not in {text}");
        let changed: StoredExpr = serde_json::from_str(&changed).unwrap();
        assert!(changed.open(&Registry::default().with("supply", reopen)).is_err(), "{to}");
    }
    Ok(())
}
