"""Ask how often somebody is accused wrongly, and how many true violations are found.

    python -m benchmarks.truth [--nuisance NAME ...] [--seeds N ...] [--size TRUCKS] [--days N]
                               [--json FILE] [--folder DIR]

The simulator makes days of a city with known truth: with nothing wrong, with each nuisance alone,
with all together. freightpass sweeps all days with all that was recorded since; the plain SQL join
sweeps each day at its end with what was known then. Where nothing is wrong both must answer alike; a
difference ends with status 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.measuring import machine, table
from benchmarks.plain_join import accuse
from benchmarks.simulation.instants import midnight_s
from benchmarks.simulation.layout import Order
from benchmarks.simulation.period import NUISANCES, lay_out_period, make_period
from benchmarks.truth_score import CAUSES, UNEXPLAINED, Score, add, read_truth, score
from enforcement.compiled_city import compile_city
from enforcement.sweep import SweepRequest, sweep

ROOT: Final = Path(__file__).resolve().parents[1]
FIRST_DAY: Final = dt.date(2026, 3, 17)
SETTINGS: Final = {"none": (), **{name: (name,) for name in NUISANCES}, "all": tuple(NUISANCES)}
SIDES: Final = ("freightpass", "plain join")
_TRUCKS_FOR_A_PERMIT: Final = 2.2
_HITS_OF_A_TRUCK: Final = 20  # a day, those of cars for each truck included


@dataclass(frozen=True, slots=True)
class Judged:
    """One city of one seed: both scores, and what the sides say of the same hits differently."""

    seed: int
    setting: str
    scores: dict[str, Score]
    differences: int
    seconds: float


def order_of(folder: Path, seed: int, trucks: int) -> Order:
    """Return what to make: a city with so many goods vehicles."""
    return Order(
        folder,
        FIRST_DAY,
        seed,
        cameras=500,
        permits=round(trucks / _TRUCKS_FOR_A_PERMIT),
        routes=60,
        hits=_HITS_OF_A_TRUCK * trucks,
        freight_share=0.35,
    )


def judge_seed(
    folder: Path, seed: int, settings: list[str], trucks: int, days: int
) -> list[Judged]:
    """Make the cities of one seed, let both sides judge them, and score the answers."""
    order = order_of(folder / f"{seed}-roads", seed, trucks)
    layout = lay_out_period(order, days)
    found = []
    for setting in settings:
        began = time.perf_counter()
        city = folder / f"{seed}-{setting}"
        make_period(
            replace(order, out=city), days, layout, order.out / "network.osm.pbf", SETTINGS[setting]
        )
        answers = judge_city(city, days)
        truth = read_truth(city)
        scores = {side: score(truth, answer) for side, answer in answers.items()}
        seconds = time.perf_counter() - began
        print(f"seed {seed}, {setting}: {seconds:.0f} s", file=sys.stderr)
        found.append(Judged(seed, setting, scores, _differences(answers), round(seconds, 1)))
    return found


def judge_city(folder: Path, days: int) -> dict[str, pl.DataFrame]:
    """Let both sides judge a city's hits; each answer has hit_id, reason and held."""
    city = compile_city(str(folder))
    sweep(city, SweepRequest((str(folder / "hits"),), str(folder / "out")))
    columns = ["hit_id", "reason", "held"]
    ours = pl.read_parquet(folder / "out/violations.parquet", columns=columns)
    daily = []
    for number in range(days):
        day = FIRST_DAY + dt.timedelta(days=number)
        files = sorted(str(path) for path in (folder / "hits").glob(f"{day}T*.parquet"))
        evening_us = round(midnight_s(day + dt.timedelta(days=1)) * 1e6)
        daily.append(pl.DataFrame(accuse(city, files, evening_us)))
    theirs = pl.concat(daily).with_columns(held=pl.lit(None, pl.String))
    return dict(zip(SIDES, (ours, theirs), strict=True))


def _differences(answers: dict[str, pl.DataFrame]) -> int:
    """Count violations that one side has and the other has not, or with another reason.

    The plain join knows nothing of speed.
    """
    ours, theirs = (answers[side] for side in SIDES)
    accused = ours.filter(pl.col("held").is_null() & (pl.col("reason") != "over_speed"))
    on = ["hit_id", "reason"]
    return sum(
        one.join(other, on=on, how="anti").height
        for one, other in ((accused, theirs), (theirs, accused))
    )


def times_fewer(ours: Score, theirs: Score) -> float | None:
    """Return how many times fewer false accusations; None where neither makes one."""
    if ours.false:
        return theirs.false / ours.false
    return float("inf") if theirs.false else None


def _rows(found: list[Judged]) -> list[tuple[str, Score, Score]]:
    settings = list(dict.fromkeys(one.setting for one in found))
    return [
        (
            setting,
            *(add(one.scores[side] for one in found if one.setting == setting) for side in SIDES),
        )
        for setting in settings
    ]


def show(found: list[Judged]) -> str:
    """Return the figures as tables: by nuisance, and false accusations of each by cause."""
    head = [
        "", "hits", "true", "false per M: plain", "freightpass", "times fewer",
        "recall %: plain", "freightpass", "held true %",
    ]  # fmt: skip
    lines: list[list[object]] = []
    causes: list[list[object]] = []
    for setting, ours, theirs in _rows(found):
        fewer = times_fewer(ours, theirs)
        lines.append(
            [
                setting, ours.hits, ours.true, f"{theirs.false_per_million:.1f}",
                f"{ours.false_per_million:.1f}", "" if fewer is None else f"{fewer:.1f}",
                f"{100 * theirs.recall:.2f}", f"{100 * ours.recall:.2f}",
                f"{100 * ours.held / ours.true:.2f}",
            ]
        )  # fmt: skip
        causes += [
            [f"{setting}: {cause}", theirs.causes.get(cause, 0), ours.causes.get(cause, 0)]
            for cause in (*CAUSES, UNEXPLAINED)
            if cause in theirs.causes or cause in ours.causes
        ]
    by_cause = table(["false accusations", "plain", "freightpass"], causes)
    return f"{table(head, lines)}\n\n{by_cause}"


def as_json(found: list[Judged], options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures: all seeds together, and each."""
    together = [
        {
            "setting": setting,
            "times_fewer": None if (fewer := times_fewer(ours, theirs)) == float("inf") else fewer,
            "freightpass": ours.as_json(),
            "plain join": theirs.as_json(),
        }
        for setting, ours, theirs in _rows(found)
    ]
    each = [
        {
            "seed": one.seed,
            "setting": one.setting,
            "seconds": one.seconds,
            "differences": one.differences,
            **{side: one.scores[side].as_json() for side in SIDES},
        }
        for one in found
    ]
    return {
        "machine": machine(),
        "seeds": options.seeds,
        "trucks": options.size,
        "days": options.days,
        "together": together,
        "each": each,
    }


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--nuisance", nargs="+", choices=SETTINGS, default=list(SETTINGS), metavar="NAME",
        help=f"any of {', '.join(SETTINGS)}; default every one",
    )  # fmt: skip
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--size", type=int, default=10_000, metavar="TRUCKS")
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="seeds at a time")
    parser.add_argument(
        "--folder", type=Path, help="keep the cities here; default a passing folder"
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args(arguments)


def _measure(options: argparse.Namespace, folder: Path) -> int:
    jobs = min(options.jobs, len(options.seeds))
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = [
            pool.submit(judge_seed, folder, seed, options.nuisance, options.size, options.days)
            for seed in options.seeds
        ]
        found = [one for future in waiting for one in future.result()]
    print(show(found))
    if options.json:
        figures = json.dumps(as_json(found, options), indent=1)
        options.json.write_text(figures + "\n", encoding="utf-8")
    wrong = [one for one in found if one.setting == "none" and one.differences]
    for one in wrong:
        print(
            f"truth: seed {one.seed} without a nuisance: {one.differences} violations differ",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def main(arguments: list[str] | None = None) -> int:
    """Make the cities, judge them, print the figures."""
    options = _options(arguments)
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        return _measure(options, options.folder.resolve())
    (ROOT / "out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "out", prefix="truth-") as folder:
        return _measure(options, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
