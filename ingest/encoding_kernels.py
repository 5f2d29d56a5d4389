"""Kernel that counts what is UTF-8 in some bytes and what is not."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from ingest.text_kernels import Whole, load_word

# Places in the counts.
INVALID, PAIRS, LONGER, PROVINCE_PAIRS = 0, 1, 2, 3

_HIGH_BITS = np.uint64(0x8080_8080_8080_8080)


@numba.njit(cache=True, nogil=True)
def count_utf8(text: npt.NDArray[np.uint8], final: bool, counts: npt.NDArray[np.int64]) -> Whole:
    """Add to the (4,) `counts` of `text` and return how many bytes at its end were left.

    Counted are runs of bytes that belong to no valid sequence, valid sequences of two and of more bytes, and
    pairs that are 鲁 or 豫 in GB18030 before a letter A-Z. Up to three bytes are left unless `final`,
    as their sequence may go on; a final sequence that is cut off is not invalid.
    """
    size = text.shape[0]
    at = 0
    broken = -1  # where the last broken run ended
    while at < size:
        first = text[at]
        if first < 0x80:
            if at + 8 <= size and (load_word(text, at) & _HIGH_BITS) == 0:
                at += 8
            else:
                at += 1
            continue
        if first >= 0xC2 and first <= 0xDF:
            length = 2
        elif first >= 0xE0 and first <= 0xEF:
            length = 3
        elif first >= 0xF0 and first <= 0xF4:
            length = 4
        else:
            counts[INVALID] += at != broken
            at += 1
            broken = at
            continue
        valid = True
        for place in range(1, length):
            if at + place >= size:
                break
            byte = text[at + place]
            valid = valid and (byte & 0xC0) == 0x80
            if place == 1:
                valid = valid and not (
                    (first == 0xE0 and byte < 0xA0)
                    or (first == 0xED and byte > 0x9F)
                    or (first == 0xF0 and byte < 0x90)
                    or (first == 0xF4 and byte > 0x8F)
                )
        if not valid:
            counts[INVALID] += at != broken
            at += 1
            broken = at
            continue
        # One more byte is needed to see the letter after a pair.
        if at + length + (1 if length == 2 else 0) > size and not final:
            return np.int64(size - at)
        if at + length > size:
            return 0
        if length > 2:
            counts[LONGER] += 1
        else:
            counts[PAIRS] += 1
            pair = (np.int64(first) << 8) | np.int64(text[at + 1])
            if pair in (0xC2B3, 0xD4A5) and at + 2 < size and 65 <= text[at + 2] <= 90:
                counts[PROVINCE_PAIRS] += 1
        at += length
    return 0
