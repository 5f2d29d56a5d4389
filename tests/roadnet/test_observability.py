"""How likely a departure is seen: docs/before-approval.md, on toy towns and by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roadnet.cameras import CameraSite, link_cameras
from roadnet.coverage import cameras_on_path
from roadnet.intersections import find_intersections
from roadnet.observability import Departures, DepartureSurvey
from roadnet.paths import Path
from roadnet.snapping import EdgeIndex
from tests.oracles.departures import Driver
from tests.roadnet.lorry_towns import cameras_along, lorry_towns
from tests.roadnet.oracle_streets import reads_of, streets_of
from tests.roadnet.oracle_towns import drives
from tests.roadnet.towns import grid_town, town

NORTH, EAST, SOUTH, WEST = 0.0, 90.0, 180.0, 270.0


def departures(place, text, **cameras):
    """Ways to leave a path over named nodes, as {(metre, "street's end"): seen}."""
    graph = place.graph
    found = find_intersections(graph)
    sites = []
    for name, (x, y, bearing) in cameras.items():
        ((lon, lat),) = place.lonlat((x, y))
        sites.append(CameraSite(name, float(lon), float(lat), bearing))
    links = link_cameras(graph, found, EdgeIndex(graph), sites)
    edges = place.path(text)
    path = Path(np.array(edges, dtype=np.int32), 0.0, float(graph.edge_length_m[edges[-1]]))
    covered = cameras_on_path(graph, found, links, path).site
    return DepartureSurvey(graph).departures(links, covered, path)


def listed(place, found):
    names = {node: name for name, node in place.nodes.items()}
    return {
        (round(at_m), names[int(place.graph.edge_to[edge])]): round(seen, 6)
        for at_m, edge, seen in zip(
            found.distance_m, found.edge.tolist(), found.seen.tolist(), strict=True
        )
    }


# A road east with a street north at B, which forks at b, and one south at C, a dead end.
PLACE = town(
    "A 0 0; B 500 0; C 1000 0; D 1500 0; b 500 600; l 0 600; r 1000 600; t 1000 1600; c 1000 -600",
    "A-B-C-D primary name=Long; B-b name=North; l-b-r name=Fork; r-t name=Far; C-c name=End",
)


def test_a_departure_is_a_street_off_the_path_at_a_junction_between_its_ends():
    assert set(listed(PLACE, departures(PLACE, "A-B-C-D"))) == {(500, "b"), (1000, "c")}


def test_without_cameras_nobody_is_seen():
    found = departures(PLACE, "A-B-C-D")
    assert found.observability == 0.0


def test_at_a_fork_both_streets_are_as_likely():
    found = departures(PLACE, "A-B-C-D", fork=(800, 600, EAST))
    assert listed(PLACE, found) == {(500, "b"): 0.5, (1000, "c"): 0.0}
    assert found.observability == pytest.approx(0.25)


def test_a_camera_of_the_other_direction_reads_no_departure():
    assert departures(PLACE, "A-B-C-D", fork=(800, 600, WEST)).observability == 0.0


def test_a_camera_beyond_two_kilometres_is_too_far():
    near = departures(PLACE, "A-B-C-D", near=(1000, 1400, NORTH))
    far = departures(PLACE, "A-B-C-D", far=(1000, 1540, NORTH))
    assert listed(PLACE, near)[500, "b"] == 0.5
    assert listed(PLACE, far)[500, "b"] == 0.0


def test_a_camera_that_the_path_covers_says_nothing_of_a_departure():
    # It reads who comes back to the road from the north, too, but the route may pass it.
    assert departures(PLACE, "A-B-C-D", on_it=(480, 0, None)).observability == 0.0


def test_who_is_back_on_the_route_has_not_left_it():
    # From row 1 into row 2 and on: a walk never takes an edge of the path.
    place = grid_town(4, 2, 400.0)
    found = departures(place, "n0_0-n1_0-n2_0-n3_0", one=(420, 390, WEST))
    seen = listed(place, found)
    assert set(seen) == {(400, "n1_1"), (800, "n2_1")}
    assert 0.0 < found.observability < 1.0


def test_a_path_without_junctions_has_no_observability():
    found = departures(PLACE, "A-B")
    assert found.edge.size == 0
    assert found.observability is None
    assert departures(town("A 0 0; B 9 0", "A-B"), "A-B").observability is None


def test_a_path_without_edges_cannot_be_left():
    graph = PLACE.graph
    links = link_cameras(graph, find_intersections(graph), EdgeIndex(graph), [])
    nothing = Path(np.empty(0, dtype=np.int32), 0.0, 0.0)
    found = DepartureSurvey(graph).departures(links, np.empty(0, dtype=np.int32), nothing)
    assert found.observability is None


def test_departures_of_a_part_are_those_behind_its_begin_and_before_its_end():
    found = Departures(
        np.array([100.0, 200.0, 200.0, 300.0]), np.arange(4, dtype=np.int32), np.arange(4) / 4
    )
    assert found.unseen_between(100.0, 200.0) == (1, 1.0)
    assert found.unseen_between(200.0, 300.0) == (2, pytest.approx(1 - 0.375))
    assert found.unseen_between(300.0, 400.0) == (1, 0.25)
    assert found.unseen_between(0.0, 100.0) == (0, None)


@settings(max_examples=120, deadline=None)
@given(lorry_towns(), st.data())
def test_probabilities_equal_those_of_all_walks(graph, data):
    assume(graph.edge_count > 0)
    found = find_intersections(graph)
    links = link_cameras(graph, found, EdgeIndex(graph), data.draw(cameras_along(graph)))
    edges, start_m, end_m = data.draw(drives(graph))
    path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
    covered = cameras_on_path(graph, found, links, path).site
    ours = DepartureSurvey(graph).departures(links, covered, path)

    off = sorted(set(range(links.count)) - set(covered.tolist()))
    driver = Driver(streets_of(graph, reads_of(graph, links, off)), graph.bans())
    ends_m = path.edge_begins_m(graph) + graph.edge_length_m[path.edges]
    expected = sorted(
        (round(float(ends_m[place]), 3), way, float(seen))
        for place, way, seen in driver.departures(edges)
    )
    got = sorted(
        zip(ours.distance_m.round(3).tolist(), ours.edge.tolist(), ours.seen.tolist(), strict=True)
    )
    assert [row[:2] for row in got] == [row[:2] for row in expected]
    assert [row[2] for row in got] == pytest.approx([row[2] for row in expected], abs=1e-5)


def test_a_long_route_is_surveyed_in_several_passes(monkeypatch):
    place = grid_town(6, 6, 200.0)
    text = "-".join(f"n{c}_2" for c in range(6))
    cameras = {"one": (300, 200, NORTH), "two": (800, 900, EAST), "three": (590, 600, SOUTH)}
    whole = departures(place, text, **cameras)
    monkeypatch.setattr("roadnet.observability._TABLE_LIMIT", 1)
    parts = departures(place, text, **cameras)
    assert 0.0 < whole.observability < 1.0
    assert parts.seen == pytest.approx(whole.seen, abs=1e-6)
