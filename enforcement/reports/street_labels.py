"""Names of a route's streets on its picture."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from enforcement.reports.map_drawing import MapFrame
    from roadnet.graph import RoadGraph
    from roadnet.paths import Path

_SIZE: Final = 12.0
_ASIDE: Final = 13.0  # from the route's line
_SHARES: Final = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)  # along a street's run

_Box: TypeAlias = tuple[float, float, float, float]


def is_plain(text: str) -> bool:
    """Tell whether a font without Chinese can be expected to have the text's characters."""
    return all(ord(character) < 0x2E80 for character in text)


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is: Chinese characters are square, others about half as wide."""
    return sum(size if ord(character) >= 0x2E80 else 0.56 * size for character in text)


def street_labels(
    graph: RoadGraph,
    path: Path,
    frame: MapFrame,
    marks: npt.NDArray[np.float64],
    *,
    chinese: bool,
) -> Iterable[str]:
    """Write the name of each street of the path beside its longest run on it.

    Longer runs first; a name that finds no free place, or is wider than its run is long, is left
    out.

    Parameters
    ----------
    graph, path, frame
        What is drawn, and where.
    marks
        (k, 2) middles of marks, 10 units around them, that names keep clear of.
    chinese
        Whether Chinese characters can be written.
    """
    runs: dict[str, tuple[float, list[int]]] = {}
    for name, group in groupby(path.edges.tolist(), key=graph.name):
        edges = list(group)
        length_m = float(graph.edge_length_m[edges].sum())
        if name and length_m > runs.get(name, (0.0, []))[0]:
            runs[name] = (length_m, edges)
    taken = [(x - 10.0, y - 10.0, x + 10.0, y + 10.0) for x, y in marks.tolist()]
    for name, (length_m, edges) in sorted(runs.items(), key=lambda run: (-run[1][0], run[0])):
        wide = text_width(name, _SIZE)
        if (not chinese and not is_plain(name)) or length_m / frame.metres_a_unit < 0.8 * wide:
            continue
        points = frame.place(np.concatenate([graph.geometry(edge) for edge in edges]))
        places = (
            (x, y, (x - wide / 2, y - _SIZE, x + wide / 2, y + 4)) for x, y in _beside(points, wide)
        )
        free = (place for place in places if _is_free(place[2], taken, frame))
        x, y, box = next(free, (0.0, 0.0, None))
        if box is None:
            continue
        taken.append(box)
        yield (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{_SIZE}" text-anchor="middle" fill="#26313d" '
            f'stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke">'
            f"{escape(name)}</text>"
        )


def _beside(points: npt.NDArray[np.float64], wide: float) -> Iterable[tuple[float, float]]:
    """Give places beside a line, from its middle outwards: above or below, right or left of it."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    for share in _SHARES:
        at = share * along[-1]
        (x, y), (x2, y2) = (
            [float(np.interp(where, along, points[:, axis])) for axis in range(2)]
            for where in (max(at - 4.0, 0.0), at + 4.0)
        )
        if abs(y2 - y) > abs(x2 - x):
            yield (x + x2) / 2 + _ASIDE + wide / 2 - 2, (y + y2) / 2 + 4
            yield (x + x2) / 2 - _ASIDE - wide / 2 + 2, (y + y2) / 2 + 4
        else:
            yield (x + x2) / 2, (y + y2) / 2 - _ASIDE + 2
            yield (x + x2) / 2, (y + y2) / 2 + _ASIDE + _SIZE - 4


def _is_free(box: _Box, taken: list[_Box], frame: MapFrame) -> bool:
    inside = box[0] > 4 and box[1] > 4 and box[2] < frame.width - 4 and box[3] < frame.height - 4
    return inside and not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )
