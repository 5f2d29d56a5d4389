"""`freightpass import-restrictions` from streets to areas that `check` accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from tests.enforcement.cities import SETTINGS, camera, corner, write_city
from tests.enforcement.command import freightpass, refused
from tests.roadnet.real_data import road_file

if TYPE_CHECKING:
    from pathlib import Path

METRE = 1 / 111_195  # degrees of latitude


def town(streets: list[tuple[int, list[tuple[float, float]], dict[str, str]]]) -> str:
    """Write streets through corners of the grid; equal corners are one node."""
    places = sorted({at for _, corners, _ in streets for at in corners})
    lines = ['<osm version="0.6">']
    for number, at in enumerate(places, 1):
        lon, lat = corner(*at)
        lines.append(f'<node id="{number}" lon="{lon}" lat="{lat}"/>')
    for way_id, corners, tags in streets:
        lines.append(f'<way id="{way_id}">')
        lines += [f'<nd ref="{places.index(at) + 1}"/>' for at in corners]
        every = {"highway": "residential"} | tags
        lines += [f'<tag k="{key}" v="{value}"/>' for key, value in every.items()]
        lines.append("</way>")
    return "\n".join([*lines, "</osm>"])


NIGHT = {"hgv:conditional": "no @ (22:00-06:00)"}
STREETS = [
    (10, [(0, 0), (1, 0)], {"name": "North Street", **NIGHT}),
    (11, [(1, 0), (2, 0)], NIGHT),  # goes on where 10 ends
    (12, [(0, 2), (1, 2)], {"name": "South Street", **NIGHT}),
    (13, [(1.1, 2), (2, 2)], {"name": "South Street", **NIGHT}),  # 40 m farther
    (14, [(0, 3), (1, 3)], {"name": "Market", "hgv": "no"}),
    (15, [(1, 0), (1, 2)], {"name": "Cross Street"}),
    (16, [(0, 5), (1, 5)], {"name": "Wet Street", "hgv:conditional": "no @ wet"}),
    (17, [(3, 0), (3, 1)], {"name": "Yard", "hgv:conditional": "destination @ (Mo-Fr)"}),
]


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(town(STREETS), encoding="utf-8")
    return path


def restrictions(path: Path) -> dict[str, dict[str, Any]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {one["properties"]["restriction_id"]: one for one in features}


def test_streets_of_one_rule_side_by_side_are_one_restriction(streets: Path) -> None:
    out = streets.parent / "restrictions.geojson"
    outcome = freightpass("import-restrictions", streets, "-o", out)
    assert outcome.code == 0, outcome
    assert outcome.out.splitlines()[-1].startswith(
        "3 restrictions, 2 kinds of tags not expressed; 3 条"
    )
    found = restrictions(out)
    assert list(found) == ["osm-way-10-no", "osm-way-12-no", "osm-way-17-destination"]
    assert found["osm-way-10-no"]["properties"] == {
        "restriction_id": "osm-way-10-no",
        "name": "North Street: hgv:conditional=no @ (22:00-06:00)",
        "vehicle_classes": ["heavy_truck", "medium_truck", "tractor"],
        "schedule": "22:00-06:00",
        "permits_exempt": True,
    }
    area = shapely.geometry.shape(found["osm-way-10-no"]["geometry"])
    lon, lat = corner(0.5, 0)
    for metres, inside in ((9, True), (-9, True), (11, False), (-11, False)):
        assert area.covers(shapely.Point(lon, lat + metres * METRE)) is inside
    west, _ = corner(0, 0)
    assert not area.covers(shapely.Point(west - 3 * METRE, lat))  # it ends where the street ends
    assert area.covers(shapely.Point(*corner(1, 0)))
    both = shapely.geometry.shape(found["osm-way-12-no"]["geometry"])
    assert both.geom_type == "MultiPolygon"
    assert (
        "not expressed: hgv:conditional=no @ wet: a camera does not see `wet` (ways 16)"
        in outcome.out
    )
    assert "not expressed: hgv=no: it holds at all hours: --unconditional makes" in outcome.out


def test_options(streets: Path) -> None:
    out = streets.parent / "out.geojson"
    call = ("import-restrictions", streets, "-o", out, "--force", "--json")
    report = json.loads(freightpass(*call, "--unconditional", "--name", "MARKET").out)
    assert [one["way_ids"] for one in report["restrictions"]] == [[14]]
    assert report["restrictions"][0]["schedule"] == "24/7"
    report = json.loads(freightpass(*call, "--without-destination").out)
    assert [one["level"] for one in report["restrictions"]] == ["no", "no"]
    left = {one["tag"]: one for one in report["not_expressed"]}
    assert left["hgv:conditional=destination @ (Mo-Fr)"]["way_ids"] == [17]
    freightpass(*call, "--width", 40)
    lon, lat = corner(0.5, 0)
    area = shapely.geometry.shape(restrictions(out)["osm-way-10-no"]["geometry"])
    assert area.covers(shapely.Point(lon, lat + 19 * METRE))


def test_nothing_is_overwritten_and_nothing_is_written_for_nothing(streets: Path) -> None:
    out = streets.parent / "out.geojson"
    outcome = freightpass("import-restrictions", streets, "-o", out, "--name", "nowhere")
    assert (outcome.code, out.exists()) == (0, False)
    assert "nothing was written, 未写入" in outcome.out
    out.write_text("mine")
    assert "only with --force" in refused("import-restrictions", streets, "-o", out)
    assert out.read_text() == "mine"
    other = streets.parent / "town.shp"
    other.write_text("")
    assert "unknown kind of file" in refused("import-restrictions", other, "-o", out, "--force")
    broken = streets.parent / "broken.osm"
    broken.write_text(town(STREETS)[:900])
    assert "ends too early" in refused("import-restrictions", broken, "-o", out, "--force")


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_city_accepts_them_in_its_own_coordinates(streets: Path, datum: str) -> None:
    city = write_city(
        streets.parent / "city",
        settings=SETTINGS.replace("wgs84", datum),
        network_osm=town(STREETS),
        cameras=[camera("C-1", 0.5, 0), camera("C-2", 1, 1)],
        routes=None,
        restrictions=None,
        permits=None,
        closures=None,
    )
    out = city / "restrictions.geojson"
    assert freightpass("import-restrictions", streets, "-o", out, "--city", city).code == 0
    report = json.loads(freightpass("check", city, "--json").out)
    assert report["faults"] == []
    assert report["counts"]["restrictions"] == 3
    area = shapely.geometry.shape(restrictions(out)["osm-way-10-no"]["geometry"])
    east = area.bounds[0] - corner(0, 0)[0]
    assert abs(east) < 0.0001 if datum == "wgs84" else 0.002 < east < 0.02


def test_what_a_sign_forbids_is_a_suspected_violation(streets: Path) -> None:
    city = write_city(
        streets.parent / "city",
        network_osm=town(STREETS),
        cameras=[camera("C-1", 0.5, 0), camera("C-2", 1, 1)],
        routes=None,
        restrictions=None,
        permits=None,
        closures=None,
        vehicles=None,
    )
    out = city / "restrictions.geojson"
    assert freightpass("import-restrictions", streets, "-o", out, "--city", city).code == 0

    def verdict(camera_id: str, clock: str, vehicle_class: str) -> str:
        call = ("explain", "--city", city, "--plate", "赣C12345", "--camera", camera_id, "--json")
        at = f"2026-03-17T{clock}"
        found = freightpass(*call, "--at", at, "--vehicle-class", vehicle_class)
        return json.loads(found.out)["verdict"]

    assert verdict("C-1", "23:30", "heavy_truck") == "violation"
    assert verdict("C-1", "05:59", "medium_truck") == "violation"
    assert verdict("C-1", "12:00", "heavy_truck") == "not_restricted"
    assert verdict("C-1", "23:30", "light_truck") == "not_restricted"
    assert verdict("C-2", "23:30", "heavy_truck") == "not_restricted"  # another street


def test_heidelberg(tmp_path: Path) -> None:
    network = road_file("heidelberg.osm.pbf")
    out = tmp_path / "restrictions.geojson"
    outcome = freightpass("import-restrictions", network, "-o", out, "--unconditional", "--json")
    report = json.loads(outcome.out)
    by_tag = {one["tags"]: one for one in report["restrictions"]}
    night = by_tag["hgv:conditional=no @ (19:00-6:00)"]
    assert (night["way_ids"], night["schedule"]) == ([24968886], "19:00-6:00")
    assert night["name"].startswith("Ludwig-Guttmann-Straße: ")
    weights = by_tag["access:conditional=no @ (7:30-19:00 AND weight>7.5)"]
    assert weights["vehicle_classes"] == ["heavy_truck"]
    assert len(weights["way_ids"]) == 5
    plain = [
        way for one in report["restrictions"] if one["tags"] == "hgv=no" for way in one["way_ids"]
    ]
    assert len(plain) == 95
    assert len(set(plain)) == len(plain)
    assert all(
        shapely.geometry.shape(one["geometry"]).is_valid for one in restrictions(out).values()
    )
