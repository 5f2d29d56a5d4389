"""Rule 9: one or two digits, padded; what the standard does not name is unknown."""

from __future__ import annotations

import pytest

from ingest.hits import NO_PLATE_CLASS, UNKNOWN_VEHICLE_CLASS, VEHICLE_CLASSES
from ingest.plate_classes import plate_class_code, plate_class_text
from ingest.vehicle_classes import vehicle_class_code


@pytest.mark.parametrize(
    ("text", "code"),
    [("01", 1), ("1", 1), ("2", 2), (52, 52), (" 15 ", 15), ("27", 27), (1.0, 1), (51, 51)],
)
def test_read_and_padded(text, code):
    assert plate_class_code(text) == code
    assert plate_class_text(code) == f"{code:02d}"


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "0", "00", "99", "41", "42", "43", "44", "28", "53", "001", "-1", "+1", "1.5"),
        *("A1", "１", "٢", "blue", 99, -1, 101, 1.5, float("nan"), float("inf"), True),
    ],
)
def test_anything_else_is_unknown(text):
    assert plate_class_code(text) == NO_PLATE_CLASS


def test_unknown_has_no_text():
    assert plate_class_text(NO_PLATE_CLASS) is None


def test_vehicle_classes():
    assert [vehicle_class_code(f" {word.upper()} ") for word in VEHICLE_CLASSES] == list(range(11))
    for text in (None, "", "truck", "H10", "heavy truck"):
        assert vehicle_class_code(text) == UNKNOWN_VEHICLE_CLASS
