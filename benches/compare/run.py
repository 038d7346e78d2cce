#!/usr/bin/env python3
"""Compare Graticule with xarray + dask and with CDO, process against process.

    run.py --graticule BIN [--data DIR] [--workloads time_mean all_three] [--runs 3]
    run.py                                   the others alone

BIN is Graticule's program: `BIN WORKLOAD --data DIR` prints the line of JSON that peer.py prints.
The tools take turns, so that a change in the machine's load meets all of them. Measured for each
process, children included: wall seconds from start to end, CPU seconds (user and system), and the
greatest resident memory. The seconds that a Python process spends on imports are in the wall and CPU
seconds, and shown apart. CDO runs where it has operators for the same formula.

Results must agree within the tolerance of the workload: 1e-9 of the value on files (1e-8 m absolute
for the anomalies, whose weights xarray rounds to single precision), and what chance allows on random
numbers. Prints a Markdown table of medians, and exits with 1 if a tool failed or results differ.
"""

import argparse
import glob
import importlib.metadata
import json
import math
import os
import platform
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "..", "data-fixtures", "aviso-2015")
PAGE = os.sysconf("SC_PAGE_SIZE")
# Relative and absolute tolerance of the numbers in a result.
TOLERANCES = {
    "product_mean": (0, 1e-4),
    "cos_mean": (0, 1e-4),
    "histogram": (1e-6, 1e-3),
    "open_year": (0, 0),
    "time_mean": (1e-9, 1e-12),
    "anomaly_variance": (1e-9, 1e-12),
    "weighted_anomaly": (1e-9, 1e-8),
    "all_three": (1e-9, 1e-8),
}
# One thread an operator: more made it slower.
CDO = "cdo -O -s -b F64"
# Shell commands that leave the result as variable adt of out.nc.
CDO_COMMANDS = {
    "time_mean": f"{CDO} timmean -select,name=adt {{files}} out.nc",
    "anomaly_variance": (
        f"{CDO} timcount -select,name=adt {{files}} count.nc && "
        f"{CDO} div -zonsum -mul -timvar -select,name=adt [ {{files}} ] count.nc -zonsum count.nc out.nc"
    ),
    "weighted_anomaly": (
        f"{CDO} timmean -select,name=adt {{files}} mean.nc && "
        f"{CDO} expr,'adt=cos(rad(clat(adt)))' mean.nc cos.nc && "
        f"{CDO} div cos.nc -enlarge,cos.nc -fldmean,weights=false cos.nc weight.nc && "
        f"{CDO} fldmean,weights=false -yearmul -yearsub -select,name=adt [ {{files}} ] mean.nc weight.nc out.nc"
    ),
}


def resident(pid):
    """Resident bytes of a process and of those below it."""
    total = 0
    try:
        with open(f"/proc/{pid}/statm") as statm:
            total += int(statm.read().split()[1]) * PAGE
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                total += sum(resident(int(child)) for child in children.read().split())
    except OSError:
        pass  # it has ended meanwhile
    return total


def measure(command, directory):
    """Run a command to its end: what it cost, and what it printed."""
    errors = tempfile.TemporaryFile("w+")
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=directory)
    peak = 0
    ended = threading.Event()

    def watch():
        nonlocal peak
        while not ended.wait(0.01):
            peak = max(peak, resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    ended.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        errors.seek(0)
        last_line = (errors.read().strip().splitlines() or [""])[-1]
        raise RuntimeError(f"{shlex.join(command)} ended with {process.returncode}: {last_line}")
    # A process begins with its parent's mark: below that, only the samples tell.
    mark = usage.ru_maxrss if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss else 0
    cost = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": max(mark * 1024, peak) / 1e6}
    return cost, output


def run_program(command):
    """Run peer.py or Graticule's program."""

    def run(workload, data, directory):
        cost, output = measure([*command, workload, "--data", data], directory)
        line = json.loads(output.strip().splitlines()[-1])
        return cost | {"import": line["import_s"]}, line["result"]

    return run


def run_cdo(workload, data, directory):
    files = shlex.quote(data) + "/*.nc"
    cost, _ = measure(["sh", "-c", CDO_COMMANDS[workload].format(files=files)], directory)
    summary = [sys.executable, os.path.join(HERE, "summary.py"), os.path.join(directory, "out.nc"), "adt"]
    return cost | {"import": 0.0}, json.loads(subprocess.check_output(summary))


def agree(workload, mine, theirs):
    relative, absolute = TOLERANCES[workload]
    return len(mine) == len(theirs) and all(
        math.isclose(a, b, rel_tol=relative, abs_tol=absolute) for a, b in zip(mine, theirs, strict=True)
    )


def compare(workload, tools, runs, data):
    """Costs by tool, one for each run, and complaints."""
    costs = {name: [] for name in tools}
    first, complaints = {}, []
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(runs):
            for name, run in tools.items():
                try:
                    cost, result = run(workload, data, directory)
                except (OSError, RuntimeError, ValueError, KeyError, IndexError) as error:
                    complaints.append(f"{workload}: {name} failed: {error}")
                    continue
                costs[name].append(cost)
                reference, expected = next(iter(first.items()), (name, result))
                first.setdefault(name, result)
                if not agree(workload, result, expected):
                    complaints.append(f"{workload}: {name} gives {result}, {reference} gives {expected}")
    return costs, complaints


def rows(workload, costs):
    """Lines of the table: medians, and how many times those of Graticule they are."""
    medians = {
        name: {key: statistics.median(cost[key] for cost in measured) for key in measured[0]}
        for name, measured in costs.items()
        if measured
    }
    base = medians.get("graticule")
    for name, cost in medians.items():
        ratios = [f"{cost[key] / base[key]:.1f}" if base and base[key] else "" for key in ("wall", "cpu", "memory")]
        imports = f"{cost['import']:.2f}" if cost["import"] else ""
        cells = [workload, name, f"{cost['wall']:.2f}", f"{cost['cpu']:.2f}", f"{cost['memory']:.0f}", imports, *ratios]
        yield "| " + " | ".join(cells) + " |"


def surroundings(data):
    """Lines on the machine, the versions and the data."""
    with open("/proc/cpuinfo") as cpuinfo:
        model = next((line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name")), "")
    memory = os.sysconf("SC_PHYS_PAGES") * PAGE / 2**30
    names = ("xarray", "dask", "numpy", "netCDF4")
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    cdo = ""
    if shutil.which("cdo"):
        shown = subprocess.run(["cdo", "-V"], capture_output=True, text=True)
        cdo = ", CDO " + (shown.stdout + shown.stderr).split("version")[1].split()[0]
    files = glob.glob(os.path.join(data, "*.nc"))
    size = sum(map(os.path.getsize, files)) / 1e6
    yield f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
    yield f"Python {platform.python_version()}, {packages}{cdo}; {len(files)} files of {size:.0f} MB in all."


def warm(data):
    """Read the files once, so that no tool is the first to fetch them from the disk."""
    for path in glob.glob(os.path.join(data, "*.nc")):
        with open(path, "rb") as file:
            while file.read(1 << 20):
                pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graticule", metavar="BIN", help="Graticule's program; without it the others run alone")
    parser.add_argument("--data", default=DATA, help="daily files by scripts/make_aviso.py")
    parser.add_argument("--workloads", nargs="+", choices=TOLERANCES, default=list(TOLERANCES))
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()

    data = os.path.abspath(args.data)
    warm(data)
    print(*surroundings(data), sep="")
    print(f"Medians of {args.runs} runs; the last three columns are multiples of Graticule's.\n")
    print("| workload | tool | wall s | CPU s | peak MB | imports s | wall | CPU | memory |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    complaints = []
    for workload in args.workloads:
        tools = {}
        if args.graticule:
            tools["graticule"] = run_program([os.path.abspath(args.graticule)])
        tools["xarray + dask"] = run_program([sys.executable, os.path.join(HERE, "peer.py")])
        if workload in CDO_COMMANDS and shutil.which("cdo"):
            tools["CDO"] = run_cdo
        costs, wrong = compare(workload, tools, args.runs, data)
        complaints += wrong
        for line in rows(workload, costs):
            print(line, flush=True)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
