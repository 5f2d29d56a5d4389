"""A way along directed edges, from a point of the first to a point of the last; trees of ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadnet.errors import RoadnetError
from roadnet.geodesy import cumulative_m

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray


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
        Where turns are banned, the path to a node need not begin with the path to the node before.
    graph
        The graph that nodes and edges are of.
    steps
        What the paths are followed back by where turns are banned: of each node the last state,
        and of each state its edge and the state before; None where `arrived_by` is enough.
    """

    source: int
    cost: FloatArray
    arrived_by: IndexArray
    graph: RoadGraph
    steps: tuple[IndexArray, IndexArray, IndexArray] | None = None

    def path_to(self, node: int) -> Path | None:
        """Return the path to a node, None if it is not reached."""
        if not np.isfinite(self.cost[node]):
            return None
        edges: list[int] = []
        if self.steps is None:
            while node != self.source:
                edges.append(int(self.arrived_by[node]))
                node = int(self.graph.edge_from[edges[-1]])
        elif node != self.source:
            last_state, state_edge, parent = self.steps
            state = int(last_state[node])
            while state >= 0:
                edges.append(int(state_edge[state]))
                state = int(parent[state])
        return whole_edges(self.graph, np.array(edges[::-1], dtype=np.int32))


def whole_edges(graph: RoadGraph, edges: IndexArray) -> Path:
    """Make the path of edges driven from node to node."""
    return Path(edges, 0.0, float(graph.edge_length_m[edges[-1]]) if edges.shape[0] > 0 else 0.0)


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
