"""NDJSON: the kernel reads what Python's json reads, and leaves the rest to it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import HitFileError
from ingest.hit_files import HitFile
from ingest.ndjson_kernels import LONGEST_LINE
from ingest.ndjson_rows import read_ndjson
from ingest.raw_rows import JUDGED_COLUMNS
from tests.ingest.hit_tables import batch_of, chunks_of, hits_of

GOOD = '{"camera_id":"C-001","plate":"赣C12345","captured_at":"2026-03-22 08:00:00"}'
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.text('赣C1"\\/\b\f\n\r\t\u2028😀é', max_size=5),
)
VALUES = st.one_of(SCALARS, SCALARS, SCALARS, st.lists(SCALARS, max_size=2))
KEYS = st.one_of(st.sampled_from(JUDGED_COLUMNS), st.text(max_size=3))
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=6)


def rows_of(folder, text, block_bytes=1 << 20, name="hits.ndjson"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rows = []
    for raw in read_ndjson(HitFile(str(path), "ndjson", None, 0), block_bytes):
        assert set(raw.columns) == set(JUDGED_COLUMNS)
        for i in range(raw.count):
            cells = {key: column.text_at(i) for key, column in raw.columns.items()}
            rows.append((int(raw.lines[i]), raw.faults.get(i), cells))
    return rows


def expected_text(value):
    """Say what a value is as text, by Python's own reader: numbers as they are written."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def expect(line):
    return json.loads(line, parse_int=str, parse_float=str, parse_constant=lambda _: None)


@given(
    st.lists(OBJECTS, max_size=5),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]),
    st.sampled_from(["\n", "\r\n", "\n\n \r\n"]),
    st.sampled_from([1, 30, 1 << 20]),
)
@example([{"plate": "\ud83d\ude00"}], True, (",", ":"), "\n", 1)
def test_what_python_wrote_is_read(tmp_path_factory, objects, ascii_only, separators, end, block):
    lines = [json.dumps(o, ensure_ascii=ascii_only, separators=separators) for o in objects]
    text = end.join([GOOD, *lines]).encode("utf-8", "replace")
    _, *rows = rows_of(tmp_path_factory.mktemp("json"), text, block)
    assert len(rows) == len(lines)
    for (_, fault, cells), line in zip(rows, text.decode().split(end)[1:], strict=True):
        assert fault is None
        values = expect(line)
        for key in JUDGED_COLUMNS:
            value = expected_text(values.get(key))
            assert cells[key] == value.encode("utf-8", "replace").decode()


MUTATIONS = st.lists(
    st.tuples(st.integers(0, 90), st.sampled_from([*'{}[]",:\\ u0019eE+-.tfn\x01NaI', ""])),
    min_size=1,
    max_size=3,
)


@given(MUTATIONS, st.booleans())
def test_what_python_refuses_is_a_fault_and_only_that(tmp_path_factory, mutations, ascii_only):
    value = {"camera_id": 1e5, "plate": "赣C\n1", "lane": [1], "confidence": -0.5, "x": None}
    line = json.dumps(value, ensure_ascii=ascii_only)
    for place, character in mutations:
        at = place % len(line)
        line = line[:at] + character + line[at + 1 :]
    if not line.strip():
        return
    _, (number, fault, cells) = rows_of(tmp_path_factory.mktemp("json"), f"{GOOD}\n{line}")
    assert number == 2
    try:
        values = expect(line)
    except ValueError:
        assert "broken JSON" in fault
        return
    if not isinstance(values, dict):
        assert fault == "no JSON object"
        return
    assert fault is None
    for key in JUDGED_COLUMNS:
        text = expected_text(values.get(key))
        assert cells[key] == text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("36099900001190000021", "36099900001190000021"),
        ("-0.10e+5", "-0.10e+5"),
        ("1E5", "1E5"),
        ('"\\u8d63C12345"', "赣C12345"),
        ('"\\ud83d\\ude00"', "😀"),
        ('"\\ud83d"', "?"),
        ('"\\/\\"\\\\"', '/"\\'),
        ("NaN", ""),
        ("Infinity", ""),
        ("null", ""),
        ("[]", ""),
        ("{}", ""),
        ('["a", 1]', '["a", "1"]'),
        ("true", "true"),
        ('"x" , "plate": "y"', "y"),
        ('"x" , "plate": null', ""),
    ],
)
def test_values(tmp_path, text, value):
    ((_, fault, cells),) = rows_of(tmp_path, f'{{"plate": {text}}}')
    assert fault is None
    assert cells["plate"] == value


@pytest.mark.parametrize(
    "bad",
    [
        *(GOOD[:-1], GOOD[:20], GOOD + "x", GOOD + GOOD, "[1]", '"x"', "null", "17", "{", "x"),
        *('{"a":01}', '{"a":.5}', '{"a":1.}', '{"a":+1}', '{"a":1e}', '{"a":"\t"}', '{"a":"\\x"}'),
        *('{"a":"\\u12"}', '{"a":tru}', '{"a" 1}', '{"a":1,}', "{a:1}", "{,}", '{"a":"'),
        "{" * 5000,
        "[" * 100_000,
    ],
)
@pytest.mark.parametrize("block_bytes", [3, 1 << 20])
def test_a_broken_line_costs_no_neighbour(tmp_path, bad, block_bytes):
    rows = rows_of(
        tmp_path, f"\ufeff{GOOD}\n{bad}\n\n{GOOD}", block_bytes if len(bad) < 99 else 9999
    )
    assert [line for line, _, _ in rows] == [1, 2, 4]
    assert [fault is None for _, fault, _ in rows] == [True, False, True]
    assert set(rows[1][2].values()) == {""}
    assert rows[2][2]["plate"] == "赣C12345"


def test_broken_lines_are_malformed_hits(tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text(GOOD + '\n{"camera_id":"C-0\n' + GOOD, encoding="utf-8")
    (chunk,) = chunks_of(path)
    assert chunk.batch.camera.tolist() == [0, -2, 0]
    (row,) = chunk.rejected([1], ["malformed"]).to_pylist()
    assert row["detail"].startswith(f"{path}, line 2: broken JSON at column 14")
    assert row["detail"].endswith('{"camera_id":"C-0')


def test_a_line_of_any_length_is_refused_alone(tmp_path):
    long = GOOD[:-1] + ',"x":"' + "a" * (3 * LONGEST_LINE) + '"}'
    rows = rows_of(tmp_path, f"{GOOD}\n{long}\n{GOOD}\n", 1 << 18)
    assert [line for line, _, _ in rows] == [1, 2, 3]
    assert "bytes" in rows[1][1]
    assert rows[2][1] is None


def test_bytes_that_are_no_utf8(tmp_path):
    # Enough of UTF-8 that the file is UTF-8 with damage.
    line = GOOD.encode()
    bad = line.replace(b"\xe8\xb5\xa3", b"\xe8\xb5")
    rows = rows_of(tmp_path, b"\n".join([line] * 20 + [bad]))
    assert rows[-1][1] is None
    assert "\ufffd" in rows[-1][2]["plate"]


def test_gb18030(tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_bytes((GOOD + "\n").encode("gb18030") * 3)
    assert [hit["plate"] for hit in hits_of(path)] == ["赣C12345"] * 3


def test_other_keys_are_read_for_those_who_ask(tmp_path):
    path = tmp_path / "a.ndjson"
    more = (
        GOOD[:-1]
        + ',"lane":2,"speed_kmh":"41.5","direction":"North","plate_colour":"黄色","tags":[1]}'
    )
    path.write_text(f"{GOOD}\n{more}\n", encoding="utf-8")
    (chunk,) = chunks_of(path)
    (row,) = chunk.take([1], every_column=True).to_pylist()
    told = [row[name] for name in ("lane", "speed_kmh", "direction", "plate_colour")]
    assert told == [2, 41.5, "north", "yellow"]
    ids = chunk.take(np.arange(2)).column("hit_id").to_pylist()
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("plate", "plateNo", "no key plate; .*'plateNo' the plate"),
        ("captured_at", "passTime", "no key captured_at; .*'passTime'"),
        ("camera_id", "设备编号", "no key camera_id"),
    ],
)
def test_a_file_of_other_names(tmp_path, old, new, said):
    path = tmp_path / "a.ndjson"
    path.write_text((GOOD.replace(old, new) + "\n") * 2, encoding="utf-8")
    with pytest.raises(HitFileError, match=said):
        chunks_of(path)


def test_single_hits_without_camera_are_rows_not_errors(tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text('{"plate":"赣C12345","captured_at":1774137568}\n', encoding="utf-8")
    assert batch_of(path, "camera") == [-2]
    path.write_text("", encoding="utf-8")
    assert chunks_of(path) == []
