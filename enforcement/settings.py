"""The settings of a city's judgement: one table, read once, passed down frozen."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """What makes suspected violations of one vehicle one case; docs/city-files.md has the sources.

    Attributes
    ----------
    name
        What is written on every case.
    gap_minutes
        Each violation of a case comes at most this long after the one before; None for any time.
    same_restriction
        Whether all violations of a case rest on one restriction, or all on none.
    same_day
        Whether all violations of a case are of one civil day.
    """

    name: str
    gap_minutes: float | None
    same_restriction: bool = False
    same_day: bool = False


CASE_POLICIES: Final = (
    CasePolicy("continuous", 30.0),
    CasePolicy("same_route", 30.0, same_restriction=True),
    CasePolicy("per_day", None, same_day=True),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `[judgement]` in city.toml sets; every value is part of the rules' hash."""

    min_confidence: float = field(
        default=0.80, metadata={"help": "reads below this confidence are unreadable", "max": 1.0}
    )
    grace_minutes: int = field(
        default=5, metadata={"help": "minutes added to both ends of a grant's hours", "max": 720}
    )
    duplicate_seconds: float = field(
        default=10.0,
        metadata={"help": "a second read at one camera within this is the same passage"},
    )
    case_policy: CasePolicy = field(
        default=CASE_POLICIES[0], metadata={"help": "which violations of a vehicle are one case"}
    )
    clock_error_seconds: float = field(
        default=1.0, metadata={"help": "how far a camera's clock may be off"}
    )
    detour_minutes: float = field(
        default=30.0, metadata={"help": "how long after a closure its way round is excused"}
    )


JUDGEMENT_FIELDS = tuple(fields(Judgement))
