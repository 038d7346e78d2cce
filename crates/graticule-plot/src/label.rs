//! Typesetting of units and numbers.

/// `label` with the exponents of its bracketed unit raised: `flux [W m-2]` becomes `flux [W m⁻²]`, with a
/// space that no line break divides.
pub(crate) fn typeset_units(label: &str) -> String {
    let Some(units) = crate::axis::bracketed_units(label) else { return label.to_string() };
    let Some(open) = label.rfind('[') else { return label.to_string() };
    let set: Vec<String> = units.split(' ').map(typeset_factor).collect();
    format!("{}[{}]", &label[..open], set.join("\u{a0}"))
}

fn typeset_factor(factor: &str) -> String {
    match factor {
        "degC" | "degree_Celsius" | "degrees_Celsius" | "degree_C" | "degrees_C" | "celsius" | "Celsius" => {
            return "°C".into();
        }
        "degrees" | "degree" => return "°".into(),
        _ => {}
    }
    let letters = factor.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &factor[letters.len()..];
    let (base, minus) = match letters.strip_suffix('-') {
        Some(base) => (base, true),
        None => (letters, false),
    };
    let (base, caret) = match base.strip_suffix("**").or_else(|| base.strip_suffix('^')) {
        Some(base) => (base, true),
        None => (base, false),
    };
    // A bare positive digit may belong to a formula, as in "ppm CO2": raise it after units of length and
    // time only.
    let raised = minus || caret || matches!(base, "m" | "s" | "km" | "cm" | "mm" | "kg" | "hPa" | "Pa" | "K");
    if digits.is_empty() || !raised || base.is_empty() || !base.chars().all(char::is_alphabetic) {
        return factor.to_string();
    }
    let sign = if minus { "⁻" } else { "" };
    format!("{base}{sign}{}", superscript_digits(digits))
}

/// `exponent` in raised digits.
pub(crate) fn superscript(exponent: i32) -> String {
    let sign = if exponent < 0 { "⁻" } else { "" };
    format!("{sign}{}", superscript_digits(&exponent.unsigned_abs().to_string()))
}

fn superscript_digits(digits: &str) -> String {
    let raise = |c: char| match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        other => other,
    };
    digits.chars().map(raise).collect()
}

/// `value` with a fixed number of decimals, a true minus sign, and no minus before a zero.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|b| b == b'0' || b == b'.') => digits.to_string(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_raised_and_formulas_are_not() {
        assert_eq!(typeset_units("Flux [kg m-2 s-1]"), "Flux [kg\u{a0}m⁻²\u{a0}s⁻¹]");
        assert_eq!(typeset_units("z [m**2 s**-2]"), "z [m²\u{a0}s⁻²]");
        assert_eq!(typeset_units("co2 [ppm CO2]"), "co2 [ppm\u{a0}CO2]");
        assert_eq!(typeset_units("t [degC]"), "t [°C]");
        assert_eq!(typeset_units("x [1e-6]"), "x [1e-6]");
        assert_eq!(typeset_units("no units m-2"), "no units m-2");
    }

    #[test]
    fn numbers_use_a_true_minus_and_no_negative_zero() {
        assert_eq!(fixed(-1.5, 1), "−1.5");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(superscript(-12), "⁻¹²");
    }
}
