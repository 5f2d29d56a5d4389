"""Permits that the city's system learns of late."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from benchmarks.simulation.instants import begin_s, stamp

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.simulation.permits import Permit
    from benchmarks.simulation.reading import Rows

LATE: Final = 0.02  # of permits in force
LATE_HOURS: Final = (1.0, 48.0)


def record_at_once(permits: list[Permit]) -> None:
    """Let the city have known of everything always."""
    for permit in permits:
        permit.recorded_at = None
        permit.status = [(status, since, None) for status, since, _ in permit.status]


def record_late(
    permits: list[Permit], first_day: dt.date, days: int, random: np.random.Generator
) -> list[Permit]:
    """Grant one permit in fifty anew in office hours of one of the days, and record it late.

    Returns
    -------
    list of Permit
        Those recorded late, in force from their first status on.
    """
    active = [permit for permit in permits if permit.fate == "active" and permit.ways]
    chosen = random.permutation(len(active))[: max(1, round(LATE * len(active)))].tolist()
    late = [active[number] for number in chosen]
    for permit in late:
        day = first_day + dt.timedelta(days=int(random.integers(days)))
        granted_s = 3600.0 * float(random.uniform(8.0, 16.0))
        permit.status = [("active", stamp(day, granted_s), None)]
        delay_s = 3600.0 * float(random.uniform(*LATE_HOURS))
        permit.recorded_at = stamp(day, granted_s + delay_s)
    return late


def not_yet_recorded(rows: Rows, late: list[Permit], midnight_s: float) -> list[int]:
    """Return the rows of vehicles whose permit was in force and not yet recorded."""
    unknown: dict[int, list[tuple[float, float]]] = {}
    for permit in late:
        span = begin_s(permit.status[0][1]) - midnight_s, begin_s(permit.recorded_at) - midnight_s
        for vehicle in permit.vehicles:
            unknown.setdefault(vehicle, []).append(span)
    return [
        row
        for row, (vehicle, at_s) in enumerate(
            zip(rows.vehicle.tolist(), rows.true_s.tolist(), strict=True)
        )
        if any(since <= at_s < known for since, known in unknown.get(vehicle, ()))
    ]
