from __future__ import annotations

import numpy as np
import pytest

from roadnet.cameras import CameraSite
from roadnet.edge_path import Path
from roadnet.watched_roads import WatchedRoads
from tests.roadnet.towns import grid_town

TOWN = grid_town(4, 2, block_m=300.0)


def watched(*cameras):
    sites = []
    for camera_id, x, y, bearing in cameras:
        lon, lat = TOWN.lonlat((x, y))[0].tolist()
        sites.append(CameraSite(camera_id, lon, lat, bearing))
    return WatchedRoads(TOWN.graph, sites)


def along(text):
    edges = np.array(TOWN.path(text), dtype=np.int32)
    return Path(edges, 0.0, float(TOWN.graph.edge_length_m[edges[-1]]))


def test_cameras_are_named_in_driving_order_with_their_distance():
    roads = watched(("late", 580.0, 0.0, 90.0), ("early", 280.0, 0.0, 90.0), ("west", 320, 0, 270))
    found = roads.cameras_on(along("n0_0-n1_0-n2_0-n3_0"))
    assert [camera.camera_id for camera in found] == ["early", "late"]
    assert [camera.distance_m for camera in found] == pytest.approx([300.0, 600.0], abs=0.5)


def test_blind_stretches_lie_between_them_longest_first():
    roads = watched(("one", 280.0, 0.0, 90.0))
    spans = [
        (stretch.from_m, stretch.to_m)
        for stretch in roads.blind_stretches(along("n0_0-n1_0-n2_0-n3_0"))
    ]
    assert np.array(spans) == pytest.approx(np.array([(300.0, 900.0), (0.0, 300.0)]), abs=0.5)


def test_roads_without_cameras_see_nothing():
    roads = watched()
    path = along("n0_0-n1_0")
    assert roads.cameras_on(path) == ()
    (stretch,) = roads.blind_stretches(path)
    assert stretch.length_m == pytest.approx(300.0, abs=0.5)
