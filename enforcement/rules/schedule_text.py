"""The text of a schedule: its weekday and holiday selectors, and its errors in words.

The grammar itself is the library's (opening-hours-py). It knows no calendar of ours, so this
module finds the selectors that depend on one, says on which days they hold, and writes the text
that asks the library about one single day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined] # its stubs leave it out

from enforcement.errors import EnforcementError
from enforcement.rules.calendars import Calendar, DayKind

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WORKWEEK: Final = frozenset(range(5))

_MONTHS: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_WEEKDAY: Final = r"(?i:Mo|Tu|We|Th|Fr|Sa|Su)(?![A-Za-z])"
_OFFSET: Final = r"(?: ?[+-] ?\d+ ?(?i:days?))"
_WEEKDAY_ITEM: Final = rf"{_WEEKDAY}(?:\[[-0-9,]+\]{_OFFSET}?|-{_WEEKDAY})?"
_HOLIDAY_ITEM: Final = rf"(?:PH|SH)(?![A-Za-z]){_OFFSET}?"
_ITEM: Final = rf"(?:{_WEEKDAY_ITEM}|{_HOLIDAY_ITEM})"

# One pass over a text: comments and dates such as `Oct Su[-1]` are stepped over, so that what
# looks like a weekday in them is left alone; a comma with a blank after it begins another rule.
_TOKEN: Final = re.compile(
    rf'(?P<comment>"[^"]*")'
    rf"|(?P<date>(?i:{_MONTHS}) {_WEEKDAY}\[-?\d\]{_OFFSET}?)"
    rf"|(?P<sun>(?i:sunrise|sunset|dawn|dusk))"
    rf"|(?<![A-Za-z0-9])(?P<segment>{_ITEM}(?:[, ]{_ITEM})*)"
)
_SPLIT_ITEM: Final = re.compile(
    rf"(?P<glue>[, ]?)(?:(?P<weekday>{_WEEKDAY_ITEM})|(?P<holiday>{_HOLIDAY_ITEM}))"
)
_WEEKDAY_PARTS: Final = re.compile(
    rf"(?P<first>\w\w)(?:-(?P<last>\w\w)|\[(?P<nth>[-0-9,]+)\](?P<offset>{_OFFSET})?)?"
)
_PARSER_PLACE: Final = re.compile(r"--> \d+:(\d+)")

_WORDS_AT_MOST: Final = 4  # of what could stand at a column; the first of these are the likeliest
_IN_WORDS: Final = {
    "extended_time": "a time of day such as 16:00, at most 48:00",
    "hour_minutes": "a time of day such as 09:00",
    "minute": "two digits of minutes, 00 to 59",
    "timespan_plus": "`-` and a closing time such as -16:00",
    "timespan": "hours such as 09:00-16:00",
    "small_range_selectors": "weekdays or hours such as Mo-Fr 09:00-16:00",
    "wday": "a weekday such as Mo",
    "nth_entry": "a number 1 to 5 or -1 to -5",
    "holiday": "`PH`",
    "always_open": "`24/7`",
    "monthday_range": "a date such as Mar 01-Oct 31",
    "rules_modifier": "`open`, `off` or `unknown`",
    "additional_rule_separator": "`, `",
    "fallback_rule_separator": "`||`",
    "any_rule_separator": "`;`",
    "normal_rule_separator": "`;`",
    "week_selector": "`week`",
    "weeknum": "a week, 1 to 53",
    "month": "a month such as Mar",
    "daynum": "a day of the month",
    "date_to": "a closing date",
    "year": "a year such as 2026",
    "variable_date": "`easter`",
    "date_offset": "an offset such as +1 day",
    "day_offset": "an offset such as +1 day",
    "positive_number": "a number",
    "plus_or_minus": "`+` or `-`",
    "comment": "a comment in double quotes",
    "comment_inner": "words of a comment",
    "monthday_range_plus": "`+`",
    "year_range_plus": "`+`",
    "EOI": "the end of the text",
}


class ScheduleError(EnforcementError):
    """A schedule that cannot be read.

    Attributes
    ----------
    text
        The schedule.
    column
        Where it breaks, in characters from 1.
    expected
        What was expected there, in words.
    """

    def __init__(self, text: str, column: int, expected: str, found: str = "") -> None:
        seen = f"found {found}, " if found else ""
        super().__init__("schedule", f"schedule `{text}`: column {column}: {seen}{expected}")
        self.text = text
        self.column = column
        self.expected = expected


@dataclass(frozen=True, slots=True)
class WeekdayItem:
    """Weekdays as one item names them: ``Mo-Fr``, ``Sa``, ``Mo[1,-1] +2 days``."""

    weekdays: frozenset[int]
    nth: tuple[int, ...] = ()
    offset_days: int = 0

    def holds(self, day: date) -> bool:
        """Say whether the item names `day` by the plain calendar, holidays disregarded."""
        if not self.nth:
            return day.weekday() in self.weekdays
        named = day - timedelta(days=self.offset_days)
        if named.weekday() not in self.weekdays:
            return False
        from_start = (named.day - 1) // 7 + 1
        from_end = -((monthrange(named.year, named.month)[1] - named.day) // 7 + 1)
        return from_start in self.nth or from_end in self.nth


@dataclass(frozen=True, slots=True)
class Segment:
    """One weekday and holiday selector of a text, ``Mo-Fr,PH``, at ``text[start:end]``.

    `both` is set for ``PH Mo-Fr``: the public holidays that fall on those weekdays.
    """

    start: int
    end: int
    weekday_items: tuple[WeekdayItem, ...]
    holiday_offsets: tuple[int, ...]
    both: bool

    @property
    def plain_weekdays(self) -> frozenset[int]:
        """Weekdays that the segment names every week."""
        return frozenset().union(*(i.weekdays for i in self.weekday_items if not i.nth))

    @property
    def is_weekly(self) -> bool:
        """Whether the weekday and the kind of a day decide, not its date."""
        return not any(self.holiday_offsets) and not any(i.nth for i in self.weekday_items)

    def holds(self, day: date, calendar: Calendar) -> bool:
        """Say whether the segment names `day`.

        On a make-up working day weekdays hold only where all of Monday to Friday is named: which
        one of them the day makes up for, the notice does not say.
        """
        holiday = any(
            calendar.kind(day - timedelta(days=offset)) is DayKind.PUBLIC_HOLIDAY
            for offset in self.holiday_offsets
        )
        if calendar.kind(day) is DayKind.MAKEUP_WORKDAY:
            weekday = self.plain_weekdays >= WORKWEEK
        else:
            weekday = any(item.holds(day) for item in self.weekday_items)
        return (weekday and holiday) if self.both else (weekday or holiday)


@dataclass(frozen=True, slots=True)
class ScheduleText:
    """A text that the library reads, and the segments in it that depend on the calendar.

    Attributes
    ----------
    text
        As written.
    segments
        In the order of the text.
    is_weekly
        Whether the answer for a day depends on nothing but the weekdays and the kinds of that
        day and the day before it.
    """

    text: str
    segments: tuple[Segment, ...]
    is_weekly: bool

    def ordinary(self) -> str:
        """Return what the library is asked on days that no holiday touches.

        The library reads ``PH Mo-Fr`` as either; away from holidays it must hold on no day, as
        ``PH`` does without a country.
        """
        return self._written("PH" if s.both else self.text[s.start : s.end] for s in self.segments)

    def on(self, day: date, calendar: Calendar) -> str:
        """Return what the library is asked for `day` alone, next to holidays or make-up days.

        The library looks at `day` and, for spans past midnight, at the day before. Each segment
        is written as those of the two that it names; if none, as a weekday that neither is.
        """
        before = day - timedelta(days=1)
        neither = WEEKDAYS[(day.weekday() + 2) % 7]
        return self._written(
            ",".join(WEEKDAYS[d.weekday()] for d in (before, day) if s.holds(d, calendar))
            or neither
            for s in self.segments
        )

    def _written(self, replacements: Iterator[str]) -> str:
        pieces: list[str] = []
        at = 0
        for segment, replacement in zip(self.segments, replacements, strict=True):
            pieces += (self.text[at : segment.start], replacement)
            at = segment.end
        return "".join((*pieces, self.text[at:]))


def library_schedule(text: str) -> OpeningHours:
    """Return the library's schedule without country, place or zone: PH never holds in it.

    Raises
    ------
    ScheduleError
        The library cannot read `text`.
    """
    try:
        return OpeningHours(text, auto_country=False, auto_timezone=False)
    except ParserError as error:
        raise _in_words(text, str(error)) from error


@lru_cache(maxsize=4096)
def read_schedule_text(text: str) -> ScheduleText:
    """Check a text and find the segments in it that depend on the calendar.

    Raises
    ------
    ScheduleError
        The library cannot read `text`, or it depends on what a city does not state: school
        holidays (``SH``) or the sun.
    """
    if not text.strip():
        raise ScheduleError(text, 1, "expected hours such as Mo-Fr 09:00-16:00, or 24/7", "nothing")
    library_schedule(text)
    segments = []
    rest = []
    at = 0
    for token in _TOKEN.finditer(text):
        rest.append(text[at : token.start()])
        at = token.end()
        if token["sun"]:
            raise ScheduleError(
                text, token.start() + 1, "expected hours written as 06:00", f"`{token['sun']}`"
            )
        if token["date"]:
            rest.append(token["date"])
        if token["segment"]:
            segments.append(_segment(text, token.start(), token.end()))
    rest.append(text[at:])
    # What is left of a weekly text is times, modifiers and separators: a letter that begins no
    # modifier, or four digits in a row, is a month, a week, Easter or a year.
    left = re.sub(r"(?i)\b(?:open|closed|off|unknown)\b", "", "".join(rest))
    is_weekly = not re.search(r"[A-Za-z]|\d{4}", left) and all(s.is_weekly for s in segments)
    return ScheduleText(text, tuple(segments), is_weekly)


def _segment(text: str, start: int, end: int) -> Segment:
    weekday_items: list[WeekdayItem] = []
    offsets: list[int] = []
    both = False
    for item in _SPLIT_ITEM.finditer(text, start, end):
        column = item.start() + len(item["glue"]) + 1
        if item["holiday"]:
            if item["glue"] == " ":
                raise ScheduleError(
                    text,
                    column,
                    "expected a comma before it (either of both), or PH first (PH Mo-Fr: holidays "
                    "that fall on those weekdays)",
                    "`PH` after a blank",
                )
            if item["holiday"].startswith("SH"):
                raise ScheduleError(
                    text, column, "expected weekdays or PH: no school holidays are known", "`SH`"
                )
            offsets.append(_offset_days(item["holiday"][2:]))
        else:
            both = both or item["glue"] == " "
            weekday_items.append(_weekday_item(item["weekday"]))
    return Segment(start, end, tuple(weekday_items), tuple(offsets), both)


def _weekday_item(text: str) -> WeekdayItem:
    parts = _WEEKDAY_PARTS.fullmatch(text)
    if parts is None:  # the item's own pattern has just matched
        raise ScheduleError(text, 1, "expected weekdays such as Mo-Fr")
    first = WEEKDAYS.index(parts["first"].capitalize())
    last = WEEKDAYS.index(parts["last"].capitalize()) if parts["last"] else first
    weekdays = frozenset((first + i) % 7 for i in range((last - first) % 7 + 1))
    return WeekdayItem(weekdays, _nth(parts["nth"]), _offset_days(parts["offset"]))


def _nth(text: str | None) -> tuple[int, ...]:
    """Return the numbers of ``1,3-4,-1``."""
    numbers: list[int] = []
    for entry in (text or "").split(",") if text else ():
        span = re.fullmatch(r"(\d)-(\d)", entry)
        if span:
            numbers += range(int(span[1]), int(span[2]) + 1)
        else:
            numbers.append(int(entry))
    return tuple(numbers)


def _offset_days(text: str | None) -> int:
    digits = re.search(r"([+-]) ?(\d+)", text or "")
    return int(digits[1] + digits[2]) if digits else 0


def _in_words(text: str, message: str) -> ScheduleError:
    """Turn the library's message, ``--> 1:13 ... = expected extended_time``, into words."""
    place = _PARSER_PLACE.search(message)
    column = int(place[1]) if place else 1
    what = message.rpartition("= ")[2]
    verb, _, names = what.partition(" ")
    found = text[column - 1 : column]
    seen = f"`{found}`" if found else "the end of the text"
    if verb != "expected":
        return ScheduleError(text, column, "expected another rule, or nothing", seen)
    possible = {name.strip() for name in re.split(r", or |, | or ", names)}
    words = dict.fromkeys(_IN_WORDS[name] for name in _IN_WORDS if name in possible)
    likely = list(words)[:_WORDS_AT_MOST] or [names.strip().replace("_", " ")]
    return ScheduleError(text, column, "expected " + " or ".join(likely), seen)
