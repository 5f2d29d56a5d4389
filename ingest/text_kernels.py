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
Slots: TypeAlias = npt.NDArray[np.uint64]
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
def _last_word(text: Bytes, start: Whole, end: Whole) -> np.uint64:
    """Return the last bytes of a text as one word: eight of them, or all of fewer."""
    if end - start >= 8:
        return np.uint64(load_word(text, end - 8))
    word = np.uint64(0)
    for place in range(start, end):
        word = (word << np.uint64(8)) | np.uint64(text[place])
    return word


@numba.njit(cache=True, nogil=True, inline="always")
def _mix(value: np.uint64, fold: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(32)
    value *= fold
    value ^= value >> np.uint64(29)
    value *= fold
    return value ^ (value >> np.uint64(32))


@numba.njit(cache=True, nogil=True, inline="always")
def is_trimmed(text: Bytes, start: Whole, length: Whole) -> bool:
    """Tell quickly that a text, not empty, has surely no blanks around it."""
    first = text[start]
    last = text[start + length - 1]
    return bool(0x20 < first < 0x80 and 0x20 < last < 0x80)


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
def same_bytes(one: Bytes, at: Whole, other: Bytes, other_at: Whole, length: Whole) -> bool:
    """Compare two runs of bytes."""
    place = np.int64(0)
    while place + 8 <= length:
        if load_word(one, at + place) != load_word(other, other_at + place):
            return False
        place += 8
    while place < length:
        if one[at + place] != other[other_at + place]:
            return False
        place += 1
    return True


@numba.njit(cache=True, nogil=True)
def _view_of(text: Bytes, start: Whole, length: Whole) -> tuple[np.uint64, np.uint64]:
    """Return two words that stand for a text: its view, or if it is long its length and hash."""
    first = np.uint64(length)
    if length <= 12:
        second = np.uint64(0)
        for place in range(min(length, 4)):
            first |= np.uint64(text[start + place]) << np.uint64(32 + 8 * place)
        for place in range(4, length):
            second |= np.uint64(text[start + place]) << np.uint64(8 * (place - 4))
        return first, second
    end = start + length
    state = _FIRST_LANE
    at = start
    while at + 8 < end:
        state = _mix(state ^ load_word(text, at), _FIRST_FOLD)
        at += 8
    return first, _mix(state ^ _last_word(text, start, end), _FIRST_FOLD)


@numba.njit(cache=True, nogil=True, inline="always")
def _slot_of(first: np.uint64, second: np.uint64, mask: Whole) -> np.int64:
    state = first * _FIRST_FOLD ^ second * _SECOND_FOLD
    return np.int64((state ^ (state >> np.uint64(32))) * _FIRST_LANE >> np.uint64(20)) & mask


@numba.njit(cache=True, nogil=True)
def _find(
    text: Bytes, start: Whole, first: np.uint64, second: np.uint64, known: Bytes, slots: Slots
) -> np.int64:
    mask = slots.shape[0] - 1
    slot = _slot_of(first, second, mask)
    while slots[slot, 0] != 0:
        if slots[slot, 0] == first and slots[slot, 1] == second:
            length = np.int64(first & np.uint64(0xFFFF_FFFF))
            if length <= 12 or same_bytes(text, start, known, slots[slot, 3], length):
                return np.int64(slots[slot, 2])
        slot = (slot + 1) & mask
    return np.int64(-1)


@numba.njit(cache=True, nogil=True)
def fill_slots(known: Bytes, offsets: Starts, slots: Slots) -> int:
    """Enter texts ``known[offsets[i]:offsets[i + 1]]`` into a hash table of 2**b slots.

    `slots` is (2**b, 4) uint64, zero where free: two words for the text, its place i, and where it
    begins in `known`. An empty text is in no table. Returns the place of the first text that
    stands twice, or -1.
    """
    mask = slots.shape[0] - 1
    for code in range(offsets.shape[0] - 1):
        start = offsets[code]
        length = offsets[code + 1] - start
        if length == 0:
            continue
        first, second = _view_of(known, start, length)
        if _find(known, start, first, second, known, slots) >= 0:
            return code
        slot = _slot_of(first, second, mask)
        while slots[slot, 0] != 0:
            slot = (slot + 1) & mask
        slots[slot, 0] = first
        slots[slot, 1] = second
        slots[slot, 2] = code
        slots[slot, 3] = start
    return -1


@numba.njit(cache=True, nogil=True)
def find_codes(
    heads: Heads,
    inline: Bytes,
    data: Bytes,
    buffer_starts: Starts,
    known: Bytes,
    slots: Slots,
    blank: int,
    codes: npt.NDArray[np.int32],
) -> None:
    """Fill `codes` with the place of each trimmed text among the known, -1 or `blank`.

    `known` and `slots` are those of `fill_slots`.
    """
    mask = slots.shape[0] - 1
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length == 0:
            codes[row] = blank
        elif length > 12:
            at = buffer_starts[heads[row, 2]] + heads[row, 3]
            start, size = trimmed(data, at, length)
            first, second = _view_of(data, start, size)
            codes[row] = _find(data, start, first, second, known, slots) if size else blank
        elif is_trimmed(inline, row * 16 + 4, length):
            # The search of `_find`, here because a call with so many arrays costs five times as
            # much as the search of the usual short id.
            first = np.uint64(load_word(inline, row * 16))
            second = np.uint64(load_word(inline, row * 16 + 8))
            slot = _slot_of(first, second, mask)
            code = np.int64(-1)
            while slots[slot, 0] != 0:
                if slots[slot, 0] == first and slots[slot, 1] == second:
                    code = np.int64(slots[slot, 2])
                    break
                slot = (slot + 1) & mask
            codes[row] = code
        else:
            start, size = trimmed(inline, row * 16 + 4, length)
            first, second = _view_of(inline, start, size)
            codes[row] = _find(inline, start, first, second, known, slots) if size else blank


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
def _find_number(text: Bytes, start: Whole, length: Whole) -> np.int64:
    """Read one or two digits, 100 for anything else."""
    if length < 1 or length > 2:
        return np.int64(100)
    value = np.int64(0)
    for place in range(start, start + length):
        digit = np.int64(text[place]) - 48
        if digit < 0 or digit > 9:
            return np.int64(100)
        value = value * 10 + digit
    return value


@numba.njit(cache=True, nogil=True)
def _find_one_of_few(
    text: Bytes, start: Whole, length: Whole, words: Bytes, offsets: Starts, others: Whole
) -> Whole:
    start, length = trimmed(text, start, length)
    if offsets.shape[0] == 1:
        return _find_number(text, start, length)
    place = _find_word(text, start, length, words, offsets)
    return place if place >= 0 else others


@numba.njit(cache=True, nogil=True)
def find_few(
    heads: Heads,
    inline: Bytes,
    data: Bytes,
    buffer_starts: Starts,
    words: Bytes,
    offsets: Starts,
    code_of: npt.NDArray[np.uint8],
    memory: npt.NDArray[np.uint64],
    codes: npt.NDArray[np.uint8],
) -> None:
    """Fill `codes` with the codes of a vocabulary of few words or small numbers.

    Parameters
    ----------
    heads, inline, data, buffer_starts
        Of a `TextColumn`; texts are trimmed and case is ignored.
    words, offsets
        Lower-case ASCII words; without any, the vocabulary is one or two digits.
    code_of
        (words + 1,) or (101,): code of each word or number, and of every other text.
    memory
        (2**b, 3) uint64 workspace, filled with ones: texts seen and their codes.
    codes
        (n,) out.
    """
    mask = np.uint64(memory.shape[0] - 1)
    others = code_of.shape[0] - 1
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length > 12:
            at = buffer_starts[heads[row, 2]] + heads[row, 3]
            codes[row] = code_of[_find_one_of_few(data, at, length, words, offsets, others)]
            continue
        first = np.uint64(load_word(inline, row * 16))
        second = np.uint64(load_word(inline, row * 16 + 8))
        slot = np.int64(((first * _FIRST_FOLD ^ second * _SECOND_FOLD) >> np.uint64(40)) & mask)
        if memory[slot, 0] == first and memory[slot, 1] == second:
            codes[row] = memory[slot, 2]
            continue
        code = code_of[_find_one_of_few(inline, row * 16 + 4, length, words, offsets, others)]
        codes[row] = code
        memory[slot, 0] = first
        memory[slot, 1] = second
        memory[slot, 2] = code


@numba.njit(cache=True, nogil=True)
def _hash_one(text: Bytes, start: Whole, length: Whole) -> tuple[np.uint64, np.uint64]:
    if not is_trimmed(text, start, length):
        start, length = trimmed(text, start, length)
        if length == 0:
            return np.uint64(0), np.uint64(0)
    first = _FIRST_LANE ^ np.uint64(length)
    second = _SECOND_LANE + np.uint64(length)
    at = start
    end = start + length
    while at + 8 < end:
        word = load_word(text, at)
        first = _mix(first ^ word, _FIRST_FOLD)
        second = _mix(second + word, _SECOND_FOLD) ^ first
        at += 8
    word = _last_word(text, start, end)
    first = _mix(first ^ word, _FIRST_FOLD)
    second = _mix(second + word, _SECOND_FOLD) ^ first
    # Never (0, 0), which means that there is no text.
    return first, second | np.uint64(first == 0)


@numba.njit(cache=True, nogil=True)
def hash_texts(
    heads: Heads,
    inline: Bytes,
    data: Bytes,
    buffer_starts: Starts,
    hashes: npt.NDArray[np.uint64],
) -> int:
    """Fill (n, 2) `hashes` with 128 bits of each trimmed text, (0, 0) for a blank one.

    Returns how many are not blank. Equal texts have equal hashes in every version, on any machine.
    """
    present = 0
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        first = np.uint64(0)
        second = np.uint64(0)
        if length > 12:
            at = buffer_starts[heads[row, 2]] + heads[row, 3]
            first, second = _hash_one(data, at, length)
        elif length > 0:
            first, second = _hash_one(inline, row * 16 + 4, length)
        hashes[row, 0] = first
        hashes[row, 1] = second
        present += (first | second) != 0
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
