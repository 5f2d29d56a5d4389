"""What is remembered of hits that keep coming: those of the last horizon, and what was told of them.

Time (`believed_steps`) moves in steps. What lies a horizon (48 hours, unless told otherwise) behind
it is final; it is remembered for another day as evidence about what is not. A hit is saved in
38 bytes and its hit_id, a violation in 19 more, a hit whose plate was not read in 12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.implausible_travel import AROUND_US
from enforcement.findings import Verdict
from enforcement.index.civil_time import DAY_US
from enforcement.settling.believed_steps import STEPS
from enforcement.settling.judged_rows import no_rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.settling.judged_rows import JudgedRows

HORIZON_US: Final = 2 * DAY_US
_BEGINNING_US: Final = -(1 << 62)
_END_US: Final = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """What became of hits; together they are all that came.

    Attributes
    ----------
    counts
        (6,) int64 hits by verdict, duplicates left out.
    duplicates
        How many were dropped as duplicates.
    too_late, too_early
        How many were more than a horizon behind time, or ahead of it; nothing is said of them.
    """

    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Verdict), np.int64))
    duplicates: int = 0
    too_late: int = 0
    too_early: int = 0

    def __add__(self, other: Totals) -> Totals:
        """Return the sum of both."""
        return Totals(
            self.counts + other.counts,
            self.duplicates + other.duplicates,
            self.too_late + other.too_late,
            self.too_early + other.too_early,
        )


@dataclass(frozen=True, slots=True, eq=False)
class SettlingState:
    """What is remembered between two batches; begun by `begin`, moved on by `advance`.

    Attributes
    ----------
    rules_hash
        Of the rules that all of it was judged by.
    horizon_us
        Hits may come so late and are judged as if in order.
    step
        The newest step that is believed, counted from 1970; None before the first.
    rows
        The hits that are remembered.
    final
        What became of the hits of which nothing will change: rejected, behind the horizon, or
        outside of it.
    """

    rules_hash: str
    horizon_us: int
    step: int | None
    rows: JudgedRows
    final: Totals

    @property
    def step_from_us(self) -> int:
        """The instant that the step begins with, microseconds UTC."""
        return _BEGINNING_US if self.step is None else self.step * (self.horizon_us // STEPS)

    @property
    def final_before_us(self) -> int:
        """The instant before which all is final: a horizon behind time."""
        return max(_BEGINNING_US, self.step_from_us - self.horizon_us)

    @property
    def remembered_from_us(self) -> int:
        """The instant before which nothing is remembered."""
        return max(_BEGINNING_US, self.final_before_us - AROUND_US)

    @property
    def early_from_us(self) -> int:
        """The instant from which on hits are more than a horizon ahead of time."""
        if self.step is None:
            return _END_US
        return self.step_from_us + self.horizon_us // STEPS + self.horizon_us


def begin(rules: Rules, horizon_us: int = HORIZON_US) -> SettlingState:
    """Return the state before the first hit.

    Parameters
    ----------
    rules
        Compiled rules, the same for every batch.
    horizon_us
        At least STEPS microseconds.

    Raises
    ------
    ValueError
        The horizon is shorter.
    """
    if horizon_us < STEPS:
        raise ValueError(f"a horizon has at least {STEPS} microseconds, not {horizon_us}")
    return SettlingState(rules.content_hash, horizon_us, None, no_rows(rules.side_plates), Totals())
