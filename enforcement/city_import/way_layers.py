"""The values that tags of a way lay over each other for one vehicle class, the less important first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from roadnet.importers.conditions import (
    ACCESS_KEYS,
    CONDITIONAL,
    Clause,
    Limit,
    parse_conditional,
)
from roadnet.importers.limits import read_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enforcement.city_import.goods_classes import GoodsClass

GOODS_KEYS: Final = ("goods", "hgv")
WEIGHT_KEYS: Final = ("maxweight", "maxweightrating")
SIZE_KEYS: Final = ("maxheight", "maxwidth", "maxlength", "maxaxleload")
# Values of limits that name none.
NO_LIMIT: Final = frozenset(
    {
        "",
        "none",
        "no",
        "default",
        "unsigned",
        "unknown",
        "below_default",
        "no_sign",
        "no_indications",
    }
)


class Layer(NamedTuple):
    """One value of access, plain (no hours, no conditions) or conditional, and the tag that gives it."""

    clause: Clause
    tag: str
    conditional: bool


def access_layers(tags: Mapping[str, str], goods: GoodsClass, direction: str) -> Iterator[Layer]:
    """Yield the values of access for a class in one direction (`:forward` or `:backward`)."""
    if tags.get("highway") == "pedestrian":
        yield Layer(Clause("no"), "highway=pedestrian", conditional=False)
    for key in ACCESS_KEYS:
        if key not in GOODS_KEYS or key == goods.key:
            for name, value in _plain(tags, key, direction):
                if value != "unknown":
                    yield Layer(Clause(value), f"{name}={value}", conditional=False)
            yield from _conditional(tags, key, direction)


def weight_layers(tags: Mapping[str, str], goods: GoodsClass, direction: str) -> Iterator[Layer]:
    """Yield the limits of weight as values of access: `7.5` is `no @ (weight>7.5)`, `none` is `yes`."""
    for base in WEIGHT_KEYS:
        for key in (base, f"{base}:{goods.key}"):
            for name, value in _plain(tags, key, direction):
                yield Layer(_as_access(Clause(value)), f"{name}={value}", conditional=False)
            for layer in _conditional(tags, key, direction):
                yield layer._replace(clause=_as_access(layer.clause))


def limits_of(tags: Mapping[str, str], keys: tuple[str, ...]) -> Iterator[str]:
    """Yield the tags, of any vehicle and direction, that set a limit under one of some keys."""
    for name, value in tags.items():
        if name.partition(":")[0] in keys and value.strip().lower() not in NO_LIMIT:
            yield f"{name}={value}"


def _plain(tags: Mapping[str, str], key: str, direction: str) -> Iterator[tuple[str, str]]:
    for name in (key, key + direction):
        value = tags.get(name, "").strip().lower()
        if value:
            yield name, value


def _conditional(tags: Mapping[str, str], key: str, direction: str) -> Iterator[Layer]:
    for name in (key + CONDITIONAL, key + direction + CONDITIONAL):
        text = tags.get(name, "").strip()
        for clause in parse_conditional(text):
            yield Layer(clause, f"{name}={text}", conditional=True)


def _as_access(clause: Clause) -> Clause:
    if clause.value.strip().lower() in NO_LIMIT:
        return clause._replace(value="yes")
    tonnes = read_limits({"maxweight": clause.value}).max_weight_t
    if math.isinf(tonnes):
        return clause  # no weight that is known, and so no value of access either
    return clause._replace(value="no", limits=(*clause.limits, Limit("weight", ">", tonnes)))
