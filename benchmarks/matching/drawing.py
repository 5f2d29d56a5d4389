"""Draws lines from known routes as an officer would, and spoils them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from roadnet.geodesy import cumulative_m, haversine_m, local_plane
from roadnet.paths import Path, Router
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph

    Line = npt.NDArray[np.float64]
    Edges = npt.NDArray[np.int32]

LEAST_ROUTE_M = 500.0
HALF_DETOUR_M = 2000.0


@dataclass(frozen=True, slots=True)
class Hand:
    """How a line is drawn.

    Attributes
    ----------
    tolerance_m
        Points nearer than this to the line without them are left out (Douglas-Peucker).
    noise_m
        Standard deviation of each point left, on both axes.
    """

    tolerance_m: float
    noise_m: float


GOOD = Hand(15.0, 10.0)
WORSE = Hand(40.0, 25.0)


def draw(points: Line, hand: Hand, rng: np.random.Generator) -> Line:
    """Draw a route, (p, 2) degrees: fewer points, none of them exact."""
    plane = local_plane(float(points[0, 0]), float(points[0, 1]))
    xy = np.column_stack(plane.to_xy(points[:, 0], points[:, 1]))
    kept = shapely.get_coordinates(
        shapely.simplify(shapely.linestrings(xy), hand.tolerance_m, preserve_topology=False)
    )
    kept += rng.normal(0.0, hand.noise_m, kept.shape)
    return np.column_stack(plane.to_lonlat(kept[:, 0], kept[:, 1]))


def densify(line: Line, step_m: float) -> Line:
    """Set points along a line, (p, 2) degrees, at most so far apart; those it has are kept."""
    along = cumulative_m(line[:, 0], line[:, 1])
    at = [along[:1]]
    for begin, end in itertools.pairwise(along):
        parts = max(1, int(np.ceil((end - begin) / step_m)))
        at.append(np.linspace(begin, end, parts + 1)[1:])
    wanted = np.concatenate(at)
    return np.column_stack(
        (np.interp(wanted, along, line[:, 0]), np.interp(wanted, along, line[:, 1]))
    )


def route_points(graph: RoadGraph, edges: Edges) -> Line:
    """Return the points along whole edges, (p, 2) degrees."""
    return Path(edges, 0.0, float(graph.edge_length_m[edges[-1]])).lonlat(graph)


def crop(graph: RoadGraph, edges: Edges, share: float, rng: np.random.Generator) -> Edges:
    """Cut a random piece of a route of at least this share of its length, whole edges."""
    ends_m = np.cumsum(graph.edge_length_m[edges])
    begin_m = rng.uniform(0.0, 1.0 - share) * ends_m[-1]
    first = int(np.searchsorted(ends_m, begin_m, side="right"))
    last = int(np.searchsorted(ends_m, begin_m + share * ends_m[-1]))
    return edges[first : last + 1]


def reverse(graph: RoadGraph, edges: Edges) -> Edges | None:
    """Turn round the longest stretch of a route without one-way streets, None below 500 m."""
    back = graph.edge_reverse[edges]
    cuts = np.flatnonzero(back == NO_EDGE)
    begins = np.concatenate(([0], cuts + 1))
    ends = np.concatenate((cuts, [edges.shape[0]]))
    ends_m = np.concatenate(([0.0], np.cumsum(graph.edge_length_m[edges])))
    longest = int(np.argmax(ends_m[ends] - ends_m[begins]))
    begin, end = int(begins[longest]), int(ends[longest])
    if ends_m[end] - ends_m[begin] < LEAST_ROUTE_M:
        return None
    return back[begin:end][::-1].astype(np.int32)


def lead_round(graph: RoadGraph, edges: Edges, rng: np.random.Generator) -> Edges | None:
    """Draw a detour into a route: leave it, go round a block, come back.

    The detour is two shortest paths of at most 2 km: from a node of the route to one 100 to 1,000 m
    away from it, and on to a node at most 1 km further down the route. It drives no street twice
    and none of the route's.

    Returns
    -------
    Edges | None
        The whole route; None if 150 random tries found no such way.
    """
    back = graph.edge_reverse[edges]
    own = np.unique(np.concatenate((edges, back[back != NO_EDGE])))
    router = Router(graph, weight="length", goods=False, closed_edges=own)
    ends_m = np.cumsum(graph.edge_length_m[edges])
    nodes = graph.edge_from[edges]
    for _ in range(150 if edges.shape[0] >= 3 else 0):
        leave = int(rng.integers(1, edges.shape[0] - 1))
        begin = int(nodes[leave])
        away = router.tree(begin, cutoff=HALF_DETOUR_M)
        off_m = haversine_m(
            graph.node_lon[begin], graph.node_lat[begin], graph.node_lon, graph.node_lat
        )
        vias = np.flatnonzero(np.isfinite(away.cost) & (off_m >= 100.0) & (off_m <= 1000.0))
        if vias.shape[0] == 0:
            continue
        home = router.tree(int(rng.choice(vias)), cutoff=HALF_DETOUR_M)
        last = int(np.searchsorted(ends_m, ends_m[leave - 1] + 1000.0))
        ahead = np.arange(leave, min(last, edges.shape[0] - 1) + 1)
        ahead = ahead[np.isfinite(home.cost[nodes[ahead]])]
        if ahead.shape[0] == 0:
            continue
        again = int(rng.choice(ahead))
        there, rest = away.path_to(home.source), home.path_to(int(nodes[again]))
        if there is None or rest is None:
            continue
        detour = np.concatenate((there.edges, rest.edges))
        turned = np.isin(graph.edge_reverse[detour], detour).any()
        if not turned and np.unique(detour).shape[0] == detour.shape[0]:
            return np.concatenate((edges[:leave], detour, edges[again:])).astype(np.int32)
    return None


def random_routes(
    router: Router, count: int, least_points: int, hand: Hand, rng: np.random.Generator
) -> list[tuple[Edges, Line]]:
    """Draw shortest routes between random nodes: edges, and the line drawn along them."""
    graph = router.graph
    found: list[tuple[Edges, Line]] = []
    while len(found) < count:
        truth = router.path(*rng.integers(graph.node_count, size=2).tolist())
        if truth is None or truth.length_m(graph) < LEAST_ROUTE_M:
            continue
        line = draw(truth.lonlat(graph), hand, rng)
        if line.shape[0] >= least_points:
            found.append((truth.edges, line))
    return found
