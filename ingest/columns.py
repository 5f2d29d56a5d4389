"""One column of a hit file, of whatever type it is stored as, into what a hit needs of it."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.errors import HitFileError
from ingest.hits import (
    NO_INSTANT,
    NO_PLATE_CLASS,
    UNKNOWN_VEHICLE_CLASS,
    VEHICLE_CLASSES,
    InstantArray,
    ShareArray,
    SmallCodeArray,
)
from ingest.instants import (
    instants_of_floats,
    instants_of_integers,
    instants_of_texts,
    instants_of_timestamps,
)
from ingest.plate_classes import plate_class_code
from ingest.text_columns import TextColumn, empty_column, text_column
from ingest.text_kernels import find_few, hash_texts, read_decimals

Column: TypeAlias = TextColumn | pa.Array

_WORDS: Final = np.frombuffer("".join(VEHICLE_CLASSES).encode(), dtype=np.uint8)
_WORD_OFFSETS: Final = np.cumsum([0, *map(len, VEHICLE_CLASSES)], dtype=np.int64)
_CLASS_OF_WORD: Final = np.arange(len(VEHICLE_CLASSES) + 1, dtype=np.uint8)
_CLASS_OF_WORD[-1] = UNKNOWN_VEHICLE_CLASS
_NO_WORDS: Final = np.zeros(1, dtype=np.int64)
_MEMORY_SLOTS: Final = 256
_CLASS_OF_NUMBER: Final = np.array(
    [*(plate_class_code(number) for number in range(100)), NO_PLATE_CLASS], dtype=np.uint8
)

_POWERS: Final = np.array([10.0**power for power in range(16)], dtype=np.float64)
_INSTANT_READERS: Final = (
    (pa.types.is_timestamp, instants_of_timestamps),
    (pa.types.is_integer, instants_of_integers),
    (pa.types.is_floating, instants_of_floats),
    (pa.types.is_null, lambda column, _: np.full(len(column), NO_INSTANT, dtype=np.int64)),
)


def number_text(value: float) -> str:
    """Write a number the one way that both CSV and Parquet lead to: 38 for 38.0."""
    return str(int(value)) if value.is_integer() else repr(value)


def as_texts(column: Column, name: str, where: str) -> TextColumn:
    """Return a column as text: whole numbers in full, null and NaN as missing.

    Raises
    ------
    HitFileError
        The column has a type that is no text: nested, or a time.
    """
    if isinstance(column, TextColumn):
        return column
    kind = column.type
    if pa.types.is_null(kind):
        return empty_column(len(column))
    if pa.types.is_dictionary(kind):
        return as_texts(column.cast(kind.value_type), name, where)
    if pa.types.is_floating(kind):
        values = np.asarray(column.cast(pa.float64()).fill_null(np.nan), dtype=np.float64)
        distinct, place = np.unique(values, return_inverse=True)
        texts = [number_text(float(v)) if np.isfinite(v) else None for v in distinct]
        column = pa.array(texts, pa.string()).take(pa.array(place))
    elif pa.types.is_decimal(kind):
        column = pc.replace_substring_regex(column.cast(pa.string()), r"\.0*$", "")
        column = pc.replace_substring_regex(column, r"(\.\d*[1-9])0+$", r"\1")
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        column = column.cast(pa.string())
    elif not _is_text(kind):
        raise HitFileError(
            "column_type", f"column {name} is of type {kind}, text is expected", where
        )
    return text_column(column)


def as_instants(column: Column, zone: str, where: str) -> InstantArray:
    """Return captured_at as (n,) microseconds UTC, NO_INSTANT where it cannot be read.

    Raises
    ------
    HitFileError
        The column has a type that cannot hold an instant: a date, a duration, nested.
    """
    if isinstance(column, TextColumn):
        return instants_of_texts(column, zone)
    kind = column.type
    for applies, read in _INSTANT_READERS:
        if applies(kind):
            return read(column, zone)
    if pa.types.is_dictionary(kind):
        return as_instants(column.cast(kind.value_type), zone, where)
    if _is_text(kind) or pa.types.is_decimal(kind):
        return instants_of_texts(as_texts(column, "captured_at", where), zone)
    raise HitFileError(
        "column_type",
        f"column captured_at is of type {kind}, a time stamp or text such as "
        "2026-03-22T08:00:00+08:00 is expected",
        where,
    )


def as_numbers(column: Column, name: str, where: str) -> ShareArray:
    """Return (n,) float64, NaN where missing or no number; a decimal comma is understood."""
    if isinstance(column, TextColumn):
        return _numbers_of_texts(column)
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        column = column.cast(pa.float64(), safe=False)
        return np.asarray(column.fill_null(np.nan) if column.null_count else column)
    return _numbers_of_texts(as_texts(column, name, where))


def _numbers_of_texts(column: TextColumn) -> ShareArray:
    numbers = np.empty(len(column), dtype=np.float64)
    if read_decimals(column.heads, column.inline, _POWERS, numbers):
        for row in np.flatnonzero(np.isinf(numbers)):
            numbers[row] = _number(column.text_at(int(row)))
    return numbers


def _number(text: str) -> float:
    text = text.strip()
    if "," in text and "." not in text:
        text = text.replace(",", ".", 1)
    try:
        return float(text) if "_" not in text else np.nan
    except ValueError:
        return np.nan


_MISSING_NUMBERS: Final = frozenset({"", "nan", "null", "none"})
_FLOAT32_DECIMALS: Final = 6  # 0.7 stored in 32 bits is 0.7 again


def as_confidences(column: Column | None, rows: int, where: str) -> ShareArray:
    """Return (n,) float64 confidences, 1 where there is none.

    Text that is there and is no number says nothing good of a read: 0.
    """
    if column is None:
        return np.ones(rows)
    numbers = as_numbers(column, "confidence", where)
    if not isinstance(column, TextColumn) and column.type in (pa.float16(), pa.float32()):
        numbers = np.round(numbers, _FLOAT32_DECIMALS)
    missing = np.isnan(numbers)
    if not missing.any():
        return numbers
    numbers = np.where(missing, 1.0, numbers)
    if isinstance(column, TextColumn) or _is_text(column.type):
        texts = as_texts(column, "confidence", where)
        for row in np.flatnonzero(missing & (texts.heads[:, 0] > 0)).tolist():
            if texts.text_at(row).strip().lower() not in _MISSING_NUMBERS:
                numbers[row] = 0.0
    return numbers


def as_plate_classes(column: Column | None, rows: int, where: str) -> SmallCodeArray:
    """Return (n,) uint8 plate classes (`ingest.plate_classes`)."""
    if column is None:
        return np.full(rows, NO_PLATE_CLASS, dtype=np.uint8)
    texts = as_texts(column, "plate_class", where)
    return _few_codes(texts, _NO_WORDS, _CLASS_OF_NUMBER)


def as_vehicle_classes(column: Column | None, rows: int, where: str) -> SmallCodeArray:
    """Return (n,) uint8 vehicle classes (`ingest.vehicle_classes`)."""
    if column is None:
        return np.full(rows, UNKNOWN_VEHICLE_CLASS, dtype=np.uint8)
    texts = as_texts(column, "vehicle_class", where)
    return _few_codes(texts, _WORD_OFFSETS, _CLASS_OF_WORD)


def _few_codes(
    texts: TextColumn, offsets: npt.NDArray[np.int64], code_of: SmallCodeArray
) -> SmallCodeArray:
    codes = np.empty(len(texts), dtype=np.uint8)
    memory = np.full((_MEMORY_SLOTS, 3), np.iinfo(np.uint64).max, dtype=np.uint64)
    find_few(
        texts.heads,
        texts.inline,
        texts.data,
        texts.buffer_starts,
        _WORDS,
        offsets,
        code_of,
        memory,
        codes,
    )
    return codes


def hash_ids(column: Column, where: str) -> npt.NDArray[np.uint64] | None:
    """Return (n, 2) uint64 hashes of hit ids, (0, 0) where blank; None if all are blank."""
    texts = as_texts(column, "hit_id", where)
    hashes = np.empty((len(texts), 2), dtype=np.uint64)
    present = hash_texts(texts.heads, texts.inline, texts.data, texts.buffer_starts, hashes)
    return hashes if present else None


def take_rows(column: Column, rows: npt.NDArray[np.int64]) -> Column:
    """Return some rows of a column."""
    if isinstance(column, TextColumn):
        heads = column.heads[rows]
        inline = heads.view(np.uint8).reshape(-1)
        return TextColumn(heads, inline, column.data, column.buffer_starts)
    if _is_text(column.type):
        return take_rows(text_column(column), rows)
    return column.take(pa.array(rows))


def arrow_texts(column: Column, name: str) -> pa.Array:
    """Return a column of any type as an Arrow string array, trimmed, null for blank.

    Lists and structures are written as Python would, times as Arrow does.
    """
    if not isinstance(column, TextColumn):
        kind = column.type
        if pa.types.is_nested(kind):
            values = [None if v in (None, [], {}) else str(v) for v in column.to_pylist()]
            return pa.array(values, pa.string())
        if pa.types.is_temporal(kind):
            return column.cast(pa.string())
        column = as_texts(column, name, "")
    try:
        texts = pc.utf8_trim_whitespace(column.to_arrow())
    except pa.ArrowInvalid:  # not UTF-8
        rows = np.arange(len(column))
        texts = pa.array([text.strip() for text in column.texts(rows)], pa.string())
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def number_texts(column: Column, name: str) -> pa.Array:
    """Return a column of numbers in one spelling, other text as it is, null for blank."""
    numbers = as_numbers(column, name, "")
    distinct, place = np.unique(numbers, return_inverse=True)
    spelt = [number_text(float(value)) if np.isfinite(value) else None for value in distinct]
    texts = pa.array(spelt, pa.string()).take(pa.array(place))
    return pc.coalesce(texts, arrow_texts(column, name)) if texts.null_count else texts


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )
