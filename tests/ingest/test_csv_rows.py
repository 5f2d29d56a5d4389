"""CSV: what Python's own reader sees, and one bad row costs no other."""

from __future__ import annotations

import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.csv_kernels import LONGEST_ROW
from ingest.csv_rows import read_csv
from ingest.errors import HitFileError
from ingest.hit_files import HitFile
from tests.ingest.hit_tables import batch_of, chunks_of, hits_of

HEADER = "camera_id,plate,captured_at,note\n"
GOOD = "C-001,赣C12345,2026-03-22 08:00:00,x\n"
CELLS = st.text("ab赣,;\"\n\r \t\\'é", max_size=6)


def write(folder, text, name="hits.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def raw_of(path, block_bytes):
    """Return (line, fault, cells) of every row, all columns."""
    rows = []
    for raw in read_csv(HitFile(str(path), "csv", None, 0), block_bytes):
        every = dict(raw.columns)
        every.update(raw.others(np.arange(raw.count)))
        rows += [
            (int(raw.lines[i]), raw.faults.get(i), {k: c.text_at(i) for k, c in every.items()})
            for i in range(raw.count)
        ]
    return rows


@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([5, 40, 1 << 20]),
    st.booleans(),
)
def test_what_a_writer_wrote_is_read(tmp_path_factory, rows, end, quoting, block_bytes, last):
    rows = [row for row in rows if "".join(row).strip()]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    names = ["plate", "note", "captured_at", "camera_id"]
    writer.writerow(names)
    # Python's writer does not quote every line end, nor blanks around a cell.
    for row in rows:
        if quoting == csv.QUOTE_MINIMAL:
            row[:] = ["".join(cell.split()) for cell in row]
        if "".join(row).strip(","):
            writer.writerow(row)
    expected = [row for row in rows if "".join(row).strip(",")]
    text = out.getvalue()
    path = write(tmp_path_factory.mktemp("csv"), text if last else text.removesuffix(end))
    got = raw_of(path, block_bytes)
    assert [fault for _, fault, _ in got] == [None] * len(expected)
    assert [[cells[name] for name in names] for _, _, cells in got] == expected


@pytest.mark.parametrize("block_bytes", [1, 16, 1 << 20])
@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("C-001,赣C1\n", "number of fields"),
        ("a,b,c,d,e\n", "number of fields"),
        ('C-001,"赣C1,2026-03-22 08:00:00,x\n', "quotes"),
        ('C-001,"赣C1"2,2026-03-22 08:00:00,x\n', "quotes"),
        ('"\n', "quotes"),
    ],
)
def test_a_broken_row_costs_no_neighbour(tmp_path, bad, fault, block_bytes):
    path = write(tmp_path, HEADER + GOOD + bad + GOOD + "\n  \n" + GOOD)
    rows = raw_of(path, block_bytes)
    assert [line for line, _, _ in rows] == [2, 3, 4, 7]
    assert [said is None for _, said, _ in rows] == [True, False, True, True]
    assert fault in rows[1][1]
    assert set(rows[1][2].values()) == {""}
    assert rows[3][2]["plate"] == "赣C12345"


def test_a_broken_row_is_a_malformed_hit_with_its_text(tmp_path):
    path = write(tmp_path, HEADER + GOOD + "C-001,赣C1\n" + GOOD)
    (chunk,) = chunks_of(path)
    assert chunk.batch.camera.tolist() == [0, -2, 0]
    assert chunk.row.tolist() == [0, 1, 2]
    (row,) = chunk.rejected([1], ["malformed"]).to_pylist()
    assert row["detail"] == (
        f"{path}, line 3: another number of fields than the header has: C-001,赣C1"
    )
    assert row["hit_id"].startswith("h-")
    assert row["camera_id"] is row["plate"] is row["captured_at"] is None


def test_quotes_over_lines_count_lines(tmp_path):
    path = write(tmp_path, HEADER + 'C-001,赣C12345,2026-03-22 08:00:00,"a\nb\r\nc"\n' + GOOD)
    rows = raw_of(path, 8)
    assert [line for line, _, _ in rows] == [2, 5]
    assert rows[0][2]["note"] == "a\nb\r\nc"


def test_blanks_around_quotes(tmp_path):
    path = write(tmp_path, HEADER + ' "C-001" , "赣C""1" ,2026-03-22 08:00:00, x\n')
    ((_, fault, cells),) = raw_of(path, 9)
    assert fault is None
    assert cells["camera_id"] == "C-001"
    assert cells["plate"] == '赣C"1'


@pytest.mark.parametrize("filler", ["x", '"', "x" * 9999 + "\n"])
def test_a_row_of_any_length_is_refused_alone(tmp_path, filler):
    long = "C-001,赣C12345,2026-03-22 08:00:00," + filler * (3 * LONGEST_ROW // len(filler))
    if "\n" in filler:
        long = long.replace("00,x", '00,"x', 1)
    path = write(tmp_path, HEADER + GOOD + long + "\n" + GOOD)
    rows = raw_of(path, 1 << 18)
    assert rows[0][1] is None
    assert rows[1][1] is not None
    assert rows[-1][1] is None
    assert rows[-1][2]["plate"] == "赣C12345"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    text = (HEADER + GOOD + '"C,0;0|1",赣C1,2026-03-22 08:00:00,\n').replace(",", delimiter)
    text = text.replace(f"C{delimiter}0;0|1", "C,0;0|1")
    path = write(tmp_path, text.replace("note", '"the note"'))
    rows = raw_of(path, 1 << 10)
    assert [cells["camera_id"] for _, _, cells in rows] == ["C-001", "C,0;0|1"]
    assert rows[0][2]["the note"] == "x"


def test_every_cell_is_text_first(tmp_path):
    rows = "".join(f"{camera},赣C12345,1774137568\n" for camera in ("0007", "7", "1E5", " 0007 "))
    path = write(tmp_path, "camera_id,plate,captured_at\n" + rows)
    assert [hit["camera_id"] for hit in hits_of(path)] == ["0007", "7", "1E5", "0007"]
    assert batch_of(path, "camera") == [2, -1, -1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "header"),
        ("\n \n", "header"),
        ("camera_id,plate_no,captured_at\n", "no column plate; .*plate_no.*rename"),
        ("camera_id;车牌号;captured_at\n", "no column plate; .*'车牌号' the plate"),
        ("deviceId,plate,PassTime\n", "no column camera_id and no column captured_at; .*deviceId"),
        ("a,b\n1,2\n", "no column camera_id .*it has: a, b"),
        ("camera_id,plate,captured_at,plate\n", "column plate twice"),
    ],
)
def test_a_header_that_does_not_do(tmp_path, text, said):
    path = write(tmp_path, text)
    with pytest.raises(HitFileError, match=said) as caught:
        chunks_of(path)
    assert str(path) in str(caught.value)


def test_a_message_stays_readable(tmp_path):
    path = write(tmp_path, ",".join("x" * 200 for _ in range(500)))
    with pytest.raises(HitFileError, match="and 460 more") as caught:
        chunks_of(path)
    assert len(str(caught.value)) < 4000


def test_header_only_is_no_hit(tmp_path):
    assert chunks_of(write(tmp_path, HEADER)) == []
    assert chunks_of(write(tmp_path, HEADER.strip())) == []


def test_blank_lines_before_the_header_count_as_lines(tmp_path):
    path = write(tmp_path, "\n\r\n" + HEADER + GOOD)
    assert [line for line, _, _ in raw_of(path, 64)] == [4]


def test_a_cut_off_archive(tmp_path):
    data = gzip.compress((HEADER + GOOD * 5000).encode())
    path = write(tmp_path, data[:-40], "hits.csv.gz")
    with pytest.raises(HitFileError, match="cannot be read") as caught:
        chunks_of(path)
    assert str(path) in str(caught.value)


def test_bytes_done_goes_to_the_end(tmp_path):
    path = write(tmp_path, HEADER + GOOD * 100)
    assert chunks_of(path)[-1].bytes_done == path.stat().st_size
    path = write(tmp_path, gzip.compress((HEADER + GOOD * 100).encode()), "b.csv.gz")
    assert chunks_of(path)[-1].bytes_done == path.stat().st_size
