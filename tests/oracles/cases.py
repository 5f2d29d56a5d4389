"""Which violations are one case, by comparing every two of them; imports nothing of ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

CONTINUOUS = {"name": "continuous", "gap_minutes": 30.0}


def first_of_case(policy: dict, rows: list[dict], zone: ZoneInfo) -> list[int | None]:
    """Return for each row the place of the row that its case begins with, None if it is held.

    A row has `vehicle`, `restriction`, `held` and `at`, an aware datetime; rows are in order of time.
    A policy has `gap_minutes`, None or missing for any time, and may have `same_restriction` and
    `same_day`.
    """
    first: list[int | None] = []
    for place, row in enumerate(rows):
        if row["held"] is not None:
            first.append(None)
            continue
        joined = (
            first[before]
            for before in range(place)
            if first[before] is not None and one_case(policy, rows[before], row, zone)
        )
        first.append(next(joined, place))
    return first


def one_case(policy: dict, before: dict, after: dict, zone: ZoneInfo) -> bool:
    """Tell whether two violations are one case by themselves, whatever was between them."""
    days = [row["at"].astimezone(zone).date() for row in (before, after)]
    gap = policy.get("gap_minutes")
    return (
        before["vehicle"] == after["vehicle"]
        and (gap is None or after["at"] - before["at"] <= timedelta(minutes=gap))
        and (not policy.get("same_restriction") or before["restriction"] == after["restriction"])
        and (not policy.get("same_day") or days[0] == days[1])
    )
