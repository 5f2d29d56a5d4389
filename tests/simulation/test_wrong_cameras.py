"""Clocks that go wrong and places that the register has wrong, in numbers large enough to count."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from benchmarks.simulation.cameras import Camera
from benchmarks.simulation.seeds import stream
from benchmarks.simulation.wrong_cameras import WRONG_CLOCKS, WRONG_PLACES, misplace, wrong_clocks
from tests.simulation.conftest import DAY

DAYS = 3
CAMERAS = [
    Camera(
        f"C-{i:04d}", "", 114.3 + 0.002 * (i % 40), 27.8 + 0.002 * (i // 40), 90.0, (i,), None, -1
    )
    for i in range(1000)
]
EVERY = np.arange(len(CAMERAS), dtype=np.int32)


@pytest.fixture(scope="module")
def errors_s() -> np.ndarray:
    """Return how far each clock is ahead at every hour of the period, (cameras, hours)."""
    clocks = wrong_clocks(CAMERAS, DAY, DAYS, stream(1, "clocks"))
    assert (np.abs(clocks.noise_s) < 1.0).all()
    hours = [np.full(len(CAMERAS), 3600.0 * hour) for hour in range(24 * DAYS)]
    return np.column_stack([clocks.error_s(EVERY, at_s) for at_s in hours])


def test_one_clock_in_a_hundred_is_wrong(errors_s: np.ndarray) -> None:
    assert (np.abs(errors_s) > 1.0).any(axis=1).sum() == WRONG_CLOCKS * len(CAMERAS)


def test_every_kind_of_wrong_clock_happens(errors_s: np.ndarray) -> None:
    step = np.diff(errors_s, axis=1)
    wrong = np.abs(errors_s).max(axis=1) > 1.0
    epoch = errors_s.min(axis=1) < -1e9
    jumps = (np.abs(step).max(axis=1) > 100.0) & ~epoch
    drifts = (np.abs(step) > 1e-3).all(axis=1)
    hour = (np.abs(errors_s) == 3600.0).all(axis=1)
    steady = wrong & (step == 0.0).all(axis=1) & ~hour
    kinds = [epoch, jumps, drifts, hour, steady]
    assert [int(kind.sum()) for kind in kinds] == [2] * 5
    assert (np.sum(kinds, axis=0) == wrong).all()


def test_a_clock_restarts_in_1970(errors_s: np.ndarray) -> None:
    epoch = errors_s[errors_s.min(axis=1) < -1e9]
    midnight = dt.datetime.combine(DAY, dt.time(), dt.timezone(dt.timedelta(hours=8))).timestamp()
    shown = midnight + 3600.0 * np.arange(24 * DAYS) + epoch
    lost = np.abs(epoch) > 1.0
    assert ((shown[lost] >= 0.0) & (shown[lost] < 86_400.0 * DAYS)).all()
    assert not lost[:, 0].any()


def test_one_place_in_two_hundred_is_wrong() -> None:
    registered, wrong = misplace(CAMERAS, stream(1, "places"))
    assert len(wrong) == WRONG_PLACES * len(CAMERAS)
    differ = {
        i for i, (one, other) in enumerate(zip(CAMERAS, registered, strict=True)) if one != other
    }
    assert differ == wrong
    turned = [i for i in wrong if registered[i].bearing_deg == 270.0]
    moved = [
        i
        for i in wrong
        if registered[i].lon != CAMERAS[i].lon or registered[i].lat != CAMERAS[i].lat
    ]
    assert sorted(turned + moved) == sorted(wrong)
    assert turned
    assert moved
    assert all(registered[i].camera_id == CAMERAS[i].camera_id for i in wrong)
