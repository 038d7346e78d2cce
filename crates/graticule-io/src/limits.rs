//! How much memory a file of some size can justify.

/// Up to this size nothing needs to be justified.
const UNSUSPICIOUS_BYTES: u64 = 64 << 20;

/// Deflate cannot make data smaller than this many times.
pub(crate) const MOST_DEFLATE: u64 = 1032;

/// Whether data of this size can come out of a file of that size, or are too small to matter.
pub(crate) fn can_hold(file_bytes: u64, bytes: u64) -> bool {
    bytes <= UNSUSPICIOUS_BYTES || bytes / MOST_DEFLATE <= file_bytes
}

/// The most elements that can be counted in bytes whatever they are decoded to.
const MOST_ELEMENTS: u64 = i64::MAX as u64 / 16;

/// The number of elements of a shape, where memory could address them.
pub(crate) fn elements(lens: impl IntoIterator<Item = u64>) -> Option<u64> {
    // A length of zero does not excuse the others: whatever is computed from them must not overflow.
    let all = lens.into_iter().try_fold(1u64, |n, len| n.checked_mul(len.max(1)));
    all.filter(|&n| n <= MOST_ELEMENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_shapes_have_no_number_of_elements() {
        assert_eq!(elements([365, 720, 1440]), Some(378_432_000));
        assert_eq!(elements([]), Some(1));
        assert_eq!(elements([1 << 40, 1 << 30]), None);
        assert_eq!(elements([0, u64::MAX]), None);
        assert!(can_hold(1 << 20, 1 << 30) && !can_hold(1 << 10, 1 << 30));
    }
}
