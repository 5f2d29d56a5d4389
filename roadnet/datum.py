"""WGS-84, GCJ-02 and BD-09: the three systems in which Chinese maps give places.

GCJ-02 ("Mars coordinates", prescribed for published maps of mainland China) shifts a place by up to
some 700 m with a smooth function of its WGS-84 place; BD-09 (Baidu) shifts GCJ-02 once more. The
formulae are those that became public with online maps: the ellipsoid of Krasovsky 1940 for GCJ-02,
a rotation and stretching about the origin of degrees for BD-09. They agree with the official
transformation to about a metre, a few metres in places; that is the accuracy of what goes through
here, though the inverse undoes the formula itself to INVERSE_DEG.

Outside the rectangle of the formula (longitude 72.004 to 137.8347, latitude 0.8293 to 55.8271)
GCJ-02 is WGS-84. A place in Hong Kong, Macao, Taiwan or a neighbouring country inside it is shifted
like one in the mainland, as the usual converters do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.errors import RoadnetError

if TYPE_CHECKING:
    from roadnet.types import BoolArray, FloatArray

WGS84: Final = "wgs84"
GCJ02: Final = "gcj02"
BD09: Final = "bd09"
DATUMS: Final = (WGS84, GCJ02, BD09)

INVERSE_DEG: Final = 1e-9  # 0.1 mm

_WEST, _EAST = 72.004, 137.8347
_SOUTH, _NORTH = 0.8293, 55.8271
_KRASOVSKY_A_M = 6_378_245.0
_KRASOVSKY_EE = 0.00669342162296594323
_BD_PHASE = np.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006
_ROUNDS = 30  # the iteration gains about two digits a round; this is only a bound


def to_wgs84(lon: FloatArray, lat: FloatArray, datum: str) -> tuple[FloatArray, FloatArray]:
    """Turn coordinates of a datum into WGS-84.

    Parameters
    ----------
    lon, lat
        Degrees, arrays of one shape.
    datum
        `wgs84`, `gcj02` or `bd09`.

    Returns
    -------
    tuple
        WGS-84 longitudes and latitudes; `from_wgs84` leads back to `lon`, `lat` within INVERSE_DEG
        (except for the places that GCJ-02 skips at the border of its rectangle). NaN stays NaN.

    Raises
    ------
    RoadnetError
        Code ``datum_unknown``.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    _check(datum)
    if datum == WGS84:
        return lon, lat
    if datum == BD09:
        lon, lat = _bd09_to_gcj02(lon, lat)
    return _gcj02_to_wgs84(lon, lat)


def from_wgs84(lon: FloatArray, lat: FloatArray, datum: str) -> tuple[FloatArray, FloatArray]:
    """Turn WGS-84 coordinates into a datum's; parameters and errors as for `to_wgs84`."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    _check(datum)
    if datum == WGS84:
        return lon, lat
    lon, lat = _wgs84_to_gcj02(lon, lat)
    if datum == BD09:
        lon, lat = _gcj02_to_bd09(lon, lat)
    return lon, lat


def _check(datum: str) -> None:
    if datum not in DATUMS:
        raise RoadnetError(
            "datum_unknown", f"unknown coordinates {datum!r}; expected one of {', '.join(DATUMS)}"
        )


def _inside(lon: FloatArray, lat: FloatArray) -> BoolArray:
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _gcj02_shift(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the shift in degrees that GCJ-02 adds to a WGS-84 place of its rectangle."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    pi = np.pi
    wave = 20.0 * np.sin(6.0 * pi * x) + 20.0 * np.sin(2.0 * pi * x)
    north_m = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (2.0 / 3.0)
        * (
            wave
            + 20.0 * np.sin(pi * y)
            + 40.0 * np.sin(pi * y / 3.0)
            + 160.0 * np.sin(pi * y / 12.0)
            + 320.0 * np.sin(pi * y / 30.0)
        )
    )
    east_m = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (2.0 / 3.0)
        * (
            wave
            + 20.0 * np.sin(pi * x)
            + 40.0 * np.sin(pi * x / 3.0)
            + 150.0 * np.sin(pi * x / 12.0)
            + 300.0 * np.sin(pi * x / 30.0)
        )
    )
    phi = np.radians(lat)
    bend = 1.0 - _KRASOVSKY_EE * np.sin(phi) ** 2
    meridian_m = _KRASOVSKY_A_M * (1.0 - _KRASOVSKY_EE) / bend**1.5
    parallel_m = _KRASOVSKY_A_M / np.sqrt(bend) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _wgs84_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    inside = _inside(lon, lat)
    # Elsewhere the formula may divide by the cosine of a pole; any place inside stands in.
    east, north = _gcj02_shift(np.where(inside, lon, 105.0), np.where(inside, lat, 35.0))
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def _gcj02_to_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Find the WGS-84 place whose shift leads here; the shift varies slowly, so guessing converges.

    At the border of the rectangle some places have none, then the place itself is the answer.
    """
    guess_lon, guess_lat = lon, lat
    near = _inside(lon, lat)
    for _ in range(_ROUNDS):
        east, north = _gcj02_shift(
            np.where(near, guess_lon, 105.0), np.where(near, guess_lat, 35.0)
        )
        next_lon, next_lat = lon - east, lat - north
        moved = np.maximum(np.abs(next_lon - guess_lon), np.abs(next_lat - guess_lat))
        guess_lon, guess_lat = next_lon, next_lat
        if not np.any(moved[near] > INVERSE_DEG / 100.0):
            break
    shifted = near & _inside(guess_lon, guess_lat)
    return np.where(shifted, guess_lon, lon), np.where(shifted, guess_lat, lat)


def _gcj02_to_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    reach = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PHASE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PHASE)
    return reach * np.cos(angle) + _BD_LON, reach * np.sin(angle) + _BD_LAT


def _bd09_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    guess_lon, guess_lat = lon - _BD_LON, lat - _BD_LAT
    for _ in range(_ROUNDS):
        there_lon, there_lat = _gcj02_to_bd09(guess_lon, guess_lat)
        off_lon, off_lat = there_lon - lon, there_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        off = np.maximum(np.abs(off_lon), np.abs(off_lat))
        if not np.any(off > INVERSE_DEG / 100.0):
            break
    return guess_lon, guess_lat
