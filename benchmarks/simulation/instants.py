"""Dates and instants as the city's files write them, in China's civil time (no summer time)."""

from __future__ import annotations

import datetime as dt
from typing import Final

ZONE_NAME: Final = "Asia/Shanghai"
ZONE: Final = dt.timezone(dt.timedelta(hours=8))
NEVER_S: Final = float("inf")


def midnight_s(day: dt.date) -> float:
    """Return the Unix second at which a civil day begins."""
    return dt.datetime.combine(day, dt.time(), ZONE).timestamp()


def begin_s(text: str | None) -> float:
    """Return the Unix second from which a date or instant holds; None has always held."""
    if text is None:
        return -NEVER_S
    return _read(text).timestamp()


def end_s(text: str | None) -> float:
    """Return the Unix second until which a date (its day included) or instant holds."""
    if text is None:
        return NEVER_S
    whole_day = 86_400.0 if len(text) == 10 else 0.0
    return _read(text).timestamp() + whole_day


def stamp(day: dt.date, second: float) -> str:
    """Return the RFC 3339 instant `second` seconds after the midnight that begins `day`."""
    at = dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(seconds=round(second))
    return at.isoformat()


def _read(text: str) -> dt.datetime:
    if len(text) == 10:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), ZONE)
    return dt.datetime.fromisoformat(text)
