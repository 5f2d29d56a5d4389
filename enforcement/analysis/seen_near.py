"""Whether another camera saw a vehicle near in time, as cameras of a city do while it drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.analysis.seen_near_kernels import mark_seen

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings


class SightingArrays(NamedTuple):
    """The columns of `Sightings` that the kernel takes."""

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    vehicle: npt.NDArray[np.int64]
    record: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]


class Asked(NamedTuple):
    """What the kernel is asked for; `any_class` leaves `plate_class` out of account."""

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    record: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]
    any_class: bool


def seen_near(
    sightings: Sightings,
    plate_key: npt.NDArray[np.uint64],
    plate_class: npt.NDArray[np.uint8] | None,
    record: npt.NDArray[np.int32],
    captured_at_us: npt.NDArray[np.int64],
    near_us: int,
) -> npt.NDArray[np.bool_]:
    """Tell which plates a camera other than `record` saw near an instant.

    Parameters
    ----------
    sightings
        All of every plate that is asked for.
    plate_key, plate_class
        (q,) whom to look for; None for a plate of whatever class.
    record, captured_at_us
        (q,) camera record and instant, microseconds UTC.
    near_us
        How far from the instant to look, either way.

    Returns
    -------
    numpy.ndarray
        (q,) bool.
    """
    seen = np.empty(plate_key.shape[0], np.bool_)
    any_class = plate_class is None
    classes = np.zeros(seen.shape[0], np.uint8) if plate_class is None else plate_class
    mark_seen(
        SightingArrays(
            sightings.plate_key,
            sightings.plate_class,
            sightings.vehicle,
            sightings.record,
            sightings.captured_at_us,
        ),
        Asked(plate_key, classes, record, captured_at_us, any_class),
        near_us,
        seen,
    )
    return seen
