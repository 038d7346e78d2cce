"""Bins that xarray resamples into, for random frequencies, calendars and options: data-fixtures/golden/bins.json.

Run as `python scripts/golden_bins.py data-fixtures/golden/bins.json`; needs xarray and cftime.
"""

import json
import random
import sys
import warnings

import numpy as np
import xarray as xr

FREQS = """D 2D 3D 7D h 6h 5h 36h 15min W W-MON 2W W-WED MS ME 2MS 2ME 3MS QS QE QS-DEC QE-NOV 2QS YS YE YS-JUL YE-JUN
2YE""".split()
MOST = 260


def one_of(random_, options, chance=0.5):
    """One option, or none."""
    return random_.choice(options) if random_.random() < chance else None


def case(pick):
    calendar = pick.choice(["standard", "standard", "noleap", "360_day", "julian", "all_leap"])
    freq = pick.choice(FREQS)
    step = pick.choice(["D", "h", "7h", "5D", "17D", "MS", "3h"])
    n = pick.choice([1, 2, 5, 40])
    start = pick.choice(["2000-01-01", "1999-12-31T23", "2001-02-27T05:30", "2000-01-30", "2000-03-31T12"])
    if calendar == "360_day":
        start = start.replace("-31", "-30")
    has_fixed_length = not any(letter in freq for letter in "MQYW")
    options = {
        "closed": one_of(pick, ["left", "right"]),
        "label": one_of(pick, ["left", "right"]),
        "origin": one_of(pick, ["epoch", "start", "start_day", "end", "end_day"]) if has_fixed_length else None,
        "offset": one_of(pick, ["3h"], 0.3) if has_fixed_length else None,
    }
    options = {name: value for name, value in options.items() if value is not None}
    # xarray has weeks in the standard calendar only.
    if calendar != "standard" and "W" in freq or freq in ("15min", "h") and step in ("17D", "MS", "5D"):
        return None
    times = xr.date_range(start, periods=n, freq=step, calendar=calendar, use_cftime=calendar != "standard")
    data = xr.DataArray(np.arange(float(n)), dims="time", coords={"time": times})
    encoded = data.resample(time=freq, **options).encoded
    return {
        "calendar": calendar,
        "freq": freq,
        "start": start,
        "step": step,
        "n": n,
        "kw": options,
        "codes": [int(code) for code in encoded.codes.values],
        "labels": [label.isoformat() for label in encoded.full_index],
    }


def main(path):
    warnings.simplefilter("ignore")
    pick, cases, seen = random.Random(3), [], set()
    while len(cases) < MOST:
        found = case(pick)
        if found is None or len(found["labels"]) > 60:
            continue
        key = (found["freq"], found["calendar"], json.dumps(found["kw"], sort_keys=True))
        if key not in seen:
            seen.add(key)
            cases.append(found)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main(sys.argv[1])
