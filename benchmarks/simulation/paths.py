"""Ways that drivers take: many perturbed shortest paths, held as one flat table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from roadnet.types import FLAG_DESTINATION, FLAG_NO_GOODS, FLAG_SIGNALS, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from roadnet.graph import RoadGraph

_CHUNK: Final = 48  # origins routed at once; bounds memory on large networks
SIGNAL_WAIT_S: Final = 16.0
_SLOW: Final = {"living_street": 0.55, "service": 0.5, "residential": 0.7, "track": 0.4}
_TRUCKS_SHUN: Final = {"living_street": 9.0, "service": 4.0, "residential": 2.2, "track": 8.0}


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Distinct paths: path p drives `edges[offsets[p]:offsets[p + 1]]`."""

    offsets: npt.NDArray[np.int64]
    edges: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of paths."""
        return len(self.offsets) - 1

    def of(self, path: int) -> npt.NDArray[np.int32]:
        """Return the edges of one path."""
        return self.edges[self.offsets[path] : self.offsets[path + 1]]


def join_paths(parts: Sequence[Paths]) -> Paths:
    """Return one table of several; the paths of a later part are numbered after the earlier."""
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    return Paths(
        np.concatenate(([0], np.cumsum(lengths))), np.concatenate([part.edges for part in parts])
    )


def edge_seconds(graph: RoadGraph) -> npt.NDArray[np.float64]:
    """Return seconds that a calm driver takes over each edge, the mean wait at its end included."""
    share = np.array([_SLOW.get(name, 0.85) for name in ROAD_CLASSES])[graph.edge_class]
    seconds = graph.edge_length_m / (np.maximum(graph.edge_speed_kmh, 5.0) * share / 3.6)
    wait = np.where((graph.edge_flags & FLAG_SIGNALS) > 0, SIGNAL_WAIT_S, 1.5)
    return np.asarray(seconds + wait)


def truck_cost(graph: RoadGraph, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what an edge feels like to a lorry driver: seconds, lengthened in small streets."""
    shun = np.array([_TRUCKS_SHUN.get(name, 1.0) for name in ROAD_CLASSES])[graph.edge_class]
    shun = np.where((graph.edge_flags & FLAG_NO_GOODS) > 0, 25.0, shun)
    shun = np.where((graph.edge_flags & FLAG_DESTINATION) > 0, np.maximum(shun, 8.0), shun)
    return np.asarray(seconds * shun)


def taste(
    graph: RoadGraph, cost: npt.NDArray[np.float64], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return costs as one kind of driver sees them: streets and stretches liked more or less."""
    streets = np.exp(random.normal(0.0, 0.22, size=len(graph.names)))
    stretches = np.exp(random.normal(0.0, 0.12, size=graph.edge_count))
    return np.asarray(
        cost * np.where(graph.edge_name > 0, streets[graph.edge_name], 1.0) * stretches
    )


def trace(
    graph: RoadGraph,
    cost: npt.NDArray[np.float64],
    origins: npt.NDArray[np.int64],
    destinations: npt.NDArray[np.int64],
) -> tuple[Paths, npt.NDArray[np.int64]]:
    """Return the cheapest path of each (origin, destination) pair that has one.

    Returns
    -------
    paths
        Of the pairs that are connected and not the same node.
    pair
        (number of paths,) the pair that each path is of, ascending.
    """
    n = graph.node_count
    cheapest, first_edge = _pair_table(graph, cost)
    matrix = sp.csr_matrix(
        (cost[first_edge], (graph.edge_from[first_edge], graph.edge_to[first_edge])), shape=(n, n)
    )
    starts, group = np.unique(origins, return_inverse=True)
    runs: list[npt.NDArray[np.int64]] = []
    edges: list[npt.NDArray[np.int32]] = []
    for low in range(0, len(starts), _CHUNK):
        before = dijkstra(matrix, indices=starts[low : low + _CHUNK], return_predecessors=True)[1]
        wanted = np.flatnonzero((group >= low) & (group < low + _CHUNK))
        run, edge = _walk_back(
            before, group[wanted] - low, destinations[wanted], n, cheapest, first_edge
        )
        runs.append(wanted[run])
        edges.append(edge)
    run = np.concatenate(runs)
    edge = np.concatenate(edges)
    order = np.argsort(run, kind="stable")
    pair, lengths = np.unique(run, return_counts=True)
    return Paths(np.concatenate(([0], np.cumsum(lengths))), edge[order]), pair


def _pair_table(
    graph: RoadGraph, cost: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return sorted (from, to) keys and the cheapest edge of each; loops are left out."""
    key = graph.edge_from.astype(np.int64) * graph.node_count + graph.edge_to
    order = np.lexsort((cost, key))
    order = order[graph.edge_from[order] != graph.edge_to[order]]
    keys, first = np.unique(key[order], return_index=True)
    return keys, order[first]


def _walk_back(
    before: npt.NDArray[np.int32],
    row: npt.NDArray[np.int64],
    node: npt.NDArray[np.int64],
    n: int,
    keys: npt.NDArray[np.int64],
    edge_of_key: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Follow predecessors from all destinations at once; return (walk, edge), each walk in order."""
    walk = np.arange(len(node))
    walks: list[npt.NDArray[np.int64]] = []
    edges: list[npt.NDArray[np.int32]] = []
    while len(walk):
        previous = before[row[walk], node].astype(np.int64)
        going = previous >= 0
        walk, node, previous = walk[going], node[going], previous[going]
        edges.append(edge_of_key[np.searchsorted(keys, previous * n + node)].astype(np.int32))
        walks.append(walk)
        node = previous
    if not walks:
        return np.empty(0, np.int64), np.empty(0, np.int32)
    # Steps were collected from the destination backwards.
    run = np.concatenate(walks[::-1])
    edge = np.concatenate(edges[::-1])
    order = np.argsort(run, kind="stable")
    return run[order], edge[order]
