"""A drawn line or a GPS track in, the path on the network that it means out, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.drawn_lines import LINE_HEADING, LINE_M, read_line, sample_line, take_fewer, wrap
from roadnet.errors import MatchError
from roadnet.gps_tracks import read_track, sample_track
from roadnet.match_alternatives import Alternative, alternatives, rivals
from roadnet.match_joining import longest_stretch
from roadnet.match_network import build_network, class_prior, junction_nodes
from roadnet.match_rules import Bans, path_rules, rule_warnings
from roadnet.match_states import (
    AGAIN_STATES,
    STATES,
    find_candidates,
    solve,
    tune,
)
from roadnet.match_tuning import DRAWN, DRIVEN, SIGMA, Tuning
from roadnet.match_warnings import (
    MatchWarning,
    cut_off_warnings,
    doubt_warnings,
    edge_confidence,
    line_warnings,
    point_confidence,
    turn_warnings,
)
from roadnet.other_ends import Unsettled, other_ends
from roadnet.path_cleaning import Track, remove_spurs
from roadnet.path_ends import AT_JUNCTION_M, snap_ends
from roadnet.paths import Path
from roadnet.snap_kernels import FOUND_BEARING, FOUND_DISTANCE
from roadnet.snapping import EdgeIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.match_network import Network
    from roadnet.match_states import Candidates, Solution
    from roadnet.types import BoolArray, FloatArray
    from roadnet.vehicles import Vehicle

__all__ = [
    "Alternative",
    "LineMatcher",
    "MatchWarning",
    "MatchedLine",
    "Tuning",
    "junction_nodes",
    "match_line",
    "match_track",
]

FAR_M: Final = 60.0  # a road farther than this from the line is told
_AGAIN_POINTS: Final = 5000  # of more points, not so many candidates when looked at again
_ROUGH_END_M: Final = 25.0
_EXACT: Final = 0.4  # a line this share of the usual error off the streets is traced on them


@dataclass(frozen=True, slots=True, eq=False)
class MatchedLine:
    """The path that a drawn line or a track means.

    Attributes
    ----------
    path
        Contiguous edges, with the metres along the first and last where it begins and ends.
    confidence
        (k,) float64 in [0, 1], of each edge of the path.
    warnings
        What a person should look at, in order along the line.
    alternatives
        Stretches of other paths that a drawn line may mean, in order along it: five at most for
        each of its stretches; and other intersections at its ends. None are looked for of a track.
    """

    path: Path
    confidence: FloatArray
    warnings: tuple[MatchWarning, ...]
    alternatives: tuple[Alternative, ...] = ()


class LineMatcher:
    """Matches drawn lines and GPS tracks to one network; build once, ask often, from any thread.

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
        What to believe of drawn lines.
    track_tuning
        What to believe of GPS tracks.
    closed_edges
        Indices of edges that nobody may drive.
    vehicle
        What is to drive; by default a lorry of unknown size.
    bans
        `report`: match what is drawn, and warn of what the vehicle may not drive; `respect`: find
        the likeliest path without closed and forbidden edges and banned turns. A turn banned by
        way of further edges is reported in either case.
    """

    __slots__ = (
        "_is_intersection",
        "_lines",
        "_rules",
        "_tracks",
        "graph",
        "index",
        "track_tuning",
        "tuning",
    )

    def __init__(
        self,
        graph: RoadGraph,
        *,
        index: EdgeIndex | None = None,
        is_intersection: BoolArray | None = None,
        tuning: Tuning = DRAWN,
        track_tuning: Tuning = DRIVEN,
        closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
        vehicle: Vehicle | None = None,
        bans: Bans = "report",
    ) -> None:
        self.graph = graph
        self._rules = path_rules(graph, vehicle, closed_edges, bans)
        forbidden = self._rules.forbidden
        if forbidden is not None:
            index = EdgeIndex(graph, usable=~forbidden)
        self.index = EdgeIndex(graph) if index is None else index
        self.tuning = tuning
        self.track_tuning = track_tuning
        self._is_intersection = (
            junction_nodes(graph) if is_intersection is None else is_intersection
        )
        self._lines = build_network(graph, self.index, forbidden, self._rules.banned_turns, tuning)
        self._tracks = replace(
            self._lines, prior=class_prior(graph, track_tuning), tuning=track_tuning.vector()
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
        line = wrap(sample_line(drawn, tuning))
        found = find_candidates(self._lines, line)
        vector = tune(self._lines, found.fit_m)
        if vector[SIGMA] < _EXACT * tuning.sigma_m:
            # Traced on the streets: each kink is meant, so look closer.
            line = wrap(sample_line(drawn, tuning, scale=_EXACT))
            found = find_candidates(self._lines, line)
        return self._match(
            self._lines, line, found, vector, tuning, line[:, LINE_M], self._is_intersection
        )

    def match_track(self, lonlat: npt.ArrayLike, seconds: npt.ArrayLike) -> MatchedLine:
        """Find the path that was driven, from positions of a GPS receiver.

        Parameters
        ----------
        lonlat
            (p, 2) lon and lat, WGS-84 degrees, in the order driven, from several a second to one a
            minute or so.
        seconds
            (p,) when each was taken, from any origin; rising.

        Returns
        -------
        MatchedLine
            As of `match_line`; `from_m` and `to_m` of its warnings are metres along the track.

        Raises
        ------
        MatchError
            The track is no track (see `read_track`); `off_network`: no road near any of it;
            `no_path`: there is no way to drive along it.
        """
        track = read_track(lonlat, seconds)
        tuning = self.track_tuning
        line, along_m = sample_track(track, tuning.least_m, tuning.chord_m)
        line = wrap(line)
        found = find_candidates(self._tracks, line)
        vector = tune(self._tracks, found.fit_m)
        # A track begins and ends wherever the receiver was switched on and off.
        anywhere = np.zeros(self.graph.node_count, dtype=np.bool_)
        return self._match(self._tracks, line, found, vector, tuning, along_m, anywhere)

    def _match(
        self,
        network: Network,
        line: FloatArray,
        found: Candidates,
        vector: FloatArray,
        tuning: Tuning,
        line_m: FloatArray,
        is_intersection: BoolArray,
    ) -> MatchedLine:
        """Match the points of a line; `line_m` are the metres that warnings are told in."""
        if not (found.edge[:, 0, 0] >= 0).any():
            raise self._far_away(line)
        seen, states, stretches = solve(network, line, found, vector, STATES)
        if len(stretches) > 1 and tuning.again_m < np.inf:
            again = self._look_again(network, line, vector, tuning)
            if len(again.stretches) < len(stretches):
                seen, states, stretches = again
        on_network = found.edge[:, 0, 0] >= 0
        stretch, cut_off = longest_stretch(network, states, stretches)
        places = states.places(stretch.first, stretch.last)
        track = Track(stretch.edges, stretch.place, stretch.offset_m, [])
        track = remove_spurs(self.graph, track, self._rules.banned_turns, tuning.turn_reach_m)
        # The rougher the hand, the farther from its junction an end may lie.
        at_m = min(max(AT_JUNCTION_M, float(vector[SIGMA])), _ROUGH_END_M)
        edges, start_m, end_m, shift = snap_ends(
            self.graph,
            track,
            is_intersection,
            line[0, :2],
            line[-1, :2],
            self._rules.forbidden,
            at_m,
        )
        path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
        if path.length_m(self.graph) <= 0.0:
            raise MatchError("no_path", "no stretch of road runs along the line")
        own = states.line[stretch.first : stretch.last + 1]
        own_m = line_m[seen[stretch.first : stretch.last + 1]]
        lost = rivals(network, states, stretch, path.edges)
        sure = point_confidence(
            places[:, FOUND_DISTANCE],
            places[:, FOUND_BEARING] - own[:, LINE_HEADING],
            lost.min(axis=1),
        )
        confidence, edge_line_m = self._along(path, track, shift, own_m, sure)
        far_m = np.interp(line_m, own_m, places[:, FOUND_DISTANCE], left=0.0, right=0.0)
        warnings = [
            *line_warnings(line_m, on_network, far_m, FAR_M),
            *turn_warnings(own_m, track.turns),
            *cut_off_warnings(cut_off),
            *doubt_warnings(edge_line_m, confidence),
            *rule_warnings(self.graph, self._rules, path.edges, edge_line_m),
        ]
        warnings.sort(key=lambda warning: (warning.from_m, warning.to_m, warning.code))
        others: tuple[Alternative, ...] = ()
        if network is self._lines:
            others = (
                *alternatives(
                    network, states, stretch, (path.edges, track.place + shift), lost, own_m
                ),
                *other_ends(
                    self.graph,
                    path,
                    Unsettled(track.edges, shift, track.offset_m[0], track.offset_m[-1]),
                    is_intersection,
                    self._rules,
                    line,
                    at_m,
                    line_m,
                ),
            )
            others = tuple(sorted(others, key=lambda other: (other.from_m, other.to_m)))
        return MatchedLine(path, confidence, tuple(warnings), others)

    def _look_again(
        self, network: Network, line: FloatArray, vector: FloatArray, tuning: Tuning
    ) -> Solution:
        """Match a line that no road follows as if it were off by the same way for long.

        Then many points say no more than a few, and the roads that it means may be far.
        """
        rows, fewer = take_fewer(line, tuning.again_m)
        found = find_candidates(network, fewer, tuning.again_radius_m)
        rough = vector.copy()
        rough[SIGMA] = tuning.again_sigma_m
        width = AGAIN_STATES if rows.shape[0] <= _AGAIN_POINTS else STATES
        again = solve(network, fewer, found, rough, width)
        return again._replace(seen=rows[again.seen])

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

    def _far_away(self, line: FloatArray) -> MatchError:
        """Say how far the nearest road is, and guess why."""
        near = [self.index.nearest(float(lon), float(lat)) for lon, lat in line[:16, :2]]
        distances = [float(found.distance_m[0]) for found in near if found.edges.shape[0] > 0]
        where = "none within 1,000 km either"
        if distances:
            where = f"the nearest is {min(distances) / 1000.0:.1f} km away"
        hint = ""
        if abs(line[0, 0]) <= 90.0:
            swapped = self.index.near(float(line[0, 1]), float(line[0, 0]), 2000.0)
            if swapped.edges.shape[0] > 0:
                hint = (
                    "; these look like latitude, longitude: lon and lat seem to be swapped, "
                    "expected lon first"
                )
        return MatchError(
            "off_network",
            f"no road within {self.tuning.radius_limit_m:.0f} m of the line, {where}{hint}",
        )


def match_line(graph: RoadGraph, lonlat: npt.ArrayLike) -> MatchedLine:
    """Match one drawn line; for more than one, build a `LineMatcher` and keep it."""
    return LineMatcher(graph).match_line(lonlat)


def match_track(graph: RoadGraph, lonlat: npt.ArrayLike, seconds: npt.ArrayLike) -> MatchedLine:
    """Match one GPS track; for more than one, build a `LineMatcher` and keep it."""
    return LineMatcher(graph).match_track(lonlat, seconds)
