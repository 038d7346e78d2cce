use std::path::Path;
use std::time::{Duration, Instant};

use graticule_array::Chunk;
use graticule_io::{OpenOptions, Request, Truncated};

use crate::support::{Scratch, indices, netcdf_files, open_raw, read_all};

/// A small generator, so that every run damages the same bytes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Damages a file and says whether its size changed.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(4) {
        0 => {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        1 => bytes.truncate(random.below(bytes.len())),
        2 => {
            let start = random.below(bytes.len());
            let end = (start + 1 + random.below(64)).min(bytes.len());
            let value = [0, 0xff, random.next() as u8][random.below(3)];
            bytes[start..end].fill(value);
        }
        _ => {
            // A number that counts something becomes huge.
            let start = random.below(bytes.len().saturating_sub(8));
            for byte in &mut bytes[start..start + 4] {
                *byte = random.next() as u8;
            }
        }
    }
}

/// No chunk of a file this small can honestly need more.
const MOST_ELEMENTS: usize = 64 << 20;

/// Reads everything in a file, whatever it says, with bounds on what it may claim.
fn read_everything(path: &Path, truncated: Truncated) {
    let request = Request { truncated, ..Request::default() };
    let Ok(group) = open_raw(path, &request) else { return };
    let mut chunk = Chunk::empty(graticule_array::DType::U8);
    for variable in &group.variables {
        let largest: usize = variable.source.grid().max_chunk().iter().product();
        assert!(largest <= MOST_ELEMENTS, "{}: a chunk of {largest} elements", variable.name);
        // A dimension may claim to be long: what was never written takes no bytes.
        if variable.source.grid().count() > 1000 {
            continue;
        }
        for index in indices(variable.source.as_ref()).into_iter().take(100) {
            let _ = variable.source.read(&index, &mut chunk);
        }
    }
    drop(group);
    let _ = OpenOptions::new().truncated(truncated).open(path);
}

#[test]
fn a_thousand_damaged_files_give_no_panic_no_hang_and_no_absurd_allocation() {
    // The parser of HDF5 may panic inside its guard; what it would print is no failure.
    std::panic::set_hook(Box::new(|info| {
        if info.location().is_some_and(|location| location.file().contains("graticule")) {
            eprintln!("{info}");
        }
    }));
    let scratch = Scratch::new("corruption");
    let files: Vec<(String, Vec<u8>)> = netcdf_files()
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..1000 {
        let (name, original) = &files[round % files.len()];
        let mut bytes = original.clone();
        damage(&mut bytes, &mut random);
        let path = scratch.path().join(format!("{round}_{name}"));
        std::fs::write(&path, &bytes).unwrap();
        let started = Instant::now();
        let truncated = if round % 2 == 0 { Truncated::Error } else { Truncated::Missing };
        read_everything(&path, truncated);
        assert!(started.elapsed() < Duration::from_secs(10), "{round} {name}: {:?}", started.elapsed());
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn data_that_are_not_damaged_are_still_right() {
    // Bytes that lie in the data of one variable do not change what others say.
    let scratch = Scratch::new("undamaged");
    for name in ["filters.nc", "chunks.nc", "types4.nc"] {
        let original = netcdf_files().into_iter().find(|path| path.ends_with(name)).unwrap();
        let whole = open_raw(&original, &Request::default()).unwrap();
        let bytes = std::fs::read(&original).unwrap();
        let mut random = Random(7);
        for round in 0..100 {
            let mut damaged = bytes.clone();
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
            let path = scratch.path().join(format!("{round}_{name}"));
            std::fs::write(&path, &damaged).unwrap();
            let Ok(group) = open_raw(&path, &Request::default()) else { continue };
            let mut changed = 0;
            for variable in &group.variables {
                let Some(same) = whole.variables.iter().find(|v| v.name == variable.name) else { continue };
                let (Ok(found), Ok(expected)) = (read_all(&variable.source), read_all(&same.source)) else {
                    continue;
                };
                changed += usize::from(format!("{found:?}") != format!("{expected:?}"));
            }
            // One bit is in at most one variable; in metadata it may be what several share.
            assert!(changed <= 1, "{name}: bit at {at} changed {changed} variables");
        }
    }
}
