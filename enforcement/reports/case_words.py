"""What a city counts as one case, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enforcement.reports.words import Words

if TYPE_CHECKING:
    from enforcement.settings import CasePolicy


def policy_words(policy: CasePolicy) -> Words:
    """Say which suspected violations of one vehicle are one case, and by which policy."""
    zh, en = [], []
    if policy.same_restriction:
        zh.append("同一限行规定")
        en.append("of one restriction")
    if policy.same_day:
        zh.append("同一自然日")
        en.append("of one civil day")
    if policy.gap_minutes is not None:
        zh.append(f"相邻间隔不超过 {policy.gap_minutes:g} 分钟")
        en.append(f"each at most {policy.gap_minutes:g} minutes after the one before")
    return Words(
        f"案件合并规则 {policy.name}：同一车辆、{'、'.join(zh)}的疑似违规为一案。",
        f"Case policy {policy.name}: suspected violations of one vehicle, {', '.join(en)}, are one case.",
    )
