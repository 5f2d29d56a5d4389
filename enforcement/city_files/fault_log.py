"""Faults and warnings of a city, collected over all its files."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enforcement.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN_LETTERS: Final = 60


class FaultLog:
    """Collects what is wrong, in the order in which it was found.

    Warnings that say the same of many places are told once, with the first place and a count.

    Attributes
    ----------
    fault_count
        How many faults there are so far: unchanged means that a part was read without one.
    """

    def __init__(self) -> None:
        self.fault_count = 0
        self._faults: list[Fault] = []
        self._warnings: dict[object, tuple[Fault, int]] = {}

    def fault(self, file: str, place: str, field: str, message: str, code: str) -> None:
        """Add a fault."""
        self.fault_count += 1
        self._faults.append(Fault(file, place, field, message, code))

    def warn(
        self,
        file: str,
        place: str,
        field: str,
        message: str,
        code: str,
        *,
        once_per: object | None = None,
    ) -> None:
        """Add a warning; those of one file, code and `once_per` are told as one."""
        key = (file, place, field, message, code) if once_per is None else (file, code, once_per)
        first, count = self._warnings.get(key, (None, 0))
        self._warnings[key] = (first or Fault(file, place, field, message, code), count + 1)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault so far."""
        return tuple(self._faults)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Every warning so far; of those told as one the count of further places is added."""
        return tuple(
            warning
            if count == 1
            else replace(warning, message=f"{warning.message} (and in {count - 1} more places)")
            for warning, count in self._warnings.values()
        )


def shown(value: object) -> str:
    """Write a value as a message quotes it, in JSON's words and cut when long."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = value if isinstance(value, str) else str(value)
    return f"`{text}`" if len(text) <= _SHOWN_LETTERS else f"`{text[:_SHOWN_LETTERS]}...`"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``, did you mean `x`?`` for the nearest known word, empty when none is near."""
    words = list(known)
    short = word.lower()
    found = difflib.get_close_matches(short, words, n=1, cutoff=0.7) or [
        longer for longer in words if len(short) > 3 and longer.startswith(short)
    ]
    return f", did you mean `{found[0]}`?" if found else ""
