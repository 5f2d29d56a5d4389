"""Words for what a hit tells beside plate, place and time: colour of the plate, heading."""

from __future__ import annotations

from typing import Final

_COLOURS: Final = {
    "蓝": "blue",
    "黄": "yellow",
    "绿": "green",
    "渐变绿": "green",
    "黄绿": "yellow_green",
    "白": "white",
    "黑": "black",
}
_COLOUR_WORDS: Final = frozenset(_COLOURS.values())
_DIRECTIONS: Final = frozenset(
    (
        *("east", "west", "south", "north"),
        *("northeast", "southwest", "southeast", "northwest"),
        *("approaching", "departing"),
    )
)


def plate_colour_word(text: str | None) -> str | None:
    """Return a colour in the contract's words from English or Chinese (色 or not), else None."""
    if text is None:
        return None
    word = text.strip().lower()
    return word if word in _COLOUR_WORDS else _COLOURS.get(word.removesuffix("色"))


def direction_word(text: str | None) -> str | None:
    """Return a direction in the contract's words, None for anything else."""
    word = "" if text is None else text.strip().lower()
    return word if word in _DIRECTIONS else None
