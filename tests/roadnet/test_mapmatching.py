"""A drawn line becomes the path it means: exact, noisy, reversed, off the roads, at its ends."""

from functools import cache
from pathlib import Path as FilePath

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from roadnet.errors import MatchError
from roadnet.geodesy import angle_between_deg, bearing_deg, local_plane
from roadnet.importers import read_network
from roadnet.mapmatching import LineMatcher, junction_nodes, match_line
from roadnet.paths import Path, Router
from roadnet.types import NO_EDGE
from tests.roadnet.towns import grid_town, town

HEIDELBERG = FilePath(__file__).parents[2] / "../shared/data/roads/heidelberg.osm.pbf"

GRID = grid_town(5, 5)
GRID_MATCHER = LineMatcher(GRID.graph)

# Long street A-E with crossings at B (x=200), C (x=400), D (x=600); a one-way street beside it.
LONG = town(
    "A 0 0; B 200 0; C 400 0; D 600 0; E 800 0; b 200 200; c 400 200; d 600 200; X 400 -300; Y 600 -120",
    """
    A-B-C-D-E primary name=Long
    B-b residential name=First
    C-c residential name=Second
    D-d residential name=Third
    d>c>b residential name=Back
    C-X residential name=Dead no_goods
    D-Y service
    """,
)
LONG_MATCHER = LineMatcher(LONG.graph)


def matched(line):
    return LONG_MATCHER.match_line(LONG.lonlat(*line))


def codes(result):
    return {warning.code for warning in result.warnings}


@st.composite
def walks(draw, graph, most=12):
    """A random walk along edges that never turns straight back."""
    node = draw(st.integers(0, graph.node_count - 1))
    edges = []
    for _ in range(draw(st.integers(2, most))):
        leaving = [
            edge
            for edge in range(graph.out_offsets[node], graph.out_offsets[node + 1])
            if not edges or graph.edge_reverse[edges[-1]] != edge
        ]
        if not leaving:
            break
        edges.append(draw(st.sampled_from(leaving)))
        node = int(graph.edge_to[edges[-1]])
    return Path(np.array(edges, dtype=np.int32), 0.0, float(graph.edge_length_m[edges[-1]]))


@settings(max_examples=80, deadline=None)
@given(walks(GRID.graph))
def test_a_path_matched_from_its_own_geometry_is_itself(path):
    found = GRID_MATCHER.match_line(path.lonlat(GRID.graph))
    found.path.validate(GRID.graph)
    assert found.path.edges.tolist() == path.edges.tolist()
    assert found.path.start_offset_m == 0.0
    assert found.path.end_offset_m == path.end_offset_m
    assert found.warnings == ()
    assert found.confidence.shape == path.edges.shape
    assert (found.confidence > 0.8).all()


@settings(max_examples=80, deadline=None)
@given(walks(GRID.graph), st.data())
def test_noise_far_below_half_of_a_block_changes_nothing(path, data):
    # Up to 10 m on each axis at each corner: the ends stay within 15 m of their junctions.
    points = path.lonlat(GRID.graph)
    shift = st.floats(-10.0, 10.0)
    x, y = GRID.plane.to_xy(points[:, 0], points[:, 1])
    shifts = data.draw(st.lists(st.tuples(shift, shift), min_size=len(x), max_size=len(x)))
    east, north = np.array(shifts).T
    found = GRID_MATCHER.match_line(np.column_stack(GRID.plane.to_lonlat(x + east, y + north)))
    assert found.path.edges.tolist() == path.edges.tolist()
    # A corner of the grid is no junction: there the path may end a little short of it.
    at_junction = junction_nodes(GRID.graph)
    if at_junction[GRID.graph.edge_from[path.edges[0]]]:
        assert found.path.start_offset_m == 0.0
    if at_junction[GRID.graph.edge_to[path.edges[-1]]]:
        assert found.path.end_offset_m == path.end_offset_m
    assert found.path.length_m(GRID.graph) == pytest.approx(path.length_m(GRID.graph), abs=20.1)


@settings(max_examples=40, deadline=None)
@given(st.floats(20.0, 80.0), st.floats(20.0, 80.0), walks(GRID.graph))
def test_ends_in_mid_block_stay_where_they_are_drawn(start_m, end_m, path):
    cut = Path(path.edges, start_m, end_m)
    found = GRID_MATCHER.match_line(cut.lonlat(GRID.graph)).path
    assert found.edges.tolist() == path.edges.tolist()
    assert found.start_offset_m == pytest.approx(start_m, abs=0.01)
    assert found.end_offset_m == pytest.approx(end_m, abs=0.01)


@pytest.mark.parametrize(
    ("from_x", "to_x", "streets", "start_m", "end_m"),
    [
        (201, 399, "B-C", 0.0, 200.0),  # at both junctions
        (186, 414, "B-C", 0.0, 200.0),  # 14 m outside both: the stubs go
        (214, 386, "B-C", 0.0, 200.0),  # 14 m inside both: the path is drawn out
        (184, 416, "A-B-C-D", 184.0, 16.0),  # 16 m outside: it drives the stub
        (216, 384, "B-C", 16.0, 184.0),  # 16 m inside: it never gets there
        (250, 330, "B-C", 50.0, 130.0),
        (5, 795, "A-B-C-D-E", 5.0, 195.0),  # the ends of a street are no junctions
    ],
)
def test_an_end_within_15_m_of_a_junction_is_at_it(from_x, to_x, streets, start_m, end_m):
    path = matched([(from_x, 0), (to_x, 0)]).path
    assert path.edges.tolist() == LONG.path(streets)
    assert path.start_offset_m == pytest.approx(start_m, abs=0.05)
    assert path.end_offset_m == pytest.approx(end_m, abs=0.05)
    back = matched([(to_x, 0), (from_x, 0)]).path
    assert back.edges.tolist() == LONG.path("-".join(reversed(streets.split("-"))))


def test_intersections_may_be_given():
    none = np.zeros(LONG.graph.node_count, dtype=np.bool_)
    matcher = LineMatcher(LONG.graph, is_intersection=none)
    path = matcher.match_line(LONG.lonlat((186, 0), (414, 0))).path
    assert path.edges.tolist() == LONG.path("A-B-C-D")
    assert path.start_offset_m == pytest.approx(186.0, abs=0.05)


def test_a_junction_is_where_three_streets_meet():
    named = {name for name, node in LONG.nodes.items() if junction_nodes(LONG.graph)[node]}
    assert named == {"B", "C", "D", "c"}


def test_the_line_says_which_way_a_two_way_street_is_driven():
    assert matched([(240, 3), (360, -4)]).path.edges.tolist() == LONG.path("B-C")
    assert matched([(360, -4), (240, 3)]).path.edges.tolist() == LONG.path("C-B")


def test_a_via_point_beyond_the_corner_leaves_no_spur():
    # The officer's corner at C lies 12 m past it, on the far side of the junction.
    found = matched([(230, 0), (412, 8), (400, 170)])
    assert found.path.edges.tolist() == LONG.path("B-C-c")
    assert "uturn" not in codes(found)


def test_a_dead_end_driven_in_and_out_is_kept_and_said():
    found = matched([(250, 0), (400, 0), (400, -295), (402, -295), (400, 0), (550, 0)])
    assert found.path.edges.tolist() == LONG.path("B-C-X-C-D")
    assert {"uturn", "goods_banned"} <= codes(found)
    (turn,) = [warning for warning in found.warnings if warning.code == "uturn"]
    assert 150.0 < turn.from_m < turn.to_m < 750.0


def test_a_turn_in_mid_block_is_left_out_and_said():
    found = matched([(250, 0), (400, 0), (400, -150), (402, -150), (400, 0), (550, 0)])
    assert found.path.edges.tolist() == LONG.path("B-C-D")
    assert "uturn" in codes(found)


def test_a_path_that_ends_where_it_turns_round():
    found = matched([(250, 0), (400, 0), (400, -150), (402, -150), (402, -100)])
    assert found.path.edges.tolist() == LONG.path("B-C-X")
    assert found.path.end_offset_m == pytest.approx(150.0, abs=5.0)


def test_a_banned_street_is_matched_and_said():
    found = matched([(230, 0), (400, 0), (400, -200)])
    assert found.path.edges.tolist() == LONG.path("B-C-X")
    (warning,) = found.warnings
    assert warning.code == "goods_banned"
    assert "Dead" in warning.message
    assert warning.from_m == pytest.approx(170.0, abs=1.0)
    assert warning.to_m == pytest.approx(370.0, abs=1.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(-40.0, 40.0), st.floats(-40.0, 40.0), st.floats(0.0, 25.0))
def test_a_line_against_a_one_way_street_is_never_sure(from_shift, to_shift, aside):
    # Against d>c>b, where no other road runs: whatever comes out can be driven and is doubted.
    line = LONG.lonlat((240 + from_shift, 200 + aside), (560 + to_shift, 200 - aside))
    found = LONG_MATCHER.match_line(line)
    found.path.validate(LONG.graph)
    assert "doubtful" in codes(found)
    for edge, sure in zip(found.path.edges.tolist(), found.confidence.tolist(), strict=True):
        if LONG.one_way(edge):
            points = LONG.graph.geometry(edge)
            heading = bearing_deg(*points[0], *points[-1])
            against = angle_between_deg(heading, 90.0) > 135.0
            assert not (against and sure > 0.5)
    # And it does not run round every block on the way.
    assert found.path.length_m(LONG.graph) < 2000.0


def test_with_the_one_way_street_the_same_line_is_sure():
    found = matched([(560, 205), (240, 195)])
    assert found.path.edges.tolist() == LONG.path("d-c-b")
    assert found.warnings == ()


def test_a_line_through_a_field_is_matched_around_and_said():
    city = town(
        "A 0 0; B 1000 0; C 1000 600; D 0 600; E -300 0; F 1300 0", "E-A-B-F primary; A-D; D-C; C-B"
    )
    # From the main street 300 m into the field and back to the street.
    drawn = city.lonlat((-200, 0), (100, 0), (300, 300), (700, 300), (900, 0), (1200, 0))
    found = match_line(city.graph, drawn)
    assert found.path.edges.tolist() == city.path("E-A-B-F")
    (off,) = [warning for warning in found.warnings if warning.code == "off_network"]
    assert 300.0 < off.from_m < 600.0
    assert 1100.0 < off.to_m < 1500.0


def test_a_line_that_begins_and_ends_in_fields():
    drawn = LONG.lonlat((-500, 0), (0, 0), (800, 0), (1400, 0))
    found = LONG_MATCHER.match_line(drawn)
    assert found.path.edges.tolist() == LONG.path("A-B-C-D-E")
    off = [warning for warning in found.warnings if warning.code == "off_network"]
    assert [warning.from_m for warning in off] == pytest.approx([0.0, 1450.0], abs=60.0)
    assert [warning.to_m for warning in off] == pytest.approx([350.0, 1900.0], abs=60.0)


def test_a_road_far_from_the_line_is_said():
    found = LONG_MATCHER.match_line(LONG.lonlat((20, -100), (180, -100)))
    assert found.path.edges.tolist() == LONG.path("A-B")
    (far,) = [warning for warning in found.warnings if warning.code == "far"]
    assert "100 m" in far.message
    assert (far.from_m, far.to_m) == pytest.approx((0.0, 160.0), abs=0.1)
    assert (found.confidence < 0.5).all()


def test_a_line_over_two_networks_keeps_the_longer_part():
    city = town("A 0 0; B 600 0; C 700 0; D 2000 0", "A-B primary; C-D primary")
    found = match_line(city.graph, city.lonlat((10, 0), (1900, 0)))
    assert found.path.edges.tolist() == city.path("C-D")
    (cut,) = [warning for warning in found.warnings if warning.code == "disconnected"]
    assert cut.from_m == 0.0
    assert 500.0 < cut.to_m < 700.0


def test_a_line_between_two_parallel_streets_is_doubtful():
    city = town(
        "A 0 0; B 500 0; C 0 60; D 500 60; E -100 30; F 600 30",
        "E-A primary; A-B primary; B-F primary; E-C primary; C-D primary; D-F primary",
    )
    found = match_line(city.graph, city.lonlat((30, 30), (470, 30)))
    assert "doubtful" in codes(found) or found.confidence.min() == pytest.approx(0.5, abs=0.05)
    nearer = match_line(city.graph, city.lonlat((30, 3), (470, 2)))
    assert nearer.path.edges.tolist() == city.path("A-B")
    assert nearer.confidence.min() > 0.9


def test_a_dense_track_is_matched_like_its_line():
    x = np.arange(230.0, 570.0, 0.5)
    track = LONG.lonlat(*np.column_stack((x, 2.0 * np.sin(x / 7.0))))
    assert LONG_MATCHER.match_line(track).path.edges.tolist() == LONG.path("B-C-D")


def test_repeated_points_and_altitudes_do_no_harm():
    line = LONG.lonlat((230, 0), (230, 0), (400, 0), (400, 0), (400, 170), (400, 170))
    with_altitude = np.column_stack((line, np.full(6, 12.0)))
    found = LONG_MATCHER.match_line(with_altitude.tolist())
    assert found.path.edges.tolist() == LONG.path("B-C-c")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ([], "line_too_short", "no points"),
        ([[114.39, 27.81]], "line_too_short", "one distinct point"),
        ([[114.39, 27.81]] * 3, "line_too_short", "one distinct point"),
        ([[114.39, float("nan")], [114.4, 27.8]], "line_coordinates", "point 0: .*not numbers"),
        ([[114.39, 27.8], [114.4, float("inf")]], "line_coordinates", "point 1: .*not numbers"),
        ([[27.81, 114.39], [27.81, 114.40]], "line_coordinates", "swapped, expected lon first"),
        ([[114.39, 27.81], [500.0, 27.81]], "line_coordinates", "point 1: lon 500.0"),
        ([1.0, 2.0], "line_malformed", r"shape \(2,\)"),
        ([[1.0, 2.0], [3.0]], "line_malformed", "lon, lat pairs"),
        ([["a", "b"], ["c", "d"]], "line_malformed", "lon, lat pairs"),
        ([[115.39, 27.81], [115.40, 27.81]], "off_network", "the nearest is 97.*km away"),
    ],
)
def test_a_line_that_is_none_is_refused_with_its_reason(line, code, said):
    with pytest.raises(MatchError, match=said) as caught:
        LONG_MATCHER.match_line(line)
    assert caught.value.code == code


def test_swapped_coordinates_within_bounds_are_suspected():
    city = town("A 0 0; B 500 0", "A-B", base_lon=8.68, base_lat=49.41)
    with pytest.raises(MatchError, match="seem to be swapped, expected lon first"):
        match_line(city.graph, city.lonlat((10, 0), (400, 0))[:, ::-1])


def test_a_line_straight_across_a_street_fits_no_path():
    with pytest.raises(MatchError, match="no stretch of road runs along") as caught:
        LONG_MATCHER.match_line(LONG.lonlat((100, -40), (100, 40)))
    assert caught.value.code == "no_path"


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-300, 1100), st.floats(-500, 500)), min_size=2, max_size=8, unique=True
    )
)
def test_whatever_is_drawn_the_path_can_be_driven(scribble):
    try:
        found = matched(scribble)
    except MatchError as error:
        event(error.code)
        return
    found.path.validate(LONG.graph)
    assert found.path.length_m(LONG.graph) > 0.0
    assert found.confidence.shape == found.path.edges.shape
    assert ((found.confidence >= 0.0) & (found.confidence <= 1.0)).all()
    line = LONG.lonlat(*scribble)
    assert [w.from_m for w in found.warnings] == sorted(w.from_m for w in found.warnings)
    again = LONG_MATCHER.match_line(line)
    assert again.path.edges.tolist() == found.path.edges.tolist()
    assert again.warnings == found.warnings


@cache
def heidelberg():
    graph = read_network(str(HEIDELBERG))
    return graph, Router(graph, landmarks=8), LineMatcher(graph)


@pytest.mark.skipif(not HEIDELBERG.exists(), reason="no shared/data: real network absent")
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_real_lorry_routes_are_found_from_their_own_geometry(data):
    graph, router, matcher = heidelberg()
    node = st.integers(0, graph.node_count - 1)
    path = router.path(data.draw(node), data.draw(node))
    if path is None or path.length_m(graph) < 200.0:
        return
    found = matcher.match_line(path.lonlat(graph))
    found.path.validate(graph)
    # Some streets are in the map twice, at the same place: compare where it runs, not its ids.
    truth, points = path.lonlat(graph), found.path.lonlat(graph)
    plane = local_plane(*truth[0])
    assert found.path.length_m(graph) == pytest.approx(path.length_m(graph), rel=0.02, abs=60.0)
    missing = np.setdiff1d(path.edges[1:-1], found.path.edges)
    back = graph.edge_reverse[path.edges]
    against = np.intersect1d(found.path.edges, np.setdiff1d(back[back != NO_EDGE], path.edges))
    assert graph.edge_length_m[missing].sum() < 0.02 * path.length_m(graph) + 60.0
    assert graph.edge_length_m[against].sum() < 60.0
    ends = np.column_stack(plane.to_xy(points[[0, -1], 0], points[[0, -1], 1]))
    wanted = np.column_stack(plane.to_xy(truth[[0, -1], 0], truth[[0, -1], 1]))
    assert np.abs(ends - wanted).max() < 35.0
