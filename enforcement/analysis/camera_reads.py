"""How much each camera reads, and how well: silent, flooded, or with plates that it cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.camera_records import serving_throughout
from enforcement.index.civil_time import DAY_US, HOUR_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from enforcement.index.layout import Rules

    Rows = tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]

_DAY_HOURS: Final = 24
_HOUR_BITS: Final = 21  # hours from 1970 to 2100 and beyond
_NEAR_HOURS: Final = 128  # rows that come together are mostly of so few hours

FLOOD_READS: Final = 1_200  # in an hour: one every three seconds
FLOOD_TIMES: Final = 20  # what an hour has more than the camera's usual one
UNREAD_SHARE: Final = 0.3  # of what a camera sends, rows whose plate it could not read
UNREAD_TIMES: Final = 3  # as many times the share of all cameras that day
LEAST_ROWS: Final = (
    50  # that a camera sends on a day, or is expected to in an hour, to be told from chance
)


class HourlyRows(NamedTuple):
    """How many rows cameras sent in hours: the k (camera, hour) with any, ascending.

    Attributes
    ----------
    camera, hour
        (k,) int64 place of the camera_id in the code book, and hours since 1970-01-01, UTC.
    rows
        (k,) int64.
    """

    camera: npt.NDArray[np.int64]
    hour: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


class DailyReads(NamedTuple):
    """What cameras sent on UTC days: the k (camera, day) with any row or a silent hour, ascending.

    Attributes
    ----------
    camera, day
        (k,) int64 place of the camera_id in the code book, and days since 1970-01-01.
    read, unread
        (k,) int64 rows with a plate that was read, and rows without; duplicates count.
    silent_hours
        (k,) int64 hours in service throughout in which it read nothing, though by its part of what
        all cameras read while it was in service LEAST_ROWS were expected.
    flooded
        (k,) bool: one hour has FLOOD_READS or more, and FLOOD_TIMES what its hours have as a rule.
    badly_read
        (k,) bool: of LEAST_ROWS or more, UNREAD_SHARE could not be read, and UNREAD_TIMES the share
        of all cameras.
    """

    camera: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    read: npt.NDArray[np.int64]
    unread: npt.NDArray[np.int64]
    silent_hours: npt.NDArray[np.int64]
    flooded: npt.NDArray[np.bool_]
    badly_read: npt.NDArray[np.bool_]

    def holds(
        self, camera: npt.NDArray[np.integer], captured_at_us: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Tell, (n,) bool, which hits a camera read that was flooded or could not read that day."""
        bad = self.flooded | self.badly_read
        keys = self.camera[bad] << _HOUR_BITS | self.day[bad]
        asked = camera.astype(np.int64) << _HOUR_BITS | captured_at_us // DAY_US
        return np.isin(asked, keys)


def hourly_rows(parts: Iterable[Rows]) -> HourlyRows:
    """Count rows by camera and hour.

    Parameters
    ----------
    parts
        (n,) cameras, negative where unknown, and (n,) instants from 1970 to 2100, microseconds UTC.

    Returns
    -------
    HourlyRows
        The same however the rows are cut.
    """
    keys, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for camera, at in parts:
        for key, count in _counted(camera, at):
            keys.append(key)
            counts.append(count)
    key, which = np.unique(np.concatenate(keys), return_inverse=True)
    rows = np.bincount(which, np.concatenate(counts), key.shape[0]).astype(np.int64)
    return HourlyRows(key >> _HOUR_BITS, key & ((1 << _HOUR_BITS) - 1), rows)


def _counted(
    camera: npt.NDArray[np.int32], at: npt.NDArray[np.int64]
) -> Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield the keys of one part and how often each is there; a key may come twice."""
    known = camera >= 0
    cameras, hours = camera[known].astype(np.int64), at[known] // HOUR_US
    if not hours.size:
        return
    first = int(hours.min())
    if int(hours.max()) - first >= _NEAR_HOURS:
        # A clock of 1970 must not make a table of all hours since.
        first = int(np.median(hours)) - _NEAR_HOURS // 2
        near = (hours >= first) & (hours < first + _NEAR_HOURS)
        yield np.unique(cameras[~near] << _HOUR_BITS | hours[~near], return_counts=True)
        cameras, hours = cameras[near], hours[near]
    table = np.bincount(cameras * _NEAR_HOURS + (hours - first))
    there = np.flatnonzero(table)
    yield there // _NEAR_HOURS << _HOUR_BITS | (first + there % _NEAR_HOURS), table[there]


def daily_reads(rules: Rules, read: HourlyRows, unread: HourlyRows) -> DailyReads:
    """Look at what cameras sent.

    Parameters
    ----------
    rules
        Compiled rules: when each camera was in service.
    read, unread
        Rows with a plate that was read, and rows without.
    """
    silent_key, hours = _silent_days(rules, read)
    keys = [_day_keys(read), _day_keys(unread), silent_key]
    unit, which = np.unique(np.concatenate(keys), return_inverse=True)
    units = unit.shape[0]
    mine, theirs, silent = np.split(which, np.cumsum([key.shape[0] for key in keys[:2]]))
    good = np.bincount(mine, read.rows, units).astype(np.int64)
    bad = np.bincount(theirs, unread.rows, units).astype(np.int64)
    silent_hours = np.zeros(units, np.int64)
    silent_hours[silent] = hours
    flooded = np.zeros(units, np.bool_)
    flooded[mine[_is_flood(read)]] = True

    day = unit & ((1 << _HOUR_BITS) - 1)
    sent = good + bad
    days, of = np.unique(day, return_inverse=True)
    usual = np.bincount(of, bad, days.shape[0]) / np.bincount(of, sent, days.shape[0])
    badly = (
        (sent >= LEAST_ROWS)
        & (bad >= UNREAD_SHARE * sent)
        & (bad >= UNREAD_TIMES * usual[of] * sent)
    )
    return DailyReads(unit >> _HOUR_BITS, day, good, bad, silent_hours, flooded, badly)


def _day_keys(some: HourlyRows) -> npt.NDArray[np.int64]:
    return some.camera << _HOUR_BITS | some.hour // _DAY_HOURS


def _is_flood(read: HourlyRows) -> npt.NDArray[np.bool_]:
    """Tell which (camera, hour) have far more than the median of the camera's hours with any."""
    cameras, first = np.unique(read.camera, return_index=True)
    flood = read.rows >= FLOOD_READS
    ends = np.append(first[1:], read.camera.shape[0])
    for place in np.unique(np.searchsorted(cameras, read.camera[flood])).tolist():
        mine = slice(int(first[place]), int(ends[place]))
        flood[mine] &= read.rows[mine] >= FLOOD_TIMES * np.median(read.rows[mine])
    return flood


class _ServedDay(NamedTuple):
    """A day of the rows read: which, and what is of each hour of it.

    `hour` (r,) is the hour of the day of those rows, `all_rows` (24,) what all cameras read, `serves`
    (c, 24) the hours that a camera was in service throughout.
    """

    day: int
    which: npt.NDArray[np.int64]
    hour: npt.NDArray[np.int64]
    all_rows: npt.NDArray[np.number]
    serves: npt.NDArray[np.bool_]


def _served_days(
    rules: Rules, read: HourlyRows, cameras: npt.NDArray[np.int64]
) -> Iterator[_ServedDay]:
    """Yield the days on which any camera read."""
    every = read.hour // _DAY_HOURS
    for day in np.unique(every).tolist():
        which = np.flatnonzero(every == day)
        hour = read.hour[which] % _DAY_HOURS
        all_rows = np.bincount(hour, read.rows[which], _DAY_HOURS)
        begins_us = (day * _DAY_HOURS + np.arange(_DAY_HOURS)) * HOUR_US
        serves = serving_throughout(rules, cameras, begins_us, HOUR_US)
        yield _ServedDay(day, which, hour, all_rows, serves)


def _silent_days(
    rules: Rules, read: HourlyRows
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the keys of days with hours in which a camera read nothing, and how many these were.

    Its part of all reads is that of the hours in which it was in service, and only these can be silent.
    """
    cameras, of_camera = np.unique(read.camera, return_inverse=True)
    own, all_rows = np.zeros((2, cameras.shape[0]))
    for one in _served_days(rules, read, cameras):
        mine = of_camera[one.which]
        own += np.bincount(
            mine, read.rows[one.which] * one.serves[mine, one.hour], cameras.shape[0]
        )
        all_rows += one.serves @ one.all_rows
    part = own / np.maximum(all_rows, 1.0)
    keys, hours = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for one in _served_days(rules, read, cameras):
        silent = one.serves & (np.outer(part, one.all_rows) >= LEAST_ROWS)
        silent[of_camera[one.which], one.hour] = False  # heard of
        count = silent.sum(axis=1)
        there = np.flatnonzero(count)
        keys.append(cameras[there] << _HOUR_BITS | one.day)
        hours.append(count[there])
    return np.concatenate(keys), np.concatenate(hours)


_NONE: Final = np.zeros(0, np.int64)
_NEVER: Final = np.zeros(0, np.bool_)
NO_READS: Final = DailyReads(_NONE, _NONE, _NONE, _NONE, _NONE, _NEVER, _NEVER)
