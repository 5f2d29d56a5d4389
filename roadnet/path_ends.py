"""Where a matched path begins and ends: at the intersection that a drawn end is at, or in mid-block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import haversine_m
from roadnet.types import NO_NODE

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.path_cleaning import Track
    from roadnet.types import BoolArray, FloatArray

AT_JUNCTION_M: Final = 15.0  # an end of a drawn line this near an intersection is at it
_WALK_M: Final = 30.0  # how far along the streets that intersection may be
_STUB_M: Final = 1.0  # less of an edge at an end of a path is its node


def snap_ends(
    graph: RoadGraph,
    track: Track,
    is_intersection: BoolArray,
    first: FloatArray,
    last: FloatArray,
    forbidden: BoolArray | None = None,
    at_junction_m: float = AT_JUNCTION_M,
) -> tuple[list[int], float, float, int]:
    """Let a path begin and end at the intersections that the drawn ends are at.

    Parameters
    ----------
    graph
        The network.
    track
        The cleaned path; its first and last points of the line are the ends.
    is_intersection
        (n,) the nodes that are one.
    first, last
        Lon and lat of the drawn ends.
    forbidden
        (m,) edges that the path must not be drawn out along.
    at_junction_m
        An end this near an intersection is at it.

    Returns
    -------
    tuple
        Edges, metres along the first, metres along the last, and how many edges now stand before
        the first of `track` (negative: so many of its first are gone).
    """
    own = track.edges
    # Measured along the reverse edge, an offset may round to a hair beyond this one's end.
    start_m = min(float(track.offset_m[0]), float(graph.edge_length_m[own[0]]))
    end_m = min(float(track.offset_m[-1]), float(graph.edge_length_m[own[-1]]))
    if len(own) == 1:
        end_m = max(end_m, start_m)
    behind = _walk_back(graph, own[0], start_m, is_intersection)
    ahead = _walk_on(graph, own[-1], end_m, is_intersection)
    if forbidden is not None and forbidden[[*behind, *ahead]].any():
        behind, ahead = [], []
    edges = [*behind, *own, *ahead]
    low, high = len(behind), len(behind) + len(own)
    begins = np.concatenate(([0.0], np.cumsum(graph.edge_length_m[edges])))
    from_m = float(begins[low]) + start_m
    to_m = float(begins[high - 1]) + end_m
    nodes = [int(graph.edge_from[edges[0]]), *graph.edge_to[edges].tolist()]
    at_start = _nearest_intersection(
        graph, is_intersection, first, (begins, nodes), from_m, at_junction_m
    )
    at_end = _nearest_intersection(
        graph, is_intersection, last, (begins, nodes), to_m, at_junction_m
    )
    if NO_NODE not in (at_start, at_end) and at_end <= at_start:
        # The whole line lies at one intersection: no path would be left.
        at_start = at_end = NO_NODE
    if at_start != NO_NODE and (at_end != NO_NODE or begins[at_start] < to_m):
        low, start_m = at_start, 0.0
    if at_end != NO_NODE and (at_start != NO_NODE or begins[at_end] > from_m):
        high = at_end
        end_m = float(graph.edge_length_m[edges[high - 1]])
    while high - low > 1 and graph.edge_length_m[edges[low]] - start_m < _STUB_M:
        low, start_m = low + 1, 0.0
    while high - low > 1 and end_m < _STUB_M:
        high -= 1
        end_m = float(graph.edge_length_m[edges[high - 1]])
    return edges[low:high], start_m, end_m, len(behind) - low


def _walk_back(
    graph: RoadGraph, edge: int, offset_m: float, is_intersection: BoolArray
) -> list[int]:
    """Return the edges that lead to the begin of an edge, as far as an end may be moved."""
    found: list[int] = []
    walked_m = offset_m
    node = int(graph.edge_from[edge])
    while walked_m <= _WALK_M and not is_intersection[node]:
        entering = graph.in_edges[graph.in_offsets[node] : graph.in_offsets[node + 1]]
        before = [e for e in entering.tolist() if e != graph.edge_reverse[edge]]
        if len(before) != 1 or before[0] in found:
            break
        edge = before[0]
        found.insert(0, edge)
        walked_m += float(graph.edge_length_m[edge])
        node = int(graph.edge_from[edge])
    return found


def _walk_on(graph: RoadGraph, edge: int, offset_m: float, is_intersection: BoolArray) -> list[int]:
    """Return the edges that lead on from the end of an edge, as far as an end may be moved."""
    found: list[int] = []
    walked_m = float(graph.edge_length_m[edge]) - offset_m
    node = int(graph.edge_to[edge])
    while walked_m <= _WALK_M and not is_intersection[node]:
        leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        onward = [e for e in leaving if e != graph.edge_reverse[edge]]
        if len(onward) != 1 or onward[0] in found:
            break
        edge = onward[0]
        found.append(edge)
        walked_m += float(graph.edge_length_m[edge])
        node = int(graph.edge_to[edge])
    return found


def _nearest_intersection(
    graph: RoadGraph,
    is_intersection: BoolArray,
    end: FloatArray,
    along: tuple[FloatArray, list[int]],
    at_m: float,
    at_junction_m: float,
) -> int:
    """Return the place of the intersection that a drawn end is at, or NO_NODE.

    `along` are the metres along the path of its nodes, and the nodes.
    """
    begins, nodes = along
    low = int(np.searchsorted(begins, at_m - _WALK_M, side="left"))
    high = int(np.searchsorted(begins, at_m + _WALK_M, side="right"))
    best, best_m = NO_NODE, at_junction_m
    for place in range(low, high):
        node = nodes[place]
        if not is_intersection[node]:
            continue
        away_m = float(haversine_m(end[0], end[1], graph.node_lon[node], graph.node_lat[node]))
        if away_m <= best_m:
            best, best_m = place, away_m
    return best
