"""Permits and registry of a city: every fault with its place, in JSON lines and in Parquet."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.enforcement.cities import (
    BOW_TIE,
    faults_of,
    good_city,
    on_route,
    permit,
    read,
    write_city,
)

# Permits


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"permit_id": None}, "permit_id: is missing"),
        ({"binding": "exempt"}, "binding: found `exempt`, expected one of exempts, confines"),
        ({"vehicles": []}, "vehicles: found an empty list, expected at least one vehicle"),
        ({"vehicles": None}, "vehicles: is missing, expected at least one vehicle"),
        ({"vehicles": {}}, "vehicles: found an object, expected at least one vehicle"),
        ({"vehicles": ["赣C12345"]}, "vehicles[0]: found `赣C12345`, expected an object"),
        (
            {"vehicles": [{"plate": "赣C1?345"}]},
            "vehicles[0].plate: found `赣C1?345`, expected a plate",
        ),
        ({"vehicles": [{"plate": None}]}, "vehicles[0].plate: is missing, expected a plate"),
        ({"vehicles": [{"plate": []}]}, "vehicles[0].plate: found an empty list"),
        ({"vehicles": [{"plate": "无车牌"}]}, "vehicles[0].plate: found `无车牌`"),
        (
            {"vehicles": [{"plate": "赣C12345", "plate_class": "1A"}]},
            "vehicles[0].plate_class: found `1A`, expected two digits of GA 24.7",
        ),
        ({"vehicles": [{"plate": "赣C12345", "plate_class": True}]}, "plate_class: found true"),
        ({"valid_from": "01.02.2026"}, "valid_from: found `01.02.2026`, expected an instant"),
        ({"valid_until": "2025-12-31"}, "valid_until: found `2025-12-31`, expected a time after"),
        ({"status": []}, "status: found an empty list, expected at least one status"),
        ({"status": "active"}, "status: found `active`, expected at least one status"),
        ({"status": [{"status": "active"}]}, "status[0].from: is missing"),
        (
            {"status": [{"from": "2026-01-01"}]},
            "status[0].status: is missing, expected one of applied",
        ),
        (
            {"status": [{"status": "Active", "from": "2026-01-01"}]},
            "status[0].status: found `Active`, expected one of applied, active,",
        ),
        (
            {"status": [{"status": "Active", "from": "2026-01-01"}]},
            "rejected, withdrawn, did you mean `active`?",
        ),
        ({"status": [{"status": "active", "from": "now"}]}, "status[0].from: found `now`"),
        ({"grants": []}, "grants: found an empty list, expected at least one grant"),
        (
            {"grants": [{}]},
            "grants[0]: found none of them, expected one of route, area, place, cameras",
        ),
        (
            {"grants": [{"route": "R-1", "cameras": ["C-001"]}]},
            "grants[0]: found route and cameras, expected one of",
        ),
        (
            {"grants": [on_route(), {"route": "R-9"}]},
            "grants[1].route: found `R-9`, which is no route",
        ),
        (
            {"grants": [{"cameras": ["C-001", "C-9"]}]},
            "grants[0].cameras[1]: found `C-9`, which is no",
        ),
        ({"grants": [{"cameras": "C-001"}]}, "grants[0].cameras: found `C-001`, expected a list"),
        (
            {"grants": [on_route(schedule="Mo-Fr 09:00-1x:00")]},
            "grants[0].schedule: schedule `Mo-Fr 09:00-1x:00`: column 13: found `1`, expected a time",
        ),
        ({"grants": [{"area": BOW_TIE}]}, "grants[0].area: the polygon crosses itself at 1, 1"),
        ({"grants": [{"area": "x"}]}, "grants[0].area: found `x`, expected a Polygon"),
        ({"grants": [{"place": 5}]}, "grants[0].place: found `5`, expected lon, lat and radius_m"),
        ({"grants": [{"place": {"lon": 1, "lat": 2}}]}, "grants[0].place.radius_m: is missing"),
        (
            {"grants": [{"place": {"lon": 1, "lat": 2, "radius_m": 0}}]},
            "grants[0].place.radius_m: found 0, expected metres above 0",
        ),
        (
            {"grants": [{"place": {"lon": 1, "lat": 2, "radius_m": "300"}}]},
            "grants[0].place.radius_m: found `300`, expected a number",
        ),
        (
            {"grants": [{"place": {"lon": 27.8, "lat": 114.3, "radius_m": 300}}]},
            "grants[0].place.lat: 27.8, 114.3 look like latitude, longitude",
        ),
        ({"max_speed_kmh": 0}, "max_speed_kmh: found 0, expected km/h above 0"),
        ({"max_speed_kmh": "40"}, "max_speed_kmh: found `40`, expected a number"),
        ({"recorded_at": "soon"}, "recorded_at: found `soon`"),
    ],
)
def test_a_fault_of_a_permit(tmp_path, fields, words):
    (fault,) = faults_of(write_city(tmp_path, permits=[permit("P-0"), permit("P-1") | fields]))
    assert fault.startswith("permits.jsonl: line 2")
    assert words in fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"permit_id": "P-1",', "permits.jsonl: line 2, column 21: the text ends in the middle"),
        ('{"permit_id" "P-1"}', "permits.jsonl: line 2, column 14: expected ':'"),
        ('{"holder": "运输" x}', "permits.jsonl: line 2, column 17"),
        ("[]", "permits.jsonl: line 2: found an empty list, expected an object"),
        ("null", "permits.jsonl: line 2: found null, expected an object"),
    ],
)
def test_a_broken_line(tmp_path, text, words):
    good = json.dumps(permit("P-0"))
    files = {"permits.jsonl": f"{good}\n{text}\n{json.dumps(permit('P-2'))}\n"}
    (fault,) = faults_of(write_city(tmp_path, permits=None, files=files))
    assert fault.startswith(words)


def test_all_faults_of_one_line_are_told(tmp_path):
    bad = permit("P-1", vehicles=[], status=[], grants=[on_route(schedule="x"), {"route": "R-9"}])
    assert len(faults_of(write_city(tmp_path, permits=[bad]))) == 4


# Parquet


def as_json_text(permits: list[dict]) -> pa.Table:
    rows = [
        {k: json.dumps(v) if isinstance(v, list) else v for k, v in one.items()} for one in permits
    ]
    return pa.Table.from_pylist(rows)


def nested(permits: list[dict]) -> pa.Table:
    rows = json.loads(json.dumps(permits))
    for row in rows:
        for grant in row["grants"]:
            for name in ("area", "place"):
                if name in grant:
                    grant[name] = json.dumps(grant[name])
    return pa.Table.from_pylist(rows)


def test_permits_in_parquet_are_the_same_nested_or_as_json_text(tmp_path):
    permits = good_city()["permits"]
    lines, _ = read(write_city(tmp_path / "lines", permits=permits))
    for name, build in (("text", as_json_text), ("nested", nested)):
        folder = write_city(tmp_path / name, permits=None)
        pq.write_table(build(permits), folder / "permits.parquet")
        city, warnings = read(folder)
        assert warnings == ()
        assert [p.place for p in city.permits] == ["row 1 (P-1)", "row 2 (P-2)"]
        for one, other in zip(city.permits, lines.permits, strict=True):
            assert (one.vehicles, one.status) == (other.vehicles, other.status)
            assert one.valid_until_us == other.valid_until_us
            assert [(g.schedule, g.route_id, g.point, g.cameras) for g in one.grants] == [
                (g.schedule, g.route_id, g.point, g.cameras) for g in other.grants
            ]
            for grant, its in zip(one.grants, other.grants, strict=True):
                assert (grant.area is None) == (its.area is None)
                assert grant.area is None or grant.area.equals(its.area)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"vehicles": "[{"}, "permits.parquet: row 1 (P-1): vehicles: column 3 of its JSON"),
        ({"grants": "[]"}, "permits.parquet: row 1 (P-1): grants: found an empty list"),
        ({"status": ""}, "permits.parquet: row 1 (P-1): status: is missing"),
    ],
)
def test_a_fault_of_a_row(tmp_path, row, words):
    folder = write_city(tmp_path, permits=None)
    table = as_json_text([permit("P-1")]).to_pylist()
    pq.write_table(pa.Table.from_pylist([table[0] | row]), folder / "permits.parquet")
    (fault,) = faults_of(folder)
    assert fault.startswith(words)


def test_values_that_only_parquet_has_are_read(tmp_path):
    folder = write_city(tmp_path, permits=None)
    row = as_json_text([permit("P-1")]).to_pylist()[0]
    table = pa.table(
        {
            **{name: [value] for name, value in row.items()},
            "permit_id": [Decimal(17)],
            "valid_from": pa.array([1_767_225_600_000_000_001], pa.timestamp("ns", "UTC")),
            "valid_until": [date(2026, 12, 31)],
            "max_speed_kmh": [float("nan")],
            "vehicles": [[{"plate": "赣C12345", "plate_class": float("nan")}]],
        }
    )
    pq.write_table(table, folder / "permits.parquet")
    (one,) = read(folder)[0].permits
    assert (one.permit_id, one.max_speed_kmh) == ("17", None)
    assert one.valid_from_us == 1_767_225_600_000_000
    assert one.valid_until_us == 1_798_732_800_000_000
    assert one.vehicles[0].plate_class is None


def test_a_permit_column_that_is_missing_is_told_once(tmp_path):
    folder = write_city(tmp_path, permits=None)
    table = as_json_text([permit("P-1"), permit("P-2")]).drop_columns(["status"])
    pq.write_table(table, folder / "permits.parquet")
    (fault,) = faults_of(folder)
    assert fault.startswith("permits.parquet: status: there is no such column, found permit_id")


@pytest.mark.parametrize("name", ["permits", "vehicles"])
@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", None])
def test_a_broken_parquet_file(tmp_path, name, content):
    folder = write_city(tmp_path, permits=None)
    if content is None:  # cut off in the middle
        table = as_json_text([permit("P-1")] * 50)
        pq.write_table(table, folder / "whole.parquet")
        content = (folder / "whole.parquet").read_bytes()[:-100]
    (folder / f"{name}.parquet").write_bytes(content)
    (fault,) = faults_of(folder)
    assert fault.startswith(f"{name}.parquet: is no Parquet that can be read: ")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"plate": "赣C12345"}], "vehicles.parquet: vehicle_class: there is no such column"),
        (
            [{"plate": "??", "vehicle_class": "car"}],
            "row 1 (??): plate: found `??`, expected a plate",
        ),
        (
            [{"plate": "赣C12345", "vehicle_class": "lorry"}],
            "vehicle_class: found `lorry`, expected one",
        ),
        (
            [
                {"plate": "赣C12345", "vehicle_class": "car", "plate_class": "02"},
                {"plate": "赣C-12345", "vehicle_class": "bus", "plate_class": "02"},
            ],
            "vehicles.parquet: row 2 (赣C-12345): vehicle_class: `bus` contradicts row 1",
        ),
        (
            [{"plate": "赣C12345", "vehicle_class": "car", "plate_class": "7x"}],
            "plate_class: found `7x`",
        ),
    ],
)
def test_a_fault_of_the_registry(tmp_path, rows, words):
    (fault,) = faults_of(write_city(tmp_path, vehicles=rows))
    assert words in fault


def test_registry_rows_that_agree_are_one_and_unknown_gives_way(tmp_path):
    rows = [
        {"plate": "赣C12345", "plate_class": "01", "vehicle_class": None},
        {"plate": "赣C·12345", "plate_class": "1", "vehicle_class": "heavy_truck"},
        {"plate": "赣C12345", "plate_class": "01", "vehicle_class": "heavy_truck"},
        {"plate": "赣C12345", "plate_class": "02", "vehicle_class": "car"},
        {"plate": "赣C12345", "plate_class": None, "vehicle_class": "bus"},
    ]
    city, _ = read(write_city(tmp_path, vehicles=rows))
    assert [(v.plate, v.plate_class, v.vehicle_class) for v in city.vehicles] == [
        ("赣C12345", 1, "heavy_truck"),
        ("赣C12345", 2, "car"),
        ("赣C12345", None, "bus"),
    ]
