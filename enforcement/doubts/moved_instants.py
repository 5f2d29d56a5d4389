"""The instants that a hit may really be of, as few as stand for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.doubts.concerning_rules import (
    Concerning,
    grants_of,
    permits_of,
    restrictions_of,
)
from enforcement.index.civil_time import (
    DAY_US,
    FIRST_INSTANT_US,
    LAST_INSTANT_US,
    MINUTE_US,
    civil_us,
)
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules

    Instants = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

_DAY_MINUTES = DAY_US // MINUTE_US


class MovedInstants(NamedTuple):
    """m pairs of a hit and an instant.

    Attributes
    ----------
    row
        (m,) int64 place of the hit, not falling.
    at_us
        (m,) int64 microseconds UTC, ascending within a hit.
    """

    row: npt.NDArray[np.int64]
    at_us: npt.NDArray[np.int64]


def moved_instants(rules: Rules, hits: Suspects) -> MovedInstants:
    """Find the instants at which the answer about a hit may change while its clock is off.

    Parameters
    ----------
    rules
        Compiled rules; `camera_clock_error_us` is how far a clock may be off.
    hits
        n hits.

    Returns
    -------
    MovedInstants
        For each hit the first and the last instant that its clock allows, and between them every one
        at which something of the rules that concerns it begins or ends: hours, validities, status,
        warning periods, service of the camera. From one to the next everything stays as it is.
    """
    rows, (first, last) = np.arange(len(hits)), _reach(rules, hits)
    row, at_us = _changes(rules, hits)
    which, instants = np.concatenate((rows, rows, row)), np.concatenate((first, last, at_us))
    order = np.lexsort((instants, which))
    which, instants = which[order], instants[order]
    new = np.ones(which.shape[0], np.bool_)
    new[1:] = (which[1:] != which[:-1]) | (instants[1:] != instants[:-1])
    return MovedInstants(which[new], instants[new])


def near_changes(rules: Rules, hits: Suspects) -> npt.NDArray[np.int64]:
    """Return the rows, ascending, of hits of which something changes while their clock is off.

    Of the others every instant that the clock allows is as the one that it told.
    """
    return np.unique(_changes(rules, hits)[0])


def _reach(rules: Rules, hits: Suspects) -> Instants:
    """Return the first and the last instants that the clocks of hits allow."""
    at, error_us = hits.captured_at_us, rules.camera_clock_error_us[hits.record]
    return at - error_us, at + error_us


def _changes(rules: Rules, hits: Suspects) -> Instants:
    """Return places of hits, and the instants behind the first, to the last, that change something."""
    first, last = _reach(rules, hits)
    # Another record of the same camera may be in service then.
    offsets = rules.camera_record_offsets
    row, record = each_of_ranges(offsets[hits.camera], offsets[hits.camera + 1])
    seen = replace(hits.some(row), record=record.astype(np.int32))
    first, last = first[row], last[row]
    found = []
    for place, instant in _edges(rules, seen, first, last):
        near = np.flatnonzero((first[place] < instant) & (instant <= last[place]))
        found.append((row[place[near]], instant[near]))
    rows, instants = (np.concatenate(column) for column in zip(*found, strict=True))
    return rows, instants


def _edges(
    rules: Rules, hits: Suspects, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> Iterator[Instants]:
    """Yield places of hits and instants at which something that concerns them changes."""
    rows, record = np.arange(len(hits)), hits.record
    for of_camera in (
        rules.camera_from_us,
        rules.camera_until_us,
        rules.camera_warning_until_us,
    ):
        yield rows, of_camera[record]
    restrictions = restrictions_of(rules, hits)
    for of_restriction in (
        rules.restriction_from_us,
        rules.restriction_until_us,
        rules.restriction_warning_until_us,
    ):
        yield restrictions.row, of_restriction[restrictions.rule]
    permits = permits_of(rules, hits)
    for of_permit in (rules.permit_from_us, rules.permit_until_us):
        yield permits.row, of_permit[permits.rule]
    offsets = rules.status_offsets
    pair, entry = each_of_ranges(offsets[permits.rule], offsets[permits.rule + 1])
    yield permits.row[pair], rules.status_from_us[entry]
    grants, _ = grants_of(rules, permits, record)
    hours = Concerning(
        np.concatenate((restrictions.row, grants.row)),
        np.concatenate(
            (
                rules.restriction_schedule[restrictions.rule],
                rules.grant_schedule[grants.rule],
            )
        ).astype(np.int64),
    )
    yield from _changes_of_hours(rules, hours, first, last)


def _changes_of_hours(
    rules: Rules, hours: Concerning, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> Iterator[Instants]:
    """Yield places of hits and the instants between `first` and `last` at which hours begin or end.

    Hours are of whole civil minutes, and those are whole minutes of UTC in every zone since 1972.
    """
    at = _minutes_within(first, last) * MINUTE_US
    at = at[(at > FIRST_INSTANT_US) & (at < LAST_INSTANT_US)]
    order = np.argsort(hours.rule, kind="stable")
    schedules, begins = np.unique(hours.rule[order], return_index=True)
    for schedule, rows in zip(
        schedules.tolist(), np.split(hours.row[order], begins[1:]), strict=False
    ):
        changes = at[_is_open(rules, schedule, at) != _is_open(rules, schedule, at - MINUTE_US)]
        place, change = each_of_ranges(
            np.searchsorted(changes, first[rows], side="right"),
            np.searchsorted(changes, last[rows], side="right"),
        )
        yield rows[place], changes[change]


def _minutes_within(
    first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the minutes since 1970 that begin in any of n spans of instants, ascending."""
    begins, ends = first // MINUTE_US + 1, last // MINUTE_US + 1
    order = np.argsort(begins)
    begins, ends = begins[order], np.maximum.accumulate(ends[order])
    opens, closes = np.ones((2, begins.shape[0]), np.bool_)
    opens[1:] = closes[:-1] = begins[1:] > ends[:-1]
    _, minute = each_of_ranges(begins[opens], ends[closes])
    return minute


def _is_open(rules: Rules, schedule: int, at: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell, (n,), whether a schedule is open at instants."""
    civil_minute = civil_us(rules.zone, at) // MINUTE_US
    day, minute = np.divmod(civil_minute, _DAY_MINUTES)
    of_day = rules.day_pattern[rules.schedule_days[schedule], day - rules.first_day]
    pattern = rules.schedule_first_pattern[schedule] + of_day.astype(np.int64)
    word = rules.patterns[pattern, minute >> 6]
    opened: npt.NDArray[np.bool_] = (word >> (minute & 63).astype(np.uint64)) & np.uint64(1) == 1
    return opened
