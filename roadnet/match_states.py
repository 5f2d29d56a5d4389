"""From the points of a line to unbroken stretches of edges through their likeliest places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.candidate_kernels import collect_candidates, score_candidates
from roadnet.match_kernels import choose, trace, viterbi
from roadnet.match_tuning import PRIOR, RADIUS, RADIUS_LIMIT, SIGMA
from roadnet.snap_kernels import FOUND_COLUMNS, FOUND_OFFSET

if TYPE_CHECKING:
    from roadnet.match_network import Network
    from roadnet.types import ByteArray, Float32Array, FloatArray, IndexArray, OffsetArray

_CANDIDATES: Final = 128  # places found at a point, the best STATES of which take part
STATES: Final = 16
AGAIN_STATES: Final = 64  # where a line is looked at once more
_SLOTS: Final = 4096  # edges that one search may reach, a power of two
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
    score
        (T, K) log likelihood of the best sequence that ends in each of the first K candidates.
    onward
        (T, K) of the best one from there on, its own not counted.
    transition
        (T, K, K) float32, of driving from a candidate to one of the next point.
    chosen
        (T,) int32, the candidate in the best sequence.
    tuning
        Vector that they were found with.
    """

    line: FloatArray
    candidate_edge: IndexArray
    candidates: FloatArray
    score: FloatArray
    onward: FloatArray
    transition: Float32Array
    chosen: IndexArray
    tuning: FloatArray

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
    slot_ints, slot_reals = _slots()
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
    states = States(line, candidate_edge, candidates, score, onward, transition, chosen, tuning)
    edges, place, offset_m = _trace(network, states, 0, chosen, joined)
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


def trace_edges(network: Network, states: States, first: int, chosen: IndexArray) -> list[int]:
    """Return the edges driven through candidates of successive points from `first` on."""
    joined: ByteArray = np.ones(chosen.shape[0], dtype=np.uint8)
    joined[0] = 0
    edges, place, _ = _trace(network, states, first, chosen, joined)
    way: list[int] = edges[: int(place[-1]) + 1].tolist()
    return way


def _trace(
    network: Network, states: States, first: int, chosen: IndexArray, joined: ByteArray
) -> tuple[IndexArray, IndexArray, FloatArray]:
    """Find the edges driven through candidates, and where on them each point is."""
    count = chosen.shape[0]
    at = np.arange(first, first + count)
    on_edge = np.zeros((count, 3), dtype=np.int32)
    on_edge[:, 0] = states.candidate_edge[at, chosen, 0]
    on_edge[:, 1] = joined
    offset_m = np.ascontiguousarray(states.candidates[at, chosen, FOUND_OFFSET])
    slot_ints, slot_reals = _slots()
    total, capacity = -1, 1024
    while total < 0:
        capacity *= 4
        edges = np.empty(capacity + 32 * count, dtype=np.int32)
        total = trace(
            states.line[first : first + count],
            states.tuning,
            on_edge,
            offset_m,
            network.links,
            network.length_m,
            slot_ints,
            slot_reals,
            edges,
        )
    return edges, on_edge[:, 2], offset_m


def _slots() -> tuple[IndexArray, FloatArray]:
    """Make the table that searches ahead keep their edges in."""
    return np.zeros((_SLOTS + 1, 5), dtype=np.int32), np.empty((_SLOTS, 3), dtype=np.float64)
