"""What drives take as a rule, and cameras between which nearly all take less than that.

Two such cameras stand nearer together than the register says if some vehicles even drive what none
can. A fast road by itself is no such pair: nobody does the impossible on it. Nor is one that a cloned
plate is seen at: all others take their time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.contradictions import LEAST_VEHICLES
from enforcement.analysis.least_seconds import least_beyond, least_seconds

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
_LEAST_IMPOSSIBLE: Final = 2  # of their vehicles drive what none can
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


def nearer_than_stated(rules: Rules, sightings: Sightings) -> npt.NDArray[np.bool_]:
    """Find the cameras that stand nearer to others than stated.

    Of two one is in the wrong place: whichever has more drives that are too fast, with all others, is
    put aside, and all is looked at again without it. Of two with about as many nothing tells.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        In order, by cameras that are believed in all else.

    Returns
    -------
    numpy.ndarray
        (c,) bool, one a camera record.
    """
    records = rules.camera_clock_error_us.shape[0]
    one, other, drives = _near_pairs(rules, sightings)
    aside = np.zeros(records, np.bool_)
    while one.size:
        fast = np.bincount(one, drives, records) + np.bincount(other, drives, records)
        aside |= fast > fast.max() - LEAST_VEHICLES
        left = ~aside[one] & ~aside[other]
        one, other, drives = one[left], other[left], drives[left]
    return aside


def _near_pairs(
    rules: Rules, sightings: Sightings
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pairs of records that are nearer than stated, and how many drives between are too fast."""
    before, took_s = _drives(sightings)
    ends = sightings.record[before].astype(np.int64), sightings.record[before + 1].astype(np.int64)
    error_us = rules.camera_clock_error_us
    took_s += (error_us[ends[0]] + error_us[ends[1]]) / _S
    pair = np.minimum(*ends) * error_us.shape[0] + np.maximum(*ends)
    cannot = took_s < least_beyond(rules, *ends, took_s)
    pairs, vehicles = _driven_by_several(pair[cannot], sightings.vehicle[before[cannot]])
    of = np.searchsorted(pairs, pair)
    asked = np.flatnonzero(np.append(pairs, -1)[of] == pair)
    drives = np.bincount(of[asked], minlength=pairs.shape[0])
    usual_s = usual_share(rules, sightings) * least_seconds(rules, *(end[asked] for end in ends))
    fast = np.bincount(of[asked], took_s[asked] < usual_s, pairs.shape[0]).astype(np.int64)
    near = np.flatnonzero(
        (drives >= _LEAST_DRIVES) & (fast >= _FAST * drives) & (vehicles >= _IMPOSSIBLE * drives)
    )
    return pairs[near] // error_us.shape[0], pairs[near] % error_us.shape[0], fast[near]


def _driven_by_several(
    pair: npt.NDArray[np.int64], vehicle: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the pairs, ascending, with drives of _LEAST_IMPOSSIBLE vehicles, and of how many."""
    pairs, of = np.unique(pair, return_inverse=True)
    count = int(vehicle.max(initial=0)) + 1
    vehicles = np.bincount(np.unique(of * count + vehicle) // count, minlength=pairs.shape[0])
    enough = vehicles >= _LEAST_IMPOSSIBLE
    return pairs[enough], vehicles[enough]


def _drives(sightings: Sightings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the rows before all drives, and the seconds that they took."""
    record, vehicle, at = sightings.record, sightings.vehicle, sightings.captured_at_us
    before = np.flatnonzero((vehicle[1:] == vehicle[:-1]) & (record[1:] != record[:-1]))
    return before, (at[before + 1] - at[before]) / _S
