#!/usr/bin/env python3
"""Compare Graticule with xarray + dask and with CDO, process against process.

    run.py --graticule BIN [--limits BIN] [--data DIR] [--workloads time_mean all_three] [--runs 3] [--threads N]
    run.py                                   the others alone

BIN is Graticule's program: `BIN WORKLOAD --data DIR` prints the line of JSON that peer.py prints.
The tools take turns, so that a change in the machine's load meets all of them. Measured for each
process, children included: wall seconds from start to end, CPU seconds (user and system), and the
greatest resident memory. The seconds that a Python process spends on imports are in the wall and CPU
seconds, and shown apart. CDO runs where it has operators for the same formula.

Results must agree within the tolerance of the workload: 1e-9 of the value on files (1e-8 m absolute
for the anomalies, whose weights xarray rounds to single precision), and what chance allows on random
numbers. Prints a Markdown table of medians, and exits with 1 if a tool failed or results differ.

Beside each ratio of wall seconds and of memory to xarray + dask stands what it is meant to be at least. With --limits,
the program of limits.rs, a column shows in how many seconds two threads of this machine could do the same work at best
(see LIMITS), and how many times that Graticule takes, its start included. Three sections follow: `scaling`, the wall
seconds of one thread as multiples of those of two; `engine`, what the engine costs beside the work itself; and `labels`,
what labels cost beside the engine, and what xarray's cost beside numpy.
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
PEER = "xarray + dask"
PAGE = os.sysconf("SC_PAGE_SIZE")
# Relative and absolute tolerance of the numbers in a result.
TOLERANCES = {
    "product_mean": (0, 1e-4),
    "cos_mean": (0, 1e-4),
    "histogram": (1e-6, 1e-3),
    "rechunk": (0, 1e-5),
    "tiny_chunks": (1e-12, 0),
    "virtual_variance": (1e-9, 1e-12),
    "quantile": (1e-9, 1e-12),
    "open_year": (0, 0),
    "time_mean": (1e-9, 1e-12),
    "anomaly_variance": (1e-9, 1e-12),
    "weighted_anomaly": (1e-9, 1e-8),
    "climatology": (1e-9, 1e-12),
    "climatology_std": (1e-9, 1e-12),
    "monthly": (1e-9, 1e-12),
    "rolling": (1e-9, 1e-12),
    # xarray adds up the weights, which are float32, in single precision.
    "weighted": (3e-6, 0),
    "all_three": (1e-9, 1e-8),
}
# How many times the wall seconds and the memory of Graticule those of xarray + dask are to be at least.
TARGETS = {
    "product_mean": (4, 3),
    "cos_mean": (8, None),
    "histogram": (8, None),
    "tiny_chunks": (500, None),
    "virtual_variance": (8, 10),
    "quantile": (8, None),
    "climatology": (5, 5),
    "climatology_std": (5, 5),
    "monthly": (5, 5),
    "rolling": (5, 5),
    "weighted": (5, 5),
}
# What Graticule's program is told beside the workload.
OPTIONS = {"rechunk": ["--limit", "500MB"]}
# The work that no program can avoid, as (amount, rate of limits.rs): seconds are the sum of amount / rate, as if
# nothing overlapped. What must be read or written outside of the caches counts in bytes, other work in elements.
# Workloads on files have none: what inflating costs is not among the rates.
LIMITS = {
    # Each number is drawn once, and is a factor once.
    "product_mean": [(8e8, "uniform"), (8e8, "multiply_add")],
    # Each number is drawn once and has a cosine, whose square is added.
    "cos_mean": [(8e8, "uniform"), (8e8, "cos"), (8e8, "multiply_add")],
    # A normal number takes at least one draw; how it is transformed is not counted.
    "histogram": [(2e8, "uniform"), (2e8, "count")],
    # Drawn, copied out of the memory that is allowed, and copied back in; 16 bytes for each number copied.
    "rechunk": [(730 * 720 * 1440, "uniform"), (2 * 16 * 730 * 720 * 1440, "copy")],
    # An addition and a sum in the first cache.
    "tiny_chunks": [(1e7, "multiply_add")],
    # Of each product, which is nowhere in memory: into the sum, the deviation, into the sum of squares.
    "virtual_variance": [(3 * 1e9, "multiply_add")],
    # Made in pieces that were cut along the axis, so written once and read once, and selected from.
    "quantile": [(16 * 2e8, "copy"), (2e8, "select")],
}
SCALED = ("product_mean", "cos_mean", "histogram")
SCALING_TARGET = 1.8
# Microseconds that labels may add to a small operation.
LABELS_TARGET = 20
# What is measured, the unit, and what it is to be below.
ENGINE = {
    "plan_ms": ("plan of a million chunks, median", "ms", 50),
    "add_us": ("two arrays of ten added, median", "µs", 2),
    "add_us_min": ("two arrays of ten added, least", "µs", 2),
    "chunk_ns": ("a chunk of 100 numbers, of 100 000, median", "ns", None),
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


def run_program(command, threads=None, options={}):
    """Run peer.py or Graticule's program."""
    threads = ["--threads", str(threads)] if threads else []

    def run(workload, data, directory):
        arguments = [*command, workload, "--data", data, *threads, *options.get(workload, [])]
        cost, output = measure(arguments, directory)
        line = json.loads(output.strip().splitlines()[-1])
        # A process that ends at once is gone before a sample is taken; then what it says itself counts.
        cost["memory"] = max(cost["memory"], (line.get("peak_bytes") or 0) / 1e6)
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


def medians_of(costs):
    """Medians of the costs, by tool."""
    return {
        name: {key: statistics.median(cost[key] for cost in measured) for key in measured[0]}
        for name, measured in costs.items()
        if measured
    }


def judged(ratio, target):
    """A target, and whether it is reached."""
    return f"{target} {'yes' if ratio >= target else '**no**'}" if target else ""


def rows(workload, costs, limits):
    """Lines of the table: medians, how many times those of Graticule they are, targets, and the machine's limit."""
    medians = medians_of(costs)
    base = medians.get("graticule")
    for name, cost in medians.items():
        ratios = {key: cost[key] / base[key] for key in ("wall", "cpu", "memory") if base and base[key]}
        targets = ["", ""]
        if name == PEER and ratios:
            wall, memory = TARGETS.get(workload, (None, None))
            targets = [judged(ratios["wall"], wall), judged(ratios["memory"], memory)]
        limit = ["", ""]
        if name == "graticule" and limits and workload in LIMITS:
            seconds = sum(amount / limits[rate] for amount, rate in LIMITS[workload])
            limit = [f"{seconds:.3f}", f"{cost['wall'] / seconds:.1f}"]
        imports = f"{cost['import']:.2f}" if cost["import"] else ""
        cells = [workload, name, f"{cost['wall']:.2f}", f"{cost['cpu']:.2f}", f"{cost['memory']:.0f}", imports]
        cells += [f"{ratio:.1f}" for ratio in ratios.values()] or [""] * 3
        yield "| " + " | ".join([*cells, *targets, *limit]) + " |"


def scaling(command, workloads, runs, data):
    """Lines of the table of one thread beside two."""
    yield "\n## Scaling: Graticule with one thread and with two\n"
    yield "| workload | 1 thread, wall s | 2 threads, wall s | ratio | target |"
    yield "|---|--:|--:|--:|--:|"
    for workload in workloads:
        tools = {str(n): run_program(command, n, OPTIONS) for n in (1, 2)}
        costs, wrong = compare(workload, tools, runs, data)
        if wrong:
            raise RuntimeError(wrong[0])
        one, two = (cost["wall"] for cost in medians_of(costs).values())
        yield f"| {workload} | {one:.2f} | {two:.2f} | {one / two:.2f} | {judged(one / two, SCALING_TARGET)} |"


def engine(command):
    """Lines of the table of what the engine costs beside the work."""
    measured = json.loads(subprocess.check_output([*command, "engine"]))
    yield "\n## Engine: what it costs beside the work itself\n"
    yield "| what | measured | target |"
    yield "|---|--:|--:|"
    for key, (what, unit, target) in ENGINE.items():
        wanted = f"< {target} {unit} {'yes' if measured[key] < target else '**no**'}" if target else ""
        yield f"| {what} | {measured[key]:.3g} {unit} | {wanted} |"


def labels(command):
    """Lines of the table of what labels add to small operations, beside what xarray adds."""
    mine = json.loads(subprocess.check_output([*command, "labels"]))
    theirs = json.loads(subprocess.check_output([sys.executable, os.path.join(HERE, "peer.py"), "labels"]))
    yield "\n## Labels: small operations on arrays of 10 by 10, in microseconds\n"
    yield "| operation | Graticule | without labels | labels | target | xarray | numpy | labels |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for operation, (labeled, bare) in mine.items():
        cost = labeled - bare
        wanted = f"< {LABELS_TARGET} {'yes' if cost < LABELS_TARGET else '**no**'}"
        xarray, numpy = theirs[operation]
        cells = [operation, f"{labeled:.1f}", f"{bare:.1f}", f"{cost:.1f}", wanted]
        yield "| " + " | ".join([*cells, f"{xarray:.0f}", f"{numpy:.1f}", f"{xarray - numpy:.0f}"]) + " |"


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
    parser.add_argument("--threads", type=int, help="threads of Graticule and of dask; as many as cores without it")
    parser.add_argument("--limits", metavar="BIN", help="the program of limits.rs: shows what the machine could do")
    args = parser.parse_args()

    data = os.path.abspath(args.data)
    warm(data)
    print(*surroundings(data), sep="")
    limits = json.loads(subprocess.check_output(os.path.abspath(args.limits)))["2"] if args.limits else None
    if limits:
        print("Of two threads:", ", ".join(f"{name} {rate / 1e9:.2f}" for name, rate in limits.items()), "in 1e9/s.")
    print(f"Medians of {args.runs} runs; wall, CPU and memory again as multiples of Graticule's.\n")
    print(
        "| workload | tool | wall s | CPU s | peak MB | imports s | wall | CPU | memory "
        "| wall target | memory target | limit s | of limit |"
    )
    print("|---|---" + "|--:" * 11 + "|")
    graticule = [os.path.abspath(args.graticule)] if args.graticule else None
    complaints = []
    for workload in args.workloads:
        tools = {}
        if graticule:
            tools["graticule"] = run_program(graticule, args.threads, OPTIONS)
        tools[PEER] = run_program([sys.executable, os.path.join(HERE, "peer.py")], args.threads)
        if workload in CDO_COMMANDS and shutil.which("cdo"):
            tools["CDO"] = run_cdo
        costs, wrong = compare(workload, tools, args.runs, data)
        complaints += wrong
        for line in rows(workload, costs, limits):
            print(line, flush=True)
    if graticule:
        scaled = [workload for workload in SCALED if workload in args.workloads]
        try:
            scaling_lines = scaling(graticule, scaled, args.runs, data) if scaled else []
            for section in (scaling_lines, engine(graticule), labels(graticule)):
                for line in section:
                    print(line, flush=True)
        except (OSError, RuntimeError, ValueError, KeyError, subprocess.CalledProcessError) as error:
            complaints.append(f"sections: {error}")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
