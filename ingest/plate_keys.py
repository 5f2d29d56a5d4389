"""A plate as one 64-bit key, and back: exact, whatever the country.

A plate has exactly one key, and a key one plate:

* bit 63 clear: A-Z and 0-9 only, at most 12 characters, as digits 1 to 36 of a number in base 37;
* bits 63 and 62 are 10: at most 8 characters of `ALPHABET` that are not all A-Z and 0-9, seven
  bits each, the last one lowest;
* bits 63 and 62 are 11: the place of the text in the side table.

Key 0 (NO_PLATE) is no plate. Keys of the first two kinds mean the same everywhere and for ever, so
`ALPHABET` may grow at its end and must not change otherwise. Keys of the third kind mean something
to their `PlateKeys` only, except for the plates it was made with.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.hits import NO_PLATE, KeyArray
from ingest.plate_kernels import DROP, NEEDS_SLOW, OTHER, PLAIN_CODES, SLOW, pack
from ingest.plates import LONGEST_PLATE, PROVINCES, is_plausible, normalise_plate
from ingest.text_columns import TextColumn, text_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLAIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# GA 36 and older standards: special plates, then letters of military and other fleets.
_SPECIAL: Final = "挂学警港澳使领试超临应急民航消军空海北沈兰济南广成场厂内农林电通森金边特无"
# As some cameras write them; another plate than the simplified one, but soon confused with it.
TRADITIONAL_PROVINCES: Final = "贛粵滬蘇魯遼雲貴瓊陝寧"
ALPHABET: Final = _PLAIN + PROVINCES + _SPECIAL + TRADITIONAL_PROVINCES
_CODE_OF: Final = {character: code for code, character in enumerate(ALPHABET, 1)}

_CODE_POINTS: Final = np.zeros(128, dtype="<u4")
_CODE_POINTS[1 : len(ALPHABET) + 1] = [ord(character) for character in ALPHABET]

_PLAIN_SET: Final = frozenset(_PLAIN)
_ALPHABET_SET: Final = frozenset(ALPHABET)
_LONGEST_PACKED: Final = 8
_PACKED_MARK: Final = 0b10 << 62
SIDE_MARK: Final = 0b11 << 62
_SIDE_MASK: Final = (1 << 62) - 1
# Distinct raw spellings remembered by a table; a day of misreads has fewer.
_MOST_SPELLINGS: Final = 1 << 20


def _character_codes() -> npt.NDArray[np.uint8]:
    """Tell the kernel what each character of the basic plane does to a plate.

    Only characters whose meaning does not depend on their neighbours are decided there; these
    are A-Z, 0-9 and the alphabet, in any case and width, separators, and the rest of ASCII.
    """
    codes = np.full(1 << 16, SLOW, dtype=np.uint8)
    for point in (*range(0x80), *range(0xFF01, 0xFF5F), 0xB7, 0x2022, 0x30FB, 0x3000, 0x3002):
        normal = normalise_plate(chr(point))
        codes[point] = _CODE_OF.get(normal, OTHER) if normal else DROP
    for character, code in _CODE_OF.items():
        codes[ord(character)] = code
    codes.flags.writeable = False
    return codes


CHARACTER_CODES: Final = _character_codes()


def pack_plate(plate: str) -> int | None:
    """Pack a normalised plausible plate; None where it needs the side table."""
    if _PLAIN_SET.issuperset(plate):
        key = 0
        for character in plate:
            key = key * 37 + _CODE_OF[character]
        return key
    if len(plate) <= _LONGEST_PACKED and _ALPHABET_SET.issuperset(plate):
        key = 0
        for character in plate:
            key = key << 7 | _CODE_OF[character]
        return _PACKED_MARK | key
    return None


def unpack_plate(key: int) -> str | None:
    """Return the plate of a packed key; None for any other number, as a key of the side table."""
    if key >= SIDE_MARK or key <= NO_PLATE:
        return None
    codes = []
    rest = key & _SIDE_MASK if key >= _PACKED_MARK else key
    size = 1 << 7 if key >= _PACKED_MARK else PLAIN_CODES + 1
    while rest:
        rest, code = divmod(rest, size)
        codes.append(code)
    if not codes or min(codes) == 0 or max(codes) > len(ALPHABET):
        return None
    return "".join(ALPHABET[code - 1] for code in reversed(codes))


class PlateKeys:
    """Keys of plates, with the exact side table for those that do not pack; thread-safe.

    Parameters
    ----------
    side_plates
        Normalised plates whose side index is their place; others are appended as they come.
    """

    def __init__(self, side_plates: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        self._side: list[str] = list(side_plates)
        self._side_index = {plate: index for index, plate in reversed([*enumerate(self._side)])}
        self._spellings: dict[str, int] = {}

    @property
    def side_plates(self) -> tuple[str, ...]:
        """The side table as it stands, in order of index."""
        with self._lock:
            return tuple(self._side)

    def key(self, plate: str) -> int:
        """Return the key of a plate.

        Parameters
        ----------
        plate
            Normalised and plausible.

        Raises
        ------
        ValueError
            The plate is longer than any plausible one, or empty.
        """
        if not 0 < len(plate) <= LONGEST_PLATE:
            raise ValueError(f"not a plate: {plate!r}")
        packed = pack_plate(plate)
        if packed is not None:
            return packed
        index = self._side_index.get(plate)
        if index is None:
            with self._lock:
                index = self._side_index.get(plate)
                if index is None:
                    index = len(self._side)
                    self._side.append(plate)
                    self._side_index[plate] = index
        return SIDE_MARK | index

    def key_of_text(self, text: str) -> int:
        """Return the key of a plate as a source writes it, NO_PLATE when it is not plausible."""
        key = self._spellings.get(text)
        if key is None:
            plate = normalise_plate(text)
            key = self.key(plate) if is_plausible(plate) else NO_PLATE
            if len(self._spellings) >= _MOST_SPELLINGS:
                self._spellings = {}
            self._spellings[text] = key
        return key

    def keys_of_column(self, column: TextColumn) -> KeyArray:
        """Return (n,) uint64 keys of plates as a source writes them, NO_PLATE for unreadable."""
        keys = np.empty(len(column), dtype=np.uint64)
        undecided = pack(
            column.heads, column.inline, column.data, column.buffer_starts, CHARACTER_CODES, keys
        )
        if undecided:
            rows = np.flatnonzero(keys == NEEDS_SLOW)
            keys[rows] = [self.key_of_text(text) for text in column.texts(rows)]
        return keys

    def keys_of_texts(self, texts: Iterable[str | None]) -> KeyArray:
        """Return (n,) uint64 keys of plates as a source writes them, NO_PLATE for unreadable."""
        return self.keys_of_column(text_column(pa.array(texts, type=pa.string())))

    def text(self, key: int) -> str:
        """Return the plate of a key.

        Raises
        ------
        KeyError
            NO_PLATE, or a side key that this table never gave.
        """
        key = int(key)
        plate = unpack_plate(key)
        if plate is not None:
            return plate
        index = key & _SIDE_MASK
        if key < SIDE_MARK or index >= len(self._side):
            raise KeyError(key)
        return self._side[index]

    def texts(self, keys: KeyArray) -> npt.NDArray[np.object_]:
        """Return the plates of (n,) keys as an array of str, None for NO_PLATE."""
        distinct, place = np.unique(keys, return_inverse=True)
        plates = np.empty(distinct.size, dtype=object)
        packed = (distinct >= _PACKED_MARK) & (distinct < SIDE_MARK)
        plates[packed] = _packed_texts(distinct[packed])
        others = distinct[~packed].tolist()
        plates[~packed] = [None if key == NO_PLATE else self.text(key) for key in others]
        return plates[place]


def _packed_texts(keys: KeyArray) -> list[str]:
    """Return the plates of keys of seven bits a character, all at once."""
    shifts = np.arange(7 * (_LONGEST_PACKED - 1), -1, -7, dtype=np.uint64)
    codes = (keys[:, None] >> shifts) & np.uint64(127)
    points = _CODE_POINTS[codes].view(f"<U{_LONGEST_PACKED}")[:, 0]
    return [text.lstrip("\0") for text in points.tolist()]
