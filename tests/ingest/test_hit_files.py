"""Which files are read, which are passed over, and what is said of the rest."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from ingest.errors import HitFileError
from ingest.hit_files import HitFile, discover, find_hit_files
from tests.ingest.hit_tables import book, day_table, hits_of, read_hits

CSV = "camera_id,plate,captured_at\nC-001,赣C12345,2026-03-22 08:00:00\n"
NDJSON = '{"camera_id":"C-001","plate":"赣C12345","captured_at":"2026-03-22 08:00:00"}\n'


def test_a_folder_in_order_of_path(tmp_path):
    for name in ("b/2.csv", "b/1.ndjson", "a/z.jsonl", "c.csv.gz", "b/day=1/0.tsv", "d.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = (NDJSON if "json" in name else CSV).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    pq.write_table(day_table(3), tmp_path / "b" / "0.parquet")
    for name in ("README.txt", "b/.part.crc", "b/photo.JPG", "_SUCCESS", ".hidden.csv", "x.json"):
        (tmp_path / name).write_bytes(b'{\n "a": 1}')
    (tmp_path / "_temporary").mkdir()
    (tmp_path / "_temporary" / "half.csv").write_text(CSV, encoding="utf-8")
    found = find_hit_files([str(tmp_path)])
    shown = [os.path.relpath(file.path, tmp_path) for file in found.files]
    assert shown == [
        "a/z.jsonl",
        "b/0.parquet",
        "b/1.ndjson",
        "b/2.csv",
        "b/day=1/0.tsv",
        "c.csv.gz",
        "d.json",
    ]
    formats = [(file.format, file.compression) for file in found.files]
    assert formats[1] == ("parquet", None)
    assert formats[5] == ("csv", "gzip")
    assert all(file.size_bytes == Path(file.path).stat().st_size for file in found.files)
    noted = sorted(os.path.relpath(note.split(":")[0], tmp_path) for note in found.notes)
    assert noted == ["README.txt", "b/photo.JPG", "x.json"]


def test_the_same_file_is_read_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    (tmp_path / "again.csv").symlink_to(path)
    sources = [str(path), f"{tmp_path}/./a.csv", str(tmp_path / "again.csv"), path.as_uri()]
    found = find_hit_files([*sources, str(tmp_path)])
    assert [file.path for file in found.files] == [str(path)]
    assert len(found.notes) == 5
    assert all("read once" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("hits", CSV.encode(), "csv"),
        ("hits.txt", b"\xef\xbb\xbf" + CSV.encode(), "csv"),
        ("hits.log", NDJSON.encode(), "ndjson"),
        ("hits.bin", gzip.compress(NDJSON.encode(), mtime=0), "ndjson"),
        ("000000_0", pa.compress(CSV.encode(), codec="zstd", asbytes=True), "csv"),
    ],
)
def test_a_named_file_is_known_by_its_content(tmp_path, name, data, format_):
    path = tmp_path / name
    path.write_bytes(data)
    (file,) = discover([str(path)])
    assert file.format == format_
    assert [hit["plate"] for hit in hits_of(path)] == ["赣C12345"]


def test_parquet_without_suffix(tmp_path):
    pq.write_table(day_table(8), tmp_path / "part-0")
    assert discover([str(tmp_path / "part-0")])[0].format == "parquet"
    assert len(hits_of(tmp_path / "part-0")) == 8


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("notes.txt", b"dear all,\n", "is no hit file"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "is no hit file"),
        ("empty", b"", "is no hit file"),
        ("hits.json", b'[{"camera_id": "C-001"}]', "JSON list; one JSON object a line"),
        ("bad.gz", b"\x1f\x8b\x08\x00garbage", "cannot be read"),
    ],
)
def test_a_named_file_that_is_no_hit_file(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(HitFileError, match=said) as caught:
        discover([str(tmp_path / name)])
    assert str(tmp_path / name) in str(caught.value)


def test_missing_and_empty(tmp_path):
    for source in (str(tmp_path / "none.csv"), (tmp_path / "none").as_uri(), "file:///no/where"):
        with pytest.raises(HitFileError, match="no such file or folder"):
            discover([source])
    (tmp_path / "_only").mkdir()
    with pytest.raises(HitFileError, match="no hit files in this folder"):
        discover([str(tmp_path)])
    with pytest.raises(HitFileError, match="no hit files were named"):
        discover([])
    with pytest.raises(HitFileError):
        discover(["nosuchscheme://bucket/hits"])
    with pytest.raises(HitFileError):
        discover(["a\0b"])
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(HitFileError, match="neither a file nor a folder"):
        discover([str(tmp_path / "pipe.csv")])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    path = tmp_path / "a"
    path.write_text(CSV, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(HitFileError, match="cannot be read"):
        discover([str(path)])


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Let the URLs of an object store lead into a folder."""
    inner = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    opener = SimpleNamespace(from_uri=lambda url: (inner, url.split("/", 3)[3]))
    stand_in = SimpleNamespace(
        FileSystem=opener, FileType=fs.FileType, FileSelector=fs.FileSelector
    )
    monkeypatch.setattr("ingest.hit_files.fs", stand_in)
    return tmp_path


def test_a_folder_of_an_object_store(store):
    day = store / "lake" / "day=2026-03-22"
    day.mkdir(parents=True)
    (day / "a.csv").write_text(CSV, encoding="utf-8")
    (day / "b.ndjson.gz").write_bytes(gzip.compress(NDJSON.encode()))
    (day / "_SUCCESS").write_bytes(b"")
    (day / "notes.txt").write_bytes(b"")
    pq.write_table(day_table(5000), day / "c.parquet", row_group_size=700)
    found = find_hit_files(["s3://qt/lake"])
    assert [file.path for file in found.files] == [
        f"s3://qt/lake/day=2026-03-22/{name}" for name in ("a.csv", "b.ndjson.gz", "c.parquet")
    ]
    assert len(found.notes) == 1
    counts = []
    for file in found.files:
        assert isinstance(file, HitFile)
        chunks = list(read_hits(file, zone="Asia/Shanghai", code_book=book()))
        counts.append(sum(map(len, chunks)))
        assert chunks[0].take([0], every_column=True).num_rows == 1
    assert counts == [1, 1, 5000]
    assert len(discover(["s3://qt/lake/day=2026-03-22/a.csv"])) == 1
    with pytest.raises(HitFileError, match="no such file"):
        discover(["s3://qt/none"])
