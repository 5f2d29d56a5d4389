from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings

from roadnet.assemble import assemble_graph
from roadnet.errors import NetworkError
from roadnet.geoparquet import to_geoparquet
from roadnet.importers import read_network
from tests.roadnet.random_ways import ways
from tests.roadnet.real_data import road_file
from tests.roadnet.towns import town

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph


def edges_of(graph: RoadGraph) -> list[tuple]:
    """What is known of each edge, whatever the numbers of nodes and edges."""
    columns = ("class", "speed_kmh", "flags", "layer", "way_id")
    columns += ("max_weight_t", "max_height_m", "max_width_m")
    return sorted(
        (
            tuple(map(tuple, np.round(graph.geometry(edge), 7).tolist())),
            *(getattr(graph, f"edge_{name}")[edge].item() for name in columns),
            graph.name(edge),
            graph.conditions[graph.edge_condition[edge]],
            graph.edge_reverse[edge] >= 0,
        )
        for edge in range(graph.edge_count)
    )


@settings(max_examples=40)  # each writes and reads a file
@given(drawn=ways())
def test_there_and_back_keeps_all_edges(drawn, tmp_path_factory):
    graph = assemble_graph(drawn)
    path = str(tmp_path_factory.getbasetemp() / "graph.parquet")
    to_geoparquet(graph, path)
    if graph.edge_count:
        assert edges_of(read_network(path)) == edges_of(graph)
    else:
        with pytest.raises(NetworkError, match="no road in it"):
            read_network(path)


def test_what_differs_between_directions_is_kept(tmp_path):
    made = town(
        "A 0 0; B 100 0 signals; C 200 0",
        "A-B primary name='Long Street' maxweight=7.5 way=7; B>C bridge layer=1 destination",
    )
    graph = made.graph
    forth, back = made.edge("A", "B"), made.edge("B", "A")
    flags, speed, limit = (
        graph.edge_flags.copy(),
        graph.edge_speed_kmh.copy(),
        graph.edge_max_height_m.copy(),
    )
    flags[back] |= 8
    speed[forth], limit[back] = 70, 3.8
    condition = np.zeros_like(graph.edge_condition)
    condition[back] = 1
    graph = replace(
        graph,
        edge_flags=flags,
        edge_speed_kmh=speed,
        edge_max_height_m=limit,
        edge_condition=condition,
        conditions=("", "yes @ (22:00-06:00)"),
    )
    path = str(tmp_path / "graph.parquet")
    to_geoparquet(graph, path)
    assert edges_of(read_network(path)) == edges_of(graph)
    assert {"maxspeed:forward", "hgv:backward:conditional"} <= set(pq.read_table(path).column_names)


def test_metadata_is_geoparquet(tmp_path):
    path = str(tmp_path / "graph.parquet")
    to_geoparquet(town("A 0 0; B 100 0 signals", "A-B").graph, path)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    about = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert about["encoding"] == "WKB"
    shapes = shapely.from_wkb(table.column("geometry").to_pylist())
    assert {shape.geom_type for shape in shapes} == set(about["geometry_types"])
    assert about["bbox"] == list(shapely.total_bounds(shapes))
    assert "crs" not in about


def test_a_real_city(tmp_path):
    graph = read_network(road_file("jinan.osm.pbf"))
    path = str(tmp_path / "city.parquet")
    to_geoparquet(graph, path)
    again = read_network(path)
    assert again.node_count == graph.node_count
    assert np.array_equal(np.sort(again.edge_length_m), np.sort(graph.edge_length_m))
    assert np.array_equal(np.sort(again.edge_way_id), np.sort(graph.edge_way_id))


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(NetworkError) as raised:
        to_geoparquet(town("A 0 0; B 100 0", "A-B").graph, str(tmp_path))
    assert raised.value.code == "graph_unwritable"
