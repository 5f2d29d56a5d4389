"""Whether what a city states reaches into years whose holidays nobody knows yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from enforcement.city_files.settings_file import SETTINGS_FILE
from enforcement.rules.places import ALWAYS_UNTIL_US

if TYPE_CHECKING:
    from enforcement.city_files.references import Frame
    from enforcement.rules.definition import CityDefinition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def warn_of_unpublished_years(frame: Frame, definition: CityDefinition) -> None:
    """Warn when bounded permits run past the last year of the city's holiday calendar.

    Unbounded ones always do and say nothing of the officer's intent.
    """
    years = frame.calendar.published_years
    if not frame.calendar.holidays or not years:
        return
    end = datetime(max(years) + 1, 1, 1, tzinfo=frame.zone)
    end_us = (end - _EPOCH) // timedelta(microseconds=1)
    beyond = sum(end_us < permit.valid_until_us < ALWAYS_UNTIL_US for permit in definition.permits)
    if beyond:
        frame.faults.warn(
            SETTINGS_FILE,
            "",
            "holidays",
            f"the holidays of `{definition.holidays}` are published up to {max(years)}, and {beyond} "
            f"permits run past it: until the notice of {max(years) + 1} is known, every day of that "
            "year counts as ordinary",
            "unpublished_year",
        )
