"""The arrays that the kernels of searches over edges take together, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray


class Roads(NamedTuple):
    """What is driven on: n nodes, m edges.

    Attributes
    ----------
    offsets
        (n + 1,) CSR offsets into the edges.
    head, reverse
        (m,) the node that an edge enters, and the edge back or -1.
    cost
        (m,) none negative, infinity where closed.
    turning_cost
        (n,) what turning round at a node costs.
    """

    offsets: OffsetArray
    head: IndexArray
    reverse: IndexArray
    cost: FloatArray
    turning_cost: FloatArray


class Rules(NamedTuple):
    """The columns of `Turns`, by the same names; `plain` may be false more often than need be."""

    state_edge: IndexArray
    first_rule: IndexArray
    rules: IndexArray
    plain: BoolArray


class Labels(NamedTuple):
    """Work space for s states and n nodes; a search must find it clear and leaves it filled.

    Attributes
    ----------
    cost, limit, parent
        (s,) the least cost found of a state (clear: infinity); its limit; the state before.
    best, best_state, first_state
        (n,) the least cost of any label of a node (clear: infinity), that label, and the
        label that the node was first left by (clear: -1).
    heap_key, heap_item
        A place for each pair of an edge in a state and one that follows, and then some.
    touched
        (s,) the states whose cost is not clear.
    counters
        (2,) how many of those, and the state that reached the goal.
    """

    cost: FloatArray
    limit: FloatArray
    parent: IndexArray
    best: FloatArray
    best_state: IndexArray
    first_state: IndexArray
    heap_key: FloatArray
    heap_item: IndexArray
    touched: IndexArray
    counters: OffsetArray
