"""CSV files as rows: any delimiter, encoding and line end; a broken row costs no other."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ingest.csv_kernels import BROKEN_QUOTES, LONGEST_ROW, TOO_LONG, WRONG_COUNT, split_csv
from ingest.encodings import BLOCK_BYTES, text_blocks
from ingest.errors import HitFileError
from ingest.raw_rows import JUDGED_COLUMNS, RawRows, check_columns
from ingest.text_columns import TextColumn, empty_column
from ingest.text_rows import LINE, MOST_ROWS, ROOM, ROWS, STATUS, SplitRows, split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.columns import Column
    from ingest.hit_files import HitFile

_LONGEST_HEADER: Final = 1 << 16
_DELIMITERS: Final = (",", ";", "\t", "|")
_FAULTS: Final = {
    WRONG_COUNT: "another number of fields than the header has",
    BROKEN_QUOTES: "quotes that do not pair",
    TOO_LONG: f"more than {LONGEST_ROW} bytes",
}


def read_csv(file: HitFile, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRows]:
    """Yield the rows of a CSV file.

    Raises
    ------
    HitFileError
        The file cannot be read, has no header, or lacks a required column.
    """
    blocks = text_blocks(file, block_bytes)
    start, done = b"", 0
    for block, done in blocks:  # noqa: B007 - the last one counts
        start += block
        if b"\n" in start.lstrip() or len(start) > _LONGEST_HEADER:
            break
    header, delimiter, at, line = _read_header(file, start)
    places = {name: header.index(name) for name in JUDGED_COLUMNS if name in header}
    slots = _slots(header, list(places.values()))
    state = np.array([at, 0, 0, line, 0], dtype=np.int64)

    def step(text: npt.NDArray[np.uint8], end: int, final: bool) -> SplitRows:
        return _split(text, end, final, delimiter, slots, len(places), state)

    first_row = 0
    for split, read_bytes in split_blocks(chain([(start, done)], blocks), state, step):
        yield RawRows(
            first_row=first_row,
            count=len(split),
            columns={name: split.column(index) for index, name in enumerate(places)},
            others=_Others(split, header, delimiter),
            bytes_done=read_bytes,
            lines=split.rows[:, LINE],
            faults={
                int(row): _FAULTS[int(split.rows[row, STATUS])]
                for row in np.flatnonzero(split.rows[:, STATUS])
            },
            shown=split.shown,
        )
        first_row += len(split)


def _read_header(file: HitFile, start: bytes) -> tuple[list[str], str, int, int]:
    """Return names, delimiter, where the rows begin, and the number of their first line."""
    first = len(start) - len(start.lstrip())
    end = first
    while end < len(start) and start[end] not in b"\r\n":
        end += 1
    if first == end:
        message = "is empty: a header with the names of the columns is expected"
        raise HitFileError("header_missing", message, file.path)
    text = start[first:end].decode("utf-8", "replace")
    best, delimiter = [text.strip()], _DELIMITERS[0]
    for candidate in _DELIMITERS:
        names = [name.strip() for name in next(csv.reader([text], delimiter=candidate))]
        if (_known(names), len(names)) > (_known(best), len(best)):
            best, delimiter = names, candidate
    check_columns(file, best)
    end += 2 if start[end : end + 2] == b"\r\n" else 1
    return best, delimiter, min(end, len(start)), start.count(b"\n", 0, first) + 2


def _known(names: list[str]) -> int:
    return sum(name in JUDGED_COLUMNS for name in names)


def _slots(header: list[str], fields: list[int]) -> npt.NDArray[np.int32]:
    slots = np.full(len(header), -1, dtype=np.int32)
    slots[fields] = np.arange(len(fields))
    return slots


def _split(
    text: npt.NDArray[np.uint8],
    end: int,
    final: bool,
    delimiter: str,
    slots: npt.NDArray[np.int32],
    columns: int,
    state: npt.NDArray[np.int64],
) -> SplitRows:
    most = min(MOST_ROWS, max(end - int(state[0]), 0) // max(len(slots) - 1, 1) + 1)
    spans = np.empty((columns, most, 2), dtype=np.int32)
    rows = np.empty((most, 4), dtype=np.int32)
    split_csv(text, end, final, ord(delimiter), slots, spans, rows, state)
    count = int(state[ROWS])
    return SplitRows(text, rows[:count], spans[:, :count])


class _Others:
    """Splits some rows again, for the columns that are not judged."""

    def __init__(self, split: SplitRows, header: list[str], delimiter: str) -> None:
        self._split = split
        self._header = header
        self._delimiter = delimiter

    def __call__(self, rows: npt.NDArray[np.int64]) -> Mapping[str, Column]:
        fields = [field for field, name in enumerate(self._header) if name not in JUDGED_COLUMNS]
        if not fields:
            return {}
        good = np.flatnonzero(self._split.rows[rows, STATUS] == 0)
        block = b"".join(self._split.row_bytes(int(row)) + b"\n" for row in rows[good])
        text = np.empty(2 * len(block) + ROOM, dtype=np.uint8)
        text[: len(block)] = np.frombuffer(block, dtype=np.uint8)
        state = np.array([0, 0, len(block), 1, 0], dtype=np.int64)
        slots = _slots(self._header, fields)
        found: dict[str, Column] = {}
        parts: list[SplitRows] = []
        while len(
            part := _split(text, len(block), True, self._delimiter, slots, len(fields), state)
        ):
            parts.append(part)
        for index, field in enumerate(fields):
            column = empty_column(len(rows))
            if parts:
                column = _scatter([part.column(index) for part in parts], good, len(rows))
            found[
                f"{self._header[field]}#{field}"
                if self._header[field] in found
                else self._header[field]
            ] = column
        return found


def _scatter(parts: list[TextColumn], places: npt.NDArray[np.int64], rows: int) -> TextColumn:
    heads = np.zeros((rows, 4), dtype=np.int32)
    heads[places] = np.concatenate([part.heads for part in parts])
    inline = heads.view(np.uint8).reshape(-1)
    return TextColumn(heads, inline, parts[0].data, parts[0].buffer_starts)
