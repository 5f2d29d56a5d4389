"""Kernels that read times from text."""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from ingest.text_kernels import Whole, is_trimmed, trimmed

Bytes: TypeAlias = npt.NDArray[np.uint8]
Instants: TypeAlias = npt.NDArray[np.int64]

_NONE = np.int64(np.iinfo(np.int64).min)
_END_US = np.int64(4_102_444_800_000_000)  # 2100-01-01T00:00:00Z
_SECOND_US = np.int64(1_000_000)
_MINUTE_US = np.int64(60_000_000)
_DAY_US = np.int64(86_400_000_000)


@numba.njit(cache=True, nogil=True)
def _number(text: Bytes, at: Whole, count: Whole) -> np.int64:
    """Read `count` digits, -1 if one of them is none."""
    value = np.int64(0)
    for place in range(count):
        digit = np.int64(text[at + place]) - 48
        if digit < 0 or digit > 9:
            return np.int64(-1)
        value = value * 10 + digit
    return value


@numba.njit(cache=True, nogil=True)
def _fraction_us(text: Bytes, at: Whole, end: Whole) -> tuple[np.int64, Whole]:
    """Read one to nine digits of a fraction as microseconds, cut off; and where they end."""
    value = np.int64(0)
    digits = 0
    while at < end and digits <= 9:
        digit = np.int64(text[at]) - 48
        if digit < 0 or digit > 9:
            break
        if digits < 6:
            value = value * 10 + digit
        digits += 1
        at += 1
    if digits == 0 or digits > 9:
        return np.int64(-1), at
    for _ in range(6 - digits):
        value *= 10
    return value, at


@numba.njit(cache=True, nogil=True)
def _civil_us(
    year: Whole, month: Whole, day: Whole, hour: Whole, minute: Whole, second: Whole
) -> np.int64:
    """Count microseconds from 1970-01-01 to a civil time, _NONE for one that does not exist."""
    if year < 1969 or year > 2100 or month < 1 or month > 12 or day < 1:
        return _NONE
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return _NONE
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 30 + ((month + (month >> 3)) & 1)
    if month == 2:
        last = 29 if leap else 28
    if day > last:
        return _NONE
    # Days of the years before this one, of the months before in a year from March, of the month.
    shifted = year - (1 if month <= 2 else 0)
    month_from_march = (month + 9) % 12
    days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400
    days += (153 * month_from_march + 2) // 5 + day - 1 - 719_468
    return days * _DAY_US + (hour * 3600 + minute * 60 + second) * _SECOND_US


@numba.njit(cache=True, nogil=True)
def _from_civil(local_us: Whole, zone_from: Instants, zone_offset: Instants) -> np.int64:
    low = 0
    high = zone_from.shape[0]
    while low < high:
        middle = (low + high) >> 1
        if zone_from[middle] <= local_us:
            low = middle + 1
        else:
            high = middle
    return np.int64(local_us - zone_offset[low - 1])


@numba.njit(cache=True, nogil=True)
def _offset_us(text: Bytes, at: Whole, end: Whole) -> np.int64:
    """Read ``HH``, ``HHMM``, ``HH:MM`` or ``H:MM`` up to the end; _NONE for anything else."""
    size = end - at
    hours = np.int64(-1)
    minutes = np.int64(-1)
    if size == 2:
        hours = _number(text, at, 2)
        minutes = np.int64(0)
    elif size == 5 and text[at + 2] == 58:
        hours = _number(text, at, 2)
        minutes = _number(text, at + 3, 2)
    elif size == 4 and text[at + 1] == 58:
        hours = _number(text, at, 1)
        minutes = _number(text, at + 2, 2)
    elif size == 4:
        hours = _number(text, at, 2)
        minutes = _number(text, at + 2, 2)
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return _NONE
    return (hours * 60 + minutes) * _MINUTE_US


@numba.njit(cache=True, nogil=True)
def _digits_only(
    text: Bytes, start: Whole, digits: Whole, end: Whole, zone_from: Instants, zone_offset: Instants
) -> np.int64:
    """Read Unix seconds, milliseconds or microseconds, or ``yyyyMMddHHmmss[SSS]``."""
    fraction = np.int64(0)
    if start + digits < end:
        fraction, at = _fraction_us(text, start + digits + 1, end)
        # A fraction belongs to seconds; after other counts only noughts, from a float column.
        if fraction < 0 or at != end or (digits != 10 and fraction != 0) or digits in {14, 17}:
            return _NONE
    if digits == 10:
        return _number(text, start, 10) * _SECOND_US + fraction
    if digits == 13:
        return _number(text, start, 13) * 1000
    if digits == 16:
        return _number(text, start, 16)
    if digits not in {14, 17}:
        return _NONE
    local = _civil_us(
        _number(text, start, 4),
        _number(text, start + 4, 2),
        _number(text, start + 6, 2),
        _number(text, start + 8, 2),
        _number(text, start + 10, 2),
        _number(text, start + 12, 2),
    )
    if local == _NONE:
        return _NONE
    if digits == 17:
        local += _number(text, start + 14, 3) * 1000
    return _from_civil(local, zone_from, zone_offset)


@numba.njit(cache=True, nogil=True)
def _read_one(
    text: Bytes, start: Whole, length: Whole, zone_from: Instants, zone_offset: Instants
) -> np.int64:
    if not is_trimmed(text, start, length):
        start, length = trimmed(text, start, length)
    end = start + length
    digits = 0
    while digits < length and digits < 18 and 48 <= text[start + digits] <= 57:
        digits += 1
    if digits >= 10:
        if digits == length or text[start + digits] == 46:
            return _digits_only(text, start, digits, end, zone_from, zone_offset)
        return _NONE
    compact = digits == 8
    if compact:
        if length < 15 or (text[start + 8] | 0x20) != 116:
            return _NONE
        at = start + 15
        local = _civil_us(
            _number(text, start, 4),
            _number(text, start + 4, 2),
            _number(text, start + 6, 2),
            _number(text, start + 9, 2),
            _number(text, start + 11, 2),
            _number(text, start + 13, 2),
        )
    else:
        if digits != 4 or length < 19:
            return _NONE
        between = text[start + 10]
        if (
            text[start + 4] != 45
            or text[start + 7] != 45
            or text[start + 13] != 58
            or text[start + 16] != 58
            or (between != 32 and (between | 0x20) != 116)
        ):
            return _NONE
        at = start + 19
        local = _civil_us(
            _number(text, start, 4),
            _number(text, start + 5, 2),
            _number(text, start + 8, 2),
            _number(text, start + 11, 2),
            _number(text, start + 14, 2),
            _number(text, start + 17, 2),
        )
    if local == _NONE:
        return _NONE
    if at < end and text[at] in {44, 46}:
        fraction, at = _fraction_us(text, at + 1, end)
        if fraction < 0:
            return _NONE
        local += fraction
    elif at < end and 48 <= text[at] <= 57:
        if compact:  # digits after the seconds mean nothing
            for place in range(at, end):
                if text[place] < 48 or text[place] > 57:
                    return _NONE
            return _from_civil(local, zone_from, zone_offset)
        if end - at != 5:  # an offset whose + got lost is written HH:MM
            return _NONE
        offset = _offset_us(text, at, end)
        return _NONE if offset == _NONE else local - offset
    if at == end:
        return _from_civil(local, zone_from, zone_offset)
    if text[at] == 32:
        at += 1
    if (text[at] | 0x20) == 122:
        return local if at + 1 == end else _NONE
    sign = text[at]
    if sign not in {43, 45}:
        return _NONE
    offset = _offset_us(text, at + 1, end)
    if offset == _NONE:
        return _NONE
    return local - offset if sign == 43 else local + offset


@numba.njit(cache=True, nogil=True)
def read_instants(
    heads: npt.NDArray[np.int32],
    inline: Bytes,
    data: Bytes,
    buffer_starts: Instants,
    zone_from: Instants,
    zone_offset: Instants,
    instants: Instants,
) -> None:
    """Fill `instants` with microseconds since 1970 UTC, NO_INSTANT where a text is no time.

    The first four arrays are those of a `TextColumn`. Civil time L of the zone is
    UTC + ``zone_offset[i]`` for the last i with ``zone_from[i] <= L``.
    """
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length < 10:
            instants[row] = _NONE
            continue
        if length <= 12:
            instant = _read_one(inline, row * 16 + 4, length, zone_from, zone_offset)
        else:
            start = buffer_starts[heads[row, 2]] + heads[row, 3]
            instant = _read_one(data, start, length, zone_from, zone_offset)
        instants[row] = instant if 0 <= instant < _END_US else _NONE
