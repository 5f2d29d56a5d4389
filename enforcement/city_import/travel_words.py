"""Directions of travel as tables of cameras write them: degrees, compass words, 由东向西."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from roadnet.importers.device_bearings import compass_deg

_CHINESE: Final = {
    "北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0,
    "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0,
}  # fmt: skip
_POINT: Final = "东北|东南|西北|西南|北东|南东|北西|南西|东|南|西|北"
_FROM_TO: Final = re.compile(
    rf"[由自从]?(?P<origin>{_POINT})[向往到至→➔>](?P<goal>{_POINT})(?:方向|行驶|行)?"
)
_TO: Final = re.compile(
    rf"[向往朝](?P<goal>{_POINT})(?:方向|行驶|行)?|(?P<bound>{_POINT})(?:向|行)(?:方向)?|(?P<bare>{_POINT})"
)
_APPROACH: Final = re.compile(rf"(?P<origin>{_POINT})(?:进口|进口道|入口方向)")
_TWO_WAYS: Final = re.compile(rf"(?:{_POINT}){{2}}(?:双?向|方向)")
_ALL: Final = frozenset(
    {"", "all", "both", "any", "双向", "全向", "全方向", "所有方向", "无", "null", "none", "-"}
)
_BOUND: Final = {"nb": "N", "eb": "E", "sb": "S", "wb": "W"}
_ENGLISH_FROM_TO: Final = re.compile(
    r"(?:from )?(?P<origin>[a-z -]+?) ?(?:to|->|→|/|>) ?(?P<goal>[a-z -]+)", re.IGNORECASE
)
_DEGREES: Final = re.compile(r"(-?\d{1,4}(?:[.,]\d{1,9})?) ?(?:°|度|deg|degrees)?", re.IGNORECASE)
_ALSO: Final = {"北东": "东北", "南东": "东南", "北西": "西北", "南西": "西南"}


class Travel(NamedTuple):
    """A direction of travel read from text.

    Attributes
    ----------
    degrees
        Clockwise from true north, in [0, 360); None for all directions, or after a fault.
    fault
        What was expected instead; empty when the text was understood.
    """

    degrees: float | None
    fault: str = ""


_EXPECTED: Final = "expected degrees 0 to 360, a compass word (N, NE, northbound), 由东向西 or 东向西; empty for all"


def travel_bearing(text: str) -> Travel:
    """Read a direction of travel.

    Parameters
    ----------
    text
        `271.5`, `271.5°`, `NE`, `north-east`, `westbound`, `WB`, `E to W`, `由东向西`, `东向西`, `向西`,
        `东进口` (vehicles that enter from the east); empty, `both` or `双向` is all directions. Where
        two points are named that are not opposite, vehicles turn: where they come from counts.

    Returns
    -------
    Travel
        Never raises.
    """
    word = unicodedata.normalize("NFKC", text).strip()
    if word.lower() in _ALL:
        return Travel(None)
    number = _DEGREES.fullmatch(word)
    if number is not None:
        degrees = float(number[1].replace(",", "."))
        if not 0.0 <= degrees <= 360.0:
            return Travel(None, "expected degrees 0 to 360")
        return Travel(degrees % 360.0)
    degrees_of_words = _chinese("".join(word.split()))
    if degrees_of_words is None:
        degrees_of_words = _english(word)
    if degrees_of_words is not None:
        return Travel(degrees_of_words)
    if _TWO_WAYS.fullmatch(word):
        return Travel(None, "names two directions: expected one of them, or a row for each")
    return Travel(None, _EXPECTED)


def _chinese(word: str) -> float | None:
    found = _FROM_TO.fullmatch(word) or _APPROACH.fullmatch(word)
    if found is not None:
        return (_point(found["origin"]) + 180.0) % 360.0
    found = _TO.fullmatch(word)
    return None if found is None else _point(found["goal"] or found["bound"] or found["bare"])


def _point(word: str) -> float:
    return _CHINESE[_ALSO.get(word, word)]


def _english(word: str) -> float | None:
    """Read compass words; of `E to W` where vehicles come from."""
    short = _BOUND.get(word.lower(), word)
    degrees = compass_deg(re.sub(r"[- ]?bound$", "", short, flags=re.IGNORECASE))
    if degrees is not None:
        return degrees
    found = _ENGLISH_FROM_TO.fullmatch(word)
    if found is None or compass_deg(found["goal"]) is None:
        return None
    origin = compass_deg(found["origin"])
    return None if origin is None else (origin + 180.0) % 360.0
