"""Which vehicles of the hit contract OpenStreetMap means by `hgv`, `goods` and a weight.

A camera sees a vehicle's class, never its weight. So a ban by weight reaches a class only where it reaches
every vehicle of it: nobody is suspected who may be allowed.

Sources: GA 802 (classes by permissible mass: heavy from 12 t, medium from 4.5 t, light below it, mini
to 1.8 t); OSM wiki, Key:hgv (goods vehicles above 3.5 t), Key:goods (up to 3.5 t).
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from roadnet.importers.conditions import Limit


class Holds(IntEnum):
    """Whether a condition holds for the vehicles of a class."""

    FOR_NONE = 0
    FOR_SOME = 1
    FOR_ALL = 2


class GoodsClass(NamedTuple):
    """A vehicle class: its key of access, and its permissible mass in tonnes, half-open."""

    name: str
    key: str
    least_t: float
    most_t: float


GOODS_CLASSES: Final = (
    GoodsClass("heavy_truck", "hgv", 12.0, math.inf),
    GoodsClass("medium_truck", "hgv", 4.5, 12.0),
    GoodsClass("tractor", "hgv", 3.5, math.inf),
    GoodsClass("light_truck", "goods", 1.8, 4.5),
    GoodsClass("mini_truck", "goods", 0.0, 1.8),
)

# Conditions about kinds of vehicles and users that are no trucks.
_OTHERS: Final = frozenset(
    {
        "agricultural", "forestry", "emergency", "psv", "bus", "tourist_bus", "coach", "taxi", "hov",
        "carpool", "bicycle", "moped", "mofa", "motorcycle", "motorcar", "car", "electric_bicycle",
        "foot", "horse", "disabled", "resident", "residents", "caravan", "motorhome", "carriage",
        "permit", "permit_holder",
    }
)  # fmt: skip
PURPOSES: Final = frozenset(
    {"destination", "delivery", "deliveries", "loading", "unloading", "customers", "customer"}
)


def limit_holds(limit: Limit, goods: GoodsClass) -> Holds:
    """Say whether a measure of the vehicle, `weight>7.5`, holds for a class.

    The mass that counts is the permissible one, as on the signs that such tags are taken from, for
    `weight` as for `weightrating`. Of axle loads and sizes a class says nothing.
    """
    if limit.quantity not in {"weight", "weightrating"} or limit.comparison == "=":
        return Holds.FOR_SOME
    above = limit.comparison.startswith(">")
    if goods.least_t >= limit.value:
        return Holds.FOR_ALL if above else Holds.FOR_NONE
    if goods.most_t <= limit.value:
        return Holds.FOR_NONE if above else Holds.FOR_ALL
    return Holds.FOR_SOME


def word_holds(word: str, goods: GoodsClass) -> Holds:
    """Say whether a condition that is one word, `agricultural` or `hgv`, holds for a class."""
    plain = word.strip().lower()
    if plain in _OTHERS:
        return Holds.FOR_NONE
    if plain in {"hgv", "goods"}:
        return Holds.FOR_ALL if plain == goods.key else Holds.FOR_NONE
    return Holds.FOR_SOME
