"""Civil time as a table: the offset of a time zone at every instant of 1970 to 2100."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from enforcement.errors import EnforcementError

if TYPE_CHECKING:
    import numpy.typing as npt

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

FIRST_INSTANT_US: Final = 0  # 1970-01-01T00:00:00Z
LAST_INSTANT_US: Final = 4_102_444_800 * SECOND_US  # 2100-01-01T00:00:00Z, not judged any more

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# No zone has gone forth and back within half a day, so no change hides between two looks.
_LOOK_EVERY_S: Final = 43_200


class ZoneTable(NamedTuple):
    """Civil time = UTC + `offset_us[i]` from `from_us[i]` (microseconds UTC) on; both (z,) int64."""

    from_us: npt.NDArray[np.int64]
    offset_us: npt.NDArray[np.int64]


def civil_us(zone: ZoneTable, at_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return (n,) what the civil clock shows at instants, microseconds since 1970-01-01T00:00."""
    span = np.searchsorted(zone.from_us, at_us, side="right") - 1
    shown: npt.NDArray[np.int64] = at_us + zone.offset_us[np.maximum(span, 0)]
    return shown


@lru_cache(maxsize=64)
def zone_table(timezone: str) -> ZoneTable:
    """Return every change of a zone's offset between 1970 and 2100.

    Parameters
    ----------
    timezone
        IANA name, ``Asia/Shanghai``.

    Returns
    -------
    ZoneTable
        Read-only; the first entry begins at the least int64, so that every instant has one.

    Raises
    ------
    EnforcementError
        No zone of that name is known on this machine.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise EnforcementError(
            "unknown_timezone",
            f"{timezone!r} is no time zone known here; expected an IANA name like Asia/Shanghai",
            "city.toml: timezone",
        ) from error
    looks = range(FIRST_INSTANT_US // SECOND_US, LAST_INSTANT_US // SECOND_US + 1, _LOOK_EVERY_S)
    from_us = [int(np.iinfo(np.int64).min)]
    offset_us = [_offset_us(zone, looks[0])]
    for second in looks[1:]:
        offset = _offset_us(zone, second)
        if offset != offset_us[-1]:
            changed = _first_second_after_change(zone, second - _LOOK_EVERY_S, second)
            from_us.append(changed * SECOND_US)
            offset_us.append(offset)
    table = ZoneTable(np.array(from_us, np.int64), np.array(offset_us, np.int64))
    for array in table:
        array.flags.writeable = False
    return table


def _offset_us(zone: ZoneInfo, second: int) -> int:
    instant = (_EPOCH + timedelta(seconds=second)).astimezone(zone)
    return (instant.utcoffset() or timedelta()) // timedelta(microseconds=1)


def _first_second_after_change(zone: ZoneInfo, before: int, after: int) -> int:
    old = _offset_us(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_us(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after
