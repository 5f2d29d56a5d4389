"""Clock errors of cameras, estimated from the vehicles that they saw among the others' cameras.

Two successive sightings of a vehicle elsewhere leave a time in which it may have passed a camera. A
camera with a right clock saw it then. One with a wrong clock saw it at another time, which the
cameras around contradict or where nobody else saw it; the time left between two of its other
sightings then says how far off the clock is, within a minute or so, and many passages agree on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.least_seconds import least_seconds
from enforcement.index.civil_time import HOUR_US, MINUTE_US
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

_S: Final = 1e6
_ALONE_US: Final = 10 * MINUTE_US  # a vehicle on its way is seen elsewhere within this
_AROUND_US: Final = 13 * HOUR_US  # the clock of another zone, or of the other half of a day
_LONGEST_GAP_US: Final = 15 * MINUTE_US  # in longer ones vehicles stop
_SPARE_S: Final = 120.0  # how long signals hold a vehicle up in one gap
_MOST_GAPS: Final = 500  # among which a passage is tried: no vehicle has more in a day
_USUAL_GAPS: Final = 3.0  # drives take up to so many times the usual least
_NOISE_S: Final = 2.0  # what right clocks are off, two of them
_LEAST_ERROR_S: Final = 30.0  # smaller errors are not looked for: the grace of permits is minutes
LEAST_PASSAGES: Final = 6  # that agree on an error
# Of the passages that fit elsewhere at all, and of all passages of a camera on a day, so many agree:
# nearly all that are odd, or so many that they cannot be chance.
_AGREED: Final = ((0.6, 0.03), (0.3, 0.1))
FEW_SIGHTINGS: Final = 40  # tell nothing of a day by themselves
_MOST_ODD: Final = 0.5  # of all sightings: where more are, there is nothing to hold a clock against
_USUAL: Final = (1.0, 3.0)  # what drives take at least, over what they can take at least
_DRIVES_TO_TELL: Final = 100
_UNTOLD_USUAL: Final = 2.0


class CameraClocks(NamedTuple):
    """What the sightings say of the clock of u units, each a camera on a day.

    Attributes
    ----------
    agreeing
        (u,) int64 passages that agree on an error.
    error_s
        (u,) float64 the error that most agree on: seconds that the clock is ahead; NaN where no
        passage tells.
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
    doubtful
        (u,) bool: what these units saw speaks against no other.

    Returns
    -------
    CameraClocks
        The same whatever the order of the hits.
    """
    usual = _usual_share(rules, sightings)
    clocks = _ask(rules, sightings, unit, doubtful, usual)
    if (clocks.wrong & ~doubtful).any():
        clocks = _ask(rules, sightings, unit, doubtful | clocks.wrong, usual)
    return clocks


def _usual_share(rules: Rules, sightings: Sightings) -> float:
    """Return how many times the least that any vehicle needs nearly every vehicle takes.

    Of drives that are possible: nearly every one is at least so slow.
    """
    record, at = sightings.record, sightings.captured_at_us
    same = sightings.vehicle[1:] == sightings.vehicle[:-1]
    took_us = at[1:] - at[:-1]
    before = np.flatnonzero(same & (record[1:] != record[:-1]) & (took_us <= 2 * _LONGEST_GAP_US))
    least = least_seconds(rules, record[before], record[before + 1])
    took_s = took_us[before] / _S
    told = (least >= _LEAST_ERROR_S) & (took_s >= least)
    if told.sum() < _DRIVES_TO_TELL:
        return _UNTOLD_USUAL
    shares = np.sort(took_s[told] / least[told])
    return float(np.clip(shares[int(0.02 * (shares.shape[0] - 1))], *_USUAL))


def _ask(
    rules: Rules,
    sightings: Sightings,
    unit: npt.NDArray[np.int64],
    doubtful: npt.NDArray[np.bool_],
    usual: float,
) -> CameraClocks:
    """Estimate the errors by the sightings of units that are not doubtful."""
    believed = np.flatnonzero(~doubtful[unit])
    odd = _odd_passages(rules, sightings, believed)
    units = doubtful.shape[0]
    if odd.shape[0] > _MOST_ODD * len(sightings):
        return CameraClocks(
            np.zeros(units, np.int64), np.full(units, np.nan), np.zeros(units, np.bool_)
        )
    passage, low, high = _fits(rules, sightings, believed, odd, usual)
    total = np.bincount(unit, minlength=units)
    fitting = np.bincount(unit[np.unique(passage)], minlength=units)
    agreeing, error_s = _most_agreed(unit[passage], low, high, units)
    agreed = [
        (agreeing >= of_fitting * fitting) & (agreeing >= of_all * total)
        for of_fitting, of_all in _AGREED
    ]
    wrong = (agreeing >= LEAST_PASSAGES) & np.any(agreed, axis=0)
    return CameraClocks(agreeing, error_s, wrong)


def _odd_passages(
    rules: Rules, sightings: Sightings, believed: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the sightings that others contradict, or that nobody else is near.

    Those before and after it count, by other camera records.
    """
    vehicle, record, at = sightings.vehicle, sightings.record, sightings.captured_at_us
    count = len(sightings)
    row = np.arange(count)
    begins = np.ones(believed.shape[0], np.bool_)
    begins[1:] = (vehicle[believed[1:]] != vehicle[believed[:-1]]) | (
        record[believed[1:]] != record[believed[:-1]]
    )
    starts = np.flatnonzero(begins)
    run = np.cumsum(begins) - 1
    ends = np.append(starts[1:], believed.shape[0])
    # Places among the believed: -1 and one behind the end stand for nobody.
    padded = np.append(believed, -1)
    earlier = np.searchsorted(believed, row, side="left") - 1
    later = np.searchsorted(believed, row, side="right")
    own = (earlier >= 0) & _alike(sightings, padded[earlier], row)
    earlier[own] = starts[run[earlier[own]]] - 1
    own = (later < believed.shape[0]) & _alike(sightings, padded[later], row)
    later[own] = ends[run[later[own]]]

    odd = np.zeros(count, np.bool_)
    about = np.zeros(count, np.bool_)
    others = np.zeros(count, np.bool_)
    for place, sign in ((earlier, 1), (later, -1)):
        other = padded[place]
        there = np.flatnonzero((other >= 0) & (vehicle[other] == vehicle))
        other = other[there]
        took_us = sign * (at[there] - at[other])
        ways = (record[other], record[there]) if sign > 0 else (record[there], record[other])
        slack_us = rules.camera_clock_error_us[ways[0]] + rules.camera_clock_error_us[ways[1]]
        odd[there] |= least_seconds(rules, *ways) > (took_us + slack_us) / _S
        about[there] |= took_us <= _ALONE_US
        others[there] = True
    return np.flatnonzero(odd | (others & ~about))


def _alike(
    sightings: Sightings, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Tell which pairs of sightings are of one vehicle by one camera record."""
    same: npt.NDArray[np.bool_] = (sightings.vehicle[one] == sightings.vehicle[other]) & (
        sightings.record[one] == sightings.record[other]
    )
    return same


class _Gaps(NamedTuple):
    """Times in which vehicles may have been anywhere, by vehicle and time.

    `before` and `after` are the sightings that they lie between, -1 where nobody saw the vehicle for
    long.
    """

    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]

    @property
    def known_by(self) -> npt.NDArray[np.int64]:
        """The sighting that each gap begins with, or else ends with."""
        return np.where(self.before < 0, self.after, self.before)

    def some(self, rows: npt.NDArray[np.int64]) -> _Gaps:
        return _Gaps(self.before[rows], self.after[rows])


def _gaps(sightings: Sightings, believed: npt.NDArray[np.int64]) -> _Gaps:
    """Return the gaps between successive sightings, and those before and after each trip."""
    vehicle, record, at = sightings.vehicle, sightings.record, sightings.captured_at_us
    one, other = believed[:-1], believed[1:]
    joined = (vehicle[one] == vehicle[other]) & (at[other] - at[one] <= _LONGEST_GAP_US)
    inside = np.flatnonzero(joined & (record[one] != record[other]))
    starts = believed[np.append(True, ~joined)] if believed.size else believed
    ends = believed[np.append(~joined, True)] if believed.size else believed
    nobody = np.full(starts.shape[0], -1)
    gaps = _Gaps(
        np.concatenate((one[inside], nobody, ends)), np.concatenate((other[inside], starts, nobody))
    )
    known_by = gaps.known_by
    return gaps.some(np.lexsort((at[known_by], vehicle[known_by])))


def _fits(
    rules: Rules,
    sightings: Sightings,
    believed: npt.NDArray[np.int64],
    odd: npt.NDArray[np.int64],
    usual: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return where else odd passages fit: the passage, and the errors that this would mean.

    In a gap that is long enough for a drive by way of the camera, and no longer than such drives
    take; or so near the begin or the end of a trip. Not of a plate that has more than _MOST_GAPS
    within a day: one that readers fall back on, say.
    """
    vehicle, record, at = sightings.vehicle, sightings.record, sightings.captured_at_us
    gaps = _gaps(sightings, believed)
    known_by = gaps.known_by
    instants, rank = np.unique(at[known_by], return_inverse=True)
    ranks = instants.shape[0] + 1
    place = vehicle[known_by] * ranks + rank
    begin, end = (
        np.searchsorted(place, vehicle[odd] * ranks + np.searchsorted(instants, at[odd] + shift))
        for shift in (-_AROUND_US, _AROUND_US)
    )
    tried = end - begin <= _MOST_GAPS
    of, gap = each_of_ranges(begin[tried], end[tried])
    passage = odd[tried][of]
    before, after = gaps.some(gap)
    inside = (before >= 0) & (after >= 0)
    # Where nobody saw the vehicle on one side, the other stands for both and takes no time.
    one, other = np.where(before < 0, after, before), np.where(after < 0, before, after)
    here = record[passage]
    to_it = np.where(before < 0, 0.0, usual * least_seconds(rules, record[one], here))
    from_it = np.where(after < 0, 0.0, usual * least_seconds(rules, here, record[other]))
    longest = _USUAL_GAPS * (to_it + from_it) + _SPARE_S
    one_s, other_s = (at[one] - at[passage]) / _S, (at[other] - at[passage]) / _S
    # The seconds from when it was seen to when it passed, at the earliest and at the latest.
    first = np.where(before < 0, other_s - longest, one_s + to_it)
    last = np.where(after < 0, one_s + longest, other_s - from_it)
    low, high = -last - _NOISE_S, -first + _NOISE_S
    fits = np.flatnonzero(
        (record[one] != here)
        & (record[other] != here)
        & (low <= high)
        & np.where(inside, other_s - one_s <= longest, longest <= _ALONE_US / _S)
        & ((high < -_LEAST_ERROR_S) | (low > _LEAST_ERROR_S))
    )
    return passage[fits], low[fits], high[fits]


def _most_agreed(
    unit: npt.NDArray[np.int64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    units: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return for each unit in how many of its ranges some error lies at most, and that error.

    Of several such errors the middle of the first range of them.
    """
    agreeing = np.zeros(units, np.int64)
    error_s = np.full(units, np.nan)
    if not unit.size:
        return agreeing, error_s
    closes = np.repeat((0, 1), unit.shape[0])
    value = np.concatenate((low, high))
    of = np.concatenate((unit, unit))
    order = np.lexsort((closes, value, of))
    of, value, closes = of[order], value[order], closes[order]
    depth = np.cumsum(1 - 2 * closes)
    there, start = np.unique(of, return_index=True)
    agreeing[there] = np.maximum.reduceat(depth, start)
    deepest = np.flatnonzero(depth == agreeing[of])
    which, first = np.unique(of[deepest], return_index=True)
    peak = deepest[first]
    error_s[which] = (value[peak] + value[peak + 1]) / 2
    return agreeing, error_s
