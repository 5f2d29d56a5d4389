"""Jitted kernel: which vehicles another camera saw near an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.seen_near import Asked, SightingArrays


@njit(cache=True, nogil=True)
def mark_seen(
    sightings: SightingArrays, asked: Asked, near_us: int, seen: npt.NDArray[np.bool_]
) -> None:
    """Fill `seen` (q,) for each that is asked, in any order; quickest by plate."""
    count = sightings.vehicle.shape[0]
    run_end = np.empty(count, np.int64)  # behind those of the vehicle by this record in a row
    for row in range(count - 1, -1, -1):
        goes_on = (
            row + 1 < count
            and sightings.vehicle[row] == sightings.vehicle[row + 1]
            and sightings.record[row] == sightings.record[row + 1]
        )
        run_end[row] = run_end[row + 1] if goes_on else row + 1
    for place in range(asked.plate_key.shape[0]):
        key, at = asked.plate_key[place], asked.captured_at_us[place]
        seen[place] = False
        begin = np.searchsorted(sightings.plate_key, key)
        while begin < count and sightings.plate_key[begin] == key and not seen[place]:
            vehicle = sightings.vehicle[begin]
            end = begin + np.searchsorted(sightings.vehicle[begin:], vehicle, side="right")
            if asked.any_class or sightings.plate_class[begin] == asked.plate_class[place]:
                instants = sightings.captured_at_us[begin:end]
                first = begin + np.searchsorted(instants, at - near_us)
                last = begin + np.searchsorted(instants, at + near_us, side="right")
                seen[place] = first < last and (
                    sightings.record[first] != asked.record[place] or run_end[first] < last
                )
            begin = end
