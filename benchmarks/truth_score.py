"""Holds an answer against the truth: who is accused wrongly, and which true violations are found.

The words are those of docs/benchmarks.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# A false accusation that several nuisances touch is put down to the first of these.
CAUSES: Final = (
    "misread", "clone", "closure", "wrong_clock", "wrong_place", "late_permit", "look_alike",
)  # fmt: skip
UNEXPLAINED: Final = "unexplained"
BOTH_CLOCKS: Final = dt.timedelta(seconds=2)  # how far the clocks of two cameras may be off
# Excused on an official way round; whoever has no permit in force is not.
_OF_THE_WAY: Final = ("off_route", "outside_hours", "absolute_ban")


@dataclass(slots=True)
class Score:
    """What one side makes of some hits.

    Attributes
    ----------
    hits, accused
        All hits, and those accused, held ones left out.
    false
        Accused, and the vehicle there did nothing wrong, or the plate belongs to another one.
    violators_misread
        Accused under a plate that nobody has, and the vehicle there is in the wrong; counted apart.
    true
        True violations that can be known.
    found, held, missed
        What became of these; they add up.
    causes
        False accusations by the nuisance that caused them.
    """

    hits: int = 0
    accused: int = 0
    false: int = 0
    violators_misread: int = 0
    true: int = 0
    found: int = 0
    held: int = 0
    missed: int = 0
    causes: dict[str, int] = field(default_factory=dict)

    @property
    def false_per_million(self) -> float:
        """False accusations in a million hits."""
        return 1e6 * self.false / self.hits

    @property
    def recall(self) -> float:
        """Share of the true violations that are accused."""
        return self.found / self.true

    def as_json(self) -> dict[str, Any]:
        """Return the counts and what is derived from them."""
        return asdict(self) | {
            "false_per_million": round(self.false_per_million, 2),
            "recall": round(self.recall, 5),
        }


def add(scores: Iterable[Score]) -> Score:
    """Return the score of all hits together."""
    total = Score()
    for score in scores:
        for name in (each.name for each in fields(Score) if each.name != "causes"):
            setattr(total, name, getattr(total, name) + getattr(score, name))
        for cause, count in score.causes.items():
            total.causes[cause] = total.causes.get(cause, 0) + count
    return total


def read_truth(city: Path) -> pl.DataFrame:
    """Read hits and truth of a city that `benchmarks.simulation.period` wrote.

    Returns
    -------
    pl.DataFrame
        One row a hit: `hit_id`; `real`, a violation by steps 2 to 8 that no closure excuses;
        `over_speed`, one by speed alone, at this camera or within BOTH_CLOCKS of it, which cameras
        may tell in another order; `own`, the plate as read is the vehicle's; `nobodys`, it is
        no vehicle's; `knowable`, a true violation that some answer could find; `cause`.
    """
    hits = pl.read_parquet(city / "hits/*.parquet", columns=["hit_id", "plate"])
    truth = pl.read_parquet(city / "truth/*.parquet")
    known = set(truth["plate"]) | set(pl.read_parquet(city / "vehicles.parquet")["plate"])
    rows = truth.rename({"plate": "rightful"}).join(hits, on="hit_id", validate="1:1")
    labels = pl.col("labels").str.split(",")
    excused = labels.list.contains("closure") & pl.col("reason").is_in(_OF_THE_WAY)
    cause = pl.lit(UNEXPLAINED)
    for name in reversed(CAUSES):
        cause = pl.when(labels.list.contains(name)).then(pl.lit(name)).otherwise(cause)
    rows = rows.select(
        "hit_id",
        real=pl.col("reason").is_not_null() & ~pl.col("over_speed") & ~excused,
        over_speed=pl.col("over_speed") | _beside_one_by_speed(1) | _beside_one_by_speed(-1),
        own=pl.col("plate") == pl.col("rightful"),
        nobodys=~pl.col("plate").is_in(known),
        out_of_sight=labels.list.contains("clone")
        | labels.list.contains("wrong_clock")
        | labels.list.contains("wrong_place"),
        cause=cause,
    )
    knowable = pl.col("real") & ~pl.col("out_of_sight") & ~(~pl.col("own") & pl.col("nobodys"))
    return rows.with_columns(knowable=knowable)


def _beside_one_by_speed(step: int) -> pl.Expr:
    """Tell whether the hit so many before that one of the same vehicle is a violation by speed."""
    at = pl.col("captured_at")
    near = (at - at.shift(step)).abs() <= BOTH_CLOCKS
    beside = (pl.col("over_speed").shift(step) & near).fill_null(value=False)
    return beside.over("vehicle", order_by="captured_at")


def score(truth: pl.DataFrame, answer: pl.DataFrame) -> Score:
    """Hold an answer against the truth of `read_truth`.

    `answer` has one row a violation: hit_id, reason, and held (null where it is accused).
    """
    judged = truth.join(answer, on="hit_id", how="left", validate="1:1").with_columns(
        accused=pl.col("reason").is_not_null() & pl.col("held").is_null(),
        doubted=pl.col("held").is_not_null(),
    )
    right = pl.col("own") & (
        pl.col("real") | (pl.col("over_speed") & (pl.col("reason") == "over_speed"))
    )
    anonymous = pl.col("real") & ~pl.col("own") & pl.col("nobodys")
    accused = judged.filter("accused")
    false = accused.filter(~right & ~anonymous)
    knowable = judged.filter("knowable")
    found = knowable.filter(pl.col("accused") & pl.col("own")).height
    held = knowable.filter("doubted").height
    causes = dict(false.group_by("cause").len().iter_rows())
    return Score(
        hits=judged.height,
        accused=accused.height,
        false=false.height,
        violators_misread=accused.filter(anonymous).height,
        true=knowable.height,
        found=found,
        held=held,
        missed=knowable.height - found - held,
        causes={name: causes[name] for name in (*CAUSES, UNEXPLAINED) if name in causes},
    )
