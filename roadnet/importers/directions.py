"""The two directions of a road: which are driven, by whom, and what the tags say of each.

Keys and values as in the OSM wiki: Key:oneway, Forward & backward. A direction in which no motor
vehicle may drive is not there; one that is closed to lorries alone bears FLAG_NO_GOODS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from roadnet.importers.access import access_condition, access_flags
from roadnet.importers.limits import Limits, read_limits
from roadnet.importers.speeds import speed_kmh
from roadnet.types import FLAG_NO_GOODS
from roadnet.ways import BACKWARD, BOTH_WAYS, FORWARD

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDABOUTS: Final = frozenset({"roundabout", "circular"})
_ONEWAY: Final = {
    "yes": FORWARD,
    "true": FORWARD,
    "1": FORWARD,
    "-1": BACKWARD,
    "reverse": BACKWARD,
    "no": BOTH_WAYS,
    "false": BOTH_WAYS,
    "0": BOTH_WAYS,
    # Driven one way at a time and the other at another: both, for who judges a whole day.
    "reversible": BOTH_WAYS,
    "alternating": BOTH_WAYS,
}
_ONEWAY_OF_ALL: Final = ("oneway:motor_vehicle", "oneway:vehicle", "oneway")
_ONEWAY_OF_GOODS: Final = ("oneway:hgv", "oneway:goods")
_ONEWAY_AT_TIMES: Final = re.compile(r"(yes|-1)(\s*@\s*(?:\([^()]*\)|[^();]+))")


class Direction(NamedTuple):
    """One direction of a road; fields as in `roadnet.assemble.Way`, FLAG_* of access only."""

    speed_kmh: float
    flags: int
    limits: Limits
    condition: str


def read_directions(
    tags: Mapping[str, str], road_class: int, country: str
) -> tuple[Direction | None, Direction | None]:
    """Interpret the tags of a way for both directions.

    Parameters
    ----------
    tags
        OSM keys and values of a road.
    road_class
        Code in `roadnet.types.ROAD_CLASSES`.
    country
        ISO 3166 code, for speeds that no tag gives; empty where unknown.

    Returns
    -------
    tuple
        What is driven in the order of the way's points, and against it; None for what no motor vehicle
        drives.
    """
    oneway_of_all = _oneway(tags, _ONEWAY_OF_ALL)
    if oneway_of_all is None:
        # Motorways and roundabouts are one-way by themselves; a motorway_link is not.
        implied = tags["highway"] == "motorway" or tags.get("junction") in ROUNDABOUTS
        oneway_of_all = FORWARD if implied else BOTH_WAYS
    oneway_of_goods = _oneway(tags, _ONEWAY_OF_GOODS)
    if oneway_of_goods is None:
        oneway_of_goods = oneway_of_all
    both_alike = oneway_of_all == oneway_of_goods == BOTH_WAYS and not _differ(tags)
    found: list[Direction | None] = []
    for sense, word in ((FORWARD, "forward"), (BACKWARD, "backward")):
        if both_alike and found:
            found.append(found[0])
            continue
        for_all = oneway_of_all in {BOTH_WAYS, sense}
        for_goods = oneway_of_goods in {BOTH_WAYS, sense}
        if for_all or for_goods:
            found.append(_direction(_along(tags, word), road_class, country, for_goods=for_goods))
        else:
            found.append(None)
    return found[0], found[1]


def _direction(
    tags: Mapping[str, str], road_class: int, country: str, *, for_goods: bool
) -> Direction | None:
    flags = access_flags(tags)
    if flags is None:
        return None
    if not for_goods:
        flags = FLAG_NO_GOODS
    speed = speed_kmh(tags, road_class, country)
    return Direction(speed, flags, read_limits(tags), access_condition(tags))


def _oneway(tags: Mapping[str, str], keys: tuple[str, ...]) -> int | None:
    """Read the first of some keys whose value is understood."""
    for key in keys:
        direction = _ONEWAY.get(tags.get(key, "").strip().lower())
        if direction is not None:
            return direction
    return None


def _differ(tags: Mapping[str, str]) -> bool:
    return any("ward" in key for key in tags) or "oneway:conditional" in tags


def _along(tags: Mapping[str, str], word: str) -> Mapping[str, str]:
    """Give the tags as they hold in one direction: `hgv:forward=no` is `hgv=no` for `forward`."""
    if not _differ(tags):
        return tags
    along: dict[str, str] = {}
    particular: dict[str, str] = {}
    for key, value in tags.items():
        parts = key.split(":")
        if word in parts:
            parts.remove(word)
            particular[":".join(parts)] = value
        elif "forward" not in parts and "backward" not in parts:
            along[key] = value
    along |= particular
    at_times = _ONEWAY_AT_TIMES.fullmatch(tags.get("oneway:conditional", "").strip())
    # One-way at times is closed against it at those times.
    if at_times is not None and (word == "backward") == (at_times[1] == "yes"):
        along.setdefault("motor_vehicle:conditional", f"no{at_times[2]}")
    return along
