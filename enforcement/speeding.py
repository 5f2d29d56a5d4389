"""Violations by speed (`over_speed`): two hits of a vehicle, and the permit that it drove under."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.over_speed import fast_drives
from enforcement.findings import Reason, Verdict
from enforcement.matching.matcher import match_hits
from enforcement.matching.speed_limits import DriveEnd, forbid_by_speed
from enforcement.matching.warning_periods import only_warned_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules

    BothInstants = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Speeding:
    """m drives that broke the speed limit of a permit.

    Attributes
    ----------
    row
        (m,) int64 places of the hits that they end with among those looked for, ascending.
    first, second
        The hits that they begin and end with, both as OVER_SPEED under the permit that forbids the
        drive and its grant at the second hit, of no restriction.
    metres
        (m,) int64 least network metres between the two.
    kmh
        (m,) float64 as of `enforcement.analysis.over_speed.FastDrives`.
    """

    row: npt.NDArray[np.int64]
    first: Suspects
    second: Suspects
    metres: npt.NDArray[np.int64]
    kmh: npt.NDArray[np.float64]

    @property
    def captured_at_us(self) -> BothInstants:
        """Return the instants of both hits."""
        return self.first.captured_at_us, self.second.captured_at_us

    def some(self, rows: npt.NDArray[np.integer]) -> Speeding:
        """Return some of the drives, any of them more than once."""
        return Speeding(
            self.row[rows],
            self.first.some(rows),
            self.second.some(rows),
            self.metres[rows],
            self.kmh[rows],
        )

    def stands_at(self, rules: Rules, at_us: BothInstants) -> npt.NDArray[np.bool_]:
        """Tell, (m,) bool, which a permit forbids as well if the hits were at other instants.

        Parameters
        ----------
        rules
            The rules that the hits were judged by.
        at_us
            (m,) and (m,) int64, for the first and the second hits; the speed stays what it is.
        """
        ends = _end_at(rules, self.first, at_us[0]), _end_at(rules, self.second, at_us[1])
        vehicle = self.second.plate_key, self.second.plate_class
        forbidden: npt.NDArray[np.bool_] = (
            forbid_by_speed(rules, vehicle, ends, self.kmh).permit >= 0
        )
        return forbidden

    def only_warned_of(self, rules: Rules, at_us: BothInstants) -> npt.NDArray[np.bool_]:
        """Tell, (m,) bool, at which a camera is in its warning period; instants as above."""
        warned = np.zeros(len(self.row), np.bool_)
        for hits, at in zip((self.first, self.second), at_us, strict=True):
            warned |= only_warned_of(rules, hits.record, hits.restriction, at)
        return warned


def _end_at(rules: Rules, hits: Suspects, at: npt.NDArray[np.int64]) -> DriveEnd:
    """Return hits as ends of drives, at other instants."""
    permitted = match_hits(rules, hits.as_hits(at)).verdict == Verdict.PERMITTED
    return DriveEnd(hits.record, at, permitted)


def find_speeding(rules: Rules, hits: Suspects) -> Speeding:
    """Find the hits at which a vehicle has driven too fast since it was seen before.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    hits
        None is a duplicate. Of vehicles under a speed limit they are all there are, those that are
        no violation with the reason OVER_SPEED, which is for this to say.
    """
    asked = hits.reason == Reason.OVER_SPEED
    rows = np.flatnonzero(np.isin(hits.plate_key, hits.plate_key[asked]))
    mine = hits.some(rows)
    order = np.lexsort((mine.record, mine.captured_at_us, mine.plate_class, mine.plate_key))
    rows, mine = rows[order], mine.some(order)
    drives = fast_drives(rules, mine)
    drives = drives.some(asked[rows[drives.after]])
    first, second = mine.some(drives.before), mine.some(drives.after)
    ends = _end(first), _end(second)
    forbidden = forbid_by_speed(rules, (second.plate_key, second.plate_class), ends, drives.kmh)
    found = np.flatnonzero(forbidden.permit >= 0)
    found = found[np.argsort(rows[drives.after[found]])]
    permit, grant = forbidden.permit[found], forbidden.grant[found]
    reason, restriction = second.reason[found], second.restriction[found]
    return Speeding(
        rows[drives.after[found]],
        replace(
            first.some(found), reason=reason, restriction=restriction, permit=permit, grant=grant
        ),
        replace(second.some(found), permit=permit, grant=grant),
        drives.metres[found],
        drives.kmh[found],
    )


def _end(hits: Suspects) -> DriveEnd:
    """Return hits as ends of drives; of those that are no violation, a permit covers the permitted."""
    permitted = (hits.reason == Reason.OVER_SPEED) & (hits.permit >= 0)
    return DriveEnd(hits.record, hits.captured_at_us, permitted)
