"""routes.geojson and closures.geojson: lines along streets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enforcement.city_files.features import read_features
from enforcement.city_files.geometries import lines_to_wgs84, read_line
from enforcement.city_files.wzdx import is_work_zone, read_work_zone
from enforcement.rules.places import Route
from enforcement.rules.restrictions import Closure

if TYPE_CHECKING:
    from enforcement.city_files.references import Frame

ROUTES_FILE: Final = "routes.geojson"
CLOSURES_FILE: Final = "closures.geojson"
_ROUTE_NAMES: Final = frozenset(("route_id", "name", "openlr"))
_CLOSURE_NAMES: Final = frozenset(
    ("closure_id", "name", "valid_from", "valid_until", "source", "recorded_at", "direction")
)
_DIRECTIONS: Final = ("both", "forward")  # forward: the way that the line runs


def read_routes(frame: Frame, content: bytes) -> tuple[Route, ...] | None:
    """Return the routes sorted by id; None when the file is broken as a whole.

    `frame.route_ids` then stays unknown.
    """
    features = read_features(frame.faults, ROUTES_FILE, content, "route_id")
    if features is None:
        return None
    routes: list[Route] = []
    seen: dict[str, str] = {}
    for feature in features:
        record = feature.properties
        record.check_names(_ROUTE_NAMES)
        route_id = record.new_identifier("route_id", seen)
        name = record.text("name")
        openlr = record.text("openlr")
        lonlat = read_line(record, feature.geometry)
        if route_id and lonlat is not None:
            routes.append(Route(route_id, name, lonlat, record.place, openlr))
    frame.route_ids = seen
    lines = lines_to_wgs84([route.lonlat for route in routes], frame.coordinates)
    routes = [replace(route, lonlat=line) for route, line in zip(routes, lines, strict=True)]
    return tuple(sorted(routes, key=lambda route: route.route_id))


def read_closures(frame: Frame, content: bytes) -> tuple[Closure, ...]:
    """Return the closures sorted by id."""
    features = read_features(frame.faults, CLOSURES_FILE, content, "closure_id")
    closures: list[Closure] = []
    seen: dict[str, str] = {}
    for feature in features or ():
        if is_work_zone(feature):
            work_zone = read_work_zone(frame, feature, seen)
            closures += [] if work_zone is None else [work_zone]
            continue
        record = feature.properties
        record.check_names(_CLOSURE_NAMES)
        closure_id = record.new_identifier("closure_id", seen)
        lonlat = read_line(record, feature.geometry)
        valid_from_us, valid_until_us = record.validity(frame.zone)
        source = record.text("source")
        recorded_at_us = record.instant("recorded_at", frame.zone)
        direction = record.choice("direction", _DIRECTIONS, default=_DIRECTIONS[0])
        if closure_id and lonlat is not None:
            closures.append(
                Closure(
                    closure_id=closure_id,
                    lonlat=lonlat,
                    valid_from_us=valid_from_us,
                    valid_until_us=valid_until_us,
                    source=source or None,
                    recorded_at_us=recorded_at_us,
                    place=record.place,
                    both_directions=direction == _DIRECTIONS[0],
                )
            )
    lines = lines_to_wgs84([closure.lonlat for closure in closures], frame.coordinates)
    closures = [replace(c, lonlat=line) for c, line in zip(closures, lines, strict=True)]
    return tuple(sorted(closures, key=lambda closure: closure.closure_id))
