"""Cameras that cannot be believed: so many of their sightings contradict the rest of the city's.

A clone contradicts itself at a few cameras, once or twice at each. A camera whose clock is off or
that stands elsewhere contradicts many of the vehicles that pass it, whatever camera they come from
or go to; its neighbour contradicts it alone. So what counts is the share of impossible drives with
each other camera, every other camera alike. The worst camera is put aside first, with its drives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

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


@dataclass(frozen=True, slots=True, eq=False)
class CameraHealth:
    """What the sightings of a period say of the cameras, by UTC day; one entry a camera and day.

    Attributes
    ----------
    record, day
        (u,) int64 camera record and days since 1970-01-01, ascending by both: those with sightings.
    drives, impossible
        (u,) int64 drives from or to it, and those of them that no vehicle can make.
    share
        (u,) float64 share of impossible drives as it was blamed by, when it was put aside or
        at the end: the mean over the cameras at the other end.
    quarantined
        (u,) bool.
    """

    record: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    impossible: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    quarantined: npt.NDArray[np.bool_]

    def holds(
        self, record: npt.NDArray[np.int32], captured_at_us: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Tell, (n,) bool, which hits a quarantined camera read."""
        bad = (self.record * _DAYS + self.day)[self.quarantined]
        return np.isin(record * _DAYS + captured_at_us // DAY_US, bad)


def camera_health(rules: Rules, sightings: Sightings) -> CameraHealth:
    """Find the cameras, and the days, that contradict the others.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        Of vehicles with violations, and of a sample of all others.
    """
    whole = sightings.record * _DAYS + sightings.captured_at_us // DAY_US
    # Camera days as they come: an instant of 1970 among those of today adds one, not a table.
    keys, unit = np.unique(whole, return_inverse=True)
    edges = _edges(rules, sightings, unit, keys.shape[0])
    share, aside = _put_aside(edges, keys.shape[0])
    drives, impossible = (
        _at_both_ends(edges, count, keys.shape[0]).astype(np.int64)
        for count in (edges.drives, edges.impossible)
    )
    return CameraHealth(keys // _DAYS, keys % _DAYS, drives, impossible, share, aside)


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
