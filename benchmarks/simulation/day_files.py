"""The day's hits as Parquet, and the truth of each hit beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.simulation.demand import ACTS
from benchmarks.simulation.instants import midnight_s
from benchmarks.simulation.reading import BIT, LABELS, Rows

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import numpy.typing as npt

    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.driving import Drives, Trips
    from benchmarks.simulation.fleet import Fleet
    from benchmarks.simulation.truth import Judge

HITS: Final = pa.schema(
    [
        ("hit_id", pa.string()), ("camera_id", pa.string()), ("plate", pa.string()),
        ("captured_at", pa.timestamp("us", tz="UTC")), ("plate_class", pa.string()),
        ("plate_colour", pa.string()), ("vehicle_class", pa.string()), ("speed_kmh", pa.float64()),
        ("direction", pa.string()), ("lane", pa.int32()), ("confidence", pa.float64()),
        ("image_url", pa.string()),
    ]
)  # fmt: skip
_FEW_VALUES: Final = [
    "camera_id",
    "plate_class",
    "plate_colour",
    "vehicle_class",
    "direction",
    "plate",
]
_NOT_A_PLATE: Final = dict.fromkeys(map(ord, " ·-_"))


def write_hits(rows: Rows, folder: Path, day: dt.date) -> list[str]:
    """Write the hits as one Parquet file for each hour of arrival; return the hit_ids."""
    digits = max(6, len(str(len(rows))))
    # A row sent twice has one number; numbers follow the order of arrival.
    _, first = np.unique(rows.hit_number, return_index=True)
    rank = np.empty(int(rows.hit_number.max()) + 1, dtype=np.int64)
    rank[rows.hit_number[np.sort(first)]] = np.arange(len(first))
    hit_ids = [f"{day:%Y%m%d}-{number:0{digits}d}" for number in rank[rows.hit_number].tolist()]
    hour = np.clip(rows.arrival_s // 3600, 0, 23).astype(int)
    midnight_us = round(midnight_s(day) * 1e6)
    for number in range(24):
        places = np.flatnonzero(hour == number)
        if len(places) == 0:
            continue
        part = rows.take(places)
        missing = np.isnan(part.read_s)
        captured = midnight_us + np.round(np.where(missing, 0.0, part.read_s) * 1e6).astype(
            np.int64
        )
        columns = [
            pa.array([hit_ids[i] for i in places.tolist()]),
            pa.array(part.camera_id, pa.string()),
            pa.array(part.plate, pa.string()),
            pa.array(captured, mask=missing).cast(pa.timestamp("us", tz="UTC")),
            pa.array(part.plate_class, pa.string()),
            pa.array(part.plate_colour, pa.string()),
            pa.array(part.vehicle_class, pa.string()),
            pa.array(part.speed_kmh, mask=np.isnan(part.speed_kmh)),
            pa.array(part.direction, pa.string()),
            pa.array(part.lane),
            pa.array(part.confidence, mask=np.isnan(part.confidence)),
            pa.nulls(len(places), pa.string()),
        ]
        pq.write_table(
            pa.Table.from_arrays(columns, schema=HITS),
            folder / f"{day:%Y-%m-%d}T{number:02d}.parquet",
            compression="zstd",
            compression_level=15,
            use_dictionary=_FEW_VALUES,
        )
    return hit_ids


def write_truth(
    path: Path,
    rows: Rows,
    hit_ids: list[str],
    drives: Drives,
    trips: Trips,
    fleet: Fleet,
    cameras: list[Camera],
    judge: Judge,
    day: dt.date,
) -> dict[str, int]:
    """Write one row of truth a hit, in the order of the hits; return counts of what is there.

    The columns are explained in `benchmarks/simulation/README.md`.
    """
    midnight = midnight_s(day)
    record = drives.record[rows.drive]
    act = trips.act[drives.trip[rows.drive]]
    since = _since_read_kmh(rows, drives)
    detour = ACTS.index("detour")
    judged: dict[str, list[object]] = {
        name: [nothing] * len(rows)
        for name, nothing in (
            ("violation", False),
            ("reason", None),
            ("restriction_id", None),
            ("permit_id", None),
            ("over_speed", False),
            ("accusable", False),
        )
    }
    concerned = np.array([judge.concerns(vehicle) for vehicle in range(len(fleet))])
    for i in np.flatnonzero(concerned[rows.vehicle]).tolist():
        vehicle, where, at = int(rows.vehicle[i]), int(record[i]), midnight + float(rows.true_s[i])
        found = judge.judge(vehicle, where, at)
        limit = None if found.reason else judge.speed_limit(vehicle, where, at)
        over = limit is not None and not math.isnan(since[i]) and since[i] > limit
        violation = found.reason is not None or over
        as_read = (rows.plate[i] or "").upper().translate(_NOT_A_PLATE)
        judged["violation"][i] = violation
        judged["reason"][i] = found.reason or ("over_speed" if over else None)
        judged["restriction_id"][i] = found.restriction_id
        judged["permit_id"][i] = found.permit_id
        judged["over_speed"][i] = over
        judged["accusable"][i] = (
            violation and as_read == fleet.rightful_plate[vehicle] and bool(act[i] != detour)
        )
    texts = {
        bits: ",".join(name for name in LABELS if bits & BIT[name])
        for bits in np.unique(rows.labels).tolist()
    }
    true_us = round(midnight * 1e6) + np.round(rows.true_s * 1e6).astype(np.int64)
    columns = {
        "hit_id": hit_ids,
        "vehicle": rows.vehicle.astype(np.int32),
        "plate": [fleet.rightful_plate[v] for v in rows.vehicle.tolist()],
        "plate_class": [fleet.plate_class[v] or None for v in rows.vehicle.tolist()],
        "vehicle_class": [fleet.vehicle_class[v] for v in rows.vehicle.tolist()],
        "captured_at": pa.array(true_us // 1000).cast(pa.timestamp("ms", tz="UTC")),
        "camera_id": [cameras[i].camera_id for i in record.tolist()],
        "act": [ACTS[code] for code in act.tolist()],
        "labels": [texts[bits] for bits in rows.labels.tolist()],
    } | judged  # type: ignore[operator]
    written = pa.table(columns)
    pq.write_table(
        written,
        path,
        compression="zstd",
        compression_level=15,
        use_dictionary=[n for n in columns if n not in ("hit_id", "captured_at")],
        column_encoding={"hit_id": "DELTA_BYTE_ARRAY", "captured_at": "DELTA_BINARY_PACKED"},
    )
    return _counts(written, rows)


def _since_read_kmh(rows: Rows, drives: Drives) -> npt.NDArray[np.float64]:
    """Return the mean speed of each row since the camera of its trip that read it last, or NaN."""
    read = np.unique(rows.drive)
    kmh = np.full(len(read), np.nan)
    gap_s, gap_m = np.diff(drives.at_s[read]), np.diff(drives.metres[read])
    rows_after = 1 + np.flatnonzero((np.diff(drives.trip[read]) == 0) & (gap_s > 0))
    kmh[rows_after] = 3.6 * gap_m[rows_after - 1] / gap_s[rows_after - 1]
    return kmh[np.searchsorted(read, rows.drive)]


def _counts(truth: pa.Table, rows: Rows) -> dict[str, int]:
    counts = {"hits": len(rows), "missed": rows.missed}
    counts |= {name: int(((rows.labels & BIT[name]) > 0).sum()) for name in LABELS}
    for reason in truth["reason"].drop_null().to_pylist():
        counts[f"violation: {reason}"] = counts.get(f"violation: {reason}", 0) + 1
    counts["violations"] = sum(truth["violation"].to_pylist())
    counts["accusable"] = sum(truth["accusable"].to_pylist())
    for act in truth["act"].to_pylist():
        counts[f"act: {act}"] = counts.get(f"act: {act}", 0) + 1
    return counts
