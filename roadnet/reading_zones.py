"""Where cameras read vehicles: the parts of streets around each, wherever it may belong.

A vehicle is read within READING_M of its camera, or at the camera's intersection, or between, or as far
beyond. Streets are followed in both directions: it has not yet come to the intersection, or has
left it, and perhaps turned off by a yard on the way. A camera that belongs to several intersections,
or might watch another street than its own, has all of them in its zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.cameras import UNLINKED
from roadnet.intersections import NO_INTERSECTION
from roadnet.travel_arrays import Ends
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.types import BoolArray, FloatArray, IndexArray

READING_M: Final = 30.0  # how far from a camera, along the street, a vehicle is when it is read
_LINK_M: Final = 50.0  # a camera of an intersection is at most this far from it
_STEP_M: Final = 5.0  # reaches are rounded up to this, so that cameras of one crossing share a zone


class _Centre(NamedTuple):
    """A place and how far around it is read: an intersection, or a point of an edge."""

    intersection: int
    edge: int
    offset_m: float
    reach_m: float


class _Piece(NamedTuple):
    """A part of an edge, metres along it."""

    edge: int
    from_m: float
    to_m: float


@dataclass(frozen=True, slots=True, eq=False)
class ReadingZones:
    """The k zones of n cameras, as p pieces of directed edges.

    Attributes
    ----------
    zone
        (n,) int32, the zone of each camera; several may share one.
    count
        Number of zones.
    nowhere
        (k,) bool, the zone of cameras that are linked to no street: it has no pieces.
    place, edge
        (p,) int32, the zone that a piece belongs to, ascending, and its edge.
    from_m, to_m
        (p,) metres along the edge.
    length_m
        (p,) of the whole edge.
    tail, head
        (p,) int32, its nodes.
    """

    zone: IndexArray
    count: int
    nowhere: BoolArray
    place: IndexArray
    edge: IndexArray
    from_m: FloatArray
    to_m: FloatArray
    length_m: FloatArray
    tail: IndexArray
    head: IndexArray

    # A drive from one zone to another that it does not overlap leaves the first, for the last time,
    # in the midst of an edge, and so it enters the second: nodes inside zones need not be known.

    def nodes_named(self, node_count: int) -> BoolArray:
        """Tell which nodes drives between zones may begin and end at, (n,) bool."""
        named = np.zeros(node_count, dtype=np.bool_)
        named[self.head[self._left()]] = True
        named[self.tail[self._entered()]] = True
        return named

    def starts_on(self, number: IndexArray, per_m: FloatArray) -> Ends:
        """Return where drives that have left each zone go on from.

        Parameters
        ----------
        number
            The nodes' new numbers.
        per_m
            (m,) what a metre of each edge costs.
        """
        rows = self._left()
        cost = (self.length_m - self.to_m) * per_m[self.edge]
        return self._ends(self.place[rows], number[self.head[rows]], cost[rows])

    def goals_on(self, number: IndexArray, per_m: FloatArray) -> Ends:
        """Return where drives come from that are about to enter each zone; as `starts_on`."""
        rows = self._entered()
        cost = self.from_m * per_m[self.edge]
        return self._ends(self.place[rows], number[self.tail[rows]], cost[rows])

    def straight_on(self, per_m: FloatArray) -> Iterator[tuple[int, int, float]]:
        """Give pairs of zones on one edge, the second not all behind the first, and the cost between.

        Zones that overlap share a piece of an edge, so they are among them, with no cost.
        """
        on_edge: dict[int, list[int]] = {}
        for row, edge in enumerate(self.edge.tolist()):
            on_edge.setdefault(edge, []).append(row)
        place, from_m, to_m = self.place.tolist(), self.from_m.tolist(), self.to_m.tolist()
        for edge, rows in on_edge.items():
            cost = float(per_m[edge])
            for one in rows:
                for other in rows:
                    if from_m[one] <= to_m[other]:
                        between_m = max(from_m[other] - to_m[one], 0.0)
                        yield place[one], place[other], between_m * cost

    def _left(self) -> BoolArray:
        left: BoolArray = self.to_m < self.length_m
        return left

    def _entered(self) -> BoolArray:
        entered: BoolArray = self.from_m > 0.0
        return entered

    def _ends(self, place: IndexArray, node: IndexArray, cost: FloatArray) -> Ends:
        """Keep the least cost of each node of a zone."""
        order = np.lexsort((cost, node, place))
        place, node, cost = place[order], node[order], cost[order]
        first = np.ones(order.shape[0], dtype=np.bool_)
        first[1:] = (place[1:] != place[:-1]) | (node[1:] != node[:-1])
        offsets = np.zeros(self.count + 1, dtype=np.int64)
        offsets[1:] = np.cumsum(np.bincount(place[first], minlength=self.count))
        ends = Ends(offsets, node[first].astype(np.int32), cost[first])
        for array in ends:
            array.setflags(write=False)
        return ends


def find_reading_zones(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks
) -> ReadingZones:
    """Find where each camera reads vehicles.

    A camera of an intersection reads within its own distance from the nodes of the intersection and
    READING_M more, rounded up to 5 m; one in mid-block within READING_M of its point. So with
    every other answer that its link has (`CameraLinks.candidates`).

    Parameters
    ----------
    graph, intersections, links
        The network, its intersections, and the cameras on it.
    """
    streets = _Streets(graph)
    numbers: dict[tuple[_Centre, ...], int] = {}
    pieces: list[list[_Piece]] = []
    zone = np.zeros(links.count, dtype=np.int32)
    for site, centres in enumerate(_centres(graph, intersections, links)):
        if centres not in numbers:
            numbers[centres] = len(numbers)
            pieces.append(streets.within(intersections, centres))
        zone[site] = numbers[centres]
    table = np.array([piece for of in pieces for piece in of], dtype=np.float64).reshape(-1, 3)
    edge = table[:, 0].astype(np.int32)
    return ReadingZones(
        zone=zone,
        count=len(pieces),
        nowhere=np.array([not of for of in pieces], dtype=np.bool_),
        place=np.repeat(np.arange(len(pieces), dtype=np.int32), [len(of) for of in pieces]),
        edge=edge,
        from_m=table[:, 1],
        to_m=table[:, 2],
        length_m=graph.edge_length_m[edge].astype(np.float64),
        tail=graph.edge_from[edge],
        head=graph.edge_to[edge],
    )


def _centres(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks
) -> list[tuple[_Centre, ...]]:
    """List, for each camera, the places around which it reads, in one order; none if unlinked."""
    linked = np.flatnonzero(links.kind != UNLINKED).astype(np.int32)
    sites = np.arange(links.count, dtype=np.int32)
    site = np.concatenate((linked, np.repeat(sites, np.diff(links.candidate_offsets))))
    crossing = np.concatenate((links.intersection[linked], links.candidate_intersection))
    edge = np.concatenate((links.edge[linked], links.candidate_edge))
    offset_m = np.concatenate((links.offset_m[linked], links.candidate_offset_m))
    at_crossing = crossing != NO_INTERSECTION
    gap_m = np.where(at_crossing, _gap_m(graph, intersections, crossing, edge, offset_m), 0.0)
    reach_m = _STEP_M * np.ceil((gap_m + READING_M) / _STEP_M - 1e-9)
    edge = np.where(at_crossing, NO_EDGE, edge)
    offset_m = np.where(at_crossing, 0.0, offset_m)
    found: list[set[_Centre]] = [set() for _ in range(links.count)]
    columns = (site, crossing, edge, offset_m, reach_m)
    for one, *centre in zip(*(column.tolist() for column in columns), strict=True):
        found[one].add(_Centre(*centre))
    return [tuple(sorted(centres)) for centres in found]


def _gap_m(
    graph: RoadGraph,
    intersections: Intersections,
    crossing: IndexArray,
    edge: IndexArray,
    offset_m: FloatArray,
) -> FloatArray:
    """Measure along streets from points of edges to intersections, at most _LINK_M."""
    gap_m = np.full(edge.shape[0], _LINK_M)
    left_m = graph.edge_length_m[edge] - offset_m
    for reached, metres in (
        (intersections.ahead[edge], left_m + intersections.ahead_m[edge]),
        (intersections.behind[edge], offset_m + intersections.behind_m[edge]),
    ):
        here = (reached == crossing) & (metres < gap_m)
        gap_m[here] = metres[here]
    return gap_m


class _Streets:
    """The network as plain lists, since zones are walked edge by edge."""

    def __init__(self, graph: RoadGraph) -> None:
        self._out: list[int] = graph.out_offsets.tolist()
        self._in: list[int] = graph.in_offsets.tolist()
        self._entering: list[int] = graph.in_edges.tolist()
        self._tail: list[int] = graph.edge_from.tolist()
        self._head: list[int] = graph.edge_to.tolist()
        self._reverse: list[int] = graph.edge_reverse.tolist()
        self._length_m: list[float] = graph.edge_length_m.tolist()

    def within(self, intersections: Intersections, centres: tuple[_Centre, ...]) -> list[_Piece]:
        """List the parts of edges within reach of some places, whichever way they may be driven."""
        left: dict[int, float] = {}  # of each node, the most reach that is left there
        pieces: list[_Piece] = []
        for crossing, edge, offset_m, reach_m in centres:
            if crossing != NO_INTERSECTION:
                bounds = intersections.node_offsets[crossing : crossing + 2]
                for node in intersections.nodes[int(bounds[0]) : int(bounds[1])].tolist():
                    left[node] = max(left.get(node, 0.0), reach_m)
                continue
            length_m = self._length_m[edge]
            pieces += self._around(edge, offset_m, reach_m)
            for node, gap_m in (
                (self._tail[edge], offset_m),
                (self._head[edge], length_m - offset_m),
            ):
                if gap_m <= reach_m:
                    left[node] = max(left.get(node, 0.0), reach_m - gap_m)
        self._spread(left)
        for node, reach_m in left.items():
            for edge in range(self._out[node], self._out[node + 1]):
                pieces.append(_Piece(edge, 0.0, min(self._length_m[edge], reach_m)))
            for edge in self._entering[self._in[node] : self._in[node + 1]]:
                length_m = self._length_m[edge]
                pieces.append(_Piece(edge, max(length_m - reach_m, 0.0), length_m))
        return pieces

    def _around(self, edge: int, offset_m: float, reach_m: float) -> Iterator[_Piece]:
        """Give the part of an edge, and of its reverse, around a point of it."""
        length_m = self._length_m[edge]
        for one, at_m in ((edge, offset_m), (self._reverse[edge], length_m - offset_m)):
            if one != NO_EDGE:
                yield _Piece(one, max(at_m - reach_m, 0.0), min(at_m + reach_m, length_m))

    def _spread(self, left: dict[int, float]) -> None:
        """Carry the reach that is left on from node to node."""
        queue: list[tuple[float, int]] = []
        for node, reach_m in left.items():
            heappush(queue, (-reach_m, node))
        while queue:
            spent_m, node = heappop(queue)
            if -spent_m < left[node]:
                continue
            for edge in (
                *range(self._out[node], self._out[node + 1]),
                *self._entering[self._in[node] : self._in[node + 1]],
            ):
                beyond = self._head[edge] if self._tail[edge] == node else self._tail[edge]
                reach_m = -spent_m - self._length_m[edge]
                if reach_m >= 0.0 and reach_m > left.get(beyond, -1.0):
                    left[beyond] = reach_m
                    heappush(queue, (-reach_m, beyond))
