"""Ids for hits that came without one, from all that the row says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "h-"
_ID_BYTES: Final = 16
_AFTER_NAME: Final = "\x1f"
_AFTER_VALUE: Final = "\x1e"


def derive_hit_ids(columns: Mapping[str, pa.Array], rows: int) -> list[str]:
    """Derive the id of each row from its columns.

    The same row gives the same id whatever file format it stands in, whatever the order of its
    columns, and whether a blank column is there or not.

    Parameters
    ----------
    columns
        By name, n texts each, null where blank; instants and numbers in one spelling.
    rows
        n.

    Returns
    -------
    list of str
        ``h-`` and 32 hexadecimal digits: BLAKE2b with 16 bytes over name and value of the columns
        that are not blank, in order of name.
    """
    nothing = pa.scalar("", pa.string())
    parts = [
        pc.fill_null(
            pc.binary_join_element_wise(name + _AFTER_NAME, columns[name], _AFTER_VALUE, ""),
            nothing,
        )
        for name in sorted(columns)
    ]
    if not parts:
        parts = [pa.array([""] * rows, pa.string())]
    # More arguments than Arrow's kernels take at once do not occur: a row has a few dozen columns.
    joined = pc.binary_join_element_wise(*parts, "").cast(pa.binary())
    return [
        PREFIX + hashlib.blake2b(row, digest_size=_ID_BYTES).hexdigest()
        for row in joined.to_pylist()
    ]
