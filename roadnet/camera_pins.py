"""What a city says itself of a camera's place on the roads: ids of a node or of ways, to be obeyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import haversine_m
from roadnet.intersections import NO_INTERSECTION
from roadnet.street_likelihoods import PIN_WITHIN_M
from roadnet.types import NO_OSM_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.cameras import CameraSite
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.snapping import EdgeIndex
    from roadnet.types import IndexArray

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Pin:
    """Where a camera is by the city's word.

    Attributes
    ----------
    intersection
        NO_INTERSECTION if no node was named.
    edges
        The edges of the ways that were named, None if none were.
    """

    intersection: int
    edges: IndexArray | None


class PinFault(NamedTuple):
    """A word of the city that cannot be obeyed.

    Attributes
    ----------
    site
        Which camera.
    field
        `node` or `way`.
    message
        The value, what is wrong with it and what was expected.
    """

    site: int
    field: str
    message: str


def resolve_pins(
    graph: RoadGraph, intersections: Intersections, index: EdgeIndex, sites: Sequence[CameraSite]
) -> tuple[tuple[Pin | None, ...], tuple[PinFault, ...]]:
    """Look the ids up that cameras name.

    Parameters
    ----------
    graph, intersections, index
        The network.
    sites
        The cameras, with `node` and `ways` as OSM ids.

    Returns
    -------
    tuple
        For each site its pin, None if it names nothing or has a fault; and the faults.
    """
    pins: list[Pin | None] = []
    faults: list[PinFault] = []
    for number, site in enumerate(sites):
        before = len(faults)
        intersection, edges = NO_INTERSECTION, None
        if site.node is not None:
            intersection = _intersection(graph, intersections, number, site, faults)
        if site.ways:
            edges = _edges(graph, index, number, site, faults)
        said = site.node is not None or bool(site.ways)
        pins.append(Pin(intersection, edges) if said and len(faults) == before else None)
    return tuple(pins), tuple(faults)


def _intersection(
    graph: RoadGraph,
    intersections: Intersections,
    number: int,
    site: CameraSite,
    faults: list[PinFault],
) -> int:
    nodes = np.flatnonzero(graph.node_osm_id == site.node)
    if site.node == NO_OSM_ID or nodes.shape[0] == 0:
        expected = "expected the OSM id of a node of an intersection"
        faults.append(
            PinFault(number, "node", f"{site.node} is no node of the network; {expected}")
        )
        return NO_INTERSECTION
    node = int(nodes[0])
    intersection = int(intersections.node_intersection[node])
    away_m = float(
        haversine_m(site.lon, site.lat, float(graph.node_lon[node]), float(graph.node_lat[node]))
    )
    if intersection == NO_INTERSECTION:
        faults.append(
            PinFault(
                number, "node", f"{site.node} is no intersection: fewer than three streets meet"
            )
        )
    elif away_m > PIN_WITHIN_M:
        faults.append(
            PinFault(
                number,
                "node",
                f"{site.node} is {away_m:.0f} m away; expected at most {PIN_WITHIN_M:.0f} m",
            )
        )
    return intersection


def _edges(
    graph: RoadGraph, index: EdgeIndex, number: int, site: CameraSite, faults: list[PinFault]
) -> IndexArray:
    edges = np.flatnonzero(np.isin(graph.edge_way_id, site.ways)).astype(np.int32)
    known = set(graph.edge_way_id[edges].tolist()) - {NO_OSM_ID}
    unknown = [way for way in site.ways if way not in known]
    if unknown:
        named = ", ".join(map(str, unknown[:_SHOWN]))
        faults.append(
            PinFault(number, "way", f"{named} is no road of the network; expected OSM ids of ways")
        )
        return edges
    near = index.near(site.lon, site.lat, PIN_WITHIN_M)
    if not np.isin(near.edges, edges).any():
        named = ", ".join(map(str, site.ways[:_SHOWN]))
        faults.append(
            PinFault(
                number,
                "way",
                f"{named} is farther away than {PIN_WITHIN_M:.0f} m; expected the camera's street",
            )
        )
    return edges
