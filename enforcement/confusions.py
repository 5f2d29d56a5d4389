"""What plate cameras take for one another: the table beside this file, read and checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any, Final

from enforcement.errors import EnforcementError
from ingest.plates import LONGEST_PLATE, normalise_plate

_FILE: Final = "confusions.toml"
_WEIGHTS: Final = ("most", "most_alone", "lost", "doubled", "other", "plate_class")
_GROUP_FIELDS: Final = ("characters", "weight", "source")
_GREATEST: Final = LONGEST_PLATE  # more than that would let every character differ


@dataclass(frozen=True, slots=True)
class Confusions:
    """How far apart two plates are.

    Attributes
    ----------
    most
        Plates farther apart than this do not look alike.
    most_alone
        The same where nobody has the plate as read and no other camera saw it near in time, if the
        other vehicle was seen near in time.
    lost, doubled, other
        Weight of one character that the camera missed, of one that it read twice, and of one that
        it took for another with which it is not confused as a rule.
    plate_class
        Weight of another plate class.
    pairs
        Weight of one character read as another, for every pair both ways.
    """

    most: int
    most_alone: int
    lost: int
    doubled: int
    other: int
    plate_class: int
    pairs: dict[tuple[str, str], int]


@cache
def standard_confusions() -> Confusions:
    """Return the table that comes with the program."""
    return parse_confusions(files(__package__).joinpath(_FILE).read_text("utf-8"), _FILE)


def parse_confusions(text: str, where: str) -> Confusions:
    """Read a table of confusions.

    Parameters
    ----------
    text
        TOML: each weight of `Confusions`, and groups of `characters`, `weight` and
        `source`. Every two characters of a group are confused; a pair of several groups has its
        least weight.
    where
        Name of the file, for errors.

    Raises
    ------
    EnforcementError
        The first thing wrong, with its place, field, value and what was expected.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EnforcementError("bad_toml", f"not TOML: {error}", where) from error
    _expect_fields(table, (*_WEIGHTS, "group"), where)
    weights = {name: _weight(table, name, where) for name in _WEIGHTS}
    groups = table["group"]
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise EnforcementError("bad_group", "group must be tables, [[group]]", where)
    pairs: dict[tuple[str, str], int] = {}
    for number, group in enumerate(groups, 1):
        place = f"{where}: group {number}"
        _expect_fields(group, _GROUP_FIELDS, place)
        weight = _weight(group, "weight", place)
        if not isinstance(group["source"], str) or not group["source"].strip():
            raise EnforcementError("no_source", "source must say where this is known from", place)
        for one, other in combinations(_characters(group["characters"], place), 2):
            least = min(weight, pairs.get((one, other), weight))
            pairs[one, other] = pairs[other, one] = least
    return Confusions(**weights, pairs=pairs)


def _expect_fields(table: dict[str, Any], names: tuple[str, ...], where: str) -> None:
    for name in names:
        if name not in table:
            raise EnforcementError("missing_field", f"{name} is missing", where)
    for name in table:
        if name not in names:
            raise EnforcementError(
                "unknown_field", f"{name} is not one of {', '.join(names)}", where
            )


def _weight(table: dict[str, Any], name: str, where: str) -> int:
    value = table[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _GREATEST:
        raise EnforcementError(
            "bad_weight",
            f"{name} is {value!r}, expected a whole number from 1 to {_GREATEST}",
            where,
        )
    return value


def _characters(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) < 2:
        raise EnforcementError(
            "bad_characters", f"characters is {value!r}, expected two or more", where
        )
    for place, character in enumerate(value):
        if not character.isalnum() or normalise_plate(character) != character:
            raise EnforcementError(
                "bad_characters", f"{character!r} stands on no normalised plate", where
            )
        if character in value[:place]:
            raise EnforcementError("bad_characters", f"{character!r} stands twice", where)
    return value
