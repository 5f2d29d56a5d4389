"""Vehicle class: the words of the hit contract and their codes."""

from __future__ import annotations

from typing import Final

from ingest.hits import UNKNOWN_VEHICLE_CLASS, VEHICLE_CLASSES

_CODES: Final = {word: code for code, word in enumerate(VEHICLE_CLASSES)}


def vehicle_class_code(text: str | None) -> int:
    """Read a vehicle class, case and blanks around it ignored.

    Parameters
    ----------
    text
        A word of `ingest.hits.VEHICLE_CLASSES`, or None.

    Returns
    -------
    int
        Its place there, UNKNOWN_VEHICLE_CLASS when missing or any other text.
    """
    if text is None:
        return UNKNOWN_VEHICLE_CLASS
    return _CODES.get(text.strip().lower(), UNKNOWN_VEHICLE_CLASS)
