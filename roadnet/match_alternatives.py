"""Other paths that a line may mean: where they leave the likeliest one, and how likely they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.ahead_kernels import REVERSE
from roadnet.candidate_kernels import SCORE
from roadnet.geodesy import METRES_PER_DEGREE
from roadnet.match_states import trace_edges
from roadnet.match_warnings import runs, share_of
from roadnet.snap_kernels import FOUND_LAT, FOUND_LON
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from roadnet.match_network import Network
    from roadnet.match_states import States, Stretch
    from roadnet.types import FloatArray, IndexArray

_APART_M: Final = 3.0  # places nearer to each other than this are no two opinions
LEAST_SHARE: Final = 0.015  # a rival less likely than this, beside the path, is none
_MOST: Final = 5  # rivals of one stretch of line
_TRIES: Final = 16  # that many of its likeliest places are looked at for them


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """A stretch of another path that the line may mean.

    Attributes
    ----------
    edges
        (k,) int32, contiguous, read-only, k >= 0: none where the path would only lose edges.
    first, beyond
        They stand in place of edges first to beyond - 1 of the path: before and behind, both are
        one way, or begin or end elsewhere where that is the path's own first or last edge.
    from_m, to_m
        The stretch, metres along the line.
    likelihood
        In (0, 1): the share of it beside the path and the other alternatives there.
    start_m, end_m
        Metres along its first edge if it begins there, and along its last if it ends there; an
        `end_m` of infinity is the end of that edge.
    """

    edges: IndexArray
    first: int
    beyond: int
    from_m: float
    to_m: float
    likelihood: float
    start_m: float = 0.0
    end_m: float = np.inf


def rivals(network: Network, states: States, stretch: Stretch, edges: IndexArray) -> FloatArray:
    """Say how much likelier a path is than the best one through each place elsewhere.

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
        (points of the stretch, K) difference of log likelihoods, infinity where the place is on
        the path or next to it, or is none.
    """
    points = slice(stretch.first, stretch.last + 1)
    width = states.score.shape[1]
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
    marked = np.zeros(network.length_m.shape[0] + 1, dtype=np.bool_)  # the last for no edge
    marked[back[back != NO_EDGE]] = True
    elsewhere |= marked[edge]
    marked[:] = False
    marked[edges] = True
    elsewhere &= taken & ~marked[edge]
    through = states.score[points] + states.onward[points]
    best = through[every, chosen][:, np.newaxis]
    with np.errstate(invalid="ignore"):  # infinity minus infinity, of places never reached
        return np.where(elsewhere & (through > -np.inf), best - through, np.inf)


def alternatives(
    network: Network,
    states: States,
    stretch: Stretch,
    path: tuple[IndexArray, IndexArray],
    lost: FloatArray,
    line_m: FloatArray,
) -> tuple[Alternative, ...]:
    """Find the paths that the line may mean instead, stretch by stretch.

    Parameters
    ----------
    network
        The roads.
    states, stretch
        The points that the path was made from.
    path
        (k,) its edges, after cleaning; (T,) the place in them of each point of the stretch, which
        may lie outside.
    lost
        (T, K) as of `rivals`.
    line_m
        (T,) metres along the line of the points.
    """
    edges, place = path
    share = share_of(lost)
    found: list[Alternative] = []
    for a, b in runs(share.max(axis=1) >= LEAST_SHARE):
        order = np.argsort(-share[a:b], axis=None, kind="stable")[:_TRIES]
        mine: list[tuple[Alternative, float]] = []
        tried: set[tuple[int, int, bytes]] = set()
        for flat in order.tolist():
            point, candidate = a + flat // lost.shape[1], flat % lost.shape[1]
            if share[point, candidate] < LEAST_SHARE or len(mine) == _MOST:
                break
            other = _rival(network, states, stretch, point, candidate)
            if other is None:
                continue
            first, last, way = other
            count = edges.shape[0]
            low = int(np.clip(place[first], 0, count - 1))
            high = int(np.clip(place[last], 0, count - 1))
            leaves = low == 0 or way[0] == edges[low]
            returns = high == count - 1 or way[-1] == edges[high]
            if not (leaves and returns):
                continue  # cleaning has taken what it leaves from, or comes back to
            cut = _differing(edges[low : high + 1].tolist(), way)
            if cut is None:
                continue
            begin, end, own = cut
            key = (low + begin, low + end, np.array(own, dtype=np.int32).tobytes())
            if key in tried:
                continue
            tried.add(key)
            changed = np.array(own, dtype=np.int32)
            changed.setflags(write=False)
            odds = float(share[point, candidate] / (1.0 - share[point, candidate]))
            span = (float(line_m[first]), float(line_m[last]))
            mine.append((Alternative(changed, low + begin, low + end, *span, 0.0), odds))
        total = 1.0 + sum(odds for _, odds in mine)
        found += [
            Alternative(one.edges, one.first, one.beyond, one.from_m, one.to_m, odds / total)
            for one, odds in mine
        ]
    return tuple(found)


def _rival(
    network: Network, states: States, stretch: Stretch, point: int, candidate: int
) -> tuple[int, int, list[int]] | None:
    """Trace the best path through a place until it is on the chosen one again, both ways.

    Returns the points of the stretch between which it runs, and its edges; to the ends of the
    stretch where it never is. None where there is no such path.
    """
    at = stretch.first + point
    through = {at: candidate}
    now, here = at, candidate
    while here != states.chosen[now]:
        if now == stretch.first:
            break  # it begins elsewhere
        ways = states.transition[now - 1, :, here]
        behind = np.where(ways > -np.inf, states.score[now - 1] + ways, -np.inf)
        here = int(np.argmax(behind))
        if behind[here] == -np.inf:
            return None
        now -= 1
        through[now] = here
    first = now
    now, here = at, candidate
    while here != states.chosen[now]:
        if now == stretch.last:
            break  # it ends elsewhere
        ways = states.transition[now, here]
        there = ways > -np.inf
        ahead = np.full(ways.shape[0], -np.inf)
        scores = states.candidates[now + 1, : ways.shape[0], SCORE]
        ahead[there] = (ways + states.onward[now + 1])[there] + scores[there]
        here = int(np.argmax(ahead))
        if ahead[here] == -np.inf:
            return None
        now += 1
        through[now] = here
    chosen = np.array([through[t] for t in range(first, now + 1)], dtype=np.int32)
    way = trace_edges(network, states, first, chosen)
    return first - stretch.first, now - stretch.first, way


def _differing(own: list[int], other: list[int]) -> tuple[int, int, list[int]] | None:
    """Cut what two ways have in common at both ends; None where nothing is left of either."""
    begin = 0
    while begin < min(len(own), len(other)) and own[begin] == other[begin]:
        begin += 1
    end = 0
    while end < min(len(own), len(other)) - begin and own[-1 - end] == other[-1 - end]:
        end += 1
    if begin + end == len(own) == len(other):
        return None
    return begin, len(own) - end, other[begin : len(other) - end]
