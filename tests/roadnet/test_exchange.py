from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from shapely import LineString

from roadnet.assemble import assemble_graph
from roadnet.errors import NetworkError
from roadnet.exchange import from_networkx, to_networkx
from roadnet.types import FLAG_BRIDGE, FLAG_NO_GOODS, FLAG_SIGNALS, NO_EDGE, ROAD_CLASSES
from tests.roadnet.random_ways import SIDE, ways
from tests.roadnet.towns import town


@given(ways())
@example([])
def test_there_and_back_keeps_the_graph(drawn):
    graph = assemble_graph(drawn)
    assert from_networkx(to_networkx(graph)).same_as(graph)


@given(ways(least_id=-SIDE * SIDE, most_id=SIDE * SIDE))
def test_there_and_back_keeps_the_graph_though_nodes_have_no_osm_ids(drawn):
    graph = assemble_graph(drawn)
    assert from_networkx(to_networkx(graph)).same_as(graph)


def test_attributes_are_those_of_osmnx():
    made = town(
        "A 0 0; B 100 0 signals; C 200 0",
        "A-(50,10)-B primary name='Long Street' bridge layer=1 speed=60 way=7; B>C no_goods way=8",
    )
    network = to_networkx(made.graph)
    assert network.graph["crs"] == "epsg:4326"
    assert network.nodes[2]["highway"] == "traffic_signals"
    assert network.nodes[1] == {"x": made.graph.node_lon[0], "y": made.graph.node_lat[0]}
    street = network.edges[1, 2, 0]
    line = street.pop("geometry")
    assert isinstance(line, LineString)
    assert list(line.coords) == [tuple(p) for p in made.graph.geometry(made.edge("A", "B"))]
    assert street == {
        "osmid": 7,
        "length": pytest.approx(102.0, abs=0.1),
        "highway": "primary",
        "oneway": False,
        "maxspeed": "60",
        "bridge": "yes",
        "name": "Long Street",
        "layer": "1",
    }
    assert network.edges[2, 3, 0]["oneway"] is True
    assert network.edges[2, 3, 0]["hgv"] == "no"


def osmnx_like() -> nx.MultiDiGraph:
    """A graph as osmnx leaves it: lists where ways were merged, straight edges without geometry."""
    network = nx.MultiDiGraph(crs="EPSG:4326", simplified=True)
    network.add_node(101, x=8.0, y=49.0, street_count=1)
    network.add_node(102, x=8.001, y=49.0, street_count=3, highway="traffic_signals")
    network.add_node(103, x=8.001, y=49.001, street_count=1)
    both = {"osmid": [5, 6], "highway": ["primary", "secondary"], "oneway": False}
    both |= {"lanes": "2", "maxspeed": ["50", "30"], "name": ["Long", "Short"], "length": 73.0}
    network.add_edge(101, 102, **both, reversed=False)
    network.add_edge(102, 101, **both, reversed=True)
    line = LineString([(8.001, 49.001), (8.0015, 49.0005), (8.001, 49.0)])  # against its edge
    one = {"osmid": 9, "highway": "residential", "oneway": True, "bridge": "yes", "hgv": "no"}
    network.add_edge(102, 103, **one, length=140.0, geometry=line, name=float("nan"))
    network.add_edge(103, 101, osmid=10, highway="footway", oneway=False, length=150.0)
    network.add_edge(101, 103, osmid=11, highway="service", access="no", length=150.0)
    network.add_edge(101, 101, osmid=12, highway="service", length=0.0)
    return network


def test_a_graph_of_osmnx_is_understood():
    graph = from_networkx(osmnx_like())
    assert graph.check() == ()
    assert graph.node_osm_id.tolist() == [101, 102, 103]
    # A footway, a closed road and an edge without length are left out.
    assert graph.edge_count == 3
    forth, back, curve = range(3)
    assert graph.edge_reverse.tolist() == [back, forth, NO_EDGE]
    assert graph.edge_way_id.tolist() == [5, 5, 9]
    assert [ROAD_CLASSES[code] for code in graph.edge_class] == [
        "primary",
        "primary",
        "residential",
    ]
    assert graph.edge_speed_kmh.tolist() == [50.0, 50.0, 30.0]
    assert [graph.name(edge) for edge in range(3)] == ["Long", "Long", ""]
    assert graph.geometry(curve).tolist() == [[8.001, 49.0], [8.0015, 49.0005], [8.001, 49.001]]
    assert graph.edge_flags.tolist() == [FLAG_SIGNALS, 0, FLAG_BRIDGE | FLAG_NO_GOODS]


def test_another_projection_is_refused():
    network = osmnx_like()
    network.graph["crs"] = "EPSG:32632"
    with pytest.raises(NetworkError, match="epsg:32632; expected epsg:4326"):
        from_networkx(network)


def test_metres_for_degrees_are_refused():
    network = osmnx_like()
    network.nodes[103]["x"] = 477_000.0
    with pytest.raises(NetworkError, match="look like metres"):
        from_networkx(network)


def test_a_node_without_a_place_is_refused():
    network = osmnx_like()
    del network.nodes[103]["y"]
    with pytest.raises(NetworkError, match="node 103: it has no number y"):
        from_networkx(network)


@pytest.mark.parametrize("kind", [nx.DiGraph, nx.Graph, nx.MultiGraph])
def test_graphs_of_another_kind_are_refused(kind):
    with pytest.raises(NetworkError, match=rf"a {kind.__name__}; expected a networkx.MultiDiGraph"):
        from_networkx(kind(osmnx_like()))


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ("LINESTRING (8 49, 9 49)", "a str; expected a shapely.LineString"),
        (shapely.MultiLineString([[(8.0, 49.0), (8.001, 49.0)]]), "a MultiLineString; expected"),
        (LineString([(8.0, 49.0), (4e5, 5e6), (8.001, 49.0)]), "look like metres"),
        (LineString([(8.0, 49.0), (8.0, np.inf), (8.001, 49.0)]), "no numbers"),
    ],
)
def test_a_geometry_that_is_no_line_in_degrees_is_refused(geometry, words):
    network = osmnx_like()
    network.edges[101, 102, 0]["geometry"] = geometry
    with pytest.raises(NetworkError, match=rf"edge 101 to 102: .*{words}"):
        from_networkx(network)


@pytest.mark.parametrize("missing", [None, np.nan, LineString()])
def test_an_edge_without_geometry_is_straight(missing):
    network = osmnx_like()
    network.edges[101, 102, 0]["geometry"] = missing
    assert from_networkx(network).same_as(from_networkx(osmnx_like()))


@pytest.mark.parametrize("ban", [7, [(101, 102, 0)], [(101, 102, 0), 5], [(101, 102, 0)] * 2, "ab"])
def test_bans_that_are_no_sequences_of_edges_are_refused(ban):
    network = osmnx_like()
    network.graph["bans"] = [ban]
    with pytest.raises(NetworkError, match="expected edges"):
        from_networkx(network)


def test_bans_limits_and_conditions_go_there_and_back():
    made = town(
        "A 0 0; B 100 0; C 200 0; D 100 80",
        "A-B-C maxweight=7.5 maxheight=3.8; B-D maxwidth=2.2 condition='no @ (22:00-06:00)'",
        bans="A-B-D; C-B-C; A-B-C",
    )
    network = to_networkx(made.graph)
    assert ((1, 2, 0), (2, 4, 0)) in network.graph["bans"]
    street = network.edges[1, 2, 0]
    assert (street["maxweight"], street["maxheight"]) == ("7.5", "3.8")
    assert network.edges[2, 4, 0]["hgv:conditional"] == "no @ (22:00-06:00)"
    assert from_networkx(network).same_as(made.graph)
    # A ban of an edge that was taken out goes with it.
    network.remove_edge(2, 4, 0)
    assert from_networkx(network).ban_count == 2


def test_an_edge_that_osmnx_turned_round_has_the_tags_of_its_own_direction():
    network = nx.MultiDiGraph(crs="EPSG:4326")
    network.add_node(1, x=8.0, y=49.0)
    network.add_node(2, x=8.001, y=49.0)
    tags = {"osmid": 5, "highway": "primary", "oneway": False, "maxspeed": "50"}
    tags |= {"maxspeed:backward": "30", "hgv:backward": "no"}
    network.add_edge(1, 2, **tags, reversed=False)
    network.add_edge(2, 1, **tags, reversed=True)
    graph = from_networkx(network)
    assert graph.edge_speed_kmh.tolist() == [50, 30]
    assert (graph.edge_flags & FLAG_NO_GOODS).tolist() == [0, FLAG_NO_GOODS]
    assert graph.edge_reverse.tolist() == [1, 0]
