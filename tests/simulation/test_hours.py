"""The plain hours of the truth mean what the schedule texts say."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from benchmarks.simulation import hours
from enforcement.rules.calendars import DayKind, calendar_for
from enforcement.rules.schedules import compile_schedule

if TYPE_CHECKING:
    from benchmarks.simulation.hours import Hours

CALENDAR = calendar_for("CN")
EPOCH = dt.date(1970, 1, 1)
# Ordinary weeks, National Day with its make-up days, the Spring Festival, a month's turn, New Year.
DAYS = [
    dt.date(2026, month, 1) + dt.timedelta(days=day)
    for month, count in ((1, 10), (2, 28), (3, 31), (9, 30), (10, 14), (12, 31))
    for day in range(count)
]
TEXTS = [schedule for schedule, _ in hours.PERMIT_HOURS] + [
    hours.RING_DAY, hours.PEAKS, hours.SCHOOL_RUNS, hours.BRIDGE_DAY, hours.EMBANKMENT, hours.HOLIDAY_OUTINGS,
]  # fmt: skip


def test_day_kinds_are_those_of_the_calendar() -> None:
    kinds = {
        "ordinary": DayKind.ORDINARY,
        "PH": DayKind.PUBLIC_HOLIDAY,
        "make-up": DayKind.MAKEUP_WORKDAY,
    }
    for day in DAYS:
        assert kinds[hours.day_kind(day)] == CALENDAR.kind(day), day


@pytest.mark.parametrize("schedule", TEXTS, ids=lambda schedule: schedule.text)
def test_plain_form_is_the_text(schedule: Hours) -> None:
    compiled = compile_schedule(schedule.text, CALENDAR)
    for day in DAYS:
        number = (day - EPOCH).days
        spans = schedule.intervals(day)
        # Every edge of a span, a minute before it, and some minutes between.
        minutes = {0, 300, 719, 1000, 1439}
        minutes |= {edge + k for span in spans for edge in span for k in (-1, 0)}
        for minute in sorted(m for m in minutes if 0 <= m < hours.DAY_MINUTES):
            plain = any(start <= minute < end for start, end in spans)
            assert compiled.is_open(number, minute) == plain, (schedule.text, day, minute)
