"""Whether a state that was read is one that `advance` can go on with.

Whoever writes other bytes can write their hash beside them. So no kernel runs, and nothing is looked
up, by a number that was not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.findings import HELD_CODES, VERDICT_NAMES, Reason, Verdict
from enforcement.index.civil_time import FIRST_INSTANT_US, LAST_INSTANT_US
from enforcement.settling.believed_step import STEPS
from enforcement.settling.judged_rows import (
    NOT_TOLD,
    PASSAGE_COLUMNS,
    UNREAD_COLUMNS,
    VIOLATION_COLUMNS,
    WARNED,
)
from ingest.hits import NO_PLATE, NO_PLATE_CLASS, VEHICLE_CLASSES
from ingest.plate_keys import SIDE_MARK, pack_plate, unpack_plate
from ingest.plates import is_plausible, normalise_plate

if TYPE_CHECKING:
    from enforcement.index.layout import Rules
    from enforcement.settling.judged_rows import JudgedRows
    from enforcement.settling.state import SettlingState

_MOST: Final = 1 << 62  # hits, and microseconds


def check_state(rules: Rules, state: SettlingState) -> None:
    """Raise ValueError, saying what is wrong, unless a state fits in itself and to its rules."""
    final, rows = state.final, state.rows
    _check_number("horizon_us", state.horizon_us, STEPS, _MOST)
    _check_number("the rest of horizon_us", state.horizon_us % STEPS, 0, 1)
    if state.step is not None:
        first, last = FIRST_INSTANT_US // state.step_us, LAST_INSTANT_US // state.step_us
        _check_number("step", state.step, first, last + 1)
    if final.counts.shape != (len(Verdict),):
        raise ValueError(f"it counts {final.counts.size} verdicts, not {len(Verdict)}")
    counts = dict(zip(VERDICT_NAMES, final.counts.tolist(), strict=True))
    for name in ("duplicates", "too_late", "too_early"):
        counts[name] = getattr(final, name)
    for name, count in counts.items():
        _check_number(name, count, 0, _MOST)
    _check_sizes(rows)
    _check_ranges(rules, rows)
    _check_order(rows)
    _check_texts(rules, rows)


def _check_number(name: str, number: object, least: int, beyond: int) -> None:
    if type(number) is not int or not least <= number < beyond:
        raise ValueError(f"{name} is {number!r}")


def _check_sizes(rows: JudgedRows) -> None:
    judged = rows.judged
    for names, of, size in (
        (PASSAGE_COLUMNS, judged.passages, len(rows.hit_id)),
        (VIOLATION_COLUMNS, judged, judged.violations.size),
        (UNREAD_COLUMNS, judged, judged.unread_at_us.size),
        (("told",), rows, judged.violations.size),
    ):
        for name in names:
            if getattr(of, name).size != size:
                raise ValueError(f"{name} has {getattr(of, name).size} rows, not {size}")


def _check_ranges(rules: Rules, rows: JudgedRows) -> None:
    """Look at every number that is a place somewhere."""
    judged, passages = rows.judged, rows.judged.passages
    cameras, violations = len(rules.camera_ids), judged.violations
    doubt = np.where(rows.told == NOT_TOLD, 1, rows.told % WARNED)
    classes = passages.plate_class[passages.plate_class != NO_PLATE_CLASS]
    for name, column, least, beyond in (
        ("captured_at_us", passages.captured_at_us, FIRST_INSTANT_US, LAST_INSTANT_US),
        ("plate_key", passages.plate_key, NO_PLATE + 1, SIDE_MARK + len(rows.side_plates)),
        ("plate_class", classes, 0, 100),
        ("camera", passages.camera, 0, cameras),
        ("outcome", passages.outcome, Verdict.NOT_RESTRICTED, len(Verdict)),
        ("violations", violations, 0, len(rows)),
        ("restriction", judged.restriction, -1, len(rules.restriction_ids)),
        ("permit", judged.permit, -1, len(rules.permit_ids)),
        ("grant", judged.grant, -1, rules.grant_route.size),
        ("reason", judged.reason, Reason.NONE + 1, len(Reason)),
        ("vehicle_class", judged.vehicle_class, 0, len(VEHICLE_CLASSES)),
        ("told", doubt, 1, len(HELD_CODES) + 2),
        ("unread_at_us", judged.unread_at_us, FIRST_INSTANT_US, LAST_INSTANT_US),
        ("unread_camera", judged.unread_camera, 0, cameras),
    ):
        if column.size and not (least <= int(column.min()) and int(column.max()) < beyond):
            raise ValueError(f"{name} has a number out of {least} to {beyond - 1}")


def _check_order(rows: JudgedRows) -> None:
    judged = rows.judged
    for name, column, least_step in (
        ("captured_at_us", rows.captured_at_us, 0),
        ("violations", judged.violations, 1),
        ("unread_at_us", judged.unread_at_us, 0),
    ):
        if (np.diff(column) < least_step).any():
            raise ValueError(f"{name} is not in order")


def _check_texts(rules: Rules, rows: JudgedRows) -> None:
    count = len(rules.side_plates)
    known, others = rows.side_plates[:count], rows.side_plates[count:]
    if known != rules.side_plates or [*others] != sorted({*others}.difference(known)):
        raise ValueError("side_plates are not those of the rules, and others in order")
    for plate in others:
        if not is_plausible(plate) or normalise_plate(plate) != plate or pack_plate(plate):
            raise ValueError(f"side_plates has {plate!r}, which does not belong there")
    rows.hit_id.validate(full=True)
    # Only plates of violations are ever taken apart, by kernels that trust them.
    keys = np.unique(rows.judged.passages.plate_key[rows.judged.violations])
    for key in keys[keys < SIDE_MARK].tolist():
        packed = unpack_plate(key)
        if packed is None or not is_plausible(packed) or pack_plate(packed) != key:
            raise ValueError(f"plate_key has {key}, which is no plate's")
