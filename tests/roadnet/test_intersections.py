"""What is an intersection, clause by clause of docs/coverage.md, on toy towns."""

from __future__ import annotations

import numpy as np
import pytest

from roadnet.intersections import NO_INTERSECTION, find_intersections
from tests.roadnet.towns import grid_town, town


def intersection_names(place):
    """The intersections of a town, each as the sorted names of its nodes."""
    found = find_intersections(place.graph)
    names = {node: name for name, node in place.nodes.items()}
    return sorted(
        "".join(sorted(names[int(node)] for node in found.nodes[begin:end]))
        for begin, end in zip(found.node_offsets[:-1], found.node_offsets[1:], strict=True)
    )


def approach_names(place, node):
    found = find_intersections(place.graph)
    names = {number: name for name, number in place.nodes.items()}
    graph = place.graph
    return sorted(
        names[int(graph.edge_from[edge])] + names[int(graph.edge_to[edge])]
        for edge in found.approaches(int(found.node_intersection[place.nodes[node]]))
    )


# -- where three or more street ends meet, or two of different names ---------------------------


def test_three_street_ends_meet():
    place = town("A 0 0; B 100 0; C 200 0; D 100 90", "A-B-C; B-D")
    assert intersection_names(place) == ["B"]


def test_four_street_ends_meet_at_each_crossing_of_a_grid():
    found = find_intersections(grid_town(3, 3).graph)
    # The corners join streets of two names, the sides and the middle three and four ends.
    assert found.count == 9


def test_two_ends_of_one_name_are_a_bend():
    place = town("A 0 0; B 100 0; C 100 90", "A-B name=Long; B-C name=Long")
    assert intersection_names(place) == []


def test_two_ends_of_different_names_meet():
    place = town("A 0 0; B 100 0; C 100 90", "A-B name=Long; B-C name=Short")
    assert intersection_names(place) == ["B"]


@pytest.mark.parametrize("name", ["", "name=Long"])
def test_an_unnamed_street_differs_in_name_from_none(name):
    place = town("A 0 0; B 100 0; C 100 90", f"A-B {name}; B-C")
    assert intersection_names(place) == []


def test_a_dead_end_is_none():
    place = town("A 0 0; B 100 0", "A-B name=Long")
    assert intersection_names(place) == []


def test_a_one_way_street_has_one_end_like_any_other():
    place = town("A 0 0; B 100 0; C 200 0; D 100 90", "A>B>C; D>B")
    assert intersection_names(place) == ["B"]


def test_a_loop_has_two_ends_at_its_node():
    place = town("A 0 0; B 100 0; C 150 50; D 150 -50", "A-B; B-C-D-B")
    assert intersection_names(place) == ["B"]


def test_where_a_street_divides_three_ends_meet():
    place = town(
        "A 0 0; B 100 0; C 200 10; D 200 -10; E 300 10; F 300 -10",
        "A-B name=Long; B>D>F name=Long; E>C>B name=Long",
    )
    assert intersection_names(place) == ["B"]


# -- service roads and tracks apart ------------------------------------------------------------


@pytest.mark.parametrize("road", ["service", "track"])
def test_service_roads_and_tracks_make_no_intersection(road):
    place = town("A 0 0; B 100 0; C 200 0; D 100 90", f"A-B-C; B-D {road} name=Yard")
    assert intersection_names(place) == []


@pytest.mark.parametrize("road", ["service", "track"])
def test_service_roads_and_tracks_that_enter_an_intersection_are_approaches(road):
    place = town("A 0 0; B 100 0; C 200 0; D 100 90; E 100 -90", f"A-B-C; B-D; B-E {road}")
    assert approach_names(place, "B") == ["AB", "CB", "DB", "EB"]


# -- the nodes of one divided crossing are one intersection ------------------------------------

# A divided street from west (a, b) to east (c, d), crossed by one from south S to north N.
DIVIDED = "a -150 10; b -150 -10; c 150 10; d 150 -10; n 0 10; s 0 -10; N 0 150; S 0 -150"


def test_a_divided_street_crossed_by_another_is_one_intersection():
    place = town(DIVIDED, "c>n>a name=Ring; b>s>d name=Ring; S-s-n-N name=Gate")
    assert intersection_names(place) == ["ns"]
    assert approach_names(place, "n") == ["Nn", "Ss", "bs", "cn"]


def test_two_divided_streets_cross_in_one_intersection():
    place = town(
        """a -150 10; b -150 -10; c 150 10; d 150 -10
        e -10 150; f 10 150; g -10 -150; h 10 -150
        p -10 10; q 10 10; r -10 -10; s 10 -10""",
        """c>q>p>a name=Ring; b>r>s>d name=Ring
        e>p>r>g name=Gate; h>s>q>f name=Gate""",
    )
    assert intersection_names(place) == ["pqrs"]
    assert approach_names(place, "p") == ["br", "cq", "ep", "hs"]


def test_unnamed_carriageways_of_one_class_are_one_street():
    place = town(DIVIDED, "c>n>a primary; b>s>d primary; S-s-n-N")
    assert intersection_names(place) == ["ns"]


def test_one_way_streets_of_different_names_are_not_one_street():
    place = town(DIVIDED, "c>n>a name=Upper; b>s>d name=Lower; S-s-n-N")
    assert intersection_names(place) == ["n", "s"]


def test_staggered_junctions_of_two_way_streets_stay_apart():
    place = town(DIVIDED, "c-n name=Left; b-s name=Right; S-s-n-N name=Gate")
    assert intersection_names(place) == ["n", "s"]


def test_one_way_streets_that_face_each_other_are_no_divided_street():
    place = town(
        "N 0 150; n 0 10; s 0 -10; S 0 -150; e 90 10; w -90 -10",
        "N>n name=Gate; S>s name=Gate; s-n name=Gate; n-e name=East; s-w name=West",
    )
    assert intersection_names(place) == ["n", "s"]


def test_short_blocks_of_an_old_town_stay_apart():
    found = find_intersections(grid_town(4, 4, block_m=30.0).graph)
    assert found.count == 16


def test_a_one_way_street_with_short_blocks_does_not_chain():
    names = [f"{letter} {30 * x} 0" for x, letter in enumerate("ABCDE")]
    sides = [f"{letter.lower()} {30 * x} 90" for x, letter in enumerate("ABCDE")]
    place = town(
        "\n".join(names + sides),
        "A>B>C>D>E name=Long\n" + "\n".join(f"{x}-{x.lower()} name={x}" for x in "BCD"),
    )
    assert intersection_names(place) == ["B", "C", "D"]


@pytest.mark.parametrize(("half_m", "expected"), [(17.4, ["ns"]), (17.6, ["n", "s"])])
def test_at_most_35_m_apart(half_m, expected):
    points = DIVIDED.replace("n 0 10", f"n 0 {half_m}").replace("s 0 -10", f"s 0 -{half_m}")
    place = town(points, "c>n>a name=Ring; b>s>d name=Ring; S-s-n-N name=Gate")
    assert intersection_names(place) == expected


def test_a_whole_divided_crossing_is_at_most_35_m_wide():
    # Sides of 20 and 30 m: the diagonal, 36 m, is too long for one, so the short sides pair up.
    place = town(
        """a -150 10; b -150 -10; c 150 10; d 150 -10
        e -15 150; f 15 150; g -15 -150; h 15 -150
        p -15 10; q 15 10; r -15 -10; s 15 -10""",
        """c>q>p>a name=Ring; b>r>s>d name=Ring
        e>p>r>g name=Gate; h>s>q>f name=Gate""",
    )
    assert intersection_names(place) == ["pr", "qs"]


def test_a_node_passed_between_two_carriageways_is_inside_the_crossing():
    # A tram depot's service road opens on the median.
    place = town(
        DIVIDED + "; m 0 0; w 90 0",
        "c>n>a name=Ring; b>s>d name=Ring; S-s-m-n-N name=Gate; m-w service",
    )
    assert intersection_names(place) == ["mns"]
    assert approach_names(place, "n") == ["Nn", "Ss", "bs", "cn", "wm"]


def test_a_street_that_divides_just_before_the_crossing_divides_inside_it():
    # The crossing street parts around an island 12 m north of the northern carriageway.
    place = town(
        "a -150 6; b -150 -6; c 150 6; d 150 -6; p -5 6; q 5 6; r -5 -6; s 5 -6; k 0 18; "
        "N 0 150; g -5 -150; h 5 -150",
        """c>q>p>a name=Ring; b>r>s>d name=Ring
        N-k name=Gate; k>p>r>g name=Gate; h>s>q>k name=Gate""",
    )
    assert intersection_names(place) == ["kpqrs"]
    assert approach_names(place, "k") == ["Nk", "br", "cq", "hs"]


def test_an_island_in_mid_block_is_no_intersection():
    place = town(
        "A 0 0; B 100 0; C 125 0; D 225 0",
        "A-B name=Long; B>(112,-4)>C name=Long; C>(112,4)>B name=Long; C-D name=Long",
    )
    assert intersection_names(place) == []


def test_a_gap_in_the_median_for_u_turns_is_one_intersection():
    place = town(DIVIDED, "c>n>a name=Ring; b>s>d name=Ring; s-n name=Ring")
    assert intersection_names(place) == ["ns"]
    assert approach_names(place, "n") == ["bs", "cn"]


def test_a_small_roundabout_is_one_intersection():
    place = town(
        "w -12 0; s 0 -12; e 12 0; n 0 12; W -150 0; S 0 -150; E 150 0; N 0 150",
        "w>s>e>n>w roundabout; W-w name=A; S-s name=B; E-e name=A; N-n name=B",
    )
    assert intersection_names(place) == ["ensw"]
    assert approach_names(place, "n") == ["Ee", "Nn", "Ss", "Ww"]


def test_a_large_roundabout_is_an_intersection_at_each_arm():
    place = town(
        "w -40 0; s 0 -40; e 40 0; n 0 40; W -150 0; S 0 -150; E 150 0; N 0 150",
        "w>s>e>n>w roundabout; W-w name=A; S-s name=B; E-e name=A; N-n name=B",
    )
    assert intersection_names(place) == ["e", "n", "s", "w"]
    assert approach_names(place, "s") == ["Ss", "ws"]


# -- its approaches are the edges that enter it from outside -----------------------------------


def test_edges_between_the_nodes_of_a_crossing_are_inside_and_no_approaches():
    place = town(DIVIDED, "c>n>a name=Ring; b>s>d name=Ring; S-s-n-N name=Gate")
    found = find_intersections(place.graph)
    inner = {place.edge("s", "n"), place.edge("n", "s")}
    assert set(np.flatnonzero(found.edge_inside).tolist()) == inner
    assert all(found.edge_arrives[edge] == NO_INTERSECTION for edge in inner)


def test_a_street_that_returns_to_its_crossing_the_long_way_round_enters_from_outside():
    place = town(
        DIVIDED, "c>n>a name=Ring; b>s>d name=Ring; S-s-n-N name=Gate; n>(80,90)>(80,-90)>s"
    )
    found = find_intersections(place.graph)
    (crossing,) = {int(found.node_intersection[place.nodes[name]]) for name in "ns"}
    (round_about,) = (edge for edge in place.edges("n", "s") if not found.edge_inside[edge])
    assert round_about in found.approaches(crossing)


def test_a_one_way_street_that_leaves_is_no_approach():
    place = town("A 0 0; B 100 0; C 200 0; D 100 90", "A-B-C; B>D")
    assert approach_names(place, "B") == ["AB", "CB"]


def test_direction_of_an_approach_is_read_over_its_last_25_m():
    # East for 175 m, then north: 20 m of the last 25 lead north, 5 m east.
    place = town("A 0 0; B 180 20; C 280 20; D 180 120", "A-(180,0)-B; B-C; B-D")
    found = find_intersections(place.graph)
    ab = found.approach_edges.tolist().index(place.edge("A", "B"))
    expected = np.degrees(np.arctan2(5.0, 20.0))
    assert found.approach_bearing_deg[ab] == pytest.approx(expected, abs=0.01)


def test_direction_of_a_shorter_approach_is_read_over_all_of_it():
    place = town("A 0 0; B 8 8; C 108 8; D 8 108; E -90 0", "E-A; A-B name=Y; B-C; B-D")
    found = find_intersections(place.graph)
    ab = found.approach_edges.tolist().index(place.edge("A", "B"))
    assert found.approach_bearing_deg[ab] == pytest.approx(45.0, abs=0.01)


# -- along a street ----------------------------------------------------------------------------


def test_a_street_leads_to_the_next_intersection_over_nodes_where_only_service_roads_meet_it():
    place = town("A 0 0; B 60 0; C 90 0; D 190 0; E 90 90; F 60 90", "A-B-C-D; C-E; B-F service")
    found = find_intersections(place.graph)
    ab, ba = place.edge("A", "B"), place.edge("B", "A")
    assert found.ahead[ab] == found.node_intersection[place.nodes["C"]]
    assert found.ahead_m[ab] == pytest.approx(30.0, abs=0.01)
    assert found.behind[ba] == found.ahead[ab]
    assert found.behind_m[ba] == pytest.approx(30.0, abs=0.01)
    assert found.ahead[ba] == NO_INTERSECTION
    assert np.isinf(found.ahead_m[ba])
    assert found.section[ab] == found.section[place.edge("C", "B")]
    assert found.section[ab] != found.section[place.edge("C", "D")]


def test_a_graph_without_edges_has_no_intersections():
    place = town("A 0 0; B 0 0", "A-B")
    found = find_intersections(place.graph)
    assert found.count == 0
    assert found.approach_edges.shape == (0,)


def test_tables_are_read_only():
    found = find_intersections(grid_town(2, 2).graph)
    with pytest.raises(ValueError, match="read-only"):
        found.node_intersection[0] = 1
