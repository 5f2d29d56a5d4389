"""The judgement of hits as machine code: DESIGN section 3, steps 0 to 8.

`match` walks the hits in blocks, and each block in four passes, the cheapest and most selective
test first: `sight` (steps 0 and 1), `identify` (the few plates that matter before restrictions),
`restrict` (step 2) and `weigh` (steps 3 to 8, for the few hits whose permits matter).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from enforcement.findings import Reason, Verdict
from enforcement.index.civil_time import DAY_US, FIRST_INSTANT_US, LAST_INSTANT_US, MINUTE_US
from enforcement.index.plate_table_kernels import filter_bits, mix
from enforcement.matching.kernel_arrays import (
    CONFINED_BIT,
    HEAD_ACTIVE_FROM,
    HEAD_FIRST_GRANT,
    HEAD_FROM,
    HEAD_GRANTS,
    HEAD_MARKS,
    HEAD_STATUS_FROM,
    HEAD_STATUSES,
    HEAD_UNTIL,
    NO_STATUS,
    SLOT_FIRST,
    SLOT_KEY,
    SLOT_NAMINGS,
    SLOT_REGISTRY,
)
from enforcement.rules.permits import STATUSES
from ingest.hits import CAMERA_MISSING, NO_PLATE_CLASS, UNKNOWN_VEHICLE_CLASS

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.matching.kernel_arrays import (
        BlockArrays,
        CameraArrays,
        ClockArrays,
        HitArrays,
        PermitArrays,
        PlateArrays,
        RestrictionArrays,
        VerdictArrays,
    )

# Kernels read plain integers: numba turns them into constants.
_MALFORMED = int(Verdict.MALFORMED)
_UNREADABLE = int(Verdict.UNREADABLE)
_UNKNOWN_CAMERA = int(Verdict.UNKNOWN_CAMERA)
_NOT_RESTRICTED = int(Verdict.NOT_RESTRICTED)
_PERMITTED = int(Verdict.PERMITTED)
_VIOLATION = int(Verdict.VIOLATION)
_NO_REASON = int(Reason.NONE)
_ABSOLUTE_BAN = int(Reason.ABSOLUTE_BAN)
_OUTSIDE_HOURS = int(Reason.OUTSIDE_HOURS)
_OFF_ROUTE = int(Reason.OFF_ROUTE)
_SUSPENDED = int(Reason.SUSPENDED)
_REVOKED = int(Reason.REVOKED)
_EXPIRED = int(Reason.EXPIRED)
_NOT_YET_VALID = int(Reason.NOT_YET_VALID)
_NO_PERMIT = int(Reason.NO_PERMIT)
_STATUS_ACTIVE = STATUSES.index("active")
_STATUS_SUSPENDED = STATUSES.index("suspended")
_STATUS_REVOKED = STATUSES.index("revoked")
_STATUS_WITHDRAWN = STATUSES.index("withdrawn")
_DAY_MINUTES = 1440
_ALWAYS_UNTIL_US = int(np.iinfo(np.int64).max)
_NOT_LOOKED_FOR = -1
_UNKNOWN_PLATE = -2
_LOW_HALF = (1 << 32) - 1


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
    """Return the slot of a key (uint64) in the hash table, _UNKNOWN_PLATE if it is not there."""
    slot = first_slot(slots, key)
    while slots[slot, SLOT_KEY] != np.int64(key):
        if slots[slot, SLOT_KEY] == 0:
            return np.int64(_UNKNOWN_PLATE)
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
def sight(
    begin: int,
    end: int,
    hits: HitArrays,
    cameras: CameraArrays,
    early: npt.NDArray[np.uint64],
    min_confidence: float,
    out: VerdictArrays,
    block: BlockArrays,
) -> int:
    """Decide steps 0 and 1 of hits `begin` to `end`; call the others not restricted for now.

    Fills every field of `out`, `block.slot`, and `block.early` with the judged hits whose plate
    passes the `early` filter; returns how many those are.
    """
    hit_camera = hits.camera
    hit_key = hits.plate_key
    hit_class = hits.vehicle_class
    hit_at = hits.captured_at_us
    hit_confidence = hits.confidence
    record_offsets = cameras.record_offsets
    service_us = cameras.service_us
    out_verdict = out.verdict
    out_reason = out.reason
    out_restriction = out.restriction
    out_permit = out.permit
    out_grant = out.grant
    out_class = out.vehicle_class
    out_camera = out.camera
    block_slot = block.slot
    block_early = block.early

    found = 0
    for hit in range(begin, end):
        at = hit_at[hit]
        camera = np.int64(hit_camera[hit])
        key = hit_key[hit]
        out_reason[hit] = _NO_REASON
        out_restriction[hit] = -1
        out_permit[hit] = -1
        out_grant[hit] = -1
        out_class[hit] = hit_class[hit]
        block_slot[hit - begin] = _NOT_LOOKED_FOR

        in_range = FIRST_INSTANT_US <= at < LAST_INSTANT_US
        record = np.int64(-1)
        if camera >= 0 and in_range:
            for place in range(record_offsets[camera], record_offsets[camera + 1]):
                if service_us[place, 0] <= at < service_us[place, 1]:
                    record = np.int64(place)
                    break
        out_camera[hit] = record
        if camera == CAMERA_MISSING or not in_range:
            out_verdict[hit] = _MALFORMED
        elif key == np.uint64(0) or hit_confidence[hit] < min_confidence:
            out_verdict[hit] = _UNREADABLE
        elif record < 0:
            out_verdict[hit] = _UNKNOWN_CAMERA
        else:
            out_verdict[hit] = _NOT_RESTRICTED
            if passes(early, mix(key)):
                block_early[found] = hit - begin
                found += 1
    return found


@njit(cache=True, nogil=True)
def identify(
    begin: int,
    count: int,
    hits: HitArrays,
    plates: PlateArrays,
    out: VerdictArrays,
    block: BlockArrays,
) -> None:
    """Find the plates of the `count` hits in `block.early`; the registry corrects their class."""
    hit_key = hits.plate_key
    hit_plate_class = hits.plate_class
    slots = plates.slots
    registry = plates.registry
    out_class = out.vehicle_class
    touched = block.touched
    block_slot = block.slot
    block_early = block.early

    # Far memory is asked for all hits before the first answer is needed.
    for number in range(count):
        key = hit_key[begin + block_early[number]]
        touched[number] = slots[first_slot(slots, key), SLOT_KEY]
    for number in range(count):
        place = block_early[number]
        hit = begin + place
        slot = find_slot(slots, hit_key[hit])
        block_slot[place] = slot
        if slot >= 0:
            span = slots[slot, SLOT_REGISTRY]
            out_class[hit] = registered_class(
                registry,
                span & _LOW_HALF,
                span >> 32,
                np.int64(hit_plate_class[hit]),
                np.int64(out_class[hit]),
            )


@njit(cache=True, nogil=True)
def restrict(
    begin: int,
    end: int,
    hits: HitArrays,
    clock: ClockArrays,
    cameras: CameraArrays,
    restrictions: RestrictionArrays,
    plates: PlateArrays,
    out: VerdictArrays,
    block: BlockArrays,
) -> int:
    """Decide step 2 of hits `begin` to `end`, and all that follows where no permit matters.

    Fills `block.pending`, `restriction` and `minute` with the hits that `weigh` must finish;
    returns how many those are.
    """
    hit_key = hits.plate_key
    hit_plate_class = hits.plate_class
    hit_at = hits.captured_at_us
    zone_from_us = clock.zone_from_us
    zone_offset_us = clock.zone_offset_us
    first_day = clock.first_day[0]
    schedules = clock.schedules
    day_pattern = clock.day_pattern
    patterns = clock.patterns
    camera_classes = cameras.classes
    restriction_offsets = cameras.restriction_offsets
    camera_restrictions = cameras.restrictions
    classes = restrictions.classes
    validity_us = restrictions.validity_us
    restriction_schedule = restrictions.schedule
    absolute = restrictions.absolute
    known = plates.known
    slots = plates.slots
    out_verdict = out.verdict
    out_reason = out.reason
    out_restriction = out.restriction
    out_class = out.vehicle_class
    out_camera = out.camera
    block_slot = block.slot
    block_pending = block.pending
    block_restriction = block.restriction
    block_minute = block.minute

    waiting = 0
    span_from = np.int64(1)  # an empty span: the first hit looks its own up
    span_until = np.int64(0)
    offset_us = np.int64(0)
    for hit in range(begin, end):
        if out_verdict[hit] != _NOT_RESTRICTED:
            continue
        record = np.int64(out_camera[hit])
        vehicle_class = np.int64(out_class[hit])
        plate_class = np.int64(hit_plate_class[hit])
        slot = block_slot[hit - begin]
        confined = slot >= 0 and (slots[slot, SLOT_FIRST] >> CONFINED_BIT) & 1 != 0
        restrictable = has_class(camera_classes, record, vehicle_class, plate_class)
        if not restrictable and not confined:
            continue

        at = hit_at[hit]
        if not span_from <= at < span_until:
            span = span_of(zone_from_us, at)
            span_from = zone_from_us[span]
            offset_us = zone_offset_us[span]
            span_until = np.int64(_ALWAYS_UNTIL_US)
            if span + 1 < zone_from_us.shape[0]:
                span_until = zone_from_us[span + 1]
        civil_us = at + offset_us
        day = civil_us // DAY_US
        minute = (civil_us - day * DAY_US) // MINUTE_US

        # Absolute bans stand first, so the first that applies is the one that a verdict names.
        applying = np.int64(-1)
        if restrictable:
            for place in range(restriction_offsets[record], restriction_offsets[record + 1]):
                restriction = np.int64(camera_restrictions[place])
                if (
                    has_class(classes, restriction, vehicle_class, plate_class)
                    and validity_us[restriction, 0] <= at < validity_us[restriction, 1]
                    and is_open(
                        schedules,
                        day_pattern,
                        patterns,
                        restriction_schedule[restriction],
                        day - first_day,
                        minute,
                    )
                ):
                    applying = restriction
                    break

        if not confined:
            if applying < 0:
                continue
            banned = absolute[applying] != 0
            if banned or not (
                slot >= 0 or (slot == _NOT_LOOKED_FOR and passes(known, mix(hit_key[hit])))
            ):
                out_verdict[hit] = _VIOLATION
                out_reason[hit] = _ABSOLUTE_BAN if banned else _NO_PERMIT
                out_restriction[hit] = applying
                continue
        block_pending[waiting] = hit - begin
        block_restriction[waiting] = applying
        block_minute[waiting] = day * _DAY_MINUTES + minute
        waiting += 1
    return waiting


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
        if block_slot[place] == _NOT_LOOKED_FOR:
            block_slot[place] = find_slot(slots, hit_key[begin + place])
        slot = block_slot[place]
        touched[number] = -1
        if slot >= 0 and slots[slot, SLOT_NAMINGS] & _LOW_HALF != slots[slot, SLOT_NAMINGS] >> 32:
            touched[number] = heads[slots[slot, SLOT_FIRST] & _LOW_HALF, HEAD_FIRST_GRANT]
    for number in range(waiting):
        if touched[number] >= 0:
            word = np.int64(out_camera[begin + block_pending[number]]) >> 6
            touched[number] = np.int64(camera_sets[touched[number] & _LOW_HALF, word])


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
    for entry in range(span & _LOW_HALF, span >> 32):
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
        confining_covers = False
        missed_reason = np.int64(_NO_PERMIT)
        missed = np.int64(-1)

        naming = np.int64(0)
        last_naming = np.int64(0)
        confined = False
        if slot >= 0:
            naming = slots[slot, SLOT_NAMINGS] & _LOW_HALF
            last_naming = slots[slot, SLOT_NAMINGS] >> 32
            confined = (slots[slot, SLOT_FIRST] >> CONFINED_BIT) & 1 != 0
        single = last_naming - naming == 1
        last_permit = np.int64(-1)
        while naming < last_naming:
            if single:
                permit = slots[slot, SLOT_FIRST] & _LOW_HALF
                named_class = (slots[slot, SLOT_FIRST] >> 32) & 255
            else:
                permit = np.int64(namings[naming, 0])
                named_class = np.int64(namings[naming, 1])
            naming += 1
            if permit == last_permit or not (
                named_class in (plate_class, NO_PLATE_CLASS) or plate_class == NO_PLATE_CLASS
            ):
                continue
            last_permit = permit

            status = status_at(heads, status_from_us, status_code, permit, at)
            begun = heads[permit, HEAD_FROM] <= at
            ended = heads[permit, HEAD_UNTIL] <= at
            if status != _STATUS_ACTIVE or not begun or ended:
                if heads[permit, HEAD_ACTIVE_FROM] <= at:
                    reason = missed_by(status, begun, ended)
                    if reason < missed_reason:
                        missed_reason = np.int64(reason)
                        missed = permit
                continue

            first_near = np.int64(-1)
            first_covering = np.int64(-1)
            first_grant = heads[permit, HEAD_GRANTS] & _LOW_HALF
            for grant in range(first_grant, heads[permit, HEAD_GRANTS] >> 32):
                if grant == first_grant:
                    camera_set = heads[permit, HEAD_FIRST_GRANT] & _LOW_HALF
                    schedule = heads[permit, HEAD_FIRST_GRANT] >> 32
                else:
                    camera_set = np.int64(grants[grant, 0])
                    schedule = np.int64(grants[grant, 1])
                word = camera_sets[camera_set, record >> 6]
                if (word >> np.uint64(record & 63)) & np.uint64(1) == np.uint64(0):
                    continue
                if first_near < 0:
                    first_near = grant
                if is_open(schedules, day_pattern, patterns, schedule, day - first_day, minute):
                    first_covering = grant
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
                confining_covers = confining_covers or first_covering >= 0
                if confining < 0:
                    confining = permit
                if first_near >= 0 and confining_near < 0:
                    confining_near = permit
                    confining_near_grant = first_near

        verdict = _VIOLATION
        permit = np.int64(-1)
        grant = np.int64(-1)
        if confining >= 0 and not confining_covers:  # step 4
            restriction = np.int64(-1)
            if confining_near >= 0:
                reason = _OUTSIDE_HOURS
                permit = confining_near
                grant = confining_near_grant
            else:
                reason = _OFF_ROUTE
                permit = confining
        elif restriction < 0:  # step 5
            continue
        elif absolute[restriction] != 0:  # step 6
            reason = _ABSOLUTE_BAN
        elif covering >= 0:  # step 7
            verdict = _PERMITTED
            reason = _NO_REASON
            restriction = np.int64(-1)
            permit = covering
            grant = covering_grant
        elif near >= 0:  # step 8
            reason = _OUTSIDE_HOURS
            permit = near
            grant = near_grant
        elif in_force >= 0:
            reason = _OFF_ROUTE
            permit = in_force
        else:
            reason = missed_reason
            permit = missed
        if permit >= 0 and grant < 0:
            grant = heads[permit, HEAD_GRANTS] & _LOW_HALF
        out_verdict[hit] = verdict
        out_reason[hit] = reason
        out_restriction[hit] = restriction
        out_permit[hit] = permit
        out_grant[hit] = grant


@njit(cache=True, nogil=True)
def match(
    hits: HitArrays,
    clock: ClockArrays,
    cameras: CameraArrays,
    restrictions: RestrictionArrays,
    plates: PlateArrays,
    permits: PermitArrays,
    min_confidence: float,
    block: BlockArrays,
    out: VerdictArrays,
) -> None:
    """Judge every hit; the length of the scratch `block` is how many go through together."""
    length = block.slot.shape[0]
    count = hits.camera.shape[0]
    slots = plates.slots
    for begin in range(0, count, length):
        end = min(begin + length, count)
        early = sight(begin, end, hits, cameras, plates.early, min_confidence, out, block)
        identify(begin, early, hits, plates, out, block)
        waiting = restrict(begin, end, hits, clock, cameras, restrictions, plates, out, block)
        fetch(begin, waiting, hits, slots, permits, out, block)
        weigh(begin, waiting, hits, clock, restrictions.absolute, slots, permits, out, block)
