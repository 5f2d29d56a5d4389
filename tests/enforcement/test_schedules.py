"""Compiled schedules against the grammar library, a tiny evaluator, and clauses by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours, State, validate

from enforcement.rules.calendars import Calendar, calendar_for
from enforcement.rules.schedule_text import read_schedule_text
from enforcement.rules.schedules import (
    DAY_COUNT,
    FIRST_DAY,
    LAST_DAY,
    CompiledSchedule,
    ScheduleError,
    compile_schedule,
)

CHINA = calendar_for("CN")
NONE = Calendar()
WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def day_number(day: date | str) -> int:
    return ((date.fromisoformat(day) if isinstance(day, str) else day) - date(1970, 1, 1)).days


def hours(text: str, day: date | str, calendar: Calendar = CHINA, grace: int = 0) -> str:
    """Return the open spans of one day, ``09:00-16:00 22:00-24:00``."""
    compiled = compile_schedule(text, calendar, grace)
    minutes = [compiled.is_open(day_number(day), minute) for minute in range(1440)]
    edges = [m for m in range(1441) if (m and minutes[m - 1]) != (m < 1440 and minutes[m])]
    clock = [f"{edge // 60:02d}:{edge % 60:02d}" for edge in edges]
    return " ".join(f"{a}-{b}" for a, b in zip(clock[::2], clock[1::2], strict=True))


# Clauses by hand


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        # PH is every day off of the notice, on the days the library's own calendar misses too.
        ("Mo-Fr 09:00-16:00; PH off", "2025-04-04", ""),
        ("Mo-Fr 09:00-16:00; PH off", "2025-04-03", "09:00-16:00"),
        ("09:00-16:00; PH off", "2026-02-15", ""),  # a Sunday inside the notice
        ("PH 10:00-12:00", "2026-10-07", "10:00-12:00"),
        ("PH 10:00-12:00", "2026-10-08", ""),
        # Mo-Fr still holds on a holiday unless a later rule says otherwise.
        ("Mo-Fr 09:00-16:00", "2025-04-04", "09:00-16:00"),
        ("Mo-Fr 09:00-16:00; PH 10:00-11:00", "2025-04-04", "10:00-11:00"),
        ("Mo-Fr 09:00-16:00, PH 20:00-21:00", "2025-04-04", "09:00-16:00 20:00-21:00"),
        # On a make-up working day Mo-Fr holds; Sa, Su and PH do not. 2026-01-04 is a Sunday.
        ("Mo-Fr 09:00-16:00; PH off", "2026-01-04", "09:00-16:00"),
        ("Mo-Fr 09:00-16:00; Su off", "2026-01-04", "09:00-16:00"),
        ("Su 10:00-12:00", "2026-01-04", ""),
        ("Su 10:00-12:00", "2026-01-11", "10:00-12:00"),
        ("Sa,Su 10:00-12:00", "2026-01-04", ""),
        ("PH 10:00-12:00", "2026-01-04", ""),
        ("Mo-Sa 09:00-16:00", "2026-01-04", "09:00-16:00"),
        ("Mo,Tu,We,Th,Fr 09:00-16:00", "2026-01-04", "09:00-16:00"),
        ("Mo-Su 09:00-16:00", "2026-01-04", "09:00-16:00"),
        ("Sa-Fr 09:00-16:00", "2026-01-04", "09:00-16:00"),
        ("Mo-Th 09:00-16:00", "2026-01-04", ""),
        ("Mo 09:00-16:00", "2026-01-04", ""),
        ("Fr-Su 09:00-16:00", "2026-01-04", ""),
        ("Mo-Fr,PH 09:00-16:00", "2026-01-04", "09:00-16:00"),
        ("09:00-16:00", "2026-01-04", "09:00-16:00"),
        ("24/7; Sa,Su off", "2026-01-04", "00:00-24:00"),
        # The night before: Saturday 2026-02-28 is a make-up day, so its night runs into Sunday.
        ("Mo-Fr 22:00-06:00", "2026-03-01", "00:00-06:00"),
        ("Mo-Fr 22:00-06:00", "2026-03-08", ""),
        # A list is either; PH, a blank and weekdays is both.
        ("PH,Su 10:00-12:00", "2026-10-07", "10:00-12:00"),
        ("PH,Su 10:00-12:00", "2026-10-11", "10:00-12:00"),
        ("PH Mo-Fr 10:00-12:00", "2026-10-07", "10:00-12:00"),  # Wednesday
        ("PH Mo-Fr 10:00-12:00", "2026-10-04", ""),  # Sunday
        ("PH Mo-Fr 10:00-12:00", "2026-10-14", ""),  # an ordinary Wednesday
        # Offsets and counted weekdays.
        ("PH +1 day 10:00-12:00", "2026-10-08", "10:00-12:00"),
        ("PH -1 day 10:00-12:00", "2026-09-30", "10:00-12:00"),
        ("PH -1 day 10:00-12:00", "2026-10-08", ""),
        ("Mo[1] 10:00-12:00", "2026-11-02", "10:00-12:00"),
        ("Mo[1] 10:00-12:00", "2026-11-09", ""),
        ("Mo[1] 10:00-12:00", "2026-10-05", "10:00-12:00"),  # a holiday and a first Monday
        ("Mo[-1] 10:00-12:00; PH off", "2026-10-26", "10:00-12:00"),
        ("Oct Th[1] 10:00-12:00; PH off", "2026-10-01", ""),
        # Hours past midnight.
        ("22:00-26:00", "2026-03-04", "00:00-02:00 22:00-24:00"),
        ("Mo 22:00-06:00", "2026-03-03", "00:00-06:00"),
        ("24/7", "2026-02-17", "00:00-24:00"),
        ("off", "2026-02-17", ""),
        ("00:00-24:00", "2026-02-17", "00:00-24:00"),
        # Dates.
        ("Mar-Oct Mo-Fr 09:00-16:00; PH off", "2026-04-06", ""),
        ("Mar-Oct Mo-Fr 09:00-16:00; PH off", "2026-05-09", "09:00-16:00"),  # make-up Saturday
        ("Mar-Oct Mo-Fr 09:00-16:00; PH off", "2026-02-28", ""),  # make-up Saturday, but February
        ("2026 Mo-Fr 09:00-16:00", "2026-02-28", "09:00-16:00"),
        ("easter 10:00-12:00", "2026-04-05", "10:00-12:00"),
        # Comments are no selectors, and `unknown` is not open.
        ('Mo-Fr 09:00-16:00 "PH and Sa too"', "2026-01-04", "09:00-16:00"),
        ("Mo-Fr 09:00-16:00 unknown", "2026-03-04", ""),
    ],
)
def test_clause(text, day, expected):
    assert hours(text, day) == expected


@pytest.mark.parametrize(
    ("text", "grace", "day", "expected"),
    [
        ("Mo-Fr 09:00-16:00", 5, "2026-03-04", "08:55-16:05"),
        ("09:00-12:00,12:08-16:00", 5, "2026-03-04", "08:55-16:05"),
        ("09:00-12:00,12:20-16:00", 5, "2026-03-04", "08:55-12:05 12:15-16:05"),
        ("00:00-01:00", 5, "2026-03-04", "00:00-01:05 23:55-24:00"),
        ("Mo 00:00-01:00", 5, "2026-03-08", "23:55-24:00"),  # the Sunday before
        ("Mo 23:00-24:00", 5, "2026-03-10", "00:00-00:05"),  # the Tuesday after
        ("Mo 22:00-06:00", 5, "2026-03-10", "00:00-06:05"),
        ("24/7", 720, "2026-03-04", "00:00-24:00"),
        ("off", 720, "2026-03-04", ""),
        ("Mo-Fr 00:00-24:00; PH off", 5, "2026-10-07", "23:55-24:00"),
        ("12:00-12:01", 720, "2026-03-04", "00:00-24:00"),
        ("Mo 12:00-12:01", 1440, "2026-03-08", "12:00-24:00"),
    ],
)
def test_grace_widens_both_ends_across_midnight(text, grace, day, expected):
    assert hours(text, day, grace=grace) == expected


def test_what_the_library_answers_holds_where_a_night_meets_a_later_rule():
    text = "22:00-06:00; PH off"
    assert hours(text, "2026-10-01") == ""  # the night of 30 September is cut at midnight
    assert hours(text, "2026-10-08") == "00:00-06:00 22:00-24:00"  # that of the 7th holds in part


def test_the_first_and_the_last_day_are_compiled():
    compiled = compile_schedule("We,Fr 09:00-16:00", NONE)
    assert day_number("1969-12-31") == FIRST_DAY
    assert day_number("2100-01-01") == LAST_DAY
    assert compiled.day_pattern.shape == (DAY_COUNT,)
    assert compiled.day_pattern.dtype == np.uint16
    assert compiled.patterns.dtype == np.uint64
    assert compiled.patterns.shape[1] == 23
    assert compiled.is_open(FIRST_DAY, 9 * 60)  # a Wednesday
    assert compiled.is_open(LAST_DAY, 16 * 60 - 1)  # a Friday
    assert not compiled.is_open(LAST_DAY, 16 * 60)
    for day, minute in [(FIRST_DAY - 1, 0), (LAST_DAY + 1, 0), (0, -1), (0, 1440)]:
        with pytest.raises(IndexError):
            compiled.is_open(day, minute)


def test_a_compiled_schedule_is_shared_and_cannot_be_written():
    compiled = compile_schedule("Mo-Fr 09:00-16:00; PH off", CHINA, 5)
    again = Calendar("CN", CHINA.holidays, CHINA.makeup_workdays, CHINA.published_years)
    assert compile_schedule("Mo-Fr 09:00-16:00; PH off", again, 5) is compiled
    with pytest.raises(ValueError, match="read-only"):
        compiled.day_pattern[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        compiled.patterns[0, 0] = 1


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Mo-Fr 09:00-16:00", "Mo,Tu,We,Th,Fr 09:00-16:00"),
        ("24/7", "1970-2100 00:00-24:00, 1969 00:00-24:00"),  # by week and by date
        ("Sa 10:00-12:00", "Jan-Dec Sa 10:00-12:00"),
    ],
)
def test_the_same_hours_give_the_same_arrays(text, same):
    one, other = compile_schedule(text, CHINA, 5), compile_schedule(same, CHINA, 5)
    assert np.array_equal(one.patterns, other.patterns)
    assert np.array_equal(one.day_pattern, other.day_pattern)
    assert len(np.unique(one.patterns, axis=0)) == len(one.patterns)


@pytest.mark.parametrize(
    ("text", "never"), [("off", True), ("24/7", False), ("PH 10:00-11:00", False)]
)
def test_never_opens(text, never):
    assert compile_schedule(text, CHINA).never_opens is never


@pytest.mark.parametrize("grace", [-1, 1441])
def test_grace_out_of_range_is_an_error(grace):
    with pytest.raises(ValueError, match="grace_minutes"):
        compile_schedule("24/7", NONE, grace)


# Errors


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("Mo-Fr 09:00-1x:00", 13, "a time of day such as 16:00"),
        ("", 1, "24/7"),
        ("   ", 1, "24/7"),
        ("Mo-Fr 9-16", 7, "hours such as 09:00-16:00"),
        ("Mo-Fr 09:00–16:00", 12, "closing time"),
        ("工作日 09:00-16:00", 1, "weekdays or hours"),
        ('Mo-Fr 09:00-16:00 "工作日" x', 24, "`;`"),
        ("Mo-Fr 07:60-09:00", 10, "minutes"),
        ("Mo-Fr 09:00-16:00;", 19, "another rule"),
        ("Mo-Fr 09:00-16:00; SH off", 20, "no school holidays"),
        ("PH,SH off", 4, "no school holidays"),
        ("Mo-Fr sunrise-16:00", 7, "hours written as"),
        ("Mo-Fr 09:00-(sunset-01:00)", 14, "hours written as"),
        ("dawn-dusk", 1, "hours written as"),
        ("Mo PH 09:00-16:00", 4, "comma"),
        ("Mo[7] 09:00-16:00", 4, "1 to 5"),
    ],
)
def test_an_unreadable_text_says_column_and_what_was_expected(text, column, words):
    with pytest.raises(ScheduleError) as caught:
        compile_schedule(text, CHINA)
    assert caught.value.column == column
    assert words in caught.value.expected
    assert f"schedule `{text}`: column {column}: " in caught.value.message


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='MoFrTuWeThSaSuPH0123456789:-+,;|[]()/ daysoffweekJan"节', max_size=30))
@example("Mo[0] off")
@example("PH +99999999999999999999 days off")
@example("Mo[1] +99999999999999999999 days off")
@example("week 53 Mo off")
@example("Feb 30 off")
@example("2100-9999 10:00-12:00")
def test_any_text_compiles_or_is_a_schedule_error(text):
    try:
        read_schedule_text(text)
        compile_schedule(text, Calendar("", frozenset({date(2026, 5, 1)})))
    except ScheduleError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017 - either outcome is right


# Against the library with a country of its own

clocks = st.builds(lambda a, b: f"{a:02d}:00-{b:02d}:30", st.integers(0, 23), st.integers(0, 30))
weekday_items = st.one_of(
    st.sampled_from(WEEK),
    st.builds("{}-{}".format, st.sampled_from(WEEK), st.sampled_from(WEEK)),
)
dated_items = st.builds(
    "{}[{}]{}".format,
    st.sampled_from(WEEK),
    st.sampled_from(["1", "-1", "2,4", "1-3"]),
    st.sampled_from(["", "", " +1 day", " -2 days"]),
)
holiday_items = st.sampled_from(["PH", "PH", "PH +1 day", "PH -2 days"])


def lists(items):
    return st.lists(items, min_size=1, max_size=3).map(",".join)


selectors = st.one_of(
    st.just(""),
    lists(weekday_items),
    lists(st.one_of(weekday_items, dated_items)),
    lists(holiday_items),
    st.builds("{},{}".format, lists(weekday_items), lists(holiday_items)),
    st.builds("{},{}".format, lists(holiday_items), lists(st.one_of(weekday_items, dated_items))),
)
dates = st.sampled_from(
    [
        "",
        "",
        "",
        "Mar-Oct",
        "Dec 20-Jan 06",
        "week 10-30/2",
        "2025",
        "Oct Su[-1]-Mar Su[1]",
        "easter",
    ]
)
modifiers = st.sampled_from(["", "", "", " off", " unknown", ' "Sa; PH off, Mo"', " open"])


@st.composite
def rules(draw):
    parts = [draw(dates), draw(selectors), draw(st.one_of(st.just(""), clocks, clocks))]
    rule = " ".join(part for part in parts if part) + draw(modifiers)
    return rule.strip() or "24/7"


texts = st.builds(
    lambda rule, more: rule + "".join(joint + later for joint, later in more),
    rules(),
    st.lists(st.tuples(st.sampled_from(["; ", "; ", ";", ", ", " || "]), rules()), max_size=3),
)


@cache
def german_holidays() -> frozenset[date]:
    """Return the library's own holidays of Germany, one day of margin around 2025 and 2026."""
    holidays = OpeningHours("PH", country="DE", auto_country=False, auto_timezone=False)
    days = (date(2024, 12, 1) + timedelta(days=i) for i in range(800))
    return frozenset(d for d in days if holidays.is_open(datetime.combine(d, time(12))))


def library_minutes(text: str, day: date) -> set[int]:
    library = OpeningHours(text, country="DE", auto_country=False, auto_timezone=False)
    start = datetime.combine(day, time())
    minutes: set[int] = set()
    for opens, closes, state, _ in library.intervals(start, start + timedelta(days=1)):
        if state == State.OPEN:
            minute = timedelta(minutes=1)
            minutes |= set(range((opens - start) // minute, (closes - start) // minute))
    return minutes


def compiled_minutes(compiled: CompiledSchedule, day: date) -> set[int]:
    number = day_number(day)
    return {minute for minute in range(1440) if compiled.is_open(number, minute)}


DAYS_COMPARED = [date(2025, 12, 18) + timedelta(days=i) for i in range(20)] + [
    date(2026, 4, 1) + timedelta(days=i) for i in range(10)
]


@settings(max_examples=300, deadline=None)
@given(texts)
@example("Mo-Fr 22:00-06:30; PH off")
@example("Mar-Oct 00:00-00:30; Mo || 24/7")
@example("Sa[1],PH -2 days 20:00-04:30 || Mo-We 10:00-11:30")
def test_holidays_mean_what_they_mean_to_the_library(text):
    """Given the library's holidays as a calendar, every day is as the library answers it."""
    if not validate(text):
        with pytest.raises(ScheduleError):
            compile_schedule(text, NONE)
        return
    calendar = Calendar("", german_holidays())
    parsed = read_schedule_text(text)
    if parsed.is_weekly:
        compiled = compile_schedule(text, calendar)
        assert all(compiled_minutes(compiled, d) == library_minutes(text, d) for d in DAYS_COMPARED)
    # A text with dates takes long to compile; asked day by day, it must not matter whether a
    # holiday is near: the text written for that one day gives the library's answer on any.
    for day in DAYS_COMPARED:
        assert library_minutes(parsed.on(day, calendar), day) == library_minutes(text, day), day


@pytest.mark.parametrize(
    "text",
    [
        "PH +1 day 22:00-28:00; We off",
        "Oct Su[-1]-Mar Su[1] Mo-Fr,PH 10:00-12:30",
        "Dec 20-Jan 06 PH,Sa 22:00-04:00; Mo[1] off",
        "Mar-Oct 00:00-00:30; Mo || 24/7",  # over many days the library answers otherwise
        "Jun 07:30-48:00",  # and here: open for months after June
        "2026 Mo-Fr 09:00-16:00; easter -2 days-easter +1 day off; PH off",
    ],
)
def test_a_text_with_dates_compiles_to_what_the_library_answers(text):
    compiled = compile_schedule(text, Calendar("", german_holidays()))
    for day in DAYS_COMPARED:
        assert compiled_minutes(compiled, day) == library_minutes(text, day), day


# Against a tiny evaluator of simple texts

spans = st.builds(
    lambda a, length: (a, min(a + length, 24 * 60)), st.integers(0, 1380), st.integers(10, 700)
)
simple_days = st.sampled_from(
    ["Mo-Fr", "Mo-Sa", "Sa", "Su", "Sa,Su", "Tu", "Mo-Su", "PH", "PH,Su", "Mo-Fr,PH", "We-Mo", ""]
)
simple_rules = st.tuples(simple_days, st.one_of(st.none(), st.lists(spans, min_size=1, max_size=2)))


def named(day: date, selector: str) -> bool:
    """Tell whether a selector means a day, by the words of the rules."""
    if selector == "":
        return True
    weekdays = set()
    for item in selector.split(","):
        if item == "PH":
            if day in CHINA.holidays:
                return True
            continue
        first, _, last = item.partition("-")
        at = WEEK.index(first)
        weekdays.add(at)
        while WEEK[at] != (last or first):
            at = (at + 1) % 7
            weekdays.add(at)
    if day in CHINA.makeup_workdays:
        return weekdays >= {0, 1, 2, 3, 4}
    return day.weekday() in weekdays


def write_rule(selector: str, ranges: list[tuple[int, int]] | None) -> str:
    if ranges is None:
        return f"{selector} off".strip()
    clock = ",".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in ranges)
    return f"{selector} {clock}".strip()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(simple_rules, min_size=1, max_size=4),
    st.one_of(
        st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        st.sampled_from(sorted(CHINA.makeup_workdays | CHINA.holidays)),
    ),
    st.integers(0, 1439),
)
@example([("Mo-Fr", [(540, 960)]), ("PH", None)], date(2025, 4, 4), 540)
@example([("Mo-Fr", [(540, 960)]), ("Su", None)], date(2026, 1, 4), 959)
def test_simple_texts_follow_the_last_rule_that_names_the_day(simple, day, minute):
    text = "; ".join(write_rule(selector, ranges) for selector, ranges in simple)
    ranges: list[tuple[int, int]] | None = None
    for selector, of_rule in simple:
        if named(day, selector):
            ranges = of_rule
    expected = any(first <= minute < last for first, last in ranges or ())
    assert compile_schedule(text, CHINA).is_open(day_number(day), minute) is expected


@settings(max_examples=200, deadline=None)
@given(
    simple_days,
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.sampled_from([0, 1, 5, 45, 720]),
    st.dates(date(2025, 12, 25), date(2026, 12, 31)),
    st.integers(0, 1439),
)
def test_a_span_past_midnight_belongs_to_the_day_it_begins(
    selector, start, length, grace, day, minute
):
    end = start + length
    clock = f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    expected = False
    for shift in (-2, -1, 0, 1):
        begun = day + timedelta(days=shift)
        first = shift * 1440 + start
        if named(begun, selector) and first - grace <= minute < first + length + grace:
            expected = True
    compiled = compile_schedule(f"{selector} {clock}".strip(), CHINA, grace)
    assert compiled.is_open(day_number(day), minute) is expected
