"""What is wanted of an OSM file as lines of text, so that Python need not look at the rest.

osmium reads the file (PBF or XML), filters it and writes OPL, its text format, one object a line
(https://osmcode.org/opl-file-format/), all in C++; a line costs Python a tenth of an osmium object. The lines
lie in a temporary file while they are read.
"""

from __future__ import annotations

import ctypes
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import osmium

from roadnet.importers.osm_files import reading_osm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHARACTERS_AT_ONCE: Final = 1 << 20
_ESCAPED: Final = re.compile(r"%([0-9a-f]+)%")


def osm_lines(path: str, entities: Any, filters: Sequence[Any]) -> Iterator[str]:
    """Read an OSM file as lines of OPL without metadata, many in one text.

    Parameters
    ----------
    path
        Local file of any kind that osmium reads.
    entities
        Bits of `osmium.osm`: what of the file is looked at.
    filters
        osmium filters that an object must pass, all of them.

    Yields
    ------
    str
        Some objects, one a line that ends with a newline.

    Raises
    ------
    NetworkError
        Not an OSM file, or broken.
    """
    with tempfile.TemporaryDirectory(prefix="roadnet-") as folder:
        lines = Path(folder) / "lines.opl"
        with reading_osm(path):
            target: Any = osmium.io.File(str(lines), "opl,add_metadata=false")
            writer = osmium.WriteHandler(target)  # its stub knows only names
            try:
                osmium.apply(osmium.io.Reader(path, entities), *filters, writer)
            finally:
                _close(writer)
        # Lone surrogates and other damage in names are kept as they are.
        with lines.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            while text := file.read(_CHARACTERS_AT_ONCE):
                yield text + file.readline()


def _close(writer: Any) -> None:
    try:
        writer.close()
    except RuntimeError:
        # Where writing failed (a full disk), osmium closes once more when the writer is destroyed,
        # and an error then ends the whole process: so this one is never destroyed.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        raise


def unescaped(text: str) -> str:
    """Undo OPL's escapes: `%20%` is a space."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "%" in text else text


def tags_of(field: str) -> dict[str, str]:
    """Read the tags of an object, `Thighway=primary,name=...`."""
    tags = {}
    for pair in field[1:].split(","):
        key, equals, value = pair.partition("=")
        if equals:
            tags[unescaped(key)] = unescaped(value)
    return tags
