"""Duplicates: a hit_id already seen, or the same vehicle at the same camera within seconds.

Rows come in any order; the order that counts is (captured_at, hit_id). The text of a hit_id is
only needed where two rows of one instant would be judged differently, so the caller is asked for
just those: `rows_to_rank` names them, `repeated` takes their ranks.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis import duplicate_kernels as kernels

if TYPE_CHECKING:
    import numpy.typing as npt

_SHARD_ROWS: Final = 1 << 18  # a shard's hash table and rows stay in the second-level cache


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """n hits that passed steps 0 and 1 of the judgement.

    Attributes
    ----------
    plate_key, plate_class
        (n,) uint64 and uint8: the vehicle. NO_PLATE_CLASS is a vehicle of its own.
    camera
        (n,) int32 place of the camera_id in the code book.
    captured_at_us
        (n,) int64 microseconds UTC.
    id_high, id_low
        (n,) uint64 and uint32 hash of the hit_id that the sender gave; zeros where it gave none.
        An id that is derived from the row needs no hash: equal rows are equal passages.
    outcome
        (n,) int64: what keeping this row rather than another of its instant would change.
    """

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    camera: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]
    id_high: npt.NDArray[np.uint64]
    id_low: npt.NDArray[np.uint32]
    outcome: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of passages."""
        return int(self.plate_key.shape[0])


def _table(rows: int) -> npt.NDArray[np.int32]:
    """Return an empty hash table with at least two slots a row."""
    return np.full(1 << max(4, int(2 * rows - 1).bit_length()), -1, np.int32)


def _mark_ids(passages: Passages, rank: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return what each row is among the rows of its hit_id."""
    mark = np.zeros(len(passages), np.uint8)
    if passages.id_high.any():
        content = (
            passages.plate_key
            ^ (passages.plate_class.astype(np.uint64) << np.uint64(40))
            ^ (passages.camera.astype(np.uint64) << np.uint64(20))
            ^ passages.outcome.astype(np.uint64)
        )
        kernels.mark_repeated_ids(
            passages.id_high,
            passages.id_low,
            passages.captured_at_us,
            rank,
            content,
            _table(len(passages)),
            mark,
        )
    return mark


def _mark_shard(
    passages: Passages, rows: npt.NDArray[np.int32], rank: npt.NDArray[np.int64], window_us: int
) -> npt.NDArray[np.uint8]:
    """Return what each row of one shard is among the rows of its vehicle and camera."""
    next_row = np.empty(rows.shape[0], np.int32)
    group_size = np.empty(rows.shape[0], np.int32)
    kernels.group_passages(
        passages.plate_key[rows],
        passages.plate_class[rows],
        passages.camera[rows],
        _table(rows.shape[0]),
        next_row,
        group_size,
    )
    mark = np.empty(rows.shape[0], np.uint8)
    kernels.mark_repeated_passages(
        next_row,
        group_size,
        passages.captured_at_us[rows],
        rank[rows],
        passages.outcome[rows],
        window_us,
        np.empty(max(1, int(group_size.max(initial=1))), np.int32),
        mark,
    )
    return mark


def _mark_passages(
    passages: Passages,
    skip: npt.NDArray[np.uint8],
    rank: npt.NDArray[np.int64],
    window_us: int,
    workers: int,
) -> npt.NDArray[np.uint8]:
    """Return what each row is among the rows of its vehicle and camera; skipped rows are FIRST."""
    count = len(passages)
    shards = max(1, -(-count // _SHARD_ROWS))
    shard = np.empty(count, np.uint16)
    kernels.shard_of_plates(passages.plate_key, shards, shard)
    sizes = np.bincount(shard[skip == 0], minlength=shards)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    rows = np.empty(int(starts[-1]), np.int32)
    kernels.list_shards(shard, skip, starts[:-1].copy(), rows)
    mark = np.zeros(count, np.uint8)

    def one(number: int) -> None:
        mine = rows[starts[number] : starts[number + 1]]
        mark[mine] = _mark_shard(passages, mine, rank, window_us)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        list(pool.map(one, range(shards)))
    return mark


def rows_to_rank(
    passages: Passages,
    duplicate_seconds: float,
    rank: npt.NDArray[np.int64],
    *,
    workers: int = 1,
) -> npt.NDArray[np.int64]:
    """Return the rows whose order by hit_id decides something and is not known; seldom any.

    Ranking some may bring up others, so ask until none is left.

    Parameters
    ----------
    passages
        Every hit of the period, in any order.
    duplicate_seconds
        The city's setting.
    rank
        (n,) from 1 on for the rows ranked so far, 0 elsewhere.
    workers
        Threads to use.

    Returns
    -------
    numpy.ndarray
        Row numbers, ascending. Rank them, with those before, by (hit_id, the rest of the row).
    """
    by_id = _mark_ids(passages, rank)
    skip = (by_id == kernels.REPEATED).astype(np.uint8)
    mark = _mark_passages(passages, skip, rank, round(duplicate_seconds * 1e6), workers)
    contested = (by_id == kernels.CONTESTED) | (mark == kernels.CONTESTED)
    return np.flatnonzero(contested & (rank == 0))


def repeated(
    passages: Passages,
    duplicate_seconds: float,
    rank: npt.NDArray[np.int64],
    *,
    workers: int = 1,
) -> npt.NDArray[np.bool_]:
    """Tell which hits are duplicates.

    Parameters
    ----------
    passages
        Every hit of the period, in any order.
    duplicate_seconds
        A hit no more than this after the last kept hit of its vehicle and camera is a duplicate.
    rank
        (n,) order of the rows that `rows_to_rank` named, 0 elsewhere.
    workers
        Threads to use; the answer does not depend on it.

    Returns
    -------
    numpy.ndarray
        (n,) True for a duplicate.
    """
    by_id = _mark_ids(passages, rank) == kernels.REPEATED
    mark = _mark_passages(
        passages, by_id.astype(np.uint8), rank, round(duplicate_seconds * 1e6), workers
    )
    answer: npt.NDArray[np.bool_] = by_id | (mark == kernels.REPEATED)
    return answer
