"""All schedules of a city side by side: day to day pattern, day pattern to minute bitmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.rules.schedules import DAY_COUNT, FIRST_DAY, WORDS, compile_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from enforcement.rules.calendars import Calendar


class ScheduleTable(NamedTuple):
    """The schedule fields of `Rules`; `number` maps (text, grace minutes) to the schedule."""

    number: dict[tuple[str, int], int]
    day_pattern: npt.NDArray[np.uint16]
    patterns: npt.NDArray[np.uint64]
    texts: tuple[str, ...]
    grace: npt.NDArray[np.int32]
    days: npt.NDArray[np.int32]
    first_pattern: npt.NDArray[np.int32]

    @property
    def first_day(self) -> int:
        """Civil day of column 0 of `day_pattern`, days since 1970-01-01."""
        return FIRST_DAY


def build_schedule_table(wanted: Iterable[tuple[str, int]], calendar: Calendar) -> ScheduleTable:
    """Compile each distinct (text, grace minutes); the same whatever their order.

    Schedules whose days change alike share one row of days (190 kB for 1970 to 2100), those with
    the same patterns share them too.

    Raises
    ------
    ScheduleError
        A text is not in the grammar.
    """
    distinct = sorted(set(wanted))
    day_rows: dict[bytes, int] = {}
    blocks: dict[bytes, int] = {}
    days: list[int] = []
    first_pattern: list[int] = []
    pattern_count = 0
    for text, grace in distinct:
        compiled = compile_schedule(text, calendar, grace)
        days.append(day_rows.setdefault(compiled.day_pattern.tobytes(), len(day_rows)))
        block = compiled.patterns.tobytes()
        if block not in blocks:
            blocks[block] = pattern_count
            pattern_count += len(compiled.patterns)
        first_pattern.append(blocks[block])
    return ScheduleTable(
        number={pair: row for row, pair in enumerate(distinct)},
        day_pattern=np.frombuffer(b"".join(day_rows), np.uint16).reshape(-1, DAY_COUNT),
        patterns=np.frombuffer(b"".join(blocks), np.uint64).reshape(-1, WORDS),
        texts=tuple(text for text, _ in distinct),
        grace=np.array([grace for _, grace in distinct], np.int32),
        days=np.array(days, np.int32),
        first_pattern=np.array(first_pattern, np.int32),
    )
