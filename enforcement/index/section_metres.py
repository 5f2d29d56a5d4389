"""The least metres between the cameras of permits with a speed limit, and of no others.

Between 5,000 cameras they are 50 MB, as much as the seconds. Only drives under a limit need
them, and such permits are few and have few cameras: a city without them keeps nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.index.camera_travel import NO_PLACE

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.camera_travel import CameraTravel


class SectionMetres(NamedTuple):
    """The fields `section_place` and `section_metres` of `Rules`."""

    place: npt.NDArray[np.int32]
    metres: npt.NDArray[np.uint16]


def section_metres(travel: CameraTravel, limited: npt.NDArray[np.bool_]) -> SectionMetres:
    """Keep the least metres between some camera records.

    Parameters
    ----------
    travel
        Of c camera records.
    limited
        (c,) the records that a grant of a permit with a speed limit has.

    Returns
    -------
    SectionMetres
        (c,) place of each record, NO_PLACE where nothing is kept of it, and (m, m) metres between
        places.
    """
    place = np.full(limited.shape[0], NO_PLACE, np.int32)
    if not travel.metres.size:
        return SectionMetres(place, travel.metres)
    rows = np.flatnonzero(limited & (travel.place != NO_PLACE))
    kept, place[rows] = np.unique(travel.place[rows], return_inverse=True)
    return SectionMetres(place, travel.metres[np.ix_(kept, kept)])


def records_in_sets(sets: npt.NDArray[np.uint64], count: int) -> npt.NDArray[np.bool_]:
    """Tell which of `count` camera records are in any of (n, words) bitsets, (count,)."""
    union = np.bitwise_or.reduce(sets, axis=0, initial=np.uint64(0))
    bits = np.unpackbits(union.astype("<u8").view(np.uint8), bitorder="little", count=count)
    return bits.astype(np.bool_)
