"""What on a path is forbidden to the vehicle that is to drive it, or may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from roadnet.match_warnings import MatchWarning, runs
from roadnet.types import FLAG_NO_GOODS
from roadnet.vehicles import Vehicle, forbidden_edges, over_limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray, FloatArray, IndexArray

Bans: TypeAlias = Literal["report", "respect"]


@dataclass(frozen=True, slots=True, eq=False)
class PathRules:
    """What a vehicle must not drive on one network.

    Attributes
    ----------
    goods
        Whether it is a goods vehicle.
    closed
        (m,) edges that nobody may drive.
    over_limit
        (m,) edges whose limit of weight, height or width it exceeds.
    forbidden
        (m,) edges that a path must not have; None: it may have all, which are reported then.
    begins_ban
        (m,) edges at which a forbidden sequence of edges begins.
    banned_turns
        (b, 2) int32, ascending: pairs of edges that a path must not have one after the other.
    """

    goods: bool
    closed: BoolArray
    over_limit: BoolArray
    forbidden: BoolArray | None
    begins_ban: BoolArray
    banned_turns: IndexArray


def path_rules(
    graph: RoadGraph,
    vehicle: Vehicle | None,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None,
    bans: Bans,
) -> PathRules:
    """Gather what a path must not have, or what of it is to be told.

    Parameters
    ----------
    graph
        The network.
    vehicle
        What drives; None: a lorry of unknown size.
    closed_edges
        Indices of edges that nobody may drive.
    bans
        `respect`: no path has a forbidden edge or turn; `report`: it may, and is told.
    """
    drives = Vehicle() if vehicle is None else vehicle
    closed = np.zeros(graph.edge_count, dtype=np.bool_)
    if closed_edges is not None:
        closed[np.fromiter(closed_edges, dtype=np.int64)] = True
    begins_ban = np.zeros(graph.edge_count, dtype=np.bool_)
    turns: list[tuple[int, ...]] = []
    forbidden = None
    if drives.goods:
        begins_ban[graph.ban_edges[graph.ban_offsets[:-1]]] = True
    if bans == "respect":
        forbidden = forbidden_edges(graph, drives, np.flatnonzero(closed))
        if drives.goods:
            turns = [ban for ban in graph.bans() if len(ban) == 2]
    return PathRules(
        goods=drives.goods,
        closed=closed,
        over_limit=over_limit(graph, drives),
        forbidden=forbidden,
        begins_ban=begins_ban,
        banned_turns=np.array(turns, dtype=np.int32).reshape(-1, 2),
    )


def rule_warnings(
    graph: RoadGraph, rules: PathRules, edges: IndexArray, edge_line_m: FloatArray
) -> list[MatchWarning]:
    """Report what of a path is forbidden, or forbidden at times.

    Parameters
    ----------
    graph, rules
        The network, and what applies on it.
    edges
        (k,) of the path.
    edge_line_m
        (k + 1,) metres along the line at which each edge begins, and the last ends.
    """
    flags: list[tuple[str, str, BoolArray]] = [
        ("closed", "the road is closed", rules.closed[edges]),
        ("over_limit", "the vehicle exceeds a limit of the road", rules.over_limit[edges]),
    ]
    if rules.goods:
        banned = (graph.edge_flags[edges] & FLAG_NO_GOODS) != 0
        flags.insert(0, ("goods_banned", "lorries may not use the road", banned))
        condition = graph.edge_condition[edges]
        for number in np.unique(condition[condition > 0]).tolist():
            text = f"lorries may use the road only as {graph.conditions[number]!r} says"
            flags.append(("conditional", text, condition == number))
    found = []
    for code, text, flagged in flags:
        for a, b in runs(flagged):
            from_m, to_m = float(edge_line_m[a]), float(edge_line_m[b])
            street = _streets(graph, edges[a:b])
            place = f"from {from_m:.0f} to {to_m:.0f} m of the line"
            found.append(MatchWarning(code, f"{text}{street} {place}", from_m, to_m))
    found += _turn_warnings(graph, rules, edges, edge_line_m)
    return found


def _turn_warnings(
    graph: RoadGraph, rules: PathRules, edges: IndexArray, edge_line_m: FloatArray
) -> list[MatchWarning]:
    """Report the forbidden sequences of edges that a path has."""
    at = np.flatnonzero(rules.begins_ban[edges])
    if at.shape[0] == 0:
        return []
    first = graph.ban_edges[graph.ban_offsets[:-1]]
    driven = edges.tolist()
    found = []
    for place in at.tolist():
        for ban in np.flatnonzero(first == driven[place]).tolist():
            sequence = graph.ban_edges[graph.ban_offsets[ban] : graph.ban_offsets[ban + 1]].tolist()
            if driven[place : place + len(sequence)] != sequence:
                continue
            from_m = float(edge_line_m[place + 1])
            to_m = float(edge_line_m[place + len(sequence) - 1])
            into = _streets(graph, edges[place + len(sequence) - 1 :][:1], "into ")
            out = _streets(graph, edges[place : place + 1], "from ")
            found.append(
                MatchWarning(
                    "turn_banned",
                    f"lorries may not turn{out}{into} at {from_m:.0f} m of the line",
                    from_m,
                    to_m,
                )
            )
    return found


def _streets(graph: RoadGraph, edges: IndexArray, word: str = "") -> str:
    """Name the streets of some edges in brackets, or after a word; nothing where they have none."""
    names = sorted({graph.name(int(edge)) for edge in edges} - {""})
    if not names:
        return ""
    return f" {word}{', '.join(names)}" if word else f" ({', '.join(names)})"
