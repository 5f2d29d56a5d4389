"""Which passages the doubts look at: those of the plates asked for and of the sample, and no others."""

from __future__ import annotations

import numpy as np

from enforcement.analysis.duplicates import Passages
from enforcement.analysis.sightings import collect_sightings
from tests.enforcement.definitions import TUESDAY, camera, compiled, restriction, us

RULES = compiled(cameras=[camera("C-1")], restrictions=[restriction("Z-1", cameras=("C-1",))])
SIDE = 0b11 << 62  # the first key of the side table
COUNT = 60_000


def passages(keys) -> Passages:
    count = len(keys)
    return Passages(
        plate_key=np.array(keys, np.uint64),
        plate_class=np.ones(count, np.uint8),
        camera=np.zeros(count, np.int32),
        captured_at_us=us(f"{TUESDAY} 12:00") + np.arange(count, dtype=np.int64),
        id_high=np.zeros(0, np.uint64),
        id_low=np.zeros(0, np.uint32),
        outcome=np.full(count, 3, np.uint8),
        own_rows=np.zeros(0, np.int32),
        own=np.zeros(0, np.int64),
    )


def seen(keys, plates) -> list[int]:
    one = passages(keys)
    kept = np.zeros(len(keys), np.bool_)
    sightings = collect_sightings(RULES, [one], [kept], np.array(plates, np.uint64))
    return sightings.plate_key.tolist()


def test_of_side_plates_those_that_are_asked_for_and_no_others():
    asked = [7, *(SIDE + number for number in range(0, COUNT, 100))]
    keys = [7, 8, *(SIDE + number for number in range(COUNT))]
    assert seen(keys, asked) == [7, 8, *asked[1:]]  # 8 is of the sample


def test_nothing_is_asked_for():
    assert seen([7, SIDE], []) == [7]
