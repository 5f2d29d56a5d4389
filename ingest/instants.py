"""When a hit was captured: Arrow time stamps, numbers and text into microseconds UTC.

A time with an offset is that instant. One without is civil time of the source's zone; an hour that
comes twice is its first coming, and one that is skipped counts on from before the gap (PEP 495,
fold 0). A leap second (``:60``), ``24:00:00``, and anything before 1970 or after 2099 in UTC cannot
be read: the row is malformed, and no other clock takes its place.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.errors import IngestError
from ingest.hits import NO_INSTANT, InstantArray
from ingest.instant_kernels import read_instants
from ingest.text_columns import TextColumn, text_column

END_US: Final = 4_102_444_800_000_000  # 2100-01-01T00:00:00Z, the first instant that is too late
_DAY_US: Final = 86_400_000_000
_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


class ZoneTable(NamedTuple):
    """Civil time of one zone, 1970 to 2099.

    Attributes
    ----------
    local_from_us
        (z,) int64 microseconds of civil time from which an offset holds for reading.
    offset_us
        (z,) int64 civil time less UTC.
    """

    local_from_us: npt.NDArray[np.int64]
    offset_us: npt.NDArray[np.int64]


@lru_cache(maxsize=16)
def zone_table(zone: str) -> ZoneTable:
    """Tabulate a zone of the IANA data base.

    Raises
    ------
    IngestError
        No such zone.
    """
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise IngestError(
            "zone_unknown", f"{zone!r} is no time zone such as 'Asia/Shanghai'"
        ) from error
    second = timedelta(seconds=1)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def offset_at(when: datetime) -> timedelta:
        return when.astimezone(info).utcoffset() or timedelta()

    # No zone has changed twice within a day since 1970.
    when = datetime(1969, 12, 30, tzinfo=UTC)
    end = datetime(2100, 1, 3, tzinfo=UTC)
    offset = offset_at(when)
    starts: list[int] = [np.iinfo(np.int64).min]
    offsets = [offset // timedelta(microseconds=1)]
    while when < end:
        following = when + timedelta(days=1)
        if offset_at(following) != offset:
            before, after = when, following
            while after - before > second:
                middle = before + (after - before) // 2
                middle = middle.replace(microsecond=0)
                before, after = (middle, after) if offset_at(middle) == offset else (before, middle)
            change = after
            changed = offset_at(following)
            # Fold 0: up to the later of both clocks the time is read by the old offset.
            local = change - epoch + max(offset, changed)
            starts.append(local // timedelta(microseconds=1))
            offsets.append(changed // timedelta(microseconds=1))
            offset = changed
        when = following
    return ZoneTable(np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64))


def civil_to_instants(local_us: InstantArray, zone: str) -> InstantArray:
    """Turn (n,) microseconds of civil time since 1970-01-01T00:00 into microseconds UTC."""
    table = zone_table(zone)
    if table.offset_us.size == 1:
        offset_us: InstantArray = table.offset_us[:1]
    else:
        place = np.searchsorted(table.local_from_us, local_us, side="right") - 1
        offset_us = table.offset_us[place]
    return np.subtract(local_us, offset_us)


def _in_range(instants: InstantArray, readable: npt.NDArray[np.bool_]) -> InstantArray:
    good = readable & (instants >= 0) & (instants < END_US)
    if good.all():
        return instants
    return np.where(good, instants, np.int64(NO_INSTANT))


def instants_of_texts(column: TextColumn, zone: str) -> InstantArray:
    """Read (n,) texts in the forms that senders use.

    RFC 3339 with ``T`` or blank, with or without fraction (one to nine digits, cut after
    microseconds) and offset (``Z``, ``+08:00``, ``+0800``, ``+8:00``, ``+08``, or ``08:00`` whose
    sign got lost); 10, 13 or 16 digits of Unix time, seconds with a fraction; 14 or 17 digits and
    ``20260424T0931450000`` of civil time.

    Returns
    -------
    InstantArray
        Microseconds UTC, NO_INSTANT where missing or unreadable.
    """
    table = zone_table(zone)
    instants = np.empty(len(column), dtype=np.int64)
    read_instants(
        column.heads,
        column.inline,
        column.data,
        column.buffer_starts,
        table.local_from_us,
        table.offset_us,
        instants,
    )
    return instants


def instants_of_timestamps(array: pa.Array, zone: str) -> InstantArray:
    """Read an Arrow time stamp array of any unit, with or without a zone of its own.

    Parameters
    ----------
    array
        Time stamps; with a time zone they count UTC, without one civil time of `zone`.
    zone
        IANA name.

    Returns
    -------
    InstantArray
        Microseconds UTC (nanoseconds cut off), NO_INSTANT where null or out of range.
    """
    per_second = _PER_SECOND[array.type.unit]
    counts = _integers(array.view(pa.int64()))
    present = _present(array)
    # Two days around the range keep civil times at its edges; the rest would overflow.
    edge = 2 * _DAY_US // 1_000_000 * per_second
    present &= (counts >= -edge) & (counts < END_US // 1_000_000 * per_second + edge)
    if not present.all():
        counts = np.where(present, counts, np.int64(0))
    if per_second < _PER_SECOND["us"]:
        counts = counts * (_PER_SECOND["us"] // per_second)
    elif per_second > _PER_SECOND["us"]:
        counts = counts // (per_second // _PER_SECOND["us"])
    if array.type.tz is None:
        counts = civil_to_instants(counts, zone)
    return _in_range(counts, present)


def instants_of_integers(array: pa.Array, zone: str) -> InstantArray:
    """Read an Arrow integer array by its number of digits, as `instants_of_texts` does."""
    texts = instants_of_texts
    present = _present(array)
    if pa.types.is_unsigned_integer(array.type):
        return texts(text_column(array.cast(pa.string())), zone)
    counts = _integers(array.cast(pa.int64()))
    instants = np.full(counts.size, NO_INSTANT, dtype=np.int64)
    rest = present.copy()
    for digits, scale in ((10, 1_000_000), (13, 1_000), (16, 1)):
        fits = present & (counts >= 10 ** (digits - 1)) & (counts < 10**digits)
        instants[fits] = counts[fits] * scale
        rest &= ~fits
    if rest.any():
        rows = np.flatnonzero(rest)
        instants[rows] = texts(text_column(pa.array(counts[rows]).cast(pa.string())), zone)
    return _in_range(instants, present)


def instants_of_floats(array: pa.Array, zone: str) -> InstantArray:
    """Read an Arrow float array: Unix seconds with a fraction, or whole numbers as integers."""
    values = np.asarray(array.cast(pa.float64()).fill_null(np.nan), dtype=np.float64)
    finite = np.isfinite(values) & (np.abs(values) < 2.0**53)
    safe = np.where(finite, values, 0.0)
    seconds = (safe >= 1e9) & (safe < 1e10)
    whole = np.where(finite & (safe == np.floor(safe)), safe, 0.0).astype(np.int64)
    instants = instants_of_integers(pa.array(whole), zone)
    fractions = np.rint(np.where(seconds, safe, 0.0) * 1e6).astype(np.int64)
    readable = finite & (seconds | (instants != NO_INSTANT))
    return _in_range(np.where(seconds, fractions, instants), readable)


def _present(array: pa.Array) -> npt.NDArray[np.bool_]:
    if array.null_count == 0:
        return np.ones(len(array), dtype=np.bool_)
    return np.array(array.is_valid(), dtype=np.bool_)


def _integers(array: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(array.fill_null(0) if array.null_count else array, dtype=np.int64)
