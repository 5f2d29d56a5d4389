"""Clock errors of cameras, estimated from the vehicles that they saw among the others' cameras.

Two successive sightings of a vehicle elsewhere leave a time in which it may have passed a camera. A
camera with a right clock saw it then. One with a wrong clock saw it at another time: nearly none of its
passages lie on a drive between others' sightings, and by one and the same error nearly all of them
do. That of a right clock is a few vehicles that come round once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.errors_that_fit import errors_that_fit, most_agreed
from enforcement.analysis.passage_fits import LONGEST_GAP_US, Fit, SeenElsewhere
from enforcement.analysis.usual_drives import usual_share

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

_S: Final = 1e6
_MOST_TRIED: Final = 24  # passages of a camera on a day: an error that is none finds few that agree
LEAST_PASSAGES: Final = 6  # that fit better by an error
# From the first to the last of those so many fit better, and as many worse at most for each.
_BETTER: Final = 0.6
_WORSE: Final = 0.1
# Minutes are also lost at a gate or a ferry, always as many: such an error has to be contradicted.
_LOST_S: Final = 300.0
_LEAST_AGAINST: Final = 4
_AGAINST: Final = 0.05
FEW_SIGHTINGS: Final = 40  # tell nothing of a day by themselves
# Of all sightings: where more have none beside them, there is nothing to hold a clock against.
_MOST_ALONE: Final = 0.5


class CameraClocks(NamedTuple):
    """What the sightings say of the clock of u units, each a camera on a day.

    Attributes
    ----------
    agreeing
        (u,) int64 passages that agree on an error.
    error_s
        (u,) float64 the error that most agree on: seconds that the clock is ahead; NaN where no
        passage tells. That of a wrong clock the day before or after, if there is one.
    wrong
        (u,) bool.
    """

    agreeing: npt.NDArray[np.int64]
    error_s: npt.NDArray[np.float64]
    wrong: npt.NDArray[np.bool_]


def camera_clocks(
    rules: Rules,
    sightings: Sightings,
    unit: npt.NDArray[np.int64],
    keys: npt.NDArray[np.int64],
    doubtful: npt.NDArray[np.bool_],
) -> CameraClocks:
    """Estimate the clock errors of cameras by the day.

    Asked twice: what a wrong clock saw speaks against its neighbours, so that the second time only
    the sightings of those count that were right the first time.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        Of vehicles with violations, and of a sample of all others.
    unit
        (n,) which unit read each sighting.
    keys
        (u,) ascending; those of a camera's successive days differ by one, no others do.
    doubtful
        (u,) bool: what these units saw speaks against no other.

    Returns
    -------
    CameraClocks
        The same whatever the order of the hits.
    """
    units = keys.shape[0]
    if _alone(sightings) > _MOST_ALONE * len(sightings):
        return CameraClocks(
            np.zeros(units, np.int64), np.full(units, np.nan), np.zeros(units, np.bool_)
        )
    clocks = _ask(rules, sightings, unit, keys, doubtful)
    if (clocks.wrong & ~doubtful).any():
        clocks = _ask(rules, sightings, unit, keys, doubtful | clocks.wrong)
    return clocks


def _alone(sightings: Sightings) -> int:
    """Count the sightings that have none by another camera shortly before or after."""
    vehicle, record, at = sightings.vehicle, sightings.record, sightings.captured_at_us
    near = (
        (vehicle[1:] == vehicle[:-1])
        & (record[1:] != record[:-1])
        & (at[1:] - at[:-1] <= LONGEST_GAP_US)
    )
    return len(sightings) - int(np.count_nonzero(np.append(near, False) | np.append(False, near)))


def _ask(
    rules: Rules,
    sightings: Sightings,
    unit: npt.NDArray[np.int64],
    keys: npt.NDArray[np.int64],
    doubtful: npt.NDArray[np.bool_],
) -> CameraClocks:
    """Estimate the errors by the sightings of units that are not doubtful."""
    believed = np.flatnonzero(~doubtful[unit])
    units = doubtful.shape[0]
    usual = usual_share(rules, sightings.some(believed))
    elsewhere = SeenElsewhere(rules, sightings, believed, usual)
    stands = elsewhere.fits(np.arange(len(sightings)), np.zeros(len(sightings), np.int64))
    tried = _some_of_each(np.flatnonzero(stands < Fit.INSIDE), unit, sightings.captured_at_us)
    passage, low, high = errors_that_fit(rules, sightings, believed, tried, usual)
    agreeing, error_s = most_agreed(unit[passage], low, high, units)

    def vote(asked: npt.NDArray[np.bool_]) -> _Votes:
        rows = np.flatnonzero(asked[unit])
        ahead_us = np.rint(error_s[unit[rows]] * _S).astype(np.int64)
        moved = elsewhere.fits(rows, ahead_us)
        return _votes(unit[rows], sightings.captured_at_us[rows], stands[rows], moved, units)

    asked = agreeing >= LEAST_PASSAGES
    votes = vote(asked)
    agreeing = np.where(asked, votes.better, agreeing)
    wrong = _told_wrong(votes, error_s)
    near = _beside(keys, wrong)
    error_s = np.where(near >= 0, error_s[near], error_s)
    agreeing = np.where(near >= 0, vote(near >= 0).better, agreeing)
    return CameraClocks(agreeing, error_s, wrong)


def _some_of_each(
    rows: npt.NDArray[np.int64], unit: npt.NDArray[np.int64], at_us: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return of some rows, about evenly in time, _MOST_TRIED of each unit or fewer."""
    rows = rows[np.lexsort((at_us[rows], unit[rows]))]
    _, first, of, count = np.unique(
        unit[rows], return_index=True, return_inverse=True, return_counts=True
    )
    step = -(-count // _MOST_TRIED)
    return np.sort(rows[(np.arange(rows.shape[0]) - first[of]) % step[of] == 0])


def _beside(keys: npt.NDArray[np.int64], wrong: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return which wrong unit is of the day before each that is not wrong, or else of the day after."""
    near = np.full(keys.shape[0], -1)
    next_day = np.flatnonzero(np.diff(keys) == 1)
    for one, other in ((next_day + 1, next_day), (next_day, next_day + 1)):
        some = wrong[one] & ~wrong[other]
        near[other[some]] = one[some]
    return near


class _Votes(NamedTuple):
    """How the passages of u units lie by an error of their clocks, beside how they stand.

    Attributes
    ----------
    better, worse
        (u,) int64 passages that lie better, and worse among those from the first to the last of these.
    among, against
        (u,) int64 all passages from the first to the last of these, and those that others contradict
        as they stand.
    """

    better: npt.NDArray[np.int64]
    worse: npt.NDArray[np.int64]
    among: npt.NDArray[np.int64]
    against: npt.NDArray[np.int64]


def _votes(
    unit: npt.NDArray[np.int64],
    at_us: npt.NDArray[np.int64],
    stands: npt.NDArray[np.int8],
    moved: npt.NDArray[np.int8],
    units: int,
) -> _Votes:
    """Compare two fits of each of m passages."""
    better, worse = _lies_better(moved, stands), _lies_better(stands, moved)
    first = np.full(units, np.iinfo(np.int64).max)
    last = np.full(units, np.iinfo(np.int64).min)
    np.minimum.at(first, unit[better], at_us[better])
    np.maximum.at(last, unit[better], at_us[better])
    among = (at_us >= first[unit]) & (at_us <= last[unit])
    return _Votes(
        *(
            np.bincount(unit[some], minlength=units)
            for some in (better, among & worse, among, among & (stands == Fit.AGAINST))
        )
    )


def _lies_better(fit: npt.NDArray[np.int8], other: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Tell where one of two fits of passages is better: unusual drives speak for neither."""
    better: npt.NDArray[np.bool_] = ((fit == Fit.INSIDE) & (other < Fit.INSIDE)) | (
        (fit == Fit.BESIDE) & (other <= Fit.ALONE)
    )
    return better


def _told_wrong(votes: _Votes, error_s: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which clocks are wrong by their error."""
    contradicted = votes.against >= np.maximum(_LEAST_AGAINST, _AGAINST * votes.among)
    told: npt.NDArray[np.bool_] = (
        (votes.better >= np.maximum(LEAST_PASSAGES, _BETTER * votes.among))
        & (votes.worse <= _WORSE * votes.better)
        & (contradicted | (np.abs(error_s) >= _LOST_S))
    )
    return told
