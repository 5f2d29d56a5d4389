"""The clock errors by which passages would fit among what other cameras saw, and on which they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.least_seconds import least_seconds
from enforcement.analysis.passage_fits import LONGEST_END_US, LONGEST_GAP_US, SPARE_S, USUAL_GAPS
from enforcement.index.civil_time import HOUR_US
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

LEAST_ERROR_S: Final = 30.0  # smaller errors are not looked for: the grace of permits is minutes
_S: Final = 1e6
_AROUND_US: Final = 13 * HOUR_US  # the clock of another zone, or of the other half of a day
_MOST_GAPS: Final = 500  # among which a passage is tried: no vehicle has more in a day
_NOISE_S: Final = 2.0  # what right clocks are off, two of them


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
    joined = (vehicle[one] == vehicle[other]) & (at[other] - at[one] <= LONGEST_GAP_US)
    inside = np.flatnonzero(joined & (record[one] != record[other]))
    starts = believed[np.append(True, ~joined)] if believed.size else believed
    ends = believed[np.append(~joined, True)] if believed.size else believed
    nobody = np.full(starts.shape[0], -1)
    gaps = _Gaps(
        np.concatenate((one[inside], nobody, ends)), np.concatenate((other[inside], starts, nobody))
    )
    known_by = gaps.known_by
    return gaps.some(np.lexsort((at[known_by], vehicle[known_by])))


def errors_that_fit(
    rules: Rules,
    sightings: Sightings,
    believed: npt.NDArray[np.int64],
    tried: npt.NDArray[np.int64],
    usual: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return where else passages fit.

    In a gap that is long enough for a drive by way of the camera, and no longer than such drives
    take; or so near the begin or the end of a trip. Not of a plate that has more than _MOST_GAPS
    within a day: one that readers fall back on, say.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        n sightings, in order.
    believed
        Rows of those that leave gaps, ascending.
    tried
        Rows of the passages.
    usual
        Nearly every drive takes so many times the least that any vehicle needs.

    Returns
    -------
    passage
        (f,) rows of `tried`, each once for every place where it fits.
    low, high
        (f,) float64 seconds that its clock would be ahead, from and to; never from less than
        LEAST_ERROR_S behind to less than that ahead.
    """
    vehicle, record, at = sightings.vehicle, sightings.record, sightings.captured_at_us
    gaps = _gaps(sightings, believed)
    known_by = gaps.known_by
    instants, rank = np.unique(at[known_by], return_inverse=True)
    ranks = instants.shape[0] + 1
    place = vehicle[known_by] * ranks + rank
    begin, end = (
        np.searchsorted(
            place, vehicle[tried] * ranks + np.searchsorted(instants, at[tried] + shift)
        )
        for shift in (-_AROUND_US, _AROUND_US)
    )
    few = end - begin <= _MOST_GAPS
    of, gap = each_of_ranges(begin[few], end[few])
    passage = tried[few][of]
    before, after = gaps.some(gap)
    inside = (before >= 0) & (after >= 0)
    # Where nobody saw the vehicle on one side, the other stands for both and takes no time.
    one, other = np.where(before < 0, after, before), np.where(after < 0, before, after)
    here = record[passage]
    to_it = np.where(before < 0, 0.0, usual * least_seconds(rules, record[one], here))
    from_it = np.where(after < 0, 0.0, usual * least_seconds(rules, here, record[other]))
    longest = USUAL_GAPS * (to_it + from_it) + SPARE_S
    one_s, other_s = (at[one] - at[passage]) / _S, (at[other] - at[passage]) / _S
    # The seconds from when it was seen to when it passed, at the earliest and at the latest.
    first = np.where(before < 0, other_s - longest, one_s + to_it)
    last = np.where(after < 0, one_s + longest, other_s - from_it)
    low, high = -last - _NOISE_S, -first + _NOISE_S
    fits = np.flatnonzero(
        (record[one] != here)
        & (record[other] != here)
        & (low <= high)
        & np.where(inside, other_s - one_s <= longest, longest <= LONGEST_END_US / _S)
        & ((high < -LEAST_ERROR_S) | (low > LEAST_ERROR_S))
    )
    return passage[fits], low[fits], high[fits]


def most_agreed(
    unit: npt.NDArray[np.int64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    units: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return for each of some units in how many of its ranges some error lies at most, and that error.

    Parameters
    ----------
    unit, low, high
        (f,) the unit of each range, below `units`, and its ends.
    units
        How many there are.

    Returns
    -------
    agreeing, error_s
        (units,) int64, and float64, the middle of the first range of such errors; NaN where there is none.
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
