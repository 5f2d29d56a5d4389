"""Permits, their grants and their status history as a city's files state them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

STATUSES: Final = ("applied", "active", "suspended", "revoked", "rejected", "withdrawn")
BINDINGS: Final = ("exempts", "confines")


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """From `from_us` (microseconds UTC) on, the permit has `status`."""

    status: str
    from_us: int
    recorded_at_us: int | None


@dataclass(frozen=True, slots=True)
class NamedVehicle:
    """A vehicle that a permit names: normalised plate; plate_class None names every class."""

    plate: str
    plate_class: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A circle around a point, WGS-84 degrees and metres."""

    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """One permission: exactly one of `route_id`, `area`, `point`, `cameras` is given."""

    schedule: str
    route_id: str | None = None
    area: BaseGeometry | None = None
    point: Place | None = None
    cameras: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """One permit. `status` is ordered by `from_us`; the validity is half-open, microseconds UTC."""

    permit_id: str
    holder: str
    binding: str
    vehicles: tuple[NamedVehicle, ...]
    valid_from_us: int
    valid_until_us: int
    status: tuple[StatusEntry, ...]
    grants: tuple[Grant, ...]
    max_speed_kmh: float | None
    recorded_at_us: int | None
    place: str  # "line 7 (P-2026-000123)"
