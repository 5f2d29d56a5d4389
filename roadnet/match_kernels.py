"""Jitted kernels of map matching: Viterbi, the best sequence of places, the edges through it.

Layouts are those of `candidate_kernels` (`line`, `candidate_edge`, `candidates`) and
`ahead_kernels` (`links`, `slot_ints`, `slot_reals`); `tuning` is the vector of
`roadnet.match_tuning`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from roadnet.ahead_kernels import (
    BEFORE,
    COST,
    EDGE,
    LENGTH,
    REVERSE,
    STAMP,
    find_slot,
    search_ahead,
)
from roadnet.candidate_kernels import SCORE
from roadnet.match_tuning import (
    BACKWARD,
    BEAM,
    BETA,
    GROWTH,
    REACH,
    REACH_FACTOR,
    UTURN,
    WIDE,
    WIDE_FACTOR,
)
from roadnet.snap_kernels import FOUND_OFFSET

_WIDE_SEARCHES = 300


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
    wide_left = _WIDE_SEARCHES
    for j in range(width):
        score[0, j] = candidates[0, j, SCORE] if candidate_edge[0, j, 0] >= 0 else minus
    for t in range(line.shape[0] - 1):
        step = line[t + 1, 3] - line[t, 3]
        scale = tuning[BETA] + tuning[GROWTH] * step
        best = minus
        for i in range(width):
            best = max(best, score[t, i])
            score[t + 1, i] = minus
        reachable = False
        for attempt in range(2):
            cutoff = step * tuning[REACH_FACTOR] + tuning[REACH]
            if attempt == 1:
                # Of a line that no road follows at all, this many are enough.
                if wide_left == 0:
                    break
                wide_left -= 1
                cutoff = step * tuning[WIDE_FACTOR] + tuning[WIDE]
            for i in range(width):
                for j in range(width):
                    transition[t, i, j] = minus
                here = candidate_edge[t, i, 0]
                if here < 0 or score[t, i] < best - tuning[BEAM]:
                    continue
                offset = candidates[t, i, FOUND_OFFSET]
                search_ahead(here, offset, cutoff, tuning, links, length_m, slot_ints, slot_reals)
                for j in range(width):
                    there = candidate_edge[t + 1, j, 0]
                    if there < 0:
                        break
                    ahead = candidates[t + 1, j, FOUND_OFFSET]
                    if there == here and ahead >= offset - tuning[BACKWARD]:
                        length = max(ahead - offset, 0.0)
                        cost = length
                    elif there == links[here, REVERSE]:
                        length = abs(length_m[here] - ahead - offset)
                        cost = length + tuning[UTURN]
                    else:
                        slot = find_slot(there, slot_ints)
                        if slot_ints[slot, STAMP] != slot_ints[slot_ints.shape[0] - 1, STAMP]:
                            continue
                        length = slot_reals[slot, LENGTH] + ahead
                        cost = slot_reals[slot, COST] + ahead
                    # No faster than can be, when the line has a clock.
                    excess = abs(length - step) + max(length - line[t + 1, 5], 0.0)
                    driven = -(excess + cost - length) / scale
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
            elif there != links[here, REVERSE]:
                step = line[t, 3] - line[t - 1, 3]
                for attempt in range(2):
                    cutoff = step * tuning[REACH_FACTOR] + tuning[REACH]
                    if attempt == 1:
                        cutoff = step * tuning[WIDE_FACTOR] + tuning[WIDE]
                    search_ahead(
                        here,
                        offsets_m[t - 1],
                        cutoff,
                        tuning,
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
