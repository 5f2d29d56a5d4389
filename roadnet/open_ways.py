"""What a lorry may drive that goes round a closure on its route by any way that is not absurd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.detours import closed_runs
from roadnet.landmarks import frozen, measure_from
from roadnet.vehicles import Vehicle, forbidden_edges
from roadnet.ways_round import WINDOW_M

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.paths import Path
    from roadnet.types import FloatArray, IndexArray

LONGER: Final = 1.5  # a way round may be so many times as long as the shortest
LONGER_M: Final = 1000.0  # and so many metres more


class OpenWays:
    """Streets on open ways round the same closed edges, for any number of routes.

    Parameters
    ----------
    graph
        The network.
    closed_edges
        Indices of the edges that nobody may drive.
    vehicle
        What drives; by default a goods vehicle of unknown size.
    """

    __slots__ = ("_graph", "_length_m", "closed")

    def __init__(
        self,
        graph: RoadGraph,
        closed_edges: Iterable[int] | npt.NDArray[np.integer],
        *,
        vehicle: Vehicle | None = None,
    ) -> None:
        edges = np.fromiter(closed_edges, dtype=np.int64)
        self._graph = graph
        self._length_m = graph.edge_length_m.astype(np.float64)
        self._length_m[forbidden_edges(graph, vehicle or Vehicle(), edges)] = np.inf
        self.closed = np.zeros(graph.edge_count, dtype=np.bool_)
        self.closed[edges] = True

    def edges(self, path: Path) -> IndexArray:
        """List the edges on any open way round the closed edges of a route.

        From WINDOW_M along the route before a closed stretch (or where the route begins) to so far
        behind it, every edge e is on such a way with d(from, e) + its length + d(e, to) at most
        LONGER times the shortest open way plus LONGER_M. A driver who knows of the closure plans
        the whole trip anew: the ways from begin to end of the route count that are by no more
        metres longer than the shortest one. Banned turns are not looked at, so no street that
        a driver could have taken is left out.

        Parameters
        ----------
        path
            The route, on the same graph.

        Returns
        -------
        IndexArray
            int32 ascending; none if no closed edge is driven or no open way leads round it.
        """
        graph = self._graph
        marks_m = np.append(path.edge_begins_m(graph), path.length_m(graph))
        found = [np.empty(0, dtype=np.int64)]
        last = path.edges.shape[0] - 1
        for first, end in closed_runs(self.closed[path.edges]):
            before = int(np.searchsorted(marks_m, marks_m[first] - WINDOW_M))
            behind = int(np.searchsorted(marks_m, marks_m[end + 1] + WINDOW_M, side="right")) - 2
            source = int(graph.edge_from[path.edges[min(before, first)]])
            target = int(graph.edge_to[path.edges[min(max(behind, end), last)]])
            begin, finish = int(graph.edge_from[path.edges[0]]), int(graph.edge_to[path.edges[-1]])
            shortest_m = self._metres_to(target)[source]
            if np.isfinite(shortest_m):
                more_m = (LONGER - 1.0) * float(shortest_m) + LONGER_M
                found += [
                    self._between(*ends, more_m) for ends in ((source, target), (begin, finish))
                ]
        return np.unique(np.concatenate(found)).astype(np.int32)

    def _metres_to(self, target: int) -> FloatArray:
        """Return open metres from every node to one, (n,), infinity where no way leads."""
        graph = self._graph
        metres, _ = measure_from(
            target,
            np.inf,
            frozen(graph.in_offsets),
            frozen(graph.edge_from[graph.in_edges]),
            frozen(self._length_m[graph.in_edges]),
        )
        return metres

    def _between(self, source: int, target: int, more_m: float) -> npt.NDArray[np.int64]:
        """List the edges on ways between two nodes that are not much longer than the shortest."""
        graph, length_m = self._graph, self._length_m
        to_m = self._metres_to(target)
        if not np.isfinite(to_m[source]):
            return np.empty(0, dtype=np.int64)
        most_m = float(to_m[source]) + more_m
        from_m, _ = measure_from(
            source, most_m, frozen(graph.out_offsets), frozen(graph.edge_to), frozen(length_m)
        )
        return np.flatnonzero(from_m[graph.edge_from] + length_m + to_m[graph.edge_to] <= most_m)


def sites_on_edges(links: CameraLinks, edges: IndexArray) -> IndexArray:
    """List the camera sites that see vehicles on some edges, int32 ascending.

    Parameters
    ----------
    links
        The cameras.
    edges
        Any; cameras that look at arrivals by them, and those in mid-block on them, are listed.
    """
    found = [np.empty(0, dtype=np.int32)]
    for offsets, sites in (
        (links.arrival_offsets, links.arrival_sites),
        (links.passing_offsets, links.passing_sites),
    ):
        found += [sites[offsets[edge] : offsets[edge + 1]] for edge in edges.tolist()]
    return np.unique(np.concatenate(found))
