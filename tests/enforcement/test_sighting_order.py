"""Where vehicles and instants stand among sightings in order: what counting those before says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enforcement.analysis.sighting_order_kernels import find_places

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), max_size=40)


@given(ROWS, ROWS, st.booleans())
def test_as_many_rows_are_before_it(rows, asked, in_order):
    rows, asked = sorted(rows), sorted(asked) if in_order else asked
    vehicle, at, its_vehicle, instant = (
        np.array(column, np.int64)
        for table in (rows, asked)
        for column in ([one for one, _ in table], [other for _, other in table])
    )
    places = np.empty(len(asked), np.int64)
    find_places(vehicle, at, its_vehicle, instant, places)
    assert places.tolist() == [sum(row < one for row in rows) for one in asked]
