"""Where cameras stand: each linked to its intersection and approaches, or to its edge in mid-block.

An intersection within 50 m of a camera, by the camera's own street, is the camera's; if there is
none, the camera is mid-block. Which street and which intersection that is follows from position,
bearing and the streets' classes (`roadnet.own_street`), or from what the city says itself. Where two
intersections are so near each other that the position hardly tells which it is, the camera
belongs to both (docs/coverage.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.camera_pins import PinFault, resolve_pins
from roadnet.intersections import NO_INTERSECTION, grouped
from roadnet.own_street import SURE, find_own_streets
from roadnet.street_likelihoods import approaches_of, looks_at
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.graph import RoadGraph
    from roadnet.headings import Headings
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
AMBIGUOUS: Final = "ambiguous"  # another intersection or street is too likely
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
    node
        OSM id of a node of its intersection, if the city says so.
    ways
        OSM ids of the ways of its street, if the city says so.
    """

    camera_id: str
    lon: float
    lat: float
    bearing_deg: float | None
    node: int | None = None
    ways: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CameraLinks:
    """Where n cameras stand on a graph of m edges; one entry a site, in the order given.

    Attributes
    ----------
    kind
        (n,) uint8: UNLINKED, INTERSECTION or MID_BLOCK.
    intersection
        (n,) int32, NO_INTERSECTION unless the kind is INTERSECTION.
    also_offsets, also_intersection
        (n + 1,) and (k,): other intersections, at most 35 m from the first, to which each camera
        belongs as well, since its place hardly tells which of them it is; likelier ones first.
    score
        (n,) how likely the link is right, in [0, 1]; 1 where the city says it, NaN if unlinked.
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
        (n + 1,) and (k,): the approach edges of its intersections that each camera looks at.
    doubts
        n tuples of codes: FAR, DISTANT, AMBIGUOUS, NO_APPROACH, NO_DIRECTION.
    rival_intersection, rival_edge
        (n,) int32, the likeliest other answer if the link is AMBIGUOUS: an intersection by an edge
        of its street, or an edge alone; else NO_INTERSECTION and NO_EDGE.
    candidate_offsets, candidate_intersection, candidate_edge, candidate_offset_m, candidate_score
        (n + 1,) and (k,): every other answer of some likelihood, likeliest first: an intersection
        by an edge, or NO_INTERSECTION and an edge in mid-block; where along the edge the camera
        would stand. Those of `also_intersection` are among them.
    faults
        What the city says of a camera and cannot be; such a camera is linked as if it said nothing.
    arrival_offsets, arrival_sites
        (m + 1,) and (k,): cameras that a vehicle passes which arrives by each edge.
    around_offsets, around_sites
        (intersections + 1,) and (k,): all cameras of each intersection.
    passing_offsets, passing_sites
        (m + 1,) and (k,): cameras that look at vehicles running along each edge.
    """

    kind: ByteArray
    intersection: IndexArray
    also_offsets: OffsetArray
    also_intersection: IndexArray
    score: FloatArray
    edge: IndexArray
    offset_m: FloatArray
    distance_m: FloatArray
    bearing_deg: FloatArray
    approach_offsets: OffsetArray
    approach_edges: IndexArray
    doubts: tuple[tuple[str, ...], ...]
    rival_intersection: IndexArray
    rival_edge: IndexArray
    candidate_offsets: OffsetArray
    candidate_intersection: IndexArray
    candidate_edge: IndexArray
    candidate_offset_m: FloatArray
    candidate_score: FloatArray
    faults: tuple[PinFault, ...]
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

    def also(self, site: int) -> IndexArray:
        """Return the other intersections to which one camera belongs."""
        bounds = self.also_offsets[site : site + 2]
        return self.also_intersection[int(bounds[0]) : int(bounds[1])]

    def candidates(self, site: int) -> range:
        """Return the places in the candidate columns of what else one camera might watch."""
        return range(int(self.candidate_offsets[site]), int(self.candidate_offsets[site + 1]))


def link_cameras(
    graph: RoadGraph,
    intersections: Intersections,
    index: EdgeIndex,
    sites: Sequence[CameraSite],
    *,
    headings: Headings | None = None,
) -> CameraLinks:
    """Link cameras to intersections and approach edges, or to edges in mid-block.

    Parameters
    ----------
    graph, intersections, index
        The network, what `find_intersections` found in it, and its spatial index.
    sites
        The cameras; several may stand at one place.
    headings
        Of the graph, if they are known already: most of the work for a single camera.

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
    pins, faults = resolve_pins(graph, intersections, index, sites)
    own = find_own_streets(graph, intersections, index, lonlat, bearing, pins, headings)
    kind = np.where(own.intersection != NO_INTERSECTION, INTERSECTION, MID_BLOCK)
    kind = np.where(own.edge == NO_EDGE, UNLINKED, kind).astype(np.uint8)

    member, member_site = _memberships(own)
    at, place = approaches_of(intersections, member)
    seen = looks_at(intersections.approach_bearing_deg[place], bearing[member_site[at]])
    looking = member_site[at[seen]]
    approach = intersections.approach_edges[place[seen]]
    order = np.lexsort((approach, looking))
    looking, approach = looking[order], approach[order]
    approach_offsets, _ = grouped(looking, len(sites))
    arrival_offsets, arrivals = grouped(approach, graph.edge_count)
    around_offsets, around = grouped(member, intersections.count)
    blind = (kind == INTERSECTION) & (np.diff(approach_offsets) == 0)
    passing_edge, passing_site = _passing(graph, own, (kind == MID_BLOCK) | blind, bearing)
    passing_offsets, passings = grouped(passing_edge, graph.edge_count)
    doubts = _doubts(kind, own, blind)
    rival_intersection, rival_edge = _rivals(own, doubts)
    links = CameraLinks(
        kind=kind,
        intersection=own.intersection,
        also_offsets=grouped(own.also_site, len(sites))[0],
        also_intersection=own.also_intersection,
        score=own.score,
        edge=own.edge,
        offset_m=own.offset_m,
        distance_m=own.distance_m,
        bearing_deg=bearing,
        approach_offsets=approach_offsets,
        approach_edges=approach,
        doubts=doubts,
        rival_intersection=rival_intersection,
        rival_edge=rival_edge,
        candidate_offsets=own.candidate_offsets,
        candidate_intersection=own.candidate_intersection,
        candidate_edge=own.candidate_edge,
        candidate_offset_m=own.candidate_offset_m,
        candidate_score=own.candidate_score,
        faults=faults,
        arrival_offsets=arrival_offsets,
        arrival_sites=looking[arrivals],
        around_offsets=around_offsets,
        around_sites=member_site[around],
        passing_offsets=passing_offsets,
        passing_sites=passing_site[passings],
    )
    for name in CameraLinks.__slots__:
        value = getattr(links, name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return links


def _memberships(own: OwnStreets) -> tuple[IndexArray, IndexArray]:
    """Pair intersections with their cameras, one camera with two where it belongs to both."""
    sites = np.arange(own.intersection.shape[0], dtype=np.int32)
    intersection = np.concatenate((own.intersection, own.also_intersection))
    site = np.concatenate((sites, own.also_site))
    order = np.lexsort((intersection, site))
    order = order[intersection[order] != NO_INTERSECTION]
    return intersection[order], site[order]


def _rivals(own: OwnStreets, doubts: tuple[tuple[str, ...], ...]) -> tuple[IndexArray, IndexArray]:
    """Find the likeliest other answer of each ambiguous camera."""
    count = len(doubts)
    intersection = np.full(count, NO_INTERSECTION, dtype=np.int32)
    edge = np.full(count, NO_EDGE, dtype=np.int32)
    for site in (site for site, codes in enumerate(doubts) if AMBIGUOUS in codes):
        also = own.also_intersection[own.also_site == site]
        begin, end = own.candidate_offsets[site], own.candidate_offsets[site + 1]
        for row in range(int(begin), int(end)):
            here = int(own.candidate_intersection[row])
            if here not in also:
                intersection[site], edge[site] = here, own.candidate_edge[row]
                break
    return intersection, edge


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
        AMBIGUOUS: linked & (np.nan_to_num(own.score, nan=1.0) < SURE),
        NO_APPROACH: blind,
        NO_DIRECTION: linked & ~own.runs_along,
    }
    codes = tuple(doubtful)
    flags = np.column_stack(tuple(doubtful.values())).tolist()
    return tuple(
        tuple(code for code, raised in zip(codes, row, strict=True) if raised) for row in flags
    )
