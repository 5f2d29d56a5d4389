"""Which permit forbids a drive by its speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from enforcement.index.civil_time import FIRST_INSTANT_US, LAST_INSTANT_US, MINUTE_US
from enforcement.index.plate_table_kernels import mix
from enforcement.matching.kernel_arrays import (
    HEAD_FROM,
    HEAD_GRANTS,
    HEAD_MARKS,
    HEAD_UNTIL,
    SLOT_NAMINGS,
)
from enforcement.matching.lookup_kernels import (
    LOW_HALF,
    find_slot,
    is_open,
    passes,
    span_of,
    status_at,
)
from enforcement.rules.permits import STATUSES
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.matching.kernel_arrays import ClockArrays, DriveArrays, PermitArrays

_STATUS_ACTIVE = STATUSES.index("active")
_DAY_MINUTES = 1440


@njit(cache=True, nogil=True)
def mark_limited(
    keys: npt.NDArray[np.uint64],
    limited: npt.NDArray[np.uint64],
    slots: npt.NDArray[np.int64],
    marked: npt.NDArray[np.bool_],
) -> None:
    """Mark, of n plates, those that the rules know and that pass the filter of plates with a limit."""
    for row in range(keys.shape[0]):
        marked[row] = passes(limited, mix(keys[row])) and find_slot(slots, keys[row]) >= 0


@njit(cache=True, nogil=True)
def covering_grant(
    clock: ClockArrays, permits: PermitArrays, permit: Any, record: Any, at: Any
) -> Any:
    """Return the first grant of a permit in force that covers a camera and an instant, -1 if none."""
    heads = permits.heads
    if not FIRST_INSTANT_US <= at < LAST_INSTANT_US:
        return -1
    status = status_at(heads, permits.status_from_us, permits.status_code, permit, at)
    if status != _STATUS_ACTIVE or not heads[permit, HEAD_FROM] <= at < heads[permit, HEAD_UNTIL]:
        return -1
    civil_us = at + clock.zone_offset_us[span_of(clock.zone_from_us, at)]
    civil_minute = civil_us // MINUTE_US
    day = civil_minute // _DAY_MINUTES
    minute = civil_minute - day * _DAY_MINUTES
    span = heads[permit, HEAD_GRANTS]
    for grant in range(span & LOW_HALF, span >> 32):
        word = permits.camera_sets[permits.grants[grant, 0], record >> 6]
        if (word >> np.uint64(record & 63)) & np.uint64(1) == np.uint64(0):
            continue
        column = day - clock.first_day[0]
        schedule = permits.grants[grant, 1]
        if is_open(clock.schedules, clock.day_pattern, clock.patterns, schedule, column, minute):
            return grant
    return -1


@njit(cache=True, nogil=True)
def weigh_speeds(
    drives: DriveArrays,
    clock: ClockArrays,
    slots: npt.NDArray[np.int64],
    permits: PermitArrays,
    most_kmh: npt.NDArray[np.float64],
    out_permit: npt.NDArray[np.int32],
    out_grant: npt.NDArray[np.int32],
) -> None:
    """Find the permit that forbids each drive, and its grant at the second hit; -1 if none does."""
    for drive in range(drives.kmh.shape[0]):
        out_permit[drive] = -1
        out_grant[drive] = -1
        slot = find_slot(slots, drives.plate_key[drive])
        if slot < 0:
            continue
        plate_class = np.int64(drives.plate_class[drive])
        confined = False
        allowed_kmh = -1.0
        nearest = np.int64(-1)
        nearest_grant = np.int64(-1)
        for naming in range(slots[slot, SLOT_NAMINGS] & LOW_HALF, slots[slot, SLOT_NAMINGS] >> 32):
            permit = np.int64(permits.namings[naming, 0])
            named_class = np.int64(permits.namings[naming, 1])
            if not (named_class in (plate_class, NO_PLATE_CLASS) or plate_class == NO_PLATE_CLASS):
                continue
            confines = (permits.heads[permit, HEAD_MARKS] >> 8) & 1 != 0
            if not confines and (confined or not drives.permitted[drive]):
                continue
            grant = np.int64(-1)
            for end in range(2):
                record = np.int64(drives.record[drive, end])
                grant = covering_grant(clock, permits, permit, record, drives.at_us[drive, end])
                if grant < 0:
                    break
            if grant < 0:
                continue
            # A permit that confines binds whatever others allow; of its kind the kindest counts.
            if most_kmh[permit] > allowed_kmh or (confines and not confined):
                allowed_kmh = most_kmh[permit]
                nearest = permit
                nearest_grant = grant
            confined = confined or confines
        if nearest >= 0 and drives.kmh[drive] > allowed_kmh:
            out_permit[drive] = nearest
            out_grant[drive] = nearest_grant
