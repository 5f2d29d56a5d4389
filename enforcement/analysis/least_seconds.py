"""The least seconds between two readings that any vehicle can need, by what the rules know."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import METRES_PER_DEGREE, haversine_m

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules

# What no vehicle does in a city, as the crow flies, and how far from its place a camera may read.
FASTEST_MPS: Final = 50.0
SLACK_M: Final = 200.0


def least_seconds(
    rules: Rules, first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Return how long a vehicle drives at least from one camera record to another.

    Parameters
    ----------
    rules
        Compiled rules.
    first, second
        (n,) camera records.

    Returns
    -------
    numpy.ndarray
        (n,) seconds, never negative: the greater of what the network says, where both records are
        on it, and the straight line at FASTEST_MPS. Both are lower bounds.
    """
    crow_m = haversine_m(
        rules.camera_lon[first],
        rules.camera_lat[first],
        rules.camera_lon[second],
        rules.camera_lat[second],
    )
    least = (np.asarray(crow_m) - SLACK_M) / FASTEST_MPS
    start, goal = rules.travel_place[first], rules.travel_place[second]
    known = np.flatnonzero((start >= 0) & (goal >= 0))
    driven = rules.travel_units[start[known], goal[known]] * rules.travel_unit_s
    least[known] = np.maximum(least[known], driven)
    return np.maximum(least, 0.0)


def least_beyond(
    rules: Rules,
    first: npt.NDArray[np.integer],
    second: npt.NDArray[np.integer],
    taken_s: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """Return the least seconds of the drives that may have taken less, zero for the others.

    Most vehicles take longer from one camera to the next than any two of the city are apart.

    Parameters
    ----------
    rules, first, second
        As of `least_seconds`.
    taken_s
        (n,) seconds.
    """
    least = np.zeros(taken_s.shape[0])
    some = np.flatnonzero(taken_s < _most_seconds(rules))
    least[some] = least_seconds(rules, first[some], second[some])
    return least


@lru_cache(maxsize=1)
def _most_seconds(rules: Rules) -> float:
    """Return what no `least_seconds` is beyond: one parallel and one meridian are no shorter way."""
    lon, lat = rules.camera_lon, rules.camera_lat
    east = np.max(lon, initial=-180.0) - np.min(lon, initial=180.0)
    north = np.max(lat, initial=-90.0) - np.min(lat, initial=90.0)
    widest = np.cos(np.radians(lat)).max(initial=0.0)
    driven = int(rules.travel_units.max(initial=0)) * rules.travel_unit_s
    return max(float(METRES_PER_DEGREE * (east * widest + north)) / FASTEST_MPS, driven)
