"""Street ends at nodes, and how a street goes on where nothing crosses it.

A *street* here is one stretch of road between two nodes, whichever way it may be driven: a
two-way street is two edges and one street. Service roads and tracks are edges like any other but
no streets: a car park's exit makes no intersection of the street that it opens on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

APART_CLASSES: Final = (ROAD_CLASSES.index("service"), ROAD_CLASSES.index("track"))
UNNAMED: Final = 0  # place of the empty text in RoadGraph.names


@dataclass(frozen=True, slots=True, eq=False)
class StreetEnds:
    """The street ends that meet at each node; a street that is a loop ends twice at its node.

    The ends at node v are `offsets[v]:offsets[v + 1]`.

    Attributes
    ----------
    offsets
        (n + 1,) int64.
    street
        (k,) int32, the edge that stands for the street: the one-way edge, or the lower-numbered
        of the two directions.
    entering
        (k,) int32, the edge of the street that enters the node, NO_EDGE if it may not be driven so.
    leaving
        (k,) int32, the edge of the street that leaves the node, NO_EDGE if it may not be driven so.
    """

    offsets: OffsetArray
    street: IndexArray
    entering: IndexArray
    leaving: IndexArray

    def counts(self) -> IndexArray:
        """Count the ends at each node, (n,) int32."""
        return np.diff(self.offsets).astype(np.int32)

    def nodes(self) -> IndexArray:
        """Name the node of each end, (k,) int32."""
        return np.repeat(np.arange(self.offsets.shape[0] - 1, dtype=np.int32), self.counts())


def one_per_street(graph: RoadGraph) -> BoolArray:
    """Mark the edge that stands for each street or road: (m,), service roads and tracks too."""
    here = np.arange(graph.edge_count, dtype=np.int32)
    stands: BoolArray = (graph.edge_reverse == NO_EDGE) | (graph.edge_reverse >= here)
    return stands


def apart(graph: RoadGraph) -> BoolArray:
    """Mark the edges that are service roads or tracks, (m,)."""
    return np.isin(graph.edge_class, APART_CLASSES)


def street_ends(graph: RoadGraph, *, with_apart: bool = False) -> StreetEnds:
    """Collect the street ends of every node.

    Parameters
    ----------
    graph
        Any network.
    with_apart
        Take the ends of service roads and tracks too.

    Returns
    -------
    StreetEnds
        At each node in the order of the streets' edges.
    """
    chosen = one_per_street(graph)
    if not with_apart:
        chosen &= ~apart(graph)
    street = np.flatnonzero(chosen).astype(np.int32)
    reverse = graph.edge_reverse[street]
    node = np.concatenate((graph.edge_from[street], graph.edge_to[street]))
    order = np.lexsort((np.concatenate((street, street)), node))
    offsets = np.zeros(graph.node_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(node, minlength=graph.node_count), out=offsets[1:])
    return StreetEnds(
        offsets=offsets,
        street=np.concatenate((street, street))[order],
        entering=np.concatenate((reverse, street))[order],
        leaving=np.concatenate((street, reverse))[order],
    )


def several_names(place: IndexArray, name: IndexArray, places: int) -> BoolArray:
    """Mark the places where streets of two different names meet.

    An unnamed street differs from none: in OpenStreetMap the name is often missing on a bridge
    or a short link of a street that has one.

    Parameters
    ----------
    place, name
        (k,) a place and the name there, as an index into RoadGraph.names.
    places
        How many places there are.

    Returns
    -------
    BoolArray
        (places,).
    """
    named = name != UNNAMED
    least = np.full(places, np.iinfo(np.int32).max, dtype=np.int32)
    most = np.full(places, -1, dtype=np.int32)
    np.minimum.at(least, place[named], name[named])
    np.maximum.at(most, place[named], name[named])
    several: BoolArray = (most >= 0) & (most != least)
    return several


def continuations(graph: RoadGraph) -> tuple[IndexArray, IndexArray]:
    """Find the edge that follows, and the one that precedes, each edge along its own street.

    At a node with two street ends the street goes on from one to the other, service roads beside
    it left out; where only service roads and tracks or a dead end remain, a road goes on if
    exactly two ends meet. Nothing is said of whether the node is an intersection.

    Parameters
    ----------
    graph
        Any network.

    Returns
    -------
    tuple
        (m,) int32 edge driven next and (m,) int32 edge driven before; NO_EDGE where there is none
        or more than one.
    """
    following = np.full(graph.edge_count, NO_EDGE, dtype=np.int32)
    preceding = np.full(graph.edge_count, NO_EDGE, dtype=np.int32)
    streets = street_ends(graph)
    street_count = streets.counts()
    every = street_ends(graph, with_apart=True)
    for ends, nodes in (
        (streets, np.flatnonzero(street_count == 2)),
        (every, np.flatnonzero((every.counts() == 2) & (street_count < 2))),
    ):
        one = ends.offsets[nodes]
        for here, there in ((one, one + 1), (one + 1, one)):
            came, goes = ends.entering[here], ends.leaving[there]
            through = (came != NO_EDGE) & (goes != NO_EDGE)
            following[came[through]] = goes[through]
            preceding[goes[through]] = came[through]
    return following, preceding


def reached(
    stop_at_end: IndexArray, onward: IndexArray, length_m: FloatArray, limit_m: float
) -> tuple[IndexArray, FloatArray]:
    """Follow each edge's street beyond one end of the edge, to the first stop.

    Parameters
    ----------
    stop_at_end
        (m,) what stops the walk at that end of each edge; negative where nothing does.
    onward
        (m,) the edge that is walked after each, or NO_EDGE; as of `continuations`.
    length_m
        (m,) lengths of the edges.
    limit_m
        How far beyond the edge's end to look, the limit included.

    Returns
    -------
    tuple
        (m,) int32 the stop, -1 for none within the limit, and (m,) metres from the edge's end to
        it, infinite for none.
    """
    count = stop_at_end.shape[0]
    stop = np.full(count, -1, dtype=np.int32)
    gap_m = np.zeros(count, dtype=np.float64)
    here = np.arange(count)
    walking = np.arange(count)
    while walking.shape[0] > 0:
        found = stop_at_end[here[walking]] >= 0
        stop[walking[found]] = stop_at_end[here[walking[found]]]
        walking = walking[~found]
        following = onward[here[walking]]
        walking, following = walking[following != NO_EDGE], following[following != NO_EDGE]
        here[walking] = following
        gap_m[walking] += length_m[following]
        walking = walking[gap_m[walking] <= limit_m]
    gap_m[stop < 0] = np.inf
    return stop, gap_m


def sections(graph: RoadGraph, following: IndexArray, stop_at_end: IndexArray) -> IndexArray:
    """Give each section of street between stops a number.

    Parameters
    ----------
    graph
        Any network.
    following
        (m,) of `continuations`.
    stop_at_end
        (m,) what stops the street at the end of each edge; negative where nothing does.

    Returns
    -------
    IndexArray
        (m,) int32; both directions of a street have one number.
    """
    goes_on = np.flatnonzero((following != NO_EDGE) & (stop_at_end < 0))
    two_way = np.flatnonzero(graph.edge_reverse != NO_EDGE)
    begin = np.concatenate((goes_on, two_way))
    finish = np.concatenate((following[goes_on], graph.edge_reverse[two_way]))
    links = coo_array(
        (np.ones(begin.shape[0], dtype=np.int8), (begin, finish)),
        shape=(graph.edge_count, graph.edge_count),
    )
    _, section = connected_components(links, directed=False)
    return np.asarray(section, dtype=np.int32)
