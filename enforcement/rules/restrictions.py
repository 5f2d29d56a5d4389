"""Restrictions and closures as a city's files state them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enforcement.rules.places import ALWAYS_FROM_US

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """Where some vehicles may not be, on a schedule.

    A vehicle is meant if its class is in `vehicle_classes` or its plate class in `plate_classes`
    (two digits as a number). Exactly one of `area` (WGS-84 polygon or multipolygon) and `cameras`
    is given. The validity is half-open, microseconds UTC. Before `warning_until_us` who breaks it is
    only warned.
    """

    restriction_id: str
    name: str
    vehicle_classes: frozenset[str]
    plate_classes: frozenset[int]
    schedule: str
    valid_from_us: int
    valid_until_us: int
    permits_exempt: bool
    code: str | None
    area: BaseGeometry | None
    cameras: tuple[str, ...] | None
    recorded_at_us: int | None
    place: str
    warning_until_us: int = ALWAYS_FROM_US


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A stretch of street closed for a time; `lonlat` is (k, 2) WGS-84.

    It is closed in both directions, or only the way that the line runs.
    """

    closure_id: str
    lonlat: npt.NDArray[np.float64]
    valid_from_us: int
    valid_until_us: int
    source: str | None
    recorded_at_us: int | None
    place: str
    both_directions: bool = True
