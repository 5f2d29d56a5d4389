"""Where two paths differ, and which cameras stand elsewhere on another edition."""

from __future__ import annotations

import numpy as np
import pytest

from roadnet.cameras import CameraSite, link_cameras
from roadnet.editions import compare_paths, link_changed
from roadnet.intersections import find_intersections
from roadnet.snapping import EdgeIndex
from tests.roadnet.towns import grid_town, town

GRID = grid_town(3, 3)
STRAIGHT = ((0, 0), (1000, 0))


def compared(before, after):
    return compare_paths(GRID.lonlat(*before), GRID.lonlat(*after))


def test_paths_within_fifteen_metres_are_the_same():
    change = compared(STRAIGHT, ((0, 10), (500, -10), (1000, 10)))
    assert (change.share, change.gone, change.come) == (0.0, (), ())


def test_a_way_round_is_told_with_what_is_gone_and_what_has_come():
    change = compared(STRAIGHT, ((0, 0), (400, 0), (400, 100), (600, 100), (600, 0), (1000, 0)))
    assert change.share == pytest.approx((400 - 30) / 1200, abs=0.02)
    (gone,), (come,) = change.gone, change.come
    assert gone.shape[1] == come.shape[1] == 2
    assert gone[:, 0].min() > GRID.lonlat((400, 0))[0, 0]


def test_a_missing_path_is_all_changed():
    none = np.empty((0, 2))
    line = GRID.lonlat(*STRAIGHT)
    assert compare_paths(line, none).share == compare_paths(none, line).share == 1.0
    assert compare_paths(line, none).come == ()
    assert compare_paths(none, none).share == 0.0


def edition(place, *sites):
    found = find_intersections(place.graph)
    return place.graph, found, link_cameras(place.graph, found, EdgeIndex(place.graph), sites)


def test_cameras_are_linked_elsewhere_when_their_junction_or_street_is_another():
    points = "A 0 0; B 400 0; C 800 0; D 400 300; E 400 -300"
    old = town(points, "A-B-C name=Long; D-B-E name=Cross")
    shifted = town(points.replace("B 400 0", "B 405 3"), "A-B-C name=Long; D-B-E name=Cross")
    renamed = town(points, "A-B-C name=New; D-B-E name=Cross")
    without = town(points, "A-B-C name=Long")
    sites = [
        CameraSite("crossing", *map(float, old.lonlat((390, 0))[0]), 90.0),
        CameraSite("middle", *map(float, old.lonlat((200, 0))[0]), 90.0),
    ]
    before = edition(old, *sites)
    expected = ((shifted, [False, False]), (renamed, [False, True]), (without, [True, False]))
    for place, changed in expected:
        after = edition(place, *sites)
        assert [link_changed(before, after, site) for site in (0, 1)] == changed
