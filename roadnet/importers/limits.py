"""What a vehicle may weigh and measure on a road, by OpenStreetMap's tags.

Keys and values as in the OSM wiki: Key:maxweight, Key:maxweightrating, Key:maxheight, Key:maxwidth. A
value that is not understood, or that names no number (`default`, `below_default`), sets no limit.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Limits(NamedTuple):
    """The greatest weight in tonnes, height and width in metres; infinity where none is known."""

    max_weight_t: float = math.inf
    max_height_m: float = math.inf
    max_width_m: float = math.inf


# Of each group the first key that is there counts, and of all groups the least value: a bridge may
# bear so much, and its road be for lorries rated so much.
_WEIGHT_KEYS: Final = (
    ("maxweight:hgv", "maxweight:goods", "maxweight"),
    ("maxweightrating:hgv", "maxweightrating:goods", "maxweightrating"),
)
_HEIGHT_KEYS: Final = (("maxheight:hgv", "maxheight"), ("maxheight:physical",))
_WIDTH_KEYS: Final = (("maxwidth:hgv", "maxwidth"), ("maxwidth:physical",))

_FEET: Final = 0.3048
_INCHES: Final = 0.0254
_TONNES_PER_UNIT: Final = {
    "": 1.0,
    "t": 1.0,
    "ton": 1.0,
    "tons": 1.0,
    "tonnes": 1.0,
    "mt": 1.0,
    "kg": 0.001,
    "lb": 0.00045359237,
    "lbs": 0.00045359237,
    "st": 0.90718474,
    "lt": 1.0160469088,
    "cwt": 0.05080234544,
}
_METRES_PER_UNIT: Final = {
    "": 1.0,
    "m": 1.0,
    "metres": 1.0,
    "meters": 1.0,
    "cm": 0.01,
    "ft": _FEET,
    "feet": _FEET,
    "in": _INCHES,
}
_QUANTITY: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([a-z]*)")
_FEET_AND_INCHES: Final = re.compile(
    r"""([0-9]+(?:\.[0-9]+)?)\s*(?:'|′|ft|feet)\s*(?:([0-9]+(?:\.[0-9]+)?)\s*(?:"|″|''|in))?"""
)
# Beyond these a number is in another unit than it says, kilograms or centimetres say.
_WEIGHTS_T: Final = (0.1, 500.0)
_SIZES_M: Final = (0.5, 30.0)


def read_limits(tags: Mapping[str, str]) -> Limits:
    """Interpret the limits among tags.

    Parameters
    ----------
    tags
        Of one direction of a road, or of a barrier. Of several values (`3.5;7.5`) the least counts.

    Returns
    -------
    Limits
        Legal and physical limits alike.
    """
    if not any(key.startswith("max") for key in tags):
        return NO_LIMITS
    return Limits(
        _least(tags, _WEIGHT_KEYS, _TONNES_PER_UNIT, _WEIGHTS_T),
        _least(tags, _HEIGHT_KEYS, _METRES_PER_UNIT, _SIZES_M),
        _least(tags, _WIDTH_KEYS, _METRES_PER_UNIT, _SIZES_M),
    )


NO_LIMITS: Final = Limits()


def _least(
    tags: Mapping[str, str],
    groups: tuple[tuple[str, ...], ...],
    units: Mapping[str, float],
    sensible: tuple[float, float],
) -> float:
    found = math.inf
    for keys in groups:
        text = next((tags[key] for key in keys if tags.get(key)), "")
        for value in text.split(";"):
            number = _quantity(value.strip().lower(), units)
            if number is not None and sensible[0] <= number <= sensible[1]:
                found = min(found, number)
    return found


def _quantity(text: str, units: Mapping[str, float]) -> float | None:
    """Read a number with its unit, in the unit that has factor 1."""
    match = _QUANTITY.fullmatch(text)
    if match is not None and match[2] in units:
        return float(match[1].replace(",", ".")) * units[match[2]]
    if "m" in units:
        match = _FEET_AND_INCHES.fullmatch(text)
        if match is not None:
            return float(match[1]) * _FEET + float(match[2] or 0) * _INCHES
    return None
