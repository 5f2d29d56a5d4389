"""Trap cameras before a path's begin and behind its end: the first and the last mile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.departure_kernels import DRIVEN, LAST, SHUT, reach_states
from roadnet.ranges import each_of_ranges
from roadnet.traps import TrapCamera
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.drives import Drive
    from roadnet.onward_streets import OnwardStreets
    from roadnet.types import BoolArray, ByteArray, FloatArray, IndexArray, OffsetArray

MILE_M: Final = 1_000.0  # how far before the begin and behind the end cameras are looked for


class _Readings(NamedTuple):
    """Where lorries on their way are read: by which site, in which state, how far from the path."""

    site: IndexArray
    state: IndexArray
    beyond_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """The ways to the path's begin (searched backwards) or from its end.

    `least` is filled with infinity but for the `sources`. It is where a state begins, in metres
    from the end of the path; the part of a source that lies within the path is negative.
    """

    sources: IndexArray
    least: FloatArray
    offsets: OffsetArray
    targets: IndexArray
    back_offsets: OffsetArray
    back_states: IndexArray
    length_m: FloatArray
    backwards: bool

    def reach(self, use: ByteArray) -> tuple[IndexArray, FloatArray]:
        """Drive up to MILE_M; return the states reached, nearest first, and where each begins."""
        least = self.least.copy()
        order = np.empty(least.shape[0], dtype=np.int32)
        room = self.targets.shape[0] + self.sources.shape[0] + 1
        count = reach_states(
            self.sources,
            MILE_M,
            self.offsets,
            self.targets,
            self.length_m,
            use,
            least,
            order,
            np.empty(room, dtype=np.float64),
            np.empty(room, dtype=np.int32),
        )
        return order[:count], least

    def leads_away(self, reached: IndexArray, least: FloatArray) -> IndexArray:
        """Pick the states whose far end lies a mile away or more."""
        return reached[least[reached] + self.length_m[reached] >= MILE_M]

    def back_to_path(self, state: int, least: FloatArray) -> list[int]:
        """Follow one shortest way from a state back to a source."""
        way = [state]
        while least[state] != self.least[state]:
            first, end = int(self.back_offsets[state]), int(self.back_offsets[state + 1])
            before = self.back_states[first:end]
            state = int(before[np.argmin(least[before] + self.length_m[before])])
            way.append(state)
        return way


def traps_before(drive: Drive, onward: OnwardStreets) -> Iterator[TrapCamera]:
    """Give the cameras on the ways to the path's begin.

    A camera that every way of MILE_M passes *will* read the lorry. On each way, those of the
    nearest street that has any *may*. A path that begins in mid-block may be come to along its street from both ends.
    """
    path = drive.path
    edge, begin_m = int(path.edges[0]), path.start_offset_m
    rest_m = float(drive.graph.edge_length_m[edge]) - begin_m
    sources = [(edge, -rest_m)]
    if not (drive.touched.distance_m.size and drive.touched.distance_m[0] == 0.0):
        sources.append((int(drive.graph.edge_reverse[edge]), -begin_m))
    ways = _Ways(
        *_begun(onward, sources),
        offsets=onward.back_offsets,
        targets=onward.back_states,
        back_offsets=onward.offsets,
        back_states=onward.targets,
        length_m=drive.graph.edge_length_m[onward.edge],
        backwards=True,
    )
    yield from _traps(drive, onward, ways)


def traps_behind(drive: Drive, onward: OnwardStreets) -> Iterator[TrapCamera]:
    """Give the cameras on the ways from the path's end; see `traps_before`."""
    path = drive.path
    edge, end_m = int(path.edges[-1]), path.end_offset_m
    rest_m = float(drive.graph.edge_length_m[edge]) - end_m
    sources = [(edge, -end_m)]
    if not (drive.touched.distance_m.size and drive.touched.distance_m[-1] >= drive.length_m):
        sources.append((int(drive.graph.edge_reverse[edge]), -rest_m))
    ways = _Ways(
        *_begun(onward, sources),
        offsets=onward.offsets,
        targets=onward.targets,
        back_offsets=onward.back_offsets,
        back_states=onward.back_states,
        length_m=drive.graph.edge_length_m[onward.edge],
        backwards=False,
    )
    yield from _traps(drive, onward, ways)


def _begun(
    onward: OnwardStreets, sources: list[tuple[int, float]]
) -> tuple[IndexArray, FloatArray]:
    """Return the states of some edges, and where each state begins as far as is known."""
    least = np.full(onward.count, np.inf)
    begun = []
    for edge, at_m in sources:
        if edge != NO_EDGE:
            states = np.flatnonzero(onward.edge == edge).astype(np.int32)
            least[states] = at_m
            begun.append(states)
    return np.concatenate(begun), least


def _traps(drive: Drive, onward: OnwardStreets, ways: _Ways) -> Iterator[TrapCamera]:
    free = np.where(onward.usable[onward.edge], DRIVEN, SHUT).astype(np.uint8)
    reached, least = ways.reach(free)
    readings = _readings(drive, onward, ways, reached, least)
    if not readings.site.size:
        return
    certain = set(_unavoidable(ways, free, readings))
    nearest = free.copy()
    nearest[readings.state] = LAST
    before_any, _ = ways.reach(nearest)
    first = np.isin(readings.state, before_any)
    order = np.argsort(readings.beyond_m, kind="stable")
    told: set[int] = set()
    for row in order.tolist():
        site = int(readings.site[row])
        if site in told or not (first[row] or site in certain):
            continue
        told.add(site)
        yield TrapCamera(
            site,
            "first_mile" if ways.backwards else "last_mile",
            site in certain,
            0.0 if ways.backwards else drive.length_m,
            float(readings.beyond_m[row]),
            None,
        )


def _unavoidable(ways: _Ways, free: ByteArray, readings: _Readings) -> Iterator[int]:
    """Give the sites that every way of a mile passes."""
    reached, least = ways.reach(free)
    away = ways.leads_away(reached, least)
    if not away.size:
        return
    one_way = ways.back_to_path(int(away[0]), least)
    for site in np.unique(readings.site[np.isin(readings.state, one_way)]).tolist():
        rows = readings.site == site
        state = readings.state[rows]
        use = free.copy()
        use[state] = LAST
        still, so_far = ways.reach(use)
        # Round another way, the camera may lie more than a mile away.
        read_m = so_far[state] + (readings.beyond_m[rows] - least[state])
        late = np.isfinite(read_m) & (read_m > MILE_M)
        if not (late.any() or ways.leads_away(still[use[still] != LAST], so_far).size):
            yield site


def _readings(
    drive: Drive, onward: OnwardStreets, ways: _Ways, reached: IndexArray, least: FloatArray
) -> _Readings:
    """List where cameras that the path does not cover read those who drive the reached states."""
    links = drive.links
    rows = []
    for offsets, sites, at_end in (
        (links.arrival_offsets, links.arrival_sites, True),
        (links.passing_offsets, links.passing_sites, False),
    ):
        edge = onward.edge[reached]
        of, place = each_of_ranges(offsets[edge], offsets[edge + 1])
        state, site = reached[of], sites[place]
        length_m = ways.length_m[state]
        forth = links.edge[site] == onward.edge[state]
        along_m = np.where(forth, links.offset_m[site], length_m - links.offset_m[site])
        along_m = length_m if at_end else along_m
        beyond_m = least[state] + (length_m - along_m if ways.backwards else along_m)
        rows.append((site, state, beyond_m, _off(drive.off, site, beyond_m)))
    site, state, beyond_m, kept = (np.concatenate(column) for column in zip(*rows, strict=True))
    return _Readings(site[kept], state[kept], beyond_m[kept])


def _off(off: BoolArray, site: IndexArray, beyond_m: FloatArray) -> BoolArray:
    kept: BoolArray = off[site] & (beyond_m >= 0.0) & (beyond_m <= MILE_M)
    return kept
