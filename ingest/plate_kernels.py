"""Kernels that turn the bytes of plates into keys and back."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from ingest.text_kernels import Whole, load_word

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


# One bit, byte or field in each byte of a word.
# Where the bytes of a three-byte sequence of UTF-8 have fixed bits, and those bits.
_CJK_MASK = np.uint64(0xC0_C0_F0)
_CJK_LEAD = np.uint64(0x80_80_E0)
_ONES = np.uint64(0x0101_0101_0101_0101)
_HIGH_BITS = np.uint64(0x8080_8080_8080_8080)


@numba.njit(cache=True, nogil=True)
def _pack_usual(
    low: np.uint64, high: np.uint64, length: Whole, codes: npt.NDArray[np.uint8]
) -> np.uint64:
    """Pack a province character and three to seven of A-Z and 0-9; NEEDS_SLOW for all else.

    The text is in the bytes of `low` and then `high`, first byte lowest. Eight characters are
    handled at once, which takes a fifth of the time of the loop that knows every spelling.
    """
    rest = length - 3
    if rest < SHORTEST - 1 or rest >= LONGEST_PACKED or (low & _CJK_MASK) != _CJK_LEAD:
        return NEEDS_SLOW
    first = codes[
        (np.int64(low & np.uint64(0x0F)) << 12)
        | (np.int64((low >> np.uint64(8)) & np.uint64(0x3F)) << 6)
        | np.int64((low >> np.uint64(16)) & np.uint64(0x3F))
    ]
    if first <= PLAIN_CODES or first >= SLOW:
        return NEEDS_SLOW
    used = (np.uint64(1) << np.uint64(8 * rest)) - np.uint64(1)
    text = ((low >> np.uint64(24)) | (high << np.uint64(40))) & used
    # The highest bit of a byte of `text + k` tells whether the byte is at least 0x80 - k.
    digits = (text + np.uint64(0x50) * _ONES) & ~(text + np.uint64(0x46) * _ONES) & _HIGH_BITS
    letters = (text + np.uint64(0x3F) * _ONES) & ~(text + np.uint64(0x25) * _ONES) & _HIGH_BITS
    wanted = _HIGH_BITS & used
    if (text & _HIGH_BITS) != 0 or (digits | letters) & wanted != wanted or digits == 0:
        return NEEDS_SLOW
    # A to Z are 65 to 90 and become 1 to 26; 0 to 9 are 48 to 57 and become 27 to 36.
    text = text + (digits >> np.uint64(7)) * np.uint64(43) - (np.uint64(64) * _ONES & used)
    # First character highest, then seven bits each.
    text = ((text & np.uint64(0x00FF_00FF_00FF_00FF)) << np.uint64(8)) | (
        (text >> np.uint64(8)) & np.uint64(0x00FF_00FF_00FF_00FF)
    )
    text = ((text & np.uint64(0x0000_FFFF_0000_FFFF)) << np.uint64(16)) | (
        (text >> np.uint64(16)) & np.uint64(0x0000_FFFF_0000_FFFF)
    )
    text = ((text << np.uint64(32)) | (text >> np.uint64(32))) >> np.uint64(8 * (8 - rest))
    text = ((text & np.uint64(0x7F00_7F00_7F00_7F00)) >> np.uint64(1)) | (
        text & np.uint64(0x007F_007F_007F_007F)
    )
    text = ((text & np.uint64(0x3FFF_0000_3FFF_0000)) >> np.uint64(2)) | (
        text & np.uint64(0x0000_3FFF_0000_3FFF)
    )
    text = ((text >> np.uint64(32)) << np.uint64(28)) | (text & np.uint64(0x0FFF_FFFF))
    return PACKED_MARK | (np.uint64(first) << np.uint64(7 * rest)) | text


@numba.njit(cache=True, nogil=True)
def _pack_one(
    text: npt.NDArray[np.uint8], start: Whole, length: Whole, codes: npt.NDArray[np.uint8]
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
        length = np.int64(heads[row, 0])
        if length == 0:
            keys[row] = np.uint64(0)
            continue
        if length <= 12:
            low = np.uint64(load_word(inline, row * 16 + 4))
            high = np.uint64(heads[row, 3]) & np.uint64(0xFFFF_FFFF)
            key = _pack_usual(low, high, length, codes)
            if key == NEEDS_SLOW:
                key = _pack_one(inline, row * 16 + 4, length, codes)
        else:
            start = buffer_starts[heads[row, 2]] + heads[row, 3]
            key = _pack_one(data, start, length, codes)
        keys[row] = key
        undecided += key == NEEDS_SLOW
    return undecided
