//! Tiles in registers: a cache-sized piece of an array, in one of five machine types.
//!
//! Every dtype is computed in one of them. float32 is computed in `f64` and rounded after each step, which
//! for + - * / and sqrt gives exactly the float32 result. Integers below 64 bits are computed in `i64` and
//! wrapped after each step.

use std::sync::Arc;

use crate::chunk::Buffer;
use crate::dtype::DType;
use crate::scalar::Scalar;

/// The number of elements of a tile: 16 KiB of doubles, so that the few tiles in flight stay in cache.
pub(crate) const TILE: usize = 2048;

/// A tile.
#[derive(Debug, Clone)]
pub(crate) enum Lane {
    F64(Vec<f64>),
    I64(Vec<i64>),
    U64(Vec<u64>),
    Bool(Vec<bool>),
    Str(Vec<Arc<str>>),
}

impl Lane {
    /// An empty tile of the type that `dtype` is computed in.
    pub(crate) fn empty(dtype: DType) -> Self {
        match dtype {
            DType::F32 | DType::F64 => Self::F64(Vec::new()),
            DType::U64 => Self::U64(Vec::new()),
            DType::Bool => Self::Bool(Vec::new()),
            DType::Str => Self::Str(Vec::new()),
            DType::I8
            | DType::I16
            | DType::I32
            | DType::I64
            | DType::U8
            | DType::U16
            | DType::U32
            | DType::Datetime(_)
            | DType::Timedelta(_) => Self::I64(Vec::new()),
        }
    }

    /// Makes this a tile of `len` elements for `dtype`, keeping the allocation where the type is the same.
    /// The values are unspecified.
    pub(crate) fn reset(&mut self, dtype: DType, len: usize) {
        let wanted = Self::empty(dtype);
        if std::mem::discriminant(self) != std::mem::discriminant(&wanted) {
            *self = wanted;
        }
        match self {
            Self::F64(v) => v.resize(len, 0.0),
            Self::I64(v) => v.resize(len, 0),
            Self::U64(v) => v.resize(len, 0),
            Self::Bool(v) => v.resize(len, false),
            Self::Str(v) => v.resize_with(len, || Arc::from("")),
        }
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::F64(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::U64(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Str(v) => v.len(),
        }
    }

    /// Copies values of the same type and length.
    pub(crate) fn copy_from(&mut self, values: Values<'_>) {
        match (self, values) {
            (Self::F64(to), Values::F64(from)) => to.copy_from_slice(from),
            (Self::I64(to), Values::I64(from)) => to.copy_from_slice(from),
            (Self::U64(to), Values::U64(from)) => to.copy_from_slice(from),
            (Self::Bool(to), Values::Bool(from)) => to.copy_from_slice(from),
            (Self::Str(to), Values::Str(from)) => to.clone_from_slice(from),
            (to, from) => debug_assert!(false, "copying {from:?} over {to:?}"),
        }
    }

    /// Sets every element to a value, which was converted to the tile's dtype when the formula was made.
    pub(crate) fn fill(&mut self, value: &Scalar) {
        match (self, value) {
            (Self::F64(v), value) => v.fill(value.to_f64()),
            (Self::U64(v), Scalar::UInt(u)) => v.fill(*u),
            (Self::I64(v), value) => v.fill(value.to_i64().unwrap_or(0)),
            (Self::U64(v), value) => v.fill(value.to_i64().unwrap_or(0) as u64),
            (Self::Bool(v), value) => v.fill(value.to_f64() != 0.0),
            (Self::Str(v), Scalar::Str(text)) => v.fill(Arc::clone(text)),
            (Self::Str(_), value) => debug_assert!(false, "{value} as text"),
        }
    }
}

/// The values of a tile, or of a part of it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Values<'a> {
    F64(&'a [f64]),
    I64(&'a [i64]),
    U64(&'a [u64]),
    Bool(&'a [bool]),
    Str(&'a [Arc<str>]),
}

impl Lane {
    pub(crate) fn values(&self) -> Values<'_> {
        match self {
            Self::F64(v) => Values::F64(v),
            Self::I64(v) => Values::I64(v),
            Self::U64(v) => Values::U64(v),
            Self::Bool(v) => Values::Bool(v),
            Self::Str(v) => Values::Str(v),
        }
    }
}

impl<'a> Values<'a> {
    /// A run of the elements of a buffer as they lie, where tiles of its type hold them in the same way.
    pub(crate) fn of(buffer: &'a Buffer, start: usize, len: usize) -> Option<Self> {
        let range = start..start + len;
        match buffer {
            Buffer::F64(v) => v.get(range).map(Values::F64),
            Buffer::I64(v) => v.get(range).map(Values::I64),
            Buffer::U64(v) => v.get(range).map(Values::U64),
            Buffer::Bool(v) => v.get(range).map(Values::Bool),
            Buffer::Str(v) => v.get(range).map(Values::Str),
            Buffer::F32(_)
            | Buffer::I8(_)
            | Buffer::I16(_)
            | Buffer::I32(_)
            | Buffer::U8(_)
            | Buffer::U16(_)
            | Buffer::U32(_) => None,
        }
    }

    /// A run of the values.
    pub(crate) fn part(self, range: std::ops::Range<usize>) -> Self {
        match self {
            Self::F64(v) => Self::F64(&v[range]),
            Self::I64(v) => Self::I64(&v[range]),
            Self::U64(v) => Self::U64(&v[range]),
            Self::Bool(v) => Self::Bool(&v[range]),
            Self::Str(v) => Self::Str(&v[range]),
        }
    }
}

/// Where the elements of a box lie in some storage: element `i` is at `start + Σ strides[d] * i[d]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) start: isize,
    pub(crate) strides: Vec<isize>,
}

impl Access {
    /// The position of an element of the box.
    pub(crate) fn at(&self, index: &[usize]) -> isize {
        self.start + index.iter().zip(&self.strides).map(|(&i, stride)| i as isize * stride).sum::<isize>()
    }

    /// The same storage seen from a part of the box that begins at `origin`.
    pub(crate) fn from(&self, origin: &[usize]) -> Self {
        Self { start: self.at(origin), strides: self.strides.clone() }
    }

    /// The distance between neighbours on the last axis.
    pub(crate) fn inner(&self) -> isize {
        self.strides.last().copied().unwrap_or(0)
    }

    /// Calls `row(offset in the tile, position in the storage)` for every row of a tile. A row runs along
    /// the last axis.
    pub(crate) fn rows(&self, dims: &[usize], mut row: impl FnMut(usize, isize)) {
        let Some((&len, outer)) = dims.split_last() else { return row(0, self.start) };
        if outer.iter().all(|&d| d == 1) {
            return row(0, self.start);
        }
        let mut index = vec![0; outer.len()];
        let mut offset = 0;
        loop {
            row(offset, self.at(&index));
            offset += len;
            let Some(axis) = (0..outer.len()).rev().find(|&axis| index[axis] + 1 < outer[axis]) else {
                return;
            };
            index[axis] += 1;
            index[axis + 1..].fill(0);
        }
    }
}

/// A value of a buffer as a value of a lane.
trait Widen<T>: Clone {
    fn widen(self) -> T;
}

macro_rules! widen {
    ($($from:ty => $to:ty;)+) => {$(
        impl Widen<$to> for $from {
            #[inline(always)]
            fn widen(self) -> $to {
                self as $to
            }
        }
    )+};
}

widen! {
    f32 => f64; f64 => f64;
    i8 => i64; i16 => i64; i32 => i64; i64 => i64; u8 => i64; u16 => i64; u32 => i64;
    u64 => u64; bool => bool;
    i8 => f64; i16 => f64; i32 => f64; i64 => f64; u8 => f64; u16 => f64; u32 => f64; u64 => f64;
}

impl Widen<f64> for bool {
    fn widen(self) -> f64 {
        f64::from(u8::from(self))
    }
}

impl Widen<Self> for Arc<str> {
    fn widen(self) -> Self {
        self
    }
}

/// Copies elements of a buffer into a tile of the lane's type.
pub(crate) fn load(buffer: &Buffer, access: &Access, dims: &[usize], lane: &mut Lane) {
    macro_rules! pairs {
        ($(($b:ident, $l:ident))+) => {
            match (buffer, lane) {
                $((Buffer::$b(from), Lane::$l(to)) => {
                    access.rows(dims, |offset, at| {
                        let len = dims.last().copied().unwrap_or(1);
                        load_row(from, at, access.inner(), &mut to[offset..offset + len]);
                    });
                })+
                (buffer, lane) => debug_assert!(false, "loading {buffer:?} into {lane:?}"),
            }
        };
    }
    pairs!((F32, F64)(F64, F64)(I8, I64)(I16, I64)(I32, I64)(I64, I64)(U8, I64)(U16, I64)(U32, I64)(
        U64, U64
    )(Bool, Bool)(Str, Str));
}

#[inline]
fn load_row<S: Widen<T>, T: Clone>(from: &[S], at: isize, stride: isize, to: &mut [T]) {
    let start = at as usize;
    match stride {
        1 => {
            for (to, from) in to.iter_mut().zip(&from[start..]) {
                *to = from.clone().widen();
            }
        }
        0 => to.fill(from[start].clone().widen()),
        -1 => {
            for (to, from) in to.iter_mut().zip(from[..=start].iter().rev()) {
                *to = from.clone().widen();
            }
        }
        _ => {
            let mut at = at;
            for to in to {
                *to = from[at as usize].clone().widen();
                at += stride;
            }
        }
    }
}

/// What turns packed values into floats while they are loaded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unpack {
    pub(crate) missing: Vec<f64>,
    pub(crate) scale: Option<f64>,
    pub(crate) offset: Option<f64>,
    /// Whether to round to float32 after each step.
    pub(crate) single: bool,
}

/// Loads packed elements of a buffer into a tile of floats, unpacked on the way.
pub(crate) fn load_unpacked(
    buffer: &Buffer,
    access: &Access,
    dims: &[usize],
    unpack: &Unpack,
    to: &mut [f64],
) {
    macro_rules! types {
        ($($b:ident)+) => {
            match buffer {
                $(Buffer::$b(from) => access.rows(dims, |offset, at| {
                    let len = dims.last().copied().unwrap_or(1);
                    unpack_row(from, at, access.inner(), unpack, &mut to[offset..offset + len]);
                }),)+
                Buffer::Str(_) => {}
            }
        };
    }
    types!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64);
}

fn unpack_row<S: Widen<f64>>(from: &[S], at: isize, stride: isize, unpack: &Unpack, to: &mut [f64]) {
    if let (1, [missing], Some(scale), None, false) =
        (stride, unpack.missing.as_slice(), unpack.scale, unpack.offset, unpack.single)
    {
        let from = &from[at as usize..at as usize + to.len()];
        return unpack_plain(from, *missing, scale, to);
    }
    load_row(from, at, stride, to);
    unpack_in_place(to, unpack);
}

/// The everyday case: one fill value and a scale.
#[inline]
fn unpack_plain<S: Widen<f64>>(from: &[S], missing: f64, scale: f64, to: &mut [f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        let x: f64 = from.clone().widen();
        *to = if x == missing { f64::NAN } else { x * scale };
    }
}

/// Unpacks floats that were loaded as they are stored. 64-bit integers beyond 2^53 lose digits, as in xarray.
pub(crate) fn unpack_in_place(tile: &mut [f64], unpack: &Unpack) {
    let Unpack { missing, scale, offset, single } = unpack;
    let round = |x: f64| if *single { f64::from(x as f32) } else { x };
    for x in tile {
        let mut value = round(*x);
        if let Some(scale) = scale {
            value = round(value * scale);
        }
        if let Some(offset) = offset {
            value = round(value + offset);
        }
        let gone = missing.iter().any(|m| x == m || (m.is_nan() && x.is_nan()));
        *x = if gone { f64::NAN } else { value };
    }
}

/// A value of a lane as a value of a buffer. The values fit: lanes are wrapped and rounded after each step.
trait Narrow<T>: Clone {
    fn narrow(self) -> T;
}

macro_rules! narrow {
    ($($from:ty => $to:ty;)+) => {$(
        impl Narrow<$to> for $from {
            #[inline(always)]
            fn narrow(self) -> $to {
                self as $to
            }
        }
    )+};
}

narrow! {
    f64 => f32; f64 => f64;
    i64 => i8; i64 => i16; i64 => i32; i64 => i64; i64 => u8; i64 => u16; i64 => u32;
    u64 => u64; bool => bool;
}

impl Narrow<Self> for Arc<str> {
    fn narrow(self) -> Self {
        self
    }
}

/// Copies a tile to where it belongs in a buffer.
pub(crate) fn store(values: Values<'_>, dims: &[usize], buffer: &mut Buffer, access: &Access) {
    macro_rules! pairs {
        ($(($l:ident, $b:ident))+) => {
            match (values, buffer) {
                $((Values::$l(from), Buffer::$b(to)) => {
                    let len = dims.last().copied().unwrap_or(1);
                    access.rows(dims, |offset, at| {
                        let stride = access.inner();
                        let from = &from[offset..offset + len];
                        if stride == 1 {
                            for (to, from) in to[at as usize..].iter_mut().zip(from) {
                                *to = from.clone().narrow();
                            }
                        } else {
                            let mut at = at;
                            for from in from {
                                to[at as usize] = from.clone().narrow();
                                at += stride;
                            }
                        }
                    });
                })+
                (values, buffer) => debug_assert!(false, "storing {values:?} in {buffer:?}"),
            }
        };
    }
    pairs!((F64, F32)(F64, F64)(I64, I8)(I64, I16)(I64, I32)(I64, I64)(I64, U8)(I64, U16)(I64, U32)(
        U64, U64
    )(Bool, Bool)(Str, Str));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_visit_a_tile_in_order() {
        let access = Access { start: 5, strides: vec![100, 10, 1] };
        let mut seen = Vec::new();
        access.rows(&[2, 2, 3], |offset, at| seen.push((offset, at)));
        assert_eq!(seen, [(0, 5), (3, 15), (6, 105), (9, 115)]);
    }

    #[test]
    fn every_stride_loads_the_same_elements() {
        let buffer = Buffer::I32((0..10).collect());
        for (start, stride, expected) in
            [(2, 1, [2, 3, 4]), (4, -1, [4, 3, 2]), (7, 0, [7, 7, 7]), (9, -4, [9, 5, 1]), (0, 3, [0, 3, 6])]
        {
            let mut lane = Lane::I64(vec![0; 3]);
            load(&buffer, &Access { start, strides: vec![stride] }, &[3], &mut lane);
            assert!(matches!(&lane, Lane::I64(v) if *v == expected), "{lane:?}");
        }
    }

    #[test]
    fn unpacking_while_loading_is_unpacking_afterwards() {
        let buffer = Buffer::I16(vec![1, -999, 300, -5]);
        let unpack = Unpack { missing: vec![-999.0], scale: Some(0.1), offset: None, single: false };
        let mut fast = vec![0.0; 4];
        load_unpacked(&buffer, &Access { start: 0, strides: vec![1] }, &[4], &unpack, &mut fast);
        let mut slow = vec![1.0, -999.0, 300.0, -5.0];
        unpack_in_place(&mut slow, &unpack);
        assert!(fast[1].is_nan() && slow[1].is_nan());
        assert_eq!([fast[0], fast[2], fast[3]], [slow[0], slow[2], slow[3]]);
        assert_eq!(fast[0], 0.1);
    }
}
