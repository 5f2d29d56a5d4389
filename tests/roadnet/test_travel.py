"""Least metres and seconds between cameras: networkx's, and no simulated drive beats them."""

from itertools import product
from math import ceil, inf

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.cameras import INTERSECTION, MID_BLOCK, UNLINKED, CameraSite, link_cameras
from roadnet.errors import RoadnetError
from roadnet.graph_file import pack_arrays
from roadnet.intersections import NO_INTERSECTION, find_intersections
from roadnet.snapping import EdgeIndex
from roadnet.travel import (
    MOST_UNITS,
    generous_kmh,
    least_travel,
    load_least_travel,
    save_least_travel,
)
from roadnet.types import NO_EDGE
from tests.roadnet.random_graphs import graphs, with_bans
from tests.roadnet.real_data import real_network
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
    # Camera 2 looks eastward, 3 westward; but a plate is read at either end of a lorry.
    assert least.metres(2, 3) == pytest.approx(1100 - 60, abs=2.0)
    assert least.metres(3, 2) == pytest.approx(1100 - 60, abs=2.0)
    assert least.seconds(1, 0) == pytest.approx(620 * 3.6 / 130.0, abs=0.2)
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
    assert least.metres(1, 0) == MOST_UNITS
    assert least.seconds(1, 0) == pytest.approx(1800.0)


def test_a_camera_linked_to_nothing_has_no_bounds():
    intersections, links = surveyed(LINE, [(300, 0, None), (9000, 9000, None)])
    assert links.kind[1] == UNLINKED
    least = least_travel(LINE.graph, intersections, links)
    assert [least.metres(0, 1), least.seconds(1, 0), least.seconds(1, 1)] == [0.0, 0.0, 0.0]


def test_cameras_of_one_intersection_share_a_zone():
    city = grid_town(3, 3, 300.0)
    cameras = [(300, 280, 0.0), (280, 300, 90.0), (320, 300, 270.0), (600, 320, 180.0)]
    intersections, links = surveyed(city, cameras)
    least = least_travel(city.graph, intersections, links)
    assert least.metres_units.shape == (2, 2)
    assert least.stored_bytes == 2 * 2 * 2 * 2 + 4 * 4


def test_a_vehicle_read_before_the_camera_may_turn_off_by_a_yard():
    city = town(
        "A 0 0; S 500 0; B 2000 0; C 2000 900; Y 500 300; D 0 900",
        "A>S>B>C>D>A primary; S>Y>D service",
    )
    intersections, links = surveyed(city, [(510, 0, 90.0), (500, 200, 0.0)])
    assert links.kind.tolist() == [MID_BLOCK, MID_BLOCK]
    least = least_travel(city.graph, intersections, links)
    assert least.metres(0, 1) == pytest.approx(200 - 20 - 30, abs=2.0)


def test_a_camera_that_may_belong_to_two_crossings_reads_at_both():
    # Two crossings of a one-way street 30 m apart, and a camera on the road between them.
    city = town(
        "A 0 0; B 500 0; C 530 0; D 2000 0; E 500 400; F 530 400; G 2000 900",
        "A>B>C>D primary name=Long; B-E name=West; C-F name=East; D>G>E primary name=Back",
    )
    intersections, links = surveyed(city, [(512, 0, 90.0), (500, 350, None), (530, 350, None)])
    assert links.also(0).size == 1
    least = least_travel(city.graph, intersections, links)
    assert least.metres(0, 1) < 350.0
    assert least.metres(0, 2) < 350.0


def test_a_doubtful_link_widens_the_zone_to_what_else_it_might_be():
    city = town("A 0 0; B 2000 0; C 0 16; D 2000 16", "A-B primary name=One; C-D primary name=Two")
    intersections, links = surveyed(city, [(700, 8, 90.0), (1300, 0, 90.0), (1300, 16, 90.0)])
    assert links.doubts[0]
    least = least_travel(city.graph, intersections, links)
    assert least.metres(0, [1, 2]).tolist() == pytest.approx([540.0, 540.0], abs=2.0)


def test_many_pairs_are_looked_up_at_once():
    cameras = [(300, 0, None), (1700, 0, None), (9000, 9000, None)]
    intersections, links = surveyed(LINE, cameras)
    least = least_travel(LINE.graph, intersections, links)
    every = np.arange(3)
    metres, seconds = least.metres(every[:, None], every), least.seconds(every[:, None], every)
    assert metres.shape == seconds.shape == (3, 3)
    assert metres.dtype == seconds.dtype == np.float64
    for one, other in product(range(3), repeat=2):
        assert metres[one, other] == least.metres(one, other)
        assert seconds[one, other] == least.seconds(one, other)
    assert least.metres([], []).shape == (0,)


def test_beyond_the_horizon_is_at_least_the_horizon():
    intersections, links = surveyed(LINE, [(300, 0, None), (1700, 0, None)])
    near = least_travel(LINE.graph, intersections, links, 20.0)
    whole = least_travel(LINE.graph, intersections, links)
    assert near.seconds(0, 1) == pytest.approx(20.0)
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
    for name in ("zone", "metres_units", "seconds_units"):
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


class Oracle:
    """Where cameras read, and how long drives between are, edge by edge with networkx."""

    def __init__(self, graph, intersections, links):
        self.graph, self.intersections, self.links = graph, intersections, links
        self.length_m = graph.edge_length_m.tolist()
        self.tail, self.head = graph.edge_from.tolist(), graph.edge_to.tolist()
        self.roads, self.drives = nx.Graph(), nx.DiGraph()
        self.roads.add_nodes_from(range(graph.node_count))
        self.drives.add_nodes_from(range(graph.node_count))
        per_m = (3.6 / generous_kmh(graph)).tolist()
        self.per_m = {"metres": [1.0] * len(self.length_m), "seconds": per_m}
        for edge, length_m in enumerate(self.length_m):
            ends = self.tail[edge], self.head[edge]
            for roads, cost, price in (
                (self.roads, "metres", length_m),
                (self.drives, "metres", length_m),
                (self.drives, "seconds", length_m * per_m[edge]),
            ):
                known = roads.get_edge_data(*ends, {}).get(cost, inf)
                roads.add_edge(*ends, **{cost: min(price, known)})

    def answers(self, site):
        """What a camera may watch: (intersection, edge, metres along it)."""
        links, rows = self.links, self.links.candidates(site)
        yield int(links.intersection[site]), int(links.edge[site]), float(links.offset_m[site])
        for row in rows:
            crossing, edge = links.candidate_intersection[row], links.candidate_edge[row]
            yield int(crossing), int(edge), float(links.candidate_offset_m[row])

    def reach(self, crossing, edge, offset_m):
        """Reach around an answer: 30 m, and the way along the street to its intersection."""
        if crossing == NO_INTERSECTION:
            return 30.0
        there = [50.0]
        if self.intersections.ahead[edge] == crossing:
            left_m = self.length_m[edge] - offset_m
            there.append(left_m + float(self.intersections.ahead_m[edge]))
        if self.intersections.behind[edge] == crossing:
            there.append(offset_m + float(self.intersections.behind_m[edge]))
        return 5.0 * ceil((min(there) + 30.0) / 5.0 - 1e-9)

    def zone(self, site):
        """Parts of directed edges where a camera reads: [(edge, from, to)]."""
        parts = []
        for crossing, edge, offset_m in self.answers(site):
            reach_m = self.reach(crossing, edge, offset_m)
            if crossing == NO_INTERSECTION:
                parts += self.around(edge, offset_m, reach_m)
            else:
                nodes = np.flatnonzero(self.intersections.node_intersection == crossing)
                parts += self.parts(dict.fromkeys(nodes.tolist(), 0.0), reach_m)
        return parts

    def around(self, edge, offset_m, reach_m):
        """Parts of directed edges within reach of a place, whichever way they may be driven."""
        left_m = self.length_m[edge] - offset_m
        parts = self.parts({self.tail[edge]: offset_m, self.head[edge]: left_m}, reach_m)
        for one, at_m in ((edge, offset_m), (int(self.graph.edge_reverse[edge]), left_m)):
            if one != NO_EDGE:
                end_m = min(at_m + reach_m, self.length_m[one])
                parts.append((one, max(at_m - reach_m, 0.0), end_m))
        return parts

    def parts(self, away_m, reach_m):
        """Parts of directed edges within reach of some nodes, each already so far away."""
        for node, metres in away_m.items():
            self.roads.add_edge("here", node, metres=metres)
        away_m = nx.single_source_dijkstra_path_length(self.roads, "here", reach_m, "metres")
        self.roads.remove_node("here")
        parts = []
        for edge, length_m in enumerate(self.length_m):
            if self.tail[edge] in away_m:
                parts.append((edge, 0.0, min(reach_m - away_m[self.tail[edge]], length_m)))
            if self.head[edge] in away_m:
                from_m = max(length_m - (reach_m - away_m[self.head[edge]]), 0.0)
                parts.append((edge, from_m, length_m))
        return parts

    def reading(self, site, rng):
        """Some place within 30 m of a camera's own, along the streets in any direction."""
        near = self.around(int(self.links.edge[site]), float(self.links.offset_m[site]), 30.0)
        edge, from_m, to_m = near[int(rng.integers(len(near)))]
        at_m = from_m + float(rng.random()) * (to_m - from_m)
        return edge, at_m, at_m

    def least(self, zone, others, cost):
        """Least cost from anywhere in a zone to anywhere in each of some others."""
        per_m = self.per_m[cost]
        self.drives.add_node("here")
        for edge, _, to_m in zone:
            away = (self.length_m[edge] - to_m) * per_m[edge]
            known = self.drives.get_edge_data("here", self.head[edge], {}).get(cost, inf)
            self.drives.add_edge("here", self.head[edge], **{cost: min(away, known)})
        away = nx.single_source_dijkstra_path_length(self.drives, "here", weight=cost)
        self.drives.remove_node("here")
        for other in others:
            found = min(away.get(self.tail[e], inf) + from_m * per_m[e] for e, from_m, _ in other)
            for (edge, from_m, to_m), (other_edge, other_from_m, other_to_m) in product(
                zone, other
            ):
                if edge == other_edge and from_m <= other_to_m:
                    found = min(found, max(other_from_m - to_m, 0.0) * per_m[edge])
            yield found


def assert_least(oracle, least, sites):
    zones = [oracle.zone(site) for site in sites]
    for one, zone in zip(sites, zones, strict=True):
        for cost, found, unit in (
            ("metres", least.metres(one, sites), 1.0),
            ("seconds", least.seconds(one, sites), least.seconds_unit),
        ):
            wanted = np.array(list(oracle.least(zone, zones, cost)))
            beyond = wanted >= MOST_UNITS * unit
            assert (found[beyond] == MOST_UNITS * unit).all()
            assert (found[~beyond] <= wanted[~beyond] * (1 + 1e-12)).all()
            assert (found[~beyond] > wanted[~beyond] - unit * 1.01).all()


@settings(max_examples=60, deadline=None)
@given(camera_towns())
def test_the_table_is_what_networkx_finds_rounded_down(world):
    graph, intersections, links = world
    least = least_travel(graph, intersections, links, workers=1)
    linked = np.flatnonzero(links.kind != UNLINKED).tolist()
    assert_least(Oracle(graph, intersections, links), least, linked)


def test_in_a_real_city_it_is_what_networkx_finds_and_no_drive_between_readings_beats_it():
    graph = real_network("jinan.osm.pbf")
    intersections = find_intersections(graph)
    rng = np.random.default_rng(8)
    edges = rng.choice(graph.edge_count, 12, replace=False)
    sites = [
        CameraSite(str(edge), *graph.geometry(edge)[-1].tolist(), None) for edge in edges.tolist()
    ]
    links = link_cameras(graph, intersections, EdgeIndex(graph), sites)
    assert (links.kind != UNLINKED).all()
    least = least_travel(graph, intersections, links)
    oracle = Oracle(graph, intersections, links)
    every = np.arange(12)
    assert_least(oracle, least, every)
    # Read within 30 m of the surveyed place along the streets, both times.
    readings = [[oracle.reading(site, rng)] for site in every.tolist()]
    for one, reading in enumerate(readings):
        driven = np.array(list(oracle.least(reading, readings, "seconds")))
        assert (least.seconds(one, every) <= driven + 1e-9).all()


@settings(max_examples=80, deadline=None)
@given(camera_towns(), st.data())
def test_no_drive_beats_the_bounds(world, data):
    graph, intersections, links = world
    least = least_travel(graph, intersections, links, workers=1)
    oracle = Oracle(graph, intersections, links)
    linked = np.flatnonzero(links.kind != UNLINKED).tolist()
    zones = [oracle.zone(site) if site in linked else [] for site in range(links.count)]
    speed = generous_kmh(graph)
    edge = data.draw(st.integers(0, graph.edge_count - 1))
    metre = second = 0.0
    readings = []  # camera, metre, second
    for _ in range(data.draw(st.integers(1, 12))):
        length = float(graph.edge_length_m[edge])
        pace = 3.6 / (data.draw(st.sampled_from([1.0, 0.8, 0.3])) * float(speed[edge]))
        for site, zone in enumerate(zones):
            for _, from_m, to_m in (part for part in zone if part[0] == edge):
                at = from_m + data.draw(st.sampled_from([0.0, 0.5, 1.0])) * (to_m - from_m)
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
