//! Which variables describe positions: the attribute `coordinates`, and others that name variables.

use std::collections::HashSet;

use graticule_dataset::{Attr, Attrs};
use indexmap::IndexMap;

use super::Pending;

/// Which variables become coordinates, beside those named like their dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DecodeCoords {
    /// No others.
    Nothing,
    /// Those that an attribute `coordinates` names.
    #[default]
    Coordinates,
    /// Those too that `bounds`, `grid_mapping`, `ancillary_variables` and their like name.
    All,
}

/// Attributes that name other variables.
const RELATED: [&str; 8] = [
    "ancillary_variables",
    "bounds",
    "cell_measures",
    "climatology",
    "formula_terms",
    "geometry",
    "grid_mapping",
    "quality_flag",
];

/// The names of the coordinates. Attributes that were understood move to the encoding.
pub(super) fn find(
    variables: &mut IndexMap<String, Pending>,
    attrs: &mut Attrs,
    decode: DecodeCoords,
) -> HashSet<String> {
    let mut coords = HashSet::new();
    if decode == DecodeCoords::Nothing {
        return coords;
    }
    let known: HashSet<String> = variables.keys().cloned().collect();
    for variable in variables.values_mut() {
        if variable.attrs.get("coordinates").is_some_and(|attr| attr.as_str().is_some()) {
            let names = variable.take("coordinates");
            let names = names.as_ref().and_then(Attr::as_str).unwrap_or_default();
            coords.extend(names.split_whitespace().filter(|name| known.contains(*name)).map(str::to_owned));
        }
        if decode == DecodeCoords::All {
            for attr in RELATED {
                let text = variable.attrs.get(attr).and_then(Attr::as_str).unwrap_or_default();
                let names = related(attr, text);
                if !names.is_empty() && names.iter().all(|name| known.contains(name)) {
                    coords.extend(names);
                    variable.take(attr);
                }
            }
        }
    }
    if let Some(names) = attrs.get("coordinates").and_then(Attr::as_str).map(str::to_owned) {
        coords.extend(names.split_whitespace().filter(|name| known.contains(*name)).map(str::to_owned));
        attrs.shift_remove("coordinates");
    }
    coords
}

/// The variables that an attribute names: `a b`, or with roles `area: a volume: b`.
fn related(attr: &str, text: &str) -> Vec<String> {
    let text = text.replace(" :", ":");
    let words: Vec<&str> = text.split_whitespace().collect();
    let has_roles = ["cell_measures", "formula_terms", "grid_mapping"].contains(&attr) && words.len() > 1;
    // A grid mapping stands before the coordinates it maps, elsewhere a role stands before its variable.
    let wanted = |word: &&&str| !has_roles || (attr == "grid_mapping") == word.ends_with(':');
    words.iter().filter(wanted).map(|word| word.trim_end_matches(':').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_not_variables() {
        assert_eq!(related("bounds", "lat_bnds"), ["lat_bnds"]);
        assert_eq!(related("cell_measures", "area: areacella volume: vol"), ["areacella", "vol"]);
        assert_eq!(related("grid_mapping", "crs : lat lon"), ["crs"]);
        assert_eq!(related("grid_mapping", "crs"), ["crs"]);
    }
}
