"""From the points of a line to unbroken stretches of edges through their likeliest places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.ahead_kernels import REVERSE
from roadnet.candidate_kernels import collect_candidates, score_candidates
from roadnet.geodesy import METRES_PER_DEGREE
from roadnet.match_kernels import choose, trace, viterbi
from roadnet.match_tuning import PRIOR, RADIUS, RADIUS_LIMIT, SIGMA
from roadnet.snap_kernels import FOUND_COLUMNS, FOUND_LAT, FOUND_LON, FOUND_OFFSET
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from roadnet.match_network import Network
    from roadnet.types import ByteArray, Float32Array, FloatArray, IndexArray, OffsetArray

_CANDIDATES: Final = 128  # places found at a point, the best STATES of which take part
STATES: Final = 16
AGAIN_STATES: Final = 64  # where a line is looked at once more
_SLOTS: Final = 4096  # edges that one search may reach, a power of two
_APART_M: Final = 10.0  # places nearer to each other than this are no two opinions
_FIT_SIGMAS: Final = 4.5
_LEAST_SIGMA_M: Final = 5.0  # maps themselves are no more exact


class Candidates(NamedTuple):
    """Places on edges near the T points of a line.

    Attributes
    ----------
    edge, place
        (T, C, 2) and (T, C, 6), `candidate_edge` and `candidates` of `roadnet.candidate_kernels`.
    fit_m
        (T,) metres to the nearest road that runs along the line, infinity where there is none.
    """

    edge: IndexArray
    place: FloatArray
    fit_m: FloatArray


class States(NamedTuple):
    """What is known of the T points of a line that have a road near.

    Attributes
    ----------
    line
        (T, 6), see `roadnet.drawn_lines.sample_line`.
    candidate_edge, candidates
        (T, C, 2) and (T, C, 6), see `roadnet.candidate_kernels`.
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


class Solution(NamedTuple):
    """The likeliest places of a line's points.

    Attributes
    ----------
    seen
        (T,) the rows of the line that have a road near; the states are of these.
    states
        What is known of them.
    stretches
        One or more, in order along the line; between two of them no way was found nearby.
    """

    seen: OffsetArray
    states: States
    stretches: list[Stretch]


def find_candidates(
    network: Network, line: FloatArray, radius_m: float | None = None
) -> Candidates:
    """Find the places on edges near each point of a line, not yet scored.

    Looks `radius_m` around, or as the network's tuning says.
    """
    tuning = network.tuning
    if radius_m is not None:
        tuning = tuning.copy()
        tuning[RADIUS] = tuning[RADIUS_LIMIT] = radius_m
    edge = np.empty((line.shape[0], _CANDIDATES, 2), dtype=np.int32)
    place = np.empty((line.shape[0], _CANDIDATES, FOUND_COLUMNS), dtype=np.float64)
    fit_m = np.empty(line.shape[0], dtype=np.float64)
    index = network.index
    collect_candidates(
        line,
        tuning,
        index.frame,
        index.cell_offsets,
        index.cell_points,
        index.points,
        index.point_edge,
        edge,
        place,
        fit_m,
    )
    return Candidates(edge, place, fit_m)


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
    network: Network, line: FloatArray, found: Candidates, tuning: FloatArray, width: int
) -> Solution:
    """Find the likeliest place of each point, and the edges through them.

    Parameters
    ----------
    network
        The roads.
    line, found
        The points of a line, one or more of which have candidates, not yet scored.
    tuning
        As of `tune`.
    width
        So many of the best candidates of each point take part.
    """
    seen = np.flatnonzero(found.edge[:, 0, 0] >= 0)
    whole = seen.shape[0] == line.shape[0]
    line = line if whole else line[seen]
    candidate_edge = found.edge if whole else found.edge[seen]
    candidates = found.place if whole else found.place[seen]
    count = line.shape[0]
    score_candidates(line, tuning, network.prior, candidate_edge, candidates)
    slot_ints = np.zeros((_SLOTS + 1, 5), dtype=np.int32)
    slot_reals = np.empty((_SLOTS, 3), dtype=np.float64)
    score = np.empty((count, width), dtype=np.float64)
    onward = np.empty((count, width), dtype=np.float64)
    transition: Float32Array = np.empty((count, width, width), dtype=np.float32)
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
    unbroken = [
        Stretch(
            first,
            beyond - 1,
            edges[place[first] : place[beyond - 1] + 1].tolist(),
            place[first:beyond] - place[first],
            offset_m[first:beyond],
        )
        for first, beyond in zip(begins, [*begins[1:], count], strict=True)
    ]
    return Solution(seen, states, unbroken)


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
    back = network.links[edges, REVERSE]
    elsewhere |= np.isin(edge, back[back != NO_EDGE])
    elsewhere &= taken & ~np.isin(edge, edges)
    through = states.through[points]
    rival = np.where(elsewhere, through, -np.inf).max(axis=1)
    return np.asarray(through[every, chosen] - rival, dtype=np.float64)
