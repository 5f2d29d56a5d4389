"""What a vehicle must not drive is told of a drawn path, or kept out of it, as asked."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.mapmatching import LineMatcher
from roadnet.vehicles import Vehicle
from tests.roadnet.towns import grid_town, town

# A block: A-B-C along the bottom, its way round by D and E; a dead end X beyond C.
BLOCK = town(
    "Z -200 0; B 200 0; C 400 0; D 200 80; E 400 80; X 600 0; Y 200 280",
    """
    Z-B primary name=Low
    B-C primary name=Low
    C-X primary name=Low
    B-D residential name=Up
    D-E residential name=High
    E-C residential name=Down
    D-Y residential name=Up
    """,
)
ALONG = BLOCK.lonlat((-150, 0), (200, 0), (400, 0), (590, 0))


def with_bans(city, *paths):
    bans = sorted(city.path(text) for text in paths)
    return replace(
        city.graph,
        ban_offsets=np.cumsum([0] + [len(ban) for ban in bans], dtype=np.int64),
        ban_edges=np.array([edge for ban in bans for edge in ban], dtype=np.int32),
    )


def limited(city, column, edges, value):
    values = getattr(city.graph, column).copy()
    values[edges] = value
    return replace(city.graph, **{column: values})


def warnings(found, code):
    return [warning for warning in found.warnings if warning.code == code]


def test_a_closed_street_is_matched_and_said():
    matcher = LineMatcher(BLOCK.graph, closed_edges=BLOCK.path("B-C"))
    found = matcher.match_line(ALONG)
    assert found.path.edges.tolist() == BLOCK.path("Z-B-C-X")
    (closed,) = warnings(found, "closed")
    assert "Low" in closed.message
    assert (closed.from_m, closed.to_m) == pytest.approx((350.0, 550.0), abs=1.0)


def test_a_closed_street_is_driven_round_when_respected():
    matcher = LineMatcher(BLOCK.graph, closed_edges=BLOCK.path("B-C"), bans="respect")
    found = matcher.match_line(ALONG)
    assert found.path.edges.tolist() == BLOCK.path("Z-B-D-E-C-X")
    assert warnings(found, "closed") == []
    assert "doubtful" in {warning.code for warning in found.warnings}


def test_one_direction_of_a_street_may_be_closed():
    matcher = LineMatcher(BLOCK.graph, closed_edges=BLOCK.path("B-C"), bans="respect")
    back = matcher.match_line(ALONG[::-1])
    assert back.path.edges.tolist() == BLOCK.path("X-C-B-Z")


def test_limits_are_those_of_the_vehicle():
    graph = limited(BLOCK, "edge_max_weight_t", BLOCK.path("B-C"), 7.5)
    assert LineMatcher(graph).match_line(ALONG).warnings == ()
    heavy = LineMatcher(graph, vehicle=Vehicle(weight_t=12.0)).match_line(ALONG)
    (over,) = warnings(heavy, "over_limit")
    assert "Low" in over.message
    light = LineMatcher(graph, vehicle=Vehicle(weight_t=7.5)).match_line(ALONG)
    assert light.warnings == ()
    round_it = LineMatcher(graph, vehicle=Vehicle(weight_t=12.0), bans="respect")
    assert round_it.match_line(ALONG).path.edges.tolist() == BLOCK.path("Z-B-D-E-C-X")


def test_conditions_are_told_in_their_own_words():
    graph = limited(BLOCK, "edge_condition", BLOCK.path("B-C"), 1)
    graph = replace(graph, conditions=("", "no @ (Mo-Fr 07:00-19:00)"))
    (told,) = warnings(LineMatcher(graph).match_line(ALONG), "conditional")
    assert "no @ (Mo-Fr 07:00-19:00)" in told.message
    assert "Low" in told.message
    car = LineMatcher(graph, vehicle=Vehicle(goods=False)).match_line(ALONG)
    assert car.warnings == ()


def test_a_banned_turn_is_matched_and_said():
    graph = with_bans(BLOCK, "Z-B-D")
    drawn = BLOCK.lonlat((-150, 0), (200, 0), (200, 250))
    found = LineMatcher(graph).match_line(drawn)
    assert found.path.edges.tolist() == BLOCK.path("Z-B-D-Y")
    (turn,) = warnings(found, "turn_banned")
    assert "from Low into Up" in turn.message
    assert turn.from_m == pytest.approx(350.0, abs=2.0)
    assert LineMatcher(graph).match_line(ALONG).warnings == ()


def test_a_banned_turn_is_driven_round_when_respected():
    graph = with_bans(BLOCK, "Z-B-D")
    drawn = BLOCK.lonlat((-150, 0), (200, 0), (200, 250))
    found = LineMatcher(graph, bans="respect").match_line(drawn)
    found.path.validate(graph)
    driven = found.path.edges.tolist()
    assert (driven[0], driven[-1]) == (BLOCK.edge("Z", "B"), BLOCK.edge("D", "Y"))
    assert tuple(BLOCK.path("Z-B-D")) not in list(pairwise(driven))
    assert warnings(found, "turn_banned") == []


def test_a_turn_banned_by_way_of_a_street_is_told_in_either_case():
    graph = with_bans(BLOCK, "B-D-E-C")
    drawn = BLOCK.lonlat((-150, 0), (200, 0), (200, 80), (400, 80), (400, 0), (590, 0))
    for bans in ("report", "respect"):
        found = LineMatcher(graph, bans=bans).match_line(drawn)
        assert found.path.edges.tolist() == BLOCK.path("Z-B-D-E-C-X")
        (turn,) = warnings(found, "turn_banned")
        assert "from Up into Down" in turn.message


GRID = grid_town(5, 4)


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(0, GRID.graph.edge_count - 1), max_size=12),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=5, unique=True),
)
def test_what_is_respected_is_never_driven(closed, stops):
    matcher = LineMatcher(GRID.graph, closed_edges=closed, bans="respect")
    found = matcher.match_line(GRID.lonlat(*[(100.0 * c, 100.0 * r) for c, r in stops]))
    found.path.validate(GRID.graph)
    assert not closed & set(found.path.edges.tolist())
