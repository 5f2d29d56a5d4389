"""Which of many routes a change touches: a street closed, a camera added, moved or retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from roadnet.cameras import link_cameras
from roadnet.coverage import PASSING_TOLERANCE_M, touched_intersections
from roadnet.headings import Headings
from roadnet.intersections import grouped
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from roadnet.cameras import CameraLinks, CameraSite
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.paths import Path
    from roadnet.snapping import EdgeIndex
    from roadnet.types import IndexArray, OffsetArray


class RouteChanges(NamedTuple):
    """Routes that gain or lose a camera, as places among the paths indexed; int32 ascending."""

    gained: IndexArray
    lost: IndexArray


class RouteIndex:
    """Routes by the edges that they drive and the intersections where they arrive, begin and end.

    Parameters
    ----------
    graph, intersections
        The network.
    paths
        The routes on it; they are known by their place in this sequence.
    """

    __slots__ = (
        "_arrival_offsets",
        "_arrival_routes",
        "_drive_from_m",
        "_drive_offsets",
        "_drive_routes",
        "_drive_to_m",
        "_end_offsets",
        "_end_routes",
        "_headings",
        "graph",
        "intersections",
    )

    def __init__(
        self, graph: RoadGraph, intersections: Intersections, paths: Sequence[Path]
    ) -> None:
        self.graph = graph
        self.intersections = intersections
        self._headings = Headings(graph)
        size = np.array([path.edges.shape[0] for path in paths], dtype=np.int64)
        route = np.repeat(np.arange(len(paths), dtype=np.int32), size)
        edge = np.concatenate([np.empty(0, dtype=np.int32), *(path.edges for path in paths)])
        from_m = np.zeros(edge.shape[0])
        to_m = graph.edge_length_m[edge].copy()
        last = np.cumsum(size) - 1
        some = size > 0
        from_m[(last - size + 1)[some]] = [p.start_offset_m for p in paths if p.edges.shape[0]]
        to_m[last[some]] = [p.end_offset_m for p in paths if p.edges.shape[0]]
        self._drive_offsets, order = grouped(edge, graph.edge_count)
        self._drive_routes = route[order]
        self._drive_from_m, self._drive_to_m = from_m[order], to_m[order]
        arrivals: list[IndexArray] = [np.empty(0, dtype=np.int32)]
        ends = np.full((len(paths), 2), -1, dtype=np.int32)
        count = np.zeros(len(paths), dtype=np.int64)
        for place, path in enumerate(paths):
            touched = touched_intersections(graph, intersections, path)
            if touched.intersection.shape[0] > 0:
                ends[place] = touched.intersection[[0, -1]]
                by = touched.arrives_by[touched.arrives_by != NO_EDGE]
                arrivals.append(by)
                count[place] = by.shape[0]
        by_edge = np.repeat(np.arange(len(paths), dtype=np.int32), count)
        self._arrival_offsets, order = grouped(np.concatenate(arrivals), graph.edge_count)
        self._arrival_routes = by_edge[order]
        self._end_offsets, order = grouped(ends.reshape(-1), intersections.count)
        self._end_routes = (order // 2).astype(np.int32)

    def over_edges(self, edges: npt.ArrayLike) -> IndexArray:
        """List the routes that drive any of some edges, as when a street is closed."""
        some = np.asarray(edges, dtype=np.int64).reshape(-1)
        at = _rows(self._drive_offsets, some)
        driven = self._drive_to_m[at] > self._drive_from_m[at]
        return np.unique(self._drive_routes[at[driven]])

    def with_camera(self, links: CameraLinks, site: int) -> IndexArray:
        """List the routes that cover a camera, exactly as `cameras_on_path` says.

        Parameters
        ----------
        links
            Cameras on the same graph; not necessarily those that the routes were made with.
        site
            The camera's place among them.
        """
        found = [np.empty(0, dtype=np.int32)]
        member = np.flatnonzero(links.arrival_sites == site)
        approaches = np.searchsorted(links.arrival_offsets, member, side="right") - 1
        by_approach = _rows(self._arrival_offsets, approaches)
        found.append(self._arrival_routes[by_approach])
        member = np.flatnonzero(links.around_sites == site)
        crossings = np.searchsorted(links.around_offsets, member, side="right") - 1
        found.append(self._end_routes[_rows(self._end_offsets, crossings)])
        for edge in self._passing_edges(links, site):
            at = _rows(self._drive_offsets, np.array([edge]))
            offset_m = float(links.offset_m[site])
            if edge != int(links.edge[site]):
                offset_m = float(self.graph.edge_length_m[edge]) - offset_m
            passed = (self._drive_from_m[at] - PASSING_TOLERANCE_M <= offset_m) & (
                self._drive_to_m[at] + PASSING_TOLERANCE_M >= offset_m
            )
            found.append(self._drive_routes[at[passed]])
        return np.unique(np.concatenate(found))

    def camera_added(self, index: EdgeIndex, site: CameraSite) -> IndexArray:
        """List the routes that a new camera will stand on.

        Parameters
        ----------
        index
            Of the graph.
        site
            The camera.
        """
        links = self._link(index, site)
        return self.with_camera(links, 0)

    def camera_moved(self, index: EdgeIndex, before: CameraSite, after: CameraSite) -> RouteChanges:
        """List the routes that gain or lose a camera which is moved or turned."""
        links = self._link(index, before, after)
        old, new = self.with_camera(links, 0), self.with_camera(links, 1)
        return RouteChanges(np.setdiff1d(new, old), np.setdiff1d(old, new))

    def _link(self, index: EdgeIndex, *sites: CameraSite) -> CameraLinks:
        return link_cameras(self.graph, self.intersections, index, sites, headings=self._headings)

    def _passing_edges(self, links: CameraLinks, site: int) -> list[int]:
        """List the edges along which a camera in mid-block looks."""
        edge = int(links.edge[site])
        pair = [] if edge == NO_EDGE else [edge, int(self.graph.edge_reverse[edge])]
        return [
            one
            for one in pair
            if one != NO_EDGE
            and site
            in links.passing_sites[links.passing_offsets[one] : links.passing_offsets[one + 1]]
        ]


def _rows(offsets: OffsetArray, groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the places of a CSR table that belong to some groups."""
    begin, count = offsets[groups], offsets[groups + 1] - offsets[groups]
    first = np.repeat(begin - np.cumsum(count) + count, count)
    return first + np.arange(first.shape[0])
