#!/usr/bin/env python3
"""Write the small netCDF files of data-fixtures/netcdf, each for a few features of the format.

    make_fixtures.py [OUT_DIR]

Classic files (CDF-1, CDF-2, CDF-5), netCDF-4 files by netCDF-C, and HDF5 files by h5py for layouts
that netCDF-C does not write. damaged/ holds files that a reader must refuse or report. The values
follow from formulas, so that the files are the same at every run with the same library versions.
golden.py records what is in them.
"""

import argparse
import ctypes
import datetime
import tempfile
from pathlib import Path

import h5py
import netCDF4
import numpy as np

import make_aviso

INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
FILES = {}


def fixture(file_name, **options):
    """Register a function that fills a netCDF file opened with these options."""

    def register(fill):
        def make(path):
            with netCDF4.Dataset(path, "w", **options) as nc:
                nc.set_auto_maskandscale(False)
                fill(nc)

        FILES[file_name] = make
        return fill

    return register


def hdf5(file_name, libver):
    """Register a function that fills an HDF5 file of this and no later a version of the format."""

    def register(fill):
        def make(path):
            with h5py.File(path, "w", libver=(libver, "v110")) as h5:
                fill(h5)

        FILES[file_name] = make
        return fill

    return register


def ramp(dtype, *shape):
    """Values that fit the type, differ from their neighbours and use the upper bytes too."""
    dtype = np.dtype(dtype)
    n = np.arange(int(np.prod(shape)), dtype="i8").reshape(shape)
    if dtype.kind == "f":
        return ((n - 3) * 1.1e3 + 0.125).astype(dtype)
    return (n * (0x0101010101010101 >> (64 - 8 * dtype.itemsize)) * 5 + n).astype(dtype)


def add(nc, name, dtype, dims, values, attributes=(), **storage):
    """A variable with its attributes and raw values."""
    variable = nc.createVariable(name, dtype, dims, **storage)
    variable.set_auto_maskandscale(False)
    variable.setncatts(dict(attributes))
    if values is not None:
        variable[...] = values
    return variable


def letters(*words):
    """Words as an array of characters, padded with NUL to the longest."""
    width = max(map(len, words))
    return np.array([list(word.encode().ljust(width, b"\0")) for word in words], "u1").view("S1")


def every_attribute(target):
    target.setncattr("text", "degrees north")
    target.setncattr("empty", "")
    target.setncattr("bytes", np.array([-1, 2, 3], "i1"))
    target.setncattr("shorts", np.array([-300, 300], "i2"))
    target.setncattr("an_int", np.int32(-70000))
    target.setncattr("floats", np.array([0.5, np.nan, -np.inf], "f4"))
    target.setncattr("a_double", np.float64(0.1))


def classic_types(nc):
    every_attribute(nc)
    for dim, size in (("y", 2), ("x", 3), ("name_len", 5)):
        nc.createDimension(dim, size)
    for dtype in ("i1", "i2", "i4", "f4", "f8"):
        add(nc, dtype, dtype, ("y", "x"), ramp(dtype, 2, 3))
    add(nc, "odd", "i1", ("x",), [1, -2, 3])
    add(nc, "names", "S1", ("x", "name_len"), letters("north", "sea", "é"))
    add(nc, "scalar", "f8", (), np.pi)
    add(nc, "special", "f8", ("x",), [np.nan, np.inf, -0.0])
    every_attribute(nc["f8"])


fixture("classic.nc", format="NETCDF3_CLASSIC")(classic_types)
fixture("offset64.nc", format="NETCDF3_64BIT_OFFSET")(classic_types)


@fixture("cdf5.nc", format="NETCDF3_64BIT_DATA")
def cdf5(nc):
    classic_types(nc)
    nc.createDimension("record", None)
    nc.setncattr("an_int64", np.int64(-(2**40)))
    nc.setncattr("uint64s", np.array([2**63, 1], "u8"))
    for dtype in INTEGERS:
        add(nc, "record_" + dtype, dtype, ("record", "x"), ramp(dtype, 4, 3))


@fixture("records.nc", format="NETCDF3_CLASSIC")
def records(nc):
    """Several record variables: each record of each is padded to four bytes."""
    nc.createDimension("time", None)
    nc.createDimension("x", 3)
    add(nc, "fixed", "i2", ("x",), [7, 8, 9])
    add(nc, "bytes", "i1", ("time", "x"), ramp("i1", 5, 3))
    add(nc, "short", "i2", ("time",), ramp("i2", 5))
    add(nc, "letters", "S1", ("time", "x"), letters("abc", "de", "f", "ghi", "jk"))
    add(nc, "double", "f8", ("time", "x"), ramp("f8", 5, 3))
    add(nc, "time", "f4", ("time",), np.arange(5) * 0.5, {"units": "hours since 2015-01-01"})


@fixture("one_record_variable.nc", format="NETCDF3_CLASSIC")
def one_record_variable(nc):
    """A lone record variable is not padded between its records."""
    nc.createDimension("time", None)
    nc.createDimension("x", 3)
    add(nc, "bytes", "i1", ("time", "x"), ramp("i1", 5, 3))


@fixture("one_record_short.nc", format="NETCDF3_64BIT_OFFSET")
def one_record_short(nc):
    nc.createDimension("time", None)
    add(nc, "short", "i2", ("time",), ramp("i2", 5))


@fixture("no_records.nc", format="NETCDF3_CLASSIC")
def no_records(nc):
    nc.createDimension("time", None)
    nc.createDimension("x", 3)
    add(nc, "fixed", "i4", ("x",), [1, 2, 3])
    add(nc, "bytes", "i1", ("time", "x"), None)
    add(nc, "doubles", "f8", ("time",), None)


def packed(nc):
    nc.createDimension("x", 6)
    raw = np.array([-32767, -100, 0, 99, 12345, 32767], "i2")
    f4, f8 = np.float32, np.float64
    for name, dtype, values, attributes in (
        ("scale_offset_f4", "i2", raw, {"scale_factor": f4(0.01), "add_offset": f4(273.15)}),
        ("scale_offset_f8", "i2", raw, {"scale_factor": f8(0.01), "add_offset": f8(273.15)}),
        ("scale_f4", "i2", raw, {"scale_factor": f4(0.01)}),
        ("offset_f4", "i2", raw, {"add_offset": f4(10)}),
        ("scale_int", "i2", raw, {"scale_factor": np.int32(2)}),
        ("scale_wide", "i4", raw.astype("i4") * 65537, {"scale_factor": f4(0.01)}),
        ("scale_byte", "i1", [-128, -1, 0, 1, 2, 127], {"scale_factor": f4(0.5), "add_offset": f4(1)}),
        ("scale_float", "f4", raw, {"scale_factor": f8(0.1)}),
        ("missing_short", "i2", raw, {"missing_value": np.int16(99)}),
        ("missing_float", "f4", raw, {"missing_value": f4(99)}),
        ("missing_list", "f8", raw, {"missing_value": np.array([99, 12345], "f8")}),
        ("unsigned_byte", "i1", [-128, -1, 0, 1, 2, 127], {"_Unsigned": "true"}),
        ("unsigned_scaled", "i1", [-128, -1, 0, 1, 2, 127], {"_Unsigned": "true", "scale_factor": f4(0.5)}),
        ("unsigned_short", "i2", raw, {"_Unsigned": "true"}),
    ):
        add(nc, name, dtype, ("x",), values, attributes)
    scaled = {"scale_factor": f8(0.0001)}
    add(nc, "fill_short", "i2", ("x",), raw, fill_value=np.int16(-32767))
    add(nc, "fill_scaled", "i2", ("x",), raw, scaled, fill_value=np.int16(-32767))
    add(nc, "fill_int_scaled", "i4", ("x",), raw, scaled, fill_value=np.int32(-32767))
    add(nc, "fill_nan", "f4", ("x",), [np.nan, 1, 2, 3, np.inf, 5], fill_value=f4(np.nan))
    add(nc, "fill_large", "f8", ("x",), [1e20, 1, 2, 3, 4, 5], fill_value=f8(1e20))
    add(
        nc, "fill_and_missing", "i2", ("x",), raw,
        {"missing_value": np.int16(99), "scale_factor": f4(0.1), "add_offset": f4(-5)}, fill_value=np.int16(-32767),
    )  # fmt: skip
    add(nc, "same_fill_and_missing", "f4", ("x",), raw, {"missing_value": f4(99)}, fill_value=f4(99))
    add(
        nc, "fill_unsigned", "i1", ("x",), [-128, -1, 0, 1, 2, 127],
        {"_Unsigned": "true", "scale_factor": f4(0.5)}, fill_value=np.int8(-1),
    )  # fmt: skip


fixture("packed3.nc", format="NETCDF3_CLASSIC")(packed)


@fixture("packed4.nc")
def packed4(nc):
    packed(nc)
    values = np.array([0, 1, 2, 253, 254, 255], "u1")
    add(nc, "ubyte_scaled", "u1", ("x",), values, {"scale_factor": np.float32(0.1)}, fill_value=np.uint8(255))
    add(nc, "ushort_scaled", "u2", ("x",), values, {"scale_factor": np.float64(0.1)}, fill_value=np.uint16(255))
    add(nc, "signed_ubyte", "u1", ("x",), values, {"_Unsigned": "false"})
    add(nc, "long", "i8", ("x",), values.astype("i8") << 50, fill_value=np.int64(2 << 50))


@fixture("types4.nc")
def types4(nc):
    every_attribute(nc)
    nc.setncattr("an_int64", np.int64(-(2**40)))
    nc.setncattr("uint64s", np.array([2**64 - 1, 1], "u8"))
    nc.createDimension("x", 4)
    for dtype in INTEGERS + ["f4", "f8"]:
        add(nc, dtype, dtype, ("x",), ramp(dtype, 4))
        add(nc, "big_" + dtype, ">" + dtype, ("x",), ramp(dtype, 4), endian="big")
        add(nc, "scalar_" + dtype, dtype, (), ramp(dtype, 4)[3])
    info = np.iinfo("i8")
    add(nc, "extreme_i8", "i8", ("x",), [info.min, info.max, -1, 2**53 + 1])
    add(nc, "extreme_u8", "u8", ("x",), np.array([0, 2**64 - 1, 2**63, 2**53 + 1], "u8"))
    add(nc, "special", "f4", ("x",), [np.nan, np.inf, -np.inf, 1e-45])
    add(nc, "big_packed", ">f4", ("x",), ramp("f4", 4), endian="big", zlib=True, shuffle=True, chunksizes=(3,))
    every_attribute(nc["i4"])


@fixture("chunks.nc")
def chunks(nc):
    """Chunks of 3 x 4 on 7 x 10 cells, so that those at the edges are cut."""
    nc.createDimension("y", 7)
    nc.createDimension("x", 10)
    nc.createDimension("time", None)
    add(nc, "contiguous", "i4", ("y", "x"), ramp("i4", 7, 10), contiguous=True)
    add(nc, "chunked", "i4", ("y", "x"), ramp("i4", 7, 10), chunksizes=(3, 4))
    add(nc, "one_chunk", "f4", ("y", "x"), ramp("f4", 7, 10), zlib=True, chunksizes=(7, 10))
    add(nc, "rows", "i2", ("y", "x"), ramp("i2", 7, 10), chunksizes=(1, 10))
    add(nc, "growing", "f4", ("time", "x"), ramp("f4", 5, 10), zlib=True, chunksizes=(2, 4))
    add(nc, "time", "f8", ("time",), np.arange(5.0), {"units": "days since 2015-01-01"}, chunksizes=(64,))


@fixture("filters.nc")
def filters(nc):
    nc.createDimension("y", 7)
    nc.createDimension("x", 10)
    for name, dtype, options in (
        ("deflate", "i4", dict(zlib=True, shuffle=False)),
        ("deflate_shuffle", "i4", dict(zlib=True, shuffle=True, complevel=9)),
        ("fletcher32", "i4", dict(fletcher32=True)),
        ("all_three", "f8", dict(zlib=True, shuffle=True, fletcher32=True)),
        ("deflate_short", "i2", dict(zlib=True, shuffle=True)),
        ("deflate_byte", "u1", dict(zlib=True, shuffle=True)),
    ):
        add(nc, name, dtype, ("y", "x"), ramp(dtype, 7, 10), chunksizes=(3, 4), **options)


@fixture("sparse.nc")
def sparse(nc):
    """Chunks and variables that were never written hold the fill value."""
    nc.createDimension("time", None)
    nc.createDimension("y", 6)
    nc.createDimension("x", 8)
    chunked = dict(chunksizes=(3, 4))
    add(nc, "one_chunk_of_four", "i4", ("y", "x"), None, fill_value=np.int32(-9), **chunked)[0:2, 5:7] = 1
    add(nc, "default_fill", "f4", ("y", "x"), None, zlib=True, **chunked)[3:6, 0:4] = 2.5
    add(nc, "untouched_chunks", "i2", ("y", "x"), None, fill_value=np.int16(-5), zlib=True, **chunked)
    add(nc, "untouched_contiguous", "f8", ("x",), None, contiguous=True)
    add(nc, "untouched_scalar", "i4", (), None)
    add(nc, "untouched_strings", str, ("x",), None)
    add(nc, "long", "f8", ("time",), np.arange(7.0))
    add(nc, "short", "i4", ("time", "x"), None, fill_value=np.int32(-1), chunksizes=(2, 8))[0:3] = ramp("i4", 3, 8)


@fixture("strings.nc")
def strings(nc):
    for dim, size in (("n", 4), ("m", 2), ("width", 6)):
        nc.createDimension(dim, size)
    nc.setncattr("text", "sea surface")
    nc.setncattr_string("a_string", "höhe über NN")
    nc.setncattr_string("string_list", ["one", "", "drei ∂"])
    add(nc, "words", str, ("n",), np.array(["alpha", "", "βeta", "a longer string with spaces"], object))
    add(nc, "table", str, ("m", "n"), np.array([list("abcd"), ["aa", "bb", "cc", "dd"]], object))
    add(nc, "word", str, (), np.array("alone", object))
    add(nc, "packed_words", str, ("n",), np.array(["x" * k for k in range(4)], object), zlib=True, chunksizes=(3,))
    add(nc, "letters", "S1", ("n", "width"), letters("abcdef", "gh", "é", ""))
    add(nc, "encoded", "S1", ("n", "width"), letters("abcdef", "gh", "é", "öö"), {"_Encoding": "utf-8"})
    add(nc, "padded", "S1", ("width",), np.array(list("ab    "), "S1"))
    nc["words"].setncattr_string("flag_meanings", ["first", "second"])


@fixture("coordinates.nc")
def coordinates(nc):
    """Dimensions without variables, two-dimensional coordinates, bounds, a scalar coordinate."""
    nc.Conventions = "CF-1.8"
    for dim, size in (("time", 2), ("j", 3), ("i", 4), ("nv", 2), ("lat", 3)):
        nc.createDimension(dim, size)
    days = {"units": "days since 2000-01-01", "calendar": "standard", "bounds": "time_bnds"}
    add(nc, "time", "f8", ("time",), [0.5, 1.5], days)
    add(nc, "time_bnds", "f8", ("time", "nv"), [[0, 1], [1, 2]])
    j, i = np.mgrid[0:3, 0:4]
    add(nc, "nav_lat", "f4", ("j", "i"), 50 + j + 0.1 * i, {"units": "degrees_north", "standard_name": "latitude"})
    add(nc, "nav_lon", "f4", ("j", "i"), 5 + i - 0.1 * j, {"units": "degrees_east", "standard_name": "longitude"})
    add(nc, "lat", "f8", ("lat",), [-10, 0, 10], {"units": "degrees_north", "axis": "Y"})
    add(nc, "height", "f8", (), 2.0, {"units": "m", "positive": "up"})
    add(nc, "crs", "i4", (), 0, {"grid_mapping_name": "latitude_longitude"})
    on_grid = {"coordinates": "nav_lat nav_lon height", "grid_mapping": "crs", "units": "K"}
    add(nc, "temperature", "f4", ("time", "j", "i"), ramp("f4", 2, 3, 4), on_grid)
    add(nc, "column", "i4", ("lat", "nv"), ramp("i4", 3, 2), {"coordinates": "height absent"})


@fixture("times.nc")
def times(nc):
    nc.createDimension("n", 4)
    whole = [0, 1, 59, 24000]
    for name, dtype, values, units, calendar in (
        ("days_int", "i4", whole, "days since 1950-01-01", "standard"),
        ("days_float", "f4", whole, "days since 1950-01-01 00:00:00", "gregorian"),
        ("days_utc", "f4", whole, "days since 1950-01-01 00:00:00 UTC", "gregorian"),
        ("days_part", "f8", [0.1, 0.25, 1 / 3, 100.999999], "days since 2015-01-01 12:00:00", "proleptic_gregorian"),
        ("days_float_part", "f4", [0.1, 0.25, 1 / 3, 23741.5], "days since 1950-01-01", "standard"),
        ("days_short_date", "i4", whole, "days since 2000-1-1", None),
        ("days_old", "f8", [735598, 735598.5, 735599, 736000], "days since 0001-01-01 00:00:00", "proleptic_gregorian"),
        ("days_negative", "i2", [-1, -59, -60, -366], "days since 2001-01-01", "standard"),
        ("hours_int", "i4", [0, 1, 1008000, 1017743], "hours since 1900-01-01 00:00:0.0", "gregorian"),
        ("hours_float", "f8", [0.5, 1.25, 1e-3, 1e5], "hours since 2015-01-01T06:00:00", "standard"),
        ("hours_offset", "i4", whole, "hours since 2015-01-01 00:00:00 +05:30", "standard"),
        ("minutes_long", "i8", [0, 1, 1440, 10**7], "minutes since 2000-02-29T12:00:00Z", "standard"),
        ("seconds_float", "f8", [0, 0.5, 1e9, 1.4e9 + 0.25], "seconds since 1970-01-01 00:00:00 UTC", "standard"),
        ("seconds_short_unit", "i4", [0, 1, 3600, 86400], "s since 1970-01-01", None),
        ("milliseconds", "i8", [0, 1, 999, 10**12 + 1], "milliseconds since 1970-01-01", "standard"),
        ("microseconds", "i8", [0, 1, 999, 10**15 + 1], "microseconds since 1970-01-01", "standard"),
        ("days_small_unsigned", "u1", [0, 1, 200, 255], "days since 2015-01-01", "standard"),
    ):
        attributes = {"units": units} | ({"calendar": calendar} if calendar else {})
        add(nc, name, dtype, ("n",), values, attributes)
    days = {"units": "days since 2015-01-01", "calendar": "standard"}
    add(nc, "fill_int", "i4", ("n",), [0, -999, 2, 3], days, fill_value=np.int32(-999))
    add(nc, "fill_float", "f8", ("n",), [0, 1e20, 2.5, 3], days, fill_value=np.float64(1e20))
    add(nc, "fill_nan", "f4", ("n",), [0, np.nan, 2.5, 3], days, fill_value=np.float32(np.nan))
    add(nc, "missing", "i2", ("n",), [0, 1, -1, 3], days | {"missing_value": np.int16(-1)})
    add(nc, "scaled", "i4", ("n",), whole, days | {"scale_factor": np.float64(0.25)})


@fixture("calendars.nc")
def calendars(nc):
    nc.createDimension("n", 4)
    for calendar in ("noleap", "365_day", "all_leap", "366_day", "360_day", "julian"):
        attributes = {"units": "days since 2000-02-27 06:00:00", "calendar": calendar}
        add(nc, "days_" + calendar, "f8", ("n",), [0, 1, 2.5, 366], attributes)
    before = {"units": "days since 1582-10-01", "calendar": "standard"}
    add(nc, "before_reform", "i4", ("n",), [0, 3, 4, 366], before)


@fixture("timedeltas.nc")
def timedeltas(nc):
    nc.createDimension("n", 4)
    for name, dtype, values, units in (
        ("days", "i4", [0, 1, -2, 365], "days"),
        ("part_days", "f8", [0, 0.5, -0.25, 1e3], "days"),
        ("hours", "f4", [0, 1.5, 24, -1], "hours"),
        ("seconds", "i8", [0, 1, 86400, -1], "seconds"),
    ):
        add(nc, name, dtype, ("n",), values, {"units": units})
        add(nc, name + "_typed", dtype, ("n",), values, {"units": units, "dtype": "timedelta64[ns]"})


@fixture("groups.nc")
def groups(nc):
    nc.title = "root"
    nc.createDimension("x", 3)
    nc.createDimension("time", None)
    add(nc, "x", "f4", ("x",), [10, 20, 30], {"units": "m"})
    add(nc, "time", "i4", ("time",), [0, 1], {"units": "days since 2015-01-01"})
    add(nc, "root_value", "i2", ("time", "x"), ramp("i2", 2, 3))
    inner = nc.createGroup("forecast")
    inner.title = "first level"
    inner.createDimension("y", 2)
    add(inner, "y", "f8", ("y",), [1, 2])
    add(inner, "value", "f4", ("y", "x"), ramp("f4", 2, 3), {"scale_factor": np.float32(0.5)})
    deep = inner.createGroup("deep")
    deep.createDimension("x", 2)
    add(deep, "value", "i4", ("y", "x"), ramp("i4", 2, 2))
    nc.createGroup("empty")


@fixture("many_attributes.nc")
def many_attributes(nc):
    """More than eight attributes and more than eight variables go to HDF5's dense storage."""
    nc.createDimension("x", 3)
    for k in range(20):
        nc.setncattr(f"attribute_{k:02d}", "text " * k if k % 2 else np.float64(k) / 3)
    for k in range(10):
        variable = add(nc, f"variable_{k:02d}", "i2", ("x",), [k, k + 1, k + 2])
        for m in range(k):
            variable.setncattr(f"a{m}", np.int32(m))


def scales(h5, **sizes):
    """Dimension scales without values, as netCDF-4 has them for plain dimensions."""
    made = {}
    for name, size in sizes.items():
        made[name] = h5.create_dataset(name, (size,), "f4", np.arange(size), track_times=False)
        made[name].make_scale(name)
    return made


def attach(data, dims, names):
    for axis, dim in zip(data.dims, names, strict=True):
        axis.attach_scale(dims[dim])


def put(h5, dims, name, values, names, write=True, **storage):
    """A dataset on dimension scales."""
    shape = tuple(dims[d].shape[0] for d in names)
    data = h5.create_dataset(name, shape, values.dtype, track_times=False, **storage)
    if write:
        data[...] = values
    attach(data, dims, names)
    return data


def put_layout(h5, dims, name, values, names, layout, chunk=None):
    """A dataset of 32-bit integers in a layout that h5py's own interface does not offer."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    plist.set_layout(layout)
    if chunk:
        plist.set_chunk(chunk)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    space = h5py.h5s.create_simple(values.shape)
    data = h5py.Dataset(h5py.h5d.create(h5.id, name.encode(), h5py.h5t.NATIVE_INT32, space, plist))
    data[...] = values
    attach(data, dims, names)


@hdf5("h5py_v110.nc", "v110")
def v110(h5):
    """Each of the chunk indexes that HDF5 1.10 brought, the compact layout, early allocation."""
    dims = scales(h5, y=7, x=10)
    grid, yx = ramp("i4", 7, 10), ("y", "x")
    chunked, packing = dict(chunks=(3, 4)), dict(compression="gzip", shuffle=True)
    put(h5, dims, "contiguous", grid, yx)
    put(h5, dims, "single_chunk", grid, yx, chunks=(7, 10))
    put(h5, dims, "single_chunk_packed", grid, yx, chunks=(7, 10), **packing)
    put(h5, dims, "fixed_array", grid, yx, **chunked)
    put(h5, dims, "fixed_array_packed", grid, yx, fletcher32=True, **chunked, **packing)
    put(h5, dims, "extensible_array", grid, yx, maxshape=(None, 10), **chunked)
    put(h5, dims, "extensible_array_packed", grid, yx, maxshape=(None, 10), **chunked, **packing)
    put(h5, dims, "btree_v2", grid, yx, maxshape=(None, None), **chunked)
    put(h5, dims, "btree_v2_packed", grid, yx, maxshape=(None, None), **chunked, **packing)
    put(h5, dims, "big_endian", grid.astype(">i4"), yx, **chunked, **packing)
    put(h5, dims, "untouched", grid, yx, write=False, fillvalue=-7, **chunked)
    part = put(h5, dims, "part_written", grid, yx, write=False, fillvalue=-7, maxshape=(None, 10), **chunked)
    part[3:5, 4:7] = 1
    put_layout(h5, dims, "compact", grid, yx, layout=h5py.h5d.COMPACT)
    put_layout(h5, dims, "implicit", grid, yx, layout=h5py.h5d.CHUNKED, chunk=(3, 4))


@hdf5("h5py_many_chunks.nc", "v110")
def many_chunks(h5):
    """Chunk indexes of more than one block or node."""
    dims = scales(h5, y=7, x=10, n=300)
    line = ramp("i2", 300)
    put(h5, dims, "fixed_array", line, ("n",), chunks=(2,))
    put(h5, dims, "extensible_array", line, ("n",), chunks=(2,), maxshape=(None,))
    put(h5, dims, "btree_v2", ramp("i2", 7, 10), ("y", "x"), chunks=(1, 1), maxshape=(None, None))


@hdf5("h5py_earliest.nc", "earliest")
def earliest(h5):
    """The first version of everything: superblock, symbol tables, object headers, chunk B-trees."""
    dims = scales(h5, y=7, x=10)
    grid, yx = ramp("i4", 7, 10), ("y", "x")
    put(h5, dims, "contiguous", grid, yx)
    put(h5, dims, "chunked", grid, yx, chunks=(3, 4))
    put(h5, dims, "packed", grid, yx, chunks=(3, 4), compression="gzip", shuffle=True, fletcher32=True)
    put(h5, dims, "growing", grid, yx, chunks=(3, 4), maxshape=(None, None))
    put(h5, dims, "untouched", grid, yx, write=False, chunks=(3, 4), fillvalue=-7)
    put_layout(h5, dims, "compact", grid, yx, layout=h5py.h5d.COMPACT)


def plain_at_the_edges(plist):
    """Have HDF5 leave the filters out for chunks that reach beyond the data. h5py has no call for this."""
    library = next(Path(h5py.__file__).parent.parent.glob("h5py.libs/libhdf5-*.so*"))
    set_options = ctypes.CDLL(library).H5Pset_chunk_opts
    set_options.argtypes = [ctypes.c_int64, ctypes.c_uint]
    assert set_options(plist.id, 2) == 0


@hdf5("h5py_plain_edges.nc", "v110")
def plain_edges(h5):
    """Filtered chunks but for those at the edges, in each chunk index."""
    dims = scales(h5, y=7, x=10)
    grid, unlimited = ramp("i4", 7, 10), h5py.h5s.UNLIMITED
    for name, chunk, longest in (
        ("single_chunk", (8, 10), (8, 10)),
        ("fixed_array", (3, 4), None),
        ("extensible_array", (3, 4), (unlimited, 10)),
        ("btree_v2", (3, 4), (unlimited, unlimited)),
        ("no_edges", (7, 5), None),
    ):
        for packed in (False, True):
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_obj_track_times(False)
            plist.set_chunk(chunk)
            plist.set_shuffle()
            if packed:
                plist.set_deflate(4)
                plist.set_fletcher32()
            plain_at_the_edges(plist)
            space = h5py.h5s.create_simple(grid.shape, longest)
            path = (name + "_packed" * packed).encode()
            data = h5py.Dataset(h5py.h5d.create(h5.id, path, h5py.h5t.NATIVE_INT32, space, plist))
            data[...] = grid
            attach(data, dims, ("y", "x"))


def damaged(out):
    """Files that are cut short, corrupted, or something else altogether."""
    out.mkdir(exist_ok=True)
    ocean = make_aviso.Ocean(30, 60, 2015)
    day = datetime.date(2015, 7, 22)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.nc"

        def cut(name, share):
            content = whole.read_bytes()
            (out / name).write_bytes(content[: int(len(content) * share)])

        make_aviso.write(whole, ocean, day, "NETCDF4", (1, 10, 20), True)
        cut("truncated_netcdf4.nc", 0.6)
        cut("truncated_superblock.nc", 0.001)
        content = bytearray(whole.read_bytes())
        with h5py.File(whole) as h5:
            chunk = h5["adt"].id.get_chunk_info(4)
        middle = chunk.byte_offset + chunk.size // 2
        content[middle : middle + 8] = b"\xff" * 8
        (out / "corrupt_chunk.nc").write_bytes(content)

        make_aviso.write(whole, ocean, day, "NETCDF3_CLASSIC", None, True)
        cut("truncated_netcdf3.nc", 0.6)
        cut("truncated_header.nc", 0.05)

        with netCDF4.Dataset(whole, "w") as nc:
            nc.createDimension("x", 10)
            add(nc, "fletcher32", "i4", ("x",), ramp("i4", 10), fletcher32=True, chunksizes=(5,))
        content = bytearray(whole.read_bytes())
        with h5py.File(whole) as h5:
            content[h5["fletcher32"].id.get_chunk_info(0).byte_offset + 1] ^= 0x10
        (out / "wrong_checksum.nc").write_bytes(content)
    (out / "empty.nc").write_bytes(b"")
    (out / "text.nc").write_text("time,lat,lon,adt\n2015-07-22,0.5,0.5,0.1234\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).parent.parent / "data-fixtures" / "netcdf"
    parser.add_argument("out_dir", type=Path, nargs="?", default=default)
    args = parser.parse_args()
    args.out_dir.mkdir(parents=True, exist_ok=True)
    for file_name, make in FILES.items():
        make(args.out_dir / file_name)
    damaged(args.out_dir / "damaged")
    for path in sorted(args.out_dir.rglob("*.nc")):
        print(f"{path.stat().st_size:6d}  {path.relative_to(args.out_dir)}")


if __name__ == "__main__":
    main()
