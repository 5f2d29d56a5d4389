"""A line that may mean either of two streets is doubtful where the other has other cameras."""

from __future__ import annotations

import numpy as np

from roadnet.cameras import CameraSite
from roadnet.doubtful_cameras import cameras_of_alternatives, taken_instead
from roadnet.mapmatching import LineMatcher
from roadnet.watched_roads import WatchedRoads
from tests.roadnet.towns import town

EAST, NORTH = 90.0, 0.0

# Between W and E two streets run 30 m from each other; each is crossed by one of its own.
TOWN = town(
    "O -400 0; W 0 0; E 800 0; P 1200 0; a 60 15; m 400 15; b 740 15; c 60 -15; n 400 -15; d 740 -15;"
    "M 400 300; N 400 -300; w 0 300; e 800 300",
    "O-W tertiary name=In; W-a-m-b-E tertiary name=Upper; W-c-n-d-E tertiary name=Lower;"
    "E-P tertiary name=Out; m-M name=Up; n-N name=Down; W-w name=First; E-e name=Last",
)


def matched(y, *cameras):
    sites = []
    for number, (x, at_y, bearing) in enumerate(cameras):
        lon, lat = TOWN.lonlat((x, at_y))[0].tolist()
        sites.append(CameraSite(f"C{number}", lon, lat, bearing))
    roads = WatchedRoads(TOWN.graph, sites)
    line = TOWN.lonlat((-390, 0), (0, 0), (70, y), (400, y), (730, y), (800, 0), (1190, 0))
    found = LineMatcher(TOWN.graph).match_line(line)
    return (
        found,
        cameras_of_alternatives(TOWN.graph, roads.intersections, roads.links, found),
        roads,
    )


def names(edges):
    return {TOWN.graph.name(edge) for edge in edges.tolist()}


def test_the_other_street_has_other_cameras():
    found, others, _ = matched(0.5, (370, 15, EAST), (370, -15, EAST), (-100, 0, EAST))
    taken = {"Upper"} & names(found.path.edges) or {"Lower"} & names(found.path.edges)
    (other,) = [one for one in others if one.differ]
    assert taken == {"Upper"}
    assert names(other.alternative.edges) == {"Lower"}
    assert (other.gained, other.lost) == ((1,), (0,))
    assert 0.0 < other.alternative.likelihood <= 0.5


def test_a_doubt_that_changes_no_camera_is_none():
    _, others, _ = matched(0.5, (-100, 0, EAST), (1000, 0, EAST))
    assert others
    assert not any(other.differ for other in others)


def test_a_line_that_can_mean_one_thing_only_has_no_others():
    found, others, _ = matched(60.0, (370, 15, EAST))
    assert names(found.path.edges) >= {"In", "Out"}
    lower = [one for one in others if names(one.alternative.edges) == {"Lower"}]
    assert lower == []


def test_what_is_taken_instead_is_one_way_through():
    found, others, roads = matched(0.5, (370, 15, EAST), (370, -15, EAST))
    for other in others:
        path = taken_instead(TOWN.graph, found.path, other.alternative)
        path.validate(TOWN.graph)
        own = {camera.camera_id for camera in roads.cameras_on(found.path)}
        changed = {camera.camera_id for camera in roads.cameras_on(path)}
        assert {roads.sites[site].camera_id for site in other.gained} == changed - own
        assert {roads.sites[site].camera_id for site in other.lost} == own - changed
        assert np.array_equal(path.edges[[0, -1]], found.path.edges[[0, -1]])
