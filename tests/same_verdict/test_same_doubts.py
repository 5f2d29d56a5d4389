"""Engine and explanation hold the same violations by the same codes, and the words name what does."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from enforcement.engine import judge, settle
from enforcement.explained_violations import Wanted, explain_judged
from enforcement.explaining.full_explanation import explain_by_rules
from enforcement.findings import HELD_CODES, Reason
from enforcement.index.compiler import compile_rules
from enforcement.matching.explain import explain_hit
from enforcement.sweep import judge_hits
from tests.enforcement.days import write_hits
from tests.enforcement.test_sweep_oracle import Day, city_of, days
from tests.same_verdict.test_words import ACCUSING
from tests.same_verdict.translation import batch_of, definition_of, hit_of
from tests.same_verdict.worlds import World, worlds

if TYPE_CHECKING:
    from enforcement.explaining.full_explanation import FullExplanation
    from enforcement.index.layout import Rules

# What each doubt that rests on the rules must name when it holds.
_NAMED = {
    "implausible_travel": "evidence",
    "clock": "moved",
    "calendar": "hours",
    "look_alike": "alike",
    "detour": "closures",
}


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(worlds())
def test_a_hit_alone_is_held_by_the_code_that_the_engine_gives(world: World) -> None:
    rules = compile_rules(definition_of(world.city), world.city["routes"])
    for hit in world.hits:
        told = explain_by_rules(rules, hit_of(hit, world.city["timezone"]))
        told_by_engine = _of_engine(rules, hit, world.city["timezone"])
        # Alone, a known vehicle is one that nobody saw elsewhere, and nobody was about to be misread.
        assert told_by_engine in {told.held, *({"look_alike"} & set(told.needs_hits))}
        _check_words(told)
        before = explain_hit(rules, hit_of(hit, world.city["timezone"]))
        assert (told.verdict, told.reason) == (before.verdict, before.reason)
        assert {one.code for one in before.steps} <= {one.code for one in told.steps}


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(days())
def test_a_day_is_explained_as_it_is_swept(day: Day) -> None:
    explain_a_day(day)


@pytest.mark.long
@settings(max_examples=1000, deadline=None, database=None)
@given(days())
def test_many_days_are_explained_as_they_are_swept(day: Day) -> None:
    explain_a_day(day)


def explain_a_day(day: Day) -> None:
    """Hold every violation of a day to its explanation."""
    world, dealt, suffixes = day
    city = city_of(world)
    with TemporaryDirectory() as name:
        for number, (hits, suffix) in enumerate(zip(dealt, suffixes, strict=False)):
            write_hits(Path(name) / f"{number}.{suffix}", hits)
        judged = judge_hits(city.rules, [name], keep_rejected=lambda _: None)
    for row in judged.violations.to_pylist():
        told = explain_judged(city, judged, Wanted(row["violation_id"], None))
        assert (told.held, told.needs_hits) == (row["held"], ())
        assert told.reason.name.lower() == row["reason"]
        cases = [one.data["case_id"] for one in told.steps if one.code == "case"]
        assert cases == ([row["case_id"]] if row["case_id"] else [])
        _check_words(told)


def _of_engine(rules: Rules, hit: dict[str, Any], timezone: str) -> str | None:
    """Return the code by which the engine holds a hit that is all of its period."""
    settled = settle(rules, [judge(rules, batch_of(rules, [hit], timezone))], _no_rank)
    return next((HELD_CODES[code - 1] for code in settled.held[0].tolist() if code), None)


def _no_rank(_pairs: object) -> list[tuple[str, ...]]:
    raise AssertionError("one hit needs no order")


def _check_words(told: FullExplanation) -> None:
    english, chinese = told.as_text("en"), told.as_text("zh")
    assert english.startswith("Held back") == chinese.startswith("存疑待查") == bool(told.held)
    assert not ACCUSING.search(english.lower() + chinese)
    for one in told.steps:
        named = _NAMED.get(one.code.removeprefix("doubt_"))
        by_speed = told.reason is Reason.OVER_SPEED  # its doubts are about either hit, or both
        if named is not None and one.data["state"] == "holds":
            for data in [hit["evidence"] for hit in one.data.get("passages", ())] or [one.data]:
                assert data[named], one
        if one.code == "doubt_clock" and not by_speed:
            away = [
                moved["verdict"] != "violation" or (moved["warning"] and not told.warning)
                for moved in one.data["moved"]
            ]
            assert any(away) == (one.data["state"] == "holds")
    json.dumps(told.to_dict())
    pairs = {first + second for first, second in pairwise(chinese)}
    assert not pairs & {"。。", "，，", "：：", "。.", "；。", "  "}
    assert not any(mark in english for mark in ("。", "，", "；", ".. ", "  "))
