"""Kernels that find repeated hits: one hash grouping, one walk along each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

FIRST: int = 0  # what a row is, in the `mark` buffers
REPEATED: int = 1
CONTESTED: int = 2  # it ties with another row, and which of them comes first matters

_INSERTION_LIMIT = 24


@njit(cache=True, nogil=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    """Spread the bits of a key over a whole word (the finaliser of MurmurHash3)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    value ^= value >> np.uint64(33)
    return value


@njit(cache=True, nogil=True)
def group_passages(
    plate_key: npt.NDArray[np.uint64],
    plate_class: npt.NDArray[np.uint8],
    camera: npt.NDArray[np.int32],
    table: npt.NDArray[np.int32],
    next_row: npt.NDArray[np.int32],
    group_size: npt.NDArray[np.int32],
) -> None:
    """Chain the rows of one vehicle at one camera.

    `table` (2**b, filled with -1, at least twice the rows) maps a hash to the newest row of a
    group; `next_row[i]` is the row before i in its group or -1; `group_size[i]` is set for the
    newest row of each group and 0 for the others.
    """
    mask = np.uint64(table.shape[0] - 1)
    for row in range(plate_key.shape[0]):
        key = _mix(
            plate_key[row]
            ^ (np.uint64(plate_class[row]) << np.uint64(56))
            ^ (np.uint64(camera[row]) * np.uint64(0x9E3779B97F4A7C15))
        )
        slot = key & mask
        while True:
            head = table[slot]
            if head < 0:
                next_row[row] = -1
                group_size[row] = 1
                table[slot] = row
                break
            if (
                plate_key[head] == plate_key[row]
                and camera[head] == camera[row]
                and plate_class[head] == plate_class[row]
            ):
                next_row[row] = head
                group_size[row] = group_size[head] + 1
                group_size[head] = 0
                table[slot] = row
                break
            slot = (slot + np.uint64(1)) & mask


@njit(cache=True, nogil=True, inline="always")
def _later(
    a: int,
    b: int,
    captured_at_us: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
) -> bool:
    """Tell whether row a comes after row b in the order (captured_at, rank)."""
    if captured_at_us[a] != captured_at_us[b]:
        return bool(captured_at_us[a] > captured_at_us[b])
    return bool(rank[a] > rank[b])


@njit(cache=True, nogil=True)
def _sift(
    rows: npt.NDArray[np.int32],
    root: int,
    size: int,
    captured_at_us: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
) -> None:
    """Let the row at `root` sink in a heap whose top is the latest row."""
    while True:
        child = 2 * root + 1
        if child >= size:
            return
        if child + 1 < size and _later(rows[child + 1], rows[child], captured_at_us, rank):
            child += 1
        if not _later(rows[child], rows[root], captured_at_us, rank):
            return
        rows[root], rows[child] = rows[child], rows[root]
        root = child


@njit(cache=True, nogil=True)
def sort_rows(
    rows: npt.NDArray[np.int32],
    captured_at_us: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
) -> None:
    """Sort row numbers by (captured_at, rank), in place; never slower than n log n."""
    size = rows.shape[0]
    if size <= _INSERTION_LIMIT:
        for i in range(1, size):
            row = rows[i]
            j = i - 1
            while j >= 0 and _later(rows[j], row, captured_at_us, rank):
                rows[j + 1] = rows[j]
                j -= 1
            rows[j + 1] = row
        return
    for root in range(size // 2 - 1, -1, -1):
        _sift(rows, root, size, captured_at_us, rank)
    for end in range(size - 1, 0, -1):
        rows[0], rows[end] = rows[end], rows[0]
        _sift(rows, 0, end, captured_at_us, rank)


@njit(cache=True, nogil=True)
def mark_repeated_passages(
    next_row: npt.NDArray[np.int32],
    group_size: npt.NDArray[np.int32],
    captured_at_us: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
    outcome: npt.NDArray[np.int64],
    window_us: int,
    scratch: npt.NDArray[np.int32],
    mark: npt.NDArray[np.uint8],
) -> int:
    """Mark each row FIRST, REPEATED or CONTESTED; return how many are contested.

    A row is REPEATED when it is at most `window_us` after the last row of its group that is not.
    Where rows of one instant have different outcomes and one of them has no rank yet (0), all of
    them are CONTESTED: the caller ranks them by hit_id and asks again. `scratch` holds as many
    rows as the largest group.
    """
    contested = 0
    for newest in range(next_row.shape[0]):
        size = group_size[newest]
        if size == 0:
            continue
        if size == 1:
            mark[newest] = FIRST
            continue
        rows = scratch[:size]
        row = newest
        for i in range(size):
            rows[size - 1 - i] = row
            row = next_row[row]
        sort_rows(rows, captured_at_us, rank)
        last_kept = captured_at_us[rows[0]]
        mark[rows[0]] = FIRST
        for i in range(1, size):
            row = rows[i]
            if captured_at_us[row] - last_kept <= window_us:
                mark[row] = REPEATED
            else:
                mark[row] = FIRST
                last_kept = captured_at_us[row]
        start = 0
        while start < size:
            stop = start + 1
            differs = False
            unranked = rank[rows[start]] == 0
            while stop < size and captured_at_us[rows[stop]] == captured_at_us[rows[start]]:
                differs = differs or outcome[rows[stop]] != outcome[rows[start]]
                unranked = unranked or rank[rows[stop]] == 0
                stop += 1
            # Only the first row of a tie can be kept: where it is not, the order is nobody's matter.
            if differs and unranked and mark[rows[start]] == FIRST:
                for i in range(start, stop):
                    mark[rows[i]] = CONTESTED
                contested += stop - start
            start = stop
    return contested


@njit(cache=True, nogil=True, inline="always")
def _find_id(
    row: int,
    id_high: npt.NDArray[np.uint64],
    id_low: npt.NDArray[np.uint32],
    table: npt.NDArray[np.int32],
) -> int:
    """Return the slot that holds the hit_id of a row, or the empty one where it belongs."""
    mask = np.uint64(table.shape[0] - 1)
    slot = id_high[row] & mask
    while True:
        other = table[slot]
        if other < 0 or (id_high[other] == id_high[row] and id_low[other] == id_low[row]):
            return int(slot)
        slot = (slot + np.uint64(1)) & mask


@njit(cache=True, nogil=True)
def mark_repeated_ids(
    id_high: npt.NDArray[np.uint64],
    id_low: npt.NDArray[np.uint32],
    captured_at_us: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
    content: npt.NDArray[np.uint64],
    table: npt.NDArray[np.int32],
    mark: npt.NDArray[np.uint8],
) -> int:
    """Mark every row whose hit_id an earlier row has REPEATED; return how many are CONTESTED.

    Rows without a hit_id have zero hashes and are FIRST. `table` is 2**b slots filled with -1, at
    least twice the rows. Rows of one id and instant but different `content`, one of them without a
    rank (0), are CONTESTED.
    """
    for row in range(id_high.shape[0]):
        mark[row] = FIRST
        if id_high[row] == 0 and id_low[row] == 0:
            continue
        slot = _find_id(row, id_high, id_low, table)
        best = table[slot]
        if best < 0:
            table[slot] = row
            continue
        mark[best] = REPEATED  # for now: every row whose id is not its own alone
        mark[row] = REPEATED
        if _later(best, row, captured_at_us, rank):
            table[slot] = row
    contested = 0
    for row in range(id_high.shape[0]):
        if mark[row] != REPEATED:
            continue
        best = table[_find_id(row, id_high, id_low, table)]
        unranked = rank[best] == 0 or rank[row] == 0
        tied = captured_at_us[best] == captured_at_us[row]
        if tied and unranked and content[best] != content[row]:
            mark[best] = CONTESTED
            contested += 1
    for row in range(id_high.shape[0]):
        if mark[row] == FIRST:
            continue
        best = table[_find_id(row, id_high, id_low, table)]
        if mark[best] == CONTESTED and captured_at_us[best] == captured_at_us[row]:
            mark[row] = CONTESTED
        elif row == best:
            mark[row] = FIRST
    return contested


@njit(cache=True, nogil=True)
def shard_of_keys(key: npt.NDArray[np.uint64], shards: int, shard: npt.NDArray[np.uint16]) -> None:
    """Write the shard of each key, a plate or a hit_id, so that all rows of one fall into one."""
    for row in range(key.shape[0]):
        shard[row] = np.uint16(_mix(key[row]) >> np.uint64(40)) % np.uint16(shards)


@njit(cache=True, nogil=True)
def list_shards(
    shard: npt.NDArray[np.uint16],
    skip: npt.NDArray[np.uint8],
    next_place: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int32],
) -> None:
    """List the row numbers of each shard, rows with `skip` left out.

    `next_place[s]` is where shard s begins in `rows`, and where it ends afterwards.
    """
    for row in range(shard.shape[0]):
        if skip[row] == 0:
            rows[next_place[shard[row]]] = row
            next_place[shard[row]] += 1
