"""A city folder as a whole: what is read from it, its warnings."""

from __future__ import annotations

import json

import numpy as np
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
    corner,
    faults_of,
    good_city,
    on_route,
    permit,
    read,
    restriction,
    route,
    warnings_of,
    write_city,
)

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


def test_a_geoparquet_network_is_one_of_the_formats(tmp_path):
    folder = write_city(tmp_path, network_osm=None, files={"network.parquet": "x"})
    definition, _ = read_city(str(folder))
    assert definition.network_file == str(tmp_path / "network.parquet")


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


# Warnings


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {
                "settings": SETTINGS
                + '[judgement]\ncase_gap_minutes = 30\ncase_policy = "per_day"\n'
            },
            "city.toml: judgement.case_gap_minutes: is not used: case policy `per_day` has its own",
        ),
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
