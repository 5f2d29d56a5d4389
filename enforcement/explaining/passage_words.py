"""What a reading is among the others of its period in words: a duplicate, one of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from enforcement.explaining.doubtful_hit import civil_us
from enforcement.matching.civil_words import full, iso_utc
from enforcement.matching.wording import Step

if TYPE_CHECKING:
    from datetime import datetime

    from enforcement.index.layout import Rules


def case_step(rules: Rules, case: dict[str, Any] | None) -> Step | None:
    """Tell which case a violation is of, a row of CASES_SCHEMA; None for one that is of none."""
    if case is None:
        return None
    first_us, last_us = _instant_us(case["first_at"]), _instant_us(case["last_at"])
    first_zh, first_en = full(civil_us(rules, first_us))
    last_zh, last_en = full(civil_us(rules, last_us))
    name, count = case["case_id"], case["violations"]
    data = {
        "case_id": name,
        "violations": count,
        "first_at": iso_utc(first_us),
        "last_at": iso_utc(last_us),
    }
    if count == 1:
        zh, en = f"单独成案 {name}。", f"It is a case by itself, {name}."
    else:
        zh = f"与其他疑似违规同属案件 {name}：共 {count} 次，自 {first_zh} 至 {last_zh}。"
        en = f"It is one of the {count} violations of case {name}, from {first_en} to {last_en}."
    return Step("case", zh, en, data)


def duplicate_step(rules: Rules, earlier_us: int | None) -> Step:
    """Tell of what a reading is a duplicate: the same vehicle at the same camera, or the same hit_id."""
    data = {"earlier_at": None if earlier_us is None else iso_utc(earlier_us)}
    if earlier_us is None:
        zh, en = "是同一记录的重复", "the same record came before"
    else:
        when_zh, when_en = full(civil_us(rules, earlier_us))
        zh, en = (
            f"该摄像机已于 {when_zh} 记录同一车辆",
            f"the camera had read the vehicle on {when_en}",
        )
    return Step(
        "duplicate",
        f"重复记录，不计：{zh}。",
        f"A duplicate, which does not count: {en}.",
        data,
    )


def other_rules_step(row: dict[str, Any], rules_hash: str) -> Step:
    """Tell that a violation was found by other rules than those it is explained by."""
    data = {name: row[name] for name in ("violation_id", "reason", "held", "rules_hash")}
    held = row["held"]
    return Step(
        "other_rules",
        f"原核查所用规则（{row['rules_hash'][:12]}）与现行规则（{rules_hash[:12]}）不同：当时的事由为 "
        f"{row['reason']}{f'，存疑 {held}' if held else ''}，以上按现行规则说明。",
        f"The sweep judged by other rules ({row['rules_hash'][:12]}, now {rules_hash[:12]}) and found "
        f"{row['reason']}{f', held by {held}' if held else ''}; all else here is by the rules of now.",
        data,
    )


def _instant_us(moment: datetime) -> int:
    """Return a UTC datetime in microseconds."""
    return int(np.datetime64(moment.replace(tzinfo=None), "us").astype(np.int64))
