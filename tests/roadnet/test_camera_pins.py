"""What a city says itself of a camera's place is obeyed, or told why it cannot be."""

from __future__ import annotations

import pytest

from roadnet.cameras import INTERSECTION, MID_BLOCK, CameraSite, link_cameras
from roadnet.intersections import find_intersections
from roadnet.snapping import EdgeIndex
from tests.roadnet.towns import town

NORTH, EAST = 0.0, 90.0

# Long runs north over A and B, which are 44 m apart; Beside runs along it 20 m to the east.
# Node ids follow the order of the points: S 1, A 2, B 3, N 4, a 5, b 6, c 7, d 8, e 9.
PLACE = town(
    "S 0 -300; A 0 0; B 0 44; N 0 330; a 200 0; b -200 44; c 20 -300; d 20 -60; e 150 -61",
    "S-A-B-N secondary name=Long way=10; A-a name=One way=11; B-b name=Two way=12;"
    "c-d-e name=Beside way=13",
)
FOUND = find_intersections(PLACE.graph)
INDEX = EdgeIndex(PLACE.graph)


def linked(*cameras):
    """Links of cameras given as (x, y, bearing, node, ways)."""
    sites = []
    for number, (x, y, bearing, node, ways) in enumerate(cameras):
        lon, lat = PLACE.lonlat((x, y))[0].tolist()
        sites.append(CameraSite(f"C{number}", lon, lat, bearing, node, ways))
    return link_cameras(PLACE.graph, FOUND, INDEX, sites)


def node_of(links, site=0):
    return int(PLACE.graph.node_osm_id[FOUND.nodes[FOUND.node_offsets[links.intersection[site]]]])


@pytest.mark.parametrize(("node", "approach"), [(2, "SA"), (3, "AB")])
def test_a_named_node_is_its_intersection_and_clears_the_doubt(node, approach):
    doubtful = linked((0.0, 4.0, NORTH, None, ()))
    assert doubtful.doubts == (("ambiguous",),)
    links = linked((0.0, 4.0, NORTH, node, ()))
    assert node_of(links) == node
    assert links.approaches(0).tolist() == [PLACE.edge(*approach)]
    assert (links.doubts, links.score.tolist(), links.also(0).tolist()) == (((),), [1.0], [])
    assert list(links.candidates(0)) == []
    assert links.faults == ()


def test_a_named_way_is_its_street():
    beside = (20.0, -150.0, NORTH, None)
    free, pinned = linked((*beside, ())), linked((*beside, (10,)))
    assert PLACE.graph.edge_way_id[free.edge[0]] == 13
    assert PLACE.graph.edge_way_id[pinned.edge[0]] == 10
    assert pinned.kind[0] == MID_BLOCK
    assert pinned.doubts == ((),)


def test_a_camera_may_be_pinned_to_an_intersection_that_no_rule_would_find():
    # 90 m before A, where Long is in mid-block.
    links = linked((0.0, -90.0, NORTH, 2, ()), (0.0, -90.0, NORTH, None, ()))
    assert links.kind.tolist() == [INTERSECTION, MID_BLOCK]
    assert links.approaches(0).tolist() == [PLACE.edge("S", "A")]


def test_a_node_and_a_way_together():
    links = linked((2.0, 20.0, EAST, 2, (11,)))
    assert node_of(links) == 2
    assert PLACE.graph.edge_way_id[links.edge[0]] == 11


@pytest.mark.parametrize(
    ("x", "node", "ways", "field", "message"),
    [
        (0.0, 99, (), "node", "99 is no node of the network; expected the OSM id"),
        (0.0, 4, (), "node", "4 is no intersection: fewer than three streets meet"),
        (900.0, 2, (), "node", "2 is 900 m away; expected at most 200 m"),
        (0.0, None, (10, 77), "way", "77 is no road of the network; expected OSM ids of ways"),
        (900.0, None, (10,), "way", "10 is farther away than 200 m; expected the camera's street"),
    ],
)
def test_what_cannot_be_is_told_and_not_obeyed(x, node, ways, field, message):
    links = linked((x, 0.0, NORTH, node, ways), (0.0, -20.0, NORTH, 2, ()))
    (fault,) = links.faults
    assert (fault.site, fault.field) == (0, field)
    assert message in fault.message
    free = linked((x, 0.0, NORTH, None, ()))
    assert (links.kind[0], links.edge[0]) == (free.kind[0], free.edge[0])
    assert node_of(links, 1) == 2
