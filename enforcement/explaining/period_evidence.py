"""What the hits of a period say of one violation: every doubt answered, with the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from enforcement.analysis.camera_records import camera_id_of
from enforcement.analysis.least_seconds import least_seconds
from enforcement.doubt_tables import camera_health_table
from enforcement.doubts.alike_violators import alike_violators
from enforcement.doubts.asking import ask_each, ask_of_hits
from enforcement.explaining.answers import Answers, PlateSeenTwice
from enforcement.explaining.camera_words import camera_day
from enforcement.findings import Reason

if TYPE_CHECKING:
    from enforcement.doubts.asking import Evidence
    from enforcement.explaining.doubtful_hit import DoubtfulHit


def answers_of_hits(doubtful: DoubtfulHit, evidence: Evidence) -> Answers:
    """Ask every doubt as a sweep of the period asks it.

    Parameters
    ----------
    doubtful
        A violation of the period, or a hit of a drive that is one, its plate's key as in the evidence.
    evidence
        Of the period.
    """
    by_speed = doubtful.suspect.reason[0] == Reason.OVER_SPEED
    ask = ask_of_hits if by_speed else ask_each
    asked = ask(doubtful.rules, evidence, doubtful.suspect)
    holds = {code: bool(told[0]) for code, told in asked.items()}
    return Answers(
        "hits",
        holds,
        camera_day=_camera_day(doubtful, evidence, believed=not holds["camera"]),
        drive=_drive(doubtful, evidence) if holds["implausible_travel"] else None,
        violators=_violators(doubtful, evidence),
    )


def _violators(doubtful: DoubtfulHit, evidence: Evidence) -> tuple[str, ...]:
    """Return the plates with violations that this one may be a misreading of."""
    found = alike_violators(evidence.sightings, doubtful.suspect).plate_key.tolist()
    return tuple(sorted(doubtful.plate_keys.text(key) for key in found))


def _camera_day(
    doubtful: DoubtfulHit, evidence: Evidence, *, believed: bool
) -> dict[str, Any] | None:
    """Return what the hits say of the camera on the day, as a row of camera_health.parquet."""
    table = camera_health_table(doubtful.rules, evidence)
    camera_id = camera_id_of(doubtful.rules, doubtful.record)
    return camera_day(table, camera_id, doubtful.at_us, believed=believed)


def _drive(doubtful: DoubtfulHit, evidence: Evidence) -> PlateSeenTwice:
    """Return the impossible drive that speaks most directly against this sighting."""
    rules = doubtful.rules
    sightings, drives = evidence.sightings, evidence.impossible
    mine = np.flatnonzero(sightings.plate_key[drives.before] == doubtful.suspect.plate_key[0])
    ends_us = sightings.captured_at_us[np.stack((drives.before[mine], drives.after[mine]))]
    away_us = np.abs(ends_us - doubtful.at_us).min(axis=0)
    # The nearest in time; of those with this very sighting at an end, what lacks most.
    drive = int(mine[np.lexsort((-drives.lacking_s[mine], away_us))[0]])
    before, after = int(drives.before[drive]), int(drives.after[drive])
    ends = np.array([before, after])
    elapsed_s = float(np.diff(sightings.captured_at_us[ends])[0]) / 1e6
    least_s = least_seconds(rules, sightings.record[ends[:1]], sightings.record[ends[1:]])[0]
    return PlateSeenTwice(
        from_camera_id=camera_id_of(rules, int(sightings.record[before])),
        to_camera_id=camera_id_of(rules, int(sightings.record[after])),
        from_us=int(sightings.captured_at_us[before]),
        to_us=int(sightings.captured_at_us[after]),
        elapsed_s=elapsed_s,
        least_s=round(float(least_s), 1),
        lacking_s=round(float(drives.lacking_s[drive]), 1),
        times=int(mine.size),
    )
