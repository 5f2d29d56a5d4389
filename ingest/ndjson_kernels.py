"""Kernel that reads lines of JSON objects whose values are plain: no lists, no objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from ingest.text_kernels import load_word

if TYPE_CHECKING:
    from ingest.text_kernels import Whole

# Status of a row.
GOOD, UNDECIDED, TOO_LONG = 0, 1, 2
# Places in the state; those from SEEN on tell which keys occurred.
AT, ROWS, SCRATCH, LINE, SKIPPING, SEEN = 0, 1, 2, 3, 4, 5

LONGEST_LINE = 1 << 20
LONGEST_KEY = 16

_NEWLINE = 10
_QUOTE = 34
_BACKSLASH = 92

Bytes = npt.NDArray[np.uint8]


_ALL_BITS = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_ONES = np.uint64(0x0101_0101_0101_0101)
_HIGH_BITS = np.uint64(0x8080_8080_8080_8080)
_NEWLINES = np.uint64(0x0A0A_0A0A_0A0A_0A0A)
_QUOTES = np.uint64(0x2222_2222_2222_2222)
_BACKSLASHES = np.uint64(0x5C5C_5C5C_5C5C_5C5C)
_BLANKS = np.uint64(0x2020_2020_2020_2020)


@numba.njit(cache=True, nogil=True)
def _line_end(text: Bytes, at: Whole, end: Whole) -> Whole:
    while at + 8 <= end:
        word = np.uint64(load_word(text, at)) ^ _NEWLINES
        if (word - _ONES) & ~word & _HIGH_BITS != 0:
            break
        at += 8
    while at < end and text[at] != _NEWLINE:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _plain_end(text: Bytes, at: Whole, end: Whole) -> Whole:
    """Return where a quote, a backslash or a control character stands next, or the end."""
    while at + 8 <= end:
        word = np.uint64(load_word(text, at))
        quotes = word ^ _QUOTES
        strokes = word ^ _BACKSLASHES
        found = ((quotes - _ONES) & ~quotes) | ((strokes - _ONES) & ~strokes)
        if (found | ((word - _BLANKS) & ~word)) & _HIGH_BITS != 0:
            break
        at += 8
    while at < end and text[at] != _QUOTE and text[at] != _BACKSLASH and text[at] >= 0x20:
        at += 1
    return at


@numba.njit(cache=True, nogil=True, inline="always")
def _skip_blanks(text: Bytes, at: Whole, end: Whole) -> Whole:
    while at < end and (text[at] == 32 or text[at] == 9 or text[at] == 13):
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _hex4(text: Bytes, at: Whole, end: Whole) -> Whole:
    if at + 4 > end:
        return -1
    value = np.int64(0)
    for place in range(4):
        byte = np.int64(text[at + place])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif 65 <= byte <= 70:
            digit = byte - 55
        elif 97 <= byte <= 102:
            digit = byte - 87
        else:
            return -1
        value = (value << 4) | digit
    return value


@numba.njit(cache=True, nogil=True)
def _put_character(text: Bytes, at: Whole, point: Whole) -> Whole:
    if point < 0x80:
        text[at] = point
        return at + 1
    if point < 0x800:
        text[at] = 0xC0 | (point >> 6)
        text[at + 1] = 0x80 | (point & 0x3F)
        return at + 2
    if point < 0x10000:
        text[at] = 0xE0 | (point >> 12)
        text[at + 1] = 0x80 | ((point >> 6) & 0x3F)
        text[at + 2] = 0x80 | (point & 0x3F)
        return at + 3
    text[at] = 0xF0 | (point >> 18)
    text[at + 1] = 0x80 | ((point >> 12) & 0x3F)
    text[at + 2] = 0x80 | ((point >> 6) & 0x3F)
    text[at + 3] = 0x80 | (point & 0x3F)
    return at + 4


@numba.njit(cache=True, nogil=True)
def _unescape(text: Bytes, first: Whole, end: Whole, scratch: Whole) -> tuple[Whole, Whole]:
    """Write the string from `first` to its quote at `scratch`.

    Returns where it ends there, and the place of the quote, -1 where Python must look at it.
    """
    at = first
    while at < end:
        byte = text[at]
        if byte == _QUOTE:
            return scratch, at
        if byte < 0x20:
            return scratch, -1
        if byte != _BACKSLASH:
            text[scratch] = byte
            scratch += 1
            at += 1
            continue
        if at + 1 >= end:
            return scratch, -1
        kind = text[at + 1]
        at += 2
        if kind == 117:  # u
            point = _hex4(text, at, end)
            at += 4
            if 0xD800 <= point < 0xDC00 and at + 6 <= end:
                low = _hex4(text, at + 2, end)
                if text[at] != _BACKSLASH or text[at + 1] != 117 or not 0xDC00 <= low < 0xE000:
                    return scratch, -1
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00)
                at += 6
            elif point < 0 or 0xD800 <= point < 0xE000:
                return scratch, -1
            scratch = _put_character(text, scratch, point)
            continue
        if kind in (_QUOTE, _BACKSLASH, 47):
            text[scratch] = kind
        elif kind == 98:
            text[scratch] = 8
        elif kind == 102:
            text[scratch] = 12
        elif kind == 110:
            text[scratch] = 10
        elif kind == 114:
            text[scratch] = 13
        elif kind == 116:
            text[scratch] = 9
        else:
            return scratch, -1
        scratch += 1
    return scratch, -1


@numba.njit(cache=True, nogil=True)
def _digits(text: Bytes, at: Whole, end: Whole) -> Whole:
    while at < end and 48 <= text[at] <= 57:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _after_number(text: Bytes, at: Whole, end: Whole) -> Whole:
    """Return where a number of JSON's grammar ends, -1 if there is none."""
    if at < end and text[at] == 45:
        at += 1
    first = at
    at = _digits(text, at, end)
    if at == first or (text[first] == 48 and at - first > 1):
        return -1
    if at < end and text[at] == 46:
        first = at + 1
        at = _digits(text, first, end)
        if at == first:
            return -1
    if at < end and (text[at] | 0x20) == 101:
        at += 1
        if at < end and (text[at] == 43 or text[at] == 45):
            at += 1
        first = at
        at = _digits(text, first, end)
        if at == first:
            return -1
    return at


@numba.njit(cache=True, nogil=True)
def _after_literal(text: Bytes, at: Whole, end: Whole) -> Whole:
    """Return where ``true``, ``false``, ``null`` or Python's ``NaN`` ends, -1 if none is there."""
    if at + 3 <= end and text[at] == 78 and text[at + 1] == 97 and text[at + 2] == 78:
        return at + 3
    if at + 4 > end:
        return -1
    word = (
        (np.int64(text[at]) << 24)
        | (np.int64(text[at + 1]) << 16)
        | (np.int64(text[at + 2]) << 8)
        | np.int64(text[at + 3])
    )
    if word in (0x74727565, 0x6E756C6C):
        return at + 4
    if word == 0x66616C73 and at + 5 <= end and text[at + 4] == 101:
        return at + 5
    return -1


@numba.njit(cache=True, nogil=True, inline="always")
def _find_key(text: Bytes, first: Whole, length: Whole, keys: npt.NDArray[np.uint64]) -> np.int64:
    """Return the place of a key among the known ones, or -1."""
    if length == 0 or length > LONGEST_KEY:
        return np.int64(-1)
    low = np.uint64(load_word(text, first))
    high = np.uint64(0)
    if length <= 8:
        low &= _ALL_BITS >> np.uint64(64 - 8 * length)
    else:
        high = np.uint64(load_word(text, first + 8)) & (_ALL_BITS >> np.uint64(128 - 8 * length))
    found = np.int64(-1)
    for key in range(keys.shape[0]):
        if keys[key, 1] == low and keys[key, 2] == high and keys[key, 0] == np.uint64(length):
            found = np.int64(key)
    return found


@numba.njit(cache=True, nogil=True)
def _read_object(
    text: Bytes,
    at: Whole,
    end: Whole,
    keys: npt.NDArray[np.uint64],
    spans: npt.NDArray[np.int32],
    row: Whole,
    state: npt.NDArray[np.int64],
) -> bool:
    """Read the object that fills ``text[at:end]`` but for blanks; False if Python must."""
    scratch = state[SCRATCH]
    if at >= end or text[at] != 123:
        return False
    at = _skip_blanks(text, at + 1, end)
    if at < end and text[at] == 125:
        return _skip_blanks(text, at + 1, end) == end
    while True:
        if at >= end or text[at] != _QUOTE:
            return False
        first = at + 1
        at = _plain_end(text, first, end)
        if at >= end or text[at] != _QUOTE:
            return False
        key = _find_key(text, first, at - first, keys)
        at = _skip_blanks(text, at + 1, end)
        if at >= end or text[at] != 58:
            return False
        at = _skip_blanks(text, at + 1, end)
        if at >= end:
            return False
        first = at
        last = at
        byte = text[at]
        if byte == _QUOTE:
            first = at + 1
            at = _plain_end(text, first, end)
            if at >= end or text[at] < 0x20:
                return False
            last = at
            if text[at] == _BACKSLASH:
                copy = scratch
                scratch, at = _unescape(text, first, end, scratch)
                if at < 0:
                    return False
                first = copy
                last = scratch
            at += 1
        elif byte == 45 or 48 <= byte <= 57:
            at = _after_number(text, at, end)
            last = at
        else:
            at = _after_literal(text, at, end)
            if byte in (116, 102):  # true and false are text, null and NaN are blank
                last = at
        if at < 0:
            return False
        if key >= 0:
            spans[key, row, 0] = first
            spans[key, row, 1] = last - first
            state[SEEN + key] = 1
        at = _skip_blanks(text, at, end)
        if at >= end:
            return False
        if text[at] == 125:
            state[SCRATCH] = scratch
            return _skip_blanks(text, at + 1, end) == end
        if text[at] != 44:
            return False
        at = _skip_blanks(text, at + 1, end)


@numba.njit(cache=True, nogil=True)
def split_ndjson(
    text: Bytes,
    end: int,
    final: bool,
    keys: npt.NDArray[np.uint64],
    spans: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
    state: npt.NDArray[np.int64],
) -> None:
    """Split ``text[state[AT]:end]`` into lines and find the values of some keys in each.

    Numbers stay the text they are. Of a key that stands twice the last value counts. A line with
    lists, objects or anything that is no JSON is UNDECIDED.

    Parameters
    ----------
    text
        Bytes from 0 to `end`, and room from there on for as many more and LONGEST_KEY: strings
        with escapes are written there, from ``state[SCRATCH]`` on.
    end, final
        Where the text ends, and whether the file does too; if not, an unfinished line is left.
    keys
        (k, 3) uint64: length of each key in bytes, at most LONGEST_KEY, and its bytes as two
        words, first byte lowest, filled up with zeros.
    spans
        (keys, n, 2) out: start and length of each value in `text`; empty where absent, null, or
        the row is not GOOD.
    rows
        (n, 4) out: start, end, number of the line in the file, status. At most n are split.
    state
        (SEEN + keys,) in and out: AT where to go on, ROWS split, SCRATCH, LINE the next line's
        number, SKIPPING 1 while within a line that is refused for its length, SEEN.
    """
    known = spans.shape[0]
    at = state[AT]
    line = state[LINE]
    count = 0
    while at < end and count < rows.shape[0]:
        start = at
        at = _line_end(text, at, end)
        complete = at < end or final
        if state[SKIPPING]:
            if at < end:
                at += 1
                line += 1
                state[SKIPPING] = 0
            continue
        if not complete and at - start <= LONGEST_LINE:
            at = start
            break
        first = _skip_blanks(text, start, at)
        if first < at:
            for key in range(known):
                spans[key, count, 0] = 0
                spans[key, count, 1] = 0
            status = GOOD
            if at - start > LONGEST_LINE:
                status = TOO_LONG
            else:
                scratch = state[SCRATCH]
                if not _read_object(text, first, at, keys, spans, count, state):
                    status = UNDECIDED
                    state[SCRATCH] = scratch
                    for key in range(known):
                        spans[key, count, 0] = 0
                        spans[key, count, 1] = 0
            rows[count, 0] = start
            rows[count, 1] = at
            rows[count, 2] = line
            rows[count, 3] = status
            count += 1
        if not complete:
            state[SKIPPING] = 1
            break
        at += 1
        line += 1
    state[AT] = min(at, end)
    state[ROWS] = count
    state[LINE] = line
