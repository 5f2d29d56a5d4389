"""Any cut, any order, saved and restored in between: the same as all hits in one piece."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.settling.state import begin
from enforcement.settling.state_bytes import from_bytes, to_bytes
from ingest.plate_keys import PlateKeys
from tests.enforcement.definitions import (
    TUESDAY,
    batch,
    camera,
    compiled,
    grant,
    permit,
    restriction,
    us,
)
from tests.enforcement.settling.streams import (
    NO_ID_GIVEN,
    Arrived,
    Reader,
    arrived,
    finished,
    in_one_piece,
    taken_in,
)
from tests.enforcement.test_sweep_oracle import Day, city_of, days
from tests.same_verdict.translation import batch_of

if TYPE_CHECKING:
    from enforcement.index.layout import Rules

HOUR_US = 3600 * 1_000_000
MONTH_US = 30 * 24 * HOUR_US  # the worlds are weeks


def read_in_pieces(
    rules: Rules, pieces: list[Arrived], horizon_us: int, saved: list[bool]
) -> tuple[Reader, bytes]:
    """Take in batch after batch; return what was told in the end, and the state as bytes."""
    state, reader = begin(rules, horizon_us), Reader()
    for piece, save in zip(pieces, saved, strict=True):
        if save:
            content = to_bytes(state)
            state = from_bytes(rules, content)
            assert to_bytes(state) == content
        state, _ = taken_in(rules, state, piece, reader)
    finished(rules, state, reader)
    return reader, to_bytes(state)


def cut(data: Any, count: int) -> list[tuple[int, int]]:
    edges = sorted(data.draw(st.lists(st.integers(0, count), max_size=5)))
    return list(zip([0, *edges], [*edges, count], strict=True))


def compare(day: Day, data: Any) -> None:
    world, dealt, _ = day
    rules, zone = city_of(world).rules, world.city["timezone"]
    hits = [hit for part in dealt for hit in part]

    def piece_of(some: list[dict[str, Any]]) -> Arrived:
        keys = PlateKeys(rules.side_plates)
        ids = [hit["hit_id"] or NO_ID_GIVEN + text_hash(hit) for hit in some]
        return arrived(rules, batch_of(rules, some, zone, keys), ids, keys)

    one = piece_of(hits)
    told, counts, duplicates = in_one_piece(rules, one)
    whole, content = read_in_pieces(rules, [one], MONTH_US, [False])
    mixed = data.draw(st.permutations(hits))
    pieces = [piece_of(mixed[a:b]) for a, b in cut(data, len(hits))]
    saved = data.draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    reader, same_content = read_in_pieces(rules, pieces, MONTH_US, saved)
    assert whole.known == reader.known == told
    for totals in (whole.totals, reader.totals):
        assert (totals.counts.tolist(), totals.duplicates) == (counts, duplicates)
        assert (totals.too_late, totals.too_early) == (0, 0)
    assert same_content == content


def text_hash(hit: dict[str, Any]) -> str:
    return blake2b(repr(sorted(hit.items())).encode(), digest_size=16).hexdigest()


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(days(), st.data())
def test_any_cut_and_order_is_one_piece(day: Day, data: Any) -> None:
    compare(day, data)


@pytest.mark.long
@settings(max_examples=1000, deadline=None, database=None)
@given(days(), st.data())
def test_any_cut_and_order_of_many_days_is_one_piece(day: Day, data: Any) -> None:
    compare(day, data)


# Longer than a horizon

TOWN = compiled(
    cameras=[camera("C-1"), camera("C-2", 114.49), camera("C-3", 114.41)],
    restrictions=[restriction("Z-1", cameras=("C-1", "C-2", "C-3"))],
    permits=[permit("P-1", grant("C-1", schedule="09:00-12:05"))],
)
START_US = us(f"{TUESDAY} 00:00")
STREAM = st.lists(
    st.tuples(
        st.integers(0, 5 * 24 * 60),
        st.sampled_from(("C-1", "C-2", "C-3")),
        st.sampled_from(("赣C54321", "赣C12345", "赣C1Z345", "粤B12345學")),
        st.sampled_from(("a", "b", "c", None, None, None)),
    ),
    max_size=40,
)


def pieces_of(rows: list[tuple[int, str, str, str | None]], cuts: Any) -> list[Arrived]:
    def piece(some: list[tuple[int, str, str, str | None]]) -> Arrived:
        keys = PlateKeys(TOWN.side_plates)
        hits = batch(
            TOWN,
            *(
                {"camera": name, "plate": plate, "at": START_US + 60_000_000 * minute}
                for minute, name, plate, _ in some
            ),
            keys=keys,
        )
        return arrived(TOWN, hits, [row[3] or f"{NO_ID_GIVEN}{row[:3]}" for row in some], keys)

    return [piece(rows[a:b]) for a, b in cuts]


def over_days(rows: list[tuple[int, str, str, str | None]], data: Any) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    horizon_us = data.draw(st.sampled_from((2, 6, 24))) * HOUR_US
    whole, _ = read_in_pieces(TOWN, pieces_of(rows, [(0, len(rows))]), horizon_us, [False])
    for cuts in (cut(data, len(rows)), [(row, row + 1) for row in range(len(rows))]):
        saved = [True] * len(cuts)
        reader, _ = read_in_pieces(TOWN, pieces_of(rows, cuts), horizon_us, saved)
        assert reader.known == whole.known
        for totals in (whole.totals, reader.totals):
            apart = totals.duplicates + totals.too_late + totals.too_early
            assert int(totals.counts.sum()) + apart == len(rows)
        assert reader.totals.counts.tolist() == whole.totals.counts.tolist()


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(STREAM, st.data())
def test_any_cut_of_days_that_come_in_order_ends_alike(rows: Any, data: Any) -> None:
    over_days(rows, data)


@pytest.mark.long
@settings(max_examples=500, deadline=None, database=None)
@given(STREAM, st.data())
def test_any_cut_of_many_days_that_come_in_order_ends_alike(rows: Any, data: Any) -> None:
    over_days(rows, data)
