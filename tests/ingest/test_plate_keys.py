"""A plate has one key, a key one plate, whichever way it came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ingest.hits import NO_PLATE
from ingest.plate_keys import ALPHABET, PlateKeys, pack_plate, unpack_plate
from ingest.plates import is_plausible, normalise_plate
from ingest.text_columns import text_column

CHINESE = st.text(st.sampled_from(ALPHABET), min_size=3, max_size=12)
ANY_SCRIPT = st.text(st.characters(categories=["L", "Nd"]), min_size=3, max_size=12)
SPELLINGS = st.text(
    st.sampled_from("赣粤挂龘CXz19０Ａｂ·•-－—_ .。・?*#\u0301é١ก\u3000\ufffd\x00\x1c😀"),
    max_size=16,
)


@st.composite
def plates(draw):
    plate = normalise_plate(draw(st.one_of(CHINESE, ANY_SCRIPT)) + draw(st.sampled_from("0179")))
    assume(is_plausible(plate))
    return plate


@given(plates())
@example("0000")
@example("999999999999")
@example("ZZZZZZZZZZZ9")
@example("赣C12345")
@example("无无无无无无无9")
@example("赣赣赣赣赣赣赣赣9")
@example("龘C12345")
def test_key_and_back(plate):
    keys = PlateKeys()
    key = keys.key(plate)
    assert 0 < key < 1 << 64
    assert keys.text(key) == plate
    assert keys.key(plate) == key
    assert unpack_plate(key) == (plate if key < 0b11 << 62 else None)


@given(plates(), plates())
def test_two_plates_have_two_keys(one, other):
    keys = PlateKeys()
    assert (keys.key(one) == keys.key(other)) == (one == other)


def test_the_three_kinds():
    assert pack_plate("AB12CD34EF56") >> 63 == 0
    assert pack_plate("赣CF02176") >> 62 == 0b10
    assert pack_plate("赣CF021765") is None
    assert pack_plate("Ä1234") is None


def test_keys_do_not_change_between_versions():
    """They stand in archives: these numbers are the format."""
    assert len(set(ALPHABET)) == len(ALPHABET) <= 127
    assert pack_plate("A1") == 1 * 37 + 28
    assert pack_plate("赣C12345") == 0b10 << 62 | int(
        "".join(f"{c:07b}" for c in (50, 3, 28, 29, 30, 31, 32)), 2
    )


@given(st.lists(SPELLINGS, max_size=8))
@example(["赣C12345", "赣c·123 45", "赣Ｃ１２３４５", "赣C1?345", "", "A" * 40 + "1"])
@example(["赣赣赣赣赣赣赣赣9", "A\u03011234", "粤Z1234港挂领警9"])
def test_every_spelling_gets_the_key_of_its_plate(texts):
    keys = PlateKeys()
    got = keys.keys_of_texts(texts)
    for text, key in zip(texts, got.tolist(), strict=True):
        plate = normalise_plate(text)
        assert key == (keys.key(plate) if is_plausible(plate) else NO_PLATE)


def test_bytes_that_are_no_utf8_are_unreadable():
    raw = [b"\xe8\xb5C12345", b"A1234\xff", b"\xc3(1234", b"\xe8\xb5", b"A123\xe8\xb5\xa3"[:-1]]
    column = text_column(pa.array(raw, type=pa.binary()))
    assert PlateKeys().keys_of_column(column).tolist() == [NO_PLATE] * len(raw)


def test_side_plates_keep_their_place():
    keys = PlateKeys(["龘A0001", "龘A0002"])
    assert keys.key("龘A0002") == 0b11 << 62 | 1
    assert keys.key("龘A0003") == 0b11 << 62 | 2
    assert keys.side_plates == ("龘A0001", "龘A0002", "龘A0003")


def test_texts_of_many_keys():
    keys = PlateKeys()
    plates = ["赣C12345", None, "AB123", "龘A0001", "赣C12345"]
    packed = np.array([0 if p is None else keys.key(p) for p in plates], dtype=np.uint64)
    assert keys.texts(packed).tolist() == plates


@pytest.mark.parametrize("key", [NO_PLATE, 37, 0b10 << 62, 0b10 << 62 | 127, 0b11 << 62, 2**64 - 1])
def test_a_number_that_is_no_key(key):
    with pytest.raises(KeyError):
        PlateKeys().text(key)


@pytest.mark.parametrize("plate", ["", "A123456789012"])
def test_no_key_for_what_is_no_plate(plate):
    with pytest.raises(ValueError, match="not a plate"):
        PlateKeys().key(plate)


def test_threads_agree():
    keys = PlateKeys()
    plates = [f"龘A{number:04d}" for number in range(200)]

    def ask(start):
        return {plate: keys.key(plate) for plate in plates[start:] + plates[:start]}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(0, 200, 10)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0].values())) == len(plates)
