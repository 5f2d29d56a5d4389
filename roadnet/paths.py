"""Shortest paths: between two nodes, between points of edges, and from a node to all others."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.driving_costs import DESTINATION_FACTOR, Weight, edge_costs, turning_costs
from roadnet.edge_path import Path, PathTree, whole_edges
from roadnet.errors import RoadnetError
from roadnet.landmarks import frozen, measure_from, measure_landmarks
from roadnet.turn_arrays import Labels, Roads, Rules
from roadnet.turn_kernels import (
    GOAL_STATE,
    TOUCHED,
    clear,
    search,
    trace,
)
from roadnet.turns import find_turns
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.turns import Turns
    from roadnet.types import FloatArray, IndexArray
    from roadnet.vehicles import Vehicle

__all__ = [
    "DESTINATION_FACTOR",
    "Found",
    "Path",
    "PathTree",
    "Router",
    "Weight",
    "edge_costs",
    "shortest_path",
]

_NOWHERE: Final = (-1, -1)


class Found(NamedTuple):
    """A way that a search has found.

    Attributes
    ----------
    edges
        (k,) int32, from the edge that it starts on to the goal; a goal edge is among them.
    cost
        Of the starts and the way; a goal edge itself is not counted.
    state
        The state of the drive (`Turns`) on the last edge.
    """

    edges: IndexArray
    cost: float
    state: int


class Router:
    """Shortest paths on one graph for one kind of driving; build once, ask often, from any thread.

    Parameters
    ----------
    graph
        The network.
    weight
        `time`: seconds at `edge_speed_kmh`; `length`: metres.
    goods
        Drive as a lorry: edges with FLAG_NO_GOODS are closed, those with FLAG_DESTINATION cost
        DESTINATION_FACTOR times more, and turning round costs TURNING_COST but in a dead end.
    closed_edges
        Indices of edges that nobody may drive.
    landmarks
        Nodes to measure in advance, which takes two searches of the whole graph each; with 8, a
        path on a city's network is found some ten times faster. Answers cost the same. Or a router
        that has measured some: of the same graph, weight and vehicle, and with no edge closed
        that this one may drive, so that its measures are bounds here too.
    vehicle
        What drives, in place of `goods`: streets with a limit below its size are closed too.
    bans
        Whether a lorry obeys the banned turns of the graph; what is no goods vehicle, and who
        does not obey them, turns round for nothing as well.

    Attributes
    ----------
    cost
        (m,) float64, what each edge costs; infinity where it is closed.
    turning_cost
        (n,) float64, what turning round at each node costs.
    turns
        The states that the banned turns make; without rules if none is obeyed.
    """

    __slots__ = (
        "_landmarks",
        "_roads",
        "_rules",
        "_spare",
        "cost",
        "graph",
        "turning_cost",
        "turns",
    )

    graph: RoadGraph
    cost: FloatArray
    turning_cost: FloatArray
    turns: Turns
    _landmarks: FloatArray
    _roads: Roads
    _rules: Rules
    _spare: deque[Labels]

    def __init__(
        self,
        graph: RoadGraph,
        *,
        weight: Weight = "time",
        goods: bool = True,
        closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
        landmarks: int | Router = 0,
        vehicle: Vehicle | None = None,
        bans: bool = True,
    ) -> None:
        self.graph = graph
        self.cost = frozen(
            edge_costs(
                graph, weight=weight, goods=goods, closed_edges=closed_edges, vehicle=vehicle
            )
        )
        obeyed = bans and (goods if vehicle is None else vehicle.goods)
        turning = turning_costs(graph, self.cost, weight=weight)
        self.turning_cost = frozen(turning if obeyed else np.zeros(graph.node_count))
        self.turns = find_turns(graph, bans=obeyed)
        if isinstance(landmarks, Router):
            self._landmarks = landmarks._landmarks  # noqa: SLF001 - of the same class
        else:
            self._landmarks = measure_landmarks(graph, self.cost, landmarks)
        self._roads = Roads(
            frozen(graph.out_offsets),
            frozen(graph.edge_to),
            frozen(graph.edge_reverse),
            self.cost,
            self.turning_cost,
        )
        turns = self.turns
        self._rules = Rules(turns.state_edge, turns.first_rule, turns.rules, turns.plain)
        # Work space is cleared after use, not made for each path; deques are safe among threads.
        self._spare = deque()

    def path(self, from_node: int, to_node: int) -> Path | None:
        """Find the path of least cost between two nodes.

        Parameters
        ----------
        from_node, to_node
            Nodes of the graph; from a node to itself is a path without edges.

        Returns
        -------
        Path | None
            Whole edges from node to node; None if there is no path.

        Raises
        ------
        RoadnetError
            Code ``no_node``: one of them is no node of the graph.
        """
        for name, node in (("from_node", from_node), ("to_node", to_node)):
            if not isinstance(node, int | np.integer) or not 0 <= node < self.graph.node_count:
                expected = f"expected a node of the graph, 0 to {self.graph.node_count - 1}"
                raise RoadnetError("no_node", f"{name} is {node!r}; {expected}")
        if from_node == to_node:
            return whole_edges(self.graph, np.empty(0, dtype=np.int32))
        starts = self._leaving(from_node)
        found = self._find(starts, self.cost[starts], (int(to_node), NO_EDGE))
        return None if found is None else whole_edges(self.graph, found.edges)

    def tree(self, from_node: int, cutoff: float = np.inf) -> PathTree:
        """Find the paths of least cost from one node to all others.

        Parameters
        ----------
        from_node
            Node of the graph.
        cutoff
            Seconds or metres; nodes beyond are not reached.
        """
        graph, rules = self.graph, self._rules
        if rules.rules.shape[0] == 1:
            # Only bans make a lorry turn round, so that nodes, not edges, need labels.
            cost, arrived_by = measure_from(
                from_node, cutoff, self._roads.offsets, self._roads.head, self.cost
            )
            return PathTree(from_node, cost, arrived_by, graph)
        labels = self._blank()
        starts = self._leaving(from_node)
        search(
            starts,
            self.cost[starts],
            _NOWHERE,
            float(cutoff),
            self._roads,
            rules,
            self._landmarks[:, :0],
            labels,
        )
        cost = labels.best
        reached = np.isfinite(cost)
        arrived_by = np.full(graph.node_count, NO_EDGE, dtype=np.int32)
        arrived_by[reached] = rules.state_edge[labels.best_state[reached]]
        if cutoff >= 0.0:
            cost[from_node] = 0.0
            arrived_by[from_node] = NO_EDGE
        return PathTree(
            from_node,
            cost,
            arrived_by,
            graph,
            (labels.best_state, rules.state_edge, labels.parent),
        )

    def path_between(
        self, from_edge: int, from_offset_m: float, to_edge: int, to_offset_m: float
    ) -> Path | None:
        """Find the path of least cost between two points on edges.

        Parameters
        ----------
        from_edge, from_offset_m
            Where to begin: an edge, and metres along it.
        to_edge, to_offset_m
            Where to end.

        Returns
        -------
        Path | None
            None if there is no path, or one of the two edges is closed.
        """
        if not (np.isfinite(self.cost[from_edge]) and np.isfinite(self.cost[to_edge])):
            return None
        if from_edge == to_edge and from_offset_m <= to_offset_m:
            return Path(np.array([from_edge]), from_offset_m, to_offset_m)
        found = self._onto(from_edge, from_offset_m, to_edge)
        if found is None:
            return None
        return Path(found.edges, from_offset_m, to_offset_m)

    def find_onto(self, states: npt.ArrayLike, costs: npt.ArrayLike, to_edge: int) -> Found | None:
        """Find the way of least cost from the ends of some edges onto an edge.

        Parameters
        ----------
        states
            (k,) what the drive may begin in: edges, or other states of `turns`.
        costs
            (k,) what it costs to come to the end of each.
        to_edge
            The edge to drive onto, again if it is among those begun on.

        Returns
        -------
        Found | None
            None if there is no way, or the edge is closed.
        """
        if not np.isfinite(self.cost[to_edge]):
            return None
        goal = (int(self.graph.edge_from[to_edge]), int(to_edge))
        starts = np.asarray(states, dtype=np.int32).reshape(-1)
        return self._find(starts, np.asarray(costs, dtype=np.float64).reshape(-1), goal)

    def cost_to_end(self, edge: int, offset_m: float) -> float:
        """Return what driving the rest of an edge costs."""
        if not np.isfinite(self.cost[edge]):
            return np.inf
        length_m = float(self.graph.edge_length_m[edge])
        return float(self.cost[edge]) * (length_m - offset_m) / length_m

    def costs_between(
        self,
        from_edge: int,
        from_offset_m: float,
        to_edges: npt.ArrayLike,
        to_offsets_m: npt.ArrayLike,
        cutoff: float = np.inf,
    ) -> FloatArray:
        """Find the least costs from one point on an edge to many.

        Parameters
        ----------
        from_edge, from_offset_m
            Where to begin: an edge, and metres along it.
        to_edges, to_offsets_m
            (k,) edges and metres along them.
        cutoff
            Seconds or metres; what costs more is infinity.

        Returns
        -------
        FloatArray
            (k,) seconds or metres; infinity where there is no path.
        """
        edges = np.asarray(to_edges, dtype=np.int64).reshape(-1)
        offsets_m = np.asarray(to_offsets_m, dtype=np.float64).reshape(-1)
        if edges.shape[0] == 0 or not np.isfinite(self.cost[from_edge]):
            return np.full(edges.shape[0], np.inf)
        start_m = np.full(edges.shape[0], from_offset_m)
        costs = self._costs_onto(from_edge, from_offset_m, cutoff)[edges]
        ahead = (edges == from_edge) & (offsets_m >= from_offset_m)
        if ((edges == from_edge) & ~ahead).any():
            found = self._onto(from_edge, from_offset_m, from_edge)
            costs[edges == from_edge] = np.inf if found is None else found.cost
        costs += self._part(edges, np.zeros(edges.shape[0]), offsets_m)
        costs[ahead] = self._part(edges, start_m, offsets_m)[ahead]
        costs[~(costs <= cutoff)] = np.inf
        return costs

    def cost_of(self, path: Path) -> float:
        """Return what driving a path costs, turning round included; infinity if an edge is closed.

        Whether it breaks bans, `turns.first_ban` tells.
        """
        edges = path.edges
        if edges.shape[0] == 0:
            return 0.0
        begin_m = np.zeros(edges.shape[0])
        end_m = self.graph.edge_length_m[edges].copy()
        begin_m[0], end_m[-1] = path.start_offset_m, path.end_offset_m
        turned = self.graph.edge_reverse[edges[:-1]] == edges[1:]
        turning = self.turning_cost[self.graph.edge_to[edges[:-1][turned]]].sum()
        return float(self._part(edges, begin_m, end_m).sum() + turning)

    def _part(
        self, edges: npt.NDArray[np.integer], begin_m: FloatArray, end_m: FloatArray
    ) -> FloatArray:
        """Price parts of edges; a closed one is infinite however short the part."""
        length_m = self.graph.edge_length_m[edges]
        share = (end_m - begin_m) / np.where(length_m > 0.0, length_m, 1.0)
        cost = self.cost[edges]
        open_ = np.isfinite(cost)
        priced = np.where(open_, cost, 0.0) * share
        priced[~open_] = np.inf
        return np.asarray(priced, dtype=np.float64)

    def _leaving(self, node: int) -> IndexArray:
        """Return the states of the open edges that leave a node."""
        offsets = self.graph.out_offsets
        edges = np.arange(offsets[node], offsets[node + 1], dtype=np.int32)
        return edges[np.isfinite(self.cost[edges])]

    def _onto(self, edge: int, offset_m: float, to_edge: int) -> Found | None:
        """Find the way from a point of an edge onto an edge, at least from its own end."""
        return self.find_onto([edge], [self.cost_to_end(edge, offset_m)], to_edge)

    def _costs_onto(self, edge: int, offset_m: float, cutoff: float) -> FloatArray:
        """Find the least costs from a point of an edge to the begin of every edge, (m,)."""
        left = self.cost_to_end(edge, offset_m)
        if self.turns.rules.shape[0] == 1 and not self.turning_cost.any():
            head = int(self.graph.edge_to[edge])
            at_node = self.tree(head, cutoff - left).cost + left
            return at_node[self.graph.edge_from]
        labels = self._blank()
        # Labels of all states, not only of those that nodes need, for some edges begin where a
        # lorry would have to turn round; to the end of an edge that begins within the cut-off.
        rules = self._rules._replace(plain=frozen(np.zeros_like(self._rules.plain)))
        dearest = float(np.max(self.cost, where=np.isfinite(self.cost), initial=0.0))
        search(
            np.array([edge], dtype=np.int32),
            np.array([left]),
            _NOWHERE,
            float(cutoff) + dearest,
            self._roads,
            rules,
            self._landmarks[:, :0],
            labels,
        )
        onto = np.full(self.graph.edge_count, np.inf)
        states = labels.touched[: labels.counters[TOUCHED]]
        edges = self._rules.state_edge[states]
        np.minimum.at(onto, edges, labels.cost[states] - self.cost[edges])
        return onto

    def _find(self, starts: IndexArray, costs: FloatArray, goal: tuple[int, int]) -> Found | None:
        """Search for a goal with work space of this router's own."""
        try:
            labels = self._spare.pop()
        except IndexError:
            labels = self._blank()
        least = search(
            starts, costs, goal, np.inf, self._roads, self._rules, self._landmarks, labels
        )
        state = int(labels.counters[GOAL_STATE])
        edges = np.empty(labels.counters[TOUCHED] if state >= 0 else 0, dtype=np.int32)
        size = trace(state, self._rules, labels, edges)
        clear(self._roads, self._rules, labels)
        self._spare.append(labels)
        if state < 0:
            return None
        driven, goal_edge = edges[:size][::-1], goal[1]
        if goal_edge == NO_EDGE:
            return Found(driven, float(least), state)
        driven = np.append(driven, np.int32(goal_edge))
        return Found(driven, float(least), self.turns.step(state, goal_edge))

    def _blank(self) -> Labels:
        states, nodes = self.turns.count, self.graph.node_count
        offsets = self.graph.out_offsets
        onward = np.diff(offsets)[self.graph.edge_to[self.turns.state_edge]]
        # Twice over, since rounding may once in a while mend a label that was settled. Memory
        # that a search does not come to is never really taken.
        room = 2 * (int(onward.sum()) + states) + 16
        return Labels(
            cost=np.full(states, np.inf),
            limit=np.empty(states),
            parent=np.empty(states, dtype=np.int32),
            best=np.full(nodes, np.inf),
            best_state=np.empty(nodes, dtype=np.int32),
            first_state=np.full(nodes, -1, dtype=np.int32),
            heap_key=np.empty(room),
            heap_item=np.empty(room, dtype=np.int32),
            touched=np.empty(states, dtype=np.int32),
            counters=np.zeros(2, dtype=np.int64),
        )


def shortest_path(
    graph: RoadGraph,
    from_node: int,
    to_node: int,
    *,
    weight: Weight = "time",
    goods: bool = True,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
    vehicle: Vehicle | None = None,
    bans: bool = True,
) -> Path | None:
    """Find the path of least cost between two nodes; for more than a few, build a `Router`.

    Parameters
    ----------
    graph
        The network.
    from_node, to_node
        Where to begin and end.
    weight, goods, closed_edges, vehicle, bans
        As of `Router`.

    Returns
    -------
    Path | None
        Whole edges from node to node; None if there is no path.

    Raises
    ------
    RoadnetError
        Code ``no_node``: one of them is no node of the graph.
    """
    router = Router(
        graph,
        weight=weight,
        goods=goods,
        closed_edges=closed_edges,
        vehicle=vehicle,
        bans=bans,
    )
    return router.path(from_node, to_node)
