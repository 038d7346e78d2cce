//! plan
use crate::array::Array;
use crate::error::Result;
use crate::runtime::Runtime;
/// p
#[derive(Debug)]
pub struct Plan {}
impl Plan {
    /// n
    pub fn new(_arrays: &[&Array], _runtime: &Runtime) -> Result<Self> { Ok(Self {}) }
    /// e
    pub fn explain(&self) -> String { String::new() }
}
