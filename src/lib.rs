//! Graticule
