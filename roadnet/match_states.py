"""From the points of a line to unbroken stretches of edges through their likeliest places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import METRES_PER_DEGREE
from roadnet.match_kernels import (
    PRIOR,
    SIGMA,
    choose,
    collect_candidates,
    score_candidates,
    trace,
    viterbi,
)
from roadnet.snap_kernels import FOUND_COLUMNS, FOUND_LAT, FOUND_LON, FOUND_OFFSET
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from roadnet.paths import Router
    from roadnet.snapping import EdgeIndex
    from roadnet.types import ByteArray, Float32Array, FloatArray, IndexArray

_CANDIDATES: Final = 64  # places found at a point, the best _STATES of which take part
_STATES: Final = 16
_SLOTS: Final = 4096  # edges that one search may reach, a power of two
_APART_M: Final = 10.0  # places nearer to each other than this are no two opinions
_BRIDGE_FACTOR: Final = 3.0  # a gap is closed by a way at most this often as long as the line there
_BRIDGE_M: Final = 1000.0  # and this much
# Two detours like this within a few points: the line asks for what the roads forbid, such as
# driving against a one-way street, and the likeliest path runs round each block on the way.
_DETOUR_FACTOR: Final = 3.0
_DETOUR_M: Final = 150.0
_DETOUR_POINTS: Final = 5
_FIT_SIGMAS: Final = 4.5
_LEAST_SIGMA_M: Final = 5.0  # maps themselves are no more exact


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A road graph as the kernels of matching take it.

    Attributes
    ----------
    index
        Spatial index of the graph.
    router
        Shortest ways by length, open to everyone.
    links
        (m, 3) int32, see `roadnet.match_kernels`.
    length_m
        (m,) of the edges.
    prior
        (m,) log likelihood of an edge before anything is known of the line.
    tuning
        Vector in the order of `roadnet.match_kernels.RADIUS` and on.
    """

    index: EdgeIndex
    router: Router
    links: IndexArray
    length_m: FloatArray
    prior: FloatArray
    tuning: FloatArray


class States(NamedTuple):
    """What is known of the T points of a line that have a road near.

    Attributes
    ----------
    line
        (T, 5), see `roadnet.drawn_lines.sample_line`.
    candidate_edge, candidates
        (T, C, 2) and (T, C, 6), see `roadnet.match_kernels`.
    through
        (T, K) log likelihood of the best sequence through each of the first K candidates.
    chosen
        (T,) int32, the candidate in the best sequence.
    """

    line: FloatArray
    candidate_edge: IndexArray
    candidates: FloatArray
    through: FloatArray
    chosen: IndexArray

    def places(self, first: int, last: int) -> FloatArray:
        """Return the chosen candidates of points first to last, both included, (k, 6)."""
        at = np.arange(first, last + 1)
        return np.asarray(self.candidates[at, self.chosen[first : last + 1]])


class Stretch(NamedTuple):
    """Edges that follow each other, and the points of the line on them.

    Attributes
    ----------
    first, last
        Its points, both included.
    edges
        Contiguous.
    place
        (last - first + 1,) int32, the index in `edges` that each point is on; never falls.
    offset_m
        (last - first + 1,) metres along that edge.
    """

    first: int
    last: int
    edges: list[int]
    place: IndexArray
    offset_m: FloatArray


def find_candidates(
    network: Network, line: FloatArray
) -> tuple[IndexArray, FloatArray, FloatArray]:
    """Find the places on edges near each point of a line, not yet scored.

    Returns
    -------
    tuple
        (T, C, 2) and (T, C, 6), see `roadnet.match_kernels`; and (T,) metres to the nearest road that
        runs along the line, infinity where there is none.
    """
    candidate_edge = np.empty((line.shape[0], _CANDIDATES, 2), dtype=np.int32)
    candidates = np.empty((line.shape[0], _CANDIDATES, FOUND_COLUMNS), dtype=np.float64)
    fit_m = np.empty(line.shape[0], dtype=np.float64)
    index = network.index
    collect_candidates(
        line,
        network.tuning,
        index.frame,
        index.cell_offsets,
        index.cell_points,
        index.points,
        index.point_edge,
        candidate_edge,
        candidates,
        fit_m,
    )
    return candidate_edge, candidates, fit_m


def tune(network: Network, fit_m: FloatArray) -> FloatArray:
    """Adapt the tuning to how exactly a line is drawn.

    A line traced on its street must not be pulled to a larger one beside it, while one drawn by
    a rough hand should be. Half of the points lie nearer to some street along them than the median
    of `fit_m`; _FIT_SIGMAS such distances are taken for the hand's standard deviation.

    Returns
    -------
    FloatArray
        The network's tuning vector with SIGMA and PRIOR set for this line.
    """
    tuning = network.tuning.copy()
    known = fit_m[np.isfinite(fit_m)]
    if known.shape[0] > 0:
        sigma_m = max(_FIT_SIGMAS * float(np.median(known)), _LEAST_SIGMA_M)
        sigma_m = min(sigma_m, float(tuning[SIGMA]))
        tuning[PRIOR] *= sigma_m / tuning[SIGMA]
        tuning[SIGMA] = sigma_m
    return tuning


def solve(
    network: Network,
    line: FloatArray,
    candidate_edge: IndexArray,
    candidates: FloatArray,
    tuning: FloatArray,
) -> tuple[States, list[Stretch]]:
    """Find the likeliest place of each point, and the edges through them.

    Parameters
    ----------
    network
        The roads.
    line, candidate_edge, candidates
        T >= 1 points, each with one candidate or more; these are scored and sorted here.
    tuning
        As of `tune`.

    Returns
    -------
    tuple
        The states, and one stretch or more in order along the line; between two of them no way
        was found nearby.
    """
    count = line.shape[0]
    score_candidates(line, tuning, network.prior, candidate_edge, candidates)
    slot_ints = np.zeros((_SLOTS + 1, 5), dtype=np.int32)
    slot_reals = np.empty((_SLOTS, 3), dtype=np.float64)
    score = np.empty((count, _STATES), dtype=np.float64)
    onward = np.empty((count, _STATES), dtype=np.float64)
    transition: Float32Array = np.empty((count, _STATES, _STATES), dtype=np.float32)
    chosen = np.empty(count, dtype=np.int32)
    joined: ByteArray = np.empty(count, dtype=np.uint8)
    viterbi(
        line,
        tuning,
        candidate_edge,
        candidates,
        network.links,
        network.length_m,
        slot_ints,
        slot_reals,
        score,
        transition,
    )
    choose(candidate_edge, candidates, score, transition, onward, chosen, joined)
    every = np.arange(count)
    on_edge = np.zeros((count, 3), dtype=np.int32)
    on_edge[:, 0] = candidate_edge[every, chosen, 0]
    on_edge[:, 1] = joined
    offset_m = np.ascontiguousarray(candidates[every, chosen, FOUND_OFFSET])
    total, capacity = -1, 1024
    while total < 0:
        capacity *= 4
        edges = np.empty(capacity + 32 * count, dtype=np.int32)
        total = trace(
            line,
            tuning,
            on_edge,
            offset_m,
            network.links,
            network.length_m,
            slot_ints,
            slot_reals,
            edges,
        )
    states = States(line, candidate_edge, candidates, score + onward, chosen)
    place = on_edge[:, 2]
    begins = np.flatnonzero(joined == 0).tolist()
    return states, [
        Stretch(
            first,
            beyond - 1,
            edges[place[first] : place[beyond - 1] + 1].tolist(),
            place[first:beyond] - place[first],
            offset_m[first:beyond],
        )
        for first, beyond in zip(begins, [*begins[1:], count], strict=True)
    ]


def longest_stretch(
    network: Network, states: States, stretches: list[Stretch]
) -> tuple[Stretch, list[tuple[float, float]]]:
    """Join stretches by the shortest way between them, and keep the part with the most line.

    Parameters
    ----------
    network
        The roads.
    states, stretches
        As of `solve`.

    Returns
    -------
    tuple
        The stretch, and the parts of the line that it could not be joined to: from and to, metres.
    """
    # A single point that nothing leads to or from is a slip.
    longer = [stretch for stretch in stretches if stretch.last > stretch.first]
    parts = [part for stretch in longer or stretches for part in _cut(network, states, stretch)]
    joined = parts[:1]
    for part in parts[1:]:
        whole = _bridge(network, states, joined[-1], part)
        if whole is None:
            joined.append(part)
        else:
            joined[-1] = whole
    line_m = states.line[:, 3]
    spans = [(float(line_m[part.first]), float(line_m[part.last])) for part in joined]
    best = max(range(len(joined)), key=lambda place: spans[place][1] - spans[place][0])
    return joined[best], [span for place, span in enumerate(spans) if place != best]


def margins(network: Network, states: States, stretch: Stretch, edges: IndexArray) -> FloatArray:
    """Say how much likelier a path is than the best one that passes elsewhere.

    Parameters
    ----------
    network
        The roads.
    states, stretch
        The points that the path was made from.
    edges
        (k,) of the path, after cleaning.

    Returns
    -------
    FloatArray
        (points of the stretch,) difference of log likelihoods, infinity without a rival.
    """
    points = slice(stretch.first, stretch.last + 1)
    width = states.through.shape[1]
    edge = states.candidate_edge[points, :width, 0]
    taken = edge != NO_EDGE
    place = np.where(taken[:, :, np.newaxis], states.candidates[points, :width], 0.0)
    every = np.arange(edge.shape[0])
    chosen = states.chosen[points]
    own = place[every, chosen][:, np.newaxis]
    shrink = np.cos(np.radians(own[:, :, FOUND_LAT]))
    x = (place[:, :, FOUND_LON] - own[:, :, FOUND_LON]) * shrink
    y = place[:, :, FOUND_LAT] - own[:, :, FOUND_LAT]
    elsewhere = np.hypot(x, y) * METRES_PER_DEGREE > _APART_M
    # The other direction of a street is at the same place, yet another opinion.
    back = network.links[edges, 2]
    elsewhere |= np.isin(edge, back[back != NO_EDGE])
    elsewhere &= taken & ~np.isin(edge, edges)
    through = states.through[points]
    rival = np.where(elsewhere, through, -np.inf).max(axis=1)
    return np.asarray(through[every, chosen] - rival, dtype=np.float64)


def _cut(network: Network, states: States, stretch: Stretch) -> list[Stretch]:
    """Cut out the points that a path can only follow by detour after detour."""
    begins = np.concatenate(([0.0], np.cumsum(network.length_m[stretch.edges])))
    driven_m = np.diff(begins[stretch.place] + stretch.offset_m)
    line_m = np.diff(states.line[stretch.first : stretch.last + 1, 3])
    detours = np.flatnonzero(driven_m > _DETOUR_FACTOR * line_m + _DETOUR_M)
    if detours.shape[0] < 2:
        return [stretch]
    parts = []
    begin = 0
    for group in np.split(detours, np.flatnonzero(np.diff(detours) > _DETOUR_POINTS) + 1):
        if group.shape[0] > 1:
            parts.append(_part(stretch, begin, int(group[0])))
            begin = int(group[-1]) + 1
    parts.append(_part(stretch, begin, stretch.last - stretch.first))
    return parts


def _part(stretch: Stretch, first: int, last: int) -> Stretch:
    """Take points first to last, counted within the stretch, and their edges."""
    low, high = int(stretch.place[first]), int(stretch.place[last])
    return Stretch(
        stretch.first + first,
        stretch.first + last,
        stretch.edges[low : high + 1],
        stretch.place[first : last + 1] - low,
        stretch.offset_m[first : last + 1],
    )


def _bridge(network: Network, states: States, before: Stretch, after: Stretch) -> Stretch | None:
    """Close the gap between two stretches, None if no reasonable way leads over it."""
    way = network.router.path_between(
        before.edges[-1],
        float(before.offset_m[-1]),
        after.edges[0],
        float(after.offset_m[0]),
    )
    gap_m = float(states.line[after.first, 3] - states.line[before.last, 3])
    if way is None or way.length_m(network.router.graph) > _BRIDGE_FACTOR * gap_m + _BRIDGE_M:
        return None
    edges = [*before.edges, *way.edges[1:].tolist(), *after.edges[1:]]
    # Points between the two were dropped: they wait at the end of the first.
    dropped = after.first - before.last - 1
    wait = np.full(dropped, len(before.edges) - 1, dtype=np.int32)
    moved = after.place + (len(edges) - len(after.edges))
    place = np.concatenate((before.place, wait, moved))
    wait_m = np.full(dropped, before.offset_m[-1])
    offset_m = np.concatenate((before.offset_m, wait_m, after.offset_m))
    return Stretch(before.first, after.last, edges, place, offset_m)
