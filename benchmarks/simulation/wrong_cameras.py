"""Cameras that are wrong: clocks that go wrong, places and bearings that the register has wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.instants import midnight_s
from benchmarks.simulation.machines import Clocks
from benchmarks.simulation.permits import great_circle_m

if TYPE_CHECKING:
    import datetime as dt

    from benchmarks.simulation.cameras import Camera

WRONG_CLOCKS: Final = 0.01  # of cameras
WRONG_PLACES: Final = 0.005  # of cameras
CLOCK_FAULTS: Final = ("offset", "drift", "jump", "hour", "1970")
PLACE_FAULTS: Final = ("reversed", "elsewhere")
_ELSEWHERE_M: Final = (300.0, 3000.0)
_DAY_S: Final = 86_400.0


def wrong_clocks(
    cameras: list[Camera], first_day: dt.date, days: int, random: np.random.Generator
) -> Clocks:
    """Return clocks of which one in a hundred goes wrong in one of `CLOCK_FAULTS`.

    The others are a quarter of a second off. A clock belongs to a camera, whatever its records.
    """
    clocks = Clocks.right(len(cameras))
    clocks.noise_s[:] = np.clip(random.normal(0.0, 0.25, len(cameras)), -0.9, 0.9)
    period_s = _DAY_S * days
    for camera_id, fault in _some(cameras, WRONG_CLOCKS, CLOCK_FAULTS, random):
        records = [i for i, camera in enumerate(cameras) if camera.camera_id == camera_id]
        sign = float(random.choice([-1.0, 1.0]))
        if fault == "offset":
            clocks.ahead_s[records] = sign * random.uniform(120.0, 1800.0)
        elif fault == "hour":
            clocks.ahead_s[records] = sign * 3600.0
        elif fault == "drift":
            # A cheap quartz that nobody has set for ten days to three months.
            gains = sign * random.uniform(20e-6, 200e-6)
            clocks.gains[records] = gains
            clocks.ahead_s[records] = gains * _DAY_S * random.uniform(10.0, 90.0)
        else:
            at_s = period_s * float(random.uniform(0.1, 0.6))
            jump_s = sign * random.uniform(300.0, 7200.0)
            clocks.step_at_s[records] = at_s
            clocks.step_s[records] = jump_s if fault == "jump" else -(midnight_s(first_day) + at_s)
    return clocks


def misplace(
    cameras: list[Camera], random: np.random.Generator
) -> tuple[list[Camera], frozenset[int]]:
    """Return the cameras as a register has them that is wrong about one in two hundred.

    Half of these look the other way, the others have the place and bearing of another camera.

    Returns
    -------
    registered
        The records as the city states them.
    wrong
        The records that are wrong.
    """
    registered = list(cameras)
    wrong = set()
    site = np.array([(camera.lon, camera.lat) for camera in cameras])
    for camera_id, fault in _some(cameras, WRONG_PLACES, PLACE_FAULTS, random):
        record = next(i for i, camera in enumerate(cameras) if camera.camera_id == camera_id)
        camera = cameras[record]
        if fault == "reversed":
            stated = round(((camera.bearing_deg or 0.0) + 180.0) % 360.0, 1)
            registered[record] = replace(camera, bearing_deg=stated)
        else:
            away = great_circle_m(site[:, 0], site[:, 1], camera.lon, camera.lat)
            others = np.flatnonzero((away > _ELSEWHERE_M[0]) & (away < _ELSEWHERE_M[1]))
            other = cameras[int(random.choice(others))]
            registered[record] = replace(
                camera, lon=other.lon, lat=other.lat, bearing_deg=other.bearing_deg
            )
        wrong.add(record)
    return registered, frozenset(wrong)


def _some(
    cameras: list[Camera], share: float, faults: tuple[str, ...], random: np.random.Generator
) -> list[tuple[str, str]]:
    """Return cameras that have always stood where they stand, each with one of the faults in turn."""
    always = [
        camera.camera_id
        for camera in cameras
        if camera.valid_from is None and camera.valid_until is None
    ]
    count = max(1, round(share * len(cameras)))
    first = int(random.integers(len(faults)))
    chosen = random.permutation(always)[:count].tolist()
    return [(name, faults[(first + i) % len(faults)]) for i, name in enumerate(chosen)]
