"""A flat plane of metres around one point; good to a few metres within a city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

METRES_PER_DEGREE: Final = float(np.radians(1.0) * 6_371_008.8)


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of (`lon`, `lat`), WGS-84 degrees."""

    lon: float
    lat: float

    def to_lonlat(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return (k, 2) degrees of (k, 2) metres."""
        shrink = np.cos(np.radians(self.lat)) * METRES_PER_DEGREE
        return np.column_stack(
            (self.lon + xy[:, 0] / shrink, self.lat + xy[:, 1] / METRES_PER_DEGREE)
        )

    def to_xy(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return (k, 2) metres of (k, 2) degrees."""
        shrink = np.cos(np.radians(self.lat)) * METRES_PER_DEGREE
        return np.column_stack(
            ((lonlat[:, 0] - self.lon) * shrink, (lonlat[:, 1] - self.lat) * METRES_PER_DEGREE)
        )
