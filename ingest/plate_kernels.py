"""Kernels that turn the bytes of plates into keys and back."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

# What the character table holds beside the codes 1 to 127 of the packed alphabet.
OTHER = 0  # a character that no plate has; it makes the plate unreadable
SLOW = 254  # undecided here: Python normalises the text
DROP = 255  # a separator

PLAIN_CODES = 36  # codes 1 to 36 are A-Z and 0-9
FIRST_DIGIT_CODE = 27
LONGEST_PACKED = 8
LONGEST_PLAIN = 12
SHORTEST = 4
PACKED_MARK = np.uint64(0b10 << 62)
NEEDS_SLOW = np.uint64(0xFFFF_FFFF_FFFF_FFFF)  # no key: a side index never gets so large


@numba.njit(cache=True, nogil=True)
def _pack_one(
    text: npt.NDArray[np.uint8], start: int, length: int, codes: npt.NDArray[np.uint8]
) -> np.uint64:
    plain = np.uint64(0)
    packed = np.uint64(0)
    characters = 0
    has_digit = False
    has_other = False
    is_plain = True
    at = start
    end = start + length
    while at < end:
        first = text[at]
        if first < 0x80:
            code = codes[first]
            at += 1
        elif first >= 0xE0 and first < 0xF0 and at + 2 < end:
            second = text[at + 1]
            third = text[at + 2]
            if (second & 0xC0) != 0x80 or (third & 0xC0) != 0x80:
                return NEEDS_SLOW
            code = codes[
                (np.int64(first & 0x0F) << 12)
                | (np.int64(second & 0x3F) << 6)
                | np.int64(third & 0x3F)
            ]
            at += 3
        elif first >= 0xC2 and first < 0xE0 and at + 1 < end:
            second = text[at + 1]
            if (second & 0xC0) != 0x80:
                return NEEDS_SLOW
            code = codes[(np.int64(first & 0x1F) << 6) | np.int64(second & 0x3F)]
            at += 2
        else:
            return NEEDS_SLOW
        if code == DROP:
            continue
        if code == SLOW:
            return NEEDS_SLOW
        characters += 1
        if code == OTHER:
            has_other = True
        elif code <= PLAIN_CODES:
            has_digit |= code >= FIRST_DIGIT_CODE
        else:
            is_plain = False
        plain = plain * np.uint64(37) + np.uint64(code)
        packed = (packed << np.uint64(7)) | np.uint64(code)
    if has_other or not has_digit or characters < SHORTEST or characters > LONGEST_PLAIN:
        return np.uint64(0)
    if is_plain:
        return plain
    if characters > LONGEST_PACKED:
        return NEEDS_SLOW
    return PACKED_MARK | packed


@numba.njit(cache=True, nogil=True)
def pack(
    heads: npt.NDArray[np.int32],
    inline: npt.NDArray[np.uint8],
    data: npt.NDArray[np.uint8],
    buffer_starts: npt.NDArray[np.int64],
    codes: npt.NDArray[np.uint8],
    keys: npt.NDArray[np.uint64],
) -> int:
    """Fill `keys` with the key of each text, 0 when unreadable, NEEDS_SLOW when undecided.

    The first four arrays are those of a `TextColumn`; `codes` is (65536,) uint8 by code point.
    Returns how many are undecided.
    """
    undecided = 0
    for row in range(heads.shape[0]):
        length = heads[row, 0]
        if length == 0:
            keys[row] = np.uint64(0)
            continue
        if length <= 12:
            key = _pack_one(inline, row * 16 + 4, length, codes)
        else:
            start = buffer_starts[heads[row, 2]] + heads[row, 3]
            key = _pack_one(data, start, length, codes)
        keys[row] = key
        undecided += key == NEEDS_SLOW
    return undecided
