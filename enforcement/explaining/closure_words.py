"""The doubt `detour` in words: which closure, which stretch of the route, until when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.doubts.detours import on_ways_round
from enforcement.matching.civil_words import date_and_clock, iso_utc
from enforcement.matching.wording import Step
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US
from roadnet.closures import ClosureReader

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage
    from enforcement.explaining.doubtful_hit import DoubtfulHit
    from enforcement.index.layout import Rules

_SEEN: Final = {  # by state: what other cameras saw decides
    "holds": ("", ""),
    "needs_hits": (
        "若其前后半小时内有其他摄像机拍到该车，而均不在该路线上，则不作为理由。",
        " It is no excuse if other cameras saw it within half an hour, and none on that route.",
    ),
    "does_not_hold": (
        "但其前后半小时内其他摄像机拍到该车，均不在该路线上，故不作为理由。",
        " But other cameras saw it within half an hour, and none on that route: no excuse.",
    ),
}


def detour_step(doubtful: DoubtfulHit, coverage: CityCoverage | None, state: str) -> Step:
    """Tell which closure put the camera on a way round, if one did.

    Parameters
    ----------
    doubtful
        The violation.
    coverage
        The city on its roads, for the streets that are closed; None where only rules are known.
    state
        Whether a closure excuses it, as of `enforcement.explaining.answers.Answers.state`.
    """
    rules = doubtful.rules
    rows = [
        row
        for row in range(rules.detour_closure.shape[0])
        if any(found.size for _, found in on_ways_round(_with_one(rules, row), doubtful.suspect))
    ]
    if not rows:
        return Step(
            "doubt_detour",
            "当时没有道路封闭使该摄像机处在许可路线的绕行道路上。",
            "No closure put this camera on a way round a permitted route then.",
            {"state": state},
        )
    closures = [_closure(doubtful, row, coverage) for row in rows]
    told = [_words(doubtful, row, one) for row, one in zip(rows, closures, strict=True)]
    more_zh, more_en = _SEEN[state]
    return Step(
        "doubt_detour",
        "".join(zh for zh, _ in told) + more_zh,
        " ".join(en for _, en in told) + more_en,
        {"state": state, "closures": closures},
    )


def _with_one(rules: Rules, row: int) -> Rules:
    """Return the rules as if one closure cut one route and there were no other."""
    closure, one = int(rules.detour_closure[row]), slice(row, row + 1)
    this = slice(closure, closure + 1)
    return replace(
        rules,
        closure_ids=rules.closure_ids[this],
        closure_from_us=rules.closure_from_us[this],
        closure_until_us=rules.closure_until_us[this],
        detour_closure=np.zeros(1, np.int32),
        detour_route=rules.detour_route[one],
        detour_camera_set=rules.detour_camera_set[one],
    )


def _closure(doubtful: DoubtfulHit, row: int, coverage: CityCoverage | None) -> dict[str, Any]:
    """Return a closure that excuses the violation as JSON values."""
    rules = doubtful.rules
    closure, route = int(rules.detour_closure[row]), int(rules.detour_route[row])
    begins, ends = int(rules.closure_from_us[closure]), int(rules.closure_until_us[closure])
    after_us = _after_us(rules)
    value = {
        "closure_id": rules.closure_ids[closure],
        "route_id": rules.route_ids[route],
        "closed_from": None if begins == ALWAYS_FROM_US else iso_utc(begins),
        "closed_until": None if ends == ALWAYS_UNTIL_US else iso_utc(ends),
        "excused_until": None if ends == ALWAYS_UNTIL_US else iso_utc(ends + after_us),
    }
    return value | _stretch(value["closure_id"], value["route_id"], coverage)


def _stretch(
    closure_id: str | None, route_id: str | None, coverage: CityCoverage | None
) -> dict[str, Any]:
    """Return which streets are closed to the route, and from where to where along it."""
    if coverage is None or route_id is None:
        return {"streets": None, "from_m": None, "to_m": None}
    graph, path = coverage.graph, coverage.routes[route_id].path
    reader = ClosureReader(graph, index=coverage.matcher.index)
    (drawn,) = (one for one in coverage.definition.closures if one.closure_id == closure_id)
    closed = reader.read(drawn.lonlat, both_directions=drawn.both_directions).edges
    places = np.flatnonzero(np.isin(path.edges, closed))
    begins = path.edge_begins_m(graph)
    last = int(places[-1])
    to_m = min(float(begins[last] + graph.edge_length_m[path.edges[last]]), path.length_m(graph))
    names = dict.fromkeys(graph.name(int(edge)) for edge in path.edges[places])
    return {
        "streets": [name for name in names if name],
        "from_m": round(max(0.0, float(begins[places[0]])), 1),
        "to_m": round(to_m, 1),
    }


def _words(doubtful: DoubtfulHit, row: int, one: dict[str, Any]) -> tuple[str, str]:
    """Return one sentence about a closure in each language."""
    rules = doubtful.rules
    closure = int(rules.detour_closure[row])
    begins, ends = int(rules.closure_from_us[closure]), int(rules.closure_until_us[closure])
    since = "" if one["closed_from"] is None else date_and_clock(doubtful.civil(begins))
    until = "" if one["closed_until"] is None else date_and_clock(doubtful.civil(ends))
    where_zh = where_en = ""
    if one["from_m"] is not None:
        streets_zh, streets_en = "、".join(one["streets"]), ", ".join(one["streets"])
        span = f"{one['from_m']:.0f}–{one['to_m']:.0f} m"
        where_zh = f"（{streets_zh + '，' if streets_zh else ''}路线的 {span}）"
        where_en = f" ({streets_en + ', ' if streets_en else ''}{span} along it)"
    when_zh = f"{f'自 {since} 起' if since else ''}{f'至 {until} ' if until else ''}"
    when_en = f"{f' from {since}' if since else ''}{f' until {until}' if until else ''}"
    excused_zh = excused_en = ""
    if until:
        last = date_and_clock(doubtful.civil(ends + _after_us(rules)))
        excused_zh, excused_en = f"，绕行可计至 {last}", f", which excuses until {last}"
    zh = (
        f"道路封闭 {one['closure_id']} {when_zh}截断许可路线 {one['route_id']}{where_zh}，"
        f"该摄像机在其开放的绕行道路上{excused_zh}。"
    )
    en = (
        f"Closure {one['closure_id']} cut permitted route {one['route_id']}{where_en}{when_en}; "
        f"this camera is on an open way round it{excused_en}."
    )
    return zh, en


def _after_us(rules: Rules) -> int:
    """Return how long after a closure ends a way round it is excused, microseconds."""
    return round(rules.judgement.detour_minutes * 60e6)
