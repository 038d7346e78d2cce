//! Times of variables that are too large to be decoded at once.

use std::sync::Arc;

use graticule_array::{Chunk, ChunkGrid, ChunkSource, DType, Scalar, SourceSpec, TimeUnit};
use graticule_dataset::time::{Calendar, Units, decode};

use super::derived;

/// Numbers decoded to datetime64 chunk by chunk, in nanoseconds.
///
/// Which unit would hold all moments is not known without reading them all, so a moment beyond what
/// nanoseconds can hold is an error of the chunk.
#[derive(Debug)]
pub(crate) struct LazyTimes {
    inner: Arc<dyn ChunkSource>,
    units: Units,
    calendar: Calendar,
    missing: Vec<Scalar>,
}

const UNIT: DType = DType::Datetime(TimeUnit::Nanosecond);

impl LazyTimes {
    pub(crate) fn new(
        inner: &Arc<dyn ChunkSource>,
        units: Units,
        calendar: Calendar,
        missing: Vec<Scalar>,
    ) -> Self {
        Self { inner: Arc::clone(inner), units, calendar, missing }
    }
}

impl ChunkSource for LazyTimes {
    fn spec(&self) -> SourceSpec {
        derived(self.inner.spec(), &format!("{} {:?} {:?}", self.units, self.calendar, self.missing))
    }

    fn label(&self) -> String {
        self.inner.label()
    }

    fn dtype(&self) -> DType {
        UNIT
    }

    fn grid(&self) -> &ChunkGrid {
        self.inner.grid()
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        let mut numbers = Chunk::empty(self.inner.dtype());
        self.inner.read(index, &mut numbers)?;
        let what = || format!("times in {}", self.units);
        let times = decode(&numbers, &self.units, self.calendar, &self.missing)
            .map_err(|error| graticule_array::Error::Read { what: what(), cause: Arc::new(error) })?;
        if times.dtype() != UNIT {
            return Err(graticule_array::Error::Dtype {
                operation: format!("decoding {} to nanoseconds", what()),
                dtype: times.dtype(),
                hint: "a moment is beyond the years 1678 to 2262: open with decode_times(false)".into(),
            });
        }
        *out = times;
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        let elements: usize = self.inner.grid().max_chunk().iter().product();
        // The numbers, the moments while they are computed, and the result before it replaces the chunk.
        self.inner.scratch_bytes() + elements * (self.inner.dtype().size() + 32 + 8)
    }

    fn stored_bytes(&self) -> Option<u64> {
        self.inner.stored_bytes()
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}
