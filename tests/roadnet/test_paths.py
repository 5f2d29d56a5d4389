"""Paths know their length and shape; the shortest are those that scipy finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from roadnet.errors import RoadnetError
from roadnet.geodesy import haversine_m
from roadnet.paths import DESTINATION_FACTOR, Path, Router, edge_costs, shortest_path
from tests.roadnet.random_graphs import graphs
from tests.roadnet.towns import grid_town, town

GRID = grid_town(4, 3)
BENT = town("A 0 0; B 300 0; C 300 -400", "A-(100,0)-(100,80)-B primary; B>C residential")


def all_pairs(graph, cost):
    """Least costs between all nodes by scipy, the cheapest of parallel edges counting."""
    cheapest = {}
    for a, b, c in zip(graph.edge_from.tolist(), graph.edge_to.tolist(), cost, strict=True):
        if np.isfinite(c):
            cheapest[a, b] = min(c, cheapest.get((a, b), np.inf))
    keys = np.array(list(cheapest), dtype=np.int64).reshape(-1, 2)
    shape = (graph.node_count, graph.node_count)
    matrix = coo_array((list(cheapest.values()), (keys[:, 0], keys[:, 1])), shape=shape)
    return dijkstra(matrix.tocsr())


@settings(max_examples=120, deadline=None)
@given(graphs(), st.sampled_from(["time", "length"]), st.booleans(), st.sampled_from([0, 1, 3]))
def test_shortest_paths_cost_what_scipy_says(graph, weight, goods, landmarks):
    router = Router(graph, weight=weight, goods=goods, landmarks=landmarks)
    truth = all_pairs(graph, router.cost)
    for source in range(graph.node_count):
        tree = router.tree(source)
        assert tree.cost == pytest.approx(truth[source], rel=1e-12)
        for target in range(graph.node_count):
            for path in (router.path(source, target), tree.path_to(target)):
                if path is None:
                    assert np.isinf(truth[source, target])
                    continue
                path.validate(graph)
                cost = router.cost[path.edges].sum()
                assert cost == pytest.approx(truth[source, target], rel=1e-12)
                if path.edges.shape[0] > 0:
                    assert graph.edge_from[path.edges[0]] == source
                    assert graph.edge_to[path.edges[-1]] == target
                else:
                    assert source == target


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_a_cut_off_tree_is_the_near_part_of_the_whole(graph, data):
    router = Router(graph, weight="length")
    source = data.draw(st.integers(0, graph.node_count - 1))
    whole = router.tree(source).cost
    cutoff = data.draw(st.sampled_from([0.0, 500.0, 3000.0, *whole[np.isfinite(whole)].tolist()]))
    near = router.tree(source, cutoff).cost
    assert np.array_equal(near, np.where(whole <= cutoff, whole, np.inf))


@settings(max_examples=80, deadline=None)
@given(graphs(), st.data())
def test_costs_between_points_of_edges(graph, data):
    router = Router(graph, weight="length", goods=True)
    edges = np.arange(graph.edge_count)
    share = st.sampled_from([0.0, 0.25, 0.5, 1.0])
    start = data.draw(st.integers(0, graph.edge_count - 1))
    start_m = data.draw(share) * float(graph.edge_length_m[start])
    offsets_m = np.array([data.draw(share) for _ in edges]) * graph.edge_length_m
    cutoff = data.draw(st.sampled_from([np.inf, 2000.0]))
    costs = router.costs_between(start, start_m, edges, offsets_m, cutoff)
    for edge, offset_m, cost in zip(edges.tolist(), offsets_m.tolist(), costs, strict=True):
        path = router.path_between(start, start_m, edge, offset_m)
        if path is None:
            assert np.isinf(cost)
            continue
        path.validate(graph)
        # The part of a destination-only edge costs its share.
        lengths = graph.edge_length_m[path.edges].copy()
        lengths[-1] = path.end_offset_m
        lengths[0] -= path.start_offset_m
        priced = float((lengths * router.cost[path.edges] / graph.edge_length_m[path.edges]).sum())
        back = graph.edge_reverse[path.edges[:-1]] == path.edges[1:]
        priced += float(router.turning_cost[graph.edge_to[path.edges[:-1][back]]].sum())
        if priced <= cutoff * (1 - 1e-12):
            assert cost == pytest.approx(priced, rel=1e-9, abs=1e-9)
        elif priced > cutoff * (1 + 1e-12):
            assert np.isinf(cost)


def test_lorries_go_round_a_ban_and_a_destination_street():
    city = town(
        "A 0 0; B 500 0; C 500 300; D 0 300",
        "A-B residential no_goods name=Banned; A-D name=West; D-C name=North; C-B name=East",
    )
    a, b = city.nodes["A"], city.nodes["B"]
    banned = city.street("Banned")
    around = city.path("A-D") + city.path("D-C") + city.path("C-B")
    assert shortest_path(city.graph, a, b, weight="length").edges.tolist() == around
    as_car = shortest_path(city.graph, a, b, weight="length", goods=False)
    assert as_car.edges.tolist() == [e for e in banned if city.graph.edge_to[e] == b]
    assert shortest_path(city.graph, a, b, closed_edges=city.street("North")) is None
    assert shortest_path(city.graph, a, b, closed_edges=np.array(banned)) is not None


def test_a_destination_street_costs_more_but_is_open():
    city = town(
        "A 0 0; B 500 0; C 500 300; D 0 300; E 250 -100",
        "A-B destination; A-D; D-C; C-B; B-E destination",
    )
    a, b, e = (city.nodes[name] for name in "ABE")
    assert city.edge("A", "B") not in shortest_path(city.graph, a, b).edges
    assert shortest_path(city.graph, b, e).edges.tolist() == [city.edge("B", "E")]
    priced = edge_costs(city.graph, weight="length")
    assert priced[city.edge("A", "B")] == pytest.approx(DESTINATION_FACTOR * 500.0, rel=1e-4)


def test_time_prefers_the_fast_road_and_length_the_short_one():
    city = town("A 0 0; B 600 0; C 300 200", "A-B speed=20; A-C-B speed=60")
    a, b = city.nodes["A"], city.nodes["B"]
    assert shortest_path(city.graph, a, b, weight="length").length_m(city.graph) < 601.0
    assert shortest_path(city.graph, a, b, weight="time").length_m(city.graph) > 700.0


def test_an_unknown_weight_is_refused():
    with pytest.raises(ValueError, match="'miles', expected 'time' or 'length'"):
        shortest_path(GRID.graph, 0, 1, weight="miles")


@pytest.mark.parametrize("ends", [(0, 12), (-1, 0), (12, 12), (0.5, 1), (0, "1")])
def test_what_is_no_node_is_refused(ends):
    with pytest.raises(RoadnetError, match="expected a node of the graph, 0 to 11") as raised:
        shortest_path(GRID.graph, *ends)
    assert raised.value.code == "no_node"


def test_from_a_node_to_itself_is_a_path_without_edges():
    path = shortest_path(GRID.graph, 3, 3)
    assert path.edges.shape == (0,)
    assert path.length_m(GRID.graph) == 0.0
    assert path.lonlat(GRID.graph).shape == (0, 2)
    path.validate(GRID.graph)


def test_back_to_a_point_behind_on_the_same_edge_goes_round():
    edge = GRID.edge("n0_0", "n1_0")
    path = Router(GRID.graph, weight="length").path_between(edge, 60.0, edge, 40.0)
    path.validate(GRID.graph)
    assert path.edges[0] == path.edges[-1] == edge
    assert path.edges.shape[0] > 2


@given(st.floats(0, 1), st.floats(0, 1))
def test_points_of_a_path_are_as_long_as_it_says(start, end):
    graph = BENT.graph
    edges = BENT.path("A-B-C")
    first, last = graph.edge_length_m[edges]
    path = Path(np.array(edges), start * float(first), end * float(last))
    path.validate(graph)
    points = path.lonlat(graph)
    steps = haversine_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    assert steps.sum() == pytest.approx(path.length_m(graph), abs=1e-3)
    assert path.edge_begins_m(graph).tolist() == pytest.approx(
        [-path.start_offset_m, first - path.start_offset_m]
    )


def test_points_of_a_path_within_one_edge():
    edge = BENT.edge("A", "B")
    path = Path(np.array([edge]), 50.0, 140.0)
    assert path.length_m(BENT.graph) == 90.0
    wanted = BENT.lonlat((50, 0), (100, 0), (100, 40))
    assert path.lonlat(BENT.graph) == pytest.approx(wanted, abs=1e-7)


def test_a_path_keeps_its_edges_to_itself():
    edges = np.array(BENT.path("A-B"))
    path = Path(edges, 0.0, 1.0)
    edges[0] = 99
    assert path.edges.tolist() == BENT.path("A-B")
    with pytest.raises(ValueError, match="read-only"):
        path.edges[0] = 1


@pytest.mark.parametrize(
    ("edges", "start_m", "end_m", "said"),
    [
        ([], 1.0, 0.0, "without edges"),
        ([99], 0.0, 1.0, "in a graph of"),
        ([-1], 0.0, 1.0, "in a graph of"),
        ("C?", 0.0, 1.0, "does not begin where"),
        ("AB", -0.1, 1.0, "start_offset_m is -0.1"),
        ("AB", 0.0, 1e4, "end_offset_m is 10000"),
        ("AB", float("nan"), 1.0, "start_offset_m is nan"),
        ("AB", 50.0, 40.0, "before its start"),
    ],
)
def test_a_path_that_cannot_be_driven_is_refused(edges, start_m, end_m, said):
    if edges == "AB":
        edges = BENT.path("A-B")
    elif edges == "C?":
        edges = [BENT.edge("B", "C"), BENT.edge("A", "B")]
    with pytest.raises(RoadnetError, match=said) as caught:
        Path(np.array(edges, dtype=np.int32), start_m, end_m).validate(BENT.graph)
    assert caught.value.code == "path_broken"
