//! Data layout messages of versions 1 and 2, which HDF5 wrote before 1.6.3.
//!
//! The parser takes two of the five reserved bytes of version 2 for the address, so that every address comes out
//! 65,536 times too large. Here the message is read from the file again.

use hdf5_reader::Hdf5File;
use hdf5_reader::messages::layout::DataLayout;

use super::header::{self, u32_at};

/// Whether an address may be one that was read two bytes too early.
pub(super) fn is_suspicious(layout: &DataLayout) -> bool {
    match layout {
        DataLayout::Contiguous { address, .. }
        | DataLayout::Chunked { address, chunk_indexing: None, .. } => address & 0xffff == 0,
        DataLayout::Chunked { .. } | DataLayout::Compact { .. } => false,
    }
}

/// The layout in the object header at `address`, where that has one of version 1 or 2.
pub(super) fn layout(h5: &Hdf5File, address: u64) -> Option<DataLayout> {
    let offset_size = usize::from(h5.superblock().offset_size);
    let mut found = None;
    header::visit(h5, address, |message| {
        if message.kind == header::LAYOUT {
            found = parse(message.body, offset_size);
        }
    })?;
    found
}

fn parse(message: &[u8], offset_size: usize) -> Option<DataLayout> {
    let &[1 | 2, rank, class, ..] = message else { return None };
    let mut at = 8;
    let address = if class == 0 {
        u64::MAX
    } else {
        at += offset_size;
        header::address(message, 8, offset_size)?
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
