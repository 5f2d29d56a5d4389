"""What an officer should look at again in a route through clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import haversine_m
from roadnet.match_warnings import MatchWarning
from roadnet.types import FLAG_NO_GOODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from roadnet.edge_path import Path
    from roadnet.graph import RoadGraph
    from roadnet.paths import Router
    from roadnet.types import FloatArray

_DETOUR_FACTOR: Final = 3.0  # a leg longer than this many times the straight line, and
_DETOUR_M: Final = 500.0  # this much more, is told
_PASSED_BY_M: Final = 12.0  # a click moved this much farther than to the nearest street is told


class Clicks(NamedTuple):
    """Where k clicks are (lon and lat), how far from their stops, and from the nearest street."""

    lonlat: FloatArray
    distance_m: FloatArray
    passed_by_m: FloatArray


def via_warnings(
    graph: RoadGraph,
    clicks: Clicks,
    legs: Sequence[Path | None],
    far_m: float,
    rules: Router | None,
    *,
    goods: bool,
) -> tuple[MatchWarning, ...]:
    """List the warnings of a route, in order along it.

    Parameters
    ----------
    graph
        The network.
    clicks
        The k clicks.
    legs
        The k - 1 ways between them, None where there is none.
    far_m
        A click farther from its street is told.
    rules
        What the vehicle may do, if the route need not keep to it.
    goods
        Whether it is a lorry.
    """
    lon, lat = clicks.lonlat[:, 0], clicks.lonlat[:, 1]
    straight_m = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    at_m = np.concatenate(([0.0], np.cumsum(straight_m)))
    found = list(_click_warnings(clicks, at_m, far_m))
    for place, leg in enumerate(legs):
        for code, message in _leg_warnings(
            graph, leg, float(straight_m[place]), rules, goods=goods
        ):
            text = f"between clicks {place + 1} and {place + 2}: {message}"
            found.append(MatchWarning(code, text, float(at_m[place]), float(at_m[place + 1])))
    found.sort(key=lambda warning: (warning.from_m, warning.to_m, warning.code))
    return tuple(found)


def is_detour(length_m: float, straight_m: float) -> bool:
    """Tell whether a way is far longer than the straight line."""
    return length_m > _DETOUR_FACTOR * straight_m + _DETOUR_M


def turns_round(graph: RoadGraph, leg: Path) -> bool:
    """Tell whether a way goes back along the street that it has come by."""
    return bool((graph.edge_reverse[leg.edges[:-1]] == leg.edges[1:]).any())


def _click_warnings(clicks: Clicks, at_m: FloatArray, far_m: float) -> Iterator[MatchWarning]:
    for place, metre in enumerate(at_m.tolist()):
        distance_m, passed_by_m = float(clicks.distance_m[place]), float(clicks.passed_by_m[place])
        if distance_m - passed_by_m > _PASSED_BY_M:
            message = (
                f"click {place + 1}: the nearest street is closed to the vehicle; the route "
                f"passes {distance_m:.0f} m from the click"
            )
            yield MatchWarning("closed", message, metre, metre)
        elif distance_m > far_m:
            message = f"click {place + 1} is {distance_m:.0f} m from the nearest street"
            yield MatchWarning("far", message, metre, metre)


def _leg_warnings(
    graph: RoadGraph, leg: Path | None, straight_m: float, rules: Router | None, *, goods: bool
) -> Iterator[tuple[str, str]]:
    """Give codes and messages of one leg."""
    if leg is None:
        yield "no_path", "no way leads from one to the other"
        return
    length_m = leg.length_m(graph)
    if is_detour(length_m, straight_m):
        yield "detour", f"the way is {length_m:.0f} m, {straight_m:.0f} m in a straight line"
    if turns_round(graph, leg):
        yield "uturn", "the way turns round"
    if rules is None:
        return
    no_goods = ((graph.edge_flags[leg.edges] & FLAG_NO_GOODS) != 0) & goods
    if no_goods.any():
        yield "goods_banned", "lorries may not use part of the way"
    if (~no_goods & ~np.isfinite(rules.cost[leg.edges])).any():
        yield "closed_edge", "part of the way is closed, or has a limit that the vehicle exceeds"
    if rules.turns.first_ban(leg.edges.tolist()) is not None:
        yield "banned_turn", "the way makes a turn that lorries may not make"
