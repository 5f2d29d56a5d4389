"""The invented town: a city to drive in, not a drawing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import osmium
import pytest
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from benchmarks.simulation.setting import MOTORWAY_CODES
from benchmarks.simulation.town.network import PLANE, invent_town, write_osm
from roadnet.importers import read_network
from roadnet.intersections import find_intersections
from roadnet.types import FLAG_BRIDGE, FLAG_SIGNALS, ROAD_CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    from roadnet.graph import RoadGraph


@pytest.fixture(scope="module")
def osm_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.osm.pbf"
    write_osm(invent_town(1), path)
    return path


@pytest.fixture(scope="module")
def graph(osm_file: Path) -> RoadGraph:
    return read_network(str(osm_file))


def test_size_and_classes(graph: RoadGraph) -> None:
    assert 9_000 < graph.edge_count < 12_000
    classes = Counter(ROAD_CLASSES[code] for code in graph.edge_class.tolist())
    for name in (
        "motorway",
        "motorway_link",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "residential",
    ):
        assert classes[name] >= 8, name
    assert len(graph.names) > 300


def test_everything_but_the_motorway_is_reached_from_everywhere(graph: RoadGraph) -> None:
    n = graph.node_count
    matrix = sp.csr_matrix(
        (np.ones(graph.edge_count), (graph.edge_from, graph.edge_to)), shape=(n, n)
    )
    _, part = connected_components(matrix, connection="strong")
    local = ~np.isin(graph.edge_class, MOTORWAY_CODES)
    ends = np.concatenate((graph.edge_from[local], graph.edge_to[local]))
    assert (part[ends] == np.bincount(part).argmax()).all()


def test_four_and_more_bridges_cross_the_river(graph: RoadGraph) -> None:
    long_ones = ((graph.edge_flags & FLAG_BRIDGE) > 0) & (graph.edge_length_m > 150)
    motorway = graph.edge_class == ROAD_CLASSES.index("motorway")
    names = {graph.name(edge) for edge in np.flatnonzero(long_ones & ~motorway).tolist()}
    assert {"清潭老桥", "文昌路", "迎宾大道", "环城大道"} <= names


def test_divided_roads_cross_as_one_intersection(graph: RoadGraph) -> None:
    crossings = find_intersections(graph)
    nodes = np.diff(crossings.node_offsets)
    signals = np.zeros(graph.node_count, dtype=bool)
    signals[graph.edge_to[(graph.edge_flags & FLAG_SIGNALS) > 0]] = True
    four = [
        number
        for number in np.flatnonzero(nodes >= 4).tolist()
        if signals[
            crossings.nodes[crossings.node_offsets[number] : crossings.node_offsets[number + 1]]
        ].all()
    ]
    assert len(four) >= 6


def test_streets_are_not_a_chessboard(graph: RoadGraph) -> None:
    xy = PLANE.to_xy(np.column_stack((graph.node_lon, graph.node_lat)))
    step = xy[graph.edge_to] - xy[graph.edge_from]
    heading = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90
    share = np.histogram(heading, bins=18, range=(0, 90))[0] / len(heading)
    assert share.max() < 0.2


def test_water_and_parks_are_there_and_no_roads(osm_file: Path, graph: RoadGraph) -> None:
    extra = [
        dict(way.tags)
        for way in osmium.FileProcessor(str(osm_file), osmium.osm.WAY)
        if "highway" not in way.tags
    ]
    assert {"清潭江", "秀溪", "东湖", "东湖公园"} <= {tags["name"] for tags in extra}
    assert {"natural", "waterway", "leisure"} <= {key for tags in extra for key in tags}
    assert "清潭江" not in graph.names


def test_another_seed_has_other_small_streets(osm_file: Path, tmp_path: Path) -> None:
    write_osm(invent_town(2), tmp_path / "other.osm.pbf")
    assert (tmp_path / "other.osm.pbf").read_bytes() != osm_file.read_bytes()
