"""Ways round closed streets: rules on toy towns, and brute force on random graphs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.detours import BEGINS_CLOSED, ENDS_CLOSED, NO_WAY, DetourFinder
from roadnet.edge_path import Path
from roadnet.open_ways import OpenWays
from roadnet.paths import Router
from roadnet.ways_round import WINDOW_M
from tests.roadnet.oracle_turns import Streets, least_costs
from tests.roadnet.random_graphs import banned_graphs
from tests.roadnet.towns import grid_town, town

GRID = grid_town(5, 4)


def route(place, text):
    edges = place.path(text)
    return Path(np.array(edges), 0.0, float(place.graph.edge_length_m[edges[-1]]))


def both(place, first, second):
    return place.edges(first, second) + place.edges(second, first)


def test_the_way_round_a_block_is_two_blocks_longer():
    path = route(GRID, "n0_0-n1_0-n2_0-n3_0-n4_0")
    detour = DetourFinder(GRID.graph, both(GRID, "n2_0", "n3_0")).find(path)
    assert detour.added_m == pytest.approx(200.0, abs=0.5)
    assert detour.path.edges.tolist() == GRID.path("n0_0-n1_0-n2_0-n2_1-n3_1-n3_0-n4_0")
    (cut,) = detour.cut
    assert (cut.from_m, cut.to_m) == pytest.approx((200.0, 300.0), abs=0.5)
    assert (cut.closed_from_m, cut.closed_to_m) == (cut.from_m, cut.to_m)
    assert [way.tolist() for way in detour.ways_round] == [GRID.path("n2_0-n2_1-n3_1-n3_0")]


def test_a_route_that_no_closed_edge_is_on_has_no_detour():
    path = route(GRID, "n0_0-n1_0-n2_0")
    assert DetourFinder(GRID.graph, both(GRID, "n2_0", "n3_0")).find(path) is None


def test_a_route_drawn_the_long_way_is_not_straightened():
    path = route(GRID, "n0_0-n0_1-n0_2-n0_3-n1_3-n2_3-n3_3-n3_2-n3_1-n3_0")
    detour = DetourFinder(GRID.graph, both(GRID, "n1_3", "n2_3")).find(path)
    (cut,) = detour.cut
    assert cut.to_m - cut.from_m <= 500.0
    assert detour.path.edges[:2].tolist() == path.edges[:2].tolist()


def test_a_route_that_begins_or_ends_on_a_closed_street_has_no_way_round():
    path = route(GRID, "n0_0-n1_0-n2_0")
    begin = DetourFinder(GRID.graph, both(GRID, "n0_0", "n1_0")).find(path)
    assert (begin.reason, begin.path) == (BEGINS_CLOSED, None)
    assert DetourFinder(GRID.graph, both(GRID, "n1_0", "n2_0")).find(path).reason == ENDS_CLOSED


def test_a_bridge_without_another_has_no_way_round():
    place = town("A 0 0; B 100 0; C 200 0; D 300 0; E 100 100; F 200 100", "A-B-C-D; B-E; C-F")
    detour = DetourFinder(place.graph, both(place, "B", "C")).find(route(place, "A-B-C-D"))
    assert detour.reason == NO_WAY
    assert np.isnan(detour.added_m)


def test_streets_banned_to_goods_and_banned_turns_are_no_way_round():
    points = "A 0 0; B 100 0; C 200 0; D 300 0; E 100 100; F 200 100; G 100 300; H 200 300"
    streets = "A-B-C-D; B-E{}; E-F{}; F-C; E-G; G-H; H-F"
    near = town(points, streets.format("", ""))
    far = town(points, streets.format("", " no_goods"))
    turn = town(points, streets.format("", ""), bans="B-E-F")
    for place, expected in ((near, 200.0), (far, 600.0), (turn, 600.0)):
        detour = DetourFinder(place.graph, both(place, "B", "C")).find(route(place, "A-B-C-D"))
        assert detour.added_m == pytest.approx(expected, abs=1.0)


def test_a_route_permitted_on_a_goods_ban_may_be_rejoined_there():
    place = town(
        "A 0 0; B 100 0; C 200 0; D 300 0; E 100 100; F 200 100",
        "A-B no_goods; B-C no_goods; C-D no_goods; B-E; E-F; F-C",
    )
    detour = DetourFinder(place.graph, both(place, "B", "C")).find(route(place, "A-B-C-D"))
    assert detour.added_m == pytest.approx(200.0, abs=0.5)


def test_two_closures_near_to_each_other_and_two_far_apart():
    path = route(GRID, "n0_0-n1_0-n2_0-n3_0-n4_0")
    closed = both(GRID, "n1_0", "n2_0") + both(GRID, "n2_0", "n3_0")
    assert DetourFinder(GRID.graph, closed).find(path).added_m == pytest.approx(200.0, abs=0.5)
    long = grid_town(30, 2)
    far = route(long, "-".join(f"n{c}_0" for c in range(30)))
    closed = both(long, "n2_0", "n3_0") + both(long, "n25_0", "n26_0")
    detour = DetourFinder(long.graph, closed).find(far)
    assert len(detour.cut) == 2
    assert detour.added_m == pytest.approx(400.0, abs=0.5)


@st.composite
def cut_routes(draw):
    """A graph of a few hundred metres, a route on it, and closed edges on and off the route."""
    graph = draw(banned_graphs())
    graph = replace(graph, edge_length_m=graph.edge_length_m * 0.03)
    every = st.integers(0, graph.edge_count - 1)
    edges = [draw(every)]
    for _ in range(draw(st.integers(2, 5))):
        node = int(graph.edge_to[edges[-1]])
        onward = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        onward = [edge for edge in onward if edge != graph.edge_reverse[edges[-1]]]
        if onward:
            edges.append(draw(st.sampled_from(onward)))
    closed = {draw(st.sampled_from(edges))} | draw(st.sets(every, max_size=2))
    return graph, Path(np.array(edges), 0.0, float(graph.edge_length_m[edges[-1]])), closed


def ways_round(streets, graph, path, shut):
    """Every way round all closed edges: metres of route before and behind them given up, added."""
    marks = np.append(path.edge_begins_m(graph), path.length_m(graph))
    for leave in range(shut[0]):
        _, onto = least_costs(streets, {int(path.edges[leave]): 0.0})
        for rejoin in range(shut[-1] + 1, path.edges.shape[0]):
            cost = onto.get(int(path.edges[rejoin]), np.inf)
            added = max(cost - (marks[rejoin] - marks[leave + 1]), 0.0)
            yield marks[shut[0]] - marks[leave], marks[rejoin] - marks[shut[-1] + 1], added


@st.composite
def corridors(draw):
    """A street of up to 20 km, other roads from node to node of it, and a closed block of it."""
    blocks = draw(st.lists(st.integers(1, 15), min_size=5, max_size=12))
    x = np.cumsum([0, *blocks]) * 100
    points = "; ".join(f"p{k} {at} 0" for k, at in enumerate(x.tolist()))
    chain = "-".join(f"p{k}" for k in range(x.shape[0]))
    node = st.integers(0, x.shape[0] - 1)
    links = st.tuples(node, node, st.integers(1, 40), st.sampled_from("->")).filter(
        lambda link: link[0] != link[1]
    )
    roads = [
        f"p{one}{way}({(x[one] + x[other]) / 2},{150 * far}){way}p{other}"
        for one, other, far, way in draw(st.lists(links, min_size=1, max_size=8))
    ]
    shut = draw(st.integers(1, len(blocks) - 2))
    yards = [f"p{k}-({at},-30)" for k, at in enumerate(x.tolist())]
    return town(points, "; ".join([chain, *roads, *yards])), chain, shut


@settings(max_examples=60, deadline=None)
@given(corridors())
def test_it_is_looked_for_farther_away_until_it_adds_no_more_than_that(drawn):
    place, chain, shut = drawn
    graph = place.graph
    # Two nodes may be joined by other roads too; the street is the shortest.
    edges = [
        min(place.edges(*pair), key=lambda edge: graph.edge_length_m[edge])
        for pair in pairwise(chain.split("-"))
    ]
    path = Path(np.array(edges), 0.0, float(graph.edge_length_m[edges[-1]]))
    closed = [edges[shut], int(graph.edge_reverse[edges[shut]])]
    detour = DetourFinder(graph, closed).find(path)
    router = Router(graph, weight="length", closed_edges=closed)
    streets = Streets(
        graph.edge_from.tolist(),
        graph.edge_to.tolist(),
        graph.edge_reverse.tolist(),
        router.cost.tolist(),
        [],
        router.turning_cost.tolist(),
    )
    every = list(ways_round(streets, graph, path, [shut]))
    for window_m in WINDOW_M * 4.0 ** np.arange(5):
        best = min((a for *given_up, a in every if max(given_up) <= window_m), default=np.inf)
        if best <= window_m:
            break
    if detour.path is None:
        assert best == np.inf
    else:
        detour.path.validate(graph)
        cost = router.cost_of(detour.path) - Router(graph, weight="length").cost_of(path)
        assert max(cost, 0.0) == pytest.approx(best, abs=0.2)


@settings(max_examples=50, deadline=None)
@given(cut_routes())
def test_what_was_measured_on_the_open_network_serves_every_closure(drawn):
    graph, path, closed = drawn
    measured = Router(graph, weight="length", landmarks=2)
    alone = DetourFinder(graph, sorted(closed)).find(path)
    shared = DetourFinder(graph, sorted(closed), measured=measured).find(path)
    assert shared.reason == alone.reason
    assert shared.cut == alone.cut
    assert shared.added_m == pytest.approx(alone.added_m, abs=1e-6, nan_ok=True)


def test_far_from_the_closure_a_way_round_is_found_if_there_is_one():
    # A causeway of 60 blocks with yards on it; the other road leaves before and comes back behind.
    causeway = "-".join(["W", *(f"c{k}" for k in range(1, 60)), "E"])
    blocks = "; ".join(f"c{k} {100 * k} 0; s{k} {100 * k} 80" for k in range(1, 60))
    yards = "; ".join(f"c{k}-s{k}" for k in range(1, 60))
    place = town(
        f"X -100 0; W 0 0; E 6000 0; Y 6100 0; M 3000 1000; N 3000 1100; {blocks}",
        f"X-W; {causeway}; E-Y; W-M-E; M-N; {yards}",
    )
    path = route(place, f"X-{causeway}-Y")
    closed = both(place, "c30", "c31")
    detour = DetourFinder(place.graph, closed).find(path)
    assert detour.path.edges.tolist() == place.path("X-W-M-E-Y")
    closed += both(place, "W", "M")
    assert DetourFinder(place.graph, closed).find(path).reason == NO_WAY


@settings(max_examples=100, deadline=None)
@given(cut_routes())
def test_it_is_open_permitted_and_adds_what_brute_force_adds(drawn):
    graph, path, closed = drawn
    detour = DetourFinder(graph, sorted(closed)).find(path)
    shut = [place for place, edge in enumerate(path.edges.tolist()) if edge in closed]
    if shut[0] == 0 or shut[-1] == path.edges.shape[0] - 1:
        assert detour.path is None
        return
    router = Router(graph, weight="length", closed_edges=sorted(closed))
    streets = Streets(
        graph.edge_from.tolist(),
        graph.edge_to.tolist(),
        graph.edge_reverse.tolist(),
        router.cost.tolist(),
        list(graph.bans()),
        router.turning_cost.tolist(),
    )
    best = min(added for *_, added in ways_round(streets, graph, path, shut))
    if detour.path is None:
        # Bans of three edges and more may forbid what brute force allows from one edge on.
        assert best == np.inf or any(len(ban) > 2 for ban in graph.bans())
        return
    detour.path.validate(graph)
    assert not closed & set(detour.path.edges.tolist())
    if router.turns.first_ban(path.edges) is None:
        assert router.turns.first_ban(detour.path.edges) is None
    cost = router.cost_of(detour.path) - Router(graph, weight="length").cost_of(path)
    assert detour.added_m == pytest.approx(
        detour.path.length_m(graph) - path.length_m(graph), abs=1e-6
    )
    if all(len(ban) == 2 for ban in graph.bans()) and not graph.edge_flags[path.edges].any():
        assert max(cost, 0.0) <= best + 0.2


def test_open_ways_hold_the_streets_near_the_shortest_way_round():
    path = route(GRID, "n0_0-n1_0-n2_0-n3_0-n4_0")
    closed = both(GRID, "n2_0", "n3_0")
    edges = set(OpenWays(GRID.graph, closed).edges(path).tolist())
    assert not edges & set(closed)
    assert set(GRID.path("n2_0-n2_1-n3_1-n3_0")) <= edges
    long = grid_town(30, 30)
    far = route(long, "n0_0-n1_0-n2_0-n3_0")
    edges = set(OpenWays(long.graph, both(long, "n1_0", "n2_0")).edges(far).tolist())
    assert long.edge("n20_20", "n21_20") not in edges
    assert OpenWays(long.graph, []).edges(far).size == 0
