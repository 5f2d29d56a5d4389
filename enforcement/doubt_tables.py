"""What a period's hits say of cameras and of cloned plates, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from enforcement.analysis.camera_clocks import LEAST_PASSAGES
from enforcement.analysis.camera_health import DAY_US
from enforcement.analysis.implausible_travel import CLONE_TIMES, shown_again
from enforcement.findings import CAMERA_HEALTH_SCHEMA, CLONES_SCHEMA
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    from enforcement.doubts.asking import Doubts
    from enforcement.index.layout import Rules
    from ingest.plate_keys import PlateKeys


def camera_health_table(rules: Rules, doubts: Doubts) -> pa.Table:
    """Return CAMERA_HEALTH_SCHEMA: each camera and UTC day, by camera_id and day.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    doubts
        Of the period.
    """
    health = doubts.health
    place = np.searchsorted(rules.camera_record_offsets, health.record, side="right") - 1
    # An error that too few sightings agree on is a coincidence.
    told = health.agreeing >= LEAST_PASSAGES
    fault = np.where(health.wrong_clock, "clock", "travel")
    return pa.table(
        [
            pa.array(rules.camera_ids, pa.string()).take(pa.array(place)),
            pa.array(health.day * DAY_US, pa.timestamp("us", tz="UTC")),
            pa.array(health.sightings, pa.int64()),
            pa.array(health.drives, pa.int64()),
            pa.array(health.impossible, pa.int64()),
            pa.array(health.share.round(4), pa.float64()),
            pa.array(health.agreeing, pa.int64()),
            pa.array(health.error_s.round(1), pa.float64(), mask=~told),
            pa.array(fault, pa.string(), mask=~health.quarantined),
            pa.array(health.quarantined, pa.bool_()),
        ],
        schema=CAMERA_HEALTH_SCHEMA,
    )


def clones_table(rules: Rules, doubts: Doubts, plates: PlateKeys) -> pa.Table:
    """Return CLONES_SCHEMA: vehicles with violations that keep driving the impossible, most first.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    doubts
        Of the period.
    plates
        What the keys of the hits mean.
    """
    drives, sightings = doubts.impossible, doubts.sightings
    before, after, lacking_s = drives.before, drives.after, drives.lacking_s
    _, row, count = np.unique(sightings.vehicle[before], return_index=True, return_counts=True)
    times = shown_again(sightings, drives)[row + count - 1]
    often = np.flatnonzero(times >= CLONE_TIMES)
    names = pa.array(rules.camera_ids, pa.string())
    place = np.searchsorted(rules.camera_record_offsets, sightings.record, side="right") - 1
    found = []
    for number in often.tolist():
        span = slice(int(row[number]), int(row[number]) + int(count[number]))
        worst = int(np.argmax(lacking_s[span])) + span.start
        one, other = int(before[worst]), int(after[worst])
        plate_class = int(sightings.plate_class[one])
        found.append(
            {
                "plate": plates.text(int(sightings.plate_key[one])),
                "plate_class": None if plate_class == NO_PLATE_CLASS else f"{plate_class:02d}",
                "impossible_drives": int(count[number]),
                "first_at": int(sightings.captured_at_us[before[span.start]]),
                "last_at": int(sightings.captured_at_us[after[span.stop - 1]]),
                "from_camera_id": names[place[one]].as_py(),
                "to_camera_id": names[place[other]].as_py(),
                "seconds": (sightings.captured_at_us[other] - sightings.captured_at_us[one]) / 1e6,
                "lacking_seconds": round(float(lacking_s[worst]), 1),
            }
        )
    found.sort(key=lambda one: (-one["impossible_drives"], one["plate"], one["plate_class"] or ""))
    return pa.Table.from_pylist(found, schema=CLONES_SCHEMA)
