//! What can be done with labeled arrays, one file a family. Each file adds its own `impl`.

mod names;
