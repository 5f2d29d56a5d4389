"""What a city says of its cameras' places, and what it is told of them."""

from __future__ import annotations

import pytest

from enforcement.camera_links import camera_warnings
from enforcement.cli.check import city_report
from enforcement.compiled_city import compile_city
from enforcement.errors import CityError
from enforcement.progress import quiet
from enforcement.rules.places import Camera
from roadnet.cameras import CameraSite
from roadnet.graph import RoadGraph
from roadnet.watched_roads import WatchedRoads
from tests.enforcement.cities import camera, faults_of, route, write_city

SECOND_CROSSING = 6  # node of the second column and the second row of the town's grid


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"node": "abc"}, "node: found `abc`, expected an OSM id"),
        ({"node": 1.5}, "node: found `1.5`, expected an OSM id"),
        ({"node": [1, 2]}, "node: found 2 ids, expected one node"),
        ({"way": [5, -1]}, "way: found a list, expected an OSM id"),
        ({"way": True}, "way: found true, expected an OSM id"),
    ],
)
def test_an_id_that_is_none_is_a_fault(tmp_path, properties, words):
    folder = write_city(tmp_path, cameras=[camera("C", **properties)], restrictions=[], permits=[])
    (fault,) = faults_of(folder)
    assert fault.startswith("cameras.geojson: feature 1 (C)")
    assert words in fault


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"node": 987654321}, "node: 987654321 is no node of the network"),
        ({"way": [987654321]}, "way: 987654321 is no road of the network"),
    ],
)
def test_an_id_that_the_network_does_not_have_is_a_fault(tmp_path, properties, words):
    folder = write_city(tmp_path, cameras=[camera("C", **properties)], restrictions=[], permits=[])
    with pytest.raises(CityError) as raised:
        compile_city(str(folder), quiet)
    (fault,) = raised.value.faults
    assert str(fault).startswith("cameras.geojson: feature 1 (C)")
    assert words in str(fault)


@pytest.mark.parametrize(("lonlat", "swapped"), [((49.0, 8.0), True), ((9.0, 49.0), False)])
def test_a_camera_whose_longitude_is_its_latitude_is_told(lonlat, swapped):
    graph = RoadGraph.from_edges([(7.99, 48.99), (8.01, 49.01)], [(0, 1)])
    roads = WatchedRoads(graph, [CameraSite("C", *lonlat, None)])
    one = Camera("C", "", *lonlat, None, 0, 1, None, None, "feature 1")
    (warning,) = camera_warnings([one], graph, roads.intersections, roads.links)
    assert warning.code == "camera_far"
    assert ("look like latitude, longitude" in warning.message) is swapped


def test_a_link_is_listed_with_its_score_and_the_node_that_settles_it(tmp_path):
    cameras = [
        camera("A", 1, 1, bearing=90),
        camera("B", 1.5, 1, bearing=90),
        camera("C", 1.1, 1, bearing=90, node=SECOND_CROSSING),
    ]
    folder = write_city(tmp_path, cameras=cameras, restrictions=[], permits=[])
    first, middle, settled = city_report(compile_city(str(folder), quiet))["cameras"]
    assert (first["linked_to"], first["node"]) == ("intersection", SECOND_CROSSING)
    assert first["score"] > 0.9
    assert first["approach_way_ids"] == [1002]
    assert (middle["linked_to"], middle["node"], middle["way_id"]) == ("mid_block", None, 1002)
    assert (settled["node"], settled["score"]) == (SECOND_CROSSING, 1.0)
    assert (settled["doubts"], settled["candidates"], settled["also_nodes"]) == ([], [], [])


def test_a_camera_that_was_moved_is_two_records_and_each_route_has_it_where_it_stood(tmp_path):
    cameras = [
        camera("C", 1, 1, bearing=90, valid_until="2026-03-31"),
        camera("C", 1, 2, bearing=90, valid_from="2026-04-01"),
    ]
    routes = [
        route("R-1", (0, 1), (1, 1), (2, 1), (3, 1)),
        route("R-2", (0, 2), (1, 2), (2, 2), (3, 2)),
    ]
    folder = write_city(tmp_path, cameras=cameras, routes=routes, restrictions=[], permits=[])
    compiled = compile_city(str(folder), quiet)
    stood = [record.valid_from_us for record in compiled.definition.cameras]
    assert stood == sorted(stood)
    assert dict(compiled.coverage.route_cameras) == {"R-1": (0,), "R-2": (1,)}
