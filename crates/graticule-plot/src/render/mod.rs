//! Writing a laid out figure as a picture.

pub(crate) mod png;
pub(crate) mod svg;
