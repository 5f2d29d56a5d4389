from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roadnet.vehicles import Vehicle, forbidden_edges, over_limit
from tests.roadnet.towns import town

TOWN = town("A 0 0; B 100 0; C 200 0; D 300 0", "A>B; B>C no_goods; C>D")
BEHIND_BRIDGE = replace(
    TOWN.graph, edge_max_height_m=np.array([np.inf, np.inf, 3.8], dtype=np.float32)
)


@pytest.mark.parametrize(
    ("vehicle", "forbidden"),
    [
        (Vehicle(), [False, True, False]),
        (Vehicle(goods=False), [False, False, False]),
        (Vehicle(height_m=3.8), [False, True, False]),
        (Vehicle(height_m=3.81, goods=False), [False, False, True]),
        (Vehicle(weight_t=40.0, width_m=2.5, goods=False), [False, False, False]),
    ],
)
def test_a_vehicle_may_not_drive_where_it_is_banned_or_too_large(vehicle, forbidden):
    assert forbidden_edges(BEHIND_BRIDGE, vehicle).tolist() == forbidden


def test_closed_edges_are_forbidden_to_all():
    found = forbidden_edges(TOWN.graph, Vehicle(goods=False), closed_edges=iter([2]))
    assert found.tolist() == [False, False, True]


@pytest.mark.parametrize("name", ["weight_t", "height_m", "width_m"])
def test_each_limit_counts_for_its_own_measure(name):
    limit = np.array([np.inf, 3.0, np.inf], dtype=np.float32)
    graph = replace(TOWN.graph, **{f"edge_max_{name}": limit})
    for other in ("weight_t", "height_m", "width_m"):
        assert over_limit(graph, Vehicle(**{other: 3.5})).tolist() == [False, other == name, False]
