"""What drives take as a rule, and pairs of cameras between which nearly all take less than that.

Such a pair stands nearer together than the register says if some vehicles even drive what none can. A
fast road by itself is no such pair: nobody does the impossible on it. Nor is one that a cloned plate
is seen at: all others take their time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.least_seconds import least_seconds
from enforcement.index.civil_time import MINUTE_US

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

_S: Final = 1e6
_LONGEST_US: Final = 30 * MINUTE_US  # in longer ones vehicles stop
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
    before, took_s, least_s = _drives(rules, sightings)
    near = sightings.captured_at_us[before + 1] - sightings.captured_at_us[before] <= _LONGEST_US
    told = near & (least_s >= _LEAST_S) & (took_s >= least_s)
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
    before, took_s, least_s = _drives(rules, sightings)
    error_us = rules.camera_clock_error_us
    ends = sightings.record[before].astype(np.int64), sightings.record[before + 1].astype(np.int64)
    fast = took_s + (error_us[ends[0]] + error_us[ends[1]]) / _S < usual * least_s
    records = error_us.shape[0]
    pair = np.minimum(*ends) * records + np.maximum(*ends)
    pairs, of, drives = np.unique(pair, return_inverse=True, return_counts=True)
    vehicles = _vehicles(sightings, before, of, impossible, pairs.shape[0])
    near = (
        (drives >= _LEAST_DRIVES)
        & (np.bincount(of, weights=fast, minlength=pairs.shape[0]) >= _FAST * drives)
        & (vehicles >= np.maximum(_LEAST_VEHICLES, _IMPOSSIBLE * drives))
    )
    found: npt.NDArray[np.int64] = before[fast & near[of]]
    return found


def _vehicles(
    sightings: Sightings,
    before: npt.NDArray[np.int64],
    pair: npt.NDArray[np.int64],
    impossible: npt.NDArray[np.int64],
    pairs: int,
) -> npt.NDArray[np.int64]:
    """Count the vehicles with impossible drives between each pair."""
    some = np.searchsorted(before, impossible)
    count = int(sightings.vehicle.max(initial=0)) + 1
    once = np.unique(pair[some] * count + sightings.vehicle[impossible])
    return np.bincount(once // count, minlength=pairs)


def _drives(
    rules: Rules, sightings: Sightings
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the rows before all drives, the seconds that they took, and the least that any takes."""
    record, vehicle, at = sightings.record, sightings.vehicle, sightings.captured_at_us
    before = np.flatnonzero((vehicle[1:] == vehicle[:-1]) & (record[1:] != record[:-1]))
    took_s = (at[before + 1] - at[before]) / _S
    return before, took_s, least_seconds(rules, record[before], record[before + 1])
