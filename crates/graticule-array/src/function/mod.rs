//! The functions that work element by element, and numpy's rules for their dtypes.

mod binary;
mod casting;
mod table;
mod unary;

use std::fmt;

pub use binary::Binary;
pub use casting::Casting;
pub use table::{Members, Side, Table};
pub use unary::Unary;

/// numpy's name: `logical_not` for `LogicalNot`.
fn snake_case(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let mut text = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    f.write_str(&text)
}
