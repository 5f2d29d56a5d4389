"""What every map of a city draws alike: a frame, its streets by class, a scale bar, a camera's look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph

PAPER: Final = "#f3f1ea"

_EDGE_LIMIT: Final = 40_000  # beyond this, back streets are left out: the file must open anywhere
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


class MapFrame:
    """From degrees to a drawing; north is up.

    Parameters
    ----------
    west, south, east, north
        WGS-84 degrees that the drawing holds, with a margin around them.
    width
        Of the drawing.
    height
        Of the drawing; by default what the degrees need, but not more than 1.4 times the width.
        With a height given, the degrees lie in the middle.
    margin
        Share of the larger side.
    """

    def __init__(
        self,
        west: float,
        south: float,
        east: float,
        north: float,
        *,
        width: float,
        height: float | None = None,
        margin: float = 0.02,
    ) -> None:
        self._squeeze = np.cos(np.radians((south + north) / 2))
        wide = max((east - west) * self._squeeze, 1e-6)
        tall = max(north - south, 1e-6)
        edge = margin * max(wide, tall)
        wide, tall = wide + 2 * edge, tall + 2 * edge
        self.width = width
        self._scale = width / wide
        self.height = min(tall * self._scale, 1.4 * width)
        self._north = north + edge
        if height is not None:
            self._scale = min(self._scale, height / tall)
            self.height = height
            self._north = (south + north) / 2 + height / 2 / self._scale
        self._west = (west + east) / 2 - width / 2 / self._scale / self._squeeze
        self.metres_a_unit = 111_195.0 / self._scale

    def place(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the points of a line on the drawing, (k, 2)."""
        x = (lonlat[:, 0] - self._west) * self._squeeze * self._scale
        return np.column_stack((x, (self._north - lonlat[:, 1]) * self._scale))

    def path(self, lonlat: npt.NDArray[np.float64]) -> str:
        """Return a line as SVG path data, points that lie on each other joined."""
        points = self.place(lonlat)
        return _path_data(points.tolist(), points.round(1).tolist())

    def paths(self, graph: RoadGraph, edges: npt.NDArray[np.integer]) -> str:
        """Return the lines of some edges as SVG path data, as `path` of each."""
        offsets = graph.geometry_offsets
        count = offsets[edges + 1] - offsets[edges]
        ends = np.cumsum(count)
        of_edges = np.repeat(offsets[edges] - (ends - count), count) + np.arange(count.sum())
        points = self.place(
            np.column_stack((graph.geometry_lon[of_edges], graph.geometry_lat[of_edges]))
        )
        exact, rounded = points.tolist(), points.round(1).tolist()
        return "".join(
            _path_data(exact[first:end], rounded[first:end])
            for first, end in zip((ends - count).tolist(), ends.tolist(), strict=True)
        )

    def within(self, graph: RoadGraph) -> npt.NDArray[np.bool_]:
        """Mark the edges that may show on the drawing, (m,)."""
        first = graph.geometry_offsets[:-1]
        if first.size == 0:
            return np.zeros(0, dtype=np.bool_)
        x = (graph.geometry_lon - self._west) * self._squeeze * self._scale
        y = (self._north - graph.geometry_lat) * self._scale
        shown: npt.NDArray[np.bool_] = (
            (np.maximum.reduceat(x, first) >= 0.0)
            & (np.minimum.reduceat(x, first) <= self.width)
            & (np.maximum.reduceat(y, first) >= 0.0)
            & (np.minimum.reduceat(y, first) <= self.height)
        )
        return shown


def _path_data(points: list[list[float]], rounded: list[list[float]]) -> str:
    """Write points, exact and rounded to tenths, as SVG path data."""
    (x, y), (from_x, from_y) = points[0], rounded[0]
    data = [f"M{x:.1f} {y:.1f}"]
    last = len(points) - 1
    for place in range(1, last + 1):
        next_x, next_y = points[place]
        if place < last and max(abs(next_x - x), abs(next_y - y)) < _STEP:
            continue
        x, y = next_x, next_y
        to_x, to_y = rounded[place]
        data.append(f"l{to_x - from_x:.1f} {to_y - from_y:.1f}")
        from_x, from_y = to_x, to_y
    return "".join(data)


def draw_roads(
    graph: RoadGraph,
    frame: MapFrame,
    shown: npt.NDArray[np.bool_] | None = None,
    *,
    widen: float = 1.0,
    edge_limit: int = _EDGE_LIMIT,
) -> Iterable[str]:
    """Draw the streets, each once, small ones first.

    Parameters
    ----------
    graph
        The network.
    frame
        Where to draw.
    shown
        (m,) edges to draw; all by default.
    widen
        Factor of every street's width.
    edge_limit
        Of more streets than this, the smallest classes are left out.
    """
    once = (graph.edge_reverse == NO_EDGE) | (graph.edge_reverse > np.arange(graph.edge_count))
    if shown is not None:
        once &= shown
    styles = _STYLES[2:] if int(once.sum()) > edge_limit else _STYLES
    shapes, strokes = [], []
    for first, last, casing_width, casing, width, fill in styles:
        low, high = ROAD_CLASSES.index(first), ROAD_CLASSES.index(last)
        mine = np.flatnonzero(once & (graph.edge_class >= low) & (graph.edge_class <= high))
        shapes.append(f'<path id="road-{first}" d="{frame.paths(graph, mine)}"/>')
        strokes.append((first, casing, casing_width * widen))
        strokes.append((first, fill, width * widen))
    # All casings lie under all fills, so that streets of different classes join without a seam.
    strokes.sort(key=lambda stroke: stroke[1] not in _CASINGS)
    yield f"<defs>{''.join(shapes)}</defs>"
    yield '<g fill="none" stroke-linecap="round" stroke-linejoin="round">'
    for first, colour, width in strokes:
        if colour:
            yield f'<use href="#road-{first}" stroke="{colour}" stroke-width="{width:.3g}"/>'
    yield "</g>"


def draw_scale_bar(frame: MapFrame) -> Iterable[str]:
    """Draw a bar of a round number of metres, and which way north is."""
    metres = next(
        m
        for m in (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 1)
        if m / frame.metres_a_unit <= frame.width / 5
    )
    length = metres / frame.metres_a_unit
    y = frame.height - 16
    text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    yield (
        f'<path d="M18 {y:.0f}v-5m0 5h{length:.1f}v-5" fill="none" stroke="#444" stroke-width="1.2"/>'
        f'<text x="{18 + length / 2:.1f}" y="{y - 5:.0f}" font-size="11" fill="#444" '
        f'text-anchor="middle">{text}</text>'
        f'<text x="{frame.width - 20:.0f}" y="24" font-size="12" fill="#444" text-anchor="middle">N ↑</text>'
    )
