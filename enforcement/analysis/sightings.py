"""The passages of those vehicles that a doubt looks at, each vehicle's in the order of time.

Doubts are about vehicles with violations, and about cameras, for which a sample of all vehicles is
enough. So of a day of a city only some rows are ever sorted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.analysis.camera_records import records_at
from enforcement.analysis.sighting_kernels import mark_wanted
from enforcement.index.plate_table_kernels import fill_filter
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.analysis.duplicates import Passages
    from enforcement.index.layout import Rules

_SAMPLE_ROWS: Final = 1 << 19  # passages that tell enough of every camera
_LEAST_WORDS: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """n passages, sorted by vehicle, time and camera record.

    Attributes
    ----------
    plate_key, plate_class
        (n,) uint64 and uint8: the vehicle.
    vehicle
        (n,) int64 number of the vehicle, from 0, rising.
    record
        (n,) int32 camera record.
    captured_at_us
        (n,) int64 microseconds UTC.
    outcome
        (n,) uint8 verdict.
    """

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    vehicle: npt.NDArray[np.int64]
    record: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of sightings."""
        return int(self.vehicle.shape[0])

    def some(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Sightings:
        """Return some of the sightings; rows ascend."""
        return Sightings(
            self.plate_key[rows],
            self.plate_class[rows],
            self.vehicle[rows],
            self.record[rows],
            self.captured_at_us[rows],
            self.outcome[rows],
        )

    def of_plates(self, plates: npt.NDArray[np.uint64]) -> Sightings:
        """Return the sightings of some plates, distinct and ascending."""
        begins = np.searchsorted(self.plate_key, plates, side="left")
        ends = np.searchsorted(self.plate_key, plates, side="right")
        _, rows = each_of_ranges(begins, ends)
        return self.some(rows)


def collect_sightings(
    rules: Rules,
    parts: Sequence[Passages],
    dropped: Sequence[npt.NDArray[np.bool_]],
    plates: npt.NDArray[np.uint64],
) -> Sightings:
    """Collect the sightings of some plates, and of a sample of all others.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    parts
        Every passage of the period, in any order and cut.
    dropped
        For each part, (its passages,) True for duplicates.
    plates
        Keys of the plates all of whose sightings are wanted, distinct and ascending.

    Returns
    -------
    Sightings
        The same however the passages are cut.
    """
    total = sum(len(part) for part in parts)
    mask = (1 << max(0, -(-total // _SAMPLE_ROWS) - 1).bit_length()) - 1
    words = 1 << max(_LEAST_WORDS, int(plates.shape[0])).bit_length()
    plate_filter = np.zeros(words, np.uint64)
    fill_filter(plates, plate_filter)
    picked = []
    for part, repeated in zip(parts, dropped, strict=True):
        sampled, filtered = _marked(part.plate_key, plate_filter, mask)
        picked.append(np.flatnonzero((sampled | filtered) & ~repeated))
    found = sightings_of_rows(rules, parts, picked)
    # What a filter lets through beyond them hangs on the keys of side plates, and so on which hit
    # came first: it is left out. By plate, they are soon looked up.
    sampled, _ = _marked(found.plate_key, plate_filter, mask)
    place = np.searchsorted(plates, found.plate_key)
    some = found.some(sampled | (np.append(plates, np.uint64(0))[place] == found.plate_key))
    return replace(some, vehicle=_vehicles(some.plate_key, some.plate_class))


def sightings_of_rows(
    rules: Rules, parts: Sequence[Passages], picked: Sequence[npt.NDArray[np.integer]]
) -> Sightings:
    """Put some passages in the order of sightings.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    parts
        Passages, in any order and cut.
    picked
        For each part, the rows that are wanted.
    """

    def column(name: str, kind: Any) -> Any:
        pieces = [getattr(part, name)[rows] for part, rows in zip(parts, picked, strict=True)]
        return np.concatenate([np.zeros(0, kind), *pieces])

    key, plate_class = column("plate_key", np.uint64), column("plate_class", np.uint8)
    at, outcome = column("captured_at_us", np.int64), column("outcome", np.uint8)
    record = records_at(rules, column("camera", np.int32), at)
    # Numbers of few bits are sorted by counting them.
    few_bits = record.astype(np.min_scalar_type(rules.camera_lon.shape[0]))
    order = np.lexsort((few_bits, at, plate_class, key))
    key, plate_class = key[order], plate_class[order]
    vehicle = _vehicles(key, plate_class)
    return Sightings(key, plate_class, vehicle, record[order], at[order], outcome[order])


def _vehicles(
    key: npt.NDArray[np.uint64], plate_class: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int64]:
    """Return the numbers of the vehicles of sightings in order."""
    begins = np.ones(key.shape[0], np.bool_)
    begins[1:] = (key[1:] != key[:-1]) | (plate_class[1:] != plate_class[:-1])
    return np.cumsum(begins) - 1


def _marked(
    keys: npt.NDArray[np.uint64], plate_filter: npt.NDArray[np.uint64], mask: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which keys are of the sample, and which others a filter of plates lets through."""
    sampled, filtered = np.empty((2, keys.shape[0]), np.bool_)
    mark_wanted(keys, plate_filter, mask, sampled, filtered)
    return sampled, filtered
