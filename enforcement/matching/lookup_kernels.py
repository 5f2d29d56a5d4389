"""Small questions that the kernels ask of the rules, each inlined where it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from enforcement.findings import Reason
from enforcement.index.plate_table_kernels import filter_bits, mix
from enforcement.matching.kernel_arrays import (
    HEAD_MARKS,
    HEAD_STATUS_FROM,
    HEAD_STATUSES,
    NO_STATUS,
    SLOT_KEY,
)
from enforcement.rules.permits import STATUSES
from ingest.hits import NO_PLATE_CLASS, UNKNOWN_VEHICLE_CLASS

if TYPE_CHECKING:
    import numpy.typing as npt

# Kernels read plain integers: numba turns them into constants.
UNKNOWN_PLATE = -2
LOW_HALF = (1 << 32) - 1
_SUSPENDED = int(Reason.SUSPENDED)
_REVOKED = int(Reason.REVOKED)
_EXPIRED = int(Reason.EXPIRED)
_NOT_YET_VALID = int(Reason.NOT_YET_VALID)
_NO_PERMIT = int(Reason.NO_PERMIT)
_STATUS_SUSPENDED = STATUSES.index("suspended")
_STATUS_REVOKED = STATUSES.index("revoked")
_STATUS_WITHDRAWN = STATUSES.index("withdrawn")


@njit(cache=True, nogil=True)
def span_of(zone_from_us: npt.NDArray[np.int64], instant_us: Any) -> Any:
    """Return the last entry of a zone table that begins at or before an instant."""
    low = 0
    high = zone_from_us.shape[0]
    while high - low > 1:
        middle = (low + high) >> 1
        if zone_from_us[middle] <= instant_us:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def is_open(
    schedules: npt.NDArray[np.int32],
    day_pattern: npt.NDArray[np.uint16],
    patterns: npt.NDArray[np.uint64],
    schedule: Any,
    column: Any,
    minute: Any,
) -> Any:
    """Say whether a schedule is open in a minute of the day that `column` stands for."""
    pattern = np.int64(schedules[schedule, 1]) + np.int64(
        day_pattern[schedules[schedule, 0], column]
    )
    word = patterns[pattern, minute >> 6]
    return (word >> np.uint64(minute & 63)) & np.uint64(1) != np.uint64(0)


@njit(cache=True, nogil=True)
def has_class(
    classes: npt.NDArray[np.uint64], row: Any, vehicle_class: Any, plate_class: Any
) -> Any:
    """Say whether a row of class masks has the vehicle class or the plate class."""
    one = np.uint64(1)
    if (classes[row, 0] >> np.uint64(vehicle_class & 63)) & one != np.uint64(0):
        return True
    if plate_class >= 128:  # NO_PLATE_CLASS is in no list
        return False
    word = classes[row, 1 + (plate_class >> 6)]
    return (word >> np.uint64(plate_class & 63)) & one != np.uint64(0)


@njit(cache=True, nogil=True)
def passes(plate_filter: npt.NDArray[np.uint64], mixed: Any) -> Any:
    """Say whether a mixed key may be in a filter: never a wrong no."""
    bits = filter_bits(mixed)
    return plate_filter[mixed & np.uint64(plate_filter.shape[0] - 1)] & bits == bits


@njit(cache=True, nogil=True)
def first_slot(slots: npt.NDArray[np.int64], key: Any) -> Any:
    """Return the slot at which the search for a key (uint64) begins."""
    return np.int64(mix(key) & np.uint64(slots.shape[0] - 1))


@njit(cache=True, nogil=True)
def find_slot(slots: npt.NDArray[np.int64], key: Any) -> Any:
    """Return the slot of a key (uint64) in the hash table, UNKNOWN_PLATE if it is not there."""
    slot = first_slot(slots, key)
    while slots[slot, SLOT_KEY] != np.int64(key):
        if slots[slot, SLOT_KEY] == 0:
            return np.int64(UNKNOWN_PLATE)
        slot = (slot + 1) & (slots.shape[0] - 1)
    return slot


@njit(cache=True, nogil=True)
def registered_class(
    registry: npt.NDArray[np.uint8], begin: Any, end: Any, plate_class: Any, seen: Any
) -> Any:
    """Return the vehicle class of a plate's registry rows, `seen` if they override nothing."""
    found = np.int64(UNKNOWN_VEHICLE_CLASS)
    if plate_class == NO_PLATE_CLASS:
        for row in range(begin, end):
            if row > begin and np.int64(registry[row, 1]) != found:
                return seen
            found = np.int64(registry[row, 1])
    else:
        for row in range(begin, end):
            if registry[row, 0] == plate_class or registry[row, 0] == NO_PLATE_CLASS:
                found = np.int64(registry[row, 1])
                break  # sorted: the row without class comes last
    return seen if found == UNKNOWN_VEHICLE_CLASS else found


@njit(cache=True, nogil=True)
def status_at(
    heads: npt.NDArray[np.int64],
    status_from_us: npt.NDArray[np.int64],
    status_code: npt.NDArray[np.uint8],
    permit: Any,
    at: Any,
) -> Any:
    """Return the code of a permit's status at an instant, NO_STATUS before the first."""
    if at >= heads[permit, HEAD_STATUS_FROM]:
        return heads[permit, HEAD_MARKS] & 255
    status = np.int64(NO_STATUS)
    span = heads[permit, HEAD_STATUSES]
    for entry in range(span & LOW_HALF, span >> 32):
        if status_from_us[entry] > at:
            break
        status = np.int64(status_code[entry])
    return status


@njit(cache=True, nogil=True)
def missed_by(status: Any, begun: Any, ended: Any) -> Any:
    """Return why a permit that has been active is not in force: the first reason that fits."""
    if status == _STATUS_SUSPENDED:
        return _SUSPENDED
    if status in (_STATUS_REVOKED, _STATUS_WITHDRAWN):
        return _REVOKED
    if ended:
        return _EXPIRED
    if not begun:
        return _NOT_YET_VALID
    return _NO_PERMIT
