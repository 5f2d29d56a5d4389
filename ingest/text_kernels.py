"""Kernels that read columns of text: trimming, hashing, codes of known texts.

Every kernel takes the arrays of a `TextColumn` as (heads, inline, data, buffer_starts). The bytes
that count as blank around a text are ASCII's up to U+0020, no-break space and ideographic space.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.core.extending import intrinsic

Bytes: TypeAlias = npt.NDArray[np.uint8]
Heads: TypeAlias = npt.NDArray[np.int32]
Starts: TypeAlias = npt.NDArray[np.int64]
Whole: TypeAlias = int | np.int64  # what numba takes for a 64-bit integer

# Odd constants with well mixed bits, one a purpose.
_FIRST_LANE = np.uint64(0x9E3779B97F4A7C15)
_SECOND_LANE = np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST_FOLD = np.uint64(0xD6E8FEB86659FD93)
_SECOND_FOLD = np.uint64(0xA0761D6478BD642F)


def _generate_load(_typing: Any, _text: Any, _at: Any) -> Any:
    """Load eight bytes of a uint8 array, at any alignment, lowest first."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(array.data, [arguments[1]])
        word = builder.bitcast(address, ir.IntType(64).as_pointer())
        return builder.load(word, align=1)

    return types.uint64(_text, types.int64), generate


load_word: Any = intrinsic(_generate_load)


@numba.njit(cache=True, nogil=True, inline="always")
def _tail_word(text: Bytes, at: Whole, count: Whole) -> np.uint64:
    word = np.uint64(0)
    for place in range(count):
        word |= np.uint64(text[at + place]) << np.uint64(8 * place)
    return word


@numba.njit(cache=True, nogil=True, inline="always")
def _mix(value: np.uint64, fold: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(32)
    value *= fold
    value ^= value >> np.uint64(29)
    value *= fold
    return value ^ (value >> np.uint64(32))


@numba.njit(cache=True, nogil=True)
def hash_bytes(text: Bytes, start: Whole, length: Whole) -> np.uint64:
    """Hash some bytes; equal for equal bytes, in any version on any machine."""
    state = _FIRST_LANE ^ np.uint64(length)
    at = start
    end = start + length
    while at + 8 <= end:
        state = _mix(state ^ load_word(text, at), _FIRST_FOLD)
        at += 8
    return _mix(state ^ _tail_word(text, at, end - at), _FIRST_FOLD)


@numba.njit(cache=True, nogil=True)
def trimmed(text: Bytes, start: Whole, length: Whole) -> tuple[Whole, Whole]:
    """Return start and length of a text without the blanks around it."""
    end = start + length
    while start < end:
        first = text[start]
        if first <= 0x20:
            start += 1
        elif first == 0xC2 and start + 2 <= end and text[start + 1] == 0xA0:
            start += 2
        elif (
            first == 0xE3
            and start + 3 <= end
            and text[start + 1] == 0x80
            and text[start + 2] == 0x80
        ):
            start += 3
        else:
            break
    while start < end:
        last = text[end - 1]
        if last <= 0x20:
            end -= 1
        elif last == 0xA0 and end - 2 >= start and text[end - 2] == 0xC2:
            end -= 2
        elif last == 0x80 and end - 3 >= start and text[end - 2] == 0x80 and text[end - 3] == 0xE3:
            end -= 3
        else:
            break
    return start, end - start


@numba.njit(cache=True, nogil=True)
def _same_bytes(one: Bytes, at: Whole, other: Bytes, other_at: Whole, length: Whole) -> bool:
    same = True
    for place in range(length):
        same &= one[at + place] == other[other_at + place]
    return same


@numba.njit(cache=True, nogil=True)
def _find(
    text: Bytes,
    start: Whole,
    length: Whole,
    slots: npt.NDArray[np.int32],
    known: Bytes,
    offsets: Starts,
) -> int:
    mask = slots.shape[0] - 1
    slot = np.int64(hash_bytes(text, start, length) & np.uint64(mask))
    while slots[slot] >= 0:
        code = slots[slot]
        at = offsets[code]
        if offsets[code + 1] - at == length and _same_bytes(text, start, known, at, length):
            return int(code)
        slot = (slot + 1) & mask
    return -1


@numba.njit(cache=True, nogil=True)
def fill_slots(known: Bytes, offsets: Starts, slots: npt.NDArray[np.int32]) -> int:
    """Enter texts ``known[offsets[i]:offsets[i + 1]]`` into a hash table of 2**b slots.

    `slots` holds -1 where free. Returns the place of the first text that stands twice, or -1.
    """
    mask = slots.shape[0] - 1
    for code in range(offsets.shape[0] - 1):
        start = offsets[code]
        length = offsets[code + 1] - start
        if _find(known, start, length, slots, known, offsets) >= 0:
            return code
        slot = np.int64(hash_bytes(known, start, length) & np.uint64(mask))
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = code
    return -1


@numba.njit(cache=True, nogil=True)
def find_codes(
    heads: Heads,
    inline: Bytes,
    data: Bytes,
    buffer_starts: Starts,
    known: Bytes,
    offsets: Starts,
    slots: npt.NDArray[np.int32],
    blank: int,
    codes: npt.NDArray[np.int32],
) -> None:
    """Fill `codes` with the place of each trimmed text among the known, -1 or `blank`."""
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length <= 12:
            start, size = trimmed(inline, row * 16 + 4, length)
            code = _find(inline, start, size, slots, known, offsets) if size else blank
        else:
            at = buffer_starts[heads[row, 2]] + heads[row, 3]
            start, size = trimmed(data, at, length)
            code = _find(data, start, size, slots, known, offsets) if size else blank
        codes[row] = code


@numba.njit(cache=True, nogil=True)
def _find_word(text: Bytes, start: Whole, length: Whole, words: Bytes, offsets: Starts) -> int:
    for code in range(offsets.shape[0] - 1):
        at = offsets[code]
        if offsets[code + 1] - at != length:
            continue
        same = True
        for place in range(length):
            letter = text[start + place]
            if letter >= 65 and letter <= 90:
                letter += 32
            if letter != words[at + place]:
                same = False
                break
        if same:
            return code
    return -1


@numba.njit(cache=True, nogil=True)
def find_words(
    heads: Heads,
    inline: Bytes,
    words: Bytes,
    offsets: Starts,
    other: int,
    codes: npt.NDArray[np.uint8],
) -> None:
    """Fill `codes` with the place of each trimmed text among a few lower-case ASCII words.

    Case is ignored; `other` for every other text. Words have at most 12 letters; longer texts
    match one only after trimming and count as `other` here: such blanks are no one's habit.
    """
    last_head = np.int32(-1)
    last_prefix = np.int32(0)
    last_middle = np.int32(0)
    last_tail = np.int32(0)
    last = np.uint8(other)
    for row in range(heads.shape[0]):
        # Runs and few distinct values are usual; a view of up to 12 bytes is its text.
        if (
            heads[row, 0] == last_head
            and heads[row, 1] == last_prefix
            and heads[row, 2] == last_middle
            and heads[row, 3] == last_tail
        ):
            codes[row] = last
            continue
        length = np.int64(heads[row, 0])
        code = -1
        if 0 < length <= 12:
            start, size = trimmed(inline, row * 16 + 4, length)
            code = _find_word(inline, start, size, words, offsets)
        last = np.uint8(code if code >= 0 else other)
        codes[row] = last
        last_head = heads[row, 0]
        last_prefix = heads[row, 1]
        last_middle = heads[row, 2]
        last_tail = heads[row, 3]


@numba.njit(cache=True, nogil=True)
def find_small_numbers(
    heads: Heads, inline: Bytes, code_of: npt.NDArray[np.uint8], codes: npt.NDArray[np.uint8]
) -> None:
    """Fill `codes` with ``code_of[number]`` of texts that are one or two ASCII digits.

    `code_of` is (101,); its last entry is the code of every other text. Texts of more than 12
    bytes are no such number, whatever blanks they are made of.
    """
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        number = np.int64(100)
        if 0 < length <= 12:
            start, size = trimmed(inline, row * 16 + 4, length)
            if 1 <= size <= 2:
                value = np.int64(0)
                for place in range(size):
                    digit = np.int64(inline[start + place]) - 48
                    value = value * 10 + digit if 0 <= digit <= 9 else np.int64(1000)
                if value < 100:
                    number = value
        codes[row] = code_of[number]


@numba.njit(cache=True, nogil=True)
def hash_texts(
    heads: Heads,
    inline: Bytes,
    data: Bytes,
    buffer_starts: Starts,
    hashes: npt.NDArray[np.uint64],
) -> int:
    """Fill (n, 2) `hashes` with 128 bits of each trimmed text, (0, 0) for a blank one.

    Returns how many are not blank.
    """
    present = 0
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length <= 12:
            text = inline
            start, size = trimmed(inline, row * 16 + 4, length)
        else:
            text = data
            start, size = trimmed(data, buffer_starts[heads[row, 2]] + heads[row, 3], length)
        if size == 0:
            hashes[row, 0] = 0
            hashes[row, 1] = 0
            continue
        present += 1
        first = _FIRST_LANE ^ np.uint64(size)
        second = _SECOND_LANE + np.uint64(size)
        at = start
        end = start + size
        while at + 8 <= end:
            word = load_word(text, at)
            first = _mix(first ^ word, _FIRST_FOLD)
            second = _mix(second + word, _SECOND_FOLD) ^ first
            at += 8
        word = _tail_word(text, at, end - at)
        first = _mix(first ^ word, _FIRST_FOLD)
        hashes[row, 0] = first
        # Never (0, 0), which means that there is no text.
        hashes[row, 1] = _mix(second + word, _SECOND_FOLD) ^ first | np.uint64(first == 0)
    return present


@numba.njit(cache=True, nogil=True)
def views_of_spans(data: Bytes, spans: npt.NDArray[np.int32], heads: Heads, inline: Bytes) -> None:
    """Fill `heads` (and `inline`, its memory) with views of ``data[start:start + length]``.

    `spans` is (n, 2): start, length.
    """
    for row in range(spans.shape[0]):
        start = np.int64(spans[row, 0])
        length = np.int64(spans[row, 1])
        heads[row, 0] = length
        heads[row, 1] = 0
        heads[row, 2] = 0
        heads[row, 3] = 0
        at = row * 16 + 4
        if length <= 12:
            for place in range(length):
                inline[at + place] = data[start + place]
        else:
            for place in range(4):
                inline[at + place] = data[start + place]
            heads[row, 3] = start


@numba.njit(cache=True, nogil=True)
def read_decimals(
    heads: Heads, inline: Bytes, powers: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64]
) -> int:
    """Fill `numbers` with plain decimals such as ``0.97``, NaN for blank, infinity if undecided.

    `powers` is (16,) powers of ten. A number of at most 12 characters is exact over an exact power
    of ten, so that one division rounds it as it should be. Returns how many are undecided.
    """
    undecided = 0
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length == 0:
            numbers[row] = np.nan
            continue
        numbers[row] = np.inf
        undecided += 1
        if length > 12:
            continue
        value = np.int64(0)
        digits = 0
        after_point = -1
        plain = True
        for place in range(row * 16 + 4, row * 16 + 4 + length):
            byte = np.int64(inline[place])
            if 48 <= byte <= 57:
                value = value * 10 + byte - 48
                digits += 1
                after_point += after_point >= 0
            elif byte == 46 and after_point < 0:
                after_point = 0
            else:
                plain = False
        if plain and digits > 0:
            numbers[row] = value / powers[max(after_point, 0)]
            undecided -= 1
    return undecided
