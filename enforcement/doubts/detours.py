"""The doubt `detour`: a closure cut the permitted route, and the camera is on an open way round it.

Who goes round a closure is on the route before it, or after. So one that other cameras saw about then,
and none of them on its route, did not go round.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.seen_near import seen_near
from enforcement.doubts.alike_violators import SEEN_AGAIN_US
from enforcement.doubts.concerning_rules import permits_of
from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


def on_detours(rules: Rules, sightings: Sightings, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations are none if the cameras on open ways round belong to the route.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    sightings
        That are believed; all of every plate that has a violation.
    suspects
        v violations.

    Returns
    -------
    numpy.ndarray
        (v,) bool: at an instant of a closure, or up to `detour_minutes` after it, in the hours of
        a grant for a route that it cuts; and within half an hour another camera of such a route
        saw the vehicle, or no other camera at all.
    """
    excused = np.zeros(len(suspects), np.bool_)
    for closure, rows in on_ways_round(rules, suspects):
        excused[rows] |= _by_its_route(rules, closure, sightings, suspects.some(rows))
    return excused


def on_ways_round(rules: Rules, suspects: Suspects) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield, for each closure, the violations that are none if the ways round it belong to the routes."""
    for closure, widened, rows in rules_round_closures(rules, suspects.captured_at_us):
        some = suspects.some(rows)
        verdict = match_hits(widened, some.as_hits(some.captured_at_us)).verdict
        yield closure, rows[verdict != Verdict.VIOLATION]


def _by_its_route(
    rules: Rules, closure: int, sightings: Sightings, suspects: Suspects
) -> npt.NDArray[np.bool_]:
    """Tell which vehicles a camera of a route that the closure cuts saw shortly before or after.

    Those that no other camera saw too.
    """
    seen = seen_near(
        sightings,
        suspects.plate_key,
        suspects.plate_class,
        suspects.record,
        suspects.captured_at_us,
        SEEN_AGAIN_US,
    )
    by_it = ~seen
    row, sighting = each_of_ranges(
        np.searchsorted(sightings.plate_key, suspects.plate_key, side="left"),
        np.searchsorted(sightings.plate_key, suspects.plate_key, side="right"),
    )
    apart_us = sightings.captured_at_us[sighting] - suspects.captured_at_us[row]
    near = np.flatnonzero(
        (np.abs(apart_us) <= SEEN_AGAIN_US)
        & (sightings.plate_class[sighting] == suspects.plate_class[row])
        & (sightings.record[sighting] != suspects.record[row])
    )
    row, record = row[near], sightings.record[sighting[near]].astype(np.int64)
    word = _cut_routes(rules, closure, suspects)[row, record >> 6]
    by_it[row[word >> (record & 63).astype(np.uint64) & np.uint64(1) == 1]] = True
    return by_it


def _cut_routes(rules: Rules, closure: int, suspects: Suspects) -> npt.NDArray[np.uint64]:
    """Return (v, words) the cameras of the routes of each vehicle's permits that a closure cuts."""
    permits = permits_of(rules, suspects)
    offsets = rules.grant_offsets
    pair, grant = each_of_ranges(offsets[permits.rule], offsets[permits.rule + 1])
    cut = np.isin(rules.grant_route[grant], rules.detour_route[rules.detour_closure == closure])
    cameras = np.zeros((len(suspects), rules.camera_sets.shape[1]), np.uint64)
    own = rules.camera_sets[rules.grant_camera_set[grant[cut]]]
    np.bitwise_or.at(cameras, permits.row[pair[cut]], own)
    return cameras


def rules_round_closures(
    rules: Rules, captured_at_us: npt.NDArray[np.int64]
) -> Iterator[tuple[int, Rules, npt.NDArray[np.int64]]]:
    """Yield, for each closure, the rules with the ways round it, and the instants they are for.

    Parameters
    ----------
    rules
        Compiled rules.
    captured_at_us
        (n,) instants, microseconds UTC.

    Yields
    ------
    int
        The closure's place in `Rules.closure_ids`.
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
            yield closure, _widened(rules, closure), rows


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
