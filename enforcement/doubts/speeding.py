"""The doubt `clock` about violations by speed: both clocks of the drive may be off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.doubts.moved_instants import moved_instants
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.speeding import Speeding


def within_both_clocks(rules: Rules, speeding: Speeding) -> npt.NDArray[np.bool_]:
    """Tell which drives no permit forbids, or are only then warnings, at instants that clocks allow.

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
    first, second = (moved_instants(rules, hits) for hits in (speeding.first, speeding.second))
    # Every instant of the one hit with every instant of the other.
    one, other = each_of_ranges(
        np.searchsorted(second.row, first.row, side="left"),
        np.searchsorted(second.row, first.row, side="right"),
    )
    row, at_us = first.row[one], (first.at_us[one], second.at_us[other])
    drives = speeding.some(row)
    warned = drives.only_warned_of(rules, drives.captured_at_us)
    clears = ~drives.stands_at(rules, at_us) | (~warned & drives.only_warned_of(rules, at_us))
    vanishes = np.zeros(len(speeding.row), np.bool_)
    vanishes[row[clears]] = True
    return vanishes
