"""Which way an edge runs: over its first metres, its last metres, or around one place of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import bearing_deg, haversine_m

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray

HEADING_SPAN_M: Final = 25.0  # a street's direction is read over this many metres
LOOK_DEG: Final = 45.0  # a camera looks at what runs less than this from its bearing

_GAP_M: Final = 1.0  # keeps the metres of consecutive edges apart in one ascending table
_LEAST_CHORD_M: Final = 0.5


class Headings:
    """Reads directions off the geometry of a graph; built once, immutable.

    A direction is that of the chord between two places of the edge, so a kink or a wobble of a
    few metres in the drawing does not turn it. An edge shorter than the span is read whole.

    Parameters
    ----------
    graph
        Any network.
    """

    __slots__ = ("_along", "_begin", "_end", "_lat", "_length", "_lon", "_scale")

    def __init__(self, graph: RoadGraph) -> None:
        lon, lat, offsets = graph.geometry_lon, graph.geometry_lat, graph.geometry_offsets
        first, last = offsets[:-1], offsets[1:] - 1
        step = np.zeros(lon.shape[0], dtype=np.float64)
        step[1:] = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
        step[first] = _GAP_M
        self._along: FloatArray = np.cumsum(step)
        self._begin: FloatArray = self._along[first]
        self._end: FloatArray = self._along[last]
        self._length: FloatArray = graph.edge_length_m
        self._scale: FloatArray = (self._end - self._begin) / np.maximum(self._length, 1e-9)
        self._lon, self._lat = lon, lat

    def places(self, edges: IndexArray, at_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Find the places that lie so many metres along edges.

        Parameters
        ----------
        edges
            (k,) edge indices.
        at_m
            (k,) metres from the begin of each; beyond an end means that end.

        Returns
        -------
        tuple
            (k,) longitudes and (k,) latitudes in degrees.
        """
        metres = np.clip(at_m, 0.0, self._length[edges]) * self._scale[edges]
        # Never past the edge's last point: beyond it the table leaps to the next edge.
        target = np.minimum(self._begin[edges] + metres, self._end[edges])
        after = np.searchsorted(self._along, target, side="right")
        after = np.clip(after, 1, self._along.shape[0] - 1)
        before = after - 1
        span = self._along[after] - self._along[before]
        share = (target - self._along[before]) / np.maximum(span, 1e-12)
        lon = self._lon[before] + share * (self._lon[after] - self._lon[before])
        lat = self._lat[before] + share * (self._lat[after] - self._lat[before])
        return lon, lat

    def between(self, edges: IndexArray, from_m: FloatArray, to_m: FloatArray) -> FloatArray:
        """Read the direction of travel from one metre of an edge to a later one.

        Parameters
        ----------
        edges
            (k,) edge indices.
        from_m, to_m
            (k,) metres from the begin of each edge, clipped to it.

        Returns
        -------
        FloatArray
            (k,) degrees clockwise from true north in [0, 360). Where the two places coincide, as
            on a loop read whole, the later half alone is read.
        """
        lon1, lat1 = self.places(edges, from_m)
        lon2, lat2 = self.places(edges, to_m)
        bearing: FloatArray = np.asarray(bearing_deg(lon1, lat1, lon2, lat2), dtype=np.float64)
        closed = haversine_m(lon1, lat1, lon2, lat2) < _LEAST_CHORD_M
        if np.any(closed):
            low = np.clip(from_m, 0.0, self._length[edges])
            high = np.clip(to_m, 0.0, self._length[edges])
            lon1, lat1 = self.places(edges, (low + high) / 2.0)
            bearing = np.where(closed, bearing_deg(lon1, lat1, lon2, lat2), bearing)
        return bearing

    def arriving(self, edges: IndexArray) -> FloatArray:
        """Read the direction over the last HEADING_SPAN_M of edges, (k,) degrees."""
        length = self._length[edges]
        return self.between(edges, length - HEADING_SPAN_M, length)

    def departing(self, edges: IndexArray) -> FloatArray:
        """Read the direction over the first HEADING_SPAN_M of edges, (k,) degrees."""
        begin = np.zeros(edges.shape[0], dtype=np.float64)
        return self.between(edges, begin, begin + HEADING_SPAN_M)

    def around(self, edges: IndexArray, at_m: FloatArray) -> FloatArray:
        """Read the direction over HEADING_SPAN_M with the place in the middle, (k,) degrees.

        Near an end of the edge the span is moved inwards, so that it stays as long.
        """
        length = self._length[edges]
        low = np.clip(at_m - HEADING_SPAN_M / 2.0, 0.0, np.maximum(length - HEADING_SPAN_M, 0.0))
        return self.between(edges, low, low + HEADING_SPAN_M)
