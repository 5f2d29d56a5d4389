"""The doubt `clock`: the violation would vanish, or be a warning, if the clock were off as it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from enforcement.matching.warning_periods import only_warned_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


def within_clock_error(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations are none, or only then warnings, when the clock's error moves them.

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
    at = suspects.captured_at_us
    error_us = rules.camera_clock_error_us[suspects.record]
    warned = only_warned_of(rules, suspects.record, suspects.restriction, at)
    vanishes = np.zeros(len(suspects), np.bool_)
    for sign in (-1, 1):
        moved = suspects.as_hits(at + sign * error_us)
        verdicts = match_hits(rules, moved)
        only_then = ~warned & only_warned_of(
            rules, verdicts.camera, verdicts.restriction, moved.captured_at_us
        )
        vanishes |= (verdicts.verdict != Verdict.VIOLATION) | only_then
    return vanishes
