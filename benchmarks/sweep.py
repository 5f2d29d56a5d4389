"""Ask how fast a day of 20 million hits is judged, beside the best SQL that gives the same answer.

    python -m benchmarks.sweep [--hits N] [--permits N] [--routes N] [--cameras N] [--runs N]
                               [--json FILE] [--folder DIR]

Each run is a process of its own and the two sides take turns. Ours: rules compiled before the
clock starts; then `enforcement.sweep.sweep` from the first byte of the files to the report. Theirs:
`benchmarks.sweep_peer`. The answers are compared, row by row; a difference ends with status 1.
Ours also asks the doubts, which theirs does not: held or not, the violations must be the same. How
long the doubts take is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.measuring import Clock, FailedRun, Run, machine, run_module, table
from benchmarks.sweep_hits import write_hits
from benchmarks.sweep_peer import FORMS, make_tables, sweep_by_sql
from benchmarks.sweep_world import Size, compile_world, make_world
from enforcement import engine
from enforcement import sweep as sweeping
from enforcement.findings import REASON_NAMES
from enforcement.sweep import SweepRequest, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
COMPARED = [
    "captured_at",
    "camera_id",
    "plate",
    "plate_class",
    "reason",
    "restriction_id",
    "permit_id",
]


def make_day(options: argparse.Namespace) -> None:
    """Write hits and the peer's tables, once."""
    hits = options.folder / "hits"
    if not (options.folder / "made").exists():
        shutil.rmtree(hits, ignore_errors=True)
        world = make_world(_size(options))
        make_tables(world, options.folder / "rules.duckdb")
        write_hits(world, options.hits, hits, hit_ids=options.hit_ids)
        (options.folder / "made").touch()
    size = sum(path.stat().st_size for path in hits.iterdir())
    print(json.dumps({"hits_mb": round(size / 1e6, 1)}))


def run_ours(options: argparse.Namespace) -> None:
    """Compile, then sweep against the clock."""
    clock = Clock.start()
    city = compile_world(make_world(_size(options)))
    compiling = clock.read()
    clock = Clock.start()
    stages: dict[str, float] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if done == total:
            stages[stage] = round(clock.read()["wall_s"], 3)

    out = options.folder / "ours"
    request = SweepRequest((str(options.folder / "hits"),), str(out), workers=options.threads)
    with (
        timed(engine, ("doubt", "hourly_rows", "daily_reads")) as doubting,
        timed(sweeping, ("avoided_cameras",)) as avoiding,
    ):
        summary = sweep(city, request, progress)
    used = clock.read()
    answer = {name: summary[name] for name in ("hits", "duplicates", "verdicts")}
    # The peer has no doubts: count what is held by its reason as well.
    found = pl.read_parquet(out / "violations.parquet")["reason"].value_counts()
    answer["reasons"] = dict.fromkeys(REASON_NAMES[1:], 0) | dict(found.sort("reason").iter_rows())
    answer["reasons"] = dict(sorted(answer["reasons"].items()))
    held = {"held": summary["held"], "doubts_s": round(sum(doubting + avoiding), 3)}
    held["avoidance_s"] = round(sum(avoiding), 3)
    print(json.dumps({**used, **held, "compiling": compiling, "done_at": stages, "answer": answer}))


@contextmanager
def timed(module: ModuleType, names: tuple[str, ...]) -> Iterator[list[float]]:
    """Time the calls of some functions of a module, by the wall clock."""
    seconds: list[float] = []

    def timing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                seconds.append(time.perf_counter() - began)

        return call

    own = {name: getattr(module, name) for name in names}
    for name, function in own.items():
        setattr(module, name, timing(function))
    try:
        yield seconds
    finally:
        for name, function in own.items():
            setattr(module, name, function)


def run_theirs(options: argparse.Namespace) -> None:
    """Sweep by SQL against the clock."""
    said = sweep_by_sql(
        options.folder / "rules.duckdb", options.folder / "hits", options.folder / "theirs",
        threads=options.threads, form=options.form, hit_ids=options.hit_ids,
    )  # fmt: skip
    print(json.dumps(said))


PARTS = {"make": make_day, "ours": run_ours, "theirs": run_theirs}


def differences(folder: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Compare counts and every violation."""
    found = [
        f"{name}: ours {ours[name]}, theirs {theirs[name]}"
        for name in ours
        if ours[name] != theirs[name]
    ]
    mine, other = (_violations(folder / side / "violations.parquet") for side in ("ours", "theirs"))
    if not mine.equals(other):
        for word, one, two in (("ours", mine, other), ("theirs", other, mine)):
            alone = one.join(two, on=COMPARED, how="anti", nulls_equal=True)
            found.append(f"{alone.height} violations are only {word}: {alone.head(3).to_dicts()}")
    return found


def _violations(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path, columns=COMPARED)
    # The peer writes no plate class as 255 and has no leading zeros.
    code = pl.col("plate_class").cast(pl.Int32)
    plate_class = pl.when(code == 255).then(None).otherwise(code)
    return frame.with_columns(
        plate_class=plate_class, captured_at=pl.col("captured_at").dt.epoch("us")
    ).sort(COMPARED)


def summarise(name: str, runs: list[Run], hits: int) -> dict[str, Any]:
    """Return the medians of one side."""
    wall, cpu = (statistics.median(run.said[key] for run in runs) for key in ("wall_s", "cpu_s"))
    return {
        "side": name,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "million_hits_per_cpu_s": round(hits / cpu / 1e6, 2),
        "peak_mb": round(statistics.median(run.peak_mb for run in runs)),
        "runs": [
            {
                "wall_s": round(run.said["wall_s"], 2),
                "cpu_s": round(run.said["cpu_s"], 2),
                "peak_mb": round(run.peak_mb),
                "stages": run.said.get("stages") or run.said.get("done_at"),
            }
            for run in runs
        ],
    }


def _size(options: argparse.Namespace) -> Size:
    return Size(options.permits, options.routes, options.cameras, options.schedules)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hits", type=int, default=20_000_000)
    parser.add_argument("--permits", type=int, default=200_000)
    parser.add_argument("--routes", type=int, default=20_000)
    parser.add_argument("--cameras", type=int, default=5_000)
    parser.add_argument("--schedules", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--form", choices=FORMS, default="join", help="the peer's way to duplicates"
    )
    parser.add_argument("--hit-ids", action="store_true", help="files with a hit_id column")
    parser.add_argument("--folder", type=Path, help="keep the files here; default a passing folder")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--part", choices=PARTS, help="run this part only, in this process")
    return parser.parse_args(arguments)


def _measure(options: argparse.Namespace, folder: Path) -> int:
    given = [f"--folder={folder}"]
    given += [
        f"--{name}={getattr(options, name)}"
        for name in ("hits", "permits", "routes", "cameras", "schedules", "threads", "form")
    ]
    if options.hit_ids:
        given.append("--hit-ids")
    made = run_module("benchmarks.sweep", "--part=make", *given)
    runs: dict[str, list[Run]] = {"ours": [], "theirs": []}
    for _ in range(options.runs):
        for side, done in runs.items():
            done.append(run_module("benchmarks.sweep", f"--part={side}", *given))
            print(f"{side}: {done[-1].said['wall_s']:.1f} s", file=sys.stderr)
    answers = [done[-1].said["answer"] for done in runs.values()]
    wrong = differences(folder, *answers)
    ours = summarise("freightpass", runs["ours"], options.hits)
    theirs = summarise("DuckDB", runs["theirs"], options.hits)
    head = ["", "wall s", "CPU s", "M hits/CPU-s", "peak MB", "CPU, times ours"]
    rows: list[list[object]] = [
        [one["side"], one["wall_s"], one["cpu_s"], one["million_hits_per_cpu_s"], one["peak_mb"],
         f"{one['cpu_s'] / ours['cpu_s']:.2f}"]
        for one in (ours, theirs)
    ]  # fmt: skip
    print(table(head, rows))
    compiling = statistics.median(run.said["compiling"]["wall_s"] for run in runs["ours"])
    print(
        f"\nrules compiled in {compiling:.1f} s; hits are {made.said['hits_mb']:.0f} MB of Parquet"
    )
    print(f"answer: {json.dumps(answers[0])}")
    doubts = [run.said["doubts_s"] for run in runs["ours"]]
    shares = [
        run.said["doubts_s"] / (run.said["wall_s"] - run.said["doubts_s"]) for run in runs["ours"]
    ]
    print(
        f"doubts: {statistics.median(doubts):.2f} s, {statistics.median(shares):.0%} beside the rest "
        f"of the sweep; held: {json.dumps(runs['ours'][0].said['held'])}"
    )
    if options.json:
        figures = {
            "machine": machine(), "hits": options.hits, "permits": options.permits,
            "routes": options.routes, "cameras": options.cameras, "threads": options.threads,
            "hit_ids": options.hit_ids, "form": options.form, "hits_mb": made.said["hits_mb"],
            "compiling_s": round(compiling, 2), "doubts_s": statistics.median(doubts),
            "doubts_beside_the_rest": round(statistics.median(shares), 3), "answer": answers[0], "sides": [ours, theirs],
        }  # fmt: skip
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    for line in wrong:
        print(f"the answers differ: {line}", file=sys.stderr)
    return 1 if wrong else 0


def main(arguments: list[str] | None = None) -> int:
    """Measure both sides, or be one of them."""
    options = _options(arguments)
    if options.part:
        PARTS[options.part](options)
        return 0
    try:
        if options.folder:
            options.folder.mkdir(parents=True, exist_ok=True)
            return _measure(options, options.folder.resolve())
        (ROOT / "out").mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=ROOT / "out", prefix="sweep-") as folder:
            return _measure(options, Path(folder))
    except FailedRun as error:
        print(f"sweep: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
