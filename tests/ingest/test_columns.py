"""A column may be stored as any type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.code_book import CodeBook
from ingest.columns import (
    arrow_texts,
    as_confidences,
    as_instants,
    as_numbers,
    as_plate_classes,
    as_texts,
    as_vehicle_classes,
    hash_ids,
    take_rows,
)
from ingest.errors import HitFileError
from ingest.hits import CAMERA_MISSING, CAMERA_UNKNOWN, NO_INSTANT, VEHICLE_CLASSES
from ingest.plate_classes import plate_class_code
from ingest.plate_keys import PlateKeys
from ingest.text_columns import text_column
from ingest.vehicle_classes import vehicle_class_code

TEXTS = ["C-001", None, "", "36099900001190000021", "赣C·12345678901"]
BLANKS = st.sampled_from(["", " ", "\t", "\u3000", "\xa0", "\r\n", " \u3000 "])


def texts_of(array):
    column = as_texts(array, "camera_id", "file")
    return column.texts(np.arange(len(column)))


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.string(), pa.large_string(), pa.string_view()),
        *(pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.uint32(), pa.large_string())),
        *(pa.binary(), pa.large_binary(), pa.binary_view()),
    ],
)
def test_every_kind_of_text(kind):
    array = pa.array(TEXTS, pa.string()).cast(pa.binary() if "binary" in str(kind) else pa.string())
    array = array.dictionary_encode().cast(kind) if "dictionary" in str(kind) else array.cast(kind)
    expected = [text or "" for text in TEXTS]
    assert texts_of(array) == expected
    assert texts_of(array[1:4]) == expected[1:4]
    assert texts_of(array[:0]) == []
    if "dictionary" not in str(kind):
        many = pa.chunked_array([array, array[2:]]).combine_chunks()
        assert texts_of(many) == expected + expected[2:]


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([7, None, 36099900001190], pa.int64()), ["7", "", "36099900001190"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([1001.0, None, float("nan"), 0.5]), ["1001", "", "", "0.5"]),
        (pa.array([1001.0], pa.float32()), ["1001"]),
        (
            pa.array([Decimal(36099900001190000021)], pa.decimal128(20, 0)),
            ["36099900001190000021"],
        ),
        (pa.array([Decimal("100.00"), Decimal("1.50")], pa.decimal128(9, 2)), ["100", "1.5"]),
        (pa.array([True, None]), ["true", ""]),
        (pa.nulls(2), ["", ""]),
    ],
)
def test_numbers_as_text(array, texts):
    assert texts_of(array) == texts


@pytest.mark.parametrize(
    "array", [pa.array([[1]]), pa.array([{"a": 1}]), pa.array([date(2026, 1, 1)])]
)
def test_what_is_no_text(array):
    with pytest.raises(HitFileError, match="column camera_id is of type"):
        as_texts(array, "camera_id", "file")


def test_null_slots_may_hold_anything():
    """What stands under a null is undefined by the format."""
    view = pa.array(["secret", "x"], pa.string_view())
    hidden = pa.Array.from_buffers(
        pa.string_view(), 2, [pa.py_buffer(b"\x02"), *view.buffers()[1:]], null_count=1
    )
    assert texts_of(hidden) == ["", "x"]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([date(2026, 3, 22)]),
        pa.array([True]),
        pa.array([1], pa.duration("s")),
        pa.array([1], pa.time64("us")),
        pa.array([["2026"]]),
    ],
)
def test_what_is_no_time(array):
    with pytest.raises(HitFileError, match="column captured_at is of type"):
        as_instants(array, "UTC", "file")


def test_times_of_every_type():
    when = datetime(2026, 3, 22, tzinfo=UTC)
    us = int(when.timestamp() * 1_000_000)
    arrays = [
        pa.array([when, None], pa.timestamp("ms", tz="+08:00")),
        pa.array(["2026-03-22T08:00:00", None]),
        pa.array(["2026-03-22T08:00:00", None]).dictionary_encode(),
        pa.array([us // 1_000_000, None]),
        pa.array([us / 1_000_000, None]),
        pa.array([Decimal(us), None], pa.decimal128(20, 0)),
        pa.array([datetime(2026, 3, 22, 8), None], pa.timestamp("s")),  # noqa: DTZ001
    ]
    for array in arrays:
        assert as_instants(array, "Asia/Shanghai", "file").tolist() == [us, NO_INSTANT]
    assert as_instants(pa.nulls(1), "UTC", "file").tolist() == [NO_INSTANT]


@given(
    st.lists(
        st.one_of(st.none(), st.text("019. ,-e+_xÄ1nainf", max_size=14), st.floats(0, 1).map(str))
    )
)
@example(["0.97", "1", "", None, "0,64", " .5 ", "1e-1", "nan", "x", "0.1.2", ".", "1_0", "--1"])
@example(["0.30000000001", "00000000.970", "123456789.25", "0.9700000000000000000001"])
def test_numbers_are_the_nearest_float(texts):
    numbers = as_numbers(pa.array(texts, pa.string()), "confidence", "file")
    for given_text, number in zip(texts, numbers.tolist(), strict=True):
        text = (given_text or "").strip()
        point = text.replace(",", ".", 1) if "." not in text else text
        try:
            expected = float(point) if "_" not in text else np.nan
        except ValueError:
            expected = np.nan
        assert number == expected or (np.isnan(number) and np.isnan(expected))


def test_a_missing_confidence_is_1():
    for array in (pa.array(["", None, " ", "NaN"]), pa.array([None, float("nan")]), pa.nulls(2)):
        assert set(as_confidences(array, len(array), "file").tolist()) == {1.0}
    assert as_confidences(None, 2, "file").tolist() == [1.0, 1.0]
    assert as_confidences(pa.array(["x", "0.9"]), 2, "file").tolist() == [0.0, 0.9]
    assert as_confidences(pa.array([0.7, None], pa.float32()), 2, "file").tolist() == [0.7, 1.0]
    assert as_confidences(pa.array([0, 1], pa.int8()), 2, "file").tolist() == [0.0, 1.0]


@given(st.lists(st.tuples(BLANKS, st.sampled_from([*VEHICLE_CLASSES, "lorry", "1"]), BLANKS)))
def test_vehicle_classes_of_a_column(parts):
    texts = [before + word.upper() + after for before, word, after in parts]
    got = as_vehicle_classes(pa.array(texts, pa.string()), len(texts), "file").tolist()
    assert got == [vehicle_class_code(text) for text in texts]
    padded = [text.ljust(30) for text in texts]  # as columns of fixed width are
    assert as_vehicle_classes(pa.array(padded), len(texts), "file").tolist() == got


@given(
    st.lists(
        st.one_of(
            st.text(" 0123456789xé\xa0", max_size=4).map(lambda t: t * 4 if t.isspace() else t),
            st.integers(0, 120).map(str),
        )
    )
)
def test_plate_classes_of_a_column(texts):
    got = as_plate_classes(pa.array(texts, pa.string()), len(texts), "file").tolist()
    assert got == [plate_class_code(text) for text in texts]
    assert as_plate_classes(pa.array([1, 52, 99, None]), 4, "file").tolist() == [1, 52, 255, 255]


@given(
    st.lists(
        st.text("C-0赣", min_size=1, max_size=20).filter(lambda t: t == t.strip()), unique=True
    ),
    st.data(),
)
def test_camera_codes(ids, data):
    known = st.sampled_from(ids) if ids else st.just("")
    asked = data.draw(
        st.lists(st.tuples(BLANKS, st.one_of(known, st.text("C-0赣 \xa0", max_size=20)), BLANKS))
    )
    texts = ["".join(parts) for parts in asked]
    codes = CodeBook(ids, PlateKeys()).camera_codes(text_column(pa.array(texts, pa.string())))
    place = {text: code for code, text in enumerate(ids)}
    for text, code in zip(texts, codes.tolist(), strict=True):
        bare = text.strip()
        assert code == (place.get(bare, CAMERA_UNKNOWN) if bare else CAMERA_MISSING)


def test_many_long_camera_ids():
    ids = [f"360999000011900{number:05d}" for number in range(5000)]
    codes = CodeBook(ids, PlateKeys()).camera_codes(text_column(pa.array([*ids, ids[0] + "0"])))
    assert codes.tolist() == [*range(5000), CAMERA_UNKNOWN]


def test_a_camera_twice():
    with pytest.raises(ValueError, match="'C-2' stands twice"):
        CodeBook(["C-1", "C-2", "C-2"], PlateKeys())


@given(st.lists(st.text(max_size=40), unique_by=str.strip))
@example(["a", "b", "a" * 8, "a" * 9, "a" * 16, "a" * 17, "\0", "h-000001", "h-000002"])
def test_ids_have_hashes_of_their_own(texts):
    hashes = hash_ids(pa.array(texts, pa.string()), "file")
    bare = [text.strip("".join(map(chr, range(33))) + "\xa0\u3000") for text in texts]
    if not any(bare):
        assert hashes is None
        return
    pairs = [tuple(pair) for pair in hashes.tolist()]
    assert len(set(pairs)) == len(set(bare))
    for text, pair in zip(bare, pairs, strict=True):
        assert (pair == (0, 0)) == (text == "")


def test_hashes_do_not_change_between_versions():
    """They stand in states that are kept."""
    first, second = hash_ids(pa.array(["h-0001", "赣C-0123456789-abcdef"]), "file").tolist()
    assert first == [7311057329577964218, 30191453940081491]
    assert second == [9820594292230968785, 5121941945622675102]


def test_rows_of_a_column():
    rows = np.array([3, 0])
    for array in (pa.array(TEXTS), pa.array([1, 2, 3, 4]), pa.array(TEXTS).dictionary_encode()):
        taken = arrow_texts(take_rows(array, rows), "x").to_pylist()
        assert taken == [arrow_texts(array, "x").to_pylist()[row] for row in rows]


def test_plain_text_of_anything():
    assert arrow_texts(pa.array([" a\u3000", "", " ", None]), "x").to_pylist() == [
        "a",
        None,
        None,
        None,
    ]
    assert arrow_texts(pa.array([[1], [], None]), "x").to_pylist() == ["[1]", None, None]
    assert arrow_texts(pa.array([b"a\xff"]), "x").to_pylist() == ["a\ufffd"]
    assert arrow_texts(pa.array([1.0, 1.5]), "x").to_pylist() == ["1", "1.5"]
