"""What an officer reads of the doubt about a drive: about which hit it is, in the words of any doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from enforcement.explaining.period_evidence import answers_of_hits
from enforcement.explaining.speeding_doubt import (
    ends_of_drive,
    speeding_doubt_step,
    with_class_seen,
)
from enforcement.findings import HELD_CODES, Reason
from enforcement.index.compiler import compile_rules
from enforcement.matching.single_hit import Hit
from enforcement.rules.permits import NamedVehicle
from ingest.plate_keys import PlateKeys
from tests.enforcement.definitions import PLATE, TUESDAY, batch, camera, city, grant, us
from tests.enforcement.test_over_speed import (
    CAMERAS,
    EVERYWHERE,
    FAST,
    WAYS_M,
    limited,
    settled,
    town,
    travel_of,
)

if TYPE_CHECKING:
    from enforcement.index.layout import Rules
    from enforcement.matching.wording import Step

NOON = us(f"{TUESDAY} 12:00")
DRIVE = [{"camera": "C-1", "at": NOON}, {"camera": "C-2", "at": f"{TUESDAY} {FAST}"}]


def told(rules: Rules, *hits: dict[str, Any]) -> tuple[str, Step]:
    """Return the code and the words of the doubt that holds the first violation by speed."""
    found = settled(rules, batch(rules, *hits))
    speeding = found.speeding
    by_speed = np.flatnonzero(found.suspects.reason == Reason.OVER_SPEED)
    held = HELD_CODES[found.doubts.held[by_speed[0]] - 1]
    first, second = speeding.first.some(np.array([0])), speeding.second.some(np.array([0]))
    at_us = int(second.captured_at_us[0])
    hit = Hit(
        rules.camera_ids[second.camera[0]], PLATE, "01", "heavy_truck", at_us, class_as_judged=True
    )
    drive = {
        "from_camera_id": rules.camera_ids[first.camera[0]],
        "from_at": np.datetime64(int(first.captured_at_us[0]), "us").item(),
        "permit_id": rules.permit_ids[second.permit[0]],
        "least_kmh": float(speeding.kmh[0]),
    }
    ends = ends_of_drive(rules, PlateKeys(rules.side_plates), hit, drive)
    ends = with_class_seen(ends, speeding)
    answers = tuple(answers_of_hits(end, found.doubts) for end in ends[:2])
    step = speeding_doubt_step(ends, answers, held)
    assert step is not None
    assert step.code == f"doubt_{held}"
    return held, step


def test_the_clocks_are_told_by_two_instants_at_which_no_permit_forbids():
    rules = town(limited(40.0, grant("C-1", "C-2", schedule="12:00-13:00")))
    held, step = told(rules, *DRIVE)
    assert held == "clock"
    assert step.en == (
        "The clocks of cameras C-1 and C-2 may be off by 1 s and 1 s. If the passages were on Tuesday "
        "2026-03-03 11:59:59 and on Tuesday 2026-03-03 12:01:24, no permit forbids the drive."
    )
    assert "星期二 11:59:59" in step.zh
    assert step.zh.endswith("则没有通行证禁止该行程。")


def test_a_year_without_a_notice_is_told_once():
    rules = town(limited(40.0, grant("C-1", "C-2", schedule="Mo-Fr")), holidays="CN")
    day = us("2031-03-04 12:00")
    held, step = told(rules, {"at": day}, {"camera": "C-2", "at": day + 85_000_000})
    assert held == "calendar"
    assert step.en == (
        "The holidays of 2031 are not published yet, and the hours that were compared (Mo-Fr) depend on "
        "them."
    )
    assert [one["camera_id"] for one in step.data["passages"]] == ["C-1", "C-2"]
    only = limited(40.0, grant("C-1"), grant("C-2", schedule="Mo-Fr"))
    held, step = told(
        town(only, holidays="CN"), {"at": day}, {"camera": "C-2", "at": day + 85_000_000}
    )
    assert step.en.startswith("At C-2: The holidays of 2031")
    assert step.zh.startswith("就 C-2 处：2031 年的放假安排尚未公布")


def test_the_camera_that_is_not_believed_is_named():
    rules = town(limited())
    hits = list(DRIVE)
    for lorry in range(8):
        at = us(f"{TUESDAY} 11:00") + lorry * 1_000_000_000
        plate = f"赣C{lorry}777{lorry}"
        late = at + 600_000_000  # C-2 reads it again between two readings of C-3, a kilometre off
        times = (("C-1", at), ("C-2", at + 110_000_000), ("C-3", at + 220_000_000))
        again = (("C-3", late), ("C-2", late + 3_000_000), ("C-3", late + 6_000_000))
        hits += [{"camera": name, "at": time, "plate": plate} for name, time in (*times, *again)]
    held, step = told(rules, *hits)
    assert held == "camera"
    assert step.en.startswith("At C-2: The camera is not believed that day")
    assert [one["camera_id"] for one in step.data["passages"]] == ["C-2"]


def test_a_plate_seen_twice_is_told_by_its_sightings():
    held, step = told(town(limited()), *DRIVE, {"camera": "C-1", "at": f"{TUESDAY} 12:01:30"})
    assert held == "implausible_travel"
    assert step.en.startswith(
        "The plate was seen by C-2 (Tuesday 2026-03-03 12:01:25) and 5 s later"
    )


def test_a_look_alike_is_told_by_plate_and_permit():
    alike = limited(None, permit_id="P-2", vehicles=(NamedVehicle("赣C1Z345", 1),))
    definition = city(cameras=CAMERAS, restrictions=[EVERYWHERE], permits=[limited(), alike])
    rules = compile_rules(definition, {}, travel_of(np.array(WAYS_M) * 30))
    held, step = told(rules, {"at": NOON}, {"camera": "C-2", "at": NOON + 2_400_000_000})
    assert held == "look_alike"
    assert "It may be 赣C1Z345" in step.en
    assert "permit P-2" in step.en


def test_what_is_not_known_of_the_first_hit_is_not_told():
    rules = town(limited(), cameras=[camera(one.camera_id, one.lon) for one in CAMERAS])
    hit = Hit("C-2", PLATE, "01", "heavy_truck", NOON + 85_000_000, class_as_judged=True)
    drive = {
        "from_camera_id": "C-1",
        "from_at": np.datetime64(NOON, "us").item(),
        "permit_id": "P-1",
        "least_kmh": 41.0,
    }
    ends = ends_of_drive(rules, PlateKeys(rules.side_plates), hit, drive)
    assert speeding_doubt_step(ends, (), "clock") is None
