"""Parquet as every writer writes it, a slice at a time, through either reader."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from ingest.errors import HitFileError
from ingest.hit_files import HitFile, discover
from ingest.hits import NO_INSTANT
from ingest.parquet_rows import read_parquet
from ingest.tabular import read_hits
from tests.ingest.hit_tables import book, chunks_of, day_table, hits_of

BATCH_ARRAYS = (
    "camera",
    "plate_key",
    "plate_class",
    "vehicle_class",
    "captured_at_us",
    "confidence",
)


def arrays_of(file, **options):
    chunks = list(read_hits(file, zone="Asia/Shanghai", code_book=book(), **options))
    return {
        name: np.concatenate([getattr(chunk.batch, name) for chunk in chunks]).tolist()
        for name in BATCH_ARRAYS
    } | {"row": np.concatenate([chunk.row for chunk in chunks]).tolist()}


def local(path):
    return HitFile(str(path), "parquet", None, Path(path).stat().st_size)


def by_arrow(path):
    """Return the file as if it lay in an object store: pyarrow reads it."""
    return HitFile(str(path), "parquet", None, 1, fs.LocalFileSystem(), str(path))


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "plain.parquet"
    pq.write_table(day_table(3000), path, use_dictionary=False, compression="none")
    return arrays_of(local(path))


@pytest.mark.parametrize("compression", ["zstd", "snappy", "gzip", "none", "lz4", "brotli"])
@pytest.mark.parametrize("page", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False, ["plate"]])
def test_encodings(tmp_path, expected, compression, page, dictionary):
    path = tmp_path / "a.parquet"
    pq.write_table(
        day_table(3000),
        path,
        compression=compression,
        data_page_version=page,
        use_dictionary=dictionary,
        row_group_size=700,
        data_page_size=512,
        dictionary_pagesize_limit=256,
    )
    assert arrays_of(local(path)) == expected
    assert arrays_of(by_arrow(path)) == expected


@pytest.mark.parametrize(
    "encodings",
    [
        {"plate": "DELTA_BYTE_ARRAY", "captured_at": "DELTA_BINARY_PACKED"},
        {"plate": "DELTA_LENGTH_BYTE_ARRAY", "confidence": "BYTE_STREAM_SPLIT"},
    ],
)
def test_delta_encodings(tmp_path, expected, encodings):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(3000), path, use_dictionary=False, column_encoding=encodings)
    assert arrays_of(local(path)) == expected
    assert arrays_of(by_arrow(path)) == expected


@pytest.mark.parametrize(
    "kind",
    [pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string()), pa.binary()],
)
def test_arrow_types(tmp_path, expected, kind):
    table = day_table(3000)
    for index, name in enumerate(table.column_names):
        if pa.types.is_string(table.schema.field(name).type):
            column = table.column(name)
            made = column.dictionary_encode() if pa.types.is_dictionary(kind) else column
            table = table.set_column(index, name, made.cast(kind))
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=999)
    assert arrays_of(local(path)) == expected
    assert arrays_of(by_arrow(path)) == expected


@pytest.mark.parametrize("categorical", [False, True])
def test_written_by_polars(tmp_path, expected, categorical):
    frame = pl.from_arrow(day_table(3000))
    if categorical:
        frame = frame.with_columns(pl.col("camera_id", "plate", "plate_class").cast(pl.Categorical))
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=800)
    assert arrays_of(local(tmp_path / "a.parquet")) == expected
    assert arrays_of(by_arrow(tmp_path / "a.parquet")) == expected


def test_without_optional_columns_or_all_null(tmp_path):
    table = day_table(24)
    path = tmp_path / "a.parquet"
    pq.write_table(table.select(["camera_id", "plate", "captured_at"]), path)
    few = arrays_of(local(path))
    assert set(few["plate_class"]) == {255}
    assert set(few["vehicle_class"]) == {10}
    assert set(few["confidence"]) == {1.0}
    for name in ("plate_class", "vehicle_class", "confidence", "hit_id"):
        column = pa.nulls(24)
        table = table.drop_columns([name]) if name in table.column_names else table
        table = table.append_column(name, column)
    pq.write_table(table, path)
    for file in (local(path), by_arrow(path)):
        assert arrays_of(file) == few
    assert chunks_of(path)[0].hit_id_hash is None


def test_required_columns_that_are_all_null(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({name: pa.nulls(3) for name in ("camera_id", "plate", "captured_at")}), path
    )
    (chunk,) = chunks_of(path)
    assert chunk.batch.camera.tolist() == [-2] * 3
    assert chunk.batch.captured_at_us.tolist() == [NO_INSTANT] * 3
    assert len({row["hit_id"] for row in hits_of(path)}) == 1


def test_legacy_time_stamps_are_instants(tmp_path):
    """INT96, as Spark writes it, counts UTC though no mark says so."""
    when = datetime(2026, 3, 22, 1, 2, 3, tzinfo=UTC)
    table = day_table(2).drop_columns(["captured_at"])
    table = table.append_column("captured_at", pa.array([when, None], pa.timestamp("us", tz="UTC")))
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    for file in (local(path), by_arrow(path)):
        assert arrays_of(file)["captured_at_us"] == [int(when.timestamp()) * 10**6, NO_INSTANT]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_time_stamps_of_every_unit(tmp_path, unit, zone):
    shift = 0 if zone else 8 * 3600 * 10**6
    kind = pa.timestamp(unit, tz=zone)
    expected = day_table(50).column("captured_at").cast(pa.int64()).to_pylist()
    times = pa.array([us + shift for us in expected], pa.timestamp("us", tz=zone)).cast(kind)
    table = day_table(50).drop_columns(["captured_at"]).append_column("captured_at", times)
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=10)
    for file in (local(path), by_arrow(path)):
        assert arrays_of(file)["captured_at_us"] == expected
        cut = arrays_of(file, from_us=expected[23], until_us=expected[24])
        assert cut["captured_at_us"] == [expected[23]]
        assert cut["row"] == [23]


@pytest.mark.parametrize("group", [1, 7, 64, 1000])
@pytest.mark.parametrize("slice_rows", [10, 64, 1 << 19])
def test_slices(tmp_path, group, slice_rows):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(200), path, row_group_size=group)
    for file in (local(path), by_arrow(path)):
        slices = list(read_parquet(file, slice_rows=slice_rows))
        assert max(raw.count for raw in slices) <= slice_rows
        assert sum(raw.count for raw in slices) == 200
        firsts = [raw.first_row for raw in slices]
        assert firsts == np.cumsum([0, *(raw.count for raw in slices[:-1])]).tolist()
        assert slices[-1].bytes_done == file.size_bytes
        for raw in slices:
            expected = day_table(200).slice(raw.first_row, raw.count).column("confidence")
            assert raw.columns["confidence"].to_pylist() == expected.to_pylist()


@pytest.mark.parametrize("from_row", [None, 0, 35, 199, 300])
@pytest.mark.parametrize("until_row", [None, 0, 36, 120, 300])
@pytest.mark.parametrize("statistics", [True, False])
def test_a_range_of_time(tmp_path, from_row, until_row, statistics):
    table = day_table(200)
    times = table.column("captured_at").cast(pa.int64()).to_pylist()
    times[77] = None
    column = pa.array(times, pa.timestamp("us", tz="UTC"))
    table = table.drop_columns(["captured_at"]).append_column("captured_at", column)
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=30, write_statistics=statistics)
    ends = [None if r is None else times[0] + r * 7_000_000 for r in (from_row, until_row)]
    chunks = chunks_of(path, from_us=ends[0], until_us=ends[1])
    rows = [row for chunk in chunks for row in chunk.row.tolist()]
    low, high = (0 if from_row is None else from_row), (200 if until_row is None else until_row)
    assert rows == [row for row in range(200) if low <= row < high or row == 77]
    ids = [row for chunk in chunks for row in chunk.take(np.arange(len(chunk))).to_pylist()]
    whole = hits_of(path)
    assert [hit["hit_id"] for hit in ids] == [whole[row]["hit_id"] for row in rows]


def test_row_groups_outside_the_range_are_not_read(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(200), path, row_group_size=20)
    start = chunks_of(path)[0].batch.captured_at_us[0]
    raws = list(
        read_parquet(local(path), from_us=start + 45 * 7_000_000, until_us=start + 50 * 7_000_000)
    )
    assert [(raw.first_row, raw.count) for raw in raws] == [(40, 20)]


def test_an_empty_file_has_no_chunk(tmp_path):
    for groups in (day_table(0), day_table(5).slice(0, 0)):
        pq.write_table(groups, tmp_path / "a.parquet")
        assert chunks_of(tmp_path / "a.parquet") == []
    pq.write_table(day_table(0).drop_columns(["plate"]), tmp_path / "a.parquet")
    with pytest.raises(HitFileError, match="no column plate"):
        chunks_of(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("renamed", "said"),
    [
        (
            {"plate": "plate_no"},
            "no column plate; it has: camera_id, plate_no, .*'plate_no' the plate",
        ),
        ({"camera_id": "DeviceID"}, "no column camera_id; .*'DeviceID' the camera_id"),
        ({"captured_at": "Captured At"}, "no column captured_at; .*'Captured At'"),
        ({"captured_at": "x1"}, "no column captured_at; it has: camera_id, plate, x1"),
    ],
)
def test_missing_columns(tmp_path, renamed, said):
    table = day_table(3).rename_columns([renamed.get(n, n) for n in day_table(3).column_names])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(HitFileError, match=said) as caught:
        chunks_of(tmp_path / "a.parquet")
    assert str(tmp_path / "a.parquet") in str(caught.value)


@pytest.mark.parametrize("keep", [0, 3, 8, 0.5, -1, -20])
def test_a_file_that_is_cut_off(tmp_path, keep):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(5000), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    with pytest.raises(HitFileError, match="no Parquet file, or cut off") as caught:
        chunks_of(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_with_broken_pages(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(50_000), path, compression="zstd", row_group_size=10_000)
    data = bytearray(path.read_bytes())
    data[200:2000] = b"\xff" * 1800
    path.write_bytes(data)
    for file in (local(path), by_arrow(path)):
        with pytest.raises(HitFileError, match="is broken in rows 1 to 50000"):
            arrays_of(file)


def test_other_columns_of_any_type(tmp_path):
    table = day_table(30)
    table = table.append_column("lane", pa.array(range(30), pa.int16()))
    table = table.append_column("speed_kmh", pa.array([float(i) for i in range(30)]))
    table = table.append_column("tags", pa.array([[str(i)] for i in range(30)]))
    table = table.append_column("box", pa.array([{"x": i} for i in range(30)]))
    table = table.append_column("seen", table.column("captured_at"))
    table = table.append_column("amount", pa.array([Decimal(1)] * 30, pa.decimal128(5, 2)))
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=7)
    for file in (local(path), by_arrow(path)):
        (chunk,) = read_hits(file, zone="UTC", code_book=book())
        rows = chunk.take(np.array([29, 3, 0]), every_column=True).to_pylist()
        assert [row["lane"] for row in rows] == [29, 3, 0]
        assert [row["speed_kmh"] for row in rows] == [29.0, 3.0, None]
        assert len({row["hit_id"] for row in rows}) == 3


def test_odd_names(tmp_path):
    folder = tmp_path / "a[1]*? ~é=x"
    folder.mkdir()
    path = folder / "day=[2]{b}.parquet"
    pq.write_table(day_table(4), path)
    (file,) = discover([str(folder)])
    assert len(arrays_of(file)["row"]) == 4


MEMORY_PROGRAM = """
import resource, sys
from ingest.hit_files import discover
from ingest.plate_keys import PlateKeys
from ingest.tabular import CodeBook, read_hits
(file,) = discover([sys.argv[1]])
book = CodeBook(["C-001"], PlateKeys())
rows, first = 0, 0
for chunk in read_hits(file, zone="UTC", code_book=book):
    rows += chunk.rows_scanned
    first = first or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(rows, first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_row_group(tmp_path):
    rows = 4_000_000
    pick = np.arange(rows)
    table = pa.table(
        {
            "camera_id": pa.array(["C-001"]).take(pa.array(pick * 0)),
            "plate": pa.array([f"赣C{i:05d}" for i in range(100_000)]).take(
                pa.array(pick % 100_000)
            ),
            "captured_at": pa.array(pick + 1_774_000_000_000_000, pa.timestamp("us", tz="UTC")),
        }
    )
    path = tmp_path / "one.parquet"
    pq.write_table(table, path, row_group_size=rows, compression="snappy")
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", MEMORY_PROGRAM, str(path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    read, first_kb, most_kb = map(int, run.stdout.split())
    assert read == rows
    # Two columns of views of all rows would be 128 MB, and so much again for keys and times.
    assert most_kb - first_kb < 100_000
