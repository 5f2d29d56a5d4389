"""The table of cameras: what they sent, what speaks against them, and what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from enforcement.doubt_tables import camera_health_table
from enforcement.engine import judge, settle
from enforcement.explaining.camera_words import camera_day, fault_words
from enforcement.findings import CAMERA_HEALTH_SCHEMA
from tests.enforcement.definitions import TUESDAY, batch, camera, compiled, restriction, us

CAMERAS = [camera(f"C-{i}", 114.39 + 0.001 * i) for i in range(1, 5)]
RULES = compiled(cameras=CAMERAS, restrictions=[restriction("Z-1", cameras=("C-1",))])


def no_rank(_pairs):
    raise AssertionError("these hits differ in their instants")


def plates(camera_id, count, hour=4, plate="赣C{:05d}", every_s=0.5):
    """Return hits of as many plates by one camera, from an hour of the day on."""
    begin = us(f"{TUESDAY} {hour:02d}:00")
    return [
        {
            "camera": camera_id,
            "plate": plate.format(i) if plate else None,
            "at": begin + round(i * every_s * 1e6),
        }
        for i in range(count)
    ]


def table_of(*hits):
    settled = settle(RULES, [judge(RULES, batch(RULES, *hits))], no_rank)
    return settled, camera_health_table(RULES, settled.doubts).to_pylist()


def test_a_flooded_camera_accuses_nobody():
    usual = [hit for hour in range(8, 16) for hit in plates("C-1", 20, hour)]
    settled, table = table_of(*usual)
    assert settled.doubts.held.tolist() == [0] * 160
    assert [(row["camera_id"], row["read"], row["fault"]) for row in table] == [("C-1", 160, None)]
    settled, table = table_of(*usual, *plates("C-1", 1200, 17, "湘A{:05d}"))
    assert set(settled.doubts.held.tolist()) == {1}
    assert [(row["fault"], row["quarantined"]) for row in table] == [("flood", True)]


def test_a_camera_that_cannot_read():
    others = [hit for name in ("C-2", "C-3", "C-4") for hit in plates(name, 400)]
    settled, table = table_of(*others, *plates("C-1", 100), *plates("C-1", 90, 5, None))
    by_camera = {row["camera_id"]: row for row in table}
    assert by_camera["C-1"]["unread"] == 90
    assert by_camera["C-1"]["fault"] == "unreadable"
    assert set(settled.doubts.held.tolist()) == {1}
    assert {row["fault"] for name, row in by_camera.items() if name != "C-1"} == {None}


@pytest.mark.parametrize("name", ["C-2", "C-4"])
def test_a_silent_camera_is_listed_and_holds_nothing(name):
    hours = [
        hit
        for hour in range(4)
        for camera_id in ("C-2", "C-3", "C-4")
        if (camera_id, hour) != (name, 2)
        for hit in plates(camera_id, 100, hour)
    ]
    _, table = table_of(*hours)
    faults = {
        row["camera_id"]: (row["fault"], row["silent_hours"], row["quarantined"]) for row in table
    }
    assert faults.pop(name) == ("silent", 1, False)
    assert set(faults.values()) == {(None, 0, False)}


def test_a_camera_that_looks_the_other_way_is_told_as_that():
    cameras = [camera(f"C-{i}", 114.39 + 0.0154 * i, bearing_deg=270.0) for i in (1, 2, 3)]
    rules = compiled(cameras=cameras, restrictions=[restriction("Z-1", cameras=("C-2",))])
    begin = us(f"{TUESDAY} 09:00")
    hits = [
        {"camera": f"C-{i}", "plate": f"赣C{n:05d}", "at": begin + (60 * n + 100 * i) * 1_000_000}
        for n in range(12)
        for i in (1, 2, 3)
    ]
    settled = settle(rules, [judge(rules, batch(rules, *hits))], no_rank)
    table = camera_health_table(rules, settled.doubts)
    faults = {row["camera_id"]: row["fault"] for row in table.to_pylist()}
    assert faults == {"C-1": None, "C-2": "bearing", "C-3": None}
    assert set(settled.doubts.held.tolist()) == {1}
    step = fault_words(camera_day(table, "C-2", begin, believed=False))
    assert step == (
        "（2026-03-03，UTC：车辆行驶方向与其登记朝向相反，方向余弦平均 -1.00）",
        " (2026-03-03, UTC: the vehicles that it reads drive against its bearing, by a mean cosine of -1.00)",
    )


def test_no_hits_are_no_table():
    settled = settle(RULES, [], no_rank)
    assert camera_health_table(RULES, settled.doubts).num_rows == 0


@pytest.mark.parametrize(("believed", "fault"), [(True, None), (False, "travel")])
def test_of_a_camera_that_was_moved_that_day_the_place_that_read_the_hit_is_told(believed, fault):
    row = dict.fromkeys(CAMERA_HEALTH_SCHEMA.names) | {
        "camera_id": "C-1",
        "day": datetime(2026, 3, 17, tzinfo=UTC),
    }
    places = [row | {"quarantined": False}, row | {"quarantined": True, "fault": "travel"}]
    for table in (places, places[::-1]):
        health = pa.Table.from_pylist(table, CAMERA_HEALTH_SCHEMA)
        day = camera_day(health, "C-1", us("2026-03-17 12:00"), believed=believed)
        assert day is not None
        assert day["fault"] == fault
