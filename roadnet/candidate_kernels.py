"""Jitted kernels of map matching: the places on edges that a point of a line may mean.

The hidden states of a point of the line are *candidates*: places on edges near it (Newson and
Krumm, 2009). The line lies in arrays of T points, each with up to C candidates.

Layouts
-------
``line`` (T, 6)
    lon, lat, heading of the line there (degrees; NaN where it has none), metres along the line,
    with how many others it shares what it tells, metres that can have been driven since the point
    before; see `roadnet.drawn_lines.sample_line`.
``candidate_edge`` (T, C, 2) int32
    Column 0 is the edge, -1 from the first free place on; column 1 is scratch.
``candidates`` (T, C, 6)
    FOUND_DISTANCE ... FOUND_LAT of `snap_kernels`, and SCORE in the last column.
``tuning``
    Vector of `roadnet.match_tuning`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from roadnet.match_tuning import (
    HEADING,
    PRIOR,
    RADIUS,
    RADIUS_LIMIT,
    REPEAT,
    SIGMA,
    WORST,
)
from roadnet.snap_kernels import FOUND_BEARING, FOUND_DISTANCE, near_edges

SCORE = 5  # column of `candidates`; the index's FOUND_REMAINING before


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
        weight = line[t, 4] ** -tuning[REPEAT]
        while count < candidate_edge.shape[1] and candidate_edge[t, count, 0] >= 0:
            off = candidates[t, count, FOUND_DISTANCE] / tuning[SIGMA]
            score = tuning[PRIOR] * prior[candidate_edge[t, count, 0]] - 0.5 * off * off
            if not math.isnan(line[t, 2]):
                turn = math.radians(candidates[t, count, FOUND_BEARING] - line[t, 2])
                score -= tuning[HEADING] * (1.0 - math.cos(turn))
            candidates[t, count, SCORE] = max(score * weight, -tuning[WORST])
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
