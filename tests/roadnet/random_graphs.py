"""Random small graphs whose streets have any length and speed, and bans on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.geodesy import local_plane
from roadnet.types import FLAG_DESTINATION, FLAG_NO_GOODS
from roadnet.ways import BOTH_WAYS, FORWARD, Way


@st.composite
def graphs(draw, most_nodes=10, most_streets=25):
    """A few nodes at random places joined by random streets, parallel ones among them."""
    places = draw(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 40)),
            min_size=2,
            max_size=most_nodes,
            unique=True,
        )
    )
    end = st.integers(0, len(places) - 1)
    pairs = st.tuples(end, end).filter(lambda pair: pair[0] != pair[1])
    ways = []
    lon, lat = local_plane(114.0, 27.0).to_lonlat(*(100.0 * np.array(places, dtype=float).T))
    for first, last in draw(st.lists(pairs, min_size=1, max_size=most_streets)):
        at = [first, last]
        ways.append(
            Way(
                lon[at],
                lat[at],
                np.array(at, dtype=np.int64) + 1,
                11,
                draw(st.sampled_from([10.0, 50.0, 100.0])),
                oneway=draw(st.sampled_from([FORWARD, BOTH_WAYS])),
                flags=draw(st.sampled_from([0, 0, 0, FLAG_NO_GOODS, FLAG_DESTINATION])),
            )
        )
    return assemble_graph(ways)


@st.composite
def banned_graphs(draw, most_bans=8):
    """Such a graph with some bans, each of two to four edges."""
    graph = draw(graphs(most_nodes=8, most_streets=14))
    bans = []
    for size in draw(st.lists(st.integers(2, 4), max_size=most_bans)):
        ban = [draw(st.integers(0, graph.edge_count - 1))]
        while len(ban) < size:
            node = int(graph.edge_to[ban[-1]])
            leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
            if not leaving:
                break
            ban.append(draw(st.sampled_from(leaving)))
        if len(ban) > 1:
            bans.append(ban)
    return with_bans(graph, bans)


def with_bans(graph, bans):
    """The same graph with these sequences of edges banned, and no others."""
    bans = sorted({tuple(ban) for ban in bans})
    return replace(
        graph,
        ban_offsets=np.cumsum([0, *(len(ban) for ban in bans)], dtype=np.int64),
        ban_edges=np.array([edge for ban in bans for edge in ban], dtype=np.int32),
    )
