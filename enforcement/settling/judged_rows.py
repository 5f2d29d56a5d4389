"""Judged passages of many batches in one order, which does not tell how they came.

By instant, then plate, class and camera, then hit_id: so that twins stand as the judgement orders
them, and a row's place says which of two comes first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enforcement.analysis.duplicates import Passages
from enforcement.engine import JudgedBatch
from enforcement.findings import Verdict
from ingest.plate_keys import SIDE_MARK, PlateKeys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Mask: TypeAlias = npt.NDArray[np.bool_]

PASSAGE_COLUMNS: Final = {
    "plate_key": np.uint64,
    "captured_at_us": np.int64,
    "id_high": np.uint64,
    "id_low": np.uint32,
    "camera": np.int32,
    "plate_class": np.uint8,
    "outcome": np.uint8,
}
VIOLATION_COLUMNS: Final = {
    "restriction": np.int32,
    "permit": np.int32,
    "grant": np.int32,
    "reason": np.uint8,
    "vehicle_class": np.uint8,
}
UNREAD_COLUMNS: Final = {"unread_at_us": np.int64, "unread_camera": np.int32}
NOT_TOLD: Final = 0  # other codes are one more than those of `enforcement.analysis.holding`
WARNED: Final = 128  # added where it is only a warning
BEGINNING_US: Final = -(1 << 62)
END_US: Final = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class JudgedRows:
    """n judged passages in order, v of them violations or what speed may make one.

    Attributes
    ----------
    judged
        The passages, none rejected, and the unread rows of known cameras beside them, by instant
        and camera.
    hit_id
        (n,) large_string.
    told
        (v,) uint8 what was last told of each of `judged.violations`: NOT_TOLD, or one more than
        the doubt that holds it, and WARNED.
    side_plates
        The side table that the plate keys point into: that of the rules, then others, sorted.
    """

    judged: JudgedBatch
    hit_id: pa.Array
    told: npt.NDArray[np.uint8]
    side_plates: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.judged.passages)

    @property
    def captured_at_us(self) -> npt.NDArray[np.int64]:
        """Instants, ascending."""
        return self.judged.passages.captured_at_us

    @property
    def violation_at_us(self) -> npt.NDArray[np.int64]:
        """Instants of the violations, ascending."""
        return self.captured_at_us[self.judged.violations]

    def between(self, from_us: int = BEGINNING_US, until_us: int = END_US) -> JudgedRows:
        """Return what was between two instants, half-open."""
        at = self.captured_at_us
        return self.some((from_us <= at) & (at < until_us)).unread_between(from_us, until_us)

    def unread_between(self, from_us: int = BEGINNING_US, until_us: int = END_US) -> JudgedRows:
        """Leave out the unread rows that were not between two instants."""
        at = self.judged.unread_at_us
        within = (from_us <= at) & (at < until_us)
        columns = {name: getattr(self.judged, name)[within] for name in UNREAD_COLUMNS}
        return replace(self, judged=replace(self.judged, **columns))

    def some(self, stays: Mask) -> JudgedRows:
        """Return some of the passages, (n,) True for those, and all unread rows."""
        if stays.all():
            return self
        judged = self.judged
        mine = stays[judged.violations]
        judged = judged_batch(
            {name: getattr(judged.passages, name)[stays] for name in PASSAGE_COLUMNS},
            (np.cumsum(stays) - 1)[judged.violations[mine]].astype(np.int32),
            {name: getattr(judged, name)[mine] for name in VIOLATION_COLUMNS},
            {name: getattr(judged, name) for name in UNREAD_COLUMNS},
        )
        hit_id = self.hit_id.filter(pa.array(stays))
        return JudgedRows(judged, hit_id, self.told[mine], self.side_plates)


def judged_batch(
    passages: Mapping[str, npt.NDArray[Any]],
    violations: npt.NDArray[np.int32],
    columns: Mapping[str, npt.NDArray[Any]],
    unread: Mapping[str, npt.NDArray[Any]],
) -> JudgedBatch:
    """Return PASSAGE_COLUMNS, VIOLATION_COLUMNS and UNREAD_COLUMNS as a batch, nothing rejected.

    Every violation is told from its twins by its place, so that the order decides.
    """
    place = violations.astype(np.int64) + 1
    own = (place << 20) ^ (columns["vehicle_class"].astype(np.int64) << 8)
    return JudgedBatch(
        counts=np.bincount(passages["outcome"], minlength=len(Verdict)),
        rejected=np.zeros(0, np.int32),
        rejected_verdict=np.zeros(0, np.uint8),
        passages=Passages(**passages, own_rows=violations, own=own),
        violations=violations,
        **columns,
        **unread,
    )


def no_rows(side_plates: tuple[str, ...]) -> JudgedRows:
    """Return rows that are none."""
    nothing = judged_batch(
        {name: np.zeros(0, kind) for name, kind in PASSAGE_COLUMNS.items()},
        np.zeros(0, np.int32),
        {name: np.zeros(0, kind) for name, kind in VIOLATION_COLUMNS.items()},
        {name: np.zeros(0, kind) for name, kind in UNREAD_COLUMNS.items()},
    )
    return JudgedRows(nothing, pa.array([], pa.large_string()), np.zeros(0, np.uint8), side_plates)


def untold(judged: JudgedBatch, hit_id: pa.Array, side_plates: Sequence[str]) -> JudgedRows:
    """Return the passages of a batch, not in order yet, of which nothing was told."""
    passages = judged.passages
    columns = {name: getattr(passages, name) for name in PASSAGE_COLUMNS}
    if not passages.id_high.size:  # the sender gave no hit an id
        columns |= {name: np.zeros(len(passages), PASSAGE_COLUMNS[name]) for name in _ID_COLUMNS}
    known = judged.unread_camera >= 0
    rows = judged_batch(
        columns,
        judged.violations,
        {name: getattr(judged, name) for name in VIOLATION_COLUMNS},
        {name: getattr(judged, name)[known] for name in UNREAD_COLUMNS},
    )
    told = np.full(judged.violations.size, NOT_TOLD, np.uint8)
    return JudgedRows(rows, hit_id.cast(pa.large_string()), told, tuple(side_plates))


_ID_COLUMNS: Final = ("id_high", "id_low")


def merged(
    one: JudgedRows, other: JudgedRows, known_plates: tuple[str, ...]
) -> tuple[JudgedRows, Mask]:
    """Join rows and put them in order.

    Parameters
    ----------
    one, other
        Rows in any order.
    known_plates
        The side table of the rules, with which both tables begin.

    Returns
    -------
    rows : JudgedRows
        All of them.
    of_other : numpy.ndarray
        (n,) True for those of `other`.
    """
    pieces = (one, other)
    table = _table_of(pieces, known_plates)
    passages = {
        name: np.concatenate([getattr(rows.judged.passages, name) for rows in pieces])
        for name in PASSAGE_COLUMNS
    }
    passages["plate_key"] = np.concatenate([_rekeyed(rows, PlateKeys(table)) for rows in pieces])
    violations = np.concatenate((one.judged.violations, other.judged.violations + len(one)))
    columns = {
        name: np.concatenate([getattr(rows.judged, name) for rows in pieces])
        for name in VIOLATION_COLUMNS
    }
    unread = {
        name: np.concatenate([getattr(rows.judged, name) for rows in pieces])
        for name in UNREAD_COLUMNS
    }
    by_instant = np.lexsort((unread["unread_camera"], unread["unread_at_us"]))
    told = np.concatenate((one.told, other.told))
    hit_id = pa.concat_arrays([one.hit_id, other.hit_id])
    order = _in_order(passages, hit_id, violations, columns["vehicle_class"], told)
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    turned = np.argsort(place[violations])
    rows = JudgedRows(
        judged_batch(
            {name: column[order] for name, column in passages.items()},
            place[violations][turned].astype(np.int32),
            {name: column[turned] for name, column in columns.items()},
            {name: column[by_instant] for name, column in unread.items()},
        ),
        hit_id.take(pa.array(order)),
        told[turned],
        table,
    )
    return rows, order >= len(one)


def _in_order(
    passages: Mapping[str, npt.NDArray[Any]],
    hit_id: pa.Array,
    violations: npt.NDArray[np.int32],
    vehicle_class: npt.NDArray[np.uint8],
    told: npt.NDArray[np.uint8],
) -> npt.NDArray[np.int64]:
    """Return the rows in order; texts are compared only among twins."""
    keys = tuple(passages[n] for n in ("camera", "plate_class", "plate_key", "captured_at_us"))
    order = np.lexsort(keys)
    same = np.ones(max(order.size - 1, 0), np.bool_)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    twins = np.flatnonzero(same)
    if not twins.size:
        return order
    places = np.union1d(twins, twins + 1)
    tied = order[places]
    # Rows that are alike in all this are alike to everybody; the one that was told stays the one.
    least = np.zeros((2, order.size), np.int64)
    least[0, violations] = vehicle_class
    least[1, violations] = told == NOT_TOLD
    rank = pc.rank(hit_id.take(pa.array(tied)), tiebreaker="dense").to_numpy()
    by = (least[1, tied], least[0, tied], passages["outcome"][tied], rank)
    order[places] = tied[np.lexsort((*by, *(key[tied] for key in keys)))]
    return order


def with_own_plates(rows: JudgedRows, known_plates: tuple[str, ...]) -> JudgedRows:
    """Leave plates that no row has out of the side table, but for those of the rules."""
    table = _table_of((rows,), known_plates)
    if table == rows.side_plates:
        return rows
    passages = replace(rows.judged.passages, plate_key=_rekeyed(rows, PlateKeys(table)))
    return replace(rows, judged=replace(rows.judged, passages=passages), side_plates=table)


def _table_of(pieces: Sequence[JudgedRows], known_plates: tuple[str, ...]) -> tuple[str, ...]:
    """Return the side table of the rules, and what else some row has, sorted."""
    texts: set[str] = set()
    for rows in pieces:
        keys = rows.judged.passages.plate_key
        texts.update(PlateKeys(rows.side_plates).texts(keys[keys >= SIDE_MARK]).tolist())
    return (*known_plates, *sorted(texts.difference(known_plates)))


def _rekeyed(rows: JudgedRows, table: PlateKeys) -> npt.NDArray[np.uint64]:
    """Return the plate keys of rows by another side table."""
    keys = rows.judged.passages.plate_key.copy()
    side = np.flatnonzero(keys >= SIDE_MARK)
    texts = PlateKeys(rows.side_plates).texts(keys[side])
    keys[side] = [table.key(text) for text in texts.tolist()]
    return keys
