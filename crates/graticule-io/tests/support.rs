use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graticule_array::{Buffer, Chunk, ChunkSource, DType};
use graticule_io::{Backend, Classic, DataFile, Error, Hdf5, RawGroup, Request};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data-fixtures").canonicalize().unwrap()
}

/// All netCDF fixtures that are whole.
pub(crate) fn netcdf_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures().join("netcdf"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "nc"))
        .collect();
    files.sort();
    assert!(files.len() > 20);
    files
}

pub(crate) fn backend(path: &Path) -> &'static dyn Backend {
    let head = std::fs::read(path).unwrap();
    if Hdf5.recognises(&head) { &Hdf5 } else { &Classic }
}

pub(crate) fn open_raw(path: &Path, request: &Request) -> Result<RawGroup, Error> {
    backend(path).open(&DataFile::open(path)?, request)
}

/// Every chunk index of a source.
pub(crate) fn indices(source: &dyn ChunkSource) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for count in source.grid().counts() {
        all =
            all.iter().flat_map(|index| (0..count).map(move |i| [index.as_slice(), &[i]].concat())).collect();
    }
    all
}

/// All of a source, chunk by chunk, through one buffer that is used again.
pub(crate) fn read_all(source: &Arc<dyn ChunkSource>) -> Result<Chunk, graticule_array::Error> {
    let mut whole = Chunk::empty(source.dtype());
    whole.reset(source.dtype(), &source.grid().shape());
    let mut part = Chunk::empty(DType::Bool);
    for index in indices(source.as_ref()) {
        source.read(&index, &mut part)?;
        let region = source.grid().region(&index);
        assert_eq!(part.dtype(), source.dtype());
        assert_eq!(part.shape(), region.iter().map(ExactSizeIterator::len).collect::<Vec<_>>());
        place(&part, &mut whole, &region);
    }
    Ok(whole)
}

fn place(part: &Chunk, whole: &mut Chunk, region: &[Range<usize>]) {
    let shape = whole.shape().to_vec();
    let positions: Vec<usize> = (0..part.len())
        .map(|number| {
            let mut rest = number;
            let mut flat = 0;
            let mut stride = 1;
            for axis in (0..shape.len()).rev() {
                flat += (region[axis].start + rest % region[axis].len()) * stride;
                rest /= region[axis].len();
                stride *= shape[axis];
            }
            flat
        })
        .collect();
    macro_rules! each {
        ($($variant:ident)+) => {
            match (part.buffer(), whole.buffer_mut()) {
                $((Buffer::$variant(part), Buffer::$variant(whole)) => {
                    for (value, &at) in part.iter().zip(&positions) { whole[at] = value.clone(); }
                })+
                _ => panic!("dtypes differ"),
            }
        };
    }
    each!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 Str);
}

/// A directory that vanishes with the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("graticule-io-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The daily files of a year.
pub(crate) fn aviso_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures().join("aviso-2015"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 365);
    files
}
