//! Long tables in Apache Arrow's form: a column for each dimension and each variable, a row for each place.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, DurationMicrosecondArray, DurationMillisecondArray, DurationNanosecondArray,
    DurationSecondArray, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_schema::{Field, Schema};
use graticule_array::{Array, Buffer, Chunk, ChunkGrid, Chunks, DType, NAT, Runtime, TimeUnit};

use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::gather;
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// The rows of a long table, a batch for each block of the data. Only one block is in memory at a time.
#[derive(Debug)]
pub struct RecordBatches {
    dims: Vec<(Dim, Option<Arc<Chunk>>)>,
    columns: Vec<(String, Array)>,
    grid: ChunkGrid,
    next: usize,
}

impl<V: DataVars> Labeled<V> {
    /// The data as a long table: a column for each dimension with its labels (positions where there are none), then a
    /// column for each variable and each other coordinate, broadcast to all dimensions. Rows are in C order within
    /// each block.
    ///
    /// NaN stays NaN; NaT is null. Times are timestamps without a time zone. Polars keeps an Arrow of its own, so it reads
    /// these batches from Arrow's IPC format (crate `arrow-ipc`) or through its C data interface.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = Variable::from_vec("x", vec![10.0, 20.0])?;
    /// let da = DataArray::new(Some("v"), Variable::from_vec("x", vec![1, 2])?, [("x".into(), x)])?;
    /// let rows: usize = da.record_batches()?.map(|batch| batch.map_or(0, |batch| batch.num_rows())).sum();
    /// assert_eq!(rows, 2);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DuplicateName`] for an array without a name beside a coordinate named `values`; what planning can
    /// meet. Each batch is computed when it is asked for.
    pub fn record_batches(&self) -> Result<RecordBatches> {
        let dims = self.vars.dims();
        let sizes = self.sizes();
        let shape: Vec<usize> = dims.iter().map(|dim| sizes.get(dim).copied().unwrap_or(1)).collect();
        let data = self.vars.variables().map(|(name, variable)| (name.unwrap_or("values"), variable));
        let is_other = |name: &str, coord: &Variable| {
            !self.coords.is_index(name) && coord.dims().iter().all(|dim| dims.contains(dim))
        };
        let others = self.coords.iter().filter(|(name, coord)| is_other(name, coord));
        let mut columns: Vec<(String, Array)> = Vec::new();
        for (name, variable) in data.chain(others) {
            if columns.iter().any(|(known, _)| known == name) || dims.iter().any(|dim| *dim == name) {
                let problem =
                    "a table needs a name for each column; rename the array or the coordinate".into();
                return Err(Error::DuplicateName { name: name.into(), problem });
            }
            let data = variable.arranged(&dims)?.broadcast_to(shape.clone())?;
            columns.push((name.into(), data));
        }
        let grid = match columns.iter().max_by_key(|(_, data)| data.chunks().count()) {
            Some((_, data)) => data.chunks().clone(),
            None => ChunkGrid::single(&shape),
        };
        let sizes: Vec<Vec<usize>> = grid.axes().iter().map(|axis| axis.sizes().collect()).collect();
        for (_, data) in &mut columns {
            *data = data.rechunk(Chunks::Sizes(sizes.clone()))?;
        }
        let labels = |dim: &Dim| self.coords.index_variable(dim).and_then(Variable::resident).map(Arc::clone);
        let dims = dims.iter().map(|dim| (dim.clone(), labels(dim))).collect();
        Ok(RecordBatches { dims, columns, grid, next: 0 })
    }
}

impl Iterator for RecordBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.grid.count() {
            return None;
        }
        let mut flat = self.next;
        self.next += 1;
        let mut index: Vec<usize> = Vec::new();
        for &count in self.grid.counts().iter().rev() {
            index.push(flat % count.max(1));
            flat /= count.max(1);
        }
        index.reverse();
        Some(self.batch(&index))
    }
}

impl RecordBatches {
    fn batch(&self, index: &[usize]) -> Result<RecordBatch> {
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        let rows: usize = shape.iter().product();
        let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
        let mut inner = rows;
        for ((dim, labels), range) in self.dims.iter().zip(&region) {
            let len = range.len().max(1);
            inner /= len;
            let positions: Vec<usize> = (0..rows).map(|row| range.start + row / inner.max(1) % len).collect();
            let column = match labels {
                Some(labels) => column(&gather(labels, &positions)?),
                None => {
                    Arc::new(Int64Array::from_iter_values(positions.iter().map(|&p| p as i64))) as ArrayRef
                }
            };
            columns.push((dim, column));
        }
        let parts = self.columns.iter().map(|(_, data)| {
            region.iter().enumerate().try_fold(data.clone(), |data, (axis, range)| {
                data.stride_axis(axis as isize, range.start, 1, range.len())
            })
        });
        let parts = parts.collect::<graticule_array::Result<Vec<Array>>>()?;
        let blocks = Runtime::current().compute_all(&parts.iter().collect::<Vec<_>>())?;
        columns.extend(
            self.columns.iter().zip(&blocks).map(|((name, _), block)| (name.as_str(), column(block))),
        );
        let fields = columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let arrays = columns.into_iter().map(|(_, column)| column).collect();
        RecordBatch::try_new(schema, arrays)
            .map_err(|error| Error::argument("table", "of these columns", error.to_string()))
    }
}

/// The elements of a block as a column.
fn column(block: &Chunk) -> ArrayRef {
    macro_rules! times {
        ($values:expr, $array:ty) => {
            Arc::new($values.iter().map(|&t| (t != NAT).then_some(t)).collect::<$array>())
        };
    }
    match (block.buffer(), block.dtype()) {
        (Buffer::I64(v), DType::Datetime(TimeUnit::Second)) => times!(v, TimestampSecondArray),
        (Buffer::I64(v), DType::Datetime(TimeUnit::Millisecond)) => times!(v, TimestampMillisecondArray),
        (Buffer::I64(v), DType::Datetime(TimeUnit::Microsecond)) => times!(v, TimestampMicrosecondArray),
        (Buffer::I64(v), DType::Datetime(TimeUnit::Nanosecond)) => times!(v, TimestampNanosecondArray),
        (Buffer::I64(v), DType::Timedelta(TimeUnit::Second)) => times!(v, DurationSecondArray),
        (Buffer::I64(v), DType::Timedelta(TimeUnit::Millisecond)) => times!(v, DurationMillisecondArray),
        (Buffer::I64(v), DType::Timedelta(TimeUnit::Microsecond)) => times!(v, DurationMicrosecondArray),
        (Buffer::I64(v), DType::Timedelta(TimeUnit::Nanosecond)) => times!(v, DurationNanosecondArray),
        (Buffer::Bool(v), _) => Arc::new(BooleanArray::from(v.clone())),
        (Buffer::I8(v), _) => Arc::new(Int8Array::from(v.clone())),
        (Buffer::I16(v), _) => Arc::new(Int16Array::from(v.clone())),
        (Buffer::I32(v), _) => Arc::new(Int32Array::from(v.clone())),
        (Buffer::I64(v), _) => Arc::new(Int64Array::from(v.clone())),
        (Buffer::U8(v), _) => Arc::new(UInt8Array::from(v.clone())),
        (Buffer::U16(v), _) => Arc::new(UInt16Array::from(v.clone())),
        (Buffer::U32(v), _) => Arc::new(UInt32Array::from(v.clone())),
        (Buffer::U64(v), _) => Arc::new(UInt64Array::from(v.clone())),
        (Buffer::F32(v), _) => Arc::new(Float32Array::from(v.clone())),
        (Buffer::F64(v), _) => Arc::new(Float64Array::from(v.clone())),
        (Buffer::Str(v), _) => Arc::new(StringArray::from_iter_values(v)),
    }
}
