"""Schedules compiled: opening_hours text and a calendar to a minute bitmap for every civil day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from opening_hours import State

from enforcement.rules.calendars import FIRST_DATE, LAST_DATE, Calendar, DayKind
from enforcement.rules.schedule_doubts import schedule_warnings
from enforcement.rules.schedule_text import (
    ScheduleError,
    ScheduleText,
    library_schedule,
    read_schedule_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = [
    "DAY_COUNT",
    "FIRST_DAY",
    "LAST_DAY",
    "MINUTES",
    "WORDS",
    "CompiledSchedule",
    "ScheduleError",
    "compile_schedule",
    "schedule_warnings",
]

_EPOCH: Final = date(1970, 1, 1)
FIRST_DAY: Final = (FIRST_DATE - _EPOCH).days  # days since 1970-01-01
LAST_DAY: Final = (LAST_DATE - _EPOCH).days
DAY_COUNT: Final = LAST_DAY - FIRST_DAY + 1
MINUTES: Final = 1440
WORDS: Final = 23  # 64-bit words that hold a day's minutes

_OPEN_ALL_DAY: Final = (1 << MINUTES) - 1
_DATES: Final = tuple(FIRST_DATE + timedelta(days=i) for i in range(-1, DAY_COUNT + 1))
_KINDS: Final = len(DayKind)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledSchedule:
    """One schedule under one calendar, widened by grace.

    Attributes
    ----------
    text, grace_minutes
        What it was compiled from.
    day_pattern
        uint16[DAY_COUNT], read-only: the pattern of civil day d is ``day_pattern[d - FIRST_DAY]``,
        days since 1970-01-01.
    patterns
        uint64[p, 23], read-only, distinct, in the order of their bits read as a number: minute m
        of the civil day is open if bit ``m % 64`` of word ``m // 64`` is set.
    """

    text: str
    grace_minutes: int
    day_pattern: npt.NDArray[np.uint16]
    patterns: npt.NDArray[np.uint64]

    def is_open(self, day: int, minute: int) -> bool:
        """Say whether the civil minute `minute` of `day` (days since 1970-01-01) is open.

        Raises
        ------
        IndexError
            `day` is outside FIRST_DAY to LAST_DAY, or `minute` outside 0 to 1439.
        """
        if not (FIRST_DAY <= day <= LAST_DAY and 0 <= minute < MINUTES):
            raise IndexError(f"day {day}, minute {minute} is outside the compiled range")
        word = int(self.patterns[self.day_pattern[day - FIRST_DAY], minute // 64])
        return bool(word >> (minute % 64) & 1)

    @property
    def never_opens(self) -> bool:
        """Whether no minute of any day is open."""
        return not self.patterns.any()


@lru_cache(maxsize=1024)
def compile_schedule(text: str, calendar: Calendar, grace_minutes: int = 0) -> CompiledSchedule:
    """Compile an opening_hours text for every civil day from 1969-12-31 to 2100-01-01.

    Parameters
    ----------
    text
        opening_hours grammar, without sunrise and sunset and without school holidays.
    calendar
        Public holidays and make-up working days. ``Mo-Fr`` still holds on a holiday unless a
        later rule says otherwise; on a make-up working day a selector that names all of Monday to
        Friday holds, and ``Sa``, ``Su``, ``PH`` and other parts of a week do not.
    grace_minutes
        Minutes added before and after each open interval, across midnights, on the civil clock;
        at most 1440.

    Returns
    -------
    CompiledSchedule
        Shared between callers with equal arguments. A minute in the library's state ``unknown``
        is not open.

    Raises
    ------
    ScheduleError
        `text` cannot be read; says the column and what was expected there.
    ValueError
        `grace_minutes` is out of range.
    """
    if not 0 <= grace_minutes <= MINUTES:
        raise ValueError(f"grace_minutes is {grace_minutes}, expected 0 to {MINUTES}")
    parsed = read_schedule_text(text)
    plan = (_weekly if parsed.is_weekly else _dated)(parsed, calendar)
    classes, class_bits = _widen(plan, grace_minutes) if grace_minutes else plan
    distinct = sorted(set(class_bits))
    place = {bits: i for i, bits in enumerate(distinct)}
    lookup = np.array([place[bits] for bits in class_bits], dtype=np.uint16)
    patterns = np.frombuffer(
        b"".join(bits.to_bytes(WORDS * 8, "little") for bits in distinct), dtype="<u8"
    ).reshape(-1, WORDS)
    day_pattern = lookup[classes.of_day[1:-1]]
    day_pattern.flags.writeable = False
    return CompiledSchedule(text, grace_minutes, day_pattern, patterns)


# Days below carry one day of margin at both ends (`_DATES`): grace looks at both neighbours.


@dataclass(frozen=True, slots=True, eq=False)
class _DayClasses:
    """The class of every day of `_DATES`; days of one class have the same hours."""

    of_day: npt.NDArray[np.intp]


# The classes of the days, and the open minutes of each class as the bits of an int.
_Plan: TypeAlias = tuple[_DayClasses, tuple[int, ...]]


def _weekly(parsed: ScheduleText, calendar: Calendar) -> _Plan:
    """Plan a text that looks at weekdays and kinds of days only: one question a class."""
    classes, examples = _week_classes(calendar)
    ask = _asker(parsed, calendar)
    return classes, tuple(ask(_DATES[i]) for i in examples)


@lru_cache(maxsize=64)
def _week_classes(calendar: Calendar) -> tuple[_DayClasses, tuple[int, ...]]:
    """Class the days by weekday, kind and the kind of the day before, with an example of each."""
    kinds = np.array([calendar.kind(day) for day in _DATES], dtype=np.intp)
    before = np.concatenate(([calendar.kind(_DATES[0] - timedelta(days=1))], kinds[:-1]))
    weekdays = (np.arange(len(_DATES)) + _DATES[0].weekday()) % 7
    _, examples, of_day = np.unique(
        (weekdays * _KINDS + kinds) * _KINDS + before, return_index=True, return_inverse=True
    )
    return _DayClasses(of_day.reshape(-1)), tuple(examples.tolist())


@lru_cache(maxsize=64)
def _dated(parsed: ScheduleText, calendar: Calendar) -> _Plan:
    """Plan a text with dates in it: one pass over all days, then each special day by itself."""
    bits = _enumerate(parsed.ordinary())
    if parsed.segments:
        ask = _asker(parsed, calendar)
        for i in _special_places(parsed, calendar):
            bits[i] = ask(_DATES[i])
    place: dict[int, int] = {}
    of_day = np.array([place.setdefault(b, len(place)) for b in bits], dtype=np.intp)
    return _DayClasses(of_day), tuple(place)


def _special_places(parsed: ScheduleText, calendar: Calendar) -> list[int]:
    """Return the places in `_DATES` of the days on which, or before which, the calendar counts."""
    offsets = {0}.union(*(segment.holiday_offsets for segment in parsed.segments))
    touched = {
        (day - _DATES[0]).days + offset + later
        for day in calendar.holidays | calendar.makeup_workdays
        for offset in offsets
        for later in (0, 1)
    }
    return sorted(i for i in touched if 0 <= i < len(_DATES))


def _asker(parsed: ScheduleText, calendar: Calendar) -> Callable[[date], int]:
    """Return what says the open minutes of one day, next to holidays or not."""
    ordinary = parsed.ordinary()
    always = any(any(segment.holiday_offsets) for segment in parsed.segments)

    def ask(day: date) -> int:
        near = always or any(
            calendar.kind(d) is not DayKind.ORDINARY for d in (day - timedelta(days=1), day)
        )
        return _open_minutes(parsed.on(day, calendar) if near else ordinary, day)

    return ask


def _open_minutes(text: str, day: date) -> int:
    """Ask the library for the open minutes of one day."""
    start = datetime.combine(day, time())
    bits = 0
    for opens, closes, state, _ in library_schedule(text).intervals(
        start, start + timedelta(days=1)
    ):
        if state is State.OPEN:
            first, last = _minutes_since(start, opens), _minutes_since(start, closes)
            bits |= (1 << last) - (1 << first)
    return bits & _OPEN_ALL_DAY


def _enumerate(text: str) -> list[int]:
    """Ask the library for the open minutes of every day of `_DATES`."""
    if "||" in text or "48:00" in text:
        # Over many days the library may take a fallback rule, or hours that fill the whole of the
        # next day, for ones that never end; asked for single days it is right, and three times as
        # slow.
        return [_open_minutes(text, day) for day in _DATES]
    start = datetime.combine(_DATES[0], time())
    bits = [0] * len(_DATES)
    for opens, closes, state, _ in library_schedule(text).intervals(
        start, start + timedelta(days=len(_DATES))
    ):
        if state is not State.OPEN:
            continue
        first_day, first = divmod(_minutes_since(start, opens), MINUTES)
        last_day, last = divmod(_minutes_since(start, closes), MINUTES)
        if first_day == last_day:
            bits[first_day] |= (1 << last) - (1 << first)
            continue
        bits[first_day] |= _OPEN_ALL_DAY - (1 << first) + 1
        bits[first_day + 1 : last_day] = [_OPEN_ALL_DAY] * (last_day - first_day - 1)
        if last:
            bits[last_day] |= (1 << last) - 1
    return bits


def _minutes_since(start: datetime, instant: datetime) -> int:
    elapsed = instant - start
    return elapsed.days * MINUTES + elapsed.seconds // 60


def _widen(plan: _Plan, grace_minutes: int) -> _Plan:
    """Widen every open interval at both ends; a day depends on itself and its two neighbours."""
    classes, bits = plan
    widened_classes, neighbours = _neighbour_classes(classes)
    widened = []
    for before, day, after in neighbours:
        span = bits[before] | bits[day] << MINUTES | bits[after] << 2 * MINUTES
        widened.append(_spread(span, grace_minutes) >> MINUTES & _OPEN_ALL_DAY)
    return widened_classes, tuple(widened)


@lru_cache(maxsize=64)
def _neighbour_classes(classes: _DayClasses) -> tuple[_DayClasses, list[tuple[int, int, int]]]:
    """Class the days by the classes of the day before, the day and the day after.

    Beyond the margins the outermost day is taken to repeat.
    """
    day = classes.of_day
    count = int(day.max()) + 1
    before = np.concatenate((day[:1], day[:-1]))
    after = np.concatenate((day[1:], day[-1:]))
    codes, of_day = np.unique((before * count + day) * count + after, return_inverse=True)
    return _DayClasses(of_day.reshape(-1)), [
        (code // count // count, code // count % count, code % count) for code in codes.tolist()
    ]


def _spread(bits: int, minutes: int) -> int:
    """Set every bit within `minutes` of a set bit; bits pushed below 0 are lost."""
    done = 0
    while done < minutes:
        step = min(done + 1, minutes - done)
        bits |= bits << step | bits >> step
        done += step
    return bits
