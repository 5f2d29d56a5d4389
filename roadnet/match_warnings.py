"""How sure a match is, edge by edge, and what an officer should look at again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from roadnet.types import BoolArray, FloatArray, IndexArray

DOUBTFUL_BELOW: Final = 0.5  # confidence of an edge under which it is reported
_NEAR_M: Final = 10.0  # a drawn line is no nearer to its street than this, however sure
_SPREAD_M: Final = 25.0
_EXCESS_M: Final = 60.0  # a way this much longer or shorter than the line is two thirds wrong
_MARGIN: Final = 2.0  # even points that were all drawn agree with their neighbours: count them less


@dataclass(frozen=True, slots=True)
class MatchWarning:
    """Something about a stretch of a drawn line that a person should look at.

    Attributes
    ----------
    code
        `off_network`: no road near; `far`: the road is farther than a line is usually drawn;
        `doubtful`: another path fits nearly as well, or this one badly; `uturn`: the line turns
        round; `disconnected`: no road leads on, so that this part of the line is not in the path;
        `goods_banned`: lorries may not use the road; `closed`: nobody may; `over_limit`: the
        vehicle is too heavy, high or wide for it; `conditional`: lorries may only at times;
        `turn_banned`: lorries may not turn so.
    message
        The same for a human, with the place.
    from_m, to_m
        The stretch, metres along the line as drawn.
    """

    code: str
    message: str
    from_m: float
    to_m: float


def point_confidence(
    distance_m: FloatArray, turn_deg: FloatArray, margin: FloatArray
) -> FloatArray:
    """Say how sure each point's place on the path is.

    Parameters
    ----------
    distance_m
        (T,) from the point to its place on the path.
    turn_deg
        (T,) between the line's heading and the edge's; NaN where the line has none.
    margin
        (T,) log likelihood of the best path minus that of the best one that passes elsewhere.

    Returns
    -------
    FloatArray
        (T,) in [0, 1]; 0.5 when two paths fit equally well.
    """
    off = np.maximum(distance_m - _NEAR_M, 0.0) / _SPREAD_M
    along = np.cos(np.radians(np.where(np.isnan(turn_deg), 0.0, turn_deg)))
    agreement = np.clip((along + 0.7) / 1.4, 0.0, 1.0)
    alone = 1.0 - share_of(margin)
    return np.asarray(np.exp(-0.5 * off * off) * agreement * alone, dtype=np.float64)


def share_of(lost: FloatArray) -> FloatArray:
    """Turn log likelihoods that rivals lose to a path into their share beside it, in [0, 1]."""
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(lost / _MARGIN, -60.0, 60.0))))


def edge_confidence(
    sure: FloatArray, place: IndexArray, driven_m: FloatArray, line_m: FloatArray, edges: int
) -> FloatArray:
    """Say how sure each edge of a path is.

    Parameters
    ----------
    sure
        (T,) confidence of the points, T >= 1.
    place
        (T,) number of the edge that each point is on, in [0, edges); never falls.
    driven_m, line_m
        (T,) metres along the path and along the line of each point.
    edges
        Number of edges of the path.

    Returns
    -------
    FloatArray
        (edges,) in [0, 1]: the mean of the edge's points, or the lesser neighbour's, less where the
        way between two points is longer or shorter than the line.
    """
    excess = np.abs(np.diff(driven_m) - np.diff(line_m)) / _EXCESS_M
    gap = np.exp(-np.maximum(excess - 0.25, 0.0))
    number = np.arange(edges)
    after = np.searchsorted(place, number, side="left")
    beyond = np.searchsorted(place, number, side="right")
    many = beyond - after
    total = np.concatenate(([0.0], np.cumsum(sure)))
    mean = (total[beyond] - total[after]) / np.maximum(many, 1)
    last = sure.shape[0] - 1
    ahead, behind = np.minimum(after, last), np.maximum(after - 1, 0)
    between = np.minimum(sure[ahead], sure[behind])
    # The stretch of line that leads to the first point at or past the edge.
    led = np.where((after > 0) & (after <= last), np.append(gap, 1.0)[behind], 1.0)
    return np.asarray(np.clip(np.where(many > 0, mean, between) * led, 0.0, 1.0))


def runs(flags: BoolArray) -> list[tuple[int, int]]:
    """Return the stretches of successive true values, half-open, in order."""
    if not flags.any():
        return []
    change = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in change.reshape(-1, 2)]


def line_warnings(
    line_m: FloatArray, on_network: BoolArray, far_m: FloatArray, limit_m: float
) -> list[MatchWarning]:
    """Report the parts of a line without a road near, and those whose road is far.

    Parameters
    ----------
    line_m
        (T,) metres along the line of its points.
    on_network
        (T,) whether a point has any road near.
    far_m
        (T,) metres to the road it was matched to; 0 where it has none.
    limit_m
        Roads beyond are far.
    """
    middle = (line_m[1:] + line_m[:-1]) / 2.0
    edge_m = np.concatenate((line_m[:1], middle, line_m[-1:]))
    found = [
        MatchWarning(
            "off_network",
            f"no road near the line from {edge_m[a]:.0f} to {edge_m[b]:.0f} m",
            float(edge_m[a]),
            float(edge_m[b]),
        )
        for a, b in runs(~on_network)
    ]
    found += [
        MatchWarning(
            "far",
            f"the road is up to {far_m[a:b].max():.0f} m from the line "
            f"from {edge_m[a]:.0f} to {edge_m[b]:.0f} m",
            float(edge_m[a]),
            float(edge_m[b]),
        )
        for a, b in runs(far_m > limit_m)
    ]
    return found


def turn_warnings(line_m: FloatArray, turns: list[tuple[int, int]]) -> list[MatchWarning]:
    """Report where a line turns round, between points (first, last) at metres `line_m`."""
    return [
        MatchWarning(
            "uturn",
            f"the line turns round between {line_m[first]:.0f} and {line_m[last]:.0f} m",
            float(line_m[first]),
            float(line_m[last]),
        )
        for first, last in turns
    ]


def cut_off_warnings(spans: list[tuple[float, float]]) -> list[MatchWarning]:
    """Report the parts of a line, from and to in metres, that no road joins to the path."""
    return [
        MatchWarning(
            "disconnected",
            f"no road joins the line from {from_m:.0f} to {to_m:.0f} m to the rest of it; "
            "the path leaves it out",
            from_m,
            to_m,
        )
        for from_m, to_m in spans
    ]


def doubt_warnings(edge_line_m: FloatArray, confidence: FloatArray) -> list[MatchWarning]:
    """Report the edges of a path that are doubtful.

    Parameters
    ----------
    edge_line_m
        (k + 1,) metres along the line at which each edge begins, and the last ends.
    confidence
        (k,) as of `edge_confidence`.
    """
    return [
        MatchWarning(
            "doubtful",
            f"the path is doubtful from {edge_line_m[a]:.0f} to {edge_line_m[b]:.0f} m of the line "
            f"(confidence {confidence[a:b].min():.2f})",
            float(edge_line_m[a]),
            float(edge_line_m[b]),
        )
        for a, b in runs(confidence < DOUBTFUL_BELOW)
    ]
