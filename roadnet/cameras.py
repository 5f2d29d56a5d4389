"""Where cameras stand: each linked to its intersection and approaches, or to its edge in mid-block.

A camera is linked in two steps. Its *own street* is the nearby edge that fits best in distance,
direction and class. Then, along that street, an intersection within 50 m ahead or behind is the
camera's; if there is none, the camera is mid-block on that edge (docs/coverage.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.intersections import NO_INTERSECTION, grouped
from roadnet.own_street import approaches_of, find_own_streets, looks_at
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.own_street import OwnStreets
    from roadnet.snapping import EdgeIndex
    from roadnet.types import BoolArray, ByteArray, FloatArray, IndexArray, OffsetArray

UNLINKED: Final = 0
INTERSECTION: Final = 1
MID_BLOCK: Final = 2

# Why a person should look at a link; said by `freightpass check`.
FAR: Final = "far"  # no road within 60 m: not linked
DISTANT: Final = "distant"  # linked, but its street is more than 25 m away
AMBIGUOUS: Final = "ambiguous"  # another intersection or street fits nearly as well
NO_APPROACH: Final = "no_approach"  # no approach of its intersection runs along its bearing
NO_DIRECTION: Final = "no_direction"  # its street is not driven along its bearing

DISTANT_M: Final = 25.0


@dataclass(frozen=True, slots=True)
class CameraSite:
    """A camera as surveyed.

    Attributes
    ----------
    camera_id
        Its name in the city.
    lon, lat
        WGS-84 degrees.
    bearing_deg
        Direction of travel of the vehicles that it reads, degrees clockwise from true north; None
        if it reads all.
    """

    camera_id: str
    lon: float
    lat: float
    bearing_deg: float | None


@dataclass(frozen=True, slots=True, eq=False)
class CameraLinks:
    """Where n cameras stand on a graph of m edges; one entry a site, in the order given.

    Attributes
    ----------
    kind
        (n,) uint8: UNLINKED, INTERSECTION or MID_BLOCK.
    intersection
        (n,) int32, NO_INTERSECTION unless the kind is INTERSECTION.
    edge
        (n,) int32, the edge of its own street that it stands nearest, NO_EDGE if unlinked. With a
        bearing it is the direction that the camera looks along, if there is one.
    offset_m
        (n,) where along `edge`, NaN if unlinked.
    distance_m
        (n,) from the camera to `edge`, NaN if unlinked.
    bearing_deg
        (n,) in [0, 360), NaN if the camera looks at all.
    approach_offsets, approach_edges
        (n + 1,) and (k,): the approach edges of its intersection that each camera looks at.
    doubts
        n tuples of codes: FAR, DISTANT, AMBIGUOUS, NO_APPROACH, NO_DIRECTION.
    rival_intersection, rival_edge
        (n,) int32, what fits nearly as well if the link is AMBIGUOUS: another intersection by an
        edge of its street, or an edge alone; else NO_INTERSECTION and NO_EDGE.
    arrival_offsets, arrival_sites
        (m + 1,) and (k,): cameras that a vehicle passes which arrives by each edge.
    around_offsets, around_sites
        (intersections + 1,) and (k,): all cameras of each intersection.
    passing_offsets, passing_sites
        (m + 1,) and (k,): cameras that look at vehicles running along each edge.
    """

    kind: ByteArray
    intersection: IndexArray
    edge: IndexArray
    offset_m: FloatArray
    distance_m: FloatArray
    bearing_deg: FloatArray
    approach_offsets: OffsetArray
    approach_edges: IndexArray
    doubts: tuple[tuple[str, ...], ...]
    rival_intersection: IndexArray
    rival_edge: IndexArray
    arrival_offsets: OffsetArray
    arrival_sites: IndexArray
    around_offsets: OffsetArray
    around_sites: IndexArray
    passing_offsets: OffsetArray
    passing_sites: IndexArray

    @property
    def count(self) -> int:
        """Number of cameras."""
        return int(self.kind.shape[0])

    def approaches(self, site: int) -> IndexArray:
        """Return the approach edges that one camera looks at, int32 ascending."""
        bounds = self.approach_offsets[site : site + 2]
        return self.approach_edges[int(bounds[0]) : int(bounds[1])]


def link_cameras(
    graph: RoadGraph,
    intersections: Intersections,
    index: EdgeIndex,
    sites: Sequence[CameraSite],
) -> CameraLinks:
    """Link cameras to intersections and approach edges, or to edges in mid-block.

    Parameters
    ----------
    graph, intersections, index
        The network, what `find_intersections` found in it, and its spatial index.
    sites
        The cameras; several may stand at one place.

    Returns
    -------
    CameraLinks
        Each link depends on its own site only. A camera whose intersection has no approach that
        it looks at keeps it, with the doubt NO_APPROACH, and is also passed by whoever runs along
        its own edge: it reads the vehicles that leave the crossing there.
    """
    bearing = np.array(
        [np.nan if site.bearing_deg is None else site.bearing_deg for site in sites],
        dtype=np.float64,
    )
    bearing = np.where(np.isfinite(bearing), np.mod(bearing, 360.0), np.nan)
    lonlat = np.array([(site.lon, site.lat) for site in sites], dtype=np.float64).reshape(-1, 2)
    own = find_own_streets(graph, intersections, index, lonlat, bearing)
    kind = np.where(own.intersection != NO_INTERSECTION, INTERSECTION, MID_BLOCK)
    kind = np.where(own.edge == NO_EDGE, UNLINKED, kind).astype(np.uint8)

    site, place = approaches_of(intersections, own.intersection)
    seen = looks_at(intersections.approach_bearing_deg[place], bearing[site])
    looking = site[seen].astype(np.int32)
    approach = intersections.approach_edges[place[seen]]
    approach_offsets, _ = grouped(looking, len(sites))
    arrival_offsets, arrivals = grouped(approach, graph.edge_count)
    around_offsets, around_sites = grouped(own.intersection, intersections.count)
    blind = (kind == INTERSECTION) & (np.diff(approach_offsets) == 0)
    passing_edge, passing_site = _passing(graph, own, (kind == MID_BLOCK) | blind, bearing)
    passing_offsets, passings = grouped(passing_edge, graph.edge_count)
    links = CameraLinks(
        kind=kind,
        intersection=own.intersection,
        edge=own.edge,
        offset_m=own.offset_m,
        distance_m=own.distance_m,
        bearing_deg=bearing,
        approach_offsets=approach_offsets,
        approach_edges=approach,
        doubts=_doubts(kind, own, blind),
        rival_intersection=own.rival_intersection,
        rival_edge=own.rival_edge,
        arrival_offsets=arrival_offsets,
        arrival_sites=looking[arrivals],
        around_offsets=around_offsets,
        around_sites=around_sites,
        passing_offsets=passing_offsets,
        passing_sites=passing_site[passings],
    )
    for name in CameraLinks.__slots__:
        value = getattr(links, name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return links


def _passing(
    graph: RoadGraph, own: OwnStreets, on_edge: BoolArray, bearing_deg: FloatArray
) -> tuple[IndexArray, IndexArray]:
    """Pair edges with the cameras that look at vehicles running along them."""
    along = np.flatnonzero(on_edge & own.runs_along).astype(np.int32)
    reverse = graph.edge_reverse[own.edge[along]]
    both = np.isnan(bearing_deg[along]) & (reverse != NO_EDGE)
    edges = np.concatenate((own.edge[along], reverse[both]))
    sites = np.concatenate((along, along[both]))
    order = np.lexsort((edges, sites))
    return edges[order], sites[order]


def _doubts(kind: ByteArray, own: OwnStreets, blind: BoolArray) -> tuple[tuple[str, ...], ...]:
    """Collect the codes of each camera."""
    linked = kind != UNLINKED
    doubtful = {
        FAR: ~linked,
        DISTANT: linked & (np.nan_to_num(own.distance_m) > DISTANT_M),
        AMBIGUOUS: own.rival_edge != NO_EDGE,
        NO_APPROACH: blind,
        NO_DIRECTION: linked & ~own.runs_along,
    }
    codes = tuple(doubtful)
    flags = np.column_stack(tuple(doubtful.values())).tolist()
    return tuple(
        tuple(code for code, raised in zip(codes, row, strict=True) if raised) for row in flags
    )
