"""Civil times in words: weekdays, dates and clocks, in Chinese and English.

Every `civil_us` is microseconds since 1970-01-01 00:00 city time. Pairs are (zh, en).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from enforcement.index.civil_time import DAY_US

_WEEKDAYS: Final = (
    ("星期一", "Monday"),
    ("星期二", "Tuesday"),
    ("星期三", "Wednesday"),
    ("星期四", "Thursday"),
    ("星期五", "Friday"),
    ("星期六", "Saturday"),
    ("星期日", "Sunday"),
)
_SHORT_ZH: Final = dict(
    zip(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), "一二三四五六日", strict=True)
)
_DAY: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_DAYS: Final = re.compile(rf"\b{_DAY}(?:[-,]{_DAY})*\b")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - city time carries no zone
_WEEK_DAYS: Final = 6  # farther away than this a weekday alone would be doubtful
_OUT_OF_RANGE: Final = ("无法表示的时间", "a time out of range")


def clock(civil_us: int) -> str:
    """Return ``16:07``, or ``16:07:20`` where the seconds are not zero; fractions are cut."""
    seconds = civil_us // 1_000_000 % 86_400
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def weekday_and_clock(civil_us: int) -> tuple[str, str]:
    """Return ``星期二 16:07`` and ``Tuesday 16:07``."""
    day_zh, day_en = _WEEKDAYS[(civil_us // DAY_US + 3) % 7]  # 1970-01-01: a Thursday
    return f"{day_zh} {clock(civil_us)}", f"{day_en} {clock(civil_us)}"


def beside(civil_us: int, reference_us: int) -> tuple[str, str]:
    """Return a time as said beside another: clock alone, with weekday, or with the date."""
    days = abs(civil_us // DAY_US - reference_us // DAY_US)
    if days == 0:
        return clock(civil_us), clock(civil_us)
    if days <= _WEEK_DAYS:
        return weekday_and_clock(civil_us)
    return full(civil_us)


def full(civil_us: int) -> tuple[str, str]:
    """Return ``2025-10-14 星期二 16:07`` and ``Tuesday 2025-10-14 16:07``."""
    moment = _moment(civil_us)
    if moment is None:
        return _OUT_OF_RANGE
    day_zh, day_en = _WEEKDAYS[moment.weekday()]
    date = moment.date().isoformat()
    return f"{date} {day_zh} {clock(civil_us)}", f"{day_en} {date} {clock(civil_us)}"


def date_and_clock(civil_us: int) -> str:
    """Return ``2025-10-14``, with the clock where it is not midnight."""
    moment = _moment(civil_us)
    if moment is None:
        return _OUT_OF_RANGE[1]
    date = moment.date().isoformat()
    return (
        date
        if moment == datetime.combine(moment.date(), datetime.min.time())
        else f"{date} {clock(civil_us)}"
    )


def schedule_zh(schedule: str) -> str:
    """Return an opening_hours text with its everyday words in Chinese; the rest stays as it is.

    ``Mo-Fr 09:00-16:00; PH off`` becomes ``周一至周五 09:00-16:00；节假日除外``.
    """
    if schedule in {"24/7", "off"}:
        return "全天" if schedule == "24/7" else "无时段"
    text = _DAYS.sub(_days_zh, schedule.replace("24/7", "每天全天"))
    text = re.sub(r"\bPH\b", "节假日", text)
    text = re.sub(r" ?\boff\b", "除外", text)
    return re.sub(r" ?; ?", "；", text)


def spaced(text: str) -> str:
    """Return a text as it stands amid Chinese: with a space beside its Latin letters and digits."""
    before = " " if text[:1].isascii() else ""
    return f"{before}{text}{' ' if text[-1:].isascii() else ''}"


def _days_zh(days: re.Match[str]) -> str:
    parts = re.split("([-,])", days[0])
    return "".join({"-": "至", ",": "、"}.get(part) or f"周{_SHORT_ZH[part]}" for part in parts)


def iso_civil(civil_us: int) -> str | None:
    """Return ISO 8601 city time without offset, None outside the years 1 to 9999."""
    moment = _moment(civil_us)
    return None if moment is None else moment.isoformat()


def iso_utc(instant_us: int) -> str | None:
    """Return an instant, microseconds UTC, as ISO 8601 with ``Z``; None outside 1 to 9999."""
    moment = _moment(instant_us)
    return None if moment is None else f"{moment.isoformat()}Z"


def _moment(civil_us: int) -> datetime | None:
    """Return the civil time as a naive datetime, None where datetime cannot hold it."""
    try:
        return _EPOCH + timedelta(microseconds=civil_us)
    except OverflowError:
        return None
