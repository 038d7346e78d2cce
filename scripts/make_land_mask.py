#!/usr/bin/env python3
"""Rasterise the coastlines of Natural Earth to scripts/land_mask.npz.

    npm pack world-atlas && tar xzf world-atlas-*.tgz
    make_land_mask.py package/land-110m.json

Natural Earth is in the public domain; the npm package world-atlas (2.0.2) holds its 1:110m land
polygons as TopoJSON. The mask has one bit for each cell of a 0.25 degree grid, set where the cell's
centre is on land: 720 rows from south to north, 1440 columns from 0 to 360 degrees east, packed
eight to a byte. Only whoever wants another mask needs to run this: the result lies beside it.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
from matplotlib.path import Path as Outline

NLAT, NLON = 720, 1440


def rings(topology):
    """Every ring of the land polygons as an array of (lon, lat), longitudes running on across 180 degrees.

    The one that goes round the world, Antarctica's, is closed along the south pole.
    """
    scale = np.array(topology["transform"]["scale"])
    origin = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(arc, axis=0) * scale + origin for arc in topology["arcs"]]
    for geometry in topology["objects"]["land"]["geometries"]:
        for ring in itertools.chain.from_iterable(geometry["arcs"]):
            points = np.concatenate([arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring])
            points[:, 0] = np.unwrap(points[:, 0], period=360)
            first, last = points[0, 0], points[-1, 0]
            if abs(last - first) > 180:
                points = np.concatenate([points, [[last, -90], [first, -90]]])
            yield points


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topojson", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("land_mask.npz"))
    args = parser.parse_args()

    lon, lat = np.meshgrid((np.arange(NLON) + 0.5) / 4, -90 + (np.arange(NLAT) + 0.5) / 4)
    land = np.zeros((NLAT, NLON), bool)
    for ring in rings(json.loads(args.topojson.read_text())):
        outline = Outline(ring)
        west, south = ring.min(axis=0)
        east, north = ring.max(axis=0)
        for turn in (-360, 0, 360):
            near = (lat >= south) & (lat <= north) & (lon + turn >= west) & (lon + turn <= east)
            if near.any():
                land[near] ^= outline.contains_points(np.column_stack([lon[near] + turn, lat[near]]))
    np.savez_compressed(args.out, land=np.packbits(land))
    print(f"{args.out}: {land.mean():.1%} of the cells are land")


if __name__ == "__main__":
    main()
