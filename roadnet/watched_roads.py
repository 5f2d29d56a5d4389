"""A network with its cameras, ready to be asked which of them a path passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from roadnet.cameras import link_cameras
from roadnet.coverage import cameras_on_path
from roadnet.intersections import find_intersections
from roadnet.snapping import EdgeIndex
from roadnet.surveys import blind_stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.cameras import CameraLinks, CameraSite
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.paths import Path
    from roadnet.surveys import BlindStretch


class CameraOnPath(NamedTuple):
    """A camera that a path covers, and how many metres along the path it comes."""

    camera_id: str
    distance_m: float


class WatchedRoads:
    """Cameras linked to one network; build once, ask often, from any thread.

    Parameters
    ----------
    graph
        The network.
    sites
        The cameras.

    Attributes
    ----------
    graph, sites
        As given.
    index, intersections, links
        What was found out about them: the spatial index, the intersections, and to what each
        camera was linked, with its doubts.
    """

    __slots__ = ("graph", "index", "intersections", "links", "sites")

    graph: RoadGraph
    sites: tuple[CameraSite, ...]
    index: EdgeIndex
    intersections: Intersections
    links: CameraLinks

    def __init__(self, graph: RoadGraph, sites: Sequence[CameraSite]) -> None:
        self.graph = graph
        self.sites = tuple(sites)
        self.index = EdgeIndex(graph)
        self.intersections = find_intersections(graph)
        self.links = link_cameras(graph, self.intersections, self.index, self.sites)

    def cameras_on(self, path: Path) -> tuple[CameraOnPath, ...]:
        """List the cameras that a path on this graph covers, in driving order.

        The rule is that of `roadnet.coverage.cameras_on_path`.
        """
        found = cameras_on_path(self.graph, self.intersections, self.links, path)
        return tuple(
            CameraOnPath(self.sites[site].camera_id, distance_m)
            for site, distance_m in zip(found.site.tolist(), found.distance_m.tolist(), strict=True)
        )

    def blind_stretches(self, path: Path) -> tuple[BlindStretch, ...]:
        """List the parts of a path that no camera on it sees, longest first."""
        found = cameras_on_path(self.graph, self.intersections, self.links, path)
        return blind_stretches(self.graph, path, found)
