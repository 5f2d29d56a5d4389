"""A drawn line in, the path on the network that it means out, and how sure that is."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.drawn_lines import read_line, sample_line
from roadnet.errors import MatchError
from roadnet.match_kernels import choose, collect_candidates, trace, viterbi
from roadnet.match_warnings import (
    MatchWarning,
    edge_confidence,
    off_line_warnings,
    path_warnings,
    point_confidence,
)
from roadnet.path_cleaning import Track, remove_spurs, snap_ends
from roadnet.paths import Path, Router
from roadnet.snap_kernels import (
    FOUND_BEARING,
    FOUND_COLUMNS,
    FOUND_DISTANCE,
    FOUND_LAT,
    FOUND_LON,
    FOUND_OFFSET,
    METRES_PER_DEGREE,
)
from roadnet.snapping import EdgeIndex
from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, ByteArray, Float32Array, FloatArray, IndexArray

__all__ = ["LineMatcher", "MatchWarning", "MatchedLine", "Tuning", "junction_nodes", "match_line"]

_CANDIDATES: Final = 64  # places found at a point, the best _STATES of which take part
_STATES: Final = 16
_SLOTS: Final = 4096  # edges that one search may reach, a power of two
_APART_M: Final = 10.0  # places nearer to each other than this are no two opinions
_DETOUR_FACTOR: Final = 3.0  # a gap is closed by a way at most this often as long as the line there
_DETOUR_M: Final = 1000.0  # and this much


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a matcher believes of drawn lines; found on lines with 10 m noise.

    Attributes
    ----------
    radius_m
        Roads this near to a point are looked at.
    radius_limit_m
        Where there is none, up to this far.
    sigma_m
        Standard deviation of the drawn line from its street.
    heading
        Weight of the direction: half the log likelihood lost by driving opposite to the line.
    beta_m
        Scale of the difference between the way driven and the line, between two points.
    uturn_m
        A turn round counts as this much way.
    backward_m
        A place this far behind the last one on the same edge is a standstill.
    beam
        Candidates this much less likely than the best are not followed.
    reach_factor, reach_m
        How far a way between two points is looked for, in multiples of the line and metres.
    wide_factor, wide_m
        Likewise, where nothing was found.
    """

    radius_m: float = 60.0
    radius_limit_m: float = 150.0
    sigma_m: float = 12.0
    heading: float = 3.0
    beta_m: float = 8.0
    uturn_m: float = 80.0
    backward_m: float = 15.0
    beam: float = 40.0
    reach_factor: float = 1.5
    reach_m: float = 120.0
    wide_factor: float = 4.0
    wide_m: float = 1000.0
    step_m: float = 30.0
    least_m: float = 10.0
    byway: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class MatchedLine:
    """The path that a drawn line means.

    Attributes
    ----------
    path
        Contiguous edges, with the metres along the first and last where it begins and ends.
    confidence
        (k,) float64 in [0, 1], of each edge of the path.
    warnings
        What a person should look at, in order along the line.
    """

    path: Path
    confidence: FloatArray
    warnings: tuple[MatchWarning, ...]


class _Stretch(NamedTuple):
    """Edges that follow each other, and the points of the line on them."""

    first: int
    last: int
    edges: list[int]
    place: IndexArray


class _States(NamedTuple):
    """What the kernels found: arrays over the T points that have a road near."""

    line: FloatArray
    candidate_edge: IndexArray
    candidates: FloatArray
    through: FloatArray
    chosen: IndexArray


class LineMatcher:
    """Matches drawn lines to one network; build once, ask often, from any thread.

    Parameters
    ----------
    graph
        The network.
    index
        Its spatial index, if there is one already.
    is_intersection
        (n,) nodes at which a drawn end may be (`roadnet.intersections`); by default those with
        three neighbours or more.
    tuning
        What to believe of the lines.
    """

    __slots__ = (
        "_is_intersection",
        "_length_m",
        "_links",
        "_prior",
        "_router",
        "_vector",
        "graph",
        "index",
        "tuning",
    )

    def __init__(
        self,
        graph: RoadGraph,
        *,
        index: EdgeIndex | None = None,
        is_intersection: BoolArray | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self.graph = graph
        self.index = EdgeIndex(graph) if index is None else index
        self.tuning = Tuning() if tuning is None else tuning
        self._is_intersection = (
            junction_nodes(graph) if is_intersection is None else is_intersection
        )
        self._router = Router(graph, weight="length", goods=False)
        self._vector = np.array(astuple(self.tuning)[:12], dtype=np.float64)
        links = np.column_stack(
            (
                graph.out_offsets[graph.edge_to],
                graph.out_offsets[graph.edge_to + 1],
                graph.edge_reverse,
            )
        )
        self._links = np.ascontiguousarray(links, dtype=np.int32)
        self._length_m = np.array(graph.edge_length_m, dtype=np.float64)
        byway = np.array([name in ("service", "track") for name in ROAD_CLASSES])
        self._prior = np.where(byway[graph.edge_class], -self.tuning.byway, 0.0)

    def match_line(self, lonlat: npt.ArrayLike) -> MatchedLine:
        """Find the path that a drawn line means.

        Parameters
        ----------
        lonlat
            (p, 2) lon and lat, WGS-84 degrees, in the order drawn; the path is driven that way.

        Returns
        -------
        MatchedLine
            One-way streets are never driven against. Where the line leaves the network or no road
            leads on, a warning says so.

        Raises
        ------
        MatchError
            The line is no line (see `read_line`); `off_network`: no road near any of it;
            `no_path`: there is no way to drive along it.
        """
        drawn = read_line(lonlat)
        line = sample_line(drawn, self.tuning.step_m, self.tuning.least_m)
        candidate_edge, candidates = self._find_candidates(line)
        on_network = candidate_edge[:, 0, 0] >= 0
        if not on_network.any():
            raise self._far_away(drawn)
        seen = np.flatnonzero(on_network)
        states, stretches = self._solve(line[seen], candidate_edge[seen], candidates[seen])
        stretch, warnings = self._longest(states, stretches)
        points = slice(stretch.first, stretch.last + 1)
        at = np.arange(stretch.first, stretch.last + 1)
        chosen = states.candidates[at, states.chosen[points]]
        track = Track(stretch.edges, stretch.place, chosen[:, FOUND_OFFSET].copy(), [])
        track = remove_spurs(self.graph, track)
        line_m = states.line[points, 3]
        warnings += [
            MatchWarning(
                "uturn",
                f"the line turns round between {line_m[a]:.0f} and {line_m[b]:.0f} m",
                float(line_m[a]),
                float(line_m[b]),
            )
            for a, b in track.turns
        ]
        edges, start_m, end_m, shift = snap_ends(
            self.graph, track, self._is_intersection, drawn[0], drawn[-1]
        )
        path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
        length_m = path.length_m(self.graph)
        if length_m <= 0.0:
            raise MatchError("no_path", "no stretch of road runs along the line")
        begins = path.edge_begins_m(self.graph)
        shifted = track.place + shift
        place = np.clip(shifted, 0, len(edges) - 1)
        driven_m = np.clip(begins[place] + track.offset_m, 0.0, length_m)
        driven_m[shifted < 0] = 0.0
        driven_m[shifted >= len(edges)] = length_m
        sure = point_confidence(
            chosen[:, FOUND_DISTANCE],
            chosen[:, FOUND_BEARING] - states.line[points, 2],
            self._margins(states, points, path.edges),
        )
        confidence = edge_confidence(sure, place, driven_m, line_m, len(edges))
        edge_line_m = np.interp(
            np.append(begins, length_m), np.maximum.accumulate(driven_m), line_m
        )
        warnings += path_warnings(self.graph, path.edges, edge_line_m, confidence)
        far_m = np.zeros(line.shape[0])
        far_m[seen[points]] = chosen[:, FOUND_DISTANCE]
        warnings += off_line_warnings(line[:, 3], on_network, far_m, self.tuning.radius_m)
        warnings.sort(key=lambda warning: (warning.from_m, warning.to_m, warning.code))
        return MatchedLine(path, confidence, tuple(warnings))

    def _find_candidates(self, line: FloatArray) -> tuple[IndexArray, FloatArray]:
        candidate_edge = np.empty((line.shape[0], _CANDIDATES, 2), dtype=np.int32)
        candidates = np.empty((line.shape[0], _CANDIDATES, FOUND_COLUMNS), dtype=np.float64)
        collect_candidates(
            line,
            self._vector,
            self.index.frame,
            self.index.cell_offsets,
            self.index.cell_points,
            self.index.points,
            self.index.point_edge,
            self._prior,
            candidate_edge,
            candidates,
        )
        return candidate_edge, candidates

    def _solve(
        self, line: FloatArray, candidate_edge: IndexArray, candidates: FloatArray
    ) -> tuple[_States, list[_Stretch]]:
        """Find the likeliest candidates, and the edges through them in unbroken stretches."""
        count = line.shape[0]
        slot_ints = np.zeros((_SLOTS + 1, 5), dtype=np.int32)
        slot_reals = np.empty((_SLOTS, 3), dtype=np.float64)
        score = np.empty((count, _STATES), dtype=np.float64)
        onward = np.empty((count, _STATES), dtype=np.float64)
        transition: Float32Array = np.empty((count, _STATES, _STATES), dtype=np.float32)
        chosen = np.empty(count, dtype=np.int32)
        joined: ByteArray = np.empty(count, dtype=np.uint8)
        viterbi(
            line,
            self._vector,
            candidate_edge,
            candidates,
            self._links,
            self._length_m,
            slot_ints,
            slot_reals,
            score,
            transition,
        )
        choose(candidate_edge, candidates, score, transition, onward, chosen, joined)
        with np.errstate(invalid="ignore"):
            through = score + onward
        every = np.arange(count)
        on_edge = np.zeros((count, 3), dtype=np.int32)
        on_edge[:, 0] = candidate_edge[every, chosen, 0]
        on_edge[:, 1] = joined
        offset_m = np.ascontiguousarray(candidates[every, chosen, FOUND_OFFSET])
        capacity = 4096 + 32 * count
        while True:
            edges = np.empty(capacity, dtype=np.int32)
            total = trace(
                line,
                self._vector,
                on_edge,
                offset_m,
                self._links,
                self._length_m,
                slot_ints,
                slot_reals,
                edges,
            )
            if total >= 0:
                break
            capacity *= 4
        begins = np.flatnonzero(joined == 0).tolist()
        stretches = []
        for first, beyond in zip(begins, [*begins[1:], count], strict=True):
            low, high = int(on_edge[first, 2]), int(on_edge[beyond - 1, 2])
            stretches.append(
                _Stretch(
                    first,
                    beyond - 1,
                    edges[low : high + 1].tolist(),
                    on_edge[first:beyond, 2] - low,
                )
            )
        return _States(line, candidate_edge, candidates, through, chosen), stretches

    def _longest(
        self, states: _States, stretches: list[_Stretch]
    ) -> tuple[_Stretch, list[MatchWarning]]:
        """Join stretches by the shortest way between them; keep the part with the most line."""
        if len(stretches) == 1:
            return stretches[0], []
        # A single point that nothing leads to or from is a slip, not a stretch.
        longer = [stretch for stretch in stretches if stretch.last > stretch.first]
        joined: list[_Stretch] = []
        for stretch in longer or stretches:
            whole = self._join(states, joined[-1], stretch) if joined else None
            if whole is None:
                joined.append(stretch)
            else:
                joined[-1] = whole
        line_m = states.line[:, 3]
        best = max(joined, key=lambda part: float(line_m[part.last] - line_m[part.first]))
        warnings = [
            MatchWarning(
                "disconnected",
                f"no road joins the line from {line_m[part.first]:.0f} to "
                f"{line_m[part.last]:.0f} m to the rest of it",
                float(line_m[part.first]),
                float(line_m[part.last]),
            )
            for part in joined
            if part is not best
        ]
        return best, warnings

    def _join(self, states: _States, before: _Stretch, after: _Stretch) -> _Stretch | None:
        """Close the gap between two stretches, None if no reasonable way leads over it."""
        chosen = states.candidates[np.arange(states.chosen.shape[0]), states.chosen]
        way = self._router.path_between(
            before.edges[-1],
            float(chosen[before.last, FOUND_OFFSET]),
            after.edges[0],
            float(chosen[after.first, FOUND_OFFSET]),
        )
        gap_m = float(states.line[after.first, 3] - states.line[before.last, 3])
        if way is None or way.length_m(self.graph) > _DETOUR_FACTOR * gap_m + _DETOUR_M:
            return None
        edges = [*before.edges, *way.edges[1:].tolist(), *after.edges[1:]]
        place = np.empty(after.last - before.first + 1, dtype=np.int32)
        # Points between the two were dropped as slips: they wait at the end of the first.
        place[:] = len(before.edges) - 1
        place[: before.place.shape[0]] = before.place
        place[after.first - before.first :] = after.place + (len(edges) - len(after.edges))
        return _Stretch(before.first, after.last, edges, place)

    def _margins(self, states: _States, points: slice, edges: IndexArray) -> FloatArray:
        """Return how much likelier the path is than the best one that passes elsewhere, (T,)."""
        width = states.through.shape[1]
        edge = states.candidate_edge[points, :width, 0]
        taken = edge != NO_EDGE
        place = np.where(taken[:, :, np.newaxis], states.candidates[points, :width], 0.0)
        through = states.through[points]
        every = np.arange(edge.shape[0])
        chosen = states.chosen[points]
        own = place[every, chosen][:, np.newaxis]
        x = (place[:, :, FOUND_LON] - own[:, :, FOUND_LON]) * np.cos(
            np.radians(own[:, :, FOUND_LAT])
        )
        y = place[:, :, FOUND_LAT] - own[:, :, FOUND_LAT]
        apart = np.hypot(x, y) * METRES_PER_DEGREE > _APART_M
        back = self.graph.edge_reverse[edges]
        other = apart | np.isin(edge, back[back != NO_EDGE])
        other &= taken & ~np.isin(edge, edges)
        rival = np.where(other, through, -np.inf).max(axis=1)
        return np.asarray(through[every, chosen] - rival, dtype=np.float64)

    def _far_away(self, drawn: FloatArray) -> MatchError:
        """Say how far the nearest road is, and guess why."""
        near = [self.index.nearest(float(lon), float(lat)) for lon, lat in drawn[:16]]
        distances = [float(found.distance_m[0]) for found in near if found.edges.shape[0] > 0]
        where = f"the nearest is {min(distances) / 1000.0:.1f} km away" if distances else "at all"
        hint = ""
        if abs(drawn[0, 0]) <= 90.0:
            swapped = self.index.near(float(drawn[0, 1]), float(drawn[0, 0]), 2000.0)
            if swapped.edges.shape[0] > 0:
                hint = "; lon and lat seem to be swapped, expected lon first"
        return MatchError(
            "off_network",
            f"no road within {self.tuning.radius_limit_m:.0f} m of the line, {where}{hint}",
        )


def match_line(graph: RoadGraph, lonlat: npt.ArrayLike) -> MatchedLine:
    """Match one line; for more than one, build a `LineMatcher` and keep it."""
    return LineMatcher(graph).match_line(lonlat)


def junction_nodes(graph: RoadGraph) -> BoolArray:
    """Return the nodes at which streets meet, (n,): those with three neighbours or more."""
    low = np.minimum(graph.edge_from, graph.edge_to).astype(np.int64)
    high = np.maximum(graph.edge_from, graph.edge_to).astype(np.int64)
    pairs = np.unique((low * graph.node_count + high)[low != high])
    ends = np.concatenate((pairs // graph.node_count, pairs % graph.node_count))
    return np.asarray(np.bincount(ends, minlength=graph.node_count) >= 3)
