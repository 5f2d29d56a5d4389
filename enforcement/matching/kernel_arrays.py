"""The compiled rules as the kernels take them: few named groups, laid out by who reads what.

A stranger costs one look at a filter. A known plate costs one cache line for its slot and one for
each of its permits: `Rules` is laid out to be read, these groups to be missed seldom.

Every array a kernel reads is contiguous and read-only, whoever made it: one machine code, not one
for every mixture of writable and mapped memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from enforcement.index.plate_table import build_filter
from enforcement.rules.permits import STATUSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

# Places in a slot of `PlateArrays.slots`; a span is where something begins, and ends << 32.
SLOT_KEY: Final = 0
SLOT_NAMINGS: Final = 1  # span in `PermitArrays.namings`
SLOT_REGISTRY: Final = 2  # span in `PlateArrays.registry`
SLOT_FIRST: Final = 3  # permit and (<< 32) class of the first naming, (<< 62) CONFINED
CONFINED_BIT: Final = 62  # a permit that names the plate confines
# Places in a row of `PermitArrays.heads`.
HEAD_FROM: Final = 0
HEAD_UNTIL: Final = 1
HEAD_ACTIVE_FROM: Final = 2  # when it was first active; the greatest int64 if never
HEAD_STATUS_FROM: Final = 3  # when its last status began; the least int64 if it has none
HEAD_STATUSES: Final = 4  # span in `status_from_us` and `status_code`
HEAD_GRANTS: Final = 5  # span in `grants`
HEAD_FIRST_GRANT: Final = 6  # camera set and (<< 32) schedule of the first grant
HEAD_MARKS: Final = 7  # code of the last status (255 for none), and (<< 8) whether it confines

NO_STATUS: Final = 255
NOT_LOOKED_FOR: Final = -1  # in `BlockArrays.slot`
_CACHE_LINE: Final = 64
_ACTIVE: Final = STATUSES.index("active")


class HitArrays(NamedTuple):
    """The fields of `HitBatch`."""

    camera: npt.NDArray[np.int32]
    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    vehicle_class: npt.NDArray[np.uint8]
    captured_at_us: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float64]


class ClockArrays(NamedTuple):
    """Civil time and the schedules read in it.

    `schedules` (s, 2) int32 is the row of `day_pattern` and the first pattern of each schedule;
    `first_day` (1,) int64.
    """

    zone_from_us: npt.NDArray[np.int64]
    zone_offset_us: npt.NDArray[np.int64]
    first_day: npt.NDArray[np.int64]
    schedules: npt.NDArray[np.int32]
    day_pattern: npt.NDArray[np.uint16]
    patterns: npt.NDArray[np.uint64]


class CameraArrays(NamedTuple):
    """Camera records and the restrictions that have them.

    `service_us` (c, 2) int64 is from and until. `classes` (c, 3) uint64 is the union over the
    record's restrictions of their vehicle classes (word 0) and plate classes (words 1 and 2).
    """

    record_offsets: npt.NDArray[np.int32]
    service_us: npt.NDArray[np.int64]
    classes: npt.NDArray[np.uint64]
    restriction_offsets: npt.NDArray[np.int32]
    restrictions: npt.NDArray[np.int32]


class RestrictionArrays(NamedTuple):
    """Restrictions: `classes` (r, 3) uint64 as in `CameraArrays`.

    `validity_us` (r, 3) int64 is from and until when they hold, and until when they only warn.
    """

    classes: npt.NDArray[np.uint64]
    validity_us: npt.NDArray[np.int64]
    schedule: npt.NDArray[np.int32]
    absolute: npt.NDArray[np.uint8]


class PlateArrays(NamedTuple):
    """Plates that permits or the registry know.

    `known` is the Bloom filter of all their keys; `early` of those that matter before restrictions
    are looked at: in the registry, or named by a permit that confines. `slots` (2**b, 4) int64 is
    the hash table, half a cache line each. `registry` (x, 2) uint8 is plate and vehicle class.
    """

    known: npt.NDArray[np.uint64]
    early: npt.NDArray[np.uint64]
    slots: npt.NDArray[np.int64]
    registry: npt.NDArray[np.uint8]


class PermitArrays(NamedTuple):
    """Permits, by who names whom.

    `namings` (m, 2) int32 is permit and plate class; `heads` (q, 8) int64 one cache line a permit;
    `grants` (g, 2) int32 is camera set and schedule.
    """

    namings: npt.NDArray[np.int32]
    heads: npt.NDArray[np.int64]
    status_from_us: npt.NDArray[np.int64]
    status_code: npt.NDArray[np.uint8]
    grants: npt.NDArray[np.int32]
    camera_sets: npt.NDArray[np.uint64]


class SpeedArrays(NamedTuple):
    """Speed limits of permits.

    `limited` is the Bloom filter of the plates that a permit with a limit names, (0,) if there is
    none; `most_kmh` (q,) float64 is what a permit allows, infinity where it does not say.
    """

    limited: npt.NDArray[np.uint64]
    most_kmh: npt.NDArray[np.float64]


class DriveArrays(NamedTuple):
    """n drives between two hits of one vehicle, as `speed_kernels` takes them.

    Attributes
    ----------
    plate_key, plate_class
        (n,) uint64 and uint8: the vehicle.
    record, at_us
        (n, 2) int32 and int64 camera record and instant of both hits.
    permitted
        (n,) bool, whether `permitted` is the verdict on both.
    kmh
        (n,) float64 how fast the vehicle drove at least.
    """

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    record: npt.NDArray[np.int32]
    at_us: npt.NDArray[np.int64]
    permitted: npt.NDArray[np.bool_]
    kmh: npt.NDArray[np.float64]


class RulesArrays(NamedTuple):
    """All groups of one `Rules`."""

    clock: ClockArrays
    cameras: CameraArrays
    restrictions: RestrictionArrays
    plates: PlateArrays
    permits: PermitArrays
    speed: SpeedArrays


class VerdictArrays(NamedTuple):
    """What the kernels write: the fields of `VerdictBatch`."""

    verdict: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    restriction: npt.NDArray[np.int32]
    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]
    vehicle_class: npt.NDArray[np.uint8]
    camera: npt.NDArray[np.int32]


class BlockArrays(NamedTuple):
    """Scratch for one block of k hits; nothing in it is left for the next.

    Attributes
    ----------
    slot
        (k,) int64 for each hit of the block: its slot, NOT_LOOKED_FOR, or `lookup_kernels.UNKNOWN_PLATE`.
    early
        (k,) int64 places in the block of hits whose plate passed the early filter.
    pending
        (k,) int64 places in the block of hits whose permits must be weighed.
    restriction, warned_ban, minute
        (k,) int64 for each pending hit: the restriction that applies (-1 for none); an absolute ban
        that applies too but only warns yet, where that restriction does not (-1 for none); and the
        civil minute since 1970-01-01.
    touched
        (k,) int64 what was fetched ahead of its use.
    """

    slot: npt.NDArray[np.int64]
    early: npt.NDArray[np.int64]
    pending: npt.NDArray[np.int64]
    restriction: npt.NDArray[np.int64]
    warned_ban: npt.NDArray[np.int64]
    minute: npt.NDArray[np.int64]
    touched: npt.NDArray[np.int64]


_MADE: WeakKeyDictionary[Rules, RulesArrays] = WeakKeyDictionary()


def rules_arrays(rules: Rules) -> RulesArrays:
    """Return the kernels' view of rules; made once for each `Rules` object."""
    made = _MADE.get(rules)
    if made is None:
        made = _MADE[rules] = RulesArrays(
            _clock(rules),
            _cameras(rules),
            _restrictions(rules),
            _plates(rules),
            _permits(rules),
            _speed(rules),
        )
    return made


def hit_arrays(batch: HitBatch) -> HitArrays:
    """Return a batch as the kernels take it; columns of the right type are not copied."""
    return HitArrays(
        camera=_frozen(batch.camera, np.int32),
        plate_key=_frozen(batch.plate_key, np.uint64),
        plate_class=_frozen(batch.plate_class, np.uint8),
        vehicle_class=_frozen(batch.vehicle_class, np.uint8),
        captured_at_us=_frozen(batch.captured_at_us, np.int64),
        confidence=_frozen(batch.confidence, np.float64),
    )


def drive_arrays(*columns: npt.NDArray[Any]) -> DriveArrays:
    """Return the columns of `DriveArrays` as the kernels take them."""
    types = (np.uint64, np.uint8, np.int32, np.int64, np.bool_, np.float64)
    return DriveArrays(*(_frozen(*pair) for pair in zip(columns, types, strict=True)))


def verdict_arrays(count: int) -> VerdictArrays:
    """Return room for the verdicts on `count` hits; not filled."""
    return VerdictArrays(
        verdict=np.empty(count, np.uint8),
        reason=np.empty(count, np.uint8),
        restriction=np.empty(count, np.int32),
        permit=np.empty(count, np.int32),
        grant=np.empty(count, np.int32),
        vehicle_class=np.empty(count, np.uint8),
        camera=np.empty(count, np.int32),
    )


def block_arrays(length: int) -> BlockArrays:
    """Return scratch for blocks of `length` hits; not filled."""
    return BlockArrays(*(np.empty(length, np.int64) for _ in BlockArrays._fields))


def _frozen(array: npt.NDArray[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    view = np.ascontiguousarray(array, dtype).view()
    view.flags.writeable = False
    return view


def _on_cache_lines(columns: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return columns side by side, rows beginning where cache lines do; read-only."""
    rows = len(columns[0])
    room = np.empty(rows * len(columns) * 8 + _CACHE_LINE, np.uint8)
    start = -room.ctypes.data % _CACHE_LINE
    table = room[start : start + rows * len(columns) * 8].view(np.int64)
    table = table.reshape(rows, len(columns))
    for place, column in enumerate(columns):
        table[:, place] = column
    table.flags.writeable = False
    return table


def _spans(offsets: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    return offsets[:-1].astype(np.int64) | offsets[1:].astype(np.int64) << 32


def _clock(rules: Rules) -> ClockArrays:
    return ClockArrays(
        zone_from_us=_frozen(rules.zone_from_us, np.int64),
        zone_offset_us=_frozen(rules.zone_offset_us, np.int64),
        first_day=_frozen(np.array([rules.first_day]), np.int64),
        schedules=_frozen(
            np.column_stack((rules.schedule_days, rules.schedule_first_pattern)), np.int32
        ),
        day_pattern=_frozen(rules.day_pattern, np.uint16),
        patterns=_frozen(rules.patterns, np.uint64),
    )


def _classes(rules: Rules) -> npt.NDArray[np.uint64]:
    return np.column_stack(
        (rules.restriction_vehicle_classes.astype(np.uint64), rules.restriction_plate_classes)
    )


def _cameras(rules: Rules) -> CameraArrays:
    offsets = rules.camera_restriction_offsets
    union = np.zeros((len(rules.camera_from_us), 3), np.uint64)
    record = np.repeat(np.arange(len(union)), np.diff(offsets))
    np.bitwise_or.at(union, record, _classes(rules)[rules.camera_restrictions])
    return CameraArrays(
        record_offsets=_frozen(rules.camera_record_offsets, np.int32),
        service_us=_frozen(
            np.column_stack((rules.camera_from_us, rules.camera_until_us)), np.int64
        ),
        classes=_frozen(union, np.uint64),
        restriction_offsets=_frozen(offsets, np.int32),
        restrictions=_frozen(rules.camera_restrictions, np.int32),
    )


def _restrictions(rules: Rules) -> RestrictionArrays:
    return RestrictionArrays(
        classes=_frozen(_classes(rules), np.uint64),
        validity_us=_frozen(
            np.column_stack(
                (
                    rules.restriction_from_us,
                    rules.restriction_until_us,
                    rules.restriction_warning_until_us,
                )
            ),
            np.int64,
        ),
        schedule=_frozen(rules.restriction_schedule, np.int32),
        absolute=_frozen(rules.restriction_absolute, np.uint8),
    )


def _plates(rules: Rules) -> PlateArrays:
    begins, ends = rules.plate_permit_offsets[:-1], rules.plate_permit_offsets[1:]
    confining = np.concatenate(([0], np.cumsum(rules.permit_confines[rules.plate_permits])))
    confined = confining[ends] > confining[begins]
    registered = np.diff(rules.plate_registry_offsets) > 0

    first = np.zeros(len(begins), np.int64)
    named = ends > begins
    naming = begins[named]
    first[named] = rules.plate_permits[naming]
    first[named] |= rules.plate_permit_class[naming].astype(np.int64) << 32
    first |= confined.astype(np.int64) << CONFINED_BIT

    taken = np.flatnonzero(rules.table_keys)
    plate = rules.table_vehicles[taken]
    columns = [rules.table_keys.view(np.int64)]
    for of_plate in (
        _spans(rules.plate_permit_offsets),
        _spans(rules.plate_registry_offsets),
        first,
    ):
        column = np.zeros(len(rules.table_keys), np.int64)
        column[taken] = of_plate[plate]
        columns.append(column)
    return PlateArrays(
        known=_frozen(rules.plate_filter, np.uint64),
        early=_frozen(
            build_filter(rules.table_keys[taken][(confined | registered)[plate]]), np.uint64
        ),
        slots=_on_cache_lines(columns),
        registry=_frozen(
            np.column_stack((rules.registry_plate_class, rules.registry_vehicle_class)), np.uint8
        ),
    )


def _permits(rules: Rules) -> PermitArrays:
    count = len(rules.permit_from_us)
    grants = np.column_stack((rules.grant_camera_set, rules.grant_schedule)).astype(np.int64)

    active_from = np.full(count, np.iinfo(np.int64).max)
    permit_of_status = np.repeat(np.arange(count), np.diff(rules.status_offsets))
    active = rules.status_code == _ACTIVE
    np.minimum.at(active_from, permit_of_status[active], rules.status_from_us[active])

    last_from = np.full(count, np.iinfo(np.int64).min)
    marks = np.full(count, NO_STATUS, np.int64)
    told = np.diff(rules.status_offsets) > 0
    last = rules.status_offsets[1:][told] - 1
    last_from[told] = rules.status_from_us[last]
    marks[told] = rules.status_code[last]

    first_grant = np.zeros(count, np.int64)
    granted = np.diff(rules.grant_offsets) > 0
    first = grants[rules.grant_offsets[:-1][granted]]
    first_grant[granted] = first[:, 0] | first[:, 1] << 32
    return PermitArrays(
        namings=_frozen(np.column_stack((rules.plate_permits, rules.plate_permit_class)), np.int32),
        heads=_on_cache_lines(
            [
                rules.permit_from_us,
                rules.permit_until_us,
                active_from,
                last_from,
                _spans(rules.status_offsets),
                _spans(rules.grant_offsets),
                first_grant,
                marks | rules.permit_confines.astype(np.int64) << 8,
            ]
        ),
        status_from_us=_frozen(rules.status_from_us, np.int64),
        status_code=_frozen(rules.status_code, np.uint8),
        grants=_frozen(grants, np.int32),
        # A copy: numpy asks for huge pages, which what was read from a file does not lie in.
        camera_sets=_frozen(rules.camera_sets.copy(), np.uint64),
    )


def _speed(rules: Rules) -> SpeedArrays:
    stated = ~np.isnan(rules.permit_max_speed_kmh)
    count = np.concatenate(([0], np.cumsum(stated[rules.plate_permits])))
    limited = count[rules.plate_permit_offsets[1:]] > count[rules.plate_permit_offsets[:-1]]
    taken = np.flatnonzero(rules.table_keys)
    keys = rules.table_keys[taken][limited[rules.table_vehicles[taken]]]
    return SpeedArrays(
        limited=_frozen(build_filter(keys) if keys.size else keys, np.uint64),
        most_kmh=_frozen(np.where(stated, rules.permit_max_speed_kmh, np.inf), np.float64),
    )
