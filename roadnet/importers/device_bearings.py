"""Which way the vehicles travel that a device reads, from what OpenStreetMap says around it.

A device stands at the origin of a metric plane, x metres east and y metres north. Bearings are degrees
clockwise from true north, of the travel of the vehicles.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from roadnet.geodesy import angle_between_deg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.types import FloatArray

COMPASS: Final = (
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
    "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
)  # fmt: skip
_WORDS: Final = {
    "north": 0.0, "northeast": 45.0, "east": 90.0, "southeast": 135.0,
    "south": 180.0, "southwest": 225.0, "west": 270.0, "northwest": 315.0,
}  # fmt: skip
_SPAN_M: Final = 25.0  # a street's direction is read over this many metres
_NEAR_M: Final = 5.0  # places nearer than this say nothing of a direction
_SURE_M: Final = 15.0  # a device beside the road turns a shorter line of sight by too much
_BEND_DEG: Final = 60.0
_BEND: Final = "the road seems to bend at the device: taken as vehicles come to it"
_DEGREES: Final = re.compile(r"\d{1,3}(?:[.,]\d{1,6})?")
_ARC: Final = re.compile(r"(?P<first>\d{1,3}(?:\.\d{1,6})?) ?- ?(?P<last>\d{1,3}(?:\.\d{1,6})?)")


class Bearing(NamedTuple):
    """A direction of travel; None where it cannot be told, `doubt` says why or what is assumed."""

    degrees: float | None
    doubt: str = ""


class Member(NamedTuple):
    """A `from` or `to` of an enforcement relation as seen from its device.

    Attributes
    ----------
    xy
        (k, 2) metres from the device: one place of a node, two or more of a way.
    oneway
        1 along the way only, -1 against it only, 0 both.
    """

    xy: FloatArray
    oneway: int = 0


def compass_deg(text: str) -> float | None:
    """Read `NE`, `NNW` or `north-east`; None for anything else."""
    word = text.strip()
    if word.upper() in COMPASS:
        return COMPASS.index(word.upper()) * 22.5
    return _WORDS.get(re.sub(r"[\s_-]", "", word.lower()))


def looks_deg(text: str) -> list[float] | None:
    """Read where a device looks: `direction` or `camera:direction`.

    Parameters
    ----------
    text
        Degrees, compass words, or arcs such as `45-135` (their middle), several with `;` between.

    Returns
    -------
    list of float
        Degrees in [0, 360); None if a part of the text is something else.
    """
    found: list[float] = []
    for part in text.split(";"):
        word = part.strip().removesuffix("°")
        arc = _ARC.fullmatch(word)
        if arc is not None:
            first, last = float(arc["first"]), float(arc["last"])
            found.append((first + ((last - first) % 360.0) / 2.0) % 360.0)
            continue
        degrees = float(word.replace(",", ".")) if _DEGREES.fullmatch(word) else compass_deg(word)
        if degrees is None or degrees > 360.0:
            return None
        found.append(degrees % 360.0)
    return found


def bearing_between(begin: Member | None, end: Member | None) -> Bearing:
    """Tell the direction of travel at a device from the `from` and the `to` of its relation.

    Parameters
    ----------
    begin, end
        Where the enforced stretch begins and ends; None where the relation does not say.

    Returns
    -------
    Bearing
        From begin to end where both are places; where the road bends at the device, the direction
        in which vehicles come to it. A way counts by its last 25 m before the device, or its first
        behind it.
    """
    if begin is not None and len(begin.xy) > 1:
        return _along_way(begin, end, arriving=True)
    if end is not None and len(end.xy) > 1:
        if begin is not None and math.hypot(*begin.xy[0]) >= _SURE_M:
            return Bearing(_degrees(-begin.xy[0]))
        return _along_way(end, None, arriving=False)
    if begin is not None and end is not None:
        return _between_places(begin.xy[0], end.xy[0])
    if begin is not None:
        return _sight(-begin.xy[0], "from")
    return _sight(end.xy[0], "to") if end is not None else Bearing(None, "nothing is known of it")


def way_bearing(xy: FloatArray) -> float:
    """Return the direction of a (k, 2) line where it passes nearest the origin, over 25 m."""
    line = shapely.LineString(xy)
    at = line.project(shapely.Point(0.0, 0.0))
    begin = line.interpolate(max(at - _SPAN_M / 2.0, 0.0))
    end = line.interpolate(min(at + _SPAN_M / 2.0, line.length))
    return _degrees(np.array([end.x - begin.x, end.y - begin.y]))


def along_street(bearing: Bearing, headings: Sequence[float]) -> Bearing:
    """Turn a direction into that of the street, either way along it, that is nearest to it.

    A sighting from one place to another is off by the width of the road; the street itself is not.

    Parameters
    ----------
    bearing
        As told.
    headings
        Degrees of the streets at the device, along each.

    Returns
    -------
    Bearing
        The street's, if one lies within 45 degrees, or within 80 where the bearing itself is only a guess
        of a bend; its doubt is settled then. Else as it was.
    """
    if bearing.degrees is None or not headings:
        return bearing
    both = [*headings, *((heading + 180.0) % 360.0 for heading in headings)]
    apart = [float(angle_between_deg(bearing.degrees, heading)) for heading in both]
    best = int(np.argmin(apart))
    if apart[best] < 45.0:
        return Bearing(both[best], "" if bearing.doubt == _BEND else bearing.doubt)
    if apart[best] < 80.0 and bearing.doubt == _BEND:
        return Bearing(both[best])
    return bearing


def distinct(bearings: Sequence[float]) -> list[float]:
    """Leave out every bearing that lies less than 45 degrees from one before it."""
    kept: list[float] = []
    for bearing in bearings:
        if all(float(angle_between_deg(bearing, other)) >= 45.0 for other in kept):
            kept.append(bearing)
    return kept


def _between_places(begin: FloatArray, end: FloatArray) -> Bearing:
    through = end - begin
    if math.hypot(*through) < _NEAR_M:
        return Bearing(None, "from and to of its relation lie in one place")
    if min(math.hypot(*begin), math.hypot(*end)) >= _NEAR_M:
        coming, going = _degrees(-begin), _degrees(end)
        if float(angle_between_deg(coming, going)) > _BEND_DEG:
            return Bearing(coming if math.hypot(*begin) >= _SURE_M else _degrees(through), _BEND)
    return Bearing(_degrees(through))


def _sight(xy: FloatArray, role: str) -> Bearing:
    distance = math.hypot(*xy)
    if distance < _NEAR_M:
        return Bearing(None, f"the {role} of its relation lies where the device stands")
    doubt = (
        "" if distance >= _SURE_M else f"the {role} of its relation is only {distance:.0f} m away"
    )
    return Bearing(_degrees(xy), doubt)


def _along_way(way: Member, other: Member | None, *, arriving: bool) -> Bearing:
    """Read a direction off a way that leads to the device, or away from it."""
    line = shapely.LineString(way.xy)
    at = line.project(shapely.Point(0.0, 0.0))
    length = line.length
    if length < _NEAR_M:
        return Bearing(None, "a way of its relation is too short to have a direction")
    heading = way_bearing(way.xy)
    if way.oneway:
        return Bearing(heading if way.oneway > 0 else (heading + 180.0) % 360.0)
    before, behind = at, length - at
    if min(before, behind) <= _SPAN_M and before != behind:
        along = (before > behind) == arriving
        return Bearing(heading if along else (heading + 180.0) % 360.0)
    if other is not None:
        towards = _degrees(other.xy.mean(axis=0))
        off = float(angle_between_deg(towards, heading))
        if abs(off - 90.0) > 45.0:
            return Bearing(heading if off < 90.0 else (heading + 180.0) % 360.0)
    return Bearing(
        None, "a way of its relation passes the device and nothing says in which direction"
    )


def _degrees(xy: FloatArray) -> float:
    return math.degrees(math.atan2(float(xy[0]), float(xy[1]))) % 360.0
