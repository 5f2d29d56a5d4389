"""A drawn line in, the path on the network that it means out, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.drawn_lines import LINE_HEADING, LINE_M, LINE_SHARE, read_line, sample_line
from roadnet.errors import MatchError
from roadnet.match_kernels import SIGMA
from roadnet.match_states import Network, find_candidates, longest_stretch, margins, solve, tune
from roadnet.match_warnings import (
    MatchWarning,
    cut_off_warnings,
    edge_confidence,
    line_warnings,
    path_warnings,
    point_confidence,
    turn_warnings,
)
from roadnet.path_cleaning import Track, remove_spurs, snap_ends
from roadnet.paths import Path, Router
from roadnet.snap_kernels import FOUND_BEARING, FOUND_DISTANCE
from roadnet.snapping import EdgeIndex
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, FloatArray

__all__ = ["LineMatcher", "MatchWarning", "MatchedLine", "Tuning", "junction_nodes", "match_line"]

_MINOR: Final = ("unclassified", "residential", "road")
_BYWAYS: Final = ("living_street", "service", "track")
_EXACT: Final = 0.4  # a line this share of the usual error off the streets is traced on them


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
        Standard deviation of a roughly drawn line from its street, kinks left out included; less is
        taken for a line that keeps to the streets.
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
    step_m
        Points are set along the line at most this far apart.
    least_m
        Points of the line closer than this are thinned.
    chord_m
        Half of the chord that gives a point's heading: longer than a shaky hand, shorter than a
        block.
    minor, byway
        Log likelihood that a point on a street below tertiary, or on a service road, track or
        living street, has less than one on a main road.
    """

    radius_m: float = 60.0
    radius_limit_m: float = 150.0
    sigma_m: float = 25.0
    heading: float = 10.0
    beta_m: float = 4.0
    uturn_m: float = 80.0
    backward_m: float = 15.0
    beam: float = 50.0
    reach_factor: float = 1.5
    reach_m: float = 120.0
    wide_factor: float = 4.0
    wide_m: float = 1000.0
    step_m: float = 40.0
    least_m: float = 10.0
    chord_m: float = 20.0
    minor: float = 0.3
    byway: float = 2.5

    def vector(self) -> FloatArray:
        """Return what the kernels need, in the order of `roadnet.match_kernels.RADIUS` and on."""
        return np.array(
            [
                self.radius_m,
                self.radius_limit_m,
                self.sigma_m,
                self.heading,
                self.beta_m,
                self.uturn_m,
                self.backward_m,
                self.beam,
                self.reach_factor,
                self.reach_m,
                self.wide_factor,
                self.wide_m,
                1.0,  # PRIOR: all of the road classes' weight
            ],
            dtype=np.float64,
        )


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

    __slots__ = ("_is_intersection", "_network", "graph", "index", "tuning")

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
        links = np.column_stack(
            (
                graph.out_offsets[graph.edge_to],
                graph.out_offsets[graph.edge_to + 1],
                graph.edge_reverse,
            )
        )
        likelihood = np.zeros(len(ROAD_CLASSES), dtype=np.float64)
        for code, name in enumerate(ROAD_CLASSES):
            if name in _MINOR:
                likelihood[code] = -self.tuning.minor
            elif name in _BYWAYS:
                likelihood[code] = -self.tuning.byway
        self._network = Network(
            index=self.index,
            router=Router(graph, weight="length", goods=False),
            links=np.ascontiguousarray(links, dtype=np.int32),
            length_m=np.array(graph.edge_length_m, dtype=np.float64),
            prior=likelihood[graph.edge_class],
            tuning=self.tuning.vector(),
        )

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
        tuning = self.tuning
        line = sample_line(drawn, tuning.step_m, tuning.least_m, tuning.chord_m)
        candidate_edge, candidates, fit_m = find_candidates(self._network, line)
        vector = tune(self._network, fit_m)
        if vector[SIGMA] < _EXACT * tuning.sigma_m:
            # Traced on the streets: each kink is meant, so look closer.
            line = sample_line(
                drawn, _EXACT * tuning.step_m, _EXACT * tuning.least_m, _EXACT * tuning.chord_m
            )
            candidate_edge, candidates, _ = find_candidates(self._network, line)
        on_network = candidate_edge[:, 0, 0] >= 0
        if not on_network.any():
            raise self._far_away(drawn)
        seen = np.flatnonzero(on_network)
        states, stretches = solve(
            self._network, line[seen], candidate_edge[seen], candidates[seen], vector
        )
        stretch, cut_off = longest_stretch(self._network, states, stretches)
        places = states.places(stretch.first, stretch.last)
        track = Track(stretch.edges, stretch.place, stretch.offset_m, [])
        track = remove_spurs(self.graph, track)
        edges, start_m, end_m, shift = snap_ends(
            self.graph, track, self._is_intersection, drawn[0], drawn[-1]
        )
        path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
        if path.length_m(self.graph) <= 0.0:
            raise MatchError("no_path", "no stretch of road runs along the line")
        own = states.line[stretch.first : stretch.last + 1]
        sure = point_confidence(
            places[:, FOUND_DISTANCE],
            places[:, FOUND_BEARING] - own[:, LINE_HEADING],
            margins(self._network, states, stretch, path.edges),
            own[:, LINE_SHARE],
        )
        confidence, edge_line_m = self._along(path, track, shift, own[:, LINE_M], sure)
        far_m = np.zeros(line.shape[0])
        far_m[seen[stretch.first : stretch.last + 1]] = places[:, FOUND_DISTANCE]
        warnings = [
            *line_warnings(line[:, LINE_M], on_network, far_m, self.tuning.radius_m),
            *turn_warnings(own[:, LINE_M], track.turns),
            *cut_off_warnings(cut_off),
            *path_warnings(self.graph, path.edges, edge_line_m, confidence),
        ]
        warnings.sort(key=lambda warning: (warning.from_m, warning.to_m, warning.code))
        return MatchedLine(path, confidence, tuple(warnings))

    def _along(
        self, path: Path, track: Track, shift: int, line_m: FloatArray, sure: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Say how sure each edge is, and at which metre of the line it begins and the last ends."""
        count = path.edges.shape[0]
        begins = path.edge_begins_m(self.graph)
        length_m = path.length_m(self.graph)
        shifted = track.place + shift
        place = np.clip(shifted, 0, count - 1)
        driven_m = np.clip(begins[place] + track.offset_m, 0.0, length_m)
        driven_m[shifted < 0] = 0.0
        driven_m[shifted >= count] = length_m
        confidence = edge_confidence(sure, place, driven_m, line_m, count)
        bounds = np.append(np.maximum(begins, 0.0), length_m)
        return confidence, np.interp(bounds, np.maximum.accumulate(driven_m), line_m)

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
