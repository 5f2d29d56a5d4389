"""Duplicates: the kernels against brute force, on any order of the rows."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.duplicates import Passages, repeated
from tests.oracles.duplicates import kept_hits

if TYPE_CHECKING:
    from collections.abc import Iterable


def passages_of(hits: list[dict], given_ids: bool = True) -> Passages:
    digests = [blake2b(h["hit_id"].encode(), digest_size=12).digest() for h in hits]
    high = [int.from_bytes(d[:8], "little") for d in digests]
    low = [int.from_bytes(d[8:], "little") for d in digests]
    return Passages(
        plate_key=np.array([h["vehicle"][0] for h in hits], np.uint64),
        plate_class=np.array([h["vehicle"][1] for h in hits], np.uint8),
        camera=np.array([h["camera"] for h in hits], np.int32),
        captured_at_us=np.array([h["at"] for h in hits], np.int64),
        id_high=np.array(high if given_ids else [], np.uint64),
        id_low=np.array(low if given_ids else [], np.uint32),
        outcome=np.array([0 if h["content"] > 1 else h["content"] for h in hits], np.uint8),
        own_rows=np.array([i for i, h in enumerate(hits) if h["content"] > 1], np.int32),
        own=np.array([h["content"] for h in hits if h["content"] > 1], np.int64),
    )


def kept_by_kernels(
    hits: list[dict], duplicate_seconds: float, workers: int = 1, cut: int = 0
) -> set[int]:
    asked: list[int] = []

    def texts_of(rows: np.ndarray) -> list[tuple[str, ...]]:
        asked.extend(rows.tolist())
        return [(hits[i]["hit_id"], str(hits[i]["content"])) for i in rows]

    parts = [passages_of(part) for part in (hits[:cut], hits[cut:])]
    again = repeated(parts, duplicate_seconds, texts_of, workers=workers)
    assert len(asked) == len(set(asked))
    return set(np.flatnonzero(~again).tolist())


HIT = st.fixed_dictionaries(
    {
        "vehicle": st.sampled_from([(7, 1), (7, 255), (9, 1)]),
        "camera": st.integers(0, 1),
        "at": st.integers(0, 40).map(lambda s: s * 1_000_000),
        "hit_id": st.sampled_from([f"h{i}" for i in range(12)]),
        "content": st.integers(0, 2),
    }
)


@settings(max_examples=600, deadline=None)
@given(st.lists(HIT, max_size=25), st.sampled_from([0.0, 3.0, 10.0]), st.integers(0, 25))
def test_kept_hits_are_those_of_brute_force(hits: list[dict], seconds: float, cut: int) -> None:
    # Twins of one instant and outcome are alike to everybody: which of them stays is free.
    def known(rows: Iterable[int]) -> list[tuple]:
        return sorted(
            (hits[i]["vehicle"], hits[i]["camera"], hits[i]["at"], hits[i]["content"]) for i in rows
        )

    kept = kept_by_kernels(hits, seconds, cut=cut)
    assert known(kept) == known(kept_hits(hits, int(seconds * 1e6)))


def test_no_more_than_duplicate_seconds_after_the_last_kept_hit() -> None:
    """Exactly 10 s is a duplicate, a microsecond more is not; the dropped hit extends nothing."""
    times = [0, 10_000_000, 10_000_001, 20_000_001, 20_000_002]
    hits = [
        {"vehicle": (7, 1), "camera": 0, "at": at, "hit_id": str(i), "content": 0}
        for i, at in enumerate(times)
    ]
    assert kept_by_kernels(hits, 10.0) == {0, 2, 4}


def test_without_given_ids_equal_rows_are_equal_passages() -> None:
    hits = [{"vehicle": (7, 1), "camera": 0, "at": 5, "hit_id": "", "content": 3}] * 4
    passages = passages_of(hits, given_ids=False)
    assert repeated([passages], 10.0, lambda rows: pytest.fail(f"{rows} is asked")).sum() == 3


@pytest.mark.parametrize("workers", [1, 3])
def test_a_stationary_vehicle_read_all_day_and_many_shards(workers: int) -> None:
    rng = np.random.default_rng(5)
    hits = [
        {"vehicle": (int(v), 1), "camera": 0, "at": int(t), "hit_id": f"{i}", "content": i}
        for i, (v, t) in enumerate(
            zip(
                np.concatenate((np.full(30_000, 3), rng.integers(4, 400_000, 30_000))),
                rng.integers(0, 86_400_000_000, 60_000),
                strict=True,
            )
        )
    ]
    assert kept_by_kernels(hits, 10.0, workers) == set(kept_hits(hits, 10_000_000))
