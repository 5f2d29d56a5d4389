"""From unbroken stretches of edges along a line to one path: gaps are closed, dead ends given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.match_states import Stretch

if TYPE_CHECKING:
    from roadnet.match_network import Network
    from roadnet.match_states import States
    from roadnet.types import IndexArray

_BRIDGE_FACTOR: Final = 3.0  # a gap is closed by a way at most this often as long as the line there
_BRIDGE_M: Final = 1000.0  # and this much
# A way for which ends of the stretches are given up is as long as the line there, about so.
_CUT_SHARE: Final = 0.2
_CUT_M: Final = 200.0
_SKIPPED_M: Final = 1000.0  # so much of a line may be left out between two stretches that join
# Two detours like this within a few points: the line asks for what the roads forbid, such as
# driving against a one-way street, and the likeliest path runs round each block on the way.
_DETOUR_FACTOR: Final = 3.0
_DETOUR_M: Final = 150.0
_DETOUR_POINTS: Final = 5


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
    line_m = states.line[:, 3]
    joined = parts[:1]
    for part in parts[1:]:
        # A short stretch that leads nowhere may stand between two that are one way.
        skipped_m = 0.0
        for place in range(len(joined) - 1, -1, -1):
            whole = _bridge(network, states, joined[place], part)
            if whole is not None:
                joined[place:] = [whole]
                break
            skipped_m += float(line_m[joined[place].last] - line_m[joined[place].first])
            if skipped_m > _SKIPPED_M:
                joined.append(part)
                break
        else:
            joined.append(part)
    spans = [(float(line_m[part.first]), float(line_m[part.last])) for part in joined]
    best = max(range(len(joined)), key=lambda place: spans[place][1] - spans[place][0])
    return joined[best], [span for place, span in enumerate(spans) if place != best]


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
    """Close the gap between two stretches, None if no reasonable way leads over it.

    Where the end of the one or the begin of the other leads nowhere, as on the wrong one of two
    roads side by side, it is given up, as little of it as will do.
    """
    graph = network.router.graph
    line_m = states.line[:, 3]
    ends = before.last - before.first - _cuts(before.last - before.first)
    begins = _cuts(after.last - after.first)
    to_edge = np.array(after.edges, dtype=np.int64)[after.place[begins]]
    best: tuple[float, int, int, IndexArray] | None = None
    for end in ends.tolist():
        lost_m = float(line_m[before.last] - line_m[before.first + end])
        if best is not None and lost_m >= best[0]:
            break
        edge, offset_m = before.edges[int(before.place[end])], float(before.offset_m[end])
        left_m = float(network.length_m[edge]) - offset_m
        gap_m = line_m[after.first + begins] - line_m[before.first + end]
        whole = (begins == 0) & (lost_m == 0.0)
        most_m = np.where(
            whole, _BRIDGE_FACTOR * gap_m + _BRIDGE_M, (1.0 + _CUT_SHARE) * gap_m + _CUT_M
        )
        least_m = np.where(whole, 0.0, (1.0 - _CUT_SHARE) * gap_m - _CUT_M)
        tree = network.router.tree(int(graph.edge_to[edge]), float(most_m.max()))
        way_m = left_m + tree.cost[graph.edge_from[to_edge]] + after.offset_m[begins]
        for at in np.flatnonzero((way_m >= least_m) & (way_m <= most_m)).tolist():
            begin = int(begins[at])
            lost = lost_m + float(line_m[after.first + begin] - line_m[after.first])
            way = tree.path_to(int(graph.edge_from[to_edge[at]]))
            if way is not None and (best is None or lost < best[0]):
                best = (lost, end, begin, way.edges)
            break
    if best is None:
        return None
    _, end, begin, between = best
    before = _part(before, 0, end)
    after = _part(after, begin, after.last - after.first)
    edges = [*before.edges, *between.tolist(), *after.edges]
    # Points between the two were dropped: they wait at the end of the first.
    dropped = after.first - before.last - 1
    wait = np.full(dropped, len(before.edges) - 1, dtype=np.int32)
    moved = after.place + (len(edges) - len(after.edges))
    place = np.concatenate((before.place, wait, moved))
    wait_m = np.full(dropped, before.offset_m[-1])
    offsets_m = np.concatenate((before.offset_m, wait_m, after.offset_m))
    return Stretch(before.first, after.last, edges, place, offsets_m)


def _cuts(points: int) -> IndexArray:
    """Give how many points may be cut off a stretch of so many more than one: 0, 1, 2, 4, ..."""
    powers = 2 ** np.arange(max(int(points), 1).bit_length())
    return np.concatenate(([0], powers[powers <= points])).astype(np.int32)
