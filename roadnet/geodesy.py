"""Distances, bearings and a local metric plane on the spherical Earth.

Every metre of roadnet is measured on one sphere, of the mean Earth radius R1 = (2a + b) / 3 of
WGS-84 (IUGG), so that lengths, offsets and distances agree with one another. Against the
ellipsoid such a metre is off by up to 0.5 %, and by 0.2 % in the latitudes of China.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from roadnet.types import FloatArray, OffsetArray

    Degrees: TypeAlias = float | np.floating | FloatArray

EARTH_RADIUS_M: Final = 6_371_008.8
METRES_PER_DEGREE: Final = math.pi / 180.0 * EARTH_RADIUS_M


def haversine_m(lon1: Degrees, lat1: Degrees, lon2: Degrees, lat2: Degrees) -> FloatArray:
    """Measure the great-circle distance between places.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        WGS-84 degrees; scalars or arrays that broadcast.

    Returns
    -------
    FloatArray
        Metres, of the broadcast shape (a scalar for scalars). Exact on the sphere down to
        micrometres; NaN where a coordinate is.
    """
    lon1, lat1, lon2, lat2 = (
        np.radians(np.asarray(value, dtype=np.float64)) for value in (lon1, lat1, lon2, lat2)
    )
    chord = (
        np.sin((lat2 - lat1) / 2.0) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2.0) ** 2
    )
    # Rounding may lift antipodes a hair above 1.
    distance: FloatArray = 2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distance


def bearing_deg(lon1: Degrees, lat1: Degrees, lon2: Degrees, lat2: Degrees) -> FloatArray:
    """Measure the initial bearing of the great circle from the first place to the second.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        WGS-84 degrees; scalars or arrays that broadcast.

    Returns
    -------
    FloatArray
        Degrees clockwise from true north in [0, 360); 0 between equal places.
    """
    lon1, lat1, lon2, lat2 = (
        np.radians(np.asarray(value, dtype=np.float64)) for value in (lon1, lat1, lon2, lat2)
    )
    turn = lon2 - lon1
    # cos(lat1) sin(lat2) - sin(lat1) cos(lat2) cos(turn), without the cancellation at short range.
    north = np.sin(lat2 - lat1) + 2.0 * np.sin(lat1) * np.cos(lat2) * np.sin(turn / 2.0) ** 2
    east = np.sin(turn) * np.cos(lat2)
    bearing = np.mod(np.degrees(np.arctan2(east, north)), 360.0)
    # A hair west of north comes out of the modulo as 360.
    folded: FloatArray = np.where(bearing >= 360.0, 0.0, bearing)[()]
    return folded


def angle_between_deg(first: Degrees, second: Degrees) -> FloatArray:
    """Measure the angle between two directions, whichever way round is shorter.

    Parameters
    ----------
    first, second
        Bearings in degrees, of any turn; scalars or arrays that broadcast.

    Returns
    -------
    FloatArray
        Degrees in [0, 180].
    """
    apart = np.mod(
        np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64), 360.0
    )
    angle: FloatArray = np.minimum(apart, 360.0 - apart)
    return angle


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A metric plane around one place: x metres east of it, y metres north of it.

    The equirectangular projection with the radii of the meridian and of the parallel through the
    origin. North-south distances are those of `haversine_m`; east-west ones are off by the share
    tan(lat0) * y / 6371 km: at 30 degrees north 0.01 % at 1 km, 0.1 % at 10 km and 0.5 % at 50 km
    north or south of the origin. Not for places within 5 degrees of a pole.

    Attributes
    ----------
    lon0, lat0
        Origin, WGS-84 degrees.
    """

    lon0: float
    lat0: float

    def to_xy(self, lon: Degrees, lat: Degrees) -> tuple[FloatArray, FloatArray]:
        """Project WGS-84 degrees to metres east and north; the short way round the date line."""
        turn = np.mod(np.asarray(lon, dtype=np.float64) - self.lon0 + 180.0, 360.0) - 180.0
        x: FloatArray = turn * self._metres_per_degree_east()
        y: FloatArray = (np.asarray(lat, dtype=np.float64) - self.lat0) * METRES_PER_DEGREE
        return x, y

    def to_lonlat(self, x: Degrees, y: Degrees) -> tuple[FloatArray, FloatArray]:
        """Turn metres east and north back into WGS-84 degrees, longitude in [-180, 180)."""
        turn = np.asarray(x, dtype=np.float64) / self._metres_per_degree_east()
        lon: FloatArray = turn + self.lon0
        # The modulo costs the last digits, so only what crosses the date line goes through it.
        lon = np.where(np.abs(lon) > 180.0, np.mod(lon + 180.0, 360.0) - 180.0, lon)[()]
        lat: FloatArray = np.asarray(y, dtype=np.float64) / METRES_PER_DEGREE + self.lat0
        return lon, lat

    def _metres_per_degree_east(self) -> float:
        return METRES_PER_DEGREE * math.cos(math.radians(self.lat0))


def local_plane(lon0: float, lat0: float) -> LocalPlane:
    """Lay a metric plane around a place (WGS-84 degrees); see LocalPlane for its accuracy."""
    return LocalPlane(float(lon0), float(lat0))


def cumulative_m(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Measure a polyline: (k,) metres from its begin to each of its k points, the first 0."""
    along = np.zeros(lon.shape[0], dtype=np.float64)
    np.cumsum(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), out=along[1:])
    return along


def polyline_lengths_m(lon: FloatArray, lat: FloatArray, offsets: OffsetArray) -> FloatArray:
    """Measure many polylines: (m,) metres (haversine), offsets (m + 1,) into the points."""
    step = np.zeros(lon.shape[0], dtype=np.float64)
    if lon.shape[0] > 0:
        step[1:] = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
        step[offsets[:-1]] = 0.0
    return np.add.reduceat(step, offsets[:-1]) if offsets.shape[0] > 1 else step[:0]


def points_at(lon: FloatArray, lat: FloatArray, offset_m: Degrees) -> tuple[FloatArray, FloatArray]:
    """Find the places at given metres along a polyline.

    Parameters
    ----------
    lon, lat
        (k,) WGS-84 degrees, k >= 1, not across the date line.
    offset_m
        Metres from the begin, scalar or array; cut to the length of the line.

    Returns
    -------
    tuple
        Longitudes and latitudes, of the shape of `offset_m`.
    """
    along = cumulative_m(lon, lat)
    offset = np.asarray(offset_m, dtype=np.float64)
    return np.interp(offset, along, lon), np.interp(offset, along, lat)
