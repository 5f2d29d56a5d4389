"""A road graph as the kernels of matching take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import bearing_deg
from roadnet.paths import Router
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.match_tuning import Tuning
    from roadnet.snapping import EdgeIndex
    from roadnet.types import BoolArray, FloatArray, IndexArray

# How much lesser a road is than an expressway.
_STEPS: Final = {
    "motorway": 0.0,
    "trunk": 0.0,
    "primary": 0.2,
    "secondary": 0.5,
    "tertiary": 1.0,
    "unclassified": 1.3,
    "road": 1.3,
    "residential": 1.4,
    "living_street": 1.4,
    "service": 1.4,
    "track": 1.4,
}
_LINK: Final = 0.25
_BYWAYS: Final = ("living_street", "service", "track")


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A road graph as the kernels of matching take it.

    Attributes
    ----------
    index
        Spatial index of the edges that a line may mean.
    router
        Shortest ways by length, over the same edges.
    links
        (m + b, 8) int32, see `roadnet.ahead_kernels`.
    length_m
        (m,) of the edges, infinity where a path must not go.
    prior
        (m,) log likelihood of an edge before anything is known of the line.
    tuning
        Vector of `roadnet.match_tuning`.
    """

    index: EdgeIndex
    router: Router
    links: IndexArray
    length_m: FloatArray
    prior: FloatArray
    tuning: FloatArray


def build_network(
    graph: RoadGraph,
    index: EdgeIndex,
    forbidden: BoolArray | None,
    banned: IndexArray,
    tuning: Tuning,
) -> Network:
    """Prepare a graph for matching.

    Parameters
    ----------
    graph
        The network.
    index
        Its spatial index, without the forbidden edges.
    forbidden
        (m,) edges that no path may have; None: it may have all.
    banned
        (b, 2) pairs of edges that no path may have one after the other, ascending.
    tuning
        What to believe of the lines.
    """
    length_m = np.array(graph.edge_length_m, dtype=np.float64)
    closed = None
    if forbidden is not None:
        length_m[forbidden] = np.inf
        closed = np.flatnonzero(forbidden)
    return Network(
        index=index,
        router=Router(graph, weight="length", goods=False, closed_edges=closed),
        links=_links(graph, banned),
        length_m=length_m,
        prior=class_prior(graph, tuning),
        tuning=tuning.vector(),
    )


def class_prior(graph: RoadGraph, tuning: Tuning) -> FloatArray:
    """Weigh the edges by their road class, (m,) log likelihoods, multiples of `tuning.lesser`.

    Lorries keep to the greater road: beside an expressway with its frontage road 15 m apart, a
    line that might mean either means the former more often. A link leads off the road that it is
    a link of.
    """
    steps = [_STEPS[name.removesuffix("_link")] for name in ROAD_CLASSES]
    links = [_LINK if name.endswith("_link") else 0.0 for name in ROAD_CLASSES]
    byway = [tuning.byway if name in _BYWAYS else 0.0 for name in ROAD_CLASSES]
    likelihood = -(tuning.lesser * (np.array(steps) + np.array(links)) + np.array(byway))
    return np.asarray(likelihood[graph.edge_class], dtype=np.float64)


def junction_nodes(graph: RoadGraph) -> BoolArray:
    """Return the nodes at which streets meet, (n,): those with three neighbours or more."""
    low = np.minimum(graph.edge_from, graph.edge_to).astype(np.int64)
    high = np.maximum(graph.edge_from, graph.edge_to).astype(np.int64)
    pairs = np.unique((low * graph.node_count + high)[low != high])
    ends = np.concatenate((pairs // graph.node_count, pairs % graph.node_count))
    return np.asarray(np.bincount(ends, minlength=graph.node_count) >= 3)


def _links(graph: RoadGraph, banned: IndexArray) -> IndexArray:
    """Tabulate what follows each edge, see `roadnet.ahead_kernels`."""
    edges = graph.edge_count
    links = np.zeros((edges + banned.shape[0], 8), dtype=np.int32)
    lon, lat = graph.geometry_lon, graph.geometry_lat
    first, last = graph.geometry_offsets[:-1], graph.geometry_offsets[1:] - 1
    every = np.arange(edges)
    links[:edges] = np.column_stack(
        (
            graph.out_offsets[graph.edge_to],
            graph.out_offsets[graph.edge_to + 1],
            graph.edge_reverse,
            np.rint(bearing_deg(lon[first], lat[first], lon[first + 1], lat[first + 1])),
            np.rint(bearing_deg(lon[last - 1], lat[last - 1], lon[last], lat[last])),
            junction_nodes(graph)[graph.edge_to],
            edges + np.searchsorted(banned[:, 0], every, side="left"),
            edges + np.searchsorted(banned[:, 0], every, side="right"),
        )
    )
    links[edges:, 0] = banned[:, 1]
    return links
