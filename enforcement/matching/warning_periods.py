"""Which violations are only warned of: their camera, or all that they break, is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules


def only_warned_of(
    rules: Rules,
    record: npt.NDArray[np.int32],
    restriction: npt.NDArray[np.int32],
    captured_at_us: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Tell which violations are warnings.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    record, restriction
        (v,) camera record, and the restriction that the verdict names, -1 for none. A verdict names
        a restriction in its warning period only where every restriction that is broken is in its own.
    captured_at_us
        (v,) microseconds UTC.

    Returns
    -------
    numpy.ndarray
        (v,) bool.
    """
    warned: npt.NDArray[np.bool_] = rules.camera_warning_until_us[record] > captured_at_us
    named = np.flatnonzero(restriction >= 0)
    ends = rules.restriction_warning_until_us[restriction[named]]
    warned[named] |= ends > captured_at_us[named]
    return warned
