"""Plates that a camera may have read for one another, found by an index and not by a scan.

Every known plate is filed under its text with each character left out of the comparison in turn,
under its text with each character lost, and under its text with the readily confused characters of
each group made one. A plate as read is looked up the same ways; what is found is compared letter
by letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.confusions import GROUPS, LOST_OR_DOUBLED, MOST, READILY, pair_costs
from enforcement.analysis.plate_codes import LONGEST, plate_codes
from ingest.plate_keys import ALPHABET

if TYPE_CHECKING:
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]
    Codes = npt.NDArray[np.uint8]

# Odd multipliers of a polynomial hash: one a place, then one for the place that is left out.
_FACTORS: Final = np.random.default_rng(20260301).integers(1, 1 << 63, 2 * LONGEST, dtype=np.uint64)
_WEIGHTS: Final = _FACTORS[:LONGEST] | np.uint64(1)
_LEFT_OUT: Final = _FACTORS[LONGEST:] | np.uint64(1)

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # odd: spreads keys to their high bits, each to one


class Alike(NamedTuple):
    """p pairs of a plate as read and a known plate that it may be.

    Attributes
    ----------
    read, known
        (p,) int64 places among the plates asked for and the plates filed; by both, ascending.
    cost
        (p,) float32 how far apart they are, at most `confusions.MOST`; 0 for the same text.
    """

    read: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    cost: npt.NDArray[np.float32]


class AlikePlates:
    """An index of known plates.

    Parameters
    ----------
    keys
        (k,) uint64 distinct keys of `ingest.plate_keys`.
    """

    __slots__ = (
        "_codes",
        "_cost",
        "_group",
        "_grouped",
        "_keys",
        "_known",
        "_lost",
        "_one_apart",
        "_whole",
    )

    def __init__(self, keys: npt.NDArray[np.uint64]) -> None:
        self._cost = pair_costs()
        self._group = _groups()
        self._codes = plate_codes(keys)
        every = np.arange(keys.shape[0])
        bits = int(keys.shape[0]).bit_length()
        self._known = keys
        self._keys = _filed(keys * _MIX, every, bits)
        known = np.flatnonzero(self._codes[:, 0])
        codes = self._codes[known]
        self._whole = _filed(_hashes(codes), every[known], bits)
        self._grouped = _filed(_hashes(self._group[codes]), every[known], bits)
        self._one_apart = _filed(*_spread(_without_each(codes), codes, every[known]), bits)
        self._lost = _filed(*_spread(_shortened(codes), codes, every[known]), bits)

    def find(self, keys: npt.NDArray[np.uint64]) -> Alike:
        """Find the known plates that each plate as read may be.

        Parameters
        ----------
        keys
            (r,) uint64 keys.

        Returns
        -------
        Alike
            The plate itself too, if it is known. A plate of the side table has characters that
            are in no table of confusions: it is like itself only.
        """
        codes = plate_codes(keys)
        rows = np.flatnonzero(codes[:, 0])
        read = codes[rows]
        pairs = [
            _looked_up(self._whole, _hashes(read), rows),
            _looked_up(self._grouped, _hashes(self._group[read]), rows),
            _looked_up(self._one_apart, *_spread(_without_each(read), read, rows)),
        ]
        one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
        cost = self._cost[codes[one], self._codes[other]].sum(axis=1, dtype=np.float32)
        lost = _looked_up(self._lost, _hashes(read), rows)
        doubled = _looked_up(self._whole, *_spread(_shortened(read), _twice(read), rows))
        one_self, itself = _looked_up(self._keys, keys * _MIX, np.arange(keys.shape[0]))
        same = keys[one_self] == self._known[itself]
        own = one_self[same], itself[same]
        one = np.concatenate((one, lost[0], doubled[0], own[0]))
        other = np.concatenate((other, lost[1], doubled[1], own[1]))
        more = np.full(lost[0].shape[0] + doubled[0].shape[0], LOST_OR_DOUBLED, np.float32)
        cost = np.concatenate((cost, more, np.zeros(own[0].shape[0], np.float32)))
        near = cost <= MOST
        one, other, cost = one[near], other[near], cost[near]
        order = np.lexsort((cost, other, one))
        one, other, cost = one[order], other[order], cost[order]
        first = np.ones(one.shape[0], np.bool_)
        first[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
        return Alike(one[first], other[first], cost[first])


def _groups() -> Codes:
    """Return (a + 1,) for each character the first of those that are readily taken for it."""
    group = np.arange(len(ALPHABET) + 1, dtype=np.uint8)
    for characters, cost in GROUPS:
        known = [ALPHABET.index(one) + 1 for one in characters if one in ALPHABET]
        if cost == READILY and known:
            group[known] = known[0]
    return group


def _hashes(codes: Codes) -> Hashes:
    """Return (n,) hashes of texts, their length included."""
    hashes: Hashes = (codes * _WEIGHTS).sum(axis=1, dtype=np.uint64)
    return hashes


def _without_each(codes: Codes) -> Hashes:
    """Return (n, LONGEST) hashes of the texts with one place left out of the comparison."""
    hashes: Hashes = _hashes(codes)[:, None] - codes * _WEIGHTS + _LEFT_OUT
    return hashes


def _shortened(codes: Codes) -> Hashes:
    """Return (n, LONGEST) hashes of the texts with one character taken out."""
    own = codes * _WEIGHTS
    moved = np.zeros_like(own)
    moved[:, 1:] = codes[:, 1:] * _WEIGHTS[:-1]
    before = np.cumsum(own, axis=1, dtype=np.uint64) - own
    behind = moved.sum(axis=1, dtype=np.uint64)[:, None] - np.cumsum(moved, axis=1, dtype=np.uint64)
    hashes: Hashes = before + behind
    return hashes


def _twice(codes: Codes) -> Codes:
    """Return the codes, 0 where a character does not stand beside its like."""
    alike = np.zeros(codes.shape, np.bool_)
    alike[:, 1:] = codes[:, 1:] == codes[:, :-1]
    return np.where(alike, codes, 0).astype(np.uint8)


def _spread(
    hashes: Hashes, codes: Codes, rows: npt.NDArray[np.int64]
) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the hashes of those places that have a character, and their rows."""
    row, place = np.nonzero(codes)
    return hashes[row, place], rows[row]


class _File(NamedTuple):
    """Rows filed under hashes: sorted uint64, a hash's high bits above the number of its row.

    Sorting numbers is several times faster than sorting a table. The bits of the hash that are
    left, 40 for a million plates, are as good as all of them.
    """

    entries: Hashes
    row_bits: np.uint64


def _filed(hashes: Hashes, rows: npt.NDArray[np.int64], row_bits: int) -> _File:
    """File rows, each below 2 ** row_bits, under hashes."""
    bits = np.uint64(row_bits)
    entries = np.sort((hashes >> bits << bits) | rows.astype(np.uint64))
    return _File(entries, bits)


def _looked_up(
    file: _File, hashes: Hashes, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pairs of a row that asks and a row that is filed under the same hash."""
    mask = (np.uint64(1) << file.row_bits) - np.uint64(1)
    low = hashes & ~mask
    first = np.searchsorted(file.entries, low, side="left")
    count = np.searchsorted(file.entries, low | mask, side="right") - first
    asked = np.repeat(np.arange(hashes.shape[0]), count)
    place = np.arange(asked.shape[0]) - np.repeat(np.cumsum(count) - count, count)
    known = file.entries[first[asked] + place] & mask
    return rows[asked], known.astype(np.int64)
