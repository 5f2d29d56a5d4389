"""Who may drive a road, by OpenStreetMap's tags: closed, closed to lorries, for destinations, at times.

Keys and values as in the OSM wiki: Key:access, Key:hgv, Conditional restrictions. All functions read
the tags of one direction of a road (see `roadnet.importers.directions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from roadnet.types import FLAG_DESTINATION, FLAG_NO_GOODS

if TYPE_CHECKING:
    from collections.abc import Mapping

# General to particular; of those given, the last counts. A lorry is `hgv` above 3.5 t, else `goods`.
ACCESS_OF_ALL: Final = ("access", "vehicle", "motor_vehicle")
ACCESS_OF_GOODS: Final = ("goods", "hgv")
# Whoever of these may drive keeps open a road that is closed to motor vehicles at large.
ACCESS_OF_SOME: Final = (
    *ACCESS_OF_GOODS,
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
NOT_FOR_GOODS: Final = _CLOSED | {
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


def access_flags(tags: Mapping[str, str]) -> int | None:
    """Say what lorries may do, whatever the hour.

    Parameters
    ----------
    tags
        Of one direction of a road. `unsuitable` and `discouraged` are advice, no ban.

    Returns
    -------
    int | None
        0, FLAG_NO_GOODS or FLAG_DESTINATION; None if no motor vehicle may drive.
    """
    for_all = last_given(tags, ACCESS_OF_ALL)
    for_goods = last_given(tags, ACCESS_OF_GOODS)
    if (
        for_all in _CLOSED
        and (for_goods is None or for_goods in _CLOSED)
        and not any(_opens(tags.get(key)) for key in ACCESS_OF_SOME)
    ):
        return None
    access = for_goods or for_all
    if access is None:
        return 0
    if access in NOT_FOR_GOODS:
        return FLAG_NO_GOODS
    return FLAG_DESTINATION if access in _WITH_DESTINATION else 0


def access_condition(tags: Mapping[str, str]) -> str:
    """Find what the access of lorries depends on, in the words of the tag.

    Parameters
    ----------
    tags
        Of one direction of a road.

    Returns
    -------
    str
        The most particular conditional value for lorries, as `no @ (Mo-Fr 07:00-19:00)`; empty where
        there is none, or where a more particular key holds at all times. It closes nothing by itself.
    """
    for key in reversed((*ACCESS_OF_ALL, *ACCESS_OF_GOODS)):
        text = " ".join(tags.get(f"{key}:conditional", "").split())
        if text:
            return text
        if last_given(tags, (key,)) is not None:
            return ""
    return ""


def last_given(tags: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    """Find the most particular value; `unknown` says nothing."""
    for key in reversed(keys):
        value = tags.get(key, "").strip().lower()
        if value and value != "unknown":
            return value
    return None


def _opens(value: str | None) -> bool:
    return value is not None and value.strip().lower() not in _CLOSED
