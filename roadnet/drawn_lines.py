"""A drawn line before it meets a road: is it one at all, and the points to match it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.errors import MatchError
from roadnet.geodesy import cumulative_m

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.match_tuning import Tuning
    from roadnet.types import FloatArray, OffsetArray

MOST_M: Final = 1_000_000.0  # a drawn line longer than this is a mistake
# Columns of a sampled line, after lon and lat.
LINE_HEADING: Final = 2
LINE_M: Final = 3
LINE_SHARE: Final = 4
LINE_MOST_M: Final = 5
LINE_COLUMNS: Final = 6


def read_line(lonlat: npt.ArrayLike) -> FloatArray:
    """Check a drawn line and drop points that repeat the one before.

    Parameters
    ----------
    lonlat
        (p, 2) lon and lat, WGS-84 degrees, as drawn; a third column is an altitude.

    Returns
    -------
    FloatArray
        (q, 2), q >= 2, no two successive points equal. A line across the date line goes the short
        way: its longitudes go on beyond 180 degrees.

    Raises
    ------
    MatchError
        `line_malformed`: not p x 2 numbers; `line_coordinates`: not numbers, or outside the
        Earth's degrees; `line_too_short`: fewer than two distinct points; `line_too_long`: more
        than MOST_M.
    """
    points = read_points(lonlat)
    keep = np.ones(points.shape[0], dtype=np.bool_)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    points = points[keep]
    if points.shape[0] < 2:
        raise MatchError("line_too_short", "the line has one distinct point, expected two or more")
    points = unwrap(points)
    length_m = float(cumulative_m(points[:, 0], points[:, 1])[-1])
    if length_m > MOST_M:
        raise MatchError(
            "line_too_long",
            f"the line is {length_m / 1000.0:.0f} km long, expected {MOST_M / 1000.0:.0f} at most",
        )
    return points


def read_points(lonlat: npt.ArrayLike) -> FloatArray:
    """Check the points of a line or track, (p, 2) with p >= 1; raises as `read_line` does."""
    try:
        points = np.array(lonlat, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MatchError(
            "line_malformed", f"a line is a list of lon, lat pairs: {error}"
        ) from error
    if points.size == 0:
        raise MatchError("line_too_short", "the line has no points, expected two or more")
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise MatchError(
            "line_malformed", f"a line is a list of lon, lat pairs, found shape {points.shape}"
        )
    points = np.ascontiguousarray(points[:, :2])  # a third number is an altitude
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if bad.shape[0] > 0:
        at = int(bad[0])
        raise MatchError(
            "line_coordinates",
            f"lon {points[at, 0]}, lat {points[at, 1]} are not numbers",
            where=f"point {at}",
        )
    bad = np.flatnonzero((np.abs(points[:, 0]) > 180.0) | (np.abs(points[:, 1]) > 90.0))
    if bad.shape[0] > 0:
        at = int(bad[0])
        raise MatchError(
            "line_coordinates",
            f"lon {points[at, 0]}, lat {points[at, 1]} are outside +-180 and +-90 degrees"
            f"{_guess(points)}",
            where=f"point {at}",
        )
    return points


def unwrap(points: FloatArray) -> FloatArray:
    """Let longitudes go on beyond 180 degrees where a line crosses the date line."""
    if (np.abs(np.diff(points[:, 0])) <= 180.0).all():
        return points
    return np.column_stack((np.unwrap(points[:, 0], period=360.0), points[:, 1]))


def wrap(line: FloatArray) -> FloatArray:
    """Fold the longitudes of a sampled line back into +-180 degrees, in place."""
    beyond = np.abs(line[:, 0]) > 180.0
    line[beyond, 0] = np.mod(line[beyond, 0] + 180.0, 360.0) - 180.0
    return line


def _guess(points: FloatArray) -> str:
    """Say what coordinates that are no lon and lat degrees look like."""
    size = np.abs(points).max(axis=0)
    if size[0] <= 90.0 and size[1] <= 180.0:
        return (
            "; these look like latitude, longitude: lon and lat seem to be swapped, "
            "expected lon first"
        )
    if (np.abs(points) > 400.0).any(axis=1).all():
        return "; these look like metres of a projection, expected WGS-84 degrees"
    return ""


def sample_line(points: FloatArray, tuning: Tuning, scale: float = 1.0) -> FloatArray:
    """Set points along a line, with the direction it has there.

    Parameters
    ----------
    points
        (q, 2) as of `read_line`.
    tuning
        Its `step_m`, `least_m`, `chord_m` and `own`.
    scale
        The three lengths are multiplied by it.

    Returns
    -------
    FloatArray
        (T, 6), T >= 2: lon, lat, heading in degrees (NaN where the line turns on itself), metres
        along the line, with how many others the point shares what it tells (the pieces that its
        leg was cut into; a point of the line's own, with fewer), and the metres that can have been
        driven since the point before (infinity); first and last are the ends of the line.
    """
    step_m, least_m, chord_m = (
        scale * metres for metres in (tuning.step_m, tuning.least_m, tuning.chord_m)
    )
    lon, lat = points[:, 0], points[:, 1]
    along = cumulative_m(lon, lat)
    total = float(along[-1])
    # Thin a dense line (a GPS track, a traced curve): one point a `least_m`, and the end.
    stops = along
    if np.diff(along).min() < least_m:
        cell = np.floor(along / least_m)
        first = np.ones(along.shape[0], dtype=np.bool_)
        first[1:] = cell[1:] != cell[:-1]
        first[along > total - least_m] = False
        first[0] = first[-1] = True
        stops = along[first]
    legs_m = np.diff(stops)
    pieces = np.maximum(np.ceil(legs_m / step_m), 1.0).astype(np.int64)
    leg = np.repeat(np.arange(pieces.shape[0]), pieces)
    place = np.arange(leg.shape[0]) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = np.append(stops[leg] + place * (legs_m / pieces)[leg], total)
    line = np.empty((at.shape[0], LINE_COLUMNS), dtype=np.float64)
    line[:, 0] = np.interp(at, along, lon)
    line[:, 1] = np.interp(at, along, lat)
    ahead = np.minimum(at + chord_m, total)
    behind = np.maximum(at - chord_m, 0.0)
    x = (np.interp(ahead, along, lon) - np.interp(behind, along, lon)) * np.cos(
        np.radians(line[:, 1])
    )
    y = np.interp(ahead, along, lat) - np.interp(behind, along, lat)
    line[:, LINE_HEADING] = np.degrees(np.arctan2(x, y)) % 360.0
    # A degree is 111 km: where the chord is under a metre the line turns back, and has no direction.
    line[np.hypot(x, y) < 1e-5, LINE_HEADING] = np.nan
    line[:, LINE_M] = at
    line[:, LINE_MOST_M] = np.inf
    line[:-1, LINE_SHARE] = np.where(place == 0, pieces[leg] / tuning.own, pieces[leg])
    line[-1, LINE_SHARE] = pieces[-1] / tuning.own
    return line


def take_fewer(line: FloatArray, step_m: float) -> tuple[OffsetArray, FloatArray]:
    """Take a point of a sampled line each so many metres, and its ends; the rows, and those points."""
    cell = np.floor(line[:, LINE_M] / step_m)
    taken = np.ones(line.shape[0], dtype=np.bool_)
    taken[1:-1] = cell[1:-1] != cell[:-2]
    rows = np.flatnonzero(taken)
    fewer = line[rows]
    fewer[0, LINE_MOST_M] = np.inf
    fewer[1:, LINE_MOST_M] = np.add.reduceat(line[:, LINE_MOST_M], rows[:-1] + 1)
    fewer[:, LINE_SHARE] = 1.0
    return rows, fewer
