"""Plate class: the two-digit code of GA 24.7, or unknown."""

from __future__ import annotations

from typing import Final

from ingest.hits import NO_PLATE_CLASS

# GA 24.7 numbers 01 to 27, 31, 32, 51 and 52. 41 to 44 say that the plate is none, false, misused
# or unrecognised and 99 is "other": as a value each would match no permit and accuse every
# vehicle of that sender, so they are unknown like everything outside the standard.
PLATE_CLASSES: Final = (*range(1, 28), 31, 32, 51, 52)
_LONGEST_CODE: Final = 2


def plate_class_code(text: str | float | None) -> int:
    """Read a plate class; it is never guessed from anything else.

    Parameters
    ----------
    text
        One or two ASCII digits as text or number (``1``, ``"02"``, ``52``), blanks around it
        ignored; None and NaN are missing.

    Returns
    -------
    int
        The code as a number, NO_PLATE_CLASS when missing or not a class of GA 24.7.
    """
    if isinstance(text, float):
        text = int(text) if text.is_integer() else None
    if text is None or isinstance(text, bool):
        return NO_PLATE_CLASS
    digits = str(text).strip()
    if len(digits) > _LONGEST_CODE or not (digits.isascii() and digits.isdigit()):
        return NO_PLATE_CLASS
    code = int(digits)
    return code if code in PLATE_CLASSES else NO_PLATE_CLASS


def plate_class_text(code: int) -> str | None:
    """Write a plate class as two digits, None for NO_PLATE_CLASS."""
    return None if code == NO_PLATE_CLASS else f"{code:02d}"
