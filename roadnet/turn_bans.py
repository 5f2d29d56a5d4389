"""Turn restrictions, as OpenStreetMap draws them with ways and nodes, into banned sequences of edges.

Relation:restriction of the OSM wiki. Ways are cut into edges at junctions; a restriction is about the edges
of its ways that touch its via node, or that touch the ends of the chain of edges along its via ways. A
prohibition (`no_...`) bans its own sequences. An obligation (`only_...`) bans every other way on from
where it applies, turning round included; several from one street through one place are choices.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import bearing_deg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IdArray, IndexArray, OffsetArray

NO_VIA_NODE: Final = 0
_MOST_STEPS: Final = 10_000  # of the search along via ways; real chains need a few dozen

# Degrees to the right of straight on, by what the kind of a restriction ends with.
_ANGLES: Final = {
    "left_turn": (-170.0, -10.0),
    "right_turn": (10.0, 170.0),
    "straight_on": (-60.0, 60.0),
}


@dataclass(frozen=True, slots=True)
class TurnRestriction:
    """One turn restriction that holds for lorries at all times.

    Attributes
    ----------
    relation_id
        For messages.
    kind
        `no_left_turn`, `only_straight_on`, ...: begins with `no_` or `only_`.
    from_ways, to_ways
        Way ids, one or more.
    via_node
        Node id, NO_VIA_NODE if ways are given instead.
    via_ways
        Way ids in any order; empty if a node is given.
    """

    relation_id: int
    kind: str
    from_ways: tuple[int, ...]
    to_ways: tuple[int, ...]
    via_node: int = NO_VIA_NODE
    via_ways: tuple[int, ...] = ()


class Bans(NamedTuple):
    """Columns `ban_offsets` and `ban_edges` of a graph, and notes on what bans nothing."""

    offsets: OffsetArray
    edges: IndexArray
    notes: tuple[str, ...]


class _Without(Exception):  # noqa: N818 - not an error: a restriction that bans nothing, and why
    pass


def ban_turns(
    graph: RoadGraph,
    node_ids: IdArray,
    edge_way: IdArray,
    restrictions: Sequence[TurnRestriction],
    closed_nodes: IdArray,
    stated: Iterable[tuple[int, ...]] = (),
) -> Bans:
    """Find the sequences of edges that restrictions and closed barriers forbid.

    Parameters
    ----------
    graph
        The network; its own bans are not looked at.
    node_ids
        (n,) ids that `via_node` refers to, ascending.
    edge_way
        (m,) ids of the ways that edges are cut from.
    restrictions
        Any order.
    closed_nodes
        Ids of nodes that no lorry gets past; it may turn round there.
    stated
        Sequences that the source bans as such.

    Returns
    -------
    Bans
        Each sequence once, ascending.
    """
    network = _Network(graph, node_ids, edge_way, restrictions)
    banned = set(stated)
    choices: dict[tuple[int, ...], set[int]] = defaultdict(set)
    without: dict[str, list[int]] = defaultdict(list)
    for restriction in restrictions:
        try:
            for approach, onto in network.sequences(restriction):
                if restriction.kind.startswith("only_"):
                    choices[approach].add(onto)
                else:
                    banned.add((*approach, onto))
        except _Without as reason:
            without[str(reason)].append(restriction.relation_id)
    for approach, allowed in choices.items():
        node = int(graph.edge_to[approach[-1]])
        banned |= {(*approach, edge) for edge in network.leaving(node) if edge not in allowed}
    for node_id in closed_nodes.tolist():
        node = network.node(node_id)
        for edge, onto in product(network.entering(node), network.leaving(node)):
            if graph.edge_reverse[edge] != onto:
                banned.add((edge, onto))
    notes = tuple(
        f"{len(relations)} turn restrictions ban nothing: {reason} (one is relation {min(relations)})"
        for reason, relations in sorted(without.items())
    )
    return Bans(*ban_columns(banned), notes)


def ban_columns(sequences: Iterable[tuple[int, ...]]) -> tuple[OffsetArray, IndexArray]:
    """Put banned sequences of edges into the columns of a graph, ascending, each once."""
    rows = sorted(set(sequences))
    offsets = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
    return offsets, np.array([edge for row in rows for edge in row], dtype=np.int32)


class _Network:
    """The graph, as restrictions look at it: edges by way, and nodes by id."""

    def __init__(
        self,
        graph: RoadGraph,
        node_ids: IdArray,
        edge_way: IdArray,
        restrictions: Sequence[TurnRestriction],
    ) -> None:
        self._graph = graph
        self._node_ids = node_ids
        named = {
            way for one in restrictions for way in (*one.from_ways, *one.via_ways, *one.to_ways)
        }
        self._edges: dict[int, list[int]] = {way: [] for way in named}
        of_named = np.isin(edge_way, np.array(sorted(named), dtype=np.int64))
        for edge in np.flatnonzero(of_named).tolist():
            self._edges[int(edge_way[edge])].append(edge)

    def node(self, node_id: int) -> int:
        """Find a node by its id; raises _Without if there is none."""
        place = int(np.searchsorted(self._node_ids, node_id))
        if place == self._node_ids.shape[0] or self._node_ids[place] != node_id:
            raise _Without("their via node is no junction of roads in the network")
        return place

    def leaving(self, node: int) -> range:
        """Give the edges that leave a node."""
        return range(int(self._graph.out_offsets[node]), int(self._graph.out_offsets[node + 1]))

    def entering(self, node: int) -> list[int]:
        """Give the edges that enter a node."""
        begin, end = self._graph.in_offsets[node], self._graph.in_offsets[node + 1]
        edges: list[int] = self._graph.in_edges[begin:end].tolist()
        return edges

    def sequences(self, restriction: TurnRestriction) -> list[tuple[tuple[int, ...], int]]:
        """List what a restriction is about: edges up to its end, and the edge beyond it.

        Raises _Without, which says why, if that is nothing.
        """
        coming = self._of_ways(restriction.from_ways)
        going = self._of_ways(restriction.to_ways)
        if restriction.via_ways:
            found = self._along_ways(restriction, coming, going)
        else:
            node = self.node(restriction.via_node)
            found = [
                ((edge,), onto) for edge, onto in self._turns(restriction, node, coming, going)
            ]
        if not found:
            raise _Without("their turns cannot be driven anyway, or their members do not meet")
        return found

    def _of_ways(self, ways: tuple[int, ...]) -> list[int]:
        edges = [edge for way in ways for edge in self._edges[way]]
        if not edges:
            raise _Without("a way of theirs is not in the network or closed to motor vehicles")
        return edges

    def _turns(
        self, restriction: TurnRestriction, node: int, coming: list[int], going: list[int]
    ) -> list[tuple[int, int]]:
        """Pair the edges that enter a node with those that leave it, as far as the kind fits."""
        entering = [edge for edge in coming if self._graph.edge_to[edge] == node]
        leaving = [edge for edge in going if self._graph.edge_from[edge] == node]
        pairs = list(product(entering, leaving))
        if set(restriction.from_ways) & set(restriction.to_ways):
            # Back into the same street is a U-turn; on along it is any other kind.
            u_turn = restriction.kind.endswith("u_turn")
            reverse = self._graph.edge_reverse
            pairs = [(edge, onto) for edge, onto in pairs if (reverse[edge] == onto) == u_turn]
        return self._as_named(restriction.kind, pairs)

    def _as_named(self, kind: str, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where a street runs on past the node, keep the turns that bear the name of the kind."""
        low, high = _ANGLES.get(kind.partition("_")[2], (-180.0, 180.0))
        several = len(pairs) > 1
        named = [pair for pair in pairs if several and low <= self._angle_deg(*pair) <= high]
        return named or pairs

    def _angle_deg(self, edge: int, onto: int) -> float:
        """How far a turn leads to the right, -180 to 180."""
        before = self._graph.geometry(edge)[-2:]
        after = self._graph.geometry(onto)[:2]
        turn = _bearing(after) - _bearing(before)
        return (turn + 180.0) % 360.0 - 180.0

    def _along_ways(
        self, restriction: TurnRestriction, coming: list[int], going: list[int]
    ) -> list[tuple[tuple[int, ...], int]]:
        for way in restriction.via_ways:
            self._of_ways((way,))
        chains = []
        for edge in coming:
            chains += self._chains(edge, restriction.via_ways, going)
        if not chains:
            return []
        # A street that touches the via ways at both ends gives longer chains too.
        least = min(len(chain) for chain in chains)
        reverse = self._graph.edge_reverse
        found = []
        for chain in chains:
            end = self._graph.edge_to[chain[-1]]
            found += [
                (chain, onto)
                for onto in going
                if len(chain) == least
                and self._graph.edge_from[onto] == end
                and reverse[chain[-1]] != onto
            ]
        return found

    def _chains(self, edge: int, ways: tuple[int, ...], going: list[int]) -> list[tuple[int, ...]]:
        """List the ways on from an edge over all via ways to where an edge of `going` leaves."""
        way_of = {one: way for way in ways for one in self._edges[way]}
        ends = {int(self._graph.edge_from[onto]) for onto in going}
        found: list[tuple[int, ...]] = []
        waiting: list[tuple[int, ...]] = [(edge,)]
        for _ in range(_MOST_STEPS):
            if not waiting:
                break
            chain = waiting.pop()
            node = int(self._graph.edge_to[chain[-1]])
            if node in ends and {way_of[one] for one in chain[1:]} == set(ways):
                found.append(chain)
                continue
            visited = {int(self._graph.edge_from[one]) for one in chain}
            for onto in self.leaving(node):
                turned = self._graph.edge_reverse[chain[-1]] == onto
                if onto in way_of and not turned and int(self._graph.edge_to[onto]) not in visited:
                    waiting.append((*chain, onto))
        return found


def _bearing(points: FloatArray) -> float:
    (lon1, lat1), (lon2, lat2) = points.tolist()
    return float(bearing_deg(lon1, lat1, lon2, lat2))
