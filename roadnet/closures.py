"""A closed street, drawn as a line: the directed edges that nobody drives while it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from roadnet.drawn_lines import read_points, unwrap
from roadnet.edge_path import Path
from roadnet.errors import MatchError
from roadnet.geodesy import angle_between_deg, bearing_deg, cumulative_m, local_plane, points_at
from roadnet.mapmatching import LineMatcher
from roadnet.match_warnings import MatchWarning
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from roadnet.geodesy import LocalPlane
    from roadnet.graph import RoadGraph
    from roadnet.snapping import EdgeIndex
    from roadnet.types import FloatArray, IndexArray

BESIDE_M: Final = 25.0  # what lies farther from the drawn line is not meant by it
TOUCHED_M: Final = 5.0  # a line that covers no more of an edge only touches it
SPOT_M: Final = 15.0  # a line no longer than this is a spot: the nearest edge is meant
AT_JUNCTION_M: Final = 2.0  # of a spot so near to a junction nobody can tell which street is meant

_ALONG_DEG: Final = 45.0
_ALONG: Final = 0.7  # the cosine of that: steeper is a side street, seen beside the line's end
_STEP_M: Final = 4.0
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ClosedEdges:
    """What a closure closes on one graph.

    Attributes
    ----------
    edges
        (k,) int32 ascending, read-only; none where no street was found.
    doubts
        What a person should look at; `from_m` and `to_m` are metres along the drawn line. Codes of
        `MatchWarning`, and `no_street`: nothing is closed; `at_junction`: several streets
        are as near; `against_oneway`: drawn against the only direction that is driven.
    """

    edges: IndexArray
    doubts: tuple[MatchWarning, ...]

    def __post_init__(self) -> None:
        edges = np.unique(np.asarray(self.edges, dtype=np.int32))
        edges.setflags(write=False)
        object.__setattr__(self, "edges", edges)


class _Found(NamedTuple):
    """The edges that a line covers, driven as it is drawn, and how much of the line they follow."""

    edges: IndexArray
    share: float
    warnings: tuple[MatchWarning, ...]


class ClosureReader:
    """Finds what drawn closures close on one network; build once, ask often, from any thread.

    Parameters
    ----------
    graph
        The network.
    index
        Its spatial index, if there is one already.
    """

    __slots__ = ("_matcher", "graph", "index")

    def __init__(self, graph: RoadGraph, *, index: EdgeIndex | None = None) -> None:
        self.graph = graph
        # Unlike a route, a closure ends where it is drawn to, not at the next intersection.
        nowhere = np.zeros(graph.node_count, dtype=np.bool_)
        self._matcher = LineMatcher(graph, index=index, is_intersection=nowhere)
        self.index = self._matcher.index

    def read(self, lonlat: npt.ArrayLike, *, both_directions: bool = True) -> ClosedEdges:
        """Find the edges that a drawn closure closes.

        An edge is closed, all of it, if the line covers more than TOUCHED_M metres of it, or half
        of a shorter one; so a line that only comes to a junction closes nothing beyond. A line of
        up to SPOT_M metres closes the edge that it is drawn on.

        Parameters
        ----------
        lonlat
            (p, 2) lon and lat, WGS-84 degrees, p >= 1.
        both_directions
            Close a street for both; the other carriageway of a divided one too, if it bears the
            same name and lies within BESIDE_M. Otherwise only for who drives the way it is drawn.

        Returns
        -------
        ClosedEdges
            Never fails for a line far from every street: that is a doubt.

        Raises
        ------
        MatchError
            `line_malformed`, `line_coordinates`: the line is not places on Earth, `line_too_short`
            if there are none.
        """
        points = unwrap(read_points(lonlat))
        length_m = float(cumulative_m(points[:, 0], points[:, 1])[-1])
        if length_m <= SPOT_M:
            return self._at_spot(points, length_m, both_directions=both_directions)
        plane = local_plane(*points.mean(axis=0).tolist())
        drawn = self._follow(points, plane)
        against = self._follow(points[::-1], plane)
        forward = drawn.share >= against.share - 0.1 and drawn.edges.size > 0
        first, second = (drawn, against) if forward else (against, drawn)
        if first.edges.size == 0:
            return _nothing(length_m, "no street runs along the closure; it closes nothing")
        doubts = list(first.warnings)
        edges = first.edges
        if both_directions:
            edges = np.concatenate((edges, self._same_street(first.edges, second.edges)))
            edges = self._with_reverse(edges)
        elif not forward:
            doubts.append(
                MatchWarning(
                    "against_oneway",
                    "the closure is drawn against a one-way street; the street is closed all the "
                    "same, expected a line drawn the way that is closed",
                    0.0,
                    length_m,
                )
            )
        return ClosedEdges(edges, tuple(doubts))

    def _follow(self, points: FloatArray, plane: LocalPlane) -> _Found:
        """Match the line one way, and keep of the path what the line lies beside."""
        try:
            matched = self._matcher.match_line(points)
        except MatchError:
            return _Found(np.empty(0, dtype=np.int32), 0.0, ())
        line = shapely.LineString(np.column_stack(plane.to_xy(points[:, 0], points[:, 1])))
        path = matched.path
        kept, covered = [], 0.0
        last = path.edges.shape[0] - 1
        for place, edge in enumerate(path.edges.tolist()):
            length_m = float(self.graph.edge_length_m[edge])
            from_m = path.start_offset_m if place == 0 else 0.0
            to_m = path.end_offset_m if place == last else length_m
            piece = Path(np.array([edge]), from_m, max(from_m, to_m)).lonlat(self.graph)
            along_m = _runs_along(line, plane, piece)
            if along_m > min(TOUCHED_M, _HALF * length_m):
                kept.append(edge)
                covered += along_m
        if not kept:
            return _Found(np.empty(0, dtype=np.int32), 0.0, ())
        warnings = tuple(w for w in matched.warnings if w.code != "goods_banned")
        return _Found(np.array(kept, dtype=np.int32), covered / line.length, warnings)

    def _same_street(self, meant: IndexArray, others: IndexArray) -> IndexArray:
        """Keep of the edges that the reversed line follows those of the street that is meant."""
        graph = self.graph
        names = np.unique(graph.edge_name[meant])
        kept = np.isin(graph.edge_name[others], names)
        return others[kept]

    def _with_reverse(self, edges: IndexArray) -> IndexArray:
        reverse = self.graph.edge_reverse[edges]
        return np.concatenate((edges, reverse[reverse != NO_EDGE]))

    def _at_spot(
        self, points: FloatArray, length_m: float, *, both_directions: bool
    ) -> ClosedEdges:
        """Close the edge nearest to the middle of a line of a few metres."""
        middle = points_at(points[:, 0], points[:, 1], length_m / 2.0)
        near = self.index.near(float(middle[0]), float(middle[1]), BESIDE_M)
        if near.edges.shape[0] == 0:
            return _nothing(length_m, f"no street within {BESIDE_M:.0f} m of the closure")
        tied = near.distance_m <= near.distance_m[0] + AT_JUNCTION_M
        edges, bearing = near.edges[tied], near.bearing_deg[tied]
        against = np.zeros(edges.shape[0])
        if length_m > AT_JUNCTION_M:
            heading = bearing_deg(*points[0], *points[-1])
            turn = angle_between_deg(bearing, heading)
            off = np.minimum(turn, 180.0 - turn)
            along = off <= off.min() + _ALONG_DEG / 2.0
            edges, against = edges[along], turn[along]
        graph = self.graph
        doubts = []
        back = graph.edge_reverse[edges]
        streets = np.unique(np.where(back == NO_EDGE, edges, np.minimum(edges, back)))
        if streets.shape[0] > 1:
            doubts.append(
                MatchWarning(
                    "at_junction",
                    "the closure is a spot where several streets meet; the nearest is closed, "
                    "expected a line along the closed street",
                    0.0,
                    length_m,
                )
            )
        chosen = int(edges[0])
        pair = [chosen, int(graph.edge_reverse[chosen])]
        if both_directions or length_m <= AT_JUNCTION_M or NO_EDGE in pair:
            kept = [edge for edge in pair if edge != NO_EDGE]
        else:
            kept = [
                edge
                for edge, turn in zip(edges.tolist(), against.tolist(), strict=True)
                if edge in pair and turn <= 90.0
            ]
        return ClosedEdges(np.array(kept, dtype=np.int32), tuple(doubts))


def close_edges(
    graph: RoadGraph, lonlat: npt.ArrayLike, *, both_directions: bool = True
) -> ClosedEdges:
    """Find what one closure closes; for more than one, build a `ClosureReader` and keep it."""
    return ClosureReader(graph).read(lonlat, both_directions=both_directions)


def all_closed(closures: Iterable[ClosedEdges]) -> IndexArray:
    """Return the edges that any of some closures closes, int32 ascending."""
    edges: Sequence[IndexArray] = [closure.edges for closure in closures]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int32), *edges]))


def _runs_along(line: shapely.LineString, plane: LocalPlane, piece: FloatArray) -> float:
    """Measure how many metres of a line a piece of street runs along, the same way and beside it."""
    length_m = float(cumulative_m(piece[:, 0], piece[:, 1])[-1])
    count = int(length_m / _STEP_M) + 2
    at = np.linspace(0.0, length_m, count)
    lon, lat = points_at(piece[:, 0], piece[:, 1], at)
    places = shapely.points(*plane.to_xy(lon, lat))
    beside = shapely.distance(line, places) <= BESIDE_M
    step_m = length_m / (count - 1)
    # Where the line comes back to itself, the nearest of it may jump.
    onward = np.clip(np.diff(shapely.line_locate_point(line, places)), -step_m, step_m)
    both = beside[1:] & beside[:-1]
    along_m = float(onward[both].sum())
    return along_m if along_m > _ALONG * step_m * np.count_nonzero(both) else 0.0


def _nothing(length_m: float, message: str) -> ClosedEdges:
    doubt = MatchWarning("no_street", message, 0.0, length_m)
    return ClosedEdges(np.empty(0, dtype=np.int32), (doubt,))
