"""Where numbers go on a map so that they cover neither each other nor what they number."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

_DISTANCES: Final = (15.0, 23.0, 32.0, 44.0, 58.0)
_DIRECTIONS: Final = 16
_GAP: Final = 1.5


def place_badges(
    points: npt.NDArray[np.float64],
    radius: float,
    line: npt.NDArray[np.float64],
    width: float,
    height: float,
) -> npt.NDArray[np.float64]:
    """Find a place for one round badge beside each of some points.

    Parameters
    ----------
    points
        (k, 2) what the badges stand beside.
    radius
        Of a badge.
    line
        (p, 2) points of a line that badges had better not cover, close to one another.
    width, height
        Of the drawing; badges stay inside.

    Returns
    -------
    numpy.ndarray
        (k, 2) middles. Each takes the nearest place that is free; where there is none, the least
        crowded.
    """
    angles = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    offsets = np.array([(d * np.sin(a), -d * np.cos(a)) for d, a in product(_DISTANCES, angles)])
    cost_of_distance = np.repeat(np.arange(len(_DISTANCES)) * 0.6, _DIRECTIONS)
    placed = np.empty((0, 2))
    for point in points:
        there = point + offsets
        inside = ((there >= radius) & (there <= (width - radius, height - radius))).all(axis=1)
        cost = cost_of_distance + np.where(inside, 0.0, 1000.0)
        cost = cost + 20.0 * _overlaps(there, placed, 2 * radius + _GAP)
        cost = cost + 3.0 * _overlaps(there, points, radius + 4.0)
        cost = cost + 0.4 * _overlaps(there, line, radius + 2.0)
        placed = np.vstack((placed, there[np.argmin(cost)]))
    return placed


def _overlaps(
    there: npt.NDArray[np.float64], others: npt.NDArray[np.float64], distance: float
) -> npt.NDArray[np.float64]:
    """Count, for each place, the others nearer than a distance; ten of them count as ten."""
    if others.size == 0:
        return np.zeros(there.shape[0])
    apart = np.hypot(*(there[:, None, :] - others[None, :, :]).transpose(2, 0, 1))
    near: npt.NDArray[np.float64] = np.minimum((apart < distance).sum(axis=1), 10).astype(float)
    return near
