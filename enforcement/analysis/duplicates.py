"""Duplicates: a hit_id already seen, or the same vehicle at the same camera within seconds.

Rows come in any order and in parts; the order that counts is (captured_at, hit_id). The text of a
hit_id is only needed where two rows of one instant would be judged differently, so the caller is
asked for just those. Rows are looked at shard by shard of their vehicles, so that no column of a
whole day is ever copied.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from enforcement.analysis import duplicate_kernels as kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    RowArray: TypeAlias = npt.NDArray[np.int64]
    # Row numbers in, for each a text that sorts as (hit_id, the rest of the row).
    TextsOf: TypeAlias = Callable[[RowArray], Sequence[tuple[str, ...]]]

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
        (n,) uint64 and uint32 hash of the hit_id that the sender gave, zeros where it gave none;
        both (0,) if it gave no hit one. An id that is derived from the row needs no hash: equal
        rows are equal passages.
    outcome
        (n,) uint8, below 128: what keeping this row rather than another of its instant would
        change.
    own_rows, own
        (v,) int32 rows, ascending, and int64 what keeping them would change beyond `outcome`.
    """

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    camera: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]
    id_high: npt.NDArray[np.uint64]
    id_low: npt.NDArray[np.uint32]
    outcome: npt.NDArray[np.uint8]
    own_rows: npt.NDArray[np.int32]
    own: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of passages."""
        return int(self.plate_key.shape[0])

    def outcomes(self, rows: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """Return, for some rows, numbers that differ where keeping them changes different things."""
        outcome = self.outcome[rows].astype(np.int64)
        if self.own_rows.size:
            place = np.minimum(np.searchsorted(self.own_rows, rows), self.own_rows.size - 1)
            mine = np.flatnonzero(self.own_rows[place] == rows)
            outcome[mine] += self.own[place[mine]] << 7
        return outcome


@dataclass(frozen=True, slots=True, eq=False)
class _Shards:
    """Rows of every part by shard: shard s of part p is ``rows[p][starts[p][s]:starts[p][s + 1]]``.

    `first` is the number of each part's first row among all rows.
    """

    parts: Sequence[Passages]
    first: RowArray
    rows: tuple[npt.NDArray[np.int32], ...]
    starts: tuple[npt.NDArray[np.int64], ...]

    @property
    def count(self) -> int:
        """How many shards there are."""
        return int(self.starts[0].shape[0]) - 1

    def of(self, shard: int) -> _Shard:
        """Return the rows of one shard."""
        mine = [
            (part, rows[starts[shard] : starts[shard + 1]], first)
            for part, rows, starts, first in zip(
                self.parts, self.rows, self.starts, self.first.tolist(), strict=True
            )
        ]
        return _Shard(
            [(part, rows) for part, rows, _ in mine],
            np.concatenate([rows.astype(np.int64) + first for _, rows, first in mine]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Shard:
    """Some rows of every part; `number` is theirs among all rows."""

    pieces: Sequence[tuple[Passages, npt.NDArray[np.int32]]]
    number: RowArray

    def column(self, name: str) -> Any:
        """Return one column of the rows."""
        return np.concatenate([getattr(part, name)[rows] for part, rows in self.pieces])

    def outcomes(self) -> npt.NDArray[np.int64]:
        """Return what keeping each row changes."""
        return np.concatenate([part.outcomes(rows) for part, rows in self.pieces])

    def some(self, places: RowArray) -> _Shard:
        """Return the rows that stand at some places of the shard, ascending."""
        ends = np.cumsum([rows.size for _, rows in self.pieces])
        cuts = np.concatenate(([0], np.searchsorted(places, ends)))
        return _Shard(
            [
                (part, rows[places[cuts[i] : cuts[i + 1]] - (ends[i] - rows.size)])
                for i, (part, rows) in enumerate(self.pieces)
            ],
            self.number[places],
        )


def _shards(parts: Sequence[Passages], key: str, skip: Sequence[npt.NDArray[np.uint8]]) -> _Shards:
    """Shard the rows that are not to be skipped by one of their columns."""
    total = sum(len(part) for part in parts)
    count = max(1, -(-total // _SHARD_ROWS))
    every_rows, every_starts = [], []
    for part, left_out in zip(parts, skip, strict=True):
        shard = np.empty(len(part), np.uint16)
        kernels.shard_of_keys(getattr(part, key), count, shard)
        sizes = np.bincount(shard[left_out == 0], minlength=count)
        starts = np.concatenate(([0], np.cumsum(sizes)))
        rows = np.empty(int(starts[-1]), np.int32)
        kernels.list_shards(shard, left_out, starts[:-1].copy(), rows)
        every_rows.append(rows)
        every_starts.append(starts)
    return _Shards(parts, _first_rows(parts), tuple(every_rows), tuple(every_starts))


def _first_rows(parts: Sequence[Passages]) -> RowArray:
    """Return the number of each part's first row."""
    sizes = np.array([0, *(len(part) for part in parts[:-1])], np.int64)
    return np.cumsum(sizes)


def _table(rows: int) -> npt.NDArray[np.int32]:
    """Return an empty hash table with at least two slots a row."""
    return np.full(1 << max(4, int(2 * rows - 1).bit_length()), -1, np.int32)


def _mark_ids(shard: _Shard, rank: RowArray) -> npt.NDArray[np.uint8]:
    """Return what each row of a shard is among the rows of its hit_id."""
    mark = np.empty(shard.number.size, np.uint8)
    content = (
        shard.column("plate_key")
        ^ (shard.column("plate_class").astype(np.uint64) << np.uint64(40))
        ^ (shard.column("camera").astype(np.uint64) << np.uint64(20))
        ^ shard.outcomes().astype(np.uint64)
    )
    kernels.mark_repeated_ids(
        shard.column("id_high"),
        shard.column("id_low"),
        shard.column("captured_at_us"),
        rank[shard.number],
        content,
        _table(mark.size),
        mark,
    )
    return mark


def _mark_passages(shard: _Shard, rank: RowArray, window_us: int) -> npt.NDArray[np.uint8]:
    """Return what each row of a shard is among the rows of its vehicle and camera."""
    count = shard.number.size
    next_row = np.empty(count, np.int32)
    group_size = np.empty(count, np.int32)
    kernels.group_passages(
        shard.column("plate_key"),
        shard.column("plate_class"),
        shard.column("camera"),
        _table(count),
        next_row,
        group_size,
    )
    # Most vehicles pass a camera once: times and outcomes of the others are all that is looked at.
    met = np.flatnonzero((group_size != 1) | (next_row >= 0))
    again = shard.some(met)
    captured_at_us, order, outcome = (np.empty(count, np.int64) for _ in range(3))
    captured_at_us[met] = again.column("captured_at_us")
    order[met] = rank[again.number]
    outcome[met] = again.outcomes()
    mark = np.empty(count, np.uint8)
    kernels.mark_repeated_passages(
        next_row,
        group_size,
        captured_at_us,
        order,
        outcome,
        window_us,
        np.empty(max(1, int(group_size.max(initial=1))), np.int32),
        mark,
    )
    return mark


class _Ranks:
    """The order of those rows of one instant whose order decides something, as far as it is asked."""

    def __init__(self, count: int, texts_of: TextsOf) -> None:
        self.rank = np.zeros(count, np.int64)
        self._texts_of = texts_of
        self._texts: dict[int, tuple[str, ...]] = {}

    def add(self, contested: RowArray) -> RowArray:
        """Rank more rows; return those that were not ranked before."""
        new: RowArray = contested[self.rank[contested] == 0]
        if new.size:
            self._texts.update(zip(new.tolist(), self._texts_of(new), strict=True))
            order = {text: n for n, text in enumerate(sorted(set(self._texts.values())), start=1)}
            for row, text in self._texts.items():
                self.rank[row] = order[text]
        return new


def repeated(
    parts: Sequence[Passages],
    duplicate_seconds: float,
    texts_of: TextsOf,
    *,
    workers: int = 1,
) -> npt.NDArray[np.bool_]:
    """Tell which hits are duplicates.

    Parameters
    ----------
    parts
        Every hit of the period, in any order; rows are numbered through all parts.
    duplicate_seconds
        A hit no more than this after the last kept hit of its vehicle and camera is a duplicate.
    texts_of
        Asked for the texts of rows whose order by hit_id decides something; seldom any, and of
        one row at most once.
    workers
        Threads to use; the answer does not depend on it.

    Returns
    -------
    numpy.ndarray
        (n,) True for a duplicate.
    """
    count = sum(len(part) for part in parts)
    if not count:
        return np.zeros(0, np.bool_)
    window_us = round(duplicate_seconds * 1e6)
    ranks = _Ranks(count, texts_of)
    ends = np.append(_first_rows(parts)[1:], count)
    mark = np.zeros(count, np.uint8)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:

        def mark_all(shards: _Shards, one: Callable[[_Shard], npt.NDArray[np.uint8]]) -> None:
            """Mark shard after shard until nothing is contested that can be ranked."""
            left: Sequence[int] = range(shards.count)
            while left:

                def mark_shard(number: int) -> tuple[int, RowArray]:
                    shard = shards.of(number)
                    mine = one(shard)
                    mark[shard.number] = mine
                    return number, shard.number[mine == kernels.CONTESTED]

                contested = {
                    number: rows for number, rows in pool.map(mark_shard, left) if rows.size
                }
                if not contested:
                    break
                new = ranks.add(np.sort(np.concatenate(list(contested.values()))))
                left = list(contested) if new.size else []

        by_id = np.zeros(count, np.bool_)
        if any(part.id_high.any() for part in parts):
            whole = [_with_ids(part) for part in parts]
            without = [
                ((part.id_high == 0) & (part.id_low == 0)).astype(np.uint8) for part in whole
            ]
            mark_all(_shards(whole, "id_high", without), lambda shard: _mark_ids(shard, ranks.rank))
            by_id = mark == kernels.REPEATED
            mark[:] = 0
        skip = np.split(by_id.astype(np.uint8), ends[:-1])
        mark_all(
            _shards(parts, "plate_key", skip),
            lambda shard: _mark_passages(shard, ranks.rank, window_us),
        )
    answer: npt.NDArray[np.bool_] = by_id | (mark == kernels.REPEATED)
    return answer


def _with_ids(part: Passages) -> Passages:
    """Return a part whose ids are as many as its rows."""
    if part.id_high.size == len(part):
        return part
    return replace(
        part,
        id_high=np.zeros(len(part), np.uint64),
        id_low=np.zeros(len(part), np.uint32),
    )
