"""Drives between two cameras that are fast even by the shortest way and the kindest clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules

SPARE: Final = 1.03  # a driver may exceed the limit by 3 %: the map's metres are not exact


@dataclass(frozen=True, slots=True, eq=False)
class FastDrives:
    """m drives between successive hits of a vehicle, by vehicle and time.

    Attributes
    ----------
    before, after
        (m,) int64 rows of the hits.
    metres
        (m,) int64 least network metres between the two.
    kmh
        (m,) float64 how fast the vehicle drove at least: by the least metres, as if both clocks
        were off to its disadvantage, and less what SPARE leaves it.
    """

    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    metres: npt.NDArray[np.int64]
    kmh: npt.NDArray[np.float64]

    def some(self, rows: npt.NDArray[np.bool_]) -> FastDrives:
        """Return some of the drives."""
        return FastDrives(self.before[rows], self.after[rows], self.metres[rows], self.kmh[rows])


def fast_drives(rules: Rules, hits: Suspects) -> FastDrives:
    """Find the drives that are faster than the least that any permit allows.

    Parameters
    ----------
    rules
        Compiled rules; `section_metres` between their cameras.
    hits
        By vehicle and time, none a duplicate; successive ones of a vehicle are compared. An instant
        at which several cameras read it says nothing of which came first, so that no drive begins or
        ends with it.

    Returns
    -------
    FastDrives
        None in rules without speed limits.
    """
    record, at, key, plate_class = (
        hits.record,
        hits.captured_at_us,
        hits.plate_key,
        hits.plate_class,
    )
    same = (key[1:] == key[:-1]) & (plate_class[1:] == plate_class[:-1])
    usable = rules.section_place[record] >= 0
    at_once = np.flatnonzero(same & (at[1:] == at[:-1]))
    usable[at_once] = usable[at_once + 1] = False
    before = np.flatnonzero(same & usable[1:] & usable[:-1] & (record[1:] != record[:-1]))
    one, other = record[before], record[before + 1]
    metres = rules.section_metres[rules.section_place[one], rules.section_place[other]]
    slack_us = rules.camera_clock_error_us[one] + rules.camera_clock_error_us[other]
    taken_us = at[before + 1] - at[before] + slack_us
    kmh = metres * 3.6e6 / taken_us / SPARE
    drives = FastDrives(before, before + 1, metres.astype(np.int64), kmh)
    stated = rules.permit_max_speed_kmh[~np.isnan(rules.permit_max_speed_kmh)]
    return drives.some(kmh > stated.min(initial=np.inf))
