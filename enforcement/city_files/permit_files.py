"""permits.jsonl and permits.parquet: the same fields, a line or a row each."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import shown
from enforcement.city_files.json_text import BYTE_ORDER_MARK, JsonError, decode_json
from enforcement.city_files.parquet_rows import read_rows
from enforcement.city_files.permits import PERMIT_NAMES, PermitReader
from enforcement.city_files.records import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enforcement.city_files.fault_log import FaultLog
    from enforcement.city_files.references import Frame
    from enforcement.rules.permits import Permit

PERMITS_JSONL: Final = "permits.jsonl"
PERMITS_PARQUET: Final = "permits.parquet"
_NEEDED: Final = ("permit_id", "vehicles", "status", "grants")
_NESTED: Final = ("vehicles", "status", "grants")
_NESTED_IN_GRANT: Final = ("area", "place", "cameras")


def read_permits(frame: Frame, file: str, content: bytes) -> tuple[Permit, ...]:
    """Return the permits of a file sorted by id; lines and rows count from 1."""
    reader = PermitReader(frame, file)
    rows = _lines if file == PERMITS_JSONL else _rows
    with _collector_at_rest():
        permits = [
            reader.read(values, place) for place, values in rows(frame.faults, file, content)
        ]
    return tuple(sorted((p for p in permits if p is not None), key=lambda permit: permit.permit_id))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking a million new objects, again and again, in vain.

    Nothing that is read here has cycles; the collector took a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _lines(faults: FaultLog, file: str, content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of JSON lines; blank lines are stepped over."""
    for number, line in enumerate(content.removeprefix(BYTE_ORDER_MARK).split(b"\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            values = decode_json(line)
        except JsonError as error:
            at = f"{place}, column {error.column}" if error.column else place
            faults.fault(file, at, "", error.message, error.code)
            continue
        if isinstance(values, dict):
            yield place, values
        else:
            faults.fault(file, place, "", f"found {shown(values)}, expected an object", "no_object")


def _rows(faults: FaultLog, file: str, content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a Parquet file whose nested fields are nested or JSON text."""
    for number, values in read_rows(faults, file, content, PERMIT_NAMES, _NEEDED):
        if _unfold(faults, file, f"row {number}", values):
            yield f"row {number}", values


def _unfold(faults: FaultLog, file: str, place: str, values: dict[str, Any]) -> bool:
    """Decode JSON text in nested fields of a row, in place; False after a fault."""
    if name := as_text(values.get("permit_id")):
        place = f"{place} ({name})"
    good = True
    for field in _NESTED:
        good &= _unfold_one(faults, file, place, values, field, field)
    grants = values.get("grants")
    for i, grant in enumerate(grants if isinstance(grants, list) else ()):
        if isinstance(grant, dict):
            for field in _NESTED_IN_GRANT:
                good &= _unfold_one(faults, file, place, grant, field, f"grants[{i}].{field}")
    return good


def _unfold_one(
    faults: FaultLog, file: str, place: str, values: dict[str, Any], name: str, field: str
) -> bool:
    text = values.get(name)
    if not isinstance(text, str):
        return True
    if not text.strip():
        values[name] = None
        return True
    try:
        values[name] = decode_json(text.encode())
    except JsonError as error:
        faults.fault(
            file, place, field, f"column {error.column} of its JSON: {error.message}", error.code
        )
        return False
    return True
