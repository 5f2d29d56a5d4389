"""Cases: suspected violations of one vehicle that the city's policy counts as one (一事不再罚)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def number_cases(
    group: npt.NDArray[np.int64],
    captured_at_us: npt.NDArray[np.int64],
    gap_minutes: float | None,
) -> npt.NDArray[np.int64]:
    """Give each suspected violation the number of its case.

    Parameters
    ----------
    group
        (n,) a number for each set of violations that one case may hold; a group's rows are together.
    captured_at_us
        (n,) microseconds UTC, in non-falling order within a group.
    gap_minutes
        Two violations of a group no farther apart than this are one case; None for any time.

    Returns
    -------
    numpy.ndarray
        (n,) int64 case numbers from 0, in order.
    """
    if not group.size:
        return np.zeros(0, np.int64)
    begins = np.ones(group.shape[0], np.bool_)
    begins[1:] = np.diff(group) != 0
    if gap_minutes is not None:
        begins[1:] |= np.diff(captured_at_us) > round(gap_minutes * 60e6)
    return np.cumsum(begins) - 1


def case_id(plate: str, plate_class: str | None, first_hit_id: str) -> str:
    """Return the lasting name of a case: its vehicle and the hit it begins with."""
    text = "\x1f".join((plate, plate_class or "", first_hit_id))
    return "K-" + blake2b(text.encode(), digest_size=10).hexdigest()


def violation_id(hit_id: str) -> str:
    """Return the lasting name of a violation: a hit has one, whatever rules judge it again."""
    return "V-" + blake2b(hit_id.encode(), digest_size=10).hexdigest()
