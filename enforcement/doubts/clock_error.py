"""The doubt `clock`: the violation would vanish if the camera's clock were off as it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


def within_clock_error(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations are none when their instant is moved by the error of the clock.

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
    error_us = rules.camera_clock_error_us[suspects.record]
    vanishes = np.zeros(len(suspects), np.bool_)
    for sign in (-1, 1):
        moved = suspects.as_hits(suspects.captured_at_us + sign * error_us)
        vanishes |= match_hits(rules, moved).verdict != Verdict.VIOLATION
    return vanishes
