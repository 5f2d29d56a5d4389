"""What becomes of permits: their validity, and the history of their status up to the day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, TypeAlias

from benchmarks.simulation.instants import stamp

if TYPE_CHECKING:
    import numpy as np

# (status, from, recorded_at or None)
Entry: TypeAlias = tuple[str, str, str | None]

# Fates, in a hundred permits.
FATES: Final = {
    "active": 79.5,
    "expired": 4.5,
    "not_yet_valid": 2.0,
    "suspended": 3.0,
    "resumed": 2.5,
    "revoked": 2.2,
    "withdrawn": 1.5,
    "applied": 0.6,
    "rejected": 0.4,
    "withdrawn_early": 0.3,
    "suspended_today": 0.9,
    "revoked_today": 0.6,
    "approved_today": 0.8,
    "late_record": 0.7,
}
_NEVER_ACTIVE: Final = {"applied": None, "rejected": "rejected", "withdrawn_early": "withdrawn"}


def draw_validity(fate: str, day: dt.date, random: np.random.Generator) -> tuple[str, str | None]:
    """Return the dates from which and up to which a permit is valid."""

    def days(low: int, high: int) -> dt.timedelta:
        return dt.timedelta(days=int(random.integers(low, high)))

    if fate == "expired":
        ended = day - days(1, 120)
        return (ended - dt.timedelta(days=180)).isoformat(), ended.isoformat()
    if fate == "not_yet_valid":
        begins = day + days(1, 40)
        return begins.isoformat(), (begins + dt.timedelta(days=90)).isoformat()
    start, end = dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)
    if random.random() < 0.3:
        start = day - days(3, 60)
        end = start + days(64, 300)
    draw = random.random()
    if draw < 0.03:
        return start.isoformat(), day.isoformat()  # its last day, to midnight
    return start.isoformat(), None if draw < 0.05 else end.isoformat()


def draw_history(
    fate: str, valid_from: str, day: dt.date, random: np.random.Generator
) -> tuple[list[Entry], str | None]:
    """Return the status entries of a permit in order, and when the city came to know of it.

    Changes of the day itself come between ten and four; the other ones are older.
    """
    granted = dt.date.fromisoformat(valid_from) - dt.timedelta(days=int(random.integers(1, 20)))
    granted = min(granted, day - dt.timedelta(days=int(random.integers(2, 12))))
    office_s = float(random.integers(9 * 60, 17 * 60)) * 60.0
    applied = stamp(granted - dt.timedelta(days=int(random.integers(2, 14))), office_s)
    yesterday = day - dt.timedelta(days=1)
    recently = stamp(yesterday, office_s)
    midday = stamp(day, float(random.integers(10 * 60, 16 * 60)) * 60.0)
    if fate in _NEVER_ACTIVE:
        last = _NEVER_ACTIVE[fate]
        return [("applied", applied, None), *([(last, recently, None)] if last else [])], None
    history: list[Entry] = [("applied", applied, None)] if random.random() < 0.4 else []
    late = stamp(day + dt.timedelta(days=1), 10 * 3600.0)
    since = {"approved_today": midday, "late_record": recently}.get(fate, stamp(granted, office_s))
    # Approved yesterday, but in the system only after the day was swept.
    history.append(("active", since, late if fate == "late_record" else None))
    history += {
        "suspended": [("suspended", recently, None)],
        "revoked": [("revoked", recently, None)],
        "withdrawn": [("withdrawn", recently, None)],
        "suspended_today": [("suspended", midday, None)],
        "revoked_today": [("revoked", midday, None)],
        "resumed": [
            ("suspended", stamp(yesterday, 3600.0), None),
            ("active", stamp(yesterday, 80_000.0), None),
        ],
    }.get(fate, [])
    if random.random() < 0.5:
        return history, None
    keyed_in_s = min(86_000.0, office_s + float(random.integers(60, 7200)))
    return history, late if fate == "late_record" else stamp(granted, keyed_in_s)
