//! Bytes of a file and the numbers they are: casts, byte order, half floats, boxes of elements.

use graticule_array::{Buffer, Chunk, DType};

/// The bytes of the elements, for reading into. None for text and truth values, which have no such form.
pub(crate) fn bytes_mut(chunk: &mut Chunk) -> Option<&mut [u8]> {
    Some(match chunk.buffer_mut() {
        Buffer::I8(v) => bytemuck::cast_slice_mut(v),
        Buffer::I16(v) => bytemuck::cast_slice_mut(v),
        Buffer::I32(v) => bytemuck::cast_slice_mut(v),
        Buffer::I64(v) => bytemuck::cast_slice_mut(v),
        Buffer::U8(v) => v,
        Buffer::U16(v) => bytemuck::cast_slice_mut(v),
        Buffer::U32(v) => bytemuck::cast_slice_mut(v),
        Buffer::U64(v) => bytemuck::cast_slice_mut(v),
        Buffer::F32(v) => bytemuck::cast_slice_mut(v),
        Buffer::F64(v) => bytemuck::cast_slice_mut(v),
        Buffer::Bool(_) | Buffer::Str(_) => return None,
    })
}

/// A block with one axis from stored numbers in native byte order.
pub(crate) fn chunk_from_bytes(dtype: DType, bytes: &[u8]) -> Option<Chunk> {
    let mut chunk = Chunk::empty(dtype);
    chunk.reset(dtype, &[bytes.len() / dtype.size()]);
    let out = bytes_mut(&mut chunk)?;
    if out.len() != bytes.len() {
        return None;
    }
    out.copy_from_slice(bytes);
    Some(chunk)
}

/// Reverses the bytes of each element of `size` bytes.
pub(crate) fn swap(bytes: &mut [u8], size: usize) {
    match size {
        2 => bytes
            .as_chunks_mut::<2>()
            .0
            .iter_mut()
            .for_each(|x| *x = u16::from_ne_bytes(*x).swap_bytes().to_ne_bytes()),
        4 => bytes
            .as_chunks_mut::<4>()
            .0
            .iter_mut()
            .for_each(|x| *x = u32::from_ne_bytes(*x).swap_bytes().to_ne_bytes()),
        8 => bytes
            .as_chunks_mut::<8>()
            .0
            .iter_mut()
            .for_each(|x| *x = u64::from_ne_bytes(*x).swap_bytes().to_ne_bytes()),
        0 | 1 => {}
        n => bytes.chunks_exact_mut(n).for_each(<[u8]>::reverse),
    }
}

/// IEEE half precision, in native byte order, widened.
pub(crate) fn widen_half(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let exponent = u32::from(half >> 10) & 0x1f;
    let fraction = u32::from(half) & 0x3ff;
    match exponent {
        // Subnormal: the fraction counts steps of 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 * f32::from_bits(0x3380_0000)).to_bits()),
        0x1f => f32::from_bits(sign | 0x7f80_0000 | (fraction << 13)),
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (fraction << 13)),
    }
}

/// Repeats `pattern` over `out`; zeros where the pattern is empty.
pub(crate) fn fill(out: &mut [u8], pattern: &[u8]) {
    match pattern {
        [] => out.fill(0),
        [first, rest @ ..] if rest.iter().all(|byte| byte == first) => out.fill(*first),
        _ => out.chunks_exact_mut(pattern.len()).for_each(|element| element.copy_from_slice(pattern)),
    }
}

/// One side of a copy: a block in C order and where in it the box starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Corner<'a> {
    /// The length of every axis of the block.
    pub(crate) shape: &'a [usize],
    /// The first position of the box.
    pub(crate) start: &'a [usize],
}

impl Corner<'_> {
    fn offset(&self, position: &[usize]) -> usize {
        let axes = self.shape.iter().zip(self.start).zip(position);
        axes.fold(0, |offset, ((&len, &start), &at)| offset * len + start + at)
    }
}

/// Copies a box of elements of `size` bytes from one block to another. The box lies inside both.
pub(crate) fn copy_box(
    (source, from): (&[u8], Corner<'_>),
    (target, to): (&mut [u8], Corner<'_>),
    count: &[usize],
    size: usize,
) {
    if count.contains(&0) {
        return;
    }
    // Trailing axes that both blocks have in full are one run of bytes.
    let mut axis = count.len();
    let mut run = size;
    while axis > 0 {
        axis -= 1;
        run *= count[axis];
        if count[axis] != from.shape[axis] || count[axis] != to.shape[axis] {
            break;
        }
    }
    let mut position = vec![0; count.len()];
    loop {
        let (read, write) = (from.offset(&position) * size, to.offset(&position) * size);
        if let (Some(target), Some(source)) =
            (target.get_mut(write..write + run), source.get(read..read + run))
        {
            target.copy_from_slice(source);
        }
        // The next position along the axes before the run, like an odometer.
        let mut turn = axis;
        loop {
            if turn == 0 {
                return;
            }
            turn -= 1;
            position[turn] += 1;
            if position[turn] < count[turn] {
                break;
            }
            position[turn] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats_widen_to_the_same_value() {
        let cases =
            [(0x3c00, 1.0), (0xc000, -2.0), (0x0001, 5.960_464_5e-8), (0x7bff, 65504.0), (0x8000, -0.0)];
        for (half, value) in cases {
            assert_eq!(widen_half(half).to_bits(), f32::to_bits(value), "{half:#x}");
        }
        assert!(widen_half(0x7e00).is_nan());
        assert_eq!(widen_half(0xfc00), f32::NEG_INFINITY);
    }

    #[test]
    fn a_box_lands_where_it_belongs() {
        let source: Vec<u8> = (0..24).collect();
        let mut target = vec![99; 12];
        let from = Corner { shape: &[2, 3, 4], start: &[0, 1, 1] };
        let to = Corner { shape: &[2, 2, 3], start: &[0, 0, 1] };
        copy_box((&source, from), (&mut target, to), &[2, 2, 2], 1);
        assert_eq!(target, [99, 5, 6, 99, 9, 10, 99, 17, 18, 99, 21, 22]);
        let mut all = vec![0; 24];
        let whole = Corner { shape: &[2, 3, 4], start: &[0, 0, 0] };
        copy_box((&source, whole), (&mut all, whole), &[2, 3, 4], 1);
        assert_eq!(all, source);
        let mut one = [0];
        let scalar = Corner { shape: &[], start: &[] };
        copy_box((&[7], scalar), (&mut one, scalar), &[], 1);
        assert_eq!(one, [7]);
    }

    #[test]
    fn swapping_twice_changes_nothing() {
        for size in [1, 2, 3, 4, 8] {
            let bytes: Vec<u8> = (0..24).collect();
            let mut swapped = bytes.clone();
            swap(&mut swapped, size);
            assert_eq!(swapped[0], (size - 1) as u8);
            swap(&mut swapped, size);
            assert_eq!(swapped, bytes);
        }
    }
}
