"""Who counts as accused wrongly, and which true violations an answer has to find."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from benchmarks.truth_score import Score, add, read_truth, score

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = {
    "rightful": "赣C10001", "plate": "赣C10001", "reason": None, "over_speed": False, "labels": "",
    "vehicle": 1, "captured_at": dt.datetime(2026, 3, 17, 9, tzinfo=dt.UTC),
}  # fmt: skip
WRONG = RIGHT | {"reason": "off_route"}
OTHER = "赣C20002"  # a registered vehicle
NOBODY = "赣C3OOO3"


def scored(
    folder: Path, row: dict[str, Any], reason: str | None, held: str | None = None, *others: Any
) -> Score:
    """Score the answer to one hit, of which there may be others that are not answered."""
    for name in ("hits", "truth"):
        (folder / name).mkdir(exist_ok=True)
    rows = [one | {"hit_id": f"h-{number}"} for number, one in enumerate((row, *others), 1)]
    hits = pl.DataFrame(rows, schema_overrides={"reason": pl.String})
    hits.select("hit_id", "plate").write_parquet(folder / "hits/1.parquet")
    truth = hits.drop("plate").rename({"rightful": "plate"})
    truth.write_parquet(folder / "truth/1.parquet")
    pl.DataFrame({"plate": [OTHER]}).write_parquet(folder / "vehicles.parquet")
    schema = {"hit_id": pl.String, "reason": pl.String, "held": pl.String}
    said = [] if reason is None else [("h-1", reason, held)]
    return score(read_truth(folder), pl.DataFrame(said, schema=schema, orient="row"))


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (RIGHT, "unexplained"),
        (RIGHT | {"plate": NOBODY, "labels": "misread"}, "misread"),
        (RIGHT | {"plate": OTHER, "labels": "clone"}, "clone"),
        (WRONG | {"plate": OTHER, "labels": "clone"}, "clone"),
        (WRONG | {"plate": OTHER, "labels": "misread,wrong_clock"}, "misread"),
        (RIGHT | {"labels": "wrong_clock"}, "wrong_clock"),
        (WRONG | {"labels": "closure"}, "closure"),
    ],
)
def test_false_accusations(tmp_path: Path, row: dict[str, Any], cause: str) -> None:
    found = scored(tmp_path, row, "off_route")
    assert (found.accused, found.false, found.found) == (1, 1, 0)
    assert found.causes == {cause: 1}


@pytest.mark.parametrize("row", [RIGHT, RIGHT | {"plate": OTHER, "labels": "misread"}])
@pytest.mark.parametrize("held", [None, "look_alike"])
def test_nobody_is_wronged_by_what_is_not_said_or_held(
    tmp_path: Path, row: dict[str, Any], held: str | None
) -> None:
    found = scored(tmp_path, row, held and "off_route", held)
    assert found == Score(hits=1)


def test_a_true_violation_is_found_held_or_missed(tmp_path: Path) -> None:
    assert scored(tmp_path, WRONG, "no_permit") == Score(hits=1, accused=1, true=1, found=1)
    assert scored(tmp_path, WRONG, "no_permit", "clock") == Score(hits=1, true=1, held=1)
    assert scored(tmp_path, WRONG, None) == Score(hits=1, true=1, missed=1)


@pytest.mark.parametrize("label", ["wrong_clock", "wrong_place"])
def test_a_violation_at_a_wrong_camera_need_not_be_found(tmp_path: Path, label: str) -> None:
    assert scored(tmp_path, WRONG | {"labels": label}, None) == Score(hits=1)
    assert scored(tmp_path, WRONG | {"labels": label}, "off_route") == Score(hits=1, accused=1)


def test_a_violator_misread_as_nobody_counts_on_neither_side(tmp_path: Path) -> None:
    row = WRONG | {"plate": NOBODY, "labels": "misread"}
    assert scored(tmp_path, row, None) == Score(hits=1)
    assert scored(tmp_path, row, "no_permit") == Score(hits=1, accused=1, violators_misread=1)


def test_a_violator_misread_as_somebody_is_missed_and_somebody_wronged(tmp_path: Path) -> None:
    row = WRONG | {"plate": OTHER, "labels": "misread"}
    assert scored(tmp_path, row, None) == Score(hits=1, true=1, missed=1)
    found = scored(tmp_path, row, "no_permit")
    assert (found.false, found.true, found.missed) == (1, 1, 1)


def test_who_has_no_permit_in_force_is_not_excused_by_a_closure(tmp_path: Path) -> None:
    row = WRONG | {"reason": "expired", "labels": "closure"}
    assert scored(tmp_path, row, "expired").found == 1


def test_speed_is_judged_apart(tmp_path: Path) -> None:
    fast = RIGHT | {"reason": "over_speed", "over_speed": True}
    assert scored(tmp_path, fast, "over_speed") == Score(hits=1, accused=1)
    assert scored(tmp_path, fast, "off_route").false == 1
    assert scored(tmp_path, RIGHT, "over_speed").false == 1


@pytest.mark.parametrize(
    ("vehicle", "seconds", "false"), [(1, 2, 0), (1, -2, 0), (1, 2.1, 1), (1, -2.1, 1), (2, 0, 1)]
)
def test_two_cameras_at_once_may_tell_of_one_drive_in_either_order(
    tmp_path: Path, vehicle: int, seconds: float, false: int
) -> None:
    at = RIGHT["captured_at"] + dt.timedelta(seconds=seconds)
    fast = {"reason": "over_speed", "over_speed": True, "vehicle": vehicle, "captured_at": at}
    assert scored(tmp_path, RIGHT, "over_speed", None, RIGHT | fast).false == false


def test_scores_add_up() -> None:
    one = Score(hits=10, accused=2, false=1, true=4, found=3, missed=1, causes={"clone": 1})
    two = add([one, one, Score(hits=5, accused=1, false=1, causes={"misread": 1})])
    assert two.causes == {"clone": 2, "misread": 1}
    assert (two.hits, two.false, two.false_per_million) == (25, 3, 120_000.0)
    assert two.recall == 0.75
