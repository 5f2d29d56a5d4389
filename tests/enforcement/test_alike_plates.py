"""Plates that a camera may have read for one another: the index finds what a comparison of all finds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.analysis.alike_plates import AlikePlates, plate_texts
from enforcement.confusions import Confusions, standard_confusions
from ingest.plate_keys import ALPHABET, PlateKeys
from tests.oracles.doubts import PAIRS, distance

TABLE = standard_confusions()


def keys(book: PlateKeys, plates) -> np.ndarray:
    return np.array([book.key(plate) for plate in plates], np.uint64)


def pairs_of(known, read, confusions=TABLE, most=None) -> dict[tuple[str, str], int]:
    """Return the weight of every pair (read, known) that the index finds."""
    book = PlateKeys()
    known_keys, read_keys = keys(book, known), keys(book, read)
    index = AlikePlates(known_keys, confusions, book.side_plates)
    found = index.find(read_keys, book.side_plates, most)
    rows = list(zip(found.read.tolist(), found.known.tolist(), strict=True))
    assert rows == sorted(set(rows))
    return {
        (read[i], known[j]): weight
        for (i, j), weight in zip(rows, found.weight.tolist(), strict=True)
    }


def weight_of(read: str, known: str, most: int | None = None) -> int | None:
    return pairs_of([known], [read], most=most).get((read, known))


def test_the_table_is_what_the_judgement_says():
    assert {frozenset(pair): weight for pair, weight in TABLE.pairs.items()} == PAIRS


@pytest.mark.parametrize("plate", ["赣C3{}37W", "{}E33A7", "赣C1234{}"])
def test_every_confusion_of_the_table_at_any_place(plate):
    characters = sorted({one for one, _ in TABLE.pairs})
    plates = [plate.format(one) for one in characters]
    assert pairs_of(plates, plates) == {
        (plate.format(one), plate.format(other)): weight
        for (one, other), weight in (TABLE.pairs | {(one, one): 0 for one in characters}).items()
    }


@pytest.mark.parametrize(
    ("read", "known", "weight"),
    [
        ("赣C12345", "赣C12345", 0),
        ("赣CD2S45", "赣C02545", 2),  # two that every camera confuses
        ("赣CDZS45", "赣C02545", None),  # three
        ("赣C82B45", "赣C92945", None),  # a seldom one and another
        ("赣C12345", "赣C12348", None),
        ("赣C12345", "赣C21345", None),
        ("赣C1234", "赣C12345", 2),  # one lost
        ("C12345", "赣C12345", 2),
        ("赣C123", "赣C12345", None),
        ("赣CO234", "赣C02345", None),  # one lost and another misread
        ("赣C122345", "赣C12345", 2),  # one read twice
        ("赣C112233", "赣C11223", 2),
        ("赣C12X345", "赣C12345", None),  # one too many, like no neighbour
        ("赣C12345", "赣C122345", 2),  # one of two like ones lost
        ("赣CD112345", "赣CD12345", 2),  # nine characters: in the side table
        ("АВ123Е7", "АВ123Е77", 2),
        ("АВ123Е", "AB123E", None),  # Cyrillic is not Latin
        ("ÄÖ1234567890", "ÄÖ1234567890", 0),
        ("AA1234567890", "AA123456789", None),
        ("AA123456789", "AA1234567890", 2),
        ("AAA123456789", "AA123456789", 2),
    ],
)
def test_what_cameras_confuse(read, known, weight):
    assert weight_of(read, known) == weight


@pytest.mark.parametrize(
    ("read", "known", "weight"),
    [
        ("赣CDZS45", "赣C02545", 3),
        ("赣C82B45", "赣C92945", None),  # a seldom one and a stranger one
        ("赣C12345", "赣C12348", 4),  # any one character
        ("赣C12345", "赣C21345", None),
        ("赣C1234", "赣C12345", 2),
        ("赣C123", "赣C12345", None),
    ],
)
def test_what_a_plate_may_be_that_nobody_has(read, known, weight):
    assert weight_of(read, known, TABLE.most_alone) == weight


SMALL = "01OQ8ÄЖ赣渝"
PLATES = st.lists(st.text(alphabet=SMALL, min_size=1, max_size=6), max_size=20, unique=True)
TABLES = st.builds(
    lambda most, lost, doubled, other, weights: Confusions(
        most, most, lost, doubled, other, 1, weights
    ),
    *[st.integers(1, 5)] * 4,
    st.dictionaries(st.sampled_from([*combinations(SMALL, 2)]), st.integers(1, 4)).map(
        lambda one_way: one_way | {pair[::-1]: weight for pair, weight in one_way.items()}
    ),
)


@settings(max_examples=200, deadline=None)
@given(PLATES, PLATES, TABLES)
def test_the_index_finds_what_comparing_all_finds(known, read, table):
    pairs = {frozenset(pair): weight for pair, weight in table.pairs.items()}
    apart = {
        (one, other): distance(
            one, other, pairs, table.most, table.lost, table.doubled, table.other
        )
        for one in read
        for other in known
    }
    assert pairs_of(known, read, table) == {
        pair: weight for pair, weight in apart.items() if weight is not None
    }


@settings(max_examples=50, deadline=None)
@given(PLATES, TABLES)
def test_confused_both_ways(plates, table):
    found = pairs_of(plates, plates, table)
    assert all(found[plate, plate] == 0 for plate in plates)
    for (one, other), weight in found.items():
        if len(one) == len(other):
            assert found[other, one] == weight


def test_many_plates_are_found_by_their_neighbours():
    rng = np.random.default_rng(7)
    known = [f"赣C{number:05d}" for number in rng.permutation(100_000)[:20_000].tolist()]
    filed = set(known)
    found = pairs_of(known, [plate[:-1] for plate in known[:500]])
    assert set(found) == {
        (plate[:-1], longer)
        for plate in known[:500]
        for place in range(1, 8)
        for letter in "0123456789C"
        if (longer := plate[:place] + letter + plate[place:-1]) in filed
    }


@settings(deadline=None)
@given(st.lists(st.text(alphabet=ALPHABET + "ÄЖ", min_size=1, max_size=12), max_size=20))
def test_characters_come_back(plates):
    book = PlateKeys()
    some = keys(book, plates)
    texts, lengths = plate_texts(some, book.side_plates)
    rows = zip(texts.tolist(), lengths.tolist(), strict=True)
    assert ["".join(map(chr, row[:length])) for row, length in rows] == plates


def test_nothing_is_like_anything_where_nothing_is_known():
    assert pairs_of([], ["赣C12345"]) == {}
    assert pairs_of(["赣C12345"], []) == {}


def test_a_key_beyond_the_side_table_is_like_nothing():
    book = PlateKeys()
    some = keys(book, ["АВ123Е", "赣C12345"])
    found = AlikePlates(some, TABLE, book.side_plates).find(some)
    assert (found.read.tolist(), found.known.tolist()) == ([1], [1])
