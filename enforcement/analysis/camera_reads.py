"""How much each camera reads, and how well: silent, flooded, or with plates that it cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Rows = tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]

_HOUR_US: Final = 3_600_000_000
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
    """What cameras sent on UTC days: the k (camera, day) with any row, ascending.

    Attributes
    ----------
    camera, day
        (k,) int64 place of the camera_id in the code book, and days since 1970-01-01.
    read, unread
        (k,) int64 rows with a plate that was read, and rows without; duplicates count.
    silent_hours
        (k,) int64 hours in which it read nothing, and by its own part of what all cameras read
        LEAST_ROWS were expected.
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
    cameras, hours = camera[known].astype(np.int64), at[known] // _HOUR_US
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


def daily_reads(read: HourlyRows, unread: HourlyRows) -> DailyReads:
    """Look at what cameras sent.

    Parameters
    ----------
    read, unread
        Rows with a plate that was read, and rows without.
    """
    keys = np.concatenate([_day_keys(some) for some in (read, unread)])
    unit, which = np.unique(keys, return_inverse=True)
    units = unit.shape[0]
    mine, theirs = np.split(which, [read.rows.shape[0]])
    good = np.bincount(mine, read.rows, units).astype(np.int64)
    bad = np.bincount(theirs, unread.rows, units).astype(np.int64)
    camera, day = unit >> _HOUR_BITS, unit & ((1 << _HOUR_BITS) - 1)

    flooded = np.zeros(units, np.bool_)
    flooded[mine[_is_flood(read)]] = True
    share = bad / (good + bad)
    days, of = np.unique(day, return_inverse=True)
    usual = np.bincount(of, bad, days.shape[0]) / np.bincount(of, good + bad, days.shape[0])
    badly = (
        (good + bad >= LEAST_ROWS) & (share >= UNREAD_SHARE) & (share >= UNREAD_TIMES * usual[of])
    )
    return DailyReads(camera, day, good, bad, _silent_hours(read, camera, day), flooded, badly)


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


def _silent_hours(
    read: HourlyRows, camera: npt.NDArray[np.int64], day: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Count the hours of each (camera, day) in which it read nothing although it was expected to."""
    hours, of_hour = np.unique(read.hour, return_inverse=True)
    cameras, of_camera = np.unique(read.camera, return_inverse=True)
    silent = np.zeros(camera.shape[0], np.int64)
    if not hours.size:
        return silent
    part = np.bincount(of_camera, read.rows) / read.rows.sum()
    expected = np.outer(part, np.bincount(of_hour, read.rows)) >= LEAST_ROWS
    expected[of_camera, of_hour] = False  # heard of
    before = np.concatenate((np.zeros((cameras.shape[0], 1), np.int64), expected.cumsum(1)), 1)
    known = np.isin(camera, cameras)
    place = np.searchsorted(cameras, camera[known])
    begin, end = (np.searchsorted(hours, (day[known] + day_on) * _DAY_HOURS) for day_on in (0, 1))
    silent[known] = before[place, end] - before[place, begin]
    return silent
