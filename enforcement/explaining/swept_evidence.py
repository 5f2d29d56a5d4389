"""What a sweep's result says of one of its violations, as far as its tables have the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from enforcement.explaining.answers import PlateSeenTwice
from enforcement.explaining.camera_words import camera_day
from enforcement.findings import HELD_CODES

if TYPE_CHECKING:
    import pyarrow as pa

    from enforcement.explaining.answers import Answers


def answers_of_result(
    answers: Answers, row: dict[str, Any], health: pa.Table, clones: pa.Table
) -> Answers:
    """Complete what the rules alone say by what a sweep found.

    Parameters
    ----------
    answers
        By the rules that the sweep judged by.
    row
        The violation, of VIOLATIONS_SCHEMA.
    health, clones
        Of CAMERA_HEALTH_SCHEMA and CLONES_SCHEMA what is asked for here; no rows where a sweep wrote none.

    Returns
    -------
    Answers
        Doubts behind the one that held the violation stay open where the rules leave them open: a
        sweep keeps the first code only.
    """
    holds = dict(answers.holds)
    held = row["held"]
    at_us = round(row["captured_at"].timestamp() * 1e6)
    asked = HELD_CODES.index(held) if held else len(HELD_CODES)
    for place, code in enumerate(HELD_CODES[: asked + 1]):
        if holds[code] is None:
            holds[code] = place == asked
    return replace(
        answers,
        asked="result",
        holds=holds,
        camera_day=camera_day(health, row["camera_id"], at_us, believed=not holds["camera"]),
        drive=_drive(row, clones) if holds["implausible_travel"] else None,
    )


def _drive(row: dict[str, Any], clones: pa.Table) -> PlateSeenTwice | None:
    """Return the impossible drive that the sweep lists of the plate, if it is a suspected clone."""
    if not clones.num_rows:
        return None
    found = clones.filter(pc.equal(clones["plate"], row["plate"])).to_pylist()
    if not found:
        return None
    best = max(found, key=lambda one: one["lacking_seconds"])
    return PlateSeenTwice(
        from_camera_id=best["from_camera_id"],
        to_camera_id=best["to_camera_id"],
        from_us=None,
        to_us=None,
        elapsed_s=best["seconds"],
        least_s=None,
        lacking_s=best["lacking_seconds"],
        times=best["impossible_drives"],
    )
