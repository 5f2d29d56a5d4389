"""GeoJSON of a city: every fault of cameras, restrictions, routes and closures."""

from __future__ import annotations

import json

import pytest

from tests.enforcement.cities import (
    BOW_TIE,
    camera,
    closure,
    collection,
    corner,
    faults_of,
    feature,
    good_city,
    line,
    permit,
    point,
    read,
    restriction,
    ring,
    route,
    square,
    write_city,
)

# GeoJSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cameras.geojson: line 1, column 1: there is nothing in it"),
        ('{"type":\n  FeatureCollection}', "cameras.geojson: line 2, column 3: invalid character"),
        ('{"type": "FeatureCollection"', "the text ends in the middle"),
        ("[" * 5000, "nested too deep"),
        (b"\xff\xfe\x00", "the text is not UTF-8"),
        ("[]", "type: found an empty list, expected a FeatureCollection"),
        ('{"type": "Feature"}', "type: found `Feature`, expected a FeatureCollection"),
        ('{"type": "FeatureCollection"}', "features: found null, expected a list"),
        ('{"type": "FeatureCollection", "features": [5]}', "feature 1: type: expected an object"),
        (
            json.dumps(collection([camera("C"), {"type": "Feature", "properties": 5}])),
            "feature 2: properties: found `5`, expected an object",
        ),
        (
            json.dumps(collection([], crs={"type": "name", "properties": {"name": "EPSG:3857"}})),
            "crs: found `EPSG:3857`, expected longitude and latitude in WGS-84",
        ),
        (json.dumps(collection([], crs=5)), "crs: found `5`"),
    ],
)
def test_a_fault_of_a_whole_collection(tmp_path, text, words):
    folder = write_city(tmp_path, restrictions=[], permits=[], files={"cameras.geojson": text})
    (fault,) = faults_of(folder)
    assert fault.startswith("cameras.geojson")
    assert words in fault


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"]
)
def test_names_of_wgs84_are_no_fault(tmp_path, name):
    crs = {"type": "name", "properties": {"name": name}}
    cameras = collection(good_city()["cameras"], crs=crs)
    assert read(write_city(tmp_path, cameras=cameras))[1] == ()


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (feature(point(*corner(1, 1))), "feature 1: camera_id: is missing, expected an id"),
        (feature(point(*corner(1, 1)), camera_id=""), "camera_id: is missing"),
        (feature(point(*corner(1, 1)), camera_id=[1]), "camera_id: is a list, expected an id"),
        (feature(point(*corner(1, 1)), camera_id=True), "camera_id: is true, expected an id"),
        (camera("C", bearing=361), "feature 1 (C): bearing: found 361, expected 0 to 360"),
        (camera("C", bearing=-1), "bearing: found -1, expected 0 to 360"),
        (camera("C", bearing="90"), "bearing: found `90`, expected a number"),
        (camera("C", name={}), "name: found an object, expected text"),
        (camera("C", clock_error_seconds=-1), "clock_error_seconds: found -1, expected at least 0"),
        (camera("C", valid_from="2026-13-01"), "valid_from: `2026-13-01` is no day"),
        (camera("C", valid_from="2026-01-01T00:00:00"), "valid_from: `2026-01-01T00:00:00` has no"),
        (
            camera("C", valid_from="2026-02-01", valid_until="2026-01-31"),
            "valid_until: found `2026-01-31`, expected a time after valid_from",
        ),
        (
            camera("C", valid_from="2026-01-01T00:00:00Z", valid_until="2026-01-01T00:00:00Z"),
            "expected a time after valid_from",
        ),
        (camera("C", recorded_at=5), "recorded_at: found 5, expected an instant"),
        (feature(None, camera_id="C"), "geometry: found null, expected a Point"),
        (feature(line((1, 1), (2, 2)), camera_id="C"), "geometry.type: found `LineString`"),
        (feature({"type": "Point"}, camera_id="C"), "geometry.coordinates: found null"),
        (feature(point("114", 27), camera_id="C"), "found `114`, expected a number of degrees"),
        (feature(point(10**400, 27), camera_id="C"), "expected a number of degrees"),
        (
            feature({"type": "Point", "coordinates": [1]}, camera_id="C"),
            "geometry.coordinates: found a list, expected a position",
        ),
        (
            feature(point(27.81, 114.39), camera_id="C"),
            "geometry.coordinates: 27.81, 114.39 look like latitude, longitude",
        ),
        (feature(point(200, 27), camera_id="C"), "found 200, 27, expected longitude -180 to 180"),
        (feature(point(114, 227), camera_id="C"), "found 114, 227, expected longitude"),
        (
            feature(point(4e5, 5e6), camera_id="C"),
            "400000, 5000000 look like metres of a projected",
        ),
    ],
)
def test_a_fault_of_a_camera(tmp_path, one, words):
    folder = write_city(tmp_path, cameras=[one], restrictions=[], permits=[])
    (fault,) = faults_of(folder)
    assert fault.startswith("cameras.geojson: feature 1")
    assert words in fault


def test_bearing_360_is_north(tmp_path):
    folder = write_city(tmp_path, cameras=[camera("C", bearing=360)], restrictions=[], permits=[])
    assert read(folder)[0].cameras[0].bearing_deg == 0


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ({}, {}, True),
        ({"valid_until": "2026-01-31"}, {"valid_from": "2026-01-31"}, True),
        ({"valid_until": "2026-01-31"}, {"valid_from": "2026-02-01"}, False),
        ({"valid_from": "2026-02-01"}, {"valid_until": "2026-01-31"}, False),
        ({"valid_from": "2026-02-01", "valid_until": "2026-02-10"}, {}, True),
        ({"valid_until": "2026-01-31T00:00:00Z"}, {"valid_from": "2026-01-31T00:00:00Z"}, False),
    ],
)
def test_a_camera_may_stand_twice_for_periods_that_do_not_overlap(tmp_path, first, second, overlap):
    folder = write_city(
        tmp_path,
        cameras=[camera("C", **first), camera("C", 2, 2, **second)],
        restrictions=[],
        permits=[],
    )
    if overlap:
        (fault,) = faults_of(folder)
        assert "camera_id: `C` stands in feature" in fault
        assert "overlap" in fault
    else:
        assert len(read(folder)[0].cameras) == 2


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (restriction(None), "restriction_id: is missing"),
        (restriction("X", vehicle_classes=None), "vehicle_classes: names no class"),
        (restriction("X", vehicle_classes=[], plate_classes=[]), "vehicle_classes: names no class"),
        (restriction("X", vehicle_classes="heavy_truck"), "found `heavy_truck`, expected a list"),
        (
            restriction("X", vehicle_classes=["heavy truck"]),
            "vehicle_classes[0]: found `heavy truck`, expected one of heavy_truck",
        ),
        (restriction("X", vehicle_classes=["heavy truck"]), "did you mean `heavy_truck`?"),
        (
            restriction("X", plate_classes=["01", "99"]),
            "plate_classes[1]: found `99`, expected two",
        ),
        (
            restriction("X", plate_classes=[None]),
            "plate_classes[0]: found null, expected two digits",
        ),
        (restriction("X", plate_classes=[10**30]), "plate_classes[0]: found `1000"),
        (
            restriction("X", schedule="Mo-Fr 09:00-1x:00"),
            "schedule: schedule `Mo-Fr 09:00-1x:00`: column 13",
        ),
        (restriction("X", schedule=5), "schedule: found `5`, expected text"),
        (restriction("X", schedule=""), "schedule: schedule ``: column 1"),
        (
            restriction("X", permits_exempt="no"),
            "permits_exempt: found `no`, expected true or false",
        ),
        (
            feature(None, restriction_id="X", vehicle_classes=["car"]),
            "geometry: is null and cameras",
        ),
        (restriction("X", cameras=[]), "geometry: is null and cameras names none"),
        (
            restriction("X", square(0, 0, 1, 1), cameras=["C-001"]),
            "cameras: stands beside a geometry, expected one of the two",
        ),
        (
            restriction("X", cameras=["C-001", "C-009"]),
            "cameras[1]: found `C-009`, which is no camera",
        ),
        (restriction("X", cameras=["c-001"]), "which is no camera, did you mean `C-001`?"),
        (restriction("X", cameras="C-001"), "cameras: found `C-001`, expected a list"),
        (restriction("X", cameras=[{}]), "cameras[0]: found an object, expected a camera's id"),
        (
            restriction("X", point(1, 1)),
            "geometry.type: found `Point`, expected Polygon or MultiPolygon",
        ),
        (restriction("X", BOW_TIE), "geometry: the polygon crosses itself at 1, 1"),
        (
            restriction("X", ring((0, 0), (2, 0), (2, 2))),
            "geometry.coordinates[0]: the ring is not closed: it begins at 0, 0 and ends at 2, 2",
        ),
        (
            restriction("X", ring((0, 0), (2, 0), (0, 0))),
            "found 3 positions, expected four or more",
        ),
        (
            restriction("X", {"type": "Polygon", "coordinates": []}),
            "geometry.coordinates: found an empty",
        ),
        (
            restriction("X", {"type": "Polygon", "coordinates": [[]]}),
            "coordinates[0]: found an empty list",
        ),
        (restriction("X", {"type": "Polygon", "coordinates": [5]}), "coordinates[0]: found `5`"),
        (
            restriction("X", {"type": "MultiPolygon", "coordinates": [5]}),
            "coordinates[0]: found `5`",
        ),
        (
            restriction("X", {"type": "MultiPolygon", "coordinates": [BOW_TIE["coordinates"]]}),
            "crosses itself",
        ),
        (restriction("X", ring((0, 0), (1, 0), (2, 0), (0, 0))), "geometry: the polygon"),
        (
            restriction("X", ring((27, 114), (28, 114), (28, 115), (27, 114))),
            "geometry.coordinates[0][0]: 27, 114 look like latitude, longitude",
        ),
    ],
)
def test_a_fault_of_a_restriction(tmp_path, one, words):
    (fault,) = faults_of(write_city(tmp_path, restrictions=[one]))
    assert fault.startswith("restrictions.geojson: feature 1")
    assert words in fault


def test_a_multipolygon_with_a_hole_is_an_area(tmp_path):
    outer = square(0, 0, 3, 3)["coordinates"]
    hole = square(1, 1, 2, 2)["coordinates"]
    beside = square(4, 0, 5, 1)["coordinates"]
    area = {"type": "MultiPolygon", "coordinates": [outer + hole, beside]}
    city, _ = read(write_city(tmp_path, restrictions=[restriction("X", area)]))
    assert city.restrictions[0].area.area == pytest.approx((9 - 1 + 1) * 0.004**2)


@pytest.mark.parametrize(
    ("name", "build"),
    [("restriction", restriction), ("route", route), ("closure", closure), ("permit", permit)],
)
def test_an_id_that_stands_twice(tmp_path, name, build):
    part = {f"{name}s": [build("R-1"), build("R-1")]}
    (fault,) = faults_of(write_city(tmp_path, **part))
    unit = "line" if name == "permit" else "feature"
    assert f"{unit} 2 (R-1): {name}_id: `R-1` stands in {unit} 1 (R-1) too" in fault


@pytest.mark.parametrize("position", [(0, 0), (1, 1)])
def test_a_route_in_one_place(tmp_path, position):
    (fault,) = faults_of(write_city(tmp_path, routes=[route("R-1", position, position)]))
    assert (
        "routes.geojson: feature 1 (R-1): geometry.coordinates: found 2 positions in one" in fault
    )


def test_a_route_in_several_lines(tmp_path):
    several = feature(
        {"type": "MultiLineString", "coordinates": [[[1, 1], [2, 2]]]}, route_id="R-1"
    )
    (fault,) = faults_of(write_city(tmp_path, routes=[several]))
    assert "geometry.type: found `MultiLineString`, expected LineString" in fault


def test_a_fault_of_a_closure(tmp_path):
    backwards = closure("K", valid_from="2026-02-01", valid_until="2026-01-01")
    (fault,) = faults_of(write_city(tmp_path, closures=[backwards]))
    assert "closures.geojson: feature 1 (K): valid_until: found `2026-01-01`" in fault
