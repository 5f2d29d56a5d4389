"""Which doubt keeps a violation away from the officer's queue, where several might."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.findings import HELD_CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

NOT_HELD: Final = 0  # other codes are one more than the place in HELD_CODES


def first_doubts(count: int, doubts: Mapping[str, npt.NDArray[np.bool_]]) -> npt.NDArray[np.uint8]:
    """Give each of `count` violations the first code in HELD_CODES whose doubt it is under.

    Parameters
    ----------
    count
        How many violations there are.
    doubts
        (count,) True where the doubt applies, by code.

    Returns
    -------
    numpy.ndarray
        (count,) NOT_HELD, or one more than a place in HELD_CODES.
    """
    held = np.full(count, NOT_HELD, np.uint8)
    for place, code in reversed(tuple(enumerate(HELD_CODES))):
        if code in doubts:
            held[doubts[code]] = place + 1
    return held
