"""The least seconds of drives that may have taken less: none is passed over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enforcement.analysis.least_seconds import least_beyond, least_seconds
from tests.enforcement.definitions import camera, compiled

RULES = compiled(cameras=[camera("C-1")])
PLACES = st.lists(
    st.tuples(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0)), min_size=1, max_size=6
)


@given(PLACES, st.integers(0, 3000), st.floats(-1.0, 1.0))
def test_no_drive_that_takes_less_than_any_can_is_passed_over(places, units, spare_s):
    """Every pair, with a drive that takes about as long as it must."""
    lon, lat = np.array(places).T
    count = len(places)
    rules = replace(
        RULES,
        camera_lon=lon,
        camera_lat=lat,
        travel_place=np.zeros(count, np.int32),
        travel_units=np.full((1, 1), units, np.uint16),
        travel_unit_s=1.0,
    )
    first, second = (ends.ravel() for ends in np.indices((count, count)))
    least = least_seconds(rules, first, second)
    found = least_beyond(rules, first, second, least + spare_s)
    passed_over = found != least
    assert (found[passed_over] == 0.0).all()
    assert (least <= least + spare_s)[passed_over].all()


def test_what_takes_longer_than_from_one_end_of_the_city_to_the_other_is_not_looked_up():
    rules = compiled(cameras=[camera("C-1", 114.0), camera("C-2", 114.1)])
    ends = np.array([0, 0]), np.array([1, 1])
    least = least_seconds(rules, *ends)
    assert least_beyond(rules, *ends, np.array([100.0, 300.0])).tolist() == [least[0], 0.0]
