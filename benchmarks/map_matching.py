"""Ask how well, and how fast, the path is found that a drawn line or a GPS track means.

    python -m benchmarks.map_matching [--json [FILE]] [--seeds N] [--data FOLDER] [--only CASE ...]

Beside Valhalla Meili, in turns with the same points; `make peers` installs it.

track             50 GPS tracks of Kubicka et al., all points; Meili without their times, and with
track_one_in_30   the same, one point in 30
drawn             lines drawn from the routes (Douglas-Peucker at 15 m, then Gaussian noise of 10 m on
                  both axes), of each the longest piece without a hole; Meili as drawn, and
                  densified to 40 m, as in all that follow
drawn_across_holes  49 whole routes, where the street across a hole in the truth counts as extra
drawn_worse       simplified to 40 m, noise of 25 m; Meili densified, with search_radius 100
reversed          the longest stretch without one-way streets, drawn the other way
cropped           a random piece of 60 %
detour            with a detour drawn in: off the route, round a block and back
trucks            random shortest lorry routes in Heidelberg: directed edges, and streets either way
speed             Porto, 148 thousand edges: lines of 20 points, and GPS points 15 m apart

Recall is the truth's length that was found, mismatch what was missed and what was found beside it,
both of the truth's length. Figures are medians over the seeds. Each case is a process of its own,
on one thread; cases that are not run keep the figures that the file has of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from benchmarks.matching.cities import run_speed, run_trucks
from benchmarks.matching.driven import CASES as DRIVEN
from benchmarks.matching.driven import run_driven
from benchmarks.measuring import machine, table

DATA = FilePath(__file__).resolve().parents[1] / "../shared/data"
CASES = {
    **{name: partial(run_driven, name) for name in DRIVEN},
    "trucks": run_trucks,
    "speed": run_speed,
}
TIMES = ("line_p50_ms", "line_p95_ms", "line_cpu_p50_ms", "line_cpu_p95_ms")


def run_case(case: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run a case as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.map_matching", "--case", case]
    command += ["--seeds", str(options.seeds), "--data", str(options.data)]
    one_thread = {**os.environ, "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=one_thread)
    figures: dict[str, Any] = json.loads(run.stdout)
    return figures


def report(results: dict[str, Any]) -> str:
    """Return the figures as a Markdown table for each kind of case."""
    quality, speed = [], []
    for case, result in results.items():
        for side, figures in result["sides"].items():
            name = f"{case}: {side}"
            if isinstance(figures, str):
                quality.append([name, figures, "", "", ""])
            elif "line_p50_ms" in figures:
                times = [f"{figures[key]:.1f}" for key in TIMES]
                speed.append([name, *times, f"{figures['k_points_per_cpu_s']:.0f}"])
            else:
                shares = [f"{figures[key]:.2f}" for key in ("recall_pct", "mismatch_pct")]
                quality.append([name, result["lines"], *shares, f"{figures['cpu_s']:.2f}"])
    tables = []
    if quality:
        tables.append(table(["", "lines", "recall %", "mismatch %", "CPU s"], quality))
    if speed:
        head = ["", "line p50 ms", "p95", "CPU p50 ms", "CPU p95", "1,000 points/CPU s"]
        tables.append(table(head, speed))
    return "\n\n".join(tables)


def main() -> None:
    """Run every case, or some, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", nargs="?", const="-", help="print JSON, or keep it in a file")
    parser.add_argument("--seeds", type=int, default=3, help="drawings of each route")
    parser.add_argument("--data", type=FilePath, default=DATA, help="folder of the real data")
    parser.add_argument("--only", nargs="+", choices=CASES, help="run these cases only")
    parser.add_argument("--case", choices=CASES, help="run this case in this process")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(CASES[options.case](options.data, options.seeds)))
        return
    file = FilePath(options.json) if options.json and options.json != "-" else None
    results: dict[str, Any] = {}
    if file is not None and file.exists():
        results = json.loads(file.read_text())["cases"]
    for case in options.only or CASES:
        results[case] = run_case(case, options)
        text = json.dumps({"machine": machine(), "cases": results}, indent=2)
        if file is not None:
            file.write_text(text + "\n")
    if options.json == "-":
        print(text)
        return
    print(report(results))


if __name__ == "__main__":
    main()
