"""Cameras that a route trips though it does not cover them: docs/before-approval.md, rule by rule."""

from __future__ import annotations

import heapq
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roadnet.cameras import CameraSite, link_cameras
from roadnet.coverage import cameras_on_path, touched_intersections
from roadnet.intersections import find_intersections
from roadnet.paths import Path
from roadnet.snapping import EdgeIndex
from roadnet.trap_cameras import TrapFinder
from roadnet.traps import TRAP_KINDS, TrapCamera, strongest
from tests.oracles.departures import Driver
from tests.roadnet.lorry_towns import cameras_along, lorry_towns, with_bans
from tests.roadnet.oracle_streets import reads_of, streets_of
from tests.roadnet.oracle_towns import drives
from tests.roadnet.towns import grid_town, town

NORTH, EAST, SOUTH, WEST = 0.0, 90.0, 180.0, 270.0


def trap_cameras(place, text, start_m=0.0, short_m=0.0, **cameras):
    """Trap cameras of a path over named nodes, by name; a camera is (x, y, bearing)."""
    graph = place.graph
    found = find_intersections(graph)
    sites = []
    for name, (x, y, bearing) in cameras.items():
        ((lon, lat),) = place.lonlat((x, y))
        sites.append(CameraSite(name, float(lon), float(lat), bearing))
    links = link_cameras(graph, found, EdgeIndex(graph), sites)
    assert all(kind > 0 for kind in links.kind)
    edges = place.path(text)
    end_m = float(graph.edge_length_m[edges[-1]]) - short_m
    path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
    traps = TrapFinder(graph, found, links, sites).trap_cameras(path)
    return {sites[trap.site].camera_id: trap for trap in traps}


def told(place, text, start_m=0.0, short_m=0.0, *, miles=False, **cameras):
    """The same as {name: "kind will"}; without those beyond the ends unless `miles`."""
    return {
        name: f"{trap.kind} {'will' if trap.certain else 'may'}"
        for name, trap in trap_cameras(place, text, start_m, short_m, **cameras).items()
        if miles or trap.beyond_m == 0.0
    }


# -- at an intersection that the path crosses --------------------------------------------------

# Blocks of 600 m; the path crosses n2_2, whose four approaches all have a camera.
GRID = grid_town(5, 5, 600.0)
FOUR = {
    "north": (1200, 1170, NORTH),
    "east": (1170, 1200, EAST),
    "south": (1200, 1230, SOUTH),
    "west": (1230, 1200, WEST),
}
STRAIGHT = "n2_0-n2_1-n2_2-n2_3-n2_4"
RIGHT = "n2_0-n2_1-n2_2-n3_2-n4_2"
LEFT = "n2_0-n2_1-n2_2-n1_2-n0_2"


def test_straight_on_only_the_camera_of_the_other_direction_may_be_tripped():
    assert told(GRID, STRAIGHT, **FOUR) == {"south": "opposite may"}


@pytest.mark.parametrize(
    ("path", "into", "against"), [(RIGHT, "east", "west"), (LEFT, "west", "east")]
)
def test_at_a_turn_the_camera_that_looks_along_the_street_turned_into_is_tripped(
    path, into, against
):
    assert told(GRID, path, **FOUR) == {
        into: "cross_street will",
        against: "opposite may",
        "south": "opposite may",
    }


def test_a_trap_is_told_with_its_metre_and_its_angle():
    trap = trap_cameras(GRID, RIGHT, east=(1170, 1200, EAST + 10))["east"]
    assert trap.distance_m == pytest.approx(1200.0, abs=0.5)
    assert trap.angle_deg == pytest.approx(10.0, abs=0.5)
    assert trap.beyond_m == 0.0


@pytest.mark.parametrize(
    ("bearing", "says"),
    [(EAST - 44, "will"), (EAST + 44, "will"), (EAST + 46, "may"), (EAST + 59, "may")],
)
def test_less_than_45_degrees_will_and_less_than_60_may(bearing, says):
    # A side street of its own direction, so that the camera has an approach to look at.
    assert told(GRID, RIGHT, one=(1170, 1200, bearing)) == {"one": f"cross_street {says}"}


def test_a_camera_across_both_ways_is_no_trap():
    assert told(GRID, STRAIGHT, east=FOUR["east"], west=FOUR["west"]) == {}


def test_cameras_of_the_first_and_last_intersection_are_covered_not_traps():
    assert told(GRID, "n1_2-n2_2", **FOUR) == {}
    first = {name: (x, y - 600, bearing) for name, (x, y, bearing) in FOUR.items()}
    assert told(GRID, "n2_1-n2_2", **first) == {}


# -- on the path's own streets -----------------------------------------------------------------

LONG = town(
    "W -1700 0; A 0 0; B 600 0; E 2300 0; a 0 300; b 600 300; w -1700 300; e 2300 300",
    "W-A-B-E name=Long; A-a name=First; B-b name=Second; W-w name=Third; E-e name=Fourth",
)
ROAD = town(
    "W -700 0; A 0 0; B 600 0; E 1300 0; a 0 300; b 600 300; k 560 0; y 560 -80",
    "W-A-k-B-E name=Long; A-a name=First; B-b name=Second; k-y service",
)


def test_a_mid_block_camera_of_the_other_direction_may_be_tripped():
    traps = trap_cameras(LONG, "W-A-B-E", one=(300, 2, WEST))
    assert traps["one"].kind == "opposite"
    assert not traps["one"].certain
    assert traps["one"].distance_m == pytest.approx(2000.0, abs=0.5)


def test_one_that_the_path_does_not_come_to_is_none():
    assert told(LONG, "W-A-B-E", short_m=1600.0, one=(720, 2, WEST), two=(900, 2, WEST)) == {}


def test_off_the_street_before_the_cameras_intersection_it_is_read_all_the_same():
    # The camera stands 50 m before B; the path passes it and turns into a yard 40 m before B.
    assert told(ROAD, "W-A-k-y", one=(552, 0, EAST)) == {"one": "last_mile will"}


def test_off_the_street_before_the_camera_is_no_such_trap():
    assert "last_mile will" not in told(ROAD, "W-A-k-y", one=(575, 0, EAST)).values()


# -- slip roads and turning bays ---------------------------------------------------------------

SLIP = town(
    "W -900 0; u -60 0; X 0 0; E 900 0; N 0 900; w 0 -45; S 0 -900; v -500 0; V -500 300; t 0 -500; T 300 -500",
    "W-v-u-X-E primary name=Long; N-X-w-t-S primary name=Cross; u>w primary_link; v-V name=One; t-T name=Two",
)


def test_a_slip_road_may_be_seen_by_the_camera_of_the_street_that_it_leaves():
    assert told(SLIP, "W-v-u-w-t-S", ahead=(-12, 0, EAST)) == {"ahead": "slip_road may"}


def test_and_by_the_one_that_looks_along_the_street_that_it_joins():
    assert told(SLIP, "W-v-u-w-t-S", joined=(0, 25, SOUTH)) == {"joined": "slip_road may"}


def test_other_cameras_of_the_intersection_that_it_goes_round_are_no_traps():
    assert told(SLIP, "W-v-u-w-t-S", north=(12, -14, NORTH), west=(25, 0, WEST)) == {}


def test_a_path_through_the_intersection_goes_round_nothing():
    traps = told(SLIP, "W-v-u-X-E", joined=(0, 25, SOUTH))
    assert traps == {}


# -- beside the path ---------------------------------------------------------------------------


def frontage(gap_m, words=""):
    return town(
        f"A 0 0; B 900 0; a 0 {gap_m}; b 900 {gap_m}; p -300 0; q 1200 0; r -300 {gap_m}; s 1200 {gap_m}",
        f"p-A-B-q primary name=Main; r-a-b-s tertiary name=Frontage {words}; A-a name=L; B-b name=R",
    )


def test_a_camera_of_a_parallel_street_may_read_the_path():
    traps = trap_cameras(frontage(24), "p-A-B-q", one=(450, 24, EAST))
    assert traps["one"][:3] == (0, "beside", False)
    assert traps["one"].distance_m == pytest.approx(750.0, abs=0.5)


def test_not_against_it_not_across_not_far_and_not_on_another_level():
    assert told(frontage(24), "p-A-B-q", one=(450, 24, WEST)) == {}
    assert told(frontage(24), "p-A-B-q", one=(450, 24, NORTH)) == {}
    assert told(frontage(34), "p-A-B-q", one=(450, 34, EAST)) == {}
    assert told(frontage(24, "bridge layer=1"), "p-A-B-q", one=(450, 24, EAST)) == {}


def test_the_other_carriageway_of_the_same_street_is_opposite():
    place = town(
        "A 0 0; B 900 0; a 0 20; b 900 20; N 0 1300; M 900 1300; S 0 -300; T 900 -300; s 90 -300; t 990 -300",
        "A>B primary name=Main; b>a primary name=Main; N-a-A-S name=L; M-b-B-T name=R; S-s; T-t",
    )
    assert told(place, "S-A-B-T", one=(450, 20, WEST)) == {"one": "opposite may"}


def test_a_camera_linked_in_doubt_to_a_street_of_the_path_may_read_it():
    # In the middle between two streets 68 m apart: too far from the path to stand beside it.
    place = frontage(68)
    assert told(place, "p-A-B-q", one=(450, 34.5, EAST)) == {"one": "beside may"}
    assert told(place, "r-a-b-s", one=(450, 33.5, EAST)) == {"one": "beside may"}
    assert told(place, "p-A-B-q", one=(450, 34.5, WEST)) == {}


# -- the first and the last mile ---------------------------------------------------------------

# A road east with side streets; the path lies between B and C.
MILE = town(
    """P -1700 0; R -700 0; A -400 0; B 0 0; C 500 0; D 1000 0; S 1300 0; Q 2400 0
    a -400 1200; r -700 90; s 1300 90; b 0 300; c 500 300; d 1000 1200""",
    "P-R-A-B-C-D-S-Q name=Long; R-r name=Five; S-s name=Six; A-a name=One; B-b name=Two; C-c name=Three; D-d name=Four",
)


def test_on_each_way_in_the_nearest_camera_may_be_tripped():
    traps = told(
        MILE,
        "B-C",
        miles=True,
        near=(-500, 0, EAST),
        same_block=(-600, 0, EAST),
        farther=(-800, 0, EAST),
        side=(-400, 90, SOUTH),
        against=(-700, 0, WEST),
    )
    assert traps == {
        "near": "first_mile may",
        "same_block": "first_mile may",
        "side": "first_mile may",
    }


def test_on_each_way_out_too():
    traps = trap_cameras(
        MILE, "B-C", near=(1100, 0, EAST), far=(1400, 0, EAST), up=(1000, 90, NORTH)
    )
    assert {name: (trap.kind, trap.certain) for name, trap in traps.items()} == {
        "near": ("last_mile", False),
        "up": ("last_mile", False),
    }
    assert traps["near"].distance_m == pytest.approx(500.0, abs=0.5)
    assert traps["near"].beyond_m == pytest.approx(600.0, abs=0.5)


def test_what_every_way_of_a_mile_passes_will_be_tripped_wherever_it_stands():
    traps = trap_cameras(
        MILE, "B-C", near=(-100, 0, EAST), both=(-300, 0, EAST), side=(-400, 90, SOUTH)
    )
    assert {name: (trap.kind, trap.certain) for name, trap in traps.items()} == {
        "near": ("first_mile", True),
        "both": ("first_mile", True),
    }
    assert traps["both"].beyond_m == pytest.approx(300.0, abs=0.5)


def test_beyond_a_mile_nothing_is_looked_for():
    assert told(MILE, "B-C", miles=True, far=(-1010, 0, EAST), out=(1520, 0, EAST)) == {}


def test_a_gate_in_mid_block_is_come_to_from_both_sides():
    # It may come along the route's own street, turn in the gate, and go back.
    cameras = {"behind": (100, 0, EAST), "ahead": (1000, 90, SOUTH)}
    assert told(MILE, "B-C-D-S-Q", start_m=200.0, miles=True, **cameras) == {
        "behind": "first_mile may",
        "ahead": "first_mile may",
    }
    assert told(MILE, "B-C-D-S-Q", miles=True, **cameras) == {}


def test_ways_in_are_streets_that_lorries_may_use():
    place = town(
        "P -1500 0; A -100 0; B 0 0; C 500 0; a -100 1200; b 0 300",
        "P-A-B-C name=Long; A-a name=One no_goods; B-b name=Two",
    )
    assert told(place, "B-C", miles=True, one=(-300, 0, EAST), two=(-100, 90, SOUTH)) == {
        "one": "first_mile will"
    }


# -- all together ------------------------------------------------------------------------------


def test_of_several_reasons_the_surest_is_told_in_driving_order():
    kept = strongest(
        [
            TrapCamera(1, "opposite", False, 10.0, 0.0, 170.0),
            TrapCamera(1, "cross_street", True, 90.0, 0.0, 5.0),
            TrapCamera(1, "cross_street", False, 20.0, 0.0, 50.0),
            TrapCamera(2, "last_mile", False, 100.0, 30.0, None),
            TrapCamera(3, "first_mile", False, 0.0, 200.0, None),
            TrapCamera(4, "first_mile", True, 0.0, 100.0, None),
        ]
    )
    assert [(trap.site, trap.kind) for trap in kept] == [
        (3, "first_mile"),
        (4, "first_mile"),
        (1, "cross_street"),
        (2, "last_mile"),
    ]


def test_no_cameras_no_traps():
    assert told(GRID, STRAIGHT) == {}


@settings(max_examples=60, deadline=None)
@given(lorry_towns(), st.data())
def test_traps_are_cameras_off_the_path_each_once_within_their_bounds(graph, data):
    assume(graph.edge_count > 0)
    found = find_intersections(graph)
    sites = data.draw(cameras_along(graph, most=8))
    links = link_cameras(graph, found, EdgeIndex(graph), sites)
    edges, start_m, end_m = data.draw(drives(graph))
    path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
    traps = TrapFinder(graph, found, links, sites).trap_cameras(path)
    covered = set(cameras_on_path(graph, found, links, path).site.tolist())
    assert covered.isdisjoint(trap.site for trap in traps)
    assert len({trap.site for trap in traps}) == len(traps)
    length_m = path.length_m(graph)
    for trap in traps:
        assert trap.kind in TRAP_KINDS
        assert 0.0 <= trap.distance_m <= length_m
        assert 0.0 <= trap.beyond_m <= 1000.0
        assert trap.angle_deg is None or 0.0 <= trap.angle_deg <= 180.0


def leads_a_mile_away(driver, sources, reads):
    """Whether some way of a mile from the path's end is not read; reads are metres along edges."""
    waiting = [(begin_m, edge) for edge, begin_m in sources]
    best = {}
    while waiting:
        begin_m, edge = heapq.heappop(waiting)
        if best.get(edge, inf) <= begin_m:
            continue
        best[edge] = begin_m
        if any(0.0 <= begin_m + at_m <= 1000.0 for at_m in reads[edge]):
            continue
        done = begin_m + driver.streets[edge].length_m
        if done >= 1000.0:
            return True
        for onward in driver.onward((edge,)):
            heapq.heappush(waiting, (done, onward))
    return False


@settings(max_examples=80, deadline=None)
@given(lorry_towns(), st.data())
def test_a_last_mile_is_certain_when_no_way_of_a_mile_avoids_the_camera(graph, data):
    assume(graph.edge_count > 0)
    graph = with_bans(graph, ())
    found = find_intersections(graph)
    sites = data.draw(cameras_along(graph, most=5))
    links = link_cameras(graph, found, EdgeIndex(graph), sites)
    edges, start_m, end_m = data.draw(drives(graph))
    path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
    traps = TrapFinder(graph, found, links, sites).trap_cameras(path)
    covered = set(cameras_on_path(graph, found, links, path).site.tolist())

    driver = Driver(streets_of(graph), ())
    sources = [(edges[-1], -end_m)]
    touched_m = touched_intersections(graph, found, path).distance_m
    twin = driver.streets[edges[-1]].twin
    if twin is not None and not (touched_m.size and touched_m[-1] >= path.length_m(graph)):
        sources.append((twin, end_m - driver.streets[twin].length_m))
    unavoidable = set()
    if leads_a_mile_away(driver, sources, [[]] * graph.edge_count):
        for site in sorted(set(range(len(sites))) - covered):
            if not leads_a_mile_away(driver, sources, reads_of(graph, links, [site])):
                unavoidable.add(site)
    certain = {trap.site for trap in traps if trap.certain}
    beyond = {trap.site for trap in traps if trap.kind == "last_mile" and trap.beyond_m > 0.0}
    assert certain & beyond <= unavoidable <= certain
