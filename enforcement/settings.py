"""The settings of a city's judgement: one table, read once, passed down frozen."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


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
    case_gap_minutes: float = field(
        default=30.0, metadata={"help": "violations this close together are one continuous act"}
    )
    clock_error_seconds: float = field(
        default=1.0, metadata={"help": "how far a camera's clock may be off"}
    )
    detour_minutes: float = field(
        default=30.0, metadata={"help": "how long after a closure its way round is excused"}
    )


JUDGEMENT_FIELDS = tuple(fields(Judgement))
