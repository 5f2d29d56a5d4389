"""vehicles.parquet: the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from enforcement.city_files.fault_log import nearest
from enforcement.city_files.permits import read_plate
from enforcement.city_files.records import MISSING, Record
from enforcement.city_files.references import read_plate_class
from enforcement.rules.registry import RegisteredVehicle
from ingest.hits import VEHICLE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enforcement.city_files.fault_log import FaultLog

VEHICLES_FILE: Final = "vehicles.parquet"
_UNKNOWN: Final = "unknown"
_COLUMNS: Final = ("plate", "plate_class", "vehicle_class", "holder")
_NEEDED: Final = ("plate", "vehicle_class")
_ROWS_AT_ONCE: Final = 65536


def read_vehicles(faults: FaultLog, content: bytes) -> tuple[RegisteredVehicle, ...]:
    """Return the registry in the order of the file, one row for each plate and plate class.

    Rows that say the same are one, and a row of vehicle class ``unknown`` gives way to one that
    knows; two that contradict each other are a fault.
    """
    known: dict[tuple[str, int | None], tuple[RegisteredVehicle, str]] = {}
    for record in _rows(faults, content):
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


def _rows(faults: FaultLog, content: bytes) -> Iterator[Record]:
    number = 0
    try:
        table = pq.ParquetFile(pa.BufferReader(content))
        names = table.schema_arrow.names
        for name in names:
            if name not in _COLUMNS:
                faults.warn(
                    VEHICLES_FILE,
                    "",
                    name,
                    f"unknown column `{name}`{nearest(name, _COLUMNS)}; it is not read",
                    "unknown_property",
                )
        lacking = [name for name in _NEEDED if name not in names]
        for name in lacking:
            faults.fault(
                VEHICLES_FILE,
                "",
                name,
                f"there is no such column, found {', '.join(names) or 'none'}",
                "missing_column",
            )
        if lacking:
            return
        columns = [name for name in _COLUMNS if name in names]
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=columns):
            lists: list[list[Any]] = [column.to_pylist() for column in batch.columns]
            for row in zip(*lists, strict=True):
                number += 1
                values = dict(zip(columns, row, strict=True))
                plate = values["plate"]
                place = f"row {number}" if plate in MISSING else f"row {number} ({plate})"
                yield Record(faults, VEHICLES_FILE, place, values)
    except (pa.ArrowException, OSError, ValueError) as error:
        place = f"row {number + 1}" if number else ""
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        faults.fault(
            VEHICLES_FILE, place, "", f"is no Parquet that can be read: {words}", "broken_parquet"
        )
