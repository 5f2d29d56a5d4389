"""Schedules of the sample permits: the text, and the same hours in plain form for the truth.

The plain form is written by hand beside each text, so that the truth does not lean on the
schedule grammar that it is there to judge.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import chinese_calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEK: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WORK: Final = frozenset(WEEK[:5])
DAILY: Final = frozenset(WEEK)
DAY_MINUTES: Final = 1440


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `start` to `end` minutes of a day that `days` names; past 1440 is the next day."""

    days: frozenset[str]
    start: int
    end: int
    months: tuple[int, int] = (1, 12)
    dates: tuple[str, str] = ("0001-01-01", "9999-12-31")


@dataclass(frozen=True, slots=True)
class Hours:
    """One schedule: its opening_hours text, and what it means."""

    text: str
    spans: tuple[Span, ...]
    holidays_off: bool = False

    def intervals(self, day: dt.date) -> tuple[tuple[int, int], ...]:
        """Return open (start, end) in minutes from the midnight that begins `day`.

        Intervals that began the day before, or begin the day after, are there too.
        """
        return tuple(
            (span.start + DAY_MINUTES * shift, span.end + DAY_MINUTES * shift)
            for shift in (-1, 0, 1)
            for span in self._spans_of(day + dt.timedelta(days=shift))
        )

    def _spans_of(self, day: dt.date) -> Iterator[Span]:
        kind = day_kind(day)
        if kind == "PH" and self.holidays_off:
            return
        weekday = WEEK[day.weekday()]
        for span in self.spans:
            if kind == "PH":
                named = bool(span.days & {"PH", weekday})
            elif kind == "make-up":
                named = span.days >= WORK
            else:
                named = weekday in span.days
            in_season = span.months[0] <= day.month <= span.months[1]
            if named and in_season and span.dates[0] <= day.isoformat() <= span.dates[1]:
                yield span


def day_kind(day: dt.date) -> str:
    """Return ``PH`` for a day of a published holiday, ``make-up`` or ``ordinary`` for the others.

    Years without a published notice have ordinary days only.
    """
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return "ordinary"
    if off and name is not None:
        return "PH"
    return "make-up" if not off and day.weekday() >= 5 else "ordinary"


def _at(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _hours(
    text: str, *spans: tuple[frozenset[str], str, str], off: bool = False, **limits: tuple[int, int]
) -> Hours:
    read = []
    for days, start, end in spans:
        first, last = _at(start), _at(end)
        read.append(Span(days, first, last if last > first else last + DAY_MINUTES, **limits))
    return Hours(text, tuple(read), off)


_WEEKEND: Final = frozenset({"Sa", "Su"})

# (schedule, how many permits in a hundred have it)
PERMIT_HOURS: Final[tuple[tuple[Hours, float], ...]] = (
    (_hours("Mo-Fr 09:00-16:00; PH off", (WORK, "09:00", "16:00"), off=True), 11),
    (_hours("Mo-Fr 09:30-11:30,14:00-16:30; PH off", (WORK, "09:30", "11:30"), (WORK, "14:00", "16:30"), off=True), 7),
    (_hours("Mo-Sa 09:00-17:00", (DAILY - {"Su"}, "09:00", "17:00")), 8),
    (_hours("Mo-Sa 09:00-16:30; PH off", (DAILY - {"Su"}, "09:00", "16:30"), off=True), 6),
    (_hours("22:00-06:00", (DAILY, "22:00", "06:00")), 9),
    (_hours("23:00-05:00", (DAILY, "23:00", "05:00")), 4),
    (_hours("21:00-07:00", (DAILY, "21:00", "07:00")), 4),
    (_hours("00:00-06:00", (DAILY, "00:00", "06:00")), 2),
    (_hours("00:00-06:00,22:00-24:00", (DAILY, "00:00", "06:00"), (DAILY, "22:00", "24:00")), 3),
    (_hours("24/7", (DAILY, "00:00", "24:00")), 9),
    (_hours("06:00-22:00", (DAILY, "06:00", "22:00")), 5),
    (_hours("Mo-Fr 09:00-17:00,19:00-24:00; Sa,Su 00:00-24:00", (WORK, "09:00", "17:00"), (WORK, "19:00", "24:00"), (_WEEKEND, "00:00", "24:00")), 3),
    (_hours("Mo-Fr 05:00-07:00; Sa,Su 05:00-08:00", (WORK, "05:00", "07:00"), (_WEEKEND, "05:00", "08:00")), 3),
    (_hours("Tu,Th 09:00-16:00", (frozenset({"Tu", "Th"}), "09:00", "16:00")), 3),
    (_hours("Mo,We,Fr 13:00-17:00", (frozenset({"Mo", "We", "Fr"}), "13:00", "17:00")), 3),
    (_hours("Sa,Su 08:00-18:00", (_WEEKEND, "08:00", "18:00")), 2),
    (_hours("Sa,Su,PH 08:00-18:00", (_WEEKEND | {"PH"}, "08:00", "18:00")), 2),
    (_hours("PH 09:00-17:00", (frozenset({"PH"}), "09:00", "17:00")), 1),
    (_hours("Mo-Fr 22:30-05:30", (WORK, "22:30", "05:30")), 3),
    (_hours("10:00-15:00", (DAILY, "10:00", "15:00")), 4),
    (_hours("10:00-11:30,14:30-16:00,20:30-06:30", (DAILY, "10:00", "11:30"), (DAILY, "14:30", "16:00"), (DAILY, "20:30", "06:30")), 2),
    (_hours("04:30-06:45", (DAILY, "04:30", "06:45")), 2),
    (_hours("Mo-Fr 12:00-14:00", (WORK, "12:00", "14:00")), 2),
    (_hours("Mo-Fr 09:00-16:00; Sa 10:00-14:00; PH off", (WORK, "09:00", "16:00"), (frozenset({"Sa"}), "10:00", "14:00"), off=True), 3),
    (_hours("20:00-24:00", (DAILY, "20:00", "24:00")), 1),
    (_hours("Jan-Jun Mo-Fr 09:00-16:00", (WORK, "09:00", "16:00"), months=(1, 6)), 2),
    (_hours("Jul-Dec Mo-Fr 05:00-09:00", (WORK, "05:00", "09:00"), months=(7, 12)), 1),
    (_hours("off"), 0.3),
)  # fmt: skip

ALWAYS: Final = _hours("24/7", (DAILY, "00:00", "24:00"))

# Of the restrictions.
RING_DAY: Final = _hours("07:00-22:00", (DAILY, "07:00", "22:00"))
PEAKS: Final = _hours("Mo-Fr 07:00-09:00,17:00-19:00; PH off", (WORK, "07:00", "09:00"), (WORK, "17:00", "19:00"), off=True)  # fmt: skip
SCHOOL_RUNS: Final = _hours("Mo-Fr 07:00-08:30,16:30-18:00; PH off", (WORK, "07:00", "08:30"), (WORK, "16:30", "18:00"), off=True)  # fmt: skip
BRIDGE_DAY: Final = _hours("06:00-23:00", (DAILY, "06:00", "23:00"))
EMBANKMENT: Final = _hours("06:30-20:30", (DAILY, "06:30", "20:30"))
HOLIDAY_OUTINGS: Final = _hours("Sa,Su,PH 08:00-20:00", (_WEEKEND | {"PH"}, "08:00", "20:00"))
