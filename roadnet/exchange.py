"""To and from networkx, with the attribute names of osmnx, for notebooks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import networkx as nx
import numpy as np
import shapely

from roadnet.edge_rows import EdgeRow, Nodes, graph_of_rows
from roadnet.edge_tags import tags_of_edge
from roadnet.errors import NetworkError
from roadnet.importers.features import tags_of, way_id_of
from roadnet.importers.network import check_degrees
from roadnet.importers.tags import TagReader, read_name
from roadnet.turn_bans import ban_columns
from roadnet.types import FLAG_SIGNALS, NO_OSM_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IdArray

CRS: Final = "epsg:4326"
_WHERE: Final = "networkx graph"


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
        `geometry`, and where they say something `name`, `layer`, `bridge`, `tunnel`, `junction`, `hgv`,
        `maxweight` (tonnes), `maxheight`, `maxwidth` (metres), `hgv:conditional`. Graph attribute
        `bans`: sequences of edges, each (u, v, key), that no lorry may drive one after the other.
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
    placed = []
    for edge in range(graph.edge_count):
        begin, end = keys[int(graph.edge_from[edge])], keys[int(graph.edge_to[edge])]
        attributes = {"length": float(graph.edge_length_m[edge]), **tags_of_edge(graph, edge)}
        placed.append(
            (begin, end, network.add_edge(begin, end, **attributes, geometry=lines[edge]))
        )
    network.graph["bans"] = [tuple(placed[edge] for edge in ban) for ban in graph.bans()]
    return network


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
        Codes ``networkx_unusable`` and ``coordinates_out_of_range``: no directed multigraph, another
        `crs`, a node without a place, a `geometry` that is no line in degrees, or `bans` that are no sequences
        of edges; names the node or edge.
    """
    if not (network.is_directed() and network.is_multigraph()):
        message = f"it is a {type(network).__name__}; expected a networkx.MultiDiGraph"
        raise NetworkError("networkx_unusable", message, _WHERE)
    crs = str(network.graph.get("crs", CRS)).lower()
    if "4326" not in crs and "crs84" not in crs:
        raise NetworkError("networkx_unusable", f"crs is {crs}; expected {CRS}", _WHERE)
    keys = list(network.nodes)
    place_of = {key: place for place, key in enumerate(keys)}
    node_lon, node_lat = _coordinates(network, "x"), _coordinates(network, "y")
    check_degrees(node_lon, node_lat, _WHERE)
    signals = np.array(
        [data.get("highway") == "traffic_signals" for _, data in network.nodes(data=True)],
        dtype=np.bool_,
    )
    rows: list[EdgeRow] = []
    row_of: dict[Any, int] = {}
    reader = TagReader()
    for begin, end, key, data in network.edges(keys=True, data=True):
        tags = tags_of(data)
        road = reader.read(tags)
        if road is None:
            continue
        side = road.forward
        if side is None or (data.get("reversed") is True and road.backward is not None):
            side = road.backward
        first, last = place_of[begin], place_of[end]
        ends = np.column_stack((node_lon[[first, last]], node_lat[[first, last]]))
        points = _points(data.get("geometry"), ends, f"{_WHERE}: edge {begin!r} to {end!r}")
        if side is not None and (points != points[0]).any():
            one_way = tags.get("oneway") in {"yes", "True"}
            row_of[begin, end, key] = len(rows)
            way_id = way_id_of(tags)
            rows.append(EdgeRow(first, last, points, road, side, read_name(tags), way_id, one_way))
    graph, edge_of_row = graph_of_rows(Nodes(node_lon, node_lat, _osm_ids(network), signals), rows)
    bans = [
        tuple(int(edge_of_row[row_of[edge]]) for edge in ban)
        for ban in _bans(network)
        if all(edge in row_of for edge in ban)
    ]
    offsets, edges = ban_columns(bans)
    return replace(graph, ban_offsets=offsets, ban_edges=edges)


def _coordinates(network: nx.MultiDiGraph[Any], axis: str) -> FloatArray:
    found = []
    for key, data in network.nodes(data=True):
        try:
            found.append(float(data[axis]))
        except (KeyError, TypeError, ValueError) as error:
            message = f"it has no number {axis}; expected degrees in x and y"
            raise NetworkError("networkx_unusable", message, f"{_WHERE}: node {key!r}") from error
    return np.array(found, dtype=np.float64)


def _bans(network: nx.MultiDiGraph[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the banned sequences of edges; raises for anything else."""
    for ban in network.graph.get("bans", ()):
        try:
            edges = tuple(tuple(edge) for edge in ban)
        except TypeError:
            edges = ()
        whole = len(edges) > 1 and all(len(edge) == 3 for edge in edges)
        if not whole or any(one[1] != other[0] for one, other in pairwise(edges)):
            message = (
                f"bans holds {ban!r}; expected edges (u, v, key), each from the end of the last"
            )
            raise NetworkError("networkx_unusable", message, _WHERE)
        yield edges


def _osm_ids(network: nx.MultiDiGraph[Any]) -> IdArray:
    """Take the OSM id of each node from its `osmid`, or else from its key if that is a number."""
    ids = [data.get("osmid", key) for key, data in network.nodes(data=True)]
    whole = [value if isinstance(value, int | np.integer) else NO_OSM_ID for value in ids]
    return np.array([value if value > 0 else NO_OSM_ID for value in whole], dtype=np.int64)


def _points(geometry: Any, ends: FloatArray, where: str) -> FloatArray:
    """Give the points of an edge from its first node to its last, (k, 2)."""
    if geometry is None or (isinstance(geometry, float) and np.isnan(geometry)):
        return ends
    if not isinstance(geometry, shapely.LineString):
        message = f"geometry is a {type(geometry).__name__}; expected a shapely.LineString"
        raise NetworkError("networkx_unusable", message, where)
    points: FloatArray = shapely.get_coordinates(geometry)
    if points.shape[0] < 2:
        return ends
    check_degrees(points[:, 0], points[:, 1], where)
    # Tools that turn a graph around leave lines that run against their edge.
    if np.abs(points[[0, -1]] - ends).sum() > np.abs(points[[-1, 0]] - ends).sum():
        points = points[::-1].copy()
    points[0], points[-1] = ends
    return points
