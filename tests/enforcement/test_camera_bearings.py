"""Cameras that look the other way are found by where vehicles come from: toy roads, and brute force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.camera_bearings import camera_bearings
from enforcement.analysis.camera_health import camera_health
from tests.enforcement.definitions import camera, compiled
from tests.enforcement.seen_vehicles import sightings_of
from tests.oracles.bearings import turned_cameras

START = 20_500 * 86_400.0
EAST, WEST = 90.0, 270.0


def road(*bearings: float | None):
    """Return rules of cameras every 1.5 km from west to east."""
    return compiled(
        cameras=[
            camera(f"C-{i}", 114.39 + 0.0154 * i, bearing_deg=bearing)
            for i, bearing in enumerate(bearings)
        ]
    )


def eastward(vehicles: int, cameras: int = 3, every_s: float = 100.0):
    return [
        (vehicle, record, START + 60.0 * vehicle + every_s * record)
        for vehicle in range(vehicles)
        for record in range(cameras)
    ]


def test_a_camera_that_is_passed_against_its_bearing_is_not_believed():
    health = camera_health(road(EAST, WEST, EAST), sightings_of(eastward(20)))
    assert health.turned.tolist() == [False, True, False]
    assert health.quarantined.tolist() == [False, True, False]
    assert health.along == pytest.approx([1.0, -1.0, 1.0], abs=1e-3)


def test_across_is_not_against():
    assert not camera_bearings(road(EAST, 160.0, EAST), sightings_of(eastward(20))).turned.any()


def test_a_camera_that_looks_at_all_directions_is_passed_as_it_should():
    bearings = camera_bearings(road(EAST, None, EAST), sightings_of(eastward(20)))
    assert not bearings.turned.any()
    assert np.isnan(bearings.along[1])


def test_few_drives_tell_nothing():
    assert camera_bearings(road(EAST, WEST, EAST), sightings_of(eastward(4))).turned.sum() == 0
    assert camera_bearings(road(EAST, WEST, EAST), sightings_of(eastward(5))).turned.sum() == 1


def test_one_shuttle_tells_nothing():
    rows = [(vehicle % 3, record, at + 7200.0 * vehicle) for vehicle, record, at in eastward(20)]
    assert not camera_bearings(road(EAST, WEST, EAST), sightings_of(rows)).turned.any()


def test_cameras_on_one_side_are_not_enough():
    """The last of a road, or one on a loop: where it is reached from may lie ahead of it."""
    assert not camera_bearings(road(EAST, WEST), sightings_of(eastward(50, 2))).turned.any()
    rows = [(vehicle, vehicle % 2, at) for vehicle, record, at in eastward(50) if record == 0]
    rows += [row for row in eastward(50) if row[1] == 2]
    assert not camera_bearings(road(EAST, EAST, WEST), sightings_of(rows)).turned.any()


def test_those_before_and_those_after_have_to_say_the_same():
    """A gate where lorries turn round: many come to it against its bearing, and all leave along it."""
    rows = [(vehicle, 0, START + 60.0 * vehicle) for vehicle in range(50)]
    rows += [(vehicle, 1, at + 100.0) for vehicle, _, at in rows]
    leaving = [(vehicle, 0, at + 100.0) for vehicle, record, at in rows if record and vehicle < 5]
    bearings = camera_bearings(road(EAST, WEST, EAST), sightings_of([*rows, *leaving]))
    assert bearings.along[1] <= -0.6
    assert not bearings.turned.any()


def test_a_drive_of_hours_may_have_gone_anywhere():
    slow = sightings_of(eastward(20, every_s=700.0))
    assert not camera_bearings(road(EAST, WEST, EAST), slow).turned.any()


def test_cameras_of_one_crossing_tell_no_direction():
    rules = compiled(
        cameras=[
            camera(f"C-{i}", 114.39 + 0.0005 * i, bearing_deg=WEST if i == 1 else EAST)
            for i in range(3)
        ]
    )
    assert not camera_bearings(rules, sightings_of(eastward(20))).turned.any()


def test_a_camera_without_drives_and_no_sightings_at_all():
    assert not camera_bearings(road(EAST, WEST), sightings_of([(0, 0, START)])).turned.any()


CAMERAS = 5
trips = st.lists(
    st.tuples(
        st.integers(0, 12),  # vehicle
        st.lists(st.integers(0, CAMERAS - 1), min_size=2, max_size=4),
        st.sampled_from((60.0, 300.0, 600.0, 600.1)),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(114.39, 114.41),
            st.floats(27.80, 27.82),
            st.one_of(st.none(), st.floats(0.0, 359.9)),
        ),
        min_size=CAMERAS,
        max_size=CAMERAS,
    ),
    trips,
)
def test_turned_cameras_are_those_that_brute_force_finds(places, driven):
    rules = compiled(
        cameras=[
            camera(f"C-{i}", lon, lat, bearing_deg=bearing)
            for i, (lon, lat, bearing) in enumerate(places)
        ]
    )
    rows, at = [], START
    for vehicle, passed, gap_s, times in driven:
        for _ in range(times):
            for record in passed:
                rows.append((vehicle, record, at))
                at += gap_s
            at += 3600.0
    by_vehicle: dict[int, list] = {}
    for vehicle, record, second in sorted(rows, key=lambda row: row[2]):
        instant = datetime.fromtimestamp(0, UTC) + timedelta(seconds=second)
        by_vehicle.setdefault(vehicle, []).append((instant, record))
    cameras = [{"lon": lon, "lat": lat, "bearing": bearing} for lon, lat, bearing in places]
    found = np.flatnonzero(camera_bearings(rules, sightings_of(rows)).turned)
    assert set(found.tolist()) == turned_cameras(cameras, by_vehicle)
