"""The report's cases: what is counted as one, and who, when, where and why."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from enforcement.matching.explain import explain_hit
from enforcement.matching.single_hit import Hit
from enforcement.reports.case_words import policy_words
from enforcement.reports.speed_words import speed_words
from enforcement.reports.words import COUNTS, REASON_COLOURS, REASONS, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enforcement.index.layout import Rules

_CASES_SHOWN: Final = 40
_CASES_FOLDED: Final = 400  # beyond these, cases.parquet has them; the report must open anywhere
_WARNED: Final = COUNTS["warnings"]


def cases_section(rules: Rules, suspected: pa.Table, cases: pa.Table, over_speed: pa.Table) -> str:
    """Return what a case is, and the cases with most violations, each with its explanation.

    `suspected` are the violations that are not held, `over_speed` the drives behind those by speed.
    """
    zone = ZoneInfo(rules.timezone)
    worst = [("violations", "descending"), ("first_at", "ascending"), ("case_id", "ascending")]
    order = cases.sort_by(worst).slice(0, _CASES_SHOWN + _CASES_FOLDED).to_pylist()
    wanted = pa.array([case["case_id"] for case in order], pa.string())
    first: dict[str, dict[str, Any]] = {}
    cameras: dict[str, list[str]] = defaultdict(list)
    for row in suspected.filter(pc.is_in(suspected["case_id"], value_set=wanted)).to_pylist():
        first.setdefault(row["case_id"], row)
        if row["camera_id"] not in cameras[row["case_id"]]:
            cameras[row["case_id"]].append(row["camera_id"])
    begins = pa.array([row["violation_id"] for row in first.values()], pa.string())
    fast = over_speed.filter(pc.is_in(over_speed["violation_id"], value_set=begins)).to_pylist()
    drives = {drive["violation_id"]: drive for drive in fast}
    cards = []
    for case in order:
        row = first[case["case_id"]]
        drive = drives.get(row["violation_id"])
        why = speed_words(drive, zone) if drive else _explained(rules, row)
        cards.append(_case(case, why, cameras[case["case_id"]], zone))
    shown, folded = cards[:_CASES_SHOWN], cards[_CASES_SHOWN:]
    policy = policy_words(rules.judgement.case_policy)
    parts = [f'<p class="note">{escape(policy.zh)} {escape(policy.en)}</p>', *shown]
    if folded:
        parts.append(f"<details><summary>再看 {len(folded)} 起 more</summary>")
        parts += [*folded, "</details>"]
    left = cases.num_rows - len(cards)
    if left > 0:
        parts.append(f'<p class="note">另有 {left:,} 起见 more in cases.parquet</p>')
    return "".join(parts)


def _explained(rules: Rules, row: Mapping[str, Any]) -> Words:
    """Return why a violation is suspected that is one by itself."""
    explanation = explain_hit(
        rules,
        Hit(
            camera_id=row["camera_id"],
            plate=row["plate"],
            plate_class=row["plate_class"],
            vehicle_class=row["vehicle_class"],
            captured_at_us=_microseconds(row["captured_at"]),
        ),
    )
    return Words(explanation.summary.zh, explanation.summary.en)


def _case(case: Mapping[str, Any], why: Words, cameras: list[str], zone: ZoneInfo) -> str:
    """Return one case: who, when, where, and why its first violation is suspected."""
    begin, end = case["first_at"].astimezone(zone), case["last_at"].astimezone(zone)
    when = f"{begin:%Y-%m-%d %H:%M:%S}"
    if end != begin:
        when += (
            f" – {end:%H:%M:%S}" if end.date() == begin.date() else f" – {end:%Y-%m-%d %H:%M:%S}"
        )
    tags = "".join(
        f'<span class="tag" style="background:{REASON_COLOURS[reason]}">'
        f"{escape(REASONS[reason].zh)} {escape(REASONS[reason].en)}</span>"
        for reason in case["reasons"]
    )
    warned = ""
    if case["warnings"]:
        warned = f'<p class="note">{_WARNED.zh} {_WARNED.en}: {case["warnings"]:,}</p>'
    where = escape(" → ".join(cameras[:8]) + (" …" if len(cameras) > 8 else ""))
    plate_class = f" · {escape(case['plate_class'])}" if case["plate_class"] else ""
    return (
        f'<div class="case" style="border-left-color:{REASON_COLOURS[case["reasons"][0]]}">'
        f'<h3><span class="plate">{escape(case["plate"])}</span>'
        f'<span class="when">{when}{plate_class} · {case["violations"]} × · {where}</span>{tags}</h3>'
        f"<p>{escape(why.zh)}</p><p class=en>{escape(why.en)}</p>{warned}</div>"
    )


def _microseconds(moment: datetime) -> int:
    """Return an instant as microseconds since 1970 UTC."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
