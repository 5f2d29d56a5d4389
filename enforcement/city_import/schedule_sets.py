"""Hours put together and taken away, written as one opening_hours text that says exactly that."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.rules.calendars import Calendar, calendar_for
from enforcement.rules.schedules import ScheduleError, compile_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Minutes = npt.NDArray[np.uint64]

ALWAYS: Final = "24/7"
_RULES: Final = re.compile(r'((?:"[^"]*"|[^;"])+)')
_DAYS_FIRST: Final = re.compile(r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?![A-Za-z])", re.IGNORECASE)

Step = tuple[bool, str]  # whether the hours are added or taken away, and their text


def hours_text(steps: tuple[Step, ...], calendar: Calendar) -> str | None:
    """Write as one text what is left when hours are added and taken away one after the other.

    Parameters
    ----------
    steps
        In order; each text must be one that `read_schedule_text` reads.
    calendar
        The city's. A calendar without holidays stands back for China's, so that `PH` is told from days.

    Returns
    -------
    str | None
        Empty if nothing is left. None if no text was found that holds for the same minutes: each one
        tried is compared with what the steps say, minute by minute, over all days that are judged.
    """
    return _hours_text(steps, calendar if calendar.holidays else calendar_for("CN"))


@lru_cache(maxsize=1024)
def _hours_text(steps: tuple[Step, ...], calendar: Calendar) -> str | None:
    # What stands before everything was added or taken away does not count.
    for place in range(len(steps) - 1, -1, -1):
        if steps[place][1] == ALWAYS:
            steps = steps[place:] if steps[place][0] else steps[place + 1 :]
            break
    while steps and not steps[0][0]:
        steps = steps[1:]
    texts = [""]
    for added, hours in steps:
        texts = [longer for text in texts for longer in _extended(text, hours, added=added)]
    wanted = _minutes_of(steps, calendar)
    if not wanted.any():
        return ""
    for text in texts:
        try:
            if np.array_equal(_minutes(text, calendar), wanted):
                return text
        except ScheduleError:
            continue
    return None


def _extended(text: str, hours: str, *, added: bool) -> Iterator[str]:
    """Yield texts that may say `text` with hours added or taken away, the plainest first."""
    if not added:
        rules = [rule.strip() for rule in _RULES.findall(hours)]
        yield "; ".join([text, *(f"{rule} off" for rule in rules if rule)])
    elif not text:
        yield hours
    else:
        yield f"{text}; {hours}"
        yield f"{text}, {hours if _DAYS_FIRST.match(hours) else f'Mo-Su {hours}'}"


def _minutes_of(steps: tuple[Step, ...], calendar: Calendar) -> Minutes:
    held = np.zeros_like(_minutes(ALWAYS, calendar))
    for added, hours in steps:
        minutes = _minutes(hours, calendar)
        held = held | minutes if added else held & ~minutes
    return held


def _minutes(text: str, calendar: Calendar) -> Minutes:
    compiled = compile_schedule(text, calendar)
    minutes: Minutes = compiled.patterns[compiled.day_pattern]
    return minutes
