"""Which civil days are public holidays and which are make-up working days, by country."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Final

from chinese_calendar import constants as china_tables

from enforcement.errors import EnforcementError

FIRST_DATE: Final = date(1969, 12, 31)  # one day of margin around 1970..2099, the years judged
LAST_DATE: Final = date(2100, 1, 1)
ALL_YEARS: Final = frozenset(range(FIRST_DATE.year, LAST_DATE.year + 1))

_FRIDAY: Final = 4
_CODE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class CalendarError(EnforcementError):
    """A holiday code that names no calendar, or a calendar that contradicts itself."""


class DayKind(IntEnum):
    """What a calendar says of a civil day."""

    ORDINARY = 0
    PUBLIC_HOLIDAY = 1
    MAKEUP_WORKDAY = 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that are not ordinary; equal and hashed by content.

    Attributes
    ----------
    code
        ISO 3166 code that it was made from; empty for none. A name only: it decides nothing.
    holidays
        Every day off of the published notice, the moved days and the weekends inside it too.
    makeup_workdays
        Saturdays and Sundays that were declared working days. A day from Monday to Friday is a
        working day anyway, so listing one here only says that it is no holiday.
    published_years
        Years whose notice is known. Every day of another year is ordinary, and doubtful.

    Raises
    ------
    CalendarError
        A day is both a holiday and a make-up working day.
    """

    code: str = ""
    holidays: frozenset[date] = frozenset()
    makeup_workdays: frozenset[date] = frozenset()
    published_years: frozenset[int] = field(default=ALL_YEARS)

    def __post_init__(self) -> None:
        both = self.holidays & self.makeup_workdays
        if both:
            raise CalendarError(
                "calendar_contradiction",
                f"{min(both).isoformat()} is both a holiday and a make-up working day",
            )

    def kind(self, day: date) -> DayKind:
        """Say what `day` is; a make-up day from Monday to Friday is an ordinary one."""
        if day in self.holidays:
            return DayKind.PUBLIC_HOLIDAY
        if day in self.makeup_workdays and day.weekday() > _FRIDAY:
            return DayKind.MAKEUP_WORKDAY
        return DayKind.ORDINARY


@lru_cache(maxsize=64)
def calendar_for(code: str) -> Calendar:
    """Return the calendar of a country, or of a part of one.

    Parameters
    ----------
    code
        ``CN`` is the State Council's notices as chinesecalendar holds them. Any other ISO 3166-1
        code, or ISO 3166-2 code such as ``DE-BY``, is what the package `holidays` has: public
        holidays, no make-up days. Empty is a calendar without holidays in which every year counts
        as published.

    Raises
    ------
    CalendarError
        No calendar has that code.
    """
    if not code:
        return Calendar()
    if code == "CN":
        return _china()
    unknown = CalendarError(
        "unknown_calendar",
        f"`{code}` is no country whose holidays are known; expected an ISO 3166 code such as "
        "CN, DE or DE-BY, or an empty text for none",
    )
    if not _CODE.fullmatch(code):
        raise unknown
    # Imported here because the tables of 250 countries take 0.2 s, which China's do not need.
    from holidays import country_holidays  # noqa: PLC0415

    country, _, part = code.partition("-")
    try:
        table = country_holidays(country, subdiv=part or None, years=ALL_YEARS)
    except NotImplementedError as error:
        raise unknown from error
    days = frozenset(table)
    return Calendar(code, days, frozenset(), frozenset(day.year for day in days))


def _china() -> Calendar:
    days = frozenset(china_tables.holidays)
    # A notice is known when it declared days off: the years are the table's own.
    return Calendar(
        "CN", days, frozenset(china_tables.workdays), frozenset(day.year for day in days)
    )
