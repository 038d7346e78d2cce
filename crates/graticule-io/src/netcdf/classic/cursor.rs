//! Reads a header from front to back, loading no more of the file than it needs.

use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::text::text_from;

/// Most headers are smaller than this, so that one read gets them.
const FIRST_READ: u64 = 8 << 10;

pub(super) struct Cursor<'a> {
    file: &'a DataFile,
    loaded: Vec<u8>,
    position: usize,
    /// 1, 2 or 5: how wide sizes are.
    pub(super) version: u8,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a DataFile) -> Self {
        Self { file, loaded: Vec::new(), position: 0, version: 1 }
    }

    pub(super) fn corrupt(&self, problem: String) -> Error {
        Error::corrupt(self.file.path(), format!("the header near byte {}", self.position), problem)
    }

    fn left(&self) -> u64 {
        self.file.len().saturating_sub(self.position as u64)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&[u8]> {
        if count as u64 > self.left() {
            return Err(Error::Truncated {
                path: self.file.path().to_owned(),
                what: "the header".into(),
                needed_bytes: self.position as u64 + count as u64,
                actual_bytes: self.file.len(),
            });
        }
        let end = self.position + count;
        if end > self.loaded.len() {
            let wanted = (end as u64).max(FIRST_READ).max(2 * self.loaded.len() as u64).min(self.file.len());
            let start = self.loaded.len();
            self.loaded.resize(usize::try_from(wanted).unwrap_or(end), 0);
            self.file.read_at(&mut self.loaded[start..], start as u64)?;
        }
        let bytes = &self.loaded[self.position..end];
        self.position = end;
        Ok(bytes)
    }

    /// Bytes that are followed by as many others as a multiple of four takes.
    pub(super) fn padded(&mut self, count: usize) -> Result<&[u8]> {
        let start = self.position;
        self.bytes(count)?;
        // Some writers leave out the padding at the very end of a file.
        let padding =
            (count.next_multiple_of(4) - count).min(usize::try_from(self.left()).unwrap_or(usize::MAX));
        self.bytes(padding)?;
        Ok(&self.loaded[start..start + count])
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        let bytes = self.bytes(4)?;
        Ok(bytes.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)))
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        let bytes = self.bytes(8)?;
        Ok(bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// A count or length: 32 bits wide, 64 in CDF-5.
    pub(super) fn size(&mut self) -> Result<u64> {
        if self.version == 5 { self.u64() } else { Ok(u64::from(self.u32()?)) }
    }

    /// A count of entries that the rest of the file has room for.
    pub(super) fn check_count(&self, count: u64, entry_bytes: u64, what: &str) -> Result<usize> {
        match usize::try_from(count) {
            Ok(small) if count.saturating_mul(entry_bytes) <= self.left() => Ok(small),
            _ => {
                Err(self
                    .corrupt(format!("{count} {what} do not fit in the {} bytes that follow", self.left())))
            }
        }
    }

    pub(super) fn name(&mut self) -> Result<String> {
        let len = self.size()?;
        let len = self.check_count(len, 1, "characters of a name")?;
        // Some writers count the NUL at the end of a C string, and whatever follows it.
        let name = self.padded(len)?;
        Ok(text_from(name.split(|&byte| byte == 0).next().unwrap_or_default()))
    }
}
