"""Warnings about schedules that read otherwise than they look."""

from __future__ import annotations

import pytest

from enforcement.rules.schedules import ScheduleError, schedule_warnings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("22:00-06:00; PH off", "`22:00-06:00` runs past midnight and the later rule `PH off`"),
        ("Mo-Fr 22:00-26:00; Sa 10:00-12:00", "later rule `Sa 10:00-12:00` meets"),
        ("Mo-Fr 22:00-06:00; We off", "later rule `We off` meets"),
        ("Fr[1] 22:00-06:00; Sa off", "later rule `Sa off` meets"),
        ("Fr[1] +1 day 22:00-06:00; Mo off", "later rule `Mo off` meets"),
        ("Mo-Fr 09:00-16:00 unknown", "count as not open"),
        ("10:00-10:00", "read as 24 hours"),
        ("9:00-09:00", "read as 24 hours"),
        ("10:00+", "open end"),
        ("10:00-12:00/01:30", "repetition"),
        ("Mo, We 10:00-12:00", "`Mo` is a rule of its own and open all day"),
        ("Mo-Fr 10:00-12:00 , 13:00-14:00", "`13:00-14:00` is a rule of its own"),
        ("Mo-Th 09:00-16:00; Fr 09:00-12:00", "make-up working day"),
        ("PH Mo-Fr 10:00-12:00", "holidays that fall on those weekdays"),
        ("mo-fr 09:00-16:00", "capitalized"),
        ("10:00-12:00 || 14:00-16:00", "no rule before it holds"),
    ],
)
def test_a_doubtful_text_is_warned_of(text, words):
    assert any(words in warning for warning in schedule_warnings(text)), schedule_warnings(text)


@pytest.mark.parametrize(
    "text",
    [
        "24/7",
        "off",
        "Mo-Fr 09:00-16:00; PH off",
        "22:00-06:00",
        "Mo-Th 22:00-06:00; Sa 10:00-12:00",  # the last night ends on Friday
        "Mo-Fr 22:00-06:00, PH 10:00-12:00",
        "PH off; 22:00-06:00",
        "Mo-Fr 10:00-24:00; PH off",
        "Mo-Fr 10:00-00:00; PH off",
        "Mo-Fr 10:00-12:00, 13:00-14:00",  # a list of hours
        "Mo-Fr 10:00-12:00,13:00-14:00; Sa 09:00-11:00",
        'Mo-Fr 09:00-16:00 "22:00-06:00; unknown 10:00+"; PH off',
        "Sa,Su 10:00-12:00",
        "Mo-Fr 09:00-16:00; Fr 09:00-12:00",
        "PH,Su 10:00-12:00",
    ],
)
def test_a_plain_text_is_not_warned_of(text):
    assert schedule_warnings(text) == ()


def test_an_unreadable_text_is_an_error():
    with pytest.raises(ScheduleError):
        schedule_warnings("Mo-Fr 9-16")
