"""A way along directed edges, and the shortest one between two places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

import numpy as np

from roadnet.errors import RoadnetError
from roadnet.geodesy import cumulative_m
from roadnet.path_kernels import find_path, grow_tree
from roadnet.types import FLAG_DESTINATION, FLAG_NO_GOODS, NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray, OffsetArray

Weight: TypeAlias = Literal["time", "length"]
_Scalar = TypeVar("_Scalar", bound=np.generic)

# A lorry may drive a destination-only street to an address in it, not to save a minute: such
# streets cost this many times more, so that a path takes one only to begin, end, or get out.
DESTINATION_FACTOR: Final = 10.0
_SLOWEST_KMH: Final = 5.0  # a missing or absurd speed never makes an edge endless


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A contiguous way along directed edges, from a point of the first to a point of the last.

    Attributes
    ----------
    edges
        (k,) int32, in driving order, read-only; each begins at the node where the one before
        ends. None for the path from a node to itself.
    start_offset_m
        Metres along the first edge where the path begins; 0 is at the node.
    end_offset_m
        Metres along the last edge where the path ends; the edge's length is at the node.
    """

    edges: IndexArray
    start_offset_m: float
    end_offset_m: float

    def __post_init__(self) -> None:
        edges = np.array(self.edges, dtype=np.int32).reshape(-1)
        edges.setflags(write=False)
        object.__setattr__(self, "edges", edges)

    def length_m(self, graph: RoadGraph) -> float:
        """Return the metres driven."""
        if self.edges.shape[0] == 0:
            return 0.0
        whole = float(graph.edge_length_m[self.edges[:-1]].sum())
        return whole + self.end_offset_m - self.start_offset_m

    def edge_begins_m(self, graph: RoadGraph) -> FloatArray:
        """Return the metres along the path at which each of its edges begins, (k,).

        The first value is `-start_offset_m`: where the first edge begins lies behind the path.
        """
        begins = np.zeros(self.edges.shape[0], dtype=np.float64)
        np.cumsum(graph.edge_length_m[self.edges[:-1]], out=begins[1:])
        return begins - self.start_offset_m

    def lonlat(self, graph: RoadGraph) -> FloatArray:
        """Return the points of the path, (p, 2) lon and lat degrees; none if it has no edge."""
        if self.edges.shape[0] == 0:
            return np.empty((0, 2), dtype=np.float64)
        last = self.edges.shape[0] - 1
        pieces = []
        for place, edge in enumerate(self.edges.tolist()):
            piece = graph.geometry(edge)
            if place in (0, last):
                length_m = float(graph.edge_length_m[edge])
                begin_m = self.start_offset_m if place == 0 else 0.0
                end_m = self.end_offset_m if place == last else length_m
                piece = _stretch(piece, begin_m, end_m, length_m)
            pieces.append(piece if place == 0 else piece[1:])
        return np.concatenate(pieces)

    def validate(self, graph: RoadGraph) -> None:
        """Check that the path can be driven on a graph.

        Raises
        ------
        RoadnetError
            `path_broken`: an edge that is not in the graph, does not begin where the one before
            ends, or an offset outside its edge or behind the start.
        """
        edges = self.edges
        if edges.shape[0] == 0:
            if self.start_offset_m != 0.0 or self.end_offset_m != 0.0:
                raise RoadnetError("path_broken", "a path without edges has offsets other than 0")
            return
        if int(edges.min()) < 0 or int(edges.max()) >= graph.edge_count:
            raise RoadnetError(
                "path_broken",
                f"edges {int(edges.min())} to {int(edges.max())} in a graph of {graph.edge_count}",
            )
        broken = np.flatnonzero(graph.edge_to[edges[:-1]] != graph.edge_from[edges[1:]])
        if broken.shape[0] > 0:
            place = int(broken[0])
            raise RoadnetError(
                "path_broken",
                f"edge {int(edges[place + 1])} does not begin where edge {int(edges[place])} ends",
                where=f"path edge {place + 1}",
            )
        for name, offset_m, edge in (
            ("start_offset_m", self.start_offset_m, int(edges[0])),
            ("end_offset_m", self.end_offset_m, int(edges[-1])),
        ):
            length_m = float(graph.edge_length_m[edge])
            if not 0.0 <= offset_m <= length_m:
                raise RoadnetError(
                    "path_broken",
                    f"{name} is {offset_m}, expected 0 to {length_m}, the length of edge {edge}",
                )
        if edges.shape[0] == 1 and self.end_offset_m < self.start_offset_m:
            raise RoadnetError(
                "path_broken",
                f"the path ends at {self.end_offset_m} m, before its start at {self.start_offset_m} m",
            )


@dataclass(frozen=True, slots=True, eq=False)
class PathTree:
    """Least-cost paths from one node to all others.

    Attributes
    ----------
    source
        The node they begin at.
    cost
        (n,) float64, seconds or metres as of the router; infinity where the node is not reached.
    arrived_by
        (n,) int32, the last edge of the path to a node; NO_EDGE at the source and where not reached.
    graph
        The graph that nodes and edges are of.
    """

    source: int
    cost: FloatArray
    arrived_by: IndexArray
    graph: RoadGraph

    def path_to(self, node: int) -> Path | None:
        """Return the path to a node, None if it is not reached."""
        if not np.isfinite(self.cost[node]):
            return None
        return _path_back(self.graph, self.arrived_by, self.source, node)


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
        DESTINATION_FACTOR times more.
    closed_edges
        Indices of edges that nobody may drive.
    landmarks
        Nodes to measure in advance, which takes two searches of the whole graph each; with 8, a
        path on a city's network is found some ten times faster. Answers cost the same.

    Attributes
    ----------
    cost
        (m,) float64, what each edge costs; infinity where it is closed.
    """

    __slots__ = ("_head", "_landmarks", "_offsets", "cost", "graph")

    graph: RoadGraph
    cost: FloatArray
    _offsets: OffsetArray
    _head: IndexArray
    _landmarks: FloatArray

    def __init__(
        self,
        graph: RoadGraph,
        *,
        weight: Weight = "time",
        goods: bool = True,
        closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
        landmarks: int = 0,
    ) -> None:
        self.graph = graph
        self.cost = edge_costs(graph, weight=weight, goods=goods, closed_edges=closed_edges)
        self._offsets = _frozen(graph.out_offsets)
        self._head = _frozen(graph.edge_to)
        count = landmarks if graph.node_count > 0 else 0
        self._landmarks = _frozen(_measure_landmarks(graph, self.cost, count))

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
        """
        nodes = self.graph.node_count
        distance = np.full(nodes, np.inf)
        arrived_by = np.full(nodes, NO_EDGE, dtype=np.int32)
        heap_key, heap_item = _heap(self.graph)
        least = find_path(
            np.array([from_node, to_node], dtype=np.int64),
            self._offsets,
            self._head,
            self.cost,
            self._landmarks,
            distance,
            arrived_by,
            heap_key,
            heap_item,
        )
        if not np.isfinite(least):
            return None
        return _path_back(self.graph, arrived_by, from_node, to_node)

    def tree(self, from_node: int, cutoff: float = np.inf) -> PathTree:
        """Find the paths of least cost from one node to all others.

        Parameters
        ----------
        from_node
            Node of the graph.
        cutoff
            Seconds or metres; nodes beyond are not reached.
        """
        cost, arrived_by = _grow(
            self.graph, self._offsets, self._head, self.cost, from_node, cutoff
        )
        return PathTree(from_node, cost, arrived_by, self.graph)

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
        between = self.path(int(self.graph.edge_to[from_edge]), int(self.graph.edge_from[to_edge]))
        if between is None:
            return None
        edges = np.concatenate(([from_edge], between.edges, [to_edge]))
        return Path(edges, from_offset_m, to_offset_m)

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
        length_m = self.graph.edge_length_m
        per_metre = self.cost / np.where(length_m > 0.0, length_m, 1.0)
        if not np.isfinite(self.cost[from_edge]):
            return np.full(edges.shape[0], np.inf)
        left = (float(length_m[from_edge]) - from_offset_m) * float(per_metre[from_edge])
        tree = self.tree(int(self.graph.edge_to[from_edge]), cutoff - left)
        with np.errstate(invalid="ignore"):  # no metre of a closed edge: NaN, made infinity below
            costs = left + tree.cost[self.graph.edge_from[edges]] + offsets_m * per_metre[edges]
        ahead = (edges == from_edge) & (offsets_m >= from_offset_m)
        costs[ahead] = (offsets_m[ahead] - from_offset_m) * per_metre[from_edge]
        costs[~(costs <= cutoff)] = np.inf
        return np.asarray(costs, dtype=np.float64)


def edge_costs(
    graph: RoadGraph,
    *,
    weight: Weight = "time",
    goods: bool = True,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
) -> FloatArray:
    """Price the edges of a graph; the parameters are those of `Router`.

    Returns
    -------
    FloatArray
        (m,) seconds or metres, infinity where closed.

    Raises
    ------
    ValueError
        `weight` is neither `time` nor `length`.
    """
    if weight == "length":
        cost = graph.edge_length_m.astype(np.float64)
    elif weight == "time":
        speed_kmh = np.maximum(graph.edge_speed_kmh.astype(np.float64), _SLOWEST_KMH)
        cost = graph.edge_length_m * 3.6 / speed_kmh
    else:
        raise ValueError(f"weight is {weight!r}, expected 'time' or 'length'")
    if goods:
        cost[(graph.edge_flags & FLAG_DESTINATION) != 0] *= DESTINATION_FACTOR
        cost[(graph.edge_flags & FLAG_NO_GOODS) != 0] = np.inf
    if closed_edges is not None:
        closed = np.fromiter(closed_edges, dtype=np.int64)
        cost[closed] = np.inf
    cost.setflags(write=False)
    return cost


def shortest_path(
    graph: RoadGraph,
    from_node: int,
    to_node: int,
    *,
    weight: Weight = "time",
    goods: bool = True,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
) -> Path | None:
    """Find the path of least cost between two nodes; for more than a few, build a `Router`.

    Parameters
    ----------
    graph
        The network.
    from_node, to_node
        Where to begin and end.
    weight, goods, closed_edges
        As of `Router`.

    Returns
    -------
    Path | None
        Whole edges from node to node; None if there is no path.
    """
    router = Router(graph, weight=weight, goods=goods, closed_edges=closed_edges)
    return router.path(from_node, to_node)


def _stretch(points: FloatArray, begin_m: float, end_m: float, length_m: float) -> FloatArray:
    """Cut the part of an edge's points between two offsets, (p, 2) with p >= 2."""
    lon, lat = points[:, 0], points[:, 1]
    along = cumulative_m(lon, lat)
    if along[-1] > 0.0:
        along *= length_m / along[-1]
    along[-1] = length_m
    inner = (along > begin_m) & (along < end_m)
    at = np.concatenate(([begin_m], along[inner], [end_m]))
    return np.column_stack((np.interp(at, along, lon), np.interp(at, along, lat)))


def _frozen(array: npt.NDArray[_Scalar]) -> npt.NDArray[_Scalar]:
    """Return a read-only contiguous view, so that each kernel is compiled for one kind of array."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def _heap(graph: RoadGraph) -> tuple[FloatArray, IndexArray]:
    room = graph.edge_count + 1
    return np.empty(room, dtype=np.float64), np.empty(room, dtype=np.int32)


def _grow(
    graph: RoadGraph,
    offsets: OffsetArray,
    head: IndexArray,
    cost: FloatArray,
    source: int,
    cutoff: float,
) -> tuple[FloatArray, IndexArray]:
    distance = np.full(graph.node_count, np.inf)
    arrived_by = np.full(graph.node_count, NO_EDGE, dtype=np.int32)
    heap_key, heap_item = _heap(graph)
    grow_tree(source, float(cutoff), offsets, head, cost, distance, arrived_by, heap_key, heap_item)
    return distance, arrived_by


def _path_back(graph: RoadGraph, arrived_by: IndexArray, source: int, node: int) -> Path:
    """Follow the last edges back from a node to the source."""
    edges: list[int] = []
    while node != source:
        edge = int(arrived_by[node])
        edges.append(edge)
        node = int(graph.edge_from[edge])
    if not edges:
        return Path(np.empty(0, dtype=np.int32), 0.0, 0.0)
    edges.reverse()
    return Path(np.array(edges, dtype=np.int32), 0.0, float(graph.edge_length_m[edges[-1]]))


def _measure_landmarks(graph: RoadGraph, cost: FloatArray, count: int) -> FloatArray:
    """Pick landmarks far from each other and measure from and to them, (n, 2 count).

    Each next one is the node farthest from those before among the nodes that they reach; they
    begin at the rim because the first is the node farthest from the middle of the network.
    """
    table = np.empty((graph.node_count, 2 * count), dtype=np.float64)
    if count == 0:
        return table
    out_offsets, out_head = _frozen(graph.out_offsets), _frozen(graph.edge_to)
    in_offsets, in_head = _frozen(graph.in_offsets), _frozen(graph.edge_from[graph.in_edges])
    in_cost = _frozen(cost[graph.in_edges])
    middle = (graph.node_lon - graph.node_lon.mean()) ** 2 + (
        graph.node_lat - graph.node_lat.mean()
    ) ** 2
    # The largest mutually reachable part is what most paths are asked in; nearest the middle is
    # in it on any real network, and a bad landmark costs speed, never a right answer.
    nearest = np.full(graph.node_count, np.inf)
    landmark = int(np.argmin(middle))
    for place in range(-1, count):
        away, _ = _grow(graph, out_offsets, out_head, cost, landmark, np.inf)
        back, _ = _grow(graph, in_offsets, in_head, in_cost, landmark, np.inf)
        if place >= 0:
            table[:, 2 * place] = away
            table[:, 2 * place + 1] = back
            np.minimum(nearest, away + back, out=nearest)
            candidates = nearest
        else:
            candidates = away + back
        landmark = int(np.argmax(np.where(np.isfinite(candidates), candidates, -1.0)))
    return table
