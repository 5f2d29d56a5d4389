"""The drives behind violations by speed, as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from enforcement.findings import OVER_SPEED_SCHEMA

if TYPE_CHECKING:
    from enforcement.index.layout import Rules
    from enforcement.speeding import Speeding


def over_speed_table(rules: Rules, violations: pa.Table, speeding: Speeding) -> pa.Table:
    """Return OVER_SPEED_SCHEMA, by the time of the second hit and violation_id.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    violations
        VIOLATIONS_SCHEMA, held ones too; those by speed are in the order of `speeding`.
    speeding
        Of the period.
    """
    mine = violations.filter(pc.equal(violations["reason"], "over_speed"))
    first, second = speeding.first, speeding.second
    slack_us = (
        rules.camera_clock_error_us[first.record] + rules.camera_clock_error_us[second.record]
    )
    table = pa.table(
        [
            mine["violation_id"],
            mine["plate"],
            mine["plate_class"],
            mine["permit_id"],
            pa.array(rules.permit_max_speed_kmh[second.permit]),
            pa.array(rules.camera_ids, pa.string()).take(pa.array(first.camera)),
            pa.array(first.captured_at_us, pa.timestamp("us", tz="UTC")),
            mine["camera_id"],
            mine["captured_at"],
            pa.array(speeding.metres),
            pa.array((second.captured_at_us - first.captured_at_us) / 1e6),
            pa.array(slack_us / 1e6),
            pa.array(speeding.kmh.round(2)),
        ],
        schema=OVER_SPEED_SCHEMA,
    )
    return table.sort_by([("to_at", "ascending"), ("violation_id", "ascending")])
