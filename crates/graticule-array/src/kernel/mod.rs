//! Pure functions on blocks and tiles. Nothing here knows expressions or plans.

pub(crate) mod copy;
pub(crate) mod math;
