"""What is remembered of hits that keep coming, and how long.

Time (`believed_step`) goes in steps, an eighth of a horizon each; a horizon is 48 hours unless told
otherwise. Hits may come a horizon late. A step becomes final by the hits of its window, from a
horizon before it to half a horizon after it, once none of them can come any more: by fixed hits
therefore, whenever that happens. What the windows of later steps hold is remembered, 21 steps and
what is newer. A hit is saved in 38 bytes and its hit_id, a violation in 19 more, a hit whose plate
was not read in 12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.findings import Verdict
from enforcement.index.civil_time import DAY_US
from enforcement.settling.believed_step import STEPS
from enforcement.settling.judged_rows import BEGINNING_US, END_US, no_rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.settling.judged_rows import JudgedRows

HORIZON_US: Final = 2 * DAY_US
_AHEAD: Final = STEPS // 2  # steps after its own that a window holds: what doubts look ahead


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
        How many were more than a horizon behind time, or two ahead of it; nothing is said of them.
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
        What became of the hits of which nothing will change: rejected, final, too late or early.
    """

    rules_hash: str
    horizon_us: int
    step: int | None
    rows: JudgedRows
    final: Totals

    @property
    def step_us(self) -> int:
        """How long a step is."""
        return self.horizon_us // STEPS

    @property
    def late_before_us(self) -> int:
        """The instant before which hits come too late: a horizon behind time."""
        return self._steps_on(-STEPS, BEGINNING_US)

    @property
    def final_before_us(self) -> int:
        """The instant before which all is final: no hit of a window can come any more."""
        return self._steps_on(-STEPS - _AHEAD, BEGINNING_US)

    @property
    def remembered_from_us(self) -> int:
        """The instant before which nothing is remembered, as no window begins there any more."""
        return self._steps_on(-STEPS - _AHEAD - STEPS, BEGINNING_US)

    @property
    def early_from_us(self) -> int:
        """The instant from which on hits are too far ahead of time.

        Two horizons: a hit that is one ahead of its cameras may be followed by one as late.
        """
        return self._steps_on(2 * STEPS, END_US)

    def window_us(self, begin_us: int) -> tuple[int, int]:
        """Return between which instants lies what decides the step that begins at one."""
        return begin_us - STEPS * self.step_us, begin_us + (1 + _AHEAD) * self.step_us

    def _steps_on(self, steps: int, otherwise: int) -> int:
        """Return when the step begins that is some steps from the believed one, if there is one."""
        return otherwise if self.step is None else (self.step + steps) * self.step_us


def begin(rules: Rules, horizon_us: int = HORIZON_US) -> SettlingState:
    """Return the state before the first hit.

    Parameters
    ----------
    rules
        Compiled rules, the same for every batch.
    horizon_us
        Microseconds, a multiple of STEPS.

    Raises
    ------
    ValueError
        The horizon is no such multiple.
    """
    if horizon_us < STEPS or horizon_us % STEPS:
        raise ValueError(f"a horizon is a multiple of {STEPS} microseconds, not {horizon_us}")
    return SettlingState(rules.content_hash, horizon_us, None, no_rows(rules.side_plates), Totals())
