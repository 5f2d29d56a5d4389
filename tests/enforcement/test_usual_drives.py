"""What drives take as a rule, and pairs of cameras nearer than stated: as by brute force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.usual_drives import nearer_than_stated, usual_share
from tests.enforcement.definitions import camera, compiled
from tests.enforcement.seen_vehicles import sightings_of
from tests.oracles.clocks import usual_share as usual_by_brute_force
from tests.oracles.doubts import least_seconds
from tests.oracles.doubts import nearer_than_stated as brute_force

START = 20_500 * 86_400.0
LONS = [114.39 + 0.0154 * i for i in range(4)]
RULES = compiled(cameras=[camera(f"C-{i}", lon) for i, lon in enumerate(LONS)])
CITY = {
    "cameras": [{"camera_id": f"C-{i}", "lon": lon, "lat": 27.81} for i, lon in enumerate(LONS)]
}


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 1000),
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] != pair[1]),
        st.tuples(st.integers(1, 60), st.sampled_from((0.2, 0.95, 1.5, 4.0)), st.integers(0, 4)),
        min_size=1,
        max_size=6,
    ),
)
def test_cameras_nearer_than_stated_are_those_that_brute_force_finds(seed, pairs):
    """Some drives between each pair in so many times the least, and a few in a part of it."""
    rng = np.random.default_rng(seed)
    rows, vehicle = [], 0
    for (one, other), (drives, times, impossible) in pairs.items():
        needs = least_seconds(CITY, one, other)
        shares = [*rng.uniform(0.9 * times, 1.3 * times, drives), *[0.1] * impossible]
        for share in shares:
            rows += [(vehicle, one, START), (vehicle, other, START + share * needs)]
            vehicle += int(rng.integers(0, 2))
        vehicle += 1
    some = sightings_of(rows)
    by_vehicle: dict[int, list] = {}
    for who, record, at in zip(some.vehicle, some.record, some.captured_at_us, strict=True):
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at))
        by_vehicle.setdefault(int(who), []).append((instant, int(record)))
    expected = usual_by_brute_force(by_vehicle, lambda *ends: least_seconds(CITY, *ends))
    assert usual_share(RULES, some) == pytest.approx(expected, rel=1e-3)
    found = np.flatnonzero(nearer_than_stated(RULES, some))
    assert set(found.tolist()) == brute_force(CITY, by_vehicle)


def test_where_hardly_anything_tells_twice_the_least_is_usual():
    assert usual_share(RULES, sightings_of([(0, 0, START), (0, 1, START + 500.0)])) == 2.0


def test_one_that_is_near_to_several_is_put_aside_alone():
    """Thirty drives to each of two others, twice the least and two impossible: it is the one that moved."""
    rows = []
    for vehicle in range(64):
        other, took_s = 1 if vehicle % 2 else 3, 5.0 if vehicle < 4 else 40.0
        rows += [(vehicle, 2, START), (vehicle, other, START + took_s)]
    for vehicle in range(100, 140):
        rows += [(vehicle, 0, START), (vehicle, 1, START + 100.0)]
    found = nearer_than_stated(RULES, sightings_of(rows))
    assert np.flatnonzero(found).tolist() == [2]
