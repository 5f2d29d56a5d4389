"""Any cut, any order, saved and restored in between: the same as all hits in one piece."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.enforcement.settling.streams import cut, in_one_piece, piece_of_world, read_in_pieces
from tests.enforcement.test_sweep_oracle import Day, city_of, days

MONTH_US = 30 * 24 * 3600 * 1_000_000  # the worlds are weeks


def compare(day: Day, data: Any) -> None:
    world, dealt, _ = day
    rules, zone = city_of(world).rules, world.city["timezone"]
    hits = [hit for part in dealt for hit in part]
    one = piece_of_world(rules, zone, hits)
    told, counts, duplicates = in_one_piece(rules, one)
    whole, content = read_in_pieces(rules, [one], MONTH_US, [False])
    mixed = data.draw(st.permutations(hits))
    pieces = [piece_of_world(rules, zone, mixed[a:b]) for a, b in cut(data, len(hits))]
    saved = data.draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    reader, same_content = read_in_pieces(rules, pieces, MONTH_US, saved)
    assert whole.known == reader.known == told
    for totals in (whole.totals, reader.totals):
        assert (totals.counts.tolist(), totals.duplicates) == (counts, duplicates)
        assert (totals.too_late, totals.too_early) == (0, 0)
    assert same_content == content


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(days(), st.data())
def test_any_cut_and_order_is_one_piece(day: Day, data: Any) -> None:
    compare(day, data)


@pytest.mark.long
@settings(max_examples=300, deadline=None, database=None)
@given(days(), st.data())
def test_any_cut_and_order_of_many_days_is_one_piece(day: Day, data: Any) -> None:
    compare(day, data)
