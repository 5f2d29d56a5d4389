"""Graphs and their cameras as the oracle of drives sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roadnet.types import FLAG_NO_GOODS, NO_EDGE, ROAD_CLASSES
from tests.oracles.departures import OracleStreet

if TYPE_CHECKING:
    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph


def streets_of(graph: RoadGraph, reads=None) -> list[OracleStreet]:
    """See the edges of a graph; `reads` gives each edge the metres at which it is read."""
    reverse = graph.edge_reverse.tolist()
    return [
        OracleStreet(
            begin=int(graph.edge_from[edge]),
            finish=int(graph.edge_to[edge]),
            length_m=float(graph.edge_length_m[edge]),
            usable=not graph.edge_flags[edge] & FLAG_NO_GOODS
            and ROAD_CLASSES[int(graph.edge_class[edge])] not in {"service", "track"},
            twin=None if reverse[edge] == NO_EDGE else reverse[edge],
            reads_m=tuple(reads[edge]) if reads else (),
        )
        for edge in range(graph.edge_count)
    ]


def reads_of(graph: RoadGraph, links: CameraLinks, sites) -> list[list[float]]:
    """List the metres along each edge at which one of some cameras reads who drives it."""
    reads: list[list[float]] = [[] for _ in range(graph.edge_count)]
    for site in sites:
        for edge in range(graph.edge_count):
            length_m = float(graph.edge_length_m[edge])
            arrivals = links.arrival_sites[
                links.arrival_offsets[edge] : links.arrival_offsets[edge + 1]
            ]
            passings = links.passing_sites[
                links.passing_offsets[edge] : links.passing_offsets[edge + 1]
            ]
            if site in arrivals:
                reads[edge].append(length_m)
            if site in passings:
                at_m = float(links.offset_m[site])
                reads[edge].append(at_m if links.edge[site] == edge else length_m - at_m)
    return reads
