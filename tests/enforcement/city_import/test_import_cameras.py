"""`freightpass import-cameras` from its source into a city that `check` accepts."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.enforcement.cities import SETTINGS, corner, write_city
from tests.enforcement.command import freightpass, refused
from tests.roadnet.real_data import ROADS

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "camera_id,lon,lat,bearing,name\n{rows}"


def table(folder: Path, *rows: str) -> Path:
    path = folder / "source.csv"
    path.write_text(TABLE.format(rows="\n".join(rows)), encoding="utf-8")
    return path


def row(camera_id: str, column: float, line: float, bearing: str = "90", name: str = "") -> str:
    lon, lat = corner(column, line)
    return f"{camera_id},{lon},{lat},{bearing},{name}"


def written(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def test_a_table_becomes_the_cameras_of_a_city(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city")
    source = table(
        tmp_path, row("C-001", 1, 1), row("C-002", 2, 1, "由东向西"), row("C-003", 2, 2, "", "南门")
    )
    out = city / "cameras.geojson"
    assert "is replaced only with --force" in refused("import-cameras", source, "-o", out)
    outcome = freightpass("import-cameras", source, "-o", out, "--city", city, "--force")
    assert outcome.code == 0, outcome
    assert outcome.out.splitlines()[-1].startswith(
        "3 cameras (1 doubtful), 0 faults, 0 left out; 3 台摄像机"
    )
    assert [one["properties"] for one in written(out)] == [
        {"camera_id": "C-001", "bearing": 90.0},
        {"camera_id": "C-002", "bearing": 270.0},
        {"camera_id": "C-003", "name": "南门"},
    ]
    assert freightpass("check", city).code == 0


def test_coordinates_become_those_of_the_city(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city", settings=SETTINGS.replace("wgs84", "gcj02"))
    source, out = table(tmp_path, row("C-1", 1, 1)), tmp_path / "out.geojson"
    assert freightpass("import-cameras", source, "-o", out, "--city", city).code == 0
    lon, lat = written(out)[0]["geometry"]["coordinates"]
    west, south = corner(1, 1)
    assert 0.002 < lon - west < 0.01  # GCJ-02 lies hundreds of metres off
    # Said to be in the coordinates of the city, it stays where it is.
    again = ("--city", city, "--coordinates", "gcj02", "--force")
    assert freightpass("import-cameras", source, "-o", out, *again).code == 0
    assert written(out)[0]["geometry"]["coordinates"] == [west, south]
    assert lat != south


def test_with_a_fault_nothing_is_written_unless_asked(tmp_path: Path) -> None:
    source, out = (
        table(tmp_path, row("C-1", 1, 1), row("C-2", 1, 1, "up")),
        tmp_path / "out.geojson",
    )
    outcome = freightpass("import-cameras", source, "-o", out)
    assert outcome.code == 1
    assert outcome.out.startswith("fault: line 3 (C-2): bearing: found `up`, expected degrees")
    assert "nothing was written, 未写入" in outcome.out
    assert not out.exists()
    outcome = freightpass("import-cameras", source, "-o", out, "--skip-faulty", "--json")
    assert outcome.code == 0
    report = json.loads(outcome.out)
    assert [one["camera_id"] for one in report["cameras"]] == ["C-1"]
    assert report["rejected"][0]["row"]["bearing"] == "up"
    assert len(written(out)) == 1


def test_one_camera_twice_for_the_same_time_is_a_fault_of_the_source(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    lon, lat = corner(1, 1)
    source.write_text(
        "id,lon,lat,valid_from,valid_until\n"
        f"C-1,{lon},{lat},,2026-03-31\n"
        f"C-1,{lon},{lat},2026-04-01,\n"
        f"C-2,{lon},{lat},,2026-03-31\n"
        f"C-2,{lon},{lat},2026/3/31,\n"
        f"C-3,{lon},{lat},2026-03-40,\n"
    )
    outcome = freightpass("import-cameras", source, "-o", tmp_path / "out", "--json")
    assert outcome.code == 1
    report = json.loads(outcome.out)
    assert [(one["place"], one["field"]) for one in report["rejected"]] == [
        ("line 6 (C-3)", "valid_from"),
        ("line 5 (C-2)", "camera_id"),
    ]
    assert (
        "`C-2` stands in line 4 (C-2) too and the two periods overlap"
        in (report["rejected"][1]["message"])
    )


def test_sources_and_options_that_do_not_fit(tmp_path: Path) -> None:
    source, out = table(tmp_path), tmp_path / "out.geojson"
    assert "there is no camera in it" in refused("import-cameras", source, "-o", out)
    other = tmp_path / "cameras.xlsx"
    other.write_bytes(b"PK")
    assert "unknown kind of file; expected .pbf, .osm" in refused(
        "import-cameras", other, "-o", out
    )
    assert "is a folder" in refused("import-cameras", source, "-o", tmp_path, "--force")
    wrong = freightpass("import-cameras", source, "-o", out, "--column", "colour=red")
    assert wrong.code == 2
    assert "expected FIELD=NAME with one of camera_id, lon, lat" in wrong.err
    town = tmp_path / "town.osm"
    town.write_text("<osm version='0.6'/>")
    wrong = freightpass("import-cameras", town, "-o", out, "--coordinates", "gcj02")
    assert (wrong.code, "OpenStreetMap has WGS-84" in wrong.err) == (2, True)
    assert "there is no camera in it" in refused("import-cameras", town, "-o", out)
    assert "no city can be read here" in refused(
        "import-cameras", source, "-o", out, "--city", tmp_path / "nowhere"
    )


@pytest.mark.parametrize("brief", [True, False])
def test_openstreetmap_lists_what_it_leaves_out(tmp_path: Path, brief: bool) -> None:
    town = tmp_path / "town.osm"
    lon, lat = corner(1, 1)
    surveillance = "".join(
        f'<node id="{n}" lon="{lon}" lat="{lat}"><tag k="man_made" v="surveillance"/></node>'
        for n in range(100, 125)
    )
    town.write_text(
        f'<osm version="0.6"><node id="7" lon="{lon}" lat="{lat}"><tag k="highway" v="speed_camera"/>'
        f'<tag k="maxspeed" v="50"/></node>{surveillance}</osm>'
    )
    options = ["--brief"] if brief else []
    outcome = freightpass("import-cameras", town, "-o", tmp_path / "out.geojson", *options)
    assert outcome.code == 0
    assert ("left out: node 100: a surveillance camera" in outcome.out) is not brief
    assert ("left out: 5 more; --json lists them all" in outcome.out) is not brief
    assert outcome.out.splitlines()[-1].startswith("1 camera (1 doubtful), 0 faults, 25 left out")
    (camera,) = written(tmp_path / "out.geojson")
    assert camera["properties"] == {"camera_id": "osm-node-7", "name": "maxspeed 50"}
    more = freightpass(
        "import-cameras", town, "-o", tmp_path / "all.geojson", "--surveillance", "--json"
    )
    assert len(json.loads(more.out)["cameras"]) == 26


def test_the_cameras_of_bath(tmp_path: Path) -> None:
    source = ROADS.parent / "passages/bath-2017-sites.csv"
    if not source.exists():
        pytest.skip("the cameras of Bath are not there")
    out = tmp_path / "cameras.geojson"
    report = json.loads(freightpass("import-cameras", source, "-o", out, "--json").out)
    assert (len(report["cameras"]), report["rejected"]) == (66, [])
    assert report["notes"] == [
        "columns not read: description, location_id, radial_group, in_out, code"
    ]
    with source.open(encoding="utf-8") as file:
        points = {row["id"]: "NESW".index(row["direction"]) * 90 for row in csv.DictReader(file)}
    assert {one["camera_id"]: one["bearing"] for one in report["cameras"]} == points
