"""Times of requests as instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from enforcement.api.problems import Problem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant_us(field: str, moment: datetime, zone: str) -> int:
    """Return a time as microseconds since 1970 UTC.

    Parameters
    ----------
    field
        Where it stood, for the message.
    moment
        Without offset it is civil time.
    zone
        IANA zone of that civil time.

    Raises
    ------
    Problem
        422: it is outside the calendar once it is in UTC.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    try:
        return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND
    except OverflowError:
        detail = f"{field}: {moment.isoformat()} is outside the calendar"
        raise Problem(422, "invalid_request", "A value cannot be used", detail) from None
