from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.errors import NetworkError
from roadnet.geoparquet import to_geoparquet
from roadnet.importers import read_network
from roadnet.turn_bans import ban_columns
from tests.roadnet.random_ways import SIDE, ways
from tests.roadnet.real_data import real_network
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


@st.composite
def osm_graphs(draw: st.DrawFn) -> RoadGraph:
    """Graphs as OSM gives them: ids, several of them at one place too, OSM's precision, banned turns."""
    drawn = [
        replace(way, lon=np.round(way.lon, 7), lat=np.round(way.lat, 7), way_id=number)
        for number, way in enumerate(draw(ways(most_id=SIDE * SIDE + 4)), 1)
    ]
    graph = assemble_graph(drawn)
    lines = [graph.geometry(edge).tobytes() for edge in range(graph.edge_count)]
    # A turn is drawn, and so is one of all streets that lie on each other.
    alone = [edge for edge in range(graph.edge_count) if lines.count(lines[edge]) == 1]
    bans = set()
    for _ in range(draw(st.integers(0, 3)) if alone else 0):
        ban = [draw(st.sampled_from(alone))]
        while len(ban) < 4:
            onward = [edge for edge in alone if graph.edge_from[edge] == graph.edge_to[ban[-1]]]
            if not onward or (len(ban) > 1 and draw(st.booleans())):
                break
            ban.append(draw(st.sampled_from(onward)))
        if len(ban) > 1:
            bans.add(tuple(ban))
    offsets, edges = ban_columns(bans)
    return replace(graph, ban_offsets=offsets, ban_edges=edges)


def bans_of(graph: RoadGraph) -> set[tuple]:
    """Banned turns as the lines that they lead over."""
    return {tuple(graph.geometry(edge).tobytes() for edge in ban) for ban in graph.bans()}


@settings(max_examples=60)  # each writes and reads a file
@given(graph=osm_graphs())
def test_a_graph_of_osm_data_comes_back_as_it_was(graph, tmp_path_factory):
    path = str(tmp_path_factory.getbasetemp() / "osm.parquet")
    to_geoparquet(graph, path)
    if not graph.edge_count:
        return
    again = read_network(path)
    assert again.check() == ()
    assert bans_of(again) == bans_of(graph)
    assert edges_of(again) == edges_of(graph)
    # The order of edges that differ in nothing but their course is not kept.
    keys = np.column_stack((graph.edge_from, graph.edge_to, graph.edge_way_id))
    if np.unique(keys, axis=0).shape[0] == graph.edge_count:
        none = {"ban_offsets": np.zeros(1, np.int64), "ban_edges": np.zeros(0, np.int32)}
        assert replace(again, **none).same_as(replace(graph, **none))


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


LONG = pytest.mark.long


@pytest.mark.parametrize(
    "name", ["jinan", *(pytest.param(name, marks=LONG) for name in ("heidelberg", "porto"))]
)
def test_a_real_city(tmp_path, name):
    graph = real_network(f"{name}.osm.pbf")
    path = str(tmp_path / "city.parquet")
    to_geoparquet(graph, path)
    assert read_network(path).same_as(graph)


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(NetworkError) as raised:
        to_geoparquet(town("A 0 0; B 100 0", "A-B").graph, str(tmp_path))
    assert raised.value.code == "graph_unwritable"
