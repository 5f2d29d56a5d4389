"""Hit files written for a test, and how a test reads them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.hit_files import discover
from ingest.plate_keys import PlateKeys
from ingest.tabular import CodeBook, read_hits

ZONE = "Asia/Shanghai"
CAMERAS = ("C-001", "C-002", "0007", "36099900001190000021")


def book(cameras=CAMERAS):
    return CodeBook(cameras, PlateKeys())


def chunks_of(path, **options):
    (file,) = discover([str(path)])
    options.setdefault("zone", ZONE)
    options.setdefault("code_book", book())
    return list(read_hits(file, **options))


def hits_of(path, **options):
    """Read a file and return all of its hits as HIT_SCHEMA rows."""
    chunks = chunks_of(path, **options)
    tables = [chunk.take(np.arange(len(chunk)), every_column=True) for chunk in chunks]
    return [row for table in tables for row in table.to_pylist()]


def batch_of(path, name, **options):
    """Read a file and return one array of its batches."""
    chunks = chunks_of(path, **options)
    return np.concatenate([getattr(chunk.batch, name) for chunk in chunks]).tolist()


def day_table(rows=1000):
    """Return hits of a made-up day, with nulls and every kind of plate."""
    plates = [
        "赣C12345",
        "赣c·f02176",
        "粤Z1234港",
        "无车牌",
        None,
        "龘A0001",
        "DWB 1234",
        "京A12345",
    ]
    pick = np.arange(rows)
    return pa.table(
        {
            "camera_id": pa.array([(*CAMERAS, "X-9", None)[i % 6] for i in pick]),
            "plate": pa.array([plates[i % 8] for i in pick]),
            "captured_at": pa.array(
                1_774_000_000_000_000 + pick * 7_000_000, pa.timestamp("us", tz="UTC")
            ),
            "plate_class": pa.array([("01", "2", None, "99", "52")[i % 5] for i in pick]),
            "vehicle_class": pa.array([("heavy_truck", "CAR", None, "lorry")[i % 4] for i in pick]),
            "confidence": pa.array([(0.5, None, 0.97)[i % 3] for i in pick]),
        }
    )
