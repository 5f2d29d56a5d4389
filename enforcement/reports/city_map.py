"""The city drawn as SVG from its own network, with cameras and violations on it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.reports.map_drawing import PAPER, MapFrame, draw_roads, draw_scale_bar
from enforcement.reports.words import REASON_COLOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from enforcement.coverage import CityCoverage
    from enforcement.index.layout import Rules

_WIDTH: Final = 1000.0
_ROOM: Final = 0.004  # degrees
_ROUTE_LIMIT: Final = 1_000  # beyond this, routes are not told apart: nobody could


def draw_city(
    rules: Rules,
    coverage: CityCoverage | None,
    by_camera: Mapping[str, Mapping[str, int]],
) -> str:
    """Draw a city as one SVG element.

    Parameters
    ----------
    rules
        Its cameras.
    coverage
        The city on its roads; None draws neither streets nor restrictions nor routes.
    by_camera
        camera_id to violations by reason.

    Returns
    -------
    str
        An ``<svg>`` element; every text in it is escaped.
    """
    frame = _frame_of_roads(coverage) if coverage else _frame_of_cameras(rules)
    ground = (
        (*draw_roads(coverage.graph, frame), *_areas(coverage, frame), *_routes(coverage, frame))
        if coverage
        else ()
    )
    size = f"{_WIDTH:.0f} {frame.height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="map">',
        f'<rect width="{_WIDTH:.0f}" height="{frame.height:.0f}" fill="{PAPER}"/>',
        *ground,
        *_cameras(rules, frame, by_camera),
        *draw_scale_bar(frame),
        "</svg>",
    ]
    return "".join(parts)


def _frame_of_cameras(rules: Rules) -> MapFrame:
    """Return a frame around all cameras, with room for a few streets if there is but one."""
    lon, lat = rules.camera_lon, rules.camera_lat
    if not lon.size:
        lon = lat = np.zeros(1)
    west, south = float(lon.min()) - _ROOM, float(lat.min()) - _ROOM
    return MapFrame(west, south, float(lon.max()) + _ROOM, float(lat.max()) + _ROOM, width=_WIDTH)


def _frame_of_roads(coverage: CityCoverage) -> MapFrame:
    """Return a frame around the part of the network where things are.

    A few far cameras or a motorway that leaves the city must not shrink everything else, so the
    frame goes around the middle 98 % of the junctions and all cameras that stand on the network.
    """
    graph = coverage.graph
    lon, lat = graph.node_lon, graph.node_lat
    west, east = np.quantile(lon, [0.01, 0.99])
    south, north = np.quantile(lat, [0.01, 0.99])
    linked = coverage.links.kind > 0
    places = [
        (camera.lon, camera.lat)
        for camera, on_road in zip(coverage.definition.cameras, linked, strict=True)
        if on_road
    ]
    if places:
        points = np.array(places)
        west, south = np.minimum((west, south), points.min(axis=0))
        east, north = np.maximum((east, north), points.max(axis=0))
    return MapFrame(float(west), float(south), float(east), float(north), width=_WIDTH)


def _areas(coverage: CityCoverage, frame: MapFrame) -> Iterable[str]:
    """Draw the areas of restrictions."""
    for restriction in coverage.definition.restrictions:
        area, name = restriction.area, f"{restriction.restriction_id} {restriction.name}"
        if area is None:
            continue
        rings = [
            frame.path(np.asarray(ring.coords)[:, :2]) + "Z"
            for polygon in getattr(area, "geoms", [area])
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        yield (
            f'<path d="{"".join(rings)}" fill="#c2413b" fill-opacity="0.035" fill-rule="evenodd" '
            'stroke="#c2413b" stroke-opacity="0.55" stroke-width="1.3" stroke-dasharray="6 4">'
            f"<title>{escape(name)}</title></path>"
        )


def _routes(coverage: CityCoverage, frame: MapFrame) -> Iterable[str]:
    """Draw the matched routes under the cameras; of very many, the streets that they use."""
    if len(coverage.routes) > _ROUTE_LIMIT:
        used = np.unique(np.concatenate([one.path.edges for one in coverage.routes.values()]))
        data = frame.paths(coverage.graph, used)
        yield (
            f'<path d="{data}" fill="none" stroke="#2f6f9f" stroke-opacity="0.28" '
            f'stroke-width="2.2"><title>{len(coverage.routes)} routes</title></path>'
        )
        return
    for route in coverage.definition.routes:
        matched = coverage.routes.get(route.route_id)
        if matched is None or not matched.path.edges.size:
            continue
        data = frame.path(matched.path.lonlat(coverage.graph))
        yield (
            f'<path d="{data}" fill="none" stroke="#2f6f9f" stroke-opacity="0.28" '
            f'stroke-width="2.2"><title>{escape(route.route_id)} {escape(route.name)}</title></path>'
        )


def _cameras(
    rules: Rules, frame: MapFrame, by_camera: Mapping[str, Mapping[str, int]]
) -> Iterable[str]:
    """Draw the cameras: a small dot each, a disc where there are violations, large ones first."""
    last = rules.camera_record_offsets[1:] - 1  # where a camera that moved stood last
    points = frame.place(np.column_stack((rules.camera_lon[last], rules.camera_lat[last])))
    places = dict(zip(rules.camera_ids, points.tolist(), strict=True))
    most = max((sum(reasons.values()) for reasons in by_camera.values()), default=1)
    for camera_id, (x, y) in places.items():
        if camera_id not in by_camera:
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.7" fill="#5b6470">'
                f"<title>{escape(camera_id)}</title></circle>"
            )
    order = sorted(by_camera, key=lambda name: (-sum(by_camera[name].values()), name))
    for camera_id in order:
        if camera_id not in places:
            continue
        reasons = by_camera[camera_id]
        count = sum(reasons.values())
        x, y = places[camera_id]
        radius = 2.4 + 11.0 * (count / most) ** 0.5
        worst = max(reasons, key=lambda name: (reasons[name], name))
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{REASON_COLOURS[worst]}" '
            'fill-opacity="0.62" stroke="#fff" stroke-width="0.7">'
            f"<title>{escape(camera_id)}: {count}</title></circle>"
        )
