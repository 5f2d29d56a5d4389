"""Plates that a camera may have read for one another: the index finds what a comparison of all finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.alike_plates import AlikePlates
from enforcement.analysis.plate_codes import plate_codes
from ingest.plate_keys import ALPHABET, PlateKeys
from tests.oracles.doubts import alike

BOOK = PlateKeys()


def keys(*plates: str) -> np.ndarray:
    return np.array([BOOK.key(plate) for plate in plates], np.uint64)


def found(read: str, *known: str) -> dict[str, float]:
    pairs = AlikePlates(keys(*known)).find(keys(read))
    return {
        known[place]: cost
        for place, cost in zip(pairs.known.tolist(), pairs.cost.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("read", "known", "cost"),
    [
        ("赣C12345", "赣C12345", 0.0),
        ("赣CD2345", "赣C02345", 0.5),
        ("赣CO2345", "赣CQ2345", 0.5),
        ("赣CB2345", "赣C82345", 0.5),
        ("赣CI2345", "赣C12345", 0.5),
        ("赣C12S45", "赣C12545", 0.5),
        ("赣C1Z345", "赣C12345", 0.5),
        ("赣CG2345", "赣C62345", 0.5),
        ("赣CU2345", "赣CV2345", 0.5),
        ("渝C12345", "赣C12345", 0.5),
        ("贛C12345", "赣C12345", 0.5),
        ("京C12345", "沪C12345", 1.0),
        ("赣C82345", "赣C92345", 1.0),
        ("赣CD2S45", "赣C02545", 1.0),  # two that every camera confuses
        ("赣C1234", "赣C12345", 1.0),  # one lost
        ("赣C122345", "赣C12345", 1.0),  # one read twice
    ],
)
def test_what_cameras_confuse(read, known, cost):
    assert found(read, known) == {known: pytest.approx(cost)}


@pytest.mark.parametrize(
    ("read", "known"),
    [
        ("赣C12345", "赣C12347"),
        ("赣C12345", "赣C21345"),
        ("赣CDZS45", "赣C02545"),  # three
        ("赣C82B45", "赣C92945"),  # a seldom one and another
        ("赣C12X345", "赣C12345"),  # one too many, like no neighbour
        ("赣C123", "赣C12345"),
        ("АВ123Е", "AB123E"),  # Cyrillic: in no table of confusions
    ],
)
def test_what_they_do_not(read, known):
    assert found(read, known) == {}


def test_a_plate_of_another_alphabet_is_like_itself():
    assert found("АВ123Е", "АВ123Е", "赣C12345") == {"АВ123Е": 0.0}


PLATES = st.text(alphabet="01OIZ2DQ8B5S赣渝皖", min_size=4, max_size=7)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PLATES, min_size=1, max_size=30, unique=True),
    st.lists(PLATES, min_size=1, max_size=10),
)
def test_the_index_finds_what_comparing_all_finds(known, read):
    pairs = AlikePlates(keys(*known)).find(keys(*read))
    got = set(zip(pairs.read.tolist(), pairs.known.tolist(), strict=True))
    assert len(got) == pairs.read.shape[0]
    assert got == {
        (i, j) for i, one in enumerate(read) for j, other in enumerate(known) if alike(one, other)
    }


@given(st.lists(st.text(alphabet=ALPHABET, min_size=1, max_size=8), min_size=1, max_size=20))
def test_characters_come_back(plates):
    rows = plate_codes(keys(*plates))
    assert ["".join(ALPHABET[code - 1] for code in row if code) for row in rows] == plates


def test_nothing_is_like_anything_where_nothing_is_known():
    assert AlikePlates(keys()).find(keys("赣C12345")).read.size == 0
    assert AlikePlates(keys("赣C12345")).find(keys()).read.size == 0
