from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.graph import ARRAYS, RoadGraph
from roadnet.types import FLAG_BRIDGE, FLAG_SIGNALS, NO_EDGE, NO_OSM_ID, ROAD_CLASSES
from roadnet.ways import BACKWARD, FORWARD, Way
from tests.roadnet.random_ways import SIDE, ways
from tests.roadnet.towns import town


def directed_edges(drawn: list[Way]) -> Counter[tuple[object, ...]]:
    """Cut ways at junctions point by point: what the graph must hold."""
    chains = []
    for way in drawn:
        chain: list[tuple[int, float, float]] = []
        for point in zip(way.node_ids.tolist(), way.lon.tolist(), way.lat.tolist(), strict=True):
            if not chain or chain[-1][0] != point[0]:
                chain.append(point)
        chains.append(chain)
    visits = Counter(point[0] for chain in chains for point in chain)
    signals = {
        int(way.node_ids[place]) for way in drawn for place in np.flatnonzero(way.signals).tolist()
    }
    found: Counter[tuple[object, ...]] = Counter()
    for way, chain in zip(drawn, chains, strict=True):
        last = len(chain) - 1
        cuts = [i for i, p in enumerate(chain) if i in (0, last) or visits[p[0]] > 1]
        for begin, end in pairwise(cuts):
            piece = chain[begin : end + 1]
            directions = [piece] if way.oneway >= 0 else []
            directions += [piece[::-1]] if way.oneway <= 0 else []
            for line in directions:
                flags = way.flags | (FLAG_SIGNALS if line[-1][0] in signals else 0)
                points = tuple((lon, lat) for _, lon, lat in line)
                what = (way.road_class, np.float32(way.speed_kmh), flags, way.layer, way.name)
                key = (line[0][0], line[-1][0], way.way_id, points, *what, way.oneway == 0)
                found[key] += 1
    return found


def edges_of(graph: RoadGraph) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            int(graph.node_osm_id[graph.edge_from[edge]]),
            int(graph.node_osm_id[graph.edge_to[edge]]),
            int(graph.edge_way_id[edge]),
            tuple(map(tuple, graph.geometry(edge).tolist())),
            int(graph.edge_class[edge]),
            graph.edge_speed_kmh[edge],
            int(graph.edge_flags[edge]),
            int(graph.edge_layer[edge]),
            graph.name(edge),
            bool(graph.edge_reverse[edge] != NO_EDGE),
        )
        for edge in range(graph.edge_count)
    )


@given(ways())
def test_the_graph_holds_what_cutting_point_by_point_gives(drawn):
    graph = assemble_graph(drawn)
    assert graph.check() == ()
    assert edges_of(graph) == directed_edges(drawn)


@given(ways(least_id=-2 * SIDE * SIDE, most_id=2 * SIDE * SIDE))
def test_the_graph_is_sound_when_several_ids_are_at_one_place(drawn):
    graph = assemble_graph(drawn)
    assert graph.check() == ()
    # Whatever two ways join at one id stays joined: no edge was dropped for having no length.
    reached = {tuple(point) for edge in range(graph.edge_count) for point in graph.geometry(edge)}
    for way in drawn:
        places = set(zip(way.lon.tolist(), way.lat.tolist(), strict=True))
        if len(places) > 1:
            assert places <= reached


@given(ways(), st.randoms(use_true_random=False))
def test_the_order_of_ways_with_ids_does_not_matter(drawn, random):
    numbered = [
        Way(**{**{f: getattr(way, f) for f in way.__slots__}, "way_id": number})
        for number, way in enumerate(drawn, 1)
    ]
    shuffled = list(numbered)
    random.shuffle(shuffled)
    assert assemble_graph(numbered).same_as(assemble_graph(shuffled))


def test_a_street_is_cut_where_others_meet_it_and_nowhere_else():
    crossing = town(
        "W 0 0; M 100 0; E 200 0; N 100 100; bend 150 0",
        "W-M-bend-E primary name=Long way=7; M-N residential name=Short way=8",
    )
    graph = crossing.graph
    assert (graph.node_count, graph.edge_count) == (4, 6)
    assert set(crossing.nodes) == {"W", "M", "E", "N"}
    eastward = crossing.edge("M", "E")
    assert graph.geometry(eastward).shape == (3, 2)
    assert graph.edge_length_m[eastward] == pytest.approx(100.0)
    assert graph.name(eastward) == "Long"
    assert graph.edge_way_id[eastward] == 7
    assert graph.edge_reverse[eastward] == crossing.edge("E", "M")
    assert ROAD_CLASSES[graph.edge_class[crossing.edge("N", "M")]] == "residential"


def test_a_one_way_street_has_no_reverse_and_minus_one_runs_against_its_points():
    lon, lat, ids = np.array([8.0, 8.001]), np.array([49.0, 49.0]), np.array([1, 2])
    for oneway, ends in ((FORWARD, (1, 2)), (BACKWARD, (2, 1))):
        graph = assemble_graph([Way(lon, lat, ids, 4, 50.0, oneway=oneway)])
        assert graph.edge_count == 1
        assert graph.edge_reverse.tolist() == [NO_EDGE]
        edge_ends = graph.node_osm_id[[graph.edge_from[0], graph.edge_to[0]]]
        assert tuple(edge_ends.tolist()) == ends
        assert graph.geometry(0)[0, 0] == (8.0 if oneway == FORWARD else 8.001)


def test_a_node_that_one_way_visits_twice_is_a_junction():
    lollipop = town("A 0 0; B 100 0; C 150 50; D 150 -50", "A-B-C-D-B residential way=5")
    assert set(lollipop.nodes) == {"A", "B"}
    loops = lollipop.edges("B", "B")
    assert len(loops) == 2
    assert lollipop.graph.edge_reverse[loops[0]] == loops[1]


def test_points_at_one_place_are_one_node_though_their_ids_differ():
    lon = np.array([8.0, 8.001, 8.001, 8.002])
    lat = np.full(4, 49.0)
    main = Way(lon, lat, np.array([1, 2, 3, 4]), 4, 50.0, way_id=1)
    at_two = Way(np.array([8.001, 8.001]), np.array([49.0, 49.1]), np.array([2, 5]), 4, 50.0)
    at_three = Way(np.array([8.001, 8.001]), np.array([49.0, 48.9]), np.array([3, 6]), 4, 50.0)
    graph = assemble_graph([main, at_two, at_three])
    assert graph.check() == ()
    assert graph.node_osm_id.tolist() == [1, 3, 4, 5, 6]
    assert np.diff(graph.out_offsets).tolist() == [1, 4, 1, 1, 1]


def test_signals_flag_the_edges_that_enter_their_node():
    lights = town("A 0 0; B 100 0 signals; C 200 0", "A-B primary bridge; B-C primary")
    flags = lights.graph.edge_flags
    assert flags[lights.edge("A", "B")] == FLAG_BRIDGE | FLAG_SIGNALS
    assert flags[lights.edge("B", "A")] == FLAG_BRIDGE
    assert flags[lights.edge("C", "B")] == FLAG_SIGNALS


def test_ids_below_zero_are_no_osm_ids():
    way = Way(np.array([8.0, 8.1]), np.array([49.0, 49.0]), np.array([-5, 9]), 4, 50.0, way_id=-3)
    graph = assemble_graph([way])
    assert graph.node_osm_id.tolist() == [NO_OSM_ID, 9]
    assert graph.edge_way_id.tolist() == [NO_OSM_ID, NO_OSM_ID]


@pytest.mark.parametrize("ids", [[], [3, 3]], ids=["no way", "a way without length"])
def test_nothing_to_drive_on_gives_an_empty_graph(ids):
    drawn = (
        [Way(np.array([8.0, 8.0]), np.array([49.0, 49.0]), np.array(ids), 4, 50.0)] if ids else []
    )
    graph = assemble_graph(drawn)
    assert (graph.node_count, graph.edge_count) == (0, 0)
    assert graph.check() == ()


@given(ways())
def test_arrays_of_a_graph_cannot_be_written(drawn):
    graph = assemble_graph(drawn)
    assert not any(getattr(graph, name).flags.writeable for name in ARRAYS)
