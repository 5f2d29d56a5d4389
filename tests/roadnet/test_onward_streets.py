"""Which streets a lorry may drive into after which."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roadnet.onward_streets import onward_streets
from roadnet.vehicles import Vehicle
from tests.oracles.departures import Driver
from tests.roadnet.lorry_towns import lorry_towns, with_bans
from tests.roadnet.oracle_streets import streets_of
from tests.roadnet.towns import town

PLACE = town(
    "W -100 0; X 0 0; E 100 0; N 0 100; S 0 -100; F 200 0; G 100 100",
    "W-X-E-F; N-X-S; E-G",
)


def after(graph, *edges):
    onward = onward_streets(graph)
    state = onward.along(edges)[-1]
    return sorted(onward.edge[onward.following(state)].tolist())


def edges(*pairs):
    return sorted(PLACE.edge(*pair) for pair in pairs)


def test_every_street_but_the_one_it_came_by():
    assert after(PLACE.graph, PLACE.edge("W", "X")) == edges("XE", "XN", "XS")


def test_nothing_follows_in_a_dead_end():
    assert after(PLACE.graph, PLACE.edge("X", "N")) == []


@pytest.mark.parametrize("word", ["service", "track", "no_goods"])
def test_no_service_road_track_or_street_closed_to_lorries(word):
    place = town("W -100 0; X 0 0; E 100 0; N 0 100", f"W-X-E; X-N {word}")
    assert after(place.graph, place.edge("W", "X")) == [place.edge("X", "E")]


def test_no_one_way_street_from_its_end():
    place = town("W -100 0; X 0 0; E 100 0; N 0 100", "W-X-E; N>X")
    assert after(place.graph, place.edge("W", "X")) == [place.edge("X", "E")]


def test_streets_for_destinations_only_may_be_driven():
    place = town("W -100 0; X 0 0; E 100 0; N 0 100", "W-X-E; X-N destination")
    assert place.edge("X", "N") in after(place.graph, place.edge("W", "X"))


def test_closed_edges_and_limits_of_a_vehicle():
    east, north = PLACE.edge("X", "E"), PLACE.edge("X", "N")
    onward = onward_streets(PLACE.graph, closed_edges=[east])
    assert not onward.usable[east]
    assert onward.usable[north]
    PLACE.graph.edge_max_height_m.setflags(write=True)
    try:
        PLACE.graph.edge_max_height_m[north] = 3.8
        low = onward_streets(PLACE.graph, vehicle=Vehicle(height_m=4.0))
        assert not low.usable[north]
        assert onward_streets(PLACE.graph).usable[north]
    finally:
        PLACE.graph.edge_max_height_m[north] = float("inf")
        PLACE.graph.edge_max_height_m.setflags(write=False)


def test_a_banned_turn_is_left_out_for_who_comes_that_way_only():
    west, north, south = PLACE.edge("W", "X"), PLACE.edge("X", "N"), PLACE.edge("S", "X")
    graph = with_bans(PLACE.graph, [(west, north)])
    assert after(graph, west) == edges("XE", "XS")
    assert north in after(graph, south)


def test_a_ban_by_way_of_a_street_remembers_where_a_drive_came_from():
    west, east, north = PLACE.edge("W", "X"), PLACE.edge("X", "E"), PLACE.edge("N", "X")
    on = PLACE.edge("E", "F")
    graph = with_bans(PLACE.graph, [(west, east, on)])
    assert after(graph, west, east) == edges("EG")
    assert after(graph, north, east) == edges("EF", "EG")
    assert after(graph, east) == edges("EF", "EG")


@settings(max_examples=60, deadline=None)
@given(lorry_towns(), st.data())
def test_drives_are_those_that_brute_force_allows(graph, data):
    assume(graph.edge_count > 0)
    onward = onward_streets(graph)
    driver = Driver(streets_of(graph), graph.bans())
    first = data.draw(st.integers(0, graph.edge_count - 1))
    drives = [((first,), first)]
    for _ in range(4):
        further = []
        for driven, state in drives:
            reached = {int(onward.edge[one]): int(one) for one in onward.following(state)}
            assert sorted(reached) == driver.onward(driven)
            further += [((*driven, edge), one) for edge, one in reached.items()]
        for driven, state in further:
            assert onward.along(driven)[-1] == state
        drives = further[:12]


@settings(max_examples=60, deadline=None)
@given(lorry_towns())
def test_backwards_are_the_same_arcs(graph):
    onward = onward_streets(graph)
    forth = {(s, int(t)) for s in range(onward.count) for t in onward.following(s)}
    back = {
        (int(s), t)
        for t in range(onward.count)
        for s in onward.back_states[onward.back_offsets[t] : onward.back_offsets[t + 1]]
    }
    assert forth == back
