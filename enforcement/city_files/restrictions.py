"""restrictions.geojson: where some vehicles may not be, on a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import nearest, shown
from enforcement.city_files.features import read_features
from enforcement.city_files.geometries import read_area
from enforcement.city_files.references import read_plate_class
from enforcement.rules.restrictions import Restriction
from ingest.hits import VEHICLE_CLASSES

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from enforcement.city_files.records import Record
    from enforcement.city_files.references import Frame

RESTRICTIONS_FILE: Final = "restrictions.geojson"
_NAMES: Final = frozenset(
    (
        "restriction_id",
        "name",
        "vehicle_classes",
        "plate_classes",
        "schedule",
        "valid_from",
        "valid_until",
        "warning_until",
        "permits_exempt",
        "code",
        "cameras",
        "recorded_at",
    )
)


def read_restrictions(frame: Frame, content: bytes) -> tuple[Restriction, ...]:
    """Return the restrictions sorted by id."""
    features = read_features(frame.faults, RESTRICTIONS_FILE, content, "restriction_id")
    restrictions: list[Restriction] = []
    seen: dict[str, str] = {}
    for feature in features or ():
        record = feature.properties
        before = frame.faults.fault_count
        record.check_names(_NAMES)
        restriction_id = record.new_identifier("restriction_id", seen)
        vehicle_classes, plate_classes = _classes(record)
        area, cameras = _where(frame, record, feature.geometry)
        schedule = frame.schedule(record)
        if frame.never_open.get(schedule):
            record.warn(
                "schedule", f"`{schedule}` opens on no day: nothing is restricted", "never_open"
            )
        valid_from_us, valid_until_us = record.validity(frame.zone)
        restriction = Restriction(
            restriction_id=restriction_id,
            name=record.text("name"),
            vehicle_classes=vehicle_classes,
            plate_classes=plate_classes,
            schedule=schedule,
            valid_from_us=valid_from_us,
            valid_until_us=valid_until_us,
            permits_exempt=record.flag("permits_exempt", default=True),
            code=record.text("code") or None,
            area=area,
            cameras=cameras,
            recorded_at_us=record.instant("recorded_at", frame.zone),
            place=record.place,
            warning_until_us=record.warning_until(frame.zone, valid_from_us),
        )
        if frame.faults.fault_count == before:
            restrictions.append(restriction)
    return tuple(sorted(restrictions, key=lambda restriction: restriction.restriction_id))


def _classes(record: Record) -> tuple[frozenset[str], frozenset[int]]:
    """Return the classes that a restriction names; one that names none is a fault."""
    before = record.faults.fault_count
    vehicle_items = record.items("vehicle_classes") or []
    plate_items = record.items("plate_classes") or []
    if not vehicle_items and not plate_items and record.faults.fault_count == before:
        record.fault(
            "vehicle_classes",
            "names no class and neither does plate_classes, expected at least one class in either",
            "no_classes",
        )
    vehicle_classes = set()
    for i, item in enumerate(vehicle_items):
        if isinstance(item, str) and item in VEHICLE_CLASSES:
            vehicle_classes.add(item)
        else:
            near = nearest(item, VEHICLE_CLASSES) if isinstance(item, str) else ""
            record.fault(
                f"vehicle_classes[{i}]",
                f"found {shown(item)}, expected one of {', '.join(VEHICLE_CLASSES)}{near}",
                "unknown_vehicle_class",
            )
    plate_classes = {
        read_plate_class(record, f"plate_classes[{i}]", item, optional=False)
        for i, item in enumerate(plate_items)
    }
    return frozenset(vehicle_classes), frozenset(code for code in plate_classes if code is not None)


def _where(
    frame: Frame, record: Record, geometry: Any
) -> tuple[BaseGeometry | None, tuple[str, ...] | None]:
    """Return the area or the cameras of a restriction: exactly one, or a fault."""
    cameras = frame.camera_list(record)
    if not record.values.get("cameras"):
        cameras = None  # an empty list is what programs that fill every column write
        if geometry is None:
            record.fault(
                "geometry",
                "is null and cameras names none, expected a Polygon, a MultiPolygon or cameras",
                "no_place",
            )
            return None, None
    elif geometry is not None:
        record.fault("cameras", "stands beside a geometry, expected one of the two", "two_places")
        return None, None
    if geometry is None:
        return None, cameras
    return read_area(record, "geometry", geometry, frame.coordinates), None
