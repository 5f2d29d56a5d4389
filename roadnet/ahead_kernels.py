"""Jitted kernels of map matching: bounded searches ahead along edges, with turns that cost.

Layouts
-------
``links`` (m + b, 8) int32
    Of each of m edges: first and one past the last edge that leaves its end, its reverse or -1, the
    headings at which it begins and ends (whole degrees), whether its end is a junction, first and one
    past the last of the rows from m on that name, in the first column, edges that must not be
    driven right after it.
``slot_ints`` (S + 1, 5) int32, ``slot_reals`` (S, 3)
    A hash table of the edges that a search has reached, S a power of two, kept small so that it
    stays in the processor's cache whatever the graph. Columns below. Row S of `slot_ints` holds the
    stamp of the search that is current; must come zeroed once, then serves any number of searches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from roadnet.match_tuning import JUNCTION, TURN, UTURN
from roadnet.path_kernels import heap_drop, heap_push

if TYPE_CHECKING:
    import numpy as np

# Columns of links.
OUT_FIRST = 0
OUT_BEYOND = 1
REVERSE = 2
BEGIN_DEG = 3
END_DEG = 4
AT_JUNCTION = 5
BAN_FIRST = 6
BAN_BEYOND = 7
# Columns of slot_ints.
STAMP = 0
EDGE = 1
BEFORE = 2  # slot of the edge before, -1 at the first
DONE = 3
HEAP_SLOT = 4  # not of this slot: column used as the heap's items
# Columns of slot_reals.
COST = 0
LENGTH = 1
HEAP_KEY = 2  # likewise the heap's keys


@njit(cache=True, nogil=True)
def turn_cost(here: int, ahead: int, tuning: np.ndarray, links: np.ndarray) -> float:
    """Return what driving from one edge into the next costs, metres; -1 where it is forbidden."""
    for row in range(links[here, BAN_FIRST], links[here, BAN_BEYOND]):
        if links[row, 0] == ahead:
            return -1.0
    if ahead == links[here, REVERSE]:
        back: float = tuning[UTURN]
        return back
    if links[here, AT_JUNCTION] == 0:
        return 0.0
    turn = abs(links[ahead, BEGIN_DEG] - links[here, END_DEG])
    if turn > 180:
        turn = 360 - turn
    ahead_cost: float = tuning[JUNCTION] + tuning[TURN] * min(turn, 90) / 90.0
    return ahead_cost


@njit(cache=True, nogil=True)
def find_slot(edge: int, slot_ints: np.ndarray) -> int:
    """Return the slot of an edge in the current search, or the free one where it belongs."""
    size = slot_ints.shape[0] - 1
    stamp = slot_ints[size, STAMP]
    slot: int = (edge * 40503) & (size - 1)
    while slot_ints[slot, STAMP] == stamp and slot_ints[slot, EDGE] != edge:
        slot = (slot + 1) & (size - 1)
    return slot


@njit(cache=True, nogil=True)
def search_ahead(
    edge: int,
    offset_m: float,
    cutoff_m: float,
    tuning: np.ndarray,
    links: np.ndarray,
    length_m: np.ndarray,
    slot_ints: np.ndarray,
    slot_reals: np.ndarray,
) -> None:
    """Find the edges whose begin can be reached from a place on an edge (Dijkstra over edges).

    Afterwards the slots hold COST, metres to the begin of the edge with the cost of each turn
    added, and LENGTH, the metres alone. Stops at `cutoff_m` of cost, or when the
    table is three quarters full.
    """
    size = slot_ints.shape[0] - 1
    slot_ints[size, STAMP] += 1
    stamp = slot_ints[size, STAMP]
    heap_key = slot_reals[:, HEAP_KEY]
    heap_item = slot_ints[:, HEAP_SLOT]
    heap_size = 0
    used = 0
    limit = (size * 3) >> 2
    here = edge
    before = -1
    length = length_m[edge] - offset_m
    cost = length
    while True:
        if cost <= cutoff_m:
            for ahead in range(links[here, OUT_FIRST], links[here, OUT_BEYOND]):
                turning = turn_cost(here, ahead, tuning, links)
                if turning < 0.0:
                    continue
                reached = cost + turning
                slot = find_slot(ahead, slot_ints)
                if slot_ints[slot, STAMP] != stamp:
                    if reached > cutoff_m or used >= limit:
                        continue
                    used += 1
                    slot_ints[slot, STAMP] = stamp
                    slot_ints[slot, EDGE] = ahead
                    slot_ints[slot, DONE] = 0
                elif reached >= slot_reals[slot, COST]:
                    continue
                slot_reals[slot, COST] = reached
                slot_reals[slot, LENGTH] = length
                slot_ints[slot, BEFORE] = before
                if heap_size < size:
                    heap_size = heap_push(heap_key, heap_item, heap_size, reached, slot)
        while heap_size > 0 and slot_ints[heap_item[0], DONE] == 1:
            heap_size = heap_drop(heap_key, heap_item, heap_size)
        if heap_size == 0:
            return
        before = heap_item[0]
        heap_size = heap_drop(heap_key, heap_item, heap_size)
        slot_ints[before, DONE] = 1
        here = slot_ints[before, EDGE]
        length = slot_reals[before, LENGTH] + length_m[here]
        cost = slot_reals[before, COST] + length_m[here]
