"""Whether another camera saw a vehicle near in time: what looking at every sighting finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enforcement.analysis.seen_near import seen_near
from enforcement.analysis.sightings import Sightings

ROWS = st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(0, 2), st.integers(0, 12))


def sightings_of(rows) -> Sightings:
    """Return rows (plate, plate class, record, instant) in the order of sightings."""
    key, plate_class, record, at = (
        np.array(sorted(rows, key=lambda row: (*row[:2], row[3], row[2])), np.int64)
        .reshape(-1, 4)
        .T
    )
    vehicle = np.unique(key << 8 | plate_class, return_inverse=True)[1]
    return Sightings(
        key.astype(np.uint64),
        plate_class.astype(np.uint8),
        vehicle,
        record.astype(np.int32),
        at,
        np.zeros(at.size, np.uint8),
    )


@given(st.lists(ROWS), st.lists(ROWS), st.integers(0, 4), st.booleans())
def test_another_camera_saw_it_near(seen, asked, near, any_class):
    table = np.array(asked, np.int64).reshape(-1, 4)
    found = seen_near(
        sightings_of(seen),
        table[:, 0].astype(np.uint64),
        None if any_class else table[:, 1].astype(np.uint8),
        table[:, 2].astype(np.int32),
        table[:, 3],
        near,
    )
    assert found.tolist() == [
        any(
            one == plate
            and (any_class or its_class == plate_class)
            and another != record
            and abs(when - at) <= near
            for one, its_class, another, when in seen
        )
        for plate, plate_class, record, at in asked
    ]
