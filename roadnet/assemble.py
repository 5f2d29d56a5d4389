"""Ways, as any importer reads them, into a road graph: cut at junctions, both directions, sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from roadnet.geodesy import polyline_lengths_m
from roadnet.graph import RoadGraph, without_rules
from roadnet.types import FLAG_SIGNALS, NO_EDGE, NO_OSM_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from roadnet.types import (
        BoolArray,
        ByteArray,
        Float32Array,
        FloatArray,
        IdArray,
        IndexArray,
        OffsetArray,
    )

_Scalar = TypeVar("_Scalar", bound=np.generic)

FORWARD: Final = 1
BOTH_WAYS: Final = 0
BACKWARD: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One road as drawn, its tags already interpreted.

    Attributes
    ----------
    lon, lat
        (k,) WGS-84 degrees, k >= 2.
    node_ids
        (k,) int64; ways meet where they share an id, and an id has one place. Ids above 0 are kept as OSM ids; those below
        are an importer's own numbering and become NO_OSM_ID.
    road_class
        Code in `roadnet.types.ROAD_CLASSES`.
    speed_kmh
        Above 0.
    oneway
        FORWARD, BOTH_WAYS or BACKWARD (driven against the order of the points).
    flags
        FLAG_* bits of the whole way; FLAG_SIGNALS comes from `signals`.
    layer
        OSM layer, -128..127.
    way_id
        OSM way id, or NO_OSM_ID; one below 0 becomes NO_OSM_ID like a node's.
    name
        Street name, or empty.
    signals
        (k,) whether traffic signals stand at each point; None for nowhere.
    """

    lon: FloatArray
    lat: FloatArray
    node_ids: IdArray
    road_class: int
    speed_kmh: float
    oneway: int = BOTH_WAYS
    flags: int = 0
    layer: int = 0
    way_id: int = NO_OSM_ID
    name: str = ""
    signals: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class WayTable:
    """Many ways as columns: w ways, p points; the fields are those of Way.

    Way i has the points `offsets[i]:offsets[i + 1]`, and the name `names[name[i]]`. `names` may be in
    any order and need not hold the empty text.
    """

    offsets: OffsetArray
    lon: FloatArray
    lat: FloatArray
    node_ids: IdArray
    signals: BoolArray
    road_class: ByteArray
    speed_kmh: Float32Array
    oneway: IndexArray
    flags: ByteArray
    layer: IndexArray
    way_id: IdArray
    name: IndexArray
    names: Sequence[str]


def assemble_graph(ways: Iterable[Way]) -> RoadGraph:
    """Cut ways at their junctions and build the directed graph.

    Parameters
    ----------
    ways
        Any order; the graph does not depend on it unless ways lack ids.

    Returns
    -------
    RoadGraph
        See `assemble_table`. Without edges if there is no way longer than zero.
    """
    return assemble_table(tabulate_ways(ways))


def tabulate_ways(ways: Iterable[Way]) -> WayTable:
    """Put ways into columns, in the order given."""
    rows = list(ways)
    places: dict[str, int] = {}
    name = [places.setdefault(way.name, len(places)) for way in rows]
    return WayTable(
        offsets=_offsets(np.array([way.lon.shape[0] for way in rows], dtype=np.int64)),
        lon=_joined([way.lon for way in rows], np.float64),
        lat=_joined([way.lat for way in rows], np.float64),
        node_ids=_joined([way.node_ids for way in rows], np.int64),
        signals=_joined(
            [
                np.zeros(way.lon.shape[0], np.bool_) if way.signals is None else way.signals
                for way in rows
            ],
            np.bool_,
        ),
        road_class=np.array([way.road_class for way in rows], dtype=np.uint8),
        speed_kmh=np.array([way.speed_kmh for way in rows], dtype=np.float32),
        oneway=np.array([way.oneway for way in rows], dtype=np.int32),
        flags=np.array([way.flags for way in rows], dtype=np.uint8),
        layer=np.array([way.layer for way in rows], dtype=np.int32),
        way_id=np.array([way.way_id for way in rows], dtype=np.int64),
        name=np.array(name, dtype=np.int32),
        names=tuple(places),
    )


def assemble_table(table: WayTable) -> RoadGraph:
    """Cut a table of ways at their junctions and build the directed graph.

    Junctions are the ends of ways, the points that two ways share, and those that one way visits
    twice. Consecutive points of a way at one place are one point, whatever their ids, so that no
    edge has length zero and nothing is cut off where one would have been.

    Parameters
    ----------
    table
        The ways.

    Returns
    -------
    RoadGraph
        Nodes ascending by id. Parallel edges of one way are in the order of its points.
    """
    points = _distinct_points(table)
    pieces = _cut(points)
    return _directed(table, points, pieces)


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """The points of all ways without repetitions, in way order; `node` numbers their ids, ascending."""

    way: OffsetArray
    lon: FloatArray
    lat: FloatArray
    node: OffsetArray
    node_id: IdArray
    signals: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Stretches between junctions: piece i runs from point `begin[i]` to point `end[i]`."""

    begin: OffsetArray
    end: OffsetArray


def _distinct_points(table: WayTable) -> _Points:
    way = np.repeat(np.arange(table.offsets.shape[0] - 1), np.diff(table.offsets))
    ids = table.node_ids
    signals = table.signals
    if way.shape[0] > 0:
        same_way = way[1:] == way[:-1]
        same_place = (table.lon[1:] == table.lon[:-1]) & (table.lat[1:] == table.lat[:-1])
        repeated = np.flatnonzero(same_way & ((ids[1:] == ids[:-1]) | same_place)) + 1
        differing = repeated[ids[repeated] != ids[repeated - 1]]
        if differing.shape[0] > 0:
            ids = _merged(ids, ids[differing - 1], ids[differing])
        if repeated.shape[0] > 0:
            # A signal at a repeated point stands at the one that remains.
            signalled = np.unique(ids[signals])
            kept = np.ones(way.shape[0], dtype=np.bool_)
            kept[repeated] = False
            way, ids = way[kept], ids[kept]
            table_lon, table_lat = table.lon[kept], table.lat[kept]
            signals = np.isin(ids, signalled)
        else:
            table_lon, table_lat = table.lon, table.lat
    else:
        table_lon, table_lat = table.lon, table.lat
    node_id, node = np.unique(ids, return_inverse=True)
    return _Points(
        way=way, lon=table_lon, lat=table_lat, node=node, node_id=node_id, signals=signals
    )


def _merged(ids: IdArray, first: IdArray, second: IdArray) -> IdArray:
    """Give ids that stand for one place the greatest id among them: an OSM id before our own."""
    leader: dict[int, int] = {}

    def lead(one: int) -> int:
        while one in leader:
            one = leader[one]
        return one

    for left, right in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((lead(left), lead(right)))
        if low != high:
            leader[low] = high
    merged = ids.copy()
    for one in leader:
        merged[ids == one] = lead(one)
    return merged


def _cut(points: _Points) -> _Pieces:
    count = points.way.shape[0]
    if count == 0:
        none = np.zeros(0, dtype=np.int64)
        return _Pieces(none, none)
    first = np.ones(count, dtype=np.bool_)
    first[1:] = points.way[1:] != points.way[:-1]
    last = np.ones(count, dtype=np.bool_)
    last[:-1] = first[1:]
    visits = np.bincount(points.node, minlength=points.node_id.shape[0])
    junction = np.flatnonzero(first | last | (visits[points.node] > 1))
    within = points.way[junction[1:]] == points.way[junction[:-1]]
    return _Pieces(begin=junction[:-1][within], end=junction[1:][within])


def _directed(table: WayTable, points: _Points, pieces: _Pieces) -> RoadGraph:
    """Lay both directions of each piece that may be driven, and sort the edges."""
    way_of_piece = points.way[pieces.begin]
    onward = np.flatnonzero(table.oneway[way_of_piece] >= BOTH_WAYS)
    back = np.flatnonzero(table.oneway[way_of_piece] <= BOTH_WAYS)
    piece = np.concatenate((onward, back))
    backward = np.repeat(np.array([False, True]), (onward.shape[0], back.shape[0]))

    start = np.where(backward, pieces.end[piece], pieces.begin[piece])
    stop = np.where(backward, pieces.begin[piece], pieces.end[piece])
    used, ends = np.unique(
        np.concatenate((points.node[start], points.node[stop])), return_inverse=True
    )
    edge_from, edge_to = ends[: piece.shape[0]], ends[piece.shape[0] :]
    way = way_of_piece[piece]
    way_id = np.where(table.way_id > 0, table.way_id, NO_OSM_ID)
    order = np.lexsort((backward, piece, way_id[way], edge_to, edge_from))
    piece, backward, start, stop, way = (
        column[order] for column in (piece, backward, start, stop, way)
    )
    begins: IndexArray = edge_from[order].astype(np.int32)
    finishes: IndexArray = edge_to[order].astype(np.int32)

    rows = np.arange(piece.shape[0], dtype=np.int32)
    edge_of = np.full((2, pieces.begin.shape[0]), NO_EDGE, dtype=np.int32)
    edge_of[backward.astype(np.int64), piece] = rows

    counts = np.abs(stop - start) + 1
    geometry_offsets = _offsets(counts)
    step = np.repeat(np.where(backward, -1, 1), counts)
    place = np.repeat(start, counts) + step * (
        np.arange(step.shape[0]) - np.repeat(geometry_offsets[:-1], counts)
    )
    lon, lat = points.lon[place], points.lat[place]
    node_point = np.empty(used.shape[0], dtype=np.int64)
    node_point[begins] = start
    node_point[finishes] = stop
    node_id = points.node_id[used]
    signalled = np.zeros(points.node_id.shape[0], dtype=np.bool_)
    signalled[points.node[points.signals]] = True
    in_edges = np.argsort(finishes, kind="stable").astype(np.int32)
    names, edge_name = _names(table, way)
    return RoadGraph(
        node_lon=points.lon[node_point],
        node_lat=points.lat[node_point],
        node_osm_id=np.where(node_id > 0, node_id, NO_OSM_ID),
        out_offsets=_offsets(np.bincount(begins, minlength=used.shape[0])),
        in_offsets=_offsets(np.bincount(finishes, minlength=used.shape[0])),
        in_edges=in_edges,
        edge_from=begins,
        edge_to=finishes,
        edge_reverse=np.where(backward, edge_of[0, piece], edge_of[1, piece]),
        geometry_offsets=geometry_offsets,
        geometry_lon=lon,
        geometry_lat=lat,
        edge_length_m=polyline_lengths_m(lon, lat, geometry_offsets),
        edge_class=table.road_class[way],
        edge_speed_kmh=table.speed_kmh[way],
        edge_flags=table.flags[way] | signalled[used[finishes]].astype(np.uint8) * FLAG_SIGNALS,
        edge_layer=table.layer[way].astype(np.int8),
        edge_way_id=way_id[way],
        edge_name=edge_name,
        names=names,
        **without_rules(piece.shape[0]),
    )


def _names(table: WayTable, way: OffsetArray) -> tuple[tuple[str, ...], IndexArray]:
    """List the names that edges bear and each edge's place there: sorted, the empty one first."""
    used = np.unique(table.name[way])
    names = tuple(sorted({"", *(table.names[place] for place in used.tolist())}))
    places = {name: place for place, name in enumerate(names)}
    renumbered = np.zeros(len(table.names), dtype=np.int32)
    renumbered[used] = [places[table.names[place]] for place in used.tolist()]
    return names, renumbered[table.name[way]]


def _offsets(counts: OffsetArray) -> OffsetArray:
    offsets = np.zeros(counts.shape[0] + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def _joined(columns: Sequence[npt.NDArray[Any]], dtype: type[_Scalar]) -> npt.NDArray[_Scalar]:
    return np.concatenate((np.zeros(0, dtype=dtype), *columns), dtype=dtype)
