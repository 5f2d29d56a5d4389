"""The permits of the few hits that need them weighed (docs/judgement.md, steps 3 to 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from enforcement.findings import Reason, Verdict
from enforcement.matching.kernel_arrays import (
    CONFINED_BIT,
    HEAD_ACTIVE_FROM,
    HEAD_FIRST_GRANT,
    HEAD_FROM,
    HEAD_GRANTS,
    HEAD_MARKS,
    HEAD_UNTIL,
    NOT_LOOKED_FOR,
    SLOT_FIRST,
    SLOT_KEY,
    SLOT_NAMINGS,
)
from enforcement.matching.lookup_kernels import (
    LOW_HALF,
    find_slot,
    first_slot,
    is_open,
    missed_by,
    status_at,
)
from enforcement.rules.permits import STATUSES
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.matching.kernel_arrays import (
        BlockArrays,
        ClockArrays,
        HitArrays,
        PermitArrays,
        VerdictArrays,
    )

_PERMITTED = int(Verdict.PERMITTED)
_VIOLATION = int(Verdict.VIOLATION)
_NO_REASON = int(Reason.NONE)
_ABSOLUTE_BAN = int(Reason.ABSOLUTE_BAN)
_OUTSIDE_HOURS = int(Reason.OUTSIDE_HOURS)
_OFF_ROUTE = int(Reason.OFF_ROUTE)
_NO_PERMIT = int(Reason.NO_PERMIT)
_STATUS_ACTIVE = STATUSES.index("active")
_DAY_MINUTES = 1440


@njit(cache=True, nogil=True)
def fetch(
    begin: int,
    waiting: int,
    hits: HitArrays,
    slots: npt.NDArray[np.int64],
    permits: PermitArrays,
    out: VerdictArrays,
    block: BlockArrays,
) -> None:
    """Find the plates of the pending hits, and bring what `weigh` will need into the cache.

    Each hit needs three far places one after the other: the slot of its plate, the head of its
    first permit, the camera set of the first grant. Each is asked for all hits before the first
    answer is needed, so that their ways through memory overlap.
    """
    hit_key = hits.plate_key
    heads = permits.heads
    camera_sets = permits.camera_sets
    out_camera = out.camera
    touched = block.touched
    block_slot = block.slot
    block_pending = block.pending

    for number in range(waiting):
        key = hit_key[begin + block_pending[number]]
        touched[number] = slots[first_slot(slots, key), SLOT_KEY]
    for number in range(waiting):
        place = block_pending[number]
        if block_slot[place] == NOT_LOOKED_FOR:
            block_slot[place] = find_slot(slots, hit_key[begin + place])
        slot = block_slot[place]
        touched[number] = -1
        if slot >= 0 and slots[slot, SLOT_NAMINGS] & LOW_HALF != slots[slot, SLOT_NAMINGS] >> 32:
            touched[number] = heads[slots[slot, SLOT_FIRST] & LOW_HALF, HEAD_FIRST_GRANT]
    for number in range(waiting):
        if touched[number] >= 0:
            word = np.int64(out_camera[begin + block_pending[number]]) >> 6
            touched[number] = np.int64(camera_sets[touched[number] & LOW_HALF, word])


@njit(cache=True, nogil=True)
def weigh(
    begin: int,
    waiting: int,
    hits: HitArrays,
    clock: ClockArrays,
    absolute: npt.NDArray[np.uint8],
    slots: npt.NDArray[np.int64],
    permits: PermitArrays,
    out: VerdictArrays,
    block: BlockArrays,
) -> None:
    """Finish the pending hits by their permits: steps 3 to 8."""
    first_day = clock.first_day[0]
    schedules = clock.schedules
    day_pattern = clock.day_pattern
    patterns = clock.patterns
    hit_plate_class = hits.plate_class
    hit_at = hits.captured_at_us
    namings = permits.namings
    heads = permits.heads
    status_from_us = permits.status_from_us
    status_code = permits.status_code
    grants = permits.grants
    camera_sets = permits.camera_sets
    out_verdict = out.verdict
    out_reason = out.reason
    out_restriction = out.restriction
    out_permit = out.permit
    out_grant = out.grant
    out_camera = out.camera
    block_slot = block.slot
    block_pending = block.pending
    block_restriction = block.restriction
    block_warned_ban = block.warned_ban
    block_minute = block.minute

    for number in range(waiting):
        hit = begin + block_pending[number]
        slot = block_slot[block_pending[number]]
        restriction = block_restriction[number]
        day = block_minute[number] // _DAY_MINUTES
        minute = block_minute[number] - day * _DAY_MINUTES
        at = hit_at[hit]
        plate_class = np.int64(hit_plate_class[hit])
        record = np.int64(out_camera[hit])

        # The smallest permit of each kind, and the grant that a verdict on it would name.
        in_force = np.int64(-1)
        near = np.int64(-1)
        near_grant = np.int64(-1)
        covering = np.int64(-1)
        covering_grant = np.int64(-1)
        confining = np.int64(-1)
        confining_near = np.int64(-1)
        confining_near_grant = np.int64(-1)
        confining_covers = np.int64(-1)
        missed_reason = np.int64(_NO_PERMIT)
        missed = np.int64(-1)

        naming = np.int64(0)
        last_naming = np.int64(0)
        confined = False
        if slot >= 0:
            naming = slots[slot, SLOT_NAMINGS] & LOW_HALF
            last_naming = slots[slot, SLOT_NAMINGS] >> 32
            confined = (slots[slot, SLOT_FIRST] >> CONFINED_BIT) & 1 != 0
        single = last_naming - naming == 1
        while naming < last_naming:
            if single:
                permit = slots[slot, SLOT_FIRST] & LOW_HALF
                named_class = (slots[slot, SLOT_FIRST] >> 32) & 255
            else:
                permit = np.int64(namings[naming, 0])
                named_class = np.int64(namings[naming, 1])
            naming += 1
            if not (named_class in (plate_class, NO_PLATE_CLASS) or plate_class == NO_PLATE_CLASS):
                continue

            status = status_at(heads, status_from_us, status_code, permit, at)
            begun = heads[permit, HEAD_FROM] <= at
            ended = heads[permit, HEAD_UNTIL] <= at
            if status != _STATUS_ACTIVE or not begun or ended:
                if heads[permit, HEAD_ACTIVE_FROM] <= at:
                    miss = np.int64(missed_by(status, begun, ended))
                    if miss < missed_reason:
                        missed_reason = miss
                        missed = permit
                continue

            first_near = np.int64(-1)
            first_covering = np.int64(-1)
            first_grant = heads[permit, HEAD_GRANTS] & LOW_HALF
            for grant in range(first_grant, heads[permit, HEAD_GRANTS] >> 32):
                if grant == first_grant:
                    camera_set = heads[permit, HEAD_FIRST_GRANT] & LOW_HALF
                    schedule = heads[permit, HEAD_FIRST_GRANT] >> 32
                else:
                    camera_set = np.int64(grants[grant, 0])
                    schedule = np.int64(grants[grant, 1])
                word = camera_sets[camera_set, record >> 6]
                if (word >> np.uint64(record & 63)) & np.uint64(1) == np.uint64(0):
                    continue
                if first_near < 0:
                    first_near = np.int64(grant)
                if is_open(schedules, day_pattern, patterns, schedule, day - first_day, minute):
                    first_covering = np.int64(grant)
                    break
            if in_force < 0:
                in_force = permit
            if first_near >= 0 and near < 0:
                near = permit
                near_grant = first_near
            if first_covering >= 0 and covering < 0:
                covering = permit
                covering_grant = first_covering
                if not confined:
                    break  # permitted, and no permit to come could confine
            if (heads[permit, HEAD_MARKS] >> 8) & 1 != 0:
                if first_covering >= 0:
                    confining_covers = permit
                if confining < 0:
                    confining = permit
                if first_near >= 0 and confining_near < 0:
                    confining_near = permit
                    confining_near_grant = first_near

        verdict = _VIOLATION
        reason = np.int64(_NO_REASON)
        nearest = np.int64(-1)
        nearest_grant = np.int64(-1)
        if confining >= 0 and confining_covers < 0:  # step 4
            restriction = np.int64(-1)
            if confining_near >= 0:
                reason = np.int64(_OUTSIDE_HOURS)
                nearest = confining_near
                nearest_grant = confining_near_grant
            else:
                reason = np.int64(_OFF_ROUTE)
                nearest = confining
        elif restriction < 0:  # step 5
            continue
        elif absolute[restriction] != 0:  # step 6
            reason = np.int64(_ABSOLUTE_BAN)
        elif covering >= 0 and block_warned_ban[number] >= 0:
            reason = np.int64(_ABSOLUTE_BAN)
            restriction = block_warned_ban[number]
        elif covering >= 0:  # step 7
            verdict = _PERMITTED
            restriction = np.int64(-1)
            nearest = covering
            nearest_grant = covering_grant
        elif near >= 0:  # step 8
            reason = np.int64(_OUTSIDE_HOURS)
            nearest = near
            nearest_grant = near_grant
        elif in_force >= 0:
            reason = np.int64(_OFF_ROUTE)
            nearest = in_force
        else:
            reason = missed_reason
            nearest = missed
        if nearest >= 0 and nearest_grant < 0:
            nearest_grant = heads[nearest, HEAD_GRANTS] & LOW_HALF
        out_verdict[hit] = verdict
        out_reason[hit] = reason
        out_restriction[hit] = restriction
        out_permit[hit] = nearest
        out_grant[hit] = nearest_grant
