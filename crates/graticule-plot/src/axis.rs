//! What one axis of a figure shows: its label, the kind of its values, and its limits.

/// How the values along an axis read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Longitude or latitude when the label's unit says so (`[degrees_east]`, `[degrees_north]`),
    /// plain numbers otherwise.
    #[default]
    Auto,
    /// Plain numbers.
    Linear,
    /// Seconds since 1970-01-01 00:00 UTC, shown as dates.
    Time,
    /// Degrees east, shown as 60°E.
    Longitude,
    /// Degrees north, shown as 30°N.
    Latitude,
}

/// One axis of a figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// Text beside the axis, by habit `name [units]`; empty for none.
    pub label: String,
    /// How the values read.
    pub scale: Scale,
    /// Smallest and largest value shown; `None` fits the data.
    pub limits: Option<(f64, f64)>,
    /// Whether values grow leftwards or downwards, as pressure and depth often should.
    pub reversed: bool,
}

impl Axis {
    /// The scale with [`Scale::Auto`] resolved from the label; never `Auto`.
    ///
    /// ```
    /// use graticule_plot::{Axis, Scale};
    ///
    /// let axis = Axis { label: "lat [degrees_north]".into(), ..Axis::default() };
    /// assert_eq!(axis.resolved_scale(), Scale::Latitude);
    /// ```
    pub fn resolved_scale(&self) -> Scale {
        if self.scale != Scale::Auto {
            return self.scale;
        }
        match bracketed_units(&self.label) {
            Some("degrees_east" | "degree_east" | "degree_E" | "degrees_E" | "degreeE" | "degreesE") => {
                Scale::Longitude
            }
            Some("degrees_north" | "degree_north" | "degree_N" | "degrees_N" | "degreeN" | "degreesN") => {
                Scale::Latitude
            }
            _ => Scale::Linear,
        }
    }

    /// The label to print. Ticks such as 60°E already say the unit of a longitude or latitude, so it is
    /// dropped; other units are typeset.
    pub(crate) fn printed_label(&self) -> String {
        match self.resolved_scale() {
            Scale::Longitude | Scale::Latitude => match bracketed_units(&self.label) {
                Some(units) if units.to_ascii_lowercase().starts_with("degree") => {
                    self.label.rfind('[').map_or("", |at| self.label[..at].trim_end()).to_string()
                }
                _ => self.label.clone(),
            },
            _ => crate::label::typeset_units(&self.label),
        }
    }
}

/// The text inside the square brackets that end `label`.
pub(crate) fn bracketed_units(label: &str) -> Option<&str> {
    let inside = label.trim_end().strip_suffix(']')?;
    inside.rfind('[').map(|at| inside[at + 1..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(label: &str) -> Axis {
        Axis { label: label.into(), ..Axis::default() }
    }

    #[test]
    fn degrees_in_the_label_choose_the_scale() {
        assert_eq!(axis("lon [degrees_east]").resolved_scale(), Scale::Longitude);
        assert_eq!(axis("temperature [degrees]").resolved_scale(), Scale::Linear);
        let explicit = Axis { scale: Scale::Linear, ..axis("lon [degrees_east]") };
        assert_eq!(explicit.resolved_scale(), Scale::Linear);
    }

    #[test]
    fn degree_units_leave_the_printed_label() {
        assert_eq!(axis("Longitude [degrees_east]").printed_label(), "Longitude");
        assert_eq!(axis("flux [W m-2]").printed_label(), "flux [W\u{a0}m⁻²]");
        assert_eq!(axis("]").printed_label(), "]");
    }
}
