"""The bytes of an OpenLR line location: physical format, version 3 (OpenLR White Paper 1.5, 2012)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from roadnet.errors import RoadnetError

DISTANCE_STEP_M: Final = 58.6  # of "distance to next point"
SECTOR_DEG: Final = 11.25  # of bearings

_VERSION: Final = 3
_WITH_ATTRIBUTES: Final = 0b1000
_LINE: Final = _VERSION | _WITH_ATTRIBUTES
_ABSOLUTE: Final = 2**24 / 360.0
_RELATIVE: Final = 1e5  # decamicrodegrees
_FIRST_BYTES: Final = 7  # header, longitude and latitude of the first point
_POINT_BYTES: Final = 7
_LAST_BYTES: Final = 6


class OpenlrError(RoadnetError):
    """A location reference that cannot be written, read, or found on a network."""


@dataclass(frozen=True, slots=True)
class ReferencePoint:
    """A location reference point (LRP).

    Attributes
    ----------
    lon, lat
        WGS-84 degrees.
    frc, fow
        Functional road class 0-7 and form of way 0-7 of the line that leaves the point, of the
        last point: that comes to it.
    bearing
        Sector 0-31 of SECTOR_DEG each, from the point 20 m along that line.
    lowest_frc
        LFRCNP: the greatest FRC number on the way to the next point; 0 at the last.
    distance
        DNP: steps of DISTANCE_STEP_M to the next point; 0 at the last.
    """

    lon: float
    lat: float
    frc: int
    fow: int
    bearing: int
    lowest_frc: int = 0
    distance: int = 0


@dataclass(frozen=True, slots=True)
class LineReference:
    """A line: its points, and which share of its first and last leg lies outside it, in 256ths."""

    points: tuple[ReferencePoint, ...]
    positive_offset: int = 0
    negative_offset: int = 0


def to_base64(reference: LineReference) -> str:
    """Write a line location as base64.

    Raises
    ------
    OpenlrError
        `openlr_range`: points too far apart (0.32 degrees).
    """
    first, last = reference.points[0], reference.points[-1]
    lon, lat = _absolute(first.lon), _absolute(first.lat)
    data = bytearray([_LINE])
    data += lon.to_bytes(3, "big", signed=True) + lat.to_bytes(3, "big", signed=True)
    at = (_degrees(lon), _degrees(lat))
    for point in reference.points:
        if point is not first:
            steps = [round((point.lon - at[0]) * _RELATIVE), round((point.lat - at[1]) * _RELATIVE)]
            if max(map(abs, steps)) >= 2**15:
                raise OpenlrError("openlr_range", "two points are more than 0.32 degrees apart")
            data += b"".join(step.to_bytes(2, "big", signed=True) for step in steps)
            at = (at[0] + steps[0] / _RELATIVE, at[1] + steps[1] / _RELATIVE)
        data.append(point.frc << 3 | point.fow)
        if point is last:
            flags = (reference.positive_offset > 0) << 6 | (reference.negative_offset > 0) << 5
            data.append(flags | point.bearing)
        else:
            data += bytes((point.lowest_frc << 5 | point.bearing, point.distance))
    data += bytes(part for part in (reference.positive_offset, reference.negative_offset) if part)
    return base64.b64encode(bytes(data)).decode("ascii")


def from_base64(text: str) -> LineReference:
    """Read a line location from base64.

    Raises
    ------
    OpenlrError
        `openlr_malformed`: not base64, not a line location of version 3, or of a wrong length.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise OpenlrError("openlr_malformed", f"not base64: {error}") from error
    if not data or data[0] != _LINE:
        found = f"0x{data[0]:02x}" if data else "nothing"
        raise OpenlrError(
            "openlr_malformed", f"begins with {found}, expected 0x{_LINE:02x}: a line of version 3"
        )
    offsets = (len(data) - _FIRST_BYTES - 3 - _LAST_BYTES) % _POINT_BYTES
    middle = (len(data) - _FIRST_BYTES - 3 - _LAST_BYTES) // _POINT_BYTES
    if middle < 0 or offsets > 2:
        raise OpenlrError("openlr_malformed", f"{len(data)} bytes are no line location")
    lon = _degrees(int.from_bytes(data[1:4], "big", signed=True))
    lat = _degrees(int.from_bytes(data[4:7], "big", signed=True))
    points = []
    place = _FIRST_BYTES
    for number in range(middle + 2):
        if number > 0:
            lon += int.from_bytes(data[place : place + 2], "big", signed=True) / _RELATIVE
            lat += int.from_bytes(data[place + 2 : place + 4], "big", signed=True) / _RELATIVE
            place += 4
        is_last = number == middle + 1
        kind, second = data[place], data[place + 1]
        points.append(
            ReferencePoint(
                lon,
                lat,
                frc=kind >> 3 & 7,
                fow=kind & 7,
                bearing=second & 31,
                lowest_frc=0 if is_last else second >> 5,
                distance=0 if is_last else data[place + 2],
            )
        )
        place += 2 if is_last else 3
    flags = data[place - 1]
    if (flags >> 6 & 1) + (flags >> 5 & 1) != offsets:
        raise OpenlrError("openlr_malformed", f"{len(data)} bytes do not fit the flags of offsets")
    positive = data[place] if flags >> 6 & 1 else 0
    negative = data[-1] if flags >> 5 & 1 else 0
    return LineReference(tuple(points), positive, negative)


def _absolute(degrees: float) -> int:
    sign = (degrees > 0) - (degrees < 0)
    return int(sign * 0.5 + degrees * _ABSOLUTE)


def _degrees(steps: int) -> float:
    sign = (steps > 0) - (steps < 0)
    return (steps - sign * 0.5) / _ABSOLUTE
