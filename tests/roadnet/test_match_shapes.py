"""Shapes of roads that a drawn line must find its way through: loops, levels, rings, pairs, pieces."""

from __future__ import annotations

import pytest

from roadnet.mapmatching import LineMatcher
from roadnet.types import FLAG_BRIDGE, FLAG_TUNNEL
from tests.roadnet.towns import grid_town, town


def driven(place, *line):
    """Names of the streets along the matched path, each once in a row; and the match."""
    found = LineMatcher(place.graph).match_line(place.lonlat(*line))
    found.path.validate(place.graph)
    names = []
    for edge in found.path.edges.tolist():
        name = place.graph.name(edge)
        if not names or names[-1] != name:
            names.append(name)
    return names, found


def codes(found):
    return [warning.code for warning in found.warnings]


# -- levels: they cross on the map and nowhere else --------------------------------------------

OVER = town(
    "W -400 0; E 400 0; S 0 -400; N 0 400; a -400 200; b 0 200; c 400 200",
    "W-(0,0.5)-E primary name=Under; S-(0.5,0)-b-N trunk bridge layer=1 name=Over; a-b-c name=Top",
)
BELOW = town(
    "W -500 0; A -300 0; B 300 0; E 500 0; a -300 100; b 300 100",
    "W-A primary name=In; A-B primary tunnel layer=-1 name=Tunnel; B-E primary name=Out;"
    "A-a name=Up; a-b name=Above; b-B name=Down",
)


def test_a_line_under_a_bridge_stays_below_and_one_over_it_above():
    under, found = driven(OVER, (-390, 5), (390, -5))
    assert (under, codes(found)) == (["Under"], [])
    over, found = driven(OVER, (4, -390), (-4, 390))
    assert over == ["Over"]
    assert (OVER.graph.edge_flags[found.path.edges] & FLAG_BRIDGE).all()


def test_no_way_leads_from_one_level_to_the_other_where_they_only_cross():
    # Drawn round a corner that is none.
    names, found = driven(OVER, (-390, 0), (0, 0), (0, 390))
    assert names == ["Under"]
    assert "disconnected" in codes(found)


def test_a_line_through_a_tunnel_does_not_come_up_to_the_street_beside():
    names, found = driven(BELOW, (-490, 3), (-300, 4), (300, -6), (490, 0))
    assert (names, codes(found)) == (["In", "Tunnel", "Out"], [])
    assert (BELOW.graph.edge_flags[found.path.edges] & FLAG_TUNNEL).any()
    names, found = driven(BELOW, (-490, 0), (-300, 3), (-297, 100), (303, 97), (300, 2), (490, 0))
    assert names == ["In", "Up", "Above", "Down", "Out"]


# -- a roundabout of 30 m, driven on the right ---------------------------------------------------

RING = town(
    "S 0 -300; s 0 -30; e 30 0; n 0 30; w -30 0; N 0 300; E 300 0; W -300 0",
    "s>(21,-21)>e>(21,21)>n>(-21,21)>w>(-21,-21)>s primary roundabout name=Ring;"
    "S-s primary name=South; N-n primary name=North; E-e primary name=East; W-w primary name=West",
)


@pytest.mark.parametrize(
    ("line", "names", "ring_m"),
    [
        (((0, -290), (0, -40), (40, 0), (290, 0)), ["South", "Ring", "East"], 46),
        (((0, -290), (3, -35), (28, 5), (0, 40), (0, 290)), ["South", "Ring", "North"], 91),
        (
            ((0, -290), (0, -30), (25, 0), (0, 28), (-30, 5), (-290, 0)),
            ["South", "Ring", "West"],
            137,
        ),
    ],
)
def test_a_roundabout_is_driven_round_in_its_direction_to_the_exit_meant(line, names, ring_m):
    found_names, found = driven(RING, *line)
    assert found_names == names
    ring = [edge for edge in found.path.edges.tolist() if RING.graph.name(edge) == "Ring"]
    assert RING.graph.edge_length_m[ring].sum() == pytest.approx(ring_m, abs=3)


def test_a_line_drawn_straight_across_a_roundabout_goes_round_it():
    names, _ = driven(RING, (0, -290), (0, 290))
    assert names == ["South", "Ring", "North"]


# -- loops ------------------------------------------------------------------------------------

GRID = grid_town(5, 5)


def test_a_line_round_a_block_and_over_its_own_beginning_keeps_the_loop():
    line = [(0, 100), (200, 100), (200, 200), (100, 200), (100, 0)]
    _, found = driven(GRID, *line)
    assert found.path.length_m(GRID.graph) == pytest.approx(200 + 100 + 100 + 200, abs=2)
    assert codes(found) == []


def test_a_line_twice_round_a_block_is_driven_twice():
    once = [(100, 100), (200, 100), (200, 200), (100, 200)]
    _, found = driven(GRID, (0, 100), *once, *once, (100, 100), (100, 0))
    assert found.path.length_m(GRID.graph) == pytest.approx(100 + 2 * 400 + 100, abs=2)


def test_a_figure_of_eight_crosses_itself_and_is_no_u_turn():
    line = [(100, 0), (100, 200), (200, 200), (200, 100), (0, 100)]
    _, found = driven(GRID, *line)
    assert found.path.length_m(GRID.graph) == pytest.approx(200 + 100 + 100 + 200, abs=2)
    assert "uturn" not in codes(found)


# -- two carriageways 12 m apart ------------------------------------------------------------------

PAIR = town(
    "W -500 0; a -400 6; b 400 6; c -400 -6; d 400 -6; E 500 0",
    "W-a name=West; W-c name=West; b>a primary name=Back; c>d primary name=Forth;"
    "b-E name=East; d-E name=East",
)


@pytest.mark.parametrize("aside", [-8.0, 0.0, 8.0])
def test_of_two_carriageways_the_direction_decides_even_on_the_wrong_side(aside):
    names, _ = driven(PAIR, (-390, aside), (390, aside))
    assert "Forth" in names
    assert "Back" not in names
    names, _ = driven(PAIR, (390, aside), (-390, aside))
    assert "Back" in names
    assert "Forth" not in names


# -- a network in two pieces ----------------------------------------------------------------------

PIECES = town(
    "A -600 0; B 0 0; C 120 0; D 700 0; b 0 200; c 120 200",
    "A-B name=Left; C-D name=Right; B-b name=Up; C-c name=Down",
)


def test_a_line_from_one_piece_to_another_keeps_the_longer_and_says_so():
    names, found = driven(PIECES, (-590, 0), (690, 0))
    assert names in (["Left"], ["Right"])
    assert "disconnected" in codes(found)
