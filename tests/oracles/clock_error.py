"""Violations that are none while a clock is off as it may be, by brute force at every second.

Imports nothing of ours. What a city states begins and ends at whole seconds, half seconds or a
microsecond after a whole one, so that these instants and the ends stand for all between.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from tests.oracles.judgement import judge
from tests.oracles.speeding import covering, forbids, vehicle_of, warned

SECOND = timedelta(seconds=1)
BEHIND = (timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=500))


def error_of(city: dict, record: int) -> timedelta:
    """Return how far the clock of a camera record may be off."""
    return timedelta(seconds=city["cameras"][record].get("clock_error_seconds") or 1.0)


def instants(city: dict, at: datetime, record: int) -> list[datetime]:
    """Return the instants that a hit may really be of."""
    first, last = at - error_of(city, record), at + error_of(city, record)
    whole = first.replace(microsecond=0)
    every = [
        whole + n * SECOND + more for n in range((last - whole) // SECOND + 1) for more in BEHIND
    ]
    return [first, *(one for one in every if first < one < last), last]


def vanishes(city: dict, hit: dict, at: datetime, record: int) -> bool:
    """Tell whether a violation is none at an instant that the clock allows, or only there a warning."""
    now = judge(city, hit | {"captured_at": at.isoformat()})
    return any(
        then["verdict"] != "violation" or (then["warning"] and not now["warning"])
        for then in (
            judge(city, hit | {"captured_at": one.isoformat()})
            for one in instants(city, at, record)
        )
    )


def drive_vanishes(city: dict, hits: list[dict], drive: dict) -> bool:
    """Tell whether a drive is not forbidden, or only warned of, at instants that both clocks allow."""
    ends = [drive["first"], drive["second"]]
    differing = [
        {state_of(city, hits[end[2]], one, end): one for one in instants(city, end[0], end[1])}
        for end in ends
    ]
    return not all(
        stands(city, hits, drive, moved) for moved in product(*(one.values() for one in differing))
    )


def state_of(city: dict, hit: dict, at: datetime, end: tuple) -> tuple:
    """Return all that a limit asks of one end of a drive: hits that agree in it are alike."""
    grants = (covering(city, permit, at, end[1]) for permit in city["permits"])
    return moved_verdict(city, hit, at, end), *grants, warned(city, (at, end[1]))


def moved_verdict(city: dict, hit: dict, at: datetime, end: tuple) -> str:
    judged = judge(city, hit | {"captured_at": end[0].isoformat()})["vehicle_class"]
    moved = {"captured_at": at.isoformat(), "vehicle_class": judged, "confidence": None}
    return judge(city, hit | moved)["verdict"]


def stands(city: dict, hits: list[dict], drive: dict, moved: tuple[datetime, datetime]) -> bool:
    """Tell whether a drive is forbidden as well, and no warning more, if its hits were at other instants."""
    both = list(zip((drive["first"], drive["second"]), moved, strict=True))
    ends = tuple((at, end[1]) for end, at in both)
    verdicts = [moved_verdict(city, hits[end[2]], at, end) for end, at in both]
    only_then = warned(city, *ends) and not drive["warning"]
    vehicle = vehicle_of(hits[drive["second"][2]])
    return not only_then and forbids(city, vehicle, ends, verdicts, drive["kmh"]) is not None
