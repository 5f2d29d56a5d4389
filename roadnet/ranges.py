"""Ranges of numbers, written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def each_of_ranges(
    begins: npt.NDArray[np.integer], ends: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return every number of n ranges one after another: the place of its range, and the number.

    Parameters
    ----------
    begins, ends
        (n,) the first number of each range and the one behind its last, not below the first.

    Returns
    -------
    tuple
        Two int64 arrays as long as all ranges together.
    """
    count = (ends - begins).astype(np.int64)
    of = np.repeat(np.arange(count.shape[0]), count)
    within = np.arange(of.shape[0]) - np.repeat(np.cumsum(count) - count, count)
    return of, begins.astype(np.int64)[of] + within
