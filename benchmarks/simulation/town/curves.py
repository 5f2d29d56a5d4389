"""Curves in the plane: splines through drawn points, parallels, positions along a line.

Points are (k, 2) float64 metres, x east and y north.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

if TYPE_CHECKING:
    from collections.abc import Sequence

Points: TypeAlias = npt.NDArray[np.float64]


def spline(
    through: Sequence[tuple[float, float]], step_m: float, *, closed: bool = False
) -> Points:
    """Return a smooth curve through drawn points, resampled every `step_m` or a little less.

    A closed curve repeats its first point at the end.
    """
    drawn = np.asarray(through, dtype=np.float64)
    if closed:
        drawn = np.vstack((drawn, drawn[:1]))
    at = np.concatenate(([0.0], np.cumsum(np.sqrt(np.hypot(*np.diff(drawn, axis=0).T)))))
    curve = CubicSpline(at, drawn, bc_type="periodic" if closed else "natural")
    fine = curve(np.linspace(0.0, at[-1], 400 * len(drawn)))
    return resample(fine, step_m)


def chainage(points: Points) -> npt.NDArray[np.float64]:
    """Return the metres from the start at each point."""
    return np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))


def resample(points: Points, step_m: float) -> Points:
    """Return points at equal distances of at most `step_m`; both ends are kept."""
    along = chainage(points)
    at = np.linspace(0.0, along[-1], max(2, int(np.ceil(along[-1] / step_m)) + 1))
    return np.column_stack((np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])))


def point_at(points: Points, at_m: float) -> tuple[float, float]:
    """Return the point `at_m` metres along a line."""
    along = chainage(points)
    return (
        float(np.interp(at_m, along, points[:, 0])),
        float(np.interp(at_m, along, points[:, 1])),
    )


def part(points: Points, from_m: float, to_m: float) -> Points:
    """Return the stretch of a line between two chainages."""
    along = chainage(points)
    inner = points[(along > from_m + 1.0) & (along < to_m - 1.0)]
    return np.vstack(([point_at(points, from_m)], inner, [point_at(points, to_m)]))


def beside(points: Points, right_m: float | npt.NDArray[np.float64]) -> Points:
    """Return the parallel `right_m` metres to the right of the direction of travel."""
    direction = np.gradient(points, axis=0)
    if np.allclose(points[0], points[-1]):
        direction[0] = direction[-1] = points[1] - points[-2]
    direction /= np.hypot(direction[:, 0], direction[:, 1])[:, None]
    normal = np.column_stack((direction[:, 1], -direction[:, 0]))
    return points + normal * np.broadcast_to(np.asarray(right_m), len(points))[:, None]


def thinned(points: Points, tolerance_m: float) -> Points:
    """Return the line without the points that it can do without (Douglas and Peucker)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    open_parts = [(0, len(points) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        rel = points[first + 1 : last] - points[first]
        length = float(np.hypot(*chord))
        off = (
            np.abs(chord[0] * rel[:, 1] - chord[1] * rel[:, 0]) / length
            if length > 0
            else np.hypot(rel[:, 0], rel[:, 1])
        )
        worst = int(np.argmax(off))
        if off[worst] > tolerance_m:
            middle = first + 1 + worst
            keep[middle] = True
            open_parts += [(first, middle), (middle, last)]
    return points[keep]
