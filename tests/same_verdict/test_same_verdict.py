"""Kernels, explanation and oracle give one verdict on every generated world."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings

from enforcement.findings import REASON_NAMES, VERDICT_NAMES
from enforcement.index.compiler import compile_rules
from enforcement.matching.matcher import match_hits
from tests.oracles.judgement import judge
from tests.same_verdict.judges import agreed
from tests.same_verdict.translation import batch_of, definition_of, matched
from tests.same_verdict.worlds import World, worlds

WORLDS = 1_000
MANY_WORLDS = 10_000
SURVEYED_WORLDS = 600
LEAST_SHARE = 0.02  # of worlds


@pytest.mark.parametrize("count", [WORLDS, pytest.param(MANY_WORLDS, marks=pytest.mark.long)])
def test_kernels_explanation_and_oracle_agree_on_every_world(count: int) -> None:
    judged = 0

    # The same worlds every time: a failure in one run of many helps nobody.
    @settings(max_examples=count, deadline=None, derandomize=True, database=None)
    @given(worlds())
    def agree(world: World) -> None:
        nonlocal judged
        agreed(world.city, world.hits)
        judged += 1

    agree()
    assert judged >= count


def test_worlds_hold_every_verdict_and_reason_often_enough() -> None:
    worlds_with: Counter[str] = Counter()
    seen = 0

    @settings(max_examples=SURVEYED_WORLDS, deadline=None, derandomize=True, database=None)
    @given(worlds())
    def survey(world: World) -> None:
        nonlocal seen
        seen += 1
        worlds_with.update(_kinds(world))

    survey()
    shares = {kind: count / seen for kind, count in worlds_with.items()}
    wanted = {*VERDICT_NAMES, *REASON_NAMES, *_CORNERS} - {
        "violation",
        "none",
        "over_speed",
    }  # of two hits
    rare = {kind: shares.get(kind, 0.0) for kind in wanted if shares.get(kind, 0.0) < LEAST_SHARE}
    assert not rare, f"hardly generated: {rare}"


# More hits than the kernels take in one block, so that blocks meet.
LONG_BATCH = 10_000


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(worlds())
def test_a_verdict_does_not_depend_on_the_other_hits_of_a_batch(world: World) -> None:
    rules = compile_rules(definition_of(world.city), world.city["routes"])
    timezone = world.city["timezone"]
    shuffled = [world.hits[(row * 7 + row // 100) % len(world.hits)] for row in range(LONG_BATCH)]
    many = batch_of(rules, shuffled, timezone)
    together = match_hits(rules, many)
    alone = {}
    for hit in world.hits:
        single = batch_of(rules, [hit], timezone)
        alone[id(hit)] = matched(rules, single, match_hits(rules, single), 0)
    for row, hit in enumerate(shuffled):
        assert matched(rules, many, together, row) == alone[id(hit)]


# Corners that are no verdict of their own, but without which a world proves little.
_CORNERS = {
    "confined",
    "second grant named",
    "later permit named",
    "registry overrides",
    "hit without plate class",
    "camera record moved",
    "cameras beyond the first word of a set",
    "permitted in grace only",
    "warning",
    "warning by the camera",
    "named past a warning ban",
}


def _kinds(world: World) -> set[str]:
    """Return the verdicts, reasons and corners that the hits of a world meet."""
    kinds = set()
    strict = {**world.city, "grace_minutes": 0}
    first_permit = min((permit["permit_id"] for permit in world.city["permits"]), default=None)
    for hit in world.hits:
        answer = judge(world.city, hit)
        kinds.add(answer["reason"] or answer["verdict"])
        if answer["verdict"] == "violation" and answer["restriction_id"] is None:
            kinds.add("confined")
        if answer["grant"]:
            kinds.add("second grant named")
        if answer["permit_id"] not in {None, first_permit}:
            kinds.add("later permit named")
        if answer["vehicle_class"] != (hit["vehicle_class"] or "unknown"):
            kinds.add("registry overrides")
        if answer["permit_id"] and hit["plate_class"] is None:
            kinds.add("hit without plate class")
        kinds |= _warning_kinds(world.city, hit, answer)
        if answer["verdict"] == "permitted" and judge(strict, hit)["verdict"] != "permitted":
            kinds.add("permitted in grace only")
    ids = [camera["camera_id"] for camera in world.city["cameras"]]
    if len(ids) > len(set(ids)):
        kinds.add("camera record moved")
    if len(ids) > 64:
        kinds.add("cameras beyond the first word of a set")
    return kinds


def _warning_kinds(city: dict[str, Any], hit: dict[str, Any], answer: dict[str, Any]) -> set[str]:
    """Return what warning periods of restrictions or of the camera do to an answer."""
    plain = [{**rule, "warning_until": None} for rule in city["restrictions"]]
    without = judge({**city, "restrictions": plain}, hit)
    if without["warning"]:
        return {"warning by the camera"}
    if answer["warning"]:
        return {"warning"}
    return {"named past a warning ban"} if without != answer else set()
