"""Which nodes are one divided crossing, though the map draws several.

Where a divided street (two one-way carriageways) is crossed, the map has a node on each
carriageway; where two divided streets cross, it has four. To whoever drives or polices it, that
is one intersection. Three patterns make nodes one, and nothing else does, so that the junctions
of an old town whose blocks are 30 m long stay apart:

*median link*
    a stretch of street between two nodes that meet the two carriageways of one divided street:
    one-way, of opposite directions, and across the stretch.
*island*
    the short carriageways between the place where a street divides and the crossing (or the place
    where it unites again), around a pedestrian island for instance.
*small roundabout*
    the ring of a roundabout that is no wider than a crossing.

A stretch is at most CROSSING_M long, and may pass nodes at which nothing else meets. Crossings
grow from their shortest stretches, and only while all their nodes are at most CROSSING_M from one
another, so nothing chains along a street. Order comes from lengths and coordinates, never from
the numbering of nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import angle_between_deg, bearing_deg, haversine_m
from roadnet.streets import UNNAMED
from roadnet.types import FLAG_ROUNDABOUT, NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from roadnet.graph import RoadGraph
    from roadnet.headings import Headings
    from roadnet.streets import StreetEnds
    from roadnet.types import BoolArray

CROSSING_M: Final = 35.0

_OPPOSITE_DEG: Final = 135.0  # carriageways of one street run at least so far from one another
_ACROSS_DEG: Final = 30.0  # and at least so far from the line of the stretch between them
_FORK_DEG: Final = 60.0  # where a street divides, its carriageways part by less than this


class _Stretch(NamedTuple):
    """A short way along one street between two nodes where streets meet.

    `first_end` and `last_end` are the places in StreetEnds of its ends at `begin` and `finish`;
    `onward` and `back` say whether it may be driven from begin to finish and from finish to begin.
    """

    begin: int
    finish: int
    middle: tuple[int, ...]
    first_end: int
    last_end: int
    length_m: float
    onward: bool
    back: bool


def divided_crossings(
    graph: RoadGraph, ends: StreetEnds, meeting: BoolArray, headings: Headings
) -> list[list[int]]:
    """Group the nodes that are one divided crossing.

    Parameters
    ----------
    graph
        Any network.
    ends
        Its street ends, service roads and tracks apart.
    meeting
        (n,) nodes where three or more street ends meet, or two of different names.
    headings
        Of the graph.

    Returns
    -------
    list
        Groups of two or more nodes, ascending; each node is in at most one. Nodes passed between
        two that meet streets are in the group with them.
    """
    survey = _Survey(graph, ends, meeting, headings)
    groups = _Groups(graph)
    for ring in _rings(graph):
        groups.join(ring)
    by_size = survey.by_size(survey.short_stretches())
    for stretch in by_size:
        if survey.is_median_link(stretch):
            groups.join((stretch.begin, stretch.finish, *stretch.middle))
    for onward, back in survey.islands(by_size):
        if groups.same(onward.finish, back.begin):
            groups.join((onward.begin, onward.finish, *onward.middle, *back.middle))
    return groups.listed()


class _Survey:
    """Looks around the nodes of a graph; plain lists, since it walks edge by edge."""

    def __init__(
        self, graph: RoadGraph, ends: StreetEnds, meeting: BoolArray, headings: Headings
    ) -> None:
        every = np.arange(graph.edge_count, dtype=np.int32)
        self._graph = graph
        self._meeting: list[bool] = meeting.tolist()
        self._offsets: list[int] = ends.offsets.tolist()
        self._street: list[int] = ends.street.tolist()
        self._entering: list[int] = ends.entering.tolist()
        self._leaving: list[int] = ends.leaving.tolist()
        self._from: list[int] = graph.edge_from.tolist()
        self._to: list[int] = graph.edge_to.tolist()
        self._length_m: list[float] = graph.edge_length_m.tolist()
        self._arriving: list[float] = headings.arriving(every).tolist()
        self._departing: list[float] = headings.departing(every).tolist()

    def short_stretches(self) -> Iterator[_Stretch]:
        """Walk each end of each meeting node to the next meeting node, CROSSING_M at most.

        Every pattern needs a one-way street at both ends, so other nodes are passed over.
        """
        for node, meets in enumerate(self._meeting):
            if not meets or not any(self._one_way(end) for end in self._ends(node)):
                continue
            for end in self._ends(node):
                stretch = self._walk(node, end)
                # Both ends find it; the lower one keeps it.
                if stretch is not None and stretch.first_end < stretch.last_end:
                    yield stretch

    def by_size(self, stretches: Iterable[_Stretch]) -> list[_Stretch]:
        """Put the shortest first; equal ones (to the millimetre) from south-west to north-east."""
        lon, lat = self._graph.node_lon, self._graph.node_lat

        def size(stretch: _Stretch) -> tuple[float, list[tuple[float, float]]]:
            places = [
                (float(lon[node]), float(lat[node])) for node in (stretch.begin, stretch.finish)
            ]
            return round(stretch.length_m, 3), sorted(places)

        return sorted(stretches, key=size)

    def is_median_link(self, stretch: _Stretch) -> bool:
        """Tell whether opposite carriageways of one street cross the two ends of a stretch."""
        if stretch.begin == stretch.finish:
            return False
        for here in self._ends(stretch.begin):
            if here == stretch.first_end or not self._one_way(here):
                continue
            for there in self._ends(stretch.finish):
                if (
                    there != stretch.last_end
                    and self._one_way(there)
                    and self._street[here] != self._street[there]
                    and self._one_street(here, there)
                    and angle_between_deg(self._heading(here), self._heading(there))
                    >= _OPPOSITE_DEG
                    and self._runs_across(here, stretch)
                    and self._runs_across(there, stretch)
                ):
                    return True
        return False

    def islands(self, stretches: Sequence[_Stretch]) -> list[tuple[_Stretch, _Stretch]]:
        """Find the pairs of one-way stretches, out and back, into which a street divides."""
        outward: dict[int, list[_Stretch]] = {}
        homeward: dict[int, list[_Stretch]] = {}
        for drawn in stretches:
            if drawn.onward == drawn.back or drawn.begin == drawn.finish:
                continue
            stretch = drawn if drawn.onward else _turned(drawn)
            outward.setdefault(stretch.begin, []).append(stretch)
            homeward.setdefault(stretch.finish, []).append(stretch)
        pairs = [
            (out, home)
            for node, leaving in outward.items()
            for out in leaving
            for home in homeward.get(node, [])
            if self._one_street(out.first_end, home.last_end)
            and self._fork_deg(out.first_end, home.last_end) < _FORK_DEG
        ]
        place = {stretch.first_end: rank for rank, stretch in enumerate(stretches)}
        place |= {stretch.last_end: rank for rank, stretch in enumerate(stretches)}
        return sorted(pairs, key=lambda pair: sorted(place[s.first_end] for s in pair))

    def _fork_deg(self, out_end: int, home_end: int) -> float:
        """Angle at which the ways out of and back into a node part."""
        away = self._departing[self._leaving[out_end]]
        home = self._arriving[self._entering[home_end]]
        return float(angle_between_deg(away, home + 180.0))

    def _ends(self, node: int) -> range:
        return range(self._offsets[node], self._offsets[node + 1])

    def _one_way(self, end: int) -> bool:
        return self._entering[end] == NO_EDGE or self._leaving[end] == NO_EDGE

    def _heading(self, end: int) -> float:
        """Direction of travel of a one-way street at one of its ends."""
        entering = self._entering[end]
        return (
            self._departing[self._leaving[end]] if entering == NO_EDGE else self._arriving[entering]
        )

    def _one_street(self, end: int, other: int) -> bool:
        """Tell whether two ends may be of one street: its name, or its class where one has none."""
        graph = self._graph
        edge, beside = self._street[end], self._street[other]
        name, name_beside = int(graph.edge_name[edge]), int(graph.edge_name[beside])
        if UNNAMED in (name, name_beside):
            return bool(graph.edge_class[edge] == graph.edge_class[beside])
        return name == name_beside

    def _runs_across(self, end: int, stretch: _Stretch) -> bool:
        lon, lat = self._graph.node_lon, self._graph.node_lat
        begin, finish = stretch.begin, stretch.finish
        line = float(bearing_deg(lon[begin], lat[begin], lon[finish], lat[finish]))
        angle = float(angle_between_deg(self._heading(end), line))
        return min(angle, 180.0 - angle) >= _ACROSS_DEG

    def _walk(self, node: int, end: int) -> _Stretch | None:
        begin, first_end = node, end
        middle: list[int] = []
        length_m = 0.0
        onward = back = True
        while True:
            leaving, entering = self._leaving[end], self._entering[end]
            onward &= leaving != NO_EDGE
            back &= entering != NO_EDGE
            edge = self._street[end]
            length_m += self._length_m[edge]
            if length_m > CROSSING_M:
                return None
            node = self._from[edge] if self._to[edge] == node else self._to[edge]
            here = self._ends(node)
            end = next(k for k in here if self._street[k] == edge and k != end)
            if self._meeting[node]:
                return _Stretch(begin, node, tuple(middle), first_end, end, length_m, onward, back)
            if len(here) != 2:
                return None
            middle.append(node)
            end = here[0] if end == here[1] else here[1]


class _Groups:
    """Sets of nodes that grow while they stay small enough."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._group: dict[int, set[int]] = {}

    def same(self, node: int, other: int) -> bool:
        """Tell whether two nodes are one, or in one group."""
        return node == other or other in self._group.get(node, ())

    def join(self, nodes: Iterable[int]) -> None:
        """Make nodes, and the groups that they are in, one group, unless it would be too wide."""
        joined: set[int] = set()
        for node in nodes:
            joined |= self._group.get(node, {node})
        members = np.array(sorted(joined))
        lon, lat = self._graph.node_lon[members], self._graph.node_lat[members]
        if float(np.max(haversine_m(lon[:, None], lat[:, None], lon, lat))) > CROSSING_M:
            return
        for node in joined:
            self._group[node] = joined

    def listed(self) -> list[list[int]]:
        """List the groups, each ascending, by their lowest node."""
        found = {id(group): sorted(group) for group in self._group.values() if len(group) > 1}
        return sorted(found.values())


def _rings(graph: RoadGraph) -> list[list[int]]:
    """Collect the nodes of each roundabout."""
    ring_edges = np.flatnonzero(graph.edge_flags & FLAG_ROUNDABOUT)
    ring: dict[int, set[int]] = {}
    for edge in ring_edges.tolist():
        one, other = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        joined = ring.get(one, {one}) | ring.get(other, {other})
        for node in joined:
            ring[node] = joined
    return sorted({id(nodes): sorted(nodes) for nodes in ring.values()}.values())


def _turned(stretch: _Stretch) -> _Stretch:
    """See a stretch from its other end."""
    return stretch._replace(
        begin=stretch.finish,
        finish=stretch.begin,
        first_end=stretch.last_end,
        last_end=stretch.first_end,
        onward=stretch.back,
        back=stretch.onward,
    )
