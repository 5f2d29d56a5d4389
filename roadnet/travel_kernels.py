"""Jitted kernel of least distances: rows of a table, one search of the network for each.

Graphs come as CSR, see `roadnet.path_kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from roadnet.path_kernels import heap_drop, heap_push

if TYPE_CHECKING:
    from roadnet.travel_arrays import Ends, Search


@njit(cache=True, nogil=True)
def fill_rows(
    first_row: int,
    starts: Ends,
    goals: Ends,
    offsets: np.ndarray,
    head: np.ndarray,
    cost: np.ndarray,
    unit: float,
    work: Search,
    rows: np.ndarray,
) -> None:
    """Write the least costs from some places to all, in whole units, rounded down.

    Parameters
    ----------
    first_row
        The place of the first row.
    starts, goals
        Of every place.
    offsets, head, cost
        CSR of arcs: their far nodes (int32) and costs, none negative.
    unit
        What 1 stands for. Where a cost is greater than all that the table can hold, or there is no
        way, stands the greatest number.
    work
        Whatever it holds.
    rows
        (r, places) uint16, filled.
    """
    distance, heap_key, heap_item = work
    most = 65535
    cutoff = most * unit
    for row in range(rows.shape[0]):
        distance[:] = np.inf
        size = 0
        place = first_row + row
        for end in range(starts.offsets[place], starts.offsets[place + 1]):
            node = starts.node[end]
            if starts.cost[end] < distance[node]:
                distance[node] = starts.cost[end]
                size = heap_push(heap_key, heap_item, size, starts.cost[end], node)
        while size > 0:
            key = heap_key[0]
            node = heap_item[0]
            size = heap_drop(heap_key, heap_item, size)
            if key > distance[node]:
                continue
            for arc in range(offsets[node], offsets[node + 1]):
                reached = key + cost[arc]
                if reached < cutoff and reached < distance[head[arc]]:
                    distance[head[arc]] = reached
                    size = heap_push(heap_key, heap_item, size, reached, head[arc])
        for goal in range(rows.shape[1]):
            least = np.inf
            for end in range(goals.offsets[goal], goals.offsets[goal + 1]):
                least = min(least, distance[goals.node[end]] + goals.cost[end])
            # Sums round either way; a millionth of a unit keeps the bound a bound.
            units = least / unit - 1e-6
            rows[row, goal] = most if units >= most else int(max(units, 0.0))
