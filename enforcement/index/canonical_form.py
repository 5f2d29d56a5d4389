"""The one sequence of bytes that compiled rules are: what is hashed, and what a rules file holds.

A length (uint64), a JSON header in ASCII with sorted keys, then every array of `Rules` in the order
of its fields, little-endian, each at a multiple of ALIGNMENT bytes from the beginning. A tuple of
texts is two arrays: all texts in UTF-8 one after another, and (n + 1,) int64 where each begins,
counted in characters.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.index.layout import LAYOUT_VERSION, Rules
from enforcement.settings import CasePolicy, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

ALIGNMENT: Final = 64
_LENGTH_BYTES: Final = 8
_CHARACTERS: Final = ".characters"
_OFFSETS: Final = ".offsets"
_UTF8: Final = "surrogatepass"  # JSON may bring half a surrogate pair; it must come back as it was


class CanonicalFormError(ValueError):
    """Bytes that are no canonical form of rules in this version of the layout."""


def canonical_chunks(rules: Rules) -> Iterator[bytes]:
    """Yield the canonical form of rules, `content_hash` left out, piece by piece."""
    header: dict[str, Any] = {"layout": LAYOUT_VERSION}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, value in _fields_of(rules):
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif isinstance(value, tuple):
            arrays[name + _CHARACTERS], arrays[name + _OFFSETS] = _pack_texts(value)
        elif isinstance(value, Judgement):
            header[name] = _judgement_values(value)
        else:
            header[name] = value
    portable = {
        name: np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        for name, array in arrays.items()
    }
    header["arrays"] = [
        [name, array.dtype.str, list(array.shape)] for name, array in portable.items()
    ]
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii")
    yield len(text).to_bytes(_LENGTH_BYTES, "little")
    yield text
    position = _LENGTH_BYTES + len(text)
    for array in portable.values():
        yield b"\0" * (-position % ALIGNMENT)
        position += -position % ALIGNMENT
        yield array.tobytes()
        position += array.nbytes


def hash_rules(rules: Rules) -> str:
    """Return the hex SHA-256 of the canonical form: the same for the same rules on any machine."""
    digest = hashlib.sha256()
    for chunk in canonical_chunks(rules):
        digest.update(chunk)
    return digest.hexdigest()


def rules_from_canonical(form: memoryview, content_hash: str) -> Rules:
    """Return the rules whose canonical form is `form`; their arrays are read-only views of it.

    Raises
    ------
    CanonicalFormError
        The bytes are not a whole canonical form of LAYOUT_VERSION.
    """
    try:
        return _parse(form, content_hash)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        if isinstance(error, CanonicalFormError):
            raise
        raise CanonicalFormError(f"its inner structure is broken ({error})") from error


def _parse(form: memoryview, content_hash: str) -> Rules:
    position = _LENGTH_BYTES + int.from_bytes(form[:_LENGTH_BYTES], "little")
    header = json.loads(bytes(form[_LENGTH_BYTES:position]))
    if header["layout"] != LAYOUT_VERSION:
        raise CanonicalFormError(
            f"it has layout {header['layout']!r}, this program reads layout {LAYOUT_VERSION}"
        )
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, dtype, shape in header["arrays"]:
        position += -position % ALIGNMENT
        flat = np.frombuffer(form, np.dtype(dtype), math.prod(shape), position)
        position += flat.nbytes
        native = flat.astype(flat.dtype.newbyteorder("="), copy=False).reshape(shape)
        native.flags.writeable = False
        arrays[name] = native
    if position != len(form):
        raise CanonicalFormError(f"it has {len(form) - position} bytes too many")
    values: dict[str, Any] = {"content_hash": content_hash}
    for field in fields(Rules):
        name = field.name
        if name in arrays:
            values[name] = arrays[name]
        elif name + _OFFSETS in arrays:
            values[name] = _unpack_texts(arrays[name + _CHARACTERS], arrays[name + _OFFSETS])
        elif name == "judgement":
            policy = CasePolicy(**header[name].pop("case_policy"))
            values[name] = Judgement(**header[name], case_policy=policy)
        elif name != "content_hash":
            values[name] = header[name]
    return Rules(**values)


def _fields_of(rules: Rules) -> Iterator[tuple[str, Any]]:
    for field in fields(rules):
        if field.name != "content_hash":
            yield field.name, getattr(rules, field.name)


def _judgement_values(judgement: Judgement) -> dict[str, Any]:
    # 10 and 10.0 seconds are one setting and must be one hash: the default tells the type.
    values = asdict(judgement)
    for field in fields(Judgement):
        if isinstance(field.default, int | float):
            whole = isinstance(field.default, int)
            values[field.name] = (int if whole else float)(values[field.name])
    gap = judgement.case_policy.gap_minutes
    values["case_policy"]["gap_minutes"] = None if gap is None else float(gap)
    return values


def _pack_texts(texts: tuple[str, ...]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.frombuffer("".join(texts).encode("utf-8", _UTF8), np.uint8), offsets


def _unpack_texts(
    characters: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]
) -> tuple[str, ...]:
    whole = characters.tobytes().decode("utf-8", _UTF8)
    bounds = offsets.tolist()
    if bounds[0] != 0 or bounds[-1] != len(whole):
        raise CanonicalFormError("its texts do not have the length that it states")
    return tuple([whole[begin:end] for begin, end in pairwise(bounds)])
