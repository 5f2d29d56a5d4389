"""The vehicles that keep missing at a camera, as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from enforcement.analysis.camera_records import camera_id_of
from enforcement.findings import AVOIDANCE_SCHEMA
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.analysis.avoidance import Avoidance
    from enforcement.index.layout import Rules
    from ingest.plate_keys import PlateKeys


def avoidance_table(rules: Rules, found: Sequence[Avoidance], plates: PlateKeys) -> pa.Table:
    """Return AVOIDANCE_SCHEMA, most unseen passages first, then by plate, class and camera.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    found
        As of `enforcement.avoiding`.
    plates
        What the keys of the hits mean.
    """
    rows = [
        {
            "plate": plates.text(one.plate_key),
            "plate_class": None if one.plate_class == NO_PLATE_CLASS else f"{one.plate_class:02d}",
            "camera_id": camera_id_of(rules, one.record),
            "from_camera_id": camera_id_of(rules, one.from_record),
            "to_camera_id": camera_id_of(rules, one.to_record),
            "passages_unseen": one.unseen,
            "passages_seen": one.seen,
            "others": one.others,
            "others_share": round(one.others_seen / one.others, 4),
            "first_at": one.first_us,
            "last_at": one.last_us,
        }
        for one in found
    ]
    order = ("plate", "plate_class", "camera_id")
    return pa.Table.from_pylist(rows, schema=AVOIDANCE_SCHEMA).sort_by(
        [("passages_unseen", "descending"), *((name, "ascending") for name in order)]
    )
