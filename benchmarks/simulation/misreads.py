"""What a reader makes of a plate that it does not read rightly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.simulation.fleet import LETTERS

if TYPE_CHECKING:
    import numpy as np

# Characters that readers take for each other.
LOOK_ALIKE: Final = {
    "0": "DQ", "D": "0Q", "Q": "0D", "1": "7T", "7": "1T", "T": "71", "8": "B3", "B": "8R", "3": "8",
    "2": "Z7", "Z": "2", "5": "S6", "S": "5", "6": "G5", "G": "6C", "C": "G", "U": "V", "V": "UY",
    "Y": "V", "M": "N", "N": "MH", "H": "N", "K": "X", "X": "K", "E": "F", "F": "E", "P": "R", "R": "P",
    "4": "A", "A": "4", "9": "8", "W": "M", "L": "1", "J": "3",
    "赣": "贛皖", "湘": "浙", "浙": "湘", "皖": "赣", "闽": "粤", "粤": "闽", "苏": "鄂", "鄂": "苏",
}  # fmt: skip
_NOTHING_READ: Final = ("无车牌", "未识别", "无牌", "unknown", "-", "")


def misread(plate: str, odd: float, random: np.random.Generator) -> str:
    """Return a plate with one character, rarely two, taken for a similar one.

    A share `odd` of misreads is of another kind: a character is lost or doubled, or taken for any.
    """
    if odd and random.random() < odd:
        return _oddly(plate, random)
    letters = list(plate)
    places = [i for i, letter in enumerate(letters) if letter.upper() in LOOK_ALIKE]
    for place in (
        random.permutation(places)[: 1 if random.random() < 0.9 else 2].tolist() if places else []
    ):
        choices = LOOK_ALIKE[letters[place].upper()]
        letters[place] = choices[int(random.integers(len(choices)))]
    return "".join(letters)


def _oddly(plate: str, random: np.random.Generator) -> str:
    place = 2 + int(random.integers(len(plate) - 2))
    draw = random.random()
    if draw < 1 / 3:
        return plate[:place] + plate[place + 1 :]
    if draw < 2 / 3:
        return plate[:place] + plate[place] + plate[place:]
    any_character = "0123456789" + LETTERS
    taken_for = any_character[int(random.integers(len(any_character)))]
    return plate[:place] + taken_for + plate[place + 1 :]


def unread(plate: str, random: np.random.Generator) -> str | None:
    """Return what is sent for a plate that could not be read."""
    draw = random.random()
    if draw < 0.06:
        return None
    if draw < 0.45:
        return _NOTHING_READ[int(random.integers(len(_NOTHING_READ)))]
    letters = list(plate)
    for place in random.permutation(len(letters))[: 1 + int(random.integers(3))].tolist():
        letters[place] = "?"
    return "".join(letters)
