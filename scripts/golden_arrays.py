#!/usr/bin/env python3
"""Record numpy's answers for the operations of graticule-array, for its tests.

    golden_arrays.py     writes crates/graticule-array/tests/golden/*.json

Each file is a list of cases: an operation, its input arrays, its arguments, and the arrays that numpy gives.
An array is its dtype, its shape and its values in C order; numbers that JSON lacks are "NaN", "Infinity" and
"-Infinity".
"""

import itertools
import json
import warnings
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent.parent / "crates/graticule-array/tests/golden"


def plain(value):
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def array(a):
    a = np.asarray(a)
    return {"dtype": str(a.dtype), "shape": list(a.shape), "values": [plain(x) for x in a.ravel()]}


class Cases(list):
    def add(self, op, inputs, results, **arguments):
        results = results if isinstance(results, (list, tuple)) else [results]
        self.append(
            {"op": op, "inputs": [array(a) for a in inputs], "results": [array(a) for a in results]} | arguments
        )

    def write(self, name):
        FOLDER.mkdir(exist_ok=True)
        lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in self)
        (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def numbers(*shape, dtype="int64", seed=1):
    n = int(np.prod(shape))
    return ((np.arange(n) * 37 + seed) % 101 - 30).reshape(shape).astype(dtype)


SHAPES = [(), (0,), (1,), (5,), (0, 3), (1, 4), (3, 4), (4, 4), (2, 3, 4), (2, 0, 3)]


def moves():
    cases = Cases()
    for shape in SHAPES:
        x = numbers(*shape)
        axes = range(-1 if shape else 0, len(shape))
        cases.add("flip", [x], np.flip(x), axes=None)
        cases.add("atleast_1d", [x], np.atleast_1d(x))
        cases.add("atleast_2d", [x], np.atleast_2d(x))
        cases.add("atleast_3d", [x], np.atleast_3d(x))
        cases.add("squeeze", [x], np.squeeze(x), axes=None)
        for other in ([x, x + 1], [x, x * 2, x]):
            cases.add("vstack", other, np.vstack(other))
            cases.add("hstack", other, np.hstack(other))
            cases.add("dstack", other, np.dstack(other))
            for axis in range(-len(shape) - 1, len(shape) + 1):
                cases.add("stack", other, np.stack(other, axis), axis=axis)
        for reps in ([], [0], [1], [3], [2, 3], [2, 1, 2], [1, 0, 2]):
            cases.add("tile", [x], np.tile(x, reps), reps=reps)
        for axis in axes:
            cases.add("flip", [x], np.flip(x, axis), axes=[axis])
            for shift in (-7, -1, 0, 1, 2, 13):
                cases.add("roll", [x], np.roll(x, shift, axis), shift=shift, axis=axis)
            for times in (0, 1, 2, 3):
                cases.add("repeat", [x], np.repeat(x, times, axis), times=times, axis=axis)
            for parts in (1, 2, 3, 7):
                cases.add("array_split", [x], np.array_split(x, parts, axis), parts=parts, axis=axis)
            for at in ([], [1], [1, 3], [3, 1], [-1], [-9, 2, 9]):
                cases.add("split_at", [x], np.split(x, at, axis), at=at, axis=axis)
            n = shape[axis]
            for at in ([], [0], [-1], [0, 2], [2, 0, 2], [-1, 0]):
                if all(-n <= i < n for i in at):
                    cases.add("delete", [x], np.delete(x, np.array(at, int), axis), at=at, axis=axis)
            for at in ([0], [n], [0, n], [n, 0], [n // 2, n // 2], [-1] if n else [0]):
                cases.add("insert_number", [x], np.insert(x, at, 77, axis), at=at, value=77, axis=axis)
                wide = list(shape)
                wide[axis] = len(at)
                values = numbers(*wide, seed=50)
                cases.add("insert", [x, values], np.insert(x, at, values, axis), at=at, axis=axis)
            cases.add("append", [x, x], np.append(x, x, axis), axis=axis)
            for other in axes:
                cases.add("swapaxes", [x], np.swapaxes(x, axis, other), axes=[axis, other])
                cases.add("moveaxis", [x], np.moveaxis(x, axis, other), axes=[axis], places=[other])
                if (axis - other) % len(shape):
                    for k in (-1, 0, 1, 2, 3, 4):
                        cases.add("rot90", [x], np.rot90(x, k, (axis, other)), times=k, axes=[axis, other])
                    for k in (-5, -1, 0, 1, 2):
                        answer = np.diagonal(x, k, axis, other)
                        cases.add("diagonal", [x], answer, k=k, axes=[axis, other])
        if len(shape) >= 2:
            for k in (-3, -1, 0, 1, 5):
                cases.add("tril", [x], np.tril(x, k), k=k)
                cases.add("triu", [x], np.triu(x, k), k=k)
        if len(shape) in (1, 2):
            for k in (-2, 0, 1):
                cases.add("diag", [x], np.diag(x, k), k=k)
    x = numbers(2, 3, 4)
    for axes, places in ([0, 1], [1, 0]), ([0, 2], [-1, 0]), ([2, 0, 1], [0, 1, 2]):
        cases.add("moveaxis", [x], np.moveaxis(x, axes, places), axes=axes, places=places)
    cases.add("flip", [x], np.flip(x, (0, 2)), axes=[0, 2])
    y = numbers(1, 3, 1)
    for axes in ([0], [-1], [0, 2]):
        cases.add("squeeze", [y], np.squeeze(y, tuple(axes)), axes=axes)
    for shapes in ([(3,), (2, 1)], [(), (2, 3)], [(4, 1, 3), (2, 1), (1,)], [(0,), (1, 1)]):
        parts = [numbers(*shape) for shape in shapes]
        cases.add("broadcast_arrays", parts, list(np.broadcast_arrays(*parts)))
    for shape in ([2, 3], [0, 4], [4, 0], [5, 2]):
        for k in (-2, -1, 0, 1, 3):
            cases.add("eye", [], np.eye(*shape, k), shape=shape, k=k)
            cases.add("tri", [], np.tri(*shape, k), shape=shape, k=k)
    for lens in ([3], [3, 2], [2, 3, 4], [0, 2]):
        lines = [numbers(n, seed=n) for n in lens]
        cases.add("meshgrid", lines, list(np.meshgrid(*lines)), indexing="xy")
        cases.add("meshgrid", lines, list(np.meshgrid(*lines, indexing="ij")), indexing="ij")
        cases.add("indices", [], np.indices(lens), shape=lens)
    a, b, c, d = numbers(2, 3), numbers(2, 2, seed=2), numbers(1, 3, seed=3), numbers(1, 2, seed=4)
    cases.add("block", [a, b, c, d], np.block([[a, b], [c, d]]))
    cases.write("moves")


def pads():
    cases = Cases()
    widths = {
        1: [[(0, 0)], [(1, 0)], [(0, 2)], [(3, 4)], [(11, 9)]],
        2: [[(0, 0), (1, 2)], [(2, 1), (3, 0)], [(7, 5), (6, 9)]],
        3: [[(1, 2), (0, 3), (2, 1)]],
    }
    for shape, dtype in itertools.product([(1,), (2,), (5,), (3, 4), (1, 3), (2, 3, 2)], ["int64", "float64", "uint8"]):
        x = numbers(*shape) if dtype == "int64" else np.abs(numbers(*shape)).astype(dtype)
        for w in widths[len(shape)]:
            each = [(i + 1, -i - 1) if dtype != "uint8" else (i + 1, i + 5) for i in range(len(shape))]
            pad = lambda mode, **k: np.pad(x, w, mode, **k)
            cases.add("pad", [x], pad("constant", constant_values=7), widths=w, mode="constant", value=7)
            cases.add("pad", [x], pad("constant", constant_values=each), widths=w, mode="constant", values=each)
            cases.add("pad", [x], pad("linear_ramp", end_values=each), widths=w, mode="linear_ramp", values=each)
            for mode in ("edge", "wrap"):
                cases.add("pad", [x], pad(mode), widths=w, mode=mode)
            for mode, kind in itertools.product(("reflect", "symmetric"), ("even", "odd")):
                cases.add("pad", [x], pad(mode, reflect_type=kind), widths=w, mode=mode, odd=kind == "odd")
            for mode in ("maximum", "minimum", "mean"):
                lens = [(1 + i, 2) for i in range(len(shape))]
                cases.add("pad", [x], pad(mode), widths=w, mode=mode)
                cases.add("pad", [x], pad(mode, stat_length=2), widths=w, mode=mode, length=2)
                cases.add("pad", [x], pad(mode, stat_length=lens), widths=w, mode=mode, lengths=lens)
    for shape in [(0,), (0, 3)]:
        x = numbers(*shape)
        w = [(1, 2)] * len(shape)
        cases.add("pad", [x], np.pad(x, w, constant_values=7), widths=w, mode="constant", value=7)
    x = numbers(0, 3)
    for mode in ("edge", "wrap", "reflect", "symmetric"):
        w = [(0, 0), (1, 4)]
        cases.add("pad", [x], np.pad(x, w, mode), widths=w, mode=mode, odd=False)
    cases.write("pads")


def calculus():
    cases = Cases()
    for shape in [(2,), (3,), (7,), (3, 4), (4, 3, 5)]:
        for dtype in ("float64", "float32", "uint8"):
            x = np.abs(numbers(*shape)).astype(dtype)
            for axis in range(-1, len(shape) - 1):
                n = shape[axis]
                even = np.linspace(1, 4, n)
                exact = np.arange(n) * 0.5
                uneven = np.cumsum(np.arange(1.0, n + 1)) / 4
                for order in (1, 2):
                    if n <= order:
                        continue
                    for spacing in (1.0, 0.3):
                        answer = np.gradient(x, spacing, axis=axis, edge_order=order)
                        cases.add("gradient", [x], answer, spacing=spacing, axis=axis, order=order)
                    for at in (even, exact, uneven, uneven[::-1]):
                        answer = np.gradient(x, at, axis=axis, edge_order=order)
                        cases.add("gradient", [x], answer, spacing=list(at), axis=axis, order=order)
                cases.add("trapezoid", [x], np.trapezoid(x, dx=0.3, axis=axis), spacing=0.3, axis=axis)
                cases.add("trapezoid", [x], np.trapezoid(x, uneven, axis=axis), spacing=list(uneven), axis=axis)
    for shape in [(0,), (1,), (5,), (3, 4), (2, 0, 3), (2, 3, 4)]:
        for dtype in ("float64", "int8", "uint8", "bool"):
            x = np.abs(numbers(*shape)).astype(dtype)
            for axis, n in itertools.product(range(-1, len(shape) - 1), (0, 1, 2, 5)):
                cases.add("diff", [x], np.diff(x, n, axis), n=n, axis=axis)
                if dtype == "float64" and n:
                    wide = list(shape)
                    wide[axis] = 2
                    y = numbers(*wide, dtype=dtype)
                    answer = np.diff(x, n, axis, prepend=3.0, append=y)
                    cases.add("diff_with", [x, y], answer, n=n, axis=axis, prepend=3.0)
            if len(shape) == 1 and dtype != "bool":
                cases.add("ediff1d", [x], np.ediff1d(x))
                cases.add("ediff1d_with", [x], np.ediff1d(x, to_begin=np.array([5], dtype), to_end=np.array([6], dtype)))
    for a, b, axis in [((3,), (3,), -1), ((4, 3), (3,), -1), ((4, 3), (4, 3), 1), ((3, 4), (3, 4), 0), ((2, 3, 4), (2, 3, 4), 1), ((0, 3), (0, 3), -1)]:
        x, y = numbers(*a), numbers(*b, seed=9)
        cases.add("cross", [x, y], np.cross(x, y, axis=axis), axis=axis)
    for shape in [(4,), (3, 4), (2, 3, 4)]:
        for dtype in ("int32", "float64", "float32"):
            x = numbers(*shape, dtype=dtype)
            for axes in (None, [0], [-1], list(range(len(shape)))):
                axis = None if axes is None else tuple(axes)
                cases.add("ptp", [x], np.ptp(x, axis), axes=axes)
                w = np.abs(numbers(*shape, seed=5)) + 1
                cases.add("average", [x, w], np.average(x, axis, w), axes=axes)
                if axes is not None and len(axes) == 1:
                    w = (np.arange(shape[axes[0]]) + 1).astype("float32")
                    cases.add("average", [x, w], np.average(x, axes[0], w), axes=axes)
    cases.write("calculus")


FLOATS = [-np.inf, -1e300, -2.5, -1.5, -1.0, -0.5, -1e-310, -0.0, 0.0, 5e-324, 1e-8, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5, 7.0, 100.25, 700.0, 1e17, 1e300, np.inf, np.nan]
INTS = [-128, -100, -7, -2, -1, 0, 1, 2, 3, 5, 7, 12, 100, 127]
INPUTS = {
    "float64": np.array(FLOATS),
    "float32": np.array([-np.inf, -3e38, -2.5, -1.5, -0.5, -0.0, 0.0, 1e-45, 0.1, 0.3, 1.0, 1.5, 2.5, 7.0, 30.0, 3e38, np.inf, np.nan], "float32"),
    "int8": np.array(INTS, "int8"),
    "int64": np.array(INTS + [2**40 + 12, -(2**63), 2**63 - 1]),
    "uint8": np.array([0, 1, 2, 3, 6, 200, 255], "uint8"),
    "uint64": np.array([0, 1, 2, 6, 2**63, 2**64 - 1], "uint64"),
    "bool": np.array([False, True]),
}


def ufuncs():
    cases = Cases()
    floats = ["float64", "float32"]
    wide = floats + ["int64", "uint64"]
    integers = ["int8", "int64", "uint8", "uint64"]
    unary = {name: floats for name in "rint reciprocal spacing isneginf isposinf".split()}
    unary |= {name: wide for name in "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh deg2rad rad2deg fabs signbit i0 sinc".split()}
    unary |= {name: floats + integers for name in "negative absolute sign square floor ceil trunc isnan isinf isfinite".split()}
    unary |= {"fix": floats, "positive": floats + integers, "invert": integers + ["bool"], "bitwise_count": integers, "logical_not": list(INPUTS)}
    for name, dtypes in unary.items():
        for dtype in dtypes:
            x = INPUTS[dtype]
            # Far out numpy reduces angles with another π for float32.
            if name in ("sin", "cos", "tan") and dtype == "float32":
                x = x[~(np.abs(x) > 1e6)]
            cases.add("unary", [x], getattr(np, name)(x), name=name)
    for name in ("frexp", "modf"):
        for dtype in floats:
            cases.add(name, [INPUTS[dtype]], list(getattr(np, name)(INPUTS[dtype])))
    for dtype, decimals in itertools.product(floats, (-2, -1, 0, 1, 2, 5)):
        x = np.array([-2.5, -1.5, -0.5, 0.5, 0.285, 1.005, 2.675, 12345.678, 15.0, 25.0, 150.0, 250.0, np.nan, np.inf], dtype)
        cases.add("around", [x], np.around(x, decimals), decimals=decimals)
    for decimals in (-3, -2, -1, 0, 1):
        for dtype in ("int16", "uint8", "int64"):
            x = np.array([0, 1, 4, 5, 6, 14, 15, 16, 24, 25, 26, 49, 50, 51, 120] + ([-4, -5, -6, -15, -25, -250, 12345] if dtype != "uint8" else []), dtype)
            cases.add("around", [x], np.around(x, decimals), decimals=decimals)
    arithmetic = "floor_divide remainder fmod maximum minimum fmax fmin".split()
    binary = {name: floats + integers for name in arithmetic + ["logical_and", "logical_or", "logical_xor"]}
    binary |= {name: floats for name in "arctan2 hypot copysign nextafter heaviside logaddexp logaddexp2".split()}
    binary |= {name: integers for name in "gcd lcm bitwise_and bitwise_or bitwise_xor".split()}
    for name, dtypes in binary.items():
        for dtype in dtypes:
            x = INPUTS[dtype]
            a, b = x[None, :], x[:, None]
            cases.add("binary", [a, b], getattr(np, name)(a, b), name=name)
    for name in ("left_shift", "right_shift"):
        for dtype in integers:
            a, b = INPUTS[dtype][None, :], np.array([[0], [1], [3], [7]], dtype)
            cases.add("binary", [a, b], getattr(np, name)(a, b), name=name)
    for dtype in floats:
        a, b = INPUTS[dtype][None, :], np.array([-2000, -1075, -1000, -3, 0, 5, 1000, 2098], "int32")[:, None]
        cases.add("binary", [a, b], np.ldexp(a, b), name="ldexp")
    for dtype in ["float32", "int8", "int64"]:
        a, b = (part.ravel() for part in np.meshgrid(INPUTS[dtype][3:-3], np.array([-2, 0, 1, 3], "int8")))
        a, b = a[a != 0], b[a != 0]
        cases.add("float_power", [a, b], np.float_power(a, b))
    for dtype in floats + integers:
        a, b = INPUTS[dtype][None, :], INPUTS[dtype][:, None]
        cases.add("divmod", [a, b], list(np.divmod(a, b)))
    x, y = (part.ravel() for part in np.meshgrid(np.array([0.0, 1.0, 1.00001, 1.1, 1e10, np.inf, -np.inf, np.nan]), np.array([0.0, 1e-9, 1.0, 1e10 + 1e4, np.inf, np.nan])))
    for equal_nan in (False, True):
        cases.add("isclose", [x, y], np.isclose(x, y, equal_nan=equal_nan), equal_nan=equal_nan)
    for dtype in floats + ["int8"]:
        cases.add("nan_to_num", [INPUTS[dtype]], np.nan_to_num(INPUTS[dtype]))
    cases.write("ufuncs")


def lookups():
    cases = Cases()
    up = [-1.0, 0.0, 0.0, 0.5, 2.5, 100.25]
    for dtype in ("float64", "float32", "int8", "uint64", "bool"):
        x = INPUTS[dtype]
        for edges, right in itertools.product((up, up[::-1], [0.5], []), (False, True)):
            cases.add("digitize", [x], np.digitize(x, edges, right), edges=edges, right=right)
        for edges, side in itertools.product((up, up + [np.inf, np.nan, np.nan], []), ("left", "right")):
            answer = np.searchsorted(edges, x, side).astype("int64")
            cases.add("searchsorted", [x], answer, edges=[plain(e) for e in edges], side=side)
        for xs, ys in ([-1.0, 0.0, 0.5, 7.0], [3.0, 1.0, -np.inf, 2.0]), ([2.0], [5.0]), ([0.0, 1.0, 1.0, 2.0], [0.0, 1.0, 5.0, 6.0]), ([-1.0, np.inf], [1.0, 1.0]):
            # Of a single point numpy gives its value even for NaN.
            at = x[~np.isnan(x)] if len(xs) == 1 else x
            arguments = {"xs": [plain(v) for v in xs], "ys": [plain(v) for v in ys]}
            cases.add("interp", [at], np.interp(at, xs, ys), **arguments)
            cases.add("interp", [at], np.interp(at, xs, ys, -9.0, 9.0), left=-9.0, right=9.0, **arguments)
        near = x[~(np.abs(x.astype("float64")) > 1e6)]
        xs, ys = [350.0, 10.0, -180.0, 725.5], [1.0, 2.0, 3.0, 4.0]
        cases.add("interp", [near], np.interp(near, xs, ys, period=360.0), xs=xs, ys=ys, period=360.0)
        for values in ([], [1], [1, 7, 300, -1, 1]):
            cases.add("isin", [x], np.isin(x, np.array(values, "int64")), values=values)
    cases.write("lookups")


EMPTY = [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0)]


def axes_of(x):
    """All axes, and each of them."""
    return {"all": None} | {str(axis): axis for axis in range(x.ndim)}


def on_empty(x):
    """What is done with an array that has no elements: names, and functions without arguments."""
    one = np.ones((1,) * x.ndim, x.dtype)
    pairs = [(0, 0)] * (x.ndim - 1)
    folds = "sum prod mean min max argmin argmax any all median ptp count_nonzero nansum nanprod nanmean nanmin nanmax nanargmin nanargmax nanmedian".split()
    for name, axis in axes_of(x).items():
        for fold in folds:
            yield f"{fold} {name}", lambda fold=fold, axis=axis: getattr(np, fold)(x, axis=axis)
        for fold in "var std nanvar nanstd".split():
            for ddof in (0, 1):
                yield f"{fold}{ddof} {name}", lambda fold=fold, axis=axis, ddof=ddof: getattr(np, fold)(x, axis=axis, ddof=ddof)
        for fold in "quantile nanquantile".split():
            yield f"{fold} {name}", lambda fold=fold, axis=axis: getattr(np, fold)(x, 0.25, axis=axis)
        # numpy loses the axis of q in nanquantile.
        yield f"quantiles {name}", lambda axis=axis: np.quantile(x, [0.25, 0.5], axis=axis)
        yield f"average {name}", lambda axis=axis: np.average(x, axis=axis, weights=np.ones(x.shape))
        yield f"flip {name}", lambda axis=axis: np.flip(x, axis)
    for axis in range(x.ndim):
        for scan in "cumsum cumprod nancumsum nancumprod".split():
            yield f"{scan} {axis}", lambda scan=scan, axis=axis: getattr(np, scan)(x, axis=axis)
        yield f"cummax {axis}", lambda axis=axis: np.maximum.accumulate(x, axis)
        yield f"cummin {axis}", lambda axis=axis: np.minimum.accumulate(x, axis)
        yield f"diff {axis}", lambda axis=axis: np.diff(x, 1, axis)
        yield f"diff2 {axis}", lambda axis=axis: np.diff(x, 2, axis)
        yield f"gradient {axis}", lambda axis=axis: np.gradient(x, axis=axis)
        yield f"trapezoid {axis}", lambda axis=axis: np.trapezoid(x, dx=1.0, axis=axis)
        yield f"roll {axis}", lambda axis=axis: np.roll(x, 2, axis)
        yield f"repeat {axis}", lambda axis=axis: np.repeat(x, 2, axis)
        yield f"repeat none {axis}", lambda axis=axis: np.repeat(x, 0, axis)
        yield f"repeat_each {axis}", lambda axis=axis: np.repeat(x, [2] * x.shape[axis], axis)
        yield f"take none {axis}", lambda axis=axis: np.take(x, np.array([], int), axis)
        yield f"take first {axis}", lambda axis=axis: np.take(x, [0], axis)
        yield f"index {axis}", lambda axis=axis: x[(slice(None),) * axis + (0,)]
        yield f"delete none {axis}", lambda axis=axis: np.delete(x, np.array([], int), axis)
        yield f"delete first {axis}", lambda axis=axis: np.delete(x, [0], axis)
        yield f"insert {axis}", lambda axis=axis: np.insert(x, [0], 7, axis)
        yield f"concatenate {axis}", lambda axis=axis: np.concatenate([x, x], axis)
        yield f"stack {axis}", lambda axis=axis: np.stack([x, x], axis)
        yield f"append {axis}", lambda axis=axis: np.append(x, x, axis)
        yield f"split {axis}", lambda axis=axis: np.split(x, 1, axis)
        yield f"array_split {axis}", lambda axis=axis: np.array_split(x, 3, axis)
        yield f"split_at {axis}", lambda axis=axis: np.split(x, [0, 1], axis)
        yield f"expand_dims {axis}", lambda axis=axis: np.expand_dims(x, axis)
        yield f"sort {axis}", lambda axis=axis: np.sort(x, axis)
        yield f"argsort {axis}", lambda axis=axis: np.argsort(x, axis)
        yield f"take_along_axis {axis}", lambda axis=axis: np.take_along_axis(x, np.zeros(x.shape, int), axis)
        yield f"compress {axis}", lambda axis=axis: np.compress([True] * x.shape[axis], x, axis)
        yield f"sliding {axis}", lambda axis=axis: np.lib.stride_tricks.sliding_window_view(x, 2, axis)
        yield f"rfft {axis}", lambda axis=axis: (lambda z: np.stack([z.real, z.imag], -1))(np.fft.rfft(x, axis=axis))
        yield f"fft {axis}", lambda axis=axis: (lambda z: np.stack([z.real, z.imag], -1))(np.fft.fft(x, axis=axis))
        yield f"fftshift {axis}", lambda axis=axis: np.fft.fftshift(x, axis)
        yield f"cross {axis}", lambda axis=axis: np.cross(x, x, axis=axis)
        yield f"apply_along_axis {axis}", lambda axis=axis: np.apply_along_axis(lambda line: line[:1] * 2, axis, x.astype(float))
    unary = "absolute sign square sqrt exp log sin floor negative isnan isfinite signbit logical_not".split()
    for name in unary:
        yield name, lambda name=name: getattr(np, name)(x)
    binary = "add subtract multiply divide floor_divide remainder equal less maximum fmin arctan2 hypot logical_and power".split()
    for name in binary:
        yield name, lambda name=name: getattr(np, name)(x, x)
        yield f"{name} one", lambda name=name: getattr(np, name)(x, one)
        yield f"one {name}", lambda name=name: getattr(np, name)(one, x)
    yield "add row", lambda: x + np.ones(x.shape[-1:], x.dtype)
    yield "add two rows", lambda: x + np.ones((2,) + (1,) * x.ndim, x.dtype)
    yield "add other", lambda: x + np.ones(5, x.dtype)
    yield "where", lambda: np.where(x > 0, x, x.dtype.type(0))
    yield "clip", lambda: np.clip(x, x.dtype.type(0), x.dtype.type(1))
    yield "astype", lambda: x.astype("float32")
    yield "isclose", lambda: np.isclose(x, x)
    yield "allclose", lambda: np.allclose(x, x)
    yield "array_equal", lambda: np.array_equal(x, x)
    yield "array_equal other", lambda: np.array_equal(x, one)
    yield "nan_to_num", lambda: np.nan_to_num(x)
    yield "select", lambda: np.select([x > 0], [x], x.dtype.type(0))
    yield "piecewise", lambda: np.piecewise(x, [x > 0], [1, 0])
    yield "around", lambda: np.around(x, 1)
    yield "divmod", lambda: np.divmod(x, one)
    yield "transpose", lambda: x.T
    yield "ravel", lambda: np.ravel(x)
    yield "reshape -1", lambda: x.reshape(-1)
    yield "reshape 0 7", lambda: x.reshape(0, 7)
    yield "reshape 7 0 -1", lambda: x.reshape(7, 0, -1)
    yield "reshape -1 7", lambda: x.reshape(-1, 7)
    yield "reshape 1", lambda: x.reshape(1)
    yield "squeeze", lambda: np.squeeze(x)
    yield "atleast_3d", lambda: np.atleast_3d(x)
    yield "broadcast_to", lambda: np.broadcast_to(x, (2, *x.shape))
    yield "tile", lambda: np.tile(x, [2, 3])
    yield "tile none", lambda: np.tile(x, [0])
    yield "vstack", lambda: np.vstack([x, x])
    yield "hstack", lambda: np.hstack([x, x])
    yield "dstack", lambda: np.dstack([x, x])
    yield "block", lambda: np.block([x, x])
    yield "mask", lambda: x[x > 0]
    yield "extract", lambda: np.extract(x > 0, x)
    yield "argwhere", lambda: np.argwhere(x)
    yield "nonzero", lambda: list(np.nonzero(x))
    yield "flatnonzero", lambda: np.flatnonzero(x)
    yield "unique", lambda: np.unique(x)
    yield "searchsorted", lambda: np.searchsorted([1.0, 2.0], x).astype("int64")
    yield "searchsorted in none", lambda: np.searchsorted(np.ravel(x), [1.0, 2.0]).astype("int64")
    yield "digitize", lambda: np.digitize(x, [0.0, 1.0])
    yield "interp", lambda: np.interp(x, [0.0, 1.0], [0.0, 1.0])
    yield "isin", lambda: np.isin(x, [1])
    yield "isin none", lambda: np.isin(x, [])
    yield "histogram", lambda: np.histogram(x, 3, (0.0, 1.0))[0]
    yield "histogram edges", lambda: np.histogram(x, [0.0, 1.0, 3.0])[0]
    yield "histogram weights", lambda: np.histogram(x, [0.0, 1.0, 3.0], weights=np.ones(x.shape))[0]
    yield "histogram density", lambda: np.histogram(x, [0.0, 1.0, 3.0], density=True)[0]
    yield "histogram2d", lambda: np.histogram2d(x.ravel(), x.ravel(), [[0.0, 1.0, 3.0], [0.0, 1.0]])[0].astype("int64")
    yield "tensordot 1", lambda: np.tensordot(x, x.T, 1)
    yield "tensordot 0", lambda: np.tensordot(x, np.ones(2, x.dtype), 0)
    yield "matmul", lambda: np.matmul(x, x.swapaxes(-1, -2) if x.ndim > 1 else x)
    yield "matmul back", lambda: np.matmul(x.swapaxes(-1, -2) if x.ndim > 1 else x, x)
    yield "dot", lambda: np.dot(x, x.T)
    yield "inner", lambda: np.inner(x, x)
    yield "vdot", lambda: np.vdot(x, x)
    if x.ndim == 1:
        # numpy ravels what has more axes.
        yield "outer", lambda: np.outer(x, [1, 2])
        yield "outer none", lambda: np.outer([1, 2], x)
        yield "meshgrid", lambda: [np.ascontiguousarray(a) for a in np.meshgrid(x, [1, 2])]
        yield "ediff1d", lambda: np.ediff1d(x)
    yield "einsum sum", lambda: np.einsum("...i->...", x.astype(float))
    yield "einsum outer", lambda: np.einsum("...i,j->...ij", x.astype(float), np.ones(2))
    yield "diagonal", lambda: np.diagonal(x)
    yield "trace", lambda: np.trace(x)
    yield "tril", lambda: np.tril(x)
    yield "triu", lambda: np.triu(x)
    yield "diag", lambda: np.diag(x)
    yield "rot90", lambda: np.rot90(x)
    yield "cov", lambda: np.cov(x)
    yield "corrcoef", lambda: np.corrcoef(x)
    yield "bincount", lambda: np.bincount(x.ravel().astype(int), minlength=3)
    yield "unravel_index", lambda: list(np.unravel_index(x.astype(int), (2, 3)))
    yield "ravel_multi_index", lambda: np.ravel_multi_index([x.astype(int), x.astype(int)], (2, 3))
    yield "choose", lambda: np.choose(x.astype(int), [x, x])
    yield "linalg qr", lambda: list(np.linalg.qr(x.astype(float)))
    yield "linalg svd", lambda: list(np.linalg.svd(x.astype(float), full_matrices=False))
    yield "linalg inv", lambda: np.linalg.inv(x.astype(float))
    yield "linalg cholesky", lambda: np.linalg.cholesky(x.astype(float))
    yield "linalg solve", lambda: np.linalg.solve(x.astype(float), np.ones(x.shape))
    for mode in "constant empty edge reflect symmetric wrap linear_ramp maximum minimum mean".split():
        # Zeros where numpy leaves what was there.
        padded = lambda widths, mode=mode: np.pad(x, widths, "constant" if mode == "empty" else mode)
        yield f"pad {mode} first", lambda padded=padded: padded([(1, 2), *pairs])
        yield f"pad {mode} last", lambda padded=padded: padded([*pairs, (1, 2)])
        yield f"pad {mode} by nothing", lambda padded=padded: padded([(0, 0), *pairs])

    def assigned():
        y = x.copy()
        y[...] = 7
        return y

    def assigned_where():
        y = x.copy()
        y[y > 0] = 7
        return y

    yield "assign", assigned
    yield "assign_where", assigned_where


def empty():
    """Each operation on arrays without elements: numpy's answer, or that it gives none."""
    cases = Cases()
    for shape, dtype in itertools.product(EMPTY, ("float64", "int32", "bool")):
        x = np.ones(shape, dtype)
        for op, function in on_empty(x):
            try:
                answer = function()
                # The engine has no float16, which numpy makes of booleans.
                if not any(a.dtype == "float16" for a in (answer if isinstance(answer, (list, tuple)) else [np.asarray(answer)])):
                    cases.add(op, [x], answer)
            except Exception as error:
                cases.add(op, [x], [], error=f"{type(error).__name__}: {error}"[:100])
    cases.write("empty")


def reductions():
    """Reductions of missing and infinite values. Where numpy raises (a position among NaN alone), nothing is recorded."""
    cases = Cases()
    nan, inf = np.nan, np.inf
    table = np.array(
        [
            [1.0, nan, inf, -inf, 0.0, 2.0],
            [-2.5, 3.0, inf, 4.0, -0.0, nan],
            [0.5, nan, inf, inf, 0.0, nan],
            [7.0, -1.0, inf, 3.0, 0.0, nan],
        ]
    )
    rows = [table, table[:, [0, 4]], np.full((3, 2), nan), np.array([[inf, -inf], [inf, 1.0], [inf, nan]])]
    folds = "sum prod mean min max argmin argmax any all median ptp count_nonzero nansum nanprod nanmean nanmin nanmax nanargmin nanargmax nanmedian".split()
    for x, dtype, axis in itertools.product(rows, ("float64", "float32"), (None, 0, 1)):
        x = x.astype(dtype)
        where = "all" if axis is None else str(axis)

        def add(op, function):
            try:
                cases.add(f"{op} {where}", [x], function())
            except ValueError:
                pass

        for fold in folds:
            add(fold, lambda: getattr(np, fold)(x, axis=axis))
        for fold, ddof in itertools.product("var std nanvar nanstd".split(), (0, 1)):
            add(f"{fold}{ddof}", lambda: getattr(np, fold)(x, axis=axis, ddof=ddof))
        for fold in "quantile nanquantile".split():
            add(fold, lambda: getattr(np, fold)(x, 0.25, axis=axis))
            # float32 for a list of q too, as for one.
            add(f"{fold}s", lambda: getattr(np, fold)(x, [0.25, 0.5], axis=axis).astype(dtype))
        add("average", lambda: np.average(x, axis=axis, weights=np.ones(x.shape)))
    cases.write("reductions")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for write in (moves, pads, calculus, ufuncs, lookups, empty, reductions):
        write()
