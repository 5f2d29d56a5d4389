from __future__ import annotations

import bz2
import gzip

import numpy as np
import osmium
import pytest

from roadnet.errors import NetworkError
from roadnet.importers import read_network, read_network_with_notes
from roadnet.types import FLAG_BRIDGE, FLAG_NO_GOODS, FLAG_SIGNALS, NO_EDGE, ROAD_CLASSES

NODES = """
  <node id='11' lat='49.0000000' lon='8.0000000'/>
  <node id='12' lat='49.0000000' lon='8.0010000'><tag k='highway' v='traffic_signals'/></node>
  <node id='13' lat='49.0000000' lon='8.0020000'/>
  <node id='14' lat='49.0005000' lon='8.0012345'/>
  <node id='15' lat='49.0010000' lon='8.0010000'/>
"""
WAYS = """
  <way id='101'><nd ref='11'/><nd ref='12'/><nd ref='13'/>
    <tag k='highway' v='primary'/><tag k='name' v='滨江路'/><tag k='maxspeed' v='60'/></way>
  <way id='102'><nd ref='12'/><nd ref='14'/><nd ref='15'/>
    <tag k='highway' v='residential'/><tag k='oneway' v='-1'/><tag k='bridge' v='yes'/>
    <tag k='layer' v='1'/><tag k='hgv' v='no'/></way>
  <way id='103'><nd ref='13'/><nd ref='15'/><tag k='highway' v='footway'/></way>
  <way id='104'><nd ref='11'/><nd ref='15'/><tag k='building' v='yes'/></way>
"""


def osm(body: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>{body}</osm>\n".encode()


def refused(path) -> NetworkError:
    with pytest.raises(NetworkError) as raised:
        read_network(str(path))
    assert raised.value.where == str(path)
    return raised.value


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "town.osm"
    path.write_bytes(osm(NODES + WAYS))
    return path


def test_roads_of_an_osm_file(plain):
    graph, notes = read_network_with_notes(str(plain))
    assert notes == ()
    assert graph.check() == ()
    assert graph.node_osm_id.tolist() == [11, 12, 13, 15]
    assert graph.node_lon.tolist() == [8.0, 8.001, 8.002, 8.001]
    assert graph.edge_way_id.tolist() == [101, 101, 101, 101, 102]
    against = graph.edge_count - 1
    assert (graph.edge_from[against], graph.edge_to[against]) == (3, 1)
    assert graph.edge_reverse[against] == NO_EDGE
    assert graph.geometry(against).tolist() == [
        [8.001, 49.001],
        [8.0012345, 49.0005],
        [8.001, 49.0],
    ]
    assert graph.edge_flags[against] == FLAG_BRIDGE | FLAG_NO_GOODS | FLAG_SIGNALS
    assert graph.edge_layer[against] == 1
    assert ROAD_CLASSES[graph.edge_class[against]] == "residential"
    assert graph.name(0) == "滨江路"
    assert graph.edge_speed_kmh.tolist() == [60.0, 60.0, 60.0, 60.0, 30.0]
    assert graph.edge_flags[:4].tolist() == [FLAG_SIGNALS, 0, 0, FLAG_SIGNALS]


def test_every_format_gives_the_same_graph(plain, tmp_path):
    expected = read_network(str(plain))
    (tmp_path / "town.osm.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "town.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    for name in ("town.osm.pbf", "town.pbf"):
        with osmium.SimpleWriter(str(tmp_path / name)) as writer:
            for item in osmium.FileProcessor(str(plain)):
                writer.add(item)
    for name in ("town.osm.gz", "town.osm.bz2", "town.osm.pbf", "town.pbf"):
        assert read_network(str(tmp_path / name)).same_as(expected), name


def test_ways_may_stand_before_their_nodes(plain):
    expected = read_network(str(plain))
    plain.write_bytes(osm(WAYS + NODES))
    assert read_network(str(plain)).same_as(expected)


def test_ids_below_zero_as_editors_give_them(plain):
    expected = read_network(str(plain))
    drawn = (NODES + WAYS).replace("id='1", "id='-1").replace("ref='1", "ref='-1")
    plain.write_bytes(osm(drawn))
    graph = read_network(str(plain))
    assert graph.check() == ()
    assert set(graph.node_osm_id.tolist()) == {0}
    assert graph.edge_count == expected.edge_count
    assert sorted(graph.edge_length_m) == sorted(expected.edge_length_m)


def test_stretches_without_their_nodes_are_left_out_and_counted(plain):
    way = "<way id='105'><nd ref='11'/><nd ref='15'/><nd ref='99'/><nd ref='98'/><nd ref='13'/>"
    way += "<nd ref='12'/><nd ref='97'/><tag k='highway' v='tertiary'/></way>"
    plain.write_bytes(osm(NODES + way))
    graph, notes = read_network_with_notes(str(plain))
    assert graph.check() == ()
    # 11-15 and 13-12 remain, and nothing leads across the gap.
    assert graph.node_osm_id.tolist() == [11, 12, 13, 15]
    assert list(zip(graph.edge_from.tolist(), graph.edge_to.tolist(), strict=True)) == [
        (0, 3),
        (1, 2),
        (2, 1),
        (3, 0),
    ]
    assert "1 of 1 roads refer to 3 nodes" in notes[0]
    assert "2 pieces" in notes[1]


def test_of_a_road_that_stands_there_twice_the_last_counts(plain):
    graph = read_network(str(plain))
    first = "<way id='101'><nd ref='12'/><nd ref='13'/><tag k='highway' v='motorway'/></way>"
    plain.write_bytes(osm(NODES + first + WAYS + WAYS))
    twice, notes = read_network_with_notes(str(plain))
    assert twice.same_as(graph)
    assert len(notes) == 1
    assert notes[0].startswith("3 roads stand in the file once more; of each the last counts")


def test_a_file_without_the_nodes_of_its_roads_says_so(plain):
    plain.write_bytes(osm(WAYS))
    error = refused(plain)
    assert error.code == "network_empty"
    assert "roads refer to" in error.message
    assert "nodes that the file does not hold" in error.message


def test_the_answer_of_a_query_that_was_stopped_is_refused(plain):
    remark = "<remark> runtime error: Query timed out in &quot;query&quot; at line 3 </remark>"
    plain.write_bytes(osm(NODES + WAYS + remark))
    error = refused(plain)
    assert error.code == "network_unreadable"
    assert "the query that made the file was stopped" in error.message
    assert "runtime error: Query timed out" in error.message
    plain.write_bytes(osm(NODES + WAYS + "<remark>considered 3 elements</remark>"))
    assert read_network(str(plain)).edge_count


def test_coordinates_in_gcj02_become_wgs84(tmp_path):
    from roadnet.datum import from_wgs84

    lon, lat = np.array([116.40, 116.41]), np.array([39.90, 39.91])
    shifted = np.round(np.column_stack(from_wgs84(lon, lat, "gcj02")), 7)
    nodes = "".join(
        f"<node id='{i}' lon='{x:.7f}' lat='{y:.7f}'/>" for i, (x, y) in enumerate(shifted, 1)
    )
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way>"
    path = tmp_path / "beijing.osm"
    path.write_bytes(osm(nodes + way))
    graph = read_network(str(path), datum="gcj02")
    assert graph.check() == ()
    assert graph.node_lon == pytest.approx(lon, abs=1e-7)
    assert graph.node_lat == pytest.approx(lat, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.osm", b"", "the file is empty"),
        ("a.osm.pbf", b"", "the file is empty"),
        ("a.osm", b"\n<!DOCTYPE html><html>404</html>", "HTML page"),
        ("a.osm.pbf", b"<html>404</html>", "HTML page"),
        ("a.osm.gz", b"<html>404</html>", "HTML page"),
        ("a.osm.pbf", b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        ("a.osm.pbf", bytes(range(256)) * 20, "does not begin like an OSM PBF file"),
        ("a.osm", b"\x1f\x8b\x08" + bytes(50), "name it .osm.gz"),
        ("a.osm", bytes(range(256)) * 20, "cannot be read as OpenStreetMap data"),
        ("a.osm", b"<gpx></gpx>", "not OpenStreetMap's <osm>"),
        ("a.osm", osm(NODES + WAYS)[:800], "ends too early"),
        ("a.osm.gz", gzip.compress(osm(NODES + WAYS), mtime=0)[:200], "ends too early"),
        ("a.osm.bz2", bz2.compress(osm(NODES + WAYS))[:200], "ends too early"),
        ("a.osm.gz", b"\x1f\x8b\x08\x00" + bytes(range(200)), "cannot be read"),
        ("a.osm", osm("<node id='x' lat='1' lon='2'/>"), "cannot be read"),
        ("a.osm", osm("<node id='1' lat='1' lon='2e'/>"), "no number of degrees"),
    ],
)
def test_what_is_no_osm_file_is_refused_in_plain_words(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    assert words in refused(path).message


def test_a_pbf_file_cut_off_anywhere_is_refused(plain, tmp_path):
    whole = tmp_path / "whole.osm.pbf"
    with osmium.SimpleWriter(str(whole)) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    content = whole.read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    for size in range(1, len(content), 17):
        cut.write_bytes(content[:size])
        assert refused(cut).code in {"not_osm", "network_unreadable", "network_empty"}


def test_a_pbf_file_named_osm_says_how_to_name_it(plain, tmp_path):
    pbf = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(pbf)) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    plain.write_bytes(pbf.read_bytes())
    assert "name it .osm.pbf" in refused(plain).message


@pytest.mark.parametrize(
    "body", ["", NODES, NODES + WAYS.replace("primary", "steps").replace("residential", "path")]
)
def test_a_network_without_roads_is_refused(plain, body):
    plain.write_bytes(osm(body))
    error = refused(plain)
    assert error.code == "network_empty"
    assert "highway" in error.message
