//! Text inside HTML.

/// A text that stands for itself in HTML, also inside quotes. What controls direction or the page is shown by its number,
/// so that a name cannot rearrange what is around it.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.extend(c.escape_unicode()),
            c if c.is_control() => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe
}

/// The first characters of a text.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.into(),
    }
}

/// A part of the page that opens and closes.
pub(super) fn part(title: &str, count: Option<usize>, open: bool, body: &str) -> String {
    let count = count.map(|count| format!(" <span class=\"gr-soft\">({count})</span>")).unwrap_or_default();
    let open = if open { " open" } else { "" };
    format!("<details class=\"gr-part\"{open}><summary>{title}{count}</summary>{body}</details>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escaped("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
        assert_eq!(escaped("海面\u{202e}\u{0}é"), "海面\\u{202e}\\u{0}é");
        assert_eq!(shortened("αβγδ", 2), "αβ…");
    }
}
