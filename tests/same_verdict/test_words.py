"""What an officer and a driver read, in both languages: reviewed word for word, and never too much."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from enforcement.index.compiler import compile_rules
from tests.same_verdict.toy_city import (
    CITY,
    ELSEWHERE,
    HIT,
    LONG_AGO,
    history,
    permit,
    restriction,
)
from tests.same_verdict.translation import definition_of, explanation_of
from tests.same_verdict.worlds import World, worlds

if TYPE_CHECKING:
    from enforcement.matching.explain import Explanation

SUSPECTED_EN = "Suspected violation, for a person to confirm: restriction R-1 applied here"
SUSPECTED_ZH = "疑似违规，待人工核实：此处当时按 R-1 限行"

# name: (changes of the city, changes of the hit, summary in English, summary in Chinese)
SUMMARIES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "malformed": (
        {},
        {"camera_id": None},
        "Not judged: the record lacks a camera or a readable time.",
        "未作判定：记录缺少摄像机编号或可读的时间。",
    ),
    "unreadable": (
        {},
        {"plate": "赣C1?345"},
        "Not judged: the plate was not read reliably.",
        "未作判定：车牌未能可靠识别。",
    ),
    "unknown_camera": (
        {},
        {"camera_id": "C-404"},
        "Not judged: camera C-404 is not registered or was not in service.",
        "未作判定：摄像机 C-404 未登记或当时不在用。",
    ),
    "not_restricted": (
        {},
        {"vehicle_class": "car"},
        "No suspected violation: no restriction applied to this vehicle here then.",
        "未发现疑似违规：该车当时在此处不受限行。",
    ),
    "permitted": (
        {},
        {},
        "No suspected violation: permit P-1 let this vehicle pass here then.",
        "未发现疑似违规：通行证 P-1 许可该车当时在此通行。",
    ),
    "absolute_ban": (
        {"restrictions": [restriction(permits_exempt=False)]},
        {},
        f"{SUSPECTED_EN}, and no permit exempts from it.",
        f"{SUSPECTED_ZH}，通行证不能豁免。",
    ),
    "outside_hours, after": (
        {},
        {"captured_at": "2025-10-14T16:07:00+08:00"},
        (
            f"{SUSPECTED_EN}; permit P-1 (Mo-Fr 09:00-16:00) covers this camera, but not at this hour: "
            "Tuesday 16:07, permitted until 16:00, grace until 16:05."
        ),
        (
            f"{SUSPECTED_ZH}；通行证 P-1（周一至周五 09:00-16:00）覆盖此处，但时段不符："
            "星期二 16:07，许可到 16:00，宽限到 16:05。"
        ),
    ),
    "outside_hours, before": (
        {},
        {"captured_at": "2025-10-14T08:54:59.999999+08:00"},
        (
            f"{SUSPECTED_EN}; permit P-1 (Mo-Fr 09:00-16:00) covers this camera, but not at this hour: "
            "Tuesday 08:54:59, permitted from 09:00, grace from 08:55."
        ),
        (
            f"{SUSPECTED_ZH}；通行证 P-1（周一至周五 09:00-16:00）覆盖此处，但时段不符："
            "星期二 08:54:59，许可从 09:00 起，宽限从 08:55 起。"
        ),
    ),
    "outside_hours, another day, without grace": (
        {"grace_minutes": 0},
        {"captured_at": "2025-10-18T12:00:00+08:00"},
        (
            f"{SUSPECTED_EN}; permit P-1 (Mo-Fr 09:00-16:00) covers this camera, but not at this hour: "
            "Saturday 12:00, permitted until Friday 16:00."
        ),
        (
            f"{SUSPECTED_ZH}；通行证 P-1（周一至周五 09:00-16:00）覆盖此处，但时段不符："
            "星期六 12:00，许可到星期五 16:00。"
        ),
    ),
    "outside_hours, never open, on a route": (
        {"permits": [permit(grants=[{"route": "R-17", "schedule": "off"}])]},
        {"camera_id": "C-2"},
        (
            f"{SUSPECTED_EN}; permit P-1 (route R-17 East gate, off) covers this camera, "
            "but not at this hour: Tuesday 12:00, no permitted hours within a month."
        ),
        (
            f"{SUSPECTED_ZH}；通行证 P-1（路线 R-17 East gate，无时段）覆盖此处，但时段不符："
            "星期二 12:00，前后一个月内没有许可时段。"
        ),
    ),
    "off_route": (
        {"permits": [permit(grants=ELSEWHERE)]},
        {},
        f"{SUSPECTED_EN}; permit P-1 was in force, but this camera is not on route R-17.",
        f"{SUSPECTED_ZH}；通行证 P-1 当时有效，但此处不在其路线 R-17 内。",
    ),
    "confined": (
        {"permits": [permit(binding="confines", grants=ELSEWHERE)], "restrictions": []},
        {},
        (
            "Suspected violation, for a person to confirm: this vehicle is confined to designated "
            "roads and hours; permit P-1 was in force, but this camera is not on route R-17."
        ),
        (
            "疑似违规，待人工核实：该车须按指定的路线和时段行驶；"
            "通行证 P-1 当时有效，但此处不在其路线 R-17 内。"
        ),
    ),
    "suspended and expired": (
        {
            "permits": [
                permit(
                    status=history(LONG_AGO, ("suspended", "2025-06-01T08:30:00")),
                    valid_until="2025-10-13",
                )
            ]
        },
        {},
        (
            f"{SUSPECTED_EN}; permit P-1 was suspended from 2025-06-01 08:30 on "
            "and expired at the end of 2025-10-13."
        ),
        f"{SUSPECTED_ZH}；通行证 P-1 自 2025-06-01 08:30 起暂停，且有效期至 2025-10-13（含当日）。",
    ),
    "revoked": (
        {"permits": [permit(status=history(LONG_AGO, ("revoked", "2025-06-01T00:00:00")))]},
        {},
        f"{SUSPECTED_EN}; permit P-1 was revoked on 2025-06-01.",
        f"{SUSPECTED_ZH}；通行证 P-1 已于 2025-06-01 撤销。",
    ),
    "expired": (
        {"permits": [permit(valid_until="2025-10-14T12:00:00+08:00")]},
        {},
        f"{SUSPECTED_EN}; permit P-1 expired on 2025-10-14 12:00.",
        f"{SUSPECTED_ZH}；通行证 P-1 有效期到 2025-10-14 12:00 为止。",
    ),
    "not_yet_valid": (
        {"permits": [permit(valid_from="2025-10-15")]},
        {},
        f"{SUSPECTED_EN}; permit P-1 is valid only from 2025-10-15 on.",
        f"{SUSPECTED_ZH}；通行证 P-1 自 2025-10-15 起才有效。",
    ),
    "no_permit": (
        {},
        {"plate": "沪A00001"},
        f"{SUSPECTED_EN}, and no permit names this vehicle.",
        f"{SUSPECTED_ZH}，没有查到该车的通行证。",
    ),
    "no_permit, only applied for": (
        {"permits": [permit(status=history(("applied", "2025-06-01T00:00:00")))]},
        {},
        f"{SUSPECTED_EN}, and none of this vehicle's permits was in force.",
        f"{SUSPECTED_ZH}，该车的通行证当时都不在有效状态。",
    ),
}


def explain(of_city: dict[str, Any], of_hit: dict[str, Any]) -> Explanation:
    city = {**CITY, **of_city}
    rules = compile_rules(definition_of(city), city["routes"])
    return explanation_of(rules, {**HIT, **of_hit}, city["timezone"])


@pytest.mark.parametrize("name", SUMMARIES)
def test_summary(name: str) -> None:
    of_city, of_hit, english, chinese = SUMMARIES[name]
    summary = explain(of_city, of_hit).summary
    assert (summary.en, summary.zh) == (english, chinese)


ENGLISH = """\
Suspected violation, for a person to confirm: restriction R-1 applied here; permit P-2 \
(Mo-Fr 09:00-16:00; PH off) covers this camera, but not at this hour: Tuesday 16:07, permitted \
until 16:00, grace until 16:05.

1. Camera C-1 read plate 赣C12345 (plate class 01) on Tuesday 2025-10-14 16:07 (city time, \
Asia/Shanghai).
2. The plate is readable; its confidence is 0.97, at least 0.8 is needed.
3. The camera is registered and was in service.
4. Registered as heavy truck, seen as car: the registry counts.
5. Restrictions at this camera: R-1 applies; R-2 does not apply, its hours are Mo-Fr 07:00-09:00; \
R-3 does not apply, it does not concern this vehicle; R-4 does not apply, it was not valid then.
6. 3 permits name this vehicle; in force then: P-2, P-1.
7. No permit in force confines this vehicle to designated roads and hours.
8. The vehicle is restricted here: R-1.
9. A permit can exempt it.
10. No permit in force covers this camera at this time.
11. Permit P-2 (Mo-Fr 09:00-16:00; PH off) covers this camera, but not at this hour: Tuesday \
16:07, permitted until 16:00, grace until 16:05. Permit P-1 was in force, but this camera is not \
on route R-17. Permit P-3 was suspended from 2025-10-01 on.
12. A permit for this hour, recorded late, could clear it. Evidence that the plate was misread or \
copied, or the camera's clock wrong, could clear it too."""
CHINESE = """\
疑似违规，待人工核实：此处当时按 R-1 限行；通行证 P-2（周一至周五 09:00-16:00；节假日除外）覆盖此处，\
但时段不符：星期二 16:07，许可到 16:00，宽限到 16:05。

1. 2025-10-14 星期二 16:07（当地时间，Asia/Shanghai），摄像机 C-1 识别到车牌 赣C12345（号牌种类 01）。
2. 车牌可辨认；识别置信度 0.97，要求不低于 0.8。
3. 摄像机已登记，当时在用。
4. 登记为重型货车，摄像机识别为小客车，以登记为准。
5. 此处的限行规定：R-1 适用；R-2 不适用，只在周一至周五 07:00-09:00 限行；R-3 不适用，不针对该车；\
R-4 不适用，当时不在有效期内。
6. 有 3 张通行证登记了该车，当时有效的是 P-2、P-1。
7. 该车没有须按指定路线和时段行驶的有效通行证。
8. 该车当时在此处受限：R-1。
9. 可凭通行证豁免。
10. 没有有效的通行证许可此次通行。
11. 通行证 P-2（周一至周五 09:00-16:00；节假日除外）覆盖此处，但时段不符：星期二 16:07，许可到 16:00，\
宽限到 16:05。通行证 P-1 当时有效，但此处不在其路线 R-17 内。通行证 P-3 自 2025-10-01 起暂停。
12. 如有许可该时段的通行证，补录后可消除疑点。如车牌被误识或套用，或摄像机时钟不准，提供证据后也可消除疑点。"""
MANY_RULES: dict[str, Any] = {
    "vehicles": [{"plate": "赣C12345", "plate_class": "01", "vehicle_class": "heavy_truck"}],
    "restrictions": [
        restriction(),
        restriction(restriction_id="R-2", schedule="Mo-Fr 07:00-09:00"),
        restriction(restriction_id="R-3", vehicle_classes=["bus"]),
        restriction(restriction_id="R-4", valid_until="2025-10-13"),
    ],
    "permits": [
        permit(grants=ELSEWHERE),
        permit(
            permit_id="P-2",
            grants=[{"cameras": ["C-1"], "schedule": "Mo-Fr 09:00-16:00; PH off"}],
        ),
        permit(permit_id="P-3", status=history(LONG_AGO, ("suspended", "2025-10-01T00:00:00"))),
    ],
}
LATE = {"vehicle_class": "car", "captured_at": "2025-10-14T16:07:00+08:00"}


def test_every_step_is_told_in_order_in_english() -> None:
    assert explain(MANY_RULES, LATE).as_text("en") == ENGLISH


def test_every_step_is_told_in_order_in_chinese() -> None:
    assert explain(MANY_RULES, LATE).as_text("zh-CN") == CHINESE


def test_the_steps_have_stable_codes_and_the_data_behind_the_words() -> None:
    told = json.loads(json.dumps(explain(MANY_RULES, LATE).to_dict(), ensure_ascii=False))
    assert [step["code"] for step in told["steps"]] == [
        *("hit", "reading", "camera", "vehicle", "restrictions", "permits", "confinement"),
        *("restricted", "absolute_ban", "coverage", "nearest_miss", "remedy", "summary"),
    ]
    steps = {step["code"]: step["data"] for step in told["steps"]}
    assert steps["hit"]["captured_at"] == "2025-10-14T08:07:00Z"
    assert steps["hit"]["civil_time"] == "2025-10-14T16:07:00"
    nearest = steps["permits"]["permits"][0]
    assert nearest["permit_id"] == told["permit_id"] == "P-2"
    assert nearest["miss"] == told["reason"] == "outside_hours"
    assert nearest["grants"] == [
        {
            "grant": 0,
            "route_id": None,
            "schedule": "Mo-Fr 09:00-16:00; PH off",
            "grace_minutes": 5,
            "has_camera": True,
            "open": False,
            "closed_since": "2025-10-14T16:00:00",
            "opens_at": "2025-10-15T09:00:00",
        }
    ]
    assert [permit["miss"] for permit in steps["permits"]["permits"]] == [
        "outside_hours",
        "off_route",
        "suspended",
    ]


def test_many_permits_are_told_by_the_nearest_and_counted() -> None:
    permits = [permit(permit_id=f"P-{number}", grants=ELSEWHERE) for number in range(1, 8)]
    explanation = explain({"permits": permits}, {})
    (step,) = (step for step in explanation.steps if step.code == "nearest_miss")
    assert step.en.count("was in force") == 5
    assert step.en.endswith("2 more do not cover it either.")
    assert step.zh.endswith("另有 2 张通行证也不许可。")
    assert step.data["permits"] == [f"P-{number}" for number in range(1, 8)]


ACCUSING = re.compile(r"\b(guilty|offen|illegal|fined?\b|penalt|punish)|违法|处罚|罚款|违章")


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(worlds())
def test_words_suit_the_verdict_on_any_world(world: World) -> None:
    rules = compile_rules(definition_of(world.city), world.city["routes"])
    for hit in world.hits:
        explanation = explanation_of(rules, hit, world.city["timezone"])
        english, chinese = explanation.as_text("en"), explanation.as_text("zh")
        suspected = explanation.verdict.name == "VIOLATION"
        assert english.startswith("Suspected violation") == suspected
        assert chinese.startswith("疑似违规") == suspected
        assert not ACCUSING.search(english.lower() + chinese)
        for named in (explanation.restriction_id, explanation.permit_id):
            assert named is None or (named in english and named in chinese)
        json.dumps(explanation.to_dict())
        # Punctuation as printed: no doubled stops, no stop of the other language.
        pairs = {first + second for first, second in pairwise(chinese)}
        assert not pairs & {"。。", "，，", "：：", "。.", "；。", "  "}
        assert not any(mark in english for mark in ("。", "，", "；", ".. ", "  "))


@pytest.mark.parametrize("instant_us", [-(2**63), -1, 2**63 - 1, 4_102_444_800_000_000])
def test_an_instant_that_no_calendar_holds_is_malformed(instant_us: int) -> None:
    from enforcement.matching.explain import explain_hit
    from enforcement.matching.single_hit import Hit

    rules = compile_rules(definition_of(CITY), CITY["routes"])
    explanation = explain_hit(rules, Hit("C-1", "赣C12345", captured_at_us=instant_us))
    assert explanation.verdict.name == "MALFORMED"
    assert explanation.as_text("en").endswith("1. The record has no readable time.")
