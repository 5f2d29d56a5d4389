"""A contracted network keeps every least cost between the nodes that stay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from roadnet.contraction import contract
from tests.roadnet.random_graphs import graphs
from tests.roadnet.towns import grid_town


def least(nodes, tail, head, cost):
    """All least costs by scipy, the cheapest of parallel arcs counting."""
    cheapest = {}
    for a, b, c in zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True):
        cheapest[a, b] = min(c, cheapest.get((a, b), np.inf))
    keys = np.array(list(cheapest), dtype=np.int64).reshape(-1, 2)
    matrix = coo_array((list(cheapest.values()), (keys[:, 0], keys[:, 1])), shape=(nodes, nodes))
    return dijkstra(matrix.tocsr())


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_least_costs_between_kept_nodes_stay(graph, data):
    keep = np.array([data.draw(st.booleans()) for _ in range(graph.node_count)])
    seconds = graph.edge_length_m / graph.edge_speed_kmh
    tail, head, metres = graph.edge_from, graph.edge_to, graph.edge_length_m
    core = contract(tail, head, metres, seconds, keep)
    left = core.offsets.shape[0] - 1
    core_tail = np.repeat(np.arange(left), np.diff(core.offsets))
    stays = np.flatnonzero(keep)
    assert (core.place[stays] >= 0).all()
    there = core.place[stays]
    for whole, small in ((metres, core.metres), (seconds, core.seconds)):
        wanted = least(graph.node_count, tail, head, whole)[np.ix_(stays, stays)]
        found = least(left, core_tail, core.head, small)[np.ix_(there, there)]
        assert found == pytest.approx(wanted, rel=1e-12)


def test_a_ladder_of_streets_shrinks_to_its_ends():
    city = grid_town(30, 2)
    graph = city.graph
    keep = np.zeros(graph.node_count, dtype=bool)
    keep[[city.nodes["n0_0"], city.nodes["n29_0"]]] = True
    core = contract(graph.edge_from, graph.edge_to, graph.edge_length_m, graph.edge_length_m, keep)
    assert core.head.shape[0] == 2
    assert core.metres == pytest.approx([2900.0, 2900.0], rel=1e-3)
