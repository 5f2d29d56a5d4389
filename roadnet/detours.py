"""The way round a closed street for a route that runs along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.coverage import cameras_on_path
from roadnet.edge_path import Path
from roadnet.match_warnings import runs as true_runs
from roadnet.ways_round import WINDOW_M, WayRoundSearch

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.paths import Router
    from roadnet.types import BoolArray, FloatArray, IndexArray
    from roadnet.vehicles import Vehicle
    from roadnet.ways_round import WayRound

BEGINS_CLOSED: Final = "begins_closed"  # the route begins on a closed edge
ENDS_CLOSED: Final = "ends_closed"  # it ends on one
NO_WAY: Final = "no_way"  # no open way leads from before the closure to behind it

_DRIVEN_M: Final = 1e-3  # of an edge that a path only touches nothing is driven


class CutStretch(NamedTuple):
    """A part of a route between the first and the last closed edge that one way round avoids.

    Attributes
    ----------
    from_m, to_m
        Metres along the route at which the way round leaves and rejoins it.
    closed_from_m, closed_to_m
        Where the first closed edge begins and the last one ends; within the above.
    """

    from_m: float
    to_m: float
    closed_from_m: float
    closed_to_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Detour:
    """What a closure does to a route.

    Attributes
    ----------
    cut
        The stretches given up, in driving order; without a way round only the closed parts.
    path
        The whole route with its ways round; None if there is none.
    ways_round
        Of each cut stretch the edges driven instead, int32.
    added_m
        How much longer the route gets; negative if the way round is shorter. NaN without one.
    reason
        Empty, or why there is no way round: BEGINS_CLOSED, ENDS_CLOSED, NO_WAY.
    """

    cut: tuple[CutStretch, ...]
    path: Path | None
    ways_round: tuple[IndexArray, ...]
    added_m: float
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class CameraChange:
    """The cameras of a route before and after a change, as places among the linked sites.

    Attributes
    ----------
    before, after
        int32, in driving order.
    gained, lost
        int32 ascending: only in `after`, only in `before`.
    """

    before: IndexArray
    after: IndexArray
    gained: IndexArray
    lost: IndexArray


class DetourFinder:
    """Ways round the same closed edges for any number of routes; not for several threads at once.

    Parameters
    ----------
    graph
        The network.
    closed_edges
        Indices of the edges that nobody may drive.
    vehicle
        What drives; by default a goods vehicle of unknown size. The rules for it and the banned
        turns are obeyed.
    measured
        A router of that vehicle with weight `length`, some landmarks and no street closed; to
        be given to many finders, each of which would measure them anew.

    Notes
    -----
    A way round leaves the route at the end of an edge before the closure and comes back to it at
    the begin of one behind, both within WINDOW_M along the route; if no such way adds at most
    WINDOW_M, within four times as much, and so on. Of all
    such ways the one is taken that adds the fewest metres (a saving counts as nothing added, so
    that a route that was drawn the long way is not straightened), and of those the one that
    gives up least of the route. Streets for destinations only and turning round cost more than
    their metres, as of `Router(weight="length")`. What the route itself drives is permitted to it.
    """

    __slots__ = ("_graph", "_search", "closed")

    closed: BoolArray

    def __init__(
        self,
        graph: RoadGraph,
        closed_edges: Iterable[int] | npt.NDArray[np.integer],
        *,
        vehicle: Vehicle | None = None,
        measured: Router | None = None,
    ) -> None:
        edges = np.fromiter(closed_edges, dtype=np.int64)
        self._graph = graph
        self._search = WayRoundSearch(graph, edges, vehicle, measured)
        self.closed = np.zeros(graph.edge_count, dtype=np.bool_)
        self.closed[edges] = True
        self.closed.setflags(write=False)

    def find(self, path: Path) -> Detour | None:
        """Find the ways round for one route.

        Parameters
        ----------
        path
            The route, on the same graph.

        Returns
        -------
        Detour | None
            None if the route drives along no closed edge.
        """
        graph = self._graph
        path = _driven(graph, path)
        runs = closed_runs(self.closed[path.edges])
        if not runs:
            return None
        last = path.edges.shape[0] - 1
        marks_m = np.append(path.edge_begins_m(graph), path.length_m(graph))
        marks_m[0] = 0.0
        if runs[0][0] == 0 or runs[-1][1] == last:
            reason = BEGINS_CLOSED if runs[0][0] == 0 else ENDS_CLOSED
            return _none(marks_m, runs, reason)
        waiting = _joined(runs, marks_m)
        done: list[tuple[tuple[int, int], WayRound]] = []
        while waiting:
            first, behind = waiting.pop(0)
            low = done[-1][1].rejoins if done else 0
            high = waiting[0][0] - 1 if waiting else last
            way = self._search.find(
                path.edges, marks_m, range(low, first), range(behind + 1, high + 1)
            )
            if way is not None:
                done.append(((first, behind), way))
            elif waiting:
                # No way comes back between two closures: one way round both.
                waiting[0] = (first, waiting[0][1])
            elif done:
                (first, _), _ = done.pop()
                waiting.append((first, behind))
            else:
                return _none(marks_m, runs, NO_WAY)
        return self._detour(path, marks_m, runs, [way for _, way in done])

    def find_all(self, paths: Iterable[Path]) -> list[Detour | None]:
        """Find the ways round for many routes, in their order."""
        return [self.find(path) for path in paths]

    def _detour(
        self,
        path: Path,
        marks_m: FloatArray,
        runs: list[tuple[int, int]],
        ways: list[WayRound],
    ) -> Detour:
        pieces, cut, begin = [], [], 0
        for way in ways:
            pieces += [path.edges[begin : way.leaves + 1], way.edges]
            begin = way.rejoins
            inside = [run for run in runs if way.leaves < run[0] < way.rejoins]
            places = (way.leaves + 1, way.rejoins, inside[0][0], inside[-1][1] + 1)
            cut.append(CutStretch(*marks_m[list(places)].tolist()))
        whole = np.concatenate([*pieces, path.edges[begin:]])
        new = Path(whole, path.start_offset_m, path.end_offset_m)
        return Detour(
            cut=tuple(cut),
            path=new,
            ways_round=tuple(way.edges for way in ways),
            added_m=new.length_m(self._graph) - float(marks_m[-1]),
            reason="",
        )


def camera_change(
    graph: RoadGraph,
    intersections: Intersections,
    links: CameraLinks,
    before: Path,
    after: Path,
) -> CameraChange:
    """Compare the cameras that a path covers with those of the path that takes its place.

    Parameters
    ----------
    graph, intersections, links
        The network and its cameras.
    before, after
        The paths, both on that graph.
    """
    old = cameras_on_path(graph, intersections, links, before).site
    new = cameras_on_path(graph, intersections, links, after).site
    return CameraChange(old, new, np.setdiff1d(new, old), np.setdiff1d(old, new))


def closed_runs(closed: BoolArray) -> list[tuple[int, int]]:
    """List the stretches of successive closed edges, the first and last place of each."""
    return [(first, end - 1) for first, end in true_runs(closed)]


def _driven(graph: RoadGraph, path: Path) -> Path:
    """Leave out a first and last edge of which nothing is driven."""
    edges, start_m, end_m = path.edges, path.start_offset_m, path.end_offset_m
    if edges.shape[0] > 1 and float(graph.edge_length_m[edges[0]]) - start_m <= _DRIVEN_M:
        edges, start_m = edges[1:], 0.0
    if edges.shape[0] > 1 and end_m <= _DRIVEN_M:
        edges = edges[:-1]
        end_m = float(graph.edge_length_m[edges[-1]])
    return Path(edges, start_m, end_m)


def _joined(runs: list[tuple[int, int]], marks_m: FloatArray) -> list[tuple[int, int]]:
    """Join closed stretches with less than WINDOW_M between them: one way round avoids both."""
    joined = [runs[0]]
    for first, last in runs[1:]:
        if marks_m[first] - marks_m[joined[-1][1] + 1] < WINDOW_M:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _none(marks_m: FloatArray, closed: list[tuple[int, int]], reason: str) -> Detour:
    """Say that there is no way round."""
    cut = []
    for first, last in closed:
        bounds = (float(marks_m[first]), float(marks_m[last + 1]))
        cut.append(CutStretch(*bounds, *bounds))
    return Detour(tuple(cut), None, (), float("nan"), reason)
