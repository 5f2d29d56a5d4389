"""Which edges are near a place, how far, and at which metre of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import METRES_PER_DEGREE, haversine_m
from roadnet.snap_kernels import (
    FOUND_BEARING,
    FOUND_COLUMNS,
    FOUND_DISTANCE,
    FOUND_LAT,
    FOUND_LON,
    FOUND_OFFSET,
    fill_grid,
    near_edges,
)
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

CELL_M: Final = 100.0  # fastest for radii of 40 to 60 m in a city's street pattern
_CELLS_PER_SEGMENT: Final = (
    8  # a sparse, wide network gets larger cells, so memory follows its roads
)
_FIRST_CAPACITY: Final = 128


class NearEdges(NamedTuple):
    """Edges near a place, nearest first, then by edge index.

    Attributes
    ----------
    edges
        (k,) int32; a two-way street is there twice, once in each direction.
    distance_m
        (k,) from the place to the nearest point of the edge.
    offset_m
        (k,) where that point is, metres from the begin of the edge, in [0, its length].
    bearing_deg
        (k,) direction of the edge at that point, degrees clockwise from true north in [0, 360).
    lon, lat
        (k,) that point, WGS-84 degrees.
    """

    edges: IndexArray
    distance_m: FloatArray
    offset_m: FloatArray
    bearing_deg: FloatArray
    lon: FloatArray
    lat: FloatArray


class EdgeIndex:
    """A uniform grid over the geometry of all edges; immutable, and safe to ask from many threads.

    One direction of each two-way street is entered, the other is answered from it.

    Parameters
    ----------
    graph
        The network; may be empty.
    usable
        (m,) edges to enter; by default all. The others are never found.

    Attributes
    ----------
    frame
        (6,) float64: west, south, cell width and height in degrees, columns, rows.
    cell_offsets
        (cells + 1,) int64 CSR offsets into `cell_points`.
    cell_points
        int32 rows of `points` at which a segment begins that crosses the cell.
    points
        (p, 4) float64, a row a geometry point of the graph: lon, lat, metres from the begin of its
        edge, metres to its end.
    point_edge
        (p, 2) int32: the edge of the point, and that edge's reverse or NO_EDGE.
    length_m
        (m,) float64, of the edges.
    """

    __slots__ = ("cell_offsets", "cell_points", "frame", "length_m", "point_edge", "points")

    frame: FloatArray
    cell_offsets: OffsetArray
    cell_points: IndexArray
    points: FloatArray
    point_edge: IndexArray
    length_m: FloatArray

    def __init__(self, graph: RoadGraph, usable: BoolArray | None = None) -> None:
        self.length_m = np.array(graph.edge_length_m, dtype=np.float64)
        self.points = point_table(graph)
        edge_of_point = np.repeat(
            np.arange(graph.edge_count, dtype=np.int32), np.diff(graph.geometry_offsets)
        )
        reverse = graph.edge_reverse
        if usable is not None:
            reverse = np.where((reverse != NO_EDGE) & usable[reverse], reverse, NO_EDGE)
        self.point_edge = np.ascontiguousarray(
            np.column_stack((edge_of_point, reverse[edge_of_point])), dtype=np.int32
        ).reshape(-1, 2)
        indexed = (reverse == NO_EDGE) | (reverse > np.arange(graph.edge_count, dtype=np.int32))
        if usable is not None:
            indexed &= usable
        begins_segment = indexed[edge_of_point]
        begins_segment[graph.geometry_offsets[1:] - 1] = False
        segment_points = np.flatnonzero(begins_segment).astype(np.int32)
        self.frame = _frame(self.points, segment_points.shape[0])
        cells = int(self.frame[4] * self.frame[5])
        count = np.zeros(cells, dtype=np.int64)
        fill_grid(segment_points, self.points, self.frame, count, np.empty(0, dtype=np.int32))
        self.cell_offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(count)))
        self.cell_points = np.empty(int(self.cell_offsets[-1]), dtype=np.int32)
        cursor = self.cell_offsets[:-1].copy()
        if self.cell_points.shape[0] > 0:
            fill_grid(segment_points, self.points, self.frame, cursor, self.cell_points)
        for array in (
            self.points,
            self.point_edge,
            self.frame,
            self.cell_offsets,
            self.cell_points,
            self.length_m,
        ):
            array.setflags(write=False)

    def near(self, lon: float, lat: float, radius_m: float) -> NearEdges:
        """Find every edge within a radius of a place.

        Parameters
        ----------
        lon, lat
            WGS-84 degrees; a place that is not a number has nothing near it.
        radius_m
            Edges up to this far away, the limit included.

        Returns
        -------
        NearEdges
            Possibly none.
        """
        capacity = _FIRST_CAPACITY
        while True:
            found_edge = np.empty((capacity, 2), dtype=np.int32)
            found = np.empty((capacity, FOUND_COLUMNS), dtype=np.float64)
            count = near_edges(
                float(lon),
                float(lat),
                float(radius_m),
                self.frame,
                self.cell_offsets,
                self.cell_points,
                self.points,
                self.point_edge,
                found_edge,
                found,
            )
            if count <= capacity:
                break
            # Past the capacity the kernel counts an edge once a segment, so this bounds the need.
            capacity = 2 * count
        order = np.lexsort((found_edge[:count, 0], found[:count, FOUND_DISTANCE]))
        found = found[:count][order]
        edges = found_edge[:count, 0][order]
        return NearEdges(
            edges=edges,
            distance_m=found[:, FOUND_DISTANCE],
            # Measured along the reverse edge, it may round to a hair beyond this one's end.
            offset_m=np.minimum(found[:, FOUND_OFFSET], self.length_m[edges]),
            bearing_deg=found[:, FOUND_BEARING],
            lon=found[:, FOUND_LON],
            lat=found[:, FOUND_LAT],
        )

    def nearest(self, lon: float, lat: float, limit_m: float = 1_000_000.0) -> NearEdges:
        """Find the nearest edge, both directions of it if it is two-way.

        Parameters
        ----------
        lon, lat
            WGS-84 degrees.
        limit_m
            Give up beyond this distance.

        Returns
        -------
        NearEdges
            All edges at the least distance (to the millimetre); none if the limit was reached.
        """
        radius_m = min(CELL_M, limit_m)
        while True:
            near = self.near(lon, lat, radius_m)
            if near.edges.shape[0] > 0:
                tied = near.distance_m <= near.distance_m[0] + 1e-3
                return NearEdges(*(column[tied] for column in near))
            if radius_m >= limit_m:
                return near
            radius_m = min(radius_m * 4.0, limit_m)


def point_table(graph: RoadGraph) -> FloatArray:
    """Tabulate the geometry points of a graph with their place along their edge.

    Parameters
    ----------
    graph
        Any network.

    Returns
    -------
    FloatArray
        (p, 4) lon, lat, metres from the begin of the edge, metres to its end. The last point of
        edge e is exactly `edge_length_m[e]` metres along it.
    """
    lon, lat, offsets = graph.geometry_lon, graph.geometry_lat, graph.geometry_offsets
    table = np.zeros((lon.shape[0], 4), dtype=np.float64)
    if lon.shape[0] == 0:
        return table
    step = np.zeros(lon.shape[0], dtype=np.float64)
    step[1:] = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step[offsets[:-1]] = 0.0
    along = np.cumsum(step)
    counts = np.diff(offsets)
    along -= np.repeat(along[offsets[:-1]], counts)
    measured = np.repeat(along[offsets[1:] - 1], counts)
    length = np.repeat(graph.edge_length_m, counts)
    # The edge's own length rules; what it was summed up with may round otherwise.
    with np.errstate(invalid="ignore", divide="ignore"):
        along = np.where(measured > 0.0, along / measured * length, 0.0)
    along[offsets[1:] - 1] = graph.edge_length_m
    along[offsets[:-1]] = 0.0
    table[:, 0] = lon
    table[:, 1] = lat
    table[:, 2] = along
    table[:, 3] = length - along
    return table


def _frame(points: FloatArray, segments: int) -> FloatArray:
    """Lay the grid over the points: cells of CELL_M, larger when there would be too many."""
    if segments == 0:
        return np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    west, south = points[:, :2].min(axis=0)
    east, north = points[:, :2].max(axis=0)
    shrink = float(np.cos(np.radians((south + north) / 2.0)))
    width_m = (east - west) * METRES_PER_DEGREE * shrink
    height_m = (north - south) * METRES_PER_DEGREE
    affordable = 1024 + _CELLS_PER_SEGMENT * segments
    cell_m = max(CELL_M, float(np.sqrt(width_m * height_m / affordable)))
    cell_m = max(cell_m, max(width_m, height_m) / affordable)
    return np.array(
        [
            west,
            south,
            cell_m / (METRES_PER_DEGREE * max(shrink, 1e-6)),
            cell_m / METRES_PER_DEGREE,
            np.floor(width_m / cell_m) + 1.0,
            np.floor(height_m / cell_m) + 1.0,
        ]
    )
