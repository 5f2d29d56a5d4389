"""Parquet files of a city, row by row as plain values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from enforcement.city_files.fault_log import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enforcement.city_files.fault_log import FaultLog

_ROWS_AT_ONCE: Final = 16384


def read_rows(
    faults: FaultLog, file: str, content: bytes, known: Sequence[str], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a Parquet file with their number from 1; NaN becomes None.

    Parameters
    ----------
    faults
        Takes broken files, columns of `needed` that are missing, and warnings of columns that
        nothing reads.
    file, content
        Name and bytes of the file.
    known
        Columns that are read.
    needed
        Columns without which no row is read.
    """
    number = 0
    try:
        table = pq.ParquetFile(pa.BufferReader(content))
        names = table.schema_arrow.names
        for name in names:
            if name not in known:
                faults.warn(
                    file,
                    "",
                    name,
                    f"unknown column `{name}`{nearest(name, known)}; it is not read",
                    "unknown_property",
                )
        lacking = [name for name in needed if name not in names]
        for name in lacking:
            found = ", ".join(names) or "none"
            faults.fault(
                file, "", name, f"there is no such column, found {found}", "missing_column"
            )
        if lacking:
            return
        columns = [name for name in names if name in known]
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=columns):
            for row in _whole_microseconds(batch).to_pylist():
                number += 1
                for name, value in row.items():
                    if isinstance(value, float) and math.isnan(value):
                        row[name] = None
                yield number, row
    except (pa.ArrowException, OSError, ValueError) as error:
        place = f"row {number + 1}" if number else ""
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        faults.fault(file, place, "", f"is no Parquet that can be read: {words}", "broken_parquet")


def _whole_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose times have no nanoseconds, which Python's times cannot hold."""
    for i, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            whole = batch.column(i).cast(pa.timestamp("us", column.type.tz), safe=False)
            batch = batch.set_column(i, column.name, whole)
    return batch
