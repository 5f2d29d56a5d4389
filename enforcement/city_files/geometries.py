"""Geometries of a city's files: checked as they stand, then turned into WGS-84."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from enforcement.city_files.fault_log import shown
from enforcement.city_files.records import as_number
from roadnet.datum import to_wgs84

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    from enforcement.city_files.records import Record

    Positions = npt.NDArray[np.float64]

_INVALID_AT: Final = re.compile(r"(.*)\[([^ ]+) ([^ \]]+).*\]")
_DEGREES_AT_MOST: Final = 360.0  # beyond it nobody means degrees
_POSITION_SIZES: Final = (2, 3, 4)  # an altitude, and what some programs add, is dropped


def read_point(record: Record, geometry: Any) -> tuple[float, float] | None:
    """Return longitude and latitude of a GeoJSON Point as they stand; None after a fault."""
    coordinates = _coordinates(record, "geometry", geometry, ("Point",))
    if coordinates is None:
        return None
    positions = _positions(record, "geometry.coordinates", [coordinates], single=True)
    return None if positions is None else (float(positions[0, 0]), float(positions[0, 1]))


def read_line(record: Record, geometry: Any) -> Positions | None:
    """Return the (k, 2) positions of a GeoJSON LineString as they stand; None after a fault."""
    coordinates = _coordinates(record, "geometry", geometry, ("LineString",))
    if coordinates is None:
        return None
    positions = _positions(record, "geometry.coordinates", coordinates)
    if positions is None:
        return None
    if np.array_equal(positions, np.broadcast_to(positions[0], positions.shape)):
        record.fault(
            "geometry.coordinates",
            f"found {len(positions)} positions in one place, expected a line of two or more places",
            "short_line",
        )
        return None
    return positions


def read_area(record: Record, field: str, geometry: Any, datum: str) -> BaseGeometry | None:
    """Return a GeoJSON Polygon or MultiPolygon in WGS-84; None after a fault.

    It is checked in the coordinates of the file, so that a fault's place is found there.
    """
    coordinates = _coordinates(record, field, geometry, ("Polygon", "MultiPolygon"))
    if coordinates is None:
        return None
    several = geometry["type"] == "MultiPolygon"
    parts = []
    for i, rings in enumerate(coordinates if several else [coordinates]):
        at = f"{field}.coordinates[{i}]" if several else f"{field}.coordinates"
        parts.append(_rings(record, at, rings))
    good = [part for part in parts if part is not None]
    if len(good) < len(parts):
        return None
    drawn = _polygons(good)
    if not drawn.is_valid:
        record.fault(field, _why_invalid(drawn), "crossing_polygon")
        return None
    if drawn.area == 0:
        record.fault(field, "the polygon has no area", "empty_geometry")
        return None
    if datum == "wgs84":
        return drawn
    return _polygons([[_converted(ring, datum) for ring in part] for part in good])


def check_position(record: Record, lon_name: str, lat_name: str, lon: float, lat: float) -> bool:
    """Say whether a longitude and latitude given by name are on Earth; add a fault otherwise."""
    wrong = _off_earth(lon, lat)
    if wrong:
        field = lon_name if abs(lon) > 180 else lat_name
        record.fault(field, wrong, "off_earth")
    return not wrong


def lines_to_wgs84(lines: Sequence[Positions], datum: str) -> list[Positions]:
    """Return lines in WGS-84, all by one conversion: it costs much per call, little per place."""
    if datum == "wgs84" or not lines:
        return list(lines)
    together = _converted(np.concatenate(lines), datum)
    return np.split(together, np.cumsum([len(line) for line in lines])[:-1])


@lru_cache(maxsize=65536)
def point_to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Return one position in WGS-84."""
    position = _converted(np.array([[lon, lat]]), datum)
    return float(position[0, 0]), float(position[0, 1])


def _coordinates(
    record: Record, field: str, geometry: Any, types: tuple[str, ...]
) -> list[Any] | None:
    """Return the coordinates of a geometry of one of `types`, which are not empty."""
    expected = " or ".join(types)
    if not isinstance(geometry, dict):
        record.fault(field, f"found {shown(geometry)}, expected a {expected}", "no_geometry")
        return None
    kind = geometry.get("type")
    if kind not in types:
        record.fault(f"{field}.type", f"found {shown(kind)}, expected {expected}", "other_geometry")
        return None
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        record.fault(
            f"{field}.coordinates",
            f"found {shown(coordinates)}, expected the positions of a {kind}",
            "empty_geometry",
        )
        return None
    return coordinates


def _rings(record: Record, field: str, rings: Any) -> list[Positions] | None:
    if not isinstance(rings, list) or not rings:
        record.fault(field, f"found {shown(rings)}, expected rings", "empty_geometry")
        return None
    read: list[Positions] = []
    for i, ring in enumerate(rings):
        at = f"{field}[{i}]"
        positions = _positions(record, at, ring)
        if positions is None:
            continue
        if not np.array_equal(positions[0], positions[-1]):
            first, last = positions[0], positions[-1]
            record.fault(
                at,
                f"the ring is not closed: it begins at {first[0]:.7g}, {first[1]:.7g} and ends at "
                f"{last[0]:.7g}, {last[1]:.7g}; repeat the first position at its end",
                "unclosed_ring",
            )
        elif len(positions) < 4:
            record.fault(
                at, f"found {len(positions)} positions, expected four or more", "short_ring"
            )
        else:
            read.append(positions)
    return read if len(read) == len(rings) else None


def _positions(
    record: Record, field: str, coordinates: Any, *, single: bool = False
) -> Positions | None:
    """Return positions as (k, 2), k > 0; the first that will not do is a fault."""
    if not isinstance(coordinates, list) or not coordinates:
        record.fault(field, f"found {shown(coordinates)}, expected positions", "empty_geometry")
        return None
    pairs = []
    for i, position in enumerate(coordinates):
        at = field if single else f"{field}[{i}]"
        if not isinstance(position, list) or len(position) not in _POSITION_SIZES:
            record.fault(
                at,
                f"found {shown(position)}, expected a position: [longitude, latitude]",
                "no_position",
            )
            return None
        lon, lat = as_number(position[0]), as_number(position[1])
        if lon is None or lat is None:
            bad = position[0] if lon is None else position[1]
            record.fault(at, f"found {shown(bad)}, expected a number of degrees", "no_position")
            return None
        wrong = _off_earth(lon, lat)
        if wrong:
            record.fault(at, wrong, "off_earth")
            return None
        pairs.append((lon, lat))
    return np.array(pairs, dtype=np.float64)


def _off_earth(lon: float, lat: float) -> str:
    """Say why a position is not on Earth; empty when it is."""
    if abs(lon) <= 180 and abs(lat) <= 90:
        return ""
    if abs(lon) <= 90 and abs(lat) <= 180:
        return f"{lon:g}, {lat:g} look like latitude, longitude; expected longitude first"
    expected = "expected longitude -180 to 180 and latitude -90 to 90"
    if abs(lon) > _DEGREES_AT_MOST or abs(lat) > _DEGREES_AT_MOST:
        return (
            f"{lon:.10g}, {lat:.10g} look like metres of a projected system; {expected} in degrees"
        )
    return f"found {lon:g}, {lat:g}, {expected}"


def _polygons(parts: list[list[Positions]]) -> BaseGeometry:
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _why_invalid(drawn: BaseGeometry) -> str:
    reason = shapely.is_valid_reason(drawn)
    place = _INVALID_AT.fullmatch(reason)
    if place is None:
        return f"the polygon is not valid: {reason}"
    what = "crosses itself" if "Self-intersection" in place[1] else f"is not valid ({place[1]})"
    return f"the polygon {what} at {float(place[2]):.7g}, {float(place[3]):.7g}"


def _converted(positions: Positions, datum: str) -> Positions:
    if datum == "wgs84":
        return positions
    lon, lat = to_wgs84(positions[:, 0], positions[:, 1], datum)
    return np.column_stack((lon, lat))
