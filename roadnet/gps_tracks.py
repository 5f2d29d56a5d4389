"""A GPS track before it meets a road: is it one at all, and the points to match it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.drawn_lines import (
    LINE_COLUMNS,
    LINE_HEADING,
    LINE_M,
    LINE_MOST_M,
    LINE_SHARE,
    read_points,
    unwrap,
)
from roadnet.errors import MatchError
from roadnet.geodesy import METRES_PER_DEGREE
from roadnet.track_kernels import thin_track

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.types import FloatArray

_MOST_MPS: Final = 50.0  # 180 km/h: no lorry drives faster, and hardly anyone in a city
_ALIKE_M: Final = 100.0  # the receiver errs alike over so much way
_SLACK_M: Final = 50.0  # two positions are off by this much together at most


class GpsTrack(NamedTuple):
    """A GPS track.

    Attributes
    ----------
    lonlat
        (p, 2) lon and lat degrees, p >= 2; across the date line they go on beyond 180.
    seconds
        (p,) rising, from any origin.
    """

    lonlat: FloatArray
    seconds: FloatArray


def read_track(lonlat: npt.ArrayLike, seconds: npt.ArrayLike) -> GpsTrack:
    """Check a GPS track.

    Parameters
    ----------
    lonlat
        (p, 2) lon and lat, WGS-84 degrees, in the order driven; a third column is an altitude.
    seconds
        (p,) when each was taken, from any origin; rising.

    Raises
    ------
    MatchError
        As of `roadnet.drawn_lines.read_line`; `track_lengths`: points and seconds differ in
        number; `track_seconds`: they are not numbers, or do not rise.
    """
    points = read_points(lonlat)
    try:
        clock = np.array(seconds, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MatchError("track_seconds", f"seconds are a list of numbers: {error}") from error
    if clock.shape != points.shape[:1]:
        raise MatchError(
            "track_lengths",
            f"{points.shape[0]} points but seconds of shape {clock.shape}, expected one for each",
        )
    bad = np.flatnonzero(~np.isfinite(clock))
    if bad.shape[0] > 0:
        at = int(bad[0])
        raise MatchError("track_seconds", f"{clock[at]} is not a number", where=f"point {at}")
    bad = np.flatnonzero(np.diff(clock) <= 0.0)
    if bad.shape[0] > 0:
        at = int(bad[0]) + 1
        raise MatchError(
            "track_seconds",
            f"{clock[at]:.15g} s does not come after {clock[at - 1]:.15g} s of the point before",
            where=f"point {at}",
        )
    if not (points[1:] != points[:-1]).any():
        raise MatchError("line_too_short", "the track has one distinct point, expected two or more")
    return GpsTrack(unwrap(points), clock)


def sample_track(
    track: GpsTrack, least_m: float, heading_m: float
) -> tuple[FloatArray, FloatArray]:
    """Choose points of a track, with the direction it has there.

    Standing still and points close together say nothing new, and a point that nobody can have
    driven to is an error of the receiver.

    Parameters
    ----------
    track
        As of `read_track`.
    least_m
        Points closer than this to the one before are left out.
    heading_m
        The heading at a point is that of the chord between its neighbours, as far as they are
        this near to it.

    Returns
    -------
    tuple
        (T, 6), T >= 2, as of `roadnet.drawn_lines.sample_line`, metres counted from point to point
        chosen; and (T,) the metres of the whole track at which each of them is.
    """
    points, clock = track
    lat_scale = METRES_PER_DEGREE
    lon_scale = lat_scale * np.cos(np.radians(float(points[:, 1].mean())))
    x = np.ascontiguousarray(points[:, 0] * lon_scale)
    y = np.ascontiguousarray(points[:, 1] * lat_scale)
    kept = np.empty(points.shape[0], dtype=np.int32)
    count = thin_track(x, y, clock, least_m, _MOST_MPS, _SLACK_M, kept)
    if count < 2:  # it stood still, or all of it lies within `least_m`
        kept[1] = points.shape[0] - 1
        count = 2
    kept = kept[:count]
    line = np.empty((count, LINE_COLUMNS), dtype=np.float64)
    line[:, :2] = points[kept]
    east, north = np.diff(x[kept]), np.diff(y[kept])
    step_m = np.hypot(east, north)
    line[0, LINE_M] = 0.0
    np.cumsum(step_m, out=line[1:, LINE_M])
    near = step_m <= heading_m
    east[~near] = north[~near] = 0.0
    chord_x, chord_y = np.zeros(count), np.zeros(count)
    chord_x[:-1] += east
    chord_x[1:] += east
    chord_y[:-1] += north
    chord_y[1:] += north
    line[:, LINE_HEADING] = np.degrees(np.arctan2(chord_x, chord_y)) % 360.0
    line[np.hypot(chord_x, chord_y) < 1.0, LINE_HEADING] = np.nan
    spacing_m = np.concatenate((step_m[:1], (step_m[1:] + step_m[:-1]) / 2.0, step_m[-1:]))
    line[:, LINE_SHARE] = np.maximum(_ALIKE_M / np.maximum(spacing_m, 1.0), 1.0)
    line[0, LINE_MOST_M] = np.inf
    line[1:, LINE_MOST_M] = np.diff(clock[kept]) * _MOST_MPS + _SLACK_M
    along_m = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    return line, along_m[kept]
