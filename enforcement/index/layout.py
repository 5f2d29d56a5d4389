"""The compiled rules: frozen flat arrays, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enforcement.index.civil_time import ZoneTable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from enforcement.settings import Judgement

LAYOUT_VERSION: Final = 7  # raise it whenever a field of `Rules` is added or changes its meaning
NO_ROUTE: Final = -1

# Status codes in `Rules.status_code`: the place in `enforcement.rules.permits.STATUSES`.


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Rules:
    """Restrictions, permits, cameras and calendar of one city, compiled.

    Immutable; identified by `content_hash`. Instants are int64 microseconds UTC, validities
    half-open. Ids are sorted by code point, so an index compares like its id.

    Attributes
    ----------
    content_hash
        Hex SHA-256 over every other field and LAYOUT_VERSION
        (`enforcement.index.canonical_form`).
    name, timezone, holidays, judgement
        As the city states them.
    zone_from_us, zone_offset_us
        (z,) civil time = UTC + `zone_offset_us[i]` from `zone_from_us[i]` on.
    first_day, day_pattern, patterns
        Days since 1970-01-01 are civil; column 0 of `day_pattern` (w, days) is `first_day`.
        `patterns` (p, 23) uint64 are minute bitmaps: minute m of the day is open if bit `m % 64`
        of word `m // 64` is set. Schedule s follows on day d
        `patterns[schedule_first_pattern[s] + day_pattern[schedule_days[s], d - first_day]]`:
        schedules that differ in their hours only share a row of days.
    schedule_texts, schedule_grace
        (s) the opening_hours text, and the grace minutes that its bitmaps are widened by.
    schedule_by_day
        (s,) uint8, 1 where the hours depend on the weekday or on holidays.
    published_years
        (y,) int32 civil years, ascending, whose holidays are known; of others `Mo-Fr` and `PH` may
        turn out to mean other days.
    schedule_days, schedule_first_pattern
        (s,) row of `day_pattern`, and where the schedule's own patterns begin.
    camera_ids, camera_record_offsets
        (k) distinct ids, sorted, the code book of `HitBatch.camera`; the records of id i are
        `camera_record_offsets[i]:camera_record_offsets[i + 1]`. A record's number is the camera
        index of every other array, and its place in `CityDefinition.cameras`.
    camera_from_us, camera_until_us
        (c,) when the record is in service.
    camera_warning_until_us, restriction_warning_until_us
        (c,) and (r,) before when violations that the record saw, or that break the restriction, are
        only warned of; the least int64 where never.
    camera_lon, camera_lat
        (c,) WGS-84 degrees; for words and maps.
    camera_bearing_deg
        (c,) float64 degrees clockwise from north, NaN for one that looks at all directions.
    camera_clock_error_us
        (c,) int64, how far the record's clock may be off: its own, or the city's.
    travel_place, travel_units, travel_unit_s
        Least seconds between camera records, as of `enforcement.index.camera_travel`.
    section_place, section_metres
        Least metres between camera records that permits with a speed limit have
        (`enforcement.index.section_metres`).
    camera_restriction_offsets, camera_restrictions
        CSR: restrictions that have a camera, absolute bans first, then by id.
    restriction_ids, restriction_names
        (r) texts.
    restriction_from_us, restriction_until_us, restriction_schedule
        (r,)
    restriction_absolute
        (r,) uint8, 1 where `permits_exempt` is false.
    restriction_vehicle_classes
        (r,) uint16, bit v for `ingest.hits.VEHICLE_CLASSES[v]`.
    restriction_plate_classes
        (r, 2) uint64, bit k of 128 for plate class k.
    camera_sets
        (n, words) uint64, distinct sets of camera records as bitsets; shared by grants.
    permit_ids, permit_holders
        (q) texts.
    permit_from_us, permit_until_us
        (q,)
    permit_confines
        (q,) uint8, 1 for `confines`.
    permit_max_speed_kmh
        (q,) float64, NaN where none.
    status_offsets, status_from_us, status_code
        CSR: the status history of a permit in order.
    grant_offsets
        (q + 1,) grants of permit i are `grant_offsets[i]:grant_offsets[i + 1]`, in file order.
    grant_camera_set, grant_schedule, grant_route
        (g,) int32; `grant_route` is a place in `route_ids` or NO_ROUTE.
    route_ids, route_names
        Texts of all routes of the city.
    closure_ids, closure_from_us, closure_until_us
        (k) texts and (k,) of the closures that cut a route.
    detour_closure, detour_route, detour_camera_set, detour_sets
        (d,) rows of closure and route, and (sets, words) uint64 bitsets of the camera records on
        open ways round the one for the other (`enforcement.index.closed_routes`).
    side_plates
        Plates of the city that do not pack into a key by themselves, sorted; the first entries
        of the side table (`ingest.plate_keys.PlateKeys`).
    table_keys, table_vehicles
        Open-addressing hash table of 2**b slots: plate key (0 is an empty slot) and plate index;
        a key's first slot is `mix(key) % 2**b` (`enforcement.index.plate_table_kernels`).
    plate_permit_offsets, plate_permits, plate_permit_class
        CSR by plate index: permits naming the plate, sorted by permit; uint8 plate class that the
        permit names, NO_PLATE_CLASS for every class.
    plate_registry_offsets, registry_plate_class, registry_vehicle_class
        CSR by plate index: registry rows as (plate class or NO_PLATE_CLASS, vehicle class code),
        sorted by both; where a plate stands twice with one class, the first row counts.
    plate_filter
        (2**f,) uint64 blocked Bloom filter of the table's keys, small enough to stay in cache:
        `enforcement.index.plate_table_kernels` says which bits a key sets in which word.
    """

    content_hash: str
    name: str
    timezone: str
    holidays: str
    judgement: Judgement
    zone_from_us: npt.NDArray[np.int64]
    zone_offset_us: npt.NDArray[np.int64]
    first_day: int
    day_pattern: npt.NDArray[np.uint16]
    patterns: npt.NDArray[np.uint64]
    schedule_texts: tuple[str, ...]
    schedule_grace: npt.NDArray[np.int32]
    schedule_by_day: npt.NDArray[np.uint8]
    published_years: npt.NDArray[np.int32]
    schedule_days: npt.NDArray[np.int32]
    schedule_first_pattern: npt.NDArray[np.int32]
    camera_ids: tuple[str, ...]
    camera_record_offsets: npt.NDArray[np.int32]
    camera_from_us: npt.NDArray[np.int64]
    camera_until_us: npt.NDArray[np.int64]
    camera_warning_until_us: npt.NDArray[np.int64]
    camera_lon: npt.NDArray[np.float64]
    camera_lat: npt.NDArray[np.float64]
    camera_bearing_deg: npt.NDArray[np.float64]
    camera_clock_error_us: npt.NDArray[np.int64]
    travel_place: npt.NDArray[np.int32]
    travel_units: npt.NDArray[np.uint16]
    travel_unit_s: float
    section_place: npt.NDArray[np.int32]
    section_metres: npt.NDArray[np.uint16]
    camera_restriction_offsets: npt.NDArray[np.int32]
    camera_restrictions: npt.NDArray[np.int32]
    restriction_ids: tuple[str, ...]
    restriction_names: tuple[str, ...]
    restriction_from_us: npt.NDArray[np.int64]
    restriction_until_us: npt.NDArray[np.int64]
    restriction_warning_until_us: npt.NDArray[np.int64]
    restriction_schedule: npt.NDArray[np.int32]
    restriction_absolute: npt.NDArray[np.uint8]
    restriction_vehicle_classes: npt.NDArray[np.uint16]
    restriction_plate_classes: npt.NDArray[np.uint64]
    camera_sets: npt.NDArray[np.uint64]
    permit_ids: tuple[str, ...]
    permit_holders: tuple[str, ...]
    permit_from_us: npt.NDArray[np.int64]
    permit_until_us: npt.NDArray[np.int64]
    permit_confines: npt.NDArray[np.uint8]
    permit_max_speed_kmh: npt.NDArray[np.float64]
    status_offsets: npt.NDArray[np.int32]
    status_from_us: npt.NDArray[np.int64]
    status_code: npt.NDArray[np.uint8]
    grant_offsets: npt.NDArray[np.int32]
    grant_camera_set: npt.NDArray[np.int32]
    grant_schedule: npt.NDArray[np.int32]
    grant_route: npt.NDArray[np.int32]
    route_ids: tuple[str, ...]
    route_names: tuple[str, ...]
    closure_ids: tuple[str, ...]
    closure_from_us: npt.NDArray[np.int64]
    closure_until_us: npt.NDArray[np.int64]
    detour_closure: npt.NDArray[np.int32]
    detour_route: npt.NDArray[np.int32]
    detour_camera_set: npt.NDArray[np.int32]
    detour_sets: npt.NDArray[np.uint64]
    side_plates: tuple[str, ...]
    table_keys: npt.NDArray[np.uint64]
    table_vehicles: npt.NDArray[np.int32]
    plate_permit_offsets: npt.NDArray[np.int32]
    plate_permits: npt.NDArray[np.int32]
    plate_permit_class: npt.NDArray[np.uint8]
    plate_registry_offsets: npt.NDArray[np.int32]
    registry_plate_class: npt.NDArray[np.uint8]
    registry_vehicle_class: npt.NDArray[np.uint8]
    plate_filter: npt.NDArray[np.uint64]

    @property
    def zone(self) -> ZoneTable:
        """The city's civil time, as it was when the rules were compiled."""
        return ZoneTable(self.zone_from_us, self.zone_offset_us)
