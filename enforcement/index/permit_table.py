"""Permits and restrictions as columns: one pass over the objects, one array a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from enforcement.errors import EnforcementError
from enforcement.rules.permits import BINDINGS, STATUSES
from ingest.hits import NO_PLATE_CLASS, VEHICLE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Sized

    import numpy.typing as npt

    from enforcement.rules.permits import Permit
    from enforcement.rules.registry import RegisteredVehicle
    from enforcement.rules.restrictions import Restriction

_BINDING_CODE: Final = {name: code for code, name in enumerate(BINDINGS)}
_STATUS_CODE: Final = {name: code for code, name in enumerate(STATUSES)}
_CLASS_CODE: Final = {name: code for code, name in enumerate(VEHICLE_CLASSES)}
_PLATE_CLASSES: Final = 100  # two digits


class StatusHistory(NamedTuple):
    """The fields `status_offsets`, `status_from_us`, `status_code` of `Rules`."""

    offsets: npt.NDArray[np.int32]
    from_us: npt.NDArray[np.int64]
    code: npt.NDArray[np.uint8]


class NamedPlates(NamedTuple):
    """The fields `plate_permit_offsets`, `plate_permits`, `plate_permit_class` of `Rules`."""

    offsets: npt.NDArray[np.int32]
    permits: npt.NDArray[np.int32]
    plate_class: npt.NDArray[np.uint8]


class RegistryRows(NamedTuple):
    """The fields `plate_registry_offsets`, `registry_plate_class`, `registry_vehicle_class`."""

    offsets: npt.NDArray[np.int32]
    plate_class: npt.NDArray[np.uint8]
    vehicle_class: npt.NDArray[np.uint8]


def offsets_of(groups: Iterable[Sized]) -> npt.NDArray[np.int32]:
    """Return (n + 1,) where each of n groups begins when they lie one after another."""
    return np.cumsum([0, *map(len, groups)], dtype=np.int32)


def status_history(permits: Sequence[Permit]) -> StatusHistory:
    """Return the status entries of each permit by time; of equal times the later stated is later.

    Raises
    ------
    EnforcementError
        A status is not in STATUSES.
    """
    offsets = offsets_of(permit.status for permit in permits)
    entries = [entry for permit in permits for entry in permit.status]
    from_us = np.array([entry.from_us for entry in entries], np.int64)
    code = np.array(codes_of("status", _STATUS_CODE, (entry.status for entry in entries)), np.uint8)
    permit_of = np.repeat(np.arange(len(permits)), np.diff(offsets))
    order = np.lexsort((from_us, permit_of))
    return StatusHistory(offsets, from_us[order], code[order])


def confining(permits: Sequence[Permit]) -> npt.NDArray[np.uint8]:
    """Return (q,) 1 for permits that confine.

    Raises
    ------
    EnforcementError
        A binding is not in BINDINGS.
    """
    codes = codes_of("binding", _BINDING_CODE, (permit.binding for permit in permits))
    return np.array([code == _BINDING_CODE["confines"] for code in codes], np.uint8)


def named_plates(permits: Sequence[Permit], plate_number: Mapping[str, int]) -> NamedPlates:
    """Return which permits name each plate, with the class that they name it with."""
    vehicles = [vehicle for permit in permits for vehicle in permit.vehicles]
    plate = np.array([plate_number[vehicle.plate] for vehicle in vehicles], np.int64)
    permit = np.repeat(
        np.arange(len(permits)), np.diff(offsets_of(permit.vehicles for permit in permits))
    )
    plate_class = _plate_classes(vehicle.plate_class for vehicle in vehicles)
    order, offsets = _grouped(len(plate_number), plate, permit, plate_class)
    return NamedPlates(offsets, permit[order].astype(np.int32), plate_class[order])


def registry_rows(
    vehicles: Sequence[RegisteredVehicle], plate_number: Mapping[str, int]
) -> RegistryRows:
    """Return the registry rows of each plate.

    Raises
    ------
    EnforcementError
        A vehicle class is not in VEHICLE_CLASSES.
    """
    plate = np.array([plate_number[vehicle.plate] for vehicle in vehicles], np.int64)
    plate_class = _plate_classes(vehicle.plate_class for vehicle in vehicles)
    vehicle_class = np.array(
        codes_of("vehicle_class", _CLASS_CODE, (vehicle.vehicle_class for vehicle in vehicles)),
        np.uint8,
    )
    order, offsets = _grouped(len(plate_number), plate, plate_class, vehicle_class)
    return RegistryRows(offsets, plate_class[order], vehicle_class[order])


def vehicle_class_masks(restrictions: Sequence[Restriction]) -> npt.NDArray[np.uint16]:
    """Return (r,) masks with bit v set for the vehicle class of code v.

    Raises
    ------
    EnforcementError
        A vehicle class is not in VEHICLE_CLASSES.
    """
    masks = [
        sum(
            1 << code
            for code in codes_of(
                "vehicle_class", _CLASS_CODE, restriction.vehicle_classes, restriction.place
            )
        )
        for restriction in restrictions
    ]
    return np.array(masks, np.uint16)


def plate_class_masks(restrictions: Sequence[Restriction]) -> npt.NDArray[np.uint64]:
    """Return (r, 2) masks of 128 bits with bit k set for plate class k.

    Raises
    ------
    EnforcementError
        A plate class is not two digits.
    """
    masks = np.zeros((len(restrictions), 2), np.uint64)
    for row, restriction in enumerate(restrictions):
        for plate_class in restriction.plate_classes:
            if not 0 <= plate_class < _PLATE_CLASSES:
                raise EnforcementError(
                    "unknown_plate_class",
                    f"plate class {plate_class!r} is not 00 to 99",
                    restriction.place,
                )
            masks[row, plate_class // 64] |= np.uint64(1) << np.uint64(plate_class % 64)
    return masks


def codes_of(
    field: str, codes: Mapping[str, int], names: Iterable[str], where: str = ""
) -> list[int]:
    """Return the code of each name.

    Raises
    ------
    EnforcementError
        A name has no code.
    """
    try:
        return [codes[name] for name in names]
    except KeyError as error:
        raise EnforcementError(
            f"unknown_{field}",
            f"{field} is {error.args[0]!r}, expected one of {', '.join(codes)}",
            where,
        ) from error


def _plate_classes(classes: Iterable[int | None]) -> npt.NDArray[np.uint8]:
    return np.array([NO_PLATE_CLASS if code is None else code for code in classes], np.uint8)


def _grouped(
    count: int, plate: npt.NDArray[np.int64], *keys: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return the order by (plate, keys) and where each of `count` plates begins in it."""
    order = np.lexsort((*reversed(keys), plate))
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(plate, minlength=count), out=offsets[1:])
    return order, offsets
