//! A formula as it would be written by hand.

use std::fmt;

use crate::expr::formula::{Formula, Step};
use crate::function::{Casting, Unary};

/// The formula as it would be written by hand, with the inputs as `x`, `y`, `z`, …
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 6] = ["x", "y", "z", "u", "v", "w"];
        let mut texts: Vec<String> = Vec::with_capacity(self.steps.len());
        let bare = |text: &str| text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).map(str::to_owned);
        for (step, dtype) in self.steps() {
            let text = match step {
                Step::Input(i) => NAMES.get(*i).map_or_else(|| format!("x{i}"), ToString::to_string),
                Step::Const(value) => value.to_string(),
                Step::Unary(Unary::Negative, x) => format!("-{}", texts[*x]),
                Step::Unary(Unary::LogicalNot, x) => format!("!{}", texts[*x]),
                Step::Unary(g, x) => {
                    let x = &texts[*x];
                    let balanced = bare(x).filter(|inner| is_balanced(inner));
                    format!("{g}({})", balanced.as_ref().unwrap_or(x))
                }
                Step::Binary(g, x, y) => match g.sign() {
                    Some(sign) => format!("({} {sign} {})", texts[*x], texts[*y]),
                    None => format!("{g}({}, {})", texts[*x], texts[*y]),
                },
                Step::Where { cond, yes, no } => {
                    format!("where({}, {}, {})", texts[*cond], texts[*yes], texts[*no])
                }
                Step::Cast { x, casting: Casting::Strict } => format!("{dtype}({})", texts[*x]),
                Step::Cast { x, casting } => format!("{dtype}({}, {casting})", texts[*x]),
                Step::Lookup { x, table } => format!("{table}({})", texts[*x]),
                Step::MaskScale { packed, missing, scale, offset } => {
                    let mut text = format!("unpack({}", texts[*packed]);
                    for value in missing {
                        text += &format!(", missing {value}");
                    }
                    if let Some(scale) = scale {
                        text += &format!(", scale {scale}");
                    }
                    if let Some(offset) = offset {
                        text += &format!(", offset {offset}");
                    }
                    text + ")"
                }
            };
            // A formula that uses a value many times could be very long when written out.
            texts.push(if text.len() > 400 { "…".into() } else { text });
        }
        let last = texts.pop().unwrap_or_default();
        f.write_str(&bare(&last).filter(|inner| is_balanced(inner)).unwrap_or(last))
    }
}

/// Whether no bracket closes before it opens, so that outer brackets may be dropped.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0;
    text.chars().all(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth >= 0
    })
}
