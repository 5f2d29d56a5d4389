"""Least metres and seconds between cameras: scipy's, and no simulated drive beats them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from roadnet.cameras import INTERSECTION, MID_BLOCK, UNLINKED, CameraSite, link_cameras
from roadnet.errors import RoadnetError
from roadnet.graph_file import pack_arrays
from roadnet.intersections import find_intersections
from roadnet.snapping import EdgeIndex
from roadnet.travel import (
    MOST_UNITS,
    SLOWEST_KMH,
    generous_kmh,
    least_travel,
    load_least_travel,
    save_least_travel,
)
from roadnet.types import NO_EDGE
from tests.roadnet.random_graphs import graphs, with_bans
from tests.roadnet.towns import grid_town, town

LINE = town(
    "A 0 0; B 1000 0; C 2000 0; D 1000 500; E 1000 -500",
    "A-B-C primary name=Long; D>B>E residential name=Down",
)


def surveyed(city, cameras):
    """Intersections, links and least travel of cameras (x, y, bearing) in a town."""
    intersections = find_intersections(city.graph)
    sites = [
        CameraSite(str(number), *map(float, city.lonlat((x, y))[0]), bearing)
        for number, (x, y, bearing) in enumerate(cameras)
    ]
    return intersections, link_cameras(city.graph, intersections, EdgeIndex(city.graph), sites)


def test_metres_and_seconds_along_one_street():
    cameras = [(980, 0, 90.0), (300, 0, None), (500, 0, 90.0), (1600, 0, 270.0)]
    intersections, links = surveyed(LINE, cameras)
    assert links.kind.tolist() == [INTERSECTION, MID_BLOCK, MID_BLOCK, MID_BLOCK]
    least = least_travel(LINE.graph, intersections, links)
    # Reaches: 20 m to the crossing and 30 m of reading; 30 m in mid-block.
    assert least.metres(1, 0) == pytest.approx(700 - 30 - 50, abs=2.0)
    assert least.metres(0, 1) == pytest.approx(700 - 30 - 50, abs=2.0)
    assert least.metres(1, 2) == pytest.approx(200 - 60, abs=2.0)
    # Camera 2 reads eastward only, 3 westward only: beyond each lies a dead end to turn round in.
    assert least.metres(2, 3) == pytest.approx(1500 + 400 - 60, abs=4.0)
    assert least.metres(3, 2) == pytest.approx(1600 + 500 - 60, abs=4.0)
    per_metre = 3.6 / SLOWEST_KMH
    assert least.seconds(1, 0) == pytest.approx(700 * 3.6 / 130.0 - 80 * per_metre, abs=0.2)
    assert least.seconds(0, 0) == least.metres(0, 0) == 0.0


def test_one_ways_are_kept_and_bans_and_lorry_signs_are_not():
    cameras = [(1000, 300, None), (1000, -300, None)]
    city = town(
        "A 0 0; B 1000 0; C 2000 0; D 1000 500; E 1000 -500",
        "A-B-C primary name=Long; D>B>E residential no_goods name=Down",
    )
    intersections, links = surveyed(city, cameras)
    graph = with_bans(city.graph, [city.path("D-B-E")])
    least = least_travel(graph, intersections, links)
    assert least.metres(0, 1) == pytest.approx(600 - 60, abs=2.0)
    assert least.metres(1, 0) == pytest.approx(MOST_UNITS - 60.0)
    assert least.seconds(1, 0) == pytest.approx(1800.0 - 60 * 3.6 / SLOWEST_KMH)


def test_a_camera_linked_to_nothing_has_no_bounds():
    intersections, links = surveyed(LINE, [(300, 0, None), (9000, 9000, None)])
    assert links.kind[1] == UNLINKED
    least = least_travel(LINE.graph, intersections, links)
    assert [least.metres(0, 1), least.seconds(1, 0), least.seconds(1, 1)] == [0.0, 0.0, 0.0]


def test_cameras_of_one_intersection_share_a_place():
    city = grid_town(3, 3, 300.0)
    cameras = [(300, 280, 0.0), (280, 300, 90.0), (320, 300, 270.0), (600, 320, 180.0)]
    intersections, links = surveyed(city, cameras)
    least = least_travel(city.graph, intersections, links)
    assert least.metres_units.shape == (2, 2)
    assert least.stored_bytes == 2 * 2 * 2 * 2 + 4 * (4 + 8)


def test_beyond_the_horizon_is_at_least_the_horizon():
    intersections, links = surveyed(LINE, [(300, 0, None), (1700, 0, None)])
    near = least_travel(LINE.graph, intersections, links, 20.0)
    whole = least_travel(LINE.graph, intersections, links)
    slack = 60 * 3.6 / SLOWEST_KMH
    assert near.seconds(0, 1) == pytest.approx(20.0 - slack)
    assert near.horizon_s == pytest.approx(20.0)
    assert near.seconds(0, 1) < whole.seconds(0, 1)
    assert near.metres(0, 1) == whole.metres(0, 1)


@pytest.mark.parametrize("horizon_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_horizon_is_a_positive_number(horizon_s):
    intersections, links = surveyed(LINE, [])
    with pytest.raises(ValueError, match="expected a positive number"):
        least_travel(LINE.graph, intersections, links, horizon_s)


def test_no_camera_makes_an_empty_table_and_progress_ends_at_one():
    intersections, links = surveyed(LINE, [])
    assert least_travel(LINE.graph, intersections, links).metres_units.shape == (0, 0)
    told = []
    intersections, links = surveyed(LINE, [(300, 0, None)])
    least_travel(LINE.graph, intersections, links, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_file_holds_the_same_table(tmp_path):
    intersections, links = surveyed(LINE, [(980, 0, 90.0), (300, 0, None)])
    least = least_travel(LINE.graph, intersections, links)
    file = tmp_path / "cameras.leasttravel"
    save_least_travel(least, str(file))
    again = load_least_travel(str(file))
    for name in ("place", "reach_m", "metres_units", "seconds_units"):
        assert np.array_equal(getattr(again, name), getattr(least, name))
    assert again.seconds(0, 1) == least.seconds(0, 1)
    with pytest.raises(ValueError, match="read-only"):
        again.seconds_units[0, 0] = 1
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(RoadnetError, match="checksum") as caught:
        load_least_travel(str(file))
    assert caught.value.code == "travel_file_broken"
    file.write_bytes(pack_arrays(b"RoadGrf9", {}))
    with pytest.raises(RoadnetError, match="not such a file"):
        load_least_travel(str(file))
    with pytest.raises(RoadnetError) as caught:
        load_least_travel(str(tmp_path / "none"))
    assert caught.value.code == "travel_unreadable"
    with pytest.raises(RoadnetError) as caught:
        save_least_travel(least, str(tmp_path / "no" / "folder"))
    assert caught.value.code == "travel_unwritable"


@st.composite
def camera_towns(draw):
    """A random graph with cameras near its streets."""
    graph = draw(graphs())
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        edge = draw(st.integers(0, graph.edge_count - 1))
        share = draw(st.sampled_from([0.0, 0.1, 0.5, 0.9]))
        first, last = graph.geometry(edge)[[0, -1]]
        bearing = draw(st.sampled_from([None, 0.0, 90.0, 180.0, 270.0]))
        lon, lat = (first + share * (last - first)).tolist()
        rows.append(CameraSite(str(len(rows)), lon, lat, bearing))
    intersections = find_intersections(graph)
    return graph, intersections, link_cameras(graph, intersections, EdgeIndex(graph), rows)


def read_at(graph, intersections, links, site):
    """Edges and metres along them at which a camera may read: ends of edges at an intersection."""
    if links.kind[site] == INTERSECTION:
        nodes = np.flatnonzero(intersections.node_intersection == links.intersection[site])
        return [("node", node, 0.0) for node in nodes.tolist()]
    own = int(links.edge[site])
    looks = [
        edge
        for edge in range(graph.edge_count)
        if site
        in links.passing_sites[links.passing_offsets[edge] : links.passing_offsets[edge + 1]]
    ] or [edge for edge in (own, int(graph.edge_reverse[own])) if edge != NO_EDGE]
    length = graph.edge_length_m
    return [
        ("edge", e, float(links.offset_m[site] if e == own else length[e] - links.offset_m[site]))
        for e in looks
    ]


@settings(max_examples=60, deadline=None)
@given(camera_towns())
def test_the_table_is_what_scipy_finds_rounded_down(world):
    graph, intersections, links = world
    least = least_travel(graph, intersections, links, workers=1)
    per_metre = 3.6 / generous_kmh(graph)
    for table, unit, price in (
        (least.metres_units, 1.0, np.ones(graph.edge_count)),
        (least.seconds_units, least.seconds_unit, per_metre),
    ):
        truth = scipy_least(graph, graph.edge_length_m * price)
        for one in np.flatnonzero(links.kind != UNLINKED).tolist():
            for other in np.flatnonzero(links.kind != UNLINKED).tolist():
                wanted = np.inf
                for kind, where, along in read_at(graph, intersections, links, one):
                    for kind_to, where_to, along_to in read_at(graph, intersections, links, other):
                        begin, paid = where, 0.0
                        if kind == "edge":
                            begin = graph.edge_to[where]
                            paid = (graph.edge_length_m[where] - along) * price[where]
                        end = where_to
                        if kind_to == "edge":
                            end = graph.edge_from[where_to]
                            paid += along_to * price[where_to]
                        wanted = min(wanted, paid + truth[begin, end])
                        if (kind, where) == (kind_to, where_to) and along_to >= along:
                            wanted = min(wanted, (along_to - along) * price[where])
                found = int(table[least.place[one], least.place[other]])
                if wanted >= MOST_UNITS * unit:
                    assert found == MOST_UNITS
                else:
                    assert found * unit <= wanted * (1 + 1e-12)
                    assert found * unit > wanted - unit * 1.01


def scipy_least(graph, cost):
    cheapest = {}
    for a, b, c in zip(
        graph.edge_from.tolist(), graph.edge_to.tolist(), cost.tolist(), strict=True
    ):
        cheapest[a, b] = min(c, cheapest.get((a, b), np.inf))
    keys = np.array(list(cheapest), dtype=np.int64).reshape(-1, 2)
    shape = (graph.node_count, graph.node_count)
    return dijkstra(csr_array((list(cheapest.values()), (keys[:, 0], keys[:, 1])), shape=shape))


@settings(max_examples=80, deadline=None)
@given(camera_towns(), st.data())
def test_no_drive_beats_the_bounds(world, data):
    graph, intersections, links = world
    least = least_travel(graph, intersections, links, workers=1)
    speed = generous_kmh(graph)
    edge = data.draw(st.integers(0, graph.edge_count - 1))
    metre = second = 0.0
    readings = []  # camera, metre, second
    for _ in range(data.draw(st.integers(1, 12))):
        length = float(graph.edge_length_m[edge])
        share = data.draw(st.sampled_from([1.0, 0.8, 0.3]))
        pace = 3.6 / (share * float(speed[edge]))
        for site in range(links.count):
            own, offset = int(links.edge[site]), float(links.offset_m[site])
            looks = links.passing_sites[
                links.passing_offsets[edge] : links.passing_offsets[edge + 1]
            ]
            arrivals = links.arrival_sites[
                links.arrival_offsets[edge] : links.arrival_offsets[edge + 1]
            ]
            if links.kind[site] == MID_BLOCK and site in looks:
                at = offset if edge == own else length - offset
            elif links.kind[site] == INTERSECTION and site in arrivals:
                at = length
            else:
                continue
            # Read some metres before or behind the place, as far as the edge goes.
            shift = data.draw(st.sampled_from([-30.0, 0.0, 30.0]))
            at = min(max(at + shift, 0.0), length)
            readings.append((site, metre + at, second + at * pace))
        metre += length
        second += length * pace
        node = int(graph.edge_to[edge])
        leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        if not leaving:
            break
        edge = data.draw(st.sampled_from(leaving))
    for first, (one, one_m, one_s) in enumerate(readings):
        for other, other_m, other_s in readings[first + 1 :]:
            if other_m >= one_m:
                assert other_m - one_m >= least.metres(one, other) - 1e-6
                assert other_s - one_s >= least.seconds(one, other) - 1e-6
