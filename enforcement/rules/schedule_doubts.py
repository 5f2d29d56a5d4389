"""What a schedule says that its writer may not have meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enforcement.rules.schedule_text import WORKWEEK, library_schedule, read_schedule_text

if TYPE_CHECKING:
    from enforcement.rules.schedule_text import Segment

_ALL_WEEK: Final = frozenset(range(7))
_SPAN: Final = re.compile(r"(\d{1,2}):(\d\d) ?- ?(\d{1,2}):(\d\d)")
_OPEN_END: Final = re.compile(r"\d{1,2}:\d\d\+")
_REPEAT: Final = re.compile(r"\d{1,2}:\d\d/\d[\d:]*")
_MODIFIER: Final = re.compile(r"\b(?:open|closed|off|unknown)\b", re.IGNORECASE)

# A comma begins another rule unless it stands in a list of hours, weekdays or numbers.
_SEPARATOR: Final = re.compile(r'"[^"]*"| ?; ?| ?\|\| ?|, (?!\d?\d:\d\d)| , ')


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of a text, without comments; `joined_by` is the separator before it."""

    text: str
    joined_by: str
    segments: tuple[Segment, ...]

    @property
    def weekdays(self) -> frozenset[int]:
        """Weekdays that the rule may hold on; a holiday may be any."""
        days: frozenset[int] = frozenset()
        for segment in self.segments:
            shifted = any(item.offset_days for item in segment.weekday_items)
            if shifted or (segment.holiday_offsets and not segment.both):
                return _ALL_WEEK
            days = days.union(*(item.weekdays for item in segment.weekday_items))
        return days if self.segments else _ALL_WEEK

    @property
    def overnight(self) -> str:
        """The first span that runs past midnight; empty when none does."""
        for span in _SPAN.finditer(self.text):
            hour, minute, end_hour, end_minute = (int(part) for part in span.groups())
            opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
            if closes > 24 * 60 or 0 < closes <= opens:
                return span[0]
        return ""


@lru_cache(maxsize=4096)
def schedule_warnings(text: str) -> tuple[str, ...]:
    """Say what in a schedule reads otherwise than it looks; empty when nothing does.

    Raises
    ------
    ScheduleError
        `text` cannot be read.
    """
    parsed = read_schedule_text(text)
    rules = _rules(text, parsed.segments)
    words = [*library_schedule(text).warnings]
    words += _met_overnight(rules)
    for rule, following in zip(rules, [*rules[1:], None], strict=True):
        words += _odd_hours(rule)
        bare = not re.search(r"\d:\d\d|24/7", rule.text) and not _MODIFIER.search(rule.text)
        if bare and following is not None and following.joined_by == ", ":
            words.append(
                f"`{rule.text}` is a rule of its own and open all day, because a comma with a blank "
                "begins another rule; write the list without the blank"
            )
        if rule.joined_by == " , " and _SPAN.match(rule.text):
            words.append(
                f"`{rule.text}` is a rule of its own and holds every day, because a comma between "
                "blanks begins another rule; write the list without blanks"
            )
    words += [
        f"`{rule.text}` after `||` holds only on days on which no rule before it holds at any hour"
        for rule in rules
        if rule.joined_by == "||"
    ]
    both = [text[s.start : s.end] for s in parsed.segments if s.both]
    words += [
        f"`{name}` is read as the holidays that fall on those weekdays; write a comma for either"
        for name in both
    ]
    named = [s.plain_weekdays for s in parsed.segments if s.plain_weekdays and not s.both]
    if frozenset().union(*named) >= WORKWEEK and not any(days >= WORKWEEK for days in named):
        words.append(
            "no rule names all of Mo-Fr, so none of them holds on a make-up working day; add a rule "
            "for Mo-Fr in front"
        )
    return tuple(dict.fromkeys(words))


def _rules(text: str, segments: tuple[Segment, ...]) -> list[_Rule]:
    cuts: list[tuple[int, int, str]] = []
    for separator in _SEPARATOR.finditer(text):
        if separator[0].startswith('"'):
            continue
        name = separator[0] if "," in separator[0] else separator[0].strip()
        cuts.append((separator.start(), separator.end(), name))
    rules = []
    at, joined_by = 0, ""
    for start, end, name in [*cuts, (len(text), len(text), "")]:
        words = re.sub(r'"[^"]*"', "", text[at:start]).strip()
        inside = tuple(s for s in segments if at <= s.start < start)
        rules.append(_Rule(words, joined_by, inside))
        at, joined_by = end, name
    return rules


def _met_overnight(rules: list[_Rule]) -> list[str]:
    """Warn of hours past midnight that a later rule on the same or the next day meets."""
    words = []
    for i, rule in enumerate(rules):
        if not rule.overnight:
            continue
        reached = rule.weekdays | {(day + 1) % 7 for day in rule.weekdays}
        words += [
            f"`{rule.overnight}` runs past midnight and the later rule `{later.text}` meets it: what "
            "began the evening before ends when a day of that rule begins, and what would begin on "
            "such a day may still hold the next morning; write the hours before and after "
            "midnight as rules of their own"
            for later in rules[i + 1 :]
            if later.joined_by == ";" and later.weekdays & reached
        ]
    return words


def _odd_hours(rule: _Rule) -> list[str]:
    words = []
    if re.search(r"(?i)\bunknown\b", rule.text):
        words.append(f"`{rule.text}`: hours that are `unknown` count as not open")
    words += [
        f"`{span[0]}` is read as 24 hours"
        for span in _SPAN.finditer(rule.text)
        if span[1].zfill(2) == span[3].zfill(2) and span[2] == span[4]
    ]
    words += [
        f"`{end[0]}`: an open end holds until midnight after a single time, and not at all after a "
        "span; write the closing time"
        for end in _OPEN_END.finditer(rule.text)
    ]
    words += [
        f"`{repeat[0]}`: the repetition is not read, the whole span is open"
        for repeat in _REPEAT.finditer(rule.text)
    ]
    return words
