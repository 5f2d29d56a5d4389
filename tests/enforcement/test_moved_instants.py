"""The instants at which a hit is judged again while its clock may be off: all that matter, and few."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings

from enforcement.analysis.suspects import Suspects
from enforcement.doubts.moved_instants import moved_instants
from enforcement.findings import Verdict
from enforcement.index.compiler import compile_rules
from enforcement.matching.matcher import match_hits
from enforcement.matching.warning_periods import only_warned_of
from tests.enforcement.definitions import (
    TUESDAY,
    batch,
    camera,
    compiled,
    grant,
    permit,
    restriction,
    status,
    us,
)
from tests.enforcement.test_doubts import held
from tests.same_verdict.translation import batch_of, definition_of
from tests.same_verdict.worlds import World, worlds

if TYPE_CHECKING:
    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

TEN_MINUTES = [camera("C-1", clock_error_s=600.0)]
ERROR_US = 600_000_000


def violations_of(rules: Rules, hits: HitBatch) -> Suspects:
    found = match_hits(rules, hits)
    return Suspects(
        plate_key=hits.plate_key,
        plate_class=hits.plate_class,
        camera=hits.camera,
        captured_at_us=hits.captured_at_us,
        vehicle_class=found.vehicle_class,
        record=found.camera,
        reason=found.reason,
        restriction=found.restriction,
        permit=found.permit,
        grant=found.grant,
    ).some(np.flatnonzero(found.verdict == Verdict.VIOLATION))


def at_c1(*permits: Any, **fields: Any) -> Rules:
    values = {"cameras": TEN_MINUTES, "restrictions": [restriction("Z-1", cameras=("C-1",))]}
    return compiled(permits=list(permits), **(values | fields))


def asked(rules: Rules) -> list[float]:
    """Return how many seconds from noon a violation at noon is judged again."""
    noon = us(f"{TUESDAY} 12:00")
    moved = moved_instants(rules, violations_of(rules, batch(rules, {"at": noon})))
    return [(at - noon) / 1e6 for at in moved.at_us.tolist()]


def test_a_short_time_of_permission_between_the_ends_is_found():
    few = permit("P-1", grant(schedule="11:52-11:57"))
    rules = at_c1(few)
    assert asked(rules) == [-600, -480, -180, 600]
    assert held(rules, {"at": f"{TUESDAY} 12:00"}) == ["clock"]
    assert held(rules, {"at": f"{TUESDAY} 12:06:59.999999"}) == ["clock"]
    assert held(rules, {"at": f"{TUESDAY} 12:07"}) == [None]
    for fields, code in (
        (
            {"valid_from_us": us(f"{TUESDAY} 11:58"), "valid_until_us": us(f"{TUESDAY} 11:59")},
            "clock",
        ),
        (
            {
                "status": status(
                    ("active", us(f"{TUESDAY} 11:58")), ("revoked", us(f"{TUESDAY} 11:59"))
                )
            },
            "clock",
        ),
        (
            {
                "status": status(
                    ("applied", us(f"{TUESDAY} 11:58")), ("revoked", us(f"{TUESDAY} 11:59"))
                )
            },
            None,
        ),
    ):
        assert held(at_c1(permit("P-1", **fields)), {"at": f"{TUESDAY} 12:00"}) == [code]
    off = restriction("Z-1", cameras=("C-1",), schedule="00:00-12:02,12:04-24:00")
    assert held(at_c1(restrictions=[off]), {"at": f"{TUESDAY} 12:00"}) == ["clock"]


def test_only_what_concerns_the_vehicle_at_that_camera_is_asked():
    hours = {"schedule": "11:55-12:05"}
    assert asked(at_c1()) == [-600, 600]
    assert asked(
        at_c1(permit("P-1", grant("C-2", **hours)), cameras=[*TEN_MINUTES, camera("C-2")])
    ) == [-600, 600]
    cars = restriction("Z-2", cameras=("C-1",), vehicle_classes=frozenset({"car"}), **hours)
    lorries = restriction("Z-2", cameras=("C-1",), **hours)
    always = restriction("Z-1", cameras=("C-1",))
    assert asked(at_c1(restrictions=[always, cars])) == [-600, 600]
    assert asked(at_c1(restrictions=[always, lorries])) == [-600, -300, 300, 600]


def test_a_camera_that_comes_into_service_or_stops_only_warning():
    edge = us(f"{TUESDAY} 11:58")
    for field in ("valid_from_us", "warning_until_us"):
        cameras = [camera("C-1", clock_error_s=600.0, **{field: edge})]
        assert asked(at_c1(cameras=cameras)) == [-600, -120, 600]


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(worlds())
def test_nothing_changes_from_one_instant_to_the_next(world: World) -> None:
    cameras = [one | {"clock_error_seconds": 600.0} for one in world.city["cameras"]]
    rules = compile_rules(definition_of(world.city | {"cameras": cameras}), world.city["routes"])
    hits = violations_of(rules, batch_of(rules, world.hits, world.city["timezone"]))
    moved = moved_instants(rules, hits)
    for row in range(len(hits)):
        mine = moved.at_us[moved.row == row]
        at = int(hits.captured_at_us[row])
        assert (mine[0], mine[-1]) == (at - ERROR_US, at + ERROR_US)
        # Every second, and a microsecond before and after: most is stated in whole seconds.
        second = at // 1_000_000 * 1_000_000 + np.arange(-600, 601) * 1_000_000
        every = np.clip(np.add.outer(second, (-1, 0, 1)).ravel(), mine[0], mine[-1])
        before = mine[np.searchsorted(mine, every, side="right") - 1]
        for then, now in zip(
            answers(rules, hits, row, every), answers(rules, hits, row, before), strict=True
        ):
            np.testing.assert_array_equal(then, now)


def answers(rules: Rules, hits: Suspects, row: int, at: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return all that is said of a hit at instants."""
    some = hits.some(np.full(at.shape[0], row))
    found = match_hits(rules, some.as_hits(at))
    warned = only_warned_of(rules, found.camera, found.restriction, at)
    return *astuple(found), warned
