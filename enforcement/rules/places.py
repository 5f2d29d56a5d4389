"""Cameras and routes of a city as its files state them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

ALWAYS_FROM_US: Final = int(np.iinfo(np.int64).min)  # a validity without beginning
ALWAYS_UNTIL_US: Final = int(np.iinfo(np.int64).max)  # a validity without end


@dataclass(frozen=True, slots=True)
class Camera:
    """One record of a camera: where it stood for one period. Positions are WGS-84 degrees.

    `valid_from_us` to `valid_until_us` is half-open, microseconds UTC. `bearing_deg` is degrees
    clockwise from true north, the direction in which the vehicles it reads travel; None is all.
    `node` and `ways` are OSM ids of its intersection and of its street, where the city says them.
    Before `warning_until_us` what it sees is only warned of.
    """

    camera_id: str
    name: str
    lon: float
    lat: float
    bearing_deg: float | None
    valid_from_us: int
    valid_until_us: int
    clock_error_s: float | None
    recorded_at_us: int | None
    place: str  # "feature 3 (C-001)", for messages
    node: int | None = None
    ways: tuple[int, ...] = ()
    warning_until_us: int = ALWAYS_FROM_US


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A drawn line, (k, 2) WGS-84 lon and lat.

    `openlr` is its path as an OpenLR location reference (base64), empty if none is stored.
    """

    route_id: str
    name: str
    lonlat: npt.NDArray[np.float64]
    place: str
    openlr: str = ""
