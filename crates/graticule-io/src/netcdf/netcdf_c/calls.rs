//! Calls of the C libraries that the crate `netcdf` does not offer.

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::sync::Arc;

use hdf5_metno_sys::h5e::{H5E_DEFAULT, H5Eset_auto2};
use netcdf::{Extents, Variable};

use crate::text::text_from;

/// Keeps HDF5 from printing its errors, of which many are expected. It asks each thread.
#[expect(unsafe_code, reason = "the crate only does so for the thread that opens the first file")]
pub(super) fn quieten() {
    thread_local!(static IS_QUIET: Cell<bool> = const { Cell::new(false) });
    if !IS_QUIET.replace(true) {
        let _lock = netcdf_sys::libnetcdf_lock.lock();
        // SAFETY: the lock of the library is held; without a function, nothing is called and no data are used.
        unsafe { H5Eset_auto2(H5E_DEFAULT, None, std::ptr::null_mut()) };
    }
}

/// Fills `out` with the texts of a part of a variable of strings.
pub(super) fn texts(variable: &Variable<'_>, extents: Extents, out: &mut [Arc<str>]) -> netcdf::Result<()> {
    // The crate takes bytes; as integers, the pointers are aligned.
    let mut pointers = vec![0usize; out.len()];
    variable.get_raw_values_into(bytemuck::cast_slice_mut(&mut pointers), extents)?;
    for (out, &pointer) in out.iter_mut().zip(&pointers) {
        *out = text_at(pointer).into();
    }
    free(&mut pointers);
    Ok(())
}

#[expect(unsafe_code, reason = "the crate has no call for more than one text")]
fn text_at(pointer: usize) -> String {
    let pointer = std::ptr::with_exposed_provenance::<c_char>(pointer);
    if pointer.is_null() {
        // Never written.
        return String::new();
    }
    // SAFETY: the library has just stored here the address of a text that ends with NUL, and `free` comes later.
    text_from(unsafe { CStr::from_ptr(pointer) }.to_bytes())
}

#[expect(unsafe_code, reason = "the crate leaves texts that were read as bytes to the caller")]
fn free(pointers: &mut [usize]) {
    // SAFETY: each address is null or that of a text that the library allocated for us and nobody else knows; a
    // `usize` has size and alignment of a pointer.
    unsafe { netcdf_sys::nc_free_string(pointers.len(), pointers.as_mut_ptr().cast()) };
}
