"""A column of text in the one layout that the kernels read: Arrow's string view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VIEW_BYTES: Final = 16
INLINE_BYTES: Final = 12  # a text of up to so many bytes stands in the view itself
_NO_BYTES: Final = np.zeros(1, dtype=np.uint8)
_NO_BUFFERS: Final = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """n texts, UTF-8; a missing one is empty.

    Attributes
    ----------
    heads
        (n, 4) int32: length in bytes, prefix, buffer, offset. A text of at most INLINE_BYTES
        bytes takes the place of the last three.
    inline
        (16 n,) uint8, the same memory as `heads`.
    data, buffer_starts
        Longer texts: text i begins at
        ``data[buffer_starts[heads[i, 2]] + heads[i, 3]]``; (b,) int64.
    """

    heads: npt.NDArray[np.int32]
    inline: npt.NDArray[np.uint8]
    data: npt.NDArray[np.uint8]
    buffer_starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of texts."""
        return int(self.heads.shape[0])

    def __getitem__(self, rows: slice) -> TextColumn:
        """Return a run of the texts, sharing memory."""
        heads = self.heads[rows]
        return TextColumn(heads, heads.view(np.uint8).reshape(-1), self.data, self.buffer_starts)

    def bytes_at(self, row: int) -> bytes:
        """Return one text as it is stored."""
        length, _, buffer, offset = (int(value) for value in self.heads[row])
        if length <= INLINE_BYTES:
            start = row * VIEW_BYTES + 4
            return self.inline[start : start + length].tobytes()
        start = int(self.buffer_starts[buffer]) + offset
        return self.data[start : start + length].tobytes()

    def text_at(self, row: int) -> str:
        """Return one text; bytes that are no UTF-8 become U+FFFD, which is in no plate."""
        return self.bytes_at(row).decode("utf-8", "replace")

    def texts(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """Return the texts of some rows, in their order."""
        return [self.text_at(int(row)) for row in rows]

    def to_arrow(self) -> pa.Array:
        """Return the texts as an Arrow string array, which need not be valid UTF-8."""
        ends = [*self.buffer_starts[1:].tolist(), self.data.size]
        blobs = [
            pa.py_buffer(self.data[start:end])
            for start, end in zip(self.buffer_starts.tolist(), ends, strict=True)
        ]
        views = pa.py_buffer(np.ascontiguousarray(self.heads))
        array = pa.Array.from_buffers(pa.string_view(), len(self), [None, views, *blobs])
        return array.cast(pa.string())


def text_column(array: pa.Array) -> TextColumn:
    """View an Arrow array of text as a `TextColumn`.

    Parameters
    ----------
    array
        Type string, large_string, string_view, or their binary twins. A dictionary must have
        been decoded, a number written as text before.

    Returns
    -------
    TextColumn
        n texts, null ones empty; shares the array's memory where the layout allows.
    """
    if array.type != pa.string_view():
        array = array.cast(pa.binary_view() if _is_binary(array.type) else pa.string_view())
    validity, views, *blobs = array.buffers()
    if len(array) == 0 or views is None:
        return empty_column(len(array))
    words = np.frombuffer(views, dtype=np.int32)[: (array.offset + len(array)) * 4]
    heads = words.reshape(-1, 4)[array.offset :]
    if validity is not None and array.null_count:
        present = np.asarray(array.is_valid())
        heads = np.where(present[:, None], heads, np.int32(0))
    return from_heads(heads, [np.frombuffer(blob, dtype=np.uint8) for blob in blobs])


def from_heads(heads: npt.NDArray[np.int32], blobs: list[npt.NDArray[np.uint8]]) -> TextColumn:
    """Put views and the buffers they point into together; several buffers become one."""
    if not blobs:
        data, starts = _NO_BYTES, _NO_BUFFERS
    elif len(blobs) == 1:
        data, starts = blobs[0], _NO_BUFFERS
    else:
        data = np.concatenate(blobs)
        starts = np.cumsum([0, *(blob.size for blob in blobs[:-1])], dtype=np.int64)
    if data.size == 0:
        data = _NO_BYTES
    heads = np.ascontiguousarray(heads)
    return TextColumn(heads, heads.view(np.uint8).reshape(-1), data, starts)


def empty_column(rows: int) -> TextColumn:
    """Return a column of missing texts, for a column that a file does not have."""
    return from_heads(np.zeros((rows, 4), dtype=np.int32), [])


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )
