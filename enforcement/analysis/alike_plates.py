"""Plates that a camera may have read for one another, found by an index and not by a scan.

Every plate that a read may be a misreading of, some hundred, is looked for in a hash table of the
known plates. Two Bloom filters answer nearly all of them with no: one of the known plates, and, where
any character might stand at a place, one of the known plates without each of their characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.alike_plate_kernels import (
    LONGEST,
    fill_gap_filter,
    find_alike,
    hash_texts,
    spell,
)
from enforcement.index.plate_table import build_filter, empty_filter
from enforcement.index.plate_table_kernels import fill_table
from ingest.plate_keys import ALPHABET

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.confusions import Confusions

_ALPHABET: Final = np.array([0, *map(ord, ALPHABET)], np.uint32)
_FEWEST_SLOTS: Final = 16


class Alike(NamedTuple):
    """p pairs of a plate as read and a known plate that it may be.

    Attributes
    ----------
    read, known
        (p,) int64 places among the plates asked for and the plates known; by both, ascending.
    weight
        (p,) int64 how far apart they are; 0 for the same plate.
    """

    read: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    weight: npt.NDArray[np.int64]


class IndexArrays(NamedTuple):
    """Known plates as the kernels take them.

    `texts` (k, LONGEST) code points and `lengths` (k,); `slot_hash` and `slot_plate` the table and
    `plate_filter` the filter of their hashes, `gap_filter` that of their hashes without each of
    their characters. `letters` are the characters that stand at a place of plates of a length, a
    group, from ``letter_offsets[length * LONGEST + place]`` on.
    """

    texts: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.int64]
    slot_hash: npt.NDArray[np.uint64]
    slot_plate: npt.NDArray[np.int32]
    plate_filter: npt.NDArray[np.uint64]
    gap_filter: npt.NDArray[np.uint64]
    letters: npt.NDArray[np.uint32]
    letter_offsets: npt.NDArray[np.int64]


class ConfusionArrays(NamedTuple):
    """`Confusions` as the kernels take them.

    `characters` (c,) ascend; what each is taken for, of the letters of a group of `IndexArrays`, is
    `partners` and `weights` from `offsets` (groups, c + 1) on. `least` is the least weight of any
    pair.
    """

    characters: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]
    partners: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int64]
    least: int
    most: int
    lost: int
    doubled: int
    other: int


class FoundArrays(NamedTuple):
    """What the kernels write: the fields of `Alike`, in no order."""

    read: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    weight: npt.NDArray[np.int64]


class AlikePlates:
    """An index of known plates.

    A plate as read looks like a known plate if it is the same; if it has other characters at some
    places, each of which is confused with the known one, and their weights add up to at most
    `most`; if one character of the known plate is missing in it (`lost`); if one of its characters
    stands beside its like and without it the plate is the known one (`doubled`); or if it has
    another character at one place, with which the known one is not confused (`other`).

    Parameters
    ----------
    keys
        (k,) uint64 distinct keys of `ingest.plate_keys`.
    confusions
        What cameras take for one another.
    side_plates
        The side table that the keys point into (`Rules.side_plates`).
    """

    __slots__ = ("_confusions", "_index")

    def __init__(
        self,
        keys: npt.NDArray[np.uint64],
        confusions: Confusions,
        side_plates: Sequence[str] = (),
    ) -> None:
        texts, lengths = plate_texts(keys, side_plates)
        hashes = np.empty(keys.shape[0], np.uint64)
        hash_texts(texts, lengths, hashes)
        slots = 1 << max(2 * keys.shape[0], _FEWEST_SLOTS).bit_length()
        slot_hash = np.zeros(slots, np.uint64)
        slot_plate = np.zeros(slots, np.int32)
        fill_table(hashes, slot_hash, slot_plate)
        gap_filter = empty_filter(int(lengths.sum()))
        fill_gap_filter(texts, lengths, hashes, gap_filter)
        self._index = IndexArrays(
            texts,
            lengths,
            slot_hash,
            slot_plate,
            build_filter(hashes),
            gap_filter,
            *_letters(texts, lengths),
        )
        self._confusions = _confusion_arrays(
            confusions, self._index.letters, self._index.letter_offsets
        )

    def find(
        self, keys: npt.NDArray[np.uint64], side_plates: Sequence[str] = (), most: int | None = None
    ) -> Alike:
        """Find the known plates that each plate as read may be.

        Parameters
        ----------
        keys
            (r,) uint64 keys.
        side_plates
            The side table that these keys point into; a key beyond it is like nothing.
        most
            Plates farther apart do not look alike; None for `Confusions.most`.

        Returns
        -------
        Alike
            The plate itself too, if it is known.
        """
        texts, lengths = plate_texts(keys, side_plates)
        confusions = self._confusions if most is None else self._confusions._replace(most=most)
        text = np.zeros(LONGEST + 1, np.uint32)
        scratch = np.zeros((7, LONGEST + 1), np.int64)
        room = 2 * keys.shape[0]  # itself, and another
        while True:
            found = FoundArrays(*(np.empty(room, np.int64) for _ in FoundArrays._fields))
            count = find_alike(texts, lengths, self._index, confusions, text, scratch, found)
            if count <= room:
                break
            room = count
        order = np.lexsort((found.known[:count], found.read[:count]))
        return Alike(*(column[order] for column in found))


def plate_texts(
    keys: npt.NDArray[np.uint64], side_plates: Sequence[str] = ()
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return plates letter by letter.

    Parameters
    ----------
    keys
        (n,) keys of `ingest.plate_keys`.
    side_plates
        The side table that they point into.

    Returns
    -------
    texts, lengths
        (n, LONGEST) uint32 code points, zero behind the end, and (n,) int64 how many characters
        each plate has; 0 for NO_PLATE and for a key beyond the side table.
    """
    side = np.array(side_plates, f"<U{LONGEST}").view("<u4").reshape(-1, LONGEST)
    texts = np.zeros((keys.shape[0], LONGEST), np.uint32)
    lengths = np.empty(keys.shape[0], np.int64)
    spell(np.ascontiguousarray(keys), _ALPHABET, side, texts, lengths)
    return texts, lengths


def _letters(
    texts: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the distinct characters of each place of the plates of each length, and where each begins."""
    groups: list[npt.NDArray[np.uint32]] = []
    for length in range(LONGEST + 1):
        rows = texts[lengths == length]
        groups += [np.unique(rows[:, place]) for place in range(LONGEST)]
    offsets = np.cumsum([0, *(group.shape[0] for group in groups)], dtype=np.int64)
    return np.concatenate(groups), offsets


def _confusion_arrays(
    confusions: Confusions, letters: npt.NDArray[np.uint32], letter_offsets: npt.NDArray[np.int64]
) -> ConfusionArrays:
    pairs = sorted(
        (ord(one), ord(other), weight) for (one, other), weight in confusions.pairs.items()
    )
    table = np.array(pairs, np.int64).reshape(-1, 3)
    characters, begins = np.unique(table[:, 0], return_index=True)
    stands = np.stack(
        [np.isin(table[:, 1], group) for group in np.split(letters, letter_offsets[1:-1])]
    )
    before = np.cumsum(np.append(0, stands))
    first = np.arange(stands.shape[0])[:, None] * table.shape[0]
    _, pair = np.nonzero(stands)
    return ConfusionArrays(
        characters=characters.astype(np.uint32),
        offsets=before[first + np.append(begins, table.shape[0])],
        partners=table[pair, 1].astype(np.uint32),
        weights=table[pair, 2],
        least=min(confusions.pairs.values(), default=confusions.most),
        most=confusions.most,
        lost=confusions.lost,
        doubled=confusions.doubled,
        other=confusions.other,
    )
