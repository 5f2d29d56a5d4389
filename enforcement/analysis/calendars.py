"""Violations that hang on the kind of day, in a year whose holidays are not published yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.findings import Reason
from enforcement.index.civil_time import civil_us

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


def on_unpublished_days(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations a holiday notice that is not out yet might undo.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    suspects
        v violations.

    Returns
    -------
    numpy.ndarray
        (v,) bool: the civil year has no notice, and the hours of the restriction, or of the grant
        whose hours were missed or whose speed was exceeded, depend on weekdays or holidays.
    """
    civil = civil_us(rules.zone, suspects.captured_at_us).astype("datetime64[us]")
    year = civil.astype("datetime64[Y]").astype(np.int64) + 1970
    unpublished = ~np.isin(year, rules.published_years)
    if not unpublished.any():
        return unpublished
    by_day = rules.schedule_by_day.astype(np.bool_)
    depends = np.zeros(len(suspects), np.bool_)
    named = suspects.restriction >= 0
    depends[named] = by_day[rules.restriction_schedule[suspects.restriction[named]]]
    by_grant = np.isin(suspects.reason, (Reason.OUTSIDE_HOURS, Reason.OVER_SPEED))
    named = by_grant & (suspects.grant >= 0)
    depends[named] |= by_day[rules.grant_schedule[suspects.grant[named]]]
    return unpublished & depends
