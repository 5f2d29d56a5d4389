"""Whether another camera saw a vehicle near in time, as cameras of a city do while it drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings


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
    if not plate_key.size or not len(sightings):
        return np.zeros(plate_key.shape[0], np.bool_)
    plates = np.unique(plate_key)
    mine = sightings.of_plates(plates)
    group = np.searchsorted(plates, mine.plate_key)
    asked = np.searchsorted(plates, plate_key)
    if plate_class is not None:
        group = group << 8 | mine.plate_class
        asked = asked << 8 | plate_class
    instants, rank = np.unique(mine.captured_at_us, return_inverse=True)
    ranks = instants.shape[0] + 1
    order = np.lexsort((rank, group))
    place = group[order] * ranks + rank[order]
    first = np.searchsorted(instants, captured_at_us - near_us, side="left")
    last = np.searchsorted(instants, captured_at_us + near_us, side="right")
    begin = np.searchsorted(place, asked * ranks + first, side="left")
    end = np.searchsorted(place, asked * ranks + last, side="left")
    records = np.append(mine.record[order], -1)
    run_end = _run_ends(records)
    there = begin < end
    begin = np.minimum(begin, records.shape[0] - 1)
    elsewhere = (records[begin] != record) | (run_end[begin] < end)
    seen: npt.NDArray[np.bool_] = there & elsewhere
    return seen


def _run_ends(values: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """Return for each place where the run of equal values that it is in ends."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    ends = np.append(changes, values.shape[0])
    return np.repeat(ends, np.diff(ends, prepend=0))
