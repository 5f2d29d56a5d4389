"""Paths on a real city obey its banned turns, and cost what a search without short cuts finds."""

import numpy as np
import pytest

from roadnet.paths import Router
from tests.roadnet.real_data import real_network


@pytest.mark.parametrize("weight", ["time", "length"])
def test_heidelbergs_banned_turns_are_obeyed_at_the_least_cost(weight):
    graph = real_network("heidelberg.osm.pbf")
    assert graph.ban_count > 100
    router = Router(graph, weight=weight, landmarks=4)
    rng = np.random.default_rng(9)
    bans = list(graph.bans())
    sizes = {len(ban) for ban in bans}
    found = 0
    for ban in bans[::60]:
        start = ban[0]
        if not np.isfinite(router.cost[start]):
            continue
        goals = np.concatenate((ban[1:], rng.integers(graph.edge_count, size=8)))
        # Every state is labelled for many goals at once; for one goal, few nodes are.
        costs = router.costs_between(start, 0.0, goals, np.zeros(goals.shape[0]))
        for goal, cost in zip(goals.tolist(), costs.tolist(), strict=True):
            path = router.path_between(start, 0.0, goal, 0.0)
            if path is None:
                assert np.isinf(cost)
                continue
            path.validate(graph)
            driven = tuple(path.edges.tolist())
            pieces = {driven[k : k + size] for size in sizes for k in range(len(driven))}
            assert pieces.isdisjoint(bans)
            assert router.cost_of(path) == pytest.approx(cost, rel=1e-9)
            found += 1
    assert found > 25
