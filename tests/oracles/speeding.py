"""Violations by speed by brute force; imports nothing of ours.

`city["metres"]` has the least metres from each camera record to each other; a clock is off by its
`clock_error_seconds` at most, by one if it states none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.oracles.judgement import covers_place, holds, is_open, judge, spell, status_at, warns

MICROSECOND = timedelta(microseconds=1)


def speeding(city: dict, hits: list[dict], sightings: dict) -> dict[int, dict]:
    """Return the drives that end at each violation by speed: `first` and `second` (instant, record, place).

    `sightings` has of each vehicle (instant, record, place) in order, without duplicates.
    """
    found = {}
    for (plate, plate_class), rows in sightings.items():
        instants = [row[0] for row in rows]
        for first, second in pairwise(rows):
            alone = all(instants.count(row[0]) == 1 for row in (first, second))
            if not alone or first[1] == second[1]:
                continue
            verdicts = [judge(city, hits[row[2]])["verdict"] for row in (first, second)]
            clocks_s = sum(
                city["cameras"][row[1]].get("clock_error_seconds") or 1 for row in (first, second)
            )
            us = (second[0] - first[0]) // MICROSECOND + int(1_000_000 * clocks_s)
            kmh = Fraction(3_600_000 * city["metres"][first[1]][second[1]], us) * 100 / 103
            named = forbids(city, (plate, plate_class), (first, second), verdicts, kmh)
            if verdicts[1] != "violation" and named is not None:
                found[second[2]] = {
                    "first": first,
                    "second": second,
                    "permit_id": named[0],
                    "grant": named[1],
                    "kmh": kmh,
                    "warning": warned(city, first, second),
                }
    return found


def forbids(
    city: dict, vehicle: tuple, ends: tuple, verdicts: list[str], kmh: Fraction
) -> tuple[str, int] | None:
    """Return the permit that a drive between two (instant, record) breaks by its speed, and the grant."""
    over = []
    for permit in sorted(city["permits"], key=lambda permit: permit["permit_id"]):
        means = any(
            spell(one["plate"]) == vehicle[0]
            and (one["plate_class"] == vehicle[1] or None in {one["plate_class"], vehicle[1]})
            for one in permit["vehicles"]
        )
        grants = [covering(city, permit, end[0], end[1]) for end in ends]
        if means and None not in grants:
            over.append((permit, grants[1]))
    confining = [one for one in over if one[0]["binding"] == "confines"]
    if not confining and verdicts != ["permitted", "permitted"]:
        return None
    over = confining or over
    limits = [permit.get("max_speed_kmh") for permit, _ in over]
    if not over or None in limits or kmh <= max(limits):
        return None
    permit, grant = over[limits.index(max(limits))]
    return permit["permit_id"], grant


def covering(city: dict, permit: dict, at: datetime, record: int) -> int | None:
    """Return the first grant of a permit in force that covers a camera record and an instant."""
    zone = ZoneInfo(city["timezone"])
    if status_at(permit, at) != "active" or not holds(permit, at, zone):
        return None
    civil = at.astimezone(zone).replace(tzinfo=None)
    return next(
        (
            number
            for number, grant in enumerate(permit["grants"])
            if covers_place(city, grant, record)
            and is_open(city, grant["schedule"], civil, city["grace_minutes"])
        ),
        None,
    )


def vehicle_of(hit: dict) -> tuple:
    return spell(hit["plate"]), hit["plate_class"]


def warned(city: dict, *ends: tuple) -> bool:
    """Tell whether one of the cameras of (instant, record, ...) is in its warning period."""
    zone = ZoneInfo(city["timezone"])
    return any(warns(city["cameras"][record], at, zone) for at, record, *_ in ends)
