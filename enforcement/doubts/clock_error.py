"""The doubt `clock`: the violation would vanish, or be a warning, if the clock were off as it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.doubts.moved_instants import moved_instants, near_changes
from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from enforcement.matching.warning_periods import only_warned_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


def within_clock_error(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations are none, or only then warnings, at an instant that the clock allows.

    Parameters
    ----------
    rules
        The rules that they were judged by; `camera_clock_error_us` is how far a clock may be off.
    suspects
        v violations.

    Returns
    -------
    numpy.ndarray
        (v,) bool.
    """
    near = near_changes(rules, suspects)
    moved = moved_instants(rules, suspects.some(near))
    row = near[moved.row]
    hits = suspects.some(row)
    verdicts = match_hits(rules, hits.as_hits(moved.at_us))
    warned = only_warned_of(rules, hits.record, hits.restriction, hits.captured_at_us)
    then_warned = only_warned_of(rules, verdicts.camera, verdicts.restriction, moved.at_us)
    clears = (verdicts.verdict != Verdict.VIOLATION) | (~warned & then_warned)
    vanishes = np.zeros(len(suspects), np.bool_)
    vanishes[row[clears]] = True
    return vanishes
