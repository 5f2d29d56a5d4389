"""Where a line may mean another path, that path is given, and how likely it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.doubtful_cameras import taken_instead
from roadnet.errors import MatchError
from roadnet.mapmatching import LineMatcher, match_line
from roadnet.paths import Path
from tests.roadnet.towns import grid_town, town

# Two streets 40 m apart, as good as each other for a line between them.
PAIR = town(
    "E -200 20; A 0 0; B 500 0; C 0 40; D 500 40; F 700 20",
    "E-A primary; A-B primary name=South; B-F primary; E-C primary; C-D primary name=North; D-F primary",
)
GRID = grid_town(5, 5, 80.0)
MATCHER = LineMatcher(GRID.graph)


def at_ends(other):
    return other.from_m == other.to_m


def spliced(found, other):
    path = found.path.edges.tolist()
    return path[: other.first] + other.edges.tolist() + path[other.beyond :]


def test_a_line_between_two_streets_has_both():
    found = match_line(PAIR.graph, PAIR.lonlat((-190, 20), (0, 21), (500, 21), (690, 20)))
    ways = {tuple(PAIR.path("E-A-B-F")), tuple(PAIR.path("E-C-D-F"))}
    assert tuple(found.path.edges.tolist()) in ways
    (other,) = found.alternatives
    assert {tuple(found.path.edges.tolist()), tuple(spliced(found, other))} == ways
    assert 0.3 < other.likelihood <= 0.5
    assert 0.0 <= other.from_m < 300.0
    assert 550.0 < other.to_m < 890.0
    assert not other.edges.flags.writeable


def test_a_line_on_its_street_has_no_other():
    found = match_line(PAIR.graph, PAIR.lonlat((-190, 20), (0, 0), (500, 0), (690, 20)))
    assert found.path.edges.tolist() == PAIR.path("E-A-B-F")
    assert found.alternatives == ()


# Two crossings 24 m apart on one street.
STAGGERED = town("W -300 0; A 0 0; B 24 0; E 300 0; N 0 300; S 24 -300", "W-A-B-E; A-N; B-S")


def test_a_line_that_ends_between_two_crossings_may_end_at_either():
    found = match_line(STAGGERED.graph, STAGGERED.lonlat((-290, 1), (10, 1)))
    assert found.path.edges.tolist() == STAGGERED.path("W-A")
    (other,) = filter(at_ends, found.alternatives)
    path = taken_instead(STAGGERED.graph, found.path, other)
    assert path.edges.tolist() == STAGGERED.path("W-A-B")
    assert path.end_offset_m == pytest.approx(24.0, abs=0.1)
    assert other.from_m == other.to_m == pytest.approx(300.0, abs=1.0)
    assert 0.2 < other.likelihood < 0.5


def test_a_line_that_begins_between_two_crossings_may_begin_at_either():
    found = match_line(STAGGERED.graph, STAGGERED.lonlat((14, 1), (290, 1)))
    assert found.path.edges.tolist() == STAGGERED.path("B-E")
    (other,) = filter(at_ends, found.alternatives)
    path = taken_instead(STAGGERED.graph, found.path, other)
    assert path.edges.tolist() == STAGGERED.path("A-B-E")
    assert (path.start_offset_m, other.from_m) == (0.0, 0.0)


def test_a_rough_line_that_ends_short_of_a_crossing_may_end_in_mid_block():
    rough = [(-900, 15), (-700, -12), (-500, 14), (-300, -15), (-120, 13), (-20, -12)]
    far = town("W -900 0; A 0 0; E 300 0; N 0 300", "W-A-E; A-N")
    found = match_line(far.graph, far.lonlat(*rough))
    assert found.path.edges.tolist() == far.path("W-A")
    assert found.path.end_offset_m == pytest.approx(900.0, abs=0.5)
    (other,) = [one for one in found.alternatives if one.end_m < np.inf]
    path = taken_instead(far.graph, found.path, other)
    assert path.edges.tolist() == far.path("W-A")
    assert path.end_offset_m == pytest.approx(880.0, abs=2.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-20.0, 340.0), st.floats(-20.0, 340.0)), min_size=2, max_size=6
    ).filter(lambda places: len({(round(x), round(y)) for x, y in places}) == len(places))
)
def test_every_alternative_leaves_the_path_and_comes_back(places):
    try:
        found = MATCHER.match_line(GRID.lonlat(*places))
    except MatchError:
        return
    path = found.path.edges.tolist()
    for other in found.alternatives:
        assert 0 <= other.first <= other.beyond <= len(path)
        assert 0.0 < other.likelihood < 1.0
        assert other.from_m <= other.to_m
        assert other.edges.tolist() != path[other.first : other.beyond] or at_ends(other)
        other_path = taken_instead(GRID.graph, found.path, other)
        other_path.validate(GRID.graph)
        assert other_path.edges.tolist() == spliced(found, other)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ([[49.41, 108.68], [49.42, 108.69]], "line_coordinates", "look like latitude, longitude"),
        ([[476_000.0, 5_470_000.0], [476_500.0, 5_470_000.0]], "line_coordinates", "like metres"),
        ([[114.0, 27.0], [134.0, 27.0]], "line_too_long", "1000 at most"),
    ],
)
def test_what_cannot_be_a_line_is_told(line, code, said):
    with pytest.raises(MatchError, match=said) as caught:
        MATCHER.match_line(line)
    assert caught.value.code == code


def test_a_line_of_fifty_thousand_points():
    path = Path(np.array(GRID.path("n0_0-n1_0-n2_0-n2_1-n2_2")), 0.0, 80.0)
    points = path.lonlat(GRID.graph)
    at = np.linspace(0.0, len(points) - 1.0, 50_000)
    whole = np.column_stack([np.interp(at, np.arange(len(points)), axis) for axis in points.T])
    assert MATCHER.match_line(whole).path.edges.tolist() == path.edges.tolist()
    found = MATCHER.match_track(whole, np.arange(50_000.0) / 1000.0)
    assert found.path.edges.tolist() == path.edges.tolist()


def test_a_town_on_the_date_line():
    # One street ends just west of it, another begins just east; a third crosses it.
    city = town(
        "A -400 0; B -20 0; C 20 0; D 400 0; E -400 80; F 400 80",
        "A-B primary; C-D primary; A-E; E-F; F-D; B-C",
        base_lon=180.0,
        base_lat=-16.8,
    )
    lonlat = city.lonlat((-390, 1), (-30, 1))
    assert match_line(city.graph, lonlat).path.edges.tolist() == city.path("A-B")
    over = city.lonlat((-390, 1), (390, 1))
    assert over[0, 0] > 0.0 > over[1, 0]
    found = match_line(city.graph, over)
    assert found.path.edges.tolist() == city.path("A-B-C-D")
    assert found.path.length_m(city.graph) == pytest.approx(780.0, abs=5.0)
