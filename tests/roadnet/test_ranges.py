from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roadnet.ranges import each_of_ranges


@given(st.lists(st.tuples(st.integers(-5, 50), st.integers(0, 6))), st.sampled_from("il"))
def test_every_number_comes_once_in_the_order_of_its_range(
    spans: list[tuple[int, int]], kind: str
) -> None:
    begins = np.array([begin for begin, _ in spans], np.dtype(kind))
    ends = np.array([begin + count for begin, count in spans], np.dtype(kind))
    of, number = each_of_ranges(begins, ends)
    expected = [
        (place, value)
        for place, (begin, count) in enumerate(spans)
        for value in range(begin, begin + count)
    ]
    assert list(zip(of.tolist(), number.tolist(), strict=True)) == expected
    assert of.dtype == number.dtype == np.int64
