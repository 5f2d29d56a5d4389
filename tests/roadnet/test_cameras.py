"""Where a camera belongs and which approaches it looks at: docs/coverage.md, clause by clause."""

from __future__ import annotations

import numpy as np
import pytest

from roadnet.cameras import (
    AMBIGUOUS,
    DISTANT,
    FAR,
    INTERSECTION,
    MID_BLOCK,
    NO_APPROACH,
    NO_DIRECTION,
    UNLINKED,
    CameraSite,
    link_cameras,
)
from roadnet.intersections import NO_INTERSECTION, find_intersections
from roadnet.snapping import EdgeIndex
from roadnet.types import NO_EDGE
from tests.roadnet.towns import town

NORTH, EAST, SOUTH, WEST = 0.0, 90.0, 180.0, 270.0


class Watched:
    """A town whose cameras are linked: (x, y, bearing) each."""

    def __init__(self, place, *cameras):
        self.place = place
        self.intersections = find_intersections(place.graph)
        places = place.lonlat(*[(x, y) for x, y, _ in cameras]) if cameras else []
        sites = [
            CameraSite(f"C{number}", float(lon), float(lat), bearing)
            for number, ((lon, lat), (_, _, bearing)) in enumerate(
                zip(places, cameras, strict=True)
            )
        ]
        self.links = link_cameras(place.graph, self.intersections, EdgeIndex(place.graph), sites)

    def edge_name(self, edge):
        names = {node: name for name, node in self.place.nodes.items()}
        graph = self.place.graph
        return names[int(graph.edge_from[edge])] + names[int(graph.edge_to[edge])]

    def at(self, site=0):
        """Name of a node of the camera's intersection, or of its mid-block edge."""
        if self.links.kind[site] == INTERSECTION:
            names = {node: name for name, node in self.place.nodes.items()}
            number = int(self.links.intersection[site])
            first = self.intersections.nodes[self.intersections.node_offsets[number]]
            return names[int(first)]
        return self.edge_name(int(self.links.edge[site]))

    def looks_at(self, site=0):
        return sorted(self.edge_name(int(edge)) for edge in self.links.approaches(site))


# W - X - E with N and S: four streets of 200 m at X, two of which bear one name each.
CROSS = town(
    "X 0 0; N 0 200; E 200 0; S 0 -200; W -200 0",
    "W-X-E primary name=Long; S-X-N primary name=Broad",
)


# -- a camera within 50 m of an intersection, by its own street, belongs to it -----------------


@pytest.mark.parametrize("south_m", [0.0, 5.0, 25.0, 49.0])
def test_within_50_m_it_belongs_to_the_intersection(south_m):
    watched = Watched(CROSS, (3.0, -south_m, NORTH))
    assert watched.links.kind[0] == INTERSECTION
    assert watched.at() == "X"
    assert watched.links.doubts == ((),)


def test_farther_away_it_is_mid_block_on_its_edge():
    watched = Watched(CROSS, (3.0, -51.0, NORTH))
    assert watched.links.kind[0] == MID_BLOCK
    assert watched.at() == "SX"
    assert watched.links.intersection[0] == NO_INTERSECTION
    assert watched.links.offset_m[0] == pytest.approx(149.0, abs=0.01)
    assert watched.links.distance_m[0] == pytest.approx(3.0, abs=0.01)
    assert watched.links.doubts == ((),)


@pytest.mark.parametrize("north_m", [5.0, 20.0, 49.0])
def test_beyond_the_intersection_it_belongs_to_it_too(north_m):
    watched = Watched(CROSS, (3.0, north_m, NORTH))
    assert (watched.at(), watched.looks_at()) == ("X", ["SX"])


def test_by_its_own_street_not_by_one_beside_it():
    # A bridge passes 20 m from the crossing X; the camera on it has no intersection of its own.
    place = town(
        "X 0 0; N 0 200; E 200 0; S 0 -200; W -200 0; A 20 -300; B 20 300",
        "W-X name=Long; X-E name=Long; S-X-N name=Broad; A-(20,1)-B trunk layer=1 name=Fly",
    )
    watched = Watched(place, (20.0, 5.0, NORTH), (1.0, -10.0, NORTH))
    assert (watched.links.kind.tolist(), watched.at(0)) == ([MID_BLOCK, INTERSECTION], "AB")
    assert watched.at(1) == "X"


def test_the_bearing_tells_the_carriageway():
    place = town(
        "a -200 8; b -200 -8; c 200 8; d 200 -8; e 400 0; f -400 0; g 400 90; h -400 90",
        "c>a primary name=Ring; b>d primary name=Ring; d-e name=Ring; c-e name=Ring; "
        "e-g name=East; a-f name=Ring; b-f name=Ring; f-h name=West",
    )
    # Nearer the eastbound carriageway, but looking west.
    watched = Watched(place, (0.0, -2.0, WEST), (0.0, 2.0, EAST))
    assert [watched.at(0), watched.at(1)] == ["ca", "bd"]


def test_a_street_goes_on_over_nodes_where_only_a_service_road_meets_it():
    place = town(
        "X 0 0; N 0 200; E 200 0; M 0 -30; S 0 -200; W -200 0; Y 60 -30",
        "W-X-E name=Long; S-M-X-N name=Broad; M-Y service",
    )
    watched = Watched(place, (0.0, -45.0, NORTH), (0.0, -55.0, NORTH))
    assert [watched.at(0), watched.at(1)] == ["X", "SM"]
    assert watched.looks_at(0) == ["MX"]


def test_between_two_intersections_it_belongs_to_the_one_ahead():
    place = town(
        "S 0 -200; A 0 0; B 0 70; N 0 270; a 200 0; b 200 70",
        "S-A-B-N name=Long; A-a name=One; B-b name=Two",
    )
    watched = Watched(place, (0.0, 35.0, NORTH), (0.0, 35.0, SOUTH), (0.0, 3.0, NORTH))
    assert [watched.at(site) for site in range(3)] == ["B", "A", "A"]
    assert watched.links.doubts == ((), (), ())


# Two side streets leave Long 24 m from each other, and two others 44 m.
CLOSE_PAIR = town(
    "S 0 -200; A 0 0; B 0 24; N 0 230; a 200 0; b 200 24",
    "S-A-B-N name=Long; A-a name=One; B-b name=Two",
)
WIDE_PAIR = town(
    "S 0 -200; A 0 0; B 0 44; N 0 230; a 200 0; b 200 44",
    "S-A-B-N name=Long; A-a name=One; B-b name=Two",
)


def test_of_two_intersections_close_to_each_other_it_belongs_to_both_if_its_place_tells_no_more():
    watched = Watched(CLOSE_PAIR, (0.0, 6.0, NORTH), (0.0, 18.0, NORTH), (0.0, -25.0, NORTH))
    found = watched.intersections.node_intersection
    both = {int(watched.links.intersection[0]), *watched.links.also(0).tolist()}
    assert both == {int(found[CLOSE_PAIR.nodes[name]]) for name in "AB"}
    assert watched.looks_at(0) == ["AB", "SA"]
    assert watched.links.doubts == ((), (), ())
    # Plainly before one of them, it is that one's alone.
    assert [watched.looks_at(site) for site in (1, 2)] == [["AB"], ["SA"]]


def test_of_two_intersections_apart_from_each_other_it_is_ambiguous():
    watched = Watched(WIDE_PAIR, (0.0, 4.0, NORTH))
    assert watched.links.doubts == ((AMBIGUOUS,),)
    assert watched.links.also(0).tolist() == []
    rival = int(watched.links.rival_intersection[0])
    found = watched.intersections.node_intersection
    both = {watched.at(), *(n for n in "AB" if found[WIDE_PAIR.nodes[n]] == rival)}
    assert both == {"A", "B"}
    scores = watched.links.candidate_score[list(watched.links.candidates(0))]
    assert watched.links.score[0] + scores.sum() == pytest.approx(1.0, abs=0.05)


def test_when_another_street_fits_nearly_as_well_it_is_ambiguous():
    place = town(
        "A -300 0; B 300 0; C -300 10; D 300 10",
        "A-B name=Lower; C-D name=Upper",
    )
    watched = Watched(place, (0.0, 4.5, EAST), (0.0, 1.0, EAST), (0.0, -9.0, EAST))
    assert watched.links.doubts == ((AMBIGUOUS,), (AMBIGUOUS,), ())
    assert watched.at(0) == "AB"
    assert watched.edge_name(int(watched.links.rival_edge[0])) == "CD"
    assert watched.links.rival_intersection[0] == NO_INTERSECTION


@pytest.mark.parametrize(
    ("street", "beside"),
    [("residential", "service"), ("residential", "track"), ("secondary", "residential")],
)
def test_a_street_comes_before_the_lesser_road_beside_it(street, beside):
    place = town("A -300 0; B 300 0; C -300 8; D 300 8", f"A-B {street} name=Long; C-D {beside}")
    assert Watched(place, (0.0, 5.0, EAST)).at() == "AB"


def test_a_camera_stands_rather_before_than_beyond_its_intersection():
    place = town(
        "S 0 -200; A 0 0; B 0 60; N 0 270; a 200 0; b 200 60",
        "S-A-B-N name=Long; A-a name=One; B-b name=Two",
    )
    watched = Watched(place, (0.0, 18.0, NORTH), (0.0, 18.0, None))
    assert [watched.at(0), watched.at(1)] == ["B", "A"]


# -- an approach edge that the camera looks at -------------------------------------------------


def test_it_looks_at_the_approach_that_runs_along_its_bearing():
    watched = Watched(
        CROSS, *((0.0, 0.0, bearing) for bearing in (NORTH, EAST, SOUTH, WEST, 360.0, -90.0))
    )
    looked_at = [watched.looks_at(site) for site in range(6)]
    assert looked_at == [["SX"], ["WX"], ["NX"], ["EX"], ["SX"], ["EX"]]


@pytest.mark.parametrize(
    ("bearing", "looks"), [(44.99, True), (45.0, False), (315.0, False), (315.01, True)]
)
def test_less_than_45_degrees_from_its_bearing(bearing, looks):
    # The approach SX runs due north, exactly.
    assert ("SX" in Watched(CROSS, (0.0, 0.0, bearing)).looks_at()) == looks


def test_without_bearing_it_looks_at_all():
    watched = Watched(CROSS, (4.0, -20.0, None))
    assert watched.at() == "X"
    assert watched.looks_at() == ["EX", "NX", "SX", "WX"]
    assert np.isnan(watched.links.bearing_deg[0])


def test_two_approaches_may_run_along_its_bearing():
    place = town("X 0 0; A -60 -200; B 60 -200; N 0 200", "A-X name=A; B-X name=B; X-N name=A")
    assert Watched(place, (0.0, 0.0, NORTH)).looks_at() == ["AX", "BX"]


def test_direction_is_that_of_the_last_25_m_of_the_approach():
    # The approach comes from the west and turns north 30 m before the crossing.
    place = town(
        "X 0 0; N 0 200; E 200 0; W -200 -30; V -200 0",
        "W-(0,-30)-X name=Bent; X-N name=Bent; V-X-E name=Long",
    )
    assert Watched(place, (0.0, -5.0, NORTH)).looks_at() == ["WX"]
    assert Watched(place, (0.0, 0.0, EAST)).looks_at() == ["VX"]


def test_at_a_divided_crossing_it_looks_at_what_enters_from_outside():
    place = town(
        """a -150 10; b -150 -10; c 150 10; d 150 -10; n 0 10; s 0 -10; N 0 150; S 0 -150""",
        "c>n>a primary name=Ring; b>s>d primary name=Ring; S-s-n-N primary name=Gate",
    )
    watched = Watched(place, (0.0, 0.0, NORTH), (2.0, 14.0, SOUTH), (12.0, 9.0, WEST))
    assert {watched.links.intersection[site] for site in range(3)} == {0}
    assert [watched.looks_at(site) for site in range(3)] == [["Ss"], ["Nn"], ["cn"]]


# -- doubts ------------------------------------------------------------------------------------


def test_a_camera_in_the_sea_is_not_linked():
    watched = Watched(CROSS, (3000.0, 3000.0, NORTH), (0.0, -10.0, NORTH))
    assert watched.links.kind.tolist() == [UNLINKED, INTERSECTION]
    assert watched.links.doubts == ((FAR,), ())
    assert watched.links.edge[0] == NO_EDGE
    assert np.isnan(watched.links.distance_m[0])
    assert watched.looks_at(0) == []


@pytest.mark.parametrize(("aside_m", "doubts"), [(24.0, ()), (26.0, (DISTANT,)), (61.0, (FAR,))])
def test_far_from_every_road_is_doubtful_then_not_linked(aside_m, doubts):
    watched = Watched(CROSS, (aside_m, -120.0, NORTH))
    assert watched.links.doubts == (doubts,)


def test_an_intersection_without_an_approach_along_the_bearing():
    # X is the top of a T: nobody arrives there northwards, but the camera reads who leaves north.
    place = town("X 0 0; W -200 0; E 200 0; N 0 200", "W-X-E name=Long; X-N name=Stem")
    watched = Watched(place, (0.0, 20.0, NORTH))
    assert (watched.links.kind[0], watched.at()) == (INTERSECTION, "X")
    assert watched.looks_at() == []
    assert watched.links.doubts == ((NO_APPROACH,),)
    assert watched.edge_name(int(watched.links.edge[0])) == "XN"


def test_an_intersection_with_an_approach_is_preferred():
    place = town(
        "X 0 0; W -200 0; E 200 0; Y 0 60; N 0 260; e 200 60",
        "W-X-E name=Long; X-Y-N name=Stem; Y-e name=Cross",
    )
    watched = Watched(place, (0.0, 15.0, NORTH))
    assert (watched.at(), watched.looks_at()) == ("Y", ["XY"])
    assert watched.links.doubts == ((),)


def test_a_street_that_nobody_drives_along_the_bearing():
    place = town("A 0 0; B 400 0", "A>B name=Long")
    watched = Watched(place, (200.0, 0.0, WEST))
    assert watched.links.kind[0] == MID_BLOCK
    assert watched.links.doubts == ((NO_DIRECTION,),)


def test_not_a_number_is_no_place_and_no_bearing():
    watched = Watched(CROSS, (float("nan"), 0.0, NORTH), (0.0, -10.0, float("nan")))
    assert watched.links.doubts[0] == (FAR,)
    assert watched.looks_at(1) == ["EX", "NX", "SX", "WX"]


# -- the whole ---------------------------------------------------------------------------------


def test_no_cameras():
    links = Watched(CROSS).links
    assert links.count == 0
    assert links.doubts == ()
    assert links.arrival_offsets[-1] == links.passing_offsets[-1] == 0


def test_a_link_depends_on_its_own_site_alone():
    sites = [(3.0, -20.0, NORTH), (0.0, 60.0, None), (70.0, 4.0, EAST), (900.0, 0.0, NORTH)]
    together = Watched(CROSS, *sites).links
    for place, site in enumerate(sites):
        alone = Watched(CROSS, site).links
        assert alone.kind[0] == together.kind[place]
        assert alone.edge[0] == together.edge[place]
        assert alone.doubts[0] == together.doubts[place]
        assert alone.approaches(0).tolist() == together.approaches(place).tolist()


def test_cameras_at_one_place_each_have_their_link():
    watched = Watched(CROSS, *[(0.0, -10.0, bearing) for bearing in (NORTH, NORTH, SOUTH)])
    number = int(watched.links.intersection[0])
    begin, end = watched.links.around_offsets[number : number + 2]
    assert watched.links.around_sites[begin:end].tolist() == [0, 1, 2]
    begin, end = (watched.links.arrival_offsets[CROSS.edge("S", "X") + k] for k in (0, 1))
    assert watched.links.arrival_sites[begin:end].tolist() == [0, 1]
