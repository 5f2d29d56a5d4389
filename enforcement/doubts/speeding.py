"""The doubts about violations by speed: each is asked of both hits of the drive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.speeding import Speeding


def within_both_clocks(rules: Rules, speeding: Speeding) -> npt.NDArray[np.bool_]:
    """Tell which drives no permit forbids, or are only then warnings, when their clocks are off.

    Their speed is reckoned with that already; here hours and validities are.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    speeding
        m drives.

    Returns
    -------
    numpy.ndarray
        (m,) bool.
    """
    warned = speeding.only_warned_of(rules)
    vanishes = np.zeros(len(speeding.row), np.bool_)
    for signs in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        only_then = ~warned & speeding.only_warned_of(rules, signs)
        vanishes |= ~speeding.stands_if(rules, signs) | only_then
    return vanishes
