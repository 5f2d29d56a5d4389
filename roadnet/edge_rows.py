"""Directed edges, one by one, into a road graph whose nodes are given and keep their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from roadnet.geodesy import polyline_lengths_m
from roadnet.graph import RoadGraph, without_rules
from roadnet.types import FLAG_SIGNALS, NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from roadnet.importers.directions import Direction
    from roadnet.importers.tags import RoadTags
    from roadnet.types import BoolArray, FloatArray, IdArray, IndexArray


class Nodes(NamedTuple):
    """Nodes of a graph, (n,) each; `signals` tells where traffic signals stand."""

    lon: FloatArray
    lat: FloatArray
    osm_id: IdArray
    signals: BoolArray


class EdgeRow(NamedTuple):
    """One directed edge.

    Attributes
    ----------
    begin, end
        Nodes.
    points
        (k, 2) lon and lat from `begin` to `end`, k >= 2, not all of them one place.
    road, side
        What is known of the street, and of this direction of it.
    name
        Of the street, or empty.
    way_id
        OSM way id, or NO_OSM_ID.
    one_way
        Whether it is never the reverse of another edge.
    """

    begin: int
    end: int
    points: FloatArray
    road: RoadTags
    side: Direction
    name: str
    way_id: int
    one_way: bool


def graph_of_rows(nodes: Nodes, rows: Sequence[EdgeRow]) -> tuple[RoadGraph, IndexArray]:
    """Build a graph without bans.

    Parameters
    ----------
    nodes
        All of them stay, also those without edges.
    rows
        Any order. Two that are not `one_way`, of one way along the same points in opposite
        directions, are each other's reverse; the first forth with the first back.

    Returns
    -------
    tuple
        The graph, and (m,) the edge that each row became.
    """
    order = sorted(
        range(len(rows)), key=lambda row: (rows[row].begin, rows[row].end, rows[row].way_id)
    )
    edges = [rows[row] for row in order]
    points = np.concatenate((np.zeros((0, 2)), *(edge.points for edge in edges)))
    offsets = np.cumsum([0, *(edge.points.shape[0] for edge in edges)], dtype=np.int64)
    edge_from = np.array([edge.begin for edge in edges], dtype=np.int32)
    edge_to = np.array([edge.end for edge in edges], dtype=np.int32)
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    names, edge_name = _texts([edge.name for edge in edges])
    conditions, edge_condition = _texts([edge.side.condition for edge in edges])
    flags = _column([edge.side.flags | edge.road.flags for edge in edges], np.uint8)
    count = nodes.lon.shape[0]
    limits = [edge.side.limits for edge in edges]
    rules = without_rules(0) | {
        "edge_max_weight_t": _column([one.max_weight_t for one in limits], np.float32),
        "edge_max_height_m": _column([one.max_height_m for one in limits], np.float32),
        "edge_max_width_m": _column([one.max_width_m for one in limits], np.float32),
        "edge_condition": edge_condition,
        "conditions": conditions,
    }
    graph = RoadGraph(
        node_lon=nodes.lon,
        node_lat=nodes.lat,
        node_osm_id=nodes.osm_id,
        out_offsets=_offsets(edge_from, count),
        in_offsets=_offsets(edge_to, count),
        in_edges=np.argsort(edge_to, kind="stable").astype(np.int32),
        edge_from=edge_from,
        edge_to=edge_to,
        edge_reverse=_reverses(edges),
        geometry_offsets=offsets,
        geometry_lon=lon,
        geometry_lat=lat,
        edge_length_m=polyline_lengths_m(lon, lat, offsets),
        edge_class=_column([edge.road.road_class for edge in edges], np.uint8),
        edge_speed_kmh=_column([edge.side.speed_kmh for edge in edges], np.float32),
        edge_flags=flags | nodes.signals[edge_to].astype(np.uint8) * np.uint8(FLAG_SIGNALS),
        edge_layer=_column([edge.road.layer for edge in edges], np.int8),
        edge_way_id=_column([edge.way_id for edge in edges], np.int64),
        edge_name=edge_name,
        names=names,
        **rules,
    )
    edge_of_row = np.empty(len(rows), dtype=np.int32)
    edge_of_row[order] = np.arange(len(rows), dtype=np.int32)
    return graph, edge_of_row


def _column(values: list[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.array(values, dtype=dtype)


def _texts(texts: list[str]) -> tuple[tuple[str, ...], IndexArray]:
    kept = tuple(sorted({"", *texts}))
    place = {text: number for number, text in enumerate(kept)}
    return kept, np.array([place[text] for text in texts], dtype=np.int32)


def _offsets(column: IndexArray, nodes: int) -> IdArray:
    offsets = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(column, minlength=nodes), out=offsets[1:])
    return offsets


def _reverses(edges: list[EdgeRow]) -> IndexArray:
    """Pair the two directions of each two-way street; the first forth with the first back."""
    reverse = np.full(len(edges), NO_EDGE, dtype=np.int32)
    waiting: dict[tuple[int, int, int, bytes], list[int]] = {}
    for place, edge in enumerate(edges):
        if edge.one_way:
            continue
        other = (edge.end, edge.begin, edge.way_id, edge.points[::-1].tobytes())
        partners = waiting.get(other)
        if partners:
            partner = partners.pop(0)
            reverse[place], reverse[partner] = partner, place
        else:
            this = (edge.begin, edge.end, edge.way_id, edge.points.tobytes())
            waiting.setdefault(this, []).append(place)
    return reverse
