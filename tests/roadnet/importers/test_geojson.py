from __future__ import annotations

import json
import random

import numpy as np
import pytest

from roadnet.errors import NetworkError
from roadnet.importers import read_network, read_network_with_notes
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_NO_GOODS,
    FLAG_SIGNALS,
    NO_EDGE,
    NO_OSM_ID,
    ROAD_CLASSES,
)

A, B, C, D = [114.39, 27.81], [114.40, 27.81], [114.41, 27.81], [114.40, 27.82]


def feature(*points, kind="LineString", **properties):
    geometry = {"type": kind, "coordinates": list(points)}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


MAIN = feature(A, B, C, highway="primary", name="滨江路", maxspeed=60)
SIDE = feature(B, D, highway="residential", oneway=True, bridge="yes", layer=1, hgv="no")


@pytest.fixture
def write(tmp_path):
    def write_collection(*features, raw=None, **members):
        path = tmp_path / "network.geojson"
        collection = {"type": "FeatureCollection", "features": list(features)} | members
        path.write_bytes(json.dumps(collection).encode() if raw is None else raw)
        return str(path)

    return write_collection


def refused(path) -> NetworkError:
    with pytest.raises(NetworkError) as raised:
        read_network(path)
    return raised.value


def test_lines_meet_where_they_share_a_point(write):
    graph, notes = read_network_with_notes(write(MAIN, SIDE))
    assert notes == ()
    assert graph.check() == ()
    assert sorted(zip(graph.node_lon.tolist(), graph.node_lat.tolist(), strict=True)) == [
        (114.39, 27.81),
        (114.40, 27.81),
        (114.40, 27.82),
        (114.41, 27.81),
    ]
    assert graph.edge_count == 5
    (side,) = [edge for edge in range(5) if graph.edge_reverse[edge] == NO_EDGE]
    assert graph.geometry(side).tolist() == [B, D]
    assert graph.edge_flags[side] == FLAG_BRIDGE | FLAG_NO_GOODS
    assert graph.edge_layer[side] == 1
    assert ROAD_CLASSES[graph.edge_class[side]] == "residential"
    assert graph.names == ("", "滨江路")
    assert set(graph.edge_speed_kmh.tolist()) == {60.0, 30.0}
    assert set(graph.node_osm_id.tolist()) == {NO_OSM_ID}


def test_the_order_of_features_does_not_matter(write):
    spokes = [
        feature(B, [114.4 + 0.001 * k, 27.83], highway="tertiary", name=f"Spoke {k}")
        for k in range(6)
    ]
    features = [MAIN, SIDE, *spokes]
    expected = read_network(write(*features))
    random.Random(5).shuffle(features)
    assert read_network(write(*features)).same_as(expected)


def test_points_a_millimetre_apart_are_one(write):
    near = [B[0] + 1e-8, B[1] - 1e-8]
    graph = read_network(write(MAIN, feature(near, D, highway="road")))
    assert (graph.node_count, graph.edge_count) == (4, 6)


def test_points_two_centimetres_apart_are_two(write):
    beside = feature([B[0] + 2e-7, B[1]], D, highway="road")
    graph = read_network(write(MAIN, beside))
    assert (graph.node_count, graph.edge_count) == (4, 4)


def test_multilines_heights_ids_lists_and_a_byte_order_mark(write):
    parts = feature([*A, 12.5], [*B, 13.0], highway=["primary", "road"])
    parts["geometry"] = {
        "type": "MultiLineString",
        "coordinates": [[[*A, 12.5], [*B, 13.0]], [C, D]],
    }
    parts["properties"]["@id"] = "way/4711"
    raw = b"\xef\xbb\xbf" + json.dumps({"type": "FeatureCollection", "features": [parts]}).encode()
    graph = read_network(write(raw=raw))
    assert graph.edge_count == 4
    assert set(graph.edge_way_id.tolist()) == {4711}
    assert {ROAD_CLASSES[code] for code in graph.edge_class} == {"primary"}


def test_what_is_no_road_is_left_out_with_a_note(write):
    lamp = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": A}}
    nowhere = {"type": "Feature", "properties": {"highway": "primary"}, "geometry": None}
    untagged = feature(A, D, name="Nameless")
    graph, notes = read_network_with_notes(
        write(MAIN, lamp, nowhere, untagged, feature(A, D, highway="footway"))
    )
    assert graph.edge_count == 2
    assert notes == (
        "2 features are no line; left out",
        "1 lines have no property highway; left out",
    )


BROKEN = [
    (feature(A, highway="primary"), "has 1 points; expected 2 or more"),
    (feature(highway="primary"), "has 0 points"),
    (feature(A, ["114.4", "27.8"], highway="primary"), "not lists of [longitude, latitude]"),
    (feature(A, [114.4], highway="primary"), "not lists of [longitude, latitude]"),
    (feature(A, [114.4, None], highway="primary"), "not lists of [longitude, latitude]"),
    (feature(A, [True, False], highway="primary"), "not lists of [longitude, latitude]"),
    (feature(A, 7, highway="primary"), "not lists of [longitude, latitude]"),
    (feature(A, B, kind="MultiLineString", highway="primary"), "not lists of"),
    (feature(A[::-1], B[::-1], highway="primary"), "look like latitude before longitude"),
    (feature([500000, 3077000], B, highway="primary"), "look like metres of a projected system"),
    ({**MAIN, "properties": ["primary"]}, "properties is no JSON object"),
    ({**MAIN, "geometry": "LINESTRING (1 2, 3 4)"}, "not lists of"),
    ("MAIN", "no JSON object"),
]


@pytest.mark.parametrize(("broken", "words"), BROKEN)
def test_a_faulty_feature_is_named_by_its_number(write, broken, words):
    path = write(MAIN, SIDE, broken)
    error = refused(path)
    assert error.where == f"{path}: feature 3"
    assert words in error.message


def test_all_faulty_features_are_told_at_once_up_to_ten(write):
    bad = feature(A, highway="primary")
    error = refused(write(*[MAIN, bad] * 12))
    assert "12 features cannot be read" in str(error)
    assert "feature 2:" in str(error)
    assert "feature 20:" in str(error)
    assert "feature 22:" not in str(error)
    assert "... and 2 more" in str(error)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not readable as JSON"),
        (b'{"type": "FeatureCollection", "features": [', "not readable as JSON"),
        ('{"name": "滨江路"}'.encode("gb18030"), "not readable as JSON in UTF-8"),
        (b" <!DOCTYPE html><html></html>", "HTML page"),
        (b"[" * 100_000, "not readable as JSON"),
        (b"[1, 2]", "no JSON object; expected a FeatureCollection"),
        (b'{"type": "Topology"}', "type 'Topology'"),
        (b'{"version": 0.6, "elements": []}', "Overpass JSON"),
        (b'{"type": "FeatureCollection"}', "features is no list"),
        (b'{"type": "FeatureCollection", "features": []}', "no road in it"),
    ],
)
def test_what_is_no_geojson_is_refused_in_plain_words(write, raw, words):
    path = write(raw=raw)
    error = refused(path)
    assert error.where == path
    assert words in error.message


def test_crs_of_the_file(write):
    def crs(name):
        return {"type": "name", "properties": {"name": name}}

    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        assert read_network(write(MAIN, crs=crs(name))).edge_count == 2
    assert "crs is EPSG:3857" in refused(write(MAIN, crs=crs("EPSG:3857"))).message


def test_a_network_in_bd09_becomes_wgs84(write):
    import numpy as np

    from roadnet.datum import from_wgs84

    lon, lat = from_wgs84(np.array([A[0], B[0]]), np.array([A[1], B[1]]), "bd09")
    line = feature(*np.column_stack((lon, lat)).tolist(), highway="primary")
    graph = read_network(write(line), datum="bd09")
    assert graph.node_lon == pytest.approx([A[0], B[0]], abs=1e-7)
    assert graph.node_lat == pytest.approx([A[1], B[1]], abs=1e-7)


def test_points_are_signals_and_barriers_of_the_roads_they_stand_on(tmp_path):
    def feature(kind, coordinates, **properties):
        geometry = {"type": kind, "coordinates": coordinates}
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    street = [[8.0, 49.0], [8.001, 49.0], [8.002, 49.0]]
    path = tmp_path / "network.geojson"
    features = [
        feature("LineString", street, highway="primary"),
        feature("Point", street[2], highway="traffic_signals"),
        feature("Point", street[1], barrier="bollard"),
        feature("Point", [9.0, 49.0], barrier="bollard"),
        feature("Point", [], highway="traffic_signals"),
        feature("Point", [0, 100], shop="bakery"),
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    graph, notes = read_network_with_notes(str(path))
    assert graph.check() == ()
    assert graph.node_lon.tolist() == [8.0, 8.001, 8.002]
    assert sorted(graph.bans()) == [(0, 2), (3, 1)]
    assert (graph.edge_flags & FLAG_SIGNALS).tolist() == [0, 0, FLAG_SIGNALS, 0]
    assert notes == ("2 features are no line; left out",)


OVER = feature(D, B, [114.40, 27.80], highway="trunk", u=4, v=5)  # a bridge, with a point at B
NAMED = [
    feature(A, B, highway="primary", u=1, v=2),
    feature(B, C, highway="primary", u=2, v=3),
    OVER,
]


def test_streets_that_name_their_nodes_meet_there_and_nowhere_else(write):
    graph = read_network(write(*NAMED))
    assert graph.check() == ()
    assert graph.node_osm_id.tolist() == [1, 2, 3, 4, 5]
    ends = sorted(zip(graph.edge_from.tolist(), graph.edge_to.tolist(), strict=True))
    assert ends == [(0, 1), (1, 0), (1, 2), (2, 1), (3, 4), (4, 3)]
    # A street that names none meets whatever lies where it has a point.
    graph = read_network(write(*NAMED, feature(B, [114.405, 27.815], highway="service")))
    assert graph.check() == ()
    assert graph.edge_count == 10
    middle = graph.node_osm_id.tolist().index(2)
    assert np.count_nonzero(graph.edge_from == middle) == 5


@pytest.mark.parametrize(
    "ids", [{"u": 1}, {"u": 0, "v": 2}, {"u": "x", "v": 2}, {"u": -3, "v": 2}, {"u": 3, "v": 4}]
)
def test_ids_of_nodes_that_are_none_are_not_believed(write, ids):
    other = feature(C, D, highway="primary", u=3, v=3)  # 3 stands at two places
    graph = read_network(write(feature(A, B, C, highway="primary", **ids), other))
    assert graph.check() == ()
    assert set(graph.node_osm_id.tolist()) == {NO_OSM_ID}
    assert (graph.node_count, graph.edge_count) == (3, 4)


def test_signals_and_barriers_stand_at_the_node_that_they_name(write):
    signal = feature(*B, kind="Point", highway="traffic_signals")
    signal["geometry"]["coordinates"] = B
    named = json.loads(json.dumps(signal))
    named["properties"]["osmid"] = 2
    for one, count in ((named, 2), (signal, 2)):
        graph = read_network(write(*NAMED, one))
        assert np.count_nonzero(graph.edge_flags & FLAG_SIGNALS) == count
    block = {"type": "Feature", "geometry": signal["geometry"], "properties": {"barrier": "block"}}
    assert read_network(write(OVER, block)).ban_count == 2


def turn(*lines):
    return feature(*lines, kind="MultiLineString", type="restriction")


def test_banned_turns_are_the_streets_drawn_as_driven(write):
    names = feature(A, B, highway="primary", name="W"), feature(C, B, highway="primary", name="E")
    none = turn([A, B], [B, D]), turn([A, B]), turn([A, B], [C, B]), turn([A, B], [C, B], [B, A])
    graph, notes = read_network_with_notes(write(*names, turn([A, B], [B, C]), *none))
    assert notes == ("4 banned turns lead over streets that are not there",)
    (ban,) = graph.bans()
    assert [graph.geometry(edge).tolist() for edge in ban] == [[A, B], [B, C]]
    # What lies at the turn counts where the street was cut meanwhile.
    middle = [114.395, 27.81]
    long = feature(A, middle, B, highway="primary"), names[1]
    branch = feature(middle, [114.395, 27.82], highway="service")
    graph = read_network(write(*long, branch, turn([A, middle, B], [B, C])))
    (ban,) = graph.bans()
    assert [graph.geometry(edge).tolist() for edge in ban] == [[middle, B], [B, C]]


def test_a_banned_turn_against_a_one_way_street_bans_nothing(write):
    one_way = feature(B, A, highway="primary", oneway="yes")
    side = feature(B, C, highway="primary")
    assert read_network(write(one_way, side, turn([A, B], [B, C]))).ban_count == 0


def test_streets_on_each_other_do_not_multiply_a_banned_turn_beyond_measure(write):
    twins = [feature(A, B, highway="primary") for _ in range(30)]
    graph = read_network(write(*twins, turn(*([A, B], [B, A]) * 4)))
    assert 0 < graph.ban_count <= 100


def test_a_barrier_at_no_place_on_earth_is_a_fault(tmp_path):
    path = tmp_path / "network.geojson"
    geometry = {"type": "Point", "coordinates": [49.0, 108.0]}
    feature = {"type": "Feature", "geometry": geometry, "properties": {"barrier": "gate"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(NetworkError, match=r"feature 1.*latitude before longitude"):
        read_network_with_notes(str(path))
