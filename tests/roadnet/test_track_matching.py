"""A GPS track becomes the path that was driven: noise, standstills, gaps, slips, sparse points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.errors import MatchError
from roadnet.geodesy import cumulative_m, points_at
from roadnet.mapmatching import LineMatcher, match_track
from roadnet.paths import Path
from tests.roadnet.towns import grid_town, town

GRID = grid_town(5, 5, 120.0)
MATCHER = LineMatcher(GRID.graph)


def drive(path, graph, every_m=12.0, mps=12.0):
    """Positions along a path, and their seconds."""
    points = path.lonlat(graph)
    lon, lat = points[:, 0], points[:, 1]
    length_m = float(cumulative_m(lon, lat)[-1])
    at_m = np.append(np.arange(0.0, length_m - 1.0, every_m), length_m)
    return np.column_stack(points_at(lon, lat, at_m)), at_m / mps


def moved(points, east_m, north_m, city=GRID):
    x, y = city.plane.to_xy(points[:, 0], points[:, 1])
    return np.column_stack(city.plane.to_lonlat(x + east_m, y + north_m))


@st.composite
def drives(draw, graph, most=10):
    """A random drive along edges that never turns straight back."""
    node = draw(st.integers(0, graph.node_count - 1))
    edges = []
    for _ in range(draw(st.integers(2, most))):
        leaving = [
            edge
            for edge in range(graph.out_offsets[node], graph.out_offsets[node + 1])
            if not edges or graph.edge_reverse[edges[-1]] != edge
        ]
        edges.append(draw(st.sampled_from(leaving)))
        node = int(graph.edge_to[edges[-1]])
    return Path(np.array(edges, dtype=np.int32), 0.0, float(graph.edge_length_m[edges[-1]]))


@settings(max_examples=60, deadline=None)
@given(drives(GRID.graph), st.floats(3.0, 40.0))
def test_a_track_of_exact_positions_is_the_path_driven(path, every_m):
    found = MATCHER.match_track(*drive(path, GRID.graph, every_m))
    found.path.validate(GRID.graph)
    assert found.path.edges.tolist() == path.edges.tolist()
    assert found.path.length_m(GRID.graph) == pytest.approx(path.length_m(GRID.graph), abs=1.5)


@settings(max_examples=60, deadline=None)
@given(drives(GRID.graph), st.data())
def test_a_receivers_noise_changes_nothing(path, data):
    points, seconds = drive(path, GRID.graph)
    noise = st.floats(-8.0, 8.0)
    count = len(points)
    shift = data.draw(st.lists(st.tuples(noise, noise), min_size=count, max_size=count))
    # The ends stay: a position beyond the last junction is one in the next street.
    east, north = np.array(shift).T
    east[[0, -1]] = north[[0, -1]] = 0.0
    found = MATCHER.match_track(moved(points, east, north), seconds).path
    assert found.edges.tolist() == path.edges.tolist()


def test_a_standstill_adds_nothing():
    path = Path(np.array(GRID.path("n0_0-n1_0-n2_0-n2_1")), 0.0, 120.0)
    points, seconds = drive(path, GRID.graph)
    wait = 10
    stand = np.repeat(points[wait : wait + 1], 50, axis=0)
    angle = np.arange(50) * 2.4
    stand = moved(stand, 6.0 * np.cos(angle), 6.0 * np.sin(angle))
    track = np.concatenate((points[:wait], stand, points[wait:]))
    clock = np.concatenate(
        (seconds[:wait], seconds[wait] + np.arange(50.0) / 10.0, seconds[wait:] + 10.0)
    )
    found = MATCHER.match_track(track, clock)
    assert found.path.edges.tolist() == path.edges.tolist()
    assert "uturn" not in {warning.code for warning in found.warnings}


def test_a_position_that_nobody_can_have_driven_to_is_left_out():
    path = Path(np.array(GRID.path("n0_2-n1_2-n2_2-n3_2-n4_2")), 0.0, 120.0)
    points, seconds = drive(path, GRID.graph)
    points[20] = moved(points[20:21], 0.0, 200.0)[0]
    found = MATCHER.match_track(points, seconds)
    assert found.path.edges.tolist() == path.edges.tolist()


@pytest.mark.parametrize("every_m", [150.0, 300.0, 450.0])
def test_sparse_positions_are_joined_by_the_road(every_m):
    # A long road with a bend between the positions: the straight line between them is no road.
    city = town(
        "A 0 0; B 500 0; C 500 700; D 1400 700; X 0 700; Y 1400 0",
        "A-B primary; B-C primary; C-D primary; A-X; X-C; B-Y; Y-D",
    )
    path = Path(np.array(city.path("A-B-C-D")), 0.0, 900.0)
    points, seconds = drive(path, city.graph, every_m)
    found = match_track(city.graph, points, seconds)
    assert found.path.edges.tolist() == path.edges.tolist()


def test_a_gap_in_the_track_is_closed_along_the_road():
    path = Path(np.array(GRID.path("n0_0-n1_0-n2_0-n3_0-n4_0")), 0.0, 120.0)
    points, seconds = drive(path, GRID.graph)
    keep = np.ones(len(points), dtype=np.bool_)
    keep[8:30] = False
    found = MATCHER.match_track(points[keep], seconds[keep])
    assert found.path.edges.tolist() == path.edges.tolist()


def test_one_way_streets_are_never_driven_against():
    city = town(
        "A 0 0; B 300 0; C 300 40; D 0 40; W -100 20; E 400 20",
        "A>B primary; C>D primary; W-A; D-W; B-E; E-C",
    )
    # Nearer to the carriageway of the other direction all along.
    points = city.lonlat(*[(x, 25.0) for x in range(5, 300, 12)])
    found = match_track(city.graph, points, np.arange(len(points)))
    assert city.edge("A", "B") in found.path.edges.tolist()
    assert city.edge("C", "D") not in found.path.edges.tolist()


@pytest.mark.parametrize(
    ("points", "seconds", "code", "said"),
    [
        ([(0, 0), (50, 0)], [0.0], "track_lengths", "2 points but seconds of shape"),
        ([(0, 0), (50, 0)], [0.0, 0.0], "track_seconds", "point 1: 0 s does not come after 0 s"),
        ([(0, 0), (9, 0), (50, 0)], [0, 5, 4], "track_seconds", "point 2: 4 s does not"),
        ([(0, 0), (50, 0)], [0.0, float("nan")], "track_seconds", "point 1: nan is not"),
        ([(0, 0), (50, 0)], ["now", "then"], "track_seconds", "list of numbers"),
        ([(0, 0), (0, 0)], [0.0, 1.0], "line_too_short", "one distinct point"),
        ([(0, 0)], [0.0], "line_too_short", "one distinct point"),
    ],
)
def test_a_track_that_is_none_is_refused_with_its_reason(points, seconds, code, said):
    with pytest.raises(MatchError, match=said) as caught:
        MATCHER.match_track(GRID.lonlat(*points), seconds)
    assert caught.value.code == code
