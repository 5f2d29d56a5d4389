"""Real files: how much is in them, and that what comes out is sound."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import osmium
import pytest

from roadnet.assemble import assemble_table, assemble_with_notes
from roadnet.errors import NetworkError
from roadnet.exchange import from_networkx, to_networkx
from roadnet.graph_file import load_graph, save_graph
from roadnet.importers import read_network, read_network_with_notes
from roadnet.importers.osm import load_osm
from roadnet.types import FLAG_NO_GOODS, FLAG_SIGNALS, NO_EDGE, ROAD_CLASSES
from tests.roadnet.real_data import real_network, road_file

if TYPE_CHECKING:
    from roadnet.ways import WayTable

CITIES = {
    # Directed edges and junctions that were counted before this was written, without tracks.
    "heidelberg.osm.pbf": (30_364, 14_002),
    "porto.osm.pbf": (148_174, 63_645),
    "jinan.osm.pbf": (28_602, 12_767),
    # Here 762 points stand twice in a row in the middle of a way. That count took them for
    # junctions, each of which cuts its way once more in each direction.
    "beijing.osm.pbf": (55_612 - 1_524, 25_233 - 762),
}


def without_tracks(table: WayTable) -> WayTable:
    """Leave out tracks, and barriers, which make junctions of their own."""
    kept = table.road_class != ROAD_CLASSES.index("track")
    points = np.repeat(kept, np.diff(table.offsets))
    of_points = ("lon", "lat", "node_ids", "signals")
    other = ("offsets", "names", "conditions", "barriers", "restrictions", "bans")
    rows = [one.name for one in fields(table) if one.name not in {*of_points, *other}]
    return replace(
        table,
        offsets=np.concatenate(([0], np.cumsum(np.diff(table.offsets)[kept]))),
        **{name: getattr(table, name)[points] for name in of_points},
        **{name: getattr(table, name)[kept] for name in rows},
        barriers=(),
    )


@pytest.mark.parametrize("name", CITIES)
def test_counts_are_those_known_for_the_file(name):
    graph = assemble_table(without_tracks(load_osm(road_file(name)).ways))
    edges, nodes = CITIES[name]
    # They differ by closed roads, and by junctions that only such a road makes.
    assert graph.edge_count == pytest.approx(edges, rel=0.005)
    assert graph.node_count == pytest.approx(nodes, rel=0.005)


@pytest.mark.parametrize(
    "name",
    ["heidelberg.osm.pbf", "beijing.osm.pbf", "lower-saxony-main-roads.osm.gz", "porto.osm.pbf"],
)
def test_real_networks_are_sound(name):
    graph = real_network(name)
    assert graph.check() == ()
    # Two-way edges lie twice along the same ground.
    two_way = np.flatnonzero(graph.edge_reverse != NO_EDGE)
    assert graph.edge_length_m[two_way] == pytest.approx(
        graph.edge_length_m[graph.edge_reverse[two_way]]
    )


def test_one_way_streets_of_heidelberg_are_those_tagged_so():
    path = road_file("heidelberg.osm.pbf")
    graph = real_network("heidelberg.osm.pbf")
    oneway, twoway = set(), set()
    for way in osmium.FileProcessor(path, osmium.osm.WAY):
        if way.tags.get("highway") not in ROAD_CLASSES or "junction" in way.tags:
            continue
        if way.tags.get("oneway") == "yes":
            oneway.add(way.id)
        # Others may be one-way by being motorways, or for motor vehicles only.
        elif way.tags["highway"] != "motorway" and not any("oneway" in tag.k for tag in way.tags):
            twoway.add(way.id)
    alone = graph.edge_reverse == NO_EDGE
    assert len(oneway) > 1000
    assert len(twoway) > 10_000
    assert alone[np.isin(graph.edge_way_id, list(oneway))].all()
    assert not alone[np.isin(graph.edge_way_id, list(twoway))].any()


def test_heidelberg_has_its_signals_and_its_roads_closed_to_lorries():
    path = road_file("heidelberg.osm.pbf")
    graph = real_network("heidelberg.osm.pbf")
    signals = {
        node.id
        for node in osmium.FileProcessor(path, osmium.osm.NODE)
        if node.tags.get("highway") == "traffic_signals"
    }
    assert len(signals) == 534
    entered = np.isin(graph.node_osm_id[graph.edge_to], list(signals))
    assert entered.sum() > 300
    assert np.array_equal(entered, (graph.edge_flags & FLAG_SIGNALS) != 0)
    closed = {
        way.id
        for way in osmium.FileProcessor(path, osmium.osm.WAY)
        if way.tags.get("hgv") == "no" and way.tags.get("highway") in ROAD_CLASSES
    }
    edges = np.isin(graph.edge_way_id, list(closed))
    assert edges.sum() > 20
    assert ((graph.edge_flags[edges] & FLAG_NO_GOODS) != 0).all()


def test_beijing_keeps_its_names():
    graph = real_network("beijing.osm.pbf")
    assert "长安街" in graph.names or any("长安" in name for name in graph.names)
    assert sum(bool(graph.name(edge)) for edge in range(graph.edge_count)) > 10_000


def test_an_extract_that_misses_nodes_is_read_with_a_note():
    graph, notes = read_network_with_notes(road_file("lower-saxony-main-roads.osm.gz"))
    assert graph.edge_count > 30_000
    assert "79 of 20066 roads refer to 771 nodes" in notes[0]


def test_a_real_network_survives_file_and_exchange(tmp_path):
    graph = real_network("heidelberg.osm.pbf")
    path = str(tmp_path / "heidelberg.roadgraph")
    save_graph(graph, path)
    assert load_graph(path).same_as(graph)
    assert from_networkx(to_networkx(graph)).same_as(graph)


def test_a_real_file_cut_short_is_refused(tmp_path):
    head = Path(road_file("heidelberg.osm.pbf")).read_bytes()[:400_000]
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(head)
    with pytest.raises(NetworkError, match="ends too early"):
        read_network(str(cut))


@pytest.mark.parametrize(
    ("name", "relations", "without_effect"),
    [
        # 14 lead over a way that lorries and cars may not drive, 2 against one-way streets.
        ("heidelberg.osm.pbf", 476, [14, 2]),
        # 14 lack a member, 5 lead over a way that is no road, one forbids what one-way streets do.
        ("porto.osm.pbf", 357, [14, 5, 1]),
    ],
)
def test_turn_restrictions_of_real_cities(name, relations, without_effect):
    path = road_file(name)
    tagged = osmium.filter.TagFilter(("type", "restriction"))
    found = list(osmium.FileProcessor(path, osmium.osm.RELATION).with_filter(tagged))
    assert len(found) == relations
    table = load_osm(path)
    graph, notes = assemble_with_notes(replace(table.ways, barriers=()))
    counts = [int(note.split()[0]) for note in (*table.notes, *notes)]
    assert counts == without_effect
    # A prohibition bans one sequence, an obligation several; few are drawn twice.
    assert relations - sum(counts) - 5 < graph.ban_count < 2 * relations
    assert {len(ban) for ban in graph.bans()} >= {2}
    assert graph.check() == ()


def test_limits_and_conditions_of_heidelberg():
    path = road_file("heidelberg.osm.pbf")
    graph = real_network("heidelberg.osm.pbf")
    tagged = {
        way.id: way.tags["hgv:conditional"]
        for way in osmium.FileProcessor(path, osmium.osm.WAY)
        if "hgv:conditional" in way.tags
    }
    assert len(tagged) == 3
    for way, text in tagged.items():
        places = graph.edge_condition[graph.edge_way_id == way]
        assert {graph.conditions[place] for place in places.tolist()} == {text}
    limits = (graph.edge_max_weight_t, graph.edge_max_height_m, graph.edge_max_width_m)
    assert [int(np.isfinite(limit).sum()) for limit in limits] == [290, 192, 22]
