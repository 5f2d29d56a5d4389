"""Fifty driven routes with their truth (Kubicka et al., IV 2015), as road graphs and edges."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadnet.geodesy import haversine_m
from roadnet.graph import RoadGraph, without_rules
from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path as FilePath

    import numpy.typing as npt

NOT_CONTIGUOUS = "00000075"  # the truth of this track is known to have holes


@dataclass(frozen=True, slots=True)
class DrivenRoute:
    """One track, the map around it, and the edges that were driven.

    Attributes
    ----------
    name
        Of eight digits.
    graph
        Straight arcs, all of one class and speed.
    track
        (p, 3) lon, lat and seconds of the GPS points.
    truth
        (k,) int32, edges in driving order; eight of the fifty have holes, some of hundreds of metres.
    """

    name: str
    graph: RoadGraph
    track: npt.NDArray[np.float64]
    truth: npt.NDArray[np.int32]

    def longest_piece(self) -> npt.NDArray[np.int32]:
        """Return the longest stretch of the truth without a hole, in metres."""
        graph, truth = self.graph, self.truth
        holes = np.flatnonzero(graph.edge_to[truth[:-1]] != graph.edge_from[truth[1:]]) + 1
        pieces = np.split(truth, holes)
        return max(pieces, key=lambda piece: float(graph.edge_length_m[piece].sum()))


def read_driven_routes(archive: FilePath) -> Iterator[DrivenRoute]:
    """Read the routes of `kubicka50.tar.xz`, in the order of their names."""
    files: dict[str, dict[str, bytes]] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                name, kind = member.name.rsplit("/", 1)[1].split(".")
                files.setdefault(name, {})[kind] = content.read()
    for name, parts in sorted(files.items()):
        nodes = _table(parts["nodes"])
        arcs = _table(parts["arcs"]).astype(np.int32)
        graph, edge_of_arc = graph_of_arcs(nodes[:, 0], nodes[:, 1], arcs)
        route = _table(parts["route"]).astype(np.int64).ravel()
        yield DrivenRoute(name, graph, _table(parts["track"]), edge_of_arc[route])


def graph_of_arcs(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], arcs: npt.NDArray[np.int32]
) -> tuple[RoadGraph, npt.NDArray[np.int32]]:
    """Make a graph whose edges are straight arcs, (m, 2) from and to; with the edge of each arc."""
    order = np.lexsort((arcs[:, 1], arcs[:, 0]))
    tail, head = arcs[order, 0], arcs[order, 1]
    nodes, edges = lon.shape[0], arcs.shape[0]
    edge_of_arc = np.empty(edges, dtype=np.int32)
    edge_of_arc[order] = np.arange(edges, dtype=np.int32)
    code = tail.astype(np.int64) * nodes + head
    back = head.astype(np.int64) * nodes + tail
    place = np.minimum(np.searchsorted(code, back), edges - 1)
    first_of_code = np.searchsorted(code, code) == np.arange(edges)
    paired = (code[place] == back) & first_of_code & (tail != head)
    zeros = np.zeros(edges, dtype=np.int64)
    graph = RoadGraph(
        node_lon=lon,
        node_lat=lat,
        node_osm_id=np.zeros(nodes, dtype=np.int64),
        out_offsets=_offsets(tail, nodes),
        in_offsets=_offsets(head, nodes),
        in_edges=np.argsort(head, kind="stable").astype(np.int32),
        edge_from=tail,
        edge_to=head,
        edge_reverse=np.where(paired, place, NO_EDGE).astype(np.int32),
        geometry_offsets=np.arange(edges + 1, dtype=np.int64) * 2,
        geometry_lon=np.column_stack((lon[tail], lon[head])).ravel(),
        geometry_lat=np.column_stack((lat[tail], lat[head])).ravel(),
        edge_length_m=haversine_m(lon[tail], lat[tail], lon[head], lat[head]),
        edge_class=np.full(edges, ROAD_CLASSES.index("road"), dtype=np.uint8),
        edge_speed_kmh=np.full(edges, 50.0, dtype=np.float32),
        edge_flags=zeros.astype(np.uint8),
        edge_layer=zeros.astype(np.int8),
        edge_way_id=zeros,
        edge_name=zeros.astype(np.int32),
        names=("",),
        **without_rules(edges),
    )
    return graph, edge_of_arc


def _table(content: bytes) -> npt.NDArray[np.float64]:
    return np.loadtxt(io.BytesIO(content), ndmin=2)


def _offsets(node: npt.NDArray[np.int32], nodes: int) -> npt.NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(node, minlength=nodes)))).astype(np.int64)
