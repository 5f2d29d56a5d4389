"""To and from networkx, with the attribute names of osmnx, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import networkx as nx
import numpy as np
import shapely

from roadnet.errors import NetworkError
from roadnet.geodesy import polyline_lengths_m
from roadnet.graph import RoadGraph, without_rules
from roadnet.importers.features import PropertyTags, way_id_of
from roadnet.importers.network import check_degrees
from roadnet.importers.tags import RoadTags, read_tags
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_SIGNALS,
    FLAG_TUNNEL,
    NO_EDGE,
    NO_OSM_ID,
    ROAD_CLASSES,
)

if TYPE_CHECKING:
    from roadnet.types import FloatArray, IdArray, IndexArray

CRS: Final = "epsg:4326"

# A flag, and the tag that says the same.
_TAG_OF_FLAG: Final = (
    (FLAG_BRIDGE, "bridge", "yes"),
    (FLAG_TUNNEL, "tunnel", "yes"),
    (FLAG_ROUNDABOUT, "junction", "roundabout"),
    (FLAG_DESTINATION, "hgv", "destination"),
    (FLAG_NO_GOODS, "hgv", "no"),
)


def to_networkx(graph: RoadGraph) -> nx.MultiDiGraph[Any]:
    """Give a road graph as osmnx gives one.

    Parameters
    ----------
    graph
        Any network.

    Returns
    -------
    nx.MultiDiGraph
        Graph attribute `crs`. Nodes are OSM ids if all have different ones, otherwise node indices
        (with the attribute `osmid`), in the order of the graph; `x`, `y` in degrees, and `highway` is
        traffic_signals where edges enter with FLAG_SIGNALS. Edges in the order of the graph: `osmid`, `length`
        (metres), `highway`, `oneway` (whether it has no reverse), `maxspeed` (text, km/h),
        `geometry`, and where they say something `name`, `layer`, `bridge`, `tunnel`, `junction`, `hgv`.
    """
    network: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=CRS)
    ids = graph.node_osm_id.tolist()
    by_id = NO_OSM_ID not in ids and len(set(ids)) == len(ids)
    keys = ids if by_id else list(range(graph.node_count))
    signalled = np.zeros(graph.node_count, dtype=np.bool_)
    signalled[graph.edge_to[(graph.edge_flags & FLAG_SIGNALS) != 0]] = True
    for node, key in enumerate(keys):
        place: dict[str, Any] = {"x": float(graph.node_lon[node]), "y": float(graph.node_lat[node])}
        if signalled[node]:
            place["highway"] = "traffic_signals"
        if not by_id:
            place["osmid"] = ids[node]
        network.add_node(key, **place)
    lines = shapely.linestrings(
        np.column_stack((graph.geometry_lon, graph.geometry_lat)),
        indices=np.repeat(np.arange(graph.edge_count), np.diff(graph.geometry_offsets)),
    )
    for edge in range(graph.edge_count):
        begin, end = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        network.add_edge(
            keys[begin], keys[end], **_edge_attributes(graph, edge), geometry=lines[edge]
        )
    return network


def _edge_attributes(graph: RoadGraph, edge: int) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "osmid": int(graph.edge_way_id[edge]),
        "length": float(graph.edge_length_m[edge]),
        "highway": ROAD_CLASSES[graph.edge_class[edge]],
        "oneway": bool(graph.edge_reverse[edge] == NO_EDGE),
        "maxspeed": np.format_float_positional(graph.edge_speed_kmh[edge], trim="-"),
    }
    flags = int(graph.edge_flags[edge])
    attributes |= {key: value for flag, key, value in _TAG_OF_FLAG if flags & flag}
    if graph.name(edge):
        attributes["name"] = graph.name(edge)
    if graph.edge_layer[edge]:
        attributes["layer"] = str(graph.edge_layer[edge])
    return attributes


class _Edge(NamedTuple):
    begin: int
    end: int
    points: FloatArray
    road: RoadTags
    way_id: int
    one_way: bool


def from_networkx(network: nx.MultiDiGraph[Any]) -> RoadGraph:
    """Take a road graph from networkx: one of `to_networkx`, or one that osmnx made.

    Parameters
    ----------
    network
        Nodes with `x` and `y` in WGS-84 degrees; edges with `highway` and whatever OSM tags they have.
        Of lists, as osmnx leaves them where it merged ways, the first value counts. An edge without
        `geometry` is straight, and one that `oneway` does not call one-way is the reverse of the edge of
        the same `osmid` along the same points.

    Returns
    -------
    RoadGraph
        Nodes in the order given. Edges on which no motor vehicle drives, and those without length,
        are left out; lengths are measured anew. ``from_networkx(to_networkx(graph))`` is the graph.

    Raises
    ------
    NetworkError
        Another `crs`, or a node without a place.
    """
    crs = str(network.graph.get("crs", CRS)).lower()
    if "4326" not in crs and "crs84" not in crs:
        raise NetworkError("networkx_unusable", f"crs is {crs}; expected {CRS}", "networkx graph")
    keys = list(network.nodes)
    place_of = {key: place for place, key in enumerate(keys)}
    node_lon, node_lat = _coordinates(network, "x"), _coordinates(network, "y")
    check_degrees(node_lon, node_lat, "networkx graph")
    signals = np.array(
        [data.get("highway") == "traffic_signals" for _, data in network.nodes(data=True)],
        dtype=np.bool_,
    )
    edges = []
    for begin, end, data in network.edges(data=True):
        road = read_tags(PropertyTags(data))
        if road is None:
            continue
        first, last = place_of[begin], place_of[end]
        points = _points(data.get("geometry"), node_lon[[first, last]], node_lat[[first, last]])
        if (points != points[0]).any():
            one_way = PropertyTags(data).get("oneway") in {"yes", "True"}
            edges.append(_Edge(first, last, points, road, way_id_of(data), one_way))
    edges.sort(key=lambda edge: (edge.begin, edge.end, edge.way_id))
    return _assemble(edges, node_lon, node_lat, _osm_ids(network), signals)


def _coordinates(network: nx.MultiDiGraph[Any], axis: str) -> FloatArray:
    try:
        return np.array([float(data[axis]) for _, data in network.nodes(data=True)])
    except (KeyError, TypeError, ValueError) as error:
        message = f"a node has no number {axis}; expected degrees in x and y"
        raise NetworkError("networkx_unusable", message, "networkx graph") from error


def _osm_ids(network: nx.MultiDiGraph[Any]) -> IdArray:
    """Take the OSM id of each node from its `osmid`, or else from its key if that is a number."""
    ids = [data.get("osmid", key) for key, data in network.nodes(data=True)]
    whole = [value if isinstance(value, int | np.integer) else NO_OSM_ID for value in ids]
    return np.array([value if value > 0 else NO_OSM_ID for value in whole], dtype=np.int64)


def _points(geometry: Any, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Give the points of an edge from its first node to its last, (k, 2)."""
    ends = np.column_stack((lon, lat))
    if geometry is None:
        return ends
    points: FloatArray = shapely.get_coordinates(geometry)
    if points.shape[0] < 2:
        return ends
    # Tools that turn a graph around leave lines that run against their edge.
    if np.abs(points[[0, -1]] - ends).sum() > np.abs(points[[-1, 0]] - ends).sum():
        points = points[::-1].copy()
    points[0], points[-1] = ends
    return points


def _assemble(
    edges: list[_Edge],
    node_lon: FloatArray,
    node_lat: FloatArray,
    node_osm_id: IdArray,
    signals: np.ndarray[Any, np.dtype[np.bool_]],
) -> RoadGraph:
    points = np.concatenate((np.zeros((0, 2)), *(edge.points for edge in edges)))
    offsets = np.cumsum([0, *(edge.points.shape[0] for edge in edges)], dtype=np.int64)
    edge_from = np.array([edge.begin for edge in edges], dtype=np.int32)
    edge_to = np.array([edge.end for edge in edges], dtype=np.int32)
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    names = tuple(sorted({"", *(edge.road.name for edge in edges)}))
    number = {name: place for place, name in enumerate(names)}
    flags = np.array([edge.road.flags for edge in edges], dtype=np.uint8)
    nodes = node_lon.shape[0]
    return RoadGraph(
        node_lon=node_lon,
        node_lat=node_lat,
        node_osm_id=node_osm_id,
        out_offsets=_offsets(edge_from, nodes),
        in_offsets=_offsets(edge_to, nodes),
        in_edges=np.argsort(edge_to, kind="stable").astype(np.int32),
        edge_from=edge_from,
        edge_to=edge_to,
        edge_reverse=_reverses(edges),
        geometry_offsets=offsets,
        geometry_lon=lon,
        geometry_lat=lat,
        edge_length_m=polyline_lengths_m(lon, lat, offsets),
        edge_class=np.array([edge.road.road_class for edge in edges], dtype=np.uint8),
        edge_speed_kmh=np.array([edge.road.speed_kmh for edge in edges], dtype=np.float32),
        edge_flags=flags | signals[edge_to].astype(np.uint8) * np.uint8(FLAG_SIGNALS),
        edge_layer=np.array([edge.road.layer for edge in edges], dtype=np.int8),
        edge_way_id=np.array([edge.way_id for edge in edges], dtype=np.int64),
        edge_name=np.array([number[edge.road.name] for edge in edges], dtype=np.int32),
        names=names,
        **without_rules(len(edges)),
    )


def _offsets(column: IndexArray, nodes: int) -> IdArray:
    offsets = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(column, minlength=nodes), out=offsets[1:])
    return offsets


def _reverses(edges: list[_Edge]) -> IndexArray:
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
