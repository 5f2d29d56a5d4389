"""What CSV and NDJSON have in common: blocks of text, rows with a place in them, their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ingest.raw_rows import SHOWN_BYTES
from ingest.text_columns import TextColumn
from ingest.text_kernels import views_of_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_ROWS: Final = 1 << 18  # of one step; bounds memory for files of very short rows

ROOM: Final = 16  # bytes that kernels may look at behind the end
# Places in a kernel's state that both kernels share.
AT, ROWS, SCRATCH = 0, 1, 2

# Columns of `SplitRows.rows`.
START, END, LINE, STATUS = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class SplitRows:
    """Rows found in a text.

    Attributes
    ----------
    text
        (m,) uint8, the block and what had to be unescaped.
    rows
        (n, 4) int32: start, end, line number from 1, status (0 is good).
    spans
        (k, n, 2) int32: start and length of each of k columns.
    """

    text: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.int32]
    spans: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.rows.shape[0])

    def column(self, index: int) -> TextColumn:
        """Return one column."""
        heads = np.empty((self.rows.shape[0], 4), dtype=np.int32)
        inline = heads.view(np.uint8).reshape(-1)
        views_of_spans(self.text, self.spans[index], heads, inline)
        return TextColumn(heads, inline, self.text, np.zeros(1, dtype=np.int64))

    def row_bytes(self, row: int) -> bytes:
        """Return a row as it stands in the file."""
        return self.text[self.rows[row, START] : self.rows[row, END]].tobytes()

    def shown(self, row: int) -> str:
        """Return the beginning of a row for a human."""
        start, end = (int(place) for place in self.rows[row, :2])
        text = self.text[start : min(end, start + SHOWN_BYTES)].tobytes().decode("utf-8", "replace")
        return text if end - start <= SHOWN_BYTES else text.rstrip("\ufffd") + "…"


def split_blocks(
    blocks: Iterator[tuple[bytes, int]],
    state: npt.NDArray[np.int64],
    step: Callable[[npt.NDArray[np.uint8], int, bool], SplitRows],
) -> Iterator[tuple[SplitRows, int]]:
    """Yield the rows of a text, and the stored bytes read so far.

    Parameters
    ----------
    blocks
        Text and stored bytes read so far; a block may end anywhere.
    state
        Of the kernel; where to begin in the first block stands in AT.
    step
        Calls the kernel with text, its end, and whether the file ends there.
    """
    rest = b""
    block, done = next(blocks, (b"", 0))
    while True:
        following = next(blocks, None)
        joined = rest + block
        end = len(joined)
        text = np.empty(2 * end + ROOM, dtype=np.uint8)
        text[:end] = np.frombuffer(joined, dtype=np.uint8)
        state[SCRATCH] = end
        while len(split := step(text, end, following is None)):
            yield split, done
        if following is None:
            return
        rest = joined[int(state[AT]) :]
        state[AT] = 0
        block, done = following
