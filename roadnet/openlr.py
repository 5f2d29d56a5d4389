"""Paths as OpenLR line locations, which outlive the network file that they were made on.

OpenLR (White Paper 1.5, 2012) names a path by a few points such that the shortest way from each to the next
is the path. Any edition of the network, of any maker, can find it again.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.edge_path import Path
from roadnet.geodesy import angle_between_deg, bearing_deg, haversine_m, points_at
from roadnet.openlr_bytes import (
    DISTANCE_STEP_M,
    SECTOR_DEG,
    LineReference,
    OpenlrError,
    ReferencePoint,
    from_base64,
    to_base64,
)
from roadnet.paths import Router
from roadnet.snapping import EdgeIndex
from roadnet.types import FLAG_ROUNDABOUT, NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray

_FRC: Final = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7, 6)  # of each class of ROAD_CLASSES
_MULTIPLE, _SINGLE, _ROUNDABOUT, _SLIP, _OTHER = 2, 3, 4, 6, 7  # form of way; motorways are 1
_BEARING_M: Final = 20.0
_LONGEST_M: Final = 14_900.0  # a leg; its distance must fit a byte
_NEAR_M: Final = 40.0  # where the lines of a point are looked for
_CLEAR_M: Final = 40.0  # an edge so long is not mistaken for another
_AT_END_M: Final = 12.0  # a point so near to a node is at it
_CANDIDATES: Final = 6
_DISTANCE_SHARE: Final = 0.05  # a leg may differ so much in length, and by two steps


class _Place(NamedTuple):
    """A candidate for a point: an edge, metres along it, and how badly it fits."""

    edge: int
    offset_m: float
    misfit: float


class OpenlrCodec:
    """Writes paths as OpenLR and finds them again, on one network.

    Parameters
    ----------
    graph
        The network.
    index
        Its spatial index, if there is one already.
    """

    __slots__ = ("_router", "graph", "index")

    def __init__(self, graph: RoadGraph, *, index: EdgeIndex | None = None) -> None:
        self.graph = graph
        self.index = EdgeIndex(graph) if index is None else index
        # The standard's shortest ways know of one-ways only.
        self._router = Router(graph, weight="length", goods=False, bans=False, landmarks=4)

    def encode(self, path: Path) -> str:
        """Write a path as a line location, base64.

        Parameters
        ----------
        path
            On the graph, one edge or more.

        Raises
        ------
        OpenlrError
            `openlr_empty`: a path without edges; `openlr_range`: an edge longer than 14.9 km.
        """
        edges, graph = path.edges, self.graph
        count = edges.shape[0]
        if count == 0:
            raise OpenlrError("openlr_empty", "the path has no edge, expected one or more")
        begins = np.concatenate(([0.0], np.cumsum(graph.edge_length_m[edges])))
        rest_m = float(graph.edge_length_m[edges[-1]]) - path.end_offset_m
        starts = [0]
        while starts[-1] < count:
            end = self._leg_end(path, starts[-1], begins)
            # Offsets are shares of the first and last leg: short legs keep them exact.
            if starts[-1] == 0 and path.start_offset_m > 0.0:
                end = 1
            if end == count and starts[-1] < count - 1 and rest_m > 0.0:
                end = count - 1
            starts.append(end)
        points = []
        for begin, end in pairwise(starts):
            leg = edges[begin:end]
            steps = round(float(begins[end] - begins[begin]) / DISTANCE_STEP_M - 0.5)
            points.append(self._point(int(leg[0]), leg.tolist(), max(steps, 0)))
        points.append(self._point(int(edges[-1]), None, 0))
        first_m, last_m = float(begins[starts[1]]), float(begins[-1] - begins[starts[-2]])
        return to_base64(
            LineReference(
                tuple(points), _share(path.start_offset_m, first_m), _share(rest_m, last_m)
            )
        )

    def decode(self, text: str) -> Path:
        """Find a line location on the graph.

        Parameters
        ----------
        text
            Base64.

        Raises
        ------
        OpenlrError
            `openlr_malformed`, or `openlr_not_found`: no way on this network fits the reference.
        """
        reference = from_base64(text)
        last = len(reference.points) - 1
        layers = [
            self._candidates(point, comes_to=number == last)
            for number, point in enumerate(reference.points)
        ]
        # The cheapest chain of candidates: of each, its cost, and the legs that lead to it.
        chains: list[tuple[float, _Place, list[Path]]] = [
            (one.misfit, one, []) for one in layers[0]
        ]
        for number, layer in enumerate(layers[1:]):
            wanted_m = (reference.points[number].distance + 0.5) * DISTANCE_STEP_M
            chains = self._onward(chains, layer, wanted_m)
        if not chains:
            raise OpenlrError("openlr_not_found", "no way on this network fits the reference")
        legs = min(chains, key=lambda chain: chain[0])[2]
        return self._trimmed(legs, reference)

    def _leg_end(self, path: Path, begin: int, begins: FloatArray) -> int:
        """Find how far the path is the shortest way from one of its edges: the edge after that."""
        edges = path.edges
        high = int(np.searchsorted(begins, begins[begin] + _LONGEST_M, side="right")) - 1
        if high <= begin:
            raise OpenlrError("openlr_range", "an edge is longer than 14.9 km")
        high = min(high, edges.shape[0])
        low = begin + 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._is_shortest(edges[begin : min(middle + 1, edges.shape[0])]):
                low = middle
            else:
                high = middle - 1
        if low == edges.shape[0]:
            return low
        # A point at a short edge among others may be taken for another one: prefer a long edge.
        long = np.flatnonzero(self.graph.edge_length_m[edges[begin + 1 : low + 1]] >= _CLEAR_M)
        return begin + 1 + int(long[-1]) if long.shape[0] > 0 else low

    def _is_shortest(self, edges: IndexArray) -> bool:
        """Tell whether edges are what the router drives from the first to the last."""
        first, last = int(edges[0]), int(edges[-1])
        if edges.shape[0] == 1:
            return True
        length_m = float(self.graph.edge_length_m[first])
        found = self._router.path_between(first, length_m, last, 0.0)
        return found is not None and np.array_equal(found.edges, edges)

    def _point(self, edge: int, leg: list[int] | None, distance: int) -> ReferencePoint:
        """Describe the point at the begin of an edge; with no leg, the point at its end."""
        graph = self.graph
        node = int(graph.edge_from[edge] if leg is not None else graph.edge_to[edge])
        length_m = float(graph.edge_length_m[edge])
        at_m = 0.0 if leg is not None else length_m
        return ReferencePoint(
            float(graph.node_lon[node]),
            float(graph.node_lat[node]),
            frc=_FRC[int(graph.edge_class[edge])],
            fow=self._form(edge),
            bearing=int(self._bearing(edge, at_m, comes_to=leg is None) / SECTOR_DEG) % 32,
            lowest_frc=max((_FRC[int(graph.edge_class[one])] for one in leg or ()), default=0),
            distance=distance,
        )

    def _form(self, edge: int) -> int:
        graph = self.graph
        name = ROAD_CLASSES[int(graph.edge_class[edge])]
        if int(graph.edge_flags[edge]) & FLAG_ROUNDABOUT:
            return _ROUNDABOUT
        if name.endswith("_link"):
            return _SLIP
        if name == "motorway":
            return 1
        if name in ("service", "track"):
            return _OTHER
        main = int(graph.edge_class[edge]) <= ROAD_CLASSES.index("secondary")
        return _MULTIPLE if main and graph.edge_reverse[edge] == NO_EDGE else _SINGLE

    def _bearing(self, edge: int, at_m: float, *, comes_to: bool) -> float:
        """Measure from a point of an edge 20 m along it, or back along it."""
        lon, lat = self.graph.geometry(edge).T
        other_m = max(at_m - _BEARING_M, 0.0) if comes_to else at_m + _BEARING_M
        lons, lats = points_at(lon, lat, np.array([at_m, other_m]))
        return float(bearing_deg(lons[0], lats[0], lons[1], lats[1]))

    def _candidates(self, point: ReferencePoint, *, comes_to: bool) -> list[_Place]:
        """List the edges that a point may be on, best first."""
        near = self.index.near(point.lon, point.lat, _NEAR_M)
        places = []
        for edge, offset in zip(near.edges.tolist(), near.offset_m.tolist(), strict=True):
            length_m = float(self.graph.edge_length_m[edge])
            offset_m = 0.0 if offset <= _AT_END_M else offset
            offset_m = length_m if length_m - offset <= _AT_END_M else offset_m
            if offset_m == (0.0 if comes_to else length_m):
                # The wrong end is near too: of a short edge, which may be meant all the same.
                if length_m > 2.0 * _AT_END_M:
                    continue
                offset_m = length_m if comes_to else 0.0
            geometry = self.graph.geometry(edge)
            lon, lat = points_at(geometry[:, 0], geometry[:, 1], offset_m)
            away_m = float(haversine_m(lon, lat, point.lon, point.lat))
            heading = (point.bearing + 0.5) * SECTOR_DEG
            turn = float(
                angle_between_deg(self._bearing(edge, offset_m, comes_to=comes_to), heading)
            )
            classes = abs(_FRC[int(self.graph.edge_class[edge])] - point.frc)
            form = self._form(edge) != point.fow
            misfit = away_m / 5.0 + max(turn - SECTOR_DEG / 2.0, 0.0) / 10.0 + classes + 0.5 * form
            if away_m <= _NEAR_M:
                places.append(_Place(edge, offset_m, misfit))
        return sorted(places, key=lambda place: (place.misfit, place.edge))[:_CANDIDATES]

    def _onward(
        self,
        chains: list[tuple[float, _Place, list[Path]]],
        layer: list[_Place],
        wanted_m: float,
    ) -> list[tuple[float, _Place, list[Path]]]:
        """Lead chains on to the candidates of the next point, the best chain to each."""
        found = []
        chains = sorted(chains, key=lambda chain: chain[0])
        for place in layer:
            best: tuple[float, _Place, list[Path]] | None = None
            for cost, origin, legs in chains:
                if best is not None and cost + place.misfit >= best[0]:
                    break
                leg = self._router.path_between(
                    origin.edge, origin.offset_m, place.edge, place.offset_m
                )
                if leg is None:
                    continue
                off_m = abs(leg.length_m(self.graph) - wanted_m)
                if off_m > 2.0 * DISTANCE_STEP_M + _DISTANCE_SHARE * wanted_m:
                    continue
                total = cost + place.misfit + off_m / DISTANCE_STEP_M
                if best is None or total < best[0]:
                    best = (total, place, [*legs, leg])
            if best is not None:
                found.append(best)
        return found

    def _trimmed(self, legs: list[Path], reference: LineReference) -> Path:
        """Join the legs, and cut the offsets off."""
        graph = self.graph
        edges = legs[0].edges.tolist()
        for leg in legs[1:]:
            edges += leg.edges.tolist()[1:]
        lengths = [leg.length_m(graph) for leg in (legs[0], legs[-1])]
        start_m = legs[0].start_offset_m + _part(reference.positive_offset) * lengths[0]
        end_m = legs[-1].end_offset_m - _part(reference.negative_offset) * lengths[1]
        while len(edges) > 1 and start_m >= graph.edge_length_m[edges[0]]:
            start_m -= float(graph.edge_length_m[edges.pop(0)])
        while len(edges) > 1 and end_m <= 0.0:
            edges.pop()
            end_m += float(graph.edge_length_m[edges[-1]])
        if len(edges) == 1:
            end_m = max(end_m, start_m)
        return Path(np.array(edges, dtype=np.int32), start_m, end_m)


def _share(offset_m: float, leg_m: float) -> int:
    """Return an offset in 256ths of its leg; 0 is none."""
    if offset_m <= 0.0 or leg_m <= 0.0:
        return 0
    return min(max(int(offset_m / leg_m * 256.0), 1), 255)


def _part(share: int) -> float:
    """Return what share of its leg an offset is: the middle of its 256th."""
    return (share + 0.5) / 256.0 if share else 0.0
