"""Two sightings of one plate farther apart than any vehicle drives in the time between.

One of the two plates is cloned or was misread, and nobody can tell which: both sightings are
marked, and every violation of the plate within a day either side with them, since most
sightings of a clone are plausible by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.least_seconds import least_beyond
from enforcement.index.civil_time import DAY_US

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

AROUND_US: Final = DAY_US
CLONE_TIMES: Final = (
    2  # a plate that has shown so often that it is two vehicles' is a suspected clone
)
UNUSUAL: Final = 2.0  # hardly any vehicle drives in so many times the least that any needs


@dataclass(frozen=True, slots=True, eq=False)
class ImpossibleDrives:
    """m pairs of successive sightings that no vehicle can make, by vehicle and time.

    Attributes
    ----------
    before, after
        (m,) int64 rows of the sightings.
    lacking_s
        (m,) seconds that the drive would have taken longer at least.
    certain
        (m,) bool: no misreading of one of the two explains it, for without either the sighting that
        is left and the next one beyond are nearly as far apart, within UNUSUAL times the least.
    """

    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    lacking_s: npt.NDArray[np.float64]
    certain: npt.NDArray[np.bool_]


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
    record, vehicle = sightings.record, sightings.vehicle
    before = np.flatnonzero((vehicle[1:] == vehicle[:-1]) & (record[1:] != record[:-1]))
    taken_s, least_s = _drives(rules, sightings, before, before + 1)
    cannot = np.flatnonzero(least_s > taken_s)
    before, lacking_s = before[cannot], (least_s - taken_s)[cannot]
    certain = np.ones(before.shape[0], np.bool_)
    for first, second in ((before - 1, before + 1), (before, before + 2)):
        there = np.flatnonzero((first >= 0) & (second < len(sightings)))
        there = there[vehicle[first[there]] == vehicle[second[there]]]
        taken_s, least_s = _drives(rules, sightings, first[there], second[there])
        unusual = there[UNUSUAL * least_s > taken_s]
        certain &= np.isin(np.arange(before.shape[0]), unusual)
    return ImpossibleDrives(before, before + 1, lacking_s, certain)


def _drives(
    rules: Rules,
    sightings: Sightings,
    first: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the seconds between sightings, with the kindest clocks, and those needed at least.

    Zero for these where the drive is no unusual one.
    """
    one, other = sightings.record[first], sightings.record[second]
    slack_us = rules.camera_clock_error_us[one] + rules.camera_clock_error_us[other]
    taken_us = sightings.captured_at_us[second] - sightings.captured_at_us[first] + slack_us
    taken_s = taken_us / 1e6
    return taken_s, np.where(one == other, 0.0, least_beyond(rules, one, other, taken_s / UNUSUAL))


def shown_again(sightings: Sightings, drives: ImpossibleDrives) -> npt.NDArray[np.int64]:
    """Count for each impossible drive how often its vehicle has shown by then that it is two.

    One sighting that is another vehicle's makes two impossible drives, to it and from it. So only
    drives count that have no sighting in common with the one counted before, and one that is
    certain counts once more.

    Returns
    -------
    numpy.ndarray
        (m,) int64, from 1 for the first drive of a vehicle.
    """
    times = drives.certain.astype(np.int64)
    vehicle = sightings.vehicle[drives.before].tolist()
    before, after = drives.before.tolist(), drives.after.tolist()
    last = -1  # the end of the drive that was counted last
    for place, begin in enumerate(before):
        same = place > 0 and vehicle[place] == vehicle[place - 1]
        counts = not same or begin != last
        times[place] += counts + (times[place - 1] if same else 0)
        last = after[place] if counts else last
    return times


def implausible(
    sightings: Sightings,
    drives: ImpossibleDrives,
    plate_key: npt.NDArray[np.uint64],
    captured_at_us: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Tell which violations are near an impossible drive, or of a plate that keeps making them.

    Those within AROUND_US of a sighting that an impossible drive marks, and all of a plate that
    has shown CLONE_TIMES or more, or once for certain, that two vehicles have it: a cloned plate stays on the road for
    longer than a day. Its plate_class does not matter: a clone shows the plate to cameras that tell
    none as well.

    Parameters
    ----------
    sightings, drives
        Of the period.
    plate_key, captured_at_us
        (v,) of the violations, in any order.

    Returns
    -------
    numpy.ndarray
        (v,) bool.
    """
    marked = np.union1d(drives.before, drives.after)
    count = marked.shape[0]
    key = np.concatenate((sightings.plate_key[marked], plate_key))
    at = np.concatenate((sightings.captured_at_us[marked], captured_at_us))
    # Violations of a sighting's own instant stand behind it.
    is_violation = np.arange(key.shape[0]) >= count
    order = np.lexsort((is_violation, at, key))
    place = np.arange(order.shape[0])
    last = np.maximum.accumulate(np.where(is_violation[order], -1, place))
    coming = np.where(is_violation[order], order.shape[0], place)
    following = np.minimum.accumulate(coming[::-1])[::-1]
    near = np.zeros(key.shape[0], np.bool_)
    for beside, there in ((last, last >= 0), (following, following < order.shape[0])):
        here = np.flatnonzero(there)
        sighting, mine = order[beside[here]], order[here]
        within = np.abs(at[mine] - at[sighting]) <= AROUND_US
        near[mine] |= within & (key[sighting] == key[mine])
    often = drives.before[shown_again(sightings, drives) >= CLONE_TIMES]
    return near[count:] | np.isin(plate_key, sightings.plate_key[often])
