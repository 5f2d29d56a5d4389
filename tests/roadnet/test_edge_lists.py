from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

from roadnet.errors import NetworkError
from roadnet.graph import RoadGraph
from roadnet.types import FLAG_BRIDGE, FLAG_NO_GOODS, NO_EDGE, ROAD_CLASSES

NODES = [(8.0, 49.0), (8.001, 49.0), (8.002, 49.0), (8.1, 49.1)]


def edge(graph: RoadGraph, begin: int, end: int) -> int:
    (found,) = np.flatnonzero((graph.edge_from == begin) & (graph.edge_to == end))
    return int(found)


def refused(edges, nodes=NODES) -> str:
    with pytest.raises(NetworkError) as raised:
        RoadGraph.from_edges(nodes, edges)
    return str(raised.value)


def test_pairs_of_nodes_are_two_way_roads():
    graph = RoadGraph.from_edges(NODES, [(2, 1), (0, 1)])
    assert graph.check() == ()
    assert graph.node_lon.tolist() == [lon for lon, _ in NODES]
    ends = list(zip(graph.edge_from.tolist(), graph.edge_to.tolist(), strict=True))
    assert ends == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert graph.edge_reverse.tolist() == [1, 0, 3, 2]
    assert {ROAD_CLASSES[code] for code in graph.edge_class.tolist()} == {"road"}
    assert graph.edge_length_m[0] == pytest.approx(72.9, abs=0.1)


def test_attributes_bear_the_names_of_osm_tags():
    street = {
        "highway": "primary",
        "name": "滨江路",
        "oneway": True,
        "maxspeed": 60.0,
        "maxweight": "7.5 t",
        "hgv": "no",
        "hgv:conditional": "yes @ (22:00-06:00)",
        "bridge": True,
        "layer": 1,
        "osmid": 77,
        "geometry": LineString([(8.0, 49.0), (8.0005, 49.0002), (8.001, 49.0)]),
    }
    graph = RoadGraph.from_edges(NODES, [(0, 1, street)])
    assert graph.check() == ()
    assert graph.edge_count == 1
    assert graph.edge_reverse[0] == NO_EDGE
    assert graph.edge_flags[0] == FLAG_NO_GOODS | FLAG_BRIDGE
    assert (graph.name(0), graph.edge_speed_kmh[0], graph.edge_layer[0]) == ("滨江路", 60, 1)
    assert (graph.edge_max_weight_t[0], graph.edge_way_id[0]) == (7.5, 77)
    assert graph.conditions == ("", "yes @ (22:00-06:00)")
    assert graph.geometry(0).tolist() == [[8.0, 49.0], [8.0005, 49.0002], [8.001, 49.0]]


def test_columns_say_the_same_as_rows():
    columns = {
        "from": np.array([0, 1]),
        "to": np.array([1, 2]),
        "highway": ["primary", "service"],
        "oneway": np.array([False, True]),
        "maxspeed": [50, float("nan")],
        "geometry": [None, None],
    }
    rows = [
        (0, 1, {"highway": "primary", "maxspeed": 50}),
        (1, 2, {"highway": "service", "oneway": "yes"}),
    ]
    assert RoadGraph.from_edges(NODES, columns).same_as(RoadGraph.from_edges(NODES, rows))


def test_a_street_driven_against_its_points_and_a_country():
    graph = RoadGraph.from_edges(
        NODES, [(0, 1, {"oneway": "-1", "highway": "motorway"})], country="CN"
    )
    assert (graph.edge_from.tolist(), graph.edge_to.tolist()) == ([1], [0])
    assert graph.edge_speed_kmh.tolist() == [120]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((0, 9), "edge 1: to is 9; there are 4 nodes, from 0"),
        ((-1, 0), "from is -1"),
        ((0.5, 1), "from is 0.5; expected the number of a node"),
        ((True, 1), "from is True"),
        ("01", "expected (from, to)"),
        ((0,), "expected (from, to)"),
        ((0, 1, 2, 3), "expected (from, to)"),
        ((0, 1, {"highway": "footway"}), "highway is 'footway'; expected one of motorway"),
        ((0, 1, {"access": "no"}), "close it to all motor vehicles"),
        ((0, 0), "it has no length"),
        ((0, 1, {"geometry": [(8.0, 49.0)]}), "expected (k, 2)"),
        ((0, 1, {"geometry": [(8.0, 49.0), (8.5, 49.0)]}), "does not run from the node"),
        ((0, 1, {"geometry": "LINESTRING (8 49, 8.001 49)"}), "edge 1: "),
        ((0, 1, {"geometry": MultiLineString()}), "a MultiLineString; expected a LineString"),
        ((0, 1, 7), "edge 1: "),
        (5, "edge 1: "),
    ],
)
def test_faulty_edges_are_named_with_row_and_field(row, words):
    message = refused([(0, 1), row])
    assert message.startswith("edges: edge 1: ")
    assert words in message


def test_many_faults_are_told_together():
    message = refused([(0, 9)] * 12)
    assert message.count("\n") == 10
    assert message.endswith("... and 2 more")


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([(49.0, 108.0)], "these look like latitude before longitude"),
        ([(500_000.0, 5_400_000.0)], "these look like metres"),
        ([1.0, 2.0], "nodes have shape (2,)"),
        ([("a", "b")], "nodes are no numbers"),
        ([(float("nan"), 1.0)], "these are no numbers"),
    ],
)
def test_faulty_nodes(nodes, words):
    assert words in refused([], nodes)


def test_faulty_columns():
    assert "there is no column 'to'" in refused({"from": [0]})
    assert "columns differ in length" in refused({"from": [0], "to": [1], "name": []})


@pytest.mark.parametrize("edges", [None, 5])
def test_what_is_no_list_of_edges(edges):
    assert "expected rows (from, to), or columns by name" in refused(edges)


def test_attributes_that_are_no_tags_say_nothing():
    odd = {5: 6, "highway": None, "maxspeed": "abc", "layer": [], "name": float("nan")}
    assert RoadGraph.from_edges(NODES, [(0, 1, odd)]).same_as(RoadGraph.from_edges(NODES, [(0, 1)]))


def test_nothing_is_an_empty_graph():
    graph = RoadGraph.from_edges([], [])
    assert graph.check() == ()
    assert (graph.node_count, graph.edge_count) == (0, 0)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()).filter(
            lambda row: row[0] != row[1]
        ),
        max_size=12,
    )
)
def test_edges_are_those_of_the_rows(rows):
    graph = RoadGraph.from_edges(NODES, [(a, b, {"oneway": one}) for a, b, one in rows])
    assert graph.check() == ()
    expected = [(a, b) for a, b, _ in rows] + [(b, a) for a, b, one in rows if not one]
    found = zip(graph.edge_from.tolist(), graph.edge_to.tolist(), strict=True)
    assert sorted(found) == sorted(expected)
    assert int((graph.edge_reverse == NO_EDGE).sum()) == sum(one for _, _, one in rows)
