//! Text as files have it.

use std::path::Path;

/// What a variable of a file is called in plans and messages.
pub(crate) fn source_label(name: &str, path: &Path) -> String {
    let file = path.file_name().unwrap_or(path.as_os_str());
    format!("{} in {}", name.trim_start_matches('/'), file.to_string_lossy())
}

/// Text as writers of all kinds leave it: UTF-8, else Latin-1, which any bytes are.
pub(crate) fn text_from(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The bytes before the NULs that fill up a field.
pub(crate) fn before_padding(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The text of an attribute. NULs in it, which writers in C leave, are no part of it.
pub(crate) fn attribute_text(bytes: &[u8]) -> String {
    if bytes.contains(&0) {
        let kept: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
        return text_from(&kept);
    }
    text_from(bytes)
}
