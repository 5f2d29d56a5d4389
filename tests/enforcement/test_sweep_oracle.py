"""Days in generated worlds are swept as brute force over the plain values sweeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.compiled_city import CompiledCity
from enforcement.coverage import CityCoverage, survey_city
from enforcement.index.camera_travel import CameraTravel
from enforcement.index.compiler import compile_rules
from ingest.hit_files import discover
from ingest.plate_keys import PlateKeys
from ingest.tabular import CodeBook, read_hits
from roadnet.importers import read_network
from tests.enforcement.cities import network
from tests.enforcement.days import SUFFIXES, quiet, rows, swept, write_hits
from tests.oracles.days import judge_day
from tests.oracles.judgement import metres, read_hit_instant
from tests.same_verdict.translation import definition_of
from tests.same_verdict.worlds import World, worlds

if TYPE_CHECKING:
    from enforcement.index.layout import Rules
    from enforcement.rules.definition import CityDefinition
    from roadnet.graph import RoadGraph

SHIFTS = [
    *(timedelta(0), timedelta(0), timedelta(seconds=10), timedelta(seconds=10, microseconds=1)),
    *(
        timedelta(seconds=4),
        timedelta(seconds=70),
        timedelta(minutes=30),
        timedelta(minutes=30, microseconds=1),
    ),
]
POLICIES = [
    {"name": "continuous", "gap_minutes": 30.0},
    {"name": "same_route", "gap_minutes": 30.0, "same_restriction": True},
    {"name": "per_day", "gap_minutes": None, "same_day": True},
    {"name": "ours", "gap_minutes": 10.0, "same_restriction": True, "same_day": True},
]
Day = tuple[World, list[list[dict[str, Any]]], list[str]]
IDS = (None, None, None, "h-1", "h-2", "h-10", "h-9", "号")


@cache
def roads() -> RoadGraph:
    with TemporaryDirectory() as name:
        file = Path(name) / "network.osm"
        file.write_text(network(), encoding="utf-8")
        return read_network(str(file))


@cache
def empty_coverage() -> CityCoverage:
    definition = definition_of(
        {
            "timezone": "UTC",
            "holidays": "",
            "min_confidence": 0.8,
            "grace_minutes": 0,
            **dict.fromkeys(("cameras", "restrictions", "routes", "permits", "vehicles"), ()),
        }
    )
    return survey_city(definition, roads(), quiet)


def city_of(world: World) -> CompiledCity:
    """Compile a world whose routes have the cameras that it states, and whose ways are straight."""
    definition: CityDefinition = definition_of(world.city)
    cameras = world.city["cameras"]
    world.city["metres"] = [
        [3 * int(metres(a["lon"], a["lat"], b["lon"], b["lat"])) for b in cameras] for a in cameras
    ]
    count = len(cameras)
    table = np.minimum(np.array(world.city["metres"]).reshape(count, count), 65535)
    travel = CameraTravel(
        np.arange(count, dtype=np.int32),
        np.zeros((count, count), np.uint16),
        1.0,
        table.astype(np.uint16),
    )
    rules: Rules = compile_rules(definition, world.city["routes"], travel)
    # The report needs roads and cameras that fit each other; the judgement has its rules.
    bare = replace(definition, cameras=[])
    return CompiledCity(bare, empty_coverage(), rules, ())


@st.composite
def days(draw: Any) -> Day:
    """Draw a world and its hits with copies a little later or otherwise seen, dealt into files."""
    world = draw(worlds(most_hits=8))
    world = replace(world, city=world.city | {"case_policy": draw(st.sampled_from(POLICIES))})
    zone = ZoneInfo(world.city["timezone"])
    hits = [hit | {"hit_id": draw(st.sampled_from(IDS))} for hit in world.hits]
    for original in list(hits):
        instant = read_hit_instant(original["captured_at"], zone)
        for shift in draw(st.lists(st.sampled_from(SHIFTS), max_size=3)):
            copy = original | {"hit_id": draw(st.sampled_from(IDS))}
            if instant is not None:
                copy["captured_at"] = (instant + shift).astimezone(UTC).isoformat()
            if draw(st.booleans()):
                copy["camera_id"] = draw(st.sampled_from(world.city["cameras"]))["camera_id"]
            if draw(st.booleans()):
                copy["vehicle_class"] = draw(st.sampled_from(("heavy_truck", "car")))
            hits.append(copy)
    hits = draw(st.permutations(hits))
    parts = draw(st.integers(1, 3))
    dealt = [hits[part::parts] for part in range(parts) if hits[part::parts]]
    suffixes = draw(st.lists(st.sampled_from(SUFFIXES), min_size=parts, max_size=parts))
    return world, dealt, suffixes


def named(
    city: CompiledCity, folder: Path, dealt: list[list[dict[str, Any]]]
) -> tuple[list[str], list[tuple]]:
    """Return the ids that the hits are given where they have none, and their ordering texts."""
    ids, contents = [], []
    book = CodeBook(city.rules.camera_ids, PlateKeys(city.rules.side_plates))
    for file in discover([str(folder)]):
        for chunk in read_hits(file, zone=city.rules.timezone, code_book=book):
            for row in chunk.take(chunk.row, every_column=True).to_pylist():
                ids.append(row.pop("hit_id"))
                contents.append(tuple(str(value) for value in row.values()))
    assert len(ids) == sum(map(len, dealt))
    return ids, contents


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(days(), st.sampled_from((1, 2, 4)))
def test_a_day_is_swept_as_by_brute_force(day: Day, workers: int) -> None:
    sweep_and_compare(day, workers)


@pytest.mark.long
@settings(max_examples=2000, deadline=None, database=None)
@given(days(), st.sampled_from((1, 2, 4)))
def test_many_days_are_swept_as_by_brute_force(day: Day, workers: int) -> None:
    sweep_and_compare(day, workers)


def sweep_and_compare(day: Day, workers: int) -> None:
    world, dealt, suffixes = day
    city = city_of(world)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, (hits, suffix) in enumerate(zip(dealt, suffixes, strict=False)):
            write_hits(folder / "hits" / f"{number}.{suffix}", hits)
        summary = swept(city, folder / "out", folder / "hits", workers=workers)
        found = rows(folder / "out" / "violations.parquet")
        cases = rows(folder / "out" / "cases.parquet")
        rejected = rows(folder / "out" / "rejected.parquet")
        ids, contents = named(city, folder / "hits", dealt)
    flat = [hit for hits in dealt for hit in hits]
    expected = judge_day(world.city, flat, ids, contents)
    assert {name: n for name, n in summary["verdicts"].items() if n} == expected["counts"]
    assert (summary["hits"], summary["duplicates"]) == (len(flat), expected["duplicates"])
    assert sorted((row["hit_id"], row["verdict"]) for row in rejected) == expected["rejected"]
    assert summary["cases"] == len(cases) == expected["cases"]
    first_of: dict[str, int] = {}
    for place, row in enumerate(found):
        case_id = row["case_id"]
        row["case"] = None if case_id is None else first_of.setdefault(case_id, place)
    names = expected["violations"][0].keys() if expected["violations"] else ()
    assert [{name: row[name] for name in names} for row in found] == expected["violations"]
    assert {case["case_id"] for case in cases} == first_of.keys()
    for case in cases:
        mine = [row["warning"] for row in found if row["case_id"] == case["case_id"]]
        assert (case["violations"], case["warnings"]) == (len(mine), sum(mine))
    assert {case["policy"] for case in cases} <= {world.city["case_policy"]["name"]}
