"""Clicks become a route; editing one changes the legs beside it and no others."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roadnet.errors import MatchError
from roadnet.vehicles import Vehicle
from roadnet.via_routes import ViaRouter
from tests.roadnet.random_graphs import with_bans
from tests.roadnet.towns import grid_town, town

GRID = grid_town(7, 7, 200.0)
ROUTER = ViaRouter(GRID.graph, weight="length")


def codes(route):
    return [warning.code for warning in route.warnings]


def nodes_of(city, route):
    """Names of the nodes that a path of whole edges passes."""
    names = {node: name for name, node in city.nodes.items()}
    edges = route.path.edges
    passed = [city.graph.edge_from[edges[0]], *city.graph.edge_to[edges]]
    return [names[int(node)] for node in passed]


def check(route, graph):
    """Legs join at the stops, and the path can be driven."""
    route.path.validate(graph)
    assert len(route.legs) == len(route.stops) - 1
    for place, leg in enumerate(route.legs):
        if leg is None:
            continue
        leg.validate(graph)
        assert (int(leg.edges[0]), leg.start_offset_m) == (
            route.stops[place].edge,
            route.stops[place].offset_m,
        )
        assert (int(leg.edges[-1]), leg.end_offset_m) == (
            route.stops[place + 1].edge,
            route.stops[place + 1].offset_m,
        )


def test_clicks_on_two_way_streets_are_driven_the_way_that_leads_on():
    route = ROUTER.route(GRID.lonlat((100, 2), (300, -3), (400, 300), (702, 400)))
    check(route, GRID.graph)
    assert nodes_of(GRID, route) == ["n0_0", "n1_0", "n2_0", "n2_1", "n2_2", "n3_2", "n4_2"]
    assert route.path.start_offset_m == pytest.approx(100.0, abs=0.1)
    assert route.path.length_m(GRID.graph) == pytest.approx(300 + 400 + 302, abs=1.0)
    assert codes(route) == []
    assert route.as_matched().path is route.path
    assert route.as_matched().confidence.tolist() == [1.0] * route.path.edges.shape[0]


def test_a_click_at_a_junction_means_no_one_street():
    route = ROUTER.route(GRID.lonlat((3, 2), (401, 398), (800, 402)))
    check(route, GRID.graph)
    assert route.path.length_m(GRID.graph) == pytest.approx(1200.0, abs=15.0)
    assert codes(route) == []


def test_a_stop_is_passed_without_turning_round():
    # The click in the middle is on a side street: the drive goes on and round, not back.
    route = ROUTER.route(GRID.lonlat((100, 0), (400, 100), (700, 0)))
    check(route, GRID.graph)
    edges = route.path.edges
    assert (GRID.graph.edge_reverse[edges[:-1]] != edges[1:]).all()
    assert "uturn" not in codes(route)


def test_in_a_dead_end_there_is_no_other_way_than_back():
    city = town("A 0 0; B 400 0; C 800 0; D 400 300", "A-B-C name=Long; B-D name=Blind")
    route = ViaRouter(city.graph).route(city.lonlat((100, 0), (400, 200), (700, 0)))
    check(route, city.graph)
    assert nodes_of(city, route) == ["A", "B", "D", "B", "C"]
    assert codes(route) == ["uturn"]


def test_far_clicks_and_detours_are_told():
    city = town(
        "A 0 0; B 400 0; C 400 1500; D 0 1500; E 0 30; F -400 30",
        "A-B-C-D-E name=Loop; E-F",
    )
    route = ViaRouter(city.graph).route(city.lonlat((100, -90), (-200, 30)))
    assert codes(route) == ["far", "detour"]
    assert "click 1 is 90 m from" in route.warnings[0].message
    assert "between clicks 1 and 2" in route.warnings[1].message


def test_a_gap_is_told_and_the_longest_stretch_is_the_path():
    city = town("A 0 0; B 900 0; C 5000 0; D 5400 0; E 5800 0", "A-B; C-D-E")
    route = ViaRouter(city.graph).route(city.lonlat((100, 0), (800, 0), (5100, 0), (5500, 0)))
    check(route, city.graph)
    assert route.legs[1] is None
    assert "no_path" in codes(route)
    assert nodes_of(city, route) == ["A", "B"]
    with pytest.raises(MatchError) as caught:
        ViaRouter(city.graph).route(city.lonlat((100, 0), (5100, 0)))
    assert caught.value.code == "no_path"


def test_what_lorries_may_not_do_is_avoided_or_told():
    city = town(
        "A 0 0; B 400 0; C 800 0; P 0 300; Q 800 300",
        "A-B-C no_goods name=Short; A-P-Q-C name=Round",
    )
    clicks = city.lonlat((0, 150), (400, 5), (800, 150))
    strict = ViaRouter(city.graph).route(clicks)
    check(strict, city.graph)
    assert set(strict.path.edges.tolist()).isdisjoint(city.street("Short"))
    assert "closed" in codes(strict)
    loose = ViaRouter(city.graph, respect=False).route(clicks)
    assert set(loose.path.edges.tolist()) & set(city.street("Short"))
    assert codes(loose) == ["goods_banned", "goods_banned"]
    shut = ViaRouter(
        city.graph, respect=False, vehicle=Vehicle(goods=False), closed_edges=city.street("Short")
    )
    assert codes(shut.route(clicks)) == ["closed_edge", "closed_edge"]


def test_banned_turns_are_avoided_or_told_also_across_a_click():
    city = town(
        "W 0 0; X 300 0; E 600 0; N 300 300; S 300 -300; M 300 600",
        "W-X-E name=Long; S-X-N-M name=Cross; N-(600,300)-E name=Ring",
    )
    graph = with_bans(city.graph, [city.path("W-X-N")])
    clicks = city.lonlat((50, 0), (250, 0), (300, 500))
    strict = ViaRouter(graph, weight="length").route(clicks)
    check(strict, graph)
    assert nodes_of(city, strict) == ["W", "X", "E", "N", "M"]
    loose = ViaRouter(graph, weight="length", respect=False).route(clicks)
    assert nodes_of(city, loose) == ["W", "X", "N", "M"]
    assert codes(loose) == ["banned_turn"]


def test_a_ban_by_way_of_the_clicked_edge_is_kept():
    city = town(
        "A 0 0; B 300 0; C 500 0; D 800 0; P 300 -300; Q 500 -300; R 800 -300; Z 1100 0",
        "A>B>C>D>R>Q; P>B; C>Q; D>Z",
    )
    graph = with_bans(city.graph, [city.path("A-B-C-Q")])
    router = ViaRouter(graph, weight="length")
    clicks = city.lonlat((100, 0), (400, 0), (500, -290))
    route = router.route(clicks)
    assert nodes_of(city, route)[:4] == ["A", "B", "C", "D"]
    moved = router.move_via(route, 1, city.lonlat((420, 0))[0])
    assert nodes_of(city, moved)[:4] == ["A", "B", "C", "D"]


def test_only_the_legs_beside_an_edit_are_new():
    clicks = GRID.lonlat((100, 0), (500, 0), (800, 300), (800, 700), (500, 800), (200, 800))
    route = ROUTER.route(clicks)
    moved = ROUTER.move_via(route, 2, GRID.lonlat((800, 320))[0])
    check(moved, GRID.graph)
    assert [a is b for a, b in zip(moved.legs, route.legs, strict=True)] == [
        True, False, False, True, True,
    ]  # fmt: skip
    put_in = ROUTER.insert_via(route, 3, GRID.lonlat((800, 500))[0])
    check(put_in, GRID.graph)
    assert put_in.legs[:2] == route.legs[:2]
    assert put_in.legs[4:] == route.legs[3:]
    assert len(put_in.stops) == 7
    taken = ROUTER.remove_via(put_in, 3)
    check(taken, GRID.graph)
    assert np.array_equal(taken.path.edges, route.path.edges)
    assert taken.legs[3:] == route.legs[3:]
    first = ROUTER.remove_via(route, 0)
    last = ROUTER.remove_via(route, 5)
    assert first.legs == route.legs[1:]
    assert last.legs == route.legs[:-1]
    longer = ROUTER.insert_via(route, 6, GRID.lonlat((100, 800))[0])
    check(longer, GRID.graph)
    assert longer.legs[:4] == route.legs[:4]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_edits_keep_the_route_whole(data):
    # Each at another point of a street, so that no route has no length.
    place = st.tuples(
        st.integers(0, 11).map(lambda x: 100 * x + 50), st.integers(0, 6).map(lambda y: 200 * y)
    )
    places = data.draw(st.lists(place, min_size=2, max_size=6, unique=True))
    route = ROUTER.route(GRID.lonlat(*places))
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(["move", "insert", "remove"]))
        count = len(route.stops)
        where = GRID.lonlat(data.draw(place))[0]
        assume(all(where.tolist() != [stop.lon, stop.lat] for stop in route.stops))
        if kind == "move":
            at = data.draw(st.integers(0, count - 1))
            route, old = ROUTER.move_via(route, at, where), route
            far = [k for k in range(len(old.legs)) if k < at - 2 or k > at + 1]
            assert all(route.legs[k] is old.legs[k] for k in far)
        elif kind == "insert":
            route = ROUTER.insert_via(route, data.draw(st.integers(0, count)), where)
        elif count > 2:
            route = ROUTER.remove_via(route, data.draw(st.integers(0, count - 1)))
        check(route, GRID.graph)
        assert None not in route.legs


def test_edits_that_make_no_sense_are_refused():
    route = ROUTER.route(GRID.lonlat((100, 0), (500, 0)))
    with pytest.raises(MatchError, match="two clicks or more"):
        ROUTER.remove_via(route, 0)
    with pytest.raises(IndexError, match="no click 2 among 2"):
        ROUTER.move_via(route, 2, (0.0, 0.0))
    with pytest.raises(IndexError, match="no click -1"):
        ROUTER.insert_via(route, -1, (0.0, 0.0))
    with pytest.raises(MatchError):
        ROUTER.move_via(route, 0, (float("nan"), 0.0))
    with pytest.raises(MatchError) as caught:
        ROUTER.move_via(route, 0, (0.0, 0.0))
    assert caught.value.code == "off_network"
    with pytest.raises(MatchError):
        ROUTER.route(GRID.lonlat((100, 0)))
