"""Blind stretches of a route."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.coverage import PathCameras
from roadnet.paths import Path
from roadnet.surveys import blind_stretches
from tests.roadnet.towns import town

ROAD = town("A 0 0; B 1000 0", "A-B")


def stretches(*camera_m, start_m=0.0, end_m=1000.0, **options):
    path = Path(np.array([ROAD.edge("A", "B")], dtype=np.int32), start_m, end_m)
    cameras = PathCameras(np.arange(len(camera_m), dtype=np.int32), np.array(camera_m, dtype=float))
    found = blind_stretches(ROAD.graph, path, cameras, **options)
    return [(round(stretch.from_m, 6), round(stretch.to_m, 6)) for stretch in found]


def test_from_the_begin_between_cameras_and_to_the_end_longest_first():
    assert stretches(100.0, 350.0, 900.0) == [(350, 900), (100, 350), (0, 100), (900, 1000)]


def test_a_path_without_cameras_is_one_blind_stretch():
    assert stretches() == [(0, 1000)]


def test_lengths_are_those_of_the_path_not_of_its_edges():
    assert stretches(200.0, start_m=100.0, end_m=700.0) == [(200, 600), (0, 200)]


def test_of_two_as_long_the_earlier_comes_first():
    assert stretches(500.0) == [(0, 500), (500, 1000)]


def test_cameras_at_one_place_and_at_the_ends_leave_no_stretch_of_no_length():
    assert stretches(0.0, 400.0, 400.0, 1000.0) == [(400, 1000), (0, 400)]


def test_shorter_ones_may_be_left_out():
    assert stretches(100.0, 350.0, 900.0, at_least_m=200.0) == [(350, 900), (100, 350)]


@given(st.lists(st.integers(0, 1000), max_size=8).map(sorted))
def test_stretches_and_cameras_fill_the_path(camera_m):
    found = stretches(*map(float, camera_m))
    assert sum(to_m - from_m for from_m, to_m in found) == pytest.approx(1000.0)
    lengths = [to_m - from_m for from_m, to_m in found]
    assert lengths == sorted(lengths, reverse=True)
    assert not any(from_m < camera < to_m for from_m, to_m in found for camera in camera_m)
