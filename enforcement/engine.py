"""The judgement in one place: each batch against the rules, then each vehicle's hits together.

`judge` is all there is to say of hits one by one; it can run on any batch, anywhere, in any
order. `settle` looks at what they are to each other. A sweep judges as it reads and settles
once; nothing is decided in the shells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.duplicates import Passages, repeated, rows_to_rank
from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

    # Names the order of hits of one instant: (batch, row) pairs in, a sortable text for each out.
    Ranker = Callable[[Sequence[tuple[int, int]]], Sequence[tuple[str, ...]]]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedBatch:
    """What the rules say of each hit of a batch, and what settling needs of it.

    Attributes
    ----------
    counts
        (6,) rows by verdict, before duplicates are known.
    rejected
        Rows of the batch that steps 0 and 1 stop, ascending; `rejected_verdict` says at which.
    row
        (n,) int32 rows of the batch that passed steps 0 and 1, ascending.
    verdict
        (n,) uint8 of those rows.
    passages
        The same n rows.
    violations
        Places among the n rows of those that are violations; the columns that follow are theirs.
    reason, restriction, permit, grant, vehicle_class
        As in `VerdictBatch`.
    """

    counts: npt.NDArray[np.int64]
    rejected: npt.NDArray[np.int32]
    rejected_verdict: npt.NDArray[np.uint8]
    row: npt.NDArray[np.int32]
    verdict: npt.NDArray[np.uint8]
    passages: Passages
    violations: npt.NDArray[np.int32]
    reason: npt.NDArray[np.uint8]
    restriction: npt.NDArray[np.int32]
    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]
    vehicle_class: npt.NDArray[np.uint8]

    @property
    def violation_rows(self) -> npt.NDArray[np.int32]:
        """Rows of the batch that are violations, ascending."""
        return self.row[self.violations]


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What the hits of a period are to each other.

    Attributes
    ----------
    counts
        (6,) hits by verdict, duplicates left out.
    duplicates
        How many hits were dropped as duplicates.
    kept
        For each batch, (its violations,) True for those that stay.
    """

    counts: npt.NDArray[np.int64]
    duplicates: int
    kept: tuple[npt.NDArray[np.bool_], ...]


def judge(
    rules: Rules, hits: HitBatch, hit_id_hash: npt.NDArray[np.uint64] | None = None
) -> JudgedBatch:
    """Judge each hit of a batch by steps 0 to 8.

    Parameters
    ----------
    rules
        Compiled rules; the batch's cameras are coded by their code book.
    hits
        n hits in any order.
    hit_id_hash
        (n, 2) hash of the hit_id that the sender gave, zeros where it gave none; None if it gave
        no hit an id.

    Returns
    -------
    JudgedBatch
        Everything that is known of the hits one by one.
    """
    verdicts = match_hits(rules, hits)
    passed = verdicts.verdict >= Verdict.NOT_RESTRICTED
    row = np.flatnonzero(passed).astype(np.int32)
    verdict = verdicts.verdict[row]
    violations = np.flatnonzero(verdict == Verdict.VIOLATION).astype(np.int32)
    rejected = np.flatnonzero(~passed).astype(np.int32)
    if hit_id_hash is None:
        id_high = np.zeros(row.shape[0], np.uint64)
        id_low = np.zeros(row.shape[0], np.uint32)
    else:
        id_high = hit_id_hash[row, 0]
        id_low = hit_id_hash[row, 1].astype(np.uint32)
    at = row[violations]
    return JudgedBatch(
        counts=np.bincount(verdicts.verdict, minlength=len(Verdict)),
        rejected=rejected,
        rejected_verdict=verdicts.verdict[rejected],
        row=row,
        verdict=verdict,
        passages=Passages(
            plate_key=hits.plate_key[row],
            plate_class=hits.plate_class[row],
            camera=hits.camera[row],
            captured_at_us=hits.captured_at_us[row],
            id_high=id_high,
            id_low=id_low,
            outcome=_outcomes(verdict, violations, hits.vehicle_class[row], id_high),
        ),
        violations=violations,
        reason=verdicts.reason[at],
        restriction=verdicts.restriction[at],
        permit=verdicts.permit[at],
        grant=verdicts.grant[at],
        vehicle_class=verdicts.vehicle_class[at],
    )


def _outcomes(
    verdict: npt.NDArray[np.uint8],
    violations: npt.NDArray[np.int32],
    vehicle_class: npt.NDArray[np.uint8],
    id_high: npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64]:
    """Return what dropping one row rather than its twin would change.

    Rows that are no violation only count by their verdict. A violation is told from its twin by
    its hit_id; where it has none, by its place, so that the twins are looked at.
    """
    outcome = verdict.astype(np.int64)
    own = id_high[violations].astype(np.int64)
    own = np.where(own == 0, violations.astype(np.int64) << 20, own)
    outcome[violations] = own ^ (vehicle_class[violations].astype(np.int64) << 8) | 128
    return outcome


def _joined(parts: Sequence[JudgedBatch]) -> Passages:
    """Return the passages of all batches, one after the other."""
    passages = [part.passages for part in parts]
    return Passages(
        plate_key=np.concatenate([one.plate_key for one in passages]),
        plate_class=np.concatenate([one.plate_class for one in passages]),
        camera=np.concatenate([one.camera for one in passages]),
        captured_at_us=np.concatenate([one.captured_at_us for one in passages]),
        id_high=np.concatenate([one.id_high for one in passages]),
        id_low=np.concatenate([one.id_low for one in passages]),
        outcome=np.concatenate([one.outcome for one in passages]),
    )


def settle(
    rules: Rules, parts: Sequence[JudgedBatch], ranker: Ranker, *, workers: int = 1
) -> Settlement:
    """Find the duplicates among judged hits.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    parts
        All judged batches of the period, in any order.
    ranker
        Gives, for (batch, row) pairs, texts that sort as (hit_id, the rest of the row). It is asked
        only for hits of one instant of which one is a duplicate and the other would be judged
        otherwise.
    workers
        Threads to use; the answer does not depend on it.

    Returns
    -------
    Settlement
        Counts without duplicates and the violations that stay.
    """
    counts = np.zeros(len(Verdict), np.int64)
    for part in parts:
        counts += part.counts
    if not sum(len(part.passages) for part in parts):
        return Settlement(counts, 0, tuple(np.zeros(0, np.bool_) for _ in parts))
    passages = _joined(parts)
    seconds = rules.judgement.duplicate_seconds
    rank = _ranks(parts, passages, seconds, ranker, workers)
    dropped = repeated(passages, seconds, rank, workers=workers)
    starts = np.cumsum([0, *(len(part.passages) for part in parts)])
    kept = []
    for part, start in zip(parts, starts[:-1], strict=True):
        mine = dropped[start : start + len(part.passages)]
        counts -= np.bincount(part.verdict[mine], minlength=len(Verdict))
        kept.append(~mine[part.violations])
    return Settlement(counts, int(dropped.sum()), tuple(kept))


def _ranks(
    parts: Sequence[JudgedBatch],
    passages: Passages,
    seconds: float,
    ranker: Ranker,
    workers: int,
) -> npt.NDArray[np.int64]:
    """Return the order among hits of one instant, 0 where it decides nothing."""
    rank = np.zeros(len(passages), np.int64)
    starts = np.cumsum([0, *(len(part.passages) for part in parts)])
    texts: dict[int, tuple[str, ...]] = {}
    while True:
        places = rows_to_rank(passages, seconds, rank, workers=workers)
        if not places.size:
            return rank
        batch = np.searchsorted(starts, places, side="right") - 1
        pairs = [
            (int(b), int(parts[b].row[place - starts[b]]))
            for b, place in zip(batch, places, strict=True)
        ]
        texts.update(zip(places.tolist(), ranker(pairs), strict=True))
        order = {text: number for number, text in enumerate(sorted(set(texts.values())), start=1)}
        for place, text in texts.items():
            rank[place] = order[text]
