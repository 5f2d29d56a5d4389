"""Banned turns are obeyed: paths cost what an explicit expansion of the graph says, and break none."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.paths import Router, shortest_path
from roadnet.turns import BANNED, find_turns
from roadnet.types import FLAG_NO_GOODS
from roadnet.vehicles import Vehicle
from tests.roadnet.oracle_turns import Streets, least_costs
from tests.roadnet.random_graphs import banned_graphs, with_bans
from tests.roadnet.towns import grid_town, town

CROSS = town(
    """
    W 0 0; X 300 0; E 600 0; F 900 0; N 300 300; S 300 -300; M 300 600; G 600 -300
    """,
    "W-X-E-F name=Long; S-X-N-M name=Cross; N-(600,300)-E name=Ring; G-E name=Side",
)


def streets_of(graph, router):
    return Streets(
        graph.edge_from.tolist(),
        graph.edge_to.tolist(),
        graph.edge_reverse.tolist(),
        router.cost.tolist(),
        list(graph.bans()),
        router.turning_cost.tolist(),
    )


def breaks_a_ban(graph, edges):
    edges = tuple(edges)
    return any(
        edges[place : place + len(ban)] == ban
        for ban in graph.bans()
        for place in range(len(edges))
    )


def check(graph, router, path, wanted):
    """A path that can be driven, obeys the bans, and costs what it should."""
    if path is None:
        assert wanted is None
        return
    path.validate(graph)
    assert not breaks_a_ban(graph, path.edges.tolist())
    assert router.turns.first_ban(path.edges.tolist()) is None
    assert router.cost_of(path) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(banned_graphs(), st.sampled_from(["time", "length"]), st.sampled_from([0, 2]))
def test_paths_between_nodes_cost_what_the_expanded_graph_says(graph, weight, landmarks):
    router = Router(graph, weight=weight, landmarks=landmarks)
    streets = streets_of(graph, router)
    for source in range(graph.node_count):
        leaving = range(graph.out_offsets[source], graph.out_offsets[source + 1])
        starts = {e: streets.cost[e] for e in leaving if np.isfinite(streets.cost[e])}
        truth, _ = least_costs(streets, starts)
        truth[source] = 0.0
        tree = router.tree(source)
        for target in range(graph.node_count):
            wanted = truth.get(target)
            assert tree.cost[target] == pytest.approx(np.inf if wanted is None else wanted)
            for path in (router.path(source, target), tree.path_to(target)):
                check(graph, router, path, wanted)
                if path is not None and target != source:
                    assert graph.edge_from[path.edges[0]] == source
                    assert graph.edge_to[path.edges[-1]] == target


@settings(max_examples=80, deadline=None)
@given(banned_graphs(), st.data())
def test_paths_between_edges_cost_what_the_expanded_graph_says(graph, data):
    router = Router(graph, weight="length", landmarks=data.draw(st.sampled_from([0, 2])))
    streets = streets_of(graph, router)
    start = data.draw(st.integers(0, graph.edge_count - 1))
    if np.isinf(router.cost[start]):
        return
    share = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    from_m = share * float(graph.edge_length_m[start])
    _, onto = least_costs(streets, {start: (1.0 - share) * streets.cost[start]})
    edges = np.arange(graph.edge_count)
    ends_m = graph.edge_length_m * 0.25
    costs = router.costs_between(start, from_m, edges, ends_m)
    for edge, end_m in enumerate(ends_m.tolist()):
        part = 0.25 * streets.cost[edge]
        wanted = onto[edge] + part if edge in onto else None
        if edge == start and share <= 0.25:
            wanted = (0.25 - share) * streets.cost[edge]
        check(graph, router, router.path_between(start, from_m, edge, end_m), wanted)
        assert costs[edge] == pytest.approx(np.inf if wanted is None else wanted, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(banned_graphs(), st.data())
def test_the_states_know_a_broken_ban_when_it_breaks(graph, data):
    turns = find_turns(graph)
    drive = [data.draw(st.integers(0, graph.edge_count - 1))]
    for _ in range(data.draw(st.integers(0, 8))):
        node = int(graph.edge_to[drive[-1]])
        leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        if leaving:
            drive.append(data.draw(st.sampled_from(leaving)))
    broken = [k for k in range(len(drive)) if breaks_a_ban(graph, drive[: k + 1])]
    assert turns.first_ban(drive) == (broken[0] if broken else None)


def test_a_banned_left_turn_is_driven_round_the_block_not_by_turning_round():
    left = CROSS.path("W-X-N")
    graph = with_bans(CROSS.graph, [left])
    path = shortest_path(graph, CROSS.nodes["W"], CROSS.nodes["N"], weight="length")
    assert path.edges.tolist() == CROSS.path("W-X-E-N")
    for free in ({"goods": False}, {"bans": False}, {"vehicle": Vehicle(goods=False)}):
        path = shortest_path(graph, CROSS.nodes["W"], CROSS.nodes["N"], weight="length", **free)
        assert path.edges.tolist() == left


def test_a_lorry_turns_round_where_nothing_else_is_left():
    city = town("W 0 0; X 300 0; E 600 0; N 300 300", "W-X-E; X-N")
    graph = with_bans(city.graph, [city.path("W-X-N")])
    path = shortest_path(graph, city.nodes["W"], city.nodes["N"])
    assert path.edges.tolist() == city.path("W-X-E-X-N")


def test_a_ban_by_way_of_other_edges_bans_only_the_whole():
    city = town(
        "A 0 0; B 300 0; C 340 0; D 640 0; P 300 -300; Q 340 -300",
        "A>B>C>D; P>B; C>Q",
    )
    u_turn = city.path("A-B-C-Q")
    graph = with_bans(city.graph, [u_turn])
    assert shortest_path(graph, city.nodes["A"], city.nodes["Q"]) is None
    assert shortest_path(graph, city.nodes["P"], city.nodes["Q"]).edges.tolist() == city.path(
        "P-B-C-Q"
    )
    assert shortest_path(graph, city.nodes["A"], city.nodes["D"]).edges.tolist() == city.path(
        "A-B-C-D"
    )
    turns = find_turns(graph)
    assert turns.count == graph.edge_count + 1
    between = turns.step(u_turn[0], u_turn[1])
    assert turns.state_edge[between] == u_turn[1]
    assert turns.step(between, u_turn[2]) == BANNED
    assert turns.step(between, city.edge("C", "D")) == city.edge("C", "D")


def test_limits_close_streets_to_what_exceeds_them():
    city = town(
        "A 0 0; B 500 0; C 500 300; D 0 300",
        "A-B name=Low; A-D; D-C; C-B",
    )
    height = np.full(city.graph.edge_count, np.inf, dtype=np.float32)
    height[city.street("Low")] = 3.8
    graph = replace(city.graph, edge_max_height_m=height)
    a, b = city.nodes["A"], city.nodes["B"]
    low = shortest_path(graph, a, b, vehicle=Vehicle(height_m=3.8))
    assert low.edges.tolist() == [city.edge("A", "B")]
    high = shortest_path(graph, a, b, vehicle=Vehicle(height_m=4.0))
    assert city.edge("A", "B") not in high.edges


def test_a_car_may_drive_where_lorries_may_not():
    city = town("A 0 0; B 500 0", "A-B no_goods")
    a, b = city.nodes["A"], city.nodes["B"]
    assert (city.graph.edge_flags & FLAG_NO_GOODS).all()
    assert shortest_path(city.graph, a, b) is None
    assert shortest_path(city.graph, a, b, vehicle=Vehicle(goods=False)) is not None


def test_one_router_answers_many_threads_alike():
    city = grid_town(12, 12)
    rng = np.random.default_rng(5)
    bans = []
    for edge in rng.choice(city.graph.edge_count, 60, replace=False).tolist():
        node = int(city.graph.edge_to[edge])
        bans.append((edge, int(city.graph.out_offsets[node])))
    graph = with_bans(city.graph, bans)
    router = Router(graph, landmarks=3)
    pairs = rng.integers(graph.node_count, size=(60, 2)).tolist()
    alone = [router.path(*pair) for pair in pairs]
    found = {}

    def ask(number):
        found[number] = [router.path(*pair) for pair in pairs]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for paths in found.values():
        for path, one in zip(paths, alone, strict=True):
            assert path.edges.tolist() == one.edges.tolist()
    assert len(found) == 4
