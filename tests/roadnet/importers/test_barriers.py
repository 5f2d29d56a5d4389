"""Barriers of toy OSM files: which close a street to lorries, and where."""

from __future__ import annotations

import math

import pytest

from roadnet.importers import read_network_with_notes
from tests.roadnet.importers.osm_text import OsmTown

WAYS = "11 A-B-C"
CLOSED = {"A-B-C", "C-B-A"}


@pytest.fixture
def read(tmp_path):
    def read_town(places: str, ways: str = WAYS):
        town = OsmTown(places, ways)
        path = tmp_path / "town.osm"
        path.write_text(town.xml(), encoding="utf-8")
        graph, notes = read_network_with_notes(str(path))
        assert graph.check() == ()
        return town, graph, notes

    return read_town


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ("barrier=bollard", True),
        ("barrier=block", True),
        ("barrier=jersey_barrier", True),
        ("barrier=gate", False),
        ("barrier=gate locked=yes", True),
        ("barrier=gate locked=yes access=yes", False),
        ("barrier=gate access=no", True),
        ("barrier=gate access=private", True),
        ("barrier=gate motor_vehicle=no hgv=yes", False),
        ("barrier=lift_gate", False),
        ("barrier=lift_gate access=delivery", False),
        ("barrier=lift_gate hgv=no", True),
        ("barrier=bollard motor_vehicle=yes", False),
        ("barrier=bollard bicycle=yes foot=yes", True),
        ("barrier=toll_booth", False),
        ("barrier=cattle_grid", False),
        ("barrier=entrance access=no", False),
        ("barrier=no", False),
        ("highway=crossing", False),
    ],
)
def test_what_a_lorry_gets_past(read, tags, closed):
    town, graph, notes = read(f"A 0 0; B 100 0 {tags}; C 200 0")
    assert {town.chain(graph, ban) for ban in graph.bans()} == (CLOSED if closed else set())
    # A barrier that is passed is no junction.
    assert graph.node_count == (3 if closed else 2)
    assert notes == ()


def test_where_two_streets_meet_end_to_end(read):
    town, graph, _ = read("A 0 0; B 100 0 barrier=bollard; C 200 0", "11 A-B; 12 C>B")
    assert {town.chain(graph, ban) for ban in graph.bans()} == {"C-B-A"}


def test_at_a_junction_a_barrier_belongs_to_no_street(read):
    _, graph, notes = read("A 0 0; B 100 0 barrier=bollard; C 200 0; D 100 90", "11 A-B-C; 12 B-D")
    assert graph.ban_count == 0
    assert notes == (
        "1 barriers stand at junctions of streets, on none of them; ignored (one is node 2)",
    )


def test_at_a_dead_end_and_off_the_roads_a_barrier_stops_nobody(read):
    _, graph, notes = read("A 0 0 barrier=bollard; B 100 0; C 200 0; D 300 0 barrier=block")
    assert (graph.ban_count, graph.node_count, notes) == (0, 2, ())


def test_a_height_restrictor_limits_who_gets_past_and_not_the_street_before_it(read):
    town, graph, _ = read("A 0 0; B 100 0 barrier=height_restrictor maxheight=2.1; C 200 0")
    limits = {
        ends: graph.edge_max_height_m[town.edge(graph, *ends)]
        for ends in (("A", "B"), ("B", "C"), ("C", "B"), ("B", "A"))
    }
    assert limits == pytest.approx(
        {("A", "B"): math.inf, ("B", "C"): 2.1, ("C", "B"): math.inf, ("B", "A"): 2.1}
    )
    assert graph.ban_count == 0


def test_the_lower_of_two_limits_counts(read):
    places = "A 0 0; B 100 0 barrier=height_restrictor maxheight=3.5; C 200 0"
    town, graph, _ = read(places, "11 A-B-C maxheight:forward=3 maxheight:backward=4")
    assert graph.edge_max_height_m[town.edge(graph, "B", "C")] == pytest.approx(3.0)
    assert graph.edge_max_height_m[town.edge(graph, "B", "A")] == pytest.approx(3.5)
