"""Calendars: the published days off of China, other countries, and calendars by hand."""

from __future__ import annotations

from datetime import date

import pytest

from enforcement.rules.calendars import ALL_YEARS, Calendar, CalendarError, DayKind, calendar_for

CHINA = calendar_for("CN")


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2025, 4, 4), DayKind.PUBLIC_HOLIDAY),  # a day that the grammar library misses
        (date(2025, 10, 8), DayKind.PUBLIC_HOLIDAY),  # a moved day
        (date(2026, 2, 15), DayKind.PUBLIC_HOLIDAY),  # a Sunday inside the notice
        (date(2026, 1, 4), DayKind.MAKEUP_WORKDAY),  # Sunday
        (date(2026, 2, 14), DayKind.MAKEUP_WORKDAY),  # Saturday
        (date(2026, 2, 28), DayKind.MAKEUP_WORKDAY),
        (date(2026, 1, 10), DayKind.ORDINARY),  # a plain Saturday
        (date(2026, 1, 5), DayKind.ORDINARY),
        (date(2027, 1, 1), DayKind.ORDINARY),  # no notice yet
    ],
)
def test_china_follows_the_published_notice(day, kind):
    assert CHINA.kind(day) is kind


def test_2027_is_not_published_in_china():
    assert {2024, 2025, 2026} <= CHINA.published_years
    assert 2027 not in CHINA.published_years


def test_other_countries_have_holidays_and_no_makeup_days():
    germany = calendar_for("DE")
    assert germany.kind(date(2026, 10, 3)) is DayKind.PUBLIC_HOLIDAY
    assert germany.kind(date(2026, 1, 6)) is DayKind.ORDINARY
    assert not germany.makeup_workdays
    assert {2026, 2027} <= germany.published_years


def test_a_part_of_a_country_has_its_own_holidays():
    assert calendar_for("DE-BY").kind(date(2026, 1, 6)) is DayKind.PUBLIC_HOLIDAY


def test_no_code_has_no_holidays_and_every_year_counts_as_published():
    none = calendar_for("")
    assert not none.holidays
    assert none.published_years == ALL_YEARS


@pytest.mark.parametrize("code", ["XX", "cn", "CHN", "China", "CN-36", "DE-XX", "__name__", " CN"])
def test_an_unknown_code_is_an_error_that_names_it(code):
    with pytest.raises(CalendarError, match=f"`{code}`"):
        calendar_for(code)


def test_a_calendar_by_hand_equals_one_with_the_same_days():
    days = [date(2026, 1, 1), date(2026, 5, 1)]
    one = Calendar("CN", frozenset(days), frozenset(), frozenset({2026}))
    other = Calendar("CN", frozenset(reversed(days)), frozenset(), frozenset({2026}))
    assert one == other
    assert hash(one) == hash(other)
    assert one != Calendar("CN", frozenset(days[:1]), frozenset(), frozenset({2026}))


def test_a_day_cannot_be_holiday_and_makeup_day():
    with pytest.raises(CalendarError, match="2026-01-03"):
        Calendar("", frozenset({date(2026, 1, 3)}), frozenset({date(2026, 1, 3)}))


def test_a_makeup_day_from_monday_to_friday_is_ordinary():
    calendar = Calendar("", frozenset(), frozenset({date(2026, 1, 7)}))
    assert calendar.kind(date(2026, 1, 7)) is DayKind.ORDINARY
