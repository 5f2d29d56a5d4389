"""How fast, and how short, a vehicle can drive between the cameras of a city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.index.camera_travel import NO_PLACE, CameraTravel
from roadnet.travel import least_travel

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage

HORIZON_S: Final = 1800.0  # drives that take longer are known to take this long


def camera_travel(coverage: CityCoverage) -> CameraTravel:
    """Measure the least seconds and metres between the cameras of a city.

    Parameters
    ----------
    coverage
        The city on its roads. Of a camera whose link is doubtful nothing is said: a wrong link
        would make bounds that honest drivers beat.

    Returns
    -------
    CameraTravel
        One entry a camera record.
    """
    links = coverage.links
    least = least_travel(coverage.graph, coverage.intersections, links, HORIZON_S)
    doubtful = np.array([len(doubts) > 0 for doubts in links.doubts], np.bool_)
    place = np.where(doubtful, NO_PLACE, least.zone).astype(np.int32)
    return CameraTravel(place, least.seconds_units, least.seconds_unit, least.metres_units)
