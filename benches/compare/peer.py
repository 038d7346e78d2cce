#!/usr/bin/env python3
"""Run one workload with xarray and dask, as a user would write it, and print one line of JSON.

    peer.py WORKLOAD [--data DIR] [--threads N]
    peer.py labels      what labels cost: for small operations, microseconds with labels and without

The line holds the seconds for imports, for opening or describing the data, and for computing, and
numbers to compare the result by. DIR holds daily netCDF files (scripts/make_aviso.py); workloads on
random numbers need none. Everything runs on dask's default scheduler, threads: as many as there are
cores, or N.
"""

import argparse
import glob
import json
import os
import time
import warnings

warnings.simplefilter("ignore")
DATA = os.path.join(os.path.dirname(__file__), "..", "..", "data-fixtures", "aviso-2015")


class Clock:
    """Seconds between laps."""

    def __init__(self):
        self.last = time.perf_counter()
        self.laps = {}

    def lap(self, name):
        now = time.perf_counter()
        self.laps[name] = round(now - self.last, 4)
        self.last = now


def random_numbers():
    import dask.array as da

    return da.random.random((200_000, 4_000), chunks=(1_000, 1_000))


def product_mean(clock, data):
    import dask.array  # noqa: F401

    clock.lap("import_s")
    x = random_numbers()
    mean = (x * x[::-1, ::-1]).mean()
    clock.lap("open_s")
    return [float(mean.compute())]


def cos_mean(clock, data):
    import dask.array as da

    clock.lap("import_s")
    x = random_numbers()
    columns = (da.cos(x) ** 2).mean(axis=0)
    clock.lap("open_s")
    columns = columns.compute()
    return [float(columns.size), float(columns.mean())]


def histogram(clock, data):
    import dask.array as da

    clock.lap("import_s")
    x = da.random.normal(size=200_000_000, chunks=10_000_000)
    counts, edges = da.histogram(x, bins=100, range=(-5, 5))
    clock.lap("open_s")
    counts = counts.compute()
    centres = (edges[1:] + edges[:-1]) / 2
    total = counts.sum()
    mean = (counts * centres).sum() / total
    return [float(total), float(mean), float((counts * (centres - mean) ** 2).sum() / total)]


def rechunk(clock, data):
    """6 GB in maps of one time each, asked for in columns of all times."""
    import dask.array as da

    clock.lap("import_s")
    maps = da.random.random((730, 720, 1440), chunks=(1, 720, 1440))
    greatest = maps.rechunk((730, 72, 144)).max(axis=0)
    clock.lap("open_s")
    greatest = greatest.compute()
    return [float(greatest.size), float(greatest.mean())]


def tiny_chunks(clock, data):
    import dask.array as da

    clock.lap("import_s")
    total = (da.linspace(0.0, 1.0, 10_000_000, chunks=100) + 1).sum()
    clock.lap("open_s")
    return [float(total.compute())]


def scattered(len, step, prime):
    """step * i % prime / prime for the first `len` numbers: scattered over [0, 1), the same bits in every language."""
    import numpy as np

    return np.arange(len) * step % prime / prime


def column(values, chunk):
    """A series along the first of three axes, in chunks."""
    import dask.array as da

    return da.from_array(values[:, None, None], chunks=(chunk, 1, 1))


def virtual_variance(clock, data):
    """8 GB that are nowhere: the products of a map and a series."""
    import dask.array as da

    clock.lap("import_s")
    base = da.from_array(scattered(1_000_000, 7_919, 1_000_003).reshape(1_000, 1_000), chunks=(1_000, 1_000))
    x = base * column(scattered(1_000, 389, 1_009), 10)
    variance = ((x - x.mean(axis=0)) ** 2).mean(axis=0)
    clock.lap("open_s")
    from summary import summary

    return summary(variance.compute())[:4]


def quantile(clock, data):
    """The 0.9 quantiles of 1000 numbers at 200 000 places, cut into ten."""
    import dask.array as da

    clock.lap("import_s")
    base = da.from_array(scattered(200_000, 7_919, 1_000_003).reshape(200, 1_000), chunks=(200, 1_000))
    # Squared distances: at each place the numbers are in another order.
    x = (base - column(scattered(1_000, 389, 1_009), 100)) ** 2
    quantiles = da.quantile(x.rechunk({0: -1}), 0.9, axis=0)
    clock.lap("open_s")
    from summary import summary

    return summary(quantiles.compute())[:4]


def year(clock, data):
    """The imports that an analysis of the daily files needs, and the opened data set."""
    import dask.array  # noqa: F401
    import netCDF4  # noqa: F401
    import xarray as xr

    clock.lap("import_s")
    ds = xr.open_mfdataset(sorted(glob.glob(os.path.join(data, "*.nc"))))
    clock.lap("open_s")
    return ds


def anomaly(ds):
    return ds.adt - ds.adt.mean("time")


def variance_of(ds):
    return (anomaly(ds) ** 2).mean(("lon", "time"))


def weighted_of(ds):
    import numpy as np

    weight = np.cos(np.deg2rad(ds.lat))
    weight = weight / weight.mean()
    return (anomaly(ds) * weight).mean(("lon", "lat"))


def cos_lat(ds):
    import numpy as np

    return np.cos(np.deg2rad(ds.lat))


def climatology(ds):
    return ds.adt.groupby("time.month").mean()


def climatology_std(ds):
    """How much the days of each place differ from their month's mean."""
    months = ds.adt.groupby("time.month")
    return (months - months.mean()).std("time")


def monthly(ds):
    return ds.adt.resample(time="MS").mean()


def rolling(ds):
    """The highest mean of 30 days in a row."""
    return ds.adt.rolling(time=30).mean().max("time")


def weighted(ds):
    return ds.adt.weighted(cos_lat(ds)).mean(("lat", "lon"))


def weighted_std(ds):
    return ds.adt.weighted(cos_lat(ds)).std(("lat", "lon"))


def on_year(*expressions):
    """A workload that computes expressions of the opened year together."""

    def workload(clock, data):
        ds = year(clock, data)
        import dask
        from summary import summary

        results = dask.compute(*(expression(ds) for expression in expressions))
        return [number for result in results for number in summary(result)]

    return workload


def open_year(clock, data):
    ds = year(clock, data)
    return [float(n) for n in (*ds.adt.shape, ds.adt.nbytes)]


def labels():
    """Microseconds of small operations on arrays of 10 by 10, with xarray and with numpy alone."""
    import statistics
    import timeit

    import numpy as np
    import xarray as xr

    a = np.arange(100.0).reshape(10, 10)
    b = a + 0.5
    coords = {"lat": np.arange(10.0), "lon": 2 * np.arange(10.0)}
    x, y = (xr.DataArray(data, coords=coords, dims=("lat", "lon"), name="x") for data in (a, b))
    works = {
        "a + b": (lambda: x + y, lambda: a + b),
        "cos(a)": (lambda: np.cos(x), lambda: np.cos(a)),
        "mean over lat": (lambda: x.mean("lat"), lambda: np.nanmean(a, axis=0)),
        "isel of lat": (lambda: x.isel(lat=slice(2, 7)), lambda: a[2:7]),
        "sel of lat": (lambda: x.sel(lat=3.0), lambda: a[3]),
        "sel of lon, nearest": (lambda: x.sel(lon=3.2, method="nearest"), lambda: a[:, 2]),
    }

    def microseconds(work):
        return statistics.median(timeit.repeat(work, number=100, repeat=21)) * 1e4

    return {name: [microseconds(work) for work in pair] for name, pair in works.items()}


WORKLOADS = {
    "product_mean": product_mean,
    "cos_mean": cos_mean,
    "histogram": histogram,
    "rechunk": rechunk,
    "tiny_chunks": tiny_chunks,
    "virtual_variance": virtual_variance,
    "quantile": quantile,
    "open_year": open_year,
    "time_mean": on_year(lambda ds: ds.adt.mean("time")),
    "anomaly_variance": on_year(variance_of),
    "weighted_anomaly": on_year(weighted_of),
    "climatology": on_year(climatology),
    "climatology_std": on_year(climatology_std),
    "monthly": on_year(monthly),
    "rolling": on_year(rolling),
    "weighted": on_year(weighted, weighted_std),
    "all_three": on_year(lambda ds: ds.adt.mean("time"), variance_of, weighted_of),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=[*WORKLOADS, "labels"])
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    if args.workload == "labels":
        print(json.dumps(labels()))
        return
    clock = Clock()
    if args.threads:
        import dask

        dask.config.set(num_workers=args.threads)
    result = WORKLOADS[args.workload](clock, args.data)
    clock.lap("compute_s")
    print(json.dumps({"workload": args.workload, **clock.laps, "result": result}))


if __name__ == "__main__":
    main()
