//! Buffers that a thread uses again for every chunk it reads.

use std::cell::RefCell;

/// What a thread keeps between chunks.
#[derive(Default)]
pub(crate) struct Scratch {
    /// A chunk as it lies in the file.
    pub(crate) packed: Vec<u8>,
    /// A chunk between two filters.
    pub(crate) between: Vec<u8>,
    /// A chunk between two others filters, or one of which only a part is wanted.
    pub(crate) plain: Vec<u8>,
    /// Elements whose stored form is not that in memory, before they are converted.
    pub(crate) elements: Vec<u8>,
    /// Made at the first use: many threads never inflate.
    pub(crate) inflater: Option<libdeflater::Decompressor>,
}

/// A buffer that grew beyond this is given back after the chunk that needed it.
const KEPT_BYTES: usize = 64 << 20;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Runs `f` with this thread's buffers, or with fresh ones when it is already inside such a call.
pub(crate) fn with<R>(f: impl FnOnce(&mut Scratch) -> R) -> R {
    SCRATCH.with(|cell| match cell.try_borrow_mut() {
        Ok(mut scratch) => {
            let result = f(&mut scratch);
            scratch.give_back();
            result
        }
        Err(_) => f(&mut Scratch::default()),
    })
}

impl Scratch {
    fn give_back(&mut self) {
        for buffer in [&mut self.packed, &mut self.between, &mut self.plain, &mut self.elements] {
            if buffer.capacity() > KEPT_BYTES {
                *buffer = Vec::new();
            }
        }
    }
}

/// `len` bytes to overwrite. Only growth is zeroed.
pub(crate) fn room(buffer: &mut Vec<u8>, len: usize) -> &mut [u8] {
    if buffer.len() < len {
        // Nothing in the buffer is worth copying when it has to move.
        buffer.clear();
        buffer.resize(len, 0);
    }
    &mut buffer[..len]
}
