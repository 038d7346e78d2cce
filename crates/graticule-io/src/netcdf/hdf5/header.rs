//! The messages of an object header as they are stored, for what the parser does not hand on.

use std::collections::VecDeque;

use hdf5_reader::{Attribute, Hdf5File, Storage, StorageBuffer};

pub(super) const LAYOUT: u16 = 8;
const ATTRIBUTE: u16 = 12;
const CONTINUATION: u16 = 16;
/// Object headers are a few kilobytes; those of a hostile file may be as long as it is.
const MOST_BYTES: u64 = 1 << 20;
const MOST_BLOCKS: usize = 64;

/// One message of an object header.
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    /// When it was made, where the header remembers.
    order: Option<u16>,
    pub(super) body: &'a [u8],
}

/// Shows `visit` every message of the object header at `address`; none if it ends early.
pub(super) fn visit(h5: &Hdf5File, address: u64, mut visit: impl FnMut(&Message<'_>)) -> Option<()> {
    let superblock = h5.superblock();
    let (offset_size, length_size) =
        (usize::from(superblock.offset_size), usize::from(superblock.length_size));
    let prefix = read(h5.storage(), address, 16)?;
    let (first, version_2, tracked) = match *prefix {
        [b'O', b'H', b'D', b'R', 2, flags, ..] => {
            // Four times of four bytes and two limits of two bytes may come before the size.
            let before = 6 + u64::from(flags >> 5 & 1) * 16 + u64::from(flags >> 4 & 1) * 4;
            let width = 1 << (flags & 3);
            let at = address.checked_add(before)?;
            let size = uint(&read(h5.storage(), at, width)?, 0, width as usize)?;
            ((at.checked_add(width)?, size), true, is_tracked(flags))
        }
        [1, ..] => ((address.checked_add(16)?, u64::from(u32_at(&prefix, 8)?)), false, false),
        _ => return None,
    };
    let envelope = if !version_2 {
        8
    } else if tracked {
        6
    } else {
        4
    };
    let mut blocks = VecDeque::from([first]);
    let mut visited = 0;
    while let Some((start, len)) = blocks.pop_front() {
        let block = read(h5.storage(), start, len)?;
        // Later blocks of version 2 are between a signature and a checksum.
        let framed = version_2 && visited > 0;
        let mut rest = if framed { block.get(4..block.len().checked_sub(4)?)? } else { &block[..] };
        visited += 1;
        while let Some((header, after)) = rest.split_at_checked(envelope) {
            let (kind, size) = if version_2 {
                (u16::from(header[0]), u16::from_le_bytes([header[1], header[2]]))
            } else {
                (u16::from_le_bytes([header[0], header[1]]), u16::from_le_bytes([header[2], header[3]]))
            };
            let (body, after) = after.split_at_checked(usize::from(size))?;
            rest = after;
            if kind == CONTINUATION && visited + blocks.len() < MOST_BLOCKS {
                blocks.push_back((uint(body, 0, offset_size)?, uint(body, offset_size, length_size)?));
            }
            let order = tracked.then(|| u16::from_le_bytes([header[4], header[5]]));
            visit(&Message { kind, order, body });
        }
    }
    Some(())
}

/// Whether the flags of a header of version 2 say that it remembers the order of its attributes.
fn is_tracked(flags: u8) -> bool {
    flags & 4 != 0
}

/// Puts attributes in the order in which they were made, where the header remembers it.
///
/// The parser gives those in the header in the order in which they lie there; a later one may fill a gap.
pub(super) fn sort(h5: &Hdf5File, address: u64, attributes: &mut Vec<Attribute>) {
    let prefix = read(h5.storage(), address, 6);
    let remembers = |prefix: &[u8]| prefix.starts_with(b"OHDR") && is_tracked(prefix[5]);
    if attributes.len() < 2 || !prefix.is_some_and(|prefix| remembers(&prefix)) {
        return;
    }
    let mut orders: Vec<Option<u16>> = vec![None; attributes.len()];
    let all = visit(h5, address, |message| {
        let name = if message.kind == ATTRIBUTE { name(message.body) } else { None };
        let is_it = |attribute: &Attribute| Some(attribute.name.as_bytes()) == name;
        if let Some(at) = attributes.iter().position(is_it) {
            orders[at] = message.order;
        }
    });
    // Attributes that lie elsewhere come in their order already; most others do, too.
    if all.is_some() && orders.iter().all(Option::is_some) && !orders.is_sorted() {
        let mut ordered: Vec<_> = orders.into_iter().zip(attributes.drain(..)).collect();
        ordered.sort_by_key(|(order, _)| *order);
        attributes.extend(ordered.into_iter().map(|(_, attribute)| attribute));
    }
}

/// The name in an attribute message.
fn name(body: &[u8]) -> Option<&[u8]> {
    let start = if *body.first()? == 3 { 9usize } else { 8 };
    let len = usize::from(u16::from_le_bytes([*body.get(2)?, *body.get(3)?]));
    let name = body.get(start..start.checked_add(len)?)?;
    name.split(|&byte| byte == 0).next()
}

/// Whether chunks that reach beyond the variable are stored without filters, an option since HDF5 1.10.
pub(super) fn edges_are_plain(h5: &Hdf5File, address: u64) -> bool {
    let mut found = false;
    let _ = visit(h5, address, |message| {
        // Version, class (2 is chunked), flags.
        found |= message.kind == LAYOUT && matches!(message.body, [4 | 5, 2, flags, ..] if flags & 1 != 0);
    });
    found
}

fn read(storage: &dyn Storage, at: u64, len: u64) -> Option<StorageBuffer> {
    let len = usize::try_from(len).ok().filter(|&len| len as u64 <= MOST_BYTES)?;
    storage.read_range(at, len).ok()
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// A little-endian number of `width` bytes.
fn uint(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().rev().take(8).fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

/// An address of `width` bytes; all ones, which means "none", in any width.
pub(super) fn address(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let is_none = bytes.get(at..at.checked_add(width)?)?.iter().all(|&byte| byte == 0xff);
    if is_none { Some(u64::MAX) } else { uint(bytes, at, width) }
}
