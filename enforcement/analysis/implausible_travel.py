"""Two sightings of one plate farther apart than any vehicle drives in the time between.

One of the two plates is cloned or was misread, and nobody can tell which: both sightings are
marked, and every violation of the plate within a day either side with them, since most
sightings of a clone are plausible by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.least_seconds import least_seconds

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

AROUND_US: Final = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ImpossibleDrives:
    """m pairs of successive sightings that no vehicle can make, by vehicle and time.

    Attributes
    ----------
    before, after
        (m,) int64 rows of the sightings.
    lacking_s
        (m,) seconds that the drive would have taken longer at least.
    """

    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    lacking_s: npt.NDArray[np.float64]


def impossible_drives(rules: Rules, sightings: Sightings) -> ImpossibleDrives:
    """Find the drives that no vehicle can make.

    Parameters
    ----------
    rules
        Compiled rules; the clock of each camera may be off by `camera_clock_error_us`.
    sightings
        In order; successive ones are compared.

    Returns
    -------
    ImpossibleDrives
        Between different cameras only.
    """
    record, at = sightings.record, sightings.captured_at_us
    same = sightings.vehicle[1:] == sightings.vehicle[:-1]
    before = np.flatnonzero(same & (record[1:] != record[:-1]))
    first, second = record[before], record[before + 1]
    slack_us = rules.camera_clock_error_us[first] + rules.camera_clock_error_us[second]
    taken_s = (at[before + 1] - at[before] + slack_us) / 1e6
    lacking_s = least_seconds(rules, first, second) - taken_s
    cannot = np.flatnonzero(lacking_s > 0.0)
    return ImpossibleDrives(before[cannot], before[cannot] + 1, lacking_s[cannot])


def near_impossible_drives(
    sightings: Sightings,
    drives: ImpossibleDrives,
    plate_key: npt.NDArray[np.uint64],
    plate_class: npt.NDArray[np.uint8],
    captured_at_us: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Tell which violations lie within AROUND_US of an impossible drive of their vehicle.

    Parameters
    ----------
    sightings, drives
        Of the period.
    plate_key, plate_class, captured_at_us
        (v,) of the violations, in any order.

    Returns
    -------
    numpy.ndarray
        (v,) bool.
    """
    count, pairs = plate_key.shape[0], drives.before.shape[0]
    key = np.concatenate((sightings.plate_key[drives.before], plate_key))
    kind = np.concatenate((sightings.plate_class[drives.before], plate_class))
    at = np.concatenate((sightings.captured_at_us[drives.before], captured_at_us))
    # Violations of the drive's own instant stand behind it.
    is_violation = np.arange(pairs + count) >= pairs
    order = np.lexsort((is_violation, at, kind, key))
    number = np.where(is_violation[order], -1, order)
    last = np.maximum.accumulate(np.where(number >= 0, np.arange(order.shape[0]), -1))
    coming = np.where(number >= 0, np.arange(order.shape[0]), order.shape[0])
    following = np.minimum.accumulate(coming[::-1])[::-1]
    near = np.zeros(pairs + count, np.bool_)
    for beside, valid in ((last, last >= 0), (following, following < order.shape[0])):
        here = np.flatnonzero(valid)
        other, mine = order[beside[here]], order[here]
        pair = drives.after[other]
        one_vehicle = (key[other] == key[mine]) & (kind[other] == kind[mine])
        since = at[mine] - sightings.captured_at_us[pair]
        until = at[other] - at[mine]
        near[mine] |= one_vehicle & (since <= AROUND_US) & (until <= AROUND_US)
    return near[pairs:]
