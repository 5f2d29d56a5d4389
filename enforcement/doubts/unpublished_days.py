"""The doubt `calendar`: it hangs on the kind of day, in a year whose holidays are not published yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.doubts.concerning_rules import (
    Concerning,
    grants_of,
    in_force,
    permits_of,
    restrictions_of,
)
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
        (v,) bool: the civil year has no notice, and `hours_by_day` decide.
    """
    civil = civil_us(rules.zone, suspects.captured_at_us).astype("datetime64[us]")
    year = civil.astype("datetime64[Y]").astype(np.int64) + 1970
    rows = np.flatnonzero(~np.isin(year, rules.published_years))
    held = np.zeros(len(suspects), np.bool_)
    held[rows[hours_by_day(rules, suspects.some(rows)).row]] = True
    return held


def hours_by_day(rules: Rules, suspects: Suspects) -> Concerning:
    """Find the hours that decide violations and depend on weekdays or holidays.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    suspects
        v violations.

    Returns
    -------
    Concerning
        Schedules: that of the restriction that is named, and of every grant that might clear the
        violation on another kind of day, of any permit in force. No grant clears an absolute ban;
        where a permit confines, only grants of such permits do. A drive that was too fast under a
        permit that exempts hangs on every restriction there too: without one, no permit was needed.
    """
    at = suspects.captured_at_us
    free = suspects.restriction < 0  # by a permit that confines, or by speed
    confined = free.copy()
    confined[free] = rules.permit_confines[suspects.permit[free]] == 1
    restrictions = _in_time(rules, restrictions_of(rules, suspects), at)
    exempted = restrictions.some((free & ~confined)[restrictions.row])

    permits = permits_of(rules, suspects)
    permits = permits.some(in_force(rules, permits, at))
    grants, permit = grants_of(rules, permits, suspects.record)
    clears = suspects.reason[grants.row] != Reason.ABSOLUTE_BAN
    clears &= ~confined[grants.row] | (rules.permit_confines[permit] == 1)
    grants = grants.some(clears)

    named = np.flatnonzero(~free)
    row = np.concatenate((named, exempted.row, grants.row))
    restriction = np.concatenate((suspects.restriction[named], exempted.rule))
    schedule = np.concatenate(
        (rules.restriction_schedule[restriction], rules.grant_schedule[grants.rule])
    )
    by_day = rules.schedule_by_day[schedule] == 1
    return Concerning(*np.unique(np.stack((row, schedule))[:, by_day], axis=1).astype(np.int64))


def _in_time(
    rules: Rules, restrictions: Concerning, captured_at_us: npt.NDArray[np.int64]
) -> Concerning:
    """Return the restrictions that are valid at the instants of their hits."""
    at, restriction = captured_at_us[restrictions.row], restrictions.rule
    begun = rules.restriction_from_us[restriction] <= at
    return restrictions.some(begun & (at < rules.restriction_until_us[restriction]))
