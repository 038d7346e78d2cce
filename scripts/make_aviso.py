#!/usr/bin/env python3
"""Write a year of synthetic sea surface heights as daily files that look like the AVISO product.

    make_aviso.py OUT_DIR                  60 x 120 cells, one chunk a file (data-fixtures/aviso-2015)
    make_aviso.py OUT_DIR --full           720 x 1440 cells, chunks of 180 x 360, 331 MB a year
    make_aviso.py OUT_DIR --days 30 --nlat 90 --nlon 180 --seed 7 --format NETCDF3_CLASSIC

The names, dimensions, variables and packing are those of the delayed-time madt_h files
of 2015. The heights are not measurements: a mean topography of gyres, boundary currents and the
Antarctic Circumpolar Current, eddies that drift westward and are strongest where the real ones are,
a seasonal cycle of opposite sign in the two hemispheres, a rise of 3 mm a year, noise, and a sea
ice edge that moves with the seasons. Continents come from land_mask.npz (Natural Earth, see
make_land_mask.py). The same options give the same heights.
"""

import argparse
import datetime
import multiprocessing
from pathlib import Path

import netCDF4
import numpy as np

FILL = np.int32(-2147483647)
SCALE = 0.0001
EPOCH = datetime.date(1950, 1, 1)
LEFT_OUT = {
    "time": ["standard_name", "axis"],
    "lat": ["axis", "bounds"],
    "lon": ["axis", "bounds"],
    "adt": ["coordinates"],
}

# Mean topography: (lat, lon, radius in lat, radius in lon, height in m).
GYRES = [
    (27, 145, 11, 30, 0.55), (22, 185, 12, 40, 0.30),  # North Pacific
    (50, 180, 9, 35, -0.55),
    (29, 293, 10, 22, 0.50), (30, 320, 9, 22, 0.15),  # North Atlantic
    (57, 322, 8, 25, -0.60), (70, 0, 8, 20, -0.35),
    (-18, 180, 14, 45, 0.45), (-25, 230, 13, 40, 0.20),  # South Pacific
    (-28, 330, 11, 25, 0.25),  # South Atlantic
    (-28, 50, 11, 25, 0.45), (-20, 95, 12, 25, 0.20),  # Indian Ocean
    (-65, 330, 6, 30, -0.25), (-70, 195, 6, 25, -0.20),  # Weddell and Ross seas
    (-1, 130, 12, 35, 0.25), (0, 255, 10, 30, -0.15),  # warm pool, cold tongue
]  # fmt: skip
# Where eddies are strong: (lat, lon, radius in lat, radius in lon, standard deviation in m).
EDDIES = [
    (38, 297, 4.5, 16, 0.26), (41, 318, 7, 14, 0.12),  # Gulf Stream
    (36, 148, 4.5, 14, 0.25), (34, 168, 6, 20, 0.11), (22, 135, 6, 25, 0.10),  # Kuroshio
    (-39, 22, 4.5, 16, 0.27), (-41, 55, 5, 25, 0.14), (-32, 5, 6, 14, 0.09),  # Agulhas
    (-40, 306, 5, 9, 0.25), (-46, 315, 5, 10, 0.12),  # Brazil and Malvinas
    (-33, 155, 5, 8, 0.16), (-24, 105, 6, 25, 0.07), (-20, 45, 7, 10, 0.10),
    (25, 271, 4, 6, 0.14), (14, 60, 8, 10, 0.08), (15, 285, 6, 12, 0.06),
    (-50, 90, 5, 40, 0.09), (-52, 160, 5, 25, 0.11), (-56, 220, 5, 25, 0.10), (-58, 300, 4, 12, 0.08),
]  # fmt: skip


def bump(lat, lon, spot):
    """A Gaussian hill on the sphere of longitudes."""
    lat0, lon0, dlat, dlon, height = spot
    east = (lon - lon0 + 180) % 360 - 180
    return height * np.exp(-(((lat - lat0) / dlat) ** 2 + (east / dlon) ** 2) / 2)


def front(lat, lon, axis, west, length, step):
    """A current: the height rises by `step` southward across the line `axis`, fading downstream of `west`."""
    east = (lon - west + 180) % 360 - 180
    strength = np.where(east > 0, np.exp(-((east / length) ** 2)), np.exp(-((east / 4) ** 2)))
    return step / 2 * np.tanh((axis - lat) / 1.5) * strength * np.exp(-(((lat - axis) / 12) ** 2))


class Ocean:
    """The heights of one ocean on a grid of nlat x nlon cells."""

    def __init__(self, nlat, nlon, seed):
        self.shape = (nlat, nlon)
        self.seed = seed
        self.lat = -90 + (np.arange(nlat) + 0.5) * 180 / nlat
        self.lon = (np.arange(nlon) + 0.5) * 360 / nlon
        lat, lon = self.lat[:, None], self.lon[None, :]

        mask = np.unpackbits(np.load(Path(__file__).with_name("land_mask.npz"))["land"]).reshape(720, 1440)
        self.land = mask[((lat + 90) * 4).astype(int), (lon * 4).astype(int)].astype(bool)

        circumpolar = -50 + 6 * np.cos(np.deg2rad(lon - 60)) + 2 * np.cos(np.deg2rad(3 * lon))
        self.mean = 0.45 + 0.85 * (np.tanh((lat - circumpolar) / 7) - 1) + 0.15 * np.cos(np.deg2rad(2 * lat))
        self.mean += 0.15 * np.cos(np.deg2rad(lon - 170)) * np.exp(-((lat / 50) ** 2))
        self.mean -= 0.45 * (1 + np.tanh((lat - 55) / 8)) / 2
        self.mean += sum(bump(lat, lon, gyre) for gyre in GYRES)
        self.mean += front(lat, lon, 36 + (lon - 285) * 0.25 + np.sin(np.deg2rad(lon * 18)), 287, 28, 0.7)
        self.mean += front(lat, lon, 35 + np.sin(np.deg2rad(lon * 20)), 141, 28, 0.7)

        self.energy = 0.035 + np.sqrt(sum(bump(lat, lon, spot) ** 2 for spot in EDDIES))
        self.energy = self.energy * np.clip((80 - np.abs(lat)) / 20, 0.3, 1)
        self.tropics = 0.05 * np.exp(-(((np.abs(lat) - 5) / 6) ** 2))
        self.season = 0.05 * np.tanh(lat / 12) * np.clip((75 - np.abs(lat)) / 15, 0.2, 1)

        rng = np.random.default_rng(seed)
        self.mesoscale = self.waves(rng, wavelength=max(4.5, 4 * 360 / nlon), drift=0.05)
        self.planetary = self.waves(rng, wavelength=16, drift=0.35)

    def waves(self, rng, wavelength, drift):
        """Random plane waves around a wavelength (degrees) that drift westward (degrees a day)."""
        nlat, nlon = self.shape
        ky = np.fft.fftfreq(nlat, 180 / nlat)[:, None]
        kx = np.fft.rfftfreq(nlon, 360 / nlon)[None, :]
        octaves = np.log2(np.maximum(np.hypot(kx, ky), 1e-9) * wavelength)
        spectrum = np.exp(-((octaves / 0.6) ** 2)) * wavelength**2
        ripples = rng.standard_normal((2,) + octaves.shape)
        amplitude = spectrum * (ripples[0] + 1j * ripples[1])
        amplitude /= np.fft.irfft2(amplitude, s=self.shape).std()
        rate = 2 * np.pi * (kx * drift + rng.normal(0, 0.003, octaves.shape))
        return amplitude, rate

    def heights(self, day):
        """Packed heights on a date."""
        number = (day - datetime.date(2015, 1, 1)).days
        turn = 2 * np.pi * number / 365.25
        lat, lon = self.lat[:, None], np.deg2rad(self.lon[None, :])

        def moving(waves):
            amplitude, rate = waves
            return np.fft.irfft2(amplitude * np.exp(1j * rate * number), s=self.shape)

        height = self.mean + self.energy * moving(self.mesoscale) + self.tropics * moving(self.planetary)
        height += self.season * np.cos(turn - 2 * np.pi * 265 / 365.25)
        height += 0.003 * number / 365.25
        height += np.random.default_rng([self.seed, day.toordinal()]).normal(0, 0.007, self.shape)

        march, september = np.cos(turn - 2 * np.pi * 70 / 365.25), np.cos(turn - 2 * np.pi * 260 / 365.25)
        edge = np.cos(5 * lon + turn * 9) + 0.6 * np.sin(11 * lon - turn * 25)
        ice = lat > 72 - 5 * march + 7 * np.cos(lon - np.deg2rad(15)) + edge
        ice |= lat < -65.5 + 4 * september + 2.5 * np.cos(lon - np.deg2rad(330)) + edge

        packed = np.rint(height / SCALE).astype(np.int32)
        packed[self.land | ice] = FILL
        return packed


def name(day):
    return f"dt_global_allsat_madt_h_{day:%Y%m%d}_20150914.nc"


def write(path, ocean, day, file_format, chunks, lean):
    """One day's file.

    A lean one leaves out some attributes: HDF5 spends 2.4 kB on an object that has more than eight,
    netCDF-C's own five included, and a third of a small file would be that.
    """
    nlat, nlon = ocean.shape
    dlat, dlon = 180 / nlat, 360 / nlon
    netcdf4 = file_format.startswith("NETCDF4")
    with netCDF4.Dataset(path, "w", format=file_format) as nc:
        nc.setncatts(
            {
                "Conventions": "CF-1.6",
                "title": "Synthetic daily absolute dynamic topography, laid out like an AVISO madt_h file",
                "comment": "Not measurements: every height was computed from formulas",
                "source": "scripts/make_aviso.py of Graticule",
                "cdm_data_type": "Grid",
                "time_coverage_start": f"{day - datetime.timedelta(days=1)}T12:00:00Z",
                "time_coverage_end": f"{day}T12:00:00Z",
            }
        )
        if not lean:
            nc.setncatts(
                {
                    "geospatial_lat_min": ocean.lat[0], "geospatial_lat_max": ocean.lat[-1],
                    "geospatial_lat_resolution": dlat, "geospatial_lat_units": "degrees_north",
                    "geospatial_lon_min": ocean.lon[0], "geospatial_lon_max": ocean.lon[-1],
                    "geospatial_lon_resolution": dlon, "geospatial_lon_units": "degrees_east",
                    "processing_level": "L4", "time_coverage_duration": "P1D", "time_coverage_resolution": "P1D",
                }
            )  # fmt: skip
        for dim, size in (("time", 1), ("lat", nlat), ("lon", nlon), ("nv", 2)):
            nc.createDimension(dim, size)

        values = {}

        def variable(name, dtype, dims, value, attributes, **storage):
            left_out = LEFT_OUT.get(name, []) if lean else []
            kept = {key: attributes[key] for key in attributes if key not in left_out}
            nc.createVariable(name, dtype, dims, **storage).setncatts(kept)
            values[name] = value

        variable(
            "time", "f4", ("time",), (day - EPOCH).days,
            {"long_name": "Time", "standard_name": "time", "units": "days since 1950-01-01 00:00:00",
             "calendar": "gregorian", "axis": "T"},
        )  # fmt: skip
        variable(
            "lat", "f4", ("lat",), ocean.lat,
            {"long_name": "Latitude", "standard_name": "latitude", "units": "degrees_north", "axis": "Y",
             "bounds": "lat_bnds"},
        )  # fmt: skip
        variable("lat_bnds", "f4", ("lat", "nv"), ocean.lat[:, None] + dlat * np.array([-0.5, 0.5]), {})
        variable(
            "lon", "f4", ("lon",), ocean.lon,
            {"long_name": "Longitude", "standard_name": "longitude", "units": "degrees_east", "axis": "X",
             "bounds": "lon_bnds"},
        )  # fmt: skip
        variable("lon_bnds", "f4", ("lon", "nv"), ocean.lon[:, None] + dlon * np.array([-0.5, 0.5]), {})
        variable("nv", "i4", ("nv",), [0, 1], {"comment": "Vertex", "units": "1"})
        variable(
            "crs", "i4", (), FILL,
            {"comment": "Container variable that describes the grid mapping of the data in this file",
             "grid_mapping_name": "latitude_longitude", "semi_major_axis": 6371000.0, "inverse_flattening": 0.0},
        )  # fmt: skip
        storage = dict(zlib=True, shuffle=True, complevel=4, chunksizes=chunks) if netcdf4 else {}
        variable(
            "adt", "i4", ("time", "lat", "lon"), ocean.heights(day)[None],
            {"long_name": "Absolute dynamic topography", "standard_name": "sea_surface_height_above_geoid",
             "units": "m", "scale_factor": np.float64(SCALE), "grid_mapping": "crs", "coordinates": "lon lat"},
            fill_value=FILL, **storage,
        )  # fmt: skip
        # Everything is defined before the first value is written: netCDF-C makes smaller files that way.
        nc.set_auto_maskandscale(False)
        for name, value in values.items():
            nc[name][...] = value


def prepare(nlat, nlon, seed):
    global OCEAN
    OCEAN = Ocean(nlat, nlon, seed)


def write_day(job):
    directory, day, *options = job
    write(directory / name(day), OCEAN, day, *options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--full", action="store_true", help="the product's own grid: 720 x 1440 in chunks of 180 x 360")
    parser.add_argument("--nlat", type=int, default=60)
    parser.add_argument("--nlon", type=int, default=120)
    parser.add_argument("--chunks", type=int, nargs=2, metavar=("LAT", "LON"), help="default: one chunk a file")
    parser.add_argument("--start", type=datetime.date.fromisoformat, default=datetime.date(2015, 1, 1))
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=2015)
    parser.add_argument(
        "--format",
        default="NETCDF4",
        choices=["NETCDF4", "NETCDF4_CLASSIC", "NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"],
    )
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()

    nlat, nlon = (720, 1440) if args.full else (args.nlat, args.nlon)
    chunks = args.chunks or ((180, 360) if args.full else (nlat, nlon))
    args.out_dir.mkdir(parents=True, exist_ok=True)
    days = [args.start + datetime.timedelta(days=i) for i in range(args.days)]
    jobs = [(args.out_dir, day, args.format, (1, *chunks), not args.full) for day in days]
    with multiprocessing.Pool(args.processes, prepare, (nlat, nlon, args.seed)) as pool:
        pool.map(write_day, jobs, chunksize=4)
    size = sum((args.out_dir / name(day)).stat().st_size for day in days)
    print(f"{args.out_dir}: {len(days)} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
