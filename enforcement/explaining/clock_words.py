"""The doubts `clock` and `calendar` in words: what another instant or another kind of day would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.doubts.moved_instants import moved_instants
from enforcement.doubts.unpublished_days import hours_by_day
from enforcement.findings import Verdict
from enforcement.matching.civil_words import full, iso_utc, schedule_zh
from enforcement.matching.wording import Step

if TYPE_CHECKING:
    from enforcement.explaining.doubtful_hit import DoubtfulHit


def clock_step(doubtful: DoubtfulHit, *, holds: bool) -> Step:
    """Tell what the hit would be if the camera's clock were off, up to as far as it may be."""
    error_us = int(doubtful.rules.camera_clock_error_us[doubtful.record])
    error_s = f"{error_us / 1e6:g}"
    moved, cleared = [], []
    for at_us in moved_instants(doubtful.rules, doubtful.suspect).at_us.tolist():
        then = doubtful.explained(captured_at_us=at_us)
        seconds = (at_us - doubtful.at_us) / 1e6
        moved.append(
            {
                "seconds": seconds,
                "captured_at": iso_utc(at_us),
                "verdict": then.verdict.name.lower(),
                "warning": then.warning,
                "permit_id": then.permit_id,
            }
        )
        only_then = then.warning and not doubtful.explanation.warning
        if then.verdict is not Verdict.VIOLATION or only_then:
            cleared.append((seconds, at_us, then.summary))
    data = {"state": _state(holds), "error_seconds": error_us / 1e6, "moved": moved}
    if not holds:
        return Step(
            "doubt_clock",
            f"摄像机时钟误差按 {error_s} 秒计，在此范围内前后移动，仍是疑似违规。",
            f"The camera's clock may be off by {error_s} s; moved by up to so much either way, it remains "
            "a suspected violation.",
            data,
        )
    # Of each direction the instant that is nearest is told.
    earlier = [one for one in cleared if one[0] < 0][-1:]
    told_zh, told_en = "", ""
    for seconds, at_us, summary in earlier + [one for one in cleared if one[0] > 0][:1]:
        when_zh, when_en = full(doubtful.civil(at_us))
        way_zh, way_en = ("早", "earlier") if seconds < 0 else ("晚", "later")
        told_zh += f"{way_zh} {abs(seconds):g} 秒（{when_zh}）则{summary.zh}"
        told_en += f" {abs(seconds):g} s {way_en} ({when_en}): {summary.en}"
    return Step(
        "doubt_clock",
        f"摄像机时钟可能有 {error_s} 秒误差。{told_zh}",
        f"The camera's clock may be off by {error_s} s.{told_en}",
        data,
    )


def calendar_step(doubtful: DoubtfulHit, *, holds: bool) -> Step:
    """Tell whether a holiday notice that is not out yet might change the hours that were compared."""
    rules, suspect = doubtful.rules, doubtful.suspect
    civil = np.datetime64(doubtful.civil(doubtful.at_us), "us")
    year = int(civil.astype("datetime64[Y]").astype(np.int64)) + 1970
    published = year in rules.published_years
    data = {"state": _state(holds), "year": year, "published": published}
    if holds:
        hours = [rules.schedule_texts[one] for one in hours_by_day(rules, suspect).rule]
        data["hours"] = hours
        zh = f"{year} 年的放假安排尚未公布，而所比对的时段（{'；'.join(map(schedule_zh, hours))}）取决于它。"
        en = (
            f"The holidays of {year} are not published yet, and the hours that were compared "
            f"({' | '.join(hours)}) depend on them."
        )
    elif published:
        zh = f"{year} 年的放假安排已公布。"
        en = f"The holidays of {year} are published."
    else:
        zh = f"{year} 年的放假安排尚未公布，但所比对的时段与日期类型无关。"
        en = (
            f"The holidays of {year} are not published yet, but the hours that were compared do not "
            "depend on the kind of day."
        )
    return Step("doubt_calendar", zh, en, data)


def _state(holds: bool) -> str:
    return "holds" if holds else "does_not_hold"
