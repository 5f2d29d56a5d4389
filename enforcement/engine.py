"""The judgement in one place: each batch against the rules, then each vehicle's hits together.

`judge` is all there is to say of hits one by one; it can run on any batch, anywhere, in any
order. `settle` looks at what they are to each other. A sweep judges as it reads and settles
once; nothing is decided in the shells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from enforcement.analysis.camera_reads import daily_reads, hourly_rows
from enforcement.analysis.camera_records import records_at
from enforcement.analysis.duplicates import Passages, repeated
from enforcement.analysis.sightings import collect_sightings
from enforcement.analysis.suspects import Suspects
from enforcement.doubts.asking import doubt
from enforcement.findings import Reason, Verdict
from enforcement.matching.matcher import match_hits
from enforcement.matching.speed_limits import under_limits
from enforcement.matching.warning_periods import only_warned_of
from enforcement.speeding import find_speeding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from enforcement.doubts.asking import Doubts
    from enforcement.index.layout import Rules
    from enforcement.speeding import Speeding
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
    unread_camera, unread_at_us
        (u,) the camera, -1 for an unknown one, and the instant of rows without a readable plate.
    passages
        The n rows of the batch that passed steps 0 and 1, in its order; `outcome` is the verdict.
    violations
        Places among the n rows of those that are violations, and of those that settling may find
        to be violations by speed; the columns that follow are theirs.
    reason, restriction, permit, grant, vehicle_class
        As in `VerdictBatch`, but the reason is OVER_SPEED where nothing else is wrong.
    """

    counts: npt.NDArray[np.int64]
    rejected: npt.NDArray[np.int32]
    rejected_verdict: npt.NDArray[np.uint8]
    unread_camera: npt.NDArray[np.int32]
    unread_at_us: npt.NDArray[np.int64]
    passages: Passages
    violations: npt.NDArray[np.int32]
    reason: npt.NDArray[np.uint8]
    restriction: npt.NDArray[np.int32]
    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]
    vehicle_class: npt.NDArray[np.uint8]

    @property
    def violation_rows(self) -> npt.NDArray[np.int32]:
        """Rows of the batch that `violations` are, ascending."""
        return self.rows_of(self.violations)

    def told_apart(self, id_hash: npt.NDArray[np.uint64]) -> JudgedBatch:
        """Tell violations from their twins by (v,) hashes of their derived hit_ids, not by place."""
        own = id_hash.view(np.int64) ^ (self.vehicle_class.astype(np.int64) << 8)
        return replace(self, passages=replace(self.passages, own=own))

    def rows_of(self, places: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """Return the rows of the batch that stand at some places among the n that passed."""
        before = self.rejected - np.arange(self.rejected.size)
        skipped = np.searchsorted(before, places, side="right")
        return (places + skipped).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What the hits of a period are to each other.

    Attributes
    ----------
    counts
        (6,) hits by verdict, duplicates left out.
    duplicates
        How many hits were dropped as duplicates.
    repeated
        For each batch, (its passages,) True for those.
    kept
        For each batch, (its violations,) True for those that are violations and stay.
    suspects
        Those that stay of all batches, in their order.
    held
        For each batch, (its violations that stay,) the doubt that holds each, as of
        `enforcement.analysis.holding`.
    warning
        (v,) of the suspects, True for those that are only warned of.
    speeding
        The drives of those by speed, in the order of `suspects`.
    doubts
        What the hits say against the violations, and of the cameras that read them.
    """

    counts: npt.NDArray[np.int64]
    duplicates: int
    repeated: tuple[npt.NDArray[np.bool_], ...]
    kept: tuple[npt.NDArray[np.bool_], ...]
    suspects: Suspects
    held: tuple[npt.NDArray[np.uint8], ...]
    warning: npt.NDArray[np.bool_]
    speeding: Speeding
    doubts: Doubts


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
    by_speed = under_limits(rules, hits.plate_key, verdicts)
    violations = np.flatnonzero((verdict == Verdict.VIOLATION) | by_speed[row]).astype(np.int32)
    rejected = np.flatnonzero(~passed).astype(np.int32)
    unread = rejected[verdicts.verdict[rejected] == Verdict.UNREADABLE]
    if hit_id_hash is None:
        id_high, id_low = np.zeros(0, np.uint64), np.zeros(0, np.uint32)
    else:
        id_high = hit_id_hash[row, 0]
        id_low = hit_id_hash[row, 1].astype(np.uint32)
    at = row[violations]
    return JudgedBatch(
        counts=np.bincount(verdicts.verdict, minlength=len(Verdict)),
        rejected=rejected,
        rejected_verdict=verdicts.verdict[rejected],
        unread_camera=hits.camera[unread],
        unread_at_us=hits.captured_at_us[unread],
        passages=Passages(
            plate_key=hits.plate_key[row],
            plate_class=hits.plate_class[row],
            camera=hits.camera[row],
            captured_at_us=hits.captured_at_us[row],
            id_high=id_high,
            id_low=id_low,
            outcome=verdict,
            own_rows=violations,
            own=_own_outcomes(violations, hits.vehicle_class[at], id_high),
        ),
        violations=violations,
        reason=np.where(by_speed[at], np.uint8(Reason.OVER_SPEED), verdicts.reason[at]),
        restriction=verdicts.restriction[at],
        permit=verdicts.permit[at],
        grant=verdicts.grant[at],
        vehicle_class=verdicts.vehicle_class[at],
    )


def _own_outcomes(
    violations: npt.NDArray[np.int32],
    vehicle_class: npt.NDArray[np.uint8],
    id_high: npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64]:
    """Return what dropping one violation rather than its twin would change.

    Rows that are no violation only count by their verdict. A violation is told from its twin by
    its hit_id; where it has none, by its place, so that the twins are looked at.
    """
    place = violations.astype(np.int64) + 1
    own = id_high[violations].astype(np.int64) if id_high.size else np.zeros_like(place)
    own = np.where(own == 0, place << 20, own)
    told: npt.NDArray[np.int64] = own ^ (vehicle_class.astype(np.int64) << 8)
    return told


def settle(
    rules: Rules,
    parts: Sequence[JudgedBatch],
    ranker: Ranker,
    *,
    side_plates: Sequence[str] | None = None,
    workers: int = 1,
) -> Settlement:
    """Find the duplicates among judged hits, and the doubts about the violations that are left.

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
    side_plates
        The side table that the plate keys of the hits point into; None for that of the rules.
    workers
        Threads to use; the answer does not depend on it.

    Returns
    -------
    Settlement
        Counts without duplicates, the violations that stay, and what holds them; the same
        however the hits are cut into batches.
    """
    counts = np.zeros(len(Verdict), np.int64)
    for part in parts:
        counts += part.counts
    starts = np.cumsum([0, *(len(part.passages) for part in parts)])

    def texts_of(rows: npt.NDArray[np.int64]) -> Sequence[tuple[str, ...]]:
        batch = np.searchsorted(starts, rows, side="right") - 1
        return ranker(
            [
                (b, int(parts[b].rows_of(np.array([row - starts[b]]))[0]))
                for b, row in zip(batch.tolist(), rows.tolist(), strict=True)
            ]
        )

    passages = [part.passages for part in parts]
    every = repeated(passages, rules.judgement.duplicate_seconds, texts_of, workers=workers)
    dropped = np.split(every, starts[1:-1]) if parts else []
    kept = []
    for part, mine in zip(parts, dropped, strict=True):
        counts -= np.bincount(part.passages.outcome[mine], minlength=len(Verdict))
        kept.append(~mine[part.violations])
    suspects = _suspects(
        rules, parts, kept, rules.side_plates if side_plates is None else side_plates
    )
    speeding = find_speeding(rules, suspects)
    kept, suspects = _with_speeding(kept, suspects, speeding)
    for part, stays in zip(parts, kept, strict=True):
        by_speed = part.violations[stays & (part.reason == Reason.OVER_SPEED)]
        counts -= np.bincount(part.passages.outcome[by_speed], minlength=len(Verdict))
        counts[Verdict.VIOLATION] += by_speed.size
    reads = daily_reads(
        rules,
        hourly_rows((some.camera, some.captured_at_us) for some in passages),
        hourly_rows((part.unread_camera, part.unread_at_us) for part in parts),
    )
    doubts = doubt(
        rules,
        suspects,
        speeding,
        reads,
        lambda plates: collect_sightings(rules, passages, dropped, plates),
    )
    warning = only_warned_of(rules, suspects.record, suspects.restriction, suspects.captured_at_us)
    warning[suspects.reason == Reason.OVER_SPEED] = speeding.only_warned_of(
        rules, speeding.captured_at_us
    )
    return Settlement(
        counts=counts,
        duplicates=int(every.sum()),
        repeated=tuple(dropped),
        kept=tuple(kept),
        suspects=suspects,
        held=tuple(_by_part(doubts.held, kept)),
        warning=warning,
        speeding=speeding,
        doubts=doubts,
    )


def _with_speeding(
    kept: Sequence[npt.NDArray[np.bool_]], suspects: Suspects, speeding: Speeding
) -> tuple[list[npt.NDArray[np.bool_]], Suspects]:
    """Leave out the hits that might have been violations by speed and are none; name the permits."""
    stays = suspects.reason != Reason.OVER_SPEED
    stays[speeding.row] = True
    permit, grant = suspects.permit.copy(), suspects.grant.copy()
    permit[speeding.row], grant[speeding.row] = speeding.second.permit, speeding.second.grant
    named = replace(suspects, permit=permit, grant=grant)
    left = [mine.copy() for mine in kept]
    for mine, some in zip(left, _by_part(stays, kept), strict=True):
        mine[mine] = some
    return left, named.some(np.flatnonzero(stays))


def _by_part(column: npt.NDArray[Any], kept: Sequence[npt.NDArray[np.bool_]]) -> list[Any]:
    """Cut a column of all violations that stay into those of each part."""
    ends = np.cumsum([int(stays.sum()) for stays in kept])
    return np.split(column, ends[:-1]) if kept else []


def _suspects(
    rules: Rules,
    parts: Sequence[JudgedBatch],
    kept: Sequence[npt.NDArray[np.bool_]],
    side_plates: Sequence[str],
) -> Suspects:
    """Put what stays of all batches into columns, in the order of the batches."""

    def column(of: Callable[[JudgedBatch, npt.NDArray[np.bool_]], Any], kind: Any) -> Any:
        pieces = [of(part, stays) for part, stays in zip(parts, kept, strict=True)]
        return np.concatenate([np.zeros(0, kind), *pieces])

    def of_passage(name: str, kind: Any) -> Any:
        return column(
            lambda part, stays: getattr(part.passages, name)[part.violations[stays]], kind
        )

    def of_verdict(name: str, kind: Any) -> Any:
        return column(lambda part, stays: getattr(part, name)[stays], kind)

    camera = of_passage("camera", np.int32)
    at = of_passage("captured_at_us", np.int64)
    return Suspects(
        plate_key=of_passage("plate_key", np.uint64),
        plate_class=of_passage("plate_class", np.uint8),
        camera=camera,
        captured_at_us=at,
        vehicle_class=of_verdict("vehicle_class", np.uint8),
        record=records_at(rules, camera, at),
        reason=of_verdict("reason", np.uint8),
        restriction=of_verdict("restriction", np.int32),
        permit=of_verdict("permit", np.int32),
        grant=of_verdict("grant", np.int32),
        side_plates=side_plates,
    )
