"""Closures of a city: what `check` says of the routes that they cut, and work zones of WZDx feeds."""

from __future__ import annotations

import json

import numpy as np
import pytest

from enforcement.city import read_city
from enforcement.compiled_city import compile_city
from enforcement.errors import CityError
from enforcement.progress import quiet
from tests.enforcement.cities import (
    camera,
    closure,
    corner,
    line,
    permit,
    restriction,
    route,
    write_city,
)
from tests.enforcement.command import freightpass


def work_zone(identifier="WZ-1", geometry=None, core=None, **properties):
    details = {"event_type": "work-zone", "road_names": ["Street 1002"], "direction": "eastbound"}
    return {
        "type": "Feature",
        "id": identifier,
        "properties": {
            "core_details": {**details, **(core or {})},
            "start_date": "2026-03-01T00:00:00Z",
            "end_date": "2026-03-07T00:00:00Z",
            "vehicle_impact": "all-lanes-closed",
            **properties,
        },
        "geometry": geometry or line(corner(1, 1), corner(2, 1)),
    }


def checked(folder, **parts):
    outcome = freightpass("check", write_city(folder, **parts), "--json")
    assert outcome.code == 0, outcome.out
    return json.loads(outcome.out)


def faults_of(folder, **parts):
    with pytest.raises(CityError) as caught:
        read_city(str(write_city(folder, **parts)))
    return [(fault.place, fault.field, fault.code) for fault in caught.value.faults]


def test_check_tells_the_route_that_a_closure_cuts_and_the_way_round(tmp_path):
    report = checked(tmp_path / "city")
    (one,) = report["closures"]
    assert (one["closure_id"], one["closed_edges"]) == ("K-1", 2)
    (cut,) = one["routes"]
    assert cut["route_id"] == "R-1"
    assert cut["way_round"]["added_m"] == pytest.approx(890, abs=10)
    assert cut["way_round"]["geometry"]["coordinates"][0] == list(corner(0, 1))
    (warning,) = [w for w in report["warnings"] if w["code"] == "closure_cuts_route"]
    assert (warning["file"], warning["place"]) == ("closures.geojson", "feature 1 (K-1)")
    assert "cuts route R-1" in warning["message"]
    assert "m longer" in warning["message"]


def test_a_closure_of_one_direction_leaves_the_other_open(tmp_path):
    routes = [route("R-1"), route("R-2", (3, 1), (0, 1))]
    both = checked(tmp_path / "both", routes=routes)
    assert [cut["route_id"] for cut in both["closures"][0]["routes"]] == ["R-1", "R-2"]
    one = checked(tmp_path / "one", routes=routes, closures=[closure("K", direction="forward")])
    assert [cut["route_id"] for cut in one["closures"][0]["routes"]] == ["R-1"]


def test_the_way_round_keeps_off_what_is_closed_at_the_same_time(tmp_path):
    days = {"valid_from": "2026-03-01", "valid_until": "2026-03-07"}
    beside = [
        closure("K-1", **days),
        closure("K-2", (1, 2), (2, 2), **days),
        closure("K-3", (1, 0), (2, 0), valid_from="2026-04-01", valid_until="2026-04-02"),
    ]
    report = checked(tmp_path / "city", closures=beside)
    assert report["counts"]["closures_cutting_routes"] == 1
    ((cut,),) = [one["routes"] for one in report["closures"] if one["closure_id"] == "K-1"]
    lats = [lat for _, lat in cut["way_round"]["geometry"]["coordinates"]]
    assert min(lats) == corner(0, 0)[1]
    assert max(lats) < corner(0, 2)[1]


def test_a_street_that_another_closure_shuts_for_an_hour_is_on_a_way_round_in_the_others(tmp_path):
    """C-2 stands on it; K-2 shuts it while K-1 cuts the route, and then opens again."""
    beside = [
        closure("K-1", valid_from="2026-03-01", valid_until="2026-03-07"),
        closure("K-2", (1, 2), (2, 2), valid_from="2026-03-01", valid_until="2026-03-02"),
    ]
    folder = write_city(
        tmp_path / "city",
        cameras=[camera("C-1", 0, 1), camera("C-2", 1.5, 2)],
        restrictions=[restriction("X-1", cameras=["C-1", "C-2"])],
        permits=[permit("P-1")],
        closures=beside,
    )
    rules = compile_city(str(folder), quiet).rules
    (row,) = np.flatnonzero(rules.detour_closure == rules.closure_ids.index("K-1"))
    words = rules.detour_sets[rules.detour_camera_set[row]]
    record = int(rules.camera_record_offsets[rules.camera_ids.index("C-2")])
    assert int(words[record >> 6]) >> (record & 63) & 1


def test_a_route_that_ends_on_the_closed_street_has_no_way_round(tmp_path):
    report = checked(tmp_path / "city", closures=[closure("K", (2, 1), (3, 1))])
    (cut,) = report["closures"][0]["routes"]
    assert (cut["way_round"], cut["reason"]) == (None, "ends_closed")
    assert any("no way round" in warning["message"] for warning in report["warnings"])


def test_a_closure_far_from_every_street_is_doubtful(tmp_path):
    report = checked(tmp_path / "city", closures=[closure("K", (20, 20), (21, 20))])
    assert report["closures"][0]["doubts"] == ["no_street"]
    assert "closure_no_street" in [warning["code"] for warning in report["warnings"]]


def test_a_work_zone_with_all_lanes_closed_closes_its_direction(tmp_path):
    city, _ = read_city(str(write_city(tmp_path / "city", closures=[work_zone()])))
    (one,) = city.closures
    assert (one.closure_id, one.both_directions) == ("WZ-1", False)
    assert one.source == "WZDx Street 1002"
    assert one.valid_until_us - one.valid_from_us == 6 * 86_400_000_000
    points = {"type": "MultiPoint", "coordinates": [list(corner(1, 1)), list(corner(2, 1))]}
    city, _ = read_city(str(write_city(tmp_path / "points", closures=[work_zone(geometry=points)])))
    assert len(city.closures) == 1


def test_work_zones_with_open_lanes_and_detours_close_nothing_and_say_so(tmp_path):
    zones = [
        work_zone("A", vehicle_impact="some-lanes-closed"),
        work_zone("B", core={"event_type": "detour"}),
    ]
    city, warnings = read_city(str(write_city(tmp_path / "city", closures=zones)))
    assert city.closures == ()
    assert [w.place for w in warnings if w.code == "work_zone_open"] == [
        "feature 1 (A)",
        "feature 2 (B)",
    ]


@pytest.mark.parametrize(
    ("zone", "field"),
    [
        (work_zone(vehicle_impact="closed"), "vehicle_impact"),
        (work_zone(vehicle_impact=None), "vehicle_impact"),
        (work_zone(core={"event_type": "party"}), "core_details.event_type"),
        (work_zone(core={"road_names": "Main"}), "core_details.road_names"),
        (work_zone(core_details=[]), "core_details"),
        (work_zone(start_date=None), "start_date"),
        (work_zone(end_date="soon"), "end_date"),
        (work_zone(end_date="2026-02-01T00:00:00Z"), "end_date"),
        (work_zone(geometry={"type": "Point", "coordinates": [0, 0]}), "geometry.type"),
    ],
)
def test_a_bad_value_of_a_work_zone_is_a_fault_with_its_place(tmp_path, zone, field):
    ((place, found, _),) = faults_of(tmp_path / "city", closures=[zone])
    assert (place, found) == ("feature 1 (WZ-1)", field)


def test_ids_of_work_zones_and_closures_are_one_set(tmp_path):
    ((place, field, code),) = faults_of(
        tmp_path / "city", closures=[closure("K-1"), work_zone("K-1")]
    )
    assert (place, field, code) == ("feature 2 (K-1)", "id", "duplicate_id")
    assert faults_of(tmp_path / "other", closures=[work_zone(None)])[0][1:] == ("id", "missing_id")
