"""Hours added and taken away, held against the grammar's own library minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from enforcement.city_import.schedule_sets import hours_text
from enforcement.rules.calendars import Calendar

NO_HOLIDAYS = Calendar()
MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001 - civil time
QUARTERS = [MONDAY + timedelta(minutes=15 * n) for n in range(8 * 96)]


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ((), ""),
        (((False, "Mo-Fr"),), ""),
        (((True, "Mo-Fr 07:00-19:00"),), "Mo-Fr 07:00-19:00"),
        (((True, "24/7"), (False, "Mo-Sa 06:00-11:00")), "24/7; Mo-Sa 06:00-11:00 off"),
        (
            ((True, "24/7"), (False, "Mo-Fr 16:00-11:00;Sa 00:00-11:00")),
            "24/7; Mo-Fr 16:00-11:00 off; Sa 00:00-11:00 off",
        ),
        (((True, "Mo-Fr 07:00-09:00"), (True, "Sa 08:00-12:00")), "Mo-Fr 07:00-09:00; Sa 08:00-12:00"),
        # The second rule of `a; b` would take the place of the first on Mondays.
        (((True, "Mo 07:00-09:00"), (True, "16:00-18:00")), "Mo 07:00-09:00, Mo-Su 16:00-18:00"),
        # What was added before everything was taken away, or after everything was added, is nothing.
        (((True, "Mo"), (False, "24/7"), (True, "Tu 08:00-09:00")), "Tu 08:00-09:00"),
        (((True, "24/7"), (False, "24/7")), ""),
        (((True, "Mo 08:00-09:00"), (False, "Mo")), ""),
        (((False, "Mo"), (True, "24/7"), (True, "Tu")), "24/7; Tu"),
    ],
)  # fmt: skip
def test_texts(steps: tuple[tuple[bool, str], ...], text: str) -> None:
    assert hours_text(steps, NO_HOLIDAYS) == text


hours = st.sampled_from(
    (
        "Mo-Fr 07:00-19:00", "22:00-06:00", "Sa 08:00-12:00", "Su", "24/7", "Mo-Sa 06:00-11:00",
        "07:00-09:00,16:00-18:00", "Mo-Fr 07:00-09:00; Sa,Su 10:00-11:00", "Fr 20:00-04:00", "PH,Su",
    )
)  # fmt: skip


@given(st.lists(st.tuples(st.booleans(), hours), max_size=3).map(tuple))
@settings(max_examples=60, deadline=None)
def test_a_text_says_what_the_steps_say(steps: tuple[tuple[bool, str], ...]) -> None:
    text = hours_text(steps, NO_HOLIDAYS)
    if text is None:
        return
    wanted = [False] * len(QUARTERS)
    for added, part in steps:
        library = OpeningHours(part, auto_country=False, auto_timezone=False)
        opens = [library.is_open(quarter) for quarter in QUARTERS]
        wanted = [(a or b) if added else (a and not b) for a, b in zip(wanted, opens, strict=True)]
    found = [False] * len(QUARTERS)
    if text:
        library = OpeningHours(text, auto_country=False, auto_timezone=False)
        found = [library.is_open(quarter) for quarter in QUARTERS]
    assert found == wanted


def test_hours_that_no_one_text_says_are_not_guessed() -> None:
    # Rules of `a; b` that meet each other: taking away a part of a rule that replaces another.
    steps = ((True, "24/7"), (False, "Mo 22:00-06:00; Tu 08:00-09:00"), (True, "Mo 23:00-23:30"))
    text = hours_text(steps, NO_HOLIDAYS)
    assert text is None or text.count(";") >= 2
