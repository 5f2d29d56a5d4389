"""The planned roads drawn: splines, carriageways, ramps, bridges, junctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from benchmarks.simulation.town import plan
from benchmarks.simulation.town.curves import Points, beside, chainage, point_at, spline, thinned
from benchmarks.simulation.town.ground import Ground, metres
from benchmarks.simulation.town.streets import RAMP_LAYER, Stop, StreetMap

if TYPE_CHECKING:
    from collections.abc import Iterable

_STEP_M = 38.0
_TAPER_M = 130.0
_TOLERANCE_M = 0.8


def draw_roads(ground: Ground) -> StreetMap:
    """Return a map of the plan's roads with their junctions, ramps and bridges."""
    streets = StreetMap()
    by_name: dict[str, list[int]] = {}
    for road in (*plan.ROADS, plan.OLD_BRIDGE):
        by_name.setdefault(road.name, []).extend(_draw(streets, road))
    for name in plan.INTERCHANGES:
        for carriageway in by_name["清昆高速"]:
            _draw_ramps(streets, carriageway, by_name[name][0])
    streets.reach_out(34.0)
    streets.reach_out(420.0, loose_only=True)
    streets.cross_all()
    _tie_ramps(streets)
    streets.trim_ends(600.0)
    _mark_bridges(streets, ground)
    return streets


def _draw(streets: StreetMap, road: plan.Road) -> list[int]:
    through = metres(road.through)
    centre = np.array(through) if road.straight else spline(through, _STEP_M, closed=road.closed)
    tags = {"highway": road.highway, "name": road.name}
    if road.ref:
        tags["ref"] = road.ref
    if road.speed_kmh:
        tags["maxspeed"] = str(road.speed_kmh)
    layer = 1 if road.highway == "motorway" else 0
    if not road.gap_m:
        centre = thinned(centre, _TOLERANCE_M)
        return [streets.add_line(centre, tags, closed=road.closed, layer=layer)]
    half = np.full(len(centre), road.gap_m / 2)
    along = chainage(centre)
    if "start" in road.tapers:
        half *= np.clip(along / _TAPER_M, 0.0, 1.0)
    if "end" in road.tapers:
        half *= np.clip((along[-1] - along) / _TAPER_M, 0.0, 1.0)
    tags |= {"oneway": "yes"}
    sides = (beside(centre, half), beside(centre, -half)[::-1])
    ahead, back = (
        streets.add_line(thinned(side, _TOLERANCE_M), tags, closed=road.closed, layer=layer)
        for side in sides
    )
    streets.lines[ahead].twin, streets.lines[back].twin = back, ahead
    return [ahead, back]


def _draw_ramps(streets: StreetMap, carriageway: int, road: int) -> None:
    """Add the way off and the way on of one carriageway, on its right-hand side."""
    main, cross = streets.lines[carriageway], streets.lines[road]
    met = main.shape.intersection(cross.shape).centroid
    at_m, cross_m = main.shape.project(met), cross.shape.project(met)

    def right(along_m: float, right_m: float) -> tuple[float, float]:
        here = np.array(point_at(main.points, along_m))
        ahead = np.array(point_at(main.points, along_m + 5.0)) - here
        ahead /= np.hypot(*ahead)
        return (float(here[0] + ahead[1] * right_m), float(here[1] - ahead[0] * right_m))

    probe = np.array(right(at_m, 200.0))
    side = min(
        (-1.0, 1.0), key=lambda s: np.hypot(*(point_at(cross.points, cross_m + s * 200) - probe))
    )
    foot = point_at(cross.points, cross_m + side * 165.0)
    tags = {"highway": "motorway_link", "oneway": "yes", "maxspeed": "40"}
    off = spline(
        (
            right(at_m - 430, 0.3),
            right(at_m - 330, 7),
            right(at_m - 210, 38),
            right(at_m - 95, 105),
            foot,
        ),
        30.0,
    )
    on = spline(
        (
            foot,
            right(at_m + 95, 105),
            right(at_m + 210, 38),
            right(at_m + 330, 7),
            right(at_m + 430, 0.3),
        ),
        30.0,
    )
    for points in (off, on):
        streets.add_line(points, tags, layer=RAMP_LAYER)


def _tie_ramps(streets: StreetMap) -> None:
    """Join both ends of every ramp to the motorway and to the road."""
    for line in streets.lines:
        if line.layer != RAMP_LAYER:
            continue
        for xy in (line.points[0], line.points[-1]):
            target = min(
                (i for i, other in enumerate(streets.lines) if other.layer != RAMP_LAYER),
                key=lambda i: streets.lines[i].shape.distance(shapely.Point(xy)),
            )
            node = streets.join(target, (float(xy[0]), float(xy[1])), snap_m=15.0, major=True)
            at_m = float(line.shape.project(shapely.Point(xy)))
            line.stops.append(Stop(at_m, node, major=True))


def _mark_bridges(streets: StreetMap, ground: Ground) -> None:
    """Tag the stretches over water, and of the motorway over roads, as bridges."""
    water = shapely.union_all(
        [ground.river_area, ground.stream_area, *(lake for _, lake in ground.lakes)]
    )
    low = shapely.union_all([line.shape for line in streets.lines if line.layer != 1])
    for line in streets.lines:
        over = line.shape.intersection(water)
        if line.layer == 1:
            over = over.union(line.shape.intersection(low.buffer(28.0)))
        for start, end in _stretches(line.points, shapely.get_parts(over)):
            extra = {"bridge": "yes", "layer": "1"}
            if end - start > 100 and line.tags.get("name") in plan.BRIDGE_NAMES:
                extra["bridge:name"] = plan.BRIDGE_NAMES[line.tags["name"]]
            line.spans.append((start, end, extra))


def _stretches(points: Points, pieces: Iterable[shapely.Geometry]) -> list[tuple[float, float]]:
    shape = shapely.LineString(points)
    found = []
    for piece in pieces:
        if piece.geom_type != "LineString" or piece.is_empty:
            continue
        ends = sorted(
            float(shape.project(shapely.Point(xy))) for xy in (piece.coords[0], piece.coords[-1])
        )
        found.append((max(0.0, ends[0] - 12.0), min(shape.length, ends[1] + 12.0)))
    return found
