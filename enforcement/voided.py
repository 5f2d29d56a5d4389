"""What an earlier sweep suspected of hits that the same hits are not suspected of any more, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enforcement.findings import VERDICT_NAMES, VOIDED_SCHEMA, Verdict
from enforcement.matching.matcher import match_hits
from enforcement.rules.knowledge import late_record
from ingest.hits import CAMERA_UNKNOWN, NO_PLATE_CLASS, HitBatch
from ingest.vehicle_classes import vehicle_class_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.analysis.duplicates import Passages
    from enforcement.index.layout import Rules
    from enforcement.rules.permits import Permit
    from ingest.plate_keys import PlateKeys

# What a violation that was suspected may be now.
VOIDED_AS: Final = (
    "permitted",
    "not_restricted",
    "warning",
    "held",
    "duplicate",
    "unreadable",
    "unknown_camera",
)
_NOW: Final = VOIDED_SCHEMA.get_field_index("now")
SUSPICION_COLUMNS: Final = tuple(VOIDED_SCHEMA.names[:_NOW])


@dataclass(frozen=True, slots=True, eq=False)
class SweptAgain:
    """A sweep, as far as it says what became of earlier suspicions.

    Attributes
    ----------
    rules
        The rules that it judged by.
    permits
        The permits of these rules as the city states them, in any order; empty if only the rules
        are at hand: what was recorded late is then not told.
    plate_keys
        What the keys of the hits mean.
    passages
        Every hit that passed steps 0 and 1, coded by `rules` and `plate_keys`.
    violations, rejected
        Its tables; of `rejected`, hit_id and verdict.
    """

    rules: Rules
    permits: Sequence[Permit]
    plate_keys: PlateKeys
    passages: Sequence[Passages]
    violations: pa.Table
    rejected: pa.Table


def suspicions(violations: pa.Table, voided: pa.Table | None) -> pa.Table:
    """Return all that a sweep and those before it suspected, SUSPICION_COLUMNS and `warning`.

    What was voided once stays on the list, so that sweeping again does not forget it.
    """
    suspected = violations.filter(violations["held"].is_null())
    suspected = suspected.select([*SUSPICION_COLUMNS, "warning"])
    if voided is None:
        return suspected
    accused = voided.select(SUSPICION_COLUMNS).append_column(
        "warning", pa.repeat(pa.scalar(value=False), voided.num_rows)
    )
    here = pc.is_in(suspected["violation_id"], value_set=accused["violation_id"])
    return pa.concat_tables([suspected.filter(pc.invert(here)), accused])


def voided_table(earlier: pa.Table, again: SweptAgain) -> pa.Table:
    """Tell which earlier suspicions a new sweep of the same hits does not share.

    Parameters
    ----------
    earlier
        As of `suspicions`: each violation once, judged by any rules.
    again
        The new sweep.

    Returns
    -------
    pyarrow.Table
        VOIDED_SCHEMA, sorted by (captured_at, hit_id). A hit that the new sweep did not read is
        not in it: nothing new is known of it.
    """
    suspected = again.violations.filter(again.violations["held"].is_null())
    accused = suspected.filter(pc.invert(suspected["warning"]))["violation_id"]
    warned = suspected.filter(suspected["warning"])["violation_id"]
    ids = earlier["violation_id"]
    stays = pc.or_(
        pc.is_in(ids, value_set=accused),
        pc.and_(earlier["warning"], pc.is_in(ids, value_set=warned)),
    )
    gone = earlier.filter(pc.invert(stays))
    if not gone.num_rows:
        return VOIDED_SCHEMA.empty_table()
    hits = _as_hits(gone, again)
    now = _what_they_are_now(gone, hits, again)
    permit_ids, late, recorded_at = _what_permits_them(hits, now, again)
    found = gone
    for name, values in (
        ("now", now),
        ("permit_id", permit_ids),
        ("late", late),
        ("recorded_at", recorded_at),
    ):
        found = found.append_column(name, pa.array(values, VOIDED_SCHEMA.field(name).type))
    read = found.filter(found["now"].is_valid()).select(VOIDED_SCHEMA.names).cast(VOIDED_SCHEMA)
    return read.sort_by([("captured_at", "ascending"), ("hit_id", "ascending")])


def count_not_read(earlier: pa.Table, violations: pa.Table, voided: pa.Table) -> int:
    """Return how many earlier suspicions are of hits that a new sweep did not read."""
    told = pa.concat_arrays([one["violation_id"].combine_chunks() for one in (violations, voided)])
    return int(pc.sum(pc.invert(pc.is_in(earlier["violation_id"], value_set=told))).as_py() or 0)


def voided_counts(voided: pa.Table) -> dict[str, int]:
    """Return the number of voided violations by what they are now, of VOIDED_AS."""
    counts = Counter(voided["now"].to_pylist())
    return {name: counts[name] for name in VOIDED_AS}


def _as_hits(gone: pa.Table, again: SweptAgain) -> HitBatch:
    """Return the hits of suspicions as the matcher takes them."""
    camera = pc.index_in(gone["camera_id"], value_set=pa.array(again.rules.camera_ids, pa.string()))
    classes = gone["plate_class"].to_pylist()
    return HitBatch(
        camera=pc.fill_null(camera, CAMERA_UNKNOWN).to_numpy().astype(np.int32),
        plate_key=again.plate_keys.keys_of_texts(gone["plate"].to_pylist()),
        plate_class=np.array(
            [NO_PLATE_CLASS if code is None else int(code) for code in classes], np.uint8
        ),
        vehicle_class=np.array(
            [vehicle_class_code(text) for text in gone["vehicle_class"].to_pylist()], np.uint8
        ),
        captured_at_us=gone["captured_at"].cast(pa.int64()).to_numpy(),
        confidence=np.ones(gone.num_rows),
    )


def _what_they_are_now(gone: pa.Table, hits: HitBatch, again: SweptAgain) -> list[str | None]:
    """Return what became of each suspicion, None where its hit was not read."""
    place = pc.index_in(gone["violation_id"], value_set=again.violations["violation_id"])
    held = again.violations["held"].is_valid().take(place).to_pylist()
    outcomes = _outcomes(hits, again.passages)
    mine = again.rejected.filter(pc.is_in(again.rejected["hit_id"], value_set=gone["hit_id"]))
    rejected = dict(zip(mine["hit_id"].to_pylist(), mine["verdict"].to_pylist(), strict=True))
    now: list[str | None] = []
    for hit_id, is_held, outcome in zip(gone["hit_id"].to_pylist(), held, outcomes, strict=True):
        if is_held is not None:
            now.append("held" if is_held else "warning")
        elif outcome is None:
            now.append(rejected.get(hit_id))
        else:
            now.append("duplicate" if outcome == Verdict.VIOLATION else VERDICT_NAMES[outcome])
    return now


def _outcomes(hits: HitBatch, passages: Sequence[Passages]) -> list[int | None]:
    """Return the verdict that a sweep gave each hit; the mildest where rows are told apart by id only."""
    keys = list(
        zip(
            hits.captured_at_us.tolist(),
            hits.plate_key.tolist(),
            hits.plate_class.tolist(),
            hits.camera.tolist(),
            strict=True,
        )
    )
    found: dict[tuple[int, int, int, int], int] = {}
    wanted = set(keys)
    instants, plates = pa.array(np.unique(hits.captured_at_us)), np.unique(hits.plate_key)
    for part in passages:
        same = pc.is_in(pa.array(part.captured_at_us), value_set=instants)
        row = np.flatnonzero(same.to_numpy(zero_copy_only=False))
        row = row[np.isin(part.plate_key[row], plates)]
        columns = (part.captured_at_us, part.plate_key, part.plate_class, part.camera, part.outcome)
        for *key, outcome in zip(*(column[row].tolist() for column in columns), strict=True):
            place = (key[0], key[1], key[2], key[3])
            if place in wanted:
                found[place] = min(outcome, found.get(place, outcome))
    return [found.get(key) for key in keys]


def _what_permits_them(
    hits: HitBatch, now: Sequence[str | None], again: SweptAgain
) -> tuple[list[str | None], list[str | None], list[int | None]]:
    """Return, for each hit, the permit that covers it, and what of the permit was recorded after the hit."""
    verdicts = match_hits(again.rules, hits)
    covers = (verdicts.verdict == Verdict.PERMITTED) & (np.array(now) == "permitted")
    permit_ids = [
        again.rules.permit_ids[permit] if covered else None
        for permit, covered in zip(verdicts.permit.tolist(), covers.tolist(), strict=True)
    ]
    stated = {permit.permit_id: permit for permit in again.permits}
    records = [
        late_record(stated[permit_id], at_us) if permit_id in stated else None
        for permit_id, at_us in zip(permit_ids, hits.captured_at_us.tolist(), strict=True)
    ]
    late = [record[0] if record else None for record in records]
    return permit_ids, late, [record[1] if record else None for record in records]
