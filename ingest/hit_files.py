"""Which files hold the hits that were asked for, and how each is written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from pyarrow import fs

from ingest.errors import HitFileError
from ingest.hits import REQUIRED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FORMATS: Final = {
    ".parquet": "parquet",
    ".parq": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
}
_COMPRESSIONS: Final = {".gz": "gzip", ".zst": "zstd"}
_SNIFFED_BYTES: Final = 65_536
_BOM: Final = b"\xef\xbb\xbf"
_KNOWN: Final = ".parquet, .csv, .ndjson or .jsonl (the last three also .gz or .zst)"


class ByteStream(Protocol):
    """What is read of an open file."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""

    def tell(self) -> int:
        """Return how many bytes were read."""

    def close(self) -> None:
        """Close it."""


@dataclass(frozen=True, slots=True)
class HitFile:
    """One file of hits.

    Attributes
    ----------
    path
        As shown to humans: a local path or a URL.
    format
        ``parquet``, ``csv`` or ``ndjson``.
    compression
        ``gzip``, ``zstd`` or None, of the file as a whole.
    size_bytes
        As stored.
    filesystem, inner_path
        Where to open it when it is not local; `filesystem` is None for local files.
    """

    path: str
    format: str
    compression: str | None
    size_bytes: int
    filesystem: Any = None
    inner_path: str = ""

    def open(self) -> ByteStream:
        """Open the bytes as stored.

        Raises
        ------
        HitFileError
            The file is gone or may not be read.
        """
        stream: ByteStream
        try:
            if self.filesystem is None:
                stream = pa.OSFile(self.path)
            else:
                stream = self.filesystem.open_input_stream(self.inner_path, compression=None)
        except OSError as error:
            raise unreadable(self.path, error) from error
        return stream

    def open_text(self) -> tuple[ByteStream, ByteStream]:
        """Open the bytes of a text file, decompressed; and as stored, to tell how far it is."""
        stored = self.open()
        if self.compression is None:
            return stored, stored
        return pa.CompressedInputStream(stored, self.compression), stored


class FoundFiles(NamedTuple):
    """What `find_hit_files` found.

    Attributes
    ----------
    files
        In the order of the sources, within a folder by path.
    notes
        For a human: what was passed over and why.
    """

    files: tuple[HitFile, ...]
    notes: tuple[str, ...]


def discover(sources: Sequence[str]) -> tuple[HitFile, ...]:
    """Find the hit files of some sources; see `find_hit_files`."""
    return find_hit_files(sources).files


def find_hit_files(sources: Sequence[str]) -> FoundFiles:
    """Find the hit files of some sources.

    A folder is searched to any depth; names that begin with ``.`` or ``_`` are no part of it, and
    files of unknown suffix are passed over with a note. A file that was named may have any suffix
    if its content tells what it is. A file that is reached twice is read once.

    Parameters
    ----------
    sources
        Paths of files and folders, and URLs that pyarrow reads (``file://``, ``s3://``, ...).

    Returns
    -------
    FoundFiles
        At least one file, and notes.

    Raises
    ------
    HitFileError
        A source is missing or cannot be read, is no hit file, or is a folder without any.
    """
    files: dict[str, HitFile] = {}
    notes: list[str] = []
    for source in sources:
        for identity, file in _files_of(source, notes):
            if identity in files:
                notes.append(f"{file.path}: named twice, read once")
            else:
                files[identity] = file
    if not files:
        raise HitFileError("no_sources", "no hit files were named")
    return FoundFiles(tuple(files.values()), tuple(notes))


def _files_of(source: str, notes: list[str]) -> Iterator[tuple[str, HitFile]]:
    parts = urlsplit(source)
    if len(parts.scheme) > 1 and "://" in source:
        if parts.scheme != "file":
            yield from _remote_files(source, notes)
            return
        source = unquote(parts.path)
    path = Path(source)
    try:
        if path.is_dir():
            yield from _folder_files(path, notes)
            return
        if not path.exists():
            raise HitFileError("file_missing", "no such file or folder", source)
        if not path.is_file():
            raise HitFileError("file_missing", "is neither a file nor a folder", source)
        file = _recognise(HitFile(source, "", None, path.stat().st_size), named=True)
    except (OSError, ValueError) as error:
        raise unreadable(source, error) from error
    yield os.path.realpath(source), file


def _folder_files(folder: Path, notes: list[str]) -> Iterator[tuple[str, HitFile]]:
    def refuse(error: OSError) -> None:
        raise unreadable(str(folder), error) from error

    paths: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        paths += [Path(parent, name) for name in names if not name.startswith((".", "_"))]
    found = False
    for path in sorted(paths, key=lambda path: path.relative_to(folder).as_posix()):
        file = _in_folder(HitFile(str(path), "", None, path.stat().st_size), notes)
        if file is not None:
            found = True
            yield os.path.realpath(path), file
    if not found:
        raise HitFileError("folder_empty", f"no hit files in this folder; {_KNOWN}", str(folder))


def _remote_files(url: str, notes: list[str]) -> Iterator[tuple[str, HitFile]]:
    try:
        filesystem, inner = fs.FileSystem.from_uri(url)
        info = filesystem.get_file_info(inner)
        if info.type == fs.FileType.File:
            file = HitFile(url, "", None, info.size or 0, filesystem, inner)
            yield url, _recognise(file, named=True)
            return
        if info.type == fs.FileType.NotFound:
            raise HitFileError("file_missing", "no such file or folder", url)
        entries = filesystem.get_file_info(fs.FileSelector(inner, recursive=True))
    except (OSError, pa.ArrowException, ValueError) as error:
        raise unreadable(url, error) from error
    found = False
    for entry in sorted(entries, key=lambda entry: entry.path):
        relative = entry.path.removeprefix(inner).strip("/")
        if entry.type != fs.FileType.File or relative.startswith((".", "_")):
            continue
        if "/." in relative or "/_" in relative:
            continue
        shown = f"{url.rstrip('/')}/{relative}"
        file_here = _in_folder(
            HitFile(shown, "", None, entry.size or 0, filesystem, entry.path), notes
        )
        if file_here is not None:
            found = True
            yield shown, file_here
    if not found:
        raise HitFileError("folder_empty", f"no hit files in this folder; {_KNOWN}", url)


def _in_folder(file: HitFile, notes: list[str]) -> HitFile | None:
    if _by_suffix(file.path) is None:
        notes.append(f"{file.path}: passed over, its suffix is none of {_KNOWN}")
        return None
    try:
        return _recognise(file, named=False)
    except HitFileError as error:
        if error.code != "not_hits":
            raise
        notes.append(f"{file.path}: passed over, {error.message}")
        return None


def _by_suffix(path: str) -> tuple[str, str | None] | None:
    name = path.lower()
    compression = None
    for suffix, kind in _COMPRESSIONS.items():
        if name.endswith(suffix):
            name, compression = name.removesuffix(suffix), kind
    known = _FORMATS.get(os.path.splitext(name)[1])  # noqa: PTH122 - of URLs too
    if known is None or (known == "parquet" and compression):
        return None
    return known, compression


def _recognise(file: HitFile, *, named: bool) -> HitFile:
    """Tell the format of a file, by its suffix first; `named` when it was asked for itself."""
    known = _by_suffix(file.path)
    if known is not None:
        file = _with(file, *known)
        # Any JSON may lie in a folder, and as a list of hits it is a common mistake.
        if not file.path.lower().removesuffix(".gz").removesuffix(".zst").endswith(".json"):
            return file
        return _check_json(file, named=named)
    start = _start_of(file)
    if start.startswith(b"PAR1"):
        return _with(file, "parquet", None)
    compression = "gzip" if start.startswith(b"\x1f\x8b") else None
    compression = "zstd" if start.startswith(b"\x28\xb5\x2f\xfd") else compression
    if compression is not None:
        file = _with(file, "", compression)
        start = _start_of(file)
    text = start.removeprefix(_BOM).lstrip()
    if text.startswith(b"{"):
        return _with(file, "ndjson", compression)
    header = text.split(b"\n", 1)[0]
    if sum(name.encode() in header for name in REQUIRED_COLUMNS) > 1:
        return _with(file, "csv", compression)
    raise HitFileError("format_unknown", f"is no hit file: {_KNOWN} is expected", file.path)


def _check_json(file: HitFile, *, named: bool) -> HitFile:
    start = _start_of(file).removeprefix(_BOM).lstrip()
    line = start.split(b"\n", 1)[0]
    if start.startswith(b"["):
        message = "is a JSON list; one JSON object a line is expected"
        raise HitFileError("format_unknown" if named else "not_hits", message, file.path)
    if named:
        return file
    try:
        whole = isinstance(json.loads(line), dict) if line else True
    except ValueError:
        whole = False
    if not whole:
        raise HitFileError("not_hits", "its first line is no JSON object", file.path)
    return file


def _start_of(file: HitFile) -> bytes:
    stream, _ = file.open_text()
    try:
        return stream.read(_SNIFFED_BYTES)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(file.path, error) from error
    finally:
        stream.close()


def _with(file: HitFile, format_: str, compression: str | None) -> HitFile:
    return HitFile(
        file.path, format_, compression, file.size_bytes, file.filesystem, file.inner_path
    )


def unreadable(where: str, error: Exception) -> HitFileError:
    """Say that a file cannot be read, in the words of what failed."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return HitFileError("file_unreadable", f"cannot be read: {reason}", where)
