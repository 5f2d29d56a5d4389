"""The stored rules say of the stored hits what they said when the day was recorded."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from enforcement.findings import REASON_NAMES, VERDICT_NAMES
from tests.golden_day.record import HITS, RULES, SUMMARY, VIOLATIONS, judged

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("golden")
    (folder / "rules").write_bytes(gzip.decompress(RULES.read_bytes()))
    return judged(str(folder / "rules"), HITS, folder / "out")


def test_the_same_violations_come_out(again) -> None:
    expected = [json.loads(line) for line in VIOLATIONS.read_text("utf-8").splitlines()]
    assert again[0] == expected


def test_the_counts_are_the_same_and_each_violation_names_the_rules(again) -> None:
    violations, counts = again
    assert counts == json.loads(SUMMARY.read_text("utf-8"))
    assert {row["rules_hash"] for row in violations} == {counts["rules_hash"]}


def test_the_day_has_everything(again) -> None:
    violations, counts = again
    assert set(counts["verdicts"]) == set(VERDICT_NAMES)
    assert set(counts["reasons"]) == set(REASON_NAMES[1:])
    doubts = {"clock", "calendar", "implausible_travel", "look_alike", "detour"}
    assert set(counts["held"]) == {row["held"] for row in violations} - {None} == doubts
    assert counts["duplicates"] == 1
