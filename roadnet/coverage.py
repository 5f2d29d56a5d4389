"""Which cameras a path covers, in the order in which its driver meets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.intersections import NO_INTERSECTION
from roadnet.ranges import each_of_ranges
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.paths import Path
    from roadnet.types import FloatArray, IndexArray, OffsetArray

AT_INTERSECTION_M: Final = 15.0  # an end of a path this near to an intersection is at it
PASSING_TOLERANCE_M: Final = 15.0  # a mid-block camera so far beyond an end of the path is passed

_ON_NODE_M: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class PathCameras:
    """The cameras that a path covers, by distance, then by site; each once, at its first passage.

    Attributes
    ----------
    site
        (k,) int32, places in the sequence of sites that was linked.
    distance_m
        (k,) metres along the path: where it comes to the camera's intersection, or passes the
        camera in mid-block; in [0, length of the path].
    """

    site: IndexArray
    distance_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TouchedIntersections:
    """The intersections that a path touches, in order; one that it comes to twice is there twice.

    Attributes
    ----------
    intersection
        (k,) int32.
    distance_m
        (k,) metres along the path at which it comes to each.
    arrives_by
        (k,) int32, the approach edge by which the path arrives, NO_EDGE where it begins or ends
        at the intersection without arriving.
    """

    intersection: IndexArray
    distance_m: FloatArray
    arrives_by: IndexArray


def cameras_on_path(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks, path: Path
) -> PathCameras:
    """List the cameras that a path covers (docs/coverage.md).

    A camera of an intersection is covered when the path arrives there by an approach edge that
    the camera looks at. At the first and the last intersection that the path touches, every camera
    is: its vehicle comes from, and goes, somewhere. A camera in mid-block is covered when the path
    runs along its edge the way it looks; where the path begins or ends on that edge, only if it
    comes within PASSING_TOLERANCE_M of the camera.

    Parameters
    ----------
    graph, intersections, links
        The network and its cameras; all of one graph.
    path
        On that graph.

    Returns
    -------
    PathCameras
        None for a path without edges.
    """
    edges = path.edges
    if edges.shape[0] == 0:
        return PathCameras(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float64))
    touched = touched_intersections(graph, intersections, path)
    begins_m = path.edge_begins_m(graph)
    length_m = path.length_m(graph)

    arrived = np.flatnonzero(touched.arrives_by != NO_EDGE)
    row, by_approach = _spread(
        links.arrival_offsets, links.arrival_sites, touched.arrives_by[arrived]
    )
    ends = np.array([0, -1]) if touched.intersection.shape[0] > 0 else np.empty(0, dtype=np.int64)
    end, at_ends = _spread(links.around_offsets, links.around_sites, touched.intersection[ends])
    place, passed = _spread(links.passing_offsets, links.passing_sites, edges)
    passed, passed_m = _passed(graph, links, path, begins_m, place, passed)

    site = np.concatenate((by_approach, at_ends, passed))
    distance_m = np.concatenate(
        (touched.distance_m[arrived][row], touched.distance_m[ends][end], passed_m)
    )
    distance_m = np.clip(distance_m, 0.0, length_m)
    order = np.lexsort((distance_m, site))
    site, first = np.unique(site[order], return_index=True)
    distance_m = distance_m[order][first]
    order = np.lexsort((site, distance_m))
    return PathCameras(site=site[order].astype(np.int32), distance_m=distance_m[order])


def touched_intersections(
    graph: RoadGraph, intersections: Intersections, path: Path
) -> TouchedIntersections:
    """List the intersections that a path touches.

    It touches those at which it arrives. It also touches the one that it begins in, or at most
    AT_INTERSECTION_M after, and the one that it ends at most so far before, measured along the
    street; an end that is nearer to the intersection on its other side is at that one instead. A
    path that begins farther along a block has not touched the intersection behind it.

    Parameters
    ----------
    graph, intersections, path
        All of one graph.

    Returns
    -------
    TouchedIntersections
        None for a path within one block, or without edges.
    """
    edges = path.edges
    if edges.shape[0] == 0:
        return TouchedIntersections(
            np.empty(0, dtype=np.int32), np.empty(0), np.empty(0, dtype=np.int32)
        )
    ends_m = path.edge_begins_m(graph) + graph.edge_length_m[edges]
    arrives = intersections.edge_arrives[edges] != NO_INTERSECTION
    last_length_m = float(graph.edge_length_m[edges[-1]])
    arrives[-1] &= path.end_offset_m >= last_length_m - _ON_NODE_M
    edge = edges[arrives]
    intersection = intersections.edge_arrives[edge]
    distance_m = ends_m[arrives]
    begin = _begins_at(graph, intersections, path)
    if begin != NO_INTERSECTION:
        intersection = np.concatenate(([begin], intersection))
        distance_m = np.concatenate(([0.0], distance_m))
        edge = np.concatenate(([NO_EDGE], edge))
    finish = NO_INTERSECTION if arrives[-1] else _ends_before(graph, intersections, path)
    if finish != NO_INTERSECTION:
        intersection = np.concatenate((intersection, [finish]))
        distance_m = np.concatenate((distance_m, [ends_m[-1] - last_length_m + path.end_offset_m]))
        edge = np.concatenate((edge, [NO_EDGE]))
    return TouchedIntersections(
        intersection=intersection.astype(np.int32),
        distance_m=distance_m,
        arrives_by=edge.astype(np.int32),
    )


def _begins_at(graph: RoadGraph, intersections: Intersections, path: Path) -> int:
    """Return the intersection that the path begins in, or shortly after."""
    edge = int(path.edges[0])
    if intersections.edge_inside[edge]:
        return int(intersections.node_intersection[graph.edge_from[edge]])
    since_m, to_m = _since_and_to(graph, intersections, edge, path.start_offset_m)
    near = since_m <= AT_INTERSECTION_M + _ON_NODE_M and since_m <= to_m + _ON_NODE_M
    return int(intersections.behind[edge]) if near else NO_INTERSECTION


def _ends_before(graph: RoadGraph, intersections: Intersections, path: Path) -> int:
    """Return the intersection that the path, which does not arrive there, ends shortly before."""
    edge = int(path.edges[-1])
    if intersections.edge_inside[edge]:
        return NO_INTERSECTION  # it arrived, or began there
    since_m, to_m = _since_and_to(graph, intersections, edge, path.end_offset_m)
    near = to_m <= AT_INTERSECTION_M + _ON_NODE_M and to_m <= since_m + _ON_NODE_M
    return int(intersections.ahead[edge]) if near else NO_INTERSECTION


def _since_and_to(
    graph: RoadGraph, intersections: Intersections, edge: int, offset_m: float
) -> tuple[float, float]:
    """Measure along the street back and on to the nearest intersections, infinite for none."""
    rest_m = float(graph.edge_length_m[edge]) - offset_m
    return (
        offset_m + float(intersections.behind_m[edge]),
        rest_m + float(intersections.ahead_m[edge]),
    )


def _passed(
    graph: RoadGraph,
    links: CameraLinks,
    path: Path,
    begins_m: FloatArray,
    place: OffsetArray,
    site: IndexArray,
) -> tuple[IndexArray, FloatArray]:
    """Keep the mid-block cameras that the driven part of their edge passes, with the metre."""
    edge = path.edges[place]
    own_way = links.edge[site] == edge
    offset_m = np.where(
        own_way, links.offset_m[site], graph.edge_length_m[edge] - links.offset_m[site]
    )
    from_m = np.where(place == 0, path.start_offset_m, 0.0)
    last = path.edges.shape[0] - 1
    to_m = np.where(place == last, path.end_offset_m, graph.edge_length_m[edge])
    kept = (offset_m >= from_m - PASSING_TOLERANCE_M) & (offset_m <= to_m + PASSING_TOLERANCE_M)
    return site[kept], (begins_m[place] + offset_m)[kept]


def _spread(
    offsets: OffsetArray, values: IndexArray, rows: IndexArray
) -> tuple[OffsetArray, IndexArray]:
    """Concatenate the values of some rows of a CSR table, each with its place in `rows`."""
    place, at = each_of_ranges(offsets[rows], offsets[rows + 1])
    return place, values[at]
