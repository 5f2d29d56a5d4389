"""NDJSON files as rows: one JSON object a line; a broken line costs no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.encodings import BLOCK_BYTES, text_blocks
from ingest.errors import HitFileError
from ingest.hits import REQUIRED_COLUMNS
from ingest.ndjson_kernels import LONGEST_KEY, LONGEST_LINE, SEEN, TOO_LONG, split_ndjson
from ingest.raw_rows import JUDGED_COLUMNS, RawRows, guess_column, listed_names
from ingest.text_columns import text_column
from ingest.text_rows import LINE, MOST_ROWS, ROWS, STATUS, SplitRows, split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.columns import Column
    from ingest.hit_files import HitFile

_SHORTEST_LINE: Final = 3
_KEYS: Final = np.array(
    [
        [len(key), *np.frombuffer(key.encode().ljust(LONGEST_KEY, b"\0"), dtype="<u8")]
        for key in JUDGED_COLUMNS
    ],
    dtype=np.uint64,
)
_TOO_LONG_FAULT: Final = f"more than {LONGEST_LINE} bytes"


def read_ndjson(file: HitFile, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRows]:
    """Yield the rows of an NDJSON file.

    Raises
    ------
    HitFileError
        The file cannot be read, or a required key occurs in none of its first rows while another
        key looks as if it were meant.
    """
    state = np.zeros(SEEN + len(JUDGED_COLUMNS), dtype=np.int64)
    state[3] = 1

    def step(text: npt.NDArray[np.uint8], end: int, final: bool) -> SplitRows:
        most = min(MOST_ROWS, max(end - int(state[0]), 0) // _SHORTEST_LINE + 1)
        spans = np.empty((len(JUDGED_COLUMNS), most, 2), dtype=np.int32)
        rows = np.empty((most, 4), dtype=np.int32)
        split_ndjson(text, end, final, _KEYS, spans, rows, state)
        count = int(state[ROWS])
        return SplitRows(text, rows[:count], spans[:, :count])

    first_row = 0
    for split, done in split_blocks(text_blocks(file, block_bytes), state, step):
        complete, faults = _decide(split, state)
        if first_row == 0:
            _check_keys(file, complete, state)
        yield RawRows(
            first_row=first_row,
            count=len(complete),
            columns={name: complete.column(key) for key, name in enumerate(JUDGED_COLUMNS)},
            others=_Others(complete),
            bytes_done=done,
            lines=complete.rows[:, LINE],
            faults=faults,
            shown=complete.shown,
        )
        first_row += len(complete)


def _decide(split: SplitRows, state: npt.NDArray[np.int64]) -> tuple[SplitRows, dict[int, str]]:
    """Let Python read the lines that the kernel left undecided."""
    faults: dict[int, str] = {}
    added = bytearray()
    for row in np.flatnonzero(split.rows[:, STATUS]).tolist():
        if split.rows[row, STATUS] == TOO_LONG:
            faults[row] = _TOO_LONG_FAULT
            continue
        values = _load_object(split.row_bytes(row))
        if isinstance(values, str):
            faults[row] = values
            continue
        split.rows[row, STATUS] = 0
        for key, name in enumerate(JUDGED_COLUMNS):
            if name in values:
                state[SEEN + key] = 1
                text = (_value_text(values[name]) or "").encode("utf-8", "replace")
                split.spans[key, row] = split.text.size + len(added), len(text)
                added += text
    if not added:
        return split, faults
    longer = np.concatenate([split.text, np.frombuffer(added, dtype=np.uint8)])
    return SplitRows(longer, split.rows, split.spans), faults


def _load_object(line: bytes) -> dict[str, Any] | str:
    """Return the members of a line's object, numbers as text, or what is wrong with it."""
    try:
        value = json.loads(
            line.decode("utf-8", "replace"),
            parse_int=str,
            parse_float=str,
            parse_constant=lambda _: None,
        )
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "too deeply nested"
        column = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return f"broken JSON{column}: {reason}"
    return value if isinstance(value, dict) else "no JSON object"


def _value_text(value: Any) -> str | None:
    """Write a JSON value as text; null, NaN, ``[]`` and ``{}`` are blank."""
    if value is None or value in ([], {}):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check_keys(file: HitFile, split: SplitRows, state: npt.NDArray[np.int64]) -> None:
    """Tell a file of other names from single hits without a camera, which are malformed rows."""
    missing = [
        name
        for key, name in enumerate(JUDGED_COLUMNS)
        if name in REQUIRED_COLUMNS and not state[SEEN + key]
    ]
    if not missing:
        return
    found: dict[str, None] = {}
    for row in np.flatnonzero(split.rows[:, STATUS] == 0)[:100].tolist():
        values = _load_object(split.row_bytes(row))
        if isinstance(values, dict):
            found.update(dict.fromkeys(values))
    guesses = {name: guess_column(name, list(found)) for name in missing}
    if not any(guesses.values()):
        return
    told = "".join(
        f"; is {guess!r} the {name}? Then rename it" for name, guess in guesses.items() if guess
    )
    raise HitFileError(
        "column_missing",
        f"has no key {' and no key '.join(missing)}; it has: {listed_names(list(found))}{told}",
        file.path,
    )


class _Others:
    """Reads some lines again, for the keys that are not judged."""

    def __init__(self, split: SplitRows) -> None:
        self._split = split

    def __call__(self, rows: npt.NDArray[np.int64]) -> Mapping[str, Column]:
        found: dict[str, list[str | None]] = {}
        for place, row in enumerate(rows.tolist()):
            if self._split.rows[row, STATUS]:
                continue
            values = _load_object(self._split.row_bytes(row))
            if isinstance(values, str):
                continue
            for name, value in values.items():
                if name not in JUDGED_COLUMNS:
                    column = found.setdefault(name, [None] * len(rows))
                    text = _value_text(value)
                    column[place] = text and text.encode("utf-8", "replace").decode()
        return {name: text_column(pa.array(column, pa.string())) for name, column in found.items()}
