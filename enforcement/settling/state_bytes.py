"""A state as bytes and back: the same bytes again, or a refusal.

48 bytes first: 8 of magic, a uint32 format version, 4 zeros, and the SHA-256 of all that follows.
That is the length of a JSON header (uint64), the header in ASCII with sorted keys, and the columns
(PASSAGE_COLUMNS, VIOLATION_COLUMNS, UNREAD_COLUMNS, _OTHER_COLUMNS), little-endian, one after another.
"""

from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from enforcement.errors import SettlingStateError
from enforcement.settling.advance import check_rules
from enforcement.settling.judged_rows import (
    PASSAGE_COLUMNS,
    UNREAD_COLUMNS,
    VIOLATION_COLUMNS,
    JudgedRows,
    judged_batch,
)
from enforcement.settling.state import SettlingState, Totals
from enforcement.settling.state_checks import check_state

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules

MAGIC: Final = b"\x89FPSTATE"
FORMAT_VERSION: Final = 2
_PREAMBLE: Final = struct.Struct("<8sI4x32s")
_LENGTH: Final = struct.Struct("<Q")
_OTHER_COLUMNS: Final = {
    "violations": np.int32,
    "told": np.uint8,
    "id_bytes": np.uint32,  # of each hit_id
    "ids": np.uint8,
}
_COLUMNS: Final = PASSAGE_COLUMNS | VIOLATION_COLUMNS | UNREAD_COLUMNS | _OTHER_COLUMNS


def to_bytes(state: SettlingState) -> bytes:
    """Return the state as bytes: 38 and its hit_id a hit, 19 more a violation, 12 one unread.

    Hits of which none was too late give the same bytes in whatever cut and order they came.
    """
    rows = state.rows
    offsets, characters = _bytes_of(rows.hit_id)
    columns: dict[str, npt.NDArray[Any]] = {
        **{name: getattr(rows.judged.passages, name) for name in PASSAGE_COLUMNS},
        **{name: getattr(rows.judged, name) for name in VIOLATION_COLUMNS | UNREAD_COLUMNS},
        "violations": rows.judged.violations,
        "told": rows.told,
        "id_bytes": np.diff(offsets),
        "ids": characters,
    }
    text = _header(state, {name: int(column.size) for name, column in columns.items()})
    parts = [_LENGTH.pack(len(text)), text]
    for name, kind in _COLUMNS.items():
        parts.append(columns[name].astype(np.dtype(kind).newbyteorder("<")).tobytes())
    body = b"".join(parts)
    return _PREAMBLE.pack(MAGIC, FORMAT_VERSION, hashlib.sha256(body).digest()) + body


def from_bytes(rules: Rules, content: bytes) -> SettlingState:
    """Return the state that bytes were made of.

    Raises
    ------
    SettlingStateError
        They are no state, of another format, damaged, or of other rules.
    """
    if len(content) < _PREAMBLE.size or not content.startswith(MAGIC):
        raise SettlingStateError("not_state", "this is no saved state of a judgement")
    _, version, digest = _PREAMBLE.unpack_from(content)
    if version != FORMAT_VERSION:
        raise SettlingStateError(
            "state_version",
            f"the state has format {version}, this program reads format {FORMAT_VERSION}; "
            "begin anew with the hits of the last days",
        )
    body = memoryview(content)[_PREAMBLE.size :]
    if hashlib.sha256(body).digest() != digest:
        raise SettlingStateError(
            "state_damaged",
            f"the {len(content)} bytes of the state are not those that were saved; "
            "begin anew with the hits of the last days",
        )
    try:
        return _parsed(rules, body)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise SettlingStateError(
            "state_damaged",
            f"the bytes of the state are no state that was saved ({error}); "
            "begin anew with the hits of the last days",
        ) from error


def _header(state: SettlingState, rows: dict[str, int]) -> bytes:
    """Return all that is not in the columns, of which `rows` says how long each is."""
    final = state.final
    header = {
        "rules_hash": state.rules_hash,
        "horizon_us": state.horizon_us,
        "step": state.step,
        "counts": final.counts.tolist(),
        "duplicates": final.duplicates,
        "too_late": final.too_late,
        "too_early": final.too_early,
        "side_plates": list(state.rows.side_plates),
        "rows": rows,
    }
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii")


def _parsed(rules: Rules, body: memoryview) -> SettlingState:
    """Return the state, or raise what says why it is none."""
    position = _LENGTH.size + int.from_bytes(body[: _LENGTH.size], "little")
    text = bytes(body[_LENGTH.size : position])
    header = json.loads(text)
    check_rules(rules, header["rules_hash"])
    columns: dict[str, npt.NDArray[Any]] = {}
    for name, kind in _COLUMNS.items():
        portable = np.dtype(kind).newbyteorder("<")
        stored = np.frombuffer(body, portable, header["rows"][name], position)
        columns[name] = stored.astype(kind)
        position += stored.nbytes
    if position != len(body):
        raise ValueError(f"there are {len(body) - position} bytes too many")
    state = SettlingState(
        rules_hash=header["rules_hash"],
        horizon_us=header["horizon_us"],
        step=header["step"],
        rows=JudgedRows(
            judged_batch(
                {name: columns[name] for name in PASSAGE_COLUMNS},
                columns["violations"],
                {name: columns[name] for name in VIOLATION_COLUMNS},
                {name: columns[name] for name in UNREAD_COLUMNS},
            ),
            _texts(columns["id_bytes"], columns["ids"]),
            columns["told"],
            tuple(header["side_plates"]),
        ),
        final=Totals(
            np.array(header["counts"], np.int64),
            header["duplicates"],
            header["too_late"],
            header["too_early"],
        ),
    )
    check_state(rules, state)
    if _header(state, {name: int(column.size) for name, column in columns.items()}) != text:
        raise ValueError("the header is not as it is written")
    return state


def _bytes_of(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return (n + 1,) where each text begins, and all texts in UTF-8 one after another."""
    if not len(texts):
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    _, offsets, characters = texts.buffers()
    begins = np.frombuffer(offsets, np.int64, len(texts) + 1, 8 * texts.offset)
    return begins, np.frombuffer(characters or b"", np.uint8)[begins[0] : begins[-1]]


def _texts(lengths: npt.NDArray[np.uint32], characters: npt.NDArray[np.uint8]) -> pa.Array:
    """Return texts of some lengths in UTF-8 that stand one after another."""
    offsets = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    if offsets[-1] != characters.size:
        raise ValueError(f"its hit_ids have {characters.size} bytes, not {offsets[-1]}")
    buffers = pa.py_buffer(offsets), pa.py_buffer(characters)
    return pa.LargeStringArray.from_buffers(lengths.size, *buffers)
