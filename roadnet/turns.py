"""What banned turns do to a drive: the states that it can be in, and where each edge leads from it.

A ban is a sequence of edges that may not be driven one right after the other. How far a drive has
come along bans is the longest end of it that is a proper beginning of one (the automaton of Aho and
Corasick, 1975). Nearly always that is the last edge alone, so a state is an edge; only bans by way
of other edges need states of their own, behind the edges in number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, IndexArray

BANNED: Final = -1
_NO_RULE: Final = -1
# Columns of `Turns.rules`.
RULE_STATE: Final = 0
RULE_EDGE: Final = 1
RULE_NEXT: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """The states of a drive on a graph of n nodes and m edges: s of them, m and a few more.

    State e < m: the last edge is e, and no more than that edge is the beginning of a ban. Driving
    edge f leads from any state to state f, unless a rule says otherwise.

    Attributes
    ----------
    state_edge
        (s,) int32, the last edge driven in each state; `state_edge[:m]` counts from 0 to m - 1.
    first_rule
        (s,) int32, the first row of each state in `rules`, -1 if it has none.
    rules
        (k + 1, 3) int32: in a state, driving an edge leads to another state than the edge's own, or
        is BANNED. Sorted by state and edge; the last row is of no state, so that each state's rows
        have an end.
    plain
        (n,) bool, nodes at which no drive can arrive in a state that has rules.
    """

    state_edge: IndexArray
    first_rule: IndexArray
    rules: IndexArray
    plain: BoolArray

    @property
    def count(self) -> int:
        """Number of states."""
        return int(self.state_edge.shape[0])

    def step(self, state: int, edge: int) -> int:
        """Return the state after driving one more edge, BANNED if it may not be driven now."""
        row = int(self.first_rule[state])
        while row != _NO_RULE and self.rules[row, RULE_STATE] == state:
            if self.rules[row, RULE_EDGE] == edge:
                return int(self.rules[row, RULE_NEXT])
            row += 1
        return edge

    def first_ban(self, edges: Iterable[int]) -> int | None:
        """Tell where a drive first breaks a ban.

        Parameters
        ----------
        edges
            In driving order.

        Returns
        -------
        int | None
            Place in `edges` of the edge that completes a ban; None if the drive breaks none.
        """
        state: int | None = None
        for place, edge in enumerate(edges):
            state = edge if state is None else self.step(state, edge)
            if state == BANNED:
                return place
        return None


def find_turns(graph: RoadGraph, *, bans: bool = True) -> Turns:
    """Build the states of drives on a graph.

    Parameters
    ----------
    graph
        The network and its bans.
    bans
        Whether they are to be obeyed; if not, each edge is a state and there are no rules.
    """
    banned = set(graph.bans()) if bans else set()
    beginnings = sorted({ban[:size] for ban in banned for size in range(1, len(ban))})
    longer = [beginning for beginning in beginnings if len(beginning) > 1]
    state_of = {beginning: graph.edge_count + place for place, beginning in enumerate(longer)}
    state_of |= {beginning: beginning[0] for beginning in beginnings if len(beginning) == 1}
    onward: dict[tuple[int, ...], set[int]] = {}
    for ban in banned:
        for size in range(1, len(ban)):
            onward.setdefault(ban[:size], set()).add(ban[size])
    rules = []
    for beginning, state in state_of.items():
        ends = [beginning[place:] for place in range(len(beginning))]
        for edge in set().union(*(onward.get(end, set()) for end in ends)):
            driven = [(*end, edge) for end in ends]
            after = next((state_of[end] for end in driven if end in state_of), edge)
            if any(end in banned for end in driven):
                after = BANNED
            if after != edge:
                rules.append((state, edge, after))
    rules.sort()
    table = np.array([*rules, (-2, -2, BANNED)], dtype=np.int32)
    state_edge = np.concatenate(
        (np.arange(graph.edge_count), [beginning[-1] for beginning in longer])
    ).astype(np.int32)
    first_rule = np.full(state_edge.shape[0], _NO_RULE, dtype=np.int32)
    ruled, first = np.unique(table[:-1, RULE_STATE], return_index=True)
    first_rule[ruled] = first
    plain = np.ones(graph.node_count, dtype=np.bool_)
    plain[graph.edge_to[state_edge[ruled]]] = False
    for array in (state_edge, first_rule, table, plain):
        array.setflags(write=False)
    return Turns(state_edge, first_rule, table, plain)
