"""Who keeps missing at a camera: the rule by small cases, beside brute force, however hits are cut."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.avoidance import find_avoidance
from enforcement.analysis.sightings import sightings_of_rows
from enforcement.avoidance_table import avoidance_table
from enforcement.avoiding import avoided_cameras
from enforcement.doubts.asking import disbelieved
from enforcement.engine import judge, settle
from enforcement.rules.permits import NamedVehicle
from ingest.plate_keys import PlateKeys
from tests.enforcement.definitions import (
    TUESDAY,
    batch,
    camera,
    compiled,
    grant,
    permit,
    registered,
    restriction,
    us,
)
from tests.oracles.avoidance import avoidance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enforcement.analysis.avoidance import Avoidance
    from enforcement.analysis.duplicates import Passages
    from enforcement.engine import Settlement
    from enforcement.index.layout import Rules

TRUCK, ANOTHER = "赣C10000", "赣C20000"
NAMES = ("A", "B", "C", "D", "X")
CAMERAS = [camera(name, 114.39 + 0.0002 * i) for i, name in enumerate(NAMES)]
FAR = camera("Y", 115.39)
MORNING = us(f"{TUESDAY} 06:00")
MINUTE = 60_000_000


def town(*plates: str, **fields: Any) -> Rules:
    """Return rules in which permits name some trucks; every truck is banned from D."""
    vehicles = tuple(NamedVehicle(plate, 1) for plate in plates)
    permits = [permit("P-1", grant("X"), vehicles=vehicles)] if plates else []
    values = {
        "cameras": [*CAMERAS, FAR],
        "restrictions": [restriction("Z-1", cameras=("D",))],
        "permits": permits,
        **fields,
    }
    return compiled(**values)


def drive(plate: str, hour: int, minute: float, way: str, **values: Any) -> list[dict[str, Any]]:
    """Return the hits of a drive past some cameras, two minutes from one to the next; `-` is none."""
    begin = MORNING + round((hour * 60 + minute) * MINUTE)
    return [
        {"plate": plate, "camera": name, "at": begin + 2 * step * MINUTE, **values}
        for step, name in enumerate(way)
        if name != "-"
    ]


def traffic(hours: Iterable[int], each: int, way: str = "ABC") -> list[dict[str, Any]]:
    """Return the drives of `each` other vehicles in every hour, the same ones, at odd minutes."""
    return [
        hit
        for hour in hours
        for number in range(each)
        for minute in [(hour * hour * 3.7 + number * number * 1.3) % 29]
        for hit in drive(f"赣D{number:05d}", hour, minute, way, vehicle_class="car")
    ]


def trucks(hours: Iterable[int], way: str = "A-C", plate: str = TRUCK, **values: Any):
    return [hit for hour in hours for hit in drive(plate, hour, 10, way, **values)]


def no_rank(_pairs: Any) -> list[tuple[str, ...]]:
    raise AssertionError("these hits differ")


def found_in(
    rules: Rules, *parts: Sequence[dict[str, Any]], keys: PlateKeys | None = None
) -> list[Avoidance]:
    keys = PlateKeys(rules.side_plates) if keys is None else keys
    judged = [judge(rules, batch(rules, *part, keys=keys)) for part in parts]
    settled = settle(rules, judged, no_rank, side_plates=keys.side_plates)
    return avoided_cameras(rules, settled, [part.passages for part in judged])


def listed(rules: Rules, *parts: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    keys = PlateKeys(rules.side_plates)
    table = avoidance_table(rules, found_in(rules, *parts, keys=keys), keys)
    return [tuple(row.values())[:9] for row in table.to_pylist()]


RULES = town(TRUCK, ANOTHER)
SIX = range(6)
ONE = (TRUCK, "01", "B", "A", "C", 6, 0, 60, 1.0)


def test_a_truck_that_only_is_missed_is_listed_with_what_shows_it():
    rules = town(TRUCK)
    day = trucks(SIX) + traffic(SIX, 10)
    assert listed(rules, day) == [ONE]
    (one,) = found_in(rules, day)
    assert (one.first_us, one.last_us) == (day[0]["at"], day[11]["at"])


def test_four_drives_are_not_again_and_again():
    assert listed(town(TRUCK), trucks(range(4)) + traffic(range(4), 60)) == []
    assert len(listed(town(TRUCK), trucks(range(5)) + traffic(range(5), 60))) == 1


def test_between_the_two_cameras_nobody_saw_it_five_times():
    five = trucks(range(5)) + traffic(range(8), 30)
    assert listed(town(TRUCK), five + trucks((5, 6), "AXC"))[0][5:7] == (7, 0)
    four = trucks(range(4)) + traffic(range(8), 30)
    assert listed(town(TRUCK), four + trucks((5, 6), "AXC")) == []


def test_who_is_seen_there_now_and_then_is_not_listed():
    day = trucks(range(8)) + traffic(range(10), 30)
    assert listed(town(TRUCK), day + trucks((8, 9), "ABC"))[0][5:7] == (8, 2)
    day = trucks(range(7)) + traffic(range(10), 30)
    assert listed(town(TRUCK), day + trucks((8, 9), "ABC")) == []


def test_the_camera_must_see_nearly_all_others():
    day = trucks(SIX) + traffic(SIX, 19)
    late = [hit | {"plate": "赣E00001"} for hit in trucks(SIX, "A-C", vehicle_class="car")]
    assert listed(town(TRUCK), day + late)[0][7:] == (120, 0.95)
    assert listed(town(TRUCK), trucks(SIX) + traffic(SIX, 18) + late) == []


def test_enough_others_by_enough_vehicles():
    eight = range(8)
    rules = town(TRUCK)
    assert len(listed(rules, trucks(eight) + traffic(eight, 5))) == 1
    assert len(listed(rules, trucks(range(12)) + traffic(range(12), 5))) == 1
    assert listed(rules, trucks(range(12)) + traffic(range(12), 4)) == []
    assert listed(rules, trucks(range(5)) + traffic(range(1), 19)) == []


def test_chance_must_not_explain_it():
    more = traffic(range(1), 10) + traffic(range(1, 6), 9)
    assert listed(town(TRUCK), trucks(SIX) + more) == [(*ONE[:7], 55, 1.0)]
    assert listed(town(TRUCK), trucks(SIX) + traffic(SIX, 9)) == []  # 1 in 10^6


def test_only_others_in_the_same_hours_tell():
    # At night the camera reads hardly anybody, and the truck drives at night.
    night, day = range(6), range(6, 16)
    blind = traffic(night, 10, "A-C") + traffic(day, 60)
    assert listed(town(TRUCK), trucks(night) + blind) == []
    half = traffic(range(0, 6, 2), 10, "A-C") + traffic(range(1, 6, 2), 60)
    assert listed(town(TRUCK), trucks(night) + half) == []


def test_whoever_takes_longer_than_half_an_hour_had_business_there():
    def slow(minutes: float) -> list[dict[str, Any]]:
        return [
            hit
            for hour in SIX
            for hit in drive(TRUCK, hour, 10, "A") + drive(TRUCK, hour, 10 + minutes, "C")
        ]

    assert [one.unseen for one in ruled(town(TRUCK), slow(30) + traffic(SIX, 10))] == [6]
    assert ruled(town(TRUCK), slow(30.1) + traffic(SIX, 10)) == []


def ruled(rules: Rules, hits: list[dict[str, Any]]) -> list[Avoidance]:
    """Return what the rule says of TRUCK when every camera is believed."""
    parts = [judge(rules, batch(rules, *hits)).passages]
    rows = sightings_of_rows(rules, parts, [np.arange(len(hits))])
    key = np.array([PlateKeys(rules.side_plates).key(TRUCK)], np.uint64)
    return find_avoidance(rules, rows.of_plates(key), lambda _record, _hour: rows)


def test_a_shuttle_of_weeks_is_told_in_a_moment():
    # All terms of the exact test, in whole numbers, take 15 s; it needs a tenth of one.
    shuttle = [
        {"plate": TRUCK, "camera": "AC"[half % 2], "at": MORNING + half * MINUTE}
        for half in range(2 * 30 * 150)
    ]
    between = [hit for hour in range(150) for hit in drive(TRUCK, hour, 10.5, "-B")]
    began = process_time()
    (one,) = ruled(town(TRUCK), shuttle + between + traffic(range(150), 5))
    assert process_time() - began < 5
    assert (one.unseen, one.seen, one.others) == (4350, 150, 750)


@pytest.mark.parametrize("plate_class", [None, 2])
def test_a_plate_seen_there_with_another_class_was_seen(plate_class):
    there = [hit for hour in SIX for hit in drive(TRUCK, hour, 12, "B", plate_class=plate_class)]
    assert listed(town(TRUCK), trucks(SIX) + there + traffic(SIX, 10)) == []


def test_only_vehicles_that_the_rules_are_about_are_listed():
    day = trucks(SIX) + traffic(SIX, 10)
    assert listed(town(), day) == []
    assert listed(town(ANOTHER), day) == []
    assert listed(town(vehicles=[registered("car", plate=TRUCK)]), day) == []
    assert listed(town(vehicles=[registered("heavy_truck", plate=TRUCK)]), day) == [ONE]
    assert listed(town(), day + trucks((9,), "D")) == [ONE]  # a violation


def test_what_many_trucks_do_is_the_road_or_the_camera():
    plates = [f"赣C2000{i}" for i in range(4)]
    day = [hit for plate in plates for hit in trucks(SIX, plate=plate)] + traffic(SIX, 80)
    assert listed(town(*plates), day) == []
    assert [row[0] for row in listed(town(*plates[:3]), day)] == plates[:3]


def test_a_plate_that_two_vehicles_have_is_not_listed():
    day = trucks(SIX) + traffic(SIX, 10)
    assert listed(town(TRUCK), day + drive(TRUCK, 5, 15, "Y")) == []


def test_duplicates_are_one_passage():
    twice = [hit | {"at": hit["at"] + 1_000_000} for hit in trucks(range(4))]
    day = trucks(range(4)) + twice + traffic(range(4), 60)
    assert listed(town(TRUCK), day) == []


def test_a_camera_that_is_not_believed_that_day_sees_nobody():
    flood = [
        {"plate": f"湘A{i:05d}", "camera": "B", "at": MORNING + 13 * 60 * MINUTE + i * 500_000}
        for i in range(1300)
    ]
    day = trucks(SIX) + traffic(SIX, 12)
    assert len(listed(town(TRUCK), day)) == 1
    assert listed(town(TRUCK), day + flood) == []


def test_a_camera_is_named_once_between_those_that_missed_it_most():
    day = trucks(range(6, 13), "A--D") + trucks(SIX) + traffic(range(13), 14, "ABCD")
    rows = {row[2]: row[3:6] for row in listed(town(TRUCK), day)}
    assert rows == {"B": ("A", "D", 7), "C": ("A", "D", 7)}


ways = st.sampled_from(["A-C", "A-C", "A-C", "ABC", "AXC", "A-B", "AABC", "-BC", "ABAC", "ACBC"])
truck_drives = st.lists(
    st.tuples(
        st.sampled_from([TRUCK, TRUCK, ANOTHER]),
        st.integers(0, 5),
        st.integers(20, 55),
        ways,
        st.sampled_from([1, 1, 1, 2, None]),
    ),
    max_size=6,
)
flows = st.lists(
    st.tuples(
        st.integers(15, 24),
        st.sampled_from([0, 0, 0, 0, 1]),
        st.sampled_from(["A-C", "AXC", "A-B"]),
    ),
    min_size=6,
    max_size=6,
)
habits = st.lists(
    st.tuples(st.sampled_from([TRUCK, ANOTHER, ANOTHER]), st.integers(0, 5)), max_size=10
)


@settings(max_examples=40, deadline=None)
@given(st.data(), truck_drives, flows, habits)
def test_brute_force_says_the_same_of_any_cut_in_any_order(data, some, flow, often):
    hits = [
        hit
        for number, (plate, hour) in enumerate([*often, *((TRUCK, hour) for hour in range(5))])
        for hit in drive(plate, hour, 5 + number / 10, "A-C")
    ]
    for plate, hour, minute, way, plate_class in some:
        hits += drive(plate, hour, minute + 0.01, way, plate_class=plate_class)
    for hour, (each, odd, way) in enumerate(flow):
        hits += traffic([hour], each)
        hits += [hit | {"at": hit["at"] + 20 * MINUTE} for hit in traffic([hour], odd, way)]
    hits = list({(hit["plate"], hit["camera"], hit["at"]): hit for hit in hits}.values())
    cut = data.draw(st.integers(0, len(hits)))
    keys = PlateKeys(RULES.side_plates)
    parts = [judge(RULES, batch(RULES, *some, keys=keys)) for some in (hits[cut:], hits[:cut])]
    settled = settle(RULES, parts, no_rank, side_plates=keys.side_plates)
    passages = [part.passages for part in parts]
    found = avoided_cameras(RULES, settled, passages)
    assert {one[:3]: one[3:] for one in found} == avoidance(
        believed_rows(settled, passages), {keys.key(TRUCK), keys.key(ANOTHER)}
    )
    in_time = sorted(hits, key=lambda hit: (hit["at"], hit["plate"]))
    assert found == found_in(RULES, in_time)


def believed_rows(settled: Settlement, passages: Sequence[Passages]) -> list[tuple[int, ...]]:
    """Return the rows that the oracle is asked about; each camera has one record."""
    doubts, told = settled.doubts, []
    for part, repeated in zip(passages, settled.repeated, strict=True):
        where, at = part.camera, part.captured_at_us
        bad = disbelieved(RULES, doubts.health, doubts.reads, where, at) | repeated
        columns = (part.plate_key, part.plate_class, where, at)
        told += zip(*(column[~bad].tolist() for column in columns), strict=True)
    return told
