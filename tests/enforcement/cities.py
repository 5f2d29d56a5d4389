"""City folders written inline: a good small city, and the pieces to bend it with.

>>> folder = write_city(tmp_path)                                  # a city without faults
>>> write_city(tmp_path, permits=[permit("P-1", vehicles=[])])     # one with a fault
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enforcement.city import read_city
from enforcement.errors import CityError, Fault

if TYPE_CHECKING:
    from pathlib import Path

    from enforcement.rules.definition import CityDefinition

LON, LAT = 114.39, 27.81  # the south-west corner of the town
STEP = 0.004  # degrees between two streets, about 400 m

SETTINGS = """\
name = "Toytown"
timezone = "Asia/Shanghai"
holidays = "CN"
coordinates = "wgs84"
"""


def corner(column: float, row: float) -> tuple[float, float]:
    """Return longitude and latitude of a crossing of the town's grid of streets."""
    return round(LON + column * STEP, 7), round(LAT + row * STEP, 7)


def network(columns: int = 4, rows: int = 4) -> str:
    """Write the grid of streets as OSM XML: crossings at `corner(0..columns-1, 0..rows-1)`."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for row in range(rows):
        for column in range(columns):
            lon, lat = corner(column, row)
            lines.append(f'<node id="{1 + row * columns + column}" lon="{lon}" lat="{lat}"/>')
    streets = [[1 + r * columns + c for c in range(columns)] for r in range(rows)]
    streets += [[1 + r * columns + c for r in range(rows)] for c in range(columns)]
    for number, nodes in enumerate(streets, 1001):
        lines.append(f'<way id="{number}">')
        lines += [f'<nd ref="{node}"/>' for node in nodes]
        lines.append(f'<tag k="highway" v="secondary"/><tag k="name" v="Street {number}"/></way>')
    return "\n".join([*lines, "</osm>"])


def feature(geometry: dict | None, **properties: Any) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(features: list[dict], **members: Any) -> dict:
    return {"type": "FeatureCollection", **members, "features": features}


def point(lon: float, lat: float) -> dict:
    return {"type": "Point", "coordinates": [lon, lat]}


def line(*positions: tuple[float, float]) -> dict:
    return {"type": "LineString", "coordinates": [list(position) for position in positions]}


def square(west: float, south: float, east: float, north: float) -> dict:
    """Return the rectangle between two corners of the grid, given in streets."""
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[list(corner(*at)) for at in ring]]}


def ring(*positions: tuple[float, float]) -> dict:
    return {"type": "Polygon", "coordinates": [[list(position) for position in positions]]}


BOW_TIE = ring((0, 0), (2, 2), (2, 0), (0, 2), (0, 0))


def camera(camera_id: Any, column: float = 1, row: float = 1, **properties: Any) -> dict:
    return feature(point(*corner(column, row)), camera_id=camera_id, **properties)


def restriction(restriction_id: Any, geometry: dict | None = None, **properties: Any) -> dict:
    """Return a restriction of heavy trucks in the middle of town, unless told otherwise."""
    properties.setdefault("vehicle_classes", ["heavy_truck"])
    if geometry is None and "cameras" not in properties:
        geometry = square(0.5, 0.5, 2.5, 2.5)
    return feature(geometry, restriction_id=restriction_id, **properties)


def route(route_id: Any, *corners: tuple[float, float], **properties: Any) -> dict:
    corners = corners or ((0, 1), (3, 1))
    return feature(line(*(corner(*at) for at in corners)), route_id=route_id, **properties)


def closure(closure_id: Any, *corners: tuple[float, float], **properties: Any) -> dict:
    corners = corners or ((1, 1), (2, 1))
    return feature(line(*(corner(*at) for at in corners)), closure_id=closure_id, **properties)


def permit(permit_id: Any, **fields: Any) -> dict:
    """Return a permit of one lorry on route R-1 through 2026, unless told otherwise.

    A field given as None is written as null.
    """
    return {
        "permit_id": permit_id,
        "holder": "Toytown Haulage",
        "binding": "exempts",
        "vehicles": [{"plate": "赣C12345", "plate_class": "01"}],
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "status": [{"status": "active", "from": "2025-12-20T09:00:00+08:00"}],
        "grants": [{"route": "R-1", "schedule": "Mo-Fr 09:00-16:00"}],
        **fields,
    }


def good_city() -> dict[str, Any]:
    """Return the arguments of `write_city` for a city with something of everything."""
    return {
        "cameras": [
            camera("C-001", 1, 1, name="North gate", bearing=90),
            camera("C-002", 2, 1, bearing=None, clock_error_seconds=2.5),
            camera("C-003", 2, 2, valid_from="2026-01-01", recorded_at="2026-01-05T00:00:00Z"),
        ],
        "restrictions": [
            restriction("X-1", name="Old town", schedule="07:00-21:00"),
            restriction("X-2", cameras=["C-002"], vehicle_classes=[], plate_classes=["01", 51]),
        ],
        "routes": [route("R-1", name="Through")],
        "permits": [
            permit("P-1"),
            permit(
                "P-2",
                binding="confines",
                vehicles=[{"plate": "粤B·D12345", "plate_class": None}],
                grants=[
                    {"area": square(0, 0, 3, 3), "schedule": "22:00-06:00"},
                    {"place": dict(zip(("lon", "lat"), corner(2, 1), strict=True), radius_m=300)},
                    {"cameras": ["C-001", "C-003"]},
                ],
                max_speed_kmh=40,
            ),
        ],
        "closures": [closure("K-1", valid_from="2026-03-01", valid_until="2026-03-07")],
        "vehicles": [
            {
                "plate": "赣C12345",
                "plate_class": "01",
                "vehicle_class": "heavy_truck",
                "holder": "Toytown Haulage",
            }
        ],
    }


def write_city(
    folder: Path,
    *,
    settings: str | None = SETTINGS,
    network_osm: str | None = "",
    files: dict[str, str | bytes] | None = None,
    **parts: Any,
) -> Path:
    """Write a city folder and return it.

    Parameters
    ----------
    folder
        Made if need be; files of an earlier city in it stay, so give each city its own.
    settings
        city.toml; None writes none.
    network_osm
        network.osm; empty is `network()`, None writes none.
    files
        Further files, by name, written last: they replace what the other arguments write.
    parts
        Any of cameras, restrictions, routes, closures (features, or a whole collection), permits
        (objects), vehicles (rows), instead of the good city's; None leaves the file out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    city = good_city() | parts
    if settings is not None:
        (folder / "city.toml").write_text(settings, encoding="utf-8")
    if network_osm is not None:
        (folder / "network.osm").write_text(network_osm or network(), encoding="utf-8")
    for name in ("cameras", "restrictions", "routes", "closures"):
        value = city[name]
        if value is not None:
            whole = collection(value) if isinstance(value, list) else value
            (folder / f"{name}.geojson").write_text(json.dumps(whole, ensure_ascii=False))
    if city["permits"] is not None:
        lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in city["permits"])
        (folder / "permits.jsonl").write_text("".join(lines), encoding="utf-8")
    if city["vehicles"] is not None:
        pq.write_table(pa.Table.from_pylist(city["vehicles"]), folder / "vehicles.parquet")
    for name, content in (files or {}).items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return folder


def read(folder: Path) -> tuple[CityDefinition, tuple[Fault, ...]]:
    return read_city(str(folder))


def faults_of(folder: Path) -> list[str]:
    """Return the faults of a city that must have some, one text each."""
    with pytest.raises(CityError) as caught:
        read(folder)
    assert str(caught.value) == "\n".join(str(fault) for fault in caught.value.faults)
    return [str(fault) for fault in caught.value.faults]


def warnings_of(folder: Path) -> list[str]:
    """Return the warnings of a city that must have no fault, one text each."""
    return [str(warning) for warning in read(folder)[1]]


def on_route(**fields) -> dict:
    return {"route": "R-1", **fields}
