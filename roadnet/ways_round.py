"""Searches for the way round a stretch of a route: where to leave it, and where to come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.landmarks import frozen, measure_from, measure_from_any
from roadnet.path_kernels import flood
from roadnet.paths import Router
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray
    from roadnet.vehicles import Vehicle

# A way round leaves and rejoins the route so near to the closure, unless it adds more than that.
WINDOW_M: Final = 1500.0
LANDMARKS: Final = 4  # ways round are short

_REACH_M: Final = 4.0 * WINDOW_M  # how far streets are measured at first

_WIDER: Final = 4.0  # how much wider the next window is
_KEPT: Final = 512  # nodes whose measures are kept
_NUDGE_M: Final = 1e-6  # of ways as long, one that leaves an edge later is so much better
_SAME_M: Final = 0.1  # what is added is compared in these steps: less is rounding


class WayRound(NamedTuple):
    """A way round: places in the route's edges of the last and the first that are kept.

    `edges` are driven between them.
    """

    leaves: int
    rejoins: int
    edges: IndexArray


class WayRoundSearch:
    """Finds ways round the same closed edges, as `roadnet.detours.DetourFinder` describes them.

    Parameters
    ----------
    graph, closed_edges, vehicle, measured
        As of `DetourFinder`.
    """

    __slots__ = ("_arcs", "_banned", "_driven", "_graph", "_measured", "_router")

    def __init__(
        self,
        graph: RoadGraph,
        closed_edges: npt.NDArray[np.integer],
        vehicle: Vehicle | None = None,
        measured: Router | None = None,
    ) -> None:
        self._graph = graph
        self._router = Router(
            graph,
            weight="length",
            closed_edges=closed_edges,
            vehicle=vehicle,
            landmarks=LANDMARKS if measured is None else measured,
        )
        self._banned = frozenset(graph.bans())
        cost = self._router.cost
        self._arcs = (frozen(graph.out_offsets), frozen(graph.edge_to), frozen(cost))
        # Many routes come to a closure by the same few streets.
        self._measured: dict[tuple[int, float], tuple[IndexArray, FloatArray]] = {}
        self._driven: dict[tuple[int, int], tuple[float, IndexArray | None]] = {}

    def find(
        self, edges: IndexArray, marks_m: FloatArray, leaves: range, rejoins: range
    ) -> WayRound | None:
        """Find the best way from the end of one of some edges of a route to the begin of another.

        Parameters
        ----------
        edges
            (k,) of the route.
        marks_m
            (k + 1,) metres along the route at which each edge begins, and the last ends.
        leaves, rejoins
            Places of the edges that the way may leave after, and come back to; the first before
            the closed edges, the second behind them.

        Returns
        -------
        WayRound | None
            None if there is no way.
        """
        before_m, behind_m = float(marks_m[leaves.stop]), float(marks_m[rejoins.start])
        best, added_m, window_m = None, np.inf, WINDOW_M
        while True:
            first = int(np.searchsorted(marks_m, before_m - window_m))
            stop = int(np.searchsorted(marks_m, behind_m + window_m, side="right"))
            some = range(max(first, leaves.start), leaves.stop)
            others = range(rejoins.start, min(stop, rejoins.stop))
            every = len(some) == len(leaves) and len(others) == len(rejoins)
            if window_m > WINDOW_M:
                way, adds_m = self._better(edges, marks_m, some, others, added_m)
            else:
                way, adds_m = self._best(edges, marks_m, some, others, _REACH_M)
                if way is None and every:
                    way, adds_m = self._best(edges, marks_m, some, others, np.inf)
            if adds_m < added_m:
                best, added_m = way, adds_m
            if every or added_m <= window_m:
                return best
            if best is None and not self._leads(
                edges[leaves.start : leaves.stop], edges[rejoins.start : rejoins.stop]
            ):
                return None
            window_m *= _WIDER

    def _leads(self, leaves: IndexArray, rejoins: IndexArray) -> bool:
        """Tell whether streets lead from the end of any of some edges to the begin of any other.

        Asked before looking farther afield, where it takes long to find out that none do.
        """
        nodes = self._graph.node_count
        reached, queue = np.zeros(nodes, dtype=np.bool_), np.empty(nodes, dtype=np.int32)
        flood(self._graph.edge_to[leaves], *self._arcs, reached, queue)
        return bool(reached[self._graph.edge_from[rejoins]].any())

    def _better(
        self, edges: IndexArray, marks_m: FloatArray, leaves: range, rejoins: range, than_m: float
    ) -> tuple[WayRound | None, float]:
        """Find the best of all ways, as `_best`, if one may add less than `than_m`.

        Far from a closure many edges may be left and rejoined. One search from the ends of all of
        them finds the pair that streets alone would make the best; mostly turns allow it.
        """
        heads = self._graph.edge_to[edges[leaves.start : leaves.stop]]
        tails = self._graph.edge_from[edges[rejoins.start : rejoins.stop]]
        leaves_m = marks_m[leaves.start + 1 : leaves.stop + 1] - marks_m[leaves.start + 1]
        rejoins_m = marks_m[rejoins.start : rejoins.stop] - marks_m[leaves.start + 1]
        # Who leaves early and stays on the route is as good as who leaves late, but for this.
        late_m = _NUDGE_M * np.arange(len(leaves))
        cutoff = than_m + float(rejoins_m.max())
        cost, by = measure_from_any(heads, leaves_m - late_m, cutoff, *self._arcs)
        adds_m = cost[tails] - rejoins_m
        steps = np.maximum(np.floor(adds_m / _SAME_M), 0.0)
        column = int(np.lexsort((rejoins_m, steps))[0])
        if not adds_m[column] < than_m:
            return None, np.inf
        node = int(tails[column])
        while by[node] != NO_EDGE:
            node = int(self._graph.edge_from[by[node]])
        row = int(np.flatnonzero(heads == node)[0])
        leave, rejoin = leaves[row], rejoins[column]
        driven, way = self._drive(int(edges[leave]), int(edges[rejoin]))
        added_m = max(driven - float(rejoins_m[column] - leaves_m[row]), 0.0)
        if (
            way is not None
            and added_m < (float(steps[column]) + 1.0) * _SAME_M
            and not self._breaks_ban(edges, leave, way, rejoin)
        ):
            return WayRound(leave, rejoin, way), added_m
        return self._best(edges, marks_m, leaves, rejoins, np.inf)

    def _best(
        self,
        edges: IndexArray,
        marks_m: FloatArray,
        leaves: range,
        rejoins: range,
        reach_m: float,
    ) -> tuple[WayRound | None, float]:
        """Find the best of all ways that leave and rejoin at some edges, and what it adds.

        What streets alone would allow from node to node bounds each way from below, and is
        measured for all of them at once; real ways are looked for in the order of these bounds.
        """
        if len(leaves) == 0 or len(rejoins) == 0:
            return None, np.inf
        leaves_m = marks_m[leaves.start + 1 : leaves.stop + 1, None]
        given_up_m = marks_m[rejoins.start : rejoins.stop] - leaves_m
        best, best_key = None, (np.inf, np.inf)
        while True:
            bound = self._bounds(edges, leaves, rejoins, reach_m)
            steps = np.maximum(np.floor((bound - given_up_m) / _SAME_M), 0.0)
            order = np.lexsort((given_up_m.ravel(), steps.ravel()))
            for choice in order.tolist():
                row, column = divmod(choice, len(rejoins))
                given_up = float(given_up_m[row, column])
                if not (float(steps[row, column]), given_up) < best_key:
                    break
                leave, rejoin = leaves[row], rejoins[column]
                cost, way = self._drive(int(edges[leave]), int(edges[rejoin]))
                key = (max(float(np.floor((cost - given_up) / _SAME_M)), 0.0), given_up)
                if way is None or key >= best_key or self._breaks_ban(edges, leave, way, rejoin):
                    continue
                best, best_key = WayRound(leave, rejoin, way), key
            # A longer way that gives up more of the route may still add less.
            needed_m = best_key[0] * _SAME_M + float(given_up_m.max()) + 1.0
            if best is None or reach_m >= needed_m:
                return best, best_key[0] * _SAME_M
            reach_m = WINDOW_M * 2.0 ** float(np.ceil(np.log2(needed_m / WINDOW_M)))

    def _bounds(
        self, edges: IndexArray, leaves: range, rejoins: range, reach_m: float
    ) -> FloatArray:
        """Return the least costs, whatever the turns, from the ends of edges to the begins of others."""
        heads = self._graph.edge_to[edges[leaves.start : leaves.stop]]
        tails = self._graph.edge_from[edges[rejoins.start : rejoins.stop]]
        return np.array([self._measure(int(node), reach_m, tails) for node in heads])

    def _measure(self, node: int, reach_m: float, nodes: IndexArray) -> FloatArray:
        """Return the least costs from a node to others, kept for the next route."""
        key = (node, reach_m)
        if key not in self._measured:
            if len(self._measured) >= _KEPT:
                self._measured.clear()
            cost, _ = measure_from(node, reach_m, *self._arcs)
            reached = np.flatnonzero(np.isfinite(cost)).astype(np.int32)
            self._measured[key] = (reached, cost[reached])
        reached, cost = self._measured[key]
        place = np.minimum(np.searchsorted(reached, nodes), reached.shape[0] - 1)
        return np.where(reached[place] == nodes, cost[place], np.inf)

    def _drive(self, leave: int, rejoin: int) -> tuple[float, IndexArray | None]:
        """Find the best way between two edges of a route, with what it costs."""
        key = (leave, rejoin)
        if key not in self._driven:
            best: tuple[float, IndexArray | None] = (np.inf, None)
            for exit_edge, exit_m in self._exits(leave):
                for entry_edge, entry_m in self._entries(rejoin):
                    path = self._router.path_between(exit_edge, exit_m, entry_edge, entry_m)
                    cost = np.inf if path is None else self._router.cost_of(path)
                    if path is None or cost >= best[0]:
                        continue
                    way = path.edges[1:] if exit_edge == leave else path.edges
                    way = way[:-1] if entry_edge == rejoin else way
                    best = (cost, way)
            self._driven[key] = best
        return self._driven[key]

    def _exits(self, edge: int) -> list[tuple[int, float]]:
        """List where a way may begin after an edge of the route: at its end, if it is open.

        A route may be permitted what lorries are not; then at the begin of each edge beyond.
        """
        graph = self._graph
        if np.isfinite(self._router.cost[edge]):
            return [(edge, float(graph.edge_length_m[edge]))]
        node = int(graph.edge_to[edge])
        onward = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        return [
            (one, 0.0)
            for one in onward
            if np.isfinite(self._router.cost[one]) and one != graph.edge_reverse[edge]
        ]

    def _entries(self, edge: int) -> list[tuple[int, float]]:
        """List where a way may end before an edge of the route, as `_exits`."""
        graph = self._graph
        if np.isfinite(self._router.cost[edge]):
            return [(edge, 0.0)]
        node = int(graph.edge_from[edge])
        before = graph.in_edges[int(graph.in_offsets[node]) : int(graph.in_offsets[node + 1])]
        return [
            (one, float(graph.edge_length_m[one]))
            for one in before.tolist()
            if np.isfinite(self._router.cost[one]) and one != graph.edge_reverse[edge]
        ]

    def _breaks_ban(self, edges: IndexArray, leave: int, way: IndexArray, rejoin: int) -> bool:
        before, after = edges[: leave + 1], edges[rejoin:]
        return breaks_ban(self._banned, before.tolist(), way.tolist(), after.tolist())


def breaks_ban(
    banned: frozenset[tuple[int, ...]], before: list[int], way: list[int], after: list[int]
) -> bool:
    """Tell whether a way breaks a ban, or where it leaves or rejoins a route.

    Parameters
    ----------
    banned
        As of `RoadGraph.bans`.
    before, way, after
        Edges of the route up to the way, of the way, and of the route from there on; bans that
        the route breaks by itself do not count.
    """
    longest = max(map(len, banned), default=0)
    if longest == 0:
        return False
    before, after = before[-(longest - 1) :], after[: longest - 1]
    driven = (*before, *way, *after)
    for begin in range(len(driven)):
        for end in range(begin + 2, min(begin + longest, len(driven)) + 1):
            own = end <= len(before) or begin >= len(before) + len(way)
            if not own and driven[begin:end] in banned:
                return True
    return False
