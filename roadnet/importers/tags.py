"""What OpenStreetMap tags say of a road: its class, speed, direction, and who may drive it.

Keys and values as in the OSM wiki: Key:highway, Key:access, Key:oneway, Key:maxspeed, Key:layer. A value
that is not understood says nothing; a road is never dropped because of one.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Protocol

from roadnet.assemble import BACKWARD, BOTH_WAYS, FORWARD
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    ROAD_CLASSES,
)

# km/h where maxspeed says nothing; in the order of ROAD_CLASSES.
DEFAULT_SPEED_KMH: Final = (
    110.0,  # motorway
    60.0,
    80.0,  # trunk
    50.0,
    60.0,  # primary
    40.0,
    50.0,  # secondary
    40.0,
    50.0,  # tertiary
    40.0,
    40.0,  # unclassified
    30.0,  # residential
    10.0,  # living_street
    20.0,  # service
    20.0,  # track
    40.0,  # road
)
UNLIMITED_KMH: Final = 130.0
WALKING_KMH: Final = 7.0
_GREATEST_KMH: Final = 200.0
_KMH_PER_UNIT: Final = {
    "": 1.0,
    "km/h": 1.0,
    "kmh": 1.0,
    "kph": 1.0,
    "mph": 1.609344,
    "knots": 1.852,
}

# Limits that a country's law gives a kind of place, where the tag names only the kind ("CN:urban").
# Road Traffic Safety Law implementation, art. 45 (China): 50 in town, 70 outside it, one lane each way.
_PLACE_KMH: Final = {
    "urban": 50.0,
    "rural": 80.0,
    "trunk": 100.0,
    "motorway": 120.0,
    "living_street": 10.0,
    "bicycle_road": 30.0,
    "walk": WALKING_KMH,
}
_COUNTRY_KMH: Final = {
    "cn:rural": 70.0,
    "de:rural": 100.0,
    "de:motorway": UNLIMITED_KMH,
    "gb:nsl_single": 60 * 1.609344,
    "gb:nsl_dual": 70 * 1.609344,
    "gb:motorway": 70 * 1.609344,
}

_CLASS_CODE: Final = {name: code for code, name in enumerate(ROAD_CLASSES)}
_MOTORWAY: Final = _CLASS_CODE["motorway"]

# General to particular; of those given, the last counts. A lorry is `hgv` above 3.5 t, else `goods`.
_ACCESS_OF_ALL: Final = ("access", "vehicle", "motor_vehicle")
_ACCESS_OF_GOODS: Final = ("goods", "hgv")
# Whoever of these may drive keeps open a road that is closed to motor vehicles at large.
_ACCESS_OF_SOME: Final = (
    *_ACCESS_OF_GOODS,
    "motorcar",
    "motorcycle",
    "bus",
    "psv",
    "taxi",
    "tourist_bus",
    "coach",
    "agricultural",
    "emergency",
    "hazmat",
)
_CLOSED: Final = frozenset({"no", "use_sidepath", "dismount"})
_NOT_FOR_GOODS: Final = _CLOSED | {
    "private",
    "agricultural",
    "forestry",
    "agricultural;forestry",
    "emergency",
    "military",
    "official",
    "residents",
    "bus",
    "psv",
    "taxi",
}
_WITH_DESTINATION: Final = frozenset(
    {"destination", "delivery", "customers", "permit", "loading", "unloading"}
)
_ROUNDABOUTS: Final = frozenset({"roundabout", "circular"})
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
_SPEED: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots|)")
_ZONE: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)?:(?:zone:?)?(\d+)")


class Tags(Protocol):
    """Anything that tells the value of a key, a dict or osmium's TagList."""

    def get(self, key: str, default: None = None, /) -> str | None:
        """Return the value, None if the key is not there."""


class RoadTags(NamedTuple):
    """A road as its tags describe it; fields as in `roadnet.assemble.Way`."""

    road_class: int
    speed_kmh: float
    oneway: int
    flags: int
    layer: int
    name: str


def read_tags(tags: Tags) -> RoadTags | None:
    """Interpret the tags of a way.

    Parameters
    ----------
    tags
        OSM keys and values.

    Returns
    -------
    RoadTags | None
        None for what no motor vehicle drives on: other values of `highway` (footways, roads
        proposed or under construction), areas, and roads closed to all motor vehicles.
    """
    road_class = _CLASS_CODE.get(tags.get("highway") or "")
    if road_class is None or tags.get("area") == "yes":
        return None
    access_flags = _access_flags(tags)
    if access_flags is None:
        return None
    flags = access_flags
    if (tags.get("bridge") or "no") != "no":
        flags |= FLAG_BRIDGE
    if (tags.get("tunnel") or "no") != "no":
        flags |= FLAG_TUNNEL
    if tags.get("junction") in _ROUNDABOUTS:
        flags |= FLAG_ROUNDABOUT
    return RoadTags(
        road_class=road_class,
        speed_kmh=_speed_kmh(tags.get("maxspeed"), road_class),
        oneway=_oneway(tags, road_class),
        flags=flags,
        layer=_layer(tags.get("layer")),
        name=(tags.get("name") or tags.get("ref") or "").strip(),
    )


def _access_flags(tags: Tags) -> int | None:
    """Say what lorries may do: 0, FLAG_NO_GOODS or FLAG_DESTINATION; None if nobody may drive."""
    for_all = _last_given(tags, _ACCESS_OF_ALL)
    for_goods = _last_given(tags, _ACCESS_OF_GOODS)
    if (
        for_all in _CLOSED
        and (for_goods is None or for_goods in _CLOSED)
        and not any(_opens(tags.get(key)) for key in _ACCESS_OF_SOME)
    ):
        return None
    access = for_goods or for_all
    if access is None:
        return 0
    if access in _NOT_FOR_GOODS:
        return FLAG_NO_GOODS
    return FLAG_DESTINATION if access in _WITH_DESTINATION else 0


def _last_given(tags: Tags, keys: tuple[str, ...]) -> str | None:
    """Find the most particular value; `unknown` says nothing."""
    for key in reversed(keys):
        value = (tags.get(key) or "").strip().lower()
        if value and value != "unknown":
            return value
    return None


def _opens(value: str | None) -> bool:
    return value is not None and value.strip().lower() not in _CLOSED


def _oneway(tags: Tags, road_class: int) -> int:
    text = tags.get("oneway:motor_vehicle") or tags.get("oneway")
    direction = None if text is None else _ONEWAY.get(text.strip().lower())
    if direction is None:
        implied = road_class == _MOTORWAY or tags.get("junction") in _ROUNDABOUTS
        direction = FORWARD if implied else BOTH_WAYS
    if direction == BOTH_WAYS:
        # A direction closed to motor vehicles makes a one-way street of a two-way one.
        for key in ("motor_vehicle", "vehicle"):
            if (tags.get(f"{key}:backward") or "") in _CLOSED:
                return FORWARD
            if (tags.get(f"{key}:forward") or "") in _CLOSED:
                return BACKWARD
    return direction


def _speed_kmh(text: str | None, road_class: int) -> float:
    default = DEFAULT_SPEED_KMH[road_class]
    if text is None:
        return default
    # Several values: lanes or hours differ; the first is as good as any for the whole road.
    value = text.split(";")[0].split("|")[0].strip().lower()
    number = _SPEED.fullmatch(value)
    if number is not None:
        speed = float(number[1]) * _KMH_PER_UNIT[number[2]]
        return speed if 0.0 < speed <= _GREATEST_KMH else default
    zone = _ZONE.fullmatch(value)
    if zone is not None:
        speed = float(zone[1])
        return speed if 0.0 < speed <= _GREATEST_KMH else default
    if value == "none":
        return UNLIMITED_KMH
    country = _COUNTRY_KMH.get(value)
    return country if country is not None else _PLACE_KMH.get(value.rsplit(":", 1)[-1], default)


def _layer(text: str | None) -> int:
    """Read a layer; what is no whole number from -128 to 127 is 0."""
    try:
        layer = int((text or "0").split(";")[0])
    except ValueError:
        return 0
    return layer if -128 <= layer <= 127 else 0
