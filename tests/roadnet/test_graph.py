from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from roadnet.errors import RoadnetError
from tests.roadnet.towns import grid_town, town

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

GRAPH = town(
    "A 0 0; B 100 0; C 200 0; D 100 80",
    "A-B primary name=Long; B-C primary name=Long way=3; B>(110,40)>D residential name=Short",
).graph


def changed(**columns: Any) -> RoadGraph:
    """The graph with some columns replaced, or changed at places by {place: value}."""
    new = dict(columns)
    for name, change in columns.items():
        if isinstance(change, dict):
            new[name] = getattr(GRAPH, name).copy()
            new[name][list(change)] = list(change.values())
    return replace(GRAPH, **new)


def banned(*sequences: tuple[int, ...]) -> dict[str, Any]:
    """The columns of some forbidden sequences of edges."""
    offsets = np.cumsum([0, *(len(sequence) for sequence in sequences)], dtype=np.int64)
    edges = [edge for sequence in sequences for edge in sequence]
    return {"ban_offsets": offsets, "ban_edges": np.array(edges, dtype=np.int32)}


def test_bans_are_given_as_they_were_put_in():
    graph = changed(**banned((0, 1), (0, 2, 4)))
    assert graph.check() == ()
    assert graph.ban_count == 2
    assert list(graph.bans()) == [(0, 1), (0, 2, 4)]
    assert not graph.same_as(GRAPH)


def test_a_sound_graph_has_no_fault():
    assert GRAPH.check() == ()
    assert grid_town(4, 3).graph.check() == ()
    GRAPH.validate()


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"edge_name": GRAPH.edge_name[:-1]}, "edge_name has shape (4,), not (5,)"),
        ({"edge_class": GRAPH.edge_class.astype(np.int64)}, "edge_class is int64, not uint8"),
        ({"node_lon": np.repeat(GRAPH.node_lon, 2)[::2]}, "node_lon is not contiguous"),
        ({"out_offsets": {1: 9}}, "out_offsets does not rise"),
        ({"in_offsets": {0: 1}}, "in_offsets does not rise"),
        ({"geometry_offsets": {1: 1}}, "geometry_offsets does not rise"),
        ({"edge_to": {0: 17}}, "edge_to names nodes that there are not"),
        ({"edge_reverse": {0: -2}}, "edge_reverse names edges that there are not"),
        ({"out_offsets": {1: 2}}, "out_offsets and edge_from differ"),
        ({"edge_way_id": {1: 5, 2: 0}, "edge_to": {1: 2, 2: 2}}, "edges are not sorted"),
        ({"in_edges": {0: 0, 1: 1}}, "in_edges are not the edges sorted"),
        ({"in_offsets": {1: 0}}, "in_offsets and edge_to differ"),
        ({"edge_reverse": {0: 3}}, "edge_reverse is not symmetric"),
        ({"edge_reverse": {3: 3}}, "edge_reverse is not symmetric"),
        ({"edge_reverse": {0: 3, 3: 0, 1: -1}}, "do not join the same nodes"),
        ({"node_lat": {1: 27.9}}, "geometry does not begin at its node"),
        ({"node_lat": {3: 27.9}}, "geometry does not end at its node"),
        ({"geometry_lat": {0: np.nan}}, "coordinates are no degrees"),
        ({"edge_length_m": {0: 99.0}}, "edge_length_m is not the length"),
        ({"edge_length_m": {0: 0.0}}, "an edge has no length"),
        ({"edge_class": {0: 99}}, "edge_class has codes"),
        ({"edge_speed_kmh": {0: 0.0}}, "edge_speed_kmh is not above 0"),
        ({"edge_speed_kmh": {0: np.inf}}, "edge_speed_kmh is not above 0"),
        ({"names": ("Long", "Short", "")}, "names are not sorted"),
        ({"names": ("", "Long")}, "edge_name names names that there are not"),
        ({"edge_condition": {2: 1}}, "edge_condition names conditions that there are not"),
        ({"conditions": ()}, "conditions are not sorted"),
        ({"edge_max_height_m": {1: np.nan}}, "edge_max_height_m is not above 0"),
        (banned((0, 17)), "ban_edges names edges that there are not"),
        (banned((0,)), "ban_offsets does not rise"),
        (banned((0, 4)), "a ban is of edges that do not follow each other"),
        (banned((0, 2), (0, 1)), "bans are not in ascending order"),
        (banned((0, 2), (0, 2)), "bans are not in ascending order"),
    ],
)
def test_every_broken_invariant_is_found(columns, fault):
    assert any(fault in found for found in changed(**columns).check())


def test_a_reverse_along_other_points_is_found():
    curved = town("A 0 0; B 100 0", "A-(50,20)-B").graph
    bent = replace(curved, geometry_lat=np.concatenate((curved.geometry_lat[:4], [27.9], [27.81])))
    assert "an edge and its reverse do not run along the same points" in bent.check()


def test_a_reverse_with_other_points_is_found():
    two = town("A 0 0; B 100 0", "A>(50,20)>B; B>A").graph
    paired = replace(two, edge_reverse=np.array([1, 0], dtype=np.int32))
    assert paired.check() == ("an edge and its reverse differ in their number of points",)


def test_validate_names_every_fault_at_once():
    with pytest.raises(RoadnetError, match=r"edge_class has codes.*edge_speed_kmh") as raised:
        changed(edge_class={0: 99}, edge_speed_kmh={0: -1.0}).validate()
    assert raised.value.code == "graph_invalid"


def test_graphs_are_the_same_when_all_arrays_and_names_are():
    assert GRAPH.same_as(changed())
    assert not GRAPH.same_as(changed(edge_layer={0: 1}))
    assert not GRAPH.same_as(changed(names=("", "Long", "Shorter")))
