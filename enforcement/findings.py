"""What the judgement says: verdicts, reasons, held codes, and the Arrow schemas of the results."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import pyarrow as pa


class Verdict(IntEnum):
    """The verdict on one hit; the value is the code that kernels write."""

    MALFORMED = 0
    UNREADABLE = 1
    UNKNOWN_CAMERA = 2
    NOT_RESTRICTED = 3
    PERMITTED = 4
    VIOLATION = 5


class Reason(IntEnum):
    """Why a hit is a violation; NONE for every other verdict."""

    NONE = 0
    ABSOLUTE_BAN = 1
    OUTSIDE_HOURS = 2
    OFF_ROUTE = 3
    SUSPENDED = 4
    REVOKED = 5
    EXPIRED = 6
    NOT_YET_VALID = 7
    NO_PERMIT = 8
    OVER_SPEED = 9  # of two hits, never of one: `enforcement.speeding`


VERDICT_NAMES: Final = tuple(verdict.name.lower() for verdict in Verdict)
REASON_NAMES: Final = tuple(reason.name.lower() for reason in Reason)

HELD_CODES: Final = (
    "camera",
    "clock",
    "calendar",
    "implausible_travel",
    "look_alike",
    "detour",
)

# What may be wrong with a camera, the first that fits; a silent one read nothing that could be held.
CAMERA_FAULTS: Final = ("clock", "bearing", "travel", "flood", "unreadable", "silent")

_INSTANT: Final = pa.timestamp("us", tz="UTC")

VIOLATIONS_SCHEMA: Final = pa.schema(
    [
        ("violation_id", pa.string()),
        ("hit_id", pa.string()),
        ("camera_id", pa.string()),
        ("plate", pa.string()),
        ("plate_class", pa.string()),
        ("vehicle_class", pa.string()),
        ("captured_at", _INSTANT),
        ("reason", pa.string()),
        ("held", pa.string()),
        ("warning", pa.bool_()),
        ("restriction_id", pa.string()),
        ("permit_id", pa.string()),
        ("route_id", pa.string()),
        ("case_id", pa.string()),
        ("rules_hash", pa.string()),
    ]
)
CASES_SCHEMA: Final = pa.schema(
    [
        ("case_id", pa.string()),
        ("plate", pa.string()),
        ("plate_class", pa.string()),
        ("first_at", _INSTANT),
        ("last_at", _INSTANT),
        ("violations", pa.int64()),
        ("reasons", pa.list_(pa.string())),
        ("policy", pa.string()),
        ("warnings", pa.int64()),
    ]
)
REJECTED_SCHEMA: Final = pa.schema(
    [
        ("hit_id", pa.string()),
        ("camera_id", pa.string()),
        ("plate", pa.string()),
        ("captured_at", _INSTANT),
        ("verdict", pa.string()),
        ("detail", pa.string()),
    ]
)
# Of a violation that an earlier sweep suspected: what its hit is now; where it is permitted, by which
# permit, and what of that permit ("permit" or "status") was recorded after the hit, and when.
VOIDED_SCHEMA: Final = pa.schema(
    [
        ("violation_id", pa.string()),
        ("hit_id", pa.string()),
        ("camera_id", pa.string()),
        ("plate", pa.string()),
        ("plate_class", pa.string()),
        ("vehicle_class", pa.string()),
        ("captured_at", _INSTANT),
        ("reason", pa.string()),
        ("rules_hash", pa.string()),
        ("now", pa.string()),
        ("permit_id", pa.string()),
        ("late", pa.string()),
        ("recorded_at", _INSTANT),
    ]
)
# What the hits of a UTC day say of a camera: rows with a plate that was read, and without; hours in
# which it read nothing though it was expected to; sightings looked at, drives from or to it, those that no
# vehicle can make, their share as it is blamed by; the sightings that agree on an error of its clock and
# the error, in seconds ahead; how the period's drives past it run, 1 along its bearing and -1 against it,
# null where too few tell; what is wrong with it, a code of CAMERA_FAULTS or null, and whether
# violations that it saw are held for it.
CAMERA_HEALTH_SCHEMA: Final = pa.schema(
    [
        ("camera_id", pa.string()),
        ("day", _INSTANT),
        ("read", pa.int64()),
        ("unread", pa.int64()),
        ("silent_hours", pa.int64()),
        ("sightings", pa.int64()),
        ("drives", pa.int64()),
        ("impossible_drives", pa.int64()),
        ("share", pa.float64()),
        ("clock_agreeing", pa.int64()),
        ("clock_error_seconds", pa.float64()),
        ("along_bearing", pa.float64()),
        ("fault", pa.string()),
        ("quarantined", pa.bool_()),
    ]
)
# A plate that two vehicles show, and the drive between two cameras that proves it best.
CLONES_SCHEMA: Final = pa.schema(
    [
        ("plate", pa.string()),
        ("plate_class", pa.string()),
        ("impossible_drives", pa.int64()),
        ("first_at", _INSTANT),
        ("last_at", _INSTANT),
        ("from_camera_id", pa.string()),
        ("to_camera_id", pa.string()),
        ("seconds", pa.float64()),
        ("lacking_seconds", pa.float64()),
    ]
)
# A vehicle that keeps missing at a camera: the cameras before and after it, the vehicle's drives between
# these without and with a sighting at it, the share of others' drives in the same hours that have one, when
# the first unseen drive began and when the last one ended. It accuses nobody.
AVOIDANCE_SCHEMA: Final = pa.schema(
    [
        ("plate", pa.string()),
        ("plate_class", pa.string()),
        ("camera_id", pa.string()),
        ("from_camera_id", pa.string()),
        ("to_camera_id", pa.string()),
        ("passages_unseen", pa.int64()),
        ("passages_seen", pa.int64()),
        ("others", pa.int64()),
        ("others_share", pa.float64()),
        ("first_at", _INSTANT),
        ("last_at", _INSTANT),
    ]
)
# The drive behind a violation by speed: the hit before, the least metres between the two, the seconds,
# how far both clocks together may be off, and the speed that is left after that and 3 %.
OVER_SPEED_SCHEMA: Final = pa.schema(
    [
        ("violation_id", pa.string()),
        ("plate", pa.string()),
        ("plate_class", pa.string()),
        ("permit_id", pa.string()),
        ("max_speed_kmh", pa.float64()),
        ("from_camera_id", pa.string()),
        ("from_at", _INSTANT),
        ("to_camera_id", pa.string()),
        ("to_at", _INSTANT),
        ("metres", pa.int64()),
        ("seconds", pa.float64()),
        ("clock_error_seconds", pa.float64()),
        ("least_kmh", pa.float64()),
    ]
)
