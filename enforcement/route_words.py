"""What is said of trap cameras, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from roadnet.traps import TrapCamera


class Words(NamedTuple):
    """One thing's name in both languages."""

    zh: str
    en: str


KINDS: Final = {
    "cross_street": Words("横向路口", "cross street"),
    "slip_road": Words("专用转弯道", "slip road"),
    "beside": Words("平行道路", "beside"),
    "opposite": Words("对向", "opposite"),
    "first_mile": Words("驶入段", "first mile"),
    "last_mile": Words("驶出段", "last mile"),
}
CERTAIN: Final = {True: Words("必拍", "will"), False: Words("可能", "may")}

_LEFT_BEFORE: Final = Words(
    "路线从其下方驶过，但在其所属路口之前离开该道路",
    "the route passes it, but leaves the street before its intersection",
)
_REASONS: Final = {
    ("cross_street", True): Words(
        "路线转弯后沿其拍摄方向行驶", "the route turns into the direction that it looks"
    ),
    ("cross_street", False): Words(
        "路线斜向通过其拍摄方向", "the route enters or leaves aslant to where it looks"
    ),
    ("slip_road", True): _LEFT_BEFORE,
    ("slip_road", False): Words(
        "路线经专用转弯道绕过其所属路口",
        "the route goes round its intersection by a slip road or turning bay",
    ),
    ("beside", False): Words(
        "紧邻路线且顺路线方向拍摄，或可能属于路线所在道路",
        "it looks along the route from close by, or may belong to the route's own street",
    ),
    ("opposite", False): Words(
        "拍摄对向车流，可能拍到车辆另一端号牌",
        "it reads what comes towards the route, and may read the plate at the other end",
    ),
    ("first_mile", True): Words("驶往起点的各条道路都经过它", "every way to the begin passes it"),
    ("first_mile", False): Words("驶往起点可能经过它", "a way to the begin passes it"),
    ("last_mile", True): Words("离开终点的各条道路都经过它", "every way from the end passes it"),
    ("last_mile", False): Words("离开终点可能经过它", "a way from the end passes it"),
}


def reason_of(trap: TrapCamera) -> Words:
    """Say why a lorry on the route will or may be read by a camera off it."""
    if trap.kind in {"first_mile", "last_mile"} and trap.certain and trap.beyond_m == 0.0:
        return _LEFT_BEFORE
    return _REASONS[trap.kind, trap.certain]
