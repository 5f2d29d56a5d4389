"""Jitted kernels of GPS tracks: which points of a track tell something new."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    import numpy as np

_SLIPS = 5  # successive points that may be out of reach; more of them are a jump of the track


@njit(cache=True, nogil=True)
def thin_track(
    x: np.ndarray,
    y: np.ndarray,
    seconds: np.ndarray,
    least_m: float,
    most_mps: float,
    slack_m: float,
    kept: np.ndarray,
) -> int:
    """Choose the points of a track to match it by.

    Parameters
    ----------
    x, y, seconds
        (p,) metres on a plane, and the clock, rising.
    least_m
        A point nearer than this to the one kept before is left out, except the last of all.
    most_mps, slack_m
        So is a point that cannot have been reached from the one kept before at this speed, some
        metres given, unless too many in a row cannot.
    kept
        (p,) int32, filled with the numbers of the points kept, ascending.

    Returns
    -------
    int
        How many are kept.
    """
    last = x.shape[0] - 1
    kept[0] = 0
    count = 1
    slips = 0
    for point in range(1, last + 1):
        before = kept[count - 1]
        away = math.hypot(x[point] - x[before], y[point] - y[before])
        if away < least_m and point < last:
            continue
        if away > most_mps * (seconds[point] - seconds[before]) + slack_m and slips < _SLIPS:
            slips += 1
            continue
        slips = 0
        if point == last and away < least_m and count > 1:
            count -= 1  # the end itself is worth more than a point just before it
        kept[count] = point
        count += 1
    return count
