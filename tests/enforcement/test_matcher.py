"""The kernel, clause by clause of docs/judgement.md: steps 0 to 2, and the batch as a whole."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from enforcement.rules.permits import NamedVehicle
from enforcement.settings import Judgement
from ingest.hits import HitBatch
from tests.enforcement.definitions import (
    TUESDAY,
    batch,
    camera,
    compiled,
    permit,
    registered,
    restriction,
    see,
    see_all,
    us,
)

SECOND = 1_000_000


# Step 0


@pytest.mark.parametrize(
    "hit",
    [
        {"camera": None},
        {"at": None},
        {"at": -1},
        {"at": us("2100-01-01T00:00:00+00:00")},
        {"camera": None, "plate": None},
        {"at": None, "confidence": 0.1},
        {"at": None, "camera": "C-9"},
    ],
)
def test_step_0_malformed(hit):
    """camera_id or captured_at is missing or cannot be read."""
    seen = see(compiled(restrictions=[restriction()]), **hit)
    assert seen == ("malformed", "none", None, None, None, "heavy_truck", None)


@pytest.mark.parametrize("at", [0, us("2100-01-01T00:00:00+00:00") - 1])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Midway"])
def test_the_first_and_the_last_instant_are_judged_in_every_zone(at, zone):
    rules = compiled(restrictions=[restriction()], permits=[permit()], timezone=zone)
    assert see(rules, at=at).verdict == ("violation" if at == 0 else "permitted")


# Step 1


@pytest.mark.parametrize(
    "hit",
    [
        {"plate": None},
        {"confidence": 0.7999999},
        {"plate": None, "camera": "C-9"},
        {"confidence": 0.5, "camera": "C-9"},
    ],
)
def test_step_1_unreadable(hit):
    """No plausible plate, or confidence below `min_confidence` (tested before the camera)."""
    assert see(compiled(restrictions=[restriction()]), **hit).verdict == "unreadable"


def test_step_1_confidence_at_the_limit_is_readable():
    """Confidence *below* `min_confidence`."""
    rules = compiled(restrictions=[restriction()], judgement=Judgement(min_confidence=0.55))
    assert see(rules, confidence=0.55).verdict == "violation"
    assert see(rules, confidence=np.nextafter(0.55, 0)).verdict == "unreadable"


def test_step_1_unknown_camera():
    """c is not registered."""
    seen = see(compiled(restrictions=[restriction()]), camera="C-9")
    assert seen == ("unknown_camera", "none", None, None, None, "heavy_truck", None)


def test_step_1_camera_in_service():
    """... or not in service at t. Every range is half-open."""
    begins, ends = us(f"{TUESDAY} 09:00"), us(f"{TUESDAY} 16:00")
    rules = compiled(
        cameras=[camera("C-1", valid_from_us=begins, valid_until_us=ends), camera("C-2")],
        restrictions=[restriction()],
    )
    found = [see(rules, at=at) for at in (begins - 1, begins, ends - 1, ends)]
    assert [seen.verdict for seen in found] == [
        "unknown_camera",
        "violation",
        "violation",
        "unknown_camera",
    ]
    assert [seen.camera for seen in found] == [None, 0, 0, None]


def test_a_camera_that_moved_is_two_records():
    moved = us(f"{TUESDAY} 12:00")
    rules = compiled(
        cameras=[
            camera("C-1", valid_until_us=moved),
            camera("C-1", 114.5, valid_from_us=moved + SECOND),
            camera("C-2"),
        ],
        restrictions=[restriction(cameras=("C-1",))],
        routes=[],
    )
    found = [see(rules, at=at) for at in (moved - 1, moved, moved + SECOND)]
    assert [(seen.verdict, seen.camera) for seen in found] == [
        ("violation", 0),
        ("unknown_camera", None),
        ("violation", 1),
    ]


# Step 2


def test_step_2_restriction_has_the_camera():
    """... whose area or list has c."""
    rules = compiled(restrictions=[restriction(cameras=("C-2",))])
    assert see(rules, camera="C-1").verdict == "not_restricted"
    assert see(rules, camera="C-2").verdict == "violation"


def test_step_2_restriction_in_force_by_validity():
    """R = restrictions in force at t (validity and schedule)."""
    begins, ends = us(f"{TUESDAY} 00:00"), us("2026-03-05 00:00")
    rules = compiled(restrictions=[restriction(valid_from_us=begins, valid_until_us=ends)])
    verdicts = [see(rules, at=at).verdict for at in (begins - 1, begins, ends - 1, ends)]
    assert verdicts == ["not_restricted", "violation", "violation", "not_restricted"]


def test_step_2_restriction_in_force_by_schedule():
    """`09:00-16:00` holds 09:00:00.000000 and not 16:00:00.000000."""
    rules = compiled(
        restrictions=[restriction(schedule="Mo-Fr 09:00-16:00")],
        judgement=Judgement(grace_minutes=5),  # which is for grants only
    )
    begins, ends = us(f"{TUESDAY} 09:00"), us(f"{TUESDAY} 16:00")
    verdicts = [see(rules, at=at).verdict for at in (begins - 1, begins, ends - 1, ends)]
    assert verdicts == ["not_restricted", "violation", "violation", "not_restricted"]
    assert see(rules, at="2026-03-07 12:00").verdict == "not_restricted"


@pytest.mark.parametrize(
    ("vehicle_class", "plate_class", "included"),
    [
        ("heavy_truck", 2, True),
        ("car", 52, True),
        ("car", 51, False),
        ("heavy_truck", None, True),
        ("car", None, False),
        ("unknown", 99, True),
        ("unknown", 2, False),
        ("car", 0, True),
    ],
)
def test_step_2_classes(vehicle_class, plate_class, included):
    """v is included if it is in either. A missing plate_class is in no `plate_classes`."""
    rules = compiled(restrictions=[restriction(plate_classes=frozenset({0, 52, 63, 64, 99}))])
    seen = see(rules, vehicle_class=vehicle_class, plate_class=plate_class)
    assert seen.verdict == ("violation" if included else "not_restricted")


@pytest.mark.parametrize("vehicle_class", ["unknown", "heavy_truck"])
def test_step_2_unknown_is_a_class_that_can_be_restricted(vehicle_class):
    rules = compiled(restrictions=[restriction(vehicle_classes=frozenset({"unknown"}))])
    verdict = see(rules, vehicle_class=vehicle_class).verdict
    assert verdict == ("violation" if vehicle_class == "unknown" else "not_restricted")


def test_step_2_a_missing_plate_class_is_not_taken_for_the_next_restrictions():
    rules = compiled(
        restrictions=[
            restriction("Z-1", vehicle_classes=frozenset({"bus"})),
            restriction("Z-2", plate_classes=frozenset({63})),
        ]
    )
    assert see(rules, vehicle_class="car", plate_class=None).verdict == "not_restricted"
    assert see(rules, vehicle_class="car", plate_class=63).restriction == "Z-2"


def test_step_2_one_restriction_for_one_class_does_not_hide_another():
    rules = compiled(
        restrictions=[
            restriction("Z-1", vehicle_classes=frozenset({"bus"})),
            restriction("Z-2", schedule="Sa"),
            restriction("Z-3"),
        ]
    )
    assert see(rules).restriction == "Z-3"


@pytest.mark.parametrize(
    ("rows", "plate_class", "judged"),
    [
        ([("car", 1)], 1, "car"),
        ([("car", 2)], 1, "heavy_truck"),
        ([("car", 2), ("bus", 1)], 1, "bus"),
        ([("car", None)], 1, "car"),
        ([("car", None), ("bus", 1)], 1, "bus"),
        ([("car", None), ("unknown", 1)], 1, "heavy_truck"),
        ([("unknown", None)], 1, "heavy_truck"),
        ([("car", 1)], None, "car"),
        ([("car", 1), ("car", 2), ("car", None)], None, "car"),
        ([("car", 1), ("bus", 2)], None, "heavy_truck"),
        ([("car", 1), ("unknown", 2)], None, "heavy_truck"),
        ([("unknown", 1)], None, "heavy_truck"),
    ],
)
def test_step_2_registry(rows, plate_class, judged):
    """The registry overrides the vehicle_class that the camera saw.

    Found by (plate, plate_class); for a hit without plate_class, if all registered vehicles with
    that plate have one vehicle_class. A row without plate_class stands for every class; one whose
    class is `unknown` overrides nothing.
    """
    rules = compiled(
        restrictions=[restriction()],
        vehicles=[registered(name, code) for name, code in rows],
    )
    seen = see(rules, plate_class=plate_class)
    assert seen.vehicle_class == judged
    assert seen.verdict == ("violation" if judged == "heavy_truck" else "not_restricted")


def test_step_2_registry_makes_restricted_too():
    rules = compiled(restrictions=[restriction()], vehicles=[registered("heavy_truck")])
    assert see(rules, vehicle_class="car").verdict == "violation"
    assert see(rules, vehicle_class="car", plate="赣C54321").verdict == "not_restricted"


def test_the_registry_says_nothing_of_hits_that_are_not_judged():
    rules = compiled(restrictions=[restriction()], vehicles=[registered("bus")])
    assert see(rules, confidence=0.0).vehicle_class == "heavy_truck"


# Civil time


def test_an_hour_that_comes_twice_is_judged_alike_twice():
    """Schedules are read on the civil clock; Berlin, 2026-10-25, 02:00 to 03:00 comes twice."""
    rules = compiled(restrictions=[restriction(schedule="02:30-03:00")], timezone="Europe/Berlin")
    for fold in (0, 1):
        half_past = us("2026-10-25 02:30", "Europe/Berlin", fold)
        assert see(rules, at=half_past - 1).verdict == "not_restricted"
        assert see(rules, at=half_past).verdict == "violation"
        assert see(rules, at=half_past + 1800 * SECOND - 1).verdict == "violation"
        assert see(rules, at=half_past + 1800 * SECOND).verdict == "not_restricted"


def test_an_hour_that_never_comes_leaves_the_rest_of_the_day_in_place():
    """Berlin, 2026-03-29: 02:00 becomes 03:00."""
    rules = compiled(restrictions=[restriction(schedule="02:30-03:30")], timezone="Europe/Berlin")
    change = us("2026-03-29T01:00:00+00:00")
    verdicts = [
        see(rules, at=at).verdict
        for at in (change - 1, change, change + 1800 * SECOND - 1, change + 1800 * SECOND)
    ]
    assert verdicts == ["not_restricted", "violation", "violation", "not_restricted"]


def test_hits_of_one_batch_may_lie_on_both_sides_of_every_change_of_the_clock():
    rules = compiled(restrictions=[restriction(schedule="08:00-09:00")], timezone="Europe/Berlin")
    days = ["2026-01-10", "2026-07-10", "1985-07-10", "2099-07-10", "1970-01-02"] * 3
    hits = [{"at": f"{day} {hour}"} for day in days for hour in ("07:59", "08:30", "09:00")]
    verdicts = [seen.verdict for seen in see_all(rules, *hits)]
    assert verdicts == ["not_restricted", "violation", "not_restricted"] * len(days)


# The batch


def test_no_hits_are_no_verdicts():
    rules = compiled()
    assert len(match_hits(rules, batch(rules))) == 0


def test_a_city_without_anything_judges():
    rules = compiled(cameras=[])
    assert [seen.verdict for seen in see_all(rules, {}, {"plate": None}, {"camera": None})] == [
        "unknown_camera",
        "unreadable",
        "malformed",
    ]


def test_a_city_without_rules_restricts_nothing():
    assert see(compiled()).verdict == "not_restricted"
    assert see(compiled(permits=[permit()])).verdict == "not_restricted"


def test_every_hit_of_a_batch_longer_than_a_block_has_its_own_verdict():
    plates = [f"赣C{number:05d}" for number in range(700)]
    rules = compiled(
        restrictions=[restriction()],
        permits=[permit(f"P-{plate}", vehicles=(NamedVehicle(plate, 1),)) for plate in plates[::2]],
        vehicles=[registered("car", plate=plate) for plate in plates[::5]],
    )
    hits = [{"plate": plate, "camera": f"C-{n % 3 + 1}"} for n, plate in enumerate(plates * 9)]
    together = match_hits(rules, batch(rules, *hits))
    for number in range(0, len(hits), 911):
        alone = match_hits(rules, batch(rules, hits[number]))
        for field in fields(alone):
            assert getattr(alone, field.name)[0] == getattr(together, field.name)[number]
    kinds = np.unique(together.verdict * 16 + together.reason)
    assert kinds.size == 4  # not restricted, permitted, off route, no permit


def test_columns_may_be_read_only_strided_or_of_another_byte_width():
    rules = compiled(restrictions=[restriction()], permits=[permit()])
    plain = batch(rules, {}, {"camera": "C-2"}, {"plate": None}, {"plate": "赣C00001"})
    wanted = match_hits(rules, plain)
    columns = {field.name: getattr(plain, field.name) for field in fields(HitBatch)}
    strided = {name: np.repeat(column, 2)[::2] for name, column in columns.items()}
    frozen = {name: column.copy() for name, column in columns.items()}
    for column in frozen.values():
        column.flags.writeable = False
    wide = {**columns, "camera": columns["camera"].astype(np.int64)}
    for variant in (strided, frozen, wide):
        found = match_hits(rules, HitBatch(**variant))
        for field in fields(found):
            assert np.array_equal(getattr(found, field.name), getattr(wanted, field.name))


def test_a_batch_coded_for_other_cameras_is_refused():
    rules = compiled()
    hits = replace(batch(rules, {}), camera=np.array([3], np.int32))
    with pytest.raises(ValueError, match="camera code 3 is outside the code book"):
        match_hits(rules, hits)


def test_columns_of_different_length_are_refused():
    rules = compiled()
    hits = replace(batch(rules, {}), confidence=np.ones(2))
    with pytest.raises(ValueError, match="one length"):
        match_hits(rules, hits)


def test_vehicle_codes_without_meaning_are_in_no_class():
    rules = compiled(restrictions=[restriction()])
    hits = replace(batch(rules, {}), vehicle_class=np.array([255], np.uint8))
    assert match_hits(rules, hits).verdict[0] == Verdict.NOT_RESTRICTED
