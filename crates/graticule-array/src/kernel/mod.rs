//! Pure functions on blocks and tiles. Nothing here knows expressions or plans.

pub(crate) mod cast;
pub(crate) mod co_moments;
pub(crate) mod copy;
pub(crate) mod elimination;
pub(crate) mod evaluate;
pub(crate) mod exact;
pub(crate) mod folds;
pub(crate) mod fourier;
pub(crate) mod gemm;
pub(crate) mod group_scan;
pub(crate) mod householder;
pub(crate) mod jacobi;
pub(crate) mod lane;
pub(crate) mod lines;
pub(crate) mod math;
pub(crate) mod moments;
pub(crate) mod order;
pub(crate) mod points;
pub(crate) mod quantile;
pub(crate) mod scan;
pub(crate) mod state;
pub(crate) mod sums;
pub(crate) mod table;
pub(crate) mod window;
