"""Drives that no vehicle can make: when they show for certain that a plate is two vehicles'."""

from __future__ import annotations

import pytest

from enforcement.analysis.implausible_travel import impossible_drives, shown_again
from tests.enforcement.definitions import camera, compiled
from tests.enforcement.seen_vehicles import sightings_of

ROAD = compiled(cameras=[camera(f"C-{i:02d}", 114.39 + 0.0154 * i) for i in range(9)])


@pytest.mark.parametrize(
    ("seen", "times"),
    [
        # Two tours at once, 6 km apart: whichever sighting is left out, the others are too far apart.
        ([(0, 0.0), (1, 100.0), (6, 110.0), (7, 210.0)], 2),
        # Without the second sighting, or the third, it is one vehicle's drive.
        ([(0, 0.0), (6, 60.0), (1, 110.0), (2, 210.0)], 1),
        # Nothing before the first, or behind the second: one misreading explains it.
        ([(1, 100.0), (6, 110.0), (7, 210.0)], 1),
        ([(0, 0.0), (1, 100.0), (6, 110.0)], 1),
        # The sighting after was an hour later, so that the second may have been misread.
        ([(0, 0.0), (1, 100.0), (6, 110.0), (7, 3600.0)], 1),
    ],
)
def test_whether_one_misreading_explains_a_drive(seen, times):
    sightings = sightings_of([(1, record, second) for record, second in seen])
    drives = impossible_drives(ROAD, sightings)
    assert shown_again(sightings, drives).tolist()[-1] == times
