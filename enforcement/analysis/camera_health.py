"""Cameras that cannot be believed: so many of their sightings contradict the rest of the city's.

Then wrong clocks are looked for (`camera_clocks`), by what those that are left saw, and without
them all is looked at again: a wrong clock makes its neighbours contradict others too.
A clone contradicts itself at a few cameras, once or twice at each. A camera whose clock is off or
that stands elsewhere contradicts many of the vehicles that pass it, whatever camera they come from
or go to; its neighbour contradicts it alone. So what counts is the share of impossible drives with
each other camera, every other camera alike. The worst camera is put aside first, with its drives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.camera_clocks import FEW_SIGHTINGS, LEAST_PASSAGES, camera_clocks
from enforcement.analysis.implausible_travel import impossible_drives

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

DAY_US: Final = 24 * 3600 * 1_000_000
_DAYS: Final = 1 << 17  # more than there are from 1970 to 2100
LEAST_VEHICLES: Final = 4  # with impossible drives, and as many drives not blamed on others yet
LEAST_SHARE: Final = 0.07  # of its drives, on average over the cameras that it shares them with
_ENOUGH: Final = 5  # more drives between two cameras tell no more than so many
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
        at the end: the mean over the cameras at the other end, those with a right clock.
    agreeing, error_s
        (u,) int64 and float64 sightings that agree on an error of its clock, and the error: seconds
        ahead, NaN where none tells. See `camera_clocks`.
    wrong_clock
        (u,) bool: it is believed to be wrong.
    quarantined
        (u,) bool: for its clock, or for its share.
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
    quarantined: npt.NDArray[np.bool_]

    def holds(
        self, record: npt.NDArray[np.int32], captured_at_us: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Tell, (n,) bool, which hits a quarantined camera read."""
        bad = (self.record * _DAYS + self.day)[self.quarantined]
        return np.isin(_camera_days(record, captured_at_us), bad)


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
    edges = _edges(rules, sightings, unit, units)
    drives, impossible = (
        _at_both_ends(edges, amount, units).astype(np.int64)
        for amount in (edges.drives, edges.impossible)
    )
    share, aside = _put_aside(edges, units)
    clocks = camera_clocks(rules, sightings, unit, aside)
    doubtful = (
        (count < FEW_SIGHTINGS)
        | (clocks.agreeing >= LEAST_PASSAGES)
        | ((impossible >= LEAST_VEHICLES) & (impossible >= LEAST_SHARE * drives))
    )
    wrong_clock = _beside_wrong_days(record, day, doubtful, clocks.wrong) | _invented_days(day)
    if wrong_clock.any():
        # Whoever was put aside only for what a wrong clock said of it is believed again.
        right = np.flatnonzero(~wrong_clock[unit])
        share, aside = _put_aside(_edges(rules, sightings.some(right), unit[right], units), units)
    return CameraHealth(
        record,
        day,
        count,
        drives,
        impossible,
        share,
        clocks.agreeing,
        clocks.error_s,
        wrong_clock,
        wrong_clock | aside,
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


class _Edges(NamedTuple):
    """Pairs of units (a camera on a day) with drives between them, in either direction."""

    one: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    impossible: npt.NDArray[np.int64]
    vehicles: npt.NDArray[np.int64]  # with an impossible drive from or to each unit


def _edges(rules: Rules, sightings: Sightings, unit: npt.NDArray[np.int64], units: int) -> _Edges:
    """Count the drives between units."""
    row = np.flatnonzero(
        (sightings.vehicle[1:] == sightings.vehicle[:-1])
        & (sightings.record[1:] != sightings.record[:-1])
    )
    found = impossible_drives(rules, sightings).before

    def pair_of(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        low, high = np.minimum(unit[rows], unit[rows + 1]), np.maximum(unit[rows], unit[rows + 1])
        return low * units + high

    pair, drives = np.unique(pair_of(row), return_counts=True)
    impossible = np.bincount(np.searchsorted(pair, pair_of(found)), minlength=pair.shape[0])
    ends = np.concatenate((unit[found], unit[found + 1]))
    count = int(sightings.vehicle.max(initial=0)) + 1
    once = np.unique(ends * count + np.tile(sightings.vehicle[found], 2)) // count
    return _Edges(
        pair // units, pair % units, drives, impossible, np.bincount(once, minlength=units)
    )


def _put_aside(edges: _Edges, units: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Put aside the unit that contradicts the others most, and so on; each one's share, and whether."""
    weight = np.minimum(edges.drives, _ENOUGH).astype(np.float64)
    wrong = weight * edges.impossible / np.maximum(edges.drives, 1)
    known, bad, left = (
        _at_both_ends(edges, amount, units) for amount in (weight, wrong, edges.impossible)
    )
    ends = np.concatenate((edges.one, edges.other))
    order = np.argsort(ends, kind="stable")
    offsets = np.searchsorted(ends[order], np.arange(units + 1))
    far_end = np.concatenate((edges.other, edges.one))[order]
    edge = order % max(edges.one.shape[0], 1)
    aside = np.zeros(units, np.bool_)
    final = bad / np.maximum(known, 1.0)
    suspected = np.flatnonzero(edges.vehicles >= LEAST_VEHICLES)
    while True:
        suspected = suspected[left[suspected] >= LEAST_VEHICLES]
        if not suspected.size:
            break
        share = bad[suspected] / np.maximum(known[suspected], 1.0)
        worst = int(suspected[np.argmax(share)])
        if share.max() < LEAST_SHARE:
            break
        aside[worst] = True
        suspected = suspected[suspected != worst]
        mine = slice(int(offsets[worst]), int(offsets[worst + 1]))
        # A unit has one edge to each other, so that no far end stands here twice.
        other, gone = far_end[mine], edge[mine]
        known[other] -= weight[gone]
        bad[other] -= wrong[gone]
        left[other] -= edges.impossible[gone]
        believed = other[~aside[other]]
        final[believed] = bad[believed] / np.maximum(known[believed], 1.0)
    return final, aside


def _at_both_ends(
    edges: _Edges, amount: npt.NDArray[np.generic], units: int
) -> npt.NDArray[np.float64]:
    """Sum an amount of each edge over the units at its ends."""
    ones = np.bincount(edges.one, weights=amount, minlength=units)
    others = np.bincount(edges.other, weights=amount, minlength=units)
    return np.asarray(ones + others, np.float64)
