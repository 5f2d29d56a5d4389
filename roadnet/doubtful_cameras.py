"""Which cameras a drawn line may mean besides, or instead of, those of the path that it was matched to.

That a line may mean another path matters to who enforces it only where that path has other
cameras: which of two parallel carriageways it is that both pass the same cameras, nobody need ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from roadnet.coverage import cameras_on_path
from roadnet.edge_path import Path

if TYPE_CHECKING:
    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.mapmatching import MatchedLine
    from roadnet.match_alternatives import Alternative


class OtherCameras(NamedTuple):
    """What cameras an alternative of a matched line has.

    Attributes
    ----------
    alternative
        The stretch of another path.
    gained, lost
        Sites that the line has with it and not without it, and the other way round; ascending.
    """

    alternative: Alternative
    gained: tuple[int, ...]
    lost: tuple[int, ...]

    @property
    def differ(self) -> bool:
        """Whether the line has other cameras with the alternative."""
        return bool(self.gained or self.lost)


def cameras_of_alternatives(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks, matched: MatchedLine
) -> tuple[OtherCameras, ...]:
    """Tell which cameras each alternative of a matched line adds and takes away.

    Parameters
    ----------
    graph, intersections, links
        The network and its cameras.
    matched
        A line on it.

    Returns
    -------
    tuple
        One for each alternative, in order along the line; those that leave no path are left out.
    """
    if not matched.alternatives:
        return ()
    own = set(cameras_on_path(graph, intersections, links, matched.path).site.tolist())
    found = []
    for other in matched.alternatives:
        path = taken_instead(graph, matched.path, other)
        if path is not None:
            sites = set(cameras_on_path(graph, intersections, links, path).site.tolist())
            found.append(
                OtherCameras(other, tuple(sorted(sites - own)), tuple(sorted(own - sites)))
            )
    return tuple(found)


def taken_instead(graph: RoadGraph, path: Path, other: Alternative) -> Path | None:
    """Put an alternative in place of what it differs from.

    Parameters
    ----------
    graph
        The network.
    path
        The one that the line was matched to.
    other
        One of its alternatives.

    Returns
    -------
    Path | None
        None where nothing is left.
    """
    edges = np.concatenate((path.edges[: other.first], other.edges, path.edges[other.beyond :]))
    if edges.shape[0] == 0:
        return None
    start_m, end_m = path.start_offset_m, path.end_offset_m
    if other.first == 0:
        start_m = other.start_m
    if other.beyond == path.edges.shape[0]:
        end_m = min(other.end_m, float(graph.edge_length_m[edges[-1]]))
    if edges.shape[0] == 1:
        start_m = min(start_m, end_m)
    return Path(edges.astype(np.int32), start_m, end_m)
