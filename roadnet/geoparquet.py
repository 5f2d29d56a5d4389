"""A road graph as GeoParquet (version 1.1), for geopandas, GDAL and this package's own importer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from roadnet.edge_tags import tags_of_edge
from roadnet.errors import NetworkError
from roadnet.types import FLAG_SIGNALS, NO_EDGE, NO_OSM_ID

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import IndexArray

GEOMETRY: Final = "geometry"
_IDS: Final = ("osmid", "u", "v")


def to_geoparquet(graph: RoadGraph, path: str) -> None:
    """Write a graph as a table of streets with OSM's tag names as columns.

    Parameters
    ----------
    graph
        Any network.
    path
        Local file, replaced if it is there; by custom its name ends in `.parquet`.

    Raises
    ------
    NetworkError
        The file cannot be written.

    Notes
    -----
    A row is a street between two junctions, a LineString in WGS-84; what differs between its directions
    is in columns such as `maxspeed:forward`, and the OSM ids of its nodes are in `u` and `v`. Rows that are points
    are traffic signals, those that are MultiLineStrings (`type` is restriction) banned turns: the edges that
    no lorry may drive one after the other. `read_network` reads a graph of OSM data back as it was; of one
    without OSM ids it numbers the nodes anew, and nodes at one place become one. `save_graph` keeps every graph.
    """
    streets = np.flatnonzero(
        (graph.edge_reverse == NO_EDGE) | (graph.edge_reverse > np.arange(graph.edge_count))
    ).astype(np.int32)
    signals = np.unique(graph.edge_to[(graph.edge_flags & FLAG_SIGNALS) != 0])
    bans = list(graph.bans())
    rows = [_tags_of_street(graph, edge) for edge in streets.tolist()]
    rows += [{"highway": "traffic_signals", **_id(graph, "osmid", node)} for node in signals]
    rows += [{"type": "restriction"} for _ in bans]
    names = sorted({name for row in rows for name in row})
    columns: dict[str, pa.Array] = {
        name: pa.array([row.get(name) for row in rows], pa.int64() if name in _IDS else pa.string())
        for name in names
    }
    points = shapely.points(graph.node_lon[signals], graph.node_lat[signals])
    turns = [shapely.multilinestrings(list(_lines(graph, np.array(ban)))) for ban in bans]
    shapes = np.concatenate((_lines(graph, streets), points, np.array(turns, dtype=np.object_)))
    columns[GEOMETRY] = pa.array(shapely.to_wkb(shapes), pa.binary())
    about: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["LineString"]}
    if signals.shape[0] > 0:
        about["geometry_types"].append("Point")
    if bans:
        about["geometry_types"].append("MultiLineString")
    if shapes.shape[0] > 0:
        about["bbox"] = shapely.total_bounds(shapes).tolist()
    # Without `crs` it is OGC:CRS84: longitude, latitude.
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: about}}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    try:
        with Path(path).open("wb") as file:
            pq.write_table(table, file, compression="zstd")
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise NetworkError("graph_unwritable", message, path) from error


def _lines(graph: RoadGraph, edges: IndexArray) -> np.ndarray[Any, np.dtype[np.object_]]:
    if edges.shape[0] == 0:
        return np.zeros(0, dtype=np.object_)
    points = [graph.geometry(edge) for edge in edges.tolist()]
    numbers = np.repeat(np.arange(edges.shape[0]), [one.shape[0] for one in points])
    lines: np.ndarray[Any, np.dtype[np.object_]] = shapely.linestrings(
        np.concatenate(points), indices=numbers
    )
    return lines


def _tags_of_street(graph: RoadGraph, edge: int) -> dict[str, Any]:
    """Join the tags of both directions of a street, and name its nodes."""
    begin, end = int(graph.edge_from[edge]), int(graph.edge_to[edge])
    return {
        **_joined_tags(graph, edge),
        **_id(graph, "u", begin),
        **_id(graph, "v", end),
    }


def _id(graph: RoadGraph, name: str, node: int) -> dict[str, int]:
    """Give the OSM id of a node by a name, nothing if it has none."""
    osm_id = int(graph.node_osm_id[node])
    return {} if osm_id == NO_OSM_ID else {name: osm_id}


def _joined_tags(graph: RoadGraph, edge: int) -> dict[str, Any]:
    forward = tags_of_edge(graph, edge)
    forward["oneway"] = "yes" if forward["oneway"] else "no"
    if graph.edge_way_id[edge] <= 0:
        del forward["osmid"]
    reverse = int(graph.edge_reverse[edge])
    if reverse == NO_EDGE:
        return forward
    backward = {**tags_of_edge(graph, reverse), "oneway": "no"}
    backward.pop("osmid")
    tags: dict[str, Any] = {}
    for name in sorted(forward.keys() | backward.keys()):
        if name == "osmid" or forward.get(name) == backward.get(name):
            tags[name] = forward[name]
            continue
        key, *rest = name.split(":")
        for word, side in (("forward", forward), ("backward", backward)):
            if name in side:
                tags[":".join((key, word, *rest))] = side[name]
    return tags
