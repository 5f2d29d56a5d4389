"""Nodes from and to which all costs are known: bounds that lead a search to its goal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from roadnet.path_kernels import grow_tree
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray, OffsetArray

_Scalar = TypeVar("_Scalar", bound=np.generic)


def measure_landmarks(graph: RoadGraph, cost: FloatArray, count: int) -> FloatArray:
    """Pick landmarks far from each other and measure from and to them.

    Each next one is the node farthest from those before among the nodes that they reach; they
    begin at the rim because the first is the node farthest from the middle of the network.

    Parameters
    ----------
    graph, cost
        The network and what its edges cost, infinity where closed.
    count
        How many; none are picked in a graph without nodes.

    Returns
    -------
    FloatArray
        (n, 2 count): in pairs, cost from the landmark to the node and from the node to it.
    """
    if graph.node_count == 0:
        count = 0
    table = np.empty((graph.node_count, 2 * count), dtype=np.float64)
    if count == 0:
        return frozen(table)
    out_offsets, out_head = frozen(graph.out_offsets), frozen(graph.edge_to)
    in_offsets, in_head = frozen(graph.in_offsets), frozen(graph.edge_from[graph.in_edges])
    out_cost, in_cost = frozen(cost), frozen(cost[graph.in_edges])
    middle = (graph.node_lon - graph.node_lon.mean()) ** 2 + (
        graph.node_lat - graph.node_lat.mean()
    ) ** 2
    # The largest mutually reachable part is what most paths are asked in; nearest the middle is
    # in it on any real network, and a bad landmark costs speed, never a right answer.
    nearest = np.full(graph.node_count, np.inf)
    landmark = int(np.argmin(middle))
    for place in range(-1, count):
        away, _ = measure_from(landmark, np.inf, out_offsets, out_head, out_cost)
        back, _ = measure_from(landmark, np.inf, in_offsets, in_head, in_cost)
        if place >= 0:
            table[:, 2 * place] = away
            table[:, 2 * place + 1] = back
            np.minimum(nearest, away + back, out=nearest)
            candidates = nearest
        else:
            candidates = away + back
        landmark = int(np.argmax(np.where(np.isfinite(candidates), candidates, -1.0)))
    return frozen(table)


def measure_from(
    source: int, cutoff: float, offsets: OffsetArray, head: IndexArray, cost: FloatArray
) -> tuple[FloatArray, IndexArray]:
    """Measure the least costs from one node to all, whatever turns are banned; as `measure_from_any`."""
    begun = np.array([source], dtype=np.int32), np.zeros(1)
    return measure_from_any(*begun, cutoff, offsets, head, cost)


def measure_from_any(
    sources: IndexArray,
    source_costs: FloatArray,
    cutoff: float,
    offsets: OffsetArray,
    head: IndexArray,
    cost: FloatArray,
) -> tuple[FloatArray, IndexArray]:
    """Measure the least costs from any of some nodes to all, whatever turns are banned.

    Parameters
    ----------
    sources, source_costs
        (k,) the nodes, and what it costs to begin at each.
    cutoff
        Nodes beyond are at infinity.
    offsets, head, cost
        CSR of arcs, read-only (`frozen`).

    Returns
    -------
    tuple
        (n,) costs, and the arc that each node is reached by, NO_EDGE where there is none.
    """
    nodes, room = offsets.shape[0] - 1, head.shape[0] + sources.shape[0]
    distance = np.full(nodes, np.inf)
    arrived_by = np.full(nodes, NO_EDGE, dtype=np.int32)
    heap_key, heap_item = np.empty(room), np.empty(room, dtype=np.int32)
    grow_tree(
        sources,
        source_costs,
        float(cutoff),
        offsets,
        head,
        cost,
        distance,
        arrived_by,
        heap_key,
        heap_item,
    )
    return distance, arrived_by


def frozen(array: npt.NDArray[_Scalar]) -> npt.NDArray[_Scalar]:
    """Return a read-only contiguous view, so that each kernel is compiled for one kind of array."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view
