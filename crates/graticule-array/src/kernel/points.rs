//! Copying between blocks in steps: scattered points, and every n-th element along an axis.

use crate::chunk::Buffer;

/// Elements at equal distances: how many, and how far apart they lie in the block that is read and in the one that
/// is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) len: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Copies the runs of `run` elements that begin at each of `points` (a position to read, a position to write), again
/// and again, as the axes in `outer` say.
pub(crate) fn copy_points(
    from: &Buffer,
    to: &mut Buffer,
    points: &[(usize, usize)],
    outer: &[Steps],
    run: usize,
) {
    macro_rules! same_type {
        ($($variant:ident)+) => {
            match (from, to) {
                $((Buffer::$variant(from), Buffer::$variant(to)) => copy(from, to, points, outer, run, (0, 0)),)+
                (from, to) => debug_assert!(false, "copying {from:?} into {to:?}"),
            }
        };
    }
    same_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 Str);
}

fn copy<T: Clone>(
    from: &[T],
    to: &mut [T],
    points: &[(usize, usize)],
    outer: &[Steps],
    run: usize,
    (read, write): (usize, usize),
) {
    match outer {
        [] if run == 1 => {
            for (f, t) in points {
                to[write + t].clone_from(&from[read + f]);
            }
        }
        [] => {
            for (f, t) in points {
                to[write + t..][..run].clone_from_slice(&from[read + f..][..run]);
            }
        }
        [steps, rest @ ..] => {
            for i in 0..steps.len {
                copy(from, to, points, rest, run, (read + i * steps.from, write + i * steps.to));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_copied_from_points_to_points() {
        let from = Buffer::I64((0..12).collect());
        let mut to = Buffer::I64(vec![-1; 8]);
        // Rows 2 and 0 of a table of four columns, without the last two of each.
        copy_points(&from, &mut to, &[(8, 0), (0, 4)], &[], 2);
        assert_eq!(to, Buffer::I64(vec![8, 9, -1, -1, 0, 1, -1, -1]));
    }

    #[test]
    fn outer_axes_repeat_the_points() {
        let from = Buffer::F32((0..6).map(|i| i as f32).collect());
        let mut to = Buffer::F32(vec![0.0; 4]);
        // Columns 2 and 1 of a table of two rows.
        copy_points(&from, &mut to, &[(2, 0), (1, 1)], &[Steps { len: 2, from: 3, to: 2 }], 1);
        assert_eq!(to, Buffer::F32(vec![2.0, 1.0, 5.0, 4.0]));
    }
}
