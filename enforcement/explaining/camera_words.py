"""The doubt `camera` in words: what the hits of a day say of the camera that read the plate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc

from enforcement.matching.wording import Step

if TYPE_CHECKING:
    import pyarrow as pa

    from enforcement.explaining.answers import Answers

CAMERA_COLUMNS: Final = (
    *("read", "unread", "drives", "impossible_drives", "share"),
    *("clock_agreeing", "clock_error_seconds", "along_bearing", "fault"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def camera_day(
    health: pa.Table, camera_id: str, at_us: int, *, believed: bool
) -> dict[str, Any] | None:
    """Return what a table of camera_health.parquet says of a camera on the UTC day of an instant.

    Parameters
    ----------
    health
        CAMERA_HEALTH_SCHEMA.
    camera_id, at_us
        The camera, and the instant in microseconds UTC.
    believed
        Whether the hit's reading is: a camera that was moved that day has a row for each place, and
        only one of them may be quarantined.

    Returns
    -------
    dict or None
        `day`, and CAMERA_COLUMNS; None where it says nothing.
    """
    if not health.num_rows:
        return None
    at = _EPOCH + timedelta(microseconds=at_us)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    mine = pc.and_(pc.equal(health["camera_id"], camera_id), pc.equal(health["day"], day))
    found = health.filter(mine).to_pylist()
    if not found:
        return None
    found.sort(key=lambda row: row["quarantined"] == believed)
    return {"day": day.date().isoformat(), **{name: found[0][name] for name in CAMERA_COLUMNS}}


def camera_step(answers: Answers) -> Step:
    """Tell whether the camera is believed that day, and what speaks against it."""
    holds, day = answers.holds["camera"], answers.camera_day
    data = {"state": answers.state("camera"), "evidence": day}
    if holds is None:
        zh = "该摄像机当日的数据是否可信，要对照当日的全部过车记录才能判断。"
        en = "Whether the camera is to be believed that day, only the hits of that day can tell."
    elif holds:
        about = fault_words(day)
        zh = f"该摄像机当日的数据不可信{about[0]}。"
        en = f"The camera is not believed that day{about[1]}."
    else:
        about = _drives(day)
        zh = f"该摄像机当日的数据可信{about[0]}。"
        en = f"The camera is believed that day{about[1]}."
    return Step("doubt_camera", zh, en, data)


def fault_words(day: dict[str, Any] | None) -> tuple[str, str]:
    """Return what is wrong with a camera, with the evidence, if there is any."""
    if day is None or day["fault"] not in {"clock", "bearing", "flood", "unreadable"}:
        return _drives(day)
    sent = day["read"] + day["unread"]
    if day["fault"] == "flood":
        zh = f"某一小时的记录数远超平常，全天 {day['read']:,} 条"
        en = f"in one hour it sent far more than it does as a rule, {day['read']:,} rows all day"
    elif day["fault"] == "unreadable":
        zh = f"{sent:,} 条记录中 {day['unread']:,} 条号牌无法识读"
        en = f"of {sent:,} rows that it sent {day['unread']:,} have no readable plate"
    elif day["fault"] == "bearing":
        zh = f"车辆行驶方向与其登记朝向相反，方向余弦平均 {day['along_bearing']:.2f}"
        en = "the vehicles that it reads drive against its bearing, by a mean cosine of "
        en += f"{day['along_bearing']:.2f}"
    elif day["clock_error_seconds"] is None:
        zh = "其时钟所示日期无其他摄像机工作，或其相邻日期的时钟有误而当日记录过少"
        en = (
            "by its clock a day on which no other camera reads, or beside one on which it was wrong"
        )
    else:
        error_s, agreeing = day["clock_error_seconds"], day["clock_agreeing"]
        fast, ahead = ("快", "ahead of") if error_s > 0 else ("慢", "behind")
        zh = f"据其他摄像机推算，其时钟{fast}约 {abs(error_s):,.0f} 秒，{agreeing} 次过车相互印证"
        en = f"its clock is some {abs(error_s):,.0f} seconds {ahead} what others saw"
        en += f", and {agreeing} passages agree"
    return f"（{day['day']}，UTC：{zh}）", f" ({day['day']}, UTC: {en})"


def _drives(day: dict[str, Any] | None) -> tuple[str, str]:
    """Return how many drives from or to a camera are impossible, if any were looked at."""
    if day is None or not day["drives"]:
        return "", ""
    share = f"{day['share']:.1%}"
    zh = (
        f"（{day['day']}，UTC：驶经它的 {day['drives']} 段行程中 {day['impossible_drives']} 段无车能及，"
        f"对其他各摄像机平均占 {share}，取当日与整个时段中较高者）"
    )
    en = (
        f" ({day['day']}, UTC: of {day['drives']} drives from or to it {day['impossible_drives']} are "
        f"faster than any vehicle; {share} on average over the other cameras, that day or in the whole "
        "period, whichever is more)"
    )
    return zh, en
