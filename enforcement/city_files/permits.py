"""Permits as their files state them: vehicles, status history, grants."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import shown
from enforcement.city_files.geometries import check_position, point_to_wgs84, read_area
from enforcement.city_files.records import MISSING, Record, as_text
from enforcement.city_files.references import read_plate_class
from enforcement.rules.lifecycle import effective_periods, in_order
from enforcement.rules.permits import (
    BINDINGS,
    STATUSES,
    Grant,
    NamedVehicle,
    Permit,
    Place,
    StatusEntry,
)
from ingest.plates import PROVINCES, is_plausible, normalise_plate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enforcement.city_files.references import Frame

PERMIT_NAMES: Final = (
    "permit_id",
    "holder",
    "binding",
    "vehicles",
    "valid_from",
    "valid_until",
    "status",
    "grants",
    "max_speed_kmh",
    "recorded_at",
)
_PERMIT_NAMES: Final = frozenset(PERMIT_NAMES)
_VEHICLE_NAMES: Final = frozenset(("plate", "plate_class"))
_STATUS_NAMES: Final = frozenset(("status", "from", "recorded_at"))
_WHERES: Final = ("route", "area", "place", "cameras")
_GRANT_NAMES: Final = frozenset((*_WHERES, "schedule"))
_PLACE_NAMES: Final = frozenset(("lon", "lat", "radius_m"))

# Most plates of a file in China are spelt as they are compared; looking is ten times faster.
_SPELT: Final = re.compile(rf"(?=.*[0-9])[{PROVINCES}][A-Z][0-9A-Z]{{5,6}}")


class PermitReader:
    """Reads permits one by one, keeping one object for grants and statuses that are alike."""

    def __init__(self, frame: Frame, file: str) -> None:
        self._frame = frame
        self._file = file
        self._seen: dict[str, str] = {}
        self._grants: dict[tuple[object, ...], Grant] = {}
        self._statuses: dict[StatusEntry, StatusEntry] = {}
        self._holders: dict[str, str] = {}

    def read(self, values: Mapping[str, Any], place: str) -> Permit | None:
        """Return a permit, or None after adding what is wrong with it to the faults."""
        faults = self._frame.faults
        before = faults.fault_count
        name = as_text(values.get("permit_id"))
        record = Record(faults, self._file, f"{place} ({name})" if name else place, values)
        if not values.keys() <= _PERMIT_NAMES:
            record.check_names(PERMIT_NAMES)
        zone = self._frame.zone
        permit_id = record.new_identifier("permit_id", self._seen)
        holder = record.text("holder")
        valid_from_us, valid_until_us = record.validity(zone)
        permit = Permit(
            permit_id=permit_id,
            holder=self._holders.setdefault(holder, holder),
            binding=record.choice("binding", BINDINGS, default="exempts"),
            vehicles=self._vehicles(record),
            valid_from_us=valid_from_us,
            valid_until_us=valid_until_us,
            status=self._status(record),
            grants=self._all_grants(record),
            max_speed_kmh=_speed(record),
            recorded_at_us=record.instant("recorded_at", zone),
            place=record.place,
        )
        if faults.fault_count > before:
            return None
        self._doubt(record, permit)
        return permit

    def _vehicles(self, record: Record) -> tuple[NamedVehicle, ...]:
        vehicles: dict[NamedVehicle, None] = {}
        for vehicle in record.records("vehicles", "at least one vehicle"):
            if not vehicle.values.keys() <= _VEHICLE_NAMES:
                vehicle.check_names(_VEHICLE_NAMES)
            plate = read_plate(vehicle)
            plate_class = read_plate_class(
                vehicle, "plate_class", vehicle.values.get("plate_class"), optional=True
            )
            if plate:
                vehicles[NamedVehicle(plate, plate_class)] = None
        return tuple(vehicles)

    def _status(self, record: Record) -> tuple[StatusEntry, ...]:
        entries: list[StatusEntry] = []
        for item in record.records("status", "at least one status"):
            if not item.values.keys() <= _STATUS_NAMES:
                item.check_names(_STATUS_NAMES)
            status = item.choice("status", STATUSES)
            from_us = item.instant("from", self._frame.zone)
            if item.values.get("from") in MISSING:
                item.fault("from", "is missing, expected the instant of the status", "no_from")
            recorded_at_us = item.instant("recorded_at", self._frame.zone)
            if status and from_us is not None:
                entry = StatusEntry(status, from_us, recorded_at_us)
                entries.append(self._statuses.setdefault(entry, entry))
        if len(entries) < 2:
            return tuple(entries)
        ordered = in_order(entries)
        for earlier, later in pairwise(ordered):
            if earlier.from_us == later.from_us and earlier.status != later.status:
                record.warn(
                    "status",
                    f"`{earlier.status}` and `{later.status}` begin at one instant; the one that "
                    "stands later in the file holds",
                    "status_twice",
                )
        return ordered

    def _all_grants(self, record: Record) -> tuple[Grant, ...]:
        grants = []
        for item in record.records("grants", "at least one grant"):
            if not item.values.keys() <= _GRANT_NAMES:
                item.check_names(_GRANT_NAMES)
            grant = self._grant(item)
            if grant is not None:
                grants.append(grant)
        return tuple(grants)

    def _grant(self, record: Record) -> Grant | None:
        frame = self._frame
        values = record.values
        schedule = frame.schedule(record)
        given = [name for name in _WHERES if values.get(name) not in MISSING]
        if len(given) != 1:
            found = f"found {' and '.join(given)}" if given else "found none of them"
            record.fault(
                "", f"{found}, expected one of {', '.join(_WHERES)}", "grant_without_place"
            )
            return None
        key: tuple[object, ...] | None = None
        route_id = area = point = cameras = None
        if given[0] == "route":
            route_id = frame.known_id(record, "route", values["route"], "route")
            key = (schedule, route_id)
        elif given[0] == "area":
            area = read_area(record, "area", values["area"], frame.coordinates)
        elif given[0] == "place":
            point = self._place(record, values["place"])
            key = (schedule, point)
        else:
            cameras = frame.camera_list(record)
            key = (schedule, cameras)
        grant = Grant(schedule, route_id, area, point, cameras)
        return grant if key is None else self._grants.setdefault(key, grant)

    def _place(self, record: Record, value: Any) -> Place | None:
        if not isinstance(value, dict):
            record.fault(
                "place", f"found {shown(value)}, expected lon, lat and radius_m", "no_object"
            )
            return None
        place = Record(record.faults, record.file, record.place, value, f"{record.path}place.")
        if not value.keys() <= _PLACE_NAMES:
            place.check_names(_PLACE_NAMES)
        numbers = []
        for name in ("lon", "lat", "radius_m"):
            number = place.number(name)
            if value.get(name) in MISSING:
                place.fault(name, "is missing, expected a number", "not_a_number")
            numbers.append(number)
        lon, lat, radius_m = numbers
        if radius_m is not None and radius_m <= 0:
            place.fault("radius_m", f"found {radius_m:g}, expected metres above 0", "out_of_range")
            return None
        if lon is None or lat is None or radius_m is None:
            return None
        if not check_position(place, "lon", "lat", lon, lat):
            return None
        return Place(*point_to_wgs84(lon, lat, self._frame.coordinates), radius_m)

    def _doubt(self, record: Record, permit: Permit) -> None:
        """Warn of a permit without faults that lets nobody pass."""
        if not effective_periods(permit):
            record.warn(
                "status",
                "is never active while the permit is valid: it grants nothing",
                "no_effect",
            )
        for i, grant in enumerate(permit.grants):
            if grant.cameras is not None and not grant.cameras:
                record.warn(
                    f"grants[{i}].cameras", "an empty list: it grants nothing", "empty_grant"
                )
            if self._frame.never_open.get(grant.schedule):
                record.warn(
                    f"grants[{i}].schedule",
                    f"`{grant.schedule}` opens on no day: it grants nothing",
                    "never_open",
                )


def read_plate(record: Record) -> str:
    """Return the normalised `plate` of a record; empty after a fault."""
    value = record.values.get("plate")
    if isinstance(value, str):
        if _SPELT.fullmatch(value):
            return value
        plate = normalise_plate(value)
        if is_plausible(plate):
            return plate
    elif (text := as_text(value)) is not None and is_plausible(normalise_plate(text)):
        return normalise_plate(text)
    found = "is missing" if value in MISSING else f"found {shown(value)}"
    record.fault(
        "plate",
        f"{found}, expected a plate: 4 to 12 letters and digits, at least one digit",
        "unreadable_plate",
    )
    return ""


def _speed(record: Record) -> float | None:
    speed = record.number("max_speed_kmh")
    if speed is not None and speed <= 0:
        record.fault("max_speed_kmh", f"found {speed:g}, expected km/h above 0", "out_of_range")
    return speed
