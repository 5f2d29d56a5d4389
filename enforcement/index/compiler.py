"""From what a city states to what a hit is judged by: definition in, frozen arrays out."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.errors import EnforcementError
from enforcement.index.camera_sets import Pairs, index_cameras, share_sets
from enforcement.index.camera_sources import CameraSources
from enforcement.index.camera_travel import UNKNOWN_TRAVEL
from enforcement.index.canonical_form import hash_rules
from enforcement.index.civil_time import zone_table
from enforcement.index.closed_routes import detour_table
from enforcement.index.layout import NO_ROUTE, Rules
from enforcement.index.permit_table import (
    confining,
    named_plates,
    offsets_of,
    plate_class_masks,
    registry_rows,
    status_history,
    vehicle_class_masks,
)
from enforcement.index.plate_table import build_plate_table
from enforcement.index.schedule_table import build_schedule_table
from enforcement.index.section_metres import records_in_sets, section_metres
from enforcement.rules.calendars import calendar_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from enforcement.index.camera_travel import CameraTravel
    from enforcement.index.closed_routes import ClosedRoute
    from enforcement.rules.definition import CityDefinition
    from enforcement.rules.permits import Permit
    from enforcement.rules.places import Route

# What makes the hours of a schedule depend on the kind of day.
_BY_DAY: Final = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)\b")


def compile_rules(
    definition: CityDefinition,
    route_cameras: Mapping[str, Sequence[int]],
    travel: CameraTravel = UNKNOWN_TRAVEL,
    closed_routes: Sequence[ClosedRoute] = (),
) -> Rules:
    """Compile everything that a verdict depends on into flat arrays.

    Areas and places become camera records here: an area has the cameras inside it or on its
    boundary, a place those at most `radius_m` away along the great circle, a list of names every
    record of those names. Restrictions are never widened by grace, grants by
    `judgement.grace_minutes`.

    Parameters
    ----------
    definition
        A city without faults (`enforcement.city.read_city`). Permits, restrictions, routes and
        registry may come in any order; camera records must be sorted by (id, beginning).
    route_cameras
        The camera records (places in `definition.cameras`) of every route that a grant names.
    travel
        Least seconds and metres between the camera records, in the order of
        `definition.cameras`.
    closed_routes
        What closures do to routes; those of routes that are not in the city are left out.

    Returns
    -------
    Rules
        Read-only arrays; the same for the same statements, in whatever order they came.

    Raises
    ------
    EnforcementError
        A route, camera, class, status, calendar or time zone is named that does not exist, or a
        schedule cannot be read (ScheduleError).
    """
    restrictions = sorted(definition.restrictions, key=attrgetter("restriction_id"))
    permits = sorted(definition.permits, key=attrgetter("permit_id"))
    routes = sorted(definition.routes, key=attrgetter("route_id"))
    grants = [grant for permit in permits for grant in permit.grants]
    grace = definition.judgement.grace_minutes

    zone = zone_table(definition.timezone)
    calendar = calendar_for(definition.holidays)
    schedules = build_schedule_table(
        chain(
            ((restriction.schedule, 0) for restriction in restrictions),
            ((grant.schedule, grace) for grant in grants),
        ),
        calendar,
    )

    cameras = index_cameras(definition.cameras)
    record_count = len(definition.cameras)
    driving = travel.of_records(record_count)
    restriction_sources = CameraSources()
    restriction_source = restriction_sources.of_restrictions(restrictions)
    absolute = np.array([not restriction.permits_exempt for restriction in restrictions], np.uint8)
    camera_restriction_offsets, camera_restrictions = _restrictions_by_camera(
        restriction_sources.resolve(cameras, route_cameras),
        np.array(restriction_source, np.int64),
        absolute,
        record_count,
    )
    grant_sources = CameraSources()
    grant_source = np.array(grant_sources.of_grants(permits), np.int64)
    set_of_source, camera_sets = share_sets(
        grant_sources.resolve(cameras, route_cameras), len(grant_sources), record_count
    )
    limited = np.array([p.max_speed_kmh is not None for p in permits for _ in p.grants], np.bool_)
    sets = camera_sets[np.unique(set_of_source[grant_source[limited]])]
    sections = section_metres(driving, records_in_sets(sets, record_count))

    plates = build_plate_table(
        chain(
            (vehicle.plate for permit in permits for vehicle in permit.vehicles),
            (vehicle.plate for vehicle in definition.vehicles),
        )
    )
    statuses = status_history(permits)
    named = named_plates(permits, plates.number)
    registry = registry_rows(definition.vehicles, plates.number)

    detours = detour_table(
        closed_routes, {route.route_id: place for place, route in enumerate(routes)}, record_count
    )

    rules = Rules(
        content_hash="",
        name=definition.name,
        timezone=definition.timezone,
        holidays=definition.holidays,
        judgement=definition.judgement,
        zone_from_us=zone.from_us,
        zone_offset_us=zone.offset_us,
        first_day=schedules.first_day,
        day_pattern=schedules.day_pattern,
        patterns=schedules.patterns,
        schedule_texts=schedules.texts,
        schedule_grace=schedules.grace,
        schedule_by_day=np.array(
            [_BY_DAY.search(text) is not None for text in schedules.texts], np.uint8
        ),
        published_years=np.array(sorted(calendar.published_years), np.int32),
        schedule_days=schedules.days,
        schedule_first_pattern=schedules.first_pattern,
        camera_ids=cameras.camera_ids,
        camera_record_offsets=cameras.record_offsets,
        camera_from_us=np.array([camera.valid_from_us for camera in definition.cameras], np.int64),
        camera_until_us=np.array(
            [camera.valid_until_us for camera in definition.cameras], np.int64
        ),
        camera_warning_until_us=np.array(
            [camera.warning_until_us for camera in definition.cameras], np.int64
        ),
        camera_lon=cameras.lon,
        camera_lat=cameras.lat,
        camera_bearing_deg=np.array(
            [
                np.nan if camera.bearing_deg is None else camera.bearing_deg
                for camera in definition.cameras
            ],
            np.float64,
        ),
        camera_clock_error_us=_clock_errors_us(definition),
        travel_place=np.array(driving.place, np.int32),
        travel_units=np.array(driving.units, np.uint16),
        travel_unit_s=float(driving.unit_s),
        section_place=sections.place,
        section_metres=sections.metres,
        camera_restriction_offsets=camera_restriction_offsets,
        camera_restrictions=camera_restrictions,
        restriction_ids=tuple(restriction.restriction_id for restriction in restrictions),
        restriction_names=tuple(restriction.name for restriction in restrictions),
        restriction_from_us=np.array([one.valid_from_us for one in restrictions], np.int64),
        restriction_until_us=np.array([one.valid_until_us for one in restrictions], np.int64),
        restriction_warning_until_us=np.array(
            [one.warning_until_us for one in restrictions], np.int64
        ),
        restriction_schedule=np.array(
            [schedules.number[one.schedule, 0] for one in restrictions], np.int32
        ),
        restriction_absolute=absolute,
        restriction_vehicle_classes=vehicle_class_masks(restrictions),
        restriction_plate_classes=plate_class_masks(restrictions),
        camera_sets=camera_sets,
        permit_ids=tuple(permit.permit_id for permit in permits),
        permit_holders=tuple(permit.holder for permit in permits),
        permit_from_us=np.array([permit.valid_from_us for permit in permits], np.int64),
        permit_until_us=np.array([permit.valid_until_us for permit in permits], np.int64),
        permit_confines=confining(permits),
        permit_max_speed_kmh=np.array(
            [np.nan if one.max_speed_kmh is None else one.max_speed_kmh for one in permits],
            np.float64,
        ),
        status_offsets=statuses.offsets,
        status_from_us=statuses.from_us,
        status_code=statuses.code,
        grant_offsets=offsets_of(permit.grants for permit in permits),
        grant_camera_set=set_of_source[grant_source],
        grant_schedule=np.array(
            [schedules.number[grant.schedule, grace] for grant in grants], np.int32
        ),
        grant_route=_routes_of_grants(permits, routes),
        route_ids=tuple(route.route_id for route in routes),
        route_names=tuple(route.name for route in routes),
        closure_ids=detours.closure_ids,
        closure_from_us=detours.from_us,
        closure_until_us=detours.until_us,
        detour_closure=detours.closure,
        detour_route=detours.route,
        detour_camera_set=detours.camera_set,
        detour_sets=detours.sets,
        side_plates=plates.side_plates,
        table_keys=plates.table_keys,
        table_vehicles=plates.table_vehicles,
        plate_permit_offsets=named.offsets,
        plate_permits=named.permits,
        plate_permit_class=named.plate_class,
        plate_registry_offsets=registry.offsets,
        registry_plate_class=registry.plate_class,
        registry_vehicle_class=registry.vehicle_class,
        plate_filter=plates.plate_filter,
    )
    for field in fields(rules):
        value = getattr(rules, field.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return replace(rules, content_hash=hash_rules(rules))


def _clock_errors_us(definition: CityDefinition) -> npt.NDArray[np.int64]:
    """Return (c,) how far each camera record's clock may be off, microseconds."""
    usual_s = definition.judgement.clock_error_seconds
    stated = (camera.clock_error_s for camera in definition.cameras)
    return np.array([round(1e6 * (usual_s if s is None else s)) for s in stated], np.int64)


def _restrictions_by_camera(
    pairs: Pairs,
    source_of: npt.NDArray[np.int64],
    absolute: npt.NDArray[np.uint8],
    record_count: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return CSR by camera record of restrictions, absolute bans first, then in order of id."""
    width = max(record_count, 1)
    by_source = np.argsort(pairs.sources, kind="stable")
    sources = pairs.sources[by_source]
    records = pairs.records[by_source]
    begins = np.searchsorted(sources, source_of, side="left")
    ends = np.searchsorted(sources, source_of, side="right")
    codes = [
        np.unique(records[begin:end]) + number * width
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]
    code = np.concatenate([np.zeros(0, np.int64), *codes])
    restriction, record = code // width, code % width
    order = np.lexsort((restriction, 1 - absolute[restriction].astype(np.int64), record))
    offsets = np.zeros(record_count + 1, np.int32)
    np.cumsum(np.bincount(record, minlength=record_count), out=offsets[1:])
    return offsets, restriction[order].astype(np.int32)


def _routes_of_grants(permits: Sequence[Permit], routes: Sequence[Route]) -> npt.NDArray[np.int32]:
    """Return (g,) the place of each grant's route in `routes`, NO_ROUTE where it has none."""
    number: dict[str | None, int] = {route.route_id: place for place, route in enumerate(routes)}
    number[None] = NO_ROUTE
    try:
        return np.array(
            [number[grant.route_id] for permit in permits for grant in permit.grants], np.int32
        )
    except KeyError as error:
        raise EnforcementError(
            "unknown_route", f"route {error.args[0]!r} is not in the city's routes"
        ) from error
