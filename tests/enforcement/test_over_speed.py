"""Violations by speed: the rule by small cases, beside brute force, and however the hits are cut."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.engine import judge, settle
from enforcement.findings import HELD_CODES, REASON_NAMES, Verdict
from enforcement.index.camera_travel import CameraTravel
from enforcement.index.compiler import compile_rules
from enforcement.rules.permits import NamedVehicle
from tests.enforcement.definitions import (
    PLATE,
    TUESDAY,
    batch,
    camera,
    city,
    compiled,
    grant,
    permit,
    restriction,
    status,
    us,
)
from tests.oracles.days import judge_day
from tests.oracles.judgement import metres, spell
from tests.same_verdict.translation import batch_of, definition_of

if TYPE_CHECKING:
    from enforcement.engine import Settlement
    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

CAMERAS = [camera("C-1"), camera("C-2", 114.40), camera("C-3", 114.41)]
EVERYWHERE = restriction("Z-1", cameras=("C-1", "C-2", "C-3"))
WAYS_M = [[0, 1000, 2000], [1500, 0, 1000], [2500, 1500, 0]]
SLOW, FAST = (
    "12:01:26",
    "12:01:25",
)  # a kilometre after noon: 40 km/h and 3 % take 85.4 s and 2 s of clocks
BOTH = grant("C-1", "C-2", "C-3")


def travel_of(ways_m: Any) -> CameraTravel:
    """Return what the network says of cameras at as many places."""
    count = len(ways_m)
    nothing = np.zeros((count, count), np.uint16)
    place = np.arange(count, dtype=np.int32)
    return CameraTravel(place, nothing, 1.0, np.array(ways_m, np.uint16).reshape(count, count))


def town(*permits: Any, **fields: Any) -> Rules:
    values = {"cameras": CAMERAS, "restrictions": [EVERYWHERE], **fields}
    return compile_rules(city(permits=list(permits), **values), {}, travel_of(WAYS_M))


def limited(kmh: float | None = 40.0, *grants: Any, **fields: Any) -> Any:
    name = fields.pop("permit_id", "P-1")
    return permit(name, *(grants or (BOTH,)), max_speed_kmh=kmh, **fields)


def no_rank(_pairs: Any) -> list[tuple[str, ...]]:
    raise AssertionError("these hits differ")


def settled(rules: Rules, *batches: HitBatch) -> Settlement:
    return settle(rules, [judge(rules, one) for one in batches], no_rank)


def suspected(rules: Rules, *hits: tuple[str, str]) -> list[tuple[str, str | None]]:
    """Return camera and held code of the violations by speed of PLATE, in the order of time."""
    rows = [
        {"camera": name, "at": us(f"{TUESDAY} {at}") if isinstance(at, str) else at}
        for name, at in hits
    ]
    found = settled(rules, batch(rules, *rows))
    return [row[1:3] for row in told(rules, found) if row[3] == "over_speed"]


def told(rules: Rules, found: Settlement) -> list[tuple[Any, ...]]:
    """Return instant, camera, held code, reason, permit, grant within it, plate key and class."""
    some = found.suspects
    held = found.doubts.held.tolist()
    return in_order(
        (
            int(some.captured_at_us[row]),
            rules.camera_ids[some.camera[row]],
            HELD_CODES[held[row] - 1] if held[row] else None,
            REASON_NAMES[some.reason[row]],
            rules.permit_ids[some.permit[row]] if some.permit[row] >= 0 else None,
            int(some.grant[row] - rules.grant_offsets[some.permit[row]])
            if some.permit[row] >= 0
            else None,
            int(some.plate_key[row]),
            int(some.plate_class[row]),
        )
        for row in range(len(some))
    )


def in_order(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: (*row[:2], *row[-2:]))


def test_a_drive_that_beats_the_limit_by_more_than_clocks_and_map_explain():
    rules = town(limited())
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", SLOW)) == []
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST)) == [("C-2", None)]


def test_each_way_has_its_own_metres_and_only_successive_hits_are_compared():
    rules = town(limited())
    assert suspected(rules, ("C-2", "12:00:00"), ("C-1", "12:02:08")) == [("C-1", None)]
    assert suspected(rules, ("C-2", "12:00:00"), ("C-1", "12:02:10")) == []
    # By way of C-2 each part is slow enough, though from C-1 to C-3 it would not be.
    slow = ("C-1", "12:00:00"), ("C-2", SLOW), ("C-3", "12:02:52")
    assert suspected(rules, *slow) == []
    assert suspected(rules, slow[0], slow[2]) == [("C-3", None)]
    assert suspected(rules, ("C-1", "12:00:00"), ("C-1", "12:00:30"), ("C-2", "12:01:55")) == [
        ("C-2", None)
    ]


def test_the_settlement_tells_the_drive_and_counts_it_as_a_violation():
    rules = town(limited())
    rows = batch(rules, {"at": f"{TUESDAY} 12:00"}, {"camera": "C-2", "at": f"{TUESDAY} {FAST}"})
    found = settled(rules, rows)
    assert found.counts[Verdict.VIOLATION] == found.counts[Verdict.PERMITTED] == 1
    assert found.speeding.metres.tolist() == [1000]
    assert found.speeding.first.camera.tolist() == [0]
    assert found.speeding.kmh == pytest.approx([1000 * 3.6 / 87 / 1.03])


@pytest.mark.parametrize(
    ("permits", "named"),
    [
        ((limited(None),), None),
        ((limited(60.0), limited(40.0, permit_id="P-2")), None),  # the kindest counts
        ((limited(None), limited(40.0, permit_id="P-2")), None),
        ((limited(30.0), limited(40.0, permit_id="P-2")), "P-2"),
        ((limited(40.0), limited(40.0, permit_id="P-2")), "P-1"),
        ((limited(None), limited(40.0, permit_id="P-2", binding="confines")), "P-2"),
        ((limited(40.0, binding="confines"), limited(None, permit_id="P-2")), "P-1"),
        ((limited(40.0, grant("C-2")),), None),  # it does not cover the first hit
        ((limited(40.0, grant("C-1")), limited(None, grant("C-2"), permit_id="P-2")), None),
        ((limited(40.0, grant("C-1"), grant("C-2")),), "P-1"),
        ((limited(40.0, grant("C-1", "C-2", schedule="12:01-13:00")),), None),
        ((limited(40.0, valid_from_us=us(f"{TUESDAY} 12:00:30")),), None),
        ((limited(40.0, vehicles=(NamedVehicle(PLATE, 2),)),), None),
        ((limited(40.0, vehicles=(NamedVehicle(PLATE, None),)),), "P-1"),
    ],
)
def test_under_which_permit_a_vehicle_drives(permits, named):
    rules = town(*permits)
    rows = batch(rules, {"at": f"{TUESDAY} 12:00"}, {"camera": "C-2", "at": f"{TUESDAY} {FAST}"})
    found = [row[4] for row in told(rules, settled(rules, rows)) if row[3] == "over_speed"]
    assert found == ([] if named is None else [named])


@pytest.mark.parametrize("binding", ["exempts", "confines"])
def test_where_nobody_needs_a_permit_only_one_that_confines_binds(binding):
    free = restriction("Z-1", cameras=("C-1",))
    rules = town(limited(binding=binding), restrictions=[free])
    drive = suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST))
    assert drive == ([("C-2", None)] if binding == "confines" else [])


def test_a_hit_that_is_a_violation_anyway_is_no_second_one():
    ban = restriction("Z-2", cameras=("C-2",), permits_exempt=False)
    rules = town(limited(binding="confines"), restrictions=[EVERYWHERE, ban])
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST)) == []
    assert suspected(rules, ("C-2", "12:00:00"), ("C-1", "12:02:00")) == [("C-1", None)]


def test_hits_of_one_instant_tell_no_speed():
    rules = town(limited())
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST), ("C-3", FAST)) == []


def test_a_wide_error_of_either_clock_is_the_drivers():
    for name in ("C-1", "C-2"):
        cameras = [
            camera(one.camera_id, one.lon, clock_error_s=3.0 if one.camera_id == name else None)
            for one in CAMERAS
        ]
        rules = town(limited(), cameras=cameras)
        assert suspected(rules, ("C-1", "12:00:00"), ("C-2", "12:01:24")) == []
        assert suspected(rules, ("C-1", "12:00:00"), ("C-2", "12:01:23")) == [("C-2", None)]


def test_rules_keep_metres_between_cameras_under_a_limit_only():
    rules = town(limited(40.0, grant("C-2", "C-3")), limited(None, permit_id="P-2"))
    assert rules.section_place.tolist() == [-1, 0, 1]
    assert rules.section_metres.tolist() == [[0, 1000], [1500, 0]]
    assert town(limited(None)).section_metres.size == 0
    assert compiled(permits=[limited()]).section_metres.size == 0


def test_nothing_is_known_of_a_camera_off_the_network():
    travel = travel_of(WAYS_M)
    travel.place[1] = -1
    definition = city(cameras=CAMERAS, restrictions=[EVERYWHERE], permits=[limited()])
    rules = compile_rules(definition, {}, travel)
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", "12:00:20")) == []
    assert rules.section_metres.tolist() == [[0, 2000], [2500, 0]]


@pytest.mark.parametrize("name", ["C-1", "C-2"])
def test_a_new_camera_at_either_end_makes_it_a_warning(name):
    for until, answer in (("12:30", (True, None)), ("12:00", (False, None))):
        ends = {"warning_until_us": us(f"{TUESDAY} {until}")}
        cameras = [
            camera(one.camera_id, one.lon, **(ends if one.camera_id == name else {}))
            for one in CAMERAS
        ]
        rules = town(limited(), cameras=cameras)
        rows = batch(
            rules, {"at": f"{TUESDAY} 12:00:02"}, {"camera": "C-2", "at": f"{TUESDAY} {FAST}"}
        )
        found = settled(rules, rows)
        assert (found.warning.tolist()[-1], told(rules, found)[0][2]) == answer
    ends = {"warning_until_us": us(f"{TUESDAY} 12:00:00")}
    rules = town(limited(), cameras=[camera("C-1", **ends), *CAMERAS[1:]])
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST)) == [("C-2", "clock")]


# Doubts


def test_a_clone_is_held_at_either_end():
    rules = town(limited())
    pair = ("C-1", "12:00:00"), ("C-2", FAST)
    assert suspected(rules, *pair, ("C-1", "12:01:30")) == [
        ("C-2", "implausible_travel"),
        ("C-1", "implausible_travel"),
    ]
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", "12:00:05")) == [
        ("C-2", "implausible_travel")
    ]


@pytest.mark.parametrize(("name", "late_s"), [("C-1", 600), ("C-2", -600)])
def test_a_camera_that_is_not_believed_proves_no_speed(name, late_s):
    rules = town(limited())
    at = us(f"{TUESDAY} 11:00")
    rows = [
        {"camera": "C-1", "at": f"{TUESDAY} 12:00"},
        {"camera": "C-2", "at": f"{TUESDAY} {FAST}"},
    ]
    for lorry in range(8):
        times = {"C-1": at, "C-2": at + 110_000_000, "C-3": at + 220_000_000}
        times[name] += late_s * 1_000_000
        at += 1_000_000_000
        rows += [{"camera": c, "at": t, "plate": f"赣C{lorry}777{lorry}"} for c, t in times.items()]
        rows += [
            {"camera": c, "at": times[name] + 3_000_000 * step, "plate": f"赣C{lorry}777{lorry}"}
            for step, c in enumerate(sorted(set(times) - {name}), 1)
        ]
    found = told(rules, settled(rules, batch(rules, *rows)))
    assert [row[1:3] for row in found if row[3] == "over_speed"] == [("C-2", "camera")]


def test_hours_that_the_clocks_decide():
    for hours, code in (("12:00-13:00", "clock"), ("11:59-13:00", None), ("10:00-12:02", None)):
        rules = town(limited(40.0, grant("C-1", "C-2", schedule=hours)))
        assert suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST)) == [("C-2", code)]
    since = status(("active", us(f"{TUESDAY} 11:59:59.5")))
    rules = town(limited(status=since))
    assert suspected(rules, ("C-1", "12:00:00"), ("C-2", FAST)) == [("C-2", "clock")]


def test_a_minute_without_a_limit_within_the_errors_of_the_clocks():
    cameras = [camera(one.camera_id, one.lon, clock_error_s=90.0) for one in CAMERAS]
    drive = ("C-1", "12:01:10"), ("C-2", "12:01:30")
    minute = {"schedule": "12:00-12:01"}
    for grants, code in (
        ((grant("C-1", "C-2", **minute),), "clock"),
        ((grant("C-1", **minute), grant("C-2")), "clock"),
        ((grant("C-1"), grant("C-2", **minute)), "clock"),
        ((grant("C-1", **minute), grant("C-2", schedule="11:50-11:59")), None),
    ):
        free = limited(None, *grants, permit_id="P-2")
        rules = town(limited(10.0), free, cameras=cameras)
        assert suspected(rules, *drive) == [("C-2", code)]


def test_hours_that_hang_on_holidays_not_yet_published():
    weekdays = grant("C-1", "C-2", schedule="Mo-Fr")
    for schedule, code in ((weekdays, "calendar"), (BOTH, None)):
        rules = town(limited(40.0, schedule), holidays="CN")
        noon = us("2031-03-04 12:00")
        drive = ("C-1", noon), ("C-2", noon + 85_000_000)
        assert suspected(rules, *drive) == [("C-2", code)]


def test_a_long_drive_of_a_vehicle_that_another_looks_like():
    def seen(*permits: Any) -> list[tuple[str, str | None]]:
        definition = city(cameras=CAMERAS, restrictions=[EVERYWHERE], permits=permits)
        rules = compile_rules(definition, {}, travel_of(np.array(WAYS_M) * 30))
        return suspected(rules, ("C-1", "12:00:00"), ("C-2", "12:40:00"))

    alike = limited(None, permit_id="P-2", vehicles=(NamedVehicle("赣C1Z345", 1),))
    assert seen(limited()) == [("C-2", None)]  # it does not look like another itself
    assert seen(limited(), alike) == [("C-2", "look_alike")]


# Brute force, and any cut

START = datetime.fromisoformat(
    "2026-03-03T08:53:00+08:00"
)  # hours from 09:00, five minutes of grace
NAMES = ("C-1", "C-2", "C-3")
PLATES = ("赣C12345", "赣C1Z345")
ALWAYS = {"valid_from": None, "valid_until": None}


def some_of(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True).map(sorted)


HOURS = st.sampled_from(
    ("24/7", "24/7", "24/7", "09:00-16:00", "00:00-08:50", "24/7", "09:02-09:10", "09:03-16:00")
)
GRANTS = st.builds(
    lambda cameras, schedule: {"cameras": cameras, "schedule": schedule},
    st.one_of(st.just(list(NAMES)), st.just(list(NAMES)), some_of(NAMES)),
    HOURS,
)
SINCE = st.sampled_from(
    ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2026-03-03T08:55:00.500000+08:00")
)
PERMITS = st.builds(
    lambda binding, kmh, vehicles, grants, since: {
        "binding": binding,
        "max_speed_kmh": kmh,
        "vehicles": vehicles,
        "grants": grants,
        "status": [{"status": "active", "from": since}],
        **ALWAYS,
    },
    st.sampled_from(("exempts", "exempts", "confines")),
    st.sampled_from((40.0, 30.0, 20.0, None)),
    st.lists(
        st.builds(
            lambda plate, plate_class: {"plate": plate, "plate_class": plate_class},
            st.sampled_from((PLATES[0], PLATES[0], PLATES[1])),
            st.sampled_from(("01", "01", None, "02")),
        ),
        min_size=1,
        max_size=2,
    ),
    st.lists(GRANTS, min_size=1, max_size=2),
    SINCE,
)
RESTRICTIONS = st.builds(
    lambda cameras, schedule, absolute: {
        "restriction_id": "Z-1",
        "vehicle_classes": ["heavy_truck"],
        "plate_classes": [],
        "schedule": schedule,
        "permits_exempt": not absolute,
        "cameras": cameras,
        **ALWAYS,
    },
    st.one_of(st.just(list(NAMES)), st.just(list(NAMES)), some_of(NAMES)),
    HOURS,
    st.sampled_from((False, False, False, False, False, True)),
)
HITS = st.lists(
    st.builds(
        lambda camera_id, second, plate, plate_class: {
            "camera_id": camera_id,
            "captured_at": (START + timedelta(seconds=second)).isoformat(),
            "plate": plate,
            "plate_class": plate_class,
            "vehicle_class": "heavy_truck",
            "confidence": None,
        },
        st.sampled_from(NAMES),
        st.integers(0, 40).map(lambda step: 20 * step + 1),
        st.sampled_from((PLATES[0], PLATES[0], *PLATES)),
        st.sampled_from(("01", "01", "01", "01", None)),
    ),
    min_size=2,
    max_size=12,
    unique_by=lambda hit: tuple(map(str, hit.values())),
)


@st.composite
def cities(draw: Any) -> dict[str, Any]:
    permits = draw(st.lists(PERMITS, min_size=1, max_size=3))
    return {
        "timezone": "Asia/Shanghai",
        "holidays": "",
        "days_off": set(),
        "working_weekends": set(),
        "min_confidence": 0.8,
        "grace_minutes": 5,
        "cameras": [
            {
                "camera_id": name,
                "lon": 114.39 + 0.01 * place,
                "lat": 27.81,
                "clock_error_seconds": draw(st.sampled_from((None, None, 90.0))),
                **ALWAYS,
            }
            for place, name in enumerate(NAMES)
        ],
        "restrictions": draw(st.lists(RESTRICTIONS, max_size=1)),
        "routes": {},
        "permits": [{"permit_id": f"P-{n}", **one} for n, one in enumerate(permits)],
        "vehicles": [],
    }


@settings(max_examples=200, deadline=None)
@given(cities(), HITS, st.data())
def test_violations_are_those_of_brute_force_however_the_hits_are_cut(world, hits, data):
    world["metres"] = [
        [3 * int(metres(a["lon"], a["lat"], b["lon"], b["lat"])) for b in world["cameras"]]
        for a in world["cameras"]
    ]
    rules = compile_rules(definition_of(world), {}, travel_of(world["metres"]))
    ids = [str(place) for place in range(len(hits))]
    expected = judge_day(world, hits, ids, [(one,) for one in ids])
    edges = sorted(data.draw(st.lists(st.integers(0, len(hits)), max_size=3)))
    mixed = data.draw(st.permutations(hits))
    cuts = zip([0, *edges], [*edges, len(hits)], strict=True)
    found = settled(rules, *(batch_of(rules, mixed[a:b], "Asia/Shanghai") for a, b in cuts))
    counts = {Verdict(code).name.lower(): n for code, n in enumerate(found.counts.tolist()) if n}
    assert counts == expected["counts"]
    key_of = {spell(plate): int(batch(rules, {"plate": plate}).plate_key[0]) for plate in PLATES}
    epoch = datetime.fromisoformat("1970-01-01T00:00:00Z")
    assert [row[:5] + row[6:] for row in told(rules, found)] == in_order(
        (
            (row["captured_at"] - epoch) // timedelta(microseconds=1),
            row["camera_id"],
            row["held"],
            row["reason"],
            row["permit_id"],
            key_of[row["plate"]],
            255 if row["plate_class"] is None else int(row["plate_class"]),
        )
        for row in expected["violations"]
    )
