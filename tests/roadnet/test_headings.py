"""Directions of edges over their first metres, their last, and around a place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.geodesy import points_at
from roadnet.headings import Headings
from tests.roadnet.towns import grid_town, town


def corner():
    """One edge: 40 m east, then 30 m north."""
    place = town("A 0 0; B 40 30", "A>(40,0)>B")
    return Headings(place.graph), np.array([place.edge("A", "B")]), place


def test_direction_over_the_first_and_the_last_25_m():
    headings, edge, _ = corner()
    assert headings.departing(edge) == pytest.approx([90.0], abs=0.01)
    assert headings.arriving(edge) == pytest.approx([0.0], abs=0.01)


@pytest.mark.parametrize(
    ("at_m", "expected"),
    [(0.0, 90.0), (12.5, 90.0), (40.0, 45.0), (57.5, 0.0), (70.0, 0.0), (99.0, 0.0)],
)
def test_direction_around_a_place_is_read_over_25_m_of_the_edge(at_m, expected):
    headings, edge, _ = corner()
    assert headings.around(edge, np.array([at_m])) == pytest.approx([expected], abs=0.01)


def test_direction_of_a_loop_is_that_of_its_later_half():
    place = town("A 0 0; B 100 0", "A-B; A>(5,0)>(5,5)>(0,5)>A")
    loop = np.array(place.edges("A", "A"))
    # From the far corner back to A: south-west.
    assert Headings(place.graph).arriving(loop) == pytest.approx([225.0], abs=0.1)
    assert Headings(place.graph).departing(loop) == pytest.approx([225.0], abs=0.1)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 23), st.floats(-10.0, 120.0))
def test_places_along_an_edge_equal_interpolation(edge, at_m):
    graph = grid_town(3, 3).graph
    assert graph.edge_count == 24
    lon, lat = Headings(graph).places(np.array([edge]), np.array([at_m]))
    points = graph.geometry(edge)
    expected = points_at(points[:, 0], points[:, 1], at_m)
    assert (lon[0], lat[0]) == pytest.approx(expected, abs=1e-9)
