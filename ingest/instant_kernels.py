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


@numba.njit(cache=True, nogil=True, inline="always")
def _pair(text: Bytes, at: Whole) -> np.int64:
    """Read two digits, less than 0 if one of them is none."""
    tens = np.int64(text[at]) - 48
    ones = np.int64(text[at + 1]) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else np.int64(-10_000)


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
def _offset_us(text: Bytes, at: Whole, end: Whole) -> np.int64:
    """Read ``HH``, ``HHMM``, ``HH:MM`` or ``H:MM`` up to the end; _NONE for anything else."""
    size = end - at
    hours = np.int64(-1)
    minutes = np.int64(-1)
    if size == 2:
        hours = _pair(text, at)
        minutes = np.int64(0)
    elif size == 5 and text[at + 2] == 58:
        hours = _pair(text, at)
        minutes = _pair(text, at + 3)
    elif size == 4 and text[at + 1] == 58:
        hours = _number(text, at, 1)
        minutes = _pair(text, at + 2)
    elif size == 4:
        hours = _pair(text, at)
        minutes = _pair(text, at + 2)
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return _NONE
    return (hours * 60 + minutes) * _MINUTE_US


@numba.njit(cache=True, nogil=True)
def _digits_only(text: Bytes, start: Whole, digits: Whole, end: Whole) -> tuple[np.int64, bool]:
    """Read Unix seconds, milliseconds or microseconds, or ``yyyyMMddHHmmss[SSS]``, as `_read_one`."""
    fraction = np.int64(0)
    if start + digits < end:
        fraction, at = _fraction_us(text, start + digits + 1, end)
        # A fraction belongs to seconds; after other counts only noughts, from a float column.
        if fraction < 0 or at != end or (digits != 10 and fraction != 0) or digits in (14, 17):
            return _NONE, False
    if digits == 10:
        return _number(text, start, 10) * _SECOND_US + fraction, False
    if digits == 13:
        return _number(text, start, 13) * 1000, False
    if digits == 16:
        return _number(text, start, 16), False
    if digits not in (14, 17):
        return _NONE, False
    local = _civil_us(
        _pair(text, start) * 100 + _pair(text, start + 2),
        _pair(text, start + 4),
        _pair(text, start + 6),
        _pair(text, start + 8),
        _pair(text, start + 10),
        _pair(text, start + 12),
    )
    if local == _NONE:
        return _NONE, False
    if digits == 17:
        local += _number(text, start + 14, 3) * 1000
    return local, True


@numba.njit(cache=True, nogil=True)
def _read_one(text: Bytes, start: Whole, length: Whole) -> tuple[np.int64, bool]:
    """Read a time as microseconds since 1970, and whether they count civil time instead of UTC."""
    if not is_trimmed(text, start, length):
        start, length = trimmed(text, start, length)
    end = start + length
    digits = 0
    while digits < length and digits < 18 and 48 <= text[start + digits] <= 57:
        digits += 1
    if digits >= 10:
        if digits == length or text[start + digits] == 46:
            return _digits_only(text, start, digits, end)
        return _NONE, False
    compact = digits == 8
    if compact:
        if length < 15 or (text[start + 8] | 0x20) != 116:
            return _NONE, False
        at = start + 15
        local = _civil_us(
            _pair(text, start) * 100 + _pair(text, start + 2),
            _pair(text, start + 4),
            _pair(text, start + 6),
            _pair(text, start + 9),
            _pair(text, start + 11),
            _pair(text, start + 13),
        )
    else:
        if digits != 4 or length < 19:
            return _NONE, False
        between = text[start + 10]
        if (
            text[start + 4] != 45
            or text[start + 7] != 45
            or text[start + 13] != 58
            or text[start + 16] != 58
            or (between != 32 and (between | 0x20) != 116)
        ):
            return _NONE, False
        at = start + 19
        local = _civil_us(
            _pair(text, start) * 100 + _pair(text, start + 2),
            _pair(text, start + 5),
            _pair(text, start + 8),
            _pair(text, start + 11),
            _pair(text, start + 14),
            _pair(text, start + 17),
        )
    if local == _NONE:
        return _NONE, False
    if at < end and text[at] in (44, 46):
        fraction, at = _fraction_us(text, at + 1, end)
        if fraction < 0:
            return _NONE, False
        local += fraction
    elif at < end and 48 <= text[at] <= 57:
        if compact:  # digits after the seconds mean nothing
            for place in range(at, end):
                if text[place] < 48 or text[place] > 57:
                    return _NONE, False
            return local, True
        if end - at != 5:  # an offset whose + got lost is written HH:MM
            return _NONE, False
        offset = _offset_us(text, at, end)
        return (_NONE if offset == _NONE else np.int64(local - offset)), False
    if at == end:
        return local, True
    if text[at] == 32:
        at += 1
    if (text[at] | 0x20) == 122:
        return (local if at + 1 == end else _NONE), False
    sign = text[at]
    if sign not in (43, 45):
        return _NONE, False
    offset = _offset_us(text, at + 1, end)
    if offset == _NONE:
        return _NONE, False
    return np.int64(local - offset if sign == 43 else local + offset), False


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
    part = 0  # of the zone's table; times of one file seldom leave it
    parts = zone_from.shape[0]
    for row in range(heads.shape[0]):
        length = np.int64(heads[row, 0])
        if length < 10:
            instants[row] = _NONE
            continue
        if length <= 12:
            instant, is_civil = _read_one(inline, row * 16 + 4, length)
        else:
            start = buffer_starts[heads[row, 2]] + heads[row, 3]
            instant, is_civil = _read_one(data, start, length)
        if is_civil:
            while part > 0 and instant < zone_from[part]:
                part -= 1
            while part + 1 < parts and instant >= zone_from[part + 1]:
                part += 1
            instant -= zone_offset[part]
        instants[row] = instant if 0 <= instant < _END_US else _NONE
