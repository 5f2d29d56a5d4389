"""Ask how long each step takes for a city of 1,000 cameras on a real road network, and its memory.

    python -m benchmarks.cities [--json FILE] [--hits N] [--permits N] [--data FOLDER] [--folder DIR]

The simulator makes the city; then every step runs in a process of its own: loading the network,
`check` (the city folder and its survey), compiling, and the sweep of the hits from the first byte
to the report. A step's seconds are its own work, without what it needs from the steps before; its
peak memory is the whole process's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Clock, FailedRun, machine, run_module, table
from enforcement.city import read_city
from enforcement.compiled_city import compile_city
from enforcement.coverage import survey_city
from enforcement.index.compiler import compile_rules
from enforcement.progress import quiet
from enforcement.sweep import SweepRequest, sweep
from roadnet.importers import read_network

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "../shared/data"
CITIES = ("porto", "beijing")


def load(folder: Path, counts: dict[str, object]) -> Clock:
    """Load the network."""
    definition, _ = read_city(str(folder))
    clock = Clock.start()
    graph = read_network(
        definition.network_file, datum=definition.coordinates, country=definition.holidays
    )
    counts["edges"] = graph.edge_count
    return clock


def check(folder: Path, counts: dict[str, object]) -> Clock:
    """Read the city folder, link its cameras and match its routes; the network is there."""
    definition, _ = read_city(str(folder))
    graph = read_network(
        definition.network_file, datum=definition.coordinates, country=definition.holidays
    )
    clock = Clock.start()
    definition, warnings = read_city(str(folder))
    coverage = survey_city(definition, graph, quiet)
    counts["routes"] = len(coverage.routes)
    counts["warnings"] = len(warnings) + len(coverage.warnings)
    counts["faults"] = len(coverage.faults)
    return clock


def compile_(folder: Path, counts: dict[str, object]) -> Clock:
    """Compile the rules of the surveyed city."""
    definition, _ = read_city(str(folder))
    graph = read_network(
        definition.network_file, datum=definition.coordinates, country=definition.holidays
    )
    coverage = survey_city(definition, graph, quiet)
    clock = Clock.start()
    rules = compile_rules(definition, coverage.route_cameras)
    counts["permits"] = len(rules.permit_ids)
    return clock


def judge(folder: Path, counts: dict[str, object]) -> Clock:
    """Sweep the hits of the compiled city."""
    city = compile_city(str(folder), quiet)
    out = folder.with_name(f"{folder.name}-results")
    request = SweepRequest((str(folder / "hits"),), str(out), workers=os.cpu_count() or 1)
    clock = Clock.start()
    summary = sweep(city, request)
    counts.update({name: summary[name] for name in ("hits", "duplicates", "cases", "verdicts")})
    return clock


STEPS = {"network": load, "check": check, "compile": compile_, "sweep": judge}


def _measure(options: argparse.Namespace, folder: Path) -> dict[str, dict[str, object]]:
    figures: dict[str, dict[str, object]] = {}
    rows: list[list[object]] = []
    for city in CITIES:
        network = options.data / f"roads/{city}.osm.pbf"
        if not network.exists():
            print(f"{city}: left out, its road network is not among the data")
            continue
        made = folder / city
        steps: dict[str, object] = {}
        order = [str(made), f"--network={network}", f"--cameras={options.cameras}",
                 f"--permits={options.permits}", f"--routes={options.routes}",
                 f"--hits={options.hits}"]  # fmt: skip
        run = run_module("benchmarks.simulate", *order)
        steps["simulate"] = {
            "seconds": round(run.wall_s, 1), "cpu_s": round(run.cpu_s, 1),
            "peak_mb": round(run.peak_mb),
        }  # fmt: skip
        for step in STEPS:
            run = run_module("benchmarks.cities", f"--step={step}", f"--folder={made}")
            steps[step] = {
                "seconds": round(run.said["wall_s"], 2), "cpu_s": round(run.said["cpu_s"], 2),
                "peak_mb": round(run.peak_mb), **run.said["counts"],
            }  # fmt: skip
        figures[city] = steps
        for name, step in steps.items():
            assert isinstance(step, dict)  # noqa: S101 - made above
            rows.append([f"{city}: {name}", step["seconds"], step["cpu_s"], step["peak_mb"]])
            print(f"{city} {name}: {step}", file=sys.stderr)
    print(table(["", "wall s", "CPU s", "peak MB"], rows))
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Measure every step of every city, or be one step."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cameras", type=int, default=1_000)
    parser.add_argument("--permits", type=int, default=20_000)
    parser.add_argument("--routes", type=int, default=400)
    parser.add_argument("--hits", type=int, default=2_000_000)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real data")
    parser.add_argument(
        "--folder", type=Path, help="keep the cities here; default a passing folder"
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--step", choices=STEPS, help="run this step only, in this process")
    options = parser.parse_args(arguments)
    if options.step:
        counts: dict[str, object] = {}
        clock = STEPS[options.step](options.folder, counts)
        print(json.dumps({**clock.read(), "counts": counts}))
        return 0
    try:
        if options.folder:
            options.folder.mkdir(parents=True, exist_ok=True)
            figures = _measure(options, options.folder.resolve())
        else:
            (ROOT / "out").mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=ROOT / "out", prefix="cities-") as folder:
                figures = _measure(options, Path(folder))
    except FailedRun as error:
        print(f"cities: {error}", file=sys.stderr)
        return 1
    if options.json:
        text = json.dumps({"machine": machine(), "cities": figures}, indent=1)
        options.json.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
