"""Days under named nuisances: each touches what it says, and where there is none nothing is wrong."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from benchmarks.simulation.late_records import LATE_HOURS
from benchmarks.simulation.misreads import LOOK_ALIKE
from benchmarks.simulation.period import NUISANCES
from benchmarks.truth import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.conftest import Cities


def rows_of(city: Path) -> pl.DataFrame:
    """Return hits with the truth beside them; the truth's columns are `true_...` where both have one."""
    truth = pl.read_parquet(city / "truth/*.parquet")
    hits = pl.read_parquet(city / "hits/*.parquet")
    both = set(truth.columns) & set(hits.columns) - {"hit_id"}
    return hits.join(truth.rename({name: f"true_{name}" for name in both}), on="hit_id")


def features(city: Path, name: str) -> list[dict[str, Any]]:
    return json.loads((city / name).read_text(encoding="utf-8"))["features"]


def permits_of(city: Path) -> list[dict[str, Any]]:
    lines = (city / "permits.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_nuisance_labels_rows_of_its_own_only(cities: Cities, setting: str) -> None:
    labels = set(rows_of(cities(setting))["labels"].str.split(",").explode()) - {""}
    expected = {NUISANCES[name] for name in SETTINGS[setting]} - {None}
    assert labels == expected


@pytest.mark.parametrize("setting", SETTINGS)
def test_rows_without_a_label_are_as_things_were(cities: Cities, setting: str) -> None:
    rows = rows_of(cities(setting))
    off = (pl.col("captured_at") - pl.col("true_captured_at")).dt.total_milliseconds().abs()
    wrong_plate = pl.col("plate") != pl.col("true_plate")
    spoilt = pl.col("labels").str.contains("misread|clone")
    assert rows.filter(wrong_plate & ~spoilt).is_empty()
    assert rows.filter(spoilt & ~wrong_plate).is_empty()
    assert rows.filter((off > 1000) != pl.col("labels").str.contains("wrong_clock")).is_empty()
    assert rows.filter(pl.col("camera_id") != pl.col("true_camera_id")).is_empty()
    assert rows["hit_id"].is_unique().all()


def test_misreads_are_one_to_three_in_a_hundred(cities: Cities) -> None:
    rows = rows_of(cities("misreads"))
    misread = rows.filter(pl.col("labels") == "misread")
    assert 0.01 < misread.height / rows.height < 0.03
    near = [
        len(plate) == len(true)
        and all(
            one == other or one in LOOK_ALIKE.get(other, "")
            for one, other in zip(plate, true, strict=True)
        )
        for plate, true in misread.select("plate", "true_plate").iter_rows()
    ]
    assert 0.8 < sum(near) / len(near) < 1.0


def test_a_clone_drives_beside_the_lorry_whose_plate_it_shows(cities: Cities) -> None:
    rows = rows_of(cities("clones"))
    for plate, vehicle in (
        rows.filter(labels="clone").select("plate", "vehicle").unique().iter_rows()
    ):
        original = rows.filter(pl.col("vehicle") != vehicle, true_plate=plate)
        assert original["vehicle"].n_unique() == 1
        gap = (
            rows.filter(vehicle=vehicle)
            .join(original, how="cross")
            .select((pl.col("captured_at") - pl.col("captured_at_right")).dt.total_minutes().abs())
        )
        assert gap.min().item() < 30


def test_only_registered_places_are_wrong(cities: Cities) -> None:
    right, wrong = (features(cities(name), "cameras.geojson") for name in ("none", "wrong_places"))
    differ = {
        one["properties"]["camera_id"]
        for one, other in zip(right, wrong, strict=True)
        if one != other
    }
    rows = rows_of(cities("wrong_places"))
    assert differ == set(rows.filter(labels="wrong_place")["camera_id"])


def test_late_permits_are_recorded_hours_after_they_hold(cities: Cities) -> None:
    assert not [one for one in permits_of(cities("none")) if "recorded_at" in one]
    late = [one for one in permits_of(cities("late_permits")) if "recorded_at" in one]
    assert late
    named = set()
    for permit in late:
        (active,) = permit["status"]
        held, known = (
            dt.datetime.fromisoformat(text) for text in (active["from"], permit["recorded_at"])
        )
        hours = (known - held).total_seconds() / 3600
        assert LATE_HOURS[0] <= hours <= LATE_HOURS[1]
        named |= {vehicle["plate"] for vehicle in permit["vehicles"]}
    touched = rows_of(cities("late_permits")).filter(labels="late_permit")
    assert set(touched["plate"]) <= named
    assert touched["reason"].is_null().all()


def test_only_detours_touch_closures(cities: Cities) -> None:
    assert features(cities("none"), "closures.geojson") == []
    assert features(cities("closures"), "closures.geojson")
    rows = rows_of(cities("closures"))
    assert rows.filter((pl.col("labels") == "closure") != (pl.col("act") == "detour")).is_empty()


def test_cameras_miss_a_twentieth(cities: Cities) -> None:
    all_of_them, seen = (rows_of(cities(name)) for name in ("none", "missed_passages"))
    assert 0.92 < seen.height / all_of_them.height < 0.98
    key = ["vehicle", "camera_id", "captured_at"]
    assert seen.join(all_of_them, on=key, how="anti").is_empty()


def test_look_alikes_are_strangers_one_character_from_a_permitted_lorry(cities: Cities) -> None:
    city = cities("look_alikes")
    rows = rows_of(city).filter(labels="look_alike")
    registered = set(pl.read_parquet(city / "vehicles.parquet")["plate"])
    permitted = {vehicle["plate"] for one in permits_of(city) for vehicle in one["vehicles"]}
    for plate in rows["plate"].unique():
        assert plate not in registered | permitted
        assert any(
            sum(a != b for a, b in zip(plate, other, strict=True)) == 1
            for other in permitted
            if len(other) == len(plate)
        )
