//! Byte sizes as people write them: `"64MiB"`, `"2GB"`, `1.41 GiB`.

use crate::error::{Error, Result};

const UNITS: [(&str, f64); 11] = [
    ("KIB", 1024.0),
    ("MIB", 1024.0 * 1024.0),
    ("GIB", 1024.0 * 1024.0 * 1024.0),
    ("TIB", 1024.0 * 1024.0 * 1024.0 * 1024.0),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("K", 1e3),
    ("M", 1e6),
    ("G", 1e9),
];

/// Reads a byte size such as `"64MiB"`, `"2 GB"` or `"1048576"`.
///
/// Binary units (`KiB MiB GiB TiB`) are powers of 1024, decimal ones (`kB MB GB TB`) of 1000.
///
/// # Errors
/// [`Error::Argument`] when the text is no size.
///
/// ```
/// assert_eq!(graticule_array::bytes::parse("1.5 KiB")?, 1536);
/// # Ok::<(), graticule_array::Error>(())
/// ```
pub fn parse(text: &str) -> Result<usize> {
    let upper = text.trim().to_ascii_uppercase();
    let (number, factor) = UNITS
        .iter()
        .find_map(|(unit, factor)| upper.strip_suffix(unit).map(|number| (number, *factor)))
        .or_else(|| upper.strip_suffix('B').map(|number| (number, 1.0)))
        .unwrap_or((&upper, 1.0));
    match number.trim().parse::<f64>() {
        Ok(n) if n >= 0.0 && n * factor <= 9e15 => Ok((n * factor) as usize),
        _ => Err(Error::argument(
            "size",
            format!("{text:?}"),
            "write a number with a unit, such as \"64MiB\" or \"2GB\"",
        )),
    }
}

/// Writes a byte size with three digits and a binary unit.
///
/// ```
/// assert_eq!(graticule_array::bytes::format(1_514_000_000), "1.41 GiB");
/// ```
pub fn format(bytes: usize) -> String {
    const NAMES: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < NAMES.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ if value < 9.995 => format!("{value:.2} {}", NAMES[unit]),
        _ if value < 99.95 => format!("{value:.1} {}", NAMES[unit]),
        _ => format!("{value:.0} {}", NAMES[unit]),
    }
}

/// Writes a byte size so that reading it back gives at least the same number of bytes.
pub(crate) fn format_exact(bytes: usize) -> String {
    match bytes {
        0..4096 => format!("{bytes} B"),
        _ if bytes < 64 << 20 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        _ => format!("{} MiB", bytes.div_ceil(1 << 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_any_usual_unit() {
        for (text, bytes) in
            [("64MiB", 64 << 20), ("2GB", 2_000_000_000), ("17", 17), ("17 B", 17), ("3k", 3000)]
        {
            assert_eq!(parse(text).unwrap(), bytes, "{text}");
        }
        for bad in ["", "MiB", "-3MB", "four", "1e300GB"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_exact_size_is_never_rounded_down() {
        for bytes in [1, 4097, 1_000_001, 123_456_789, 9_876_543_210] {
            assert!(parse(&format_exact(bytes)).unwrap() >= bytes);
        }
    }
}
