"""Random towns for lorries: one-ways, service roads, forbidden streets, banned turns, cameras."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.cameras import CameraSite
from roadnet.geodesy import local_plane
from roadnet.headings import Headings
from roadnet.types import FLAG_NO_GOODS, ROAD_CLASSES
from roadnet.ways import BACKWARD, BOTH_WAYS, FORWARD, Way

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

GAPS_M = (63.1, 187.4, 421.9, 764.2)


@st.composite
def lorry_towns(draw, most=3):
    """Draw a grid of streets, some of them missing, one-way, for service or closed to lorries."""
    gaps = st.lists(st.sampled_from(GAPS_M), min_size=1, max_size=most)
    xs = np.concatenate(([0.0], np.cumsum(draw(gaps)))).tolist()
    ys = np.concatenate(([0.0], np.cumsum(draw(gaps)))).tolist()
    plane = local_plane(114.39, 27.81)
    number = {(c, r): 1 + c * len(ys) + r for c in range(len(xs)) for r in range(len(ys))}
    ways = []
    for (c, r), here in number.items():
        for there in ((c + 1, r), (c, r + 1)):
            if there not in number or draw(st.integers(0, 7)) == 3:
                continue
            lon, lat = plane.to_lonlat(
                np.array([xs[c], xs[there[0]]]), np.array([ys[r], ys[there[1]]])
            )
            road = draw(st.sampled_from(("residential", "primary", "primary", "service")))
            ways.append(
                Way(
                    lon=lon,
                    lat=lat,
                    node_ids=np.array([here, number[there]], dtype=np.int64),
                    road_class=ROAD_CLASSES.index(road),
                    speed_kmh=50.0,
                    oneway=draw(st.sampled_from((BOTH_WAYS, BOTH_WAYS, FORWARD, BACKWARD))),
                    flags=draw(st.sampled_from((0, 0, 0, 0, FLAG_NO_GOODS))),
                    way_id=len(ways) + 1,
                    name=f"Row {r}" if there[1] == r else f"Column {c}",
                )
            )
    graph = assemble_graph(ways)
    return with_bans(graph, draw(_bans(graph)))


@st.composite
def _bans(draw, graph):
    """Draw sequences of two to four edges that follow each other."""
    found = set()
    for _ in range(draw(st.integers(0, 4)) if graph.edge_count else 0):
        edges = [draw(st.integers(0, graph.edge_count - 1))]
        for _ in range(draw(st.integers(1, 3))):
            node = graph.edge_to[edges[-1]]
            leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
            if leaving:
                edges.append(draw(st.sampled_from(leaving)))
        if len(edges) > 1:
            found.add(tuple(edges))
    return found


def with_bans(graph: RoadGraph, bans) -> RoadGraph:
    """Return the graph with other forbidden sequences of edges."""
    listed = sorted(bans)
    offsets = np.cumsum([0, *(len(ban) for ban in listed)]).astype(np.int64)
    edges = np.array([edge for ban in listed for edge in ban], dtype=np.int32)
    banned = dataclasses.replace(graph, ban_offsets=offsets, ban_edges=edges)
    banned.validate()
    return banned


@st.composite
def cameras_along(draw, graph, most=4):
    """Draw cameras on edges, looking along them, elsewhere or all round."""
    headings = Headings(graph)
    sites = []
    for number in range(draw(st.integers(0, most))):
        edge = np.array([draw(st.integers(0, graph.edge_count - 1))])
        at_m = draw(st.sampled_from((0.1, 0.5, 0.93))) * graph.edge_length_m[edge]
        lon, lat = headings.places(edge, at_m)
        turned = draw(st.sampled_from((0.0, 0.0, 0.0, 50.0, 180.0, None)))
        bearing = None if turned is None else float(headings.around(edge, at_m)[0]) + turned
        sites.append(CameraSite(f"C{number}", float(lon[0]), float(lat[0]), bearing))
    return sites
