"""Ways, as any importer reads them, into a road graph: cut at junctions, both directions, sorted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from roadnet.geodesy import polyline_lengths_m
from roadnet.graph import RoadGraph, without_rules
from roadnet.turn_bans import ban_turns
from roadnet.types import FLAG_SIGNALS, NO_EDGE, NO_OSM_ID
from roadnet.ways import BACKWARD, BOTH_WAYS, tabulate_ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from roadnet.types import (
        BoolArray,
        FloatArray,
        IdArray,
        IndexArray,
        OffsetArray,
    )
    from roadnet.ways import Barrier, Way, WayTable


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


def assemble_table(table: WayTable) -> RoadGraph:
    """Build the graph of a table of ways; see `assemble_with_notes`, whose graph this is."""
    return assemble_with_notes(table)[0]


def assemble_with_notes(table: WayTable) -> tuple[RoadGraph, tuple[str, ...]]:
    """Cut a table of ways at their junctions and build the directed graph.

    Junctions are the ends of ways, the points that two ways share, and those that one way visits
    twice. Consecutive points of a way at one place are one point, whatever their ids, so that no
    edge has length zero and nothing is cut off where one would have been.

    A barrier where two stretches of road meet is a junction too. One that lets no lorry pass bans
    going on there, and the limits of one are those of the edges that leave it, so that the street
    on this side of it stays open. At other junctions a barrier is taken to belong to a side street
    or path, and at a dead end it stops nobody: both are without effect.

    Parameters
    ----------
    table
        The ways.

    Returns
    -------
    tuple
        The graph: nodes ascending by id, parallel edges of one way in the order of its points. And
        notes on turn restrictions and barriers that had no effect.
    """
    points = _distinct_points(table)
    barriers, notes = _barriers_on_roads(table, points)
    pieces = _cut(points, barriers)
    graph, node_ids, edge_way, edge_of = _directed(table, points, pieces)
    if not barriers and not table.restrictions and not table.bans:
        return graph, notes
    restrictions = [
        replace(one, via_node=points.merged.get(one.via_node, one.via_node))
        for one in table.restrictions
    ]
    closed = np.array([one.node_id for one in barriers if one.closed], dtype=np.int64)
    stated = _stated_bans(table, points.way[pieces.begin], edge_of)
    bans = ban_turns(graph, node_ids, edge_way, restrictions, closed, stated)
    limited = _limited(graph, node_ids, barriers)
    graph = replace(graph, ban_offsets=bans.offsets, ban_edges=bans.edges, **limited)
    return graph, (*notes, *bans.notes)


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """The points of all ways without repetitions, in way order; `node` numbers their ids, ascending.

    `merged` gives, for each id that stands for one place with others, the id that remains.
    """

    way: OffsetArray
    lon: FloatArray
    lat: FloatArray
    node: OffsetArray
    node_id: IdArray
    signals: BoolArray
    merged: Mapping[int, int]

    def ends(self) -> tuple[BoolArray, BoolArray]:
        """Tell which points are the first and which are the last of their way."""
        first = np.ones(self.way.shape[0], dtype=np.bool_)
        first[1:] = self.way[1:] != self.way[:-1]
        last = np.ones(self.way.shape[0], dtype=np.bool_)
        last[:-1] = first[1:]
        return first, last


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Stretches between junctions: piece i runs from point `begin[i]` to point `end[i]`."""

    begin: OffsetArray
    end: OffsetArray


def _distinct_points(table: WayTable) -> _Points:
    way = np.repeat(np.arange(table.offsets.shape[0] - 1), np.diff(table.offsets))
    ids = table.node_ids
    signals = table.signals
    merged: Mapping[int, int] = {}
    if way.shape[0] > 0:
        same_way = way[1:] == way[:-1]
        same_place = (table.lon[1:] == table.lon[:-1]) & (table.lat[1:] == table.lat[:-1])
        repeated = np.flatnonzero(same_way & ((ids[1:] == ids[:-1]) | same_place)) + 1
        differing = repeated[ids[repeated] != ids[repeated - 1]]
        if differing.shape[0] > 0:
            merged = _merged(ids[differing - 1], ids[differing])
            # Once each: some files hold thousands of such points.
            gone = np.array(sorted(merged), dtype=np.int64)
            stays = np.array([merged[one] for one in gone.tolist()], dtype=np.int64)
            place = np.minimum(np.searchsorted(gone, ids), gone.shape[0] - 1)
            ids = np.where(gone[place] == ids, stays[place], ids)
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
        way=way,
        lon=table_lon,
        lat=table_lat,
        node=node,
        node_id=node_id,
        signals=signals,
        merged=merged,
    )


def _merged(first: IdArray, second: IdArray) -> Mapping[int, int]:
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
    return {one: lead(one) for one in leader}


def _barriers_on_roads(table: WayTable, points: _Points) -> tuple[list[Barrier], tuple[str, ...]]:
    """Find the barriers where exactly two stretches of road meet, by the ids that remain."""
    if not table.barriers:
        return [], ()
    first, last = points.ends()
    # A point within a way has a stretch on either side, one at its end has one.
    stretches = np.bincount(
        points.node,
        weights=2.0 - first - last,
        minlength=points.node_id.shape[0],
    )
    on_roads: dict[int, Barrier] = {}
    at_junctions: list[int] = []
    for barrier in table.barriers:
        node_id = points.merged.get(barrier.node_id, barrier.node_id)
        place = int(np.searchsorted(points.node_id, node_id))
        if place == points.node_id.shape[0] or points.node_id[place] != node_id:
            continue
        if stretches[place] == 2:
            on_roads[node_id] = barrier._replace(node_id=node_id)
        elif stretches[place] > 2:
            at_junctions.append(barrier.node_id)
    notes: tuple[str, ...] = ()
    if at_junctions:
        note = f"{len(at_junctions)} barriers stand at junctions of streets, on none of them"
        notes = (f"{note}; ignored (one is node {min(at_junctions)})",)
    return [on_roads[node_id] for node_id in sorted(on_roads)], notes


def _stated_bans(
    table: WayTable, way_of_piece: OffsetArray, edge_of: IndexArray
) -> Iterator[tuple[int, ...]]:
    """Yield the sequences of edges that banned sequences of ways have become.

    Of ways that were cut only what lies at the turns counts: the last edge of the first, the first
    of the last.
    """
    for ban in table.bans:
        runs = []
        for way, sense in ban:
            first, end = np.searchsorted(way_of_piece, (way, way + 1))
            runs.append(edge_of[int(sense == BACKWARD), first:end][::sense].tolist())
        edges = (*runs[0][-1:], *chain.from_iterable(runs[1:-1]), *runs[-1][:1])
        if len(edges) >= len(ban) and NO_EDGE not in edges:
            yield edges


def _limited(graph: RoadGraph, node_ids: IdArray, barriers: Sequence[Barrier]) -> dict[str, Any]:
    """Put the limits of barriers on the edges that leave them."""
    limits: dict[str, Any] = {}
    for name in ("max_weight_t", "max_height_m", "max_width_m"):
        at_node = np.full(graph.node_count, np.inf, dtype=np.float32)
        for barrier in barriers:
            at_node[np.searchsorted(node_ids, barrier.node_id)] = getattr(barrier, name)
        of_edge = getattr(graph, f"edge_{name}")
        limits[f"edge_{name}"] = np.minimum(of_edge, at_node[graph.edge_from])
    return limits


def _cut(points: _Points, barriers: Sequence[Barrier]) -> _Pieces:
    if points.way.shape[0] == 0:
        none = np.zeros(0, dtype=np.int64)
        return _Pieces(none, none)
    first, last = points.ends()
    cuts = np.bincount(points.node, minlength=points.node_id.shape[0]) > 1
    cuts[np.searchsorted(points.node_id, [one.node_id for one in barriers])] = True
    junction = np.flatnonzero(first | last | cuts[points.node])
    within = points.way[junction[1:]] == points.way[junction[:-1]]
    return _Pieces(begin=junction[:-1][within], end=junction[1:][within])


def _directed(
    table: WayTable, points: _Points, pieces: _Pieces
) -> tuple[RoadGraph, IdArray, IdArray, IndexArray]:
    """Lay both directions of each piece that may be driven, and sort the edges.

    Besides the graph gives the ids of its nodes and of its edges' ways as they are in the table, and
    (2, pieces) the edges along each piece and against it, NO_EDGE for what is not driven.
    """
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
    names, edge_name = _texts(table.names, table.name[way])
    side = backward.astype(np.int64)
    conditions, edge_condition = _texts(table.conditions, table.condition[way, side])
    flags = table.flags[way, side]
    rules = without_rules(0) | {
        "edge_max_weight_t": table.max_weight_t[way, side],
        "edge_max_height_m": table.max_height_m[way, side],
        "edge_max_width_m": table.max_width_m[way, side],
        "edge_condition": edge_condition,
        "conditions": conditions,
    }
    graph = RoadGraph(
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
        edge_speed_kmh=table.speed_kmh[way, side],
        edge_flags=flags | signalled[used[finishes]].astype(np.uint8) * FLAG_SIGNALS,
        edge_layer=table.layer[way].astype(np.int8),
        edge_way_id=way_id[way],
        edge_name=edge_name,
        names=names,
        **rules,
    )
    return graph, node_id, table.way_id[way], edge_of


def _texts(texts: Sequence[str], place: IndexArray) -> tuple[tuple[str, ...], IndexArray]:
    """List the texts that edges bear and each edge's place there: sorted, the empty one first."""
    used = np.unique(place)
    kept = tuple(sorted({"", *(texts[one] for one in used.tolist())}))
    places = {text: number for number, text in enumerate(kept)}
    renumbered = np.zeros(len(texts), dtype=np.int32)
    renumbered[used] = [places[texts[one]] for one in used.tolist()]
    return kept, renumbered[place]


def _offsets(counts: OffsetArray) -> OffsetArray:
    offsets = np.zeros(counts.shape[0] + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
