"""What an officer reads of each doubt: whom it rests on, to the character, the metre and the minute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from enforcement.compiled_city import compile_city
from enforcement.explaining.full_explanation import explain_by_rules
from enforcement.explaining.look_alike_words import differing_characters
from enforcement.matching.single_hit import Hit
from enforcement.progress import quiet
from enforcement.rules.permits import NamedVehicle
from tests.enforcement.cities import camera as camera_feature
from tests.enforcement.cities import closure, corner, restriction, route, write_city
from tests.enforcement.cities import permit as permit_line
from tests.enforcement.definitions import (
    PLATE,
    TUESDAY,
    camera,
    compiled,
    grant,
    permit,
    registered,
    us,
)
from tests.enforcement.definitions import restriction as ban

OF_HITS = ("camera", "implausible_travel")
NEEDS_HITS = (*OF_HITS, "look_alike")
DAYTIME = [permit("P-1", grant(schedule="09:00-16:00"))]


def seen(at: str = "12:00", plate: str = PLATE, camera_id: str = "C-1", **fields: Any) -> Hit:
    moment = at if "-" in at else f"{TUESDAY} {at}"
    values = {"plate_class": "01", "vehicle_class": "heavy_truck", **fields}
    return Hit(camera_id, plate, captured_at_us=us(moment), **values)


def step(explanation: Any, code: str) -> Any:
    (found,) = (one for one in explanation.steps if one.code == code)
    return found


def test_a_hit_that_is_no_violation_has_no_doubts():
    told = explain_by_rules(compiled(permits=DAYTIME), seen())
    assert (told.held, told.asked, told.needs_hits) == (None, None, ())
    assert not [one for one in told.steps if one.code.startswith("doubt")]


def test_a_violation_without_doubt_stays_suspected_and_says_what_hits_could_tell():
    rules = compiled(restrictions=[ban()], permits=DAYTIME)
    told = explain_by_rules(rules, seen("18:00"))
    assert (told.held, told.asked, told.needs_hits) == (None, "rules", NEEDS_HITS)
    assert told.summary.en.startswith("Suspected violation")
    said = told.to_dict()
    assert (said["held"], said["needs_hits"]) == (None, list(NEEDS_HITS))
    assert [one["code"] for one in said["steps"]][-8:] == [
        *("doubt_camera", "doubt_clock", "doubt_calendar", "doubt_implausible_travel"),
        *("doubt_look_alike", "doubt_detour", "remedy", "summary"),
    ]


def test_the_clock_is_told_with_the_verdict_of_the_other_instant():
    rules = compiled(
        cameras=[camera("C-1", clock_error_s=90.0), camera("C-2", 114.40)],
        restrictions=[ban()],
        permits=DAYTIME,
    )
    told = explain_by_rules(rules, seen("16:01:20"))
    clock = step(told, "doubt_clock")
    assert told.held == "clock"
    assert clock.data == {
        "state": "holds",
        "error_seconds": 90.0,
        "moved": [
            {
                "seconds": -90.0,
                "captured_at": "2026-03-03T07:59:50Z",
                "verdict": "permitted",
                "warning": False,
                "permit_id": "P-1",
            },
            {
                "seconds": -80.0,
                "captured_at": "2026-03-03T08:00:00Z",
                "verdict": "violation",
                "warning": False,
                "permit_id": "P-1",
            },
            {
                "seconds": 90.0,
                "captured_at": "2026-03-03T08:02:50Z",
                "verdict": "violation",
                "warning": False,
                "permit_id": "P-1",
            },
        ],
    }
    assert clock.en == (
        "The camera's clock may be off by 90 s. 90 s earlier (Tuesday 2026-03-03 15:59:50): No suspected "
        "violation: permit P-1 let this vehicle pass here then."
    )
    assert clock.zh == (
        "摄像机时钟可能有 90 秒误差。早 90 秒（2026-03-03 星期二 15:59:50）则未发现疑似违规："
        "通行证 P-1 许可该车当时在此通行。"
    )
    assert told.summary.en.startswith(
        "Held back by a doubt, not suspected while it lasts: The camera"
    )
    assert told.summary.zh.startswith("存疑待查，暂不列为疑似违规：摄像机时钟")
    assert step(told, "settle").data == {"held": "clock"}
    assert explain_by_rules(rules, seen("16:01:20", camera_id="C-2")).held is None


def test_the_clock_is_told_by_the_nearest_instants_between_that_clear():
    pockets = grant(schedule="11:53-11:54,11:57-11:58,12:02-12:03,12:05-12:06")
    rules = compiled(
        cameras=[camera("C-1", clock_error_s=600.0)],
        restrictions=[ban(cameras=("C-1",))],
        permits=[permit("P-1", pockets)],
    )
    clock = step(explain_by_rules(rules, seen("12:00:30")), "doubt_clock")
    assert [one["seconds"] for one in clock.data["moved"] if one["verdict"] == "permitted"] == [
        *(-450.0, -210.0, 90.0, 270.0)
    ]
    assert "210 s earlier (Tuesday 2026-03-03 11:57): No suspected" in clock.en
    assert "90 s later (Tuesday 2026-03-03 12:02): No suspected" in clock.en
    assert "450 s" not in clock.en
    assert "早 210 秒" in clock.zh


@pytest.mark.parametrize(
    ("at", "schedule", "held", "words"),
    [
        (
            "2031-03-04 12:00",
            "Mo-Fr 07:00-20:00",
            "calendar",
            (
                "The holidays of 2031 are not published yet, and the hours that were compared "
                "(Mo-Fr 07:00-20:00) depend on them."
            ),
        ),
        (
            "2031-03-04 12:00",
            "07:00-20:00",
            None,
            (
                "The holidays of 2031 are not published yet, but the hours that were compared do not "
                "depend on the kind of day."
            ),
        ),
        ("2026-03-03 12:00", "Mo-Fr 07:00-20:00", None, "The holidays of 2026 are published."),
    ],
)
def test_the_calendar_is_told_by_its_year_and_the_hours(at, schedule, held, words):
    rules = compiled(holidays="CN", restrictions=[ban(schedule=schedule)])
    told = explain_by_rules(rules, seen(at))
    assert told.held == held
    assert step(told, "doubt_calendar").en == words


def test_a_look_alike_is_told_by_plate_permit_and_characters():
    rules = compiled(restrictions=[ban()], permits=DAYTIME)
    assert step(explain_by_rules(rules, seen(plate="沪A99999")), "doubt_look_alike").data == {
        "state": "needs_hits",
        "alike": [],
    }
    told = explain_by_rules(rules, seen(plate="赣C1Z345"))
    assert (told.held, told.needs_hits) == ("look_alike", OF_HITS)
    alike = step(told, "doubt_look_alike")
    assert alike.data["alike"] == [
        {
            "plate": PLATE,
            "characters": [{"place": 4, "read": "Z", "known": "2"}],
            "plate_class": "01",
            "class_differs": False,
            "permit_id": "P-1",
        }
    ]
    assert alike.en == (
        "It may be 赣C12345 (Z read for 2, permit P-1), permitted here then; no permit and no "
        "registry row has the plate as read."
    )
    assert alike.zh == (
        "可能是当时在此获准通行的 赣C12345（2 误识为 Z，通行证 P-1）；没有通行证或登记记载所识别的号牌。"
    )
    other_class = explain_by_rules(rules, seen(plate_class="02"))
    assert other_class.held == "look_alike"
    assert "赣C12345 (of plate class 01, permit P-1)" in other_class.summary.en


def test_a_plate_that_is_farther_off_waits_for_the_hits():
    rules = compiled(restrictions=[ban()], permits=DAYTIME)
    told = explain_by_rules(rules, seen(plate="赣C12X45"))
    assert (told.held, told.needs_hits) == (None, NEEDS_HITS)
    assert step(told, "doubt_look_alike").en == (
        "It may be 赣C12345 (X read for 3), permitted here then; nobody has the plate as read; whether it "
        "was seen here alone, and that vehicle was about then, only the hits can tell."
    )


def test_a_plate_of_another_country_is_explained_too():
    rules = compiled(restrictions=[ban()], permits=DAYTIME)
    told = explain_by_rules(rules, seen(plate="ÄÖ1234Ю"))
    assert (told.verdict.name, told.held) == ("VIOLATION", None)
    foreign = compiled(
        restrictions=[ban()], permits=[permit("P-1", vehicles=(NamedVehicle("ÄÖ1234Ю", 1),))]
    )
    assert explain_by_rules(foreign, seen(plate="ÄÖ1234Ю", plate_class="02")).held == "look_alike"


def test_whether_a_known_vehicle_was_seen_elsewhere_only_hits_tell():
    vehicles = [registered("heavy_truck", plate="赣C1Z345")]
    rules = compiled(restrictions=[ban()], permits=DAYTIME, vehicles=vehicles)
    told = explain_by_rules(rules, seen(plate="赣C1Z345"))
    assert (told.held, told.needs_hits) == (None, NEEDS_HITS)
    assert step(told, "doubt_look_alike").data["state"] == "needs_hits"
    only = compiled(
        cameras=[camera("C-1")],
        restrictions=[ban(cameras=("C-1",))],
        permits=DAYTIME,
        vehicles=vehicles,
    )
    assert (
        explain_by_rules(only, seen(plate="赣C1Z345")).held == "look_alike"
    )  # nowhere else to be seen


@pytest.mark.parametrize(
    ("read", "known", "characters"),
    [
        ("赣C12345", "赣C12345", []),
        ("赣CB2346", "赣C8234G", [(3, "B", "8"), (7, "6", "G")]),
        ("赣C1234", "赣C12345", [(7, "", "5")]),
        ("C12345", "赣C12345", [(1, "", "赣")]),
        ("赣C122345", "赣C12345", [(5, "2", "")]),
    ],
)
def test_the_characters_that_differ(read, known, characters):
    assert [tuple(one.values()) for one in differing_characters(read, known)] == characters


# On roads


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Compile a town whose route along Street 1002 is closed between two crossings on 17 March."""
    folder = write_city(
        tmp_path_factory.mktemp("city"),
        cameras=[
            camera_feature("C-001", 0, 1),
            camera_feature("C-002", 2, 2),
            camera_feature("C-003", 3, 3),
            camera_feature("C-004", 2, 1, bearing=0),
        ],
        restrictions=[restriction("X-1", cameras=["C-001", "C-002", "C-003", "C-004"])],
        routes=[route("R-1", (0, 1), (3, 1), name="Through")],
        permits=[permit_line("P-1")],
        closures=[
            closure("K-1", (1, 1), (2, 1), valid_from="2026-03-17", valid_until="2026-03-17"),
        ],
    )
    return compile_city(str(folder), quiet)


def lorry(camera_id: str, at: str) -> Hit:
    return Hit(camera_id, PLATE, "01", "heavy_truck", us(at))


def test_a_detour_is_told_by_closure_street_metres_and_hour(town):
    told = explain_by_rules(town.rules, lorry("C-002", "2026-03-17 12:00"), town.coverage)
    assert told.held is None  # other cameras may have seen it, and none of them on its route
    assert "detour" in told.needs_hits
    detour = step(told, "doubt_detour")
    assert detour.data["state"] == "needs_hits"
    (closed,) = detour.data["closures"]
    assert abs(closed.pop("from_m") - 393) < 3
    assert abs(closed.pop("to_m") - 787) < 3
    assert closed == {
        "closure_id": "K-1",
        "route_id": "R-1",
        "closed_from": "2026-03-16T16:00:00Z",
        "closed_until": "2026-03-17T16:00:00Z",
        "excused_until": "2026-03-17T16:30:00Z",
        "streets": ["Street 1002"],
    }
    assert detour.en.startswith("Closure K-1 cut permitted route R-1 (Street 1002, 39")
    assert detour.en.endswith(
        "along it) from 2026-03-17 until 2026-03-18; this camera is on an open way round it, which "
        "excuses until 2026-03-18 00:30. It is no excuse if other cameras saw it within half an "
        "hour, and none on that route."
    )
    bare = explain_by_rules(town.rules, lorry("C-002", "2026-03-17 12:00"))
    assert step(bare, "doubt_detour").zh == (
        "道路封闭 K-1 自 2026-03-17 起至 2026-03-18 截断许可路线 R-1，该摄像机在其开放的绕行道路上，"
        "绕行可计至 2026-03-18 00:30。若其前后半小时内有其他摄像机拍到该车，而均不在该路线上，则不作为理由。"
    )


def test_where_the_route_runs_and_how_far_off_the_camera_is(town):
    told = explain_by_rules(town.rules, lorry("C-003", "2026-03-10 12:00"), town.coverage)
    (place,) = step(told, "route").data["places"]
    across = np.hypot(*(np.subtract(corner(3, 3), corner(3, 1)) * 111_195.0))
    assert abs(place["distance_m"] - across) < 3
    assert place["street"] == "Street 1002"
    assert place["nearest_camera_id"] == "C-001"
    assert step(told, "route").en == (
        f"Permitted route R-1 (Through) comes within {place['distance_m']:.0f} m of this camera, on "
        f"Street 1002, and has its nearest camera, C-001, {place['nearest_camera_m']:.0f} m away."
    )
    beside = explain_by_rules(town.rules, lorry("C-004", "2026-03-10 12:00"), town.coverage)
    assert "but arrives by no approach that it looks at" in step(beside, "route").en
    assert step(beside, "route").data["places"][0]["distance_m"] < 5
    bare = explain_by_rules(town.rules, lorry("C-003", "2026-03-10 12:00"))
    assert step(bare, "route").en == (
        "Permitted route R-1 (Through) has its nearest camera, C-001, "
        f"{place['nearest_camera_m']:.0f} m away."
    )
    late = explain_by_rules(town.rules, lorry("C-001", "2026-03-10 20:00"), town.coverage)
    assert not [one for one in late.steps if one.code == "route"]
