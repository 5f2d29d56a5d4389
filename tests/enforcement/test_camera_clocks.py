"""Clock errors of cameras, estimated from traffic: as by brute force, and as they were set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.camera_clocks import camera_clocks
from enforcement.analysis.camera_health import camera_health
from enforcement.analysis.least_seconds import least_seconds
from tests.enforcement.definitions import camera, compiled
from tests.enforcement.seen_vehicles import sightings_of
from tests.oracles.clocks import wrong_clocks

START = 20_500 * 86_400.0  # a midnight
DAY = 86_400.0
CAMERAS = 9


def rules_of_a_road(cameras: int = CAMERAS):
    """Return rules of cameras every 1.5 km: 26 s at the fastest."""
    return compiled(cameras=[camera(f"C-{i:02d}", 114.39 + 0.0154 * i) for i in range(cameras)])


def traffic(seed: int, trips: int, off: dict[int, float], missed: float = 0.05, days: int = 1):
    """Return (vehicle, record, second) of vehicles that drive along the road, clocks `off` by record.

    Each makes two trips, hours apart.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for trip in range(trips):
        first, last = sorted(rng.choice(CAMERAS, 2, replace=False).tolist())
        passed = list(range(first, last + 1))
        if rng.random() < 0.5:
            passed.reverse()
        at = START + (trip // 2 % days + rng.uniform(*((0.05, 0.4), (0.6, 0.95))[trip % 2])) * DAY
        for record in passed:
            if rng.random() >= missed:
                rows.append((trip // 2, record, at + off.get(record, 0.0)))
            at += float(rng.uniform(70.0, 130.0))
    return rows


RULES = rules_of_a_road()


@pytest.mark.parametrize("off", [-3600.0, -900.0, 1300.0, 7200.0, 28_800.0])
@pytest.mark.parametrize("record", [0, 4])
def test_a_wrong_clock_is_found_and_its_error_told(record, off):
    health = camera_health(RULES, sightings_of(traffic(1, 400, {record: off}, days=3)))
    mine = health.record == record
    assert health.wrong_clock[mine].all()
    assert not health.quarantined[~mine].any()
    enough = mine & (health.agreeing >= 6)
    assert enough.any()
    assert np.abs(health.error_s[enough] - off).max() < 60.0


def test_a_jump_during_the_day():
    noon = START + DAY / 2
    jumped = [
        (who, record, at + 1800.0 if record == 3 and at > noon else at)
        for who, record, at in traffic(2, 300, {})
    ]
    health = camera_health(RULES, sightings_of(jumped))
    assert health.record[health.quarantined].tolist() == [3]


def test_right_clocks_are_left_alone():
    for seed in range(20):
        health = camera_health(RULES, sightings_of(traffic(seed, 150, {}, missed=0.2)))
        assert not health.quarantined.any()


def out_and_in(vehicles: int, ahead_s: float):
    """Return drives along the road to its last camera; camera 2 is ahead by some seconds."""
    return [
        (vehicle, record, START + 300.0 * vehicle + 100.0 * record + ahead_s * (record == 2))
        for vehicle in range(vehicles)
        for record in range(CAMERAS)
    ]


def test_a_clock_that_nothing_contradicts_is_wrong_where_all_lie_better_by_an_error():
    """So late that it reads each vehicle after its trip, when it may have come back: no drive is impossible."""
    health = camera_health(RULES, sightings_of(out_and_in(60, 1500.0)))
    mine = health.record == 2
    assert not health.impossible[mine].any()
    assert health.wrong_clock[mine].all()
    assert not health.quarantined[~mine].any()
    assert health.agreeing[mine].tolist() == [60]
    assert health.error_s[mine] == pytest.approx([1500.0], abs=60.0)


def test_vehicles_that_come_round_say_nothing_of_a_clock():
    """A third of them pass camera 2 half an hour later, on a trip of their own: as late as a clock might be."""
    rows = [
        (who, record, at + 1500.0 * (record == 2 and who % 3 == 0))
        for who, record, at in out_and_in(60, 0.0)
    ]
    assert not camera_health(RULES, sightings_of(rows)).quarantined.any()


def test_who_turns_back_says_nothing_of_a_clock():
    """Lorries that pass a depot, turn, and come to its camera four minutes after they were beside it."""
    passed = ((0, 0.0), (1, 60.0), (3, 180.0), (4, 240.0), (2, 365.0))
    rows = [(who, record, START + 300.0 * who + at) for who in range(60) for record, at in passed]
    assert not camera_health(RULES, sightings_of(rows)).quarantined.any()


def test_a_fast_stretch_says_nothing_of_the_clocks_at_its_ends():
    """The last drive takes less than the city's usual ones for as far, but no less than any can."""
    rows = [
        (who, record, at - 60.0 * (record == 5))
        for who, record, at in out_and_in(60, 0.0)
        if record < 6
    ]
    assert not camera_health(RULES, sightings_of(rows)).quarantined.any()


def test_minutes_lost_at_a_gate_are_no_clock_error():
    """The last camera stands behind a gate where each lorry waits four minutes."""
    rows = [
        (who, record, at + 240.0 * (record == CAMERAS - 1))
        for who, record, at in out_and_in(60, 0.0)
    ]
    assert not camera_health(RULES, sightings_of(rows)).quarantined.any()


def test_a_camera_that_reads_in_1970_is_not_believed_there():
    many = 60
    rules = rules_of_a_road(many)
    rows = [(i, i, START + 1000.0 * i) for i in range(many)]
    health = camera_health(rules, sightings_of([*rows, (1, 2, 500.0), (2, 2, 900.0)]))
    assert health.day[health.quarantined].tolist() == [0]
    assert health.record[health.quarantined].tolist() == [2]
    two = camera_health(rules, sightings_of([*rows, (1, 2, 500.0), (2, 3, 900.0)]))
    assert not two.quarantined.any()


def test_a_city_of_many_cameras_confuses_no_two_of_them():
    cameras = 33_000
    rules = replace(
        RULES,
        camera_lon=np.full(cameras, 114.39),
        camera_lat=np.full(cameras, 27.81),
        camera_bearing_deg=np.full(cameras, np.nan),
        camera_record_offsets=np.arange(cameras + 1),
        camera_clock_error_us=np.full(cameras, 1_000_000),
        travel_place=np.full(cameras, -1),
    )
    records = [10, 10 + 16_384, 10 + 32_768]
    sightings = sightings_of(
        [(vehicle, record, DAY + vehicle) for vehicle, record in enumerate(records)]
    )
    assert camera_health(rules, sightings).record.tolist() == records


def test_a_plate_that_readers_fall_back_on_costs_little_and_tells_nothing():
    """Thousands of passages of one plate in a day, each odd, by as many gaps as they leave."""
    rng = np.random.default_rng(5)
    count = 5_000
    at = (START + np.sort(rng.uniform(0.0, DAY, count))).tolist()
    default = list(zip([9_999] * count, rng.integers(0, CAMERAS, count).tolist(), at, strict=True))
    rows = traffic(1, 4 * count, {4: 900.0})
    health = camera_health(RULES, sightings_of([*rows, *default]))
    assert health.record[health.wrong_clock].tolist() == [4]


def test_a_period_may_begin_with_one_sighting():
    rows = [*traffic(3, 100, {}), (1, 2, START - 5.0)]
    assert not camera_health(RULES, sightings_of(rows)).quarantined.any()


def test_a_day_with_little_is_judged_by_the_day_beside_it():
    rows = traffic(4, 200, {5: 900.0})
    eve = (1, 5, START - 60.0)
    health = camera_health(RULES, sightings_of([*rows, eve]))
    assert health.wrong_clock[health.record == 5].tolist() == [True, True]


def least(one: int, other: int) -> float:
    return float(least_seconds(RULES, np.array([one]), np.array([other]))[0])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(5, 60),
    st.dictionaries(st.integers(0, CAMERAS - 1), st.floats(-8000, 8000), max_size=3),
    st.floats(0.0, 0.4),
    st.sets(st.integers(0, CAMERAS - 1), max_size=2),
)
def test_wrong_clocks_are_those_that_brute_force_finds(seed, trips, off, missed, doubted):
    rows = traffic(seed, trips, off, missed)
    some = sightings_of(rows or [(0, 0, START)])
    days = some.captured_at_us // 86_400_000_000
    units, unit = np.unique(np.stack((some.record, days), 1), axis=0, return_inverse=True)
    doubtful = np.isin(units[:, 0], list(doubted))
    keys = units[:, 0] * 100_000 + units[:, 1]
    found = camera_clocks(RULES, some, unit, keys, doubtful).wrong
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    by_vehicle: dict[int, list] = {}
    for vehicle, record, at in zip(some.vehicle, some.record, some.captured_at_us, strict=True):
        instant = epoch + timedelta(microseconds=int(at))
        by_vehicle.setdefault(int(vehicle), []).append((instant, int(record)))
    expected = wrong_clocks(by_vehicle, least, set(map(tuple, units[doubtful].tolist())))
    added = {
        (record, day)
        for record, day in expected
        if (record, day) not in set(map(tuple, units[found].tolist()))
    }
    assert set(map(tuple, units[found].tolist())) <= expected
    # The others are days with little beside a wrong one.
    assert all(
        {(record, day - 1), (record, day + 1)} & set(map(tuple, units[found].tolist()))
        for record, day in added
    )


def test_a_jump_late_in_the_evening_is_judged_by_the_day_after():
    """Few passages of the evening tell of an error, and all of the next day do."""
    evening = START + 0.92 * DAY
    jumped = [
        (who, record, at + 1800.0 if record == 4 and at > evening else at)
        for who, record, at in traffic(6, 500, {}, days=2)
    ]
    health = camera_health(RULES, sightings_of(jumped))
    mine = health.record == 4
    assert 3 <= health.agreeing[mine][0] < 6
    assert health.wrong_clock[mine].tolist() == [True, True]
    assert not health.quarantined[~mine].any()
