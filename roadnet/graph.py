"""The road graph: junctions and directed edges as frozen flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.errors import RoadnetError
from roadnet.geodesy import polyline_lengths_m
from roadnet.types import NO_EDGE, ROAD_CLASSES

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


# The dtype of each array, and what its length follows from: nodes, edges or points, and how many more.
ARRAYS: Final = {
    "node_lon": (np.float64, "nodes", 0),
    "node_lat": (np.float64, "nodes", 0),
    "node_osm_id": (np.int64, "nodes", 0),
    "out_offsets": (np.int64, "nodes", 1),
    "in_offsets": (np.int64, "nodes", 1),
    "in_edges": (np.int32, "edges", 0),
    "edge_from": (np.int32, "edges", 0),
    "edge_to": (np.int32, "edges", 0),
    "edge_reverse": (np.int32, "edges", 0),
    "geometry_offsets": (np.int64, "edges", 1),
    "geometry_lon": (np.float64, "points", 0),
    "geometry_lat": (np.float64, "points", 0),
    "edge_length_m": (np.float64, "edges", 0),
    "edge_class": (np.uint8, "edges", 0),
    "edge_speed_kmh": (np.float32, "edges", 0),
    "edge_flags": (np.uint8, "edges", 0),
    "edge_layer": (np.int8, "edges", 0),
    "edge_way_id": (np.int64, "edges", 0),
    "edge_name": (np.int32, "edges", 0),
}
_LENGTH_TOLERANCE: Final = 1e-9  # relative, besides a micrometre


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

    def same_as(self, other: RoadGraph) -> bool:
        """Tell whether another graph holds the same values, bit for bit."""
        return self.names == other.names and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ARRAYS
        )

    def validate(self) -> None:
        """Raise RoadnetError (code ``graph_invalid``) that names every broken invariant, if any."""
        faults = self.check()
        if faults:
            raise RoadnetError("graph_invalid", "; ".join(faults))

    def check(self) -> tuple[str, ...]:
        """List every invariant of this class that does not hold; nothing in a sound graph.

        Importers and files give sound graphs only; this is for whoever builds one by hand.
        """
        # Each storey looks only at what the one before it has found sound.
        faults = self._shape_faults()
        if not faults:
            faults = self._offset_faults()
        if not faults:
            faults = [*self._topology_faults(), *self._geometry_faults(), *self._value_faults()]
        return tuple(faults)

    def _shape_faults(self) -> list[str]:
        lengths = {
            "nodes": self.node_count,
            "edges": self.edge_count,
            "points": int(self.geometry_lon.shape[0]),
        }
        faults = []
        for name, (dtype, kind, more) in ARRAYS.items():
            array = getattr(self, name)
            if array.shape != (lengths[kind] + more,):
                faults.append(f"{name} has shape {array.shape}, not ({lengths[kind] + more},)")
            if array.dtype != dtype:
                faults.append(f"{name} is {array.dtype}, not {np.dtype(dtype)}")
            if not array.flags.c_contiguous:
                faults.append(f"{name} is not contiguous")
        return faults

    def _offset_faults(self) -> list[str]:
        ends = {
            "out_offsets": self.edge_count,
            "in_offsets": self.edge_count,
            "geometry_offsets": int(self.geometry_lon.shape[0]),
        }
        faults = []
        for name, end in ends.items():
            offsets = getattr(self, name)
            least = 2 if name == "geometry_offsets" else 0
            if offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) < least).any():
                faults.append(f"{name} does not rise from 0 to {end} by at least {least}")
        for name in ("edge_from", "edge_to"):
            column = getattr(self, name)
            if ((column < 0) | (column >= self.node_count)).any():
                faults.append(f"{name} names nodes that there are not")
        if ((self.edge_reverse < NO_EDGE) | (self.edge_reverse >= self.edge_count)).any():
            faults.append("edge_reverse names edges that there are not")
        return faults

    def _topology_faults(self) -> list[str]:
        faults = []
        rows = np.arange(self.edge_count)
        nodes = np.arange(self.node_count)
        if not np.array_equal(self.edge_from, np.repeat(nodes, np.diff(self.out_offsets))):
            faults.append("out_offsets and edge_from differ")
        order = np.lexsort((rows, self.edge_way_id, self.edge_to, self.edge_from))
        if not np.array_equal(order, rows):
            faults.append("edges are not sorted by (from, to, way id)")
        if not np.array_equal(self.in_edges, np.argsort(self.edge_to, kind="stable")):
            faults.append("in_edges are not the edges sorted by the node that they enter")
        elif not np.array_equal(
            self.edge_to[self.in_edges], np.repeat(nodes, np.diff(self.in_offsets))
        ):
            faults.append("in_offsets and edge_to differ")
        here = np.flatnonzero(self.edge_reverse != NO_EDGE)
        there = self.edge_reverse[here]
        if (self.edge_reverse[there] != here).any() or (here == there).any():
            faults.append("edge_reverse is not symmetric")
        if (self.edge_from[here] != self.edge_to[there]).any():
            faults.append("an edge and its reverse do not join the same nodes")
        return faults

    def _geometry_faults(self) -> list[str]:
        faults = []
        first, last = self.geometry_offsets[:-1], self.geometry_offsets[1:] - 1
        lon, lat = self.geometry_lon, self.geometry_lat
        if not ((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)).all():
            return ["coordinates are no degrees"]
        for points, node, word in ((first, self.edge_from, "begin"), (last, self.edge_to, "end")):
            if (lon[points] != self.node_lon[node]).any() or (
                lat[points] != self.node_lat[node]
            ).any():
                faults.append(f"an edge's geometry does not {word} at its node")
        measured = polyline_lengths_m(lon, lat, self.geometry_offsets)
        if not np.allclose(self.edge_length_m, measured, rtol=_LENGTH_TOLERANCE, atol=1e-6):
            faults.append("edge_length_m is not the length of the geometry")
        if not (self.edge_length_m > 0.0).all():
            faults.append("an edge has no length")
        forth = np.flatnonzero(self.edge_reverse > np.arange(self.edge_count))
        back = self.edge_reverse[forth]
        counts = np.diff(self.geometry_offsets)
        if (counts[forth] != counts[back]).any():
            faults.append("an edge and its reverse differ in their number of points")
            return faults
        within = _places_within(counts[forth])
        ahead = np.repeat(first[forth], counts[forth]) + within
        behind = np.repeat(last[back], counts[forth]) - within
        if (lon[ahead] != lon[behind]).any() or (lat[ahead] != lat[behind]).any():
            faults.append("an edge and its reverse do not run along the same points")
        return faults

    def _value_faults(self) -> list[str]:
        faults = []
        if (self.edge_class >= len(ROAD_CLASSES)).any():
            faults.append("edge_class has codes that there are not")
        if not (np.isfinite(self.edge_speed_kmh) & (self.edge_speed_kmh > 0.0)).all():
            faults.append("edge_speed_kmh is not above 0")
        if self.names[:1] != ("",) or list(self.names) != sorted(set(self.names)):
            faults.append("names are not sorted, each once, the empty one first")
        if ((self.edge_name < 0) | (self.edge_name >= len(self.names))).any():
            faults.append("edge_name names names that there are not")
        return faults


def _places_within(counts: OffsetArray) -> OffsetArray:
    """Count 0, 1, ... within each of some runs, (sum of counts,)."""
    ends = np.cumsum(counts)
    places: OffsetArray = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    return places
