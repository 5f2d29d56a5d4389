"""How far time has come by what the cameras say, whatever a few wrong clocks say.

Time goes in steps, so that the same hits come by the same steps however they are cut into batches.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

STEPS: Final = 48  # of a horizon: an hour of two days
_LEAST_CAMERAS: Final = 2
_LEAST_SHARE: Final = 0.02  # of the cameras that were heard before


def next_believed(
    captured_at_us: npt.NDArray[np.int64],
    camera: npt.NDArray[np.int32],
    horizon_us: int,
    step: int | None,
    cameras: int,
) -> int | None:
    """Return the next step that enough cameras have come to.

    Parameters
    ----------
    captured_at_us
        (n,) instants of hits, ascending.
    camera
        (n,) which read them.
    horizon_us
        STEPS steps.
    step
        The one that was believed last, counted from 1970; None if none was.
    cameras
        How many there are in the city.

    Returns
    -------
    int or None
        The first later step with a hit from which on, within a horizon, at least two cameras have
        read (one in a city of one), and at least 2 % of those with hits before it. So neither a
        clock of 2099 nor a few that agree on next year move time.
    """
    step_us = horizon_us // STEPS
    begin = 0 if step is None else int(np.searchsorted(captured_at_us, (step + 1) * step_us))
    for following in np.unique(captured_at_us[begin:] // step_us).tolist():
        first, beyond = np.searchsorted(
            captured_at_us, (following * step_us, following * step_us + horizon_us)
        )
        heard = np.unique(camera[:first]).size
        least = max(min(_LEAST_CAMERAS, cameras), math.ceil(_LEAST_SHARE * heard))
        if np.unique(camera[first:beyond]).size >= least:
            return int(following)
    return None
