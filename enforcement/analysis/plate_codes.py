"""Plate keys as rows of character codes, for comparing plates letter by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

LONGEST: Final = 12
_PACKED: Final = 8
_PACKED_MARK: Final = np.uint64(0b10 << 62)
_SIDE_MARK: Final = np.uint64(0b11 << 62)
_PLAIN_BASE: Final = np.uint64(37)


def plate_codes(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """Return the characters of plates.

    Parameters
    ----------
    keys
        (n,) keys of `ingest.plate_keys`.

    Returns
    -------
    numpy.ndarray
        (n, LONGEST) codes of its ALPHABET from 1, left-aligned, 0 behind the end; all 0 for a
        plate of the side table, which has characters that are in no table of confusions.
    """
    codes = np.zeros((keys.shape[0], LONGEST), np.uint8)
    packed = (keys >= _PACKED_MARK) & (keys < _SIDE_MARK)
    shifts = np.arange(7 * (_PACKED - 1), -1, -7, dtype=np.uint64)
    codes[packed, :_PACKED] = (keys[packed, None] >> shifts) & np.uint64(127)
    # The mark is in no character: eight of seven bits are 56, and the plate's first stands higher.
    codes[packed, 0] &= np.uint8(127)
    plain = keys < _PACKED_MARK
    rest = keys[plain]
    digits = np.zeros((rest.shape[0], LONGEST), np.uint8)
    for place in range(LONGEST - 1, -1, -1):
        rest, digits[:, place] = rest // _PLAIN_BASE, rest % _PLAIN_BASE
    codes[plain] = digits
    return _left_aligned(codes)


def _left_aligned(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Move each row's characters to its begin."""
    order = np.argsort(codes == 0, axis=1, kind="stable")
    return np.take_along_axis(codes, order, axis=1)
