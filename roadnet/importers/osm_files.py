"""OSM files as such: what they are called, and what is wrong with those that cannot be read."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import osmium

from roadnet.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterator

OSM_SUFFIXES: Final = (".pbf", ".osm", ".osm.gz", ".osm.bz2")

# How Overpass ends a file when it ran out of time or memory; all before it looks sound.
_STOPPED: Final = re.compile(rb"<remark>\s*([^<]*error[^<]*?)\s*</remark>", re.IGNORECASE)
_TAIL_BYTES: Final = 2000

# What osmium raises for files that cannot be read, and for absurd ids and coordinates in them.
_OSMIUM_ERRORS: Final = (
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
    OSError,
    osmium.InvalidLocationError,
)


@contextlib.contextmanager
def reading_osm(path: str) -> Iterator[None]:
    """Check that a local file begins like an OSM file; within, turn osmium's errors into words.

    Raises
    ------
    NetworkError
        Not such a file, or broken.
    """
    _check_head(path)
    _check_tail(path)
    try:
        yield
    except _OSMIUM_ERRORS as error:
        raise NetworkError("network_unreadable", _in_plain_words(str(error)), path) from error


def _check_head(path: str) -> None:
    """Say what a file is that is no OSM file, as far as its first bytes tell."""
    with Path(path).open("rb") as file:
        head = file.read(512)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    found = ""
    if not head:
        found = "the file is empty"
    elif text.startswith((b"<!doctype html", b"<html")):
        found = "the file is an HTML page, perhaps the error page of a failed download"
    elif text.startswith(b"version https://git-lfs"):
        found = "the file is a Git LFS pointer, not the data: run `git lfs pull`"
    elif head.startswith(b"PK\x03\x04"):
        found = "the file is a ZIP archive: unpack it first"
    elif head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")):
        found = "the file is a picture or a PDF"
    elif path.lower().endswith(".pbf") and b"OSMHeader" not in head[:64]:
        found = "the file does not begin like an OSM PBF file (OSMHeader)"
    elif path.lower().endswith(".osm") and b"OSMHeader" in head[:64]:
        found = "the file is an OSM PBF file: name it .osm.pbf"
    elif path.lower().endswith(".osm") and head.startswith((b"\x1f\x8b", b"BZh")):
        found = "the file is compressed: name it .osm.gz or .osm.bz2"
    if found:
        raise NetworkError("not_osm", f"{found}; expected OpenStreetMap data", path)


def _check_tail(path: str) -> None:
    """Refuse the answer of a query that was stopped early, which holds a part of what was asked for."""
    if not path.lower().endswith(".osm"):
        return
    with Path(path).open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
        found = _STOPPED.search(file.read())
    if found is not None:
        remark = found[1].decode(errors="replace")
        message = (
            "the query that made the file was stopped, so that some of it is missing: ask for a "
            f"smaller area or more time ({remark})"
        )
        raise NetworkError("network_unreadable", message, path)


def _in_plain_words(error: str) -> str:
    """Put osmium's message behind what it most likely means."""
    lowered = error.lower()
    if any(
        sign in lowered
        for sign in (
            "eof",
            "unclosed",
            "partial character",
            "no element",
            "read close",
            "truncated",
            "read failed: -7",
        )
    ):
        return f"the file ends too early: was it copied or downloaded to the end? ({error})"
    if "wrong format for coordinate" in lowered:
        return (
            f"a coordinate is no number of degrees; if these are metres of a projected system, "
            f"export with EPSG:4326 ({error})"
        )
    if "entities are not supported" in lowered:
        return f"the file declares XML entities, which no OpenStreetMap file does ({error})"
    if "unknown top-level element" in lowered:
        return f"the file is XML, but not OpenStreetMap's <osm> ({error})"
    if any(sign in lowered for sign in ("no space left", "write failed", "can not write")):
        folder = tempfile.gettempdir()
        return f"temporary files cannot be written in {folder}: is there room? ({error})"
    return f"cannot be read as OpenStreetMap data ({error})"
