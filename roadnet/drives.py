"""A path beside the cameras of its network: what the rules of trap cameras look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadnet.coverage import cameras_on_path, touched_intersections
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    from roadnet.cameras import CameraLinks
    from roadnet.coverage import PathCameras, TouchedIntersections
    from roadnet.graph import RoadGraph
    from roadnet.headings import Headings
    from roadnet.intersections import Intersections
    from roadnet.paths import Path
    from roadnet.types import BoolArray, FloatArray, IndexArray


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """A path of k >= 1 edges among n cameras.

    Attributes
    ----------
    graph, intersections, links, headings, path
        The network, its cameras, and the path on it.
    cameras
        The cameras that the path covers.
    off
        (n,) cameras that it does not cover, that are linked to a street and that are there.
    touched
        The intersections that it touches.
    begins_m
        (k,) metres along the path at which each edge begins, as of `Path.edge_begins_m`.
    length_m
        Of the path.
    """

    graph: RoadGraph
    intersections: Intersections
    links: CameraLinks
    headings: Headings
    path: Path
    cameras: PathCameras
    off: BoolArray
    touched: TouchedIntersections
    begins_m: FloatArray
    length_m: float

    def places_of(self, edge: IndexArray) -> tuple[IndexArray, IndexArray]:
        """Find where the path runs along some edges.

        Parameters
        ----------
        edge
            (k,) edges; NO_EDGE is nowhere.

        Returns
        -------
        tuple
            For each match, the place in `edge` and the place in the path's edges.
        """
        order = np.argsort(self.path.edges, kind="stable")
        run = self.path.edges[order]
        first, behind = (np.searchsorted(run, edge, side=side) for side in ("left", "right"))
        row, place = each_of_ranges(first, behind)
        return row.astype(np.int32), order[place].astype(np.int32)

    def driven_part(self, place: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Return from and to which metre of them some edges of the path are driven."""
        edges = self.path.edges
        from_m = np.where(place == 0, self.path.start_offset_m, 0.0)
        last = place == edges.shape[0] - 1
        return from_m, np.where(
            last, self.path.end_offset_m, self.graph.edge_length_m[edges[place]]
        )


def drive_of(
    graph: RoadGraph,
    intersections: Intersections,
    links: CameraLinks,
    headings: Headings,
    path: Path,
    absent: IndexArray,
) -> Drive:
    """Look a path, which must have an edge, up among the cameras, without those that are absent."""
    cameras = cameras_on_path(graph, intersections, links, path)
    off = links.kind > 0
    off[cameras.site] = False
    off[absent] = False
    return Drive(
        graph=graph,
        intersections=intersections,
        links=links,
        headings=headings,
        path=path,
        cameras=cameras,
        off=off,
        touched=touched_intersections(graph, intersections, path),
        begins_m=path.edge_begins_m(graph),
        length_m=path.length_m(graph),
    )
