"""The road graph: junctions and directed edges as frozen flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from roadnet.types import (
        ByteArray,
        Float32Array,
        FloatArray,
        IdArray,
        IndexArray,
        LayerArray,
        OffsetArray,
    )


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """A directed road network, split at junctions, for vehicles.

    n nodes, m directed edges; a two-way street is two edges that name each other in
    `edge_reverse`. Edges are sorted by (from node, to node, way id), so that the edges
    leaving node v are `out_offsets[v]:out_offsets[v + 1]`. All coordinates are WGS-84 degrees.

    Attributes
    ----------
    node_lon, node_lat
        (n,) degrees.
    node_osm_id
        (n,) OSM node id, NO_OSM_ID where the source has none.
    out_offsets
        (n + 1,) CSR offsets into the edges.
    in_offsets, in_edges
        (n + 1,) and (m,): edges that enter a node.
    edge_from, edge_to
        (m,) node indices.
    edge_reverse
        (m,) the same stretch driven the other way, NO_EDGE for one-way.
    geometry_offsets
        (m + 1,) offsets into `geometry_lon` and `geometry_lat`; edge e runs along points
        `geometry_offsets[e]:geometry_offsets[e + 1]` in its direction of travel, both ends included.
    edge_length_m
        (m,) metres along the geometry (haversine).
    edge_class
        (m,) code in `roadnet.types.ROAD_CLASSES`.
    edge_speed_kmh
        (m,) maxspeed, or the class's default.
    edge_flags
        (m,) bits FLAG_* of `roadnet.types`, uint8.
    edge_layer
        (m,) OSM layer, int8.
    edge_way_id
        (m,) OSM way id, NO_OSM_ID where the source has none.
    edge_name
        (m,) place in `names`; names[0] is the empty text.
    names
        Street names, sorted, first the empty one.
    """

    node_lon: FloatArray
    node_lat: FloatArray
    node_osm_id: IdArray
    out_offsets: OffsetArray
    in_offsets: OffsetArray
    in_edges: IndexArray
    edge_from: IndexArray
    edge_to: IndexArray
    edge_reverse: IndexArray
    geometry_offsets: OffsetArray
    geometry_lon: FloatArray
    geometry_lat: FloatArray
    edge_length_m: FloatArray
    edge_class: ByteArray
    edge_speed_kmh: Float32Array
    edge_flags: ByteArray
    edge_layer: LayerArray
    edge_way_id: IdArray
    edge_name: IndexArray
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        # Kernels are compiled once for read-only arrays, so a graph never has any other.
        for column in fields(self):
            if column.name != "names":
                getattr(self, column.name).setflags(write=False)

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return int(self.node_lon.shape[0])

    @property
    def edge_count(self) -> int:
        """Number of directed edges."""
        return int(self.edge_from.shape[0])

    def geometry(self, edge: int) -> FloatArray:
        """Return the points of one edge, (k, 2) lon and lat in its direction of travel."""
        points = slice(int(self.geometry_offsets[edge]), int(self.geometry_offsets[edge + 1]))
        return np.column_stack((self.geometry_lon[points], self.geometry_lat[points]))

    def name(self, edge: int) -> str:
        """Return the street name of an edge, empty when it has none."""
        return self.names[int(self.edge_name[edge])]
