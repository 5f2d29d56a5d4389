"""How well passages fit among what other cameras saw of the vehicle: as they stand, or at other times."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.least_seconds import least_beyond
from enforcement.analysis.sighting_order_kernels import find_places
from enforcement.index.civil_time import MINUTE_US

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

LONGEST_GAP_US: Final = 15 * MINUTE_US  # in longer ones vehicles stop
LONGEST_END_US: Final = 10 * MINUTE_US  # before a trip's first sighting, or after its last
USUAL_GAPS: Final = 3.0  # drives take up to so many times the usual least
SPARE_S: Final = 120.0  # how long signals hold a vehicle up in one gap
_S: Final = 1e6


class Fit(IntEnum):
    """How a passage lies among the nearest sightings of the vehicle by other cameras."""

    AGAINST = 0  # no vehicle can drive so
    ALONE = 1  # nobody saw it shortly before or after
    UNUSUAL = 2  # somebody did, but hardly any vehicle drives so
    BESIDE = 3  # before a trip, or after it
    INSIDE = 4  # on a drive from one to the other


class SeenElsewhere:
    """The believed sightings of vehicles, to be asked who saw one before and after an instant."""

    def __init__(
        self, rules: Rules, sightings: Sightings, believed: npt.NDArray[np.int64], usual: float
    ) -> None:
        """Prepare to be asked.

        Parameters
        ----------
        rules
            Compiled rules.
        sightings
            n sightings, in order.
        believed
            Rows of those that speak for others, ascending.
        usual
            Nearly every drive takes so many times the least that any vehicle needs.
        """
        vehicle, record = sightings.vehicle[believed], sightings.record[believed]
        self._rules, self._sightings, self._usual = rules, sightings, usual
        self._vehicle, self._at = vehicle, sightings.captured_at_us[believed]
        begins = np.ones(believed.shape[0], np.bool_)
        begins[1:] = (vehicle[1:] != vehicle[:-1]) | (record[1:] != record[:-1])
        starts = np.flatnonzero(begins)
        run = np.cumsum(begins) - 1
        # Behind the last and before the first stands -1: nobody.
        self._believed = np.append(believed, -1)
        self._before_run = starts[run] - 1
        self._behind_run = np.append(starts[1:], believed.shape[0])[run]

    def fits(
        self, rows: npt.NDArray[np.int64], ahead_us: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int8]:
        """Tell, (m,) values of `Fit`, how passages would lie if their clocks were ahead.

        Parameters
        ----------
        rows
            (m,) of the sightings.
        ahead_us
            (m,) by how much the clock of each is taken to be ahead; 0 asks of it as it stands.
        """
        at = self._sightings.captured_at_us[rows] - ahead_us
        drives = [
            self._drives(rows, at, other, side) for side, other in enumerate(self._around(rows, at))
        ]
        took, least, slack = np.stack(drives, 1)  # each (2, m), before and after
        near = took <= LONGEST_GAP_US / _S
        usual = self._usual * least
        driven = np.all(~near | (took + slack >= usual), 0)
        taken = np.where(near, took, 0.0).sum(0)
        driven &= taken <= np.where(near, USUAL_GAPS * usual, 0.0).sum(0) + SPARE_S
        beside = near.any(0) & (taken <= LONGEST_END_US / _S)
        fit = np.where(near.all(0), Fit.INSIDE, np.where(beside, Fit.BESIDE, Fit.ALONE))
        fit[(fit > Fit.ALONE) & ~driven] = Fit.UNUSUAL
        fit[np.any(least > took + slack, 0)] = Fit.AGAINST
        return fit.astype(np.int8)

    def _drives(
        self,
        rows: npt.NDArray[np.int64],
        at: npt.NDArray[np.int64],
        other: npt.NDArray[np.int64],
        side: int,
    ) -> npt.NDArray[np.float64]:
        """Return (3, m) seconds from one side: taken, needed at least, and off by the clocks' errors.

        Endless where nobody saw the vehicle on this side. Needed: of the drives that are near, or
        may be impossible.
        """
        rules, sightings = self._rules, self._sightings
        seconds = np.repeat(np.array([[np.inf], [0.0], [0.0]]), rows.shape[0], 1)
        there = np.flatnonzero(other >= 0)
        other = other[there]
        ways = (sightings.record[other], sightings.record[rows[there]])
        error_us = rules.camera_clock_error_us
        took = np.abs(at[there] - sightings.captured_at_us[other]) / _S
        far = np.where(took <= LONGEST_GAP_US / _S, 0.0, took)
        seconds[:, there] = (
            took,
            least_beyond(rules, *(ways[::-1] if side else ways), far),
            (error_us[ways[0]] + error_us[ways[1]]) / _S,
        )
        return seconds

    def _around(
        self, rows: npt.NDArray[np.int64], at: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the nearest sightings of the vehicles of some rows by other records; -1 for none.

        Those before some instants, and those then or later.
        """
        sightings = self._sightings
        vehicle = sightings.vehicle[rows]
        later = np.empty(rows.shape[0], np.int64)
        find_places(self._vehicle, self._at, vehicle, at, later)
        sides = []
        for start, beyond in ((later - 1, self._before_run), (later, self._behind_run)):
            other = self._believed[start]
            mine = (other >= 0) & (sightings.vehicle[other] == vehicle)
            own = np.flatnonzero(mine & (sightings.record[other] == sightings.record[rows]))
            other[own] = self._believed[beyond[start[own]]]
            mine = (other >= 0) & (sightings.vehicle[other] == vehicle)
            sides.append(np.where(mine, other, -1))
        return sides[0], sides[1]
