//! Functions on whole blocks, sinks, and results kept on disk.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use graticule_array::{Array, Chunk, ChunkGrid, ChunkSink, Custom, DType, Result, Runtime, blockwise, s};

/// Takes chunks into one block, and counts how often each element was written.
#[derive(Debug)]
struct Collected {
    grid: ChunkGrid,
    values: Mutex<Vec<f64>>,
    writes: Mutex<Vec<Vec<Range<usize>>>>,
}

impl Collected {
    fn new(grid: ChunkGrid) -> Arc<Self> {
        let size = grid.shape().iter().product();
        Arc::new(Self { grid, values: Mutex::new(vec![f64::NAN; size]), writes: Mutex::default() })
    }
}

impl ChunkSink for Collected {
    fn label(&self) -> String {
        "collected".into()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn write(&self, region: &[Range<usize>], values: &Chunk) -> Result<()> {
        let shape = self.grid.shape();
        let mut all = self.values.lock().unwrap();
        let columns = shape[1];
        let width = region[1].len();
        for (i, row) in region[0].clone().enumerate() {
            for (j, column) in region[1].clone().enumerate() {
                all[row * columns + column] = values.as_slice::<f64>()?[i * width + j];
            }
        }
        self.writes.lock().unwrap().push(region.to_vec());
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }
}

fn doubled(x: &Array) -> Array {
    x.map_blocks("double", DType::F64, |block| {
        Chunk::new(block.shape().to_vec(), block.as_slice::<f64>()?.iter().map(|v| v * 2.0).collect())
    })
    .unwrap()
}

#[test]
fn blocks_are_computed_between_maps_and_reductions() {
    let x = Array::random_uniform(0.0, 1.0, 3, (50, 40), (7, 9)).unwrap();
    let y = (doubled(&(&x + 1.0).unwrap()) - 2.0).unwrap();
    let (a, b) =
        (y.sum(0).unwrap().compute().unwrap(), (&x * 2.0).unwrap().sum(0).unwrap().compute().unwrap());
    for (a, b) in a.to_f64().iter().zip(b.to_f64()) {
        assert!((a - b).abs() < 1e-12);
    }
    let turned = y.slice(s![..;-1, 3..30;2]).unwrap().compute().unwrap();
    let expected = (&x * 2.0).unwrap().slice(s![..;-1, 3..30;2]).unwrap().compute().unwrap();
    for (a, b) in turned.to_f64().iter().zip(expected.to_f64()) {
        assert!((a - b).abs() < 1e-12);
    }
}

#[test]
fn a_panic_in_a_function_is_an_error_that_names_the_block() {
    let x = Array::ones((4, 4), (2, 2)).unwrap();
    let bad = x.map_blocks("bad", DType::F64, |_| panic!("out of luck")).unwrap();
    let error = bad.sum(()).unwrap().compute().unwrap_err().to_string();
    assert!(error.contains("out of luck") && error.contains("[0, 0]"), "{error}");
    assert_eq!(x.sum(()).unwrap().compute().unwrap().item::<f64>().unwrap(), 16.0);
}

#[test]
fn a_function_that_breaks_its_word_is_refused() {
    let x = Array::ones((4, 4), (2, 2)).unwrap();
    let bad = x.map_blocks("bad", DType::I64, |block| Ok(block.clone())).unwrap();
    let error = bad.compute().unwrap_err().to_string();
    assert!(error.contains("bad gave float64 where int64 was announced"), "{error}");
}

#[test]
fn every_chunk_of_a_sink_is_written_once() {
    let x = Array::random_uniform(0.0, 1.0, 3, (50, 40), (7, 9)).unwrap();
    let sink = Collected::new(ChunkGrid::regular(&[50, 40], &[10, 10]));
    (&x * 3.0).unwrap().store(Arc::clone(&sink) as Arc<dyn ChunkSink>).unwrap();
    let expected = (&x * 3.0).unwrap().compute().unwrap();
    assert_eq!(*sink.values.lock().unwrap(), expected.as_slice::<f64>().unwrap());
    let mut starts: Vec<(usize, usize)> =
        sink.writes.lock().unwrap().iter().map(|region| (region[0].start, region[1].start)).collect();
    let count = starts.len();
    starts.sort_unstable();
    starts.dedup();
    assert_eq!(starts.len(), count);
    assert!(
        sink.writes.lock().unwrap().iter().all(|region| region.iter().all(|range| range.start % 10 == 0))
    );
}

#[test]
fn what_would_be_computed_again_and_again_is_kept_on_disk_under_a_small_limit() {
    // 8 MB in rows of blocks, asked for in columns: every block would be computed ten times.
    let x = doubled(&Array::random_uniform(0.0, 1.0, 3, (1000, 1000), (100, 1000)).unwrap());
    let columns = x.rechunk((1000, 100)).unwrap();
    let sorted = doubled(&columns).sum(0).unwrap();
    let wide = Runtime::builder().threads(2).build();
    let narrow = Runtime::builder().threads(2).memory_limit("6MiB").unwrap();
    let narrow = narrow.spill_dir(std::env::temp_dir().join("graticule-spill-test")).unwrap().build();
    let text = narrow.plan(&[&sorted]).unwrap().explain();
    assert!(text.contains("kept on disk"), "{text}");
    let text = wide.plan(&[&sorted]).unwrap().explain();
    assert!(text.contains("keep double: its blocks would be computed"), "{text}");
    assert_eq!(narrow.compute(&sorted).unwrap(), wide.compute(&sorted).unwrap());
}

#[test]
fn a_block_knows_where_it_is() {
    let table = Array::from_fn((5, 7), (2, 3), |at| (at[0] * 10 + at[1]) as i64).unwrap();
    let values = table.compute().unwrap();
    let expected: Vec<i64> = (0..5).flat_map(|i| (0..7).map(move |j| i * 10 + j)).collect();
    assert_eq!(values.as_slice::<i64>().unwrap(), expected);
    let empty = Array::from_fn((0, 7), (2, 3), |at| at[0] as i64).unwrap();
    assert_eq!(empty.compute().unwrap().shape(), [0, 7]);
}

#[test]
fn functions_of_several_arrays_share_axes_by_name() {
    let x = Array::random_uniform(0.0, 1.0, 1, (6, 8), (2, 8)).unwrap();
    let y = Array::random_uniform(0.0, 1.0, 2, (8, 5), (8, 2)).unwrap();
    let dot = Custom::closure(
        "dot",
        DType::F64,
        Arc::new(|_, blocks| {
            let two =
                |i: usize| blocks[i].view::<f64>().unwrap().into_dimensionality::<ndarray::Ix2>().unwrap();
            Ok(Chunk::from(two(0).dot(&two(1))))
        }),
    );
    let z = blockwise(dot.axes("ij,jk->ik").unwrap(), &[&x, &y]).unwrap();
    assert_eq!(z.shape(), [6, 5]);
    let (a, b) = (x.to_ndarray::<f64>().unwrap(), y.to_ndarray::<f64>().unwrap());
    let two = |v: &ndarray::ArrayD<f64>| v.clone().into_dimensionality::<ndarray::Ix2>().unwrap();
    let expected = two(&a).dot(&two(&b));
    let got = z.to_ndarray::<f64>().unwrap();
    assert!(got.iter().zip(expected.iter()).all(|(a, b)| (a - b).abs() < 1e-12));
}
