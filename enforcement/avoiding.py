"""Who keeps missing at a camera that others do not miss, among all hits of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.avoidance import LEAST_UNSEEN, find_avoidance
from enforcement.analysis.camera_records import cameras_of
from enforcement.analysis.regular_plates import (
    goods_plates,
    packed,
    regular_sightings,
    rows_of_plates,
    thinned,
)
from enforcement.analysis.sightings import sightings_of_rows
from enforcement.doubts.asking import disbelieved
from enforcement.index.civil_time import HOUR_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.analysis.avoidance import Avoidance
    from enforcement.analysis.duplicates import Passages
    from enforcement.analysis.sightings import Sightings
    from enforcement.engine import Settlement
    from enforcement.index.layout import Rules

_HOUR_BITS: Final = 21  # hours from 1970 to 2100 and beyond
_MOST_ROWS: Final = 1 << 20  # sightings of vehicles that may be listed
_MOST_PLATES: Final = 1 << 16  # that these are compared with


def avoided_cameras(
    rules: Rules, settled: Settlement, passages: Sequence[Passages]
) -> list[Avoidance]:
    """Find the goods vehicles that keep missing at a camera.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    settled
        What the hits of the period are to each other. Cameras that are not believed on a day see
        nobody that day.
    passages
        Of the same batches, in their order.

    Returns
    -------
    list of Avoidance
        The same however the hits are cut, by plate, plate class and camera.
    """
    dropped = settled.repeated

    def believed(some: Sightings) -> Sightings:
        doubts, at = settled.doubts, some.captured_at_us
        return some.some(~disbelieved(rules, doubts.health, doubts.reads, some.record, at))

    def others_from(record: npt.NDArray[np.int64], hour: npt.NDArray[np.int64]) -> Sightings:
        plates = _plates_seen(rules, passages, dropped, cameras_of(rules, record), hour)
        plates = thinned(plates, plates.size, _MOST_PLATES)
        hours = np.union1d(hour, hour + 1)
        rows = rows_of_plates(passages, dropped, plates)
        picked = [
            mine[np.isin(part.captured_at_us[mine] // HOUR_US, hours)]
            for part, mine in zip(passages, rows, strict=True)
        ]
        return believed(sightings_of_rows(rules, passages, picked).of_plates(plates))

    goods = goods_plates(rules, np.unique(settled.suspects.plate_key))
    vehicles = regular_sightings(rules, passages, dropped, goods, LEAST_UNSEEN, _MOST_ROWS)
    return find_avoidance(rules, believed(vehicles), others_from)


def _plates_seen(
    rules: Rules,
    passages: Sequence[Passages],
    dropped: Sequence[npt.NDArray[np.bool_]],
    camera: npt.NDArray[np.int64],
    hour: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint64]:
    """Return the plates that some cameras saw, each in some hour; distinct and ascending."""
    wanted = camera << _HOUR_BITS | hour
    is_asked = np.zeros(len(rules.camera_ids), np.bool_)
    is_asked[camera] = True
    keys = [np.zeros(0, np.uint64)]
    for part, repeated in zip(passages, dropped, strict=True):
        rows = np.flatnonzero(is_asked[part.camera] & ~repeated)
        seen = part.camera[rows].astype(np.int64) << _HOUR_BITS
        seen |= part.captured_at_us[rows] // HOUR_US
        keys.append(np.unique(part.plate_key[rows[np.isin(seen, wanted)]]))
    return packed(np.unique(np.concatenate(keys)))
