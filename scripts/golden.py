#!/usr/bin/env python3
"""Record what xarray, dask and netCDF4 say about the files of data-fixtures, for Graticule's tests.

    golden.py            writes aviso.json, names.json and netcdf.json in data-fixtures/golden
    golden.py aviso      only that one

aviso.json: the analysis of a year of sea surface height, on data-fixtures/aviso-2015.
netcdf.json: for each file of data-fixtures/netcdf every dimension, attribute and variable, group by
group; the values as they lie in the file ("raw") and as xarray decodes them ("decoded"). Values are
flat lists in C order. Numbers have full precision; those that JSON lacks are "NaN", "Infinity" and
"-Infinity"; times are ISO strings, absent ones "NaT"; time differences are whole numbers of the unit
in their dtype; characters are strings of one, "\\u0000" included.
names.json: every public name of xarray, for docs/for_xarray_users.md.
All hold the versions of the libraries that gave the answers.
"""

import argparse
import importlib.metadata
import json
import math
import warnings
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

FIXTURES = Path(__file__).parent.parent / "data-fixtures"


def versions():
    packages = ("xarray", "dask", "numpy", "netCDF4", "cftime", "pandas", "bottleneck")
    found = {name: importlib.metadata.version(name) for name in packages}
    return found | {"netcdf-c": netCDF4.__netcdf4libversion__, "hdf5": netCDF4.__hdf5libversion__}


def plain(value):
    """A value as JSON can hold it."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, (str, int, float)) else value.isoformat()


def flat(array):
    """The values of an array in C order."""
    array = np.asarray(array)
    if array.dtype.kind == "M":
        return np.datetime_as_string(array).ravel().tolist()
    if array.dtype.kind == "m":
        return array.astype("i8").ravel().tolist()
    if array.dtype == "S1":
        return [chr(code) for code in np.frombuffer(array.tobytes(), "u1")]
    return [plain(value) for value in array.ravel()]


def dtype_name(dtype):
    if dtype is str:
        return "string"
    dtype = np.dtype(dtype)
    return "char" if dtype == "S1" else dtype.name


def attributes(target):
    """Attributes with their types; one of several values has a list."""
    found = {}
    for name in target.ncattrs():
        value = target.getncattr(name)
        if isinstance(value, (str, list)):
            kind = "string"
        elif np.ndim(value):
            kind, value = np.asarray(value).dtype.name, flat(value)
        else:
            kind, value = np.asarray(value).dtype.name, plain(value)
        found[name] = {"type": kind, "value": value}
    return found


def raw_variable(variable):
    variable.set_auto_mask(False)
    variable.set_auto_scale(False)
    variable.set_auto_chartostring(False)
    return {
        "dims": list(variable.dimensions),
        "shape": list(variable.shape),
        "dtype": dtype_name(variable.dtype),
        "attrs": attributes(variable),
        "values": flat(variable[...]),
    }


def decoded_variable(dataset, name):
    variable = dataset.variables[name]
    values = flat(variable.values)
    if variable.dtype.kind == "S":
        dtype = "bytes"
    elif variable.dtype.kind in "OUT":
        dtype = "string" if all(isinstance(value, str) for value in variable.values.flat) else "cftime"
    else:
        dtype = str(variable.dtype)
    return {
        "dims": list(variable.dims),
        "dtype": dtype,
        "coordinate": name in dataset.coords,
        "values": values,
    }


def group(path, nc):
    """One group and those within it."""
    with xr.open_dataset(path, engine="netcdf4", group=nc.path) as dataset:
        decoded = {name: decoded_variable(dataset, name) for name in dataset.variables}
    return {
        "dims": [
            {"name": name, "size": dim.size, "unlimited": dim.isunlimited()} for name, dim in nc.dimensions.items()
        ],
        "attrs": attributes(nc),
        "variables": {name: raw_variable(variable) for name, variable in nc.variables.items()},
        "decoded": decoded,
        "groups": {name: group(path, inner) for name, inner in nc.groups.items()},
    }


def netcdf():
    files = {}
    for path in sorted((FIXTURES / "netcdf").glob("*.nc")):
        with netCDF4.Dataset(path) as nc:
            files[path.name] = {"format": nc.data_model} | group(path, nc)
    damaged = sorted(path.name for path in (FIXTURES / "netcdf" / "damaged").iterdir())
    return {"versions": versions(), "files": files, "damaged": damaged}


def aviso():
    paths = sorted((FIXTURES / "aviso-2015").glob("*.nc"))
    ds = xr.open_mfdataset(paths)
    ssh = ds.adt
    ssh_mean = ssh.mean(dim="time").load()
    ssh_anom = ssh - ssh_mean
    variance = (ssh_anom**2).mean(dim=("lon", "time"))
    weight = np.cos(np.deg2rad(ds.lat))
    weight = weight / weight.mean()
    weighted = (ssh_anom * weight).mean(dim=("lon", "lat"))
    return {
        "versions": versions(),
        "files": len(paths),
        "first_file": paths[0].name,
        "last_file": paths[-1].name,
        "dims": list(ssh.dims),
        "shape": list(ssh.shape),
        "dtype": str(ssh.dtype),
        "nbytes": ssh.nbytes,
        "lat": flat(ds.lat),
        "lon": flat(ds.lon),
        "time_first": flat(ds.time)[0],
        "time_last": flat(ds.time)[-1],
        "min": plain(ssh.min().values),
        "max": plain(ssh.max().values),
        "count": plain(ssh.count().values),
        "nan_in_first_day": plain(ssh[0].isnull().sum().values),
        "nan_by_day": flat(ssh.isnull().sum(("lat", "lon"))),
        "weight_dtype": str(weight.dtype),
        "weight": flat(weight),
        "mean_time": flat(ssh_mean),
        "anomaly_variance": flat(variance),
        "weighted_anomaly": flat(weighted),
    }


def names():
    """Every public name of the package, of its two containers, and of times."""
    from xarray.core.accessor_dt import DatetimeAccessor, TimedeltaAccessor

    def public(*targets):
        return sorted({name for target in targets for name in dir(target) if not name.startswith("_")})

    return {
        "versions": versions(),
        "xarray": public(xr),
        "containers": public(xr.DataArray, xr.Dataset),
        "dt": public(DatetimeAccessor, TimedeltaAccessor),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="?", choices=["aviso", "names", "netcdf"])
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    (FIXTURES / "golden").mkdir(exist_ok=True)
    for which in [args.which] if args.which else ["aviso", "names", "netcdf"]:
        record = {"aviso": aviso, "names": names, "netcdf": netcdf}[which]()
        path = FIXTURES / "golden" / f"{which}.json"
        path.write_text(json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n")
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
