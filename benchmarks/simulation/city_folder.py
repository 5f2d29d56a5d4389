"""The city's folder as the product reads it: city.toml, GeoJSON, permits, registry, network."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.simulation.instants import ZONE_NAME, stamp
from benchmarks.simulation.routes import line_of
from roadnet.datum import from_wgs84

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt
    import shapely

    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.fleet import Fleet
    from benchmarks.simulation.freight import Closure
    from benchmarks.simulation.permits import Grant, Permit
    from benchmarks.simulation.restrictions import Restriction
    from benchmarks.simulation.routes import Route
    from benchmarks.simulation.setting import Setting

_CITY_TOML = """\
name = "{name}"
timezone = "{zone}"
holidays = "CN"
coordinates = "{coordinates}"

[judgement]
min_confidence = 0.80
grace_minutes = 5
duplicate_seconds = 10
case_gap_minutes = 30
clock_error_seconds = {clock_error_s}
detour_minutes = 30
"""


class CityFolder:
    """Writes one city; every geometry in the stated coordinates. The same city, the same bytes."""

    def __init__(self, folder: Path, coordinates: str) -> None:
        self.folder = folder
        self.coordinates = coordinates
        folder.mkdir(parents=True, exist_ok=True)

    def emptied(self, name: str) -> Path:
        """Return a folder in the city's folder, without the Parquet files that were in it."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.parquet"):
            old.unlink()
        return folder

    def write_settings(self, name: str, clock_error_s: float = 1.0) -> None:
        """Write city.toml."""
        text = _CITY_TOML.format(
            name=name,
            zone=ZONE_NAME,
            coordinates=self.coordinates,
            clock_error_s=clock_error_s,
        )
        (self.folder / "city.toml").write_text(text, encoding="utf-8")

    def write_network(self, source: Path) -> None:
        """Copy the network's OSM file, its nodes moved into the city's coordinates."""
        target = self.folder / "network.osm.pbf"
        if self.coordinates == "wgs84":
            if source != target:
                shutil.copyfile(source, target)
            return
        moved = target.with_name("moving.osm.pbf")
        with osmium.SimpleWriter(str(moved), overwrite=True) as writer:
            for thing in osmium.FileProcessor(str(source)):
                if isinstance(thing, osmium.osm.Node):
                    lon, lat = self._shown(np.array([[thing.lon, thing.lat]]))[0]
                    writer.add_node(thing.replace(location=(float(lon), float(lat))))
                elif isinstance(thing, osmium.osm.Way):
                    writer.add_way(thing)
                else:
                    writer.add_relation(thing)
        moved.replace(target)

    def write_cameras(self, cameras: list[Camera]) -> None:
        """Write cameras.geojson."""
        self._features(
            "cameras.geojson",
            (
                _feature(
                    {"type": "Point", "coordinates": self._points([(camera.lon, camera.lat)])[0]},
                    camera_id=camera.camera_id,
                    name=camera.name,
                    bearing=camera.bearing_deg,
                    valid_from=camera.valid_from,
                    valid_until=camera.valid_until,
                )
                for camera in cameras
            ),
        )

    def write_restrictions(self, restrictions: list[Restriction]) -> None:
        """Write restrictions.geojson."""
        self._features(
            "restrictions.geojson",
            (
                _feature(
                    self._polygon(x.area) if x.area is not None else None,
                    restriction_id=x.restriction_id,
                    name=x.name,
                    vehicle_classes=list(x.vehicle_classes) or None,
                    plate_classes=list(x.plate_classes) or None,
                    schedule=x.schedule.text,
                    valid_from=x.valid_from,
                    valid_until=x.valid_until,
                    permits_exempt=None if x.permits_exempt else False,
                    code=x.code,
                    cameras=list(x.cameras) if x.cameras is not None else None,
                )
                for x in restrictions
            ),
        )

    def write_routes(self, routes: list[Route]) -> None:
        """Write routes.geojson."""
        self._features(
            "routes.geojson",
            (
                _feature(self._line(route.drawn), route_id=route.route_id, name=route.name)
                for route in routes
            ),
        )

    def write_closures(self, closures: list[Closure], setting: Setting, day: dt.date) -> None:
        """Write closures.geojson."""
        self._features(
            "closures.geojson",
            (
                _feature(
                    self._line(
                        np.round(setting.plane.to_lonlat(line_of(setting, np.array(c.edges))), 6)
                    ),
                    closure_id=c.closure_id,
                    valid_from=stamp(day, c.from_s),
                    valid_until=stamp(day, c.until_s),
                    source="道路施工公告",
                )
                for c in closures
            ),
        )

    def write_permits(self, permits: list[Permit], fleet: Fleet) -> None:
        """Write permits.jsonl, one permit a line."""
        with (self.folder / "permits.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            for permit in permits:
                file.write(_json(self._permit(permit, fleet)) + "\n")

    def _permit(self, permit: Permit, fleet: Fleet) -> dict[str, Any]:
        vehicles = [
            {"plate": fleet.plate[v], "plate_class": fleet.plate_class[v] if named else None}
            for v, named in zip(permit.vehicles, permit.names_class, strict=True)
        ]
        status = [
            _without_none({"status": name, "from": since, "recorded_at": known})
            for name, since, known in permit.status
        ]
        written = {
            "permit_id": permit.permit_id,
            "holder": permit.holder,
            "binding": permit.binding,
            "vehicles": vehicles,
            "valid_from": permit.valid_from,
            "valid_until": permit.valid_until,
            "status": status,
            "grants": [self._grant(grant) for grant in permit.grants],
            "max_speed_kmh": permit.max_speed_kmh,
        }
        return written | ({"recorded_at": permit.recorded_at} if permit.recorded_at else {})

    def _grant(self, grant: Grant) -> dict[str, Any]:
        written: dict[str, Any]
        if grant.route is not None:
            written = {"route": grant.route}
        elif grant.area is not None:
            written = {"area": self._polygon(grant.area)}
        elif grant.place is not None:
            lon, lat = self._points([grant.place[:2]])[0]
            written = {"place": {"lon": lon, "lat": lat, "radius_m": grant.place[2]}}
        else:
            written = {"cameras": list(grant.cameras or ())}
        return written | (
            {} if grant.schedule.text == "24/7" else {"schedule": grant.schedule.text}
        )

    def write_registry(self, fleet: Fleet, registered: list[int], holders: list[str]) -> None:
        """Write vehicles.parquet: the goods vehicles and trailers that the registry knows."""
        table = pa.table(
            {
                "plate": [fleet.plate[i] for i in registered],
                "plate_class": pa.array(
                    [fleet.plate_class[i] or None for i in registered], pa.string()
                ),
                "vehicle_class": [fleet.vehicle_class[i] for i in registered],
                "holder": holders,
            }
        )
        pq.write_table(
            table, self.folder / "vehicles.parquet", compression="zstd", compression_level=12
        )

    def _features(self, name: str, features: Iterable[str]) -> None:
        text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
        (self.folder / name).write_text(text, encoding="utf-8")

    def _shown(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if self.coordinates == "wgs84":
            return lonlat
        lon, lat = from_wgs84(lonlat[:, 0].copy(), lonlat[:, 1].copy(), self.coordinates)
        return np.column_stack((lon, lat))

    def _points(self, lonlat: npt.ArrayLike) -> list[list[float]]:
        shown = self._shown(np.asarray(lonlat, dtype=np.float64))
        return [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in shown]

    def _line(self, lonlat: npt.NDArray[np.float64]) -> dict[str, Any]:
        return {"type": "LineString", "coordinates": self._points(lonlat)}

    def _polygon(self, shape: shapely.Polygon) -> dict[str, Any]:
        return {"type": "Polygon", "coordinates": [self._points(np.asarray(shape.exterior.coords))]}


def _feature(geometry: dict[str, Any] | None, **properties: Any) -> str:
    return _json({"type": "Feature", "properties": _without_none(properties), "geometry": geometry})


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
