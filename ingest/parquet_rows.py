"""Parquet files as rows: a slice at a time, through Polars, or pyarrow where Polars cannot."""

from __future__ import annotations

import json
import threading
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.columns import take_rows
from ingest.errors import HitFileError
from ingest.hit_files import unreadable
from ingest.raw_rows import JUDGED_COLUMNS, RawRows, check_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from ingest.columns import Column
    from ingest.hit_files import HitFile

# Rows of one slice. Polars decodes 500,000 at a time at full speed and skips the pages before
# them, so that memory does not grow with the row group.
SLICE_ROWS: Final = 1 << 19
_US_PER: Final = {"milliseconds": 1000.0, "microseconds": 1.0, "nanoseconds": 0.001}
_BATCH_ROWS: Final = 1 << 16  # of pyarrow's reader
# A civil time is at most so far from UTC.
_FARTHEST_ZONE_US: Final = 26 * 3_600_000_000
_POLARS_FAILS: Final = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
_ARROW_FAILS: Final = (pa.ArrowException, OSError)


class _Slice(NamedTuple):
    first_row: int
    rows: int


def read_parquet(
    file: HitFile,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    slice_rows: int = SLICE_ROWS,
) -> Iterator[RawRows]:
    """Yield the rows of a Parquet file; `parquet_slices`, one after the other."""
    for read in parquet_slices(file, from_us=from_us, until_us=until_us, slice_rows=slice_rows):
        yield read()


def parquet_slices(
    file: HitFile,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    slice_rows: int = SLICE_ROWS,
) -> Iterator[Callable[[], RawRows]]:
    """Cut a Parquet file into slices that can be read at the same time.

    Row groups that lie outside a range of time are left out.

    Parameters
    ----------
    file
        The file.
    from_us, until_us
        Half-open range of captured_at; a row group is passed over if its statistics show that all
        its times can be read and lie outside.
    slice_rows
        Most rows at a time.

    Yields
    ------
    Callable
        Reads one slice, from any thread; raises HitFileError where the file is broken.

    Raises
    ------
    HitFileError
        The file is no Parquet, cut off or broken, or lacks a required column.
    """
    parquet = _open(file)
    names = parquet.schema_arrow.names
    check_columns(file, names)
    judged = [name for name in JUDGED_COLUMNS if name in names]
    rest = [name for name in dict.fromkeys(names) if name not in JUDGED_COLUMNS]
    reader = _SliceReader(file, parquet)
    total = max(parquet.metadata.num_rows, 1)

    def read(piece: _Slice) -> RawRows:
        return RawRows(
            first_row=piece.first_row,
            count=piece.rows,
            columns=reader.read(judged, piece),
            others=_Others(reader, rest, piece),
            bytes_done=file.size_bytes * (piece.first_row + piece.rows) // total,
        )

    for piece in _slices(parquet.metadata, from_us, until_us, slice_rows):
        yield partial(read, piece)


def _open(file: HitFile) -> pq.ParquetFile:
    try:
        if file.filesystem is None:
            return pq.ParquetFile(file.path)
        return pq.ParquetFile(file.filesystem.open_input_file(file.inner_path))
    except pa.ArrowInvalid as error:
        message = f"is no Parquet file, or cut off: {_first_line(error)}"
        raise HitFileError("not_parquet", message, file.path) from error
    except _ARROW_FAILS as error:
        raise unreadable(file.path, error) from error


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0]


def _slices(
    metadata: pq.FileMetaData, from_us: int | None, until_us: int | None, slice_rows: int
) -> list[_Slice]:
    """Cut the row groups that may hold wanted rows into slices of at most `slice_rows`.

    Small neighbours are read as one, and a slice ends where a row group does.
    """
    time = _time_column(metadata)
    runs: list[_Slice] = []
    first = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if rows and _may_hold(metadata, group, time, from_us, until_us):
            last = runs[-1] if runs else None
            if last and sum(last) == first and last.rows + rows <= slice_rows:
                runs[-1] = _Slice(last.first_row, last.rows + rows)
            else:
                runs.append(_Slice(first, rows))
        first += rows
    slices = []
    for first, rows in runs:
        pieces = -(-rows // slice_rows)
        edges = [first + rows * piece // pieces for piece in range(pieces + 1)]
        slices += [_Slice(start, end - start) for start, end in pairwise(edges)]
    return slices


def _time_column(metadata: pq.FileMetaData) -> int | None:
    for index in range(metadata.num_columns):
        if metadata.schema.column(index).path == "captured_at":
            return index
    return None


def _may_hold(
    metadata: pq.FileMetaData,
    group: int,
    column: int | None,
    from_us: int | None,
    until_us: int | None,
) -> bool:
    if column is None or (from_us is None and until_us is None):
        return True
    kind = json.loads(metadata.schema.column(column).logical_type.to_json())
    scale = _US_PER.get(kind.get("timeUnit", ""))
    statistics = metadata.row_group(group).column(column).statistics
    # A null is malformed, and must not disappear.
    if scale is None or statistics is None or not statistics.has_min_max or statistics.null_count:
        return True
    if not statistics.has_null_count:
        return True
    margin = 1.0 if kind.get("isAdjustedToUTC") else _FARTHEST_ZONE_US
    low = statistics.min_raw * scale - margin
    high = statistics.max_raw * scale + margin
    # Times outside 1970 to 2099 are malformed as well.
    if low <= 0 or high >= 4_102_444_800_000_000:
        return True
    return (from_us is None or high >= from_us) and (until_us is None or low < until_us)


class _SliceReader:
    """Reads columns of slices, in order or not."""

    def __init__(self, file: HitFile, parquet: pq.ParquetFile) -> None:
        self._file = file
        self._parquet = parquet
        self._lazy = (
            pl.scan_parquet(Path(file.path).absolute(), glob=False, hive_partitioning=False)
            if file.filesystem is None
            else None
        )
        # A table of a chunk may be asked for while another thread reads on.
        self._lock = threading.Lock()
        self._cursors: dict[tuple[str, ...], _Cursor] = {}
        # Spark writes instants as INT96, which the format does not mark as UTC.
        schema = parquet.metadata.schema
        self._int96 = {
            schema.column(index).path
            for index in range(len(schema))
            if schema.column(index).physical_type == "INT96"
        }

    def read(self, names: Sequence[str], piece: _Slice) -> dict[str, Column]:
        """Return some columns of a slice.

        Raises
        ------
        HitFileError
            The slice cannot be decoded.
        """
        columns = self._by_polars(names, piece)
        if columns is None:
            columns = self._by_arrow(names, piece)
        for name in self._int96.intersection(columns):
            array = columns[name]
            if pa.types.is_timestamp(array.type) and array.type.tz is None:
                columns[name] = array.cast(pa.timestamp(array.type.unit, tz="UTC"))
        return columns

    def _by_polars(self, names: Sequence[str], piece: _Slice) -> dict[str, Any] | None:
        if self._lazy is None:
            return None
        try:
            frame = (
                self._lazy.select(names)
                .slice(piece.first_row, piece.rows)
                .collect(engine="in-memory")
            )
        except _POLARS_FAILS:
            self._lazy = None  # the rest of the file through pyarrow, which also says what is wrong
            return None
        if frame.height != piece.rows:
            self._lazy = None
            return None
        return {name: _arrow_of(frame.get_column(name)) for name in names}

    def _by_arrow(self, names: Sequence[str], piece: _Slice) -> dict[str, Any]:
        try:
            with self._lock:
                cursor = self._cursors.get(tuple(names))
                if cursor is None or cursor.next_row != piece.first_row:
                    cursor = _Cursor(self._parquet, list(names), piece.first_row)
                    self._cursors[tuple(names)] = cursor
                parts = cursor.take(piece.rows)
            table = pa.Table.from_batches(parts).combine_chunks()
        except _ARROW_FAILS as error:
            place = f"rows {piece.first_row + 1} to {sum(piece)}"
            message = f"is broken in {place}: {_first_line(error)}"
            raise HitFileError("parquet_broken", message, self._file.path) from error
        return {name: _one_chunk(table.column(name)) for name in names}


class _Cursor:
    """Reads some columns row after row with pyarrow, whatever the size of the row groups."""

    def __init__(self, parquet: pq.ParquetFile, names: list[str], first_row: int) -> None:
        metadata = parquet.metadata
        group = row = 0
        while row + metadata.row_group(group).num_rows <= first_row:
            row += metadata.row_group(group).num_rows
            group += 1
        self.next_row = row
        self._batches = parquet.iter_batches(
            batch_size=_BATCH_ROWS,
            row_groups=list(range(group, metadata.num_row_groups)),
            columns=names,
            use_threads=False,
        )
        self._rest: pa.RecordBatch | None = None
        while self.next_row < first_row:
            self.take(min(_BATCH_ROWS, first_row - self.next_row))

    def take(self, rows: int) -> list[pa.RecordBatch]:
        """Return the next rows."""
        parts = []
        while rows:
            batch = self._rest if self._rest is not None else next(self._batches)
            parts.append(batch.slice(0, rows))
            taken = parts[-1].num_rows
            self._rest = batch.slice(taken) if taken < batch.num_rows else None
            self.next_row += taken
            rows -= taken
        return parts


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _arrow_of(series: pl.Series) -> pa.Array:
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    # Views are what the kernels read, and what pyarrow cannot take rows of within lists.
    views = series.dtype in (pl.String, pl.Binary)
    level = pl.CompatLevel.newest() if views else pl.CompatLevel.oldest()
    return series.rechunk().to_arrow(compat_level=level)


class _Others:
    """Reads the columns that are not judged, once some row asks for them."""

    def __init__(self, reader: _SliceReader, names: Sequence[str], piece: _Slice) -> None:
        self._reader = reader
        self._names = names
        self._piece = piece
        self._read: Mapping[str, Column] | None = None

    def __call__(self, rows: npt.NDArray[np.int64]) -> Mapping[str, Column]:
        if not self._names:
            return {}
        if self._read is None:
            self._read = self._reader.read(self._names, self._piece)
        return {name: take_rows(column, rows) for name, column in self._read.items()}
