"""Jitted kernels of map matching: candidates, bounded search along edges, Viterbi, the path back.

The hidden states of a point of the line are *candidates*: places on edges near it (Newson and
Krumm, 2009). The line lies in arrays of T points, each with up to K candidates.

Layouts
-------
``line`` (T, 5)
    lon, lat, heading of the line there (degrees; NaN where it has none), metres along the line;
    see `roadnet.drawn_lines.sample_line`.
``candidate_edge`` (T, C, 2) int32
    Column 0 is the edge, -1 from the first free place on; column 1 is scratch.
``candidates`` (T, C, 6)
    FOUND_DISTANCE ... FOUND_LAT of `snap_kernels`, and SCORE in the last column.
``links`` (m, 3) int32
    Of each edge: first and one past the last edge that leaves its end, and its reverse or -1.
``slot_ints`` (S + 1, 5) int32, ``slot_reals`` (S, 3)
    A hash table of the edges that a search has reached, S a power of two, kept small so that it
    stays in the processor's cache whatever the graph. Columns below. Row S of `slot_ints` holds the
    stamp of the search that is current; must come zeroed once, then serves any number of searches.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from roadnet.path_kernels import heap_drop, heap_push
from roadnet.snap_kernels import FOUND_BEARING, FOUND_DISTANCE, FOUND_OFFSET, near_edges

SCORE = 5  # column of `candidates`; the index's FOUND_REMAINING before

# Places in the `tuning` vector; what each means is said by `roadnet.mapmatching.Tuning`.
RADIUS = 0
RADIUS_LIMIT = 1
SIGMA = 2
HEADING = 3
BETA = 4
UTURN = 5
BACKWARD = 6
BEAM = 7
REACH_FACTOR = 8
REACH = 9
WIDE_FACTOR = 10
WIDE = 11
PRIOR = 12

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
def collect_candidates(
    line: np.ndarray,
    tuning: np.ndarray,
    frame: np.ndarray,
    cell_offsets: np.ndarray,
    cell_points: np.ndarray,
    points: np.ndarray,
    point_edge: np.ndarray,
    candidate_edge: np.ndarray,
    candidates: np.ndarray,
    fit_m: np.ndarray,
) -> None:
    """Find the candidates of each point of a line.

    Parameters
    ----------
    line, tuning, candidate_edge, candidates
        See the module; the last two are filled but for SCORE, in no order. The radius grows until
        there is a candidate or RADIUS_LIMIT is reached, and shrinks while they are more than C.
    frame, cell_offsets, cell_points, points, point_edge
        An edge index, see `near_edges`.
    fit_m
        (T,) filled: distance of the nearest candidate that runs within 45 degrees of the line,
        infinity where none does.
    """
    capacity = candidate_edge.shape[1]
    for t in range(line.shape[0]):
        radius = tuning[RADIUS]
        growing = True
        while True:
            count = near_edges(
                line[t, 0],
                line[t, 1],
                radius,
                frame,
                cell_offsets,
                cell_points,
                points,
                point_edge,
                candidate_edge[t],
                candidates[t],
            )
            if count > capacity:
                growing = False
                radius *= 0.75
            elif count > 0 or not growing or radius >= tuning[RADIUS_LIMIT]:
                break
            else:
                radius = min(radius * 1.6, tuning[RADIUS_LIMIT])
        fit_m[t] = np.inf
        for j in range(count):
            turn = math.radians(candidates[t, j, FOUND_BEARING] - line[t, 2])
            if math.cos(turn) > 0.7071 and candidates[t, j, FOUND_DISTANCE] < fit_m[t]:
                fit_m[t] = candidates[t, j, FOUND_DISTANCE]
        for j in range(count, capacity):
            candidate_edge[t, j, 0] = -1


@njit(cache=True, nogil=True)
def score_candidates(
    line: np.ndarray,
    tuning: np.ndarray,
    prior: np.ndarray,
    candidate_edge: np.ndarray,
    candidates: np.ndarray,
) -> None:
    """Score how well each candidate agrees with the line, and sort them, best first.

    Parameters
    ----------
    line, tuning, candidate_edge, candidates
        See the module.
    prior
        (m,) score of an edge before anything is known of the line.
    """
    for t in range(line.shape[0]):
        count = 0
        while count < candidate_edge.shape[1] and candidate_edge[t, count, 0] >= 0:
            off = candidates[t, count, FOUND_DISTANCE] / tuning[SIGMA]
            score = tuning[PRIOR] * prior[candidate_edge[t, count, 0]] - 0.5 * off * off
            if not math.isnan(line[t, 2]):
                turn = math.radians(candidates[t, count, FOUND_BEARING] - line[t, 2])
                score -= tuning[HEADING] * (1.0 - math.cos(turn))
            candidates[t, count, SCORE] = score
            count += 1
        # Insertion sort, equal ones by edge: few rows, and no order left to chance.
        for j in range(1, count):
            k = j
            while k > 0 and (
                candidates[t, k, SCORE] > candidates[t, k - 1, SCORE]
                or (
                    candidates[t, k, SCORE] == candidates[t, k - 1, SCORE]
                    and candidate_edge[t, k, 0] < candidate_edge[t, k - 1, 0]
                )
            ):
                for column in range(candidates.shape[2]):
                    held = candidates[t, k, column]
                    candidates[t, k, column] = candidates[t, k - 1, column]
                    candidates[t, k - 1, column] = held
                edge = candidate_edge[t, k, 0]
                candidate_edge[t, k, 0] = candidate_edge[t, k - 1, 0]
                candidate_edge[t, k - 1, 0] = edge
                k -= 1


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
    uturn_m: float,
    links: np.ndarray,
    length_m: np.ndarray,
    slot_ints: np.ndarray,
    slot_reals: np.ndarray,
) -> None:
    """Find the edges whose begin can be reached from a place on an edge (Dijkstra over edges).

    Afterwards the slots hold COST, metres to the begin of the edge with `uturn_m` added for each
    turn back at a node, and LENGTH, the metres alone. Stops at `cutoff_m` of cost, or when the
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
            for ahead in range(links[here, 0], links[here, 1]):
                reached = cost + (uturn_m if ahead == links[here, 2] else 0.0)
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


@njit(cache=True, nogil=True)
def viterbi(
    line: np.ndarray,
    tuning: np.ndarray,
    candidate_edge: np.ndarray,
    candidates: np.ndarray,
    links: np.ndarray,
    length_m: np.ndarray,
    slot_ints: np.ndarray,
    slot_reals: np.ndarray,
    score: np.ndarray,
    transition: np.ndarray,
) -> None:
    """Score the best sequence of candidates that ends in each candidate.

    Parameters
    ----------
    line, tuning, candidate_edge, candidates, links, length_m, slot_ints, slot_reals
        See the module.
    score
        (T, K) filled; -inf where there is no candidate, or no way to it. Only the first K
        candidates are looked at. Where none of a point's can be reached, they begin anew.
    transition
        (T, K, K) float32 filled; score of driving from candidate i of point t to candidate j of
        point t + 1, -inf where impossible or not looked at.
    """
    width = score.shape[1]
    minus = -np.inf
    for j in range(width):
        score[0, j] = candidates[0, j, SCORE] if candidate_edge[0, j, 0] >= 0 else minus
    for t in range(line.shape[0] - 1):
        step = line[t + 1, 3] - line[t, 3]
        best = minus
        for i in range(width):
            best = max(best, score[t, i])
            score[t + 1, i] = minus
        reachable = False
        for attempt in range(2):
            cutoff = step * tuning[REACH_FACTOR] + tuning[REACH]
            if attempt == 1:
                cutoff = step * tuning[WIDE_FACTOR] + tuning[WIDE]
            for i in range(width):
                for j in range(width):
                    transition[t, i, j] = minus
                here = candidate_edge[t, i, 0]
                if here < 0 or score[t, i] < best - tuning[BEAM]:
                    continue
                offset = candidates[t, i, FOUND_OFFSET]
                search_ahead(
                    here, offset, cutoff, tuning[UTURN], links, length_m, slot_ints, slot_reals
                )
                for j in range(width):
                    there = candidate_edge[t + 1, j, 0]
                    if there < 0:
                        break
                    ahead = candidates[t + 1, j, FOUND_OFFSET]
                    if there == here and ahead >= offset - tuning[BACKWARD]:
                        length = max(ahead - offset, 0.0)
                        cost = length
                    elif there == links[here, 2]:
                        length = abs(length_m[here] - ahead - offset)
                        cost = length + tuning[UTURN]
                    else:
                        slot = find_slot(there, slot_ints)
                        if slot_ints[slot, STAMP] != slot_ints[slot_ints.shape[0] - 1, STAMP]:
                            continue
                        length = slot_reals[slot, LENGTH] + ahead
                        cost = slot_reals[slot, COST] + ahead
                    driven = -(abs(length - step) + cost - length) / tuning[BETA]
                    transition[t, i, j] = driven
                    reachable = True
                    total = score[t, i] + driven + candidates[t + 1, j, SCORE]
                    score[t + 1, j] = max(score[t + 1, j], total)
            if reachable:
                break
        if not reachable:
            for j in range(width):
                if candidate_edge[t + 1, j, 0] >= 0:
                    score[t + 1, j] = candidates[t + 1, j, SCORE]


@njit(cache=True, nogil=True)
def choose(
    candidate_edge: np.ndarray,
    candidates: np.ndarray,
    score: np.ndarray,
    transition: np.ndarray,
    onward: np.ndarray,
    chosen: np.ndarray,
    joined: np.ndarray,
) -> None:
    """Pick the best sequence, and say how well each candidate could have done.

    Parameters
    ----------
    candidate_edge, candidates, score, transition
        As `viterbi` left them.
    onward
        (T, K) filled: the best score from the candidate to the end of its unbroken stretch, its
        own not counted; so `score + onward` is the best of any sequence through it.
    chosen
        (T,) int32 filled: the candidate of each point.
    joined
        (T,) uint8 filled: 1 where a point is reached from the one before, 0 where a stretch begins.
    """
    count, width = score.shape
    for t in range(count - 1, -1, -1):
        connected = False
        for i in range(width):
            onward[t, i] = -np.inf
            if t + 1 == count:
                continue
            for j in range(width):
                if transition[t, i, j] > -np.inf:
                    connected = True
                    ahead = transition[t, i, j] + candidates[t + 1, j, SCORE] + onward[t + 1, j]
                    onward[t, i] = max(onward[t, i], ahead)
        if t + 1 < count:
            joined[t + 1] = 1 if connected else 0
        if not connected:
            for i in range(width):
                onward[t, i] = 0.0 if candidate_edge[t, i, 0] >= 0 else -np.inf
    joined[0] = 0
    for t in range(count):
        best = -np.inf
        chosen[t] = 0
        for j in range(width):
            if candidate_edge[t, j, 0] < 0:
                break
            if joined[t] == 0:
                total = score[t, j] + onward[t, j]
            else:
                total = transition[t - 1, chosen[t - 1], j] + candidates[t, j, SCORE] + onward[t, j]
            if total > best:
                best = total
                chosen[t] = j


@njit(cache=True, nogil=True)
def trace(
    line: np.ndarray,
    tuning: np.ndarray,
    states: np.ndarray,
    offsets_m: np.ndarray,
    links: np.ndarray,
    length_m: np.ndarray,
    slot_ints: np.ndarray,
    slot_reals: np.ndarray,
    edges: np.ndarray,
) -> int:
    """Write down the edges driven through a sequence of candidates.

    Parameters
    ----------
    line, tuning, links, length_m, slot_ints, slot_reals
        See the module.
    states
        (T, 3) int32: the chosen edge and whether it is reached from the point before; column 2 is
        filled with the place in `edges` of the edge that the point is on.
    offsets_m
        (T,) metres along the chosen edge.
    edges
        (capacity,) int32, filled; stretches one after the other, the first edge of each included.

    Returns
    -------
    int
        Number of edges, or -1 if they are more than the capacity.
    """
    size = slot_ints.shape[0] - 1
    count = 0
    for t in range(states.shape[0]):
        there = states[t, 0]
        # Edges from the point before to this one, counted back from it.
        steps = 1
        slot = -1
        if states[t, 1] == 1:
            here = states[t - 1, 0]
            if there == here and offsets_m[t] >= offsets_m[t - 1] - tuning[BACKWARD]:
                steps = 0
            elif there != links[here, 2]:
                step = line[t, 3] - line[t - 1, 3]
                for attempt in range(2):
                    cutoff = step * tuning[REACH_FACTOR] + tuning[REACH]
                    if attempt == 1:
                        cutoff = step * tuning[WIDE_FACTOR] + tuning[WIDE]
                    search_ahead(
                        here,
                        offsets_m[t - 1],
                        cutoff,
                        tuning[UTURN],
                        links,
                        length_m,
                        slot_ints,
                        slot_reals,
                    )
                    slot = find_slot(there, slot_ints)
                    if slot_ints[slot, STAMP] == slot_ints[size, STAMP]:
                        break
                back = slot_ints[slot, BEFORE]
                while back >= 0:
                    steps += 1
                    back = slot_ints[back, BEFORE]
        if count + steps > edges.shape[0]:
            return -1
        count += steps
        states[t, 2] = count - 1
        if steps > 0:
            edges[count - 1] = there
        for place in range(count - 2, count - 1 - steps, -1):
            slot = slot_ints[slot, BEFORE]
            edges[place] = slot_ints[slot, EDGE]
    return count
