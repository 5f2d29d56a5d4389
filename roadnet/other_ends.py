"""Other places at which a drawn line may be meant to begin or end.

An officer begins a route at a junction. Where two lie some metres apart, the pencil hardly tells
which, and each has cameras of its own. Nor does a rough one tell whether a line that begins 20 m
from a junction begins at it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.edge_path import Path
from roadnet.geodesy import haversine_m
from roadnet.match_alternatives import LEAST_SHARE, Alternative
from roadnet.match_warnings import share_of
from roadnet.path_ends import AT_JUNCTION_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.graph import RoadGraph
    from roadnet.match_rules import PathRules
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

_ALONG_M: Final = 45.0  # how far along the streets from the chosen end
_REACH: Final = 1.4  # what is farther from the drawn end than so many `at_junction_m` is not meant
_HAND: Final = 0.5  # standard deviation of a drawn end, in the same measure


class _End(NamedTuple):
    """A node at which a path might begin or end, and what would change of its edges."""

    node: int
    edges: list[int]
    first: int
    beyond: int


class Unsettled(NamedTuple):
    """Where a path begins and ends before intersections are thought of.

    Attributes
    ----------
    edges
        Contiguous, some of them those of the path.
    shift
        How many edges of the path stand before the first of `edges`; negative: so many of these
        are not in the path.
    start_m, end_m
        Along the first and the last of `edges`.
    """

    edges: list[int]
    shift: int
    start_m: float
    end_m: float


def other_ends(
    graph: RoadGraph,
    path: Path,
    unsettled: Unsettled,
    is_intersection: BoolArray,
    rules: PathRules,
    drawn: FloatArray,
    at_junction_m: float,
    line_m: FloatArray,
) -> tuple[Alternative, ...]:
    """Find alternatives of a path that begin or end at another intersection near the drawn end.

    Parameters
    ----------
    graph
        The network.
    path
        A matched path, its ends settled (`roadnet.path_ends`).
    unsettled
        The same before they were.
    is_intersection
        (n,) the nodes that are one.
    rules
        What a path must not have.
    drawn
        (T, 2 or more) lon and lat of the line, first to last.
    at_junction_m
        An end this near an intersection is at it.
    line_m
        (T,) metres along the line.

    Returns
    -------
    tuple
        Those at the begin, then those at the end; the likelihood of each is beside the chosen end
        alone.
    """
    length_m = graph.edge_length_m[path.edges[[0, -1]]]
    chosen = (
        Path(path.edges[:1], path.start_offset_m, float(length_m[0])).lonlat(graph),
        Path(path.edges[-1:], 0.0, path.end_offset_m).lonlat(graph),
    )
    found: list[Alternative] = []
    for place, ends in ((0, _begins(graph, path)), (-1, _stops(graph, path))):
        here, at_m = drawn[place, :2], float(line_m[place])
        own_m = _away_m(here, *chosen[place][place])
        node = (graph.edge_from, graph.edge_to)[place][path.edges[place]]
        if is_intersection[node] and own_m > AT_JUNCTION_M:
            part = _in_mid_block(path, unsettled, begins=place == 0)
            found.append(replace(part, from_m=at_m, to_m=at_m))
        for end in ends:
            if end.edges and not (is_intersection[end.node] and _driveable(rules, end.edges)):
                continue
            away_m = _away_m(here, graph.node_lon[end.node], graph.node_lat[end.node])
            if away_m > _REACH * at_junction_m:
                continue
            lost = (away_m**2 - own_m**2) / (2.0 * (_HAND * at_junction_m) ** 2)
            share = float(share_of(np.array(lost)))
            if share >= LEAST_SHARE:
                found.append(
                    Alternative(_frozen(end.edges), end.first, end.beyond, at_m, at_m, share)
                )
    return tuple(found)


def _in_mid_block(path: Path, unsettled: Unsettled, *, begins: bool) -> Alternative:
    """Return the alternative that begins, or ends, where the line does, at no intersection."""
    edges, shift, start_m, end_m = unsettled
    count = path.edges.shape[0]
    if begins:
        new = edges[: max(-shift, 0) + 1]
        return Alternative(_frozen(new), 0, max(shift, 0) + 1, 0.0, 0.0, 0.5, start_m=start_m)
    last = min(shift + len(edges), count) - 1
    new = edges[last - shift :]
    return Alternative(_frozen(new), last, count, 0.0, 0.0, 0.5, end_m=end_m)


def _begins(graph: RoadGraph, path: Path) -> Iterator[_End]:
    """Yield where the path might begin: at its next nodes, and at those just behind it."""
    edges, begins_m = path.edges.tolist(), path.edge_begins_m(graph)
    for place in range(1, len(edges)):
        if begins_m[place] > _ALONG_M:
            break
        yield _End(int(graph.edge_from[edges[place]]), [], 0, place)
    if path.start_offset_m > 0.0:
        yield _End(int(graph.edge_from[edges[0]]), edges[:1], 0, 1)
    for before in graph.in_edges[slice(*_around(graph.in_offsets, graph.edge_from[edges[0]]))]:
        if before == graph.edge_reverse[edges[0]]:
            continue
        if graph.edge_length_m[before] + path.start_offset_m <= _ALONG_M:
            yield _End(int(graph.edge_from[before]), [int(before), edges[0]], 0, 1)


def _stops(graph: RoadGraph, path: Path) -> Iterator[_End]:
    """Yield where the path might end: at its last nodes but one, and at those just ahead of it."""
    edges, count = path.edges.tolist(), path.edges.shape[0]
    begins_m, length_m = path.edge_begins_m(graph), path.length_m(graph)
    for place in range(count - 1, 0, -1):
        if length_m - begins_m[place] > _ALONG_M:
            break
        yield _End(int(graph.edge_from[edges[place]]), [], place, count)
    left_m = float(graph.edge_length_m[edges[-1]]) - path.end_offset_m
    if left_m > 0.0:
        yield _End(int(graph.edge_to[edges[-1]]), edges[-1:], count - 1, count)
    for after in range(*_around(graph.out_offsets, graph.edge_to[edges[-1]])):
        if after == graph.edge_reverse[edges[-1]]:
            continue
        if graph.edge_length_m[after] + left_m <= _ALONG_M:
            yield _End(int(graph.edge_to[after]), [edges[-1], after], count - 1, count)


def _frozen(edges: list[int]) -> IndexArray:
    """Return edges as an array that nobody can change."""
    array = np.array(edges, dtype=np.int32)
    array.setflags(write=False)
    return array


def _away_m(here: FloatArray, lon: float, lat: float) -> float:
    """Return the metres from a drawn end, lon and lat, to a place."""
    return float(haversine_m(here[0], here[1], lon, lat))


def _around(offsets: OffsetArray, node: int) -> tuple[int, int]:
    """Return where the edges of a node begin and end in a table of such offsets."""
    return int(offsets[node]), int(offsets[node + 1])


def _driveable(rules: PathRules, edges: list[int]) -> bool:
    """Say whether a path may have these edges one after the other."""
    if rules.forbidden is not None and rules.forbidden[edges].any():
        return False
    banned = rules.banned_turns
    return len(edges) != 2 or not ((banned == edges).all(axis=1)).any()
