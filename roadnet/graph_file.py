"""A road graph as one file: the same graph gives the same bytes, and a broken file is noticed.

Layout, all numbers little-endian: the magic; uint64 length of the header; the header, JSON in UTF-8, that names
each array with its dtype, length and place; the arrays, each on a multiple of 64 bytes; last the
BLAKE2b-256 digest of everything before it. Street names are two arrays, their UTF-8 bytes and the
offsets into them; so are the conditions. There are no time stamps and no paths in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from roadnet.errors import NetworkError
from roadnet.graph import ARRAYS, TEXTS, RoadGraph

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

SUFFIX: Final = ".roadgraph"
MAGIC: Final = b"RoadGrf2"  # its last character is the version of the layout
_ALIGNMENT: Final = 64
_DIGEST_BYTES: Final = 32


def save_graph(graph: RoadGraph, path: str) -> None:
    """Write a graph to a file, whole or not at all.

    Parameters
    ----------
    graph
        Any graph.
    path
        Local file, replaced if it is there; by custom its name ends in `.roadgraph`.

    Raises
    ------
    NetworkError
        The file cannot be written.
    """
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(graph, name) for name in ARRAYS}
    for name in TEXTS:
        encoded = [text.encode("utf-8", "surrogatepass") for text in getattr(graph, name)]
        arrays[f"{name}_offsets"] = np.cumsum([0, *(len(text) for text in encoded)], dtype=np.int64)
        arrays[f"{name}_bytes"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    try:
        write_whole(path, pack_arrays(MAGIC, arrays))
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise NetworkError("graph_unwritable", message, path) from error


def load_graph(path: str) -> RoadGraph:
    """Read a graph that `save_graph` wrote.

    Parameters
    ----------
    path
        Local file.

    Returns
    -------
    RoadGraph
        The same arrays, bit for bit, as views of one buffer.

    Raises
    ------
    NetworkError
        There is no such file, or it is not one of these, of another version, or damaged.
    """
    try:
        buffer = Path(path).read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise NetworkError("network_unreadable", message, path) from error
    try:
        columns: dict[str, Any] = dict(unpack_arrays(MAGIC, buffer))
    except ValueError as error:
        raise NetworkError("graph_file_broken", str(error), path) from error
    for name in TEXTS:
        offsets = columns.pop(f"{name}_offsets").tolist()
        text = columns.pop(f"{name}_bytes").tobytes()
        columns[name] = tuple(
            text[begin:end].decode("utf-8", "surrogatepass") for begin, end in pairwise(offsets)
        )
    return RoadGraph(**columns)


def write_whole(path: str, content: bytes) -> None:
    """Write a local file whole or not at all, in place of one that is there; raises OSError."""
    target = Path(path)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def pack_arrays(magic: bytes, arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Put one-dimensional arrays of numbers into the layout of this module.

    Parameters
    ----------
    magic
        Eight bytes that say what the arrays are, and in which version.
    arrays
        In the order in which they are to stand.

    Returns
    -------
    bytes
        The file.
    """
    entries: list[dict[str, Any]] = []
    place = 0
    for name, array in arrays.items():
        dtype = array.dtype.newbyteorder("<").str
        entries.append({"name": name, "dtype": dtype, "length": int(array.shape[0]), "at": place})
        place = _aligned(place + array.nbytes)
    header = json.dumps(entries, separators=(",", ":")).encode()
    start = _aligned(len(magic) + 8 + len(header))
    content = bytearray(start + place + _DIGEST_BYTES)
    content[: len(magic)] = magic
    content[len(magic) : len(magic) + 8] = len(header).to_bytes(8, "little")
    content[len(magic) + 8 : len(magic) + 8 + len(header)] = header
    for entry, array in zip(entries, arrays.values(), strict=True):
        data = np.ascontiguousarray(array, dtype=entry["dtype"]).tobytes()
        at = start + entry["at"]
        content[at : at + len(data)] = data
    content[-_DIGEST_BYTES:] = _digest(memoryview(content)[:-_DIGEST_BYTES])
    return bytes(content)


def unpack_arrays(magic: bytes, buffer: bytes) -> dict[str, npt.NDArray[Any]]:
    """Take the arrays out of a file of `pack_arrays`, without copying them.

    Parameters
    ----------
    magic
        As it was packed.
    buffer
        The whole file.

    Returns
    -------
    dict
        Read-only arrays, in the order in which they stand.

    Raises
    ------
    ValueError
        The buffer is not such a file, of another version, or damaged.
    """
    if buffer[: len(magic) - 1] != magic[:-1]:
        raise ValueError(f"not such a file: it does not begin with {magic.decode()}")
    if buffer[: len(magic)] != magic:
        raise ValueError("the file is of another version: make it again from its source")
    view = memoryview(buffer)
    if len(buffer) < len(magic) + 8 + _DIGEST_BYTES or (
        _digest(view[:-_DIGEST_BYTES]) != buffer[-_DIGEST_BYTES:]
    ):
        raise ValueError("the file is damaged or incomplete: its checksum does not fit")
    size = int.from_bytes(buffer[len(magic) : len(magic) + 8], "little")
    head = len(magic) + 8
    start = _aligned(head + size)
    return {
        entry["name"]: np.frombuffer(
            buffer, dtype=entry["dtype"], count=entry["length"], offset=start + entry["at"]
        )
        for entry in json.loads(buffer[head : head + size])
    }


def _aligned(place: int) -> int:
    return -(-place // _ALIGNMENT) * _ALIGNMENT


def _digest(content: memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
