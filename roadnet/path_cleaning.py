"""What a matched path must lose: detours out and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray, IndexArray

_SPUR_M: Final = (
    40.0  # out and back by less is a slip of the hand, or a via point beyond the corner
)
TURN_REACH_M: Final = 25.0  # a line that comes this near the end of a street turns round there


@dataclass(slots=True)
class Track:
    """A path while it is being cleaned, and where the points of the line lie on it.

    Attributes
    ----------
    edges
        Contiguous edges.
    place
        (T,) int32, the index in `edges` that each point of the line is on; never falls.
    offset_m
        (T,) metres along that edge.
    turns
        Places of the line, as point numbers (first, last), at which it turns round.
    """

    edges: list[int]
    place: IndexArray
    offset_m: FloatArray
    turns: list[tuple[int, int]]


def remove_spurs(
    graph: RoadGraph, track: Track, banned_turns: IndexArray, turn_reach_m: float = TURN_REACH_M
) -> Track:
    """Drop edges driven out and straight back, unless the line plainly does so.

    A turn in mid-block cannot be written as whole edges: its out and back go too, and are noted
    in `turns`, as is a turn at the end of a street that stays.

    Parameters
    ----------
    graph
        The network.
    track
        The path as traced; consumed.
    banned_turns
        (b, 2) pairs of edges that must not follow each other: a spur that avoids one stays.
    turn_reach_m
        A line that comes this near to the end of a street turns round there.
    """
    edges = track.edges
    around = graph.edge_reverse[edges[:-1]] == edges[1:]
    if not around.any():
        return track
    place, offset_m = track.place.copy(), track.offset_m.copy()
    length_m = graph.edge_length_m
    kept: list[int] = []  # indices into `edges`
    turns = list(track.turns)
    banned = {(out, into) for out, into in banned_turns.tolist()}
    for index, edge in enumerate(edges):
        out = kept[-1] if kept else -1
        if out < 0 or graph.edge_reverse[edges[out]] != edge:
            kept.append(index)
            continue
        size = float(length_m[edge])
        on_out, on_back = place == out, place == index
        reach = max(
            float(offset_m[on_out].max(initial=0.0)),
            float((size - offset_m[on_back]).max(initial=0.0)),
        )
        if index - out > 1:  # an inner spur is gone: the line went to the end of this edge
            reach = size
        points = np.flatnonzero(on_out | on_back)
        span = (int(points[0]), int(points[-1])) if points.shape[0] > 0 else None
        first, last = out == kept[0], index == len(edges) - 1
        inner = len(kept) > 1 and index + 1 < len(edges)
        meant = inner and (edges[kept[-2]], edges[index + 1]) in banned
        if meant or (reach >= size - turn_reach_m and size > _SPUR_M):
            kept.append(index)
            if span is not None:
                turns.append(span)
            continue
        if span is not None and reach > _SPUR_M and not (first and last):
            turns.append(span)
        if last:
            # The path ends where it turned.
            place[on_back] = out
            offset_m[on_back] = reach
            continue
        kept.pop()
        if not kept or first:
            # The path begins where it turned.
            kept.append(index)
            place[on_out] = index
            offset_m[on_out] = size - reach
            continue
        place[on_out | on_back] = kept[-1]
        offset_m[on_out | on_back] = length_m[edges[kept[-1]]]
    number = np.full(len(edges), -1, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    return Track([edges[index] for index in kept], number[place], offset_m, turns)
