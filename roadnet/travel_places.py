"""The places that cameras read vehicles at: intersections, and points of edges in mid-block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.cameras import INTERSECTION, MID_BLOCK, UNLINKED
from roadnet.travel_arrays import Ends
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.types import BoolArray, FloatArray, IndexArray

NO_PLACE: Final = -1
READING_M: Final = 30.0  # how far from a camera, along the street, a vehicle is when it is read
_LINK_M: Final = 50.0  # a camera of an intersection is at most this far from it


@dataclass(frozen=True, slots=True)
class _PointsOfEdges:
    """Where cameras in mid-block read: rows of place, edge, metres along it, its length and speed."""

    place: IndexArray
    edge: IndexArray
    along_m: FloatArray
    left_m: FloatArray
    seconds_per_m: FloatArray
    tail: IndexArray
    head: IndexArray


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The k places of n cameras.

    Attributes
    ----------
    place
        (n,) int32, NO_PLACE where a camera is not linked.
    reach_m
        (n,) metres from its place within which a camera reads.
    count
        Number of places: the intersections that have cameras, then each camera in mid-block.
    node_place, node
        Pairs of an intersection's place and a node of it.
    points
        The points of edges in mid-block; two where both directions are read.
    """

    place: IndexArray
    reach_m: FloatArray
    count: int
    node_place: IndexArray
    node: IndexArray
    points: _PointsOfEdges

    def nodes_named(self, node_count: int) -> BoolArray:
        """Tell which nodes drives between places begin and end at, (n,) bool."""
        named = np.zeros(node_count, dtype=np.bool_)
        named[self.node] = True
        named[self.points.tail] = True
        named[self.points.head] = True
        return named

    def starts_on(self, number: IndexArray, *, in_seconds: bool) -> Ends:
        """Return where drives from each place go on from, nodes renumbered."""
        cost = self.points.left_m * self._per_m(in_seconds)
        return self._ends(number[self.points.head], cost, number[self.node])

    def goals_on(self, number: IndexArray, *, in_seconds: bool) -> Ends:
        """Return where drives to each place come from, nodes renumbered."""
        cost = self.points.along_m * self._per_m(in_seconds)
        return self._ends(number[self.points.tail], cost, number[self.node])

    def straight_on(self, *, in_seconds: bool) -> Iterator[tuple[int, int, float]]:
        """Give pairs of places on one edge, the second ahead of the first, and the cost between."""
        points, per_m = self.points, self._per_m(in_seconds)
        on_edge: dict[int, list[int]] = {}
        for row, edge in enumerate(points.edge.tolist()):
            on_edge.setdefault(edge, []).append(row)
        for rows in on_edge.values():
            for one in rows:
                for other in rows:
                    along_m = float(points.along_m[other] - points.along_m[one])
                    if along_m >= 0.0:
                        cost = along_m * float(per_m[one])
                        yield int(points.place[one]), int(points.place[other]), cost

    def _per_m(self, in_seconds: bool) -> FloatArray:
        per_m = self.points.seconds_per_m
        return per_m if in_seconds else np.ones_like(per_m)

    def _ends(self, point_node: IndexArray, cost: FloatArray, node: IndexArray) -> Ends:
        place = np.concatenate((self.node_place, self.points.place))
        nodes = np.concatenate((node, point_node))
        costs = np.concatenate((np.zeros(node.shape[0]), cost))
        order = np.argsort(place, kind="stable")
        offsets = np.zeros(self.count + 1, dtype=np.int64)
        offsets[1:] = np.cumsum(np.bincount(place, minlength=self.count))
        ends = Ends(offsets, nodes[order].astype(np.int32), costs[order])
        for array in ends:
            array.setflags(write=False)
        return ends


def find_places(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks, speed_kmh: FloatArray
) -> Places:
    """Find where cameras read vehicles, so that no drive between two readings is shorter.

    A camera of an intersection reads at its nodes, or within its own distance from them and
    READING_M more; so all cameras of one intersection share a place. A camera in mid-block reads at
    its point of the edges that it looks at, or within READING_M; if it looks along no edge, at that
    of either direction.

    Parameters
    ----------
    graph, intersections, links
        The network, its intersections, and the cameras on it.
    speed_kmh
        (m,) what a driver may drive.
    """
    place = np.full(links.count, NO_PLACE, dtype=np.int32)
    at_crossing = links.kind == INTERSECTION
    used, numbered = np.unique(links.intersection[at_crossing], return_inverse=True)
    place[at_crossing] = numbered
    mid_block = np.flatnonzero(links.kind == MID_BLOCK).astype(np.int32)
    place[mid_block] = used.shape[0] + np.arange(mid_block.shape[0])
    sizes = np.diff(intersections.node_offsets)[used]
    node_place = np.repeat(np.arange(used.shape[0], dtype=np.int32), sizes)
    nodes = [
        intersections.nodes[intersections.node_offsets[i] : intersections.node_offsets[i + 1]]
        for i in used.tolist()
    ]
    reach_m = np.where(links.kind == UNLINKED, 0.0, READING_M)
    reach_m[at_crossing] += _gap_m(graph, intersections, links)[at_crossing]
    return Places(
        place=place,
        reach_m=reach_m,
        count=used.shape[0] + mid_block.shape[0],
        node_place=node_place,
        node=np.concatenate([np.empty(0, dtype=np.int32), *nodes]),
        points=_points(graph, links, place, mid_block, speed_kmh),
    )


def _gap_m(graph: RoadGraph, intersections: Intersections, links: CameraLinks) -> FloatArray:
    """Return metres along its own street from each camera to its intersection, (n,)."""
    edge = np.maximum(links.edge, 0)
    gap_m = np.full(links.count, _LINK_M)
    if graph.edge_count == 0:
        return gap_m
    left_m = graph.edge_length_m[edge] - links.offset_m
    for reached, metres in (
        (intersections.ahead[edge], left_m + intersections.ahead_m[edge]),
        (intersections.behind[edge], links.offset_m + intersections.behind_m[edge]),
    ):
        here = (reached == links.intersection) & (metres < gap_m)
        gap_m[here] = metres[here]
    return gap_m


def _points(
    graph: RoadGraph,
    links: CameraLinks,
    place: IndexArray,
    mid_block: IndexArray,
    speed_kmh: FloatArray,
) -> _PointsOfEdges:
    """List the points of edges at which cameras in mid-block read."""
    passing = np.repeat(np.arange(graph.edge_count, dtype=np.int32), np.diff(links.passing_offsets))
    looks: dict[int, list[int]] = {}
    for edge, site in zip(passing.tolist(), links.passing_sites.tolist(), strict=True):
        looks.setdefault(site, []).append(edge)
    rows: list[tuple[int, int, float]] = []
    for site in mid_block.tolist():
        own, along_m = int(links.edge[site]), float(links.offset_m[site])
        reverse = int(graph.edge_reverse[own])
        for edge in looks.get(site, [own] if reverse == NO_EDGE else [own, reverse]):
            # Only its own edge and that one's reverse have the camera's own measure.
            there_m = along_m if edge == own else float(graph.edge_length_m[edge]) - along_m
            rows.append((site, edge, there_m))
    sites = np.array([row[0] for row in rows], dtype=np.int64)
    edges = np.array([row[1] for row in rows], dtype=np.int32)
    along = np.array([row[2] for row in rows], dtype=np.float64)
    return _PointsOfEdges(
        place=place[sites],
        edge=edges,
        along_m=along,
        left_m=graph.edge_length_m[edges] - along,
        seconds_per_m=3.6 / speed_kmh[edges],
        tail=graph.edge_from[edges],
        head=graph.edge_to[edges],
    )
