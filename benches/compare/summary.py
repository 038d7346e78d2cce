#!/usr/bin/env python3
"""Six numbers that stand for an array when the results of different tools are compared.

    summary.py FILE VARIABLE

prints those of a variable in a netCDF file as a JSON list.
"""

import json
import sys

import numpy as np


def summary(values):
    """How many values are not NaN, and of those in C order: mean, least, greatest, first, last."""
    values = np.asarray(values, "f8").ravel()
    values = values[~np.isnan(values)]
    return [float(x) for x in (values.size, values.mean(), values.min(), values.max(), values[0], values[-1])]


def main():
    import netCDF4

    path, variable = sys.argv[1:]
    with netCDF4.Dataset(path) as nc:
        print(json.dumps(summary(np.ma.filled(nc[variable][:].astype("f8"), np.nan))))


if __name__ == "__main__":
    main()
