"""Where streets meet: the intersections of a road graph and the edges that enter them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.crossings import CROSSING_M, divided_crossings
from roadnet.headings import Headings
from roadnet.streets import continuations, reached, sections, several_names, street_ends
from roadnet.types import FLAG_ROUNDABOUT

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.streets import StreetEnds
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

NO_INTERSECTION: Final = -1
STREET_REACH_M: Final = 50.0  # nothing asks for an intersection farther along a street


@dataclass(frozen=True, slots=True, eq=False)
class Intersections:
    """The intersections of a graph of n nodes and m edges, numbered by their lowest node.

    Attributes
    ----------
    node_intersection
        (n,) int32, NO_INTERSECTION where a node is in none.
    node_offsets, nodes
        (count + 1,) and (k,): the nodes of each intersection, ascending.
    lon, lat
        (count,) middle of its nodes, WGS-84 degrees.
    approach_offsets, approach_edges
        (count + 1,) and (k,): the edges that enter each intersection from outside, ascending;
        service roads and tracks that enter it are among them.
    approach_bearing_deg
        (k,) direction of each approach over its last 25 m; a shorter one's, over all of it.
    edge_arrives
        (m,) int32, the intersection that an edge is an approach of, else NO_INTERSECTION.
    edge_inside
        (m,) edges that lie inside one intersection, between its nodes.
    ahead, ahead_m
        (m,) int32 the intersection that each edge's own street comes to at or beyond the edge's
        end, and metres from that end to it: 0 if the edge ends there. Nodes are passed where only
        service roads meet the street. NO_INTERSECTION and infinity beyond STREET_REACH_M.
    behind, behind_m
        (m,) the same from the edge's begin, backwards.
    section
        (m,) int32, one number for the edges of one street from intersection to intersection, both
        directions alike.
    """

    node_intersection: IndexArray
    node_offsets: OffsetArray
    nodes: IndexArray
    lon: FloatArray
    lat: FloatArray
    approach_offsets: OffsetArray
    approach_edges: IndexArray
    approach_bearing_deg: FloatArray
    edge_arrives: IndexArray
    edge_inside: BoolArray
    ahead: IndexArray
    ahead_m: FloatArray
    behind: IndexArray
    behind_m: FloatArray
    section: IndexArray

    @property
    def count(self) -> int:
        """Number of intersections."""
        return int(self.lon.shape[0])

    def approaches(self, intersection: int) -> IndexArray:
        """Return the approach edges of one intersection, int32 ascending."""
        bounds = self.approach_offsets[intersection : intersection + 2]
        return self.approach_edges[int(bounds[0]) : int(bounds[1])]


def find_intersections(graph: RoadGraph) -> Intersections:
    """Find the intersections of a road graph.

    An intersection is where three or more street ends meet, or two of different names, service
    roads and tracks apart (docs/coverage.md). A two-way street that ends at a node is one end
    there; an unnamed street differs in name from none. The nodes of one divided crossing are one
    intersection (`roadnet.crossings` says which they are); then the ends are counted around it,
    so the two nodes at which a street parts around an island and unites again are none.

    Parameters
    ----------
    graph
        Any network.

    Returns
    -------
    Intersections
        The same whatever the numbering of the graph's nodes, but for its own numbering.
    """
    ends = street_ends(graph)
    headings = Headings(graph)
    meeting = _meeting(ends.nodes(), graph.edge_name[ends.street], graph.node_count)
    label = np.where(meeting, np.arange(graph.node_count, dtype=np.int32), NO_INTERSECTION)
    groups = divided_crossings(graph, ends, meeting, headings)
    for group in groups:
        label[group] = group[0]
    inside = _inside(graph, label)
    for group in _without_streets(graph, ends, groups, label, inside):
        label[group] = NO_INTERSECTION
    inside &= label[graph.edge_from] != NO_INTERSECTION
    return _tabulate(graph, label, inside, headings)


def _meeting(place: IndexArray, name: IndexArray, places: int) -> BoolArray:
    """Mark the places where street ends make an intersection, given the ends' place and name."""
    count = np.bincount(place, minlength=places)
    meeting: BoolArray = (count > 2) | ((count == 2) & several_names(place, name, places))
    return meeting


def _inside(graph: RoadGraph, label: IndexArray) -> BoolArray:
    """Mark the edges between nodes of one label; one that goes a long way round is outside."""
    begin, finish = label[graph.edge_from], label[graph.edge_to]
    short = graph.edge_length_m <= CROSSING_M
    ring = (graph.edge_flags & FLAG_ROUNDABOUT) != 0
    inside: BoolArray = (begin == finish) & (begin != NO_INTERSECTION) & (short | ring)
    return inside


def _without_streets(
    graph: RoadGraph,
    ends: StreetEnds,
    groups: list[list[int]],
    label: IndexArray,
    inside: BoolArray,
) -> list[list[int]]:
    """Pick the groups that are no intersection once the ends are counted from outside."""
    outside = ~inside[ends.street]
    place = label[ends.nodes()[outside]]
    name = graph.edge_name[ends.street[outside]]
    labelled = place != NO_INTERSECTION
    meeting = _meeting(place[labelled], name[labelled], graph.node_count)
    return [group for group in groups if not meeting[group[0]]]


def _tabulate(
    graph: RoadGraph, label: IndexArray, inside: BoolArray, headings: Headings
) -> Intersections:
    """Give the labels ascending numbers and tabulate nodes, approaches and streets."""
    used, numbers = np.unique(label[label != NO_INTERSECTION], return_inverse=True)
    count = used.shape[0]
    node_intersection = np.full(graph.node_count, NO_INTERSECTION, dtype=np.int32)
    node_intersection[label != NO_INTERSECTION] = numbers
    node_offsets, nodes = grouped(node_intersection, count)
    members = np.diff(node_offsets)
    edge_arrives = np.where(inside, NO_INTERSECTION, node_intersection[graph.edge_to])
    edge_arrives = edge_arrives.astype(np.int32)
    approach_offsets, approach_edges = grouped(edge_arrives, count)
    following, preceding = continuations(graph)
    at_begin, at_end = node_intersection[graph.edge_from], node_intersection[graph.edge_to]
    ahead, ahead_m = reached(at_end, following, graph.edge_length_m, STREET_REACH_M)
    behind, behind_m = reached(at_begin, preceding, graph.edge_length_m, STREET_REACH_M)
    found = Intersections(
        node_intersection=node_intersection,
        node_offsets=node_offsets,
        nodes=nodes,
        lon=_middle(graph.node_lon, node_intersection, members),
        lat=_middle(graph.node_lat, node_intersection, members),
        approach_offsets=approach_offsets,
        approach_edges=approach_edges,
        approach_bearing_deg=headings.arriving(approach_edges),
        edge_arrives=edge_arrives,
        edge_inside=inside,
        ahead=ahead,
        ahead_m=ahead_m,
        behind=behind,
        behind_m=behind_m,
        section=sections(graph, following, at_end),
    )
    for name in Intersections.__slots__:
        getattr(found, name).setflags(write=False)
    return found


def grouped(group: IndexArray, groups: int) -> tuple[OffsetArray, IndexArray]:
    """List what belongs to each group.

    Parameters
    ----------
    group
        (k,) the group of each thing; a negative one is in none.
    groups
        How many groups there are.

    Returns
    -------
    tuple
        (groups + 1,) int64 CSR offsets, and the things' numbers, int32, ascending in each group.
    """
    things = np.flatnonzero(group >= 0).astype(np.int32)
    of = group[things]
    offsets = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(of, minlength=groups), out=offsets[1:])
    return offsets, things[np.argsort(of, kind="stable")]


def _middle(degrees: FloatArray, node_intersection: IndexArray, members: IndexArray) -> FloatArray:
    """Average the nodes' coordinate over each intersection."""
    within = node_intersection != NO_INTERSECTION
    total = np.bincount(
        node_intersection[within], weights=degrees[within], minlength=members.shape[0]
    )
    middle: FloatArray = total / np.maximum(members, 1)
    return middle
