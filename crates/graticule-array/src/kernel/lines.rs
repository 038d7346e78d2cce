//! Lines through a block: all elements along some axes, for each place on the others.

use crate::kernel::copy::c_strides;

/// How many elements of a line are gathered together: a cache line of float64.
const ROWS: usize = 8;

/// Lines that lie side by side. They are the same in blocks that differ only along the lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bundle {
    /// The number of their place on the outer axes, in C order.
    outer: usize,
    /// The first of them among those that lie side by side.
    first: usize,
    /// How many lines.
    pub(crate) width: usize,
}

/// Where the lines of a block are.
#[derive(Debug)]
pub(crate) struct Lines {
    /// How many elements a line has.
    pub(crate) len: usize,
    /// How many lines lie side by side, neighbours in memory; 1 where a line's own elements are neighbours.
    side: usize,
    /// How many elements of a line are neighbours.
    run: usize,
    /// Where the runs of a line begin, from its first element.
    runs: Vec<usize>,
    /// The lengths and strides of the other axes, up to those whose lines lie side by side.
    outer: Vec<(usize, usize)>,
}

impl Lines {
    /// Lines along `axes` (increasing) of a block.
    pub(crate) fn new(shape: &[usize], axes: &[usize]) -> Self {
        let strides = c_strides(shape);
        let is_along = |axis: usize| axes.contains(&axis);
        // Of the last axes, as far as they are all of one kind.
        let tail = (0..shape.len())
            .rev()
            .take_while(|&axis| is_along(axis) == is_along(shape.len() - 1))
            .last()
            .unwrap_or(0);
        let in_tail: usize = shape[tail..].iter().product();
        let ends_along = shape.last().is_none_or(|_| is_along(shape.len() - 1));
        let (side, run) = if ends_along { (1, in_tail) } else { (in_tail, 1) };
        let mut runs = vec![0];
        let mut outer = Vec::new();
        for axis in 0..tail {
            if is_along(axis) {
                let steps = 0..shape[axis];
                runs = runs
                    .iter()
                    .flat_map(|&start| steps.clone().map(move |step| (start, step)))
                    .map(|(start, step)| start + step * strides[axis])
                    .collect();
            } else {
                outer.push((shape[axis], strides[axis]));
            }
        }
        Self { len: runs.len() * run, side, run, runs, outer }
    }

    /// Bytes that knowing the lines of such a block takes.
    pub(crate) fn bytes(shape: &[usize], axes: &[usize]) -> usize {
        // A line that ends in a run has few of them; to count all elements is to be above.
        let is_run = shape.len().checked_sub(1).is_none_or(|last| axes.contains(&last));
        let last = if is_run { shape.last().copied().unwrap_or(1) } else { 1 };
        let len: usize = axes.iter().map(|&axis| shape[axis]).product();
        // The list grows from one that is shorter by an axis.
        2 * (len / last.max(1) + 64) * size_of::<usize>()
    }

    /// The lines in C order of the axes they do not lie along, at most `most` together.
    pub(crate) fn bundles(&self, most: usize) -> impl Iterator<Item = Bundle> + '_ {
        let outer: usize = self.outer.iter().map(|(len, _)| len).product();
        let most = most.clamp(1, self.side.max(1));
        (0..outer).flat_map(move |outer| {
            let firsts = (0..self.side).step_by(most);
            firsts.map(move |first| Bundle { outer, first, width: most.min(self.side - first) })
        })
    }

    /// Where the first element of the first of some lines is.
    fn base(&self, bundle: Bundle) -> usize {
        let mut left = bundle.outer;
        let mut base = bundle.first;
        for (len, stride) in self.outer.iter().rev() {
            base += left % len * stride;
            left /= len;
        }
        base
    }

    /// Elements of some lines, each line in a row of `to` that begins `stride` after the one before.
    pub(crate) fn gather<T, K>(
        &self,
        bundle: Bundle,
        from: &[T],
        to: &mut [K],
        stride: usize,
        key: impl Fn(&T) -> K,
    ) {
        let base = self.base(bundle);
        if self.side == 1 {
            for (to, &start) in to.chunks_mut(self.run.max(1)).zip(&self.runs) {
                let from = &from[base + start..][..self.run];
                for (to, from) in to.iter_mut().zip(from) {
                    *to = key(from);
                }
            }
            return;
        }
        // A few rows at once, so that what is written next to each other is written one after another.
        let (groups, rest) = self.runs.as_chunks::<ROWS>();
        for (group, starts) in groups.iter().enumerate() {
            let rows = starts.map(|start| &from[base + start..][..bundle.width]);
            for (line, to) in to.chunks_mut(stride).take(bundle.width).enumerate() {
                let to = &mut to[group * ROWS..][..ROWS];
                for (to, row) in to.iter_mut().zip(&rows) {
                    *to = key(&row[line]);
                }
            }
        }
        for (i, &start) in rest.iter().enumerate() {
            let row = &from[base + start..][..bundle.width];
            for (to, from) in to[groups.len() * ROWS + i..].iter_mut().step_by(stride).zip(row) {
                *to = key(from);
            }
        }
    }

    /// Writes the elements of some lines: `value(line, i)` is element `i` of one.
    pub(crate) fn scatter<T>(&self, bundle: Bundle, to: &mut [T], mut value: impl FnMut(usize, usize) -> T) {
        let base = self.base(bundle);
        for (number, &start) in self.runs.iter().enumerate() {
            if self.side == 1 {
                let to = &mut to[base + start..][..self.run];
                for (i, to) in to.iter_mut().enumerate() {
                    *to = value(0, number * self.run + i);
                }
            } else {
                let to = &mut to[base + start..][..bundle.width];
                for (line, to) in to.iter_mut().enumerate() {
                    *to = value(line, number);
                }
            }
        }
    }
}

/// How many lines of `len` keys are worked on together: whole cache lines of neighbours, as long as they stay in cache.
pub(crate) fn width(len: usize, key_bytes: usize, lines: usize) -> usize {
    let fitting = TOGETHER / (len * key_bytes).max(1);
    let neighbours = 64 / key_bytes.max(1);
    fitting.clamp(neighbours, 64).min(lines).max(1)
}

/// Bytes of lines that are worked on together: half of a second-level cache.
const TOGETHER: usize = 256 << 10;

/// From one line to the next where several are worked on: not a multiple of a page, so that they do not compete for the
/// same places of a cache.
pub(crate) fn stride(len: usize) -> usize {
    len + 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_along_any_axes_are_gathered_in_order_and_written_back() {
        let shape = [2, 3, 4, 2];
        let values: Vec<usize> = (0..48).collect();
        for axes in [vec![0], vec![1], vec![3], vec![0, 2], vec![2, 3], vec![1, 3], vec![0, 1, 2, 3], vec![]]
        {
            for most in [1, 3, 100] {
                let lines = Lines::new(&shape, &axes);
                let kept: Vec<usize> = (0..4).filter(|axis| !axes.contains(axis)).collect();
                let count: usize = kept.iter().map(|&axis| shape[axis]).product();
                let len: usize = axes.iter().map(|&axis| shape[axis]).product();
                assert_eq!(lines.len, len);
                let mut back = vec![0; 48];
                let mut seen = 0;
                for bundle in lines.bundles(most) {
                    let mut tile = vec![0; bundle.width * stride(len)];
                    lines.gather(bundle, &values, &mut tile, stride(len), |x| *x);
                    for line in 0..bundle.width {
                        let row = &tile[line * stride(len)..][..len];
                        assert!(row.is_sorted());
                        // All elements of a line agree on the axes that it does not lie along.
                        let strides = c_strides(&shape);
                        let place = |x: usize| -> Vec<usize> {
                            kept.iter().map(|&axis| x / strides[axis] % shape[axis]).collect()
                        };
                        assert!(row.iter().all(|&x| place(x) == place(row[0])));
                        let number =
                            kept.iter().zip(place(row[0])).fold(0, |n, (&axis, at)| n * shape[axis] + at);
                        assert_eq!(number, seen + line);
                    }
                    seen += bundle.width;
                    lines.scatter(bundle, &mut back, |line, i| tile[line * stride(len) + i]);
                }
                assert_eq!(seen, count);
                assert_eq!(back, values);
            }
        }
    }
}
