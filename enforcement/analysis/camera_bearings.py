"""Cameras that look the other way: the vehicles that they read drive against their bearing.

Nobody's travel times contradict such a camera, for it stands where it should. But it reads those
that pass the other way, and who has a permit for the way that they drive is accused. A vehicle drives
from the camera before to the camera after, which is along the bearing where streets are straight.
On a loop of a ramp it is not, nor on a long drive into the hills; so those before have to say the same
as those after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import angle_between_deg, bearing_deg, haversine_m

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

LONGEST_US: Final = 600 * 1_000_000  # a longer drive may have gone anywhere
LEAST_APART_M: Final = 100.0  # between nearer cameras the direction tells nothing
LEAST_DRIVES: Final = 10
LEAST_VEHICLES: Final = 4
AGAINST: Final = -0.6  # of the cosine between drives and bearing, on average over drives
AGAINST_EITHER: Final = -0.4  # likewise over those to it, those from it, and over the other cameras
_ENOUGH: Final = 5  # more drives with another camera tell no more than so many


class CameraBearings(NamedTuple):
    """How c camera records are driven past.

    Attributes
    ----------
    along
        (c,) float64 mean cosine of the angle between the record's bearing and the drives from or to
        it: 1 along, -1 against it; NaN where there are fewer than LEAST_DRIVES, or those of fewer
        than LEAST_VEHICLES, or no bearing.
    turned
        (c,) bool: it is believed to look the other way.
    """

    along: npt.NDArray[np.float64]
    turned: npt.NDArray[np.bool_]


def camera_bearings(rules: Rules, sightings: Sightings) -> CameraBearings:
    """Compare the bearings of cameras with where vehicles come from and go to.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        In order, by cameras whose clocks and places are believed; of successive ones each drive of
        LONGEST_US or less counts, between cameras LEAST_APART_M or more apart.
    """
    records = rules.camera_lon.shape[0]
    at, vehicle = sightings.captured_at_us, sightings.vehicle
    row = np.flatnonzero((vehicle[1:] == vehicle[:-1]) & (at[1:] - at[:-1] <= LONGEST_US))
    pair = sightings.record[row].astype(np.int64) * records + sightings.record[row + 1]
    pair, of_row, drives = np.unique(pair, return_inverse=True, return_counts=True)
    ends = pair // records, pair % records
    place = [(rules.camera_lon[end], rules.camera_lat[end]) for end in ends]
    apart = np.flatnonzero(haversine_m(*place[0], *place[1]) >= LEAST_APART_M)
    driven_deg = bearing_deg(*place[0], *place[1])[apart]
    end = np.concatenate([one[apart] for one in ends])
    side = np.repeat((0, 1), apart.shape[0])
    cosine = np.cos(
        np.radians(angle_between_deg(rules.camera_bearing_deg[end], np.tile(driven_deg, 2)))
    )
    drives = np.tile(drives[apart], 2)
    known = np.flatnonzero(~np.isnan(cosine))
    end, side, cosine, drives = end[known], side[known], cosine[known], drives[known]
    weight = np.minimum(drives, _ENOUGH)
    rows = row[np.isin(of_row, apart)]
    vehicles = _vehicles(sightings, np.concatenate((rows, rows + 1)), records)
    driven, by_drive = _mean(cosine, drives, end, records)
    _, by_other = _mean(cosine, weight, end, records)
    _, by_side = _mean(cosine, drives, 2 * end + side, 2 * records)
    least_against = np.maximum(by_other, by_side.reshape(records, 2).max(1))
    enough = (driven >= LEAST_DRIVES) & (vehicles >= LEAST_VEHICLES)
    return CameraBearings(
        np.where(enough, by_drive, np.nan),
        enough & (by_drive <= AGAINST) & (least_against <= AGAINST_EITHER),
    )


def _vehicles(
    sightings: Sightings, rows: npt.NDArray[np.int64], records: int
) -> npt.NDArray[np.int64]:
    """Count the vehicles of each camera record among some sightings."""
    count = int(sightings.vehicle.max(initial=0)) + 1
    once = np.unique(sightings.record[rows].astype(np.int64) * count + sightings.vehicle[rows])
    return np.bincount(once // count, minlength=records)


def _mean(
    value: npt.NDArray[np.float64],
    weight: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    records: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the weight of each record's values, and their weighted mean; 0 where there are none."""
    total = np.bincount(end, weights=weight, minlength=records).astype(np.float64)
    summed = np.bincount(end, weights=weight * value, minlength=records)
    return total, summed / np.maximum(total, 1.0)
