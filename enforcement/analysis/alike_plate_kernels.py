"""Kernels that spell plates out and find the known plates that one may be a misreading of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from enforcement.index.plate_table_kernels import filter_bits, mix
from ingest.plate_kernels import LONGEST_PACKED, LONGEST_PLAIN, PACKED_MARK, PLAIN_CODES

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.alike_plates import ConfusionArrays, FoundArrays, IndexArrays

LONGEST: int = LONGEST_PLAIN
_SIDE_MARK = np.uint64(0b11 << 62)


@njit(cache=True, nogil=True)
def spell(
    keys: npt.NDArray[np.uint64],
    alphabet: npt.NDArray[np.uint32],
    side: npt.NDArray[np.uint32],
    texts: npt.NDArray[np.uint32],
    lengths: npt.NDArray[np.int64],
) -> None:
    """Write each plate's code points from the left into a zeroed row of (n, LONGEST) `texts`.

    `alphabet` has the code point of each character code, `side` (s, LONGEST) the plates of the side
    table. A key that is in neither has length 0.
    """
    codes = np.uint64(PLAIN_CODES + 1)
    for row in range(keys.shape[0]):
        key = keys[row]
        length = 0
        if key >= _SIDE_MARK:
            entry = np.int64(key ^ _SIDE_MARK)
            if entry < side.shape[0]:
                while length < LONGEST and side[entry, length] != 0:
                    texts[row, length] = side[entry, length]
                    length += 1
        elif key >= PACKED_MARK:
            for place in range(LONGEST_PACKED):
                shift = np.uint64(7 * (LONGEST_PACKED - 1 - place))
                code = ((key ^ PACKED_MARK) >> shift) & np.uint64(127)
                if code != np.uint64(0):
                    texts[row, length] = alphabet[code]
                    length += 1
        else:
            rest = key
            while rest != np.uint64(0):
                rest //= codes
                length += 1
            for place in range(length - 1, -1, -1):
                texts[row, place] = alphabet[key % codes]
                key //= codes
        lengths[row] = length


@njit(cache=True, nogil=True, inline="always")
def _term(character: Any, place: Any) -> Any:
    """Return what a character at a place adds to the hash of its plate."""
    return mix(np.uint64(character) | np.uint64(place + 1) << np.uint64(32))


@njit(cache=True, nogil=True)
def hash_texts(
    texts: npt.NDArray[np.uint32],
    lengths: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
) -> None:
    """Fill `hashes` with the sum of the terms of each plate's characters."""
    for row in range(texts.shape[0]):
        total = np.uint64(0)
        for place in range(lengths[row]):
            total += _term(texts[row, place], place)
        hashes[row] = total


@njit(cache=True, nogil=True)
def _find(hash_: Any, text: npt.NDArray[np.uint32], length: Any, index: IndexArrays) -> Any:
    """Return the number of the known plate with this text, -1 if there is none."""
    mixed = mix(hash_)
    bits = filter_bits(mixed)
    words = index.plate_filter
    if words[mixed & np.uint64(words.shape[0] - 1)] & bits != bits:
        return -1
    slots = index.slot_hash
    mask = np.uint64(slots.shape[0] - 1)
    slot = mixed & mask
    while slots[slot] != np.uint64(0):
        if slots[slot] == hash_:
            plate = index.slot_plate[slot]
            same = index.lengths[plate] == length
            for place in range(length):
                same = same and index.texts[plate, place] == text[place]
            if same:
                return np.int64(plate)
        slot = (slot + np.uint64(1)) & mask
    return -1


@njit(cache=True, nogil=True)
def _note(count: Any, read: Any, plate: Any, weight: Any, found: FoundArrays) -> Any:
    """Write a pair down where there is room; return how many pairs that makes."""
    if count < found.read.shape[0]:
        found.read[count] = read
        found.known[count] = plate
        found.weight[count] = weight
    return count + 1


@njit(cache=True, nogil=True)
def fill_gap_filter(
    texts: npt.NDArray[np.uint32],
    lengths: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
    gap_filter: npt.NDArray[np.uint64],
) -> None:
    """Add each plate without each of its characters to a Bloom filter of a power of two words."""
    word_mask = np.uint64(gap_filter.shape[0] - 1)
    for row in range(texts.shape[0]):
        for place in range(lengths[row]):
            mixed = mix(hashes[row] - _term(texts[row, place], place))
            gap_filter[mixed & word_mask] |= filter_bits(mixed)


@njit(cache=True, nogil=True)
def _fills(gap_hash: Any, index: IndexArrays) -> Any:
    """Tell whether some character may make a known plate of one without it: never a wrong no."""
    mixed = mix(gap_hash)
    bits = filter_bits(mixed)
    words = index.gap_filter
    return words[mixed & np.uint64(words.shape[0] - 1)] & bits == bits


@njit(cache=True, nogil=True)
def _partners(character: Any, group: Any, confusions: ConfusionArrays) -> Any:
    """Return the span in `confusions.partners` of what a character of a group is taken for."""
    low = 0
    high = confusions.characters.shape[0]
    while low < high:
        middle = (low + high) >> 1
        if confusions.characters[middle] < character:
            low = middle + 1
        else:
            high = middle
    if low < confusions.characters.shape[0] and confusions.characters[low] == character:
        return confusions.offsets[group, low], confusions.offsets[group, low + 1]
    return np.int64(0), np.int64(0)


@njit(cache=True, nogil=True)
def _misread(
    read: Any,
    own: npt.NDArray[np.uint32],
    text: npt.NDArray[np.uint32],
    length: Any,
    index: IndexArrays,
    confusions: ConfusionArrays,
    scratch: npt.NDArray[np.int64],
    count: Any,
    found: FoundArrays,
) -> Any:
    """Note the plates that differ from `own` in confused characters only, and itself.

    Goes depth first through the sets of places: at each depth one more character is replaced, to
    the right of those before; `text` is `own` with what is replaced at present. `scratch` is
    (7, LONGEST + 1): by place the term and the span of partners, by depth the place, the next
    partner, the hash before it and the weight left.
    """
    terms, begins, ends = scratch[0], scratch[1], scratch[2]
    at, cursor, hashes, left = scratch[3], scratch[4], scratch[5], scratch[6]
    total = np.uint64(0)
    for place in range(length):
        text[place] = own[place]
        term = _term(own[place], place)
        total += term
        terms[place] = np.int64(term)
        begins[place], ends[place] = _partners(own[place], length * LONGEST + place, confusions)
    plate = _find(total, text, length, index)
    if plate >= 0:
        count = _note(count, read, plate, 0, found)
    depth = 0
    at[0] = 0
    cursor[0] = begins[0]
    hashes[0] = np.int64(total)
    left[0] = confusions.most
    while depth >= 0:
        place = at[depth]
        if place == length:
            depth -= 1
            if depth >= 0:
                text[at[depth]] = own[at[depth]]
            continue
        if cursor[depth] == ends[place]:
            at[depth] += 1
            cursor[depth] = begins[place + 1]
            continue
        partner = cursor[depth]
        cursor[depth] += 1
        rest = left[depth] - confusions.weights[partner]
        if rest < 0:
            continue
        text[place] = confusions.partners[partner]
        now = np.uint64(hashes[depth]) - np.uint64(terms[place]) + _term(text[place], place)
        plate = _find(now, text, length, index)
        if plate >= 0:
            count = _note(count, read, plate, confusions.most - rest, found)
        if rest >= confusions.least:
            depth += 1
            at[depth] = place + 1
            cursor[depth] = begins[place + 1]
            hashes[depth] = np.int64(now)
            left[depth] = rest
        else:
            text[place] = own[place]
    return count


@njit(cache=True, nogil=True)
def _lost(
    read: Any,
    own: npt.NDArray[np.uint32],
    text: npt.NDArray[np.uint32],
    length: Any,
    index: IndexArrays,
    confusions: ConfusionArrays,
    count: Any,
    found: FoundArrays,
) -> Any:
    """Note the plates of which one character was missed: one of those that stand there, added."""
    after = np.uint64(0)
    for place in range(length):
        text[place + 1] = own[place]
        after += _term(own[place], place + 1)
    before = np.uint64(0)
    for place in range(length + 1):
        group = (length + 1) * LONGEST + place
        begin, end = index.letter_offsets[group], index.letter_offsets[group + 1]
        if begin < end and _fills(before + after, index):
            for number in range(begin, end):
                letter = index.letters[number]
                if place > 0 and letter == own[place - 1]:
                    continue  # the same plate as with the letter one place before
                text[place] = letter
                plate = _find(before + _term(letter, place) + after, text, length + 1, index)
                if plate >= 0:
                    count = _note(count, read, plate, confusions.lost, found)
        if place < length:
            text[place] = own[place]
            before += _term(own[place], place)
            after -= _term(own[place], place + 1)
    return count


@njit(cache=True, nogil=True)
def _doubled(
    read: Any,
    own: npt.NDArray[np.uint32],
    text: npt.NDArray[np.uint32],
    length: Any,
    index: IndexArrays,
    confusions: ConfusionArrays,
    count: Any,
    found: FoundArrays,
) -> Any:
    """Note the plates of which one character was read twice: one of every run of them, removed."""
    for twice in range(length - 1):
        if own[twice] != own[twice + 1] or (twice > 0 and own[twice - 1] == own[twice]):
            continue
        total = np.uint64(0)
        for place in range(length - 1):
            text[place] = own[place] if place < twice else own[place + 1]
            total += _term(text[place], place)
        plate = _find(total, text, length - 1, index)
        if plate >= 0:
            count = _note(count, read, plate, confusions.doubled, found)
    return count


@njit(cache=True, nogil=True)
def _mistaken(
    read: Any,
    own: npt.NDArray[np.uint32],
    text: npt.NDArray[np.uint32],
    length: Any,
    index: IndexArrays,
    confusions: ConfusionArrays,
    count: Any,
    found: FoundArrays,
) -> Any:
    """Note the plates that differ from `own` in one character, which is not confused with the other."""
    total = np.uint64(0)
    for place in range(length):
        text[place] = own[place]
        total += _term(own[place], place)
    for place in range(length):
        without = total - _term(own[place], place)
        if not _fills(without, index):
            continue
        group = length * LONGEST + place
        begin, end = _partners(own[place], group, confusions)
        for number in range(index.letter_offsets[group], index.letter_offsets[group + 1]):
            letter = index.letters[number]
            confused = letter == own[place]
            for partner in range(begin, end):
                confused = confused or confusions.partners[partner] == letter
            if confused:
                continue
            text[place] = letter
            plate = _find(without + _term(letter, place), text, length, index)
            if plate >= 0:
                count = _note(count, read, plate, confusions.other, found)
        text[place] = own[place]
    return count


@njit(cache=True, nogil=True)
def find_alike(
    texts: npt.NDArray[np.uint32],
    lengths: npt.NDArray[np.int64],
    index: IndexArrays,
    confusions: ConfusionArrays,
    text: npt.NDArray[np.uint32],
    scratch: npt.NDArray[np.int64],
    found: FoundArrays,
) -> int:
    """Write all pairs of a plate as read and a known plate into `found`, as far as it has room.

    Returns how many pairs there are. Each pair comes once: edits that give one plate in two ways
    are tried in one. `text` (LONGEST,) and `scratch` are as of the functions above.
    """
    count = 0
    for read in range(texts.shape[0]):
        length = lengths[read]
        if length == 0:
            continue
        own = texts[read]
        count = _misread(read, own, text, length, index, confusions, scratch, count, found)
        if length < LONGEST and confusions.lost <= confusions.most:
            count = _lost(read, own, text, length, index, confusions, count, found)
        if confusions.doubled <= confusions.most:
            count = _doubled(read, own, text, length, index, confusions, count, found)
        if confusions.other <= confusions.most:
            count = _mistaken(read, own, text, length, index, confusions, count, found)
    return count
