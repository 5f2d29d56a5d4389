"""Turn restrictions of toy OSM files, each of the rules."""

from __future__ import annotations

import pytest

from roadnet.importers import read_network_with_notes
from tests.roadnet.importers.osm_text import OsmTown

#      N
#      |
#  W - X - E - F      the street W-X-E is one way or two, as said
#      |   |
#      S - T
PLACES = "W 0 100; X 100 100; E 200 100; F 300 100; N 100 200; S 100 0; T 200 0"
STREETS = "11 W-X; 12 X-E; 13 X-N; 14 S-X; 15 E-F; 16 S-T; 17 T-E"


@pytest.fixture
def banned(tmp_path):
    def read(
        relations: str, streets: str = STREETS, places: str = PLACES
    ) -> tuple[set[str], tuple[str, ...]]:
        town = OsmTown(places, streets, relations)
        path = tmp_path / "town.osm"
        path.write_text(town.xml(), encoding="utf-8")
        graph, notes = read_network_with_notes(str(path))
        assert graph.check() == ()
        return {town.chain(graph, ban) for ban in graph.bans()}, notes

    return read


def test_a_prohibition_bans_its_turn_in_its_direction_only(banned):
    assert banned("no_left_turn 11 X 13") == ({"W-X-N"}, ())


def test_an_obligation_bans_every_other_way_on(banned):
    found, _ = banned("only_straight_on 11 X 12")
    assert found == {"W-X-N", "W-X-S", "W-X-W"}


def test_two_obligations_from_one_street_are_choices(banned):
    found, _ = banned("only_straight_on 11 X 12; only_right_turn 11 X 14")
    assert found == {"W-X-N", "W-X-W"}


def test_a_u_turn_within_one_street(banned):
    assert banned("no_u_turn 11 X 11")[0] == {"W-X-W"}


def test_no_entry_names_several_streets_and_so_does_no_exit(banned):
    assert banned("no_entry 11,14 X 13")[0] == {"W-X-N", "S-X-N"}
    assert banned("no_exit 11 X 13,14")[0] == {"W-X-N", "W-X-S"}


def test_a_street_that_runs_on_past_the_node_is_entered_by_the_turn_that_bears_the_name(banned):
    streets = STREETS.replace("13 X-N; 14 S-X", "13 S-X-N")
    assert banned("no_left_turn 11 X 13", streets)[0] == {"W-X-N"}
    assert banned("no_right_turn 11 X 13", streets)[0] == {"W-X-S"}
    assert banned("no_left_turn 13 X 11", streets)[0] == {"S-X-W"}
    # A name that says nothing of the side means both.
    assert banned("no_exit 11 X 13", streets)[0] == {"W-X-N", "W-X-S"}


def test_straight_on_along_one_street_is_no_u_turn(banned):
    streets = STREETS.replace("11 W-X; 12 X-E", "11 W-X-E")
    assert banned("no_straight_on 11 X 11", streets)[0] == {"W-X-E", "E-X-W"}
    assert banned("no_u_turn 11 X 11", streets)[0] == {"W-X-W", "E-X-E"}


def test_a_way_that_is_cut_at_junctions_is_banned_where_it_touches_the_node(banned):
    places = PLACES + "; M 50 100; B 50 50"
    streets = STREETS.replace("11 W-X", "11 W-M-X; 18 M-B")
    assert banned("no_left_turn 11 X 13", streets, places)[0] == {"M-X-N"}


@pytest.mark.parametrize("order", ["12", "12,15", "15,12"])
def test_via_ways_in_any_order(banned, order):
    streets, onto = (
        ("11 W-X; 12 X-E; 17 E-T", "17")
        if order == "12"
        else ("11 W-X; 12 X-E; 15 E-F; 17 F-T", "17")
    )
    last = "E-T" if order == "12" else "E-F-T"
    assert banned(f"no_u_turn 11 {order} {onto}", streets)[0] == {f"W-X-{last}"}


def test_a_via_way_that_is_cut_at_junctions(banned):
    places = PLACES + "; M 150 100; B 150 50"
    streets = STREETS.replace("12 X-E", "12 X-M-E; 18 M-B")
    assert banned("no_right_turn 11 12 17", streets, places)[0] == {"W-X-M-E-T"}


def test_an_obligation_over_a_via_way_holds_at_its_end(banned):
    assert banned("only_straight_on 11 12 15")[0] == {"W-X-E-T", "W-X-E-X"}


def test_one_way_streets_leave_only_what_can_be_driven(banned):
    streets = STREETS.replace("13 X-N", "13 X>N").replace("12 X-E", "12 E>X")
    assert banned("no_left_turn 11 X 13", streets)[0] == {"W-X-N"}
    found, notes = banned("no_left_turn 13 X 11; only_straight_on 11 X 12", streets)
    assert found == set()
    assert len(notes) == 1
    assert notes[0].startswith("2 turn restrictions ban nothing: their turns cannot be driven")
    assert "relation 1001" in notes[0]


@pytest.mark.parametrize(
    "tags",
    [
        "restriction:hgv=no_left_turn",
        "restriction:goods=no_left_turn",
        "type=restriction:hgv restriction:hgv=no_left_turn",
        "restriction=no_left_turn except=bus|psv",
        "restriction=no_left_turn except=motorcar",
        "restriction=no_left_turn restriction:conditional=none@(22:00-06:00)",
        "restriction=No_Left_Turn",
        "restriction=no_left_turn|no_u_turn",
        "type=restriction:hgv restriction=no_left_turn",
    ],
)
def test_what_holds_for_lorries(banned, tags):
    assert banned(f"{tags} 11 X 13") == ({"W-X-N"}, ())


def test_the_most_particular_kind_counts(banned):
    found, _ = banned("restriction=no_left_turn restriction:hgv=no_exit 11 X 13,14")
    assert found == {"W-X-N", "W-X-S"}


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ("restriction:conditional=no_left_turn@(Mo-Fr)", "they hold at times only"),
        ("restriction:hgv:conditional=no_left_turn@(weight>7.5)", "they hold at times only"),
        ("restriction=no_left_turn hour_on=07:00 hour_off=09:00", "they hold at times only"),
        ("restriction=no_left_turn except=bus|hgv", "goods vehicles are excepted"),
        ("restriction=no_left_turn except=motor_vehicle", "goods vehicles are excepted"),
        ("restriction:bus=no_left_turn", "they are for other vehicles"),
        ("type=restriction:bus restriction=no_left_turn", "they are for other vehicles"),
        ("restriction=no_left_turn@(Mo-Fr)", "they hold at times only"),
        ("restriction=give_way", "their kind is unknown"),
        ("restriction=no_left_turn_on_red", "their kind is unknown"),
    ],
)
def test_what_bans_nothing_is_counted(banned, tags, reason):
    found, notes = banned(f"{tags} 11 X 13; {tags} 11 X 13")
    assert found == set()
    assert notes == (f"2 turn restrictions left out: {reason} (one is relation 1001)",)


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        ("no_left_turn - X 13", "they have no from, via or to"),
        ("no_left_turn 11 - 13", "they have no from, via or to"),
        ("no_left_turn 11 X -", "they have no from, via or to"),
        ("no_left_turn 11 X,E 13", "they have several via nodes"),
        ("no_left_turn 11 X 99", "a way of theirs is not in the network"),
        ("no_left_turn 11 99 13", "a way of theirs is not in the network"),
        ("no_left_turn 11 T 13", "their members do not meet"),
        ("no_left_turn 11 16 13", "their members do not meet"),
        ("no_left_turn 11 Q 13", "their via node is no junction"),
    ],
)
def test_broken_relations_are_counted_with_an_example(banned, relation, reason):
    found, notes = banned(relation, places=PLACES + "; Q 500 500")
    assert found == set()
    assert len(notes) == 1
    assert reason in notes[0]
    assert notes[0].startswith("1 turn restrictions")
    assert "relation 1001" in notes[0]


def test_a_via_node_that_lies_on_another_is_found_by_either_id(banned):
    places = PLACES + "; Y 100 100"
    streets = "11 W-X; 12 Y-E; 13 X-Y-N; 14 S-X"
    for via in "XY":
        assert banned(f"no_left_turn 11 {via} 13", streets, places)[0] == {"W-Y-N"}


def test_a_member_that_is_named_twice_is_one(banned):
    assert banned("no_left_turn 11,11 X,X 13")[0] == {"W-X-N"}


def test_a_twofold_ban_stands_once(banned):
    assert banned("no_left_turn 11 X 13; no_exit 11 X 13")[0] == {"W-X-N"}
