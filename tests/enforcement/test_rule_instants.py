"""Instants and dates of rules, and the periods in which a permit is good."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.rules.instants import InstantError, instant_us, valid_from_us, valid_until_us
from enforcement.rules.lifecycle import effective_periods, in_order, status_at
from enforcement.rules.permits import Permit, StatusEntry
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US

SHANGHAI = ZoneInfo("Asia/Shanghai")


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T08:00:00+08:00", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00+00:00"),
        ("2026-01-31t08:00:00z", "2026-01-31T08:00:00+00:00"),
        ("2026-01-31 08:00:00-03:30", "2026-01-31T11:30:00+00:00"),
        ("2026-01-31T08:00:00.123456789Z", "2026-01-31T08:00:00.123456+00:00"),
        ("2026-01-31T08:00:00.5Z", "2026-01-31T08:00:00.500000+00:00"),
        ("2026-01-31", "2026-01-30T16:00:00+00:00"),
        (date(2026, 1, 31), "2026-01-30T16:00:00+00:00"),
        (datetime(2026, 1, 31, 8, tzinfo=UTC), "2026-01-31T08:00:00+00:00"),
    ],
)
def test_an_instant_is_read(value, expected):
    assert instant_us(value, SHANGHAI) == us(expected)
    assert valid_from_us(value, SHANGHAI) == us(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-12-31", "2026-12-31T16:00:00+00:00"),  # inclusive: to the next local midnight
        ("2026-02-28", "2026-02-28T16:00:00+00:00"),
        (date(2026, 12, 31), "2026-12-31T16:00:00+00:00"),
        ("2026-12-31T00:00:00+08:00", "2026-12-30T16:00:00+00:00"),  # an instant is exclusive
    ],
)
def test_valid_until_includes_a_date_and_not_an_instant(value, expected):
    assert valid_until_us(value, SHANGHAI) == us(expected)


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_validity_is_unbounded(value):
    assert valid_from_us(value, SHANGHAI) == ALWAYS_FROM_US
    assert valid_until_us(value, SHANGHAI) == ALWAYS_UNTIL_US


def test_the_last_date_of_the_calendar_is_without_end():
    assert valid_until_us("9999-12-31", SHANGHAI) == ALWAYS_UNTIL_US


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00+00:00"),  # midnight is skipped
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00"),  # midnight comes twice
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00+00:00"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00+00:00"),  # after a day of 23 hours
    ],
)
def test_a_date_begins_with_its_first_instant(zone, day, begins):
    assert instant_us(day, ZoneInfo(zone)) == us(begins)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T08:00:00",  # no offset
        "2026-01-31T08:00Z",
        "2026-02-30",
        "2026-1-1",
        "20260131",
        "2026-W05-6",
        "２０２６-01-31",
        "2026-01-31T25:00:00Z",
        "2026-01-31T08:00:00+25:00",
        "yesterday",
        " 2026-01-31",
        5,
        True,
        [],
        {},
        datetime(2026, 1, 31, 8),  # noqa: DTZ001 - the missing zone is the point
    ],
)
def test_anything_else_is_an_error_that_names_it(value):
    named = value.isoformat() if isinstance(value, datetime) else str(value)
    for read in (instant_us, valid_from_us, valid_until_us):
        with pytest.raises(InstantError) as caught:
            read(value, SHANGHAI)
        assert named in caught.value.message
        assert "expected" in caught.value.message


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - hypothesis wants none
    st.integers(-14 * 60, 14 * 60),
)
def test_any_rfc_3339_instant_is_read_exactly(moment, offset_minutes):
    instant = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    assert instant_us(instant.isoformat(), SHANGHAI) == us(instant.isoformat())


@given(st.text(max_size=25))
def test_any_text_is_an_instant_or_an_error(text):
    try:
        assert isinstance(valid_until_us(text, SHANGHAI), int)
    except InstantError as error:
        assert text in error.message  # noqa: PT017 - either outcome is right


# The life of a permit


def permit(status: list[tuple[str, int]], valid_from: int, valid_until: int) -> Permit:
    entries = in_order([StatusEntry(name, from_us, None) for name, from_us in status])
    return Permit("P", "", "exempts", (), valid_from, valid_until, entries, (), None, None, "")


def test_a_permit_is_good_while_active_and_valid():
    one = permit([("suspended", 40), ("active", 10), ("active", 60), ("revoked", 90)], 20, 80)
    assert effective_periods(one) == ((20, 40), (60, 80))
    assert status_at(one.status, 9) is None
    assert status_at(one.status, 10) == "active"
    assert status_at(one.status, 39) == "active"
    assert status_at(one.status, 40) == "suspended"


@pytest.mark.parametrize(
    ("status", "valid"),
    [
        ([("applied", 0)], (0, 100)),
        ([("active", 100)], (0, 100)),
        ([("active", 0), ("revoked", 5)], (5, 9)),
    ],
)
def test_a_permit_that_is_never_active_while_valid_has_no_period(status, valid):
    assert effective_periods(permit(status, *valid)) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(["active", "suspended", "revoked"]), st.integers(0, 20)),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_periods_hold_exactly_the_instants_that_are_active_and_valid(status, first, last):
    one = permit(status, first, last)
    for instant in range(-1, 25):
        inside = any(start <= instant < end for start, end in effective_periods(one))
        good = first <= instant < last and status_at(one.status, instant) == "active"
        assert inside is good
