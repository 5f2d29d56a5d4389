"""The vehicle registry: what a plate really is, whatever the camera saw."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegisteredVehicle:
    """One registry row: normalised plate; plate_class None stands for every class."""

    plate: str
    plate_class: int | None
    vehicle_class: str
    holder: str
