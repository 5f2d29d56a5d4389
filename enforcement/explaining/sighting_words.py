"""The doubts `camera` and `implausible_travel` in words: only other hits can raise them."""

from __future__ import annotations

from enforcement.matching.wording import Step


def camera_step() -> Step:
    """Tell whether the camera is believed that day."""
    return Step(
        "doubt_camera",
        "该摄像机当日的数据是否可信，要对照当日的全部过车记录才能判断。",
        "Whether the camera is to be believed that day, only the hits of that day can tell.",
        {"state": "needs_hits"},
    )


def travel_step() -> Step:
    """Tell whether the plate was at two places at once within a day."""
    return Step(
        "doubt_implausible_travel",
        "该号牌是否在一日之内出现在两处而无车能及，要对照过车记录才能判断。",
        "Whether the plate was at two cameras faster than any vehicle drives, only the hits of the day "
        "before and after can tell.",
        {"state": "needs_hits"},
    )
