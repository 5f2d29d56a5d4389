"""Cameras that cannot be believed: so many of their sightings contradict the rest of the city's.

A clock may go wrong on any day, and a camera be moved, so that each day of a camera is looked at by itself; and
a register is wrong about a place or a bearing for as long as it says so, so that all days together are
looked at as well. Wrong clocks are looked for (`camera_clocks`) by what those that are left saw, and
without them all is looked at again: a wrong clock makes its neighbours contradict others too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.camera_bearings import camera_bearings
from enforcement.analysis.camera_clocks import FEW_SIGHTINGS, camera_clocks
from enforcement.analysis.contradictions import LEAST_SHARE, LEAST_VEHICLES, contradictions
from enforcement.analysis.implausible_travel import impossible_drives
from enforcement.analysis.usual_drives import nearer_than_stated
from enforcement.index.civil_time import DAY_US

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

_DAYS: Final = 1 << 17  # more than there are from 1970 to 2100
_FEW_AGREEING: Final = 3  # on a clock error are enough beside a day on which it is wrong
_HARDLY_ANY: Final = (
    0.02  # of the cameras of a usual day: so few read on a day that a clock invents
)


@dataclass(frozen=True, slots=True, eq=False)
class CameraHealth:
    """What the sightings of a period say of the cameras, by UTC day; one entry a camera and day.

    Attributes
    ----------
    record, day
        (u,) int64 camera record and days since 1970-01-01, ascending by both: those with sightings.
    sightings
        (u,) int64 how many were looked at.
    drives, impossible
        (u,) int64 drives from or to it, and those of them that no vehicle can make.
    share
        (u,) float64 share of impossible drives as it was blamed by, when it was put aside or
        at the end: the mean over the cameras at the other end, those with a right clock. Of the
        record's whole period where that is more.
    agreeing, error_s
        (u,) int64 and float64 sightings that agree on an error of its clock, and the error: seconds
        ahead, NaN where none tells. See `camera_clocks`.
    wrong_clock
        (u,) bool: it is believed to be wrong.
    along
        (u,) float64 mean cosine between the record's bearing and the drives past it in the period;
        NaN where none tells. See `camera_bearings`.
    turned
        (u,) bool: it is believed to look the other way.
    quarantined
        (u,) bool: for its clock, for its drives, or for its bearing.
    """

    record: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    sightings: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    impossible: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    agreeing: npt.NDArray[np.int64]
    error_s: npt.NDArray[np.float64]
    wrong_clock: npt.NDArray[np.bool_]
    along: npt.NDArray[np.float64]
    turned: npt.NDArray[np.bool_]
    quarantined: npt.NDArray[np.bool_]

    def holds(
        self, record: npt.NDArray[np.int32], captured_at_us: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Tell, (n,) bool, which hits a quarantined camera read."""
        bad = (self.record * _DAYS + self.day)[self.quarantined]
        asked = _camera_days(record, captured_at_us)
        # They ascend, and are few.
        held: npt.NDArray[np.bool_] = np.append(bad, -1)[np.searchsorted(bad, asked)] == asked
        return held


def _camera_days(
    record: npt.NDArray[np.int32], captured_at_us: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return one number for each camera record and UTC day; their product is beyond 32 bits."""
    return record.astype(np.int64) * _DAYS + captured_at_us // DAY_US


def camera_health(rules: Rules, sightings: Sightings) -> CameraHealth:
    """Find the cameras, and the days, that contradict the others.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        Of vehicles with violations, and of a sample of all others.
    """
    whole = _camera_days(sightings.record, sightings.captured_at_us)
    # Camera days as they come: an instant of 1970 among those of today adds one, not a table.
    keys, unit = np.unique(whole, return_inverse=True)
    units = keys.shape[0]
    record, day = keys // _DAYS, keys % _DAYS
    count = np.bincount(unit, minlength=units)
    found = impossible_drives(rules, sightings).before
    by_day = contradictions(sightings, found, unit, units)
    clocks = camera_clocks(rules, sightings, unit, keys, by_day.aside)
    doubtful = (
        (count < FEW_SIGHTINGS)
        | (clocks.agreeing >= _FEW_AGREEING)
        | (
            (by_day.impossible >= LEAST_VEHICLES)
            & (by_day.impossible >= LEAST_SHARE * by_day.drives)
        )
    )
    wrong_clock = _beside_wrong_days(record, day, doubtful, clocks.wrong) | _invented_days(day)
    right, of_right = sightings, by_day
    if wrong_clock.any():
        # Whoever was put aside only for what a wrong clock said of it is believed again.
        rows = np.flatnonzero(~wrong_clock[unit])
        right, unit = sightings.some(rows), unit[rows]
        found = impossible_drives(rules, right).before
        of_right = contradictions(right, found, unit, units)
    records = int(rules.camera_record_offsets[-1])
    of_period = contradictions(right, found, right.record.astype(np.int64), records)
    aside = of_right.aside | of_period.aside[record]
    aside |= nearer_than_stated(rules, right.some(np.flatnonzero(~aside[unit])))[record]
    bearings = camera_bearings(rules, right.some(np.flatnonzero(~aside[unit])))
    return CameraHealth(
        record,
        day,
        count,
        by_day.drives,
        by_day.impossible,
        np.maximum(of_right.share, of_period.share[record]),
        clocks.agreeing,
        clocks.error_s,
        wrong_clock,
        bearings.along[record],
        bearings.turned[record],
        wrong_clock | aside | bearings.turned[record],
    )


def _beside_wrong_days(
    record: npt.NDArray[np.int64],
    day: npt.NDArray[np.int64],
    doubtful: npt.NDArray[np.bool_],
    wrong: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Add the doubtful days beside one on which a clock was wrong: they tell too little, or as much."""
    units = record * _DAYS + day
    known = units[wrong]
    beside = np.isin(units - 1, known) | np.isin(units + 1, known)
    added: npt.NDArray[np.bool_] = wrong | (beside & doubtful)
    return added


def _invented_days(day: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which units lie on a day far from all days on which the city's cameras read.

    A clock that was reset reads in 1970, alone. The day before and the day after others are not
    judged: a period may begin and end at any hour.
    """
    days, which, cameras = np.unique(day, return_inverse=True, return_counts=True)
    if not days.size:
        return np.zeros(0, np.bool_)
    usual = days[cameras >= _HARDLY_ANY * np.median(cameras[which])]
    near = np.isin(days - 1, usual) | np.isin(days + 1, usual) | np.isin(days, usual)
    return np.isin(day, days[~near])
