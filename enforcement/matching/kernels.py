"""The judgement of hits as machine code (docs/judgement.md, steps 0 to 8).

`match` walks the hits in blocks, and each block in passes, the cheapest and most selective test
first: `sight` (steps 0 and 1), `identify` (the few plates that matter before restrictions),
`restrict` (step 2), then `fetch` and `weigh` (steps 3 to 8, for the few hits whose permits matter).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from enforcement.findings import Reason, Verdict
from enforcement.index.civil_time import DAY_US, FIRST_INSTANT_US, LAST_INSTANT_US, MINUTE_US
from enforcement.index.plate_table_kernels import mix
from enforcement.matching.kernel_arrays import (
    CONFINED_BIT,
    NOT_LOOKED_FOR,
    SLOT_FIRST,
    SLOT_KEY,
    SLOT_REGISTRY,
)
from enforcement.matching.lookup_kernels import (
    LOW_HALF,
    find_slot,
    first_slot,
    has_class,
    is_open,
    passes,
    registered_class,
    span_of,
)
from enforcement.matching.permit_kernels import fetch, weigh
from ingest.hits import CAMERA_MISSING

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

_MALFORMED = int(Verdict.MALFORMED)
_UNREADABLE = int(Verdict.UNREADABLE)
_UNKNOWN_CAMERA = int(Verdict.UNKNOWN_CAMERA)
_NOT_RESTRICTED = int(Verdict.NOT_RESTRICTED)
_VIOLATION = int(Verdict.VIOLATION)
_NO_REASON = int(Reason.NONE)
_ABSOLUTE_BAN = int(Reason.ABSOLUTE_BAN)
_NO_PERMIT = int(Reason.NO_PERMIT)
_DAY_MINUTES = 1440
_ALWAYS_UNTIL_US = int(np.iinfo(np.int64).max)


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
        block_slot[hit - begin] = NOT_LOOKED_FOR

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
                span & LOW_HALF,
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

    Fills `block.pending`, `restriction`, `warned_ban` and `minute` with the hits that `weigh` must finish;
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
    block_warned_ban = block.warned_ban
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

        # Absolute bans stand first, so the first that applies is the one that a verdict names; one
        # that only warns yet is named where no other is broken.
        applying = np.int64(-1)
        warned = np.int64(-1)
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
                    if validity_us[restriction, 2] <= at:
                        applying = restriction
                        break
                    if warned < 0:
                        warned = restriction
        warned_ban = np.int64(-1)
        if applying < 0:
            applying = warned
        elif warned >= 0 and absolute[warned] != 0:
            warned_ban = warned

        if not confined:
            if applying < 0:
                continue
            banned = absolute[applying] != 0
            if banned or not (
                slot >= 0 or (slot == NOT_LOOKED_FOR and passes(known, mix(hit_key[hit])))
            ):
                out_verdict[hit] = _VIOLATION
                out_reason[hit] = _ABSOLUTE_BAN if banned else _NO_PERMIT
                out_restriction[hit] = applying
                continue
        block_pending[waiting] = hit - begin
        block_restriction[waiting] = applying
        block_warned_ban[waiting] = warned_ban
        block_minute[waiting] = day * _DAY_MINUTES + minute
        waiting += 1
    return waiting


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
