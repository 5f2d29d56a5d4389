"""What the report calls things, in Chinese and English."""

from __future__ import annotations

from typing import Final, NamedTuple


class Words(NamedTuple):
    """One thing's name in both languages."""

    zh: str
    en: str


REASONS: Final = {
    "no_permit": Words("无通行证", "no permit"),
    "outside_hours": Words("超出许可时段", "outside permitted hours"),
    "off_route": Words("偏离许可路线", "off the permitted route"),
    "absolute_ban": Words("绝对禁行", "absolute ban"),
    "expired": Words("通行证过期", "permit expired"),
    "not_yet_valid": Words("通行证尚未生效", "permit not yet valid"),
    "suspended": Words("通行证暂停", "permit suspended"),
    "revoked": Words("通行证吊销或注销", "permit revoked or withdrawn"),
    "over_speed": Words("超速", "over speed"),
}

HELD: Final = {
    "camera": Words("该设备当日数据不可信", "the camera is not believed that day"),
    "clock": Words("在设备时钟误差之内", "within the error of the camera's clock"),
    "calendar": Words("当年放假安排尚未公布", "the year's holidays are not published"),
    "implausible_travel": Words(
        "同一号牌在两地出现，无车能及（套牌或误读）",
        "no vehicle drives that fast: cloned or misread plate",
    ),
    "look_alike": Words("与有证车辆号牌相近，可能误读", "a permitted vehicle's plate looks alike"),
    "detour": Words("封路绕行", "on a way round a closure"),
}

COUNTS: Final = {
    "hits": Words("过车记录", "hits read"),
    "duplicates": Words("重复记录", "duplicates dropped"),
    "not_restricted": Words("不受限", "not restricted"),
    "permitted": Words("持证通行", "permitted"),
    "violation": Words("疑似违规", "suspected violations"),
    "warnings": Words("其中仅作警告", "of them warnings only"),
    "cases": Words("案件", "cases"),
    "malformed": Words("残缺", "malformed"),
    "unreadable": Words("号牌无法识读", "unreadable"),
    "unknown_camera": Words("设备未登记", "unknown camera"),
}

VOIDED: Final = {
    "permitted": Words("持证通行", "permitted"),
    "not_restricted": Words("不受限", "not restricted"),
    "warning": Words("仅作警告", "a warning"),
    "held": Words("存疑待查", "held"),
    "duplicate": Words("重复记录", "a duplicate"),
    "unreadable": Words("号牌无法识读", "unreadable"),
    "unknown_camera": Words("设备未登记", "of an unknown camera"),
}
LATE: Final = {
    "permit": Words("许可登记较晚", "the permit was recorded late"),
    "status": Words("许可状态登记较晚", "the permit's status was recorded late"),
}

REASON_COLOURS: Final = {
    "no_permit": "#c2413b",
    "outside_hours": "#d98a2b",
    "off_route": "#8a5fb0",
    "absolute_ban": "#7a1f2b",
    "expired": "#4d7ea8",
    "not_yet_valid": "#6fa3a0",
    "suspended": "#a08a5c",
    "revoked": "#5c5c66",
    "over_speed": "#2f8f5b",
}
