"""Jitted kernels of shortest paths that obey banned turns: the search, its trace, and clearing up.

A label is a state of a drive (`roadnet.turns`) with its cost, so an edge, not a node. Labels of a
plain node differ in one thing only: which edge would be turning round. There the first label leaves
by every edge, the second by the one that the first would have to turn round into, and no other
is needed. Even the second is needed only near a ban. Turning round leads back along the way that
the label has come, where everything has a better label already, except behind a state that a ban
held up; and from there it is better to turn round at once, for a fixed cost, than to come
back later than that. This is the label's *limit*: the cost from which on turning round is in vain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

from roadnet.path_kernels import bound_between, heap_drop, heap_push

if TYPE_CHECKING:
    from roadnet.turn_arrays import Labels, Roads, Rules

# Places in `turn_arrays.Labels.counters`.
TOUCHED: Final = 0
GOAL_STATE: Final = 1


@njit(cache=True, nogil=True)
def _next_state(rules: Rules, state: int, edge: int) -> int:
    """Return the state after one more edge, -1 if a ban forbids it."""
    row = rules.first_rule[state]
    if row >= 0:
        while rules.rules[row, 0] == state:
            if rules.rules[row, 1] == edge:
                return rules.rules[row, 2]  # type: ignore[no-any-return]
            row += 1
    return edge


@njit(cache=True, nogil=True)
def _enter(
    labels: Labels, roads: Roads, state: int, edge: int, parent: int, reached: float, limit: float
) -> None:
    """Give a state a better label."""
    if labels.cost[state] == np.inf:
        labels.touched[labels.counters[TOUCHED]] = state
        labels.counters[TOUCHED] += 1
    labels.cost[state] = reached
    labels.limit[state] = limit
    labels.parent[state] = parent
    node = roads.head[edge]
    if reached < labels.best[node]:
        labels.best[node] = reached
        labels.best_state[node] = state


@njit(cache=True, nogil=True)
def search(
    starts: np.ndarray,
    start_costs: np.ndarray,
    goal: tuple[int, int],
    cutoff: float,
    roads: Roads,
    rules: Rules,
    landmarks: np.ndarray,
    labels: Labels,
) -> float:
    """Find the least cost from states to a node, to an edge, or to everything (A* with landmarks).

    Parameters
    ----------
    starts, start_costs
        (k,) int32 states and float64 costs at the ends of their edges.
    goal
        The node to arrive at and -1; or the node that an edge leaves and that edge; or -1 and -1.
    cutoff
        What costs more is not reached.
    roads, rules
        The network and its bans.
    landmarks
        (n, 2 k) costs from and to k landmarks, see `bound_between`; valid for a network without
        bans, and so with them. k may be 0, and is if there is no goal.
    labels
        Clear; afterwards `counters[GOAL_STATE]` is the last state before the goal edge, or the one
        that arrives at the goal node, -1 if none.

    Returns
    -------
    float
        The least cost to the goal, that of a goal edge itself not counted; infinity if there is no path.
    """
    goal_node, goal_edge = goal
    with_goal = goal_node >= 0
    before_goal = roads.reverse[goal_edge] if goal_edge >= 0 else -1
    least = np.inf
    size = 0
    labels.counters[GOAL_STATE] = -1
    for place in range(starts.shape[0]):
        state = starts[place]
        edge = rules.state_edge[state]
        node = roads.head[edge]
        reached = start_costs[place]
        if reached > cutoff or reached >= labels.cost[state]:
            continue
        if with_goal and goal_edge < 0 and node == goal_node:
            if reached < least:
                least = reached
                _enter(labels, roads, state, edge, -1, reached, -np.inf)
                labels.counters[GOAL_STATE] = state
            continue
        # A drive that begins on an edge has no label behind it: it may want to come back.
        limit = -np.inf
        if goal_edge >= 0 or not with_goal:
            limit = reached + roads.turning_cost[node]
        bound = bound_between(landmarks, node, goal_node) if with_goal else 0.0
        if bound < np.inf:
            _enter(labels, roads, state, edge, -1, reached, limit)
            size = heap_push(labels.heap_key, labels.heap_item, size, reached + bound, state)
    while size > 0:
        key = labels.heap_key[0]
        if key >= least:
            break
        state = labels.heap_item[0]
        size = heap_drop(labels.heap_key, labels.heap_item, size)
        so_far = labels.cost[state]
        edge = rules.state_edge[state]
        node = roads.head[edge]
        bound = bound_between(landmarks, node, goal_node) if with_goal else 0.0
        # An entry made before the label's cost fell; a little slack for rounding of the bound.
        if key > so_far + bound + 1e-9 * (1.0 + key):
            continue
        back = roads.reverse[edge]
        parent = labels.parent[state]
        if labels.limit[state] == np.inf:
            labels.limit[state] = labels.limit[parent]
        limit = labels.limit[state]
        plain = rules.plain[node] and not (node == goal_node and goal_edge >= 0)
        begin, end = roads.offsets[node], roads.offsets[node + 1]
        if plain:
            first = labels.first_state[node]
            if first < 0 or so_far < labels.cost[first] or first == state:
                labels.first_state[node] = state
            elif so_far < labels.limit[first]:
                begin = roads.reverse[rules.state_edge[first]]
                end = begin + 1
                if begin < 0:
                    continue
            else:
                continue
        turning_cost = roads.turning_cost[node]
        held_up = rules.first_rule[state] >= 0 or edge == before_goal
        for onto in range(begin, end):
            reached = so_far + roads.cost[onto]
            if onto == back:
                reached += turning_cost
                if plain and so_far + turning_cost > limit:
                    continue
            if reached == np.inf:
                continue
            after = _next_state(rules, state, onto)
            if after < 0:
                continue
            if onto == goal_edge:
                at_goal = so_far + (turning_cost if onto == back else 0.0)
                if at_goal < least and at_goal <= cutoff:
                    least = at_goal
                    labels.counters[GOAL_STATE] = state
            if reached > cutoff or reached >= least or reached >= labels.cost[after]:
                continue
            beyond = roads.head[onto]
            if with_goal and goal_edge < 0 and beyond == goal_node:
                least = reached
                _enter(labels, roads, after, onto, state, reached, -np.inf)
                labels.counters[GOAL_STATE] = after
                continue
            if (
                reached >= labels.best[beyond]
                and reached >= labels.limit[labels.best_state[beyond]]
                and rules.plain[beyond]
                and not (beyond == goal_node and goal_edge >= 0)
            ):
                continue
            bound = bound_between(landmarks, beyond, goal_node) if with_goal else 0.0
            if bound == np.inf:
                continue
            new_limit = limit
            if onto == back:
                # Until it is settled: a second label may yet come here for less, with a later limit.
                new_limit = np.inf
            elif held_up and roads.reverse[onto] >= 0:
                returned = so_far + roads.cost[onto] + roads.turning_cost[beyond]
                returned += roads.cost[roads.reverse[onto]]
                if returned < np.inf:
                    new_limit = max(limit, returned)
            _enter(labels, roads, after, onto, state, reached, new_limit)
            size = heap_push(labels.heap_key, labels.heap_item, size, reached + bound, after)
    return least


@njit(cache=True, nogil=True)
def trace(state: int, rules: Rules, labels: Labels, edges: np.ndarray) -> int:
    """Follow the labels back from a state; write the edges, last first, and return how many."""
    size = 0
    while state >= 0:
        if size < edges.shape[0]:
            edges[size] = rules.state_edge[state]
        size += 1
        state = labels.parent[state]
    return size


@njit(cache=True, nogil=True)
def clear(roads: Roads, rules: Rules, labels: Labels) -> None:
    """Make labels ready for another search."""
    for place in range(labels.counters[TOUCHED]):
        state = labels.touched[place]
        node = roads.head[rules.state_edge[state]]
        labels.cost[state] = np.inf
        labels.best[node] = np.inf
        labels.first_state[node] = -1
    labels.counters[TOUCHED] = 0
