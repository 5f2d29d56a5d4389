"""What rules know of driving between cameras: the least seconds and metres of any vehicle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

NO_PLACE: Final = -1


def _no_table() -> npt.NDArray[np.uint16]:
    return np.zeros((0, 0), np.uint16)


@dataclass(frozen=True, slots=True, eq=False)
class CameraTravel:
    """Least seconds and metres over the network between c camera records that stand at k places.

    Attributes
    ----------
    place
        (c,) int32 place of each record; NO_PLACE where the network says nothing of it. A shorter
        array says nothing of any.
    units
        (k, k) uint16, from row to column between places, in units of `unit_s`, rounded down.
    unit_s
        Seconds that a unit stands for.
    metres
        (k, k) uint16, likewise, whole metres rounded down; (0, 0) says nothing of any.
    """

    place: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    units: npt.NDArray[np.uint16] = field(default_factory=_no_table)
    unit_s: float = 1.0
    metres: npt.NDArray[np.uint16] = field(default_factory=_no_table)

    def of_records(self, count: int) -> CameraTravel:
        """Return it for `count` records, of those it leaves out saying nothing."""
        if self.place.shape[0] == count:
            return self
        place = np.full(count, NO_PLACE, np.int32)
        return replace(self, place=place)


UNKNOWN_TRAVEL: Final = CameraTravel()
