"""Days without a nuisance are judged alike by the truth, an oracle, freightpass and the plain join."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import chinese_calendar
import polars as pl

from benchmarks.truth import SIDES, judge_city
from benchmarks.truth_score import read_truth, score
from tests.oracles.judgement import judge
from tests.simulation.conftest import DAYS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.simulation.layout import Layout
    from tests.simulation.conftest import Cities

VALIDITY = {"valid_from": None, "valid_until": None}


def truth_of(city: Path) -> pl.DataFrame:
    return pl.read_parquet(city / "truth/*.parquet")


def violations(city: Path) -> dict[str, str]:
    """Return reasons by hit_id, by what really happened, speed apart."""
    rows = truth_of(city).filter(pl.col("reason").is_not_null() & ~pl.col("over_speed"))
    return dict(rows.select("hit_id", "reason").iter_rows())


def test_truth_is_what_an_oracle_finds_in_the_files(cities: Cities, period_layout: Layout) -> None:
    city = cities("none")
    stated = oracle_city(city, period_layout)
    expected = violations(city)
    hits = pl.read_parquet(city / "hits/*.parquet").filter(pl.col("vehicle_class") != "car")
    found = {}
    for hit in hits.iter_rows(named=True):
        answer = judge(stated, hit | {"captured_at": hit["captured_at"].isoformat()})
        if answer["verdict"] == "violation":
            found[hit["hit_id"]] = answer["reason"]
    assert found == expected
    assert len(set(expected.values())) >= 5


def test_without_a_nuisance_both_sides_accuse_whoever_did_wrong(cities: Cities) -> None:
    city = cities("none")
    for answer in judge_city(city, DAYS).values():
        accused = answer.filter(pl.col("held").is_null() & (pl.col("reason") != "over_speed"))
        assert dict(accused.select("hit_id", "reason").iter_rows()) == violations(city)


def test_only_the_plain_join_accuses_whose_permit_is_recorded_late(cities: Cities) -> None:
    city = cities("late_permits")
    truth = read_truth(city)
    ours, theirs = (score(truth, answer) for answer in judge_city(city, DAYS).values())
    assert ours.false == 0
    assert theirs.causes == {"late_permit": theirs.false}
    assert theirs.false > 0


def test_every_false_accusation_has_its_cause(cities: Cities) -> None:
    city = cities("all")
    truth = read_truth(city)
    for side, answer in judge_city(city, DAYS).items():
        found = score(truth, answer)
        assert "unexplained" not in found.causes, side
        assert sum(found.causes.values()) == found.false
        assert found.found + found.held + found.missed == found.true
    assert list(judge_city(city, DAYS)) == list(SIDES)


def oracle_city(folder: Path, layout: Layout) -> dict[str, Any]:
    """Say the files of a city in the oracle's form; routes have the cameras of the ways meant."""
    days = [dt.date(2026, 3, 1) + dt.timedelta(days=number) for number in range(31)]
    details = {day: chinese_calendar.get_holiday_detail(day) for day in days}
    permits = [
        VALIDITY | json.loads(line)
        for line in (folder / "permits.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    for permit in permits:
        permit["grants"] = [_grant(grant) for grant in permit["grants"]]
    registry = pl.read_parquet(folder / "vehicles.parquet").select(
        "plate", "plate_class", "vehicle_class"
    )
    return {
        "timezone": "Asia/Shanghai",
        "days_off": {day for day, (off, name) in details.items() if off and name},
        "working_weekends": {
            day for day, (off, _) in details.items() if not off and day.weekday() >= 5
        },
        "min_confidence": 0.8,
        "grace_minutes": 5,
        "cameras": [
            VALIDITY
            | one["properties"]
            | dict(zip(("lon", "lat"), one["geometry"]["coordinates"], strict=True))
            for one in _features(folder, "cameras.geojson")
        ],
        "restrictions": [_restriction(one) for one in _features(folder, "restrictions.geojson")],
        "routes": {route.route_id: route.records for route in layout.routes},
        "permits": permits,
        "vehicles": registry.to_dicts(),
    }


def _features(folder: Path, name: str) -> list[dict[str, Any]]:
    return json.loads((folder / name).read_text(encoding="utf-8"))["features"]


def _restriction(feature: dict[str, Any]) -> dict[str, Any]:
    area = {} if feature["geometry"] is None else {"area": feature["geometry"]["coordinates"][0]}
    missing = {"vehicle_classes": [], "plate_classes": [], "permits_exempt": True}
    return VALIDITY | missing | feature["properties"] | area


def _grant(grant: dict[str, Any]) -> dict[str, Any]:
    """Return a grant with its schedule as it stands in March: the oracle knows no months."""
    text = grant.get("schedule", "24/7").removeprefix("Jan-Jun ")
    said = grant | {"schedule": "off" if text.startswith("Jul-Dec") else text}
    return said | ({"area": grant["area"]["coordinates"][0]} if "area" in grant else {})
