"""Text files of any encoding that occurs, as blocks of UTF-8."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ingest.encoding_kernels import INVALID, LONGER, PROVINCE_PAIRS, count_utf8
from ingest.errors import HitFileError
from ingest.hit_files import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.hit_files import ByteStream, HitFile

BLOCK_BYTES: Final = 8 << 20
_BOM: Final = codecs.BOM_UTF8
_CLEARLY: Final = 9  # valid long sequences for each broken place that show damaged UTF-8


def _raw_blocks(file: HitFile, block_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Yield the decompressed bytes of a file, and how many stored bytes were read for them.

    Raises
    ------
    HitFileError
        The file cannot be opened, read or decompressed.
    """
    stream, stored = file.open_text()
    done = 0
    try:
        block = stream.read(block_bytes)
        while block:
            done = _position(stored, done + len(block), file.size_bytes)
            yield block, done
            block = stream.read(block_bytes)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(file.path, error) from error
    finally:
        stream.close()


def _position(stored: ByteStream, read_bytes: int, size_bytes: int) -> int:
    try:
        return stored.tell()
    except OSError:  # some object stores do not tell
        return min(read_bytes, size_bytes)


def text_encoding(file: HitFile) -> str:
    """Tell whether a file is ``utf-8`` or ``gb18030``, from all of its bytes.

    UTF-8 if it is valid, else GB18030. Two things that bytes alone would get wrong: a UTF-8 file
    with a few damaged bytes stays UTF-8 (as GB18030 each of its plates would be another plausible
    plate), and a file whose only long characters are 鲁 or 豫 at the beginning of a plate is
    GB18030, though these happen to be valid UTF-8 as well (``³A12345``).

    Raises
    ------
    HitFileError
        The file cannot be read, or is no text.
    """
    counts = np.zeros(4, dtype=np.int64)
    rest = b""
    first = True
    for block, _ in _raw_blocks(file, BLOCK_BYTES):
        if first:
            _refuse_binary(file, block)
            if block.startswith(_BOM):
                return "utf-8"
            first = False
        joined = rest + block
        left = count_utf8(np.frombuffer(joined, dtype=np.uint8), False, counts)
        rest = joined[len(joined) - left :]
    if rest:
        count_utf8(np.frombuffer(rest, dtype=np.uint8), True, counts)
    if counts[INVALID]:
        return "utf-8" if counts[LONGER] > _CLEARLY * counts[INVALID] else "gb18030"
    return "gb18030" if counts[PROVINCE_PAIRS] and not counts[LONGER] else "utf-8"


def _refuse_binary(file: HitFile, block: bytes) -> None:
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise HitFileError("encoding_unknown", "is UTF-16; UTF-8 or GB18030 is expected", file.path)
    if b"\0" in block[:4096] or block.startswith(b"PAR1"):
        raise HitFileError("not_text", f"is no text, though named {file.format}", file.path)


def text_blocks(file: HitFile, block_bytes: int = BLOCK_BYTES) -> Iterator[tuple[bytes, int]]:
    """Yield the text of a file as UTF-8, without a byte order mark; and stored bytes read so far.

    Blocks end anywhere, also within a character. Bytes that cannot be decoded stay as they are
    (UTF-8) or become U+FFFD (GB18030): the rows that hold them are unreadable.

    Raises
    ------
    HitFileError
        The file cannot be read, or is no text.
    """
    if text_encoding(file) == "gb18030":
        decoder = codecs.getincrementaldecoder("gb18030")("replace")
        for block, done in _raw_blocks(file, block_bytes):
            yield decoder.decode(block).encode(), done
        yield decoder.decode(b"", final=True).encode(), file.size_bytes
        return
    start: bytes | None = b""
    for block, done in _raw_blocks(file, block_bytes):
        if start is None:
            yield block, done
        elif len(start) + len(block) < len(_BOM):
            start += block
        else:
            yield (start + block).removeprefix(_BOM), done
            start = None
    if start:
        yield start, file.size_bytes
