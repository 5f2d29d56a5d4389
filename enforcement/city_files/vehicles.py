"""vehicles.parquet: the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enforcement.city_files.parquet_rows import read_rows
from enforcement.city_files.permits import read_plate
from enforcement.city_files.records import Record, as_text
from enforcement.city_files.references import read_plate_class
from enforcement.rules.registry import RegisteredVehicle
from ingest.hits import VEHICLE_CLASSES

if TYPE_CHECKING:
    from enforcement.city_files.fault_log import FaultLog

VEHICLES_FILE: Final = "vehicles.parquet"
_UNKNOWN: Final = "unknown"
_COLUMNS: Final = ("plate", "plate_class", "vehicle_class", "holder")
_NEEDED: Final = ("plate", "vehicle_class")


def read_vehicles(faults: FaultLog, content: bytes) -> tuple[RegisteredVehicle, ...]:
    """Return the registry in the order of the file, one row for each plate and plate class.

    Rows that say the same are one, and a row of vehicle class ``unknown`` gives way to one that
    knows; two that contradict each other are a fault.
    """
    known: dict[tuple[str, int | None], tuple[RegisteredVehicle, str]] = {}
    for number, values in read_rows(faults, VEHICLES_FILE, content, _COLUMNS, _NEEDED):
        name = as_text(values["plate"])
        here = f"row {number} ({name})" if name else f"row {number}"
        record = Record(faults, VEHICLES_FILE, here, values)
        before = faults.fault_count
        plate = read_plate(record)
        plate_class = read_plate_class(
            record, "plate_class", record.values.get("plate_class"), optional=True
        )
        vehicle_class = _vehicle_class(record)
        holder = record.text("holder")
        if faults.fault_count > before:
            continue
        vehicle = RegisteredVehicle(plate, plate_class, vehicle_class, holder)
        earlier, place = known.setdefault((plate, plate_class), (vehicle, record.place))
        if vehicle_class in {earlier.vehicle_class, _UNKNOWN}:
            continue
        if earlier.vehicle_class == _UNKNOWN:
            known[plate, plate_class] = (vehicle, record.place)
            continue
        record.fault(
            "vehicle_class",
            f"`{vehicle_class}` contradicts {place}, where the same plate and plate class is "
            f"`{earlier.vehicle_class}`; expected one class for one vehicle",
            "contradictory_registry",
        )
    return tuple(vehicle for vehicle, _ in known.values())


def _vehicle_class(record: Record) -> str:
    """Return the class, ``unknown`` when it is missing."""
    value = record.values.get("vehicle_class")
    if isinstance(value, str) and value in VEHICLE_CLASSES:
        return VEHICLE_CLASSES[VEHICLE_CLASSES.index(value)]  # one object for all rows
    return record.choice("vehicle_class", VEHICLE_CLASSES, default=_UNKNOWN)
