"""Hits of many horizons, late within one: any cut and order is each step by its own window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.hits import NO_INSTANT
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
    Told,
    arrived,
    cut,
    in_one_piece,
    piece_of_world,
    read_in_pieces,
)
from tests.enforcement.test_sweep_oracle import Day, city_of, days
from tests.same_verdict.translation import hit_instant_us

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enforcement.index.layout import Rules

MINUTE_US = 60 * 1_000_000
HOUR_US = 60 * MINUTE_US
TOWN = compiled(
    cameras=[camera("C-1"), camera("C-2", 114.49), camera("C-3", 114.41)],
    restrictions=[restriction("Z-1", cameras=("C-1", "C-2", "C-3"))],
    permits=[permit("P-1", grant("C-1", schedule="09:00-12:05"))],
)
START_US = us(f"{TUESDAY} 00:00")
# Mostly one plate, a few minutes past some hour: twice in one is farther than anybody drives.
PLATES = (*["赣C54321"] * 4, "赣C12345", "赣C1Z345", "粤B12345學", None)


def hits(least: int, most: int) -> st.SearchStrategy[list[tuple[int, str, str | None, str | None]]]:
    return st.lists(
        st.tuples(
            st.builds(
                lambda hour, minute: 60 * hour + minute, st.integers(0, 40), st.integers(0, 2)
            ),
            st.sampled_from(("C-1", "C-2", "C-3")),
            st.sampled_from(PLATES),
            st.sampled_from(("a", "b", *[None] * 6)),
        ),
        min_size=least,
        max_size=most,
    )


class Stream(NamedTuple):
    """Hits with their instants, and how some of them are a batch."""

    rules: Rules
    hits: Sequence[Any]
    at_us: Sequence[int]
    piece: Callable[[Sequence[Any]], Arrived]

    def between(self, from_us: float, until_us: float) -> Arrived:
        pairs = zip(self.hits, self.at_us, strict=True)
        return self.piece([hit for hit, at_us in pairs if from_us <= at_us < until_us])


def town_stream(rows: list[tuple[int, str, str | None, str | None]]) -> Stream:
    def piece(some: Sequence[Any]) -> Arrived:
        keys = PlateKeys(TOWN.side_plates)
        hits = [
            {"camera": name, "plate": plate, "at": START_US + MINUTE_US * minute}
            for minute, name, plate, _ in some
        ]
        ids = [row[3] or f"{NO_ID_GIVEN}{row[:3]}" for row in some]
        return arrived(TOWN, batch(TOWN, *hits, keys=keys), ids, keys)

    return Stream(TOWN, rows, [START_US + MINUTE_US * row[0] for row in rows], piece)


def world_stream(day: Day) -> Stream:
    world, dealt, _ = day
    rules, zone = city_of(world).rules, world.city["timezone"]
    hits = [hit for part in dealt for hit in part]
    at_us = [hit_instant_us(hit["captured_at"], zone) for hit in hits]
    return Stream(rules, hits, at_us, lambda some: piece_of_world(rules, zone, some))


def newest_believed(stream: Stream, step_us: int) -> int | None:
    passages = stream.piece(stream.hits).judged.passages
    steps = [at // step_us for at in passages.captured_at_us.tolist()]
    cameras = passages.camera.tolist()
    count = len(stream.rules.camera_ids)
    for step in sorted(set(steps), reverse=True):
        heard = {name for name, of in zip(cameras, steps, strict=True) if step <= of < step + 8}
        if len(heard) >= max(min(2, count), math.ceil(count * 2 / 100)):
            return step
    return None


def by_steps(stream: Stream, horizon_us: int) -> dict[tuple[int, str], Told]:
    """Settle the window of each step that is final, and what is left in one piece."""
    step_us = horizon_us // 8
    newest = newest_believed(stream, step_us)
    if newest is None:
        return in_one_piece(stream.rules, stream.piece(stream.hits))[0]
    final = newest - 12
    told: dict[tuple[int, str], Told] = {}

    def settle(window: tuple[int, int], mine: tuple[float, float]) -> None:
        came = stream.between(window[0] * step_us, window[1] * step_us)
        known, _, _ = in_one_piece(stream.rules, came)
        told.update(
            (name, one) for name, one in known.items() if mine[0] <= name[0] // step_us < mine[1]
        )

    for step in {at // step_us for at in stream.at_us if at != NO_INSTANT}:
        if step < final:
            settle((step - 8, step + 5), (step, step + 1))
    settle((final - 8, newest + 16), (final, math.inf))
    return told


def compare(stream: Stream, data: Any) -> None:
    horizon_us = data.draw(st.sampled_from((2, 4, 8))) * HOUR_US
    count = len(stream.hits)
    whole, content = read_in_pieces(
        stream.rules, [stream.piece(stream.hits)], horizon_us, [data.draw(st.booleans())]
    )
    assert whole.known == by_steps(stream, horizon_us)
    late = data.draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))
    arrival = [at + n * horizon_us // 8 for at, n in zip(stream.at_us, late, strict=True)]
    order = sorted(range(count), key=arrival.__getitem__)
    singly = [(row, row + 1) for row in range(count)]
    cuts = singly if count and data.draw(st.booleans()) else cut(data, count)
    pieces = [stream.piece([stream.hits[row] for row in order[a:b]]) for a, b in cuts]
    saved = data.draw(st.lists(st.booleans(), min_size=len(cuts), max_size=len(cuts)))
    reader, same_content = read_in_pieces(stream.rules, pieces, horizon_us, saved)
    assert reader.known == whole.known
    assert same_content == content
    assert numbers(reader) == numbers(whole)
    assert sum(map(sum, numbers(reader))) == count
    assert reader.totals.too_late == 0


def numbers(reader: Reader) -> tuple[list[int], list[int]]:
    """Return the hits by verdict, and those that are apart."""
    totals = reader.totals
    return totals.counts.tolist(), [totals.duplicates, totals.too_late, totals.too_early]


@pytest.mark.parametrize(("hour", "held"), [(4, "implausible_travel"), (5, None)])
def test_a_step_is_decided_by_its_window_alone(hour: int, held: str | None) -> None:
    plate = PLATES[0]
    impossible = [(60 * hour, "C-1", plate, None), (60 * hour + 1, "C-2", plate, None)]
    later = [(60 * 13, name, "赣C12345", None) for name in ("C-2", "C-3")]
    stream = town_stream([(0, "C-1", plate, "a"), *impossible, *later])
    reader, _ = read_in_pieces(TOWN, [stream.piece(stream.hits)], 8 * HOUR_US, [False])
    assert reader.known[START_US, "a"].held == held


@settings(max_examples=6, deadline=None, derandomize=True, database=None)
@given(hits(0, 16), st.data())
def test_late_hits_of_a_town_end_alike(rows: Any, data: Any) -> None:
    compare(town_stream(rows), data)


@settings(max_examples=4, deadline=None, derandomize=True, database=None)
@given(days(), st.data())
def test_late_hits_of_a_world_end_alike(day: Day, data: Any) -> None:
    compare(world_stream(day), data)


@pytest.mark.long
@settings(max_examples=30, deadline=None, database=None)
@given(hits(20, 50), st.data())
def test_late_hits_of_many_towns_end_alike(rows: Any, data: Any) -> None:
    compare(town_stream(rows), data)


@pytest.mark.long
@settings(max_examples=30, deadline=None, database=None)
@given(days(), st.data())
def test_late_hits_of_many_worlds_end_alike(day: Day, data: Any) -> None:
    compare(world_stream(day), data)
