"""The doubt `implausible_travel` in words: only other hits can raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enforcement.matching.civil_words import full, iso_utc
from enforcement.matching.wording import Step

if TYPE_CHECKING:
    from enforcement.explaining.answers import Answers, PlateSeenTwice
    from enforcement.explaining.doubtful_hit import DoubtfulHit


def travel_step(doubtful: DoubtfulHit, answers: Answers) -> Step:
    """Tell whether the plate was at two places at once, and which drive shows it."""
    holds, drive = answers.holds["implausible_travel"], answers.drive
    data = {"state": answers.state("implausible_travel"), "evidence": _evidence(drive)}
    if holds is None:
        zh = "该号牌是否出现在两处而无车能及，要对照前后一日乃至整个时段的过车记录才能判断。"
        en = (
            "Whether the plate was at two cameras faster than any vehicle drives, within a day of it or again "
            "and again, only the hits of the period can tell."
        )
    elif not holds:
        zh = "前后一日内，可信的摄像机各次见到该号牌之间，车辆都来得及行驶；整个时段也未表明两车同用此号牌。"
        en = (
            "Within a day of it a vehicle can have driven between all sightings of this plate by cameras that "
            "are believed, and nothing in the period shows that two vehicles bear it."
        )
    elif drive is None:
        zh = "该号牌出现在两处，其间无车能及；哪两次，要对照过车记录才能指明。"
        en = (
            "The plate was at two cameras faster than any vehicle drives; which sightings they are, the "
            "hits can tell."
        )
    else:
        zh, en = _drive_words(doubtful, drive)
    return Step("doubt_implausible_travel", zh, en, data)


def _evidence(drive: PlateSeenTwice | None) -> dict[str, Any] | None:
    """Return a drive as JSON values."""
    if drive is None:
        return None
    return {
        "from_camera_id": drive.from_camera_id,
        "from_at": None if drive.from_us is None else iso_utc(drive.from_us),
        "to_camera_id": drive.to_camera_id,
        "to_at": None if drive.to_us is None else iso_utc(drive.to_us),
        "seconds": drive.elapsed_s,
        "least_seconds": drive.least_s,
        "lacking_seconds": drive.lacking_s,
        "impossible_drives": drive.times,
    }


def _drive_words(doubtful: DoubtfulHit, drive: PlateSeenTwice) -> tuple[str, str]:
    """Return the two sightings, the time between them, and the time that a vehicle needs."""
    first, second = drive.from_camera_id, drive.to_camera_id
    taken, lacking = f"{drive.elapsed_s:g}", f"{drive.lacking_s:g}"
    at_zh = at_en = least_zh = least_en = again_zh = again_en = ""
    if drive.from_us is not None:
        when_zh, when_en = full(doubtful.civil(drive.from_us))
        at_zh, at_en = f"（{when_zh}）", f" ({when_en})"
    if drive.least_s is not None:
        least_zh = f"，而行驶至少需 {drive.least_s:g} 秒"
        least_en = f", a drive of at least {drive.least_s:g} s"
    if drive.times > 1:
        again_zh = f"；此号牌共有 {drive.times} 次如此"
        again_en = f"; the plate did so {drive.times} times"
    zh = (
        f"该号牌先见于 {first}{at_zh}，{taken} 秒后见于 {second}{least_zh}，计入时钟误差仍差 {lacking} 秒："
        f"套牌，或其一为误识{again_zh}。"
    )
    en = (
        f"The plate was seen by {first}{at_en} and {taken} s later by {second}{least_en}: {lacking} s are "
        f"lacking even with both clocks off, so that it is cloned, or one was misread{again_en}."
    )
    return zh, en
