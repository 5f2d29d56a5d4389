"""A violation explained by all that is known of it: by the hits of its period, or by a sweep's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enforcement.errors import EnforcementError
from enforcement.explaining.answers import answers_of_rules
from enforcement.explaining.camera_words import CAMERA_COLUMNS
from enforcement.explaining.doubtful_hit import doubtful_hit
from enforcement.explaining.full_explanation import (
    as_duplicate,
    as_over_speed,
    explain_by_rules,
    tell_doubts,
)
from enforcement.explaining.passage_words import case_step, duplicate_step, other_rules_step
from enforcement.explaining.period_evidence import answers_of_hits
from enforcement.explaining.speeding_doubt import (
    ends_of_drive,
    speeding_doubt_step,
    with_class_seen,
)
from enforcement.explaining.swept_evidence import answers_of_result
from enforcement.findings import Verdict
from enforcement.matching.explain import explain_hit
from enforcement.matching.single_hit import Hit
from enforcement.matching.wording import Step
from enforcement.progress import quiet
from enforcement.reports.speed_words import speed_words
from enforcement.reports.words import HELD, REASONS, Words
from enforcement.result_folder import read_result
from enforcement.sweep import judge_hits
from ingest.hits import NO_PLATE_CLASS
from ingest.plate_classes import plate_class_code
from ingest.plate_keys import PlateKeys
from ingest.plates import normalise_plate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.explaining.full_explanation import FullExplanation
    from enforcement.index.layout import Rules
    from enforcement.progress import Progress
    from enforcement.rules_source import RulesSource
    from enforcement.sweep import JudgedHits

_COLUMNS: Final = (
    *("violation_id", "hit_id", "camera_id", "plate", "plate_class", "vehicle_class"),
    *("captured_at", "reason", "held", "warning", "restriction_id", "permit_id", "route_id"),
    *("case_id", "rules_hash"),
)
_DRIVE: Final = (
    *("max_speed_kmh", "from_camera_id", "to_camera_id", "metres", "seconds"),
    *("clock_error_seconds", "least_kmh"),
)
# What is read of the tables beside the violations.
_EVIDENCE: Final = {
    "cases": ("case_id", "violations", "first_at", "last_at"),
    "camera_health": ("camera_id", "day", "quarantined", *CAMERA_COLUMNS),
    "over_speed": ("violation_id", "permit_id", "from_at", *_DRIVE),
    "clones": (
        *("plate", "from_camera_id", "to_camera_id"),
        *("seconds", "lacking_seconds", "impossible_drives"),
    ),
}


class Wanted(NamedTuple):
    """Which violation to explain: by its violation_id or hit_id, or by plate, camera and instant."""

    name: str | None
    hit: Hit | None


def explain_in_hits(
    source: RulesSource,
    sources: Sequence[str],
    wanted: Wanted,
    workers: int,
    progress: Progress = quiet,
) -> FullExplanation:
    """Judge files of hits as a sweep does, and explain one of them.

    Parameters
    ----------
    source
        The city or its rules.
    sources
        Files, folders or URLs of hits.
    wanted
        One of the hits.
    workers
        Threads to use; the answer does not depend on it.
    progress
        Told ``(stage, done, total)`` as work goes on.

    Raises
    ------
    EnforcementError
        `no_such_violation`: there is no such hit.
    HitFileError
        A file that cannot be read.
    """
    judged = judge_hits(
        source.rules, sources, workers=workers, keep_rejected=_forget, progress=progress
    )
    return explain_judged(source, judged, wanted)


def explain_judged(source: RulesSource, judged: JudgedHits, wanted: Wanted) -> FullExplanation:
    """Explain one of many hits that are judged and settled; raises as `explain_in_hits`."""
    row = _find(judged.violations, wanted)
    if row is None:
        return _no_violation(source, judged, wanted)
    rules = source.rules
    doubtful = doubtful_hit(rules, judged.plate_keys, _hit_of(row))
    if doubtful is None:
        told = _too_fast_in_hits(rules, row, judged)
    else:
        answers = answers_of_hits(doubtful, judged.settled.doubts)
        told = tell_doubts(doubtful, answers, source.coverage)
    return told.with_step(case_step(rules, _row(judged.cases, "case_id", row["case_id"])))


def explain_in_result(source: RulesSource, out: str, wanted: Wanted) -> FullExplanation:
    """Explain a violation that a sweep found, by what the sweep wrote.

    Parameters
    ----------
    source
        The city or its rules; if they are not those of the sweep, its evidence is left out.
    out
        Folder or URL of the sweep's results.
    wanted
        One of its violations.

    Raises
    ------
    EnforcementError
        `no_such_violation`: the sweep found no such violation.
    SweepError
        `no_results`: there are no results, or they cannot be read.
    """
    violations = read_result(out, "violations.parquet", _COLUMNS, since={"warning": False})
    if violations is None:
        raise EnforcementError("no_results", "there is no violations.parquet of a sweep", out)
    row = _find(violations, wanted)
    if row is None:
        raise EnforcementError("no_such_violation", _nothing_like(violations, wanted), out)
    rules, hit = source.rules, _hit_of(row)
    doubtful = doubtful_hit(rules, PlateKeys(rules.side_plates), hit)
    if row["rules_hash"] != rules.content_hash:
        changed = other_rules_step(row, rules.content_hash)
        return explain_by_rules(rules, hit, source.coverage).with_step(changed)
    if doubtful is None:
        told = _too_fast_in_result(rules, row, out)
    else:
        health, clones = _evidence(out, "camera_health"), _evidence(out, "clones")
        answers = answers_of_result(answers_of_rules(doubtful), row, health, clones)
        told = tell_doubts(doubtful, answers, source.coverage)
    cases = _evidence(out, "cases")
    return told.with_step(case_step(rules, _row(cases, "case_id", row["case_id"])))


def _too_fast_in_hits(rules: Rules, row: dict[str, Any], judged: JudgedHits) -> FullExplanation:
    """Explain a violation by speed by the hits of its period."""
    drive, doubt = _row(judged.over_speed, "violation_id", row["violation_id"]), None
    if drive is not None and row["held"] is not None:
        ends = ends_of_drive(rules, judged.plate_keys, _hit_of(row), drive)
        ends = with_class_seen(ends, judged.settled.speeding)
        evidence = judged.settled.doubts
        told = answers_of_hits(ends.first, evidence), answers_of_hits(ends.second, evidence)
        doubt = speeding_doubt_step(ends, told, row["held"])
    return _too_fast(rules, row, "hits", drive, doubt)


def _too_fast_in_result(rules: Rules, row: dict[str, Any], out: str) -> FullExplanation:
    """Explain a violation by speed by what a sweep wrote."""
    drive, doubt = _row(_evidence(out, "over_speed"), "violation_id", row["violation_id"]), None
    if drive is not None and row["held"] is not None:
        ends = ends_of_drive(rules, PlateKeys(rules.side_plates), _hit_of(row), drive)
        health, clones = _evidence(out, "camera_health"), _evidence(out, "clones")
        first = {"camera_id": drive["from_camera_id"], "captured_at": drive["from_at"]}
        told = (
            answers_of_result(answers_of_rules(ends.first), row | first, health, clones),
            answers_of_result(answers_of_rules(ends.second), row, health, clones),
        )
        doubt = speeding_doubt_step(ends, told, row["held"])
    return _too_fast(rules, row, "result", drive, doubt)


def _too_fast(
    rules: Rules,
    row: dict[str, Any],
    asked: str,
    drive: dict[str, Any] | None,
    doubt: Step | None,
) -> FullExplanation:
    """Explain a violation that no rule but a speed limit makes one: that of the drive to it.

    A doubt that holds it and cannot be told by its evidence is told by its name.
    """
    zh, en = REASONS["over_speed"].zh, REASONS["over_speed"].en.capitalize()
    words = speed_words(drive, ZoneInfo(rules.timezone)) if drive else Words(f"{zh}。", f"{en}.")
    told = drive and {name: drive[name] for name in _DRIVE}
    held = row["held"]
    doubts = {}
    if held is not None:
        zh, en = HELD[held].zh, HELD[held].en
        named = Step(f"doubt_{held}", f"{zh}。", f"{en[:1].upper()}{en[1:]}.", {"state": "holds"})
        doubts[held] = doubt or named
    step = Step("over_speed", words.zh, words.en, {"permit_id": row["permit_id"], "drive": told})
    return as_over_speed(explain_hit(rules, _hit_of(row)), row, asked, step, doubts)


def _evidence(out: str, name: str) -> pa.Table:
    """Read what a sweep wrote beside its violations, empty where it did not."""
    columns = _EVIDENCE[name]
    found = read_result(out, f"{name}.parquet", columns)
    return pa.table({column: [] for column in columns}) if found is None else found


def _no_violation(source: RulesSource, judged: JudgedHits, wanted: Wanted) -> FullExplanation:
    """Explain a hit that is among those judged, and not among the violations that stay."""
    hit = wanted.hit
    if hit is None:
        raise EnforcementError("no_such_violation", _nothing_like(judged.violations, wanted))
    rules = source.rules
    told = explain_by_rules(rules, hit, source.coverage)
    if told.verdict < Verdict.NOT_RESTRICTED:
        return told
    camera = rules.camera_ids.index((hit.camera_id or "").strip())
    key = judged.plate_keys.key_of_text(hit.plate or "")
    plate_class = plate_class_code(hit.plate_class)
    readings: list[tuple[int, int]] = []
    for part in judged.passages:
        mine = (part.plate_key == np.uint64(key)) & (part.camera == camera)
        if plate_class != NO_PLATE_CLASS:
            mine &= part.plate_class == plate_class
        rows = np.flatnonzero(mine)
        readings += zip(
            part.captured_at_us[rows].tolist(), part.outcome[rows].tolist(), strict=True
        )
    at_us = hit.captured_at_us
    outcomes = {outcome for instant_us, outcome in readings if instant_us == at_us}
    if not outcomes:
        instants = pa.array(
            [instant_us for instant_us, _ in readings], pa.timestamp("us", tz="UTC")
        )
        raise EnforcementError("no_such_violation", _not_then(hit, instants))
    if Verdict.VIOLATION not in outcomes:
        return told
    near_us = (at_us or 0) - round(rules.judgement.duplicate_seconds * 1e6)
    earlier = [one for one, _ in readings if near_us <= one < (at_us or 0)]
    step = duplicate_step(rules, max(earlier, default=None))
    return as_duplicate(explain_hit(rules, hit), step)


def _find(violations: pa.Table, wanted: Wanted) -> dict[str, Any] | None:
    """Return the violation that is wanted as a row, None if there is none.

    Raises
    ------
    EnforcementError
        `several_violations`: plate, camera and instant are those of more than one.
    """
    if wanted.hit is None:
        name = pa.scalar(wanted.name, pa.string())
        mine = pc.or_(
            pc.equal(violations["violation_id"], name), pc.equal(violations["hit_id"], name)
        )
    else:
        at = pa.scalar(wanted.hit.captured_at_us, pa.timestamp("us", tz="UTC"))
        mine = pc.and_(_of_plate(violations, wanted.hit), pc.equal(violations["captured_at"], at))
    rows = violations.select(_COLUMNS).filter(mine).to_pylist()
    if len(rows) > 1:
        names = ", ".join(row["violation_id"] for row in rows)
        raise EnforcementError("several_violations", f"give --violation, one of {names}")
    return rows[0] if rows else None


def _of_plate(violations: pa.Table, hit: Hit) -> pa.ChunkedArray:
    """Tell which violations are of a hit's plate and camera, and of its class if it has one."""
    mine = pc.and_(
        pc.equal(violations["plate"], normalise_plate(hit.plate)),
        pc.equal(violations["camera_id"], (hit.camera_id or "").strip()),
    )
    plate_class = plate_class_code(hit.plate_class)
    if plate_class != NO_PLATE_CLASS:
        same = pc.equal(violations["plate_class"], f"{plate_class:02d}")
        mine = pc.and_(mine, pc.fill_null(same, fill_value=False))
    return mine


def _nothing_like(violations: pa.Table, wanted: Wanted) -> str:
    """Say that a violation is not there, and what comes nearest."""
    if wanted.hit is None:
        return f"no violation has the violation_id or hit_id {wanted.name!r}"
    mine = violations["captured_at"].filter(_of_plate(violations, wanted.hit))
    return _not_then(wanted.hit, mine)


def _not_then(hit: Hit, instants: pa.Array | pa.ChunkedArray) -> str:
    """Say that a camera did not read a plate at an instant, and when it did."""
    what = f"camera {hit.camera_id} did not read {hit.plate} at that instant"
    if not len(instants):
        return f"{what}, nor at any other"
    at_us = np.asarray(instants.cast(pa.int64()))
    nearest = int(at_us[np.argmin(np.abs(at_us - (hit.captured_at_us or 0)))])
    return f"{what}; the nearest is --at {np.datetime64(nearest, 'us')}Z"


def _row(table: pa.Table, column: str, value: str | None) -> dict[str, Any] | None:
    """Return the row whose column has a value, None if there is none."""
    if value is None or not table.num_rows:
        return None
    rows = table.filter(pc.equal(table[column], value)).to_pylist()
    return rows[0] if rows else None


def _hit_of(row: dict[str, Any]) -> Hit:
    """Return the hit of a violation, with the class that was judged."""
    at = np.datetime64(row["captured_at"].replace(tzinfo=None), "us")
    return Hit(
        camera_id=row["camera_id"],
        plate=row["plate"],
        plate_class=row["plate_class"],
        vehicle_class=row["vehicle_class"],
        captured_at_us=int(at.astype(np.int64)),
        class_as_judged=True,
    )


def _forget(rejected: pa.Table) -> None:
    """Keep nothing of the hits that cannot be judged."""
