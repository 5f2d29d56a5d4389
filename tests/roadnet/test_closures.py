"""What a drawn closure closes, rule by rule, on toy towns."""

from __future__ import annotations

import pytest

from roadnet.closures import ClosureReader, all_closed
from roadnet.errors import MatchError
from tests.roadnet.towns import grid_town, town

GRID = grid_town(4, 4)
DIVIDED = town(
    "A 0 0; B 300 0; C 600 0; a 0 14; b 300 14; c 600 14; s 300 200; e -100 7; w 700 7",
    """A>B>C primary name=Ring
    c>b>a primary name=Ring
    B-b-s name=Side
    e>A primary name=Ring; a>e primary name=Ring
    C>w primary name=Ring; w>c primary name=Ring""",
)


def closed(place, *points, both=True):
    return ClosureReader(place.graph).read(place.lonlat(*points), both_directions=both)


def pair(place, first, second):
    return {place.edge(first, second), place.edge(second, first)}


def test_a_line_along_a_block_closes_it_in_both_directions():
    found = closed(GRID, (105, 102), (195, 98))
    assert set(found.edges.tolist()) == pair(GRID, "n1_1", "n2_1")
    assert found.doubts == ()


def test_a_line_told_one_direction_closes_the_way_it_is_drawn():
    assert closed(GRID, (195, 98), (105, 102), both=False).edges.tolist() == [
        GRID.edge("n2_1", "n1_1")
    ]


def test_a_line_that_only_comes_to_a_junction_closes_nothing_beyond():
    found = closed(GRID, (97, 100), (203, 100))
    assert set(found.edges.tolist()) == pair(GRID, "n1_1", "n2_1")


def test_a_line_that_covers_part_of_an_edge_closes_all_of_it():
    found = closed(GRID, (130, 100), (230, 100))
    assert set(found.edges.tolist()) == pair(GRID, "n1_1", "n2_1") | pair(GRID, "n2_1", "n3_1")


@pytest.mark.parametrize("length", [0, 1, 6, 14])
def test_a_spot_closes_its_edge(length):
    found = closed(GRID, (150, 103), (150 + length, 103))
    assert set(found.edges.tolist()) == pair(GRID, "n1_1", "n2_1")
    assert found.doubts == ()


def test_a_spot_of_one_direction_closes_that_one():
    found = closed(GRID, (158, 103), (150, 103), both=False)
    assert found.edges.tolist() == [GRID.edge("n2_1", "n1_1")]


def test_a_spot_at_a_junction_is_doubtful():
    found = closed(GRID, (100, 100), (100, 100))
    assert [doubt.code for doubt in found.doubts] == ["at_junction"]
    assert found.edges.size == 2


def test_both_carriageways_are_closed_unless_one_direction_is_told():
    line = ((20, 0), (280, 0))
    assert set(closed(DIVIDED, *line).edges.tolist()) == {
        DIVIDED.edge("A", "B"),
        DIVIDED.edge("b", "a"),
    }
    assert closed(DIVIDED, *line, both=False).edges.tolist() == [DIVIDED.edge("A", "B")]


def test_a_line_against_a_one_way_street_closes_it_with_a_doubt():
    place = town("A 0 0; B 300 0; C 150 400", "A>B name=Only; B>C; C>A")
    assert place.edge("A", "B") in closed(place, (280, 0), (20, 0)).edges
    found = closed(place, (280, 0), (20, 0), both=False)
    assert found.edges.tolist() == [place.edge("A", "B")]
    assert "against_oneway" in [doubt.code for doubt in found.doubts]


def test_a_line_far_from_every_street_closes_nothing_and_says_so():
    found = closed(GRID, (5000, 5000), (5200, 5000))
    assert found.edges.size == 0
    assert [doubt.code for doubt in found.doubts] == ["no_street"]
    assert [doubt.code for doubt in closed(GRID, (150, 150), (150, 150)).doubts] == ["no_street"]


def test_a_line_that_is_no_line_is_refused():
    with pytest.raises(MatchError, match="outside"):
        ClosureReader(GRID.graph).read([(200.0, 95.0), (200.0, 96.0)])


def test_closures_add_up():
    reader = ClosureReader(GRID.graph)
    both = [
        reader.read(GRID.lonlat((110, 100), (190, 100))),
        reader.read(GRID.lonlat((110, 200), (190, 200))),
    ]
    assert all_closed(both).tolist() == sorted({e for one in both for e in one.edges.tolist()})
    assert all_closed([]).size == 0
