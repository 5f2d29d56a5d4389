"""Routes that a closure cuts, and the cameras on ways round it: what excuses a detour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.index.camera_sets import Pairs, share_sets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ClosedRoute:
    """One route while one closure cuts it; `cameras` are records on open ways round it."""

    closure_id: str
    route_id: str
    from_us: int
    until_us: int
    cameras: tuple[int, ...]


class DetourTable(NamedTuple):
    """Closed routes as arrays: d rows by (closure, route), sharing k camera sets.

    Attributes
    ----------
    closure, route
        (d,) int32 place in `closure_ids`, and in the city's routes.
    camera_set
        (d,) int32 row of `sets`.
    from_us, until_us
        (closures,) int64.
    sets
        (k, words) uint64 bitsets of camera records.
    closure_ids
        Texts.
    """

    closure_ids: tuple[str, ...]
    from_us: npt.NDArray[np.int64]
    until_us: npt.NDArray[np.int64]
    closure: npt.NDArray[np.int32]
    route: npt.NDArray[np.int32]
    camera_set: npt.NDArray[np.int32]
    sets: npt.NDArray[np.uint64]


def detour_table(
    closed: Sequence[ClosedRoute], route_number: Mapping[str, int], record_count: int
) -> DetourTable:
    """Put closed routes into arrays, the same in whatever order they come.

    Parameters
    ----------
    closed
        Distinct pairs of closure and route.
    route_number
        Place of each route_id.
    record_count
        How many camera records there are.
    """
    ordered = sorted(closed, key=lambda one: (one.closure_id, one.route_id))
    spans = {one.closure_id: (one.from_us, one.until_us) for one in ordered}
    ids = tuple(spans)
    place = {closure_id: number for number, closure_id in enumerate(ids)}
    sources = np.repeat(np.arange(len(ordered)), [len(one.cameras) for one in ordered])
    records = np.array([record for one in ordered for record in one.cameras], np.int64)
    set_of, sets = share_sets(Pairs(sources, records), len(ordered), record_count)
    return DetourTable(
        closure_ids=ids,
        from_us=np.array([begins for begins, _ in spans.values()], np.int64),
        until_us=np.array([ends for _, ends in spans.values()], np.int64),
        closure=np.array([place[one.closure_id] for one in ordered], np.int32),
        route=np.array([route_number[one.route_id] for one in ordered], np.int32),
        camera_set=np.array(set_of, np.int32),
        sets=sets,
    )
