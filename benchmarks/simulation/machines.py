"""Cameras as machines: when they run, what they notice, how their clocks go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.instants import begin_s, end_s, midnight_s

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from benchmarks.simulation.cameras import Camera

# Of the sample city.
DETECTED: Final = 0.95
MISREAD: Final = 0.016
WRONG_CLOCK_CAMERAS: Final = 0.012
SILENT_CAMERAS: Final = 0.01

SYNCHRONISED_S: Final = 1.0  # a clock no farther off is right


@dataclass(frozen=True, slots=True, eq=False)
class Clocks:
    """How far clocks are ahead of time, by camera record.

    At instant t, in seconds from the midnight that begins the first day, a clock is ahead by `ahead_s`
    + `gains` * t, from `step_at_s` on by `step_s` more, and always by a little `noise_s`.
    """

    ahead_s: npt.NDArray[np.float64]
    gains: npt.NDArray[np.float64]
    step_s: npt.NDArray[np.float64]
    step_at_s: npt.NDArray[np.float64]
    noise_s: npt.NDArray[np.float64]

    @classmethod
    def right(cls, count: int) -> Clocks:
        """Return clocks that are never wrong."""
        return cls(*np.zeros((3, count)), np.full(count, np.inf), np.zeros(count))

    def error_s(
        self, record: npt.NDArray[np.int32], at_s: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return how far clocks are ahead at instants, the noise apart."""
        stepped = np.where(at_s >= self.step_at_s[record], self.step_s[record], 0.0)
        return np.asarray(self.ahead_s[record] + self.gains[record] * at_s + stepped)


@dataclass(frozen=True, slots=True, eq=False)
class Machines:
    """The machines of camera records; arrays have one value a record.

    Attributes
    ----------
    cameras
        The records.
    on_s, off_s
        When the machine runs, in seconds from the midnight that begins the first day.
    silent_from, silent_until
        When it says nothing, likewise.
    detected, misread
        Share of passages that it notices, and of its reads that it misreads.
    clocks
        Its clock.
    states_confidence, odd_writing
        Whether it states a confidence, whether it writes plates as `赣c·12345`.
    retired
        Records whose machine runs although the city has retired it.
    """

    cameras: list[Camera]
    on_s: npt.NDArray[np.float64]
    off_s: npt.NDArray[np.float64]
    silent_from: npt.NDArray[np.float64]
    silent_until: npt.NDArray[np.float64]
    detected: npt.NDArray[np.float64]
    misread: npt.NDArray[np.float64]
    clocks: Clocks
    states_confidence: npt.NDArray[np.bool_]
    odd_writing: npt.NDArray[np.bool_]
    retired: frozenset[int] = frozenset()

    def works(
        self, record: npt.NDArray[np.int32], at_s: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        """Return which passages a machine is there for."""
        there = (self.on_s[record] <= at_s) & (at_s < self.off_s[record])
        silent = (self.silent_from[record] <= at_s) & (at_s < self.silent_until[record])
        return np.asarray(there & ~silent)


def service_s(
    cameras: list[Camera], first_day: dt.date
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return from when and until when each record is in service, seconds from the first midnight."""
    midnight = midnight_s(first_day)
    return (
        np.array([begin_s(camera.valid_from) - midnight for camera in cameras]),
        np.array([end_s(camera.valid_until) - midnight for camera in cameras]),
    )


def sample_machines(
    cameras: list[Camera],
    still_running: frozenset[int],
    day: dt.date,
    random: np.random.Generator,
) -> Machines:
    """Return the machines of the sample city on its day."""
    count = len(cameras)
    on_s, off_s = service_s(cameras, day)
    off_s[list(still_running)] = np.inf
    order = random.permutation(count)
    wrong = max(3, round(count * WRONG_CLOCK_CAMERAS))
    silent = max(1, round(count * SILENT_CAMERAS))
    ahead_s = np.zeros(count)
    # One an hour behind (its summer time, or its zone), the others minutes off.
    ahead_s[order[0]] = -3600.0
    ahead_s[order[1:wrong]] = random.choice([-1, 1], wrong - 1) * random.uniform(90, 900, wrong - 1)
    noise_s = np.where(ahead_s == 0.0, random.normal(0.0, 0.25, count), 0.0)
    silent_from = np.full(count, np.inf)
    silent_from[order[wrong : wrong + silent]] = random.uniform(6, 16, silent) * 3600
    return Machines(
        cameras,
        on_s,
        off_s,
        silent_from,
        silent_from + 3.0 * 3600,
        np.full(count, DETECTED),
        np.full(count, MISREAD),
        Clocks(ahead_s, np.zeros(count), np.zeros(count), np.full(count, np.inf), noise_s),
        states_confidence=random.random(count) > 0.05,
        odd_writing=random.random(count) < 0.03,
        retired=still_running,
    )
