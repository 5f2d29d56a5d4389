"""A smaller network with the same least costs between the nodes that matter.

Nodes are taken out one by one, each pair of arcs that led through one replaced by an arc as long
as both. Dead ends, bends, and most junctions of three streets go without the network gaining an
arc; what is left is quick to search often. (Contraction hierarchies, Geisberger et al. 2008, begin
so; for a few thousand searches this first step is enough.)
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

# A node whose arcs make more pairs than this stays, whatever is gained: it never is.
_MOST_PAIRS: Final = 64

_Arcs = dict[int, tuple[float, float]]


class Core(NamedTuple):
    """The network that is left, with nodes of its own numbers.

    Attributes
    ----------
    place
        (n,) int32, the number of each node of the whole network, -1 where it was taken out.
    offsets, head
        CSR of its arcs.
    metres, seconds
        Of each arc: the least of either, perhaps along different ways.
    """

    place: IndexArray
    offsets: OffsetArray
    head: IndexArray
    metres: FloatArray
    seconds: FloatArray


def contract(
    tail: IndexArray, head: IndexArray, metres: FloatArray, seconds: FloatArray, keep: BoolArray
) -> Core:
    """Take nodes out of a network as long as it gains no arcs.

    Parameters
    ----------
    tail, head, metres, seconds
        (m,) the arcs, with two costs, none negative.
    keep
        (n,) nodes that must stay.

    Returns
    -------
    Core
        Between any two nodes left, the least metres and the least seconds are those of the whole
        network, but for rounding.
    """
    ahead, behind = _neighbours(tail, head, metres, seconds, keep.shape[0])
    queue = []
    for node in np.flatnonzero(~keep).tolist():
        gain = _arcs_gained(ahead, behind, node)
        if gain is not None and gain <= 0:
            queue.append((gain, node))
    heapify(queue)
    removed = np.zeros(keep.shape[0], dtype=np.bool_)
    while queue:
        gain, node = heappop(queue)
        if removed[node]:
            continue
        now = _arcs_gained(ahead, behind, node)
        if now is None or now > 0:
            continue
        if now > gain:
            heappush(queue, (now, node))
            continue
        touched = _take_out(ahead, behind, node)
        removed[node] = True
        for other in touched:
            if not keep[other]:
                gain_of_other = _arcs_gained(ahead, behind, other)
                if gain_of_other is not None and gain_of_other <= 0:
                    heappush(queue, (gain_of_other, other))
    return _core(ahead, removed)


def _neighbours(
    tail: IndexArray, head: IndexArray, metres: FloatArray, seconds: FloatArray, nodes: int
) -> tuple[list[_Arcs], list[_Arcs]]:
    """Tabulate the arcs from and to each node, one for each pair of nodes, none to itself."""
    ahead: list[_Arcs] = [{} for _ in range(nodes)]
    behind: list[_Arcs] = [{} for _ in range(nodes)]
    for first, last, *costs in zip(
        tail.tolist(), head.tolist(), metres.tolist(), seconds.tolist(), strict=True
    ):
        if first != last:
            _join(ahead, behind, first, last, (costs[0], costs[1]))
    return ahead, behind


def _join(
    ahead: list[_Arcs], behind: list[_Arcs], first: int, last: int, costs: tuple[float, float]
) -> None:
    there = ahead[first].get(last)
    if there is not None:
        costs = (min(there[0], costs[0]), min(there[1], costs[1]))
    ahead[first][last] = costs
    behind[last][first] = costs


def _arcs_gained(ahead: list[_Arcs], behind: list[_Arcs], node: int) -> int | None:
    """Count the arcs that taking out a node would add, less those it would remove."""
    into, onward = behind[node], ahead[node]
    if len(into) * len(onward) > _MOST_PAIRS:
        return None
    gained = -len(into) - len(onward)
    for first in into:
        known = ahead[first]
        for last in onward:
            if first != last and last not in known:
                gained += 1
    return gained


def _take_out(ahead: list[_Arcs], behind: list[_Arcs], node: int) -> set[int]:
    """Take out a node and return those that it was joined to."""
    into, onward = behind[node], ahead[node]
    for first in into:
        del ahead[first][node]
    for last in onward:
        del behind[last][node]
    for first, (metres, seconds) in into.items():
        for last, (more_metres, more_seconds) in onward.items():
            if first != last:
                costs = (metres + more_metres, seconds + more_seconds)
                _join(ahead, behind, first, last, costs)
    touched = {*into, *onward}
    ahead[node], behind[node] = {}, {}
    return touched


def _core(ahead: list[_Arcs], removed: BoolArray) -> Core:
    place = np.where(removed, -1, np.cumsum(~removed) - 1).astype(np.int32)
    left = np.flatnonzero(~removed).tolist()
    offsets = np.zeros(len(left) + 1, dtype=np.int64)
    offsets[1:] = np.cumsum([len(ahead[node]) for node in left])
    arcs = [(last, *ahead[node][last]) for node in left for last in sorted(ahead[node])]
    table = np.array(arcs, dtype=np.float64).reshape(-1, 3)
    core = Core(
        place=place,
        offsets=offsets,
        head=place[table[:, 0].astype(np.int64)],
        metres=np.ascontiguousarray(table[:, 1]),
        seconds=np.ascontiguousarray(table[:, 2]),
    )
    for array in core:
        array.setflags(write=False)
    return core
