"""UTF-8 or GB18030 is told by the bytes of the whole file."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.encodings import text_blocks, text_encoding
from ingest.errors import HitFileError
from ingest.hit_files import HitFile
from tests.ingest.hit_tables import hits_of

HEADER = "camera_id,plate,captured_at\n"
ROW = "C-001,{},2026-03-22 08:00:00\n"


def file_of(tmp_path, data):
    path = tmp_path / "hits.csv"
    path.write_bytes(data)
    return HitFile(str(path), "csv", None, len(data))


def text_of(file, block_bytes=1 << 20):
    return b"".join(block for block, _ in text_blocks(file, block_bytes)).decode("utf-8", "replace")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@example("赣" * 40)
@example("a\u00e9\u0800\uffff\U00010000\U0010ffff")
@example("plain")
def test_utf8_is_utf8(tmp_path_factory, text):
    data = text.encode()
    file = file_of(tmp_path_factory.mktemp("utf8"), data)
    if text_encoding(file) == "utf-8":
        assert text_of(file, 3) == text.removeprefix("\ufeff")
    else:  # 鲁A or 豫A alone cannot be told from these
        assert "³" in text or "ԥ" in text


@given(st.text("赣粤沪京津冀鲁豫黑A1,\n", min_size=1))
def test_gb18030_is_gb18030(tmp_path_factory, text):
    text += "赣C12345\n"
    file = file_of(tmp_path_factory.mktemp("gb"), text.encode("gb18030"))
    assert text_encoding(file) == "gb18030"
    assert text_of(file, 3) == text


@pytest.mark.parametrize("plate", ["鲁A12345", "豫A12345", "鲁BD12345"])
def test_a_province_whose_gb18030_is_utf8_too(tmp_path, plate):
    text = HEADER + ROW.format(plate) * 5
    assert text.encode("gb18030").decode("utf-8")  # the trap
    file = file_of(tmp_path, text.encode("gb18030"))
    assert [hit["plate"] for hit in hits_of(file.path)] == [plate] * 5
    file = file_of(tmp_path, text.encode())
    assert [hit["plate"] for hit in hits_of(file.path)] == [plate] * 5


def test_latin_letters_stay_latin(tmp_path):
    text = HEADER + ROW.format("MÜ12345") + ROW.format("Ä·99999")
    assert text_encoding(file_of(tmp_path, text.encode())) == "utf-8"


def test_one_damaged_byte_costs_one_plate(tmp_path):
    data = (HEADER + ROW.format("赣C12345") * 20).encode()
    at = data.index(b"12345", 300) - 2  # within a character
    file = file_of(tmp_path, data[:at] + b"\xff" + data[at + 1 :])
    plates = [hit["plate"] for hit in hits_of(file.path)]
    assert plates.count("赣C12345") == 19
    assert sum("\ufffd" in plate for plate in plates) == 1


def test_a_file_cut_off_within_a_character_is_utf8(tmp_path):
    data = (HEADER + "C-001,赣C12345,2026-03-22 08:00:00\nC-001,赣").encode()
    assert text_encoding(file_of(tmp_path, data[:-1])) == "utf-8"


def test_byte_order_mark(tmp_path):
    file = file_of(tmp_path, codecs.BOM_UTF8 + (HEADER + ROW.format("赣C12345")).encode())
    assert text_of(file, 2).startswith("camera_id")
    damaged = file_of(tmp_path, codecs.BOM_UTF8 + HEADER.encode() + b"C-001,\xd4\xa5,\n")
    assert text_encoding(damaged) == "utf-8"


@pytest.mark.parametrize(
    "data", [HEADER.encode("utf-16"), b"PAR1\x15\x04" * 9, HEADER.encode("utf-16-le")]
)
def test_what_is_no_text(tmp_path, data):
    with pytest.raises(HitFileError, match=r"UTF-16|no text"):
        text_encoding(file_of(tmp_path, data))
