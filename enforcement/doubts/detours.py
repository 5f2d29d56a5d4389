"""The doubt `detour`: a closure cut the permitted route, and the camera is on an open way round it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


def on_detours(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations are none if the cameras on open ways round belong to the route.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    suspects
        v violations.

    Returns
    -------
    numpy.ndarray
        (v,) bool: at an instant of a closure, or up to `detour_minutes` after it, in the hours of
        a grant for a route that it cuts.
    """
    excused = np.zeros(len(suspects), np.bool_)
    for widened, rows in rules_round_closures(rules, suspects.captured_at_us):
        some = suspects.some(rows)
        verdict = match_hits(widened, some.as_hits(some.captured_at_us)).verdict
        excused[rows] |= verdict != Verdict.VIOLATION
    return excused


def rules_round_closures(
    rules: Rules, captured_at_us: npt.NDArray[np.int64]
) -> Iterator[tuple[Rules, npt.NDArray[np.int64]]]:
    """Yield, for each closure, the rules with the ways round it, and the instants they are for.

    Parameters
    ----------
    rules
        Compiled rules.
    captured_at_us
        (n,) instants, microseconds UTC.

    Yields
    ------
    Rules
        The cameras on open ways round the closure belong to the routes that it cuts.
    numpy.ndarray
        Ascending places of the instants from its begin to `detour_minutes` after its end; some.
    """
    after_us = round(rules.judgement.detour_minutes * 60e6)
    for closure in range(len(rules.closure_ids)):
        begins, ends = rules.closure_from_us[closure], rules.closure_until_us[closure]
        rows = np.flatnonzero((captured_at_us >= begins) & (captured_at_us - after_us < ends))
        if rows.size:
            yield _widened(rules, closure), rows


def _widened(rules: Rules, closure: int) -> Rules:
    """Return the rules with the cameras on ways round a closure added to the routes that it cuts."""
    grant_set = rules.grant_camera_set.copy()
    sets = [rules.camera_sets]
    count = rules.camera_sets.shape[0]
    for row in np.flatnonzero(rules.detour_closure == closure).tolist():
        grants = np.flatnonzero(rules.grant_route == rules.detour_route[row])
        more = rules.detour_sets[rules.detour_camera_set[row]]
        # Grants for one route have one set of cameras, but do not rely on it.
        own, which = np.unique(grant_set[grants], return_inverse=True)
        sets.append(rules.camera_sets[own] | more)
        grant_set[grants] = count + which
        count += own.shape[0]
    return replace(
        rules, camera_sets=np.concatenate(sets), grant_camera_set=grant_set.astype(np.int32)
    )
