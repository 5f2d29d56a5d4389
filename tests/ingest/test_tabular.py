"""Whole files through to hits: the payloads, ids, tables of the few, nothing disappears."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import HitFileError
from ingest.hit_files import discover
from ingest.hit_ids import derive_hit_ids
from ingest.hits import HIT_SCHEMA, NO_PLATE
from ingest.plate_keys import PlateKeys
from ingest.plates import is_plausible
from ingest.tabular import REJECTED_SCHEMA, CodeBook, read_hits, reread
from tests.ingest.hit_tables import ZONE, book, chunks_of, day_table, hits_of

PAYLOADS = Path(__file__).parents[2] / "../shared/data/payloads/tabular"


@pytest.mark.skipif(not PAYLOADS.exists(), reason="the shared payloads are not here")
@pytest.mark.parametrize("name", ["hits.csv", "hits_gbk.csv", "hits.ndjson"])
def test_payloads_give_the_expected_hits(tmp_path, name):
    shutil.copy(PAYLOADS / name, tmp_path / name)
    expected = json.loads((PAYLOADS / f"{name}.expected.json").read_text(encoding="utf-8"))
    (chunk,) = chunks_of(tmp_path / name, zone=expected["source"]["zone"])
    rows = chunk.take(np.arange(len(chunk)), every_column=True).to_pylist()
    judged = [row for row in rows if row["camera_id"] and row["captured_at"]]
    assert len(rows) - len(judged) == len(expected["rejected"])
    for row, hit in zip(judged, expected["hits"], strict=True):
        assert row["captured_at"] == datetime.fromisoformat(hit["captured_at"])
        assert (row["plate"] if is_plausible(row["plate"] or "") else "") == hit["plate"]
        assert row["vehicle_class"] == (hit["vehicle_class"] or "unknown")
        for column in (
            "camera_id",
            "plate_class",
            "plate_colour",
            "direction",
            "lane",
            "image_url",
        ):
            assert row[column] == hit[column]
        for column in ("speed_kmh", "confidence"):
            assert row[column] == pytest.approx(hit[column])
        if hit["source_event_id"] is None:
            assert row["hit_id"].startswith("h-")
        else:
            assert row["hit_id"] == hit["source_event_id"]


def write_all(folder, table):
    """Write the same rows in every format; return the paths."""
    paths = [folder / name for name in ("a.parquet", "b.csv", "c.ndjson", "d.parquet")]
    pq.write_table(table, paths[0], row_group_size=7)
    options = pacsv.WriteOptions(quoting_style="needed")
    pacsv.write_csv(table, paths[1], options)
    lines = []
    for row in table.to_pylist():
        row["captured_at"] = row["captured_at"] and row["captured_at"].isoformat()
        lines.append(json.dumps({key: value for key, value in row.items() if value is not None}))
    paths[2].write_text("\n".join(lines), encoding="utf-8")
    mixed = table.select(table.column_names[::-1])
    for name in table.column_names:
        if pa.types.is_string(table.schema.field(name).type):
            place = mixed.column_names.index(name)
            mixed = mixed.set_column(place, name, mixed.column(name).dictionary_encode())
    mixed = mixed.append_column("image_url", pa.nulls(len(table), pa.string()))
    pq.write_table(mixed, paths[3])
    return paths


def test_every_format_gives_the_same_hits_and_ids(tmp_path):
    table = day_table(60)
    table = table.append_column("speed_kmh", pa.array([i / 4 for i in range(60)]))
    table = table.append_column("lane", pa.array([i % 3 for i in range(60)], pa.int8()))
    table = table.append_column("site", pa.array([f'南门, {i % 4}\n"x"' for i in range(60)]))
    hits = [hits_of(path) for path in write_all(tmp_path, table)]
    assert hits[0] == hits[1] == hits[2] == hits[3]
    assert len(hits[0]) == 60
    assert len({hit["hit_id"] for hit in hits[0]}) == 60
    assert pa.Table.from_pylist(hits[0], HIT_SCHEMA).num_rows == 60


def test_given_ids_are_kept_and_hashed(tmp_path):
    ids = [f"id-{i}" if i % 5 else None for i in range(60)]
    table = day_table(60).append_column("hit_id", pa.array(ids))
    hashes = []
    for path in write_all(tmp_path, table):
        chunks = chunks_of(path)
        hashes.append(np.concatenate([chunk.hit_id_hash for chunk in chunks]).tolist())
        got = [hit["hit_id"] for hit in hits_of(path)]
        assert [None if hit_id.startswith("h-") else hit_id for hit_id in got] == ids
        assert len(set(got)) == 60
    assert hashes[0] == hashes[1] == hashes[2] == hashes[3]
    assert [pair == [0, 0] for pair in hashes[0]] == [hit_id is None for hit_id in ids]


@pytest.mark.parametrize("name", [*day_table(1).column_names, "note"])
def test_the_id_hangs_on_every_column(tmp_path, name):
    table = day_table(1).append_column("note", pa.array(["x"]))
    place = table.column_names.index(name)
    kind = table.schema.field(name).type
    other = pa.array([0.75]) if pa.types.is_floating(kind) else pa.array(["1774137568"])
    pq.write_table(table, tmp_path / "a.parquet")
    pq.write_table(table.set_column(place, name, other), tmp_path / "b.parquet")
    pq.write_table(table.append_column("more", pa.array([""])), tmp_path / "c.parquet")
    one, two, three = (hits_of(tmp_path / f"{n}.parquet")[0]["hit_id"] for n in "abc")
    assert one != two
    assert one == three


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=3)), min_size=1))
def test_ids_of_different_rows_differ(rows):
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in "abc"}
    ids = derive_hit_ids(columns, len(rows))
    assert all(len(hit_id) == 34 for hit_id in ids)
    for one, first in zip(rows, ids, strict=True):
        for other, second in zip(rows, ids, strict=True):
            assert (one == other) == (first == second)


def test_ids_do_not_change_between_versions():
    columns = {"camera_id": pa.array(["C-001"]), "plate": pa.array([None], pa.string())}
    assert derive_hit_ids(columns, 1) == ["h-794f3fdb830a3866f874b9ba5902b867"]
    assert len(derive_hit_ids({}, 2)) == 2


def test_take_gives_the_rows_asked_for(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(100), path)
    (chunk,) = chunks_of(path)
    every = chunk.take(np.arange(100))
    assert every.schema == HIT_SCHEMA
    rows = np.array([99, 0, 0, 42])
    assert chunk.take(rows).to_pylist() == [every.to_pylist()[row] for row in rows]
    assert chunk.take(np.array([], dtype=np.int64)).num_rows == 0
    assert every.column("plate").to_pylist()[:8] == [
        *("赣C12345", "赣CF02176", "粤Z1234港", "无车牌", None),
        *("龘A0001", "DWB1234", "京A12345"),
    ]
    assert chunk.batch.plate_key[3] == chunk.batch.plate_key[4] == NO_PLATE
    assert every.column("plate_class").to_pylist()[:5] == ["01", "02", None, None, "52"]
    assert every.column("vehicle_class").to_pylist()[:4] == ["heavy_truck", "car"] + ["unknown"] * 2
    assert every.column("confidence").to_pylist()[:3] == [0.5, None, 0.97]


def test_what_is_said_of_rejected_hits(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "camera_id,plate,captured_at,confidence,hit_id\n"
        ",赣C12345,2026-03-22 08:00:00,,\n"
        "C-001,赣C12345,yesterday,,\n"
        "C-001,赣C12345,,,x-3\n"
        "C-001,赣C1?345,2026-03-22 08:00:00,,\n"
        "C-001,,2026-03-22 08:00:00,,\n"
        "C-001,赣C12345,2026-03-22 08:00:00,0.31,\n"
        "Z-9,赣C12345,2026-03-22 08:00:00,,\n"
        "C-001,赣C12345,2026-03-22 08:00:00,,\n"
        "broken\n",
        encoding="utf-8",
    )
    (chunk,) = chunks_of(path)
    verdicts = ["malformed"] * 3 + ["unreadable"] * 3 + ["unknown_camera"] * 2 + ["malformed"]
    table = chunk.rejected(np.arange(9), verdicts)
    assert table.schema == REJECTED_SCHEMA
    assert table.column("verdict").to_pylist() == verdicts
    details = table.column("detail").to_pylist()
    said = [detail.removeprefix(f"{path}, line ") for detail in details]
    assert said == [
        "2: camera_id is missing",
        "3: captured_at is missing or cannot be read: yesterday",
        "4: captured_at is missing or cannot be read: ",
        "5: plate is missing or no plate",
        "6: plate is missing or no plate",
        "7: confidence is too low or no number: 0.31",
        "8: camera_id is not registered",
        "9: camera is not in service at that time",
        "10: another number of fields than the header has: broken",
    ]
    assert table.column("plate").to_pylist()[3:5] == ["赣C1?345", None]
    ids = table.column("hit_id").to_pylist()
    assert ids[2] == "x-3"
    assert len(set(ids)) == 9


def test_rejected_rows_of_parquet_are_named_by_row(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(day_table(12), path, row_group_size=5)
    (chunk,) = chunks_of(path)
    (detail,) = chunk.rejected(np.array([11]), ["malformed"]).column("detail").to_pylist()
    assert detail == f"{path}, row 12: camera_id is missing"


def test_a_range_of_time_never_hides_what_cannot_be_read(tmp_path):
    path = tmp_path / "a.csv"
    times = ["07:59:59.999999", "08:00:00", "08:59:59.999999", "09:00:00", "noon"]
    rows = "".join(f"C-001,赣C12345,2026-03-22 {time}\n" for time in times)
    path.write_text("camera_id,plate,captured_at\n" + rows + "x\n", encoding="utf-8")
    start = 1_774_137_600_000_000  # 08:00 in Shanghai
    (chunk,) = chunks_of(path, from_us=start, until_us=start + 3_600_000_000)
    assert chunk.row.tolist() == [1, 2, 4, 5]
    assert chunk.rows_scanned == 6
    taken = chunk.take(np.arange(4)).column("captured_at").to_pylist()
    assert [when and when.hour for when in taken] == [0, 0, None, None]
    details = chunk.rejected(np.array([2, 3]), ["malformed"] * 2).column("detail").to_pylist()
    assert "line 6:" in details[0]
    assert "line 7:" in details[1]
    assert chunks_of(path, from_us=start + 10**13)[0].row.tolist() == [4, 5]


def test_reading_again(tmp_path):
    for path in write_all(tmp_path, day_table(60)):
        (file,) = discover([str(path)])
        every = hits_of(path)
        rows = np.array([0, 6, 7, 59])
        again = reread(file, rows, zone=ZONE, code_book=book())
        assert again.to_pylist() == [every[row] for row in rows]
    assert reread(file, np.array([], dtype=np.int64), zone=ZONE, code_book=book()).num_rows == 0


def test_threads_share_a_code_book(tmp_path):
    paths = []
    for number in range(6):
        plates = pa.array([f"龘{number % 3}{i % 40:04d}" for i in range(2000)])
        table = day_table(2000).drop_columns(["plate"]).append_column("plate", plates)
        paths.append(tmp_path / f"{number}.parquet")
        pq.write_table(table, paths[-1], row_group_size=300)
    shared = CodeBook(["C-001"], PlateKeys())

    def read(path):
        (file,) = discover([str(path)])
        chunks = list(read_hits(file, zone=ZONE, code_book=shared))
        keys = np.concatenate([chunk.batch.plate_key for chunk in chunks])
        tables = [chunk.take(np.arange(len(chunk))) for chunk in chunks]
        texts = pa.concat_tables(tables).column("plate").to_pylist()
        return dict(zip(texts, keys.tolist(), strict=True))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(read, paths))
    for number in range(3):
        assert answers[number] == answers[number + 3]
    everything = {**answers[0], **answers[1], **answers[2]}
    assert len(everything) == len(set(everything.values())) == 120


def test_chunks_are_bounded(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"camera_id,plate,captured_at\n" + b",,\n" * 600_000)
    chunks = chunks_of(path)
    assert sum(map(len, chunks)) == 600_000
    assert max(map(len, chunks)) <= 1 << 19
    assert [chunk.row[0] for chunk in chunks[1:]] == [c.row[-1] + 1 for c in chunks[:-1]]


def test_a_file_that_is_gone(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("camera_id,plate,captured_at\n", encoding="utf-8")
    (file,) = discover([str(path)])
    path.unlink()
    with pytest.raises(HitFileError, match="cannot be read"):
        list(read_hits(file, zone=ZONE, code_book=book()))
