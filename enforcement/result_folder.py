"""A folder of results that appears whole or not at all, on disk or in an object store."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from enforcement.errors import SweepError
from enforcement.interrupts import refuse_interrupts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RESULT_FILES: Final = (
    "violations.parquet",
    "cases.parquet",
    "rejected.parquet",
    "voided.parquet",
    "camera_health.parquet",
    "clones.parquet",
    "over_speed.parquet",
    "avoidance.parquet",
    "report.html",
    "summary.json",  # last: where files are put one by one, it says that the others are there
)
_TRIES: Final = 100  # to put results in place beside other sweeps that do the same


@contextlib.contextmanager
def result_folder(out: str) -> Iterator[Path]:
    """Give a folder to write RESULT_FILES into, and put them in place when the block ends well.

    Parameters
    ----------
    out
        A local folder, new or with older results, or an object-store URL that pyarrow reads.

    Yields
    ------
    pathlib.Path
        An empty local folder. If the block raises, or the process dies, `out` stays as it was. Ctrl-C
        comes too late once the results are being put in their place.

    Raises
    ------
    SweepError
        `out` cannot be written; says why.
    """
    try:
        if "://" in out:
            with tempfile.TemporaryDirectory(prefix="freightpass-") as folder:
                yield Path(folder)
                _upload(Path(folder), out)
        else:
            with _partial(Path(out).absolute()) as folder:
                yield folder
                refuse_interrupts()
                _swap(folder, Path(out).absolute())
    except OSError as error:
        # Arrow's own errors: `Error writing bytes to file. Detail: [errno 28] No space left ...`
        whole = error.strerror or str(error)
        reason = whole.rpartition("Detail: [errno ")[2].partition("] ")[2]
        raise SweepError(
            "cannot_write", f"cannot write the results: {reason or whole}; nothing was changed", out
        ) from error


def read_result(
    out: str, name: str, columns: Sequence[str], since: Mapping[str, object] | None = None
) -> pa.Table | None:
    """Read columns of a Parquet file among the results of an earlier sweep.

    Parameters
    ----------
    out
        A local folder, or an object-store URL that pyarrow reads.
    name
        One of RESULT_FILES.
    columns
        Names.
    since
        Columns that results of earlier versions lack, with the value that stands for every row.

    Returns
    -------
    pyarrow.Table or None
        None where there is no such file.

    Raises
    ------
    SweepError
        The file cannot be read, or is not what a sweep writes.
    """
    where = f"{out.rstrip('/')}/{name}"
    try:
        store, path = fs.FileSystem.from_uri(out if "://" in out else str(Path(out).absolute()))
        file = f"{path}/{name}"
        if store.get_file_info(file).type != fs.FileType.File:
            return None
        with store.open_input_file(file) as content:
            table = pq.read_table(content)
        for column, value in (since or {}).items():
            if column not in table.column_names:
                table = table.append_column(column, pa.array([value] * table.num_rows))
        return table.select(columns)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise SweepError(
            "no_results",
            f"this is not what a sweep wrote ({error}); move it away, or write to another folder",
            where,
        ) from error


@contextlib.contextmanager
def _partial(out: Path) -> Iterator[Path]:
    """Give a new folder beside `out`, gone when the block ends; sweep up after killed processes."""
    if out.exists() and not out.is_dir():
        raise SweepError("not_a_folder", "is a file; results need a folder", str(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    for old in out.parent.glob(f".{out.name}.*.partial"):
        owner = old.name.split(".")[-2].partition("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    with _new_folder(out) as folder:
        yield folder


@contextlib.contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Make a folder beside `out` that names this process, and is gone when the block ends."""
    folder = out.with_name(f".{out.name}.{os.getpid()}-{secrets.token_hex(8)}.partial")
    try:  # the name is known before the folder is there: an interrupt at any moment removes it
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    """Tell whether a process runs; one of another user does."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _swap(folder: Path, out: Path) -> None:
    """Put the files of `folder` in the place of `out`."""
    for file in folder.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
    foreign = out.exists() and any(entry.name not in RESULT_FILES for entry in out.iterdir())
    if foreign:
        # Somebody else's files live here too: replace only ours, the summary last.
        (out / "summary.json").unlink(missing_ok=True)
        for name in RESULT_FILES:
            (folder / name).replace(out / name)
        return
    with _new_folder(out) as fresh:
        _exchange(folder, out, fresh)


def _exchange(folder: Path, out: Path, fresh: Path) -> None:
    """Put `folder` in the place of `out`, which comes into `fresh`."""
    whole = fresh / "whole"
    older = [fresh / f"older{number}" for number in range(_TRIES)]
    try:
        folder.rename(whole)
        for place in older:
            with contextlib.suppress(FileNotFoundError):
                out.rename(place)
            try:
                whole.rename(out)
            except OSError as error:
                # Another sweep put its results here just now: the last one stays.
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or place is older[-1]:
                    raise
            else:
                return
    finally:
        if whole.exists():  # interrupted between the two: what was there comes back
            for place in filter(Path.exists, reversed(older)):
                with contextlib.suppress(OSError):
                    place.rename(out)


def _upload(folder: Path, out: str) -> None:
    """Copy the files of `folder` to an object store, the summary last."""
    store, path = fs.FileSystem.from_uri(out)
    store.create_dir(path, recursive=True)
    for name in RESULT_FILES:
        fs.copy_files(
            str(folder / name),
            f"{path}/{name}",
            source_filesystem=fs.LocalFileSystem(),
            destination_filesystem=store,
        )
