"""Two editions of a network: where a path runs elsewhere, and which cameras stand elsewhere on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from roadnet.cameras import INTERSECTION
from roadnet.geodesy import haversine_m, local_plane

if TYPE_CHECKING:
    from roadnet.cameras import CameraLinks
    from roadnet.geodesy import LocalPlane
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.paths import Path
    from roadnet.types import FloatArray

SAME_PLACE_M: Final = 15.0  # surveys of one street differ by less
MOVED_M: Final = 30.0  # an intersection so far from where it was is another one

_LEAST_M: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PathChange:
    """How a path differs from the one that took its place.

    Attributes
    ----------
    share
        Of the length of either path, the greater share that is not within SAME_PLACE_M of the
        other; in [0, 1], 1 if one of the two is missing.
    gone, come
        Stretches of the old path far from the new one, and of the new far from the old; each
        (k, 2) lon and lat.
    """

    share: float
    gone: tuple[FloatArray, ...]
    come: tuple[FloatArray, ...]


def compare_paths(before: FloatArray, after: FloatArray) -> PathChange:
    """Compare two paths, each (k, 2) lon and lat; one without points is missing.

    Parameters
    ----------
    before, after
        As of `Path.lonlat`, each on its own edition.
    """
    if before.shape[0] == 0 or after.shape[0] == 0:
        missing = tuple(tuple(line for line in (one,) if line.shape[0]) for one in (before, after))
        return PathChange(1.0 if any(missing) else 0.0, *missing)
    plane = local_plane(*before.mean(axis=0).tolist())
    old, new = (
        shapely.LineString(np.column_stack(plane.to_xy(line[:, 0], line[:, 1])))
        for line in (before, after)
    )
    gone, gone_share = _apart(old, new, plane)
    come, come_share = _apart(new, old, plane)
    return PathChange(max(gone_share, come_share), gone, come)


def path_lonlat(graph: RoadGraph, path: Path | None) -> FloatArray:
    """Return the points of a path, none if it is missing."""
    return np.empty((0, 2)) if path is None else path.lonlat(graph)


def link_changed(
    before: tuple[RoadGraph, Intersections, CameraLinks],
    after: tuple[RoadGraph, Intersections, CameraLinks],
    site: int,
) -> bool:
    """Tell whether a camera stands elsewhere on another edition.

    Parameters
    ----------
    before, after
        Both editions, with the links of the same cameras.
    site
        The camera's place among them.

    Returns
    -------
    bool
        It is linked to something of another kind, to an intersection more than MOVED_M away from
        its own, or in mid-block to a street of another name.
    """
    kinds = {int(links.kind[site]) for _, _, links in (before, after)}
    if len(kinds) > 1:
        return True
    if kinds == {INTERSECTION}:
        places = [
            (float(found.lon[links.intersection[site]]), float(found.lat[links.intersection[site]]))
            for _, found, links in (before, after)
        ]
        return bool(haversine_m(*places[0], *places[1]) > MOVED_M)
    edges = [int(links.edge[site]) for _, _, links in (before, after)]
    names = {
        graph.name(edge) if edge >= 0 else ""
        for (graph, _, _), edge in zip((before, after), edges, strict=True)
    }
    return len(names) > 1


def _apart(
    line: shapely.LineString, other: shapely.LineString, plane: LocalPlane
) -> tuple[tuple[FloatArray, ...], float]:
    """Cut out what of a line lies far from another, with its share of the length."""
    rest = line.difference(other.buffer(SAME_PLACE_M))
    pieces = [
        piece
        for piece in getattr(rest, "geoms", [rest])
        if isinstance(piece, shapely.LineString) and piece.length > _LEAST_M
    ]
    found = []
    for piece in pieces:
        xy = np.asarray(piece.coords)
        found.append(np.column_stack(plane.to_lonlat(xy[:, 0], xy[:, 1])))
    far_m = sum(piece.length for piece in pieces)
    return tuple(found), far_m / line.length if line.length > 0.0 else 0.0
