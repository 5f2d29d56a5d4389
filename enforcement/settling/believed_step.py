"""How far time has come by what the cameras say, whatever a few wrong clocks say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

STEPS: Final = 8  # of a horizon: six hours of two days
_LEAST_CAMERAS: Final = 2
_LEAST_SHARE: Final = 0.02


def believed_step(
    captured_at_us: npt.NDArray[np.int64],
    camera: npt.NDArray[np.int32],
    step_us: int,
    step: int | None,
    cameras: int,
) -> int | None:
    """Return the newest step that enough cameras have come to.

    More hits never make it an older one, so neither their order nor their cut into batches matters.

    Parameters
    ----------
    captured_at_us
        (n,) instants of hits, in any order; none of before `step` is needed.
    camera
        (n,) which read them.
    step_us
        How long a step is.
    step
        The one that was believed so far, counted from 1970; None if none was.
    cameras
        How many there are in the city.

    Returns
    -------
    int or None
        The newest step with a hit from which on, within a horizon, at least two cameras have read
        (one in a city of one), and at least 2 % of the city's. So neither a clock of 2099 nor a few
        that agree on next year move time.
    """
    least = max(min(_LEAST_CAMERAS, cameras), math.ceil(_LEAST_SHARE * cameras))
    of_hit = captured_at_us // step_us
    newer = np.arange(of_hit.size) if step is None else np.flatnonzero(of_hit > step)
    newer = newer[np.argsort(of_hit[newer], kind="stable")]
    of_hit, camera = of_hit[newer], camera[newer]
    # A clock that tells any year makes as many steps as hits: each hit is looked at in few of them.
    steps, begins = np.unique(of_hit, return_index=True)
    ends = np.searchsorted(of_hit, steps + STEPS)
    for place in range(steps.size - 1, -1, -1):
        if np.unique(camera[begins[place] : ends[place]]).size >= least:
            return int(steps[place])
    return step
