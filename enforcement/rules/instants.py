"""Times as a city's files write them: RFC 3339 instants and local dates to microseconds UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enforcement.errors import EnforcementError
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:([Zz])|([+-]\d\d:\d\d))?", re.ASCII
)


class InstantError(EnforcementError):
    """A value that is neither an RFC 3339 instant nor a date."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_instant", message)


def instant_us(value: object, zone: ZoneInfo) -> int:
    """Read an instant; a date is its local midnight.

    Parameters
    ----------
    value
        RFC 3339 text with an offset or ``Z``, ``YYYY-MM-DD``, or the same as `datetime` and
        `date` objects, as Parquet gives them.
    zone
        The city's, for dates.

    Returns
    -------
    int
        Microseconds since 1970-01-01 UTC; digits below a microsecond are dropped.

    Raises
    ------
    InstantError
        Anything else; the message names the value and what was expected.
    """
    if isinstance(value, str):
        return _text_us(value, zone)
    moment = _read(value)
    return _us(moment) if isinstance(moment, datetime) else _midnight_us(moment, zone)


def valid_from_us(value: object, zone: ZoneInfo) -> int:
    """Read the beginning of a validity; None and ``""`` are ALWAYS_FROM_US.

    Raises
    ------
    InstantError
        As `instant_us`.
    """
    return ALWAYS_FROM_US if value is None or value == "" else instant_us(value, zone)


def valid_until_us(value: object, zone: ZoneInfo) -> int:
    """Read the end of a validity, exclusive; None and ``""`` are ALWAYS_UNTIL_US.

    A date is inclusive: it ends at the next local midnight. 9999-12-31 is without end.

    Raises
    ------
    InstantError
        As `instant_us`.
    """
    if value is None or value == "":
        return ALWAYS_UNTIL_US
    if isinstance(value, str):
        return _text_until_us(value, zone)
    return _until_us(_read(value), zone)


def _until_us(moment: date | datetime, zone: ZoneInfo) -> int:
    if isinstance(moment, datetime):
        return _us(moment)
    if moment == date.max:
        return ALWAYS_UNTIL_US
    return _midnight_us(moment + timedelta(days=1), zone)


# A city has a few thousand different times and dates in a million places.
@lru_cache(maxsize=65536)
def _text_us(text: str, zone: ZoneInfo) -> int:
    moment = _read_text(text)
    return _us(moment) if isinstance(moment, datetime) else _midnight_us(moment, zone)


@lru_cache(maxsize=65536)
def _text_until_us(text: str, zone: ZoneInfo) -> int:
    return _until_us(_read_text(text), zone)


def _read(value: object) -> date | datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InstantError(f"`{value.isoformat()}` has no offset, {_EXPECTED}")
        return value
    if isinstance(value, date):
        return value
    raise InstantError(f"found {_shown(value)}, {_EXPECTED}")


_EXPECTED: Final = (
    "expected an instant such as 2026-01-31T08:00:00+08:00 or a date such as 2026-01-31"
)


def _read_text(text: str) -> date | datetime:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        parts = _INSTANT.fullmatch(text)
        if parts is None:
            raise InstantError(f"found `{text}`, {_EXPECTED}")
        day, clock, fraction, zulu, offset = parts.groups()
        if not (zulu or offset):
            raise InstantError(f"`{text}` has no offset, expected it to end with +08:00 or Z")
        moment = datetime.fromisoformat(
            f"{day}T{clock}.{(fraction or '')[:6]:0<6}{offset or '+00:00'}"
        )
        _us(moment)  # an offset may push the first and the last day out of the calendar
    except (ValueError, OverflowError) as error:
        raise InstantError(f"`{text}` is no day or time of the calendar, {_EXPECTED}") from error
    return moment


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _midnight_us(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of a local date; where clocks skip midnight, the skip itself."""
    # By naive arithmetic, since the first and last days of the calendar have no UTC.
    local = datetime.combine(day, time(), zone)
    offset = local.utcoffset() or timedelta()
    naive = datetime.combine(day, time()) - _EPOCH.replace(tzinfo=None)
    return (naive - offset) // _MICROSECOND


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
