//! The folds over windows.

use std::marker::PhantomData;

use crate::kernel::window::{Fold, Number, Outcome, Rule};

/// Sums, and how many values are in them.
pub(crate) struct Sums<V, O>(PhantomData<(V, O)>);

/// Arithmetic means.
pub(crate) struct Means;

/// Products.
pub(crate) struct Products<V, O>(PhantomData<(V, O)>);

/// How many values are not missing.
pub(crate) struct Counts<V>(PhantomData<V>);

/// Smallest or largest values.
pub(crate) struct Extremes<V, O, const LARGEST: bool>(PhantomData<(V, O)>);

/// Where the first of the smallest or largest values is, counted from the start of the window.
pub(crate) struct Argextremes<V, const LARGEST: bool>(PhantomData<V>);

/// Variances and standard deviations.
pub(crate) struct Moments;

/// A value and how often there was one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted<V, const L: usize> {
    value: [V; L],
    count: [f64; L],
}

/// Values relative to the one that was seen first, which is one of them: the sums of differences and of their squares.
///
/// That the reference is itself a value of the window is what keeps the digits: a reference far from the mean makes the
/// variance as large as its distance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deviations<const L: usize> {
    count: [f64; L],
    reference: [f64; L],
    sum: [f64; L],
    squares: [f64; L],
}

/// The best value so far, where it was, and how many there were.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best<V, const L: usize> {
    value: [V; L],
    position: [i64; L],
    count: [f64; L],
}

#[inline(always)]
fn present<V: Number>(x: V) -> f64 {
    if x.is_missing() { 0.0 } else { 1.0 }
}

/// Adds values to states in which the order does not matter.
#[inline(always)]
fn accumulate<V: Number, const L: usize>(
    state: &mut Counted<V, L>,
    x: &[V; L],
    neutral: V,
    operation: impl Fn(V, V) -> V,
) {
    for (i, &x) in x.iter().enumerate() {
        state.value[i] = operation(state.value[i], if x.is_missing() { neutral } else { x });
        state.count[i] += present(x);
    }
}

/// The operation on lanes side by side. One simple loop for each step is what becomes vector instructions.
#[inline(always)]
fn each<A: Copy, B: Copy, C: Copy, const L: usize>(
    a: &[A; L],
    b: &[B; L],
    neutral: C,
    operation: impl Fn(A, B) -> C,
) -> [C; L] {
    let mut result = [neutral; L];
    for i in 0..L {
        result[i] = operation(a[i], b[i]);
    }
    result
}

/// The values where enough are there.
#[inline(always)]
fn where_enough<V: Copy, O: Outcome<V>, const L: usize>(
    count: &[f64; L],
    values: &[V; L],
    rule: Rule,
) -> [O; L] {
    each(count, values, O::MISSING, |count, value| {
        let result = O::of(value);
        if count >= rule.least { result } else { O::MISSING }
    })
}

#[inline(always)]
fn finish<V: Number, O: Outcome<V>, const L: usize>(
    first: &Counted<V, L>,
    then: &Counted<V, L>,
    rule: Rule,
    operation: impl Fn(V, V) -> V,
) -> [O; L] {
    let count = each(&first.count, &then.count, 0.0, |a, b| a + b);
    let values = each(&first.value, &then.value, V::default(), operation);
    where_enough(&count, &values, rule)
}

macro_rules! either_way {
    ($state:ty, $value:ty, |$s:ident, $x:ident| $body:expr) => {
        #[inline(always)]
        fn append($s: &mut $state, $x: &[$value; L], _: i64) {
            $body
        }

        #[inline(always)]
        fn prepend($s: &mut $state, $x: &[$value; L], _: i64) {
            $body
        }
    };
}

impl<V: Number, O: Outcome<V>, const L: usize> Fold<L> for Sums<V, O> {
    type Value = V;
    type State = Counted<V, L>;
    type Out = O;

    fn empty() -> Self::State {
        Counted { value: [V::default(); L], count: [0.0; L] }
    }

    either_way!(Self::State, V, |state, x| accumulate(state, x, V::default(), V::add));

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [O; L] {
        finish(first, then, rule, V::add)
    }
}

impl<const L: usize> Fold<L> for Means {
    type Value = f64;
    type State = Counted<f64, L>;
    type Out = f64;

    fn empty() -> Self::State {
        Counted { value: [0.0; L], count: [0.0; L] }
    }

    either_way!(Self::State, f64, |state, x| accumulate(state, x, 0.0, f64::add));

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [f64; L] {
        let count = each(&first.count, &then.count, 0.0, |a, b| a + b);
        let sum = each(&first.value, &then.value, 0.0, |a, b| a + b);
        where_enough(&count, &each(&sum, &count, 0.0, |sum, n| sum / n), rule)
    }
}

impl<V: Number, O: Outcome<V>, const L: usize> Fold<L> for Products<V, O> {
    type Value = V;
    type State = Counted<V, L>;
    type Out = O;

    fn empty() -> Self::State {
        Counted { value: [V::ONE; L], count: [0.0; L] }
    }

    either_way!(Self::State, V, |state, x| accumulate(state, x, V::ONE, V::mul));

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [O; L] {
        finish(first, then, rule, V::mul)
    }
}

impl<V: Number, const L: usize> Fold<L> for Counts<V> {
    type Value = V;
    type State = [f64; L];
    type Out = f64;

    fn empty() -> Self::State {
        [0.0; L]
    }

    either_way!(Self::State, V, |state, x| state.iter_mut().zip(x).for_each(|(n, x)| *n += present(*x)));

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [f64; L] {
        let count = each(first, then, 0.0, |a, b| a + b);
        where_enough(&count, &count, rule)
    }
}

/// The better of two values, the one that is there already where they are equal. What is missing is never better.
#[inline(always)]
fn better<V: Number, const LARGEST: bool>(best: V, x: V) -> V {
    let replaces = if LARGEST { x > best } else { x < best };
    if replaces && !x.is_missing() { x } else { best }
}

impl<V: Number, O: Outcome<V>, const LARGEST: bool, const L: usize> Fold<L> for Extremes<V, O, LARGEST> {
    type Value = V;
    type State = Counted<V, L>;
    type Out = O;

    fn empty() -> Self::State {
        Counted { value: [if LARGEST { V::LOWEST } else { V::HIGHEST }; L], count: [0.0; L] }
    }

    either_way!(Self::State, V, |state, x| for (i, &x) in x.iter().enumerate() {
        state.value[i] = better::<V, LARGEST>(state.value[i], x);
        state.count[i] += present(x);
    });

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [O; L] {
        finish(first, then, rule, better::<V, LARGEST>)
    }
}

impl<V: Number, const LARGEST: bool, const L: usize> Fold<L> for Argextremes<V, LARGEST> {
    type Value = V;
    type State = Best<V, L>;
    type Out = f64;

    fn empty() -> Self::State {
        Best { value: [V::default(); L], position: [0; L], count: [0.0; L] }
    }

    #[inline(always)]
    fn append(state: &mut Self::State, x: &[V; L], at: i64) {
        for i in 0..L {
            let (x, best) = (x[i], state.value[i]);
            let replaces = state.count[i] == 0.0 || if LARGEST { x > best } else { x < best };
            if replaces && !x.is_missing() {
                state.value[i] = x;
                state.position[i] = at;
            }
            state.count[i] += present(x);
        }
    }

    #[inline(always)]
    fn prepend(state: &mut Self::State, x: &[V; L], at: i64) {
        for i in 0..L {
            let (x, best) = (x[i], state.value[i]);
            // Of equals the first wins, which is now this one.
            let replaces = state.count[i] == 0.0 || if LARGEST { x >= best } else { x <= best };
            if replaces && !x.is_missing() {
                state.value[i] = x;
                state.position[i] = at;
            }
            state.count[i] += present(x);
        }
    }

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, start: i64, rule: Rule) -> [f64; L] {
        std::array::from_fn(|i| {
            let (a, b) = (first.value[i], then.value[i]);
            let later = first.count[i] == 0.0 || (then.count[i] > 0.0 && if LARGEST { b > a } else { b < a });
            let position = if later { then.position[i] } else { first.position[i] };
            if first.count[i] + then.count[i] >= rule.least { (position - start) as f64 } else { f64::NAN }
        })
    }
}

impl<const L: usize> Fold<L> for Moments {
    type Value = f64;
    type State = Deviations<L>;
    type Out = f64;

    fn empty() -> Self::State {
        Deviations { count: [0.0; L], reference: [0.0; L], sum: [0.0; L], squares: [0.0; L] }
    }

    either_way!(Self::State, f64, |state, x| for (i, &x) in x.iter().enumerate() {
        let is_first = state.count[i] == 0.0 && !x.is_nan();
        state.reference[i] = if is_first { x } else { state.reference[i] };
        let deviation = if x.is_nan() { 0.0 } else { x - state.reference[i] };
        state.sum[i] += deviation;
        state.squares[i] += deviation * deviation;
        state.count[i] += present(x);
    });

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [f64; L] {
        let (n, m) = (&first.count, &then.count);
        // Of no values the sums are 0, and so is all that is divided by this 1.
        let mean = each(&first.sum, n, 0.0, |sum, n| sum / at_least_one(n));
        let other = each(&then.sum, m, 0.0, |sum, m| sum / at_least_one(m));
        let mut squares = [0.0; L];
        for i in 0..L {
            squares[i] = positive(first.squares[i] - first.sum[i] * mean[i])
                + positive(then.squares[i] - then.sum[i] * other[i]);
        }
        // Chan, Golub & LeVeque (1983), eq. 2.1.
        let count = each(n, m, 0.0, |n, m| n + m);
        let apart = each(&then.reference, &first.reference, 0.0, |b, a| b - a);
        let apart = each(&apart, &each(&other, &mean, 0.0, |b, a| b - a), 0.0, |a, b| a + b);
        let weight =
            each(&each(n, m, 0.0, |n, m| n * m), &count, 0.0, |product, n| product / at_least_one(n));
        // Where one of the two is empty, what its reference would be must not matter.
        let between = each(&apart, &weight, 0.0, |d, weight| if weight > 0.0 { d * d * weight } else { 0.0 });
        let total = each(&squares, &between, 0.0, |a, b| a + b);
        let variance = each(&total, &count, 0.0, |total, n| total / (n - rule.ddof));
        let result = if rule.root { variance.map(f64::sqrt) } else { variance };
        let defined = Rule { least: rule.least.max(rule.ddof + 1.0), ..rule };
        where_enough(&count, &result, defined)
    }
}

#[inline(always)]
fn at_least_one(n: f64) -> f64 {
    if n > 1.0 { n } else { 1.0 }
}

/// What rounding has left below 0 is 0; NaN stays.
#[inline(always)]
fn positive(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}
