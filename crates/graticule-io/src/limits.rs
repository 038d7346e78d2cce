//! How much memory a file of some size can justify.

/// Up to this size nothing needs to be justified.
const UNSUSPICIOUS_BYTES: u64 = 64 << 20;

/// Deflate cannot make data smaller than this many times.
pub(crate) const MOST_DEFLATE: u64 = 1032;

/// Whether data of this size can come out of a file of that size, or are too small to matter.
pub(crate) fn can_hold(file_bytes: u64, bytes: u64) -> bool {
    bytes <= UNSUSPICIOUS_BYTES || bytes / MOST_DEFLATE <= file_bytes
}
