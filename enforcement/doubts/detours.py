"""The doubt `detour`: a closure cut the permitted route, and the camera is on an open way round it.

Who goes round a closure is on the route before it, or after; a short route may be left altogether. So
one that other cameras saw about then, and none of them on its route, did not go round.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.sighting_order_kernels import find_places
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


LONG_ROUTE: Final = 8  # cameras: no way round leaves out all of them


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
        saw the vehicle, or none at all; of a route of fewer than LONG_ROUTE cameras, none that is
        not on a way round.
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
    """Tell which vehicles were shortly before or after on a route that the closure cuts.

    Or nowhere as far as other cameras saw; if none of these routes is long, nowhere but on ways
    round it.
    """
    row, sighting = _seen_near(sightings, suspects)
    record = sightings.record[sighting].astype(np.int64)
    routes, ways, most = _cut_routes(rules, closure, suspects)
    on_route, on_way = (
        word[row, record >> 6] >> (record & 63).astype(np.uint64) & np.uint64(1) == 1
        for word in (routes, ways)
    )
    excused = np.ones(len(suspects), np.bool_)
    excused[row[~on_way | (most[row] >= LONG_ROUTE)]] = False
    excused[row[on_route]] = True
    return excused


def _seen_near(
    sightings: Sightings, suspects: Suspects
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return places of suspects, and the sightings of each by other cameras shortly before or after."""
    starts = np.flatnonzero(np.diff(sightings.vehicle, prepend=-1))
    row, start = each_of_ranges(
        *(
            np.searchsorted(sightings.plate_key[starts], suspects.plate_key, side=side)
            for side in ("left", "right")
        )
    )
    mine = sightings.plate_class[starts[start]] == suspects.plate_class[row]
    row, vehicle = row[mine], sightings.vehicle[starts[start[mine]]]
    begin, end = np.empty((2, row.shape[0]), np.int64)
    for places, beyond_us in ((begin, -SEEN_AGAIN_US), (end, SEEN_AGAIN_US + 1)):
        at = suspects.captured_at_us[row] + beyond_us
        find_places(sightings.vehicle, sightings.captured_at_us, vehicle, at, places)
    of, sighting = each_of_ranges(begin, end)
    row = row[of]
    others = sightings.record[sighting] != suspects.record[row]
    return row[others], sighting[others]


def _cut_routes(
    rules: Rules, closure: int, suspects: Suspects
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Return the cameras of the routes of each vehicle's permits that a closure cuts.

    Returns
    -------
    on_route, on_way
        (v, words) those on the routes, and those on ways round the closure.
    most
        (v,) how many the route has that has most.
    """
    permits = permits_of(rules, suspects)
    offsets = rules.grant_offsets
    pair, grant = each_of_ranges(offsets[permits.rule], offsets[permits.rule + 1])
    route, row = rules.grant_route[grant], permits.row[pair]
    on_route, on_way = np.zeros((2, len(suspects), rules.camera_sets.shape[1]), np.uint64)
    most = np.zeros(len(suspects), np.int64)
    for cut in np.flatnonzero(rules.detour_closure == closure).tolist():
        of_it = np.flatnonzero(route == rules.detour_route[cut])
        own = rules.camera_sets[rules.grant_camera_set[grant[of_it]]]
        np.bitwise_or.at(on_route, row[of_it], own)
        np.bitwise_or.at(on_way, row[of_it], rules.detour_sets[rules.detour_camera_set[cut]])
        np.maximum.at(most, row[of_it], np.bitwise_count(own).sum(1, dtype=np.int64))
    return on_route, on_way, most


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
