"""The city drawn as SVG from its own network, with cameras and violations on it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.reports.words import REASON_COLOURS
from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    from enforcement.coverage import CityCoverage

_WIDTH: Final = 1000.0
_EDGE_LIMIT: Final = 40_000  # beyond this, back streets are left out: the file must open anywhere
_ROUTE_LIMIT: Final = 1_000  # beyond this, routes are not told apart: nobody could
_STEP: Final = 0.6  # points of a line closer together than this on the drawing are one

# (first class, last class, casing width, casing, width, fill), drawn in this order.
_STYLES: Final = (
    ("living_street", "road", 0.0, "", 0.5, "#d9d7cf"),
    ("unclassified", "residential", 0.0, "", 0.9, "#d3d0c6"),
    ("tertiary", "tertiary_link", 0.0, "", 1.5, "#c4c0b4"),
    ("secondary", "secondary_link", 3.2, "#c9bfa0", 2.2, "#fbf3d6"),
    ("primary", "primary_link", 3.9, "#cdae7c", 2.8, "#fbe3b5"),
    ("motorway", "trunk_link", 4.6, "#bd8f73", 3.3, "#f3c6a8"),
)
_CASINGS: Final = frozenset(style[3] for style in _STYLES if style[3])


class _Frame:
    """From degrees to the drawing; north is up."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        squeeze = np.cos(np.radians((south + north) / 2))
        wide = max((east - west) * squeeze, 1e-6)
        tall = max(north - south, 1e-6)
        margin = 0.02 * max(wide, tall)
        self._west = west - margin / squeeze
        self._north = north + margin
        self._scale = _WIDTH / (wide + 2 * margin)
        self._squeeze = squeeze
        self.height = min((tall + 2 * margin) * self._scale, 1.4 * _WIDTH)
        self.metres_a_unit = 111_195.0 / self._scale

    def place(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the points of a line on the drawing, (k, 2)."""
        x = (lonlat[:, 0] - self._west) * self._squeeze * self._scale
        return np.column_stack((x, (self._north - lonlat[:, 1]) * self._scale))

    def path(self, lonlat: npt.NDArray[np.float64]) -> str:
        """Return a line as SVG path data, points that lie on each other joined."""
        points = self.place(lonlat)
        kept = [points[0]]
        for point in points[1:-1]:
            if np.abs(point - kept[-1]).max() >= _STEP:
                kept.append(point)
        kept.append(points[-1])
        steps = np.diff(np.round(np.array(kept), 1), axis=0)
        start = f"M{kept[0][0]:.1f} {kept[0][1]:.1f}"
        return start + "".join(f"l{x:.1f} {y:.1f}" for x, y in steps.tolist())


def draw_city(
    coverage: CityCoverage,
    areas: Sequence[tuple[str, BaseGeometry]],
    by_camera: Mapping[str, Mapping[str, int]],
) -> str:
    """Draw a city as one SVG element.

    Parameters
    ----------
    coverage
        The city on its roads.
    areas
        Names and outlines (WGS-84) of restrictions.
    by_camera
        camera_id to violations by reason.

    Returns
    -------
    str
        An ``<svg>`` element; every text in it is escaped.
    """
    frame = _frame(coverage)
    size = f"{_WIDTH:.0f} {frame.height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="map">',
        f'<rect width="{_WIDTH:.0f}" height="{frame.height:.0f}" fill="#f3f1ea"/>',
        *_roads(coverage, frame),
        *_areas(areas, frame),
        *_routes(coverage, frame),
        *_cameras(coverage, frame, by_camera),
        *_scale_bar(frame),
        "</svg>",
    ]
    return "".join(parts)


def _frame(coverage: CityCoverage) -> _Frame:
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
    return _Frame(float(west), float(south), float(east), float(north))


def _roads(coverage: CityCoverage, frame: _Frame) -> Iterable[str]:
    """Draw the streets, each once, small ones first."""
    graph = coverage.graph
    once = (graph.edge_reverse == NO_EDGE) | (graph.edge_reverse > np.arange(graph.edge_count))
    styles = _STYLES[2:] if int(once.sum()) > _EDGE_LIMIT else _STYLES
    shapes, strokes = [], []
    for first, last, casing_width, casing, width, fill in styles:
        low, high = ROAD_CLASSES.index(first), ROAD_CLASSES.index(last)
        mine = np.flatnonzero(once & (graph.edge_class >= low) & (graph.edge_class <= high))
        data = "".join(frame.path(graph.geometry(edge)) for edge in mine.tolist())
        shapes.append(f'<path id="road-{first}" d="{data}"/>')
        strokes.append((first, casing, casing_width))
        strokes.append((first, fill, width))
    # All casings lie under all fills, so that streets of different classes join without a seam.
    strokes.sort(key=lambda stroke: stroke[1] not in _CASINGS)
    yield f"<defs>{''.join(shapes)}</defs>"
    yield '<g fill="none" stroke-linecap="round" stroke-linejoin="round">'
    for first, colour, width in strokes:
        if colour:
            yield f'<use href="#road-{first}" stroke="{colour}" stroke-width="{width}"/>'
    yield "</g>"


def _areas(areas: Sequence[tuple[str, BaseGeometry]], frame: _Frame) -> Iterable[str]:
    """Draw the areas of restrictions."""
    for name, area in areas:
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


def _routes(coverage: CityCoverage, frame: _Frame) -> Iterable[str]:
    """Draw the matched routes under the cameras; of very many, the streets that they use."""
    if len(coverage.routes) > _ROUTE_LIMIT:
        used = np.unique(np.concatenate([one.path.edges for one in coverage.routes.values()]))
        data = "".join(frame.path(coverage.graph.geometry(edge)) for edge in used.tolist())
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
    coverage: CityCoverage, frame: _Frame, by_camera: Mapping[str, Mapping[str, int]]
) -> Iterable[str]:
    """Draw the cameras: a small dot each, a disc where there are violations, large ones first."""
    places: dict[str, npt.NDArray[np.float64]] = {}
    for camera in coverage.definition.cameras:
        places[camera.camera_id] = frame.place(np.array([[camera.lon, camera.lat]]))[0]
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


def _scale_bar(frame: _Frame) -> Iterable[str]:
    """Draw a bar of a round number of metres, and which way north is."""
    metres = next(
        m
        for m in (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 1)
        if m / frame.metres_a_unit <= _WIDTH / 5
    )
    length = metres / frame.metres_a_unit
    y = frame.height - 16
    text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    yield (
        f'<path d="M18 {y:.0f}v-5m0 5h{length:.1f}v-5" fill="none" stroke="#444" stroke-width="1.2"/>'
        f'<text x="{18 + length / 2:.1f}" y="{y - 5:.0f}" font-size="11" fill="#444" '
        f'text-anchor="middle">{text}</text>'
        f'<text x="{_WIDTH - 20:.0f}" y="24" font-size="12" fill="#444" text-anchor="middle">N ↑</text>'
    )
