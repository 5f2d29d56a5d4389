"""Which cameras a path covers: docs/coverage.md, clause by clause, on toy towns."""

from __future__ import annotations

import numpy as np
import pytest

from roadnet.cameras import CameraSite, link_cameras
from roadnet.coverage import cameras_on_path, touched_intersections
from roadnet.intersections import find_intersections
from roadnet.mapmatching import LineMatcher
from roadnet.paths import Path
from roadnet.snapping import EdgeIndex
from tests.roadnet.towns import grid_town, town

NORTH, EAST, SOUTH, WEST = 0.0, 90.0, 180.0, 270.0

# Long Street from A east to E, 200 m a block, with a side street north and south at B, C and D.
AVENUE = town(
    """A 0 0; B 200 0; C 400 0; D 600 0; E 800 0
    b 200 150; c 400 150; d 600 150; bb 200 -150; cc 400 -150; dd 600 -150""",
    """A-B-C-D-E secondary name=Long
    b-B-bb name=First; c-C-cc name=Second; d-D-dd name=Third""",
)


class Route:
    """Covers cameras, given by name as (x, y, bearing), of a town by paths over named nodes."""

    def __init__(self, place, **cameras):
        self.place = place
        self.names = list(cameras)
        self.found = find_intersections(place.graph)
        sites = []
        for name, (x, y, bearing) in cameras.items():
            ((lon, lat),) = place.lonlat((x, y))
            sites.append(CameraSite(name, float(lon), float(lat), bearing))
        self.links = link_cameras(place.graph, self.found, EdgeIndex(place.graph), sites)
        assert all(kind > 0 for kind in self.links.kind)

    def path(self, text, start_m=0.0, short_m=0.0):
        """A path from `start_m` along the first edge to `short_m` before the end of the last."""
        edges = self.place.path(text)
        end_m = float(self.place.graph.edge_length_m[edges[-1]]) - short_m
        return Path(np.array(edges, dtype=np.int32), start_m, end_m)

    def covered(self, text, start_m=0.0, short_m=0.0):
        return self.covered_by(self.path(text, start_m, short_m))

    def covered_by(self, path):
        cameras = cameras_on_path(self.place.graph, self.found, self.links, path)
        return [self.names[site] for site in cameras.site]

    def distances(self, text, start_m=0.0, short_m=0.0):
        path = self.path(text, start_m, short_m)
        cameras = cameras_on_path(self.place.graph, self.found, self.links, path)
        return dict(
            zip([self.names[s] for s in cameras.site], cameras.distance_m.tolist(), strict=True)
        )


# -- the path arrives at the camera's intersection by an approach that the camera looks at -----


def test_it_covers_the_camera_of_the_approach_by_which_it_arrives():
    route = Route(AVENUE, east=(380, 0, EAST), west=(420, 0, WEST), south=(400, 20, SOUTH))
    assert route.covered("A-B-C-D-E") == ["east"]
    assert route.covered("E-D-C-B-A") == ["west"]


def test_it_covers_a_camera_of_an_approach_whichever_way_it_turns_there():
    route = Route(AVENUE, east=(380, 0, EAST), north=(400, -20, NORTH))
    for onward in ("D", "c", "cc"):
        assert route.covered(f"A-B-C-{onward}", short_m=0.0)[:1] == ["east"]
    assert "north" not in route.covered("A-B-C-D-E")


def test_it_covers_a_camera_without_bearing_by_every_approach():
    route = Route(AVENUE, all_round=(400, 0, None))
    for text in ("A-B-C-D-E", "E-D-C-B-A", "b-B-C-D-d"):
        assert route.covered(text) == ["all_round"]


def test_it_does_not_cover_cameras_of_intersections_beside_it():
    route = Route(grid_town(4, 4), beside=(200, 200, EAST), along=(200, 100, EAST))
    assert route.covered("n0_1-n1_1-n2_1-n3_1") == ["along"]


def test_inner_edges_of_a_divided_crossing_are_no_approaches():
    place = town(
        "a -150 10; b -150 -10; c 150 10; d 150 -10; n 0 10; s 0 -10; N 0 150; S 0 -150; "
        "M 0 300; P 0 -300; m 100 150; p 100 -150; x -300 10; y -300 -10; z 300 10; w 300 -10",
        """z>c>n>a>x primary name=Ring; y>b>s>d>w primary name=Ring; P-S-s-n-N-M primary name=Gate
        N-m name=Upper; S-p name=Lower; a-b name=Turn; c-d name=Back""",
    )
    route = Route(place, north=(0, 0, NORTH), west=(30, 10, WEST), east=(-30, -10, EAST))
    # Turning left from the east runs south over the inner edge, and from the west, north.
    assert route.covered("z-c-n-s-S-P") == ["west"]
    assert route.covered("y-b-s-n-N-M") == ["east"]
    assert route.covered("P-S-s-n-N-M") == ["north"]


# -- a mid-block camera ------------------------------------------------------------------------

LONG_BLOCK = town(
    "O -200 0; A 0 0; B 400 0; C 600 0; a 0 100; b 400 100",
    "O-A-B-C name=Long; A-a name=First; B-b name=Second",
)


def test_a_mid_block_camera_is_covered_when_the_path_runs_along_its_edge_its_way():
    route = Route(LONG_BLOCK, east=(200, 3, EAST), west=(210, 3, WEST))
    assert route.covered("O-A-B-C") == ["east"]
    assert route.covered("C-B-A-O") == ["west"]


def test_a_mid_block_camera_without_bearing_is_covered_both_ways():
    route = Route(LONG_BLOCK, both=(250, 3, None))
    assert route.distances("O-A-B-C") == {"both": pytest.approx(450.0, abs=0.1)}
    assert route.distances("C-B-A-O") == {"both": pytest.approx(350.0, abs=0.1)}


@pytest.mark.parametrize(
    ("bearing", "covers"), [(45.5, True), (44.0, False), (134.5, True), (136.0, False)]
)
def test_a_mid_block_camera_looks_less_than_45_degrees_from_its_bearing(bearing, covers):
    route = Route(LONG_BLOCK, one=(200, 3, bearing))
    assert bool(route.covered("O-A-B-C")) == covers


@pytest.mark.parametrize(
    ("start_m", "covers"), [(0.0, True), (190.0, True), (214.0, True), (216.0, False)]
)
def test_a_path_that_begins_beyond_a_mid_block_camera_has_not_passed_it(start_m, covers):
    route = Route(LONG_BLOCK, east=(200, 0, EAST))
    assert bool(route.covered("A-B-C", start_m=start_m)) == covers


@pytest.mark.parametrize(("short_m", "covers"), [(0.0, True), (214.0, True), (216.0, False)])
def test_a_path_that_ends_before_a_mid_block_camera_has_not_passed_it(short_m, covers):
    route = Route(LONG_BLOCK, east=(200, 0, EAST))
    assert bool(route.covered("O-A-B", short_m=short_m)) == covers


# -- at the first and the last intersection every approach counts ------------------------------

AROUND = {
    f"{name}{way}": (x + dx, dy, bearing)
    for name, x in (("B", 200), ("C", 400), ("D", 600))
    for way, dx, dy, bearing in (
        ("E", -20, 0, EAST),
        ("W", 20, 0, WEST),
        ("N", 0, -20, NORTH),
        ("S", 0, 20, SOUTH),
    )
}


def test_at_the_first_and_the_last_intersection_that_it_touches_every_approach_counts():
    route = Route(AVENUE, **AROUND)
    assert route.covered("A-B-C-D-E") == ["BE", "BW", "BN", "BS", "CE", "DE", "DW", "DN", "DS"]


def test_a_path_within_two_intersections_covers_all_of_both():
    route = Route(AVENUE, **AROUND)
    assert route.covered("B-C") == ["BE", "BW", "BN", "BS", "CE", "CW", "CN", "CS"]


def test_a_path_that_touches_one_intersection_covers_all_of_it():
    route = Route(AVENUE, **AROUND)
    assert route.covered("B-C", start_m=60.0) == ["CE", "CW", "CN", "CS"]


def test_a_path_within_one_block_covers_no_intersection():
    route = Route(AVENUE, **AROUND)
    assert route.covered("B-C", start_m=60.0, short_m=60.0) == []


# -- an end within 15 m of an intersection is at it --------------------------------------------


@pytest.mark.parametrize(
    ("start_m", "at_b"), [(0.0, True), (14.9, True), (15.1, False), (90.0, False)]
)
def test_a_path_that_begins_in_mid_block_has_not_touched_the_intersection_behind_it(start_m, at_b):
    route = Route(AVENUE, **AROUND)
    first = ["BE", "BW", "BN", "BS", "CE"] if at_b else ["CE", "CW", "CN", "CS"]
    assert route.covered("B-C-D", start_m=start_m) == [*first, "DE", "DW", "DN", "DS"]


@pytest.mark.parametrize(
    ("short_m", "at_d"), [(0.0, True), (14.9, True), (15.1, False), (90.0, False)]
)
def test_a_path_that_ends_within_15_m_before_an_intersection_ends_there(short_m, at_d):
    route = Route(AVENUE, **AROUND)
    last = ["CE", "DE", "DW", "DN", "DS"] if at_d else ["CE", "CW", "CN", "CS"]
    assert route.covered("B-C-D", short_m=short_m) == ["BE", "BW", "BN", "BS", *last]


@pytest.mark.parametrize("over_m", [5.0, 14.0, 60.0])
def test_a_path_that_ends_beyond_an_intersection_has_it_as_its_last(over_m):
    route = Route(AVENUE, **AROUND)
    expected = ["BE", "BW", "BN", "BS", "CE", "CW", "CN", "CS"]
    assert route.covered("B-C-D", short_m=200.0 - over_m) == expected


def test_an_end_between_two_close_intersections_is_at_the_nearer_one():
    place = town(
        "S 0 -200; A 0 0; B 0 24; N 0 230; a 200 0; b 200 24",
        "S-A-B-N name=Long; A-a name=One; B-b name=Two",
    )
    route = Route(place)

    def touched(text, start_m=0.0, short_m=0.0):
        path = route.path(text, start_m, short_m)
        touched = touched_intersections(place.graph, route.found, path).intersection
        names = {int(route.found.node_intersection[place.nodes[name]]): name for name in "AB"}
        return "".join(names[int(number)] for number in touched)

    assert touched("S-A-B", start_m=100.0, short_m=14.0) == "A"
    assert touched("S-A-B", start_m=100.0, short_m=10.0) == "AB"
    assert touched("A-B-N", start_m=14.0) == "B"
    assert touched("A-B-N", start_m=10.0) == "AB"


def test_the_15_m_run_along_the_street_over_a_service_roads_mouth():
    place = town(
        "S 0 -200; X 0 0; M 0 10; N 0 200; W -200 0; E 200 0; y 60 10",
        "S-X-M-N name=Long; W-X-E name=Broad; M-y service",
    )
    route = Route(place, south=(0, -20, NORTH))
    assert route.covered("M-N", start_m=4.0) == ["south"]
    assert route.covered("M-N", start_m=6.0) == []


def test_a_line_drawn_from_mid_block_is_a_route_from_mid_block():
    route = Route(AVENUE, **AROUND)
    matcher = LineMatcher(AVENUE.graph, is_intersection=route.found.node_intersection >= 0)
    drawn = AVENUE.lonlat((290.0, 2.0), (400.0, 1.0), (600.0, -2.0), (702.0, 1.0))
    path = matcher.match_line(drawn).path
    assert route.covered_by(path) == ["CE", "CW", "CN", "CS", "DE", "DW", "DN", "DS"]


@pytest.mark.parametrize(("x", "at_b"), [(212.0, True), (222.0, False)])
def test_an_end_of_a_drawn_line_within_15_m_of_an_intersection_is_at_it(x, at_b):
    route = Route(AVENUE, **AROUND)
    matcher = LineMatcher(AVENUE.graph, is_intersection=route.found.node_intersection >= 0)
    drawn = AVENUE.lonlat((x, 2.0), (400.0, 1.0), (597.0, 1.0))
    assert ("BN" in route.covered_by(matcher.match_line(drawn).path)) == at_b


# -- order -------------------------------------------------------------------------------------


def test_cameras_come_in_the_order_of_the_path_with_their_metre():
    route = Route(AVENUE, d=(600, -20, NORTH), c=(385, 0, EAST), b=(200, 20, SOUTH))
    distances = route.distances("A-B-C-D-E", start_m=50.0)
    assert list(distances) == ["b", "c", "d"]
    assert list(distances.values()) == pytest.approx([150.0, 350.0, 550.0], abs=0.1)


def test_a_camera_that_is_passed_twice_is_there_at_its_first_passage():
    place = grid_town(3, 3)
    route = Route(place, twice=(100, 100, EAST))
    text = "n0_1-n1_1-n2_1-n2_2-n1_2-n0_2-n0_1-n1_1-n1_0"
    assert route.distances(text) == {"twice": pytest.approx(100.0, abs=0.1)}


def test_a_camera_that_looks_at_no_approach_is_covered_by_who_leaves_on_its_edge():
    place = town(
        "X 0 0; W -200 0; E 200 0; N 0 200; V -400 0; v -200 90; M 0 400; n 90 200",
        "V-W-X-E name=Long; X-N-M name=Stem; W-v name=Left; N-n name=Top",
    )
    route = Route(place, stem=(0, 20, NORTH))
    assert route.covered("V-W-X-N-M") == ["stem"]
    assert route.covered("M-N-X-W-V") == []
    assert route.covered("V-W-X-E") == ["stem"]  # X is the last that it touches


def test_a_path_without_edges_covers_nothing():
    route = Route(AVENUE, **AROUND)
    nowhere = Path(np.empty(0, dtype=np.int32), 0.0, 0.0)
    assert route.covered_by(nowhere) == []
    touched = touched_intersections(AVENUE.graph, route.found, nowhere)
    assert touched.intersection.shape == (0,)


def test_a_city_without_cameras():
    assert Route(AVENUE).covered("A-B-C-D-E") == []
