"""Conditional restrictions as OpenStreetMap writes them: `no @ (Mo-Fr 07:00-19:00 AND weight>7.5)`.

The grammar is that of the wiki's page "Conditional restrictions": clauses `value @ condition` joined
by `;`, of which a later one goes before an earlier one; conditions joined by AND; parentheses around a
condition, needed where it has a `;` of its own. Nothing here raises: what is written otherwise is read
as far as it can be and carries a fault, so that nobody relies on it unseen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# General to particular: of the keys given, the last decides for a goods vehicle.
ACCESS_KEYS: Final = ("access", "vehicle", "motor_vehicle", "goods", "hgv")
CONDITIONAL: Final = ":conditional"


class Limit(NamedTuple):
    """A measure of the vehicle that a condition compares: `weight > 7.5`.

    Attributes
    ----------
    quantity
        `weight`, `weightrating` (the permissible mass), `axleload`, `height`, `width` or `length`.
    comparison
        `<`, `<=`, `=`, `>=` or `>`.
    value
        Tonnes or metres.
    """

    quantity: str
    comparison: str
    value: float


class Clause(NamedTuple):
    """One `value @ condition` of a conditional restriction.

    Attributes
    ----------
    value
        What holds under the condition: `no`, `delivery`, `30`.
    schedule
        The hours as opening_hours text, not checked; empty for any time.
    limits
        Measures of the vehicle, all of which must hold.
    others
        Conditions of any other kind, as written (`wet`, `delivery`, `stay < 2 hours`), all of which must
        hold; also hours that no one opening_hours text joins with `schedule`.
    fault
        Why the clause is not as the wiki writes them; empty when it is. The other fields then hold
        what could be read.
    """

    value: str
    schedule: str = ""
    limits: tuple[Limit, ...] = ()
    others: tuple[str, ...] = ()
    fault: str = ""


_AND: Final = re.compile(r"\s+AND\s+", re.IGNORECASE)
_OR: Final = re.compile(r"\sOR\s")  # in capitals: `or` may be a word of another condition
_QUOTE: Final = re.compile('"')
_FEET_BEFORE: Final = re.compile(r"'\s?\d{1,2}(?:\.\d{1,3})?\Z")
_INCHES_AT_MOST: Final = 12  # letters that feet and inches take before the `"`
_LIMIT: Final = re.compile(
    r"(?P<quantity>[a-z_]+) ?(?P<comparison><=|>=|==|=|<|>|≤|≥) ?(?P<number>\d{1,9}(?:[.,]\d{1,9})?)"
    r" ?(?P<unit>[a-z]*)",
    re.IGNORECASE,
)
_FEET: Final = re.compile(
    r"(?P<quantity>[a-z_]+) ?(?P<comparison><=|>=|==|=|<|>|≤|≥) ?(?P<feet>\d{1,3})'"
    r"(?: ?(?P<inches>\d{1,2}(?:\.\d{1,3})?)\")?",
    re.IGNORECASE,
)
_COMPARISONS: Final = {"==": "=", "≤": "<=", "≥": ">="}
_QUANTITIES: Final = {
    "weight": "weight",
    "maxweight": "weight",
    "weightrating": "weightrating",
    "weight_rating": "weightrating",
    "maxweightrating": "weightrating",
    "grossweight": "weightrating",
    "axleload": "axleload",
    "maxaxleload": "axleload",
    "height": "height",
    "maxheight": "height",
    "width": "width",
    "maxwidth": "width",
    "length": "length",
    "maxlength": "length",
}
_MASSES: Final = frozenset({"weight", "weightrating", "axleload"})
_TONNES: Final = {
    "": 1.0,
    "t": 1.0,
    "kg": 1e-3,
    "st": 0.90718474,
    "lt": 1.0160469,
    "lbs": 4.5359237e-4,
}
_METRES: Final = {"": 1.0, "m": 1.0, "cm": 0.01, "ft": 0.3048}
_INCH_M: Final = 0.0254

# How opening_hours text begins. Words such as `wet` or `delivery` do not.
_DAY: Final = r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)(?![A-Za-z]))"
_MONTH: Final = r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?![A-Za-z]))"
_HOURS_BEGIN: Final = re.compile(
    rf"\(?(?:{_DAY}|{_MONTH}|24/7|\d{{1,2}}:\d\d|(?:19|20)\d\d(?!\d)"
    rf"|(?:sunrise|sunset|dawn|dusk|easter|week(?= ?\d))(?![a-z_]))",
    re.IGNORECASE,
)
# Selectors without rules of their own (no `;`, `off`, comment): two kinds of them can be joined.
_DATES_ONLY: Final = re.compile(rf"(?:{_MONTH}|\d{{1,4}}|[- ,])+", re.IGNORECASE)
_DAYS_ONLY: Final = re.compile(rf"{_DAY}(?:[-,]{_DAY})*", re.IGNORECASE)
_TIMES_ONLY: Final = re.compile(
    r"\d{1,2}:\d\d ?- ?\d{1,2}:\d\d(?:, ?\d{1,2}:\d\d ?- ?\d{1,2}:\d\d)*"
)
_IN_ORDER: Final = (_DATES_ONLY, _DAYS_ONLY, _TIMES_ONLY)
_TIMES: Final = 2  # the place of the times there
_TIME: Final = re.compile(r"(\d{1,2}):(\d\d)")


def parse_conditional(text: str) -> tuple[Clause, ...]:
    """Read the value of a `...:conditional` key.

    Parameters
    ----------
    text
        As in OpenStreetMap.

    Returns
    -------
    tuple of Clause
        In the order of the text; where several conditions hold, the last clause decides. Empty for
        blank text. Never raises.
    """
    return tuple(_clause(piece) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """Cut a value at each `;` that begins another clause.

    A `;` inside parentheses or a comment does not. One without an `@` between it and the next does not
    either: it belongs to hours whose parentheses were forgotten.
    """
    marks, _ = _without_comments(text)
    cuts = _cuts(marks, nested=True)
    if cuts is None:  # a parenthesis never closes: let each `;` cut that has an `@` behind it
        cuts = _cuts(marks, nested=False) or []
    begin = 0
    for place, cut in enumerate(cuts):
        rest = marks[cut + 1 : cuts[place + 1] if place + 1 < len(cuts) else len(text)]
        if "@" in rest or not rest.strip():
            yield from _unless_blank(text[begin:cut])
            begin = cut + 1
    yield from _unless_blank(text[begin:])


def _without_comments(text: str) -> tuple[str, bool]:
    """Blot out comments, so that marks in them are not seen; say whether the last one closes.

    A `"` behind feet is inches, `height>12'6"`, and begins no comment.
    """
    marks = list(text)
    opened: int | None = None
    for quote in _QUOTE.finditer(text):
        place = quote.start()
        if opened is not None:
            marks[opened + 1 : place] = "x" * (place - opened - 1)
            opened = None
        elif not _FEET_BEFORE.search(text, max(place - _INCHES_AT_MOST, 0), place):
            opened = place
    return "".join(marks), opened is None


def _cuts(marks: str, *, nested: bool) -> list[int] | None:
    """Find the `;`, outside parentheses if `nested`; None then if a parenthesis stays open."""
    cuts: list[int] = []
    depth = 0
    for place, mark in enumerate(marks):
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(depth - 1, 0)
        elif mark == ";" and (depth == 0 or not nested):
            cuts.append(place)
    return None if nested and depth else cuts


def _unless_blank(piece: str) -> Iterator[str]:
    if piece.strip():
        yield piece.strip()


def _clause(piece: str) -> Clause:
    marks, closed = _without_comments(piece)
    at = marks.find("@")
    if at < 0:
        return Clause(piece, fault="there is no condition: expected `value @ (condition)`")
    value, condition = piece[:at].strip(), piece[at + 1 :].strip()
    faults = [] if value else ["there is no value before `@`"]
    if not closed:
        faults.append("a comment does not close")
    if not _balanced(condition):
        faults.append("its parentheses do not match")
        condition = condition.strip("() ")
    condition = _bare(condition)
    if not condition:
        return Clause(value, fault="; ".join([*faults, "there is no condition behind `@`"]))
    hours: list[str] = []
    limits: list[Limit] = []
    others: list[str] = []
    for part in _split_at_and(condition):
        limit = _limit(part)
        if limit is not None:
            limits.append(limit)
        elif _HOURS_BEGIN.match(part):
            hours.append(part)
        else:
            others.append(part)
        marks, _ = _without_comments(part)
        if not part or "@" in marks:
            faults.append(f"`{part}` is no condition")
        elif _OR.search(marks):
            faults.append("conditions are joined by OR: expected a clause for each")
    schedule, apart = _joined(hours)
    return Clause(value, schedule, tuple(limits), (*apart, *others), "; ".join(faults))


def _balanced(text: str) -> bool:
    marks, _ = _without_comments(text)
    depth = 0
    for mark in marks:
        depth += (mark == "(") - (mark == ")")
        if depth < 0:
            return False
    return depth == 0


def _bare(text: str) -> str:
    """Leave out the parentheses that enclose the whole text."""
    marks, _ = _without_comments(text)
    opened: list[int] = []
    partner: dict[int, int] = {}
    for place, mark in enumerate(marks):
        if mark == "(":
            opened.append(place)
        elif mark == ")" and opened:
            partner[place] = opened.pop()
    first, end = 0, len(text)
    while first < end:
        if text[first].isspace():
            first += 1
        elif text[end - 1].isspace():
            end -= 1
        elif partner.get(end - 1) == first:
            first, end = first + 1, end - 1
        else:
            break
    return text[first:end]


def _split_at_and(condition: str) -> Iterator[str]:
    marks, _ = _without_comments(condition)
    begin = 0
    for found in _AND.finditer(marks):
        yield _bare(condition[begin : found.start()])
        begin = found.end()
    yield _bare(condition[begin:])


def _limit(text: str) -> Limit | None:
    found = _LIMIT.fullmatch(text) or _FEET.fullmatch(text)
    if found is None:
        return None
    quantity = _QUANTITIES.get(found["quantity"].lower())
    if quantity is None:
        return None
    comparison = _COMPARISONS.get(found["comparison"], found["comparison"])
    parts = found.groupdict()
    if "feet" in parts:
        if quantity in _MASSES:
            return None
        metres = float(parts["feet"]) * _METRES["ft"] + float(parts["inches"] or 0) * _INCH_M
        return Limit(quantity, comparison, metres)
    factor = (_TONNES if quantity in _MASSES else _METRES).get(parts["unit"].lower())
    if factor is None:
        return None
    return Limit(quantity, comparison, float(parts["number"].replace(",", ".")) * factor)


def _joined(hours: list[str]) -> tuple[str, tuple[str, ...]]:
    """Join what AND joined, `Mo-Fr AND 07:00-19:00`, where opening_hours has one text for it.

    Returns the text, and what it does not say.
    """
    if len(hours) < 2:
        return (hours[0] if hours else ""), ()
    kinds: dict[int, str] = {}
    for text in hours:
        kind = next((i for i, only in enumerate(_IN_ORDER) if only.fullmatch(text)), None)
        if kind is None or kind in kinds or (kind == _TIMES and _past_midnight(text)):
            return hours[0], tuple(hours[1:])
        kinds[kind] = text
    return " ".join(kinds[kind] for kind in sorted(kinds)), ()


def _past_midnight(times: str) -> bool:
    """Tell spans such as 22:00-06:00: `Mo-Fr 22:00-06:00` runs into Saturday, where `Mo-Fr` does not hold."""
    minutes = [int(hour) * 60 + int(minute) for hour, minute in _TIME.findall(times)]
    return any(end <= begin for begin, end in zip(minutes[::2], minutes[1::2], strict=True))
