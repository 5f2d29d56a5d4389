"""The least seconds between two readings that any vehicle can need, by what the rules know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import haversine_m

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
