"""A city folder: what is read from it, and every fault with its place."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enforcement.city import read_city
from enforcement.errors import CityError
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US
from enforcement.settings import Judgement
from roadnet.datum import from_wgs84
from tests.enforcement.cities import (
    SETTINGS,
    camera,
    closure,
    collection,
    corner,
    feature,
    good_city,
    line,
    permit,
    point,
    restriction,
    route,
    square,
    write_city,
)


def read(folder):
    return read_city(str(folder))


def faults_of(folder) -> list[str]:
    with pytest.raises(CityError) as caught:
        read(folder)
    assert str(caught.value) == "\n".join(str(fault) for fault in caught.value.faults)
    return [str(fault) for fault in caught.value.faults]


def warnings_of(folder) -> list[str]:
    return [str(warning) for warning in read(folder)[1]]


def on_route(**fields) -> dict:
    return {"route": "R-1", **fields}


# What is read


def test_a_good_city_is_read_without_a_warning(tmp_path):
    city, warnings = read(write_city(tmp_path))
    assert warnings == ()
    assert (city.name, city.timezone, city.holidays) == ("Toytown", "Asia/Shanghai", "CN")
    assert city.judgement == Judgement()
    assert city.network_file == str(tmp_path / "network.osm")
    assert [c.camera_id for c in city.cameras] == ["C-001", "C-002", "C-003"]
    first, second, third = city.cameras
    assert (first.lon, first.lat) == corner(1, 1)
    assert (first.bearing_deg, second.bearing_deg) == (90.0, None)
    assert second.clock_error_s == 2.5
    assert (first.valid_from_us, first.valid_until_us) == (ALWAYS_FROM_US, ALWAYS_UNTIL_US)
    assert third.valid_from_us == 1_767_196_800_000_000  # 2026-01-01 in Shanghai
    assert third.recorded_at_us == 1_767_571_200_000_000
    area, listed = city.restrictions
    assert area.vehicle_classes == {"heavy_truck"}
    assert area.area is not None
    assert area.cameras is None
    assert listed.plate_classes == {1, 51}
    assert listed.cameras == ("C-002",)
    assert listed.schedule == "24/7"
    assert listed.permits_exempt
    one, two = city.permits
    assert one.vehicles[0].plate == "赣C12345"
    assert one.vehicles[0].plate_class == 1
    assert two.vehicles[0].plate == "粤BD12345"
    assert two.vehicles[0].plate_class is None
    assert (two.binding, two.max_speed_kmh) == ("confines", 40.0)
    assert one.grants[0].route_id == "R-1"
    assert two.grants[0].area is not None
    assert two.grants[1].point is not None
    assert two.grants[1].point.radius_m == 300
    assert two.grants[2].cameras == ("C-001", "C-003")
    assert city.vehicles[0].vehicle_class == "heavy_truck"
    assert city.closures[0].lonlat.tolist() == [list(corner(1, 1)), list(corner(2, 1))]


def test_the_smallest_city_has_cameras_and_a_network(tmp_path):
    nothing = dict.fromkeys(["restrictions", "routes", "closures", "permits", "vehicles"])
    folder = write_city(tmp_path, settings='name = "T"\ntimezone = "UTC"\n', **nothing)
    city, warnings = read(folder)
    assert (city.permits, city.restrictions, city.holidays) == ((), (), "")
    assert {(w.file, w.code) for w in warnings} == {
        ("city.toml", "no_holidays"),
        ("restrictions.geojson", "no_restrictions"),
        ("permits.jsonl", "no_permits"),
    }


def test_judgement_is_read(tmp_path):
    table = "[judgement]\nmin_confidence = 0.5\ngrace_minutes = 0\nclock_error_seconds = 2\n"
    city, _ = read(write_city(tmp_path, settings=SETTINGS + table))
    assert city.judgement == Judgement(min_confidence=0.5, grace_minutes=0, clock_error_seconds=2.0)


def test_everything_is_sorted_by_id(tmp_path):
    folder = write_city(
        tmp_path,
        cameras=[
            camera("b", valid_from="2026-02-01"),
            camera("a"),
            camera("b", 2, 2, valid_until="2026-01-31"),
        ],
        restrictions=[restriction("X-2"), restriction("X-10")],
        routes=[route("R-2"), route("R-1")],
        permits=[permit("P-2"), permit("P-1")],
        closures=[closure("K-2"), closure("K-1")],
    )
    city, _ = read(folder)
    assert [(c.camera_id, c.place[:9]) for c in city.cameras] == [
        ("a", "feature 2"),
        ("b", "feature 3"),
        ("b", "feature 1"),
    ]
    assert [r.restriction_id for r in city.restrictions] == ["X-10", "X-2"]
    assert [r.route_id for r in city.routes] == ["R-1", "R-2"]
    assert [p.permit_id for p in city.permits] == ["P-1", "P-2"]
    assert [k.closure_id for k in city.closures] == ["K-1", "K-2"]


def test_numbers_serve_as_ids_and_references(tmp_path):
    folder = write_city(
        tmp_path,
        cameras=[camera(17), camera("18")],
        restrictions=[restriction(1, cameras=["17", 18.0])],
        routes=[route(5)],
        permits=[permit(9, grants=[{"route": 5}, {"route": "5"}, {"cameras": [17]}])],
    )
    city, _ = read(folder)
    assert city.restrictions[0].cameras == ("17", "18")
    assert [g.route_id for g in city.permits[0].grants] == ["5", "5", None]
    assert city.permits[0].permit_id == "9"


def test_empty_and_null_are_missing_where_a_value_is_optional(tmp_path):
    bare = permit("P-1", binding=None, valid_from="", valid_until=None, holder=None)
    bare["vehicles"][0]["plate_class"] = ""
    bare["grants"] = [{"route": "R-1", "schedule": None, "area": None, "cameras": None}]
    folder = write_city(
        tmp_path, permits=[bare], cameras=[camera("C-1", bearing="", name=None)], restrictions=[]
    )
    city, warnings = read(folder)
    assert warnings == ()
    assert city.permits[0].binding == "exempts"
    assert city.permits[0].vehicles[0].plate_class is None
    assert city.permits[0].valid_until_us == ALWAYS_UNTIL_US
    assert city.permits[0].grants[0].schedule == "24/7"
    assert city.cameras[0].bearing_deg is None


def test_alike_grants_are_one_object(tmp_path):
    city, _ = read(write_city(tmp_path, permits=[permit("P-1"), permit("P-2")]))
    assert city.permits[0].grants[0] is city.permits[1].grants[0]


def test_status_is_ordered_by_its_instants(tmp_path):
    status = [
        {"status": "revoked", "from": "2026-06-01"},
        {"status": "active", "from": "2026-01-01T00:00:00Z"},
    ]
    city, _ = read(write_city(tmp_path, permits=[permit("P-1", status=status)]))
    assert [entry.status for entry in city.permits[0].status] == ["active", "revoked"]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_every_geometry_is_turned_into_wgs84(tmp_path, datum):
    def shifted(geometry):
        if isinstance(geometry[0], list):
            return [shifted(part) for part in geometry]
        lon, lat = from_wgs84(np.array([geometry[0]]), np.array([geometry[1]]), datum)
        return [float(lon[0]), float(lat[0])]

    parts = json.loads(json.dumps(good_city()))
    for name in ("cameras", "restrictions", "routes", "closures"):
        for one in parts[name]:
            if one["geometry"]:
                one["geometry"]["coordinates"] = shifted(one["geometry"]["coordinates"])
    grants = parts["permits"][1]["grants"]
    grants[0]["area"]["coordinates"] = shifted(grants[0]["area"]["coordinates"])
    place = grants[1]["place"]
    place["lon"], place["lat"] = shifted([place["lon"], place["lat"]])
    settings = SETTINGS.replace("wgs84", datum)
    there, _ = read(write_city(tmp_path / "there", settings=settings, **parts))
    here, _ = read(write_city(tmp_path / "here"))

    def places(city):
        points = [(c.lon, c.lat) for c in city.cameras]
        points += [tuple(p) for r in (*city.routes, *city.closures) for p in r.lonlat]
        points += list(city.restrictions[0].area.exterior.coords)
        points += list(city.permits[1].grants[0].area.exterior.coords)
        point = city.permits[1].grants[1].point
        return np.array([*points, (point.lon, point.lat)])

    assert there.coordinates == datum
    assert np.abs(places(there) - places(here)).max() < 1e-7
    assert (
        np.abs(np.array(parts["cameras"][0]["geometry"]["coordinates"]) - corner(1, 1)).max() > 1e-3
    )


def test_a_byte_order_mark_is_no_fault(tmp_path):
    folder = write_city(tmp_path)
    for name in ("city.toml", "cameras.geojson", "permits.jsonl"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert read(folder)[1] == ()


def test_windows_line_ends_and_blank_lines_are_no_fault(tmp_path):
    folder = write_city(tmp_path)
    lines = (folder / "permits.jsonl").read_bytes().replace(b"\n", b"\r\n\r\n")
    (folder / "permits.jsonl").write_bytes(lines)
    city, _ = read(folder)
    assert [p.place for p in city.permits] == ["line 1 (P-1)", "line 3 (P-2)"]


def test_a_city_is_read_from_a_url(tmp_path):
    write_city(tmp_path / "town")
    by_url, _ = read_city((tmp_path / "town").as_uri())
    by_path, _ = read_city(str(tmp_path / "town"))
    assert [p.permit_id for p in by_url.permits] == [p.permit_id for p in by_path.permits]
    assert by_url.network_file == (tmp_path / "town" / "network.osm").as_uri()


# The folder as a whole


def test_there_is_no_folder(tmp_path):
    assert faults_of(tmp_path / "nowhere")[0].startswith(f"{tmp_path}/nowhere: no city can be read")


def test_the_folder_is_a_file(tmp_path):
    (tmp_path / "city").write_text("x")
    assert "it is a file" in faults_of(tmp_path / "city")[0]


@pytest.mark.parametrize("url", ["nosuch://bucket/city", "file:///nowhere/at/all", "://"])
def test_a_url_that_leads_nowhere(url):
    with pytest.raises(CityError, match="no city can be read here"):
        read_city(url)


def test_an_empty_folder_tells_what_it_lacks(tmp_path):
    assert {fault.partition(":")[0] for fault in faults_of(tmp_path)} == {
        "city.toml",
        "network.osm.pbf",
        "cameras.geojson",
    }


def test_a_misspelt_file_name_is_pointed_at(tmp_path):
    folder = write_city(tmp_path, cameras=None, files={"camera.geojson": "{}"})
    assert any("found camera.geojson" in fault for fault in faults_of(folder))


def test_a_folder_in_the_place_of_a_file(tmp_path):
    folder = write_city(tmp_path, permits=None)
    (folder / "permits.jsonl").mkdir()
    assert any("permits.jsonl: cannot be read" in fault for fault in faults_of(folder))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"network.osm.gz": "x"}, "network.osm.gz: stands beside network.osm"),
        ({"permits.parquet": "x"}, "permits.parquet: stands beside permits.jsonl"),
    ],
)
def test_two_files_of_one_kind(tmp_path, files, words):
    assert any(words in fault for fault in faults_of(write_city(tmp_path, files=files)))


def test_a_geoparquet_network_is_not_read_yet(tmp_path):
    folder = write_city(tmp_path, network_osm=None, files={"network.parquet": "x"})
    assert any("GeoParquet networks are not read yet" in fault for fault in faults_of(folder))


def test_faults_of_all_files_are_told_together(tmp_path):
    folder = write_city(
        tmp_path,
        settings='name = "T"\ntimezone = "Mars"\n',
        cameras=[camera("C-1", bearing=400)],
        restrictions=[restriction("X-1", vehicle_classes=["lorry"])],
        routes=[route("R-1", (0, 0), (0, 0))],
        permits=[permit("P-1", grants=[on_route(schedule="9-16")]), permit("P-2", vehicles=[])],
        vehicles=[{"plate": "??", "vehicle_class": "car"}],
        closures=[closure(None)],
    )
    assert [fault.partition(":")[0] for fault in faults_of(folder)] == [
        "city.toml",
        "cameras.geojson",
        "routes.geojson",
        "restrictions.geojson",
        "permits.jsonl",
        "permits.jsonl",
        "vehicles.parquet",
        "closures.geojson",
    ]


def test_a_broken_camera_file_is_not_told_again_at_every_reference(tmp_path):
    folder = write_city(tmp_path, files={"cameras.geojson": "{", "routes.geojson": "[]"})
    assert [fault.partition(":")[0] for fault in faults_of(folder)] == [
        "cameras.geojson",
        "routes.geojson",
    ]


# city.toml


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = \n", "city.toml: line 1, column 8: Invalid value"),
        ('timezone = "UTC"', "city.toml: name: is missing"),
        ('name = "T"', "city.toml: timezone: is missing"),
        ('name = 5\ntimezone = "UTC"', "city.toml: name: found `5`, expected text"),
        (
            SETTINGS.replace("Shanghai", "Shangai"),
            "timezone: found `Asia/Shangai`, expected a zone",
        ),
        (SETTINGS.replace("Asia/Shanghai", "Asia"), "timezone: found `Asia`, expected a zone"),
        (SETTINGS.replace("Asia/Shanghai", "../etc"), "timezone: found `../etc`, expected a zone"),
        (SETTINGS.replace('"CN"', '"China"'), "holidays: `China` is no country"),
        (SETTINGS.replace('"CN"', "1"), "holidays: found `1`, expected text"),
        (SETTINGS.replace("wgs84", "gcj-02"), "coordinates: found `gcj-02`, expected one of wgs84"),
        (SETTINGS + "holliday = 1", "holliday: unknown key, did you mean `holidays`?"),
        (SETTINGS + "[judgment]\n", "judgment: unknown key, did you mean `judgement`?"),
        (SETTINGS + "judgement = 1", "judgement: found `1`, expected a table"),
        (SETTINGS + "[judgement]\ngrace = 5", "judgement.grace: unknown key, did you mean"),
        (
            SETTINGS + "[judgement]\ngrace_minutes = -1",
            "judgement.grace_minutes: found -1, expected 0",
        ),
        (SETTINGS + "[judgement]\ngrace_minutes = 721", "found 721, expected 0 to 720"),
        (SETTINGS + "[judgement]\ngrace_minutes = 2.5", "found 2.5, expected a whole number"),
        (SETTINGS + '[judgement]\ngrace_minutes = "5"', "found `5`, expected a number"),
        (SETTINGS + '[judgement]\ngrace_minutes = ""', "expected a number"),
        (SETTINGS + "[judgement]\ngrace_minutes = true", "found true, expected a number"),
        (SETTINGS + "[judgement]\nmin_confidence = 80", "found 80, expected 0 to 1"),
        (SETTINGS + "[judgement]\nmin_confidence = nan", "found `nan`, expected a number"),
        (SETTINGS + "[judgement]\nduplicate_seconds = -0.5", "found -0.5, expected at least 0"),
    ],
)
def test_a_fault_of_the_settings(tmp_path, text, words):
    (fault,) = faults_of(write_city(tmp_path, settings=text))
    assert fault.startswith("city.toml: ")
    assert words in fault


def test_settings_that_are_no_utf_8(tmp_path):
    folder = write_city(tmp_path, settings=None)
    (folder / "city.toml").write_bytes('name = "清潭"'.encode("gb18030"))
    assert faults_of(folder) == ["city.toml: the text is not UTF-8"]


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


def ring(*positions) -> dict:
    return {"type": "Polygon", "coordinates": [[list(position) for position in positions]]}


BOW_TIE = ring((0, 0), (2, 2), (2, 0), (0, 2), (0, 0))


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


# Warnings


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"cameras": []}, "cameras.geojson: features: there is no camera"),
        ({"permits": []}, "permits.jsonl: there is no permit in it"),
        (
            {"permits": [permit("P-1", grants=[on_route(), {"cameras": []}])]},
            "permits.jsonl: line 1 (P-1): grants[1].cameras: an empty list: it grants nothing",
        ),
        (
            {"permits": [permit("P-1", grants=[on_route(schedule="off")])]},
            "grants[0].schedule: `off` opens on no day: it grants nothing",
        ),
        (
            {"permits": [permit("P-1", status=[{"status": "active", "from": "2027-01-01"}])]},
            "status: is never active while the permit is valid",
        ),
        (
            {"permits": [permit("P-1", status=[{"status": "applied", "from": "2026-01-01"}])]},
            "status: is never active while the permit is valid",
        ),
        (
            {
                "permits": [
                    permit(
                        "P-1",
                        status=[
                            {"status": "active", "from": "2026-01-01"},
                            {"status": "revoked", "from": "2026-01-01T00:00:00+08:00"},
                        ],
                    )
                ]
            },
            "status: `active` and `revoked` begin at one instant",
        ),
        (
            {"permits": [permit("P-1", grants=[on_route(scedule="24/7")])]},
            "grants[0].scedule: unknown property `scedule`, did you mean `schedule`?",
        ),
        (
            {"permits": [permit("P-1", colour="red"), permit("P-2", colour="red")]},
            "line 1 (P-1): colour: unknown property `colour`; it is not read (and in 1 more places)",
        ),
        (
            {"permits": [permit("P-1", grants=[on_route(schedule="22:00-06:00; PH off")])]},
            "grants[0].schedule: schedule `22:00-06:00; PH off`: `22:00-06:00` runs past midnight",
        ),
        (
            {"permits": [permit("P-1", valid_until="2027-12-31")]},
            "city.toml: holidays: the holidays of `CN` are published up to 2026, and 1 permits",
        ),
        (
            {"restrictions": [restriction("X", schedule="off")]},
            "restrictions.geojson: feature 1 (X): schedule: `off` opens on no day",
        ),
        (
            {
                "settings": SETTINGS.replace('"CN"', '""'),
                "restrictions": [restriction("X", schedule="PH off; 24/7")],
            },
            "names PH, but the city's calendar has no holidays",
        ),
        (
            {"routes": [route("R-1", colour="red")]},
            "routes.geojson: feature 1 (R-1): colour: unknown",
        ),
        (
            {"cameras": [camera(" C-1")], "restrictions": [], "permits": []},
            "begins or ends with a blank",
        ),
    ],
)
def test_a_warning(tmp_path, parts, words):
    if "cameras" in parts:
        parts = {"restrictions": [], "permits": [], **parts}
    assert any(words in warning for warning in warnings_of(write_city(tmp_path, **parts)))


def test_a_schedule_is_warned_of_once(tmp_path):
    grants = [on_route(schedule="22:00-06:00; PH off")]
    folder = write_city(tmp_path, permits=[permit(f"P-{i}", grants=grants) for i in range(5)])
    assert len(warnings_of(folder)) == 1


def test_unknown_columns_are_warned_of(tmp_path):
    row = {"plate": "赣C12345", "vehicle_clas": "x", "vehicle_class": "car"}
    (warning,) = warnings_of(write_city(tmp_path, vehicles=[row]))
    assert "vehicles.parquet: vehicle_clas: unknown column `vehicle_clas`, did you mean" in warning
