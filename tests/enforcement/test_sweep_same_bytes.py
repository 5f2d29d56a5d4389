"""The same hits give the same bytes, whatever the workers, the files, their order and format."""

from __future__ import annotations

import random
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from tests.enforcement.days import SUFFIXES, hit, rows, swept, toytown, write_hits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SEED = 20260317
PLATES = ("赣C12345", "赣C·12345", "粤B·D12345", "赣C99999", "无车牌", "")


def drawn_day(count: int, *, with_ids: float) -> list[dict[str, Any]]:
    """Draw hits of few vehicles in few minutes: full of duplicates, ties and repeated ids."""
    draw = random.Random(SEED)
    day = []
    for number in range(count):
        seconds = draw.randrange(600)
        fraction = draw.choice(("", ".5", ".000001"))
        values = {
            "camera_id": draw.choice(("C-001", "C-002", "C-003", "C-404")),
            "plate": draw.choice(PLATES),
            "plate_class": draw.choice(("01", "01", "02", None)),
            "vehicle_class": draw.choice(("heavy_truck", "car", None)),
            "confidence": draw.choice((0.5, 0.8, 0.93, None)),
            "image_url": draw.choice((f"http://s/{number}", None)),
        }
        if draw.random() < with_ids:
            values["hit_id"] = f"h{draw.randrange(count)}"
        day.append(hit(f"08:{seconds // 60:02}:{seconds % 60:02}{fraction}", **values))
    return day


def results(out: Path) -> tuple[bytes, bytes]:
    """Return what must be the same in every byte."""
    return (out / "violations.parquet").read_bytes(), (out / "cases.parquet").read_bytes()


def split(day: Sequence[dict[str, Any]], folder: Path, parts: int, seed: int) -> list[Path]:
    """Write a day into files of every format, its rows shuffled and dealt out."""
    draw = random.Random(seed)
    shuffled = draw.sample(day, len(day))
    return [
        write_hits(
            folder / f"{draw.randrange(1000):03}-{part}.{SUFFIXES[(part + seed) % 3]}",
            shuffled[part::parts],
        )
        for part in range(parts)
    ]


@pytest.mark.parametrize("with_ids", [0.0, 0.7, 1.0], ids=["derived", "mixed", "given"])
def test_workers_files_orders_and_formats_decide_nothing(tmp_path: Path, with_ids: float) -> None:
    day = drawn_day(1500, with_ids=with_ids)
    city = toytown()
    whole = write_hits(tmp_path / "whole.ndjson", day)
    said = swept(city, tmp_path / "out", whole)
    expected = results(tmp_path / "out")
    assert said["verdicts"]["violation"] > 100
    assert said["duplicates"] > 100
    for suffix in SUFFIXES:
        swept(city, tmp_path / suffix, write_hits(tmp_path / f"one.{suffix}", day))
        assert results(tmp_path / suffix) == expected
    for workers, parts in ((1, 2), (2, 3), (4, 7), (3, 40)):
        files = split(day, tmp_path / f"split-{parts}", parts, workers)
        for sources in (files, files[::-1], [tmp_path / f"split-{parts}"]):
            again = swept(city, tmp_path / "again", *sources, workers=workers)
            assert results(tmp_path / "again") == expected
            for name in ("hits", "duplicates", "verdicts", "reasons", "held", "cases"):
                assert again[name] == said[name]
            assert len(rows(tmp_path / "again" / "rejected.parquet")) == sum(
                again["verdicts"][name] for name in ("malformed", "unreadable", "unknown_camera")
            )


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = write_hits(tmp_path / "hits" / "day.csv", [hit("08:00:00"), hit("08:10:00")])
    summary = swept(toytown(), tmp_path / "out", file, file, tmp_path / "hits")
    assert (summary["hits"], summary["duplicates"]) == (2, 0)
    assert "named twice" in summary["notes"][0]


def test_the_same_rows_in_two_files_are_duplicates(tmp_path: Path) -> None:
    day = [hit("08:00:00"), hit("08:10:00"), hit("23:00:00")]
    one = write_hits(tmp_path / "one.csv", day)
    two = write_hits(tmp_path / "two.parquet", day)
    summary = swept(toytown(), tmp_path / "out", one, two, workers=2)
    assert (summary["hits"], summary["duplicates"]) == (6, 3)
    assert sum(summary["verdicts"].values()) == 3


# At one instant, a lorry without registry row, once seen as a lorry and once as a car: which of
# the two is dropped decides the verdict, and the smaller hit_id stays.
LORRY = hit("08:00:00", plate="赣C99999", vehicle_class="heavy_truck")
CAR = LORRY | {"vehicle_class": "car"}


@pytest.mark.parametrize("first", ["lorry", "car"])
def test_of_two_hits_of_an_instant_the_smaller_hit_id_stays(tmp_path: Path, first: str) -> None:
    # As text, "a-10" comes before "a-9".
    ids = {"lorry": "a-9", "car": "a-9"} | {first: "a-10"}
    ties = [LORRY | {"hit_id": ids["lorry"]}, CAR | {"hit_id": ids["car"]}]
    for number, pair in enumerate(permutations(ties)):
        for names in (("a.csv", "b.parquet"), ("b.ndjson", "a.csv")):
            folder = tmp_path / f"{number}{names[0]}"
            files = [write_hits(folder / n, [one]) for n, one in zip(names, pair, strict=True)]
            summary = swept(toytown(), folder / "out", *files, workers=2)
            assert (summary["hits"], summary["duplicates"]) == (2, 1)
            assert summary["verdicts"]["violation"] == (1 if first == "lorry" else 0)
            found = [row["hit_id"] for row in rows(folder / "out" / "violations.parquet")]
            assert found == (["a-10"] if first == "lorry" else [])


def test_ties_without_ids_and_far_inside_a_file_are_settled_alike(tmp_path: Path) -> None:
    # Two kinds of car whose rows differ only in what the camera saw, at forty instants.
    fill = [hit(f"07:{n // 60:02}:{n % 60:02}", plate=f"沪A{n:05}") for n in range(300)]
    pairs = [
        one | {"captured_at": f"2026-03-17T08:{minute:02}:00+08:00", "image_url": f"i{minute}"}
        for minute in range(40)
        for one in (LORRY, CAR)
    ]
    seen = set()
    for seed in range(4):
        day = random.Random(seed).sample(fill + pairs, len(fill) + len(pairs))
        file = write_hits(tmp_path / f"{seed}.{SUFFIXES[seed % 3]}", day)
        summary = swept(toytown(), tmp_path / f"out{seed}", file)
        assert summary["duplicates"] == 40
        assert 0 < summary["verdicts"]["violation"] < 40
        seen.add(results(tmp_path / f"out{seed}"))
    assert len(seen) == 1


def test_one_hit_id_of_different_rows_of_an_instant_is_settled_alike(tmp_path: Path) -> None:
    ties = [
        row | {"hit_id": "same", "camera_id": camera, "confidence": confidence}
        for row in (LORRY, CAR)
        for camera in ("C-001", "C-002")
        for confidence in (0.9, 0.95)
    ]
    seen = set()
    for seed in range(6):
        day = random.Random(seed).sample(ties, len(ties))
        cut = 1 + seed % (len(day) - 1)
        files = [
            write_hits(tmp_path / f"{seed}a.csv", day[:cut]),
            write_hits(tmp_path / f"{seed}b.ndjson", day[cut:]),
        ]
        summary = swept(toytown(), tmp_path / f"out{seed}", *files, workers=2)
        assert (summary["hits"], summary["duplicates"]) == (8, 7)
        seen.add((results(tmp_path / f"out{seed}"), str(summary["verdicts"])))
    assert len(seen) == 1


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_rows_of_one_hit_id_the_smaller_row_stays(tmp_path: Path, turn: int) -> None:
    """The violation's id is at hand, the other row is read again: both count as whole rows."""
    ties = [
        LORRY | {"hit_id": "same", "plate": "赣C77777", "vehicle_class": seen}
        for seen in ("heavy_truck", "car")
    ]
    alone = swept(toytown(), tmp_path / "alone", write_hits(tmp_path / "one.csv", ties[:1]))
    assert alone["verdicts"]["violation"] == 1
    file = write_hits(tmp_path / "both.ndjson", ties[::turn])
    summary = swept(toytown(), tmp_path / "out", file)
    assert summary["duplicates"] == 1
    assert summary["verdicts"]["not_restricted"] == 1
