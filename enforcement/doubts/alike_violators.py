"""Whether a violation is another violator's, whose plate one camera misread.

Whoever drives without a permit is read by camera after camera. One that misreads the plate accuses its
owner, and no permit clears anybody: but no other camera saw that owner near in time, and others saw
the violator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.alike_plates import AlikePlates
from enforcement.analysis.seen_near import seen_near
from enforcement.confusions import standard_confusions
from enforcement.index.civil_time import MINUTE_US
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.analysis.suspects import Suspects

SEEN_AGAIN_US: Final = 30 * MINUTE_US  # a vehicle that drives in the city is, within this


class AlikeViolators(NamedTuple):
    """p pairs of a violation and another plate with violations that it may be a misreading of.

    Attributes
    ----------
    row
        (p,) int64 place among the violations, not falling.
    plate_key
        (p,) uint64 the other plate, ascending for each violation.
    """

    row: npt.NDArray[np.int64]
    plate_key: npt.NDArray[np.uint64]


def alike_violators(sightings: Sightings, suspects: Suspects) -> AlikeViolators:
    """Find the violators that violations may be misreadings of.

    Parameters
    ----------
    sightings
        That are believed; all of every plate that has a violation.
    suspects
        v violations.

    Returns
    -------
    AlikeViolators
        Of violations whose vehicle no other camera saw within half an hour: the plates among the
        sightings that look like theirs, at most `Confusions.most` apart and not the same, and that
        another camera saw within half an hour.
    """
    at, record = suspects.captured_at_us, suspects.record
    seen = seen_near(sightings, suspects.plate_key, suspects.plate_class, record, at, SEEN_AGAIN_US)
    alone = np.flatnonzero(~seen)
    plates = np.unique(sightings.plate_key)
    asked, which = np.unique(suspects.plate_key[alone], return_inverse=True)
    index = AlikePlates(plates, standard_confusions(), suspects.side_plates)
    alike = index.find(asked, suspects.side_plates)
    place, pair = each_of_ranges(
        np.searchsorted(alike.read, which, side="left"),
        np.searchsorted(alike.read, which, side="right"),
    )
    differs = alike.weight[pair] > 0
    row, other = alone[place[differs]], plates[alike.known[pair[differs]]]
    about = seen_near(sightings, other, None, record[row], at[row], SEEN_AGAIN_US)
    return AlikeViolators(row[about], other[about])
