"""Jitted kernel: where vehicles and instants stand among sightings in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@njit(cache=True, nogil=True, inline="always")
def _is_before(
    vehicle: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    row: Any,
    its_vehicle: Any,
    instant: Any,
) -> Any:
    return vehicle[row] < its_vehicle or (vehicle[row] == its_vehicle and at[row] < instant)


@njit(cache=True, nogil=True)
def find_places(
    vehicle: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    asked_vehicle: npt.NDArray[np.int64],
    asked_at: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
) -> None:
    """Fill `places` (m,) with the first of n rows that is of each vehicle and instant or behind it.

    The rows ascend by vehicle and instant. What is asked may come in any order; in the same, each
    is looked for from where the one before was found.
    """
    count = vehicle.shape[0]
    low = 0
    for number in range(asked_vehicle.shape[0]):
        its_vehicle, instant = asked_vehicle[number], asked_at[number]
        if low > 0 and not _is_before(vehicle, at, low - 1, its_vehicle, instant):
            low = 0
        step = 1
        while low + step <= count and _is_before(vehicle, at, low + step - 1, its_vehicle, instant):
            low += step
            step *= 2
        high = min(low + step - 1, count)
        while low < high:
            middle = (low + high) >> 1
            if _is_before(vehicle, at, middle, its_vehicle, instant):
                low = middle + 1
            else:
                high = middle
        places[number] = low
