"""What a period's hits say of cameras and of cloned plates, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from enforcement.analysis.camera_clocks import LEAST_PASSAGES
from enforcement.analysis.camera_records import cameras_of
from enforcement.analysis.implausible_travel import CLONE_TIMES, shown_again
from enforcement.findings import CAMERA_FAULTS, CAMERA_HEALTH_SCHEMA, CLONES_SCHEMA
from enforcement.index.civil_time import DAY_US
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.doubts.asking import Doubts, Evidence
    from enforcement.index.layout import Rules
    from ingest.plate_keys import PlateKeys

_DAYS: Final = 1 << 17  # more than there are from 1970 to 2100


def camera_health_table(rules: Rules, evidence: Evidence) -> pa.Table:
    """Return CAMERA_HEALTH_SCHEMA: each camera and UTC day, by camera_id, day and record.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    evidence
        Of the period.
    """
    health, reads = evidence.health, evidence.reads
    keys = cameras_of(rules, health.record) * _DAYS + health.day
    read_keys = reads.camera * _DAYS + reads.day
    # A camera of which nothing was looked at may have been silent, or read nothing readable.
    more = np.flatnonzero(~np.isin(read_keys, keys))
    every = np.concatenate((keys, read_keys[more]))
    nothing = np.zeros(more.shape[0], np.int64)
    place = np.minimum(np.searchsorted(read_keys, every), max(read_keys.shape[0] - 1, 0))

    def told(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate((column, nothing.astype(column.dtype)))

    error_s = np.where(told(health.agreeing) >= LEAST_PASSAGES, told(health.error_s), np.nan)
    along = np.concatenate((health.along, np.full(more.shape[0], np.nan)))
    wrong = [
        told(health.wrong_clock),
        told(health.turned),
        told(health.quarantined),
        reads.flooded[place],
        reads.badly_read[place],
        reads.silent_hours[place] > 0,
    ]
    fault = np.select(wrong, CAMERA_FAULTS, "")
    table = pa.table(
        [
            pa.array(rules.camera_ids, pa.string()).take(pa.array(every // _DAYS)),
            pa.array(every % _DAYS * DAY_US, pa.timestamp("us", tz="UTC")),
            pa.array(reads.read[place], pa.int64()),
            pa.array(reads.unread[place], pa.int64()),
            pa.array(reads.silent_hours[place], pa.int64()),
            pa.array(told(health.sightings), pa.int64()),
            pa.array(told(health.drives), pa.int64()),
            pa.array(told(health.impossible), pa.int64()),
            pa.array(told(health.share).round(4), pa.float64()),
            pa.array(told(health.agreeing), pa.int64()),
            pa.array(error_s.round(1), pa.float64(), mask=np.isnan(error_s)),
            pa.array(along.round(3), pa.float64(), mask=np.isnan(along)),
            pa.array(fault, pa.string(), mask=fault == ""),
            pa.array(np.any(wrong[:-1], axis=0), pa.bool_()),
        ],
        schema=CAMERA_HEALTH_SCHEMA,
    )
    return table.take(pa.array(np.argsort(every, kind="stable")))


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
    place = cameras_of(rules, sightings.record)
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
