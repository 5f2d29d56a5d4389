"""How likely a lorry that leaves a route is read by a camera off it (docs/before-approval.md).

A *departure* is a junction of the route and a street there that a lorry may drive into, but the
route does not. Who departs drives on by chance: at each further junction all streets that may be
driven next are equally likely, without U-turns, and without the streets of the route itself. The
departure is seen if a camera that the route does not cover reads it within HORIZON_M of the
junction; who comes to an end before, such as a dead end or the edge of the map, is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.departure_kernels import DRIVEN, LAST, SHUT, fill_unseen, reach_states
from roadnet.onward_streets import onward_streets
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.onward_streets import OnwardStreets
    from roadnet.paths import Path
    from roadnet.types import BoolArray, FloatArray, IndexArray

HORIZON_M: Final = 2_000.0
STEP_M: Final = 10.0  # a walk's length is the sum of its streets' lengths, each in whole steps

_MARGIN_M: Final = 1e-3
_TABLE_LIMIT: Final = 16_000_000  # places of the table of one pass; a longer route takes several
_NEVER: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Departures:
    """The k ways to leave a route, in driving order, then by street.

    Attributes
    ----------
    distance_m
        (k,) metres along the path at which the junction lies.
    edge
        (k,) int32, the street that is driven into.
    seen
        (k,) float64, probability that a camera off the route reads who leaves there.
    """

    distance_m: FloatArray
    edge: IndexArray
    seen: FloatArray

    @property
    def observability(self) -> float | None:
        """Mean of `seen`; None for a route that cannot be left between its ends."""
        return float(self.seen.mean()) if self.seen.size else None

    def unseen_between(self, from_m: float, to_m: float) -> UnseenDepartures:
        """Count the departures along a part of the path.

        Parameters
        ----------
        from_m, to_m
            Metres along the path. A junction at `from_m` belongs to the part, one at `to_m` does
            not: who is read at a junction is read before leaving there.

        Returns
        -------
        UnseenDepartures
            How many there are, and the mean probability that one is not seen.
        """
        within = (self.distance_m >= from_m - _MARGIN_M) & (self.distance_m < to_m - _MARGIN_M)
        seen = self.seen[within]
        return UnseenDepartures(int(seen.size), float(1.0 - seen.mean()) if seen.size else None)


class UnseenDepartures(NamedTuple):
    """The departures along a part of a route.

    Attributes
    ----------
    departures
        How many there are.
    probability
        Mean probability that one is not seen; None where there is none.
    """

    departures: int
    probability: float | None


class DepartureSurvey:
    """Finds the ways to leave routes of one network; build once, ask often, from any thread.

    Parameters
    ----------
    graph
        The network.
    onward
        What a lorry may drive after what on it, if that is known already.
    """

    __slots__ = ("_cost", "_onward", "_steps", "graph")

    graph: RoadGraph
    _onward: OnwardStreets
    _steps: IndexArray
    _cost: FloatArray

    def __init__(self, graph: RoadGraph, onward: OnwardStreets | None = None) -> None:
        self.graph = graph
        self._onward = onward_streets(graph) if onward is None else onward
        steps = np.maximum(np.rint(graph.edge_length_m / STEP_M), 1.0)[self._onward.edge]
        self._steps = steps.astype(np.int32)
        self._cost = steps
        self._steps.setflags(write=False)
        self._cost.setflags(write=False)

    def departures(self, links: CameraLinks, covered: IndexArray, path: Path) -> Departures:
        """Find the ways to leave a path, and how likely each is seen.

        Parameters
        ----------
        links
            The cameras, linked to the network.
        covered
            Sites that the path covers (`roadnet.coverage.cameras_on_path`): they say nothing of
            a departure, since the route may pass them.
        path
            On the network.

        Returns
        -------
        Departures
            At every node between two edges of the path, each street that may be driven next and
            is no edge of the path.
        """
        junction_m, state = self._ways_off(path)
        edge = self._onward.edge[state]
        seen = np.empty(state.shape[0], dtype=np.float64)
        if state.size:
            # Several places of a path may begin the same walk.
            starts, of = np.unique(state, return_inverse=True)
            on_path = np.zeros(self.graph.edge_count, dtype=np.bool_)
            on_path[path.edges] = True
            watched = _watched(self.graph, links, covered)
            seen[:] = (
                1.0
                - self._unseen(
                    starts.astype(np.int32), watched[self._onward.edge], on_path[self._onward.edge]
                )[of]
            )
        return Departures(junction_m, edge, seen)

    def _ways_off(self, path: Path) -> tuple[FloatArray, IndexArray]:
        """List, for each junction of a path, its metre and each state that leaves the path."""
        onward = self._onward
        before = np.array(onward.along(path.edges[:-1].tolist()), dtype=np.int64)
        if before.size == 0:
            return np.empty(0, dtype=np.float64), np.empty(0, dtype=np.int32)
        place, arc = each_of_ranges(onward.offsets[before], onward.offsets[before + 1])
        state = onward.targets[arc]
        off = ~np.isin(onward.edge[state], path.edges)
        junction_m = path.edge_begins_m(self.graph)[1:]
        return junction_m[place[off]], state[off]

    def _unseen(self, starts: IndexArray, watched: IndexArray, shut: BoolArray) -> FloatArray:
        """Return the probability that each of some states, begun at a junction, is never read."""
        onward = self._onward
        use = np.where(shut, SHUT, np.where(watched != _NEVER, LAST, DRIVEN)).astype(np.uint8)
        horizon = int(HORIZON_M / STEP_M)
        least = np.full(onward.count, np.inf)
        least[starts] = 0.0
        order = np.empty(onward.count, dtype=np.int32)
        room = onward.targets.shape[0] + starts.shape[0] + 1
        count = reach_states(
            starts,
            float(horizon),
            onward.offsets,
            onward.targets,
            self._cost,
            use,
            least,
            order,
            np.empty(room, dtype=np.float64),
            np.empty(room, dtype=np.int32),
        )
        if count * (horizon + 1) > _TABLE_LIMIT and starts.shape[0] > 1:
            half = starts.shape[0] // 2
            parts = (starts[:half], starts[half:])
            return np.concatenate([self._unseen(part, watched, shut) for part in parts])
        local = np.empty(onward.count, dtype=np.int32)
        local[order[:count]] = np.arange(count, dtype=np.int32)
        unseen = np.empty((horizon + 1, count), dtype=np.float32)
        fill_unseen(
            order[:count],
            least,
            onward.offsets,
            onward.targets,
            self._steps,
            watched,
            shut,
            local,
            unseen,
        )
        answer: FloatArray = unseen[horizon, local[starts]].astype(np.float64)
        return answer


def _watched(graph: RoadGraph, links: CameraLinks, covered: IndexArray) -> IndexArray:
    """Return the steps into each edge at which a camera off the route first reads, (m,) int32."""
    off = np.ones(links.count, dtype=np.bool_)
    off[covered] = False
    at_m = np.full(graph.edge_count, np.inf)
    every = np.arange(graph.edge_count)
    for offsets, sites, at_end in (
        (links.arrival_offsets, links.arrival_sites, True),
        (links.passing_offsets, links.passing_sites, False),
    ):
        edge = np.repeat(every, np.diff(offsets))[off[sites]]
        site = sites[off[sites]]
        length_m = graph.edge_length_m[edge]
        along_m = np.where(
            links.edge[site] == edge, links.offset_m[site], length_m - links.offset_m[site]
        )
        np.minimum.at(at_m, edge, length_m if at_end else along_m)
    steps = np.maximum(np.rint(graph.edge_length_m / STEP_M), 1.0)
    read = np.minimum(np.rint(np.where(np.isinf(at_m), 0.0, at_m) / STEP_M), steps)
    return np.where(np.isinf(at_m), _NEVER, read).astype(np.int32)
