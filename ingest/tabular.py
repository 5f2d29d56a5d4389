"""Hit files of any format, read as chunks of hits that can be judged at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ingest.code_book import CodeBook
from ingest.csv_rows import read_csv
from ingest.hit_chunks import REJECTED_SCHEMA, HitChunk, chunk_of
from ingest.hits import HIT_SCHEMA
from ingest.ndjson_rows import read_ndjson
from ingest.parquet_rows import parquet_slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from ingest.hit_files import HitFile
    from ingest.raw_rows import RawRows

__all__ = ["REJECTED_SCHEMA", "CodeBook", "HitChunk", "hit_pieces", "read_hits", "reread"]


def read_hits(
    file: HitFile,
    *,
    zone: str,
    code_book: CodeBook,
    from_us: int | None = None,
    until_us: int | None = None,
) -> Iterator[HitChunk]:
    """Yield the hits of a file, in its order, in chunks of bounded size.

    A row that cannot be understood is a hit with CAMERA_MISSING and NO_INSTANT, and one whose time
    cannot be read is never cut away: nothing disappears.

    Parameters
    ----------
    file
        As `ingest.hit_files.discover` found it.
    zone
        IANA name of the zone of times that carry none.
    code_book
        Cameras and plate keys; may be shared by threads that read different files.
    from_us, until_us
        Half-open range of captured_at to keep, microseconds UTC.

    Yields
    ------
    HitChunk
        At least one hit and at most half a million.

    Raises
    ------
    HitFileError
        The file cannot be read, is broken, or has not the columns of a hit file.
    """
    for read in hit_pieces(
        file, zone=zone, code_book=code_book, from_us=from_us, until_us=until_us
    ):
        chunk = read()
        if len(chunk):
            yield chunk


def hit_pieces(
    file: HitFile,
    *,
    zone: str,
    code_book: CodeBook,
    from_us: int | None = None,
    until_us: int | None = None,
) -> Iterator[Callable[[], HitChunk]]:
    """Cut a file into pieces that can be read at the same time.

    Parameters are those of `read_hits`. The pieces must be asked for one by one; what reads them
    may be called from any thread, in any order. Of Parquet all work is done there; of text the
    lines are split as the pieces are asked for.

    Yields
    ------
    Callable
        Returns one piece, which may be empty; raises HitFileError.

    Raises
    ------
    HitFileError
        As of `read_hits`.
    """
    encode = partial(
        chunk_of, file, zone=zone, code_book=code_book, from_us=from_us, until_us=until_us
    )
    if file.format == "parquet":
        for read in parquet_slices(file, from_us=from_us, until_us=until_us):
            yield partial(_read_and_encode, read, encode)
        return
    for raw in read_csv(file) if file.format == "csv" else read_ndjson(file):
        yield partial(encode, raw)


def _read_and_encode(
    read: Callable[[], RawRows], encode: Callable[[RawRows], HitChunk]
) -> HitChunk:
    return encode(read())


def reread(
    file: HitFile, rows: npt.NDArray[np.int64], *, zone: str, code_book: CodeBook
) -> pa.Table:
    """Read some rows of a file again, with every column.

    Parameters
    ----------
    file
        As it was when the numbers were given.
    rows
        (k,) numbers as in `HitChunk.row`, ascending.
    zone, code_book
        As for `read_hits`.

    Returns
    -------
    pa.Table
        k rows of HIT_SCHEMA (`HitChunk.take`).

    Raises
    ------
    HitFileError
        The file cannot be read, or has not so many rows.
    """
    tables = []
    for chunk in read_hits(file, zone=zone, code_book=code_book):
        low, high = np.searchsorted(rows, [chunk.row[0], chunk.row[-1] + 1])
        if high > low:
            tables.append(chunk.take(rows[low:high] - chunk.row[0], every_column=True))
        if high == rows.size:
            break
    return pa.concat_tables(tables) if tables else HIT_SCHEMA.empty_table()
