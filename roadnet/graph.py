"""The road graph: junctions and directed edges as frozen flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from roadnet.errors import RoadnetError
from roadnet.geodesy import polyline_lengths_m
from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from roadnet.types import (
        ByteArray,
        Float32Array,
        FloatArray,
        IdArray,
        IndexArray,
        LayerArray,
        OffsetArray,
    )


# The dtype of each array, and what its length follows from (nodes, edges, points, bans, or the
# edges of all bans), and how many more.
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
    "edge_max_weight_t": (np.float32, "edges", 0),
    "edge_max_height_m": (np.float32, "edges", 0),
    "edge_max_width_m": (np.float32, "edges", 0),
    "edge_condition": (np.int32, "edges", 0),
    "ban_offsets": (np.int64, "bans", 1),
    "ban_edges": (np.int32, "banned", 0),
}
# Arrays of texts, which a file keeps in a way of its own.
TEXTS: Final = ("names", "conditions")
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
    edge_max_weight_t, edge_max_height_m, edge_max_width_m
        (m,) what a vehicle may weigh (tonnes) and measure (metres) on the edge, infinity where no
        limit is known.
    edge_condition
        (m,) place in `conditions`; conditions[0] is the empty text: no condition.
    ban_offsets, ban_edges
        (b + 1,) and (k,): b sequences of two or more edges, each beginning where the one before
        ends, that no lorry may drive one right after the other: a turn from an edge into another,
        or one by way of edges between them. Sequence i is `ban_edges[ban_offsets[i]:ban_offsets[i + 1]]`;
        sequences are in ascending order, each once.
    names
        Street names, sorted, first the empty one.
    conditions
        Access of goods vehicles that depends on something, in OpenStreetMap's words
        (``no @ (Mo-Fr 07:00-19:00)``), sorted, first the empty one.
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
    edge_max_weight_t: Float32Array
    edge_max_height_m: Float32Array
    edge_max_width_m: Float32Array
    edge_condition: IndexArray
    ban_offsets: OffsetArray
    ban_edges: IndexArray
    names: tuple[str, ...]
    conditions: tuple[str, ...]

    def __post_init__(self) -> None:
        # Kernels are compiled once for read-only arrays, so a graph never has any other.
        for column in fields(self):
            if column.name not in TEXTS:
                getattr(self, column.name).setflags(write=False)

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return int(self.node_lon.shape[0])

    @property
    def edge_count(self) -> int:
        """Number of directed edges."""
        return int(self.edge_from.shape[0])

    @property
    def ban_count(self) -> int:
        """Number of forbidden sequences of edges."""
        return int(self.ban_offsets.shape[0]) - 1

    def bans(self) -> Iterator[tuple[int, ...]]:
        """Give the forbidden sequences of edges, in ascending order."""
        edges, offsets = self.ban_edges.tolist(), self.ban_offsets.tolist()
        for begin, end in pairwise(offsets):
            yield tuple(edges[begin:end])

    def geometry(self, edge: int) -> FloatArray:
        """Return the points of one edge, (k, 2) lon and lat in its direction of travel."""
        points = slice(int(self.geometry_offsets[edge]), int(self.geometry_offsets[edge + 1]))
        return np.column_stack((self.geometry_lon[points], self.geometry_lat[points]))

    def name(self, edge: int) -> str:
        """Return the street name of an edge, empty when it has none."""
        return self.names[int(self.edge_name[edge])]

    def same_as(self, other: RoadGraph) -> bool:
        """Tell whether another graph holds the same values, bit for bit."""
        return all(getattr(self, name) == getattr(other, name) for name in TEXTS) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ARRAYS
        )

    @staticmethod
    def from_edges(
        nodes_lonlat: npt.ArrayLike,
        edges: Iterable[Sequence[Any]] | Mapping[str, Sequence[Any]],
        *,
        country: str = "",
    ) -> RoadGraph:
        """Build a graph from places and what joins them; see `roadnet.edge_lists.graph_from_edges`."""
        # Loaded here, since it builds graphs and so stands above this module.
        from roadnet.edge_lists import graph_from_edges  # noqa: PLC0415

        return graph_from_edges(nodes_lonlat, edges, country=country)

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
            "bans": self.ban_count,
            "banned": int(self.ban_edges.shape[0]),
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
            "ban_offsets": int(self.ban_edges.shape[0]),
        }
        faults = []
        for name, end in ends.items():
            offsets = getattr(self, name)
            least = 2 if name in {"geometry_offsets", "ban_offsets"} else 0
            if offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) < least).any():
                faults.append(f"{name} does not rise from 0 to {end} by at least {least}")
        for name in ("edge_from", "edge_to"):
            column = getattr(self, name)
            if ((column < 0) | (column >= self.node_count)).any():
                faults.append(f"{name} names nodes that there are not")
        if ((self.edge_reverse < NO_EDGE) | (self.edge_reverse >= self.edge_count)).any():
            faults.append("edge_reverse names edges that there are not")
        if ((self.ban_edges < 0) | (self.ban_edges >= self.edge_count)).any():
            faults.append("ban_edges names edges that there are not")
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
        bans = list(self.bans())
        if any(self.edge_to[a] != self.edge_from[b] for ban in bans for a, b in pairwise(ban)):
            faults.append("a ban is of edges that do not follow each other")
        if bans != sorted(set(bans)):
            faults.append("bans are not in ascending order, each once")
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
        limits = ("edge_max_weight_t", "edge_max_height_m", "edge_max_width_m")
        faults += [
            f"{name} is not above 0" for name in limits if not (getattr(self, name) > 0).all()
        ]
        for name, column in (("names", "edge_name"), ("conditions", "edge_condition")):
            texts, places = getattr(self, name), getattr(self, column)
            if texts[:1] != ("",) or list(texts) != sorted(set(texts)):
                faults.append(f"{name} are not sorted, each once, the empty one first")
            if ((places < 0) | (places >= len(texts))).any():
                faults.append(f"{column} names {name} that there are not")
        return faults


def without_rules(edge_count: int) -> dict[str, Any]:
    """Give the columns of a graph that knows no limits, conditions or banned turns."""
    unlimited = np.full(edge_count, np.inf, dtype=np.float32)
    return {
        "edge_max_weight_t": unlimited,
        "edge_max_height_m": unlimited.copy(),
        "edge_max_width_m": unlimited.copy(),
        "edge_condition": np.zeros(edge_count, dtype=np.int32),
        "ban_offsets": np.zeros(1, dtype=np.int64),
        "ban_edges": np.zeros(0, dtype=np.int32),
        "conditions": ("",),
    }


def _places_within(counts: OffsetArray) -> OffsetArray:
    """Count 0, 1, ... within each of some runs, (sum of counts,)."""
    ends = np.cumsum(counts)
    places: OffsetArray = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    return places
