"""One spelling for one plate; what cannot be a plate is not one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.plates import PROVINCES, is_plausible, normalise_plate


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("赣C12D45", "赣C12D45"),
        ("赣C·9K031", "赣C9K031"),
        (" 赣c7t551 ", "赣C7T551"),
        ("赣Ｃ１２３４５", "赣C12345"),
        ("赣C•1‧2∙3⋅4・5･.。", "赣C12345"),
        ("赣C-1‐2‑3‒4–5—−_﹣－", "赣C12345"),
        ("AB\t12 \u3000CD", "AB12CD"),
        ("AB\u00ad12", "AB12"),
        ("粤Z1234港", "粤Z1234港"),
        ("straße1", "STRASSE1"),
        ("ⅷ①²", "VIII12"),
        ("بـ1٢3", "بـ1٢3"),
        ("赣C1?3*5", "赣C1?3*5"),
        ("", ""),
        ("---", ""),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_section_2_normalises(text, plate):
    assert normalise_plate(text) == plate


@pytest.mark.parametrize(
    "plate",
    ["赣C12345", "赣CF02176", "粤Z1234港", "A123", "123456789012", "WJ20345X", "กข1234", "DWB١٢"],
)
def test_plausible_in_any_country(plate):
    assert is_plausible(plate)


@pytest.mark.parametrize(
    "text",
    [
        "无车牌",
        "无牌",
        "unknown",
        "UNLICENSED",
        "------",
        "",
        "A12",
        "1234567890123",
        "赣CABCDE",
        "赣C1?345",
        "赣C1*345",
        "赣C1\ufffd345",
        "A1\u0301234",
        "12½4",
        "ABC\u2460\u2044",
    ],
)
def test_not_plausible(text):
    assert not is_plausible(normalise_plate(text))


@given(st.text(max_size=16))
@example("Ǆ-\u0323\u0307")
@example("s-\u0323-\u0307")
@example("\u1e9b\u0323")
@example("ᾳ\u0345ΐ")
def test_normalising_twice_changes_nothing(text):
    once = normalise_plate(text)
    assert normalise_plate(once) == once


@given(st.text(st.sampled_from("赣粤C1D2a·-－ _０Ａ\u0301?*"), max_size=14))
def test_nothing_but_separators_is_dropped(text):
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    kept = [c for c in wide if c not in "·- _"]
    assert normalise_plate("".join(kept)) == normalise_plate(text)
    assert sum(c in "?*" for c in normalise_plate(text)) == sum(c in "?*" for c in text)


def test_31_provinces():
    assert len(set(PROVINCES)) == 31
