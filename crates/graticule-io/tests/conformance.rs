use std::path::{Path, PathBuf};
use std::sync::Arc;

use graticule_array::{Chunk, ChunkSource, DType};
use graticule_io::{Backend, DataFile, Request};

use crate::support::{backend, fixtures, indices, netcdf_files, read_all};

/// What every backend promises about a file that is whole.
fn conforms(backend: &dyn Backend, path: &Path) {
    let open = || backend.open(&DataFile::open(path).unwrap(), &Request::default()).unwrap();
    let (group, again) = (open(), open());
    assert_eq!(group.variables.len(), again.variables.len());
    for (variable, same) in group.variables.iter().zip(&again.variables) {
        let what = format!("{} of {}", variable.name, path.display());
        let source = &variable.source;
        assert_eq!(source.spec(), same.source.spec(), "{what}: equal files have equal specs");
        assert_eq!(variable.attrs, same.attrs, "{what}: attributes are deterministic");
        assert_eq!(variable.dims.len(), source.grid().shape().len(), "{what}: each axis has a name");
        for (dim, len) in variable.dims.iter().zip(source.grid().shape()) {
            if let Some(dim) = group.dims.iter().find(|d| d.name == *dim) {
                assert_eq!(dim.len, len, "{what}: lengths are those of the dimensions");
            }
        }
        let Ok(whole) = read_all(source) else { continue };
        assert!(same_bits(&whole, &read_all(&same.source).unwrap()), "{what}: reading twice gives the same");
        any_buffer_will_do(source, &what);
        threads_agree(source, &whole, &what);
    }
}

/// A buffer that held anything else gives the same chunk.
fn any_buffer_will_do(source: &Arc<dyn ChunkSource>, what: &str) {
    for index in indices(source.as_ref()).into_iter().take(3) {
        let mut fresh = Chunk::empty(source.dtype());
        source.read(&index, &mut fresh).unwrap();
        for dtype in [DType::F64, DType::U8, DType::Str, source.dtype()] {
            let mut used = Chunk::empty(dtype);
            used.reset(dtype, &[1000]);
            source.read(&index, &mut used).unwrap();
            assert!(same_bits(&used, &fresh), "{what}: chunk {index:?} into a buffer of {dtype}");
        }
    }
}

/// Bitwise, so that NaN equals itself.
fn same_bits(a: &Chunk, b: &Chunk) -> bool {
    a.shape() == b.shape()
        && a.dtype() == b.dtype()
        && format!("{:?}", a.buffer()) == format!("{:?}", b.buffer())
}

fn threads_agree(source: &Arc<dyn ChunkSource>, whole: &Chunk, what: &str) {
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(|| read_all(source).unwrap())).collect();
        for reader in readers {
            assert!(same_bits(&reader.join().unwrap(), whole), "{what}: threads agree");
        }
    });
}

fn whole_files() -> Vec<PathBuf> {
    let day = fixtures().join("aviso-2015").join("dt_global_allsat_madt_h_20150101_20150914.nc");
    netcdf_files().into_iter().chain([day]).collect()
}

#[test]
fn both_formats_keep_the_promises_of_a_backend() {
    for path in whole_files() {
        conforms(backend(&path), &path);
    }
}

#[cfg(feature = "netcdf-c")]
#[test]
fn the_c_library_keeps_the_promises_of_a_backend() {
    for path in whole_files() {
        conforms(&graticule_io::NetcdfC, &path);
    }
}
