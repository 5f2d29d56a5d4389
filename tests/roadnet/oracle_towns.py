"""Random towns with short blocks, divided streets, islands and rings; and graphs as the oracle sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.geodesy import local_plane
from roadnet.types import FLAG_ROUNDABOUT, NO_EDGE, ROAD_CLASSES
from roadnet.ways import BACKWARD, BOTH_WAYS, FORWARD, Way
from tests.oracles.coverage import Oracle, OracleEdge

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

BASE_LON, BASE_LAT = 114.39, 27.81
# No two of these make exactly the 15, 25, 35 or 50 m at which a rule turns.
GAPS_M = (11.3, 16.4, 23.7, 33.1, 61.9, 120.6)


class DrawnLine(NamedTuple):
    """A straight street of the grid: how far from the line before, and how it is driven."""

    gap_m: float
    name: str
    oneway: int
    road: str


class DrawnRoad(NamedTuple):
    """One road of a town between two numbered points."""

    begin: int
    finish: int
    name: str
    oneway: int
    road: str
    ring: bool = False


def town_of(places, roads, ids=None) -> RoadGraph:
    """Assemble a graph; `ids` gives the points other numbers."""
    plane = local_plane(BASE_LON, BASE_LAT)
    number = list(range(1, len(places) + 1)) if ids is None else ids
    ways = []
    for place, road in enumerate(roads):
        x, y = np.array([places[road.begin], places[road.finish]]).T
        lon, lat = plane.to_lonlat(x, y)
        ways.append(
            Way(
                lon=lon,
                lat=lat,
                node_ids=np.array([number[road.begin], number[road.finish]], dtype=np.int64),
                road_class=ROAD_CLASSES.index(road.road),
                speed_kmh=50.0,
                oneway=road.oneway,
                flags=FLAG_ROUNDABOUT if road.ring else 0,
                way_id=place + 1,
                name=road.name,
            )
        )
    return assemble_graph(ways)


def oracle_of(graph: RoadGraph) -> Oracle:
    """See the edges of a graph as the oracle does; edges keep their numbers."""
    reverse = graph.edge_reverse.tolist()
    return Oracle(
        [
            OracleEdge(
                begin=int(graph.edge_from[edge]),
                finish=int(graph.edge_to[edge]),
                points=tuple(map(tuple, graph.geometry(edge).tolist())),
                name=graph.name(edge),
                road=ROAD_CLASSES[int(graph.edge_class[edge])],
                twin=None if reverse[edge] == NO_EDGE else reverse[edge],
                ring=bool(graph.edge_flags[edge] & FLAG_ROUNDABOUT),
            )
            for edge in range(graph.edge_count)
        ]
    )


_single = st.builds(
    DrawnLine,
    gap_m=st.sampled_from(GAPS_M),
    name=st.sampled_from(("", "North", "North", "East")),
    oneway=st.sampled_from((BOTH_WAYS, BOTH_WAYS, FORWARD, BACKWARD)),
    road=st.sampled_from(("residential", "residential", "primary", "service", "track")),
)


@st.composite
def _avenues(draw):
    """Draw one street of the grid: a line, or the two lines of a divided street."""
    line = draw(_single)
    if line.oneway == BOTH_WAYS or draw(st.booleans()):
        return [line]
    return [line, line._replace(gap_m=draw(st.sampled_from(GAPS_M[:4])), oneway=-line.oneway)]


@st.composite
def towns(draw, most_avenues=3):
    """Draw the points and roads of a grid with gaps, forks at its west end, and rings."""
    avenues = st.lists(_avenues(), min_size=2, max_size=most_avenues)
    columns = [line for avenue in draw(avenues) for line in avenue]
    rows = [line for avenue in draw(avenues) for line in avenue]
    xs = np.cumsum([line.gap_m for line in columns]).tolist()
    ys = np.cumsum([line.gap_m for line in rows]).tolist()
    wobble = st.sampled_from((0.0, 0.0, 0.7, 2.9))
    places = [(x + draw(wobble), y + draw(wobble)) for x in xs for y in ys]
    grid = {(c, r): c * len(ys) + r for c in range(len(xs)) for r in range(len(ys))}
    roads = []
    for (c, r), node in grid.items():
        for there, line in (((c + 1, r), rows[r]), ((c, r + 1), columns[c])):
            if there in grid and draw(st.integers(0, 7)) != 3:
                road = DrawnRoad(node, grid[there], line.name, line.oneway, line.road)
                roads.append(road._replace(ring=draw(st.integers(0, 11)) == 5))
    for r, row in enumerate(rows):  # arms to the west, two of which may come from one fork
        forks = bool(r and draw(st.booleans()))
        if not forks:
            places.append((-18.2, ys[r] + draw(wobble)))
            places.append((-140.4, ys[r]))
            roads.append(DrawnRoad(len(places) - 1, len(places) - 2, row.name, BOTH_WAYS, row.road))
        roads.append(DrawnRoad(len(places) - 2, grid[0, r], row.name, row.oneway, row.road))
    return places, roads


@st.composite
def drives(draw, graph, most_edges=9):
    """Draw a way along directed edges: their numbers, and metres along the first and the last."""
    edge = draw(st.integers(0, graph.edge_count - 1))
    edges = [edge]
    for _ in range(draw(st.integers(0, most_edges - 1))):
        node = int(graph.edge_to[edge])
        leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        if not leaving:
            break
        edge = draw(st.sampled_from(leaving))
        edges.append(edge)
    metres = st.sampled_from((0.0, 0.13, 0.31, 0.5, 0.77, 0.9, 1.0))
    first, last = draw(metres), draw(metres)
    if len(edges) == 1:
        first, last = sorted((first, last))
    length = graph.edge_length_m
    return edges, first * float(length[edges[0]]), last * float(length[edges[-1]])
