"""How far time has come: as by brute force, and soon told where a clock tells every year."""

from __future__ import annotations

import math
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enforcement.settling.believed_step import STEPS, believed_step

STEP_US = 100


def brute_force(hits: list[tuple[int, int]], step: int | None, cameras: int) -> int | None:
    least = max(min(2, cameras), math.ceil(0.02 * cameras))
    of_hit = [(at // STEP_US, camera) for at, camera in hits]
    believed = [
        newest
        for newest, _ in of_hit
        if len({camera for at, camera in of_hit if newest <= at < newest + STEPS}) >= least
    ]
    known = [] if step is None else [step]
    return max(believed + known, default=None)


def told(hits: list[tuple[int, int]], step: int | None, cameras: int) -> int | None:
    at_us, camera = np.array(hits, np.int64).reshape(-1, 2).T
    return believed_step(at_us, camera.astype(np.int32), STEP_US, step, cameras)


@given(
    st.lists(st.tuples(st.integers(0, 40 * STEP_US), st.integers(0, 5)), max_size=30),
    st.none() | st.integers(0, 40),
    st.sampled_from((1, 6, 150)),
)
def test_it_is_the_newest_step_that_enough_cameras_have_come_to(hits, step, cameras):
    assert told(hits, step, cameras) == brute_force(hits, step, cameras)


def test_a_clock_that_tells_any_year_costs_little():
    """Half a million hits of now, and each hit of one camera in a step of its own."""
    now = [(STEP_US, 0), (STEP_US, 1)] * 250_000
    years = [((100 + 20 * number) * STEP_US, 2) for number in range(20_000)]
    begun = time.process_time()
    assert told(now + years, None, 3) == 1
    assert time.process_time() - begun < 5
