"""The doubt `clock` about violations by speed: both clocks of the drive may be off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.doubts.moved_instants import moved_instants
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.speeding import Speeding


class MovedDrives(NamedTuple):
    """p pairs of instants that the two hits of a drive may really be of.

    Attributes
    ----------
    row
        (p,) int64 place of the drive, not falling.
    first_us, second_us
        (p,) int64 microseconds UTC.
    forbidden, warned
        (p,) bool: a permit forbids the drive then as well; a camera is in its warning period.
    """

    row: npt.NDArray[np.int64]
    first_us: npt.NDArray[np.int64]
    second_us: npt.NDArray[np.int64]
    forbidden: npt.NDArray[np.bool_]
    warned: npt.NDArray[np.bool_]


def moved_drives(rules: Rules, speeding: Speeding) -> MovedDrives:
    """Ask of drives what they are at every two instants of `moved_instants` of their hits.

    Their speed is reckoned with the clocks' errors already; here hours and validities are.
    """
    first, second = (moved_instants(rules, hits) for hits in (speeding.first, speeding.second))
    one, other = each_of_ranges(
        np.searchsorted(second.row, first.row, side="left"),
        np.searchsorted(second.row, first.row, side="right"),
    )
    row, at_us = first.row[one], (first.at_us[one], second.at_us[other])
    drives = speeding.some(row)
    forbidden = drives.stands_at(rules, at_us)
    return MovedDrives(row, *at_us, forbidden, drives.only_warned_of(rules, at_us))


def within_both_clocks(rules: Rules, speeding: Speeding) -> npt.NDArray[np.bool_]:
    """Tell which drives no permit forbids, or are only then warnings, at instants that clocks allow.

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
    moved = moved_drives(rules, speeding)
    warned = speeding.only_warned_of(rules, speeding.captured_at_us)
    vanishes = np.zeros(len(speeding.row), np.bool_)
    vanishes[moved.row[~moved.forbidden | (~warned[moved.row] & moved.warned)]] = True
    return vanishes
