"""Which streets a lorry may drive into after each street: one-ways, closed streets, banned turns.

The network seen from the driver's seat: a *state* is the edge being driven, and its arcs lead to
the edges that may be driven next. A banned turn of two edges is an arc left out. A ban by way of
edges between them needs memory, so each proper beginning of such a ban is a state of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadnet.ranges import each_of_ranges
from roadnet.streets import apart
from roadnet.vehicles import Vehicle, forbidden_edges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, IndexArray, OffsetArray

_GOODS_VEHICLE = Vehicle()


@dataclass(frozen=True, slots=True, eq=False)
class OnwardStreets:
    """What may be driven after what, of a graph of m edges; s >= m states.

    Attributes
    ----------
    edge
        (s,) int32, the edge that is driven in each state. State e < m is edge e with nothing to
        remember; the others are edges of a ban of three or more, driven after its edges before.
    offsets, targets
        (s + 1,) and (k,) int32: the states that may follow each, each by another edge.
    back_offsets, back_states
        (s + 1,) and (k,) int32: the states that each may follow.
    usable
        (m,) the edges that a lorry may drive into: no service roads or tracks, none that is
        forbidden to it or closed. No arc leads to another one.
    """

    edge: IndexArray
    offsets: OffsetArray
    targets: IndexArray
    back_offsets: OffsetArray
    back_states: IndexArray
    usable: BoolArray

    @property
    def count(self) -> int:
        """Number of states."""
        return int(self.edge.shape[0])

    def following(self, state: int) -> IndexArray:
        """Return the states that may follow one."""
        return self.targets[int(self.offsets[state]) : int(self.offsets[state + 1])]

    def along(self, edges: Sequence[int]) -> list[int]:
        """Return the states of a drive along contiguous edges, each that of all edges before it.

        A drive may use what a lorry may not, such as a service road; it then remembers nothing.
        """
        if self.count == self.usable.shape[0]:
            return list(edges)
        states: list[int] = []
        for edge in edges:
            onward = self.following(states[-1]) if states else self.targets[:0]
            same = onward[self.edge[onward] == edge]
            states.append(int(same[0]) if same.size else edge)
        return states


def onward_streets(
    graph: RoadGraph,
    *,
    vehicle: Vehicle = _GOODS_VEHICLE,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
) -> OnwardStreets:
    """Tabulate which streets may be driven after which.

    Parameters
    ----------
    graph
        The network.
    vehicle
        What drives.
    closed_edges
        Indices of edges that nobody may drive.

    Returns
    -------
    OnwardStreets
        No state is followed by its own edge driven back (a U-turn), by a service road or track,
        by what `vehicle` may not drive, or by what a ban forbids. Streets for destinations only
        and streets with conditions may be driven.
    """
    usable = ~forbidden_edges(graph, vehicle, closed_edges) & ~apart(graph)
    begin, end = _turns(graph, usable)
    arcs = _Arcs(graph, begin, end)
    for ban in graph.bans():
        if len(ban) > 2:
            arcs.remember(ban)
    edge, begin, end = arcs.expanded()
    states = edge.shape[0]
    order = np.lexsort((end, begin))
    begin, end = begin[order], end[order]
    back = np.argsort(end, kind="stable")
    onward = OnwardStreets(
        edge=edge,
        offsets=_offsets(begin, states),
        targets=end,
        back_offsets=_offsets(end, states),
        back_states=begin[back],
        usable=usable,
    )
    for name in OnwardStreets.__slots__:
        getattr(onward, name).setflags(write=False)
    return onward


def _turns(graph: RoadGraph, usable: BoolArray) -> tuple[IndexArray, IndexArray]:
    """Pair each edge with the usable edges that follow it, banned turns of two edges left out."""
    head = graph.edge_to
    begin, end = each_of_ranges(graph.out_offsets[head], graph.out_offsets[head + 1])
    kept = usable[end] & (end != graph.edge_reverse[begin])
    begin, end = begin[kept], end[kept].astype(np.int32)
    pairs = np.diff(graph.ban_offsets) == 2
    at = graph.ban_offsets[:-1][pairs]
    banned = graph.ban_edges[at] * np.int64(graph.edge_count) + graph.ban_edges[at + 1]
    kept = ~np.isin(begin * np.int64(graph.edge_count) + end, banned)
    return begin[kept].astype(np.int32), end[kept]


class _Arcs:
    """Arcs between edges, and between what remembers the beginning of a longer ban.

    A state is named by the edges that it remembers, its own the last: the longest end of the
    drive so far that is a proper beginning of some ban. So a drive completes a ban exactly when
    its state and the next edge end with that ban (Aho and Corasick, 1975).
    """

    def __init__(self, graph: RoadGraph, begin: IndexArray, end: IndexArray) -> None:
        self._edges = graph.edge_count
        self._begin, self._end = begin, end
        self._offsets = _offsets(begin, graph.edge_count)
        self._bans: set[tuple[int, ...]] = set()
        self._states: dict[tuple[int, ...], int] = {}

    def remember(self, ban: tuple[int, ...]) -> None:
        """Make states for the proper beginnings of one ban of three or more edges."""
        self._bans.add(ban)
        for length in range(2, len(ban)):
            self._states.setdefault(ban[:length], self._edges + len(self._states))

    def expanded(self) -> tuple[IndexArray, IndexArray, IndexArray]:
        """Return the edge of each state, and the arcs between states."""
        edge = np.arange(self._edges + len(self._states), dtype=np.int32)
        begin, end = [self._begin], [self._end.copy()]
        for remembered, state in self._states.items():
            edge[state] = remembered[-1]
            onward = [
                self._after((*remembered, following))
                for following in self._following(remembered[-1])
            ]
            reached = np.array([one for one in onward if one is not None], dtype=np.int32)
            begin.append(np.full(reached.shape[0], state, dtype=np.int32))
            end.append(reached)
            if len(remembered) == 2:
                at = slice(int(self._offsets[remembered[0]]), int(self._offsets[remembered[0] + 1]))
                end[0][at][self._end[at] == remembered[1]] = state
        return edge, np.concatenate(begin), np.concatenate(end)

    def _following(self, edge: int) -> list[int]:
        following: list[int] = self._end[
            int(self._offsets[edge]) : int(self._offsets[edge + 1])
        ].tolist()
        return following

    def _after(self, driven: tuple[int, ...]) -> int | None:
        """Return the state after some edges, None if their end is banned."""
        ends = [driven[first:] for first in range(len(driven) - 1)]
        if not self._bans.isdisjoint(ends):
            return None
        return next((self._states[one] for one in ends if one in self._states), driven[-1])


def _offsets(of: IndexArray, count: int) -> OffsetArray:
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(of, minlength=count), out=offsets[1:])
    return offsets
