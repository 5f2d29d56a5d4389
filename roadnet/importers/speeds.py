"""How fast a road is driven, by OpenStreetMap's tags, else by its class and country.

Keys and values as in the OSM wiki: Key:maxspeed, Key:maxspeed:type, Key:source:maxspeed. A value that is
not understood says nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

# km/h where no tag says anything and the country is unknown; in the order of ROAD_CLASSES.
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

# Where the law of a country, or its design rules for city streets, differ from the defaults above.
# CN: implementation regulations of the Road Traffic Safety Law, art. 45 (one lane each way: 50 in town,
# 70 outside) and 78 (motorways 120); CJJ 37-2012, 3.2.1: arterials 40-60, collectors 30-50, branches 20-40.
# DE: StVO 3 (100 outside towns; motorways advised 130), sign 325.1 (living streets at walking speed).
# PT: Codigo da Estrada art. 27: 120 motorways, 100 roads reserved to motor vehicles, 20 living streets.
_CLASS_KMH: Final[Mapping[str, Mapping[str, float]]] = {
    "CN": {"motorway": 120.0, "tertiary": 40.0, "tertiary_link": 30.0},
    "DE": {"motorway": UNLIMITED_KMH, "trunk": 100.0, "living_street": WALKING_KMH},
    "PT": {"motorway": 120.0, "trunk": 100.0, "living_street": 20.0},
}

# Limits that a country's law gives a kind of place, where the tag names only the kind ("CN:urban").
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
    "de:living_street": WALKING_KMH,
    "pt:rural": 90.0,
    "pt:living_street": 20.0,
    "gb:nsl_single": 60 * 1.609344,
    "gb:nsl_dual": 70 * 1.609344,
    "gb:motorway": 70 * 1.609344,
}
# The most particular first; a kind of place in any of the last four is as good as in maxspeed.
_KEYS: Final = (
    "maxspeed:hgv",
    "maxspeed:goods",
    "maxspeed",
    "maxspeed:type",
    "source:maxspeed",
    "zone:maxspeed",
    "zone:traffic",
)
_SPEED: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots|)")
_ZONE: Final = re.compile(r"(?:[a-z]{2}(?:-[a-z]+)?:)?(?:zone:?)?(\d+)")


def default_speed_kmh(road_class: int, country: str = "") -> float:
    """Give the speed of a class of road.

    Parameters
    ----------
    road_class
        Code in `roadnet.types.ROAD_CLASSES`.
    country
        ISO 3166 code, of a country or a part of one; empty where unknown.

    Returns
    -------
    float
        km/h.
    """
    own = _CLASS_KMH.get(country.partition("-")[0].upper(), {})
    return own.get(ROAD_CLASSES[road_class], DEFAULT_SPEED_KMH[road_class])


def speed_kmh(tags: Mapping[str, str], road_class: int, country: str) -> float:
    """Interpret the speed limit of lorries among tags.

    Parameters
    ----------
    tags
        Of one direction of a road.
    road_class, country
        As for `default_speed_kmh`, which holds where no tag is understood.

    Returns
    -------
    float
        km/h, above 0 and at most 200.
    """
    for key in _KEYS:
        text = tags.get(key)
        if text:
            speed = _speed(text)
            if speed is not None:
                return speed
    return default_speed_kmh(road_class, country)


def _speed(text: str) -> float | None:
    # Several values: lanes or hours differ; the first is as good as any for the whole road.
    value = text.split(";", maxsplit=1)[0].split("|", maxsplit=1)[0].strip().lower()
    number = _SPEED.fullmatch(value)
    if number is not None:
        speed = float(number[1]) * _KMH_PER_UNIT[number[2]]
        return speed if 0.0 < speed <= _GREATEST_KMH else None
    zone = _ZONE.fullmatch(value)
    if zone is not None:
        speed = float(zone[1])
        return speed if 0.0 < speed <= _GREATEST_KMH else None
    if value == "none":
        return UNLIMITED_KMH
    country = _COUNTRY_KMH.get(value)
    return country if country is not None else _PLACE_KMH.get(value.rsplit(":", 1)[-1])
