//! Data layout messages of versions 1 and 2, which HDF5 wrote before 1.6.3.
//!
//! The parser takes two of the five reserved bytes of version 2 for the address, so that every address comes out
//! 65,536 times too large. Here the message is read from the file again.

use hdf5_reader::messages::layout::DataLayout;

use crate::file::DataFile;

const LAYOUT: u16 = 8;
const CONTINUATION: u16 = 16;
/// Object headers are a few kilobytes; those of a hostile file may be as long as it is.
const MOST_BYTES: u64 = 1 << 20;
const MOST_BLOCKS: usize = 64;

/// Whether an address may be one that was read two bytes too early.
pub(super) fn is_suspicious(layout: &DataLayout) -> bool {
    match layout {
        DataLayout::Contiguous { address, .. }
        | DataLayout::Chunked { address, chunk_indexing: None, .. } => address & 0xffff == 0,
        DataLayout::Chunked { .. } | DataLayout::Compact { .. } => false,
    }
}

/// The layout in the object header at `address`, where that has one of version 1 or 2.
pub(super) fn layout(file: &DataFile, base: u64, address: u64, offset_size: u8) -> Option<DataLayout> {
    let at = base.checked_add(address)?;
    let prefix = read(file, at, 16)?;
    if prefix[0] != 1 {
        return None;
    }
    let first = u64::from(u32_at(&prefix, 8)?);
    let mut blocks = vec![(at.checked_add(16)?, first)];
    let mut next = 0;
    while let Some(&(start, len)) = blocks.get(next) {
        next += 1;
        let block = read(file, start, len)?;
        let mut rest = block.as_slice();
        while let Some((header, after)) = rest.split_at_checked(8) {
            let kind = u16::from_le_bytes([header[0], header[1]]);
            let (data, after) =
                after.split_at_checked(usize::from(u16::from_le_bytes([header[2], header[3]])))?;
            rest = after;
            match kind {
                LAYOUT => return parse(data, usize::from(offset_size)),
                CONTINUATION if blocks.len() < MOST_BLOCKS => {
                    let width = usize::from(offset_size);
                    blocks.push((base.checked_add(uint(data, 0, width)?)?, uint(data, width, width)?));
                }
                _ => {}
            }
        }
    }
    None
}

fn parse(message: &[u8], offset_size: usize) -> Option<DataLayout> {
    let &[1 | 2, rank, class, ..] = message else { return None };
    let mut at = 8;
    let address = if class == 0 {
        u64::MAX
    } else {
        at += offset_size;
        uint(message, 8, offset_size)?
    };
    let dims: Vec<u32> =
        (0..usize::from(rank)).map(|i| u32_at(message, at + 4 * i)).collect::<Option<_>>()?;
    at += 4 * dims.len();
    match class {
        0 => {
            let size = u32_at(message, at)? as usize;
            Some(DataLayout::Compact { data: message.get(at + 4..)?.get(..size)?.to_vec() })
        }
        // The size is that of the variable.
        1 => Some(DataLayout::Contiguous { address, size: 0 }),
        2 => {
            let (&element_size, chunk) = dims.split_last()?;
            Some(DataLayout::Chunked { address, dims: chunk.to_vec(), element_size, chunk_indexing: None })
        }
        _ => None,
    }
}

fn read(file: &DataFile, at: u64, len: u64) -> Option<Vec<u8>> {
    if len > MOST_BYTES || at.checked_add(len)? > file.len() {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(len).ok()?];
    file.read_at(&mut bytes, at).ok()?;
    Some(bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// A little-endian number of `width` bytes; all ones, which means "none", in any width.
fn uint(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + width)?;
    if bytes.iter().all(|&byte| byte == 0xff) {
        return Some(u64::MAX);
    }
    Some(bytes.iter().rev().take(8).fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_2_has_five_reserved_bytes() {
        let mut message = vec![2, 2, 1, 0, 0, 0, 0, 0];
        message.extend(449_010u64.to_le_bytes());
        message.extend([29, 0, 0, 0, 4, 0, 0, 0]);
        assert_eq!(parse(&message, 8), Some(DataLayout::Contiguous { address: 449_010, size: 0 }));
        message[0] = 3;
        assert_eq!(parse(&message, 8), None);
    }
}
