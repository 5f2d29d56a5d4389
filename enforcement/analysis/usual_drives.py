"""What drives take as a rule, and pairs of cameras between which nearly all take less than that.

Such a pair stands nearer together than the register says if some vehicles even drive what none can. A
fast road by itself is no such pair: nobody does the impossible on it. Nor is one that a cloned plate
is seen at: all others take their time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.least_seconds import least_seconds

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

_S: Final = 1e6
_LONGEST_S: Final = 30 * 60.0  # in longer ones vehicles stop
_LEAST_S: Final = 30.0  # of shorter ones most is waiting
_USUAL: Final = (1.0, 3.0)  # what drives take at least, over what they can take at least
_DRIVES_TO_TELL: Final = 100
_UNTOLD_USUAL: Final = 2.0
_LEAST_DRIVES: Final = 10  # between two cameras
_FAST: Final = 0.5  # of these take less than usual
_LEAST_VEHICLES: Final = 2  # of these drive what none can
_IMPOSSIBLE: Final = 0.003  # of these: misread and cloned plates make one of some thousands


def usual_share(rules: Rules, sightings: Sightings) -> float:
    """Return how many times the least that any vehicle needs nearly every vehicle takes.

    Of the drives that are possible, 98 of 100 are at least so slow; 2 where too few tell.
    """
    before, took_s = _drives(sightings)
    near = np.flatnonzero(took_s <= _LONGEST_S)
    before, took_s = before[near], took_s[near]
    least_s = least_seconds(rules, sightings.record[before], sightings.record[before + 1])
    told = (least_s >= _LEAST_S) & (took_s >= least_s)
    if told.sum() < _DRIVES_TO_TELL:
        return _UNTOLD_USUAL
    shares = np.sort(took_s[told] / least_s[told])
    return float(np.clip(shares[int(0.02 * (shares.shape[0] - 1))], *_USUAL))


def too_fast(
    rules: Rules, sightings: Sightings, impossible: npt.NDArray[np.int64], usual: float
) -> npt.NDArray[np.int64]:
    """Find the drives between cameras that stand nearer together than stated.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        In order.
    impossible
        Rows before the drives that no vehicle can make, ascending.
    usual
        As of `usual_share`.

    Returns
    -------
    numpy.ndarray
        (m,) int64 rows before the drives, ascending: those of such pairs that take less than usual.
    """
    before, took_s = _drives(sightings)
    records = rules.camera_lon.shape[0]
    pair = _pairs(sightings, before, records)
    pairs, vehicles = _shown(sightings, impossible, records)
    of = np.searchsorted(pairs, pair)
    there = np.flatnonzero(np.append(pairs, -1)[of] == pair)
    before, took_s, of = before[there], took_s[there], of[there]
    ends = sightings.record[before], sightings.record[before + 1]
    error_us = rules.camera_clock_error_us
    slack_s = (error_us[ends[0]] + error_us[ends[1]]) / _S
    fast = took_s + slack_s < usual * least_seconds(rules, *ends)
    drives = np.bincount(of, minlength=pairs.shape[0])
    near = (
        (drives >= _LEAST_DRIVES)
        & (np.bincount(of, weights=fast, minlength=pairs.shape[0]) >= _FAST * drives)
        & (vehicles >= _IMPOSSIBLE * drives)
    )
    found: npt.NDArray[np.int64] = before[fast & near[of]]
    return found


def _shown(
    sightings: Sightings, impossible: npt.NDArray[np.int64], records: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the pairs, ascending, with impossible drives of enough vehicles, and of how many."""
    pairs, of = np.unique(_pairs(sightings, impossible, records), return_inverse=True)
    count = int(sightings.vehicle.max(initial=0)) + 1
    once = np.unique(of * count + sightings.vehicle[impossible])
    vehicles = np.bincount(once // count, minlength=pairs.shape[0])
    enough = vehicles >= _LEAST_VEHICLES
    return pairs[enough], vehicles[enough]


def _pairs(
    sightings: Sightings, before: npt.NDArray[np.int64], records: int
) -> npt.NDArray[np.int64]:
    """Return one number for the two cameras of each drive, whichever way."""
    one, other = sightings.record[before], sightings.record[before + 1]
    pairs: npt.NDArray[np.int64] = np.minimum(one, other).astype(np.int64) * records
    return pairs + np.maximum(one, other)


def _drives(sightings: Sightings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the rows before all drives, and the seconds that they took."""
    record, vehicle, at = sightings.record, sightings.vehicle, sightings.captured_at_us
    before = np.flatnonzero((vehicle[1:] == vehicle[:-1]) & (record[1:] != record[:-1]))
    return before, (at[before + 1] - at[before]) / _S
