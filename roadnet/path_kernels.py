"""Jitted kernels of shortest paths: a heap, a tree from some nodes, what is reached at all, bounds by landmarks.

Graphs come as CSR: the edges leaving node v are `out_offsets[v]:out_offsets[v + 1]`. A cost of
infinity closes an edge. Heaps are binary, by key then by insertion-independent node number, so the
same graph gives the same paths everywhere; a node is entered again when its distance falls.
Heap buffers need a place for each edge and one more.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def heap_push(heap_key: np.ndarray, heap_item: np.ndarray, size: int, key: float, item: int) -> int:
    """Put an item on a binary heap of `size` items and return the new size."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        above = heap_key[parent]
        if above < key or (above == key and heap_item[parent] <= item):
            break
        heap_key[child] = above
        heap_item[child] = heap_item[parent]
        child = parent
    heap_key[child] = key
    heap_item[child] = item
    return size + 1


@njit(cache=True, nogil=True)
def heap_drop(heap_key: np.ndarray, heap_item: np.ndarray, size: int) -> int:
    """Take the first item, that is place 0, off a heap of `size` items and return the new size."""
    size -= 1
    key = heap_key[size]
    item = heap_item[size]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            heap_key[right] < heap_key[child]
            or (heap_key[right] == heap_key[child] and heap_item[right] < heap_item[child])
        ):
            child = right
        if heap_key[child] > key or (heap_key[child] == key and heap_item[child] >= item):
            break
        heap_key[parent] = heap_key[child]
        heap_item[parent] = heap_item[child]
        parent = child
    heap_key[parent] = key
    heap_item[parent] = item
    return size


@njit(cache=True, nogil=True)
def grow_tree(
    sources: np.ndarray,
    source_costs: np.ndarray,
    cutoff: float,
    offsets: np.ndarray,
    head: np.ndarray,
    cost: np.ndarray,
    distance: np.ndarray,
    arrived_by: np.ndarray,
    heap_key: np.ndarray,
    heap_item: np.ndarray,
) -> None:
    """Find the least cost from some nodes to every node within a cut-off (Dijkstra).

    Parameters
    ----------
    sources, source_costs
        (k,) nodes to begin at, and what it costs to begin there.
    cutoff
        Nodes that cost more stay at infinity.
    offsets, head, cost
        CSR of arcs: their far nodes (int32) and costs, none negative.
    distance
        (n,) float64, must come filled with infinity; the least costs.
    arrived_by
        (n,) int32, must come filled with -1; place of the arc that a node is reached by.
    heap_key, heap_item
        (m + k,) float64 and int32, work space.
    """
    size = 0
    for place in range(sources.shape[0]):
        source = sources[place]
        if source_costs[place] < distance[source]:
            distance[source] = source_costs[place]
            size = heap_push(heap_key, heap_item, size, source_costs[place], source)
    while size > 0:
        key = heap_key[0]
        node = heap_item[0]
        size = heap_drop(heap_key, heap_item, size)
        if key > distance[node]:
            continue
        for arc in range(offsets[node], offsets[node + 1]):
            reached = key + cost[arc]
            if reached <= cutoff and reached < distance[head[arc]]:
                distance[head[arc]] = reached
                arrived_by[head[arc]] = arc
                size = heap_push(heap_key, heap_item, size, reached, head[arc])


@njit(cache=True, nogil=True)
def flood(
    sources: np.ndarray,
    offsets: np.ndarray,
    head: np.ndarray,
    cost: np.ndarray,
    reached: np.ndarray,
    queue: np.ndarray,
) -> None:
    """Mark the nodes that can be reached from any of some nodes, whatever it costs.

    Parameters
    ----------
    sources
        (k,) nodes; reached themselves.
    offsets, head, cost
        CSR of arcs, as of `grow_tree`.
    reached
        (n,) bool, must come filled with False.
    queue
        (n,) int32, work space.
    """
    size = 0
    for source in sources:
        if not reached[source]:
            reached[source] = True
            queue[size] = source
            size += 1
    while size > 0:
        size -= 1
        node = queue[size]
        for arc in range(offsets[node], offsets[node + 1]):
            if cost[arc] < np.inf and not reached[head[arc]]:
                reached[head[arc]] = True
                queue[size] = head[arc]
                size += 1


@njit(cache=True, nogil=True)
def bound_between(landmarks: np.ndarray, node: int, target: int) -> float:
    """Return a cost that any path from `node` to `target` has at least (triangle inequality).

    Columns of `landmarks` come in pairs: cost from the landmark to the node, cost from the node to
    the landmark.
    """
    bound = 0.0
    for column in range(0, landmarks.shape[1], 2):
        # Infinity minus infinity is NaN, which loses each comparison: no knowledge, no bound.
        ahead = landmarks[target, column] - landmarks[node, column]
        if ahead > bound:  # noqa: PLR1730 - NaN must lose, which max() does not promise
            bound = ahead
        behind = landmarks[node, column + 1] - landmarks[target, column + 1]
        if behind > bound:  # noqa: PLR1730 - as above
            bound = behind
    return bound
