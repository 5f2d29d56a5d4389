"""Plates as text: one spelling for one plate, and whether a text can be a plate at all."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

# GA 36: the 31 province characters that begin a civil plate of mainland China.
PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

SHORTEST_PLATE: Final = 4
LONGEST_PLATE: Final = 12

_DOTS: Final = frozenset("·•‧∙⋅・･.。")
# Unicode's Dash_Punctuation is tested by category; these are dashes or hyphens outside it:
# low line, minus sign, soft hyphen (Unicode property Hyphen).
_OTHER_STROKES: Final = frozenset("_\N{MINUS SIGN}\N{SOFT HYPHEN}")
_ASCII_SEPARATORS: Final = {code: None for code in range(128) if chr(code).isspace()} | {
    ord(character): None for character in "-_."
}
# Composition after a removed separator can make new characters; more rounds than this are
# not known to happen, and the bound keeps hostile text from costing more.
_MOST_ROUNDS: Final = 8


def _is_separator(character: str) -> bool:
    return (
        character.isspace()
        or character in _DOTS
        or character in _OTHER_STROKES
        or unicodedata.category(character) == "Pd"
    )


def normalise_plate(text: str | float | None) -> str:
    """Spell a plate the one way in which plates are compared.

    NFKC, capitals; white space, dots, hyphens, dashes and ``_`` removed; repeated until nothing
    changes, so that ``normalise_plate(normalise_plate(x)) == normalise_plate(x)``. Every other
    character stays, so that ``赣C1?345`` does not become somebody else's plate.

    Parameters
    ----------
    text
        A plate as any source writes it; None, NaN and ``""`` are missing.

    Returns
    -------
    str
        The normalised plate, ``""`` when it is missing; not necessarily plausible.
    """
    if text is None or isinstance(text, float):
        return ""
    if text.isascii():
        return text.upper().translate(_ASCII_SEPARATORS)
    for _ in range(_MOST_ROUNDS):
        capitals = unicodedata.normalize("NFKC", text).upper()
        composed = unicodedata.normalize("NFKC", capitals)
        kept = "".join(character for character in composed if not _is_separator(character))
        if kept == text:
            break
        text = kept
    return text


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return "digit"
    return "letter" if category[0] == "L" else "other"


def is_plausible(plate: str) -> bool:
    """Tell whether a normalised plate can be one, in any country.

    Parameters
    ----------
    plate
        As `normalise_plate` returns it.

    Returns
    -------
    bool
        True for 4 to 12 characters, all letters (Unicode ``L*``) or decimal digits (``Nd``) of
        any script, at least one of them a digit. ``无车牌`` and ``UNKNOWN`` have none.
    """
    if not SHORTEST_PLATE <= len(plate) <= LONGEST_PLATE:
        return False
    kinds = {_kind(character) for character in plate}
    return "digit" in kinds and "other" not in kinds
