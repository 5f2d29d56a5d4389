"""Cameras off a route that its lorries will or may trip all the same (docs/before-approval.md).

A route covers the cameras that look at the approaches by which it arrives. A camera reads more than
its approach: it looks through the intersection, at what turns into its direction, and, with the
other plate, at what comes towards it. And a lorry must come to a route's begin, and leave its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from roadnet.beside_traps import traps_beside, traps_in_doubt
from roadnet.drives import drive_of
from roadnet.end_traps import traps_before, traps_behind
from roadnet.headings import Headings
from roadnet.onward_streets import onward_streets
from roadnet.passing_traps import traps_at_slip_roads, traps_at_turns, traps_on_streets
from roadnet.traps import strongest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.cameras import CameraLinks, CameraSite
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.onward_streets import OnwardStreets
    from roadnet.paths import Path
    from roadnet.traps import TrapCamera
    from roadnet.types import FloatArray, IndexArray


class TrapFinder:
    """Finds the trap cameras of routes; build once for a network and its cameras, ask often.

    Parameters
    ----------
    graph, intersections, links
        The network and its cameras; all of one graph.
    sites
        The cameras that were linked.
    onward
        What a lorry may drive after what on the network, if that is known already.
    """

    __slots__ = ("_headings", "_intersections", "_links", "_lonlat", "_onward", "graph")

    graph: RoadGraph
    _intersections: Intersections
    _links: CameraLinks
    _lonlat: FloatArray
    _onward: OnwardStreets
    _headings: Headings

    def __init__(
        self,
        graph: RoadGraph,
        intersections: Intersections,
        links: CameraLinks,
        sites: Sequence[CameraSite],
        onward: OnwardStreets | None = None,
    ) -> None:
        self.graph = graph
        self._intersections = intersections
        self._links = links
        self._lonlat = np.array([(site.lon, site.lat) for site in sites]).reshape(-1, 2)
        self._onward = onward_streets(graph) if onward is None else onward
        self._headings = Headings(graph)

    def trap_cameras(self, path: Path, absent: IndexArray | None = None) -> tuple[TrapCamera, ...]:
        """List the cameras that a path does not cover and that its lorries will or may trip.

        Parameters
        ----------
        path
            On the graph.
        absent
            Sites that are none, since they are not in service.

        Returns
        -------
        tuple
            Each camera once, by the strongest reason, in driving order: the first mile, the path,
            the last mile. None for a path without edges.
        """
        if path.edges.shape[0] == 0 or self._links.count == 0:
            return ()
        gone = np.empty(0, dtype=np.int32) if absent is None else absent
        drive = drive_of(self.graph, self._intersections, self._links, self._headings, path, gone)
        return strongest(
            [
                *traps_at_turns(drive),
                *traps_on_streets(drive),
                *traps_at_slip_roads(drive),
                *traps_beside(drive, self._lonlat),
                *traps_in_doubt(drive),
                *traps_before(drive, self._onward),
                *traps_behind(drive, self._onward),
            ]
        )
