//! Truth values, which netCDF stores as bytes with the attribute `dtype = "bool"`.

use graticule_array::DType;
use graticule_dataset::Attr;

use super::{Data, Pending};
use crate::error::Result;

pub(super) fn decode(variable: &mut Pending) -> Result<()> {
    let marked = variable.attrs.get("dtype").and_then(Attr::as_str) == Some("bool");
    if marked && variable.dtype().is_numeric() {
        variable.data = Data::Array(variable.array()?.astype(DType::Bool)?);
        variable.take("dtype");
    }
    Ok(())
}
