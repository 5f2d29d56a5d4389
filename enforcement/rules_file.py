"""Compiled rules as one file: the same rules are the same bytes, and a broken file says so.

64 bytes before the canonical form: 8 of magic, a uint32 format version, 4 zeros, the length of the
canonical form (uint64), 8 zeros and its SHA-256, which is the content hash.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enforcement.errors import RulesFileError
from enforcement.index.canonical_form import (
    CanonicalFormError,
    canonical_chunks,
    rules_from_canonical,
)

if TYPE_CHECKING:
    from enforcement.index.layout import Rules

MAGIC: Final = b"\x89FPRULE\n"
FORMAT_VERSION: Final = 1
_PREAMBLE: Final = struct.Struct("<8sI4xQ8x32s")


def save_rules(rules: Rules, path: str) -> None:
    """Write rules to one file, whole or not at all; an older file of that name is replaced.

    Raises
    ------
    RulesFileError
        The file cannot be written there.
    """
    target = Path(path)
    chunks = list(canonical_chunks(rules))
    preamble = _PREAMBLE.pack(
        MAGIC, FORMAT_VERSION, sum(map(len, chunks)), bytes.fromhex(rules.content_hash)
    )
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(preamble)
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RulesFileError(
            "rules_not_written", f"the rules cannot be written ({error.strerror})", path
        ) from error


def load_rules(path: str) -> Rules:
    """Read rules from a file and verify their hash: what was verified is what is used.

    Raises
    ------
    RulesFileError
        The file is missing, no rules file, of another version, truncated or changed.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise RulesFileError(
            "rules_not_read", f"the rules cannot be read ({error.strerror})", path
        ) from error
    if len(content) < _PREAMBLE.size or not content.startswith(MAGIC):
        raise RulesFileError(
            "not_rules", "this is no rules file; make one with `freightpass compile`", path
        )
    _, version, length, digest = _PREAMBLE.unpack_from(content)
    if version != FORMAT_VERSION:
        raise RulesFileError(
            "rules_version",
            f"the rules file has format {version}, this program reads format {FORMAT_VERSION}; "
            "compile the city again",
            path,
        )
    form = memoryview(content)[_PREAMBLE.size :]
    if len(form) != length:
        raise RulesFileError(
            "rules_truncated",
            f"the rules file holds {len(form)} bytes after its first {_PREAMBLE.size}, "
            f"it should hold {length}; compile the city again",
            path,
        )
    found = hashlib.sha256(form)
    if found.digest() != digest:
        raise RulesFileError(
            "rules_changed",
            f"the content hashes to {found.hexdigest()}, the file says {digest.hex()}; "
            "compile the city again",
            path,
        )
    try:
        return rules_from_canonical(form, found.hexdigest())
    except CanonicalFormError as error:
        raise RulesFileError(
            "rules_version", f"the rules cannot be used: {error}; compile the city again", path
        ) from error
