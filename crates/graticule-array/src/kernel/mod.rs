//! Pure functions on blocks and tiles. Nothing here knows expressions or plans.

pub(crate) mod copy;
pub(crate) mod evaluate;
pub(crate) mod lane;
pub(crate) mod math;
pub(crate) mod moments;
pub(crate) mod state;
pub(crate) mod sums;
pub(crate) mod window;
